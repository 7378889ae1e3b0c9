//! Long-running children: started, waited for until they answer, and always stopped.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

const POLL: Duration = Duration::from_millis(50);
const READY_WITHIN: Duration = Duration::from_secs(30);
const STOP_WITHIN: Duration = Duration::from_secs(10);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// A child process that is stopped when this goes out of scope: asked first, killed after ten seconds.
pub struct Running {
    name: &'static str,
    child: Child,
}

impl Running {
    pub fn start(name: &'static str, command: &mut Command) -> Result<Self> {
        let child = command.stdin(Stdio::null()).spawn().with_context(|| format!("cannot start {name}"))?;
        Ok(Self { name, child })
    }

    /// The exit status, if the child has ended by itself.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    /// Waits until `GET /readyz` answers 200.
    pub fn wait_until_ready(&mut self, address: SocketAddr) -> Result<()> {
        self.wait_until(address, "/readyz", READY_WITHIN)
    }

    /// Waits until `GET` of a path answers 200.
    pub fn wait_until(&mut self, address: SocketAddr, path: &str, within: Duration) -> Result<()> {
        self.wait_for(&format!("http://{address}{path}"), within, || is_ready(address, path))
    }

    /// Waits until connections are accepted.
    pub fn wait_until_listening(&mut self, address: SocketAddr) -> Result<()> {
        let listens = || TcpStream::connect_timeout(&address, CONNECT_TIMEOUT).is_ok();
        self.wait_for(&address.to_string(), READY_WITHIN, listens)
    }

    fn wait_for(&mut self, place: &str, within: Duration, ready: impl Fn() -> bool) -> Result<()> {
        let deadline = Instant::now() + within;
        while !ready() {
            if let Some(status) = self.ended()? {
                bail!("{} ended before it was ready ({status})", self.name);
            }
            if Instant::now() > deadline {
                bail!("{} was not ready at {place} within {} s", self.name, within.as_secs());
            }
            thread::sleep(POLL);
        }
        Ok(())
    }

    /// Sends a signal such as `-STOP`.
    pub fn signal(&self, signal: &str) -> Result<()> {
        // The standard library can only kill; `kill` is on every Unix.
        let sent = Command::new("kill").args([signal, &self.child.id().to_string()]).status()?;
        if !sent.success() {
            bail!("{} cannot be sent {signal}", self.name);
        }
        Ok(())
    }

    /// Kills the child, which hears nothing of it.
    pub fn kill(mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Asks the child to end and waits; an exit status other than zero is an error.
    pub fn stop(self) -> Result<()> {
        self.stop_within(STOP_WITHIN)
    }

    /// The same for a child that may need so long.
    pub fn stop_within(mut self, limit: Duration) -> Result<()> {
        match self.end(limit)? {
            status if status.success() => Ok(()),
            status => bail!("{} did not stop cleanly ({status})", self.name),
        }
    }

    fn end(&mut self, limit: Duration) -> Result<ExitStatus> {
        if let Some(status) = self.ended()? {
            return Ok(status);
        }
        let asked = self.signal("-TERM");
        let deadline = Instant::now() + limit;
        while asked.is_ok() && Instant::now() < deadline {
            if let Some(status) = self.ended()? {
                return Ok(status);
            }
            thread::sleep(POLL);
        }
        self.child.kill()?;
        Ok(self.child.wait()?)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Err(error) = self.end(STOP_WITHIN) {
            eprintln!("xtask: cannot stop {}: {error:#}", self.name);
        }
    }
}

/// A port of the loopback address that was free a moment ago.
pub fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?)
}

/// Listeners on so many free ports of the loopback address.
pub fn free_listeners(count: usize) -> Result<Vec<TcpListener>> {
    (0..count).map(|_| Ok(TcpListener::bind(("127.0.0.1", 0))?)).collect()
}

fn is_ready(address: SocketAddr, path: &str) -> bool {
    let answer = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect_timeout(&address, CONNECT_TIMEOUT)?;
        stream.set_read_timeout(Some(CONNECT_TIMEOUT))?;
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
        let mut head = [0; 12];
        stream.read_exact(&mut head)?;
        Ok(head.starts_with(b"HTTP/1.1 200"))
    };
    answer().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_that_ends_early_is_told_apart_from_a_slow_one() {
        let mut child = Running::start("false", &mut Command::new("false")).unwrap();
        let error = child.wait_until_ready(free_address().unwrap()).unwrap_err();
        assert!(error.to_string().contains("ended before it was ready"), "{error}");
    }

    #[test]
    fn a_child_is_asked_to_stop() {
        let child = Running::start("sleep", Command::new("sleep").arg("60")).unwrap();
        let error = child.stop().unwrap_err();
        assert!(error.to_string().contains("did not stop cleanly (signal: 15"), "{error}");
    }
}
