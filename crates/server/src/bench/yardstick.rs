//! What the machine alone takes: one durable write, one loopback round trip.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

/// Bytes of one write: about a commit of one point (command, event, snapshot and dedupe entry).
pub const WRITE_BYTES: usize = 2 * 1024;

/// A file whose space is there, so that a sync writes data and no length, as the log's segments do.
const FILE_BYTES: usize = 16 * 1024 * 1024;

/// A file to write durably to.
pub struct Disk {
    file: File,
    written: usize,
}

impl Disk {
    /// A file in the directory that the log is in.
    pub fn open(dir: &Path) -> std::io::Result<Self> {
        let mut file = File::create(dir.join("yardstick"))?;
        let block = vec![0_u8; 1024 * 1024];
        for _ in 0..FILE_BYTES / block.len() {
            file.write_all(&block)?;
        }
        file.sync_all()?;
        std::io::Seek::rewind(&mut file)?;
        Ok(Disk { file, written: 0 })
    }

    /// One write and its `fdatasync`.
    pub fn write(&mut self) -> std::io::Result<Duration> {
        if self.written + WRITE_BYTES > FILE_BYTES {
            std::io::Seek::rewind(&mut self.file)?;
            self.written = 0;
        }
        let began = Instant::now();
        self.file.write_all(&[7; WRITE_BYTES])?;
        self.file.sync_data()?;
        self.written += WRITE_BYTES;
        Ok(began.elapsed())
    }
}

/// A connection to an echo on this machine.
pub struct Loopback(TcpStream);

impl Loopback {
    /// Starts the echo, which ends with the connection.
    pub fn open() -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let stream = TcpStream::connect(listener.local_addr()?)?;
        stream.set_nodelay(true)?;
        let (mut echo, _) = listener.accept()?;
        echo.set_nodelay(true)?;
        thread::spawn(move || {
            let mut bytes = [0; 256];
            while echo.read_exact(&mut bytes).is_ok() && echo.write_all(&bytes).is_ok() {}
        });
        Ok(Loopback(stream))
    }

    /// One round trip.
    pub fn round_trip(&mut self) -> std::io::Result<Duration> {
        let mut bytes = [7; 256];
        let began = Instant::now();
        self.0.write_all(&bytes)?;
        self.0.read_exact(&mut bytes)?;
        Ok(began.elapsed())
    }
}
