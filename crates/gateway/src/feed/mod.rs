//! The partner feed: `topspin_feed` over a WebSocket.
//!
//! One task serves one connection. It follows the hub as the streams of pages do, hands its session every change, and writes
//! what the session gives as fast as the connection takes it; the session bounds what waits.

mod connection;
mod socket;
mod world;

pub(crate) use socket::__path_connect;
pub use socket::connect;
