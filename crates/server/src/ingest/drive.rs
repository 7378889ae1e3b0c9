//! Files become plans, and plans are sent: many at a time, each match in its order.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::{fs, thread};

use anyhow::{Context as _, anyhow};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use serde_json::json;
use topspin_event::{NewReference, ReferenceId, ReferenceKind};
use topspin_ingest::limits::MAX_FILE_BYTES;
use topspin_ingest::{Anomaly, Expected, Kind, Plan, Summary};

use super::pace::{Pace, Script, Speed, Step, steps};
use super::target::{Taken, Target, Verdict};

/// Plans sent at a time, each of a tie or a match: enough for group commit to fill.
const PLANS_AT_A_TIME: usize = 64;

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
    /// Files that could not be read, or are no tie.
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
    /// Ties that the target decided otherwise.
    pub ties_diverged: usize,
}

impl Done {
    /// Counts a match or the tie as one that the target decided otherwise: the log does not hold what the plan says.
    fn diverge(&mut self, script: Script, plan: &Plan) {
        match (script, &plan.tie) {
            (Script::Match(index), _) => {
                self.sent.diverged += 1;
                self.summary.diverge(plan.matches[index].agreement);
            }
            (Script::Tie, Some(tie)) => {
                self.sent.ties_diverged += 1;
                self.summary.diverge_tie(tie.agreement);
            }
            (Script::Tie, None) => {}
        }
    }

    /// What is wrong with the import, so that it has failed; what is wrong in a stream is not.
    pub fn failures(&self) -> Vec<String> {
        let (silent, unread) = (self.summary.wrong_silently, self.unread);
        let (matches, ties) = (self.sent.diverged, self.sent.ties_diverged);
        let mut failures = Vec::new();
        if silent > 0 {
            failures
                .push(format!("{silent} matches are wrong and no anomaly says so: a fault of the importer"));
        }
        if matches + ties > 0 {
            failures.push(format!(
                "{matches} matches and {ties} ties diverged: the log holds them otherwise than these files, because \
                 somebody else scored them or the files have changed what they said before; see the anomalies"
            ));
        }
        if unread > 0 {
            failures.push(format!("{unread} files could not be read; see the anomalies"));
        }
        failures
    }
}

/// Where files are from, and what becomes of them.
pub struct Source<'a> {
    /// The name that anomalies carry.
    pub name: &'static str,
    /// What a plan is of, in the plural.
    pub of: &'static str,
    /// Makes plans of a file, by its path and bytes.
    pub plans: &'a (dyn Fn(&str, &[u8]) -> Vec<Plan> + Sync),
}

/// Reads the files and sends what they hold.
pub fn drive(
    files: &[PathBuf],
    target: &dyn Target,
    speed: Speed,
    source: &Source<'_>,
) -> anyhow::Result<Done> {
    let bar = ProgressBar::new(files.len() as u64);
    let style = format!("{{elapsed_precise}} {{wide_bar}} {{pos}} of {{len}} {}", source.of);
    bar.set_style(ProgressStyle::with_template(&style).context("the progress bar's template")?);
    let import = Import { target, speed, source, done: Mutex::default(), referred: Mutex::default(), bar };
    let (plans, waiting) = sync_channel::<Plan>(PLANS_WAITING);
    let waiting = Mutex::new(Some(waiting));
    let sent = thread::scope(|scope| {
        let workers: Vec<_> = (0..PLANS_AT_A_TIME).map(|_| scope.spawn(|| import.work(&waiting))).collect();
        import.read(files, plans);
        let results = workers.into_iter().map(std::thread::ScopedJoinHandle::join);
        results
            .map(|result| result.map_err(|_| anyhow!("a worker stopped"))?)
            .collect::<anyhow::Result<Vec<()>>>()
    });
    import.bar.finish_and_clear();
    sent?;
    Ok(import.done.into_inner().unwrap_or_else(PoisonError::into_inner))
}

/// Reference data, by whether it was sent. An item is locked while it is sent: whoever needs the same waits for it.
type Referred = HashMap<(ReferenceKind, Option<ReferenceId>), Arc<Mutex<bool>>>;

struct Import<'a> {
    target: &'a dyn Target,
    speed: Speed,
    source: &'a Source<'a>,
    done: Mutex<Done>,
    referred: Mutex<Referred>,
    bar: ProgressBar,
}

