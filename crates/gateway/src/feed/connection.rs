//! A connection of the feed: its session, what it follows, and how far that has come.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;
use topspin_event::MatchId;
use topspin_feed::server::{Needs, Policy, Session};
use topspin_feed::{Cursor, Kind};

use crate::app::App;
use crate::live::{Follow, Positions, Published, encode};

/// What a connection follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    Nothing,
    One(MatchId),
    All,
}

pub(super) struct Connection {
    app: App,
    session: Session,
    opened: Instant,
    scope: Scope,
    queue: Option<Follow>,
    /// Up to here every change of what is followed was observed.
    positions: Positions,
}

impl Connection {
    pub(super) fn open(app: &App) -> Self {
        let session = Session::new(Policy { kinds: Kind::ALL.into_iter().collect() }, Duration::ZERO);
        let (scope, positions) = (Scope::Nothing, Positions::new());
        Connection { app: Arc::clone(app), session, opened: Instant::now(), scope, queue: None, positions }
    }

    fn now(&self) -> Duration {
        self.opened.elapsed()
    }

    /// Takes a message of the consumer.
    pub(super) async fn receive(&mut self, text: &str) {
        let needs = self.session.receive(text, &*self.app, self.now());
        // First what is followed, then what is read: nothing can fall between.
        self.follow();
        match needs {
            None => {}
            Some(Needs::ChangedSince(cursor)) => match self.app.changed_since(&cursor).await {
                Ok(changed) => self.session.resolved(changed, &*self.app, self.now()),
                Err(error) => {
                    tracing::error!(%error, "a feed cannot be resumed");
                    self.session.close("unavailable", true, Some(1_000));
                }
            },
        }
    }

    /// Follows what the session is about.
    fn follow(&mut self) {
        let scope = match self.session.scope().as_deref() {
            Some([]) => Scope::Nothing,
            Some([id]) => Scope::One(*id),
            Some(_) | None => Scope::All,
        };
        if scope == self.scope {
            return;
        }
        let before = std::mem::replace(&mut self.scope, scope);
        let queue = match scope {
            Scope::Nothing => None,
            Scope::One(id) => Some(self.app.followers.follow(Some(id))),
            Scope::All => Some(self.app.followers.follow(None)),
        };
        let queue = std::mem::replace(&mut self.queue, queue);
        let waiting = queue.into_iter().flat_map(|mut queue| std::iter::from_fn(move || queue.try_recv()));
        waiting.for_each(|published| self.observe(&published));
        if before != Scope::Nothing {
            // What was followed before may not have been told yet of what is committed already.
            return;
        }
        // Everything is read from now on, and has come at least this far.
        match self.app.home.positions() {
            Ok(positions) => self.positions = positions,
            Err(error) => {
                tracing::error!(%error, "a feed cannot be followed");
                self.session.close("unavailable", true, Some(1_000));
            }
        }
    }

    /// The next change of what is followed; `None` if this connection was let go.
    pub(super) async fn news(&mut self) -> Option<Arc<Published>> {
        match &mut self.queue {
            Some(queue) => queue.recv().await,
            None => std::future::pending().await,
        }
    }

    /// Takes a change, and those that wait behind it.
    pub(super) fn take(&mut self, published: Option<Arc<Published>>) {
        let Some(published) = published else {
            let code = if self.app.is_stopping() { "stopping" } else { "too_slow" };
            self.queue = None;
            return self.session.close(code, true, None);
        };
        self.observe(&published);
        while let Some(next) = self.queue.as_mut().and_then(Follow::try_recv) {
            self.observe(&next);
        }
    }

    fn observe(&mut self, published: &Published) {
        let now = self.now();
        self.session.observe(&published.change, &*self.app, now);
        let known = self.positions.entry(published.partition).or_insert(published.offset);
        *known = published.offset.max(*known);
    }

    pub(super) fn tick(&mut self) {
        let cursor = Cursor::try_from(encode(self.app.log_id, &self.positions)).ok();
        self.session.tick(&*self.app, cursor.as_ref(), self.now());
    }

    /// The next message to send, if there is one.
    pub(super) fn next(&mut self) -> Option<Bytes> {
        self.session.next(&*self.app, self.now())
    }

    /// When something is to be done: while a message waits for the socket, only what does not need it.
    pub(super) fn wake_at(&self, is_idle: bool) -> Option<Instant> {
        let now = self.now();
        let at = if is_idle { self.session.wake_at(now) } else { self.session.tick_at(now) };
        at.map(|at| self.opened + at)
    }

    pub(super) fn close(&mut self, code: &str) {
        self.session.close(code, true, None);
    }

    pub(super) fn is_closing(&self) -> bool {
        self.session.is_closing()
    }
}
