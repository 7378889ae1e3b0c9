//! What the server counts, for Prometheus.

use std::sync::atomic::AtomicI64;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;
use topspin_runtime::Monitor;
use topspin_scoring::{Home, LaneStatus};

use crate::view_metrics::ViewMetrics;

/// The labels of a request.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct RequestLabels {
    method: String,
    route: String,
    status: u16,
}

/// What was made of a command.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct VerdictLabels {
    verdict: String,
}

/// A lane: one partition of all topics.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct LaneLabels {
    lane: u32,
}

/// What is known of the lanes when somebody looks.
#[derive(Default)]
struct Lanes {
    owned: Gauge<i64, AtomicI64>,
    behind: Family<LaneLabels, Gauge<i64, AtomicI64>>,
    stale_seconds: Family<LaneLabels, Gauge<i64, AtomicI64>>,
    waiting: Family<LaneLabels, Gauge<i64, AtomicI64>>,
    forwarded: Gauge<i64, AtomicI64>,
    rebalances: Gauge<i64, AtomicI64>,
}

/// The counters and their registry.
pub struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    request_seconds: Histogram,
    command_seconds: Histogram,
    verdicts: Family<VerdictLabels, Counter>,
    commit_to_stream_seconds: Histogram,
    events: Counter,
    lanes: Lanes,
    views: ViewMetrics,
    /// Live streams that are open.
    pub streams: Gauge<i64, AtomicI64>,
    /// Streams closed because their reader was too slow.
    pub lagged: Counter,
    /// Connections that are open.
    pub connections: Gauge<i64, AtomicI64>,
}

impl Default for Metrics {
    fn default() -> Self {
        let seconds = || Histogram::new(exponential_buckets(0.000_1, 2.0, 18));
        let mut metrics = Metrics {
            registry: Registry::with_prefix("topspin"),
            requests: Family::default(),
            request_seconds: seconds(),
            command_seconds: seconds(),
            verdicts: Family::default(),
            commit_to_stream_seconds: seconds(),
            events: Counter::default(),
            lanes: Lanes::default(),
            views: ViewMetrics::default(),
            streams: Gauge::default(),
            lagged: Counter::default(),
            connections: Gauge::default(),
        };
        metrics.register();
        metrics
    }
}

impl Metrics {
    fn register(&mut self) {
        let r = &mut self.registry;
        r.register("http_requests", "Requests answered", self.requests.clone());
        r.register("http_request_seconds", "Time to answer a request", self.request_seconds.clone());
        r.register(
            "command_seconds",
            "Time from a command to its durable answer",
            self.command_seconds.clone(),
        );
        r.register("commands", "Commands by verdict", self.verdicts.clone());
        r.register(
            "recorded_to_stream_seconds",
            "Time from recording an event to handing it to the streams",
            self.commit_to_stream_seconds.clone(),
        );
        r.register("stream_events", "Events handed to the streams", self.events.clone());
        r.register("streams", "Live streams that are open", self.streams.clone());
        r.register("streams_lagged", "Streams closed because their reader was too slow", self.lagged.clone());
        r.register("connections", "Connections that are open", self.connections.clone());
        let Lanes { owned, behind, stale_seconds, waiting, forwarded, rebalances } = &self.lanes;
        r.register("lanes_owned", "Lanes that this process decides", owned.clone());
        r.register(
            "lane_behind_offsets",
            "How far a lane is behind the log, over all its topics",
            behind.clone(),
        );
        r.register(
            "lane_stale_seconds",
            "For how long answers may be out of date, 0 if they are not",
            stale_seconds.clone(),
        );
        r.register("lane_requests_waiting", "Requests that wait to be decided here", waiting.clone());
        r.register("requests_forwarded", "Requests that wait for other processes", forwarded.clone());
        r.register("rebalances", "How often lanes have moved between processes", rebalances.clone());
        self.views.register(r);
    }

    /// Brings what is known of the views up to date.
    pub async fn look_at_views(&self, views: &[Monitor]) {
        self.views.look_at(views).await;
    }

    /// Brings what is known of the lanes up to date.
    pub fn look_at(&self, home: &Home) {
        let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        let lanes = home.lanes();
        self.lanes.owned.set(number(lanes.iter().filter(|lane| lane.owned).count()));
        for LaneStatus { partition, waiting, behind, stale, .. } in lanes {
            let labels = LaneLabels { lane: partition.0 };
            let seconds = stale.map_or(0, |stale| i64::try_from(stale.as_secs()).unwrap_or(i64::MAX));
            self.lanes.behind.get_or_create(&labels).set(i64::try_from(behind).unwrap_or(i64::MAX));
            self.lanes.stale_seconds.get_or_create(&labels).set(seconds);
            self.lanes.waiting.get_or_create(&labels).set(number(waiting));
        }
        self.lanes.forwarded.set(number(home.forwarded()));
        self.lanes.rebalances.set(i64::try_from(home.rebalances()).unwrap_or(i64::MAX));
    }

    /// A request was answered; `route` is the path's pattern, so that the labels are bounded.
    pub fn answered(&self, method: &str, route: &str, status: u16, took: Duration) {
        let labels = RequestLabels { method: method.to_owned(), route: route.to_owned(), status };
        self.requests.get_or_create(&labels).inc();
        self.request_seconds.observe(took.as_secs_f64());
    }

    /// A command was answered.
    pub fn judged(&self, verdict: &str, took: Duration) {
        self.verdicts.get_or_create(&VerdictLabels { verdict: verdict.to_owned() }).inc();
        self.command_seconds.observe(took.as_secs_f64());
    }

    /// An event was handed to the streams.
    pub fn published(&self, since_recorded: Duration) {
        self.events.inc();
        self.commit_to_stream_seconds.observe(since_recorded.as_secs_f64());
    }

    /// The text that Prometheus reads.
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}
