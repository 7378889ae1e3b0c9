//! HTTP and server-sent events in front of the views.

mod access;
mod anomalies;
mod app;
mod chronicles;
mod code;
mod commands;
mod devices;
mod forecast;
mod json;
pub mod limits;
mod listener;
mod live;
mod matches;
mod metrics;
mod middleware;
mod openapi;
mod pages;
mod players;
mod probes;
mod problem;
mod records;
mod reference;
mod refusal;
mod router;
mod staleness;
mod statistics;
mod strokes;
mod ties;
mod view_metrics;

pub use access::{Access, Names, Token};
pub use app::{App, Config, Gateway, Screens};
pub use code::Code;
pub use listener::serve;
pub use metrics::Metrics;
pub use problem::Problem;
pub use router::{document, router};
