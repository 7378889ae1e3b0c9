//! Profiles of players: what they have won and lost, in singles, altogether and against each other.
//!
//! A match counts when it is over, by the time of its first rally. So the profile of a player in play is what tonight is
//! compared with.

mod aspect;
mod compare;

use std::cmp::Reverse;

use serde::{Deserialize, Serialize};
use topspin_event::{
    AspectTally, MatchId, PlayerForm, PlayerId, PlayerProfile, PlayerResult, Timestamp, wire,
};
use topspin_laws::{Both, Side};
use topspin_stream::{Encoded, Moment, Stream, Ticks, Time};
use uuid::Uuid;

pub use aspect::{Aspect, Counts};
pub use compare::{Comparison, DAY_TO_DAY, FALSE_ALARMS, compare, ln_as_ever};
pub(crate) use compare::{OF_GAME, enough, weigh};

use crate::cards::{Candidate, Tonight, TonightOf, comparisons};
use crate::chronicle::Chronicle;
use crate::facts::Id;
use crate::limits::TEN;
use crate::settings::Settings;

/// The topic of profiles, keyed by `<player>/<window>` or `<player>/<opponent>/<window>`.
pub const PLAYER_PROFILES: &str = "player-profiles";

/// The topic of the latest results, keyed by the player's id.
pub const PLAYER_FORM: &str = "player-form";

/// The windows of profiles, by their names.
pub const PROFILE_WINDOWS: [&str; 2] = ["all_time", "24_months"];

/// A singles that is over.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Played {
    /// When its first rally ended.
    pub at: Option<i64>,
    pub players: Both<Id>,
    pub counts: Both<Counts>,
    pub winner: Option<Side>,
    pub games: Both<u8>,
    pub decided: Decided,
}

/// The event after which a match was over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Decided {
    pub seq: u64,
    /// When that was, in milliseconds since 1970, if it is known at least to the day.
    pub at: Option<i64>,
}

impl Decided {
    fn of(chronicle: &Chronicle) -> Option<Self> {
        let lines = chronicle.lines();
        let last = lines.iter().rposition(|line| !line.after.status.is_over()).map_or(0, |last| last + 1);
        let line = lines.get(last)?;
        let at = chronicle.stamp(line.seq).and_then(|stamp| stamp.at).map(Timestamp::as_millis);
        Some(Decided { seq: line.seq.0, at })
    }
}

impl Played {
    /// `None` before it is over, where there was no rally, and of doubles.
    pub(crate) fn of(chronicle: &Chronicle) -> Option<Self> {
        let (first, moment) = (chronicle.rallies().first()?, chronicle.state()?.moment());
        // A match that ended without a result is nobody's.
        let decided = moment.status.is_over() && moment.winner.is_some();
        let players = chronicle.singles().filter(|_| decided)?;
        Some(Played {
            at: first.at,
            players,
            counts: Both::new(Counts::of(chronicle, Side::Home), Counts::of(chronicle, Side::Away)),
            winner: moment.winner,
            games: moment.games,
            decided: Decided::of(chronicle)?,
        })
    }

    /// What it adds to the profiles of both.
    fn lines(&self, window: u8) -> Vec<(ProfileKey, Counts)> {
        let of = |side: Side| {
            let (own, other) = (*self.players.of(side), *self.players.of(side.other()));
            let counts = *self.counts.of(side);
            [((own, None, window), counts), ((own, Some(other), window), counts)]
        };
        Side::BOTH.into_iter().flat_map(of).collect()
    }

    fn results(&self, match_id: Id) -> [(Id, Outcome); 2] {
        Side::BOTH.map(|side| {
            let outcome = Outcome {
                at: self.at,
                match_id,
                opponent: *self.players.of(side.other()),
                won: self.winner == Some(side),
                games: (*self.games.of(side), *self.games.of(side.other())),
            };
            (*self.players.of(side), outcome)
        })
    }
}

/// Player, opponent if only matches against one count, and the place in [`PROFILE_WINDOWS`].
type ProfileKey = (Id, Option<Id>, u8);

/// A result as a player sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Outcome {
    at: Option<i64>,
    match_id: Id,
    opponent: Id,
    won: bool,
    games: (u8, u8),
}

/// What comes to where the profiles of a player are.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum Line {
    /// What a match that is over adds.
    Over(Box<Counts>),
    /// A match to be compared with the profile of the last 24 months.
    Tonight(Box<TonightOf>),
}

