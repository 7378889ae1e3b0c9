//! The one thread that writes. Its order is the order of the log.
//!
//! There is no timer: a transaction that finds the writer idle is synced at once, and those that arrive during a sync
//! share the next one.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};
use topspin_log::group::Admission;
use topspin_log::limits::{MAX_GROUPS, MAX_POSITIONS, MAX_TRANSACTIONAL_IDS};
use topspin_log::{
    BeginProducerError, CommitError, CreateTopicError, GroupId, Receipt, TopicSpec, TransactionalId,
};

use crate::CleanError;
use crate::catalog::{Catalog, PartitionId, put_spec};
use crate::commit::{Draft, Position};
use crate::frame::{self, Kind};
use crate::journal::{AppendFault, Journal};
use crate::limits::{GROUP_BYTES, GROUP_REQUESTS, RECENT_BYTES};
use crate::store::Store;
use crate::tail::Tail;

/// Memory that a recent section takes beyond its records, in bytes.
const SECTION_OVERHEAD: usize = 256;

pub(crate) enum Request {
    Commit(CommitRequest),
    CreateTopic {
        spec: TopicSpec,
        reply: oneshot::Sender<Result<(), CreateTopicError>>,
    },
    BeginProducer {
        id: TransactionalId,
        reply: oneshot::Sender<Result<u64, BeginProducerError>>,
    },
    /// Moves the start of a partition.
    Trim {
        partition: PartitionId,
        start: u64,
        reply: oneshot::Sender<Result<(), CleanError>>,
    },
    /// Seals the active segment, if it has anything.
    Roll {
        reply: oneshot::Sender<Result<(), CleanError>>,
    },
    /// Ends the writer after everything before.
    Close {
        reply: oneshot::Sender<()>,
    },
}

pub(crate) struct CommitRequest {
    pub(crate) draft: Draft,
    pub(crate) id: TransactionalId,
    pub(crate) epoch: u64,
    /// Held until the positions can be seen.
    pub(crate) admissions: Vec<Admission>,
    pub(crate) reply: oneshot::Sender<Result<Receipt, CommitError>>,
}

pub(crate) struct Writer {
    store: Arc<Store>,
    journal: Journal,
    producers: HashMap<TransactionalId, u64>,
    recent: VecDeque<(Arc<Tail>, usize)>,
    recent_bytes: usize,
    failed: Option<String>,
}

impl Writer {
    pub(crate) fn new(store: Arc<Store>, journal: Journal) -> Self {
        let (recent, producers) = (VecDeque::new(), HashMap::new());
        Self { store, journal, producers, recent, recent_bytes: 0, failed: None }
    }

    /// Serves requests until the log is closed or nobody can send any more.
    pub(crate) fn run(mut self, mut requests: mpsc::Receiver<Request>) {
        let mut group = Vec::new();
        let mut waiting = None;
        while let Some(request) = waiting.take().or_else(|| requests.blocking_recv()) {
            let CommitOr::Other(other) = CommitOr::from(request, &mut group) else {
                waiting = gather(&mut requests, &mut group);
                self.commit(&mut group);
                continue;
            };
            match other {
                Request::Close { reply } => {
                    // Nobody who closes has to listen.
                    let _ = reply.send(());
                    return;
                }
                other => self.serve(other),
            }
        }
    }

    // A reply that nobody waits for any more is no fault: the outcome stands, as the contract says.

    fn serve(&mut self, request: Request) {
        match request {
            Request::CreateTopic { spec, reply } => drop(reply.send(self.create_topic(spec))),
            Request::BeginProducer { id, reply } => drop(reply.send(self.begin_producer(id))),
            Request::Trim { partition, start, reply } => drop(reply.send(self.trim(partition, start))),
            Request::Roll { reply } => {
                let roll = |writer: &mut Self| {
                    if writer.journal.is_fresh() { Ok(()) } else { writer.journal.roll(0) }
                };
                let outcome = self.write(roll);
                drop(reply.send(outcome.map_err(clean_error)));
            }
            Request::Close { .. } | Request::Commit(_) => {}
        }
    }

