//! The board's page where one incident has grown long, beside the same board where none has: what one incident piles
//! up is not carried to everybody.

use crate::commands::{entry, envelope};
use crate::crowd::Author;
use crate::filled::Filling;
use crate::program::Program;
use crate::table::{Table, count, median, ms, none, percentile, say, us};
use crate::wire::{AS_BROWSERS, Wire, get};
use domain::IncidentId;
use std::path::Path;
use std::time::{Duration, Instant};

const OPEN: u32 = 20;
const LONG_ENTRIES: u32 = 2_000;
/// The boards take turns, so that what else the machine does falls on both.
const ROUNDS: usize = 8;
const PAGES_A_ROUND: usize = 20;

/// A board and what its pages came to.
struct Board {
    program: Program,
    wire: Wire,
    cookie: String,
    author: Author,
    served: [Served; 2],
}

#[derive(Default)]
struct Served {
    took: Vec<Duration>,
    cpu: Option<Duration>,
    bytes: usize,
}

/// What happens before each page.
#[derive(Clone, Copy)]
enum Before {
    Nothing,
    /// Somebody writes a line into the last incident, the long one where there is one.
    Line,
}

pub async fn measure(folder: &Path) -> anyhow::Result<()> {
    let usual = Board::with(0, &folder.join("board.db")).await?;
    let long = Board::with(LONG_ENTRIES, &folder.join("board-long.db")).await?;
    let mut boards = [usual, long];
    for _ in 0..ROUNDS {
        for before in [Before::Nothing, Before::Line] {
            for board in &mut boards {
                board.round(before).await?;
            }
        }
    }
    let mut table = Table::new(
        "THE BOARD'S PAGE, 20 open incidents, with brotli (budget: 1.2 × the usual one in bytes and time)",
        [
            "answer B",
            "×",
            "p50 ms",
            "×",
            "server CPU µs/page, the line's too",
        ],
    );
    let [usual, long] = boards.map(|board| board.served);
    let whats = ["nothing written", "a line written before each page"];
    for (what, (usual, long)) in whats.into_iter().zip(usual.into_iter().zip(long)) {
        let label = format!("one of them with {LONG_ENTRIES} long entries: {what}");
        let times = |ours: f64, base: f64| format!("{:.2}", ours / base);
        let bytes = times(long.bytes as f64, usual.bytes as f64);
        let ratio = times(long.p50_s(), usual.p50_s());
        table.row(&label, long.figures(bytes, ratio));
        let label = format!("baseline: none long: {what}");
        table.row(&label, usual.figures(none(), none()));
    }
    say(&table.to_string());
    Ok(())
}

impl Board {
    async fn with(long_entries: u32, database: &Path) -> anyhow::Result<Self> {
        let filling = Filling {
            closed: 0,
            open: OPEN,
            long_entries,
        };
        filling.make(database).await?;
        let program = Program::demo(database)?;
        Ok(Self {
            wire: Wire::to(program.address).await?,
            cookie: program.sign_in(0).await?,
            author: Author::enter(&program).await?,
            program,
            served: Default::default(),
        })
    }

    async fn round(&mut self, before: Before) -> anyhow::Result<()> {
        let request = get("/", AS_BROWSERS, &self.cookie);
        // Once that does not count: each round begins with what the one before it left.
        self.wire.exchange(&request).await?.ok()?;
        let (served, cpu) = (&mut self.served[before as usize], self.program.cpu());
        for _ in 0..PAGES_A_ROUND {
            if let Before::Line = before {
                let line = envelope(last_incident(), entry());
                self.author.push(line).await?;
            }
            let begun = Instant::now();
            let answer = self.wire.exchange(&request).await?.ok()?;
            served.took.push(begun.elapsed());
            served.bytes = answer.bytes.len();
        }
        if let Some((before, after)) = cpu.zip(self.program.cpu()) {
            *served.cpu.get_or_insert_default() += after.saturating_sub(before);
        }
        Ok(())
    }
}

impl Served {
    fn p50_s(&self) -> f64 {
        median(self.took.iter().map(Duration::as_secs_f64).collect())
    }

    fn figures(mut self, bytes: String, ratio: String) -> [String; 5] {
        self.took.sort();
        let pages = u32::try_from(self.took.len()).unwrap_or(u32::MAX).max(1);
        let cpu = self.cpu.map_or_else(none, |cpu| us(cpu / pages));
        let p50 = ms(percentile(&self.took, 0.5));
        [count(self.bytes as f64), bytes, p50, ratio, cpu]
    }
}

fn last_incident() -> IncidentId {
    Filling::incident(OPEN - 1)
}