impl Import<'_> {
    /// Plans the files in turn. Ends early when no worker takes plans any more.
    #[allow(clippy::needless_pass_by_value, reason = "dropping it is what ends the workers' queue")]
    fn read(&self, files: &[PathBuf], plans: SyncSender<Plan>) {
        for path in files {
            let planned = match contents(path) {
                Ok(bytes) => (self.source.plans)(&path.display().to_string(), &bytes),
                Err(error) => vec![unread(path, &error)],
            };
            let mut anomalies = planned.iter().flat_map(|plan| &plan.anomalies);
            let is_unread = anomalies.any(|anomaly| anomaly.kind == Kind::UnreadableFile);
            self.note(|done| {
                done.unread += usize::from(is_unread);
                done.summary.add_file(&planned);
            });
            // The bar counted the file as one plan.
            self.bar.inc_length(planned.len() as u64);
            self.bar.dec_length(1);
            for plan in planned {
                if plans.send(plan).is_err() {
                    return;
                }
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
        let mut diverged: HashMap<Script, Anomaly> = self.create(&plan)?.into_iter().collect();
        let pace = Pace::new(self.speed);
        for step in steps(&plan) {
            if diverged.contains_key(&step.of) {
                continue;
            }
            pace.wait(step.due_ms);
            if let Some(anomaly) = self.ask(&plan, step)? {
                diverged.insert(step.of, anomaly);
            }
        }
        let mut diverged: Vec<_> = diverged.into_iter().collect();
        diverged.sort_by_key(|(script, _)| *script);
        for (script, anomaly) in diverged {
            self.note(|done| {
                done.diverge(script, &plan);
                done.summary.note(anomaly.kind, &anomaly.detail, &anomaly.raw);
            });
            plan.anomalies.push(anomaly);
        }
        self.target.report(&plan.anomaly_records(self.source.name))
    }

    /// Creates the tie and the matches; answers with what the target does not take.
    fn create(&self, plan: &Plan) -> anyhow::Result<Vec<(Script, Anomaly)>> {
        let mut refused = Vec::new();
        if let Some(tie) = &plan.tie
            && let Taken::No(why) = self.target.create_tie(&tie.create)?
        {
            let detail = format!("the tie was not created: {why}");
            self.bar.suspend(|| eprintln!("tie {}: {detail}", tie.id));
            refused.push((Script::Tie, anomaly(plan, Script::Tie, detail, json!({ "create": tie.create }))));
        }
        for (index, one) in plan.matches.iter().enumerate() {
            if let Taken::No(why) = self.target.create(&one.create)? {
                let detail = format!("the match was not created: {why}");
                self.bar.suspend(|| eprintln!("match {}: {detail}", one.id));
                let script = Script::Match(index);
                refused.push((script, anomaly(plan, script, detail, json!({ "create": one.create }))));
            }
        }
        Ok(refused)
    }

    fn refer(&self, kind: ReferenceKind, item: &NewReference) -> anyhow::Result<()> {
        let item_sent = self.sent(kind, item.id);
        let mut sent = item_sent.lock().unwrap_or_else(PoisonError::into_inner);
        if *sent {
            return Ok(());
        }
        if let Taken::No(why) = self.target.refer(kind, item)? {
            self.bar.suspend(|| eprintln!("{kind} {:?} was not taken: {why}", item.details.name));
        }
        *sent = true;
        Ok(())
    }

    fn sent(&self, kind: ReferenceKind, id: Option<ReferenceId>) -> Arc<Mutex<bool>> {
        let mut referred = self.referred.lock().unwrap_or_else(PoisonError::into_inner);
        referred.entry((kind, id)).or_default().clone()
    }

    /// Has one command decided. An answer other than expected is an anomaly, and the end of its script.
    fn ask(&self, plan: &Plan, step: Step) -> anyhow::Result<Option<Anomaly>> {
        let (verdict, expected, command) = match (step.of, &plan.tie) {
            (Script::Match(index), _) => {
                let (one, entry) = (&plan.matches[index], &plan.matches[index].script[step.entry]);
                (self.target.submit(one.id, &entry.envelope)?, entry.expected, json!(entry.envelope))
            }
            (Script::Tie, Some(tie)) => {
                let entry = &tie.script[step.entry];
                (self.target.submit_tie(tie.id, &entry.envelope)?, entry.expected, json!(entry.envelope))
            }
            (Script::Tie, None) => return Ok(None),
        };
        match (&verdict, expected) {
            (Verdict::Accepted, Expected::Accepted) => self.note(|done| done.sent.accepted += 1),
            (Verdict::Rejected(code), Expected::Rejected(expected)) if code == expected => {
                self.note(|done| done.sent.rejected += 1);
            }
            _ => {
                let detail = format!("expected {expected:?}, and the scorer says {verdict:?}");
                return Ok(Some(anomaly(plan, step.of, detail, json!({ "command": command }))));
            }
        }
        Ok(None)
    }
}

/// The scorer answered otherwise than expected.
fn anomaly(plan: &Plan, script: Script, detail: String, raw: serde_json::Value) -> Anomaly {
    let match_id = match script {
        Script::Tie => None,
        Script::Match(index) => Some(plan.matches[index].id),
    };
    let tie_id = plan.tie.as_ref().map(|tie| tie.id);
    Anomaly { kind: Kind::Diverged, tie_id, match_id, detail, raw }
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
