//! From the click on "Publish" until a crowd of live browsers has it.

use crate::commands::{declare, envelope, update};
use crate::machine;
use crate::program::Program;
use crate::table::{Table, count, mb, ms, none, percentile, say};
use crate::wire::{AS_BROWSERS, Answer, Wire, get, post};
use anyhow::{Context as _, ensure};
use app::api::{Outcome, Pulled, Pushed};
use domain::{CommandId, Envelope, UpdateId};
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;

const BROWSERS: usize = 1_000;
const PUBLISHES: usize = 10;
/// A feed and a connection for pulls each, and some for the rest.
const FILES_MIN: usize = 2 * BROWSERS + 100;
/// Who has not come by then will not come.
const PATIENCE: Duration = Duration::from_secs(20);
const SETTLING: Duration = Duration::from_millis(250);

/// An answer to a pull, as it came. It is read when nobody waits any more: a thousand browsers have a thousand
/// processors of their own to unpack it.
struct Arrived {
    at: Instant,
    answer: Vec<u8>,
}

/// The crowd as the bench sees it.
struct Crowd {
    arriving: mpsc::UnboundedReceiver<anyhow::Result<Arrived>>,
    /// Makes all of them pull what is after this place in the log.
    go: watch::Sender<u64>,
    /// They leave when this is dropped.
    _browsers: JoinSet<()>,
}

pub async fn measure(folder: &Path) -> anyhow::Result<()> {
    if let Some(files) = machine::open_files_max().filter(|files| *files < FILES_MIN) {
        say(&format!(
            "\nPUBLISH → PULLED: not measured, {BROWSERS} browsers need `ulimit -n {FILES_MIN}` and it is {files}"
        ));
        return Ok(());
    }
    let program = Program::demo(&folder.join("live.db"))?;
    tokio::time::sleep(SETTLING).await;
    let alone = program.memory_bytes();
    let mut crowd = Crowd::gather(&program).await?;
    let with_crowd = program.memory_bytes();

    let mut author = Author::enter(&program).await?;
    let declared = declare();
    let incident = declared.incident;
    author.push(declared).await?;
    crowd.arrivals().await?;
    let (mut published, mut pulled, mut asked) = (Vec::new(), Vec::new(), Vec::new());
    let (mut last, mut answer_bytes): (Option<UpdateId>, usize) = (None, 0);
    for n in 0..=PUBLISHES {
        tokio::time::sleep(SETTLING).await;
        let word = envelope(incident, update(last));
        let id = *last.insert(word.id);
        let begun = Instant::now();
        let (head, acknowledged) = author.push(word).await?;
        let told = crowd.arrivals().await?;

        tokio::time::sleep(SETTLING).await;
        let begun_again = Instant::now();
        crowd.go.send_replace(head - 1);
        let plain = crowd.arrivals().await?;
        answer_bytes = all_hold(told.iter().chain(&plain), id)?;
        // The first was for warming up.
        if n > 0 {
            published.push(acknowledged);
            pulled.extend(told.iter().map(|a| a.at - begun));
            asked.extend(plain.iter().map(|a| a.at - begun_again));
        }
    }
    let after = program.memory_bytes();

    let title = "PUBLISH → PULLED BY 1 000 LIVE BROWSERS, 10 publishes (budget: p99 500 ms)";
    let mut table = Table::new(title, ["p50 ms", "p99 ms", "last ms"]);
    table.row("publish sent → acknowledged, on disk", figures(published));
    table.row(
        "publish sent → pulled, told by the live feed",
        figures(pulled),
    );
    table.row(
        "baseline: the same 1 000 pulls at once, told by nobody",
        figures(asked),
    );
    say(&table.to_string());
    let mut table = Table::new(
        "MEMORY AND BYTES WITH 1 000 LIVE BROWSERS (budget: 150 MB)",
        ["resident MB", "answer B"],
    );
    table.row("with the feeds open", [mb(with_crowd), none()]);
    table.row("after the publishes", [mb(after), none()]);
    table.row(
        "baseline: the same server before they came",
        [mb(alone), none()],
    );
    table.row(
        "one pulled update, over the wire",
        [none(), count(answer_bytes as f64)],
    );
    say(&table.to_string());
    Ok(())
}

fn figures(mut times: Vec<Duration>) -> [String; 3] {
    times.sort();
    [0.5, 0.99, 1.0].map(|part| ms(percentile(&times, part)))
}

