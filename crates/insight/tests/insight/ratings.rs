//! Ratings, winning runs and upsets found anew, month by month and match by match.

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;
use skillratings::Outcomes;
use skillratings::elo::{EloConfig, EloRating, elo_rating_period};
use skillratings::glicko2::{Glicko2Config, Glicko2Rating, decay_deviation, glicko2_rating_period};
use topspin_event::{MatchMeta, MatchRatings, PlayerId, PlayerRating, Rating, RecordEntry, Seq, Timestamp};
use topspin_laws::{Both, Discipline, Side};

use crate::naive::{Match, scopes};
use crate::references::References;

/// A singles that was decided on a day that is known.
#[derive(Clone)]
pub struct Contest {
    meta: MatchMeta,
    began: i64,
    players: Both<PlayerId>,
    winner: Side,
    seq: Seq,
    at: Option<Timestamp>,
}

impl Contest {
    /// Of a match, which is now as `meta` says.
    pub fn of(one: &Match<'_>, meta: &MatchMeta) -> Option<Self> {
        let facts = one.facts();
        let began = one.time(one.rallies().first()?.line).0?;
        let sheet = one.sheet();
        let over =
            (0..sheet.len()).find(|from| sheet[*from..].iter().all(|line| line.after.status.is_over()))?;
        let players = Both::new(meta.sides.home.players[0], meta.sides.away.players[0]);
        let singles = meta.format.discipline == Discipline::Singles && players.home != players.away;
        Some(Contest {
            meta: meta.clone(),
            began,
            players,
            winner: facts.winner.filter(|_| singles && facts.status.is_over())?,
            seq: sheet[over].seq,
            at: one.time(&sheet[over]).0.and_then(Timestamp::from_millis),
        })
    }

    fn month(&self, (references, default): Around<'_>) -> i32 {
        let zone = references.zone_of(&self.meta, default);
        let day = jiff::Timestamp::from_millisecond(self.began).expect("a time").to_zoned(zone);
        i32::from(day.year()) * 12 + i32::from(day.month()) - 1
    }

    fn entry(&self, value: i64, side: Side) -> RecordEntry {
        RecordEntry { value, at: self.at, match_id: self.meta.id, seq: self.seq, side: Some(side), game: 0 }
    }
}

/// Reference data, and the zone where it says none.
type Around<'a> = (&'a References, &'a TimeZone);

/// What a list says: of players, and of matches before them.
#[derive(Default)]
pub struct Rated {
    pub players: BTreeMap<String, PlayerRating>,
    pub matches: BTreeMap<String, MatchRatings>,
}

/// Both lists.
pub fn ratings(contests: &[Contest], around: Around<'_>) -> Rated {
    let mut rated = Rated::default();
    for list in ["glicko2", "elo"] {
        rate(list, contests, around, &mut rated);
    }
    rated
}

fn rate(list: &str, contests: &[Contest], around: Around<'_>, rated: &mut Rated) {
    let months: BTreeSet<i32> = contests.iter().map(|one| one.month(around)).collect();
    let start =
        if list == "elo" { of_elo(EloRating::new(), 0) } else { of_glicko2(&Glicko2Rating::new(), 0) };
    // Of each player, the month of the last match and the rating after it.
    let mut latest: BTreeMap<PlayerId, (i32, Rating)> = BTreeMap::new();
    for month in months {
        let mut of_month: Vec<&Contest> = contests.iter().filter(|one| one.month(around) == month).collect();
        of_month.sort_by_key(|one| (one.began, one.meta.id));
        let began = latest.clone();
        let before = |player: &PlayerId| match began.get(player) {
            None => start,
            Some((last, rating)) if list == "elo" || month - last == 1 => *rating,
            Some((last, rating)) => {
                let aged = (last + 1..month).fold(glicko2(rating), |rating, _| decay_deviation(&rating));
                of_glicko2(&aged, rating.matches)
            }
        };
        let played: BTreeSet<PlayerId> =
            of_month.iter().flat_map(|one| [one.players.home, one.players.away]).collect();
        for player in &played {
            let (mut met, mut now) = (Vec::new(), before(player));
            for one in of_month.iter().filter(|one| [one.players.home, one.players.away].contains(player)) {
                let side = if one.players.home == *player { Side::Home } else { Side::Away };
                let key = format!("{}/{list}", one.meta.id);
                let told = rated.matches.entry(key).or_insert_with(|| MatchRatings {
                    match_id: one.meta.id,
                    list: list.to_owned(),
                    before: Both::new(start, start),
                });
                *told.before.of_mut(side) = now;
                met.push((before(one.players.of(side.other())), one.winner == side));
                now = after(list, before(player), &met);
            }
            latest.insert(*player, (month, now));
            let month = format!("{:04}-{:02}", month / 12, month % 12 + 1);
            let told = PlayerRating { player_id: *player, list: list.to_owned(), month, rating: now };
            rated.players.insert(format!("{list}/{player}"), told);
        }
    }
}

