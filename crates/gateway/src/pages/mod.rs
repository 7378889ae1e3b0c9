//! The reading pages: rendered here, readable without JavaScript, kept up to date by a small island.

pub mod docs;
pub mod home;
pub mod layout;
pub mod match_page;
pub mod phrases;
pub mod scoreline;
pub mod statics;
pub mod timeline;
