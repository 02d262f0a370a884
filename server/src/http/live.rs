//! The live feed: tells a browser how far the log has come, and nothing else. The browser
//! pulls. What is told is always the newest place, read from a watch when the connection has
//! room: a slow reader skips, it never makes the server buffer.

use crate::clock::Trouble;
use crate::http::Site;
use crate::http::fault::Fault;
use crate::http::session;
use crate::http::streams::Stream as OpenStream;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::IntoResponse;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::routing::get;
use axum::{Router, middleware};
use domain::Time;
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
    /// When that session ends by itself.
    expires_at: Time,
    head: watch::Receiver<u64>,
    people: watch::Receiver<u64>,
    session_ended: watch::Receiver<u64>,
    stopping: watch::Receiver<bool>,
    clock_moved: watch::Receiver<u64>,
    clock_trouble: watch::Receiver<Option<Trouble>>,
    greeted: bool,
    open: OpenStream,
}

async fn live(
    State(site): State<Arc<Site>>,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Fault> {
    let session = session::token_hash(&headers).ok_or(Fault::SignedOut)?;
    let mut clock_moved = site.clock_moved.subscribe();
    clock_moved.mark_unchanged();
    let people = site.log.people();
    let (changes, session_ended) = (people.subscribe(), people.subscribe_session_ended());
    // It may have ended between the door and the watch.
    let found = people.session(session, site.clock.now()).await?;
    let (person, expires_at) = found.ok_or(Fault::SignedOut)?;
    let feed = Feed {
        session,
        expires_at,
        head: site.log.subscribe(),
        people: changes,
        session_ended,
        stopping: site.stopping.clone(),
        clock_moved,
        clock_trouble: site.clock.subscribe(),
        greeted: false,
        open: site.streams.open(person.id, session, &site.limits),
        site,
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
    /// The clock is not believed any more, or again; or a test has moved it.
    Clock,
    /// Somebody was added, changed or removed, or signed out everywhere.
    People,
}

impl Feed {
    /// The next thing to tell; none when the server stops, the session or the person has newer streams enough, or it has
    /// ended: by somebody, or because its time is over.
    async fn next(&mut self) -> Option<News> {
        loop {
            let left = self.left();
            // None in the inner place: something to look at, and nothing to tell.
            let news = tokio::select! {
                biased;
                _ = self.stopping.wait_for(|stopping| *stopping) => return None,
                () = self.open.pushed_out() => return None,
                moved = self.clock_moved.changed() => moved.ok().map(|()| Some(News::Clock)),
                judged = self.clock_trouble.changed() => judged.ok().map(|()| Some(News::Clock)),
                moved = self.people.changed() => moved.ok().map(|()| Some(News::People)),
                ended = self.session_ended.changed() => ended.ok().map(|()| None),
                () = tokio::time::sleep(left) => Some(None),
                changed = self.head.changed() => changed.ok().map(|()| Some(News::Head)),
            }?;
            if self.left().is_zero() {
                return None;
            }
            if !matches!(news, Some(News::Head | News::Clock)) && !self.is_signed_in().await {
                return None;
            }
            if news.is_some() {
                return news;
            }
        }
    }

    /// How long the session lasts if nobody ends it.
    fn left(&self) -> Duration {
        let left = self.expires_at - self.site.clock.now();
        left.to_std().unwrap_or_default()
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
