//! `drumbeat serve`: from the command line to a server, and to its orderly end.

use crate::assets;
use crate::cli::{Serve, say};
use crate::clock::{ServerClock, Trouble};
use crate::demo;
use crate::http::{self, PublicUrl, Site};
use crate::log::Log;
use crate::store::{SqliteStore, Store};
use crate::sweep;
use anyhow::ensure;
use axum::serve::ListenerExt as _;
use domain::{Person, Policy};
use std::future::IntoFuture as _;
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
    // Before the demo is loaded: a port in use should not cost anybody a wait.
    let listener = listen(how.addr).await?;
    let address = listener.local_addr()?;

    let log = Log::start(Arc::clone(&store), Policy::default(), clock.clone()).await?;
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
    let site = Arc::new(site.reached_at(public_url.clone()));
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

    let router = http::router(site).into_make_service_with_connect_info::<SocketAddr>();
    let listener = listener.tap_io(|connection| {
        // Answers and live events are small; each should leave at once.
        let _best_effort = connection.set_nodelay(true);
    });
    let mut stopped = stopping.clone();
    let server = axum::serve(listener, router).with_graceful_shutdown(async move {
        // The sender is dropped only after the server is.
        let _ = stopped.wait_for(|stopping| *stopping).await;
    });
    let mut server = tokio::spawn(server.into_future());
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
        ended = &mut server => ended??,
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
