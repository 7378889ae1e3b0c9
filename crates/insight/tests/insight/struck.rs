//! Strokes counted anew.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use jiff::ToSpan as _;
use jiff::tz::TimeZone;
use topspin_event::{
    LastStroke, LengthTally, MatchEvent, MatchStrokes, Placement, PlayerId, PlayerStrokes, ReceivePattern,
    ServePattern, Stroke, StrokePatterns, StrokePhase, Tally, ThirdBallPattern, Zone,
};
use topspin_laws::{Both, Discipline, Side};

use crate::naive::Match;

/// A rally with its strokes.
#[derive(Clone)]
pub struct Struck {
    /// Of singles.
    players: Option<Both<PlayerId>>,
    at: Option<i64>,
    winner: Side,
    strokes: Vec<Stroke>,
}

/// A rally as one side sees it.
type View<'a> = (&'a Struck, Side);

/// The rallies that stand, with the strokes that were recorded last, where they are as many as the rally had.
pub fn struck(one: &Match<'_>) -> Vec<Struck> {
    let meta = one.meta();
    let singles = meta.format.discipline == Discipline::Singles;
    let mut found = Vec::new();
    for rally in one.rallies() {
        let told = one.events().iter().rev().find_map(|event| {
            let MatchEvent::StrokesRecorded(told) = &event.event else { return None };
            (told.rally == rally.line.seq).then_some(&told.strokes)
        });
        let Some(strokes) = told.filter(|told| rally.strokes.map(usize::from) == Some(told.len())) else {
            continue;
        };
        found.push(Struck {
            players: singles.then(|| Both::new(meta.sides.home.players[0], meta.sides.away.players[0])),
            at: one.time(rally.line).0,
            winner: rally.winner,
            strokes: strokes.clone(),
        });
    }
    found
}

/// Of a match.
pub fn of_match(one: &Match<'_>) -> MatchStrokes {
    let (all, last) = (struck(one), one.events().last().expect("events"));
    let of = |side| patterns(&all.iter().map(|rally| (rally, side)).collect::<Vec<_>>());
    MatchStrokes {
        match_id: last.match_id,
        epoch: last.epoch,
        seq: last.seq,
        rallies: all.len() as u32,
        sides: (!all.is_empty()).then(|| Both::new(of(Side::Home), of(Side::Away))),
    }
}

/// Of all players, by their keys.
pub fn of_players<'a>(
    all: impl Iterator<Item = (&'a Struck, TimeZone)>,
    now: Option<i64>,
) -> BTreeMap<String, PlayerStrokes> {
    let mut kept: BTreeMap<(PlayerId, Option<PlayerId>, &str), Vec<View<'_>>> = BTreeMap::new();
    for (rally, zone) in all {
        let Some(players) = rally.players else { continue };
        let local =
            |millis: i64| jiff::Timestamp::from_millisecond(millis).expect("a time").to_zoned(zone.clone());
        let oldest =
            now.map(|now| local(now).checked_sub(24.months()).expect("a time").timestamp().as_millisecond());
        let recent = |at: i64| oldest.is_some_and(|oldest| oldest < at) && now.is_some_and(|now| at <= now);
        for side in Side::BOTH {
            let (own, other) = (*players.of(side), *players.of(side.other()));
            for against in [None, Some(other)] {
                kept.entry((own, against, "all_time")).or_default().push((rally, side));
                if rally.at.is_some_and(recent) {
                    kept.entry((own, against, "24_months")).or_default().push((rally, side));
                }
            }
        }
    }
    let told =
        |((player_id, opponent_id, window), views): ((PlayerId, Option<PlayerId>, &str), Vec<View<'_>>)| {
            let patterns = patterns(&views);
            let told = PlayerStrokes { player_id, opponent_id, window: window.to_owned(), patterns };
            (topspin_insight::profile_key(player_id, opponent_id, window), told)
        };
    kept.into_iter().map(told).collect()
}

