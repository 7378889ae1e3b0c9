//! A thread in a call of the client that may never end, and those who wait for the thread.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

/// What the thread says before and after such a call.
pub(crate) struct Deadline(watch::Sender<Option<Instant>>);

/// Tells when the thread is not coming back.
#[derive(Clone)]
pub(crate) struct Watchdog(watch::Receiver<Option<Instant>>);

pub(crate) fn channel() -> (Deadline, Watchdog) {
    let (sender, receiver) = watch::channel(None);
    (Deadline(sender), Watchdog(receiver))
}

impl Deadline {
    /// A call begins that should be over by then.
    pub(crate) fn set(&self, within: Duration) {
        self.0.send_replace(Some(Instant::now() + within));
    }

    /// It is over.
    pub(crate) fn clear(&self) {
        self.0.send_replace(None);
    }
}

impl Watchdog {
    /// Waits until a call is overdue; for ever if the thread has ended.
    pub(crate) async fn overdue(&mut self) {
        loop {
            let deadline = *self.0.borrow_and_update();
            let changed = self.0.changed();
            let changed = match deadline {
                None => changed.await,
                Some(deadline) => tokio::select! {
                    biased;
                    changed = changed => changed,
                    () = sleep_until(deadline) => return,
                },
            };
            if changed.is_err() {
                return std::future::pending().await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(100);

    #[tokio::test(start_paused = true)]
    async fn only_a_call_that_does_not_end_in_time_is_overdue() {
        let (deadline, mut watchdog) = channel();
        let is_overdue =
            async |watchdog: &mut Watchdog| tokio::time::timeout(LONG, watchdog.overdue()).await.is_ok();
        assert!(!is_overdue(&mut watchdog).await, "none has begun");
        deadline.set(2 * LONG);
        assert!(!is_overdue(&mut watchdog).await, "it has time left");
        deadline.clear();
        assert!(!is_overdue(&mut watchdog).await, "it is over");
        deadline.set(LONG / 2);
        assert!(is_overdue(&mut watchdog).await);
        drop(deadline);
        assert!(
            !is_overdue(&mut watchdog).await,
            "whoever waits for the thread is told otherwise that it has ended"
        );
    }
}
