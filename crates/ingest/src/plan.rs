//! What is to be done with one file.

use std::collections::BTreeMap;

use serde_json::json;
use topspin_event::{
    AnomalyId, CommandEnvelope, CreateMatch, MatchCommand, MatchId, NewAnomaly, NewReference, ReferenceKind,
};
use topspin_laws::{Facts, Score, Side};

use crate::{Anomaly, Kind, TieAgreement, TiePlan};

/// One file: what to create and what to ask, in order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Plan {
    /// The team match, if the file holds one.
    pub tie: Option<TiePlan>,
    /// Competition, season, venue, players: what matches refer to.
    pub references: Vec<(ReferenceKind, NewReference)>,
    /// The matches in the order of play.
    pub matches: Vec<MatchPlan>,
    /// What concerns the file, or matches that cannot be created.
    pub anomalies: Vec<Anomaly>,
}

impl Plan {
    /// A file that its reader can make nothing of.
    pub(crate) fn unreadable(path: &str, bytes: &[u8], why: &str) -> Self {
        const SHOWN_BYTES: usize = 1000;
        let start = String::from_utf8_lossy(&bytes[..bytes.len().min(SHOWN_BYTES)]).into_owned();
        let anomaly = Anomaly {
            kind: Kind::UnreadableFile,
            tie_id: None,
            match_id: None,
            detail: format!("{path}: {why}"),
            raw: json!({ "path": path, "bytes": bytes.len(), "start": start }),
        };
        Plan { anomalies: vec![anomaly], ..Plan::default() }
    }

    /// The anomalies as records of `source`, each with an id of its own that a second plan gives it again.
    pub fn anomaly_records(&self, source: &str) -> Vec<NewAnomaly> {
        let mut alike: BTreeMap<AnomalyId, usize> = BTreeMap::new();
        let numbered = self.all_anomalies().map(|anomaly| {
            let first = anomaly.clone().into_record(source, 0);
            let count = alike.entry(first.id).or_default();
            *count += 1;
            if *count == 1 { first } else { anomaly.clone().into_record(source, *count) }
        });
        numbered.collect()
    }

    /// Whether the source has another score of the tie than the laws and no anomaly says so: never.
    pub fn is_tie_wrong_silently(&self) -> bool {
        let differs = self.tie.as_ref().is_some_and(|tie| tie.agreement == TieAgreement::Disagree);
        differs && !self.anomalies.iter().any(|anomaly| anomaly.kind == Kind::TieScoreDiffers)
    }

    /// Every anomaly of the file and its matches.
    pub fn all_anomalies(&self) -> impl Iterator<Item = &Anomaly> {
        self.anomalies.iter().chain(self.matches.iter().flat_map(|one| &one.anomalies))
    }
}

/// One match: how to create it and its script.
#[derive(Debug, Clone, PartialEq)]
pub struct MatchPlan {
    /// Its id.
    pub id: MatchId,
    /// How to create it. Repeating it changes nothing.
    pub create: CreateMatch,
    /// The commands in order. Repeating them changes nothing.
    pub script: Vec<Entry>,
    /// What the script leaves the match at.
    pub facts: Facts,
    /// Updates that say a point was won.
    pub point_updates: usize,
    /// What the source says the result is.
    pub reported: Option<Reported>,
    /// How the laws' score and the source's compare.
    pub agreement: Agreement,
    /// What is wrong with it.
    pub anomalies: Vec<Anomaly>,
}

impl MatchPlan {
    /// Strokes that the script records.
    pub fn strokes(&self) -> usize {
        let strokes = self.script.iter().map(|entry| match &entry.envelope.command {
            MatchCommand::RecordStrokes(recorded) => recorded.strokes.len(),
            MatchCommand::Law(_) | MatchCommand::Move(_) | MatchCommand::ReportResult(_) => 0,
        });
        strokes.sum()
    }

    /// Whether the source has another result than the laws and no anomaly says so: never.
    pub fn is_wrong_silently(&self) -> bool {
        let differs = match self.agreement {
            Agreement::Disagree | Agreement::OfficialIllegal | Agreement::NoPoints => true,
            Agreement::Exact | Agreement::NoOfficial | Agreement::Unplayed => false,
        };
        differs && self.anomalies.is_empty()
    }
}

/// A command and what the laws make of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The command as the scorer takes it.
    pub envelope: CommandEnvelope,
    /// The verdict of the laws on this machine.
    pub expected: Expected,
}

/// A verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// Accepted.
    Accepted,
    /// Rejected, with the rejection's code. It is sent all the same: the record shows what was asked.
    Rejected(&'static str),
}

/// The result that a source states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reported {
    /// The games, in order.
    pub games: Vec<Score>,
    /// Who won, if it says.
    pub winner: Option<Side>,
}

/// How the laws' games of a match and the source's compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Agreement {
    /// The same games; a match that the source has another winner of carries an anomaly.
    Exact,
    /// The laws cannot produce the source's score: theirs is kept.
    OfficialIllegal,
    /// Different games.
    Disagree,
    /// Points, and no score from the source.
    NoOfficial,
    /// A score from the source, and no points.
    NoPoints,
    /// Neither: the match was not played.
    Unplayed,
}

impl Agreement {
    /// The name in `snake_case`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Agreement::Exact => "exact",
            Agreement::OfficialIllegal => "official_illegal",
            Agreement::Disagree => "disagree",
            Agreement::NoOfficial => "no_official",
            Agreement::NoPoints => "no_points",
            Agreement::Unplayed => "unplayed",
        }
    }
}
