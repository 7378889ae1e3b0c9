//! Several homes on one log: every command gets one verdict, and every home answers the same in the end.

mod world;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use tempfile::TempDir;
use tokio::task::JoinSet;
use tokio::time::timeout;
use topspin_event::{
    CommandId, MatchId, NewPlayer, NewReference, PlayerId, ReferenceDetails, ReferenceId, ReferenceKind, Seq,
};
use topspin_laws::Side;
use topspin_log::conformance::intercept::{Intercepted, Silence};
use topspin_log::memory::MemoryLog;
use topspin_log::{BatchLimit, Log, Partition, Start, Topic, TopicPartition, TraceContext, TransactionalId};
use topspin_runtime::traced;
use topspin_scoring::{CreateError, Home, HomeConfig, Verdict};
use uuid::Uuid;
use world::{
    PARTITIONS, World, checked_events, choose, directory, envelope, match_id, point, singles, start_game,
};

const MATCHES: u128 = 6;
const ENOUGH: Duration = Duration::from_mins(1);

/// A home among others, in a directory of its own.
struct Process {
    home: Home,
    dir: TempDir,
    label: String,
}

async fn join(world: &World, label: &str, dir: TempDir) -> Process {
    let config = HomeConfig { origin: label.parse().expect("a label"), ..world.config() };
    let home = Home::join(world.log.clone(), dir.path(), config).await.expect("it joins");
    Process { home, dir, label: label.to_owned() }
}

async fn cluster(world: &World) -> Vec<Process> {
    let mut processes = Vec::new();
    for label in ["one", "two", "three"] {
        processes.push(join(world, label, directory()).await);
    }
    processes
}

/// Creates the matches, each at another home, and brings them into play.
async fn in_play(processes: &[Process]) -> u128 {
    let mut number = 0;
    for id in 0..MATCHES {
        let home = &processes[id as usize % processes.len()].home;
        home.create_match(singles(id)).await.expect("created");
        for command in [choose(), start_game()] {
            number += 1;
            let answer = home.submit(match_id(id), envelope(number, command)).await.expect("decided");
            assert!(matches!(answer.verdict, Verdict::Accepted(_)), "{answer:?}");
        }
    }
    number
}

/// Sends a command until there is a verdict, to one home after another, as a balancer does; what was answered is seen at
/// the home that has answered.
async fn insist(homes: Vec<Home>, id: MatchId, number: u128, to: Side) -> Verdict {
    let mut attempt = number as usize;
    loop {
        let home = &homes[attempt % homes.len()];
        match timeout(Duration::from_secs(4), home.submit(id, envelope(number, point(to)))).await {
            Ok(Ok(answer)) => {
                let verdict = home.verdict(id, world::command_id(number)).expect("readable");
                assert_eq!(verdict.as_ref(), Some(&answer.verdict), "what was answered is there to be read");
                if let Verdict::Accepted(accepted) = &answer.verdict {
                    let seen = home.match_snapshot(id).expect("readable").expect("there").seq;
                    assert!(seen >= accepted.seq(), "{seen:?} after {:?}", accepted.seq());
                }
                return answer.verdict;
            }
            Ok(Err(_)) | Err(_) => attempt += 1,
        }
        tokio::task::yield_now().await;
    }
}