/// Every one of these answers tells of that command. Returns the size of one.
fn all_hold<'a>(
    arrived: impl Iterator<Item = &'a Arrived>,
    id: CommandId,
) -> anyhow::Result<usize> {
    let mut bytes = 0;
    for Arrived { answer, .. } in arrived {
        let text = Answer::of(answer)?.ok()?.text()?;
        let pulled: Pulled = serde_json::from_str(&text)?;
        ensure!(
            pulled.events.iter().any(|e| e.command == id),
            "a pull without the update: {text}"
        );
        bytes = answer.len();
    }
    Ok(bytes)
}

impl Crowd {
    /// Everybody has a session and two connections, and has been told where the log is.
    async fn gather(program: &Program) -> anyhow::Result<Self> {
        let (arrived, arriving) = mpsc::unbounded_channel();
        let (go, _) = watch::channel(0);
        let mut browsers = JoinSet::new();
        for nth in 0..BROWSERS {
            let cookie = program.sign_in(nth).await?;
            let mut feed = Wire::to(program.address).await?;
            feed.follow(&get("/live", AS_BROWSERS, &cookie)).await?;
            let since = feed.next_head().await?;
            let pulls = Wire::to(program.address).await?;
            let (arrived, go) = (arrived.clone(), go.subscribe());
            browsers.spawn(async move {
                if let Err(error) = browse(feed, pulls, &cookie, since, go, &arrived).await {
                    let _bench_ended = arrived.send(Err(error));
                }
            });
        }
        Ok(Self {
            arriving,
            go,
            _browsers: browsers,
        })
    }

    /// One answer to each browser.
    async fn arrivals(&mut self) -> anyhow::Result<Vec<Arrived>> {
        let mut all = Vec::with_capacity(BROWSERS);
        let gather = async {
            while all.len() < BROWSERS {
                all.push(
                    self.arriving
                        .recv()
                        .await
                        .context("all browsers are gone")??,
                );
            }
            anyhow::Ok(())
        };
        let gathered = timeout(PATIENCE, gather).await;
        gathered
            .with_context(|| format!("{} of {BROWSERS} browsers came in time", all.len()))??;
        Ok(all)
    }
}

/// Pulls whenever the feed tells of something new, or when the bench says so.
async fn browse(
    mut feed: Wire,
    mut pulls: Wire,
    cookie: &str,
    mut known: u64,
    mut go: watch::Receiver<u64>,
    arrived: &mpsc::UnboundedSender<anyhow::Result<Arrived>>,
) -> anyhow::Result<()> {
    loop {
        let since = tokio::select! {
            head = feed.next_head() => std::mem::replace(&mut known, head?),
            changed = go.changed() => match changed {
                Ok(()) => *go.borrow_and_update(),
                Err(_) => return Ok(()),
            },
        };
        let body = format!("{{\"since\":{since}}}");
        let answer = pulls
            .exchange(&post("/sync/pull", "application/json", cookie, &body))
            .await?;
        let answer = Arrived {
            at: Instant::now(),
            answer: answer.bytes.to_vec(),
        };
        if arrived.send(Ok(answer)).is_err() {
            return Ok(());
        }
    }
}

/// Who publishes.
struct Author {
    wire: Wire,
    cookie: String,
}

impl Author {
    async fn enter(program: &Program) -> anyhow::Result<Self> {
        Ok(Self {
            wire: Wire::to(program.address).await?,
            cookie: program.sign_in(0).await?,
        })
    }

    /// The place in the log after it, and how long it took until it was acknowledged.
    async fn push(&mut self, envelope: Envelope) -> anyhow::Result<(u64, Duration)> {
        let body = serde_json::json!({ "since": u32::MAX, "commands": [envelope] }).to_string();
        let request = post("/sync/push", "application/json", &self.cookie, &body);
        let begun = Instant::now();
        let answer = self.wire.exchange(&request).await?.ok()?;
        let took = begun.elapsed();
        let pushed: Pushed = serde_json::from_str(&answer.text()?)?;
        ensure!(
            pushed
                .answers
                .iter()
                .all(|a| a.outcome == Outcome::Accepted),
            "refused: {:?}",
            pushed.answers
        );
        Ok((pushed.pulled.head, took))
    }
}
