//! The stream of what the numbers say: what becomes of records, as it is decided.

use std::collections::VecDeque;

use bytes::Bytes;
use serde::Serialize;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{OwnedSemaphorePermit, broadcast, watch};
use tokio::time::Interval;
use topspin_event::{MatchId, Timestamp, wire};
use topspin_insight::{CARD_NEWS, RECORD_NEWS};
use topspin_runtime::{Heard, ViewChange};

use super::frame::{event, opening};
use super::hub::heartbeats;
use crate::app::App;
use crate::problem::Problem;

#[derive(Serialize)]
struct Heartbeat {
    server_time: Timestamp,
}

/// A reader fell behind, and does not know what it missed.
#[derive(Serialize)]
struct Lagged {
    /// How many changes of views, if that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    missed: Option<u64>,
}

/// What a reader wants to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// All decisions.
    All,
    /// Those on cards of a match.
    CardsOf(MatchId),
}

/// What the stream waits for.
enum Wake {
    /// Something was decided, or was missed.
    Change(Result<Heard, RecvError>),
    /// Nothing happened for a while.
    Silence,
    /// The server stops.
    Stop,
}

/// The stream, as what to send next.
pub struct InsightStream {
    app: App,
    wanted: Told,
    news: broadcast::Receiver<Heard>,
    ready: VecDeque<Bytes>,
    beat: Interval,
    stop: watch::Receiver<bool>,
    over: bool,
    _permit: OwnedSemaphorePermit,
}

impl Told {
    fn tells(self, card_of: MatchId) -> bool {
        match self {
            Told::All => true,
            Told::CardsOf(id) => id == card_of,
        }
    }
}

impl InsightStream {
    /// Opens the stream with the latest `count` decisions, the oldest of them first.
    ///
    /// # Errors
    /// A [`Problem`] if this server keeps no views, or they cannot be read.
    pub fn open(
        app: &App,
        wanted: Told,
        count: usize,
        permit: OwnedSemaphorePermit,
    ) -> Result<Self, Problem> {
        // First the news, then what there is: what comes between is told twice, and known by its number.
        let news = app.replica()?.changes();
        let mut ready = VecDeque::from([opening()]);
        if wanted == Told::All {
            for decision in app.latest_news(count)?.into_iter().rev() {
                ready.push_back(event("record", &app.named_news(decision)?));
            }
        }
        for card in app.latest_cards(count)?.into_iter().rev().filter(|card| wanted.tells(card.match_id)) {
            ready.push_back(event("card", &app.card_news(card)?));
        }
        Ok(InsightStream {
            app: app.clone(),
            wanted,
            news,
            ready,
            beat: heartbeats(),
            stop: app.stop.clone(),
            over: false,
            _permit: permit,
        })
    }

    /// The next bytes to send; `None` at the end.
    pub async fn next(&mut self) -> Option<Bytes> {
        loop {
            if let Some(frame) = self.ready.pop_front() {
                return Some(frame);
            }
            if self.over {
                return None;
            }
            let wake = tokio::select! {
                biased;
                change = self.news.recv() => Wake::Change(change),
                _ = self.beat.tick() => Wake::Silence,
                _ = self.stop.wait_for(|stop| *stop) => Wake::Stop,
            };
            match wake {
                Wake::Change(change) => self.take(change),
                Wake::Silence => {
                    let server_time = (self.app.clock)();
                    self.ready.push_back(event("heartbeat", &Heartbeat { server_time }));
                }
                Wake::Stop => self.over = true,
            }
        }
    }

    fn take(&mut self, change: Result<Heard, RecvError>) {
        match change {
            Ok(Heard::Change(ViewChange { topic: RECORD_NEWS, value: Some(value), .. }))
                if self.wanted == Told::All =>
            {
                let decision = wire::decode_record_decision(&value).ok();
                let named = decision.and_then(|decision| self.app.named_news(decision).ok());
                self.ready.extend(named.map(|news| event("record", &news)));
            }
            Ok(Heard::Change(ViewChange { topic: CARD_NEWS, value: Some(value), .. })) => {
                let card = wire::decode_match_card(&value).ok();
                let card = card.filter(|card| self.wanted.tells(card.match_id));
                let told = card.and_then(|card| self.app.card_news(card).ok());
                self.ready.extend(told.map(|card| event("card", &card)));
            }
            Ok(Heard::Change(_)) => {}
            Ok(Heard::Missed) => self.ready.push_back(event("lagged", &Lagged { missed: None })),
            Err(RecvError::Lagged(missed)) => {
                self.ready.push_back(event("lagged", &Lagged { missed: Some(missed) }));
            }
            Err(RecvError::Closed) => self.over = true,
        }
    }
}
