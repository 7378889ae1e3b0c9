//! What the tasks of the views say of themselves, for Prometheus.

use std::sync::atomic::{AtomicI64, AtomicU64};

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use tokio::time::timeout;
use topspin_runtime::{
    ApplicationCondition, ApplicationStatus, Monitor, Names, TaskCondition, TaskEnd, TaskName, TaskStatus,
};

use crate::limits::LAG_WAIT;

/// The conditions of a task, as labels.
const CONDITIONS: [&str; 5] = ["waiting", "restoring", "running", "stalled", "failed"];

/// A task of a view.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct TaskLabels {
    view: String,
    generation: u32,
    subtopology: String,
    partition: u32,
}

/// Tasks of a view that are in one condition.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ConditionLabels {
    view: String,
    generation: u32,
    condition: &'static str,
}

type Number = Gauge<i64, AtomicI64>;

/// What is known of the views when somebody looks.
#[derive(Default)]
pub struct ViewMetrics {
    tasks: Family<ConditionLabels, Number>,
    restored: Family<TaskLabels, Gauge<f64, AtomicU64>>,
    records: Family<TaskLabels, Number>,
    dead_letters: Family<TaskLabels, Number>,
    commits: Family<TaskLabels, Number>,
    lag: Family<TaskLabels, Number>,
}

impl ViewMetrics {
    pub fn register(&self, registry: &mut Registry) {
        let ViewMetrics { tasks, restored, records, dead_letters, commits, lag } = self;
        let mut gauge = |name: &str, help: &str, family: &Family<TaskLabels, Number>| {
            registry.register(name, help, family.clone());
        };
        gauge("view_records", "Records that a task here has committed since it was started", records);
        gauge("view_dead_letters", "Dead letters among them", dead_letters);
        gauge("view_commits", "Transactions of a task here since it was started", commits);
        gauge("view_lag_offsets", "How far a task here is behind, in offsets of all its sources", lag);
        registry.register("view_tasks", "Tasks here, by how they are", tasks.clone());
        registry.register(
            "view_restored_ratio",
            "How much of the state of a task here is restored from its changelog, 1 if all is",
            restored.clone(),
        );
    }

    /// Brings it up to date: what has gone to other processes, or was superseded, is not said any more, nor is the lag of
    /// a log that does not answer in time.
    pub async fn look_at(&self, views: &[Monitor]) {
        let ViewMetrics { tasks, restored, records, dead_letters, commits, lag } = self;
        [records, dead_letters, commits, lag].into_iter().for_each(Family::clear);
        tasks.clear();
        restored.clear();
        for view in views {
            let status = view.status();
            if status.condition != ApplicationCondition::Running {
                continue;
            }
            let names = view.deployment().names();
            self.note_tasks(names, status);
            if let Ok(Ok(lags)) = timeout(LAG_WAIT, view.lag_here()).await {
                self.note_lags(names, lags.into_iter().map(|lag| (lag.task, lag.offsets)));
            }
        }
    }

    fn note_tasks(&self, names: &Names, status: ApplicationStatus) {
        let mut counts = CONDITIONS.map(|condition| (condition, 0));
        for (task, status) in status.tasks {
            let Some(condition) = condition(&status) else { continue };
            counts.iter_mut().filter(|(name, _)| *name == condition).for_each(|(_, count)| *count += 1);
            let labels = labels(names, task);
            let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
            self.records.get_or_create(&labels).set(number(status.records));
            self.dead_letters.get_or_create(&labels).set(number(status.dead_letters));
            self.commits.get_or_create(&labels).set(number(status.commits));
            if let Some(ratio) = restored(&status.condition) {
                self.restored.get_or_create(&labels).set(ratio);
            }
        }
        let (view, generation) = (names.app().to_owned(), names.generation().0);
        for (condition, count) in counts {
            self.tasks
                .get_or_create(&ConditionLabels { view: view.clone(), generation, condition })
                .set(count);
        }
    }

    /// A task may read several sources: it is as far behind as in all of them.
    fn note_lags(&self, names: &Names, lags: impl Iterator<Item = (TaskName, u64)>) {
        let mut sums = std::collections::BTreeMap::<TaskName, u64>::new();
        for (task, offsets) in lags {
            let sum = sums.entry(task).or_default();
            *sum = sum.saturating_add(offsets);
        }
        for (task, offsets) in sums {
            let offsets = i64::try_from(offsets).unwrap_or(i64::MAX);
            self.lag.get_or_create(&labels(names, task)).set(offsets);
        }
    }
}

fn labels(names: &Names, task: TaskName) -> TaskLabels {
    let (view, generation) = (names.app().to_owned(), names.generation().0);
    TaskLabels { view, generation, subtopology: task.subtopology, partition: task.partition.0 }
}

/// How a task is; `None` if it is somebody else's by now.
fn condition(status: &TaskStatus) -> Option<&'static str> {
    match &status.condition {
        TaskCondition::Waiting => Some("waiting"),
        TaskCondition::Restoring { .. } => Some("restoring"),
        TaskCondition::Running => Some("running"),
        TaskCondition::Stalled { .. } => Some("stalled"),
        TaskCondition::Ended(TaskEnd::Failed { .. }) => Some("failed"),
        TaskCondition::Ended(TaskEnd::Stopped | TaskEnd::Fenced) => None,
    }
}

/// `None` if it is not known.
fn restored(condition: &TaskCondition) -> Option<f64> {
    match condition {
        TaskCondition::Restoring { total: 0, .. } | TaskCondition::Running => Some(1.0),
        TaskCondition::Restoring { done, total } => Some(*done as f64 / *total as f64),
        TaskCondition::Waiting | TaskCondition::Stalled { .. } | TaskCondition::Ended(_) => None,
    }
}
