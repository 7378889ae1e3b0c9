//! Profiles and form counted anew.

use std::collections::BTreeMap;

use jiff::ToSpan as _;
use jiff::tz::TimeZone;
use topspin_event::{PlayerForm, PlayerId, PlayerProfile, PlayerResult, Timestamp};
use topspin_laws::{Discipline, Side};

use crate::naive::Match;

/// A singles that is over, as one side sees it.
#[derive(Clone)]
pub struct Seen {
    pub player: PlayerId,
    pub result: PlayerResult,
    /// Aspect, won, of.
    pub aspects: Vec<(&'static str, u32, u32)>,
}

/// A singles so far, as one side sees it.
#[derive(Clone)]
pub struct Tonight {
    pub side: Side,
    pub seen: Seen,
    pub best_of: u8,
    /// The game begun last, and its points, serves and receives.
    pub game: u8,
    pub of_game: Vec<(&'static str, u32, u32)>,
}

/// Player, opponent and window.
type Key<'a> = (PlayerId, Option<PlayerId>, &'a str);
/// Won and of, by aspect.
type Tallies<'a> = BTreeMap<&'a str, (u32, u32)>;

/// What a match comes to for its players; nothing before it is over.
pub fn seen(one: &Match<'_>) -> Vec<Seen> {
    let facts = one.facts();
    if !facts.status.is_over() || facts.winner.is_none() {
        return Vec::new();
    }
    so_far(one)
}

/// What a singles comes to so far, for each side.
pub fn tonight(one: &Match<'_>) -> Vec<Tonight> {
    let rallies = one.rallies();
    let Some(last) = one.sheet.last() else { return Vec::new() };
    let game = last.after.game;
    let of = |seen: Seen, side: Side| {
        let count = |serves: Option<Side>| {
            let meant = rallies.iter().filter(|rally| {
                let server = rally.line.before.server.map(|seat| seat.side);
                rally.line.before.game == game && serves.is_none_or(|by| server == Some(by))
            });
            let all: Vec<_> = meant.collect();
            (all.iter().filter(|rally| rally.winner == side).count() as u32, all.len() as u32)
        };
        let named = |name, (won, of)| (name, won, of);
        let of_game = vec![
            named("points", count(None)),
            named("serve", count(Some(side))),
            named("receive", count(Some(side.other()))),
        ];
        Tonight { side, seen, best_of: one.meta().format.best_of, game, of_game }
    };
    so_far(one).into_iter().zip(Side::BOTH).map(|(seen, side)| of(seen, side)).collect()
}

fn so_far(one: &Match<'_>) -> Vec<Seen> {
    let facts = one.facts();
    let rallies = one.rallies();
    let singles = one.meta().format.discipline == Discipline::Singles;
    let Some(first) = rallies.first().filter(|_| singles) else { return Vec::new() };
    let at = one.time(first.line).0.and_then(Timestamp::from_millis);
    let of_side = |side: Side| {
        let other = side.other();
        let format = &one.meta().format;
        let count = |holds: &dyn Fn(&crate::naive::Rally<'_>) -> bool| {
            let all: Vec<_> = rallies.iter().filter(|rally| holds(rally)).collect();
            (all.iter().filter(|rally| rally.winner == side).count() as u32, all.len() as u32)
        };
        let serves = |rally: &crate::naive::Rally<'_>, by: Side| {
            rally.line.before.server.is_some_and(|seat| seat.side == by)
        };
        let lead = |rally: &crate::naive::Rally<'_>| {
            let score = rally.line.before.score;
            i32::from(*score.of(side)) - i32::from(*score.of(other))
        };
        let deuce = |rally: &crate::naive::Rally<'_>| {
            let score = rally.line.before.score;
            score.home.min(score.away) + 1 >= format.points_to_win(rally.line.before.game.into())
        };
        let game = |rally: &crate::naive::Rally<'_>| rally.line.before.game;
        let (own, others) = (u32::from(*facts.score.of(side)), u32::from(*facts.score.of(other)));
        let decided = u32::from(facts.winner.is_some());
        let mut aspects =
            vec![("matches", u32::from(facts.winner == Some(side)), decided), ("games", own, own + others)];
        let mut add = |name, (won, of)| aspects.push((name, won, of));
        add("points", count(&|_| true));
        add("serve", count(&|rally| serves(rally, side)));
        add("receive", count(&|rally| serves(rally, other)));
        add("level", count(&|rally| !deuce(rally) && lead(rally) == 0));
        add("ahead", count(&|rally| !deuce(rally) && lead(rally) > 0));
        add("behind", count(&|rally| !deuce(rally) && lead(rally) < 0));
        add("deuce", count(&deuce));
        add("first_game", count(&|rally| game(rally) == 1 && format.best_of > 1));
        add("middle_games", count(&|rally| game(rally) > 1 && game(rally) != format.best_of));
        add("deciding_game", count(&|rally| game(rally) == format.best_of));
        add("game_points_for", count(&|rally| one.wins_with_one(rally, side, false)));
        add("game_points_against", count(&|rally| one.wins_with_one(rally, other, false)));
        let player = |side| one.meta().sides.of(side).players[0];
        let result = PlayerResult {
            match_id: one.meta().id,
            at,
            opponent_id: player(other),
            won: facts.winner == Some(side),
            games_won: *facts.score.of(side),
            games_lost: *facts.score.of(other),
        };
        Seen { player: player(side), result, aspects }
    };
    Side::BOTH.map(of_side).to_vec()
}

