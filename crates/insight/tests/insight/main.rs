//! The views of matches, by differences and counted anew after every change.

#![allow(clippy::cast_possible_wrap, clippy::cast_sign_loss, reason = "small numbers")]

mod cards;
mod cluster;
mod courses;
mod naive;
mod profiles;
mod ratings;
mod references;
mod struck;
mod twins;
mod world;
