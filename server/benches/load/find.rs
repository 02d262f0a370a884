//! The board and its search with many closed incidents in the database, beside the same with few.

use crate::filled::Filling;
use crate::program::Program;
use crate::table::{Table, ms, percentile, say};
use crate::wire::{AS_BROWSERS, Wire, get, post};
use anyhow::ensure;
use app::api::Found;
use std::path::Path;
use std::time::{Duration, Instant};

/// The baseline and the budget (DESIGN §6).
const FEW: u32 = 100;
const MANY: u32 = 100_000;

/// The two take turns, so that what else the machine does falls on both.
const ROUNDS: usize = 10;
const REQUESTS_A_ROUND: usize = 20;

/// What is asked, and with what; nothing for the board's page.
const QUESTIONS: [(&str, Option<&str>); 10] = [
    ("the board's page", None),
    ("the newest", Some("{}")),
    ("a number", Some(r#"{"text":"0042"}"#)),
    ("a rare word", Some(r#"{"text":"rare7"}"#)),
    ("a word of every one", Some(r#"{"text":"checkout"}"#)),
    ("the beginning of it", Some(r#"{"text":"chec"}"#)),
    ("one letter", Some(r#"{"text":"c"}"#)),
    (
        "two words, each in half of them, none in both",
        Some(r#"{"text":"even odd"}"#),
    ),
    (
        "a word of every one, severity of the oldest only",
        Some(r#"{"text":"checkout","severity":"sev1"}"#),
    ),
    ("a word that is nowhere", Some(r#"{"text":"nowhere"}"#)),
];

pub async fn measure(folder: &Path) -> anyhow::Result<()> {
    let mut sides = Vec::new();
    for closed in [FEW, MANY] {
        let database = folder.join(format!("find-{closed}.db"));
        let filling = Filling {
            closed,
            ..Filling::default()
        };
        filling.make(&database).await?;
        let program = Program::demo(&database)?;
        let wire = Wire::to(program.address).await?;
        let cookie = program.sign_in(0).await?;
        sides.push((program, wire, cookie));
    }
    let mut table = Table::new(
        "THE BOARD AND ITS SEARCH, one connection (budget: with 100 000 closed incidents as fast as with 100)",
        ["100: p50 ms", "p99 ms", "100 000: p50 ms", "p99 ms"],
    );
    for (what, arguments) in QUESTIONS {
        let mut took = [Vec::new(), Vec::new()];
        for _ in 0..ROUNDS {
            for ((_, wire, cookie), took) in sides.iter_mut().zip(&mut took) {
                let request = match arguments {
                    None => get("/", AS_BROWSERS, cookie),
                    Some(arguments) => post("/sync/find", "application/json", cookie, arguments),
                };
                for _ in 0..REQUESTS_A_ROUND {
                    let begun = Instant::now();
                    let answer = wire.exchange(&request).await?.ok()?;
                    took.push(begun.elapsed());
                    if arguments.is_some() {
                        let found: Found = serde_json::from_str(&answer.text()?)?;
                        ensure!(found.complete, "the index is not made");
                        ensure!(
                            found.incidents.is_empty()
                                == (what.contains("nowhere") || what.contains("none in both")),
                            "{what}: {found:?}"
                        );
                    }
                }
            }
        }
        let [few, many] = took.map(figures);
        let [[few_p50, few_p99], [many_p50, many_p99]] = [few, many];
        table.row(what, [few_p50, few_p99, many_p50, many_p99]);
    }
    let [few, many] = [0, 1].map(|side| ms(sides[side].0.started_in));
    let none = crate::table::none;
    table.row(
        "start, with all of them on the log",
        [few, none(), many, none()],
    );
    say(&table.to_string());
    Ok(())
}

fn figures(mut took: Vec<Duration>) -> [String; 2] {
    took.sort();
    [0.5, 0.99].map(|part| ms(percentile(&took, part)))
}
