//! The laws of rally sports as pure `decide` and `evolve`.
