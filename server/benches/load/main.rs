//! Load on the real program over loopback, each figure beside a baseline of the same run (DESIGN §6). Prints; asserts
//! no time (STYLE, Tests 5). Run by `make bench`; ends by itself within four minutes. A name of a part after `--` runs that
//! part only.

mod bare;
mod board;
mod commands;
mod crowd;
mod filled;
mod find;
mod live;
mod machine;
mod one_by_one;
mod paint;
mod program;
mod pushes;
mod start;
mod status;
mod table;
mod wire;

use anyhow::Context as _;
use std::path::Path;
use std::time::Duration;
use table::say;

/// It takes two minutes; a machine on which it takes twice that is too busy to be measured.
const MEASURING_MAX: Duration = Duration::from_secs(240);

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let first = arguments.next();
    let mut told = || {
        arguments
            .next()
            .context("what a baseline is told is missing")
    };
    match first.as_deref() {
        Some(bare::ARGUMENT) => return bare::serve(told()?.parse()?).await,
        Some(one_by_one::ARGUMENT) => return one_by_one::serve(Path::new(&told()?)).await,
        _ => {}
    }
    // Cargo says `--bench` besides.
    let part = first
        .into_iter()
        .chain(arguments)
        .find(|a| !a.starts_with("--"));
    tokio::time::timeout(MEASURING_MAX, measure(part.as_deref()))
        .await
        .context("this machine is too busy: measuring took longer than four minutes")?
}

async fn measure(part: Option<&str>) -> anyhow::Result<()> {
    let wanted = |name: &str| part.is_none_or(|part| part == name);
    // Beside the build, where a disk is: a fsync on a temporary file system costs nothing.
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let folder = folder.path();
    say(&machine::described(folder));
    if wanted("start") {
        start::measure(folder).await?;
    }
    if wanted("status") {
        status::measure(folder).await?;
    }
    if wanted("paint") {
        paint::measure(folder)?;
    }
    if wanted("pushes") {
        pushes::measure(folder).await?;
    }
    if wanted("live") {
        live::measure(folder).await?;
    }
    if wanted("find") {
        find::measure(folder).await?;
    }
    if wanted("board") {
        board::measure(folder).await?;
    }
    Ok(())
}
