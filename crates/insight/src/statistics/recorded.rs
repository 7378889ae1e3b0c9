//! What a source records: what it has said at least once in the match. The rest is absent, not zero.

use topspin_laws::How;

use crate::rally::Rally;

/// Which ways of winning a point a source tells apart. One that was called ordinary was none of the others.
#[derive(Clone, Copy, Default)]
#[allow(clippy::struct_excessive_bools, reason = "each says of one figure whether it is recorded")]
pub(crate) struct Recorded {
    pub aces: bool,
    pub service_errors: bool,
    pub net_rollers: bool,
    pub edges: bool,
    /// Any of the two.
    pub luck: bool,
}

impl Recorded {
    pub(crate) fn by(rallies: &[Rally]) -> Self {
        let said = |ways: &[How]| rallies.iter().filter_map(|rally| rally.how).any(|how| ways.contains(&how));
        // Who does not always say which of the two never says how many there were of one.
        let which = !said(&[How::NetOrEdge]);
        Recorded {
            aces: said(&[How::Ordinary, How::Ace]),
            service_errors: said(&[How::Ordinary, How::ServiceError]),
            net_rollers: which && said(&[How::Ordinary, How::NetRoller]),
            edges: which && said(&[How::Ordinary, How::Edge]),
            luck: said(&[How::Ordinary, How::NetRoller, How::Edge, How::NetOrEdge]),
        }
    }
}
