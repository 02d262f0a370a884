//! Durable pushes: an acknowledged one is on disk.

use crate::commands::{declare, entry, envelope};
use crate::machine;
use crate::one_by_one::OneByOne;
use crate::program::Program;
use crate::table::{Table, count, median, ms, none, percentile, say, us};
use crate::wire::{Wire, post};
use anyhow::{Context as _, ensure};
use app::api::{Outcome, Pulled, Pushed};
use domain::{Actor, Envelope, IncidentId, Policy};
use server::clock::ServerClock;
use server::demo;
use server::log::Log;
use server::store::{SqliteStore, Store};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// How many write at once, and how many commands at most they send together in a round.
const LEVELS: [(usize, usize); 3] = [(1, 200), (10, 1_500), (100, 5_000)];
const ROUND_MAX: Duration = Duration::from_secs(1);
/// Subjects and baseline take turns, so that what else the machine does falls on all.
const ROUNDS: usize = 3;
/// A room with thousands of lines would measure the room.
const INCIDENTS: usize = 20;
/// After the end of any log: the answer then holds nothing of what others wrote.
const AFTER_ALL: u64 = u32::MAX as u64;

/// Somebody who writes, and by what way.
enum Writer {
    /// As browsers do, over a connection and with a session of their own.
    Http {
        wire: Wire,
        cookie: Arc<str>,
        since: u64,
        /// The version of the list of people that it holds: an answer then need not hold them.
        people: Option<u64>,
    },
    /// The same log without HTTP.
    Process { log: Log, actor: Actor },
    /// The baseline without HTTP.
    OneByOne(OneByOne),
}

impl Writer {
    /// Returns how long it took until the command was known to be on disk.
    async fn push(&mut self, envelope: Envelope) -> anyhow::Result<Duration> {
        match self {
            Self::Http {
                wire,
                cookie,
                since,
                people,
            } => {
                let body =
                    serde_json::json!({ "since": since, "people": people, "commands": [envelope] });
                let body = body.to_string();
                let request = post("/sync/push", "application/json", cookie, &body);
                let begun = Instant::now();
                let answer = wire.exchange(&request).await?.ok()?;
                let took = begun.elapsed();
                // Not timed, but waited for: a browser, too, reads before it asks again.
                if *since < AFTER_ALL {
                    let pushed: Pushed = serde_json::from_str(&answer.text()?)?;
                    *since = pushed.pulled.events.last().map_or(*since, |e| e.seq);
                }
                Ok(took)
            }
            Self::Process { log, actor } => {
                let begun = Instant::now();
                let answers = log.push(actor.clone(), vec![envelope]).await?;
                let took = begun.elapsed();
                ensure!(
                    answers.iter().all(|a| a.outcome == Outcome::Accepted),
                    "refused: {answers:?}"
                );
                Ok(took)
            }
            Self::OneByOne(one_by_one) => {
                let begun = Instant::now();
                one_by_one.commit(&envelope).await?;
                Ok(begun.elapsed())
            }
        }
    }

    /// How many events are on disk.
    async fn head(&mut self) -> anyhow::Result<usize> {
        match self {
            Self::Http { wire, cookie, .. } => {
                Ok(usize::try_from(pulled(wire, cookie).await?.head)?)
            }
            Self::Process { log, .. } => Ok(usize::try_from(log.head())?),
            Self::OneByOne(one_by_one) => Ok(usize::try_from(one_by_one.count().await?)?),
        }
    }
}

/// Writers of one kind, and what they came to over all rounds.
struct Side {
    label: String,
    writers: Vec<Writer>,
    /// Whose processor time it is: the server's, or this process's where there is no HTTP. Its commands are made
    /// before that is looked at.
    process: u32,
    per_s: Vec<f64>,
    took: Vec<Duration>,
    cpu: Option<Duration>,
}

pub async fn measure(folder: &Path) -> anyhow::Result<()> {
    let program = Program::demo(&folder.join("pushes.db"))?;
    let log = log(&folder.join("log.db")).await?;
    let plain_program = Program::one_by_one(&folder.join("plain-http.db"))?;
    let plain = OneByOne::open(&folder.join("plain.db")).await?;
    let mut table = Table::new(
        "DURABLE PUSHES, one command each (budget with 100 writers: p99 50 ms; the baseline is one fsync each)",
        [
            "pushes/s",
            "p50 ms",
            "p99 ms",
            "× baseline",
            "server CPU µs/push",
        ],
    );
    for (writers, pushes) in LEVELS {
        let who = format!(
            "{writers} {}",
            if writers == 1 { "writer" } else { "writers" }
        );
        let mut over = over_http(&program, writers, AFTER_ALL).await?;
        let head = u64::try_from(over[0].head().await?)?;
        let served = program.id();
        let mut http = vec![Side::new(format!("{who}, over HTTP"), served, over)];
        if writers > 1 {
            let label = format!("{who}, over HTTP, each answer with what others wrote");
            let told = over_http(&program, writers, head).await?;
            http.push(Side::new(label, served, told));
        }
        http.push(Side::new(
            format!("baseline: {who}, over HTTP, one fsynced SQLite transaction per command"),
            plain_program.id(),
            over_http_one_by_one(&plain_program, writers).await?,
        ));
        let process = || Writer::Process {
            log: log.clone(),
            actor: demo::people()[0].person.to_ref(),
        };
        let plain = || Writer::OneByOne(plain.clone());
        let direct = vec![
            Side::new(
                format!("{who}, without HTTP"),
                std::process::id(),
                (0..writers).map(|_| process()).collect(),
            ),
            Side::new(
                format!("baseline: {who}, without HTTP, one such transaction per command"),
                std::process::id(),
                (0..writers).map(|_| plain()).collect(),
            ),
        ];
        // The last of each is the baseline of the others.
        let mut compared = [http, direct];
        for _ in 0..ROUNDS {
            for side in compared.iter_mut().flatten() {
                side.round(pushes).await?;
            }
        }
        for mut sides in compared {
            let baseline = sides.pop().context("there is a baseline")?;
            for side in sides {
                side.row(Some(&baseline.per_s), &mut table);
            }
            baseline.row(None, &mut table);
        }
    }
    say(&table.to_string());
    log.shutdown().await;
    Ok(())
}