/// All profiles, by their keys; of what was seen, in the zone where it was.
pub fn profiles(all: &[(Seen, TimeZone)], now: Option<i64>) -> BTreeMap<String, PlayerProfile> {
    let mut sums: BTreeMap<Key<'_>, Tallies<'_>> = BTreeMap::new();
    for (one, zone) in all {
        let local =
            |millis: i64| jiff::Timestamp::from_millisecond(millis).expect("a time").to_zoned(zone.clone());
        let oldest =
            now.map(|now| local(now).checked_sub(24.months()).expect("a time").timestamp().as_millisecond());
        let at = one.result.at.map(Timestamp::as_millis);
        let recent =
            at.is_some_and(|at| oldest.is_some_and(|oldest| oldest < at) && now.is_some_and(|now| at <= now));
        for window in ["all_time", "24_months"].into_iter().filter(|window| *window == "all_time" || recent) {
            for opponent in [None, Some(one.result.opponent_id)] {
                let sum = sums.entry((one.player, opponent, window)).or_default();
                for (aspect, won, of) in &one.aspects {
                    let tally = sum.entry(aspect).or_default();
                    *tally = (tally.0 + won, tally.1 + of);
                }
            }
        }
    }
    let told = |((player_id, opponent_id, window), tallies): (Key<'_>, Tallies<'_>)| {
        let order = topspin_insight::Aspect::ALL.map(topspin_insight::Aspect::as_str);
        let aspects = order.into_iter().filter_map(|aspect| {
            let (won, of) = *tallies.get(aspect)?;
            let tally = topspin_event::Tally { won, of };
            (of > 0).then(|| topspin_event::AspectTally { aspect: aspect.to_owned(), tally })
        });
        let profile =
            PlayerProfile { player_id, opponent_id, window: window.to_owned(), aspects: aspects.collect() };
        (topspin_insight::profile_key(player_id, opponent_id, window), profile)
    };
    sums.into_iter().map(told).collect()
}

/// The latest results of each player.
pub fn form(all: &[(Seen, TimeZone)]) -> BTreeMap<String, PlayerForm> {
    let mut players: BTreeMap<PlayerId, Vec<PlayerResult>> = BTreeMap::new();
    for (one, _) in all {
        players.entry(one.player).or_default().push(one.result);
    }
    let told = |(player_id, mut results): (PlayerId, Vec<PlayerResult>)| {
        results.sort_by_key(|result| {
            (result.at.is_none(), std::cmp::Reverse(result.at), result.match_id, result.opponent_id)
        });
        results.truncate(10);
        (player_id.to_string(), PlayerForm { player_id, results })
    };
    players.into_iter().map(told).collect()
}
