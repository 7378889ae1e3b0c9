# The sentences of cards. What a card says is given as variables; A test checks that all languages have the same
# messages with the same variables.

heading = Worth telling
evidence = What proves it
history-of-cards = Every card comes from rows that are on the log, and is withdrawn when they no longer say so.

date = { $day } { $month ->
    [1] January
    [2] February
    [3] March
    [4] April
    [5] May
    [6] June
    [7] July
    [8] August
    [9] September
    [10] October
    [11] November
   *[12] December
} { $year }
season = { $year }–{ $next }
decimal = { $whole }.{ $tenth }
percent = { $rate } %
and = { $first } and { $second }

# Among whom, and since when, a record is one.
among = { $scope ->
    [everything] here
    [own] by this player
    [player] for { $name }
    [pair] for { $name }
    [association] for { $name }
   *[competition] in { $name }
}
claim = { $window ->
    [since] { among } since { $since }
    [season] { among } in the season { $since }
    [months] { among } in 24 months
   *[ever] ever recorded { among }
}

record-longest-rally-strokes = { $value } strokes: the longest rally { claim }
record-longest-rally-time = A rally of { $text } seconds: the longest { claim }
record-longest-game-points = { $value } points in game { $game }: the longest game { claim }
record-longest-game-time = { $minutes ->
    [one] { $minutes } minute
   *[other] { $minutes } minutes
} for game { $game }: the longest game { claim }
record-longest-match-points = { $value } points: the longest match { claim }
record-longest-match-time = { $minutes ->
    [one] { $minutes } minute
   *[other] { $minutes } minutes
}: the longest match { claim }
record-points-in-a-row = { $value } points in a row for { $side }: the longest run { claim }
record-highest-deuce = { $value }–{ $value } in game { $game }: the highest deuce { claim }
record-largest-comeback = { $side } won game { $game } from { $value } { $value ->
    [one] point
   *[other] points
} behind: the largest deficit overcome { claim }

record-winning-run = { $side } has won { $value } matches in a row: the longest winning run { claim }
record-upset = { $side } won although rated { $value } points lower: the greatest upset { claim }

comparison = { $side } has won { $won } of { $of } { $aspect ->
    [serve] on serve
    [receive] on receive
    [level] at level scores
    [ahead] when ahead
    [behind] when behind
    [deuce] at deuce
    [first_game] in the first game
    [middle_games] in the games after the first
    [deciding_game] in the deciding game
    [game_points_for] with a game point
    [game_points_against] against a game point
   *[points] rallies
}{ $where ->
    [game] {" "}in game { $game }
    [match] {" "}in this match
   *[said] {""}
}, against { percent } over 24 months

course-points-in-a-row = { $side } won { $value } points in a row
course-game-turned = { $side } won game { $game } from { $beside }–{ $other } down
course-match-turned = { $side } won the match from { $beside }–{ $other } down in games
course-match-points-saved = { $side } has saved { $value ->
    [one] { $value } match point
   *[other] { $value } match points
}
course-won-after-match-points = { $side } saved { $value ->
    [one] a match point
   *[other] { $value } match points
} and won the match
course-game-points-saved = { $side } saved { $value ->
    [one] { $value } game point
   *[other] { $value } game points
} in game { $game } and won it
course-aces = { $value ->
    [one] { $value } ace
   *[other] { $value } aces
} by { $side }
course-game-to-love = { $side } won game { $game } { $value }–0
course-long-game = Game { $game } went to { $value }–{ $beside }, won by { $side }
course-time-out = { $side } won { $value } of the 5 rallies after the time-out, and { $beside } of the 5 before it

# Rows.
row-event = Event { $seq } of the match
row-other = { $match }, { $since }
row-tally = { $won } of { $of } rallies
row-history = { $won } of { $of } rallies over 24 months
