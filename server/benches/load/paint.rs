//! How long until a customer on a bad phone sees the status page: a real browser, slowed down.

use crate::bare::WORDS_PATH;
use crate::program::Program;
use crate::table::{Table, count, median, say};
use anyhow::ensure;
use serde::Deserialize;
use std::collections::HashMap;
use std::path::Path;
use std::process::Command;

/// Has the browser load the pages; see there for the network and the processor.
const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../end2end/bench/paint.mjs");
const PAGES: [(&str, &str); 2] = [
    ("status", "Drumbeat, GET /status of the demo"),
    (
        "words",
        "baseline: bare axum handler, a page of a few words",
    ),
];

/// One load of one page.
#[derive(Deserialize)]
struct Load {
    paint_ms: f64,
    requests: u32,
    bytes: u32,
}

pub fn measure(folder: &Path) -> anyhow::Result<()> {
    let drumbeat = Program::demo(&folder.join("paint.db"))?;
    let bare = Program::bare(drumbeat.address)?;
    let output = Command::new("node")
        .arg(SCRIPT)
        .arg(format!("status=http://{}/status", drumbeat.address))
        .arg(format!("words=http://{}{WORDS_PATH}", bare.address))
        .output()?;
    ensure!(
        output.status.success(),
        "the browser did not come to its end; `make bench` installs what it needs: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let mut loads: HashMap<String, Vec<Load>> = serde_json::from_slice(&output.stdout)?;
    let mut table = Table::new(
        "FIRST CONTENTFUL PAINT, slow 4G (150 ms, 1.6 Mbps), processor a quarter as fast, nothing cached (budget: 420 ms)",
        ["loads", "p50 ms", "last ms", "requests", "over the wire B"],
    );
    for (name, label) in PAGES {
        let loads = loads.remove(name).unwrap_or_default();
        let of = |figure: fn(&Load) -> f64| loads.iter().map(figure).collect::<Vec<_>>();
        let paints = of(|load| load.paint_ms);
        let last = paints.iter().copied().fold(0.0, f64::max);
        table.row(
            label,
            [
                count(loads.len() as f64),
                count(median(paints)),
                count(last),
                count(median(of(|load| load.requests.into()))),
                count(median(of(|load| load.bytes.into()))),
            ],
        );
    }
    say(&table.to_string());
    Ok(())
}
