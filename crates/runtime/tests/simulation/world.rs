//! Processes over a log, driven by hand: which of those that can go on does so next is a throw of the dice.

use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::watch;
use topspin_log::memory::MemoryLog;
use topspin_log::{Committed, GroupMetadata, Log, Partition, Topic, TopicPartition};
use topspin_runtime::exactly_once::expected::expected;
use topspin_runtime::exactly_once::fixtures::{FIRST, Stage, deployment};
use topspin_runtime::exactly_once::observed::{outputs, records, state};
use topspin_runtime::exactly_once::trial::{Dice, topology};
use topspin_runtime::limits::FENCED_PAUSE;
use topspin_runtime::{Deployment, LocalState, StartFrom, Task, TaskConfig, TaskEnd, TaskStatus};

use crate::faults::{Fault, Faults, FaultyLog, Plan};

/// Longer than any task waits for anything that will come: when this is over, nothing will.
const QUIET: Duration = Duration::from_mins(10);

/// A run that never gets quiet does not make progress.
const MOST_LIVES: usize = 200;

/// What a simulation is made of.
pub struct Setting {
    pub log: MemoryLog,
    pub plan: Plan,
    /// Decides who goes on, and what is fed.
    pub seed: u64,
    pub records: u64,
    /// Whether a tick takes several transactions.
    pub litany: bool,
}

/// What is left when nothing happens any more.
#[derive(PartialEq, Eq)]
pub struct Rest {
    /// Every record of every topic.
    pub log: Vec<(TopicPartition, Vec<Committed>)>,
    /// What the changelogs say in the end.
    pub state: BTreeMap<(Topic, Bytes), Bytes>,
    /// How many operations there were until the first process had nothing left to do.
    pub started: usize,
    /// How many operations there were.
    pub steps: usize,
}

struct World {
    stage: Stage,
    deployment: Arc<Deployment>,
    faults: Arc<Mutex<Faults>>,
    actors: BTreeMap<usize, Actor>,
    next_actor: usize,
    lives: usize,
    /// The life that has the partitions.
    current: Arc<AtomicUsize>,
    local: LocalState,
    stop: watch::Sender<bool>,
    /// Of processes that nobody tells anything any more.
    forgotten: Vec<watch::Sender<bool>>,
    dice: Dice,
}

struct Actor {
    future: Pin<Box<dyn Future<Output = ()>>>,
    life: usize,
    ready: Arc<Ready>,
}

/// Whether an actor can go on, and who is to hear of it.
struct Ready {
    ready: AtomicBool,
    driver: Arc<Mutex<Option<Waker>>>,
}

impl Wake for Ready {
    fn wake(self: Arc<Self>) {
        self.ready.store(true, Ordering::Release);
        let driver = self.driver.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(driver) = driver {
            driver.wake();
        }
    }
}

/// Runs until nothing happens any more, and checks what is left.
pub fn run(setting: Setting) -> Rest {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.expect("a runtime").block_on(simulate(setting))
}

async fn simulate(setting: Setting) -> Rest {
    let log: Arc<dyn Log> = Arc::new(setting.log);
    let mut dice = Dice::new(setting.seed);
    let mut stage = Stage::new(log.clone(), dice.roll(u64::MAX)).await;
    let before = setting.records / 2;
    stage.feed(before).await;
    let config = deployment(FIRST, StartFrom::Beginning);
    let deployment = Deployment::create(log.as_ref(), &topology(), &config).await.expect("laid out");
    let memory = if dice.roll(2) == 0 { 0 } else { usize::MAX };
    let mut world = World {
        stage,
        deployment: Arc::new(deployment),
        faults: Faults::new(setting.plan),
        actors: BTreeMap::new(),
        next_actor: 0,
        lives: 0,
        current: Arc::default(),
        local: LocalState::in_memory().with_memory(memory),
        stop: watch::channel(false).0,
        forgotten: Vec::new(),
        dice,
    };
    world.begin_process();
    let (mut left, mut started) = (setting.records - before, None);
    // What is fed is that of the seed, and in its order, whatever goes wrong meanwhile.
    let mut ticks = if setting.litany { vec![Tick::Leap, Tick::OfLitany] } else { vec![Tick::Leap] };
    loop {
        match world.drive().await {
            Driven::Struck(life, fault) => world.react(life, fault),
            Driven::Quiet => {
                let started = *started.get_or_insert(world.steps());
                match ticks.pop() {
                    Some(Tick::OfLitany) => world.stage.litany().await,
                    Some(Tick::Leap) => {
                        // After it, nobody sees what an earlier tick has left undone.
                        world.check().await;
                        world.stage.leap().await;
                    }
                    None if left > 0 => {
                        let some = left.min(1 + world.dice.roll(left));
                        world.stage.feed(some).await;
                        left -= some;
                    }
                    None => return world.rest(started).await,
                }
            }
        }
    }
}

/// What the clock does once everything is read.
enum Tick {
    OfLitany,
    Leap,
}

enum Driven {
    Struck(usize, Fault),
    Quiet,
}

/// One partition of one subtopology in one life of a process.
struct Post {
    log: Arc<dyn Log>,
    deployment: Arc<Deployment>,
    place: (usize, Partition),
    local: LocalState,
    stop: watch::Receiver<bool>,
    /// Its own, and the current one.
    life: (usize, Arc<AtomicUsize>),
}