fn patterns(views: &[View<'_>]) -> StrokePatterns {
    // The `number`th stroke of each rally where it is the side's own, with the service.
    let own = |number: usize| {
        views.iter().filter_map(move |(rally, side)| {
            let stroke = rally.strokes.get(number).filter(|stroke| stroke.side == *side)?;
            Some((rally.strokes[0], *stroke, rally.winner == *side))
        })
    };
    StrokePatterns {
        rallies: tally(views.iter().map(|(rally, side)| rally.winner == *side)).unwrap_or_default(),
        serves: counted(own(0).map(|(_, own, won)| ((own.class, own.spin, own.zone), won)))
            .into_iter()
            .map(|((class, spin, zone), tally)| ServePattern { class, spin, zone, tally })
            .collect(),
        receives: counted(own(1).map(|(_, own, won)| ((own.class, own.zone), won)))
            .into_iter()
            .map(|((class, zone), tally)| ReceivePattern { class, zone, tally })
            .collect(),
        third_balls: counted(
            own(2).map(|(serve, own, won)| ((serve.spin, serve.zone, own.class, own.hand, own.zone), won)),
        )
        .into_iter()
        .map(|((serve_spin, serve_zone, class, hand, zone), tally)| ThirdBallPattern {
            serve_spin,
            serve_zone,
            class,
            hand,
            zone,
            tally,
        })
        .collect(),
        placements: counted(placed(views).into_iter())
            .into_iter()
            .map(|((phase, zone), tally)| Placement { phase, zone, tally })
            .collect(),
        lengths: lengths(views),
        last_strokes: last_strokes(views),
    }
}

/// Every stroke of the side, by which it was and where it landed.
fn placed(views: &[View<'_>]) -> Vec<((StrokePhase, Option<Zone>), bool)> {
    let phases = [StrokePhase::Serve, StrokePhase::Receive, StrokePhase::ThirdBall];
    let mut all = Vec::new();
    for (rally, side) in views {
        for (number, stroke) in rally.strokes.iter().enumerate().filter(|(_, stroke)| stroke.side == *side) {
            let phase = phases.get(number).copied().unwrap_or(StrokePhase::Later);
            all.push(((phase, stroke.zone), rally.winner == *side));
        }
    }
    all
}

fn lengths(views: &[View<'_>]) -> Vec<LengthTally> {
    let classes = [(1, Some(2)), (3, Some(4)), (5, Some(6)), (7, Some(9)), (10, None)];
    let mut told = Vec::new();
    for (from, to) in classes {
        let of = |served: bool| {
            tally(views.iter().filter_map(|(rally, side)| {
                let length = rally.strokes.len() as u16;
                let fits = length >= from && to.is_none_or(|to| length <= to);
                let serves = rally.strokes[0].side == *side;
                (fits && serves == served).then_some(rally.winner == *side)
            }))
        };
        let (serve, receive) = (of(true), of(false));
        if serve.is_some() || receive.is_some() {
            told.push(LengthTally { from, to, serve, receive });
        }
    }
    told
}

fn last_strokes(views: &[View<'_>]) -> Vec<LastStroke> {
    let ended = views.iter().filter_map(|(rally, side)| {
        let last = rally.strokes.last().expect("a stroke");
        let before = rally.strokes.len().checked_sub(2).map(|place| &rally.strokes[place]);
        match (rally.winner == *side, last.side == *side) {
            (true, true) => Some((last.class, true)),
            (true, false) => before.map(|before| (before.class, true)),
            (false, true) => Some((last.class, false)),
            (false, false) => None,
        }
    });
    let told = counted(ended).into_iter();
    told.map(|(class, tally)| LastStroke { class, winners: tally.won, errors: tally.of - tally.won })
        .collect()
}

fn tally(won: impl Iterator<Item = bool>) -> Option<Tally> {
    let all: Vec<bool> = won.collect();
    let won = all.iter().filter(|won| **won).count() as u32;
    (!all.is_empty()).then_some(Tally { won, of: all.len() as u32 })
}

/// The most frequent first.
fn counted<P: Ord + Copy>(all: impl Iterator<Item = (P, bool)>) -> Vec<(P, Tally)> {
    let all: Vec<(P, bool)> = all.collect();
    let mut patterns: Vec<P> = all.iter().map(|(pattern, _)| *pattern).collect();
    patterns.sort_unstable();
    patterns.dedup();
    let of = |pattern| tally(all.iter().filter(|one| one.0 == pattern).map(|one| one.1)).expect("one");
    let mut told: Vec<(P, Tally)> = patterns.into_iter().map(|pattern| (pattern, of(pattern))).collect();
    told.sort_by_key(|(pattern, tally)| (Reverse(tally.of), *pattern));
    told
}
