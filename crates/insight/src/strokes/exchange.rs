//! A rally with its strokes, as a row.

use serde::{Deserialize, Serialize};
use topspin_event::{Hand, Spin, Stroke, StrokeClass, Zone};
use topspin_laws::{Both, Side};

use crate::chronicle::Chronicle;
use crate::facts::Id;
use crate::rally::Rally;

/// A rally of a singles whose strokes are recorded.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Exchange {
    /// The position of its event.
    pub seq: u64,
    /// When it ended.
    pub at: Option<i64>,
    pub players: Both<Id>,
    pub winner: Side,
    strokes: Vec<Struck>,
}

/// A rally with its strokes, as one side sees it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Seen {
    pub side: Side,
    pub winner: Side,
    pub strokes: Vec<Struck>,
}

/// Of a stroke, what is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Struck {
    pub side: Side,
    pub class: Option<StrokeClass>,
    pub hand: Option<Hand>,
    pub spin: Option<Spin>,
    pub zone: Option<Zone>,
}

impl Exchange {
    /// `None` where the strokes are not recorded, and of doubles.
    pub(crate) fn of(chronicle: &Chronicle, rally: &Rally) -> Option<Self> {
        let (players, strokes) = (chronicle.singles()?, chronicle.strokes(rally)?);
        Some(Exchange {
            seq: rally.seq,
            at: rally.at,
            players,
            winner: rally.winner,
            strokes: struck(strokes),
        })
    }

    pub(crate) fn seen_by(&self, side: Side) -> Seen {
        Seen { side, winner: self.winner, strokes: self.strokes.clone() }
    }
}

/// What is counted of strokes.
pub(crate) fn struck(strokes: &[Stroke]) -> Vec<Struck> {
    let one = |stroke: &Stroke| Struck {
        side: stroke.side,
        class: stroke.class,
        hand: stroke.hand,
        spin: stroke.spin,
        zone: stroke.zone,
    };
    strokes.iter().map(one).collect()
}
