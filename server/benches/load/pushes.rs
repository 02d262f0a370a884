//! Durable pushes: an acknowledged one is on disk.

use crate::commands::{declare, entry, envelope};
use crate::program::Program;
use crate::table::{Table, count, ms, none, percentile, say};
use crate::wire::{Wire, post};
use anyhow::{Context as _, ensure};
use app::api::{Outcome, Pushed};
use domain::{Actor, Envelope, IncidentId, Policy};
use server::clock::ServerClock;
use server::demo;
use server::log::Log;
use server::store::{SqliteStore, Store};
use sqlx::ConnectOptions as _;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::Mutex;
use tokio::task::JoinSet;

/// How many write at once, and how many commands at most they send together.
const LEVELS: [(usize, usize); 3] = [(1, 500), (10, 2_500), (100, 8_000)];
const LEVEL_MAX: Duration = Duration::from_secs(3);
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
    },
    /// The same log without HTTP.
    Process { log: Log, actor: Actor },
    /// The baseline: each command is a transaction of its own, on the one connection that may write.
    OneByOne(Arc<Mutex<SqliteConnection>>),
}

impl Writer {
    /// Returns how long it took until the command was known to be on disk.
    async fn push(&mut self, envelope: Envelope) -> anyhow::Result<Duration> {
        match self {
            Self::Http {
                wire,
                cookie,
                since,
            } => {
                let body =
                    serde_json::json!({ "since": since, "commands": [envelope] }).to_string();
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
            Self::OneByOne(connection) => {
                let body = serde_json::to_string(&envelope)?;
                let begun = Instant::now();
                let mut connection = connection.lock().await;
                let insert = sqlx::query("INSERT INTO commands (id, body) VALUES (?1, ?2)");
                insert
                    .bind(envelope.id.0.as_bytes().as_slice())
                    .bind(body)
                    .execute(&mut *connection)
                    .await?;
                Ok(begun.elapsed())
            }
        }
    }

    /// How many events are on disk.
    async fn head(&mut self) -> anyhow::Result<usize> {
        match self {
            Self::Http { wire, cookie, .. } => {
                let body = serde_json::json!({ "since": AFTER_ALL }).to_string();
                let answer = wire
                    .exchange(&post("/sync/pull", "application/json", cookie, &body))
                    .await?;
                let pulled: app::api::Pulled = serde_json::from_str(&answer.ok()?.text()?)?;
                Ok(usize::try_from(pulled.head)?)
            }
            Self::Process { log, .. } => Ok(usize::try_from(log.head())?),
            Self::OneByOne(connection) => {
                let count = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM commands");
                Ok(usize::try_from(
                    count.fetch_one(&mut *connection.lock().await).await?,
                )?)
            }
        }
    }
}

/// What one level came to.
struct Figures {
    per_s: f64,
    took: Vec<Duration>,
}

impl Figures {
    fn row(&self, label: &str, baseline: Option<&Self>, table: &mut Table) {
        let times = baseline.map_or_else(none, |b| format!("{:.1}", self.per_s / b.per_s));
        let [p50, p99] = [0.5, 0.99].map(|part| ms(percentile(&self.took, part)));
        table.row(label, [count(self.per_s), p50, p99, times]);
    }
}

pub async fn measure(folder: &Path) -> anyhow::Result<()> {
    let program = Program::demo(&folder.join("pushes.db"))?;
    let log = log(&folder.join("log.db")).await?;
    let plain = plain(&folder.join("plain.db")).await?;
    let mut table = Table::new(
        "DURABLE PUSHES, one command each (budget with 100 writers: p99 50 ms, 5 × the baseline)",
        ["pushes/s", "p50 ms", "p99 ms", "× baseline"],
    );
    for (writers, pushes) in LEVELS {
        let people = format!(
            "{writers} {}",
            if writers == 1 { "writer" } else { "writers" }
        );
        let one_by_one = (0..writers)
            .map(|_| Writer::OneByOne(Arc::clone(&plain)))
            .collect();
        let base = level(one_by_one, pushes).await?;
        let figures = level(over_http(&program, writers, AFTER_ALL).await?, pushes).await?;
        figures.row(&format!("{people}, over HTTP"), Some(&base), &mut table);
        if writers > 10 {
            let mut by_all = over_http(&program, writers, AFTER_ALL).await?;
            let head = by_all[0].head().await? as u64;
            let reading = level(over_http(&program, writers, head).await?, pushes / 4).await?;
            let label = format!("{people}, over HTTP, each answer with all that others wrote");
            reading.row(&label, Some(&base), &mut table);
        }
        let process = || Writer::Process {
            log: log.clone(),
            actor: demo::people()[0].person.to_ref(),
        };
        let figures = level((0..writers).map(|_| process()).collect(), pushes).await?;
        figures.row(&format!("{people}, without HTTP"), Some(&base), &mut table);
        base.row(
            &format!("baseline: {people}, one fsynced SQLite transaction per command"),
            None,
            &mut table,
        );
    }
    say(&table.to_string());
    log.shutdown().await;
    Ok(())
}

/// All write until so many commands are sent or the time is over.
async fn level(mut writers: Vec<Writer>, pushes: usize) -> anyhow::Result<Figures> {
    let first = writers.first_mut().context("somebody writes")?;
    let mut incidents: Vec<IncidentId> = Vec::with_capacity(INCIDENTS);
    for _ in 0..INCIDENTS {
        let declared = declare();
        incidents.push(declared.incident);
        first.push(declared).await?;
    }
    let before = first.head().await?;
    let (left, begun) = (Arc::new(AtomicUsize::new(pushes)), Instant::now());
    let mut at_work = JoinSet::new();
    for (n, mut writer) in writers.into_iter().enumerate() {
        let (left, incident) = (Arc::clone(&left), incidents[n % INCIDENTS]);
        at_work.spawn(async move {
            let mut took = Vec::new();
            let take = || {
                left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                    left.checked_sub(1)
                })
            };
            while begun.elapsed() < LEVEL_MAX && take().is_ok() {
                took.push(writer.push(envelope(incident, entry())).await?);
            }
            anyhow::Ok((writer, took))
        });
    }
    let (mut took, mut after) = (Vec::new(), None);
    let mut over = begun.elapsed();
    while let Some(done) = at_work.join_next().await {
        let (writer, mut more) = done??;
        took.append(&mut more);
        (after, over) = (Some(writer), begun.elapsed());
    }
    // Each is one event, and none was refused.
    let written = after.context("somebody wrote")?.head().await? - before;
    ensure!(
        written == took.len(),
        "{written} on the log of {} acknowledged",
        took.len()
    );
    took.sort();
    Ok(Figures {
        per_s: took.len() as f64 / over.as_secs_f64(),
        took,
    })
}

async fn over_http(program: &Program, writers: usize, since: u64) -> anyhow::Result<Vec<Writer>> {
    let mut all = Vec::with_capacity(writers);
    for n in 0..writers {
        let (wire, cookie) = (
            Wire::to(program.address).await?,
            program.sign_in(n).await?.into(),
        );
        all.push(Writer::Http {
            wire,
            cookie,
            since,
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

/// The database of the baseline, opened as Drumbeat's own is.
async fn plain(database: &Path) -> anyhow::Result<Arc<Mutex<SqliteConnection>>> {
    let options = SqliteConnectOptions::new()
        .filename(database)
        .create_if_missing(true);
    let options = options
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full);
    let mut connection = options.disable_statement_logging().connect().await?;
    let table =
        sqlx::query("CREATE TABLE commands (id BLOB PRIMARY KEY, body TEXT NOT NULL) STRICT");
    table.execute(&mut connection).await?;
    Ok(Arc::new(Mutex::new(connection)))
}