impl Side {
    fn new(label: String, process: u32, writers: Vec<Writer>) -> Self {
        Self {
            label,
            writers,
            process,
            per_s: Vec::new(),
            took: Vec::new(),
            cpu: None,
        }
    }

    fn row(mut self, baseline: Option<&[f64]>, table: &mut Table) {
        let times = baseline.map_or_else(none, |baseline| {
            let times = self
                .per_s
                .iter()
                .zip(baseline)
                .map(|(ours, base)| ours / base);
            format!("{:.1}", median(times.collect()))
        });
        self.took.sort();
        let [p50, p99] = [0.5, 0.99].map(|part| ms(percentile(&self.took, part)));
        let pushes = u32::try_from(self.took.len()).unwrap_or(u32::MAX).max(1);
        let cpu = self.cpu.map_or_else(none, |cpu| us(cpu / pushes));
        let per_s = count(median(self.per_s));
        table.row(&self.label, [per_s, p50, p99, times, cpu]);
    }

    /// All write until so many commands are sent or the time is over.
    async fn round(&mut self, pushes: usize) -> anyhow::Result<()> {
        let first = self.writers.first_mut().context("somebody writes")?;
        let mut incidents: Vec<IncidentId> = Vec::with_capacity(INCIDENTS);
        for _ in 0..INCIDENTS {
            let declared = declare();
            incidents.push(declared.incident);
            first.push(declared).await?;
        }
        let before = first.head().await?;
        // What the others' rounds wrote is not read now.
        for writer in &mut self.writers {
            if let Writer::Http { since, .. } = writer
                && *since < AFTER_ALL
            {
                *since = u64::try_from(before)?;
            }
        }
        let made = (0..pushes).map(|n| envelope(incidents[n % INCIDENTS], entry()));
        let waiting = Arc::new(Mutex::new(made.collect::<Vec<_>>()));
        let (cpu, begun) = (machine::cpu(self.process), Instant::now());
        let mut at_work = JoinSet::new();
        for mut writer in self.writers.drain(..) {
            let waiting = Arc::clone(&waiting);
            at_work.spawn(async move {
                let mut took = Vec::new();
                let take = || {
                    let mut waiting = waiting.lock().unwrap_or_else(PoisonError::into_inner);
                    waiting.pop().filter(|_| begun.elapsed() < ROUND_MAX)
                };
                while let Some(envelope) = take() {
                    took.push(writer.push(envelope).await?);
                }
                anyhow::Ok((writer, took))
            });
        }
        let mut acknowledged = 0;
        while let Some(done) = at_work.join_next().await {
            let (writer, mut took) = done??;
            acknowledged += took.len();
            self.took.append(&mut took);
            self.writers.push(writer);
        }
        self.per_s
            .push(acknowledged as f64 / begun.elapsed().as_secs_f64());
        if let (Some(before), Some(after)) = (cpu, machine::cpu(self.process)) {
            *self.cpu.get_or_insert_default() += after.saturating_sub(before);
        }
        // Each is one event, and none was refused.
        let first = self.writers.first_mut().context("somebody wrote")?;
        let written = first.head().await? - before;
        ensure!(
            written == acknowledged,
            "{written} on the log of {acknowledged} acknowledged"
        );
        Ok(())
    }
}

/// Where the log is, and who there is.
async fn pulled(wire: &mut Wire, cookie: &str) -> anyhow::Result<Pulled> {
    let body = serde_json::json!({ "since": AFTER_ALL }).to_string();
    let asked = post("/sync/pull", "application/json", cookie, &body);
    Ok(serde_json::from_str(
        &wire.exchange(&asked).await?.ok()?.text()?,
    )?)
}

async fn over_http(program: &Program, writers: usize, since: u64) -> anyhow::Result<Vec<Writer>> {
    let mut all = Vec::with_capacity(writers);
    for n in 0..writers {
        let mut wire = Wire::to(program.address).await?;
        let cookie = program.sign_in(n).await?;
        let people = pulled(&mut wire, &cookie).await?.people;
        all.push(Writer::Http {
            wire,
            cookie: cookie.into(),
            since,
            people: people.map(|people| people.version),
        });
    }
    Ok(all)
}

async fn over_http_one_by_one(program: &Program, writers: usize) -> anyhow::Result<Vec<Writer>> {
    let mut all = Vec::with_capacity(writers);
    for _ in 0..writers {
        all.push(Writer::Http {
            wire: Wire::to(program.address).await?,
            cookie: "".into(),
            since: AFTER_ALL,
            people: None,
        });
    }
    Ok(all)
}

async fn log(database: &Path) -> anyhow::Result<Log> {
    let store = SqliteStore::open(&format!("sqlite://{}", database.display())).await?;
    for account in demo::people() {
        store.add_account(&account).await?;
    }
    Ok(Log::start(Arc::new(store), Policy::default(), ServerClock::default()).await?)
}
