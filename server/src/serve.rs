//! `drumbeat serve`: from the command line to a server, and to its orderly end.

use crate::assets;
use crate::cli::{Serve, say};
use crate::clock::{ServerClock, Trouble};
use crate::connections::{self, ConnectionLimits};
use crate::demo;
use crate::http::{self, Limits, PublicUrl, Site};
use crate::log::Log;
use crate::store::{SqliteStore, Store};
use crate::sweep;
use crate::zone;
use anyhow::{Context as _, ensure};
use domain::{Person, Policy};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// How long what is in flight may take after the signal to stop.
const STOPPING_MAX: Duration = Duration::from_secs(10);

pub(crate) async fn serve(how: Serve) -> anyhow::Result<()> {
    // Heard from the start: a signal during a long start must not be lost.
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;

    let clock = ServerClock::default();
    // First of all: where the port is in use, no database is made.
    let limits = limits(how.trusted_proxy)?;
    let listener = listen(how.addr).await?;
    let address = listener.local_addr()?;
    // To the end of this program.
    let _alone = SqliteStore::alone(&how.database.url)?;
    let sqlite = Arc::new(SqliteStore::open(&how.database.url).await?);
    let store: Arc<dyn Store> = Arc::clone(&sqlite) as _;
    let people = store.everybody().await?;
    let players: Vec<Person> = demo::people()
        .into_iter()
        .map(|account| account.person)
        .collect();
    // Whoever an administrator added came after one: what counts is who came by the set-up link.
    let demo_only = people
        .iter()
        .all(|p| p.added.is_some() || players.iter().any(|d| d.id == p.person.id));
    ensure!(
        !how.demo || demo_only,
        "{} has accounts of its own and --demo would let anybody in. Leave --demo out, or name another database with --database.",
        how.database.url
    );
    let log = Log::start(Arc::clone(&store), Policy::default(), clock.clone()).await?;
    let saved = log.policy();
    if zone::differing(&saved.zone).is_some() {
        tracing::warn!(
            zone = saved.zone.name.as_str(),
            "this program has another table of time zones than the one that the policy was saved with; an administrator takes it up at /policy"
        );
    }
    if how.demo {
        // Its times are made from this one.
        let never_set = Trouble::impossible(clock.wall()).is_some();
        ensure!(
            !never_set || log.head() > 0,
            "This machine's clock was never set. Set it, then start the demo."
        );
        demo::load(&log, store.as_ref(), clock.now()).await?;
    }
    let (stop, stopping) = watch::channel(false);
    let demo = if how.demo { players } else { Vec::new() };
    let swept = tokio::spawn(sweep::run(
        Arc::clone(&store),
        clock.clone(),
        stopping.clone(),
    ));
    let public_url = how.public_url.unwrap_or_else(|| {
        tracing::info!("links begin with http://{address}, where this server listens; --public-url names another address");
        PublicUrl::of_listener(address)
    });
    let site = Site::new(log.clone(), store, clock, stopping.clone(), demo);
    let site = site.reached_at(public_url.clone());
    let of_people = Limits {
        trusted_proxies: how.trusted_proxy,
        commands_per_minute: how.commands_per_minute,
        ..Limits::default()
    };
    let site = Arc::new(site.with_limits(match how.demo {
        true => of_people.with_shared_accounts(),
        false => of_people,
    }));
    if !assets::has_app() {
        tracing::warn!(
            "built without target/site: pages can be read but nothing on them can be done; run `make site` and build again"
        );
    }
    if !how.demo && demo_only {
        let path = site
            .open_setup()
            .map_err(|_| anyhow::anyhow!("The system gives no random numbers."))?;
        say(&format!(
            "Make the administrator here, once: {}",
            public_url.at(&path)
        ));
    }
    say(&format!("Drumbeat is at http://{address}"));

    let server = connections::serve(listener, http::router(site), limits, stopping);
    let mut server = tokio::spawn(server);
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
        ended = &mut server => ended?,
    }
    tracing::info!("stopping");
    stop.send_replace(true);
    if tokio::time::timeout(STOPPING_MAX, &mut server)
        .await
        .is_err()
    {
        tracing::warn!("some connections did not end in time");
        server.abort();
    }
    let _ended = swept.await;
    log.shutdown().await;
    sqlite.close().await;
    tracing::info!("stopped");
    Ok(())
}

/// The bounds of connections: as many as the system has descriptors for, which is raised first.
fn limits(trusted_proxies: u8) -> anyhow::Result<ConnectionLimits> {
    let descriptors = connections::raise_descriptors()
        .context("The system does not tell how many files may be open")?;
    let limits = ConnectionLimits::within(descriptors);
    let per_address = limits.per_address.filter(|_| trusted_proxies == 0);
    let limits = ConnectionLimits {
        per_address,
        ..limits
    };
    tracing::info!(
        descriptors,
        connections = limits.all,
        per_address = per_address.unwrap_or(limits.all),
        header_s = limits.header.as_secs(),
        idle_s = limits.idle.as_secs(),
        trusted_proxies,
        "limits of connections"
    );
    Ok(limits)
}

async fn listen(addr: SocketAddr) -> anyhow::Result<TcpListener> {
    use std::io::ErrorKind;
    TcpListener::bind(addr)
        .await
        .map_err(|error| match error.kind() {
            ErrorKind::AddrInUse => anyhow::anyhow!(
                "{addr} is in use. Stop the other program, or choose another address with --addr."
            ),
            ErrorKind::PermissionDenied => anyhow::anyhow!(
                "{addr} may not be listened on. Choose a port above 1023 with --addr."
            ),
            ErrorKind::AddrNotAvailable => {
                anyhow::anyhow!("{addr} is no address of this machine. Choose another with --addr.")
            }
            _ => anyhow::Error::new(error).context(format!("Cannot listen on {addr}")),
        })
}
