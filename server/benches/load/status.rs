//! The status page under a crowd.

use crate::bare::FORMS;
use crate::program::Program;
use crate::table::{Table, count, median, none, say, us};
use crate::wire::{Wire, get};
use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

const CONNECTIONS: usize = 32;
/// Subject and baseline take turns, so that what else the machine does falls on both.
const ROUNDS: usize = 7;
const ROUND: Duration = Duration::from_millis(800);

/// One server over all rounds.
#[derive(Default)]
struct Served {
    per_s: Vec<f64>,
    requests: u32,
    cpu: Option<Duration>,
    answer_bytes: usize,
    body_bytes: usize,
}

pub async fn measure(folder: &Path) -> anyhow::Result<()> {
    let drumbeat = Program::demo(&folder.join("status.db"))?;
    let bare = Program::bare(drumbeat.address)?;
    let columns = [
        "body B",
        "answer B",
        "requests/s",
        "ratio",
        "server CPU µs/request",
    ];
    let mut table = Table::new(
        "STATUS PAGE, GET /status of the demo, 32 kept connections (budget: 14 KB brotli, ratio 0.8)",
        columns,
    );
    for (encoding, bare_path) in FORMS {
        let (mut ours, mut base) = (Served::default(), Served::default());
        for _ in 0..ROUNDS {
            round(&drumbeat, &get("/status", encoding, ""), &mut ours).await?;
            round(&bare, &get(bare_path, encoding, ""), &mut base).await?;
        }
        let ratios = ours
            .per_s
            .iter()
            .zip(&base.per_s)
            .map(|(ours, base)| ours / base);
        let ratio = format!("{:.2}", median(ratios.collect()));
        table.row(&format!("Drumbeat, {encoding}"), ours.figures(ratio));
        table.row(
            &format!("baseline: bare axum handler, {encoding}"),
            base.figures(none()),
        );
    }
    say(&table.to_string());
    Ok(())
}

impl Served {
    fn figures(self, ratio: String) -> [String; 5] {
        let cpu = self
            .cpu
            .map_or_else(none, |cpu| us(cpu / self.requests.max(1)));
        let (body, answer) = (
            count(self.body_bytes as f64),
            count(self.answer_bytes as f64),
        );
        [body, answer, count(median(self.per_s)), ratio, cpu]
    }
}

async fn round(server: &Program, request: &[u8], served: &mut Served) -> anyhow::Result<()> {
    let mut wires = Vec::with_capacity(CONNECTIONS);
    for _ in 0..CONNECTIONS {
        wires.push(warm(server.address, request, served).await?);
    }
    let (before, begun) = (server.cpu(), Instant::now());
    let mut clients = JoinSet::new();
    for mut wire in wires {
        let request = request.to_vec();
        clients.spawn(async move {
            let mut done = 0_u32;
            while begun.elapsed() < ROUND {
                wire.exchange(&request).await?.ok()?;
                done += 1;
            }
            anyhow::Ok(done)
        });
    }
    let mut requests = 0;
    while let Some(done) = clients.join_next().await {
        requests += done??;
    }
    served
        .per_s
        .push(f64::from(requests) / begun.elapsed().as_secs_f64());
    served.requests += requests;
    if let (Some(before), Some(after)) = (before, server.cpu()) {
        *served.cpu.get_or_insert_default() += after.saturating_sub(before);
    }
    Ok(())
}

/// A connection that has been used once: the page is drawn, the buffers are there.
async fn warm(address: SocketAddr, request: &[u8], served: &mut Served) -> anyhow::Result<Wire> {
    let mut wire = Wire::to(address).await?;
    let answer = wire.exchange(request).await?.ok()?;
    served.answer_bytes = answer.bytes.len();
    served.body_bytes = answer.body()?.len();
    Ok(wire)
}
