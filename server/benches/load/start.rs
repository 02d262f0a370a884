//! How long Drumbeat takes to start on a new database, and what it needs when nobody is there.

use crate::program::Program;
use crate::table::{Table, mb, median, none, say};
use std::path::Path;
use std::time::Duration;

const STARTS: usize = 9;
/// Long enough for what a start leaves to do.
const SETTLING: Duration = Duration::from_millis(300);

pub async fn measure(folder: &Path) -> anyhow::Result<()> {
    let (mut starts, mut nothings, mut memory) = (Vec::new(), Vec::new(), None);
    for n in 0..STARTS {
        let program = Program::empty(&folder.join(format!("start-{n}.db")))?;
        starts.push(program.started_in.as_secs_f64() * 1e3);
        nothings.push(Program::nothing()?.as_secs_f64() * 1e3);
        tokio::time::sleep(SETTLING / STARTS as u32).await;
        memory = program.memory_bytes();
    }
    let shown = |times: Vec<f64>| format!("{:.1}", median(times));
    let mut table = Table::new(
        "START AND IDLE MEMORY (budget: 100 ms, 20 MB)",
        ["median ms", "resident MB"],
    );
    table.row("drumbeat serve, new database", [shown(starts), mb(memory)]);
    table.row("baseline: drumbeat --version", [shown(nothings), none()]);
    say(&table.to_string());
    Ok(())
}
