//! Files become plans, and plans are sent: many ties at a time, each match in its order.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::{fs, thread};

use anyhow::{Context as _, anyhow};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use serde_json::json;
use topspin_event::{NewReference, ReferenceId, ReferenceKind};
use topspin_ingest::limits::MAX_FILE_BYTES;
use topspin_ingest::{Anomaly, Expected, Kind, MatchPlan, Plan, Summary, ttbl};

use super::pace::{Pace, Speed, steps};
use super::target::{Taken, Target, Verdict};

/// Ties sent at a time: enough for group commit to fill.
const TIES_AT_A_TIME: usize = 64;

/// Plans that wait to be sent.
const PLANS_WAITING: usize = 8;

/// What an import came to.
#[derive(Debug, Default, Serialize)]
pub struct Done {
    /// What the files hold.
    #[serde(flatten)]
    pub summary: Summary,
    /// What the target answered.
    pub sent: Sent,
    /// Files that could not be read.
    pub unread: usize,
}

/// Answers of the target.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Sent {
    /// Commands accepted, now or in an earlier import.
    pub accepted: usize,
    /// Commands rejected by the laws, as expected.
    pub rejected: usize,
    /// Matches that the target decided otherwise: somebody else scored them, or the source changed.
    pub diverged: usize,
}

/// Makes a plan of a file.
pub type Planner<'a> = dyn Fn(&str, &[u8]) -> Plan + Sync + 'a;

/// Reads the files and sends what they hold.
pub fn drive(
    files: &[PathBuf],
    target: &dyn Target,
    speed: Speed,
    planner: &Planner<'_>,
) -> anyhow::Result<Done> {
    let bar = ProgressBar::new(files.len() as u64);
    let style = "{elapsed_precise} {wide_bar} {pos} of {len} files";
    bar.set_style(ProgressStyle::with_template(style).context("the progress bar's template")?);
    let import = Import { target, speed, done: Mutex::default(), known: Mutex::default(), bar };
    let (plans, waiting) = sync_channel::<Plan>(PLANS_WAITING);
    let waiting = Mutex::new(Some(waiting));
    let sent = thread::scope(|scope| {
        let workers: Vec<_> =
            (0..TIES_AT_A_TIME.min(files.len())).map(|_| scope.spawn(|| import.work(&waiting))).collect();
        import.read(files, planner, plans);
        let results = workers.into_iter().map(std::thread::ScopedJoinHandle::join);
        results
            .map(|result| result.map_err(|_| anyhow!("a worker stopped"))?)
            .collect::<anyhow::Result<Vec<()>>>()
    });
    import.bar.finish_and_clear();
    sent?;
    Ok(import.done.into_inner().unwrap_or_else(PoisonError::into_inner))
}

struct Import<'a> {
    target: &'a dyn Target,
    speed: Speed,
    done: Mutex<Done>,
    /// Reference data that was sent.
    known: Mutex<HashSet<(ReferenceKind, Option<ReferenceId>)>>,
    bar: ProgressBar,
}

