//! The tasks that this process has of one subtopology.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::{Id, JoinError, JoinSet};
use topspin_log::{GroupError, GroupEvent, GroupMetadata, Log, MemberId, Membership, Partition};

use super::{Board, TaskName};
use crate::limits::{FAILED_PAUSE, FENCED_PAUSE};
use crate::task::{back_off, stopped, stopped_within};
use crate::{Deployment, LocalState, OpenStoreError, Task, TaskCondition, TaskConfig, TaskEnd, TaskStatus};

/// A member of the group of one subtopology, with its tasks.
pub(super) struct Crew {
    pub(super) log: Arc<dyn Log>,
    pub(super) local: LocalState,
    pub(super) member: MemberId,
    pub(super) deployment: Arc<Deployment>,
    pub(super) subtopology: usize,
    pub(super) board: Arc<Board>,
    pub(super) stop: watch::Receiver<bool>,
}

/// The tasks of one membership.
struct Tasks {
    running: JoinSet<TaskEnd>,
    /// Who is at work on which partition.
    posts: BTreeMap<Partition, Post>,
}

struct Post {
    id: Id,
    stop: watch::Sender<bool>,
}

/// What stands between a task's end and its next beginning.
#[derive(Default)]
struct Pause {
    time: Duration,
    /// How the task is until then.
    status: TaskStatus,
}

impl Crew {
    /// Works until it is told to stop. Whoever loses its membership joins again.
    pub(super) async fn run(mut self) {
        let mut failures = 0;
        loop {
            let name = &self.deployment.parts()[self.subtopology].name.clone();
            match self.join().await {
                Ok(membership) => {
                    failures = 0;
                    self.board.group(name, None);
                    if self.serve(membership).await == Served::Stopped {
                        return;
                    }
                    self.board.group(name, Some("its membership was lost".to_owned()));
                }
                Err(error) => {
                    tracing::warn!(%error, subtopology = name, "a group cannot be joined");
                    self.board.group(name, Some(error.to_string()));
                }
            }
            let wait = back_off(failures);
            failures += 1;
            if stopped_within(&mut self.stop, wait).await {
                return;
            }
        }
    }

    async fn join(&self) -> Result<Box<dyn Membership>, GroupError> {
        let part = &self.deployment.parts()[self.subtopology];
        let lead = &part.sources[part.inputs[part.lead].source].topic;
        self.log.join(&part.group, std::slice::from_ref(lead), &self.member).await
    }

    async fn serve(&mut self, mut membership: Box<dyn Membership>) -> Served {
        let (told, member) = watch::channel(membership.metadata());
        let mut tasks = Tasks { running: JoinSet::new(), posts: BTreeMap::new() };
        let mut stop = self.stop.clone();
        loop {
            tokio::select! {
                biased;
                () = stopped(&mut stop) => {
                    // Still a member: what the tasks have begun can be committed.
                    tasks.stop_all().await;
                    return Served::Stopped;
                }
                Some(ended) = tasks.running.join_next_with_id() => {
                    if let Some((partition, pause)) = tasks.ended(ended) {
                        self.start(&mut tasks, partition, &member, pause);
                    }
                }
                event = membership.next_event() => {
                    told.send_replace(membership.metadata());
                    match event {
                        Ok(GroupEvent::Assigned(assigned)) => for assignment in assigned {
                            let partition = assignment.partition.partition;
                            self.start(&mut tasks, partition, &member, Pause::default());
                        },
                        Ok(GroupEvent::Revoked(revoked)) => {
                            tasks.stop(revoked.iter().map(|partition| partition.partition)).await;
                        }
                        Ok(GroupEvent::Lost(_)) | Err(_) => {
                            tasks.stop_all().await;
                            return Served::Lost;
                        }
                    }
                }
            }
        }
    }