/// Waits until all homes have the same snapshot of every match.
async fn wait_until_level(processes: &[Process]) {
    let level = || {
        (0..MATCHES).all(|id| {
            let of = |process: &Process| process.home.match_snapshot(match_id(id)).expect("readable");
            let first = of(&processes[0]);
            first.is_some() && processes.iter().all(|process| of(process) == first)
        })
    };
    let waiting = async {
        while !level() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(ENOUGH, waiting).await.expect("all homes come to the same");
}

/// One round after another: commands are sent to random homes while a home goes, and another comes.
async fn storm(seed: u64) {
    let world = World::new(MemoryLog::kafka_like(seed));
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut processes = cluster(&world).await;
    let mut number = in_play(&processes).await;
    let before = number;
    let mut verdicts = Vec::new();
    // What still ends in a dead home's directory may do so.
    let mut graveyard = Vec::new();
    for round in 0..4 {
        let mut sent = JoinSet::new();
        for _ in 0..20 {
            number += 1;
            let id = match_id(rng.random_range(0..MATCHES));
            let to = if rng.random() { Side::Home } else { Side::Away };
            let homes: Vec<_> = processes.iter().map(|process| process.home.clone()).collect();
            // The one that goes is not asked any more, as after a lost connection.
            let homes = homes[1..].to_vec();
            sent.spawn(async move { (id, number, insist(homes, id, number, to).await) });
        }
        let victim = processes.remove(0);
        match rng.random_range(0..3) {
            // It dies.
            0 => drop(victim.home),
            // It stops as it should.
            1 => victim.home.shutdown().await,
            // Somebody else begins with its transactional ids.
            _ => {
                for lane in 0..PARTITIONS {
                    let id = TransactionalId::new(format!("scoring-{lane}")).expect("valid");
                    world.log.begin_producer(&id).await.expect("begun");
                }
                drop(victim.home);
            }
        }
        graveyard.push(victim.dir);
        let label = if rng.random() { victim.label } else { format!("new-{round}") };
        processes.push(join(&world, &label, directory()).await);
        while let Some(done) = timeout(ENOUGH, sent.join_next()).await.expect("every command gets a verdict")
        {
            verdicts.push(done.expect("no panic"));
        }
    }
    wait_until_level(&processes).await;
    let all: usize = check(&world, &processes, &verdicts).await;
    assert_eq!(verdicts.len() as u128, number - before);
    assert!(all > 0);
}

/// Every home has what the log holds, and exactly that; how many events there are.
async fn check(world: &World, processes: &[Process], verdicts: &[(MatchId, u128, Verdict)]) -> usize {
    let alone = recomputed(world).await;
    let mut all = 0;
    for id in (0..MATCHES).map(match_id) {
        let events = checked_events(&alone, id);
        let expected = alone.match_snapshot(id).expect("readable").expect("there");
        for Process { home, label, .. } in processes {
            assert_eq!(checked_events(home, id), events, "{label}");
            let snapshot = home.match_snapshot(id).expect("readable").expect("there");
            assert_eq!(snapshot.state_hash, expected.state_hash, "{label}");
            assert_eq!(snapshot, expected, "{label}");
        }
        let accepted = |number: u128| {
            events.iter().filter(|event| event.recorded.cause == world::command_id(number)).count()
        };
        for (_, number, verdict) in verdicts.iter().filter(|(of, _, _)| *of == id) {
            match verdict {
                Verdict::Accepted(verdict) => assert_eq!(accepted(*number), verdict.events.len()),
                Verdict::Refused(_) => assert_eq!(accepted(*number), 0),
            }
            let command: CommandId = world::command_id(*number);
            for Process { home, .. } in processes {
                assert_eq!(home.verdict(id, command).expect("readable").as_ref(), Some(verdict));
            }
        }
        all += events.len();
    }
    all
}

/// One home that reads the whole log, and nothing else.
async fn recomputed(world: &World) -> Home {
    let copy = MemoryLog::new();
    for spec in world.log.topics().await.expect("readable") {
        copy.create_topic(&spec).await.expect("created");
        for number in 0..spec.partitions {
            let partition = TopicPartition::new(spec.topic.clone(), Partition(number));
            let mut reader = world.log.reader(&partition, Start::Beginning).await.expect("a reader");
            let id = TransactionalId::new("copy").expect("valid");
            let mut producer = copy.begin_producer(&id).await.expect("begun");
            let end = world.log.end_offset(&partition).await.expect("readable");
            while reader.position() < end {
                let mut transaction = producer.begin();
                for committed in reader.try_next_batch(BatchLimit::default()).await.expect("readable") {
                    transaction.append(partition.clone(), committed.record).expect("within limits");
                }
                transaction.commit().await.expect("committed");
            }
        }
    }
    let dir = directory();
    let home = Home::open(Arc::new(copy), dir.path(), world.config()).await.expect("it opens");
    // The store lives as long as the home: its files may go before.
    drop(dir.keep());
    home
}

fn run<T>(test: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(test)
}

#[test]
fn every_command_gets_one_verdict_while_homes_come_and_go() {
    for seed in 0..4 {
        run(storm(seed));
    }
}

#[test]
fn a_request_that_nobody_can_read_blocks_nobody() {
    run(async {
        let world = World::new(MemoryLog::kafka_like(7));
        let processes = cluster(&world).await;
        in_play(&processes).await;
        let mut producer =
            world.log.begin_producer(&TransactionalId::new("stranger").expect("valid")).await.expect("begun");
        let mut transaction = producer.begin();
        for number in 0..PARTITIONS {
            let lane = TopicPartition::new(topspin_scoring::requests(), Partition(number));
            let record =
                topspin_log::Record::new("stranger", "no request", topspin_log::Timestamp::default());
            transaction.append(lane, record).expect("within limits");
        }
        transaction.commit().await.expect("committed");
        for (index, Process { home, .. }) in processes.iter().enumerate() {
            for id in 0..MATCHES {
                let number = 1_000 + 10 * index as u128 + id;
                let answer = home.submit(match_id(id), envelope(number, point(Side::Home))).await;
                assert!(matches!(answer.expect("decided").verdict, Verdict::Accepted(_)));
            }
        }
    });
}

#[test]
fn a_live_stream_at_any_home_hears_of_every_event_once_while_lanes_move() {
    run(async {
        let world = World::new(MemoryLog::kafka_like(11));
        let mut processes = cluster(&world).await;
        let listener = processes[2].home.clone();
        let mut subscription = listener.subscribe();
        let mut number = in_play(&processes).await;
        let mut heard = BTreeMap::<MatchId, Vec<Seq>>::new();
        let mut positions = BTreeMap::new();
        for round in 0..3 {
            for id in (0..MATCHES).map(match_id) {
                number += 1;
                let homes = vec![processes[1].home.clone(), listener.clone()];
                insist(homes, id, number, Side::Home).await;
            }
            if round == 0 {
                processes.remove(0).home.shutdown().await;
                processes.insert(0, join(&world, "other", directory()).await);
            }
        }
        let expected: BTreeMap<_, _> = (0..MATCHES)
            .map(|id| {
                let last = listener.match_snapshot(match_id(id)).expect("readable").expect("there").seq;
                (match_id(id), (1..=last.0).map(Seq).collect::<Vec<_>>())
            })
            .collect();
        while heard != expected {
            let batches = match timeout(ENOUGH, subscription.next()).await.expect("news") {
                Ok(batch) => vec![batch.as_ref().clone()],
                Err(topspin_scoring::SubscriptionError::Missed(lane)) => {
                    let after = positions.get(&lane).copied();
                    listener.catch_up(lane, after, 1_000).await.expect("readable")
                }
                Err(error) => unreachable!("{error}"),
            };
            for batch in batches {
                for (offset, change) in batch.changes {
                    if positions.get(&batch.partition).is_none_or(|last| offset > *last) {
                        positions.insert(batch.partition, offset);
                        let recorded = &change.event.recorded;
                        assert_eq!(change.snapshot.seq, recorded.seq);
                        heard.entry(recorded.match_id).or_default().push(recorded.seq);
                    }
                }
            }
            for (id, seqs) in &heard {
                assert!(expected[id].starts_with(seqs), "in order, each once: {seqs:?}");
            }
        }
    });
}

#[test]
fn what_one_home_has_acknowledged_another_can_refer_to() {
    run(async {
        let world = World::new(MemoryLog::kafka_like(13));
        let processes = cluster(&world).await;
        for number in 0..12_u128 {
            let id = Uuid::from_u128(0x3000 + number);
            let player = NewReference {
                id: Some(ReferenceId(id)),
                external_ids: Vec::new(),
                details: ReferenceDetails { name: "Ada".to_owned(), ..ReferenceDetails::default() },
            };
            let home = |at: u128| &processes[at as usize % processes.len()].home;
            home(number).create_reference(ReferenceKind::Player, player).await.expect("created");
            let mut new = singles(100 + number);
            new.sides.home.players[0] = NewPlayer { id: Some(PlayerId(id)), ..NewPlayer::default() };
            home(number + 1).create_match(new).await.expect("the player is known");
        }
        let mut stranger = singles(200);
        stranger.sides.home.players[0] =
            NewPlayer { id: Some(PlayerId(Uuid::from_u128(9))), ..NewPlayer::default() };
        let refused = processes[0].home.create_match(stranger).await;
        assert!(matches!(refused, Err(CreateError::Unknown(_))), "{refused:?}");
    });
}

#[test]
fn what_is_decided_for_another_home_has_its_trace() {
    run(async {
        let world = World::new(MemoryLog::kafka_like(17));
        let processes = cluster(&world).await;
        let mut number = in_play(&processes).await;
        let mut sent = Vec::new();
        for Process { home, .. } in &processes {
            for id in (0..MATCHES).map(match_id) {
                number += 1;
                let parent = format!("00-{number:032x}-00f067aa0ba902b7-01");
                let trace = TraceContext::parse(&parent, "vendor=1");
                let answer =
                    traced(trace.clone(), home.submit(id, envelope(number, point(Side::Home)))).await;
                let Verdict::Accepted(accepted) = answer.expect("decided").verdict else { unreachable!() };
                sent.push(((id, accepted.seq()), trace));
            }
        }
        let found = traces(&world).await;
        for (event, trace) in sent {
            assert_eq!(found[&event], trace, "{event:?}");
        }
        assert_eq!(found[&(match_id(0), Seq(1))], None);
    });
}

/// The trace context of every event.
async fn traces(world: &World) -> BTreeMap<(MatchId, Seq), Option<TraceContext>> {
    let mut found = BTreeMap::new();
    for number in 0..PARTITIONS {
        let partition =
            TopicPartition::new(topspin_log::Topic::new("match-events").expect("valid"), Partition(number));
        let end = world.log.end_offset(&partition).await.expect("readable");
        let mut reader = world.log.reader(&partition, Start::Beginning).await.expect("a reader");
        while reader.position() < end {
            for committed in reader.try_next_batch(BatchLimit::default()).await.expect("readable") {
                let value = committed.record.value.as_ref().expect("a value");
                let event = topspin_event::wire::decode_recorded(value).expect("an event");
                found.insert((event.match_id, event.seq), TraceContext::of(&committed.record));
            }
        }
    }
    found
}

/// Waits until a home says of these matches, and of no others, that it may be out of date.
async fn wait_until_stale(home: &Home, expected: impl Fn(u128) -> bool) {
    let waiting = async {
        while (0..MATCHES).any(|id| home.stale(Some(match_id(id))).is_some() != expected(id)) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(ENOUGH, waiting).await.expect("it knows what it does not know");
}

#[test]
fn a_home_that_hears_a_lane_only_in_part_says_so() {
    let silence = Silence::of(vec![Topic::new("matches").expect("valid")]);
    run(async {
        let log = MemoryLog::kafka_like(3);
        let world = World::new(log.clone());
        let cut_off = World::new(Intercepted::silenced(log, silence.clone()));
        let processes = [join(&world, "one", directory()).await, join(&cut_off, "two", directory()).await];
        in_play(&processes).await;
        wait_until_level(&processes).await;
        let [one, two] = &processes;
        wait_until_stale(&two.home, |_| false).await;
        silence.begin();
        for id in 0..MATCHES {
            let answer = one.home.submit(match_id(id), envelope(1_000 + id, point(Side::Home))).await;
            assert!(matches!(answer.expect("decided").verdict, Verdict::Accepted(_)));
        }
        let seq = |home: &Home, id| home.match_snapshot(match_id(id)).expect("readable").expect("there").seq;
        let behind: Vec<bool> = (0..MATCHES).map(|id| seq(&two.home, id) < seq(&one.home, id)).collect();
        assert!(behind.contains(&true) && behind.contains(&false), "each owns a lane: {behind:?}");
        wait_until_stale(&two.home, |id| behind[id as usize]).await;
        wait_until_stale(&one.home, |_| false).await;
        silence.end();
        wait_until_stale(&two.home, |_| false).await;
        wait_until_level(&processes).await;
    });
}
