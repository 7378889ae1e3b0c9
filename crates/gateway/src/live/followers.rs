//! The queues of the streams.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::mpsc;
use topspin_event::MatchId;

use super::frame::Published;
use crate::limits::SUBSCRIBER_QUEUE;

type Sender = mpsc::Sender<Arc<Published>>;

/// Everybody who follows something, until they stop reading.
#[derive(Default)]
pub struct Followers(Mutex<Queues>);

#[derive(Default)]
struct Queues {
    one: HashMap<MatchId, Vec<Sender>>,
    across: Vec<Sender>,
    ended: bool,
}

/// What a stream reads from. It ends when the hub has ended, or after the last change that fitted. Dropping it leaves
/// nothing behind.
pub struct Follow {
    queue: mpsc::Receiver<Arc<Published>>,
    followers: Arc<Followers>,
    id: Option<MatchId>,
}

impl Followers {
    /// A queue of the changes of one match, or of all, from now on.
    pub fn follow(self: &Arc<Self>, id: Option<MatchId>) -> Follow {
        let (sender, queue) = mpsc::channel(SUBSCRIBER_QUEUE);
        let mut queues = self.queues();
        if !queues.ended {
            queues.of(id).push(sender);
        }
        Follow { queue, followers: Arc::clone(self), id }
    }

    /// Hands a change to everybody who follows it and has room; the others are let go, and find their queue at its end.
    /// How many those were.
    pub fn hand_out(&self, id: MatchId, published: impl FnOnce() -> Published) -> u64 {
        let mut queues = self.queues();
        if queues.across.is_empty() && !queues.one.contains_key(&id) {
            return 0;
        }
        let published = Arc::new(published());
        let lagged = send(&mut queues.across, &published) + send(queues.of(Some(id)), &published);
        queues.forget_empty(id);
        lagged
    }

    /// Ends every queue; those who are handed out afterwards too, once this was for ever.
    pub fn end(&self, for_ever: bool) {
        let mut queues = self.queues();
        *queues = Queues { ended: for_ever, ..Queues::default() };
    }

    fn sweep(&self, id: Option<MatchId>) {
        let mut queues = self.queues();
        queues.of(id).retain(|sender| !sender.is_closed());
        if let Some(id) = id {
            queues.forget_empty(id);
        }
    }

    fn queues(&self) -> MutexGuard<'_, Queues> {
        // Nothing that holds the lock can panic half-way through a change of it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queues {
    fn of(&mut self, id: Option<MatchId>) -> &mut Vec<Sender> {
        match id {
            Some(id) => self.one.entry(id).or_default(),
            None => &mut self.across,
        }
    }

    fn forget_empty(&mut self, id: MatchId) {
        if self.one.get(&id).is_some_and(Vec::is_empty) {
            self.one.remove(&id);
        }
    }
}

impl Follow {
    /// The next change; `None` at the end.
    pub async fn recv(&mut self) -> Option<Arc<Published>> {
        self.queue.recv().await
    }

    /// The next change that waits already.
    pub fn try_recv(&mut self) -> Option<Arc<Published>> {
        self.queue.try_recv().ok()
    }
}

impl Drop for Follow {
    fn drop(&mut self) {
        self.queue.close();
        self.followers.sweep(self.id);
    }
}

fn send(senders: &mut Vec<Sender>, published: &Arc<Published>) -> u64 {
    let mut lagged = 0;
    senders.retain(|sender| match sender.try_send(Arc::clone(published)) {
        Ok(()) => true,
        Err(mpsc::error::TrySendError::Full(_)) => {
            lagged += 1;
            false
        }
        Err(mpsc::error::TrySendError::Closed(_)) => false,
    });
    lagged
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_follower_that_goes_leaves_nothing_behind() {
        let followers = Arc::new(Followers::default());
        let id = MatchId(Uuid::from_u128(1));
        let (first, second) = (followers.follow(Some(id)), followers.follow(Some(id)));
        let across = followers.follow(None);
        drop(first);
        assert_eq!(followers.queues().one[&id].len(), 1);
        drop(second);
        assert!(followers.queues().one.is_empty());
        drop(across);
        assert!(followers.queues().across.is_empty());
    }

    #[test]
    fn who_comes_after_the_end_finds_the_end() {
        let followers = Arc::new(Followers::default());
        let mut before = followers.follow(None);
        followers.end(false);
        let mut between = followers.follow(None);
        assert_eq!(before.queue.try_recv().err(), Some(mpsc::error::TryRecvError::Disconnected));
        assert_eq!(between.queue.try_recv().err(), Some(mpsc::error::TryRecvError::Empty));
        followers.end(true);
        for mut ended in [between, followers.follow(None)] {
            assert_eq!(ended.queue.try_recv().err(), Some(mpsc::error::TryRecvError::Disconnected));
        }
    }
}