    fn start(
        &self,
        tasks: &mut Tasks,
        partition: Partition,
        member: &watch::Receiver<GroupMetadata>,
        pause: Pause,
    ) {
        let (stop, stopped) = watch::channel(false);
        let (status, watched) = watch::channel(pause.status);
        let subtopology = self.deployment.parts()[self.subtopology].name.clone();
        let (app, generation) = (self.deployment.names().app(), self.deployment.names().generation());
        tracing::info!(app, %generation, subtopology, %partition, "a task works here now");
        self.board.add(TaskName { subtopology, partition }, watched);
        let hired = Hired {
            log: self.log.clone(),
            local: self.local.clone(),
            member: member.clone(),
            deployment: self.deployment.clone(),
            subtopology: self.subtopology,
            partition,
            stop: stopped,
            status,
        };
        let id = tasks.running.spawn(hired.work(pause.time)).id();
        tasks.posts.insert(partition, Post { id, stop });
    }
}

#[derive(PartialEq, Eq)]
enum Served {
    Stopped,
    Lost,
}

type Ended = Result<(Id, TaskEnd), JoinError>;

impl Tasks {
    /// Notes that a task has ended; its partition, if it is to begin again, and after what.
    fn ended(&mut self, ended: Ended) -> Option<(Partition, Pause)> {
        let (id, end) = match ended {
            Ok((id, end)) => (id, end),
            Err(error) => (error.id(), TaskEnd::Failed { reason: error.to_string() }),
        };
        let found = self.posts.iter().find(|(_, post)| post.id == id).map(|(partition, _)| *partition);
        let partition = found.filter(|partition| self.posts.remove(partition).is_some())?;
        match end {
            // Whoever has shut it out has the partition, or will: if nothing says so for long, it was wrong.
            TaskEnd::Fenced => Some((partition, Pause { time: FENCED_PAUSE, status: TaskStatus::default() })),
            // Somebody may mend it meanwhile: a right that is missing, or a certificate.
            TaskEnd::Failed { .. } => {
                let status = TaskStatus { condition: TaskCondition::Ended(end), ..TaskStatus::default() };
                Some((partition, Pause { time: FAILED_PAUSE, status }))
            }
            TaskEnd::Stopped => None,
        }
    }

    /// Stops the tasks of these partitions, and waits until they have ended.
    async fn stop(&mut self, partitions: impl Iterator<Item = Partition>) {
        let partitions: Vec<Partition> = partitions.collect();
        for post in partitions.iter().filter_map(|partition| self.posts.get(partition)) {
            post.stop.send_replace(true);
        }
        while partitions.iter().any(|partition| self.posts.contains_key(partition)) {
            let Some(ended) = self.running.join_next_with_id().await else { return };
            self.ended(ended);
        }
    }

    async fn stop_all(&mut self) {
        let all: Vec<Partition> = self.posts.keys().copied().collect();
        self.stop(all.into_iter()).await;
    }
}

/// A task before it is one.
struct Hired {
    log: Arc<dyn Log>,
    local: LocalState,
    member: watch::Receiver<GroupMetadata>,
    deployment: Arc<Deployment>,
    subtopology: usize,
    partition: Partition,
    stop: watch::Receiver<bool>,
    status: watch::Sender<TaskStatus>,
}

impl Hired {
    async fn work(mut self, delay: Duration) -> TaskEnd {
        if !delay.is_zero() && stopped_within(&mut self.stop, delay).await {
            return TaskEnd::Stopped;
        }
        self.status.send_replace(TaskStatus::default());
        let mut failures = 0;
        loop {
            match self.task() {
                Ok(task) => return task.run().await,
                Err(error) if error.is_retryable() => {
                    let reason = error.to_string();
                    if failures == 0 {
                        let part = self.deployment.parts()[self.subtopology].name.as_str();
                        tracing::warn!(reason, part, partition = %self.partition, "a task waits for its local state");
                    }
                    self.status.send_modify(|status| status.condition = TaskCondition::Stalled { reason });
                }
                Err(error) => {
                    let end = TaskEnd::Failed { reason: error.to_string() };
                    self.status.send_modify(|status| status.condition = TaskCondition::Ended(end.clone()));
                    return end;
                }
            }
            if stopped_within(&mut self.stop, back_off(failures)).await {
                return TaskEnd::Stopped;
            }
            failures += 1;
        }
    }

    fn task(&self) -> Result<Task, OpenStoreError> {
        let config = TaskConfig {
            log: self.log.clone(),
            local: self.local.clone(),
            member: self.member.clone(),
            stop: self.stop.clone(),
            status: self.status.clone(),
        };
        Task::new(&self.deployment, self.subtopology, self.partition, config)
    }
}
