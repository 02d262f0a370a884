//! Load on the real program over loopback, each figure beside a baseline of the same run (DESIGN §6). Prints; asserts
//! no time (STYLE, Tests 5). Run by `make bench`; ends by itself within two minutes.

mod bare;
mod commands;
mod live;
mod machine;
mod program;
mod pushes;
mod start;
mod status;
mod table;
mod wire;

use anyhow::Context as _;
use std::time::Duration;
use table::say;

/// It takes about a minute; a machine on which it takes twice that is too busy to be measured.
const MEASURING_MAX: Duration = Duration::from_secs(120);

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    if arguments.next().as_deref() == Some(bare::ARGUMENT) {
        let copied = arguments
            .next()
            .context("the address to copy from is missing")?;
        return bare::serve(copied.parse()?).await;
    }
    tokio::time::timeout(MEASURING_MAX, measure())
        .await
        .context("this machine is too busy: measuring took longer than two minutes")?
}

async fn measure() -> anyhow::Result<()> {
    // Beside the build, where a disk is: a fsync on a temporary file system costs nothing.
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    say(&machine::described(folder.path()));
    start::measure(folder.path()).await?;
    status::measure(folder.path()).await?;
    pushes::measure(folder.path()).await?;
    live::measure(folder.path()).await
}
