//! The live feed: tells a browser how far the log has come, and nothing else. The browser
//! pulls. What is told is always the newest place, read from a watch when the connection has
//! room: a slow reader skips, it never makes the server buffer.

use crate::http::Site;
use crate::http::session;
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::IntoResponse;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::routing::get;
use axum::{Router, middleware};
use futures::Stream;
use futures::stream::unfold;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// How often a quiet connection says that it is there. As an event: scripts are not told of comments,
/// and a browser that hears nothing for more than twice as long gives the connection up
/// (`app/src/replica/live.rs`).
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// The feed.
pub fn router(site: Arc<Site>) -> Router {
    Router::new()
        .route("/live", get(live))
        .route_layer(middleware::from_fn_with_state(
            Arc::clone(&site),
            session::require,
        ))
        .with_state(site)
}

/// What a feed watches.
struct Feed {
    head: watch::Receiver<u64>,
    stopping: watch::Receiver<bool>,
    clock_moved: watch::Receiver<u64>,
    greeted: bool,
}

async fn live(State(site): State<Arc<Site>>) -> impl IntoResponse {
    let mut clock_moved = site.clock_moved.subscribe();
    clock_moved.mark_unchanged();
    let feed = Feed {
        head: site.log.subscribe(),
        stopping: site.stopping.clone(),
        clock_moved,
        greeted: false,
    };
    let stream = Sse::new(events(feed)).keep_alive(
        KeepAlive::new()
            .interval(KEEP_ALIVE)
            .event(Event::default().event("beat").data("{}")),
    );
    let headers = [
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        // Proxies of the nginx kind hold back what is not said to be a stream.
        (
            HeaderName::from_static("x-accel-buffering"),
            HeaderValue::from_static("no"),
        ),
    ];
    (headers, stream)
}

fn events(feed: Feed) -> impl Stream<Item = Result<Event, Infallible>> {
    unfold(feed, |mut feed| async move {
        if *feed.stopping.borrow() {
            return None;
        }
        if !feed.greeted {
            feed.greeted = true;
            return Some((Ok(head(&mut feed)), feed));
        }
        let event = match feed.next().await? {
            News::Clock => Event::default().event("clock").data("{}"),
            News::Head => head(&mut feed),
        };
        Some((Ok(event), feed))
    })
}

/// What there is to tell.
enum News {
    Head,
    Clock,
}

impl Feed {
    /// The next thing to tell; none when the server stops.
    async fn next(&mut self) -> Option<News> {
        tokio::select! {
            biased;
            _ = self.stopping.wait_for(|stopping| *stopping) => None,
            moved = self.clock_moved.changed() => moved.ok().map(|()| News::Clock),
            changed = self.head.changed() => changed.ok().map(|()| News::Head),
        }
    }
}

fn head(feed: &mut Feed) -> Event {
    let head = *feed.head.borrow_and_update();
    Event::default()
        .id(head.to_string())
        .event("head")
        .data(format!("{{\"head\":{head}}}"))
}
