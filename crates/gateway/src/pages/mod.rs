//! The reading pages: rendered here, readable without JavaScript, kept up to date by a small island.

mod cards;
mod charts;
mod corrections;
pub mod docs;
mod forecast;
pub mod handlers;
mod home;
mod layout;
mod match_page;
mod phrases;
pub mod player;
pub mod ratings;
pub mod records;
mod scoreline;
pub mod statics;
mod statistics;
mod stroke_words;
mod strokes;
mod table_map;
pub mod tie;
mod timeline;
mod tonight;

pub use phrases::side as side_name;
