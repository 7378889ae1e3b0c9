//! The two ends against each other, in virtual time, over a network that loses, doubles, reorders and breaks.

mod hall;
mod net;
mod run;
mod watch;
