//! Connections: how many are held and for how long. Whoever says nothing, or begins and does not go on, makes room
//! for who has something to ask. `axum::serve` has no such bounds.

mod address;
mod descriptors;
mod pace;
mod slots;

#[cfg(test)]
mod tests;

pub(crate) use address::network;
pub use descriptors::raise_descriptors;
pub(crate) use pace::keep_connection;

use axum::Router;
use axum::body::{Body, HttpBody as _};
use axum::extract::ConnectInfo;
use axum::http::{HeaderValue, Request, Response, StatusCode, header};
use axum::response::IntoResponse as _;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use pace::{Pace, Phase, Received, Streamed, Watched};
use slots::{Entry, Held, Slots};
use std::convert::Infallible;
use std::future::poll_fn;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;
use tower::Service as _;

/// Descriptors for all that is no connection: the database, the log, the console.
const DESCRIPTORS_KEPT: u64 = 160;
/// More connections than this are of no use to the memory of a small machine.
const CONNECTIONS_MAX: usize = 16_384;
/// What is answered while every connection is at work.
const KEPT_FOR: [&str; 3] = ["/healthz", "/readyz", "/status"];
/// An answer of this size is gone as soon as it is made, or its reader is slow: its connection then makes room for
/// others before one with a longer answer does.
const SHORT_MAX_BYTES: u64 = 64 * 1024;
/// Headers of a request, and what is read of a body at once. Hyper's own most is six times as large, and a stranger can
/// have it for each connection.
const READ_MAX_BYTES: usize = 64 * 1024;
/// After the system could give no connection.
const RETRY: Duration = Duration::from_millis(200);

/// The bounds of connections.
#[derive(Clone, Debug)]
pub struct ConnectionLimits {
    /// Held at a time.
    pub all: usize,
    /// Held besides while all are at work, for health and the status page alone.
    pub spare: usize,
    /// Held for one address. Connections from this machine itself are not counted: a proxy on it brings everybody.
    /// None when a proxy elsewhere does.
    pub per_address: Option<usize>,
    /// From the first byte of a request, or from the connection, to the end of its headers.
    pub header: Duration,
    /// The same for a spare connection. Whoever asks for health sends the headers at once.
    pub spare_header: Duration,
    /// Without a byte either way, between two requests or within an answer.
    pub idle: Duration,
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        Self {
            all: CONNECTIONS_MAX,
            spare: 32,
            per_address: Some(256),
            header: Duration::from_secs(10),
            spare_header: Duration::from_secs(2),
            idle: Duration::from_secs(60),
        }
    }
}

impl ConnectionLimits {
    /// As many as fit into this many descriptors.
    #[must_use]
    pub fn within(descriptors: u64) -> Self {
        let room = descriptors.saturating_sub(DESCRIPTORS_KEPT).max(16);
        Self {
            all: usize::try_from(room).map_or(CONNECTIONS_MAX, |room| room.min(CONNECTIONS_MAX)),
            ..Self::default()
        }
    }
}

/// Answers what comes in until `stopping` turns true; then takes nothing more and returns when all that was begun is
/// answered.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: ConnectionLimits,
    stopping: watch::Receiver<bool>,
) {
    let router = router.with_state(());
    let slots = Slots::of(&limits);
    let limits = Arc::new(limits);
    // Every connection holds a sender; when the last is gone, all are.
    let (alive, mut ended) = mpsc::channel::<()>(1);
    let mut stop = stopping.clone();
    loop {
        let accepted = tokio::select! {
            biased;
            _ = stop.wait_for(|stopping| *stopping) => break,
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                not_accepted(&error).await;
                continue;
            }
        };
        let Some(held) = slots.enter(network(peer.ip())) else {
            continue;
        };
        // Answers and live events are small; each should leave at once.
        let _best_effort = stream.set_nodelay(true);
        let (router, limits) = (router.clone(), Arc::clone(&limits));
        let (stopping, alive) = (stopping.clone(), alive.clone());
        tokio::spawn(async move {
            hold(stream, peer, router, &limits, held, stopping).await;
            drop(alive);
        });
    }
    drop(listener);
    drop(alive);
    let _all_ended = ended.recv().await;
}

async fn not_accepted(error: &std::io::Error) {
    let of_the_peer = matches!(
        error.kind(),
        ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset | ErrorKind::ConnectionRefused
    );
    if !of_the_peer {
        tracing::error!(%error, "no connection can be taken");
        tokio::time::sleep(RETRY).await;
    }
}

/// Answers on one connection until it ends, takes too long, or has to make room.
async fn hold(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    limits: &ConnectionLimits,
    held: Held,
    mut stopping: watch::Receiver<bool>,
) {
    let (pulse, spare) = (Arc::clone(held.pulse()), held.entry() == Entry::Spare);
    let of_requests = Arc::clone(&pulse);
    let service = service_fn(move |request: Request<Incoming>| {
        let (at_work, request) = Received::begin(&of_requests, request);
        let answer = answer(router.clone(), request, peer, spare);
        async move {
            let response = answer.await?;
            let exact = response.body().size_hint().exact();
            if exact.is_some_and(|bytes| bytes <= SHORT_MAX_BYTES) {
                return Ok::<_, Infallible>(response);
            }
            Ok(response.map(|body| Body::new(Streamed::new(body, at_work))))
        }
    });
    let io = TokioIo::new(Watched::new(stream, Arc::clone(&pulse)));
    // The bounds of time are `pace`'s: hyper's own takes a rest between two requests for slow headers.
    let mut connection = pin!(
        http1::Builder::new()
            .header_read_timeout(None)
            .max_buf_size(READ_MAX_BYTES)
            .serve_connection(io, service)
    );
    let header = match held.entry() {
        Entry::Usual => limits.header,
        Entry::Spare => limits.spare_header,
    };
    let mut pace = Pace::new(header, limits, Instant::now());
    let mut alarm = pin!(tokio::time::sleep(header));
    let mut told = false;
    loop {
        let over = poll_fn(|context| {
            if let std::task::Poll::Ready(ended) = connection.as_mut().poll(context) {
                return std::task::Poll::Ready(ended.map_err(drop));
            }
            pace.poll(&pulse, alarm.as_mut(), context).map(Err)
        });
        tokio::select! {
            biased;
            _ = over => return,
            () = held.pushed_out() => return,
            _ = stopping.wait_for(|stopping| *stopping), if !told => {
                told = true;
                if pulse.phase() == Phase::Silent {
                    // Nothing was begun.
                    return;
                }
                connection.as_mut().graceful_shutdown();
            }
        }
    }
}

async fn answer(
    mut router: Router,
    mut request: Request<Body>,
    peer: SocketAddr,
    spare: bool,
) -> Result<Response<Body>, Infallible> {
    if !spare {
        request.extensions_mut().insert(ConnectInfo(peer));
        return router.call(request).await;
    }
    let mut response = if KEPT_FOR.contains(&request.uri().path()) {
        request.extensions_mut().insert(ConnectInfo(peer));
        router.call(request).await?
    } else {
        let retry_after = [(header::RETRY_AFTER, HeaderValue::from_static("5"))];
        let words = "Too many are connected. Try again in a moment.";
        (StatusCode::SERVICE_UNAVAILABLE, retry_after, words).into_response()
    };
    let close = HeaderValue::from_static("close");
    response.headers_mut().insert(header::CONNECTION, close);
    Ok(response)
}
