//! Commands a second through a home on the memory engine, against the laws alone in the same run.
//!
//! `cargo bench -p topspin-scoring`. Figures are ratios of one machine to itself; docs/performance.md has the last.

use std::sync::Arc;
use std::time::{Duration, Instant};

use topspin_event::{
    CommandEnvelope, CommandId, CreateMatch, MatchId, NewEntry, NewPlayer, OrgId, Timestamp, canonical_facts,
};
use topspin_laws::{Both, Command, Discipline, Format, Seq, Setup, Side, State, Status, decide, evolve};
use topspin_log::memory::MemoryLog;
use topspin_scoring::{Home, HomeConfig, Verdict, limits};
use uuid::Uuid;

/// Matches that are played at the same time.
const MATCHES: u128 = 64;

fn main() {
    let script = script();
    let laws = per_command(&script, 200, || {
        play(&script);
    });
    let facts = per_command(&script, 50, || {
        let mut state = setup();
        for command in &script {
            state = step(state, command);
            std::hint::black_box(canonical_facts(&state.facts()));
        }
    });
    println!("commands a match                    {:>10}", script.len());
    println!("laws alone                          {:>10}/s", rate(laws));
    println!(
        "laws and the state's canonical JSON {:>10}/s  {:.1}x the laws",
        rate(facts),
        ratio(facts, laws)
    );
    for (name, matches) in [("one match, one umpire", 1), ("64 matches, 64 umpires", MATCHES)] {
        let took = through_home(&script, matches);
        println!("home, {name:<29} {:>10}/s  {:.1}x the laws", rate(took), ratio(took, laws));
    }
}

fn setup() -> State {
    let format = Format::ittf(Discipline::Singles, 5);
    State::new(Setup { format, carried_cards: Both::default() })
}

fn step(mut state: State, command: &Command) -> State {
    let events = decide(&state, command).expect("the script is legal");
    for event in events {
        state = evolve(state, Seq(1), &event);
    }
    state
}

fn play(script: &[Command]) {
    std::hint::black_box(script.iter().fold(setup(), step));
}

/// A whole match, points alternating with a small lead for home.
fn script() -> Vec<Command> {
    let mut state = setup();
    let mut script = Vec::new();
    for turn in 0_u32.. {
        let command = match state.facts().status {
            Status::Scheduled if turn == 0 => Command::Choose { first_server: Side::Home, home_end: None },
            Status::Scheduled | Status::Interval => Command::StartGame { server: None, receiver: None },
            Status::InPlay => {
                let to = if turn % 5 < 3 { Side::Home } else { Side::Away };
                Command::Point { to, how: None, strokes: None }
            }
            _ => break,
        };
        state = step(state, &command);
        script.push(command);
    }
    script
}

fn per_command(script: &[Command], rounds: u32, mut round: impl FnMut()) -> Duration {
    round();
    let began = Instant::now();
    for _ in 0..rounds {
        round();
    }
    began.elapsed() / rounds / script.len() as u32
}

fn through_home(script: &[Command], matches: u128) -> Duration {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let dir = tempfile::tempdir().expect("a directory");
    runtime.block_on(async {
        let home = Home::open(Arc::new(MemoryLog::new()), dir.path(), config()).await.expect("opened");
        for number in 0..matches {
            home.create_match(new_match(number)).await.expect("created");
        }
        let began = Instant::now();
        let umpires: Vec<_> = (0..matches)
            .map(|number| {
                tokio::spawn(umpire(home.clone(), MatchId(Uuid::from_u128(number)), script.to_vec()))
            })
            .collect();
        for umpire in umpires {
            umpire.await.expect("no panic");
        }
        let took = began.elapsed();
        home.shutdown().await;
        took / (script.len() as u32 * matches as u32)
    })
}

async fn umpire(home: Home, id: MatchId, script: Vec<Command>) {
    for (number, command) in script.into_iter().enumerate() {
        let command_id = CommandId::derived(id.0, &number.to_string());
        let answer =
            home.submit(id, CommandEnvelope::new(command_id, command.into())).await.expect("decided");
        assert!(matches!(answer.verdict, Verdict::Accepted(_)));
    }
}

fn config() -> HomeConfig {
    let began = Instant::now();
    let clock = move || {
        let millis = 1_700_000_000_000 + began.elapsed().as_millis() as i64;
        Timestamp::from_millis(millis).expect("a time of this century")
    };
    HomeConfig {
        org: OrgId(Uuid::from_u128(1)),
        origin: "bench".parse().expect("a label"),
        partitions: 8,
        hot_matches: limits::HOT_MATCHES,
        clock: Arc::new(clock),
    }
}

fn new_match(number: u128) -> CreateMatch {
    let entry = |name: &str| NewEntry {
        name: None,
        players: vec![NewPlayer { name: Some(name.to_owned()), ..NewPlayer::default() }],
    };
    CreateMatch {
        id: Some(MatchId(Uuid::from_u128(number))),
        external_ids: Vec::new(),
        competition_id: None,
        category: None,
        tie_id: None,
        venue_id: None,
        table: None,
        scheduled_at: None,
        format: Format::ittf(Discipline::Singles, 5),
        sides: Both::new(entry("Ada"), entry("Bea")),
        carried_cards: Both::default(),
    }
}

fn rate(each: Duration) -> u128 {
    Duration::from_secs(1).as_nanos() / each.as_nanos().max(1)
}

fn ratio(each: Duration, yardstick: Duration) -> f64 {
    each.as_secs_f64() / yardstick.as_secs_f64()
}
