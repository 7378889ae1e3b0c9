# Die Sätze der Karten: siehe en.ftl.

heading = Erwähnenswert
evidence = Was es belegt
history-of-cards = Jede Karte kommt aus Zeilen, die im Protokoll stehen, und wird zurückgezogen, sobald diese es nicht mehr sagen.

date = { $day }. { $month ->
    [1] Januar
    [2] Februar
    [3] März
    [4] April
    [5] Mai
    [6] Juni
    [7] Juli
    [8] August
    [9] September
    [10] Oktober
    [11] November
   *[12] Dezember
} { $year }
season = { $year }/{ $next }
decimal = { $whole },{ $tenth }
percent = { $rate } %
and = { $first } und { $second }

among = { $scope ->
    [everything] hier
    [own] in eigenen Spielen
    [player] für { $name }
    [pair] für { $name }
    [association] für { $name }
   *[competition] im Wettbewerb { $name }
}
claim = { $window ->
    [since] { among } seit dem { $since }
    [season] { among } in der Saison { $since }
    [months] { among } in 24 Monaten
   *[ever] { among } seit Beginn der Aufzeichnung
}

record-longest-rally-strokes = { $value } Schläge: der längste Ballwechsel { claim }
record-longest-rally-time = Ein Ballwechsel von { $text } Sekunden: der längste { claim }
record-longest-game-points = { $value } Punkte im { $game }. Satz: der längste Satz { claim }
record-longest-game-time = { $minutes ->
    [one] { $minutes } Minute
   *[other] { $minutes } Minuten
} für den { $game }. Satz: der längste Satz { claim }
record-longest-match-points = { $value } Punkte: das längste Spiel { claim }
record-longest-match-time = { $minutes ->
    [one] { $minutes } Minute
   *[other] { $minutes } Minuten
}: das längste Spiel { claim }
record-points-in-a-row = { $value } Punkte in Folge für { $side }: die längste Serie { claim }
record-highest-deuce = { $value }:{ $value } im { $game }. Satz: der höchste Gleichstand { claim }
record-largest-comeback = { $side } gewann den { $game }. Satz nach { $value } { $value ->
    [one] Punkt
   *[other] Punkten
} Rückstand: der größte aufgeholte Rückstand { claim }

record-winning-run = { $side } hat { $value } Spiele in Folge gewonnen: die längste Siegesserie { claim }
record-upset = { $side } gewann trotz einer um { $value } Punkte niedrigeren Wertung: die größte Überraschung { claim }

comparison = { $side } hat { $won } von { $of } Ballwechseln{ $aspect ->
    [serve] {" "}bei eigenem Aufschlag
    [receive] {" "}als Rückschläger
    [level] {" "}bei Gleichstand
    [ahead] {" "}bei eigener Führung
    [behind] {" "}bei Rückstand
    [deuce] {" "}in der Verlängerung
    [first_game] {" "}des ersten Satzes
    [middle_games] {" "}der Sätze nach dem ersten
    [deciding_game] {" "}des Entscheidungssatzes
    [game_points_for] {" "}bei eigenem Satzball
    [game_points_against] {" "}bei gegnerischem Satzball
   *[points] {""}
}{ $where ->
    [game] {" "}im { $game }. Satz
    [match] {" "}in diesem Spiel
   *[said] {""}
} gewonnen, gegenüber { percent } in 24 Monaten

course-points-in-a-row = { $side } gewann { $value } Punkte in Folge
course-game-turned = { $side } gewann den { $game }. Satz nach { $beside }:{ $other }
course-match-turned = { $side } gewann das Spiel nach { $beside }:{ $other } Sätzen
course-match-points-saved = { $side } hat { $value ->
    [one] { $value } Matchball
   *[other] { $value } Matchbälle
} abgewehrt
course-won-after-match-points = { $side } wehrte { $value ->
    [one] einen Matchball
   *[other] { $value } Matchbälle
} ab und gewann das Spiel
course-game-points-saved = { $side } wehrte im { $game }. Satz { $value ->
    [one] { $value } Satzball
   *[other] { $value } Satzbälle
} ab und gewann ihn
course-aces = { $value ->
    [one] { $value } Ass
   *[other] { $value } Asse
} von { $side }
course-game-to-love = { $side } gewann den { $game }. Satz { $value }:0
course-long-game = Der { $game }. Satz ging { $value }:{ $beside } aus, gewonnen von { $side }
course-time-out = { $side } gewann { $value } der 5 Ballwechsel nach der Auszeit und { $beside } der 5 davor

row-event = Ereignis { $seq } des Spiels
row-other = { $match }, { $since }
row-tally = { $won } von { $of } Ballwechseln
row-history = { $won } von { $of } Ballwechseln in 24 Monaten
