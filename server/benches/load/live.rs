//! From the click on "Publish" until a crowd of live browsers has it, and what the server keeps in memory for them.

use crate::commands::{declare, envelope, update};
use crate::crowd::{Author, BROWSERS, Crowd, all_hold};
use crate::filled::Filling;
use crate::machine;
use crate::program::Program;
use crate::table::{Table, count, mb, ms, percentile, say};
use domain::UpdateId;
use std::path::Path;
use std::time::{Duration, Instant};

const PUBLISHES: usize = 10;
/// A feed and a connection for pulls each, and some for the rest.
const FILES_MIN: usize = 2 * BROWSERS + 100;
const SETTLING: Duration = Duration::from_millis(250);

/// On what log it is measured.
struct On {
    what: &'static str,
    /// None is the demo's.
    filling: Option<Filling>,
    /// How many of the browsers come by the board's page. It tells all that is open, so that of 10 000 open incidents it
    /// takes seconds to draw and a thousand of them longer than the bench may.
    at_the_board: usize,
}

const LOGS: [On; 3] = [
    On {
        what: "the demo",
        filling: None,
        at_the_board: BROWSERS,
    },
    On {
        what: "10 000 incidents, 20 of them open",
        filling: Some(Filling {
            closed: 9_980,
            open: 20,
            long_entries: 0,
        }),
        at_the_board: BROWSERS,
    },
    On {
        what: "10 000 incidents, all of them open",
        filling: Some(Filling {
            closed: 0,
            open: 10_000,
            long_entries: 0,
        }),
        at_the_board: 1,
    },
];

/// What came of it on one log.
struct Outcome {
    published: Vec<Duration>,
    pulled: Vec<Duration>,
    asked: Vec<Duration>,
    /// The server's memory before they came, with their feeds open, and after the publishes.
    memory: [Option<u64>; 3],
    /// One pulled update, over the wire.
    answer_bytes: usize,
}

pub async fn measure(folder: &Path) -> anyhow::Result<()> {
    if let Some(files) = machine::open_files_max().filter(|files| *files < FILES_MIN) {
        say(&format!(
            "\nPUBLISH → PULLED: not measured, {BROWSERS} browsers need `ulimit -n {FILES_MIN}` and it is {files}"
        ));
        return Ok(());
    }
    let mut times = Table::new(
        "PUBLISH → PULLED BY 1 000 LIVE BROWSERS, 10 publishes (budget: p99 500 ms)",
        ["p50 ms", "p99 ms", "last ms"],
    );
    let mut memory = Table::new(
        "MEMORY WITH 1 000 LIVE BROWSERS, resident MB (budget with 10 000 incidents: 150 MB)",
        [
            "before they came",
            "feeds open",
            "after the publishes",
            "answer to a pull B",
        ],
    );
    for (n, on) in LOGS.into_iter().enumerate() {
        let database = folder.join(format!("live-{n}.db"));
        if let Some(filling) = on.filling {
            filling.make(&database).await?;
        }
        let outcome = publish(&Program::demo(&database)?, on.at_the_board).await?;
        let mut row = |what, took| times.row(&format!("{}: {what}", on.what), figures(took));
        row("publish sent → acknowledged, on disk", outcome.published);
        row(
            "publish sent → pulled, told by the live feed",
            outcome.pulled,
        );
        row(
            "baseline: the same 1 000 pulls at once, told by nobody",
            outcome.asked,
        );
        let [before, with_feeds, after] = outcome.memory.map(mb);
        let bytes = count(outcome.answer_bytes as f64);
        memory.row(on.what, [before, with_feeds, after, bytes]);
    }
    say(&times.to_string());
    say(&memory.to_string());
    Ok(())
}

async fn publish(program: &Program, at_the_board: usize) -> anyhow::Result<Outcome> {
    tokio::time::sleep(SETTLING).await;
    let before = program.memory_bytes();
    let mut crowd = Crowd::gather(program, at_the_board).await?;
    let with_feeds = program.memory_bytes();

    let mut author = Author::enter(program).await?;
    let declared = declare();
    let incident = declared.incident;
    author.push(declared).await?;
    crowd.arrivals().await?;
    let mut outcome = Outcome {
        published: Vec::new(),
        pulled: Vec::new(),
        asked: Vec::new(),
        memory: [before, with_feeds, None],
        answer_bytes: 0,
    };
    let mut last: Option<UpdateId> = None;
    for n in 0..=PUBLISHES {
        tokio::time::sleep(SETTLING).await;
        let word = envelope(incident, update(last));
        let id = *last.insert(word.id);
        let begun = Instant::now();
        let (head, acknowledged) = author.push(word).await?;
        let told = crowd.arrivals().await?;

        tokio::time::sleep(SETTLING).await;
        let begun_again = Instant::now();
        crowd.pull_after(head - 1);
        let plain = crowd.arrivals().await?;
        outcome.answer_bytes = all_hold(told.iter().chain(&plain), id)?;
        // The first was for warming up.
        if n > 0 {
            outcome.published.push(acknowledged);
            outcome.pulled.extend(told.iter().map(|a| a.at - begun));
            outcome
                .asked
                .extend(plain.iter().map(|a| a.at - begun_again));
        }
    }
    outcome.memory[2] = program.memory_bytes();
    Ok(outcome)
}

fn figures(mut times: Vec<Duration>) -> [String; 3] {
    times.sort();
    [0.5, 0.99, 1.0].map(|part| ms(percentile(&times, part)))
}
