//! The live feed: tells a browser how far the log has come, and nothing else. The browser
//! pulls. What is told is always the newest place, read from a watch when the connection has
//! room: a slow reader skips, it never makes the server buffer.

use crate::http::Site;
use crate::http::fault::Fault;
use crate::http::session;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
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
    site: Arc<Site>,
    /// The hash of the token of the session that opened it.
    session: [u8; 32],
    head: watch::Receiver<u64>,
    people: watch::Receiver<u64>,
    stopping: watch::Receiver<bool>,
    clock_moved: watch::Receiver<u64>,
    greeted: bool,
}

async fn live(
    State(site): State<Arc<Site>>,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Fault> {
    let session = session::token_hash(&headers).ok_or(Fault::SignedOut)?;
    let mut clock_moved = site.clock_moved.subscribe();
    clock_moved.mark_unchanged();
    let feed = Feed {
        session,
        head: site.log.subscribe(),
        people: site.log.people().subscribe(),
        stopping: site.stopping.clone(),
        clock_moved,
        greeted: false,
        site,
    };
    // It may have ended between the door and the watch.
    if !feed.is_signed_in().await {
        return Err(Fault::SignedOut);
    }
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
    Ok((headers, stream))
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
            News::People => Event::default().event("people").data("{}"),
            News::Head => head(&mut feed),
        };
        Some((Ok(event), feed))
    })
}

/// What there is to tell.
enum News {
    Head,
    Clock,
    /// Somebody was added, changed or removed, or signed out everywhere.
    People,
}

impl Feed {
    /// The next thing to tell; none when the server stops, or the session has ended.
    async fn next(&mut self) -> Option<News> {
        let news = tokio::select! {
            biased;
            _ = self.stopping.wait_for(|stopping| *stopping) => return None,
            moved = self.clock_moved.changed() => moved.ok().map(|()| News::Clock),
            moved = self.people.changed() => moved.ok().map(|()| News::People),
            changed = self.head.changed() => changed.ok().map(|()| News::Head),
        };
        match news? {
            News::People if !self.is_signed_in().await => None,
            news => Some(news),
        }
    }

    /// Asked when sessions may have been ended from elsewhere: who was removed is told nothing more.
    /// While the store cannot be read nothing is known against them.
    async fn is_signed_in(&self) -> bool {
        let now = self.site.clock.now();
        let whose = self.site.log.people().session(self.session, now).await;
        !matches!(whose, Ok(None))
    }
}

fn head(feed: &mut Feed) -> Event {
    let head = *feed.head.borrow_and_update();
    Event::default()
        .id(head.to_string())
        .event("head")
        .data(format!("{{\"head\":{head}}}"))
}
