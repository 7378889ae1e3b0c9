//! A consumer of the feed, while the network breaks and the server is killed.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;
use topspin_client::{Doubt, Feed, Kind, Notice, Selection, Wanted};
use topspin_event::MatchId;
use uuid::Uuid;

use crate::server::{Server, get};
use crate::views::{play, press};

/// Long enough for anything that is not broken.
const ENOUGH: Duration = Duration::from_mins(1);
/// Before the first press: created, chosen, started.
const BEGUN: u64 = 3;

fn open(url: &str, to: Selection) -> Feed {
    let wanted = Wanted { to, kinds: Kind::ALL.to_vec() };
    Feed::open(url, "test", vec![wanted]).expect("an address")
}

fn match_id(id: &str) -> MatchId {
    MatchId(Uuid::parse_str(id).expect("an id"))
}

/// Reads until a match is complete at a position.
fn until(feed: &mut Feed, id: MatchId, seq: u64) -> Vec<Notice> {
    let (mut notices, began) = (Vec::new(), Instant::now());
    loop {
        let at = feed.known(1, id).and_then(|known| known.events.min(known.state_at));
        if at.is_some_and(|at| at.seq.0 == seq) && feed.doubt(1, id).is_none() {
            return notices;
        }
        let doubt = feed.doubt(1, id);
        assert!(began.elapsed() < ENOUGH, "{id} is at {at:?}, not {seq}: {doubt:?}");
        notices.extend(feed.next_within(Duration::from_millis(50)));
    }
}

/// What the server says now is what the consumer holds.
fn agrees(feed: &Feed, server: &Server, id: MatchId) {
    let truth = get(server, &format!("/v1/matches/{id}"));
    let known = feed.known(1, id).expect("it is held");
    assert_eq!(known.state.as_ref(), Some(&truth["state"]));
    assert_eq!(known.chain.expect("a chain").to_string(), truth["chain"].as_str().expect("a chain"));
}

/// Every event of a match was shown once, in order, since it was last begun anew; how often the connection was lost.
fn whole(notices: &[Notice]) -> usize {
    let (mut last, mut lost) = (BTreeMap::new(), 0);
    for notice in notices {
        match notice {
            Notice::Event { match_id, at, .. } => {
                let before: Option<u64> = last.insert(*match_id, at.seq.0);
                assert!(before.is_none_or(|before| before + 1 == at.seq.0), "{before:?}, then {}", at.seq.0);
            }
            Notice::Reset { .. } => last.clear(),
            Notice::Suspend { doubt: Doubt::Disconnected, .. } => lost += 1,
            _ => {}
        }
    }
    lost
}

/// Passes bytes on to whoever serves now, and breaks every connection after so many of them.
struct Proxy {
    url: String,
    target: Arc<Mutex<String>>,
}

impl Proxy {
    fn to(url: &str, at_most: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a socket");
        let address = listener.local_addr().expect("an address");
        let target = Arc::new(Mutex::new(authority(url)));
        let proxy = Proxy { url: format!("http://{address}"), target: Arc::clone(&target) };
        thread::spawn(move || {
            for client in listener.incoming() {
                let to = target.lock().expect("not poisoned").clone();
                let (Ok(client), Ok(server)) = (client, TcpStream::connect(to)) else { continue };
                let copies = (client.try_clone().expect("a handle"), server.try_clone().expect("a handle"));
                thread::spawn(move || pass(copies.0, server, usize::MAX));
                thread::spawn(move || pass(copies.1, client, at_most));
            }
        });
        proxy
    }

    fn now_to(&self, url: &str) {
        *self.target.lock().expect("not poisoned") = authority(url);
    }
}

fn authority(url: &str) -> String {
    url.trim_start_matches("http://").to_owned()
}

fn pass(mut from: TcpStream, mut to: TcpStream, at_most: usize) {
    let (mut buffer, mut passed) = ([0; 512], 0);
    while let Ok(read @ 1..) = from.read(&mut buffer) {
        let fits = read.min(at_most - passed);
        if to.write_all(&buffer[..fits]).is_err() || fits < read {
            break;
        }
        passed += fits;
    }
    // One of them is closed already.
    let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
}

