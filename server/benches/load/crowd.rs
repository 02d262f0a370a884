//! A crowd of live browsers, and somebody who publishes to them.

use crate::program::Program;
use crate::wire::{AS_BROWSERS, Answer, Wire, get, post};
use anyhow::{Context as _, ensure};
use app::api::{Outcome, Pulled, Pushed};
use domain::{CommandId, Envelope};
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;

/// How many there are.
pub const BROWSERS: usize = 1_000;
/// Who has not come by then will not come.
const PATIENCE: Duration = Duration::from_secs(20);

/// An answer to a pull, as it came. It is read when nobody waits any more: a thousand browsers have a thousand
/// processors of their own to unpack it.
pub struct Arrived {
    pub at: Instant,
    answer: Vec<u8>,
}

/// The crowd as the bench sees it.
pub struct Crowd {
    arriving: mpsc::UnboundedReceiver<anyhow::Result<Arrived>>,
    go: watch::Sender<u64>,
    /// They leave when this is dropped.
    _browsers: JoinSet<()>,
}

impl Crowd {
    /// Everybody has a session and two connections, and has been told where the log is. The first `at_the_board` of
    /// them have come by the board's page.
    pub async fn gather(program: &Program, at_the_board: usize) -> anyhow::Result<Self> {
        let (arrived, arriving) = mpsc::unbounded_channel();
        let (go, _) = watch::channel(0);
        let mut browsers = JoinSet::new();
        for nth in 0..BROWSERS {
            let cookie = program.sign_in(nth).await?;
            if nth < at_the_board {
                let mut board = Wire::to(program.address).await?;
                board
                    .exchange(&get("/", AS_BROWSERS, &cookie))
                    .await?
                    .ok()?;
            }
            let mut feed = Wire::to(program.address).await?;
            feed.follow(&get("/live", AS_BROWSERS, &cookie)).await?;
            let since = feed.next_head().await?;
            let mut pulls = Wire::to(program.address).await?;
            // One that says nothing is closed soon.
            let asks = get("/healthz", AS_BROWSERS, &cookie);
            pulls.exchange(&asks).await?.ok()?;
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

    /// Makes all of them pull what is after this place in the log.
    pub fn pull_after(&self, seq: u64) {
        self.go.send_replace(seq);
    }

    /// One answer to each browser.
    pub async fn arrivals(&mut self) -> anyhow::Result<Vec<Arrived>> {
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
pub struct Author {
    wire: Wire,
    cookie: String,
}

impl Author {
    pub async fn enter(program: &Program) -> anyhow::Result<Self> {
        Ok(Self {
            wire: Wire::to(program.address).await?,
            cookie: program.sign_in(0).await?,
        })
    }

    /// The place in the log after it, and how long it took until it was acknowledged.
    pub async fn push(&mut self, envelope: Envelope) -> anyhow::Result<(u64, Duration)> {
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

/// Every one of these answers tells of that command. Returns the size of one.
pub fn all_hold<'a>(
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
