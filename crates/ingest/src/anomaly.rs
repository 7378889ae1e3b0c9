//! What a stream says and the laws, or the stream itself, contradict.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use topspin_event::{AnomalyId, MatchId, NewAnomaly, TieId, limits::MAX_ANOMALY_RAW_BYTES};
use uuid::Uuid;

use crate::limits::MAX_DETAIL_CHARS;

/// A fault, or something that was not taken over, with the record it is about.
#[derive(Debug, Clone, PartialEq)]
pub struct Anomaly {
    /// What is wrong.
    pub kind: Kind,
    /// The tie concerned.
    pub tie_id: Option<TieId>,
    /// The match concerned.
    pub match_id: Option<MatchId>,
    /// What is wrong, for people.
    pub detail: String,
    /// The record as it came.
    pub raw: Value,
}

/// What is wrong, about which record.
pub(crate) type Fault = (Kind, String, Value);

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $name:literal,)+) => {
        /// The kinds of anomalies.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Kind {
            $($(#[$doc])* #[serde(rename = $name)] $kind,)+
        }

        impl Kind {
            /// All kinds.
            pub const ALL: &[Kind] = &[$(Kind::$kind,)+];

            /// The kind's name in `snake_case`.
            pub const fn as_str(self) -> &'static str {
                match self { $(Kind::$kind => $name,)+ }
            }
        }
    };
}

kinds! {
    /// A file that is no JSON, or no tie.
    UnreadableFile = "unreadable_file",
    /// A known field holds something else than it should.
    MalformedField = "malformed_field",
    /// A field that this reader does not know holds something: once a field and file.
    UnknownField = "unknown_field",
    /// An update of a type that this reader does not know.
    UnknownType = "unknown_type",
    /// An update without what its type needs.
    IncompleteUpdate = "incomplete_update",
    /// More updates than the reader takes.
    TooManyUpdates = "too_many_updates",
    /// The same update again.
    RepeatedUpdate = "repeated_update",
    /// The same game again in the list of games: left out.
    RepeatedGame = "repeated_game",
    /// The stream is not in the order of its ids, or was put in order by its scores: once a match.
    OutOfOrder = "out_of_order",
    /// A time that is missing, implausible or goes backwards.
    ImplausibleTime = "implausible_time",
    /// An update that the updates around it contradict: not taken over.
    ContradictoryUpdate = "contradictory_update",
    /// The score jumps: updates are missing, and the gap was bridged.
    MissingUpdates = "missing_updates",
    /// The end of a game is missing, and was taken from the official score.
    FilledFromOfficial = "filled_from_official",
    /// The stream goes back to an earlier score without taking points back.
    Restarted = "restarted",
    /// A score that the laws cannot reach: not taken over.
    ImpossibleClaim = "impossible_claim",
    /// The laws refuse the command.
    RejectedByLaws = "rejected_by_laws",
    /// The end of a time-out that is not going on.
    StrayTimeOutEnd = "stray_time_out_end",
    /// The server by the laws is not the server that the source's points were counted for: once a match.
    ServerDisagrees = "server_disagrees",
    /// The server announced for a game is not the one that the laws give.
    ServiceOrderDiffers = "service_order_differs",
    /// Nobody said who serves first.
    FirstServerInferred = "first_server_inferred",
    /// Doubles: the source names the serving pair, not the player.
    DoublesOrderUnknown = "doubles_order_unknown",
    /// Both or neither of the flags that say whether the server won a point.
    ServerFlagsContradict = "server_flags_contradict",
    /// A player who belongs to neither side.
    PlayerUnknown = "player_unknown",
    /// A player of a side who is not in the match as the source has it: once a match.
    PlayerDiffers = "player_differs",
    /// The match's players are not known: it cannot be created, whether it was played or not.
    LineupMissing = "lineup_missing",
    /// The list of cards and the stream differ.
    CardsDiffer = "cards_differ",
    /// The official result fits another number of games than the league's format.
    FormatInferred = "format_inferred",
    /// The source says that the match is over, and the laws that it is not.
    EndedEarly = "ended_early",
    /// The laws cannot produce the official score.
    OfficialIllegal = "official_illegal",
    /// The official score of a game is missing or unreadable, so that none of the match's is used.
    OfficialIncomplete = "official_incomplete",
    /// The official score is another than the laws'.
    OfficialDisagrees = "official_disagrees",
    /// The games agree, and the source names another winner than the laws.
    WinnerDiffers = "winner_differs",
    /// The match has an official score and no points.
    NoPoints = "no_points",
    /// The source's count of lucky points or points in a row differs from the stream.
    StatisticDiffers = "statistic_differs",
    /// The tie's line-ups and substitutions lead to other players of a match than the source has in it.
    TieLineUpDiffers = "tie_line_up_differs",
    /// A match of the tie is over, and neither the laws nor the source say who won it.
    TieResultMissing = "tie_result_missing",
    /// The source's score of the tie is another than the laws'.
    TieScoreDiffers = "tie_score_differs",
    /// Strokes of a rally are missing, or who won it: the rally is left out.
    IncompleteRally = "incomplete_rally",
    /// The same row of a table again.
    RepeatedRow = "repeated_row",
    /// Strokes of a rally were not filmed: the point counts, without strokes.
    NotFilmed = "not_filmed",
    /// A time-out without a word on whose: not taken over.
    TimeOutOfNobody = "time_out_of_nobody",
    /// The end of a game is missing: the nearest end was taken, won by who was ahead last.
    GameEndInferred = "game_end_inferred",
    /// The scorer answered otherwise than the laws did here.
    Diverged = "diverged",
}

impl Anomaly {
    /// As the record that the anomalies' topic holds. Its id follows from kind and raw record, not from the words of
    /// the detail, which a later version may change; `nth` tells anomalies apart that are otherwise the same.
    pub fn into_record(self, source: &str, nth: usize) -> NewAnomaly {
        let raw = shortened(self.raw.to_string(), MAX_ANOMALY_RAW_BYTES);
        let detail = self.detail.chars().take(MAX_DETAIL_CHARS).collect::<String>();
        let of = self.match_id.map(|id| id.0).or(self.tie_id.map(|id| id.0)).unwrap_or(Uuid::NAMESPACE_OID);
        let name = format!("anomaly/{source}/{}/{nth}/{raw}", self.kind.as_str());
        NewAnomaly {
            id: AnomalyId::derived(of, &name),
            source: source.to_owned(),
            kind: self.kind.as_str().to_owned(),
            match_id: self.match_id,
            tie_id: self.tie_id,
            detail,
            raw,
        }
    }
}

fn shortened(mut text: String, limit: usize) -> String {
    if text.len() > limit {
        let mut end = limit.saturating_sub(16);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
        text.push_str("… (cut)");
    }
    text
}
