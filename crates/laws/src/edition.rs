//! Editions of these laws: a fix changes what is decided from then on, never what a recorded event meant.

/// The laws that an action was decided under. Its event is folded as they read, also after a fix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Edition {
    /// Laws version 1. Against the second: setting the score took ends and order of service from the first game,
    /// lost pending penalty points, and replayed a game as if expedite had been in operation from its start; the
    /// order of receiving changed with expedite; a correction of service left the rally before it as it was
    /// recorded; and the ball stayed in play when a penalty point ended the game.
    First,
    /// Laws version 2.
    Second,
}

impl Edition {
    /// What commands are decided under.
    pub const CURRENT: Edition = Edition::Second;

    /// The edition of a recorded laws version; a later version than this one knows reads as the current edition.
    pub const fn of(laws_version: u32) -> Self {
        match laws_version {
            0 | 1 => Edition::First,
            2.. => Edition::CURRENT,
        }
    }
}
