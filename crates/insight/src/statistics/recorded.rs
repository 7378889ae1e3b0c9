//! What a source records: what it has said at least once in the match. The rest is absent, not zero.

use topspin_laws::How;

use crate::rally::Rally;

/// Which ways of winning a point a source tells apart.
#[derive(Clone, Copy, Default)]
pub(crate) struct Recorded {
    /// Aces and service errors.
    pub service: bool,
    /// Points won by luck.
    pub luck: bool,
    /// Net and edge apart.
    pub which_luck: bool,
}

impl Recorded {
    pub(crate) fn by(rallies: &[Rally]) -> Self {
        let mut recorded = Recorded::default();
        let mut either = false;
        for how in rallies.iter().filter_map(|rally| rally.how) {
            match how {
                How::Ordinary => (recorded.service, recorded.luck) = (true, true),
                How::Ace | How::ServiceError => recorded.service = true,
                How::NetRoller | How::Edge => recorded.luck = true,
                How::NetOrEdge => (recorded.luck, either) = (true, true),
                How::ThirteenthReturn => {}
            }
        }
        recorded.which_luck = recorded.luck && !either;
        recorded
    }
}