    fn create_topic(&mut self, spec: TopicSpec) -> Result<(), CreateTopicError> {
        if !self.store.catalog().check_new(&spec)? {
            return Ok(());
        }
        let outcome = self.append_one(Kind::Topic, |payload| put_spec(payload, &spec));
        outcome.map_err(|fault| match fault {
            AppendFault::Full => CreateTopicError::StorageFull,
            AppendFault::Broken(reason) => CreateTopicError::Failed { reason },
        })?;
        self.store.catalog_mut().add_topic(spec);
        Ok(())
    }

    fn begin_producer(&mut self, id: TransactionalId) -> Result<u64, BeginProducerError> {
        if let Some(reason) = self.failed.clone() {
            return Err(BeginProducerError::Failed { reason });
        }
        if !self.producers.contains_key(&id) && self.producers.len() == MAX_TRANSACTIONAL_IDS {
            return Err(BeginProducerError::TooMany { max: MAX_TRANSACTIONAL_IDS });
        }
        let epoch = self.producers.entry(id).or_insert(0);
        *epoch += 1;
        Ok(*epoch)
    }

    fn trim(&mut self, partition: PartitionId, start: u64) -> Result<(), CleanError> {
        let outcome = self.append_one(Kind::Trim, |payload| {
            payload.extend_from_slice(&partition.topic.to_le_bytes());
            payload.extend_from_slice(&partition.partition.to_le_bytes());
            payload.extend_from_slice(&start.to_le_bytes());
        });
        outcome.map_err(clean_error)?;
        if let Some(tail) = self.store.catalog().tail(partition) {
            tail.trim(start);
        }
        Ok(())
    }

    fn append_one(&mut self, kind: Kind, put: impl FnOnce(&mut Vec<u8>)) -> Result<(), AppendFault> {
        let mut frame = frame::begin();
        put(&mut frame);
        let finished = frame::finish(&mut frame, kind);
        assert!(finished.is_some(), "a small frame fits");
        self.write(|writer| writer.append(std::iter::once(&mut frame)).map(|_| ()))
    }

    /// Appends frames to a segment that has room for them.
    fn append<'a>(
        &mut self,
        frames: impl Iterator<Item = &'a mut Vec<u8>>,
    ) -> Result<Vec<usize>, AppendFault> {
        let frames: Vec<_> = frames.collect();
        let bytes = frames.iter().map(|frame| frame.len()).sum();
        if self.journal.is_full_for(bytes) {
            self.journal.roll(bytes)?;
        }
        self.journal.append(frames.into_iter())
    }

    /// Writes, unless an earlier write broke the journal; remembers if this one does.
    fn write<T>(
        &mut self,
        write: impl FnOnce(&mut Self) -> Result<T, AppendFault>,
    ) -> Result<T, AppendFault> {
        if let Some(reason) = self.failed.clone() {
            return Err(AppendFault::Broken(reason));
        }
        let outcome = write(self);
        if let Err(AppendFault::Broken(reason)) = &outcome {
            tracing::error!(%reason, "the log refuses writes until it is opened again");
            self.failed = Some(reason.clone());
        }
        outcome
    }

    /// Commits a group of transactions with one sync.
    fn commit(&mut self, group: &mut Vec<CommitRequest>) {
        let mut admitted = self.admit(group);
        if admitted.is_empty() {
            return;
        }
        let outcome =
            self.write(|writer| writer.append(admitted.iter_mut().map(|request| &mut request.draft.frame)));
        match outcome {
            Ok(positions) => self.publish(admitted, &positions),
            Err(fault) => {
                for request in admitted {
                    let error = match &fault {
                        AppendFault::Full => CommitError::StorageFull,
                        AppendFault::Broken(reason) => CommitError::Failed { reason: reason.clone() },
                    };
                    drop(request.reply.send(Err(error)));
                }
            }
        }
    }

    /// Answers the transactions that cannot commit, and gives offsets to the others.
    fn admit(&self, group: &mut Vec<CommitRequest>) -> Vec<CommitRequest> {
        let catalog = self.store.catalog();
        let mut bounds = PositionBounds { groups: None, positions: catalog.position_count() };
        let mut ends: BTreeMap<PartitionId, u64> = BTreeMap::new();
        let mut admitted = Vec::with_capacity(group.len());
        for mut request in group.drain(..) {
            let owned = self.producers.get(&request.id) == Some(&request.epoch);
            let allowed = if owned {
                bounds.check(&catalog, &request.draft.positions)
            } else {
                Err(CommitError::Fenced(request.id.clone()))
            };
            if let Err(error) = allowed {
                drop(request.reply.send(Err(error)));
                continue;
            }
            for section in 0..request.draft.sections.len() {
                let head = request.draft.sections[section].head;
                let tail = catalog.tail(head.partition);
                let end =
                    ends.entry(head.partition).or_insert_with(|| tail.map_or(0, |tail| tail.bounds().1));
                request.draft.place(section, *end);
                *end += u64::from(head.span);
            }
            admitted.push(request);
        }
        admitted
    }

    /// Shows a durable group to readers, then answers its writers.
    fn publish(&mut self, group: Vec<CommitRequest>, frame_positions: &[usize]) {
        {
            let index = &mut self.store.active_mut().index;
            for (request, at) in group.iter().zip(frame_positions) {
                for section in &request.draft.sections {
                    index.add(&section.head, at + section.at, section.len());
                }
            }
        }
        if group.iter().any(|request| !request.draft.positions.is_empty()) {
            let mut catalog = self.store.catalog_mut();
            for position in group.iter().flat_map(|request| &request.draft.positions) {
                catalog.set_position(position.group.clone(), position.partition, position.offset);
            }
        }
        let mut touched: BTreeMap<PartitionId, Arc<Tail>> = BTreeMap::new();
        let mut replies = Vec::with_capacity(group.len());
        for CommitRequest { draft, admissions, reply, .. } in group {
            replies.push((reply, Receipt::new(draft.offsets()), admissions));
            for section in draft.into_sections() {
                let id = section.head.partition;
                let Some(tail) = self.store.catalog().tail(id).cloned() else { continue };
                self.recent_bytes += section.records.len() + SECTION_OVERHEAD;
                self.recent.push_back((tail.clone(), section.records.len() + SECTION_OVERHEAD));
                tail.extend(section);
                touched.insert(id, tail);
            }
        }
        for tail in touched.values() {
            tail.wake();
        }
        for (reply, receipt, admissions) in replies {
            drop(admissions);
            drop(reply.send(Ok(receipt)));
        }
        while self.recent_bytes > RECENT_BYTES {
            let Some((tail, bytes)) = self.recent.pop_front() else { break };
            tail.forget_oldest();
            self.recent_bytes -= bytes;
        }
    }
}

