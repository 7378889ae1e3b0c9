//! The reading pages: rendered here, readable without JavaScript, kept up to date by a small island.

mod charts;
mod corrections;
pub mod docs;
pub mod handlers;
mod home;
mod layout;
mod match_page;
mod phrases;
mod scoreline;
pub mod statics;
mod statistics;
pub mod tie;
mod timeline;
