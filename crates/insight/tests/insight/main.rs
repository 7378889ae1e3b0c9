//! The views of matches, by differences and counted anew after every change.

mod cluster;
mod naive;
mod twins;
mod world;
