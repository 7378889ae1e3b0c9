//! Just enough HTTP for measuring: a connection that posts, and one that follows a stream.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Instant;

use anyhow::{Context as _, bail};
use serde_json::Value;

/// A connection that stays open.
pub struct Connection {
    stream: BufReader<TcpStream>,
    address: SocketAddr,
}

impl Connection {
    /// Connects.
    pub fn open(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).context("connecting")?;
        stream.set_nodelay(true)?;
        Ok(Connection { stream: BufReader::new(stream), address })
    }

    /// Posts JSON and returns the answer's.
    pub fn post(&mut self, path: &str, body: &Value) -> anyhow::Result<Value> {
        let body = body.to_string();
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        );
        self.stream.get_mut().write_all(request.as_bytes())?;
        let (status, length) = self.head()?;
        let mut answer = vec![0; length.context("an answer without a length")?];
        self.stream.read_exact(&mut answer)?;
        if !(200..300).contains(&status) {
            bail!("{path}: {status} {}", String::from_utf8_lossy(&answer));
        }
        Ok(serde_json::from_slice(&answer)?)
    }

    /// Whether the server says that it is ready.
    pub fn ready(mut self) -> anyhow::Result<bool> {
        let request = format!("GET /readyz HTTP/1.1\r\nhost: {}\r\n\r\n", self.address);
        self.stream.get_mut().write_all(request.as_bytes())?;
        Ok(self.head()?.0 == 200)
    }

    /// Follows a match; `arrived` is told the position and time of each event until it says that it was the last.
    pub fn follow(mut self, id: &str, mut arrived: impl FnMut(u64, Instant) -> Wanted) -> anyhow::Result<()> {
        let request = format!("GET /v1/matches/{id}/live HTTP/1.1\r\nhost: {}\r\n\r\n", self.address);
        self.stream.get_mut().write_all(request.as_bytes())?;
        let (status, _) = self.head()?;
        anyhow::ensure!(status == 200, "the stream was refused: {status}");
        let mut line = Vec::new();
        let mut at = 0;
        loop {
            line.clear();
            if self.stream.read_until(b'\n', &mut line)? == 0 {
                bail!("the stream ended early");
            }
            if let Some(place) = line.strip_prefix(b"id: 1-") {
                at = std::str::from_utf8(place)?.trim().parse()?;
            } else if line.starts_with(b"data: {\"event\"") || line.starts_with(b"data: {\"id\"") {
                match arrived(at, Instant::now()) {
                    Wanted::More => {}
                    Wanted::NoMore => return Ok(()),
                }
            }
        }
    }

    fn head(&mut self) -> anyhow::Result<(u16, Option<usize>)> {
        let mut line = String::new();
        self.stream.read_line(&mut line)?;
        let status = line.split(' ').nth(1).and_then(|text| text.parse().ok()).context("no status")?;
        let mut length = None;
        loop {
            line.clear();
            self.stream.read_line(&mut line)?;
            let header = line.trim_end();
            if header.is_empty() {
                return Ok((status, length));
            }
            if let Some((name, value)) = header.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().ok();
            }
        }
    }
}

/// Whether a follower goes on.
pub enum Wanted {
    /// It does.
    More,
    /// That was the last.
    NoMore,
}
