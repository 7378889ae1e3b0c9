//! What a process has cost so far, where the system says so (Linux).

use std::fs;
use std::path::Path;

use anyhow::Context as _;

use super::start::memory;

/// User and system time of all threads of a process, seconds.
pub fn cpu_seconds(process: u32) -> anyhow::Result<f64> {
    // The fields behind the name, which is in parentheses and may hold spaces: proc_pid_stat(5), 14 and 15 in all.
    let path = format!("/proc/{process}/stat");
    let stat = fs::read_to_string(&path)?;
    let (_, fields) = stat.rsplit_once(')').with_context(|| path.clone())?;
    let ticks = fields.split_whitespace().skip(11).take(2).map(str::parse::<u64>);
    let ticks = ticks.sum::<Result<u64, _>>().context(path)?;
    // USER_HZ is 100 on every Linux.
    Ok(ticks as f64 / 100.0)
}

/// The most memory that a process has had at once, MiB.
pub fn peak_mebibytes(process: u32) -> anyhow::Result<u64> {
    let peak = memory(process, "VmHWM:").with_context(|| format!("/proc/{process}/status"))?;
    Ok(peak / (1024 * 1024))
}

/// What the files under a folder hold, bytes.
pub fn bytes_in(folder: &Path) -> anyhow::Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let about = entry.metadata()?;
        bytes += if about.is_dir() { bytes_in(&entry.path())? } else { about.len() };
    }
    Ok(bytes)
}
