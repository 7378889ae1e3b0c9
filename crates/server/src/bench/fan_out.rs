//! What the machine alone takes to hand the same bytes to many sockets: the floor under many subscribers.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context as _;

/// Bytes of one message: about an event of a match with the match after it, as a stream sends it.
pub const MESSAGE_BYTES: usize = 2_300;

/// Connections on this machine, each with a thread that reads, as the measured streams have.
pub struct FanOut {
    writers: Vec<TcpStream>,
    arrivals: Receiver<Instant>,
}

impl FanOut {
    /// Opens so many connections, whose threads end with them.
    pub fn open(connections: u32) -> anyhow::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let (arrived, arrivals) = channel();
        let mut writers = Vec::new();
        for _ in 0..connections {
            let writer = TcpStream::connect(listener.local_addr()?)?;
            writer.set_nodelay(true)?;
            writers.push(writer);
            let (mut reader, arrived) = (listener.accept()?.0, arrived.clone());
            let read = move || {
                let mut bytes = [0; MESSAGE_BYTES];
                while reader.read_exact(&mut bytes).is_ok() && arrived.send(Instant::now()).is_ok() {}
            };
            thread::Builder::new().stack_size(256 * 1024).spawn(read)?;
        }
        Ok(FanOut { writers, arrivals })
    }

    /// One message to all, written one after another: when each has it, from the start of the first write on.
    pub fn round(&mut self) -> anyhow::Result<Vec<Duration>> {
        let message = [7; MESSAGE_BYTES];
        let began = Instant::now();
        for writer in &mut self.writers {
            writer.write_all(&message)?;
        }
        let arrivals = self.writers.iter().map(|_| self.arrivals.recv().context("a reader ended"));
        arrivals.map(|at| Ok(at?.saturating_duration_since(began))).collect()
    }
}
