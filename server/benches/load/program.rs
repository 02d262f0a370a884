//! Servers as processes of their own: what they use can be told apart from what the load generator uses.

use crate::wire::{Wire, post};
use crate::{bare, machine, one_by_one};
use anyhow::{Context as _, ensure};
use server::demo;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

const DRUMBEAT: &str = env!("CARGO_BIN_EXE_drumbeat");

/// A server that runs; killed when dropped.
pub struct Program {
    child: Child,
    // Open as long as it runs: it may have something to say.
    _out: BufReader<ChildStdout>,
    pub address: SocketAddr,
    /// From starting the process until it said where it is.
    pub started_in: Duration,
}

impl Program {
    /// Drumbeat on an empty database.
    pub fn empty(database: &Path) -> anyhow::Result<Self> {
        Self::start(&mut serve(database))
    }

    /// Drumbeat with the demo, which lets anybody in.
    pub fn demo(database: &Path) -> anyhow::Result<Self> {
        Self::start(serve(database).arg("--demo"))
    }

    /// A bare axum handler with the answers of another server.
    pub fn bare(copied: SocketAddr) -> anyhow::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        Self::start(command.args([bare::ARGUMENT, &copied.to_string()]))
    }

    /// A bare axum handler that commits each command by itself, to a new database.
    pub fn one_by_one(database: &Path) -> anyhow::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        Self::start(command.arg(one_by_one::ARGUMENT).arg(database))
    }

    /// How long a process takes that does nothing: it prints its version.
    pub fn nothing() -> anyhow::Result<Duration> {
        let started = Instant::now();
        let output = Command::new(DRUMBEAT).arg("--version").output()?;
        ensure!(output.status.success(), "drumbeat --version failed");
        Ok(started.elapsed())
    }

    fn start(command: &mut Command) -> anyhow::Result<Self> {
        let started = Instant::now();
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut out = BufReader::new(child.stdout.take().context("it was piped")?);
        loop {
            let mut line = String::new();
            ensure!(
                out.read_line(&mut line)? > 0,
                "a server ended before it said where it is"
            );
            if let Some((_, address)) = line.trim().split_once(" is at http://") {
                let (address, started_in) = (address.parse()?, started.elapsed());
                return Ok(Self {
                    child,
                    _out: out,
                    address,
                    started_in,
                });
            }
        }
    }

    /// The process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Resident memory, bytes.
    pub fn memory_bytes(&self) -> Option<u64> {
        machine::memory_bytes(self.child.id())
    }

    /// Processor time so far.
    pub fn cpu(&self) -> Option<Duration> {
        machine::cpu(self.child.id())
    }

    /// Enters the demo as its n-th person, counted around; tells the cookie.
    pub async fn sign_in(&self, nth: usize) -> anyhow::Result<String> {
        let people = demo::people();
        let person = people[nth % people.len()].person.id;
        let form = post(
            "/sign-in",
            "application/x-www-form-urlencoded",
            "",
            &format!("person={person}"),
        );
        let mut wire = Wire::to(self.address).await?;
        let cookie = wire.exchange(&form).await?.header("set-cookie")?;
        ensure!(!cookie.is_empty(), "the door of the demo stayed shut");
        Ok(cookie.split(';').next().unwrap_or_default().to_owned())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ended_already = self.child.kill();
        let _ = self.child.wait();
    }
}

fn serve(database: &Path) -> Command {
    let mut command = Command::new(DRUMBEAT);
    command.args(["serve", "--addr", "127.0.0.1:0", "--database"]);
    command.arg(format!("sqlite://{}", database.display()));
    command.env("RUST_LOG", "warn").env_remove("DRUMBEAT_DEMO");
    // As many people would write as much between them.
    command.env("DRUMBEAT_COMMANDS_PER_MINUTE", "1000000000");
    command
}