fn after(list: &str, before: Rating, met: &[(Rating, bool)]) -> Rating {
    let outcome = |won: bool| if won { Outcomes::WIN } else { Outcomes::LOSS };
    let matches = before.matches + met.len() as u32;
    if list == "elo" {
        let met: Vec<_> = met.iter().map(|(other, won)| (elo(other), outcome(*won))).collect();
        return of_elo(elo_rating_period(&elo(&before), &met, &EloConfig::new()), matches);
    }
    let met: Vec<_> = met.iter().map(|(other, won)| (glicko2(other), outcome(*won))).collect();
    of_glicko2(&glicko2_rating_period(&glicko2(&before), &met, &Glicko2Config::new()), matches)
}

fn elo(rating: &Rating) -> EloRating {
    EloRating { rating: rating.rating_thousandths as f64 / 1e3 }
}

fn glicko2(rating: &Rating) -> Glicko2Rating {
    Glicko2Rating {
        rating: rating.rating_thousandths as f64 / 1e3,
        deviation: rating.deviation_thousandths as f64 / 1e3,
        volatility: rating.volatility_billionths as f64 / 1e9,
    }
}

fn of_elo(rating: EloRating, matches: u32) -> Rating {
    let rating_thousandths = (rating.rating * 1e3).round() as i64;
    Rating { rating_thousandths, deviation_thousandths: 0, volatility_billionths: 0, matches }
}

fn of_glicko2(rating: &Glicko2Rating, matches: u32) -> Rating {
    Rating {
        rating_thousandths: (rating.rating * 1e3).round() as i64,
        deviation_thousandths: (rating.deviation * 1e3).round() as i64,
        volatility_billionths: (rating.volatility * 1e9).round() as i64,
        matches,
    }
}

/// (metric, scope, entry) of winning runs and upsets.
pub fn places(
    contests: &[Contest],
    rated: &Rated,
    references: &References,
) -> Vec<(&'static str, String, RecordEntry)> {
    let mut places = Vec::new();
    for one in contests {
        let before = rated.matches[&format!("{}/glicko2", one.meta.id)].before;
        let (won, lost) = (before.of(one.winner), before.of(one.winner.other()));
        let points = (lost.rating_thousandths - won.rating_thousandths) / 1_000;
        if points >= 1 && won.deviation_thousandths.max(lost.deviation_thousandths) <= 130_000 {
            let entry = one.entry(points, one.winner);
            let scopes = scopes(&one.meta, Some(one.winner), references).into_iter();
            places.extend(scopes.map(|scope| ("upset", scope, entry)));
        }
    }
    // Every player in every scope, win after win.
    let mut among: BTreeMap<(PlayerId, String), Vec<&Contest>> = BTreeMap::new();
    for one in contests {
        let of_side = |scope: &String| scope.starts_with("player") || scope.starts_with("association");
        let all = scopes(&one.meta, None, references).into_iter().filter(|scope| !of_side(scope));
        for scope in all {
            for player in [one.players.home, one.players.away] {
                among.entry((player, scope.clone())).or_default().push(one);
            }
        }
    }
    for ((player, scope), mut matches) in among {
        matches.sort_by_key(|one| (one.began, one.meta.id));
        let won = |one: &&Contest| *one.players.of(one.winner) == player;
        for run in matches.chunk_by(|a, b| won(a) == won(b)).filter(|run| won(&run[0]) && run.len() >= 3) {
            let last: &Contest = run[run.len() - 1];
            let entry = last.entry(run.len() as i64, last.winner);
            if scope == "everything" {
                places.push(("winning_run", format!("player:{player}"), entry));
                let association = references.association(player);
                places.extend(association.map(|code| ("winning_run", format!("association:{code}"), entry)));
            }
            places.push(("winning_run", scope.clone(), entry));
        }
    }
    places
}
