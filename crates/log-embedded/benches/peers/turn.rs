//! One contender's turn: some writers, each a thread, for some time.

use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{Duration, Instant};

/// Appends one record and returns when it is durable.
pub type Writer = Box<dyn FnMut() + Send>;

/// What one turn measured.
pub struct Turn {
    /// Whose turn it was.
    pub contender: usize,
    pub writers: usize,
    pub latencies: Vec<Duration>,
    took: Duration,
}

impl Turn {
    pub fn take(contender: usize, writers: Vec<Writer>, time: Duration) -> Self {
        let count = writers.len();
        let start = Arc::new(Barrier::new(count + 1));
        let threads: Vec<_> = writers
            .into_iter()
            .map(|writer| {
                let start = start.clone();
                thread::spawn(move || {
                    start.wait();
                    appends(writer, time)
                })
            })
            .collect();
        start.wait();
        let started = Instant::now();
        let joined =
            threads.into_iter().flat_map(|thread| thread.join().expect("a writer that did not fail"));
        let latencies: Vec<_> = joined.collect();
        let took = started.elapsed();
        Self { contender, writers: count, latencies, took }
    }

    pub fn appends(&self) -> usize {
        self.latencies.len()
    }

    pub fn per_second(&self) -> f64 {
        self.latencies.len() as f64 / self.took.as_secs_f64()
    }
}

fn appends(mut writer: Writer, time: Duration) -> Vec<Duration> {
    let mut latencies = Vec::new();
    let started = Instant::now();
    while started.elapsed() < time {
        let before = Instant::now();
        writer();
        latencies.push(before.elapsed());
    }
    latencies
}