/// What the catalog holds if a group is committed.
struct PositionBounds {
    groups: Option<BTreeSet<GroupId>>,
    positions: usize,
}

impl PositionBounds {
    fn check(&mut self, catalog: &Catalog, positions: &[Position]) -> Result<(), CommitError> {
        if positions.is_empty() {
            return Ok(());
        }
        let groups = self.groups.get_or_insert_with(|| catalog.groups());
        groups.extend(positions.iter().map(|position| position.group.clone()));
        let new = |position: &&Position| catalog.position(&position.group, position.partition).is_none();
        self.positions += positions.iter().filter(new).count();
        if groups.len() > MAX_GROUPS {
            return Err(CommitError::TooMany { what: "groups", max: MAX_GROUPS });
        }
        if self.positions > MAX_POSITIONS {
            return Err(CommitError::TooMany { what: "positions", max: MAX_POSITIONS });
        }
        Ok(())
    }
}

enum CommitOr {
    Gathered,
    Other(Request),
}

impl CommitOr {
    /// Adds a commit to the group; answers anything else.
    fn from(request: Request, group: &mut Vec<CommitRequest>) -> Self {
        match request {
            Request::Commit(commit) => {
                group.push(commit);
                Self::Gathered
            }
            other => Self::Other(other),
        }
    }
}

/// Adds the transactions that wait already, up to the first other request, which it answers.
fn gather(requests: &mut mpsc::Receiver<Request>, group: &mut Vec<CommitRequest>) -> Option<Request> {
    let mut bytes: usize = group.iter().map(|request| request.draft.frame.len()).sum();
    while group.len() < GROUP_REQUESTS && bytes < GROUP_BYTES {
        match CommitOr::from(requests.try_recv().ok()?, group) {
            CommitOr::Gathered => bytes += group.last().map_or(0, |request| request.draft.frame.len()),
            CommitOr::Other(other) => return Some(other),
        }
    }
    None
}

fn clean_error(fault: AppendFault) -> CleanError {
    match fault {
        AppendFault::Full => CleanError::StorageFull,
        AppendFault::Broken(reason) => CleanError::Failed { reason },
    }
}
