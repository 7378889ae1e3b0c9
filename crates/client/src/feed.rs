//! The loop between a session and its connection.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher as _, Hasher as _};
use std::io;
use std::net::{TcpStream, ToSocketAddrs as _};
use std::time::{Duration, Instant};

use topspin_event::MatchId;
use topspin_feed::client::{Action, Doubt, Known, Notice, Session, Wanted};
use topspin_feed::{Hello, PROTOCOL};
use tungstenite::{Message, WebSocket, client};

use crate::address::{Address, AddressError};
use crate::fill;
use crate::limits::{CONNECT, FILL, WRITE};

/// Subscriptions that are kept up over as many connections as it takes.
pub struct Feed {
    address: Address,
    session: Session,
    socket: Option<WebSocket<TcpStream>>,
    agent: ureq::Agent,
    began: Instant,
}

impl Feed {
    /// A feed of a server at `http://host:port`, with subscriptions numbered from 1. Nothing is connected before
    /// the first notice is asked for. `client` is what the server's operators see.
    ///
    /// # Errors
    /// [`AddressError`] if that is no address.
    pub fn open(url: &str, client: &str, wanted: Vec<Wanted>) -> Result<Self, AddressError> {
        let hello =
            Hello { protocol: PROTOCOL.to_owned(), client: Some(client.to_owned()), ..Hello::default() };
        // A seed that differs between clients, from the standard library's own random keys.
        let seed = RandomState::new().build_hasher().finish();
        let agent = ureq::Agent::config_builder().timeout_global(Some(FILL)).build().new_agent();
        Ok(Feed {
            address: Address::parse(url)?,
            session: Session::new(hello, wanted, seed, Duration::ZERO),
            socket: None,
            agent,
            began: Instant::now(),
        })
    }

    /// The next notice, if one comes in time.
    pub fn next_within(&mut self, time: Duration) -> Option<Notice> {
        let deadline = self.now() + time;
        loop {
            if let Some(action) = self.session.poll() {
                if let Some(notice) = self.act(action) {
                    return Some(notice);
                }
                continue;
            }
            let now = self.now();
            if now >= deadline {
                return None;
            }
            let until = self.session.wake_at().map_or(deadline, |at| at.min(deadline));
            self.wait(until.saturating_sub(now));
            self.session.tick(self.now());
        }
    }

    /// What is known of a match.
    pub fn known(&self, subscription: u32, id: MatchId) -> Option<&Known> {
        self.session.known(subscription, id)
    }

    /// Why a match should not be relied on; `None` if what is held of it is complete.
    pub fn doubt(&self, subscription: u32, id: MatchId) -> Option<Doubt> {
        self.session.doubt(subscription, id)
    }

    /// The matches of a subscription.
    pub fn matches(&self, subscription: u32) -> impl Iterator<Item = MatchId> {
        self.session.matches(subscription)
    }

    fn now(&self) -> Duration {
        self.began.elapsed()
    }

    fn act(&mut self, action: Action) -> Option<Notice> {
        match action {
            Action::Show(notice) => return Some(notice),
            Action::Connect => match connect(&self.address) {
                Ok(socket) => {
                    self.socket = Some(socket);
                    self.session.connected(self.now());
                }
                Err(_) => self.session.disconnected(self.now()),
            },
            Action::Disconnect => self.socket = None,
            Action::Send(text) => {
                let sent = self.socket.as_mut().map(|socket| socket.send(Message::text(text)));
                if matches!(sent, Some(Err(_))) {
                    self.lose();
                }
            }
            Action::Fill { subscription, match_id, range } => {
                match fill::read(&self.agent, &self.address, match_id, range.from, range.to) {
                    Ok(events) => self.session.filled(subscription, match_id, events),
                    Err(_) => self.session.not_filled(subscription, match_id),
                }
            }
        }
        None
    }

    fn lose(&mut self) {
        self.socket = None;
        self.session.disconnected(self.now());
    }

    /// Takes what comes within a time, or lets it pass.
    fn wait(&mut self, time: Duration) {
        // A socket takes no time-out of zero.
        let time = time.max(Duration::from_millis(1));
        let Some(socket) = &mut self.socket else { return std::thread::sleep(time) };
        if socket.get_ref().set_read_timeout(Some(time)).is_err() {
            return self.lose();
        }
        match socket.read() {
            Ok(Message::Text(text)) => self.session.receive(&text, self.began.elapsed()),
            Ok(Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => {}
            Err(tungstenite::Error::Io(error)) if is_timeout(&error) => {}
            Ok(Message::Close(_)) | Err(_) => self.lose(),
        }
    }
}

/// Notices without end: waits for the next, over broken connections too.
impl Iterator for Feed {
    type Item = Notice;

    fn next(&mut self) -> Option<Notice> {
        loop {
            if let Some(notice) = self.next_within(Duration::from_hours(1)) {
                return Some(notice);
            }
        }
    }
}

fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)
}

fn connect(address: &Address) -> Result<WebSocket<TcpStream>, tungstenite::Error> {
    let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for candidate in address.authority.to_socket_addrs()? {
        match TcpStream::connect_timeout(&candidate, CONNECT) {
            Ok(stream) => {
                stream.set_nodelay(true)?;
                stream.set_read_timeout(Some(CONNECT))?;
                stream.set_write_timeout(Some(WRITE))?;
                let shaken = client(address.feed(), stream);
                return shaken.map(|(socket, _)| socket).map_err(|error| match error {
                    tungstenite::HandshakeError::Failure(error) => error,
                    tungstenite::HandshakeError::Interrupted(_) => {
                        tungstenite::Error::Io(io::ErrorKind::TimedOut.into())
                    }
                });
            }
            Err(error) => last = error,
        }
    }
    Err(last.into())
}
