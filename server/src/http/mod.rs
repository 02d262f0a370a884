//! The server's doors. One `router()` per area; what holds for all of them is put around them
//! here, once.

mod accounts;
mod audit;
mod brief;
mod browser;
mod client;
mod client_address;
mod clock;
mod cookies;
pub mod encoding;
mod evidence;
mod export;
pub mod fault;
mod files;
mod hashing;
mod headers;
mod health;
mod judging;
mod limits;
mod live;
mod mark;
mod merge;
mod origin;
mod packed;
mod page;
mod password;
mod people;
mod policy;
mod preview;
mod public_url;
mod rate;
mod request_id;
mod screens;
mod sent_back;
mod session;
mod setup;
mod share;
mod shares;
mod sign_in;
mod streams;
mod sync;
#[cfg(feature = "test-clock")]
mod test_clock;
mod throttle;
mod tidy;
mod turns;
mod unread;

pub use headers::put_fixed;
pub use limits::Limits;
pub use page::{escaped, html};
pub use public_url::PublicUrl;
pub(crate) use screens::wrong;
pub(crate) use session::Token;

use crate::clock::ServerClock;
use crate::log::Log;
use crate::public;
use crate::store::Store;
use axum::Router;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request};
use axum::http::{Response, StatusCode};
use axum::middleware;
use axum::response::IntoResponse as _;
use domain::Person;
use fault::Fault;
use std::any::Any;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::predicate::{Predicate as _, SizeAbove};
use tower_http::compression::{CompressionLayer, DefaultPredicate};
use tower_http::request_id::{PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::TraceLayer;
use tracing::{Level, Span};

/// No answer takes longer; what does is told to come back. The live feed has no such end, and
/// files one of their own.
const ANSWER_MAX: Duration = Duration::from_secs(30);
/// The largest form. What is synced has a limit of its own.
const FORM_MAX_BYTES: usize = 16 * 1024;

/// What is smaller goes out as it is: it fits into one packet or two anyhow. Answers to pushes and pulls are mostly
/// that small, and packing them took a fifth of what a push costs.
const PACKED_MIN_BYTES: u16 = 1024;

/// What every handler may use.
pub struct Site {
    /// The one log.
    pub(crate) log: Log,
    /// Accounts and sessions.
    store: Arc<dyn Store>,
    /// The server's time.
    clock: ServerClock,
    /// Turns true once, when the server stops: streams end then.
    stopping: watch::Receiver<bool>,
    /// Counts the moves of a test's clock.
    clock_moved: watch::Sender<u64>,
    /// Who may come in without a password, unless they were removed; nobody but in a demo.
    demo: Vec<Person>,
    setup: setup::Setup,
    throttle: throttle::Throttle,
    passwords: password::Passwords,
    judge: judging::Judge,
    sent_back: sent_back::SentBack,
    uploads: evidence::Uploads,
    downloads: shares::Shares,
    exports: shares::Shares,
    previews: shares::Shares,
    readiness: health::Readiness,
    public_url: PublicUrl,
    streams: streams::Streams,
    pushes: sync::Pushes,
    /// Secret links that each person makes.
    link_changes: rate::Rate,
    packer: packed::Packer,
    limits: Limits,
}

impl Site {
    /// A site on this log and store.
    #[must_use]
    pub fn new(
        log: Log,
        store: Arc<dyn Store>,
        clock: ServerClock,
        stopping: watch::Receiver<bool>,
        demo: Vec<Person>,
    ) -> Self {
        Self {
            log,
            store,
            clock,
            stopping,
            clock_moved: watch::Sender::new(0),
            demo,
            setup: setup::Setup::default(),
            throttle: throttle::Throttle::default(),
            passwords: password::Passwords::default(),
            judge: judging::Judge::default(),
            sent_back: sent_back::SentBack::default(),
            uploads: evidence::Uploads::default(),
            downloads: shares::Shares::default(),
            exports: shares::Shares::default(),
            previews: shares::Shares::default(),
            readiness: health::Readiness::default(),
            public_url: PublicUrl::of_listener(SocketAddr::from(([127, 0, 0, 1], 3000))),
            streams: streams::Streams::default(),
            pushes: sync::Pushes::default(),
            link_changes: rate::Rate::default(),
            packer: packed::Packer::default(),
            limits: Limits::default(),
        }
    }

    /// The same, reached by people under this address.
    #[must_use]
    pub fn reached_at(self, public_url: PublicUrl) -> Self {
        Self { public_url, ..self }
    }

    /// The same within other bounds.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Opens the link that makes the first administrator, and tells its path.
    ///
    /// # Errors
    /// [`Fault::Internal`] when the system gives no random numbers.
    pub fn open_setup(&self) -> Result<String, Fault> {
        self.setup.open()
    }
}

/// Everything that is served. The public pages stand apart: a crowd reads them from memory, and
/// nothing that only the app needs is done for them.
pub fn router(site: Arc<Site>) -> Router {
    let public = public::router(Arc::clone(&site));
    app(site).merge(public)
}

fn app(site: Arc<Site>) -> Router {
    let worth_packing = DefaultPredicate::new().and(SizeAbove::new(PACKED_MIN_BYTES));
    let packed = Router::new()
        .merge(screens::router(Arc::clone(&site)))
        .merge(brief::router(Arc::clone(&site)))
        .merge(export::router(Arc::clone(&site)))
        .merge(sync::router(Arc::clone(&site)))
        .layer(CompressionLayer::new().compress_when(worth_packing));
    let forms = Router::new()
        .merge(sign_in::router(Arc::clone(&site)))
        .merge(setup::router(Arc::clone(&site)))
        .merge(share::router(Arc::clone(&site)))
        .merge(preview::router(Arc::clone(&site)))
        .merge(people::router(Arc::clone(&site)))
        .merge(clock::router(Arc::clone(&site)))
        .layer(DefaultBodyLimit::max(FORM_MAX_BYTES));
    let answers = Router::new()
        .merge(packed)
        .merge(forms)
        .merge(policy::router(Arc::clone(&site)))
        .merge(audit::router(Arc::clone(&site)))
        .merge(session::router(Arc::clone(&site)))
        .merge(health::router(Arc::clone(&site)))
        .merge(files::router());
    #[cfg(feature = "test-clock")]
    let answers = answers.merge(test_clock::router(Arc::clone(&site)));
    let answers = answers
        .fallback(tidy::lead_on)
        .layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            ANSWER_MAX,
        ));
    let around = ServiceBuilder::new()
        .map_request(request_id::forget)
        .layer(SetRequestIdLayer::x_request_id(request_id::RandomId))
        .layer(
            TraceLayer::new_for_http()
                .make_span_with(span)
                .on_response(told)
                .on_failure(()),
        )
        .layer(PropagateRequestIdLayer::x_request_id())
        .layer(middleware::map_response(headers::put))
        .layer(middleware::from_fn(cookies::within))
        .layer(middleware::from_fn(fault::draw))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn(unread::read_on))
        .layer(middleware::from_fn(origin::guard));
    // Accounts and evidence have limits of time of their own: a file may come over a slow line.
    answers
        .merge(accounts::router(Arc::clone(&site)))
        .merge(evidence::router(Arc::clone(&site)))
        .merge(live::router(site))
        .layer(around)
}

fn span(request: &Request) -> Span {
    // The pattern of the route and never the path: some addresses are secrets, in whatever spelling, and a query
    // holds what people typed.
    let matched = request.extensions().get::<MatchedPath>();
    let route = matched.map_or("none", MatchedPath::as_str);
    let id = request_id::of(request.extensions());
    tracing::span!(Level::INFO, "request", %id, method = %request.method(), route)
}

fn told<B>(response: &Response<B>, took: Duration, _: &Span) {
    let (status, took_us) = (response.status().as_u16(), took.as_micros());
    if response.status() == StatusCode::SERVICE_UNAVAILABLE {
        // Too much at once, or a clock that is not believed: whoever asked is told to come back. What is ours to mend
        // is logged where it happens.
        tracing::warn!(status, took_us, "answered");
    } else if response.status().is_server_error() {
        tracing::error!(status, took_us, "answered");
    } else {
        tracing::debug!(status, took_us, "answered");
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the layer hands the payload over"
)]
fn panicked(payload: Box<dyn Any + Send>) -> axum::response::Response {
    let text = payload
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| payload.downcast_ref::<&str>().copied())
        .unwrap_or("no message");
    Fault::internal(format_args!("panicked: {text}")).into_response()
}
