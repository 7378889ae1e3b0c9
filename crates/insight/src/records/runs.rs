//! Winning runs: matches that a player won one after the other, in singles, among all matches and among those of a competition.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use topspin_laws::Side;
use topspin_stream::{DecodeError, Key, Stream};
use uuid::Uuid;

use super::{Entry, RecordKey, Scope, ScopeKind, Window, Zoned};
use crate::facts::Id;
use crate::limits::SHORTEST_RUN;
use crate::mark::Mark;
use crate::metric::Metric;
use crate::ratings::Bout;

/// Among which matches a run is one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Among {
    Everything,
    Competition(Id),
    Category(Id, String),
}

/// As the scope that it is.
impl Key for Among {
    fn encode(&self, out: &mut Vec<u8>) {
        self.scope().encode(out);
    }

    fn decode(input: &mut &[u8]) -> Result<Self, DecodeError> {
        match Scope::decode(input)? {
            Scope::Everything => Ok(Among::Everything),
            Scope::Competition(id) => Ok(Among::Competition(id.into_bytes())),
            Scope::Category(id, name) => Ok(Among::Category(id.into_bytes(), name)),
            Scope::Player(_) | Scope::Pair(..) | Scope::Association(_) => Err(DecodeError),
        }
    }
}

impl Among {
    fn scope(&self) -> Scope {
        match self {
            Among::Everything => Scope::Everything,
            Among::Competition(id) => Scope::Competition(Uuid::from_bytes(*id)),
            Among::Category(id, name) => Scope::Category(Uuid::from_bytes(*id), name.clone()),
        }
    }

    /// The kinds of scopes that it tells of.
    fn is_wanted(&self, kinds: &BTreeSet<ScopeKind>) -> bool {
        let own = kinds.contains(&self.scope().kind());
        let of_all = [ScopeKind::Player, ScopeKind::Association].iter().any(|kind| kinds.contains(kind));
        own || (*self == Among::Everything && of_all)
    }
}

/// A result of a player, by when the match began.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Outcome {
    began: i64,
    match_id: Id,
    side: Side,
    won: bool,
    seq: u64,
    /// When the match was decided.
    at: Option<i64>,
    zone: u16,
    associations: Vec<String>,
}

/// Where a run stands after a match.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Run {
    /// When its first match began, and which it was.
    first: (i64, Id),
    /// How many it is; 0 after a defeat.
    wins: u32,
}

/// The longest state of each run, in the scopes that it counts in, of all time.
pub(super) fn places(
    bouts: &Stream<Id, Bout>,
    kinds: &BTreeSet<ScopeKind>,
) -> Stream<RecordKey, Zoned<Entry>> {
    let wanted = kinds.clone();
    let results = bouts.flat_map("run-results", move |_, bout| results(bout, &wanted));
    let results = results.repartition("results-by-run");
    let order = |_: &(Id, Among), result: &Outcome| (result.began, result.match_id);
    let scanned = results.ordered_scan("runs", order, |run: &mut Run, result, _| {
        match result.won {
            false => *run = Run::default(),
            true if run.wins == 0 => *run = Run { first: (result.began, result.match_id), wins: 1 },
            true => run.wins = run.wins.saturating_add(1),
        }
        Ok(())
    });
    let going = scanned.filter("runs-going", |_, (_, run)| run.wins > 0);
    let each =
        going.refine("run", |key, (result, run)| ((key.clone(), run.first), (run.wins, result.clone())));
    let longest = each.top("run-longest", std::num::NonZeroU32::MIN, |_, (wins, _)| Reverse(*wins));
    let kinds = kinds.clone();
    longest.flat_map("run-places", move |((player, among), _), (wins, result)| {
        entries(*player, among, (*wins, result), &kinds)
    })
}

fn results(bout: &Bout, kinds: &BTreeSet<ScopeKind>) -> Vec<((Id, Among), Outcome)> {
    let subject = &bout.referred.subject;
    let mut among = vec![Among::Everything];
    if let Some(competition) = subject.competition {
        among.push(Among::Competition(competition));
        among.extend(subject.category.clone().map(|name| Among::Category(competition, name)));
    }
    among.retain(|among| among.is_wanted(kinds));
    let of = |side: Side| {
        let result = Outcome {
            began: bout.began,
            match_id: bout.match_id,
            side,
            won: side == bout.winner,
            seq: bout.seq,
            at: bout.at,
            zone: bout.referred.zone,
            associations: bout.referred.associations.of(side).clone(),
        };
        let player = *bout.players.of(side);
        among.iter().map(move |among| ((player, among.clone()), result.clone())).collect::<Vec<_>>()
    };
    Side::BOTH.into_iter().flat_map(of).collect()
}

fn entries(
    player: Id,
    among: &Among,
    (wins, result): (u32, &Outcome),
    kinds: &BTreeSet<ScopeKind>,
) -> Vec<(RecordKey, Zoned<Entry>)> {
    if wins < SHORTEST_RUN {
        return Vec::new();
    }
    let (metric, value, side) = (Metric::WinningRun, i64::from(wins), Some(result.side));
    let mark = Mark { metric, value, side, game: 0, seq: result.seq, at: result.at };
    let entry = Entry { match_id: result.match_id, mark };
    let of_all = || {
        let associations = result.associations.iter().cloned().map(Scope::Association);
        associations.chain([Scope::Player(Uuid::from_bytes(player))])
    };
    let more = (*among == Among::Everything).then(of_all).into_iter().flatten();
    let scopes = more.chain([among.scope()]).filter(|scope| kinds.contains(&scope.kind()));
    scopes.map(|scope| (RecordKey { metric, scope, window: Window::AllTime }, (entry, result.zone))).collect()
}
