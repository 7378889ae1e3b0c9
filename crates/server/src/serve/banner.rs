//! What the server says when it starts.

use std::fs;
use std::io::{IsTerminal as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use super::settings::Settings;
use crate::node::token_file;

/// Tells people where to go. The token is shown on a terminal only.
pub fn show(settings: &Settings, address: SocketAddr) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    let base = format!("http://{}", reachable(address));
    let panel = if settings.open { String::new() } else { fragment(settings) };
    writeln!(out, "Topspin {}", env!("CARGO_PKG_VERSION"))?;
    writeln!(out, "  Live matches    {base}/")?;
    writeln!(out, "  Boards          {base}/board")?;
    writeln!(out, "  Umpire's panel  {base}/umpire{panel}")?;
    writeln!(out, "  API             {base}/docs")?;
    writeln!(out, "  Data            {}", settings.data.display())?;
    if settings.open {
        writeln!(out, "\n  OPEN: everybody who can reach {address} can score, create and change matches.")?;
    } else {
        writeln!(out, "  Token           {} (writing needs it)", token_path(settings).display())?;
    }
    if address.ip().is_loopback() {
        writeln!(
            out,
            "\n  Only this machine can reach it. For the tablets of the hall: --listen 0.0.0.0:{}",
            address.port()
        )?;
    } else {
        writeln!(out, "\n  Tablets reach it at http://<this machine's address>:{}/umpire", address.port())?;
    }
    out.flush()
}

fn fragment(settings: &Settings) -> String {
    if !std::io::stdout().is_terminal() {
        return String::new();
    }
    fs::read_to_string(token_path(settings))
        .map_or_else(|_| String::new(), |token| format!("#token={}", token.trim()))
}

fn token_path(settings: &Settings) -> PathBuf {
    settings.token_file.clone().unwrap_or_else(|| token_file(&settings.data))
}

/// An address that a browser on this machine can open.
fn reachable(address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        return SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), address.port());
    }
    address
}