/// Adds the profiles to a topology: `played`, each with its zone, and `tonight` are under the match's id, as is what is unusual of tonight.
pub(crate) fn add(
    played: &Stream<Id, (Played, u16)>,
    tonight: &Stream<Id, Tonight>,
    ticks: &Ticks,
    settings: &Settings,
) -> Stream<Id, Candidate> {
    let dated = played.filter("played-dated", |_, (played, _)| played.at.is_some());
    let recent = dated.last_months("played-24-months", ticks, settings.lately(), |_, (played, zone)| {
        Moment { at: Time(played.at.unwrap_or(i64::MIN)), zone: *zone }
    });
    let career = played.flat_map("career-lines", |_, (played, _)| played.lines(0));
    let lately = recent.flat_map("recent-lines", |_, (played, _)| played.lines(1));
    let over =
        career.merge("profile-lines", &lately).map_values("over", |_, counts| Line::Over(Box::new(*counts)));
    // What is counted and what is compared with it come together: so nobody is compared with himself.
    let tonight = tonight
        .left_join("tonight-counted", &recent, |id, tonight, played| tonight.sides(*id, played.is_some()));
    let tonight = tonight.flat_map("tonight-of", |_, sides| {
        sides.clone().map(|side| ((side.player(), None, 1), Line::Tonight(Box::new(side))))
    });
    let lines = over.merge("lines", &tonight).repartition("lines-by-player");
    let over = lines.flat_map_values("lines-over", |_, line| line.over());
    let profiles = over.aggregate("profiles", |sum: &mut Counts, line: &Counts, times| sum.add(line, times));
    profiles.to_view(PLAYER_PROFILES, write_profile);
    let results = played.flat_map("results", |match_id, (played, _)| played.results(*match_id));
    let form = results.repartition("results-by-player").top_list("form", TEN, |_, outcome: &Outcome| {
        (outcome.at.is_none(), Reverse(outcome.at.unwrap_or(0)), outcome.match_id)
    });
    form.to_view(PLAYER_FORM, write_form);
    let tonight = lines.flat_map_values("lines-tonight", |_, line| line.tonight());
    let tonight = tonight.max("tonight", |_, side| (side.at.is_some(), side.at.unwrap_or(0), side.match_id));
    tonight
        .join("tonight-beside", &profiles, |_, side, profile| (side.match_id, comparisons(side, profile)))
        .flat_map("compared", |_, (id, compared)| {
            compared.iter().map(|one| (*id, one.clone())).collect::<Vec<_>>()
        })
}

impl Line {
    fn over(&self) -> Option<Counts> {
        if let Line::Over(counts) = self { Some(**counts) } else { None }
    }

    fn tonight(&self) -> Option<TonightOf> {
        if let Line::Tonight(side) = self { Some((**side).clone()) } else { None }
    }
}

/// The key of a profile on its topic.
pub fn profile_key(player: PlayerId, against: Option<PlayerId>, window: &str) -> String {
    match against {
        None => format!("{player}/{window}"),
        Some(opponent) => format!("{player}/{opponent}/{window}"),
    }
}

fn id(bytes: Id) -> PlayerId {
    PlayerId(Uuid::from_bytes(bytes))
}

fn write_profile((player, against, window): &ProfileKey, counts: Option<&Counts>, record: &mut Encoded) {
    let (player_id, opponent_id) = (id(*player), against.map(id));
    let window = PROFILE_WINDOWS[usize::from(*window)];
    record.key.extend_from_slice(profile_key(player_id, opponent_id, window).as_bytes());
    let Some(counts) = counts else { return };
    let aspects = Aspect::ALL.into_iter().map(|aspect| (aspect, counts.tally(aspect)));
    let aspects = aspects.filter(|(_, tally)| tally.of > 0);
    record.value.extend_from_slice(&wire::encode_player_profile(&PlayerProfile {
        player_id,
        opponent_id,
        window: window.to_owned(),
        aspects: aspects
            .map(|(aspect, tally)| AspectTally { aspect: aspect.as_str().to_owned(), tally })
            .collect(),
    }));
}

fn write_form(player: &Id, form: Option<&Vec<Outcome>>, record: &mut Encoded) {
    record.key.extend_from_slice(id(*player).to_string().as_bytes());
    let Some(form) = form else { return };
    let result = |outcome: &Outcome| PlayerResult {
        match_id: MatchId(Uuid::from_bytes(outcome.match_id)),
        at: outcome.at.and_then(Timestamp::from_millis),
        opponent_id: id(outcome.opponent),
        won: outcome.won,
        games_won: outcome.games.0,
        games_lost: outcome.games.1,
    };
    record.value.extend_from_slice(&wire::encode_player_form(&PlayerForm {
        player_id: id(*player),
        results: form.iter().map(result).collect(),
    }));
}