/// A point and its undoing, so that it never ends.
fn turn(server: &Server, id: &str, number: u64) {
    let command = if number.is_multiple_of(2) {
        json!({ "type": "point", "to": "home" })
    } else {
        json!({ "type": "undo" })
    };
    press(server, id, &command);
}

#[test]
fn a_feed_begins_with_the_match_and_follows_it_to_the_same_state() {
    let data = tempfile::tempdir().expect("a directory");
    let server = Server::start(data.path(), &["--open"]);
    let id = play(&server, 1, ["Ada", "Bo"], "");
    let of = match_id(&id);
    let mut feed = open(&server.url, Selection::one(of));
    let begun = until(&mut feed, of, BEGUN);
    assert!(begun.iter().any(|notice| matches!(notice, Notice::Snapshot { .. })), "{begun:?}");
    for number in 0..4 {
        turn(&server, &id, number);
    }
    let notices = until(&mut feed, of, BEGUN + 4);
    let seqs = notices.iter().filter_map(|notice| match notice {
        Notice::Event { at, .. } => Some(at.seq.0),
        _ => None,
    });
    assert_eq!(seqs.collect::<Vec<_>>(), [4, 5, 6, 7]);
    let corrected = |notice: &Notice| matches!(notice, Notice::Corrected { from_seq, .. } if from_seq.0 == 4);
    assert!(notices.iter().any(corrected), "{notices:?}");
    agrees(&feed, &server, of);
    assert_eq!(server.terminate(), Some(0));
}

#[test]
fn a_feed_over_a_network_that_keeps_breaking_shows_every_event_once() {
    const TURNS: u64 = 60;
    let data = tempfile::tempdir().expect("a directory");
    let server = Server::start(data.path(), &["--open"]);
    let ids = [play(&server, 1, ["Ada", "Bo"], ""), play(&server, 2, ["Cy", "Dee"], "")];
    let proxy = Proxy::to(&server.url, 25_000);
    let mut feed = open(&proxy.url, Selection::default());
    let mut notices = until(&mut feed, match_id(&ids[0]), BEGUN);
    thread::scope(|scope| {
        scope.spawn(|| {
            for (number, id) in (0..TURNS).flat_map(|number| ids.iter().map(move |id| (number, id))) {
                turn(&server, id, number);
            }
        });
        for id in &ids {
            notices.extend(until(&mut feed, match_id(id), BEGUN + TURNS));
        }
    });
    assert!(whole(&notices) > 1, "the network did not break");
    for id in &ids {
        agrees(&feed, &server, match_id(id));
    }
}

#[test]
fn a_feed_goes_on_where_it_was_when_its_server_is_killed() {
    let data = tempfile::tempdir().expect("a directory");
    let mut server = Server::start(data.path(), &["--open"]);
    let id = play(&server, 1, ["Ada", "Bo"], "");
    let of = match_id(&id);
    let proxy = Proxy::to(&server.url, usize::MAX);
    let mut feed = open(&proxy.url, Selection::default());
    let mut notices = until(&mut feed, of, BEGUN);
    let mut turns = 0;
    for _ in 0..3 {
        for _ in 0..4 {
            turn(&server, &id, turns);
            turns += 1;
        }
        // Some of it was received, and some not, when the server dies.
        notices.extend(feed.next_within(Duration::from_millis(20)));
        server.kill();
        server = Server::start(data.path(), &["--open"]);
        proxy.now_to(&server.url);
        turn(&server, &id, turns);
        turns += 1;
        notices.extend(until(&mut feed, of, BEGUN + turns));
        agrees(&feed, &server, of);
    }
    assert!(whole(&notices) >= 3, "it was never lost");
    let resets = notices.iter().filter(|notice| matches!(notice, Notice::Reset { .. })).count();
    assert!(resets <= 1, "it began anew {resets} times instead of going on");
}
