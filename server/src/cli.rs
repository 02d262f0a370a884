//! The command line. What goes wrong is told in one line on standard error that says what to
//! do; the exit code is 0 only when all is well.

use crate::clock::ServerClock;
use crate::http::PublicUrl;
use crate::log::Log;
use crate::logging;
use crate::serve;
use crate::store::{SqliteStore, Store as _};
use clap::builder::FalseyValueParser;
use clap::{Args, Parser, Subcommand};
use domain::{PersonId, PersonRef, Policy};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use uuid::Uuid;

/// Runs a high-severity customer escalation from the first alarm to the last remediation action.
#[derive(Debug, Parser)]
#[command(name = "drumbeat", version, about, after_help = AFTER_HELP, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const AFTER_HELP: &str = "\
Environment:
  RUST_LOG             What is logged, to standard error, e.g. `debug` or `info,server=debug` [default: info]
  DRUMBEAT_LOG_FORMAT  How: `text` or `json` [default: text on a terminal, else json]

The first start without --demo prints a link that makes the administrator.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the board, the rooms and the public status page until SIGTERM or Ctrl-C
    Serve(Serve),
    /// Prove that the log is whole: recompute every hash and walk every incident's chain
    Verify(Database),
    /// Say that this machine's clock is right, on a record that was written while it was ahead; while no
    /// server runs, for who cannot reach the page /clock
    ConfirmClock(Database),
    /// Copy the database to a new file; works while another process serves it
    Backup {
        /// The file to write; it must not exist
        file: PathBuf,
        #[command(flatten)]
        database: Database,
    },
}

/// How to serve.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Load the demo onto an empty database and let anybody in as one of its people
    #[arg(long, env = "DRUMBEAT_DEMO", value_parser = FalseyValueParser::new())]
    pub(crate) demo: bool,
    /// Where to listen; port 0 takes any that is free
    #[arg(long, env = "DRUMBEAT_ADDR", default_value = "127.0.0.1:3000")]
    pub(crate) addr: SocketAddr,
    /// How people reach this server, for the links that it hands out [default: the address listened on]
    #[arg(long, env = "DRUMBEAT_PUBLIC_URL", value_name = "URL")]
    pub(crate) public_url: Option<PublicUrl>,
    /// So many proxies of yours stand before this server; the address of a client is then the one that the outermost of
    /// them put into X-Forwarded-For
    #[arg(
        long,
        env = "DRUMBEAT_TRUSTED_PROXY",
        default_value_t = 0,
        value_name = "HOPS"
    )]
    pub(crate) trusted_proxy: u8,
    /// So many commands of one person are taken in a minute; what is more waits in their browser
    #[arg(
        long,
        env = "DRUMBEAT_COMMANDS_PER_MINUTE",
        default_value_t = 1_000,
        value_name = "COUNT",
        value_parser = clap::value_parser!(u64).range(1..)
    )]
    pub(crate) commands_per_minute: u64,
    #[command(flatten)]
    pub(crate) database: Database,
}

/// Which database.
#[derive(Debug, Args)]
pub(crate) struct Database {
    /// The database; `serve` makes it if there is none
    #[arg(
        long = "database",
        env = "DRUMBEAT_DATABASE",
        default_value = "sqlite://drumbeat.db",
        value_name = "URL"
    )]
    pub(crate) url: String,
}

/// Reads the command line and does what it says.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    match logging::start()
        .map_err(anyhow::Error::msg)
        .and_then(|()| run(cli))
    {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // `{:#}` keeps the causes on the same line.
            let line = format!("{error:#}").replace('\n', " ");
            #[expect(
                clippy::print_stderr,
                reason = "this is what people read, whatever they log"
            )]
            {
                eprintln!("drumbeat: {line}");
            }
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let done = runtime.block_on(async {
        match cli.command {
            Command::Serve(how) => serve::serve(how).await,
            Command::Verify(database) => verify(&database.url).await,
            Command::ConfirmClock(database) => confirm_clock(&database.url).await,
            Command::Backup { file, database } => backup(&database.url, &file).await,
        }
    });
    // What still runs by then (a hash of a password, the drawing of a page) is of no use any more.
    runtime.shutdown_background();
    done
}

async fn verify(url: &str) -> anyhow::Result<()> {
    let store = SqliteStore::open_existing(url).await?;
    let found = store.verify().await?;
    store.close().await;
    for fault in &found.faults {
        tell_wrong(fault);
    }
    anyhow::ensure!(
        found.faults.is_empty(),
        "{} of the above in {} events: restore a backup, and keep this file for whoever finds out why.",
        found.faults.len(),
        found.events
    );
    say(&format!(
        "{} events of {} incidents: every chain holds.",
        found.events, found.incidents
    ));
    Ok(())
}

async fn confirm_clock(url: &str) -> anyhow::Result<()> {
    // No file is made, and none is brought up to date.
    SqliteStore::open_existing(url).await?.close().await;
    let _alone = SqliteStore::alone(url)?;
    let store = Arc::new(SqliteStore::open(url).await?);
    let clock = ServerClock::default();
    let log = Log::start(Arc::clone(&store) as _, Policy::default(), clock.clone()).await?;
    let trouble = clock.trouble();
    let by = PersonRef {
        id: PersonId(Uuid::nil()),
        name: "Whoever runs this server".to_owned(),
    };
    let confirmed = log.confirm_clock(by, clock.wall()).await;
    log.shutdown().await;
    store.close().await;
    confirmed?;
    let now = clock.wall().format("%-d %B %Y, %H:%M UTC");
    say(&match trouble {
        None => format!("The clock is believed, there is nothing to confirm. It is {now}."),
        Some(trouble) => format!(
            "Confirmed: it is {now}. The clock was not believed because {}.",
            trouble.what()
        ),
    });
    Ok(())
}

async fn backup(url: &str, file: &Path) -> anyhow::Result<()> {
    let store = SqliteStore::open_existing(url).await?;
    store.backup(file).await?;
    store.close().await;
    say(&format!("Copied to {}.", file.display()));
    Ok(())
}

/// A line on standard output. A reader that has gone away is no fault.
pub(crate) fn say(line: &str) {
    use std::io::Write as _;
    let mut out = std::io::stdout().lock();
    let _gone = writeln!(out, "{line}").and_then(|()| out.flush());
}

fn tell_wrong(line: &str) {
    use std::io::Write as _;
    let _gone = writeln!(std::io::stderr().lock(), "{line}");
}
