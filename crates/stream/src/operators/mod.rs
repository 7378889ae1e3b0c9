//! The operators. Each file: the method that adds it to a stream, then how it works.

mod repartition;
mod sink;
pub(crate) mod source;
mod stateless;
mod store;