impl Post {
    /// As an application does: who is shut out and still has the partition begins again after a while.
    async fn work(self) {
        let (subtopology, partition) = self.place;
        let name = self.deployment.tasks().nth(subtopology).expect("it is one of them").0;
        let group = self.deployment.names().group(name).expect("a valid name");
        loop {
            let config = TaskConfig {
                log: self.log.clone(),
                local: self.local.clone(),
                member: watch::channel(GroupMetadata::standalone(group.clone())).1,
                stop: self.stop.clone(),
                status: watch::channel(TaskStatus::default()).0,
            };
            let task =
                Task::new(&self.deployment, subtopology, partition, config).expect("its shard is free");
            let end = task.run().await;
            assert!(!matches!(end, TaskEnd::Failed { .. }), "{end:?}");
            let (own, current) = &self.life;
            if end != TaskEnd::Fenced || current.load(Ordering::Acquire) != *own {
                return;
            }
            tokio::time::sleep(FENCED_PAUSE).await;
        }
    }
}

impl World {
    /// Starts a process: all tasks of the topology.
    fn begin_process(&mut self) {
        self.lives += 1;
        assert!(self.lives < MOST_LIVES, "it never gets quiet");
        self.forgotten.push(std::mem::replace(&mut self.stop, watch::channel(false).0));
        let log: Arc<dyn Log> = Arc::new(FaultyLog {
            log: self.stage.log.clone(),
            faults: self.faults.clone(),
            life: self.lives,
        });
        let parts: Vec<u32> = self.deployment.tasks().map(|(_, partitions)| partitions).collect();
        for (subtopology, partitions) in parts.into_iter().enumerate() {
            for partition in (0..partitions).map(Partition) {
                let post = Post {
                    log: log.clone(),
                    deployment: self.deployment.clone(),
                    place: (subtopology, partition),
                    local: self.local.clone(),
                    stop: self.stop.subscribe(),
                    life: (self.lives, self.current.clone()),
                };
                self.add(post.work());
            }
        }
        self.current.store(self.lives, Ordering::Release);
    }

    fn add(&mut self, future: impl Future<Output = ()> + 'static) {
        let ready = Ready { ready: AtomicBool::new(true), driver: Arc::default() };
        let actor = Actor { future: Box::pin(future), life: self.lives, ready: Arc::new(ready) };
        self.actors.insert(self.next_actor, actor);
        self.next_actor += 1;
    }

    /// What a fault does to a process that notices it only by its end.
    fn react(&mut self, life: usize, fault: Fault) {
        let current = life == self.lives;
        match fault {
            Fault::CrashBefore | Fault::CrashAfter => {
                self.actors.retain(|_, actor| actor.life != life);
                if current {
                    self.begin_process();
                }
            }
            Fault::Overtaken if current => {
                // On another machine, with nothing there.
                self.local = LocalState::in_memory();
                self.begin_process();
            }
            Fault::Stopped if current => {
                self.stop.send_replace(true);
                // It ends in its own time: the next one begins when it has.
            }
            // Who was overtaken already is not the one that is overtaken or stopped.
            Fault::Overtaken | Fault::Stopped => {}
            Fault::Unavailable | Fault::StorageFull | Fault::LostBefore | Fault::LostAfter => {
                unreachable!("the log answers so, and the process lives on")
            }
        }
    }

    /// Lets actors go on until a fault strikes or nothing happens any more.
    async fn drive(&mut self) -> Driven {
        let driven = tokio::time::timeout(QUIET, poll_fn(|context| self.poll(context))).await;
        let Ok((life, fault)) = driven else { return Driven::Quiet };
        Driven::Struck(life, fault)
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<(usize, Fault)> {
        loop {
            let struck = self.faults.lock().unwrap_or_else(PoisonError::into_inner).struck();
            if let Some(struck) = struck {
                return Poll::Ready(struck);
            }
            if *self.stop.borrow() && !self.actors.values().any(|actor| actor.life == self.lives) {
                self.begin_process();
            }
            let can = |actor: &Actor| actor.ready.ready.load(Ordering::Acquire);
            let ready: Vec<usize> =
                self.actors.iter().filter(|(_, actor)| can(actor)).map(|(number, _)| *number).collect();
            if ready.is_empty() {
                for actor in self.actors.values() {
                    let mut driver = actor.ready.driver.lock().unwrap_or_else(PoisonError::into_inner);
                    *driver = Some(context.waker().clone());
                }
                return Poll::Pending;
            }
            let number = ready[self.dice.roll(ready.len() as u64) as usize];
            let actor = self.actors.get_mut(&number).expect("it is ready");
            actor.ready.ready.store(false, Ordering::Release);
            let waker = Waker::from(actor.ready.clone());
            if actor.future.as_mut().poll(&mut Context::from_waker(&waker)).is_ready() {
                self.actors.remove(&number);
            }
        }
    }

    /// Checks what must hold whenever everything is read.
    async fn check(&self) {
        let log = &self.stage.log;
        // Who begins sees all that was committed.
        let id = topspin_log::TransactionalId::new("auditor").expect("a valid name");
        log.begin_producer(&id).await.expect("a producer");
        assert_eq!(outputs(log, "trial", FIRST).await, expected(log.as_ref()).await);
    }

    async fn rest(self, started: usize) -> Rest {
        self.check().await;
        let log = self.stage.log.clone();
        let state = state(log.as_ref(), "trial", FIRST).await;
        let mut all = Vec::new();
        for spec in log.topics().await.expect("readable") {
            for partition in spec.topic_partitions() {
                let records = records(log.as_ref(), &partition).await;
                all.push((partition, records));
            }
        }
        Rest { log: all, state, started, steps: self.steps() }
    }

    fn steps(&self) -> usize {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner).steps()
    }
}
