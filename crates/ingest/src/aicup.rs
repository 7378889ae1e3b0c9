//! The stroke tables of the AI CUP's table tennis competitions: one CSV file of many matches, one row a stroke.
//!
//! A row names its match, game (`numberGame`), rally (`rally_uid`) and place in it (`strikeNumber`), says the score before
//! the rally from the side of whoever strikes, whether the server won it, and what the stroke was. There are no times, so
//! everything is of unknown precision, and rallies that nobody described are missing: above all those that ended with the
//! service. The score before each rally is a claim. Where it is not the one that the rallies before lead to, it is set;
//! what the laws cannot have is left out, and says why (`script`). No rally is made up.

mod column;
mod entity;
mod format;
mod meaning;
mod plan;
mod rally;
mod script;
mod service;
mod table;

pub use plan::plans;

/// The scheme of the source's ids, and the name of the source.
pub const SOURCE: &str = "aicup";
