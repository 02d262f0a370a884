//! The pages of who is signed in, drawn with their data in them. The browser draws the app in the
//! place of what the server drew, from the same snapshot.

use crate::assets::{self, PKG};
use crate::http::Site;
use crate::http::cookies::Cookies;
use crate::http::fault::Fault;
use crate::http::session::{self, SignedIn};
use app::Page;
use app::api::{ApiError, Snapshot};
use axum::extract::{OriginalUri, Path, State};
use axum::http::{HeaderValue, Uri, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::get;
use axum::{Router, middleware};
use domain::{IncidentId, IncidentNumber};
use hydration_context::SsrSharedContext;
use leptos::prelude::*;
use std::sync::Arc;

/// Every screen, and the shell that opens without a network.
pub fn router(site: Arc<Site>) -> Router {
    let screens = Router::new()
        .route("/", get(board))
        .route("/declare", get(declare))
        .route("/declare/{report}", get(declare))
        .route("/incidents/{key}", get(incident))
        .route("/incidents/{key}/update", get(incident))
        .route("/incidents/{key}/brief", get(incident))
        .route("/incidents/{key}/brief/edit", get(incident))
        .route_layer(middleware::from_fn_with_state(
            Arc::clone(&site),
            session::require_or_lead,
        ))
        .with_state(site);
    Router::new().route("/app-shell", get(shell)).merge(screens)
}

async fn board(
    State(site): State<Arc<Site>>,
    who: SignedIn,
    OriginalUri(uri): OriginalUri,
) -> Result<Html<String>, Fault> {
    Ok(draw(
        &uri,
        "Board".to_owned(),
        Some(snapshot(&site, who, None).await?),
    ))
}

/// Also of a report, which may be one that this browser has and the server has not yet.
async fn declare(
    State(site): State<Arc<Site>>,
    who: SignedIn,
    OriginalUri(uri): OriginalUri,
) -> Result<Html<String>, Fault> {
    Ok(draw(
        &uri,
        "Declare".to_owned(),
        Some(snapshot(&site, who, None).await?),
    ))
}

/// A number, in capitals or not.
fn number_in(key: &str) -> Option<IncidentNumber> {
    key.to_ascii_uppercase().parse().ok()
}

/// The same address with the incident called by its number.
fn calling(uri: &Uri, number: IncidentNumber) -> String {
    let number = number.to_string();
    let whole = path_and_query(uri);
    let (path, query) = whole
        .split_once('?')
        .map_or((whole, None), |(p, q)| (p, Some(q)));
    let parts = path.split('/').enumerate();
    // "/incidents/KEY/…": nothing, incidents, the key.
    let parts = parts.map(|(place, part)| if place == 2 { &number } else { part });
    let path = parts.collect::<Vec<_>>().join("/");
    query.map_or(path.clone(), |query| format!("{path}?{query}"))
}

fn path_and_query(uri: &Uri) -> &str {
    uri.path_and_query().map_or("/", |p| p.as_str())
}

async fn incident(
    State(site): State<Arc<Site>>,
    who: SignedIn,
    Path(key): Path<String>,
    OriginalUri(uri): OriginalUri,
) -> Result<Response, Fault> {
    if let Ok(id) = key.parse() {
        return by_id(&site, who, id, &uri).await;
    }
    let number = number_in(&key).ok_or(Fault::NotFound)?;
    let called = calling(&uri, number);
    // Elsewhere an incident is looked for by its number as it is written.
    if called != path_and_query(&uri) {
        return Ok(Redirect::permanent(&called).into_response());
    }
    let snapshot = snapshot(&site, who, Some(number)).await?;
    let (_, incident) = site.log.incident(number).await.map_err(wrong)?;
    let title = app::title(uri.path(), &format!("{number} {}", incident.title()));
    Ok(draw(&uri, title, Some(snapshot)).into_response())
}

/// A browser names an incident that it declared itself by its id, until it hears the number.
/// One that the server has not heard of may still wait in that browser.
async fn by_id(site: &Site, who: SignedIn, id: IncidentId, uri: &Uri) -> Result<Response, Fault> {
    match site.log.live().get(&id).and_then(|i| i.number) {
        Some(number) => Ok(session::see_other(&calling(uri, number))),
        None => {
            let snapshot = snapshot(site, who, None).await?;
            let title = app::title(uri.path(), &id.to_string());
            Ok(draw(uri, title, Some(snapshot)).into_response())
        }
    }
}

/// The app without data: the service worker keeps it, and the browser fills it from the device.
async fn shell() -> Response {
    let cache = [(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"))];
    (
        cache,
        draw(&Uri::from_static("/"), "Board".to_owned(), None),
    )
        .into_response()
}

async fn snapshot(
    site: &Site,
    SignedIn(person): SignedIn,
    number: Option<IncidentNumber>,
) -> Result<Snapshot, Fault> {
    site.log.page_snapshot(person, number).await.map_err(wrong)
}

/// What an error of the log means for who asked for a page.
pub fn wrong(error: ApiError) -> Fault {
    match error {
        ApiError::SignedOut => Fault::SignedOut,
        ApiError::NotFound => Fault::NotFound,
        ApiError::BadRequest { .. } => Fault::BadRequest("Check the address."),
        ApiError::Unavailable { retry_after_s } => Fault::Unavailable { retry_after_s },
        ApiError::Unreachable | ApiError::Internal { .. } => Fault::internal(error),
    }
}

/// A whole document. Leptos' own handlers would add a script to each page for data that arrives
/// later; there is none, and without it the policy can forbid scripts inside pages.
fn draw(uri: &Uri, title: String, snapshot: Option<Snapshot>) -> Html<String> {
    let page = Page {
        snapshot,
        address: path_and_query(uri).to_owned(),
        title,
        pkg: PKG.to_owned(),
        has_app: assets::has_app(),
        has_plain_cookies: Cookies::current() == Cookies::Plain,
    };
    // Without it leptos takes itself to be in a browser.
    let owner = Owner::new_root(Some(Arc::new(SsrSharedContext::new())));
    let html = owner.with(|| app::shell(page).into_view().to_html());
    owner.unset_with_forced_cleanup();
    Html(format!("<!doctype html>\n{html}"))
}