impl Import<'_> {
    /// Plans the files in turn. Ends early when no worker takes plans any more.
    #[allow(clippy::needless_pass_by_value, reason = "dropping it is what ends the workers' queue")]
    fn read(&self, files: &[PathBuf], planner: &Planner<'_>, plans: SyncSender<Plan>) {
        for path in files {
            let plan = match contents(path) {
                Ok(bytes) => planner(&path.display().to_string(), &bytes),
                Err(error) => {
                    self.note(|done| done.unread += 1);
                    unread(path, &error)
                }
            };
            self.note(|done| done.summary.add(&plan));
            if plans.send(plan).is_err() {
                return;
            }
        }
    }

    fn note(&self, note: impl FnOnce(&mut Done)) {
        note(&mut self.done.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Sends plans until there are no more. The first worker that fails takes the queue away from all.
    fn work(&self, waiting: &Mutex<Option<Receiver<Plan>>>) -> anyhow::Result<()> {
        let queue = || waiting.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let next = queue().as_ref().and_then(|queue| queue.recv().ok());
            let Some(plan) = next else { return Ok(()) };
            if let Err(error) = self.send(plan) {
                queue().take();
                return Err(error);
            }
            self.bar.inc(1);
        }
    }

    /// Sends a tie: what its matches refer to, the matches, their commands in the order of their times, and anomalies.
    fn send(&self, mut plan: Plan) -> anyhow::Result<()> {
        for (kind, item) in &plan.references {
            self.refer(*kind, item)?;
        }
        let mut diverged: HashSet<usize> = HashSet::new();
        let mut refused = Vec::new();
        for (index, one) in plan.matches.iter().enumerate() {
            if let Taken::No(why) = self.target.create(&one.create)? {
                let detail = format!("the match was not created: {why}");
                self.warn(one, &detail);
                refused.push(anomaly(one, detail, json!({ "create": one.create })));
                diverged.insert(index);
            }
        }
        for anomaly in refused {
            self.note(|done| done.summary.note(anomaly.kind, &anomaly.detail, &anomaly.raw));
            plan.anomalies.push(anomaly);
        }
        let pace = Pace::new(self.speed);
        for step in steps(&plan) {
            if diverged.contains(&step.of_match) {
                continue;
            }
            pace.wait(step.due_ms);
            if let Some(anomaly) = self.ask(&plan.matches[step.of_match], step.entry)? {
                diverged.insert(step.of_match);
                self.note(|done| done.summary.note(anomaly.kind, &anomaly.detail, &anomaly.raw));
                plan.anomalies.push(anomaly);
            }
        }
        self.note(|done| done.sent.diverged += diverged.len());
        self.target.report(&plan.anomaly_records(ttbl::SOURCE))
    }

    fn refer(&self, kind: ReferenceKind, item: &NewReference) -> anyhow::Result<()> {
        let unknown = |known: &mut HashSet<_>| known.insert((kind, item.id));
        if unknown(&mut self.known.lock().unwrap_or_else(PoisonError::into_inner))
            && let Taken::No(why) = self.target.refer(kind, item)?
        {
            self.bar.suspend(|| eprintln!("{kind} {:?} was not taken: {why}", item.details.name));
        }
        Ok(())
    }

    fn warn(&self, one: &MatchPlan, what: &str) {
        self.bar.suspend(|| eprintln!("match {}: {what}", one.id));
    }

    /// Has one command decided. An answer other than expected is an anomaly, and the end of the match's script.
    fn ask(&self, one: &MatchPlan, entry: usize) -> anyhow::Result<Option<Anomaly>> {
        let entry = &one.script[entry];
        let verdict = self.target.submit(one.id, &entry.envelope)?;
        match (&verdict, entry.expected) {
            (Verdict::Accepted, Expected::Accepted) => self.note(|done| done.sent.accepted += 1),
            (Verdict::Rejected(code), Expected::Rejected(expected)) if code == expected => {
                self.note(|done| done.sent.rejected += 1);
            }
            _ => {
                let detail = format!("expected {:?}, and the scorer says {verdict:?}", entry.expected);
                return Ok(Some(anomaly(one, detail, json!({ "command": entry.envelope }))));
            }
        }
        Ok(None)
    }
}

/// The scorer answered otherwise than expected.
fn anomaly(one: &MatchPlan, detail: String, raw: serde_json::Value) -> Anomaly {
    Anomaly { kind: Kind::Diverged, tie_id: one.create.tie_id, match_id: Some(one.id), detail, raw }
}

fn contents(path: &Path) -> anyhow::Result<Vec<u8>> {
    let bytes = fs::metadata(path)?.len();
    if bytes > MAX_FILE_BYTES {
        return Err(anyhow!("{bytes} bytes are more than {MAX_FILE_BYTES}"));
    }
    Ok(fs::read(path)?)
}

fn unread(path: &Path, error: &anyhow::Error) -> Plan {
    let path = path.display().to_string();
    let detail = format!("{path}: {error}");
    let raw = json!({ "path": path });
    let anomaly = Anomaly { kind: Kind::UnreadableFile, tie_id: None, match_id: None, detail, raw };
    Plan { anomalies: vec![anomaly], ..Plan::default() }
}
