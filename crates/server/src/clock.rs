//! The clocks that views go by: the wall clock of their records, and the ticks of their topic.

use std::sync::Arc;

use anyhow::Context as _;
use tokio::sync::Notify;
use topspin_event::Timestamp;
use topspin_log::{Topic, TransactionalId};
use topspin_runtime::{Clock, Ticker, TickerConfig, last_tick};
use topspin_scoring::{Home, SubscriptionError};
use topspin_stream::Time;

use crate::engine::Engine;
use crate::node;

/// How far clocks of machines may be apart, before somebody is told.
const CLOCK_SLACK_MS: i64 = 60_000;

/// The clock of the views. From `now` on it goes as fast as the wall clock does.
pub async fn ticker(engine: &Engine, label: &str, now: Option<Timestamp>) -> anyhow::Result<Ticker> {
    let today = || node::now().as_millis();
    let topic = Topic::new(topspin_insight::CLOCK)?;
    let last = last_tick(engine.log.as_ref(), &topic).await.context("the clock of the views")?;
    let asked = now.map_or_else(today, Timestamp::as_millis);
    let goes_on = last.map_or(asked, |last| last.0.max(asked));
    if goes_on > asked + CLOCK_SLACK_MS {
        let told = Timestamp::from_millis(goes_on).map(|time| time.to_string()).unwrap_or_default();
        tracing::warn!(
            clock = told,
            "the clock of the views was further already, and does not go back: it goes on from there"
        );
    }
    // In a world of its own the clock goes on from where it was; the wall clock comes to it by itself.
    let ahead = if now.is_some() { goes_on - today() } else { 0 };
    let config = TickerConfig {
        log: engine.log.clone(),
        topic,
        id: TransactionalId::new(format!("{}-{label}", topspin_insight::CLOCK))?,
        now: Arc::new(move || Time(today() + ahead)),
        clock: wall(),
    };
    Ticker::start(config).await.context("the clock of the views")
}

/// Lets the clock of the views tick soon after something was recorded, until the home shuts down.
pub async fn nudge(home: Home, happened: Arc<Notify>) {
    let mut subscription = home.subscribe();
    while !matches!(subscription.next().await, Err(SubscriptionError::Closed)) {
        happened.notify_one();
    }
}

/// The wall clock, as records have it.
pub fn wall() -> Clock {
    Arc::new(|| node::record_time(node::now()))
}
