//! What the figures were measured on, and what of it a process uses.

use std::path::Path;
use std::time::Duration;

/// In `/proc`, whatever the kernel's own.
const TICKS_PER_S: u64 = 100;

/// One line: cores, how busy they were before, and where the databases are.
pub fn described(folder: &Path) -> String {
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let model = after("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown".to_owned());
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or("unknown");
    format!(
        "{cores} cores ({model}), shared by servers and load generator; load {load} before; databases in {}",
        folder.display()
    )
}

/// How many files and sockets this process, and each that it starts, may have open.
pub fn open_files_max() -> Option<usize> {
    after("/proc/self/limits", "Max open files")?
        .split_whitespace()
        .next()?
        .parse()
        .ok()
}

/// Resident memory of a process, bytes.
pub fn memory_bytes(process: u32) -> Option<u64> {
    let resident = after(&format!("/proc/{process}/status"), "VmRSS:")?;
    Some(resident.split_whitespace().next()?.parse::<u64>().ok()? * 1024)
}

/// What a process has used of the processors so far.
pub fn cpu(process: u32) -> Option<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name stands in parentheses and may hold anything; 12th and 13th after it are user and system time.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace().skip(11).map(str::parse::<u64>);
    let ticks = fields.next()?.ok()? + fields.next()?.ok()?;
    Some(Duration::from_millis(ticks * 1_000 / TICKS_PER_S))
}

/// The rest of the first line that begins so.
fn after(file: &str, start: &str) -> Option<String> {
    let text = std::fs::read_to_string(file).ok()?;
    let rest = text.lines().find_map(|line| line.strip_prefix(start))?;
    Some(rest.trim_start_matches([' ', '\t', ':']).to_owned())
}
