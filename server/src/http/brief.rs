//! One incident's executive brief behind a secret link, to be read and not written
//! (INTERFACES §1). It looks at no cookie and writes nothing; only a link that opens something
//! leads to the log.

use crate::http::Site;
use crate::http::fault::Fault;
use crate::http::page;
use crate::http::screens::wrong;
use app::LinkedBrief;
use app::api::LinkKind;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Router, middleware};
use leptos::prelude::*;
use serde::Deserialize;
use std::sync::Arc;

/// No script at all; `style` attributes place the beats.
const POLICY: &str = "default-src 'none'; style-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self'; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The page of a link.
pub fn router(site: Arc<Site>) -> Router {
    Router::new()
        .route("/brief/{token}", get(show))
        .route_layer(middleware::map_response(keep_it_quiet))
        .with_state(site)
}

#[derive(Deserialize)]
struct Asked {
    version: Option<String>,
}

/// A wrong, a revoked and an unknown token are looked up in the same way and get the same page.
async fn show(
    State(site): State<Arc<Site>>,
    Path(token): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Fault> {
    let link = site.log.links().find(LinkKind::Brief, &token);
    let id = link.and_then(|link| link.target.parse().ok());
    let Some(id) = id else {
        return Ok(opens_nothing());
    };
    let incident = site.log.incident_by_id(id).await.map_err(wrong)?;
    let version = match asked.version {
        Some(version) => Some(version.parse().map_err(|_| Fault::NotFound)?),
        None => None,
    };
    if version.is_some_and(|v| incident.briefs.iter().all(|b| b.version != v)) {
        return Err(Fault::NotFound);
    }
    let (policy, now) = (site.log.policies().of(&incident), site.clock.now());
    let title = format!("{} executive brief", incident.number_label());
    let body = page::html(move || view! { <LinkedBrief incident version policy now /> });
    Ok(page::document(&title, &body).into_response())
}

/// It does not tell whether the link ever opened something.
fn opens_nothing() -> Response {
    const TITLE: &str = "This link opens nothing";
    const DETAIL: &str =
        "It was revoked, or the address is not complete. Ask whoever sent it for a new one.";
    (StatusCode::NOT_FOUND, page::fault(TITLE, DETAIL, None)).into_response()
}

/// The address is the secret: no other site is told where its reader came from, and no search
/// engine lists it. That nobody keeps the page is said of every answer of the app.
async fn keep_it_quiet(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("x-robots-tag"), "noindex, nofollow"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}
