//! The real router, in this process, over the log in memory.

mod access;
mod broken;
mod cards;
mod commands;
mod cursor;
mod feed;
mod fuzz;
mod hall;
mod live;
mod matches;
mod openapi;
mod pages;
mod reference;
mod referents;
mod server;
mod statistics;
mod stream;
mod strokes;
mod ties;
mod trace;
