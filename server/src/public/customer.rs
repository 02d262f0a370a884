//! The pages of one customer account, behind a secret link (INTERFACES §1): what everybody reads
//! and what was addressed to that account by name.

use super::generation::{Generation, Pages};
use super::sheet::Sheet;
use super::{failed, nothing_in, older};
use crate::http::fault::Fault;
use crate::links::Page;
use app::api::LinkKind;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware;
use axum::response::Response;
use axum::routing::get;
use std::sync::Arc;

/// The status page of an account and the page of each incident.
pub(super) fn router() -> Router<Arc<Pages>> {
    Router::new()
        .route("/status/c/{token}", get(status))
        .route("/status/c/{token}/incidents/{id}", get(incident))
        .route_layer(middleware::map_response(keep_it_quiet))
}

async fn status(
    State(pages): State<Arc<Pages>>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Response {
    match opened(&pages, &token) {
        Some(generation) => answer(generation.status().await, &headers),
        None => nothing_in(&pages.current(), &headers).await,
    }
}

async fn incident(
    State(pages): State<Arc<Pages>>,
    Path((token, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let Some(generation) = opened(&pages, &token) else {
        return nothing_in(&pages.current(), &headers).await;
    };
    match generation.incident(&id).await {
        Some(sheet) => answer(sheet, &headers),
        None => older(&pages, &generation, &id, &headers).await,
    }
}

/// The pages that the link of this token opens. A wrong, a revoked and an unknown one are looked
/// up in the same way and get the same page.
fn opened(pages: &Pages, token: &str) -> Option<Arc<Generation>> {
    let link = pages.log().links().find(LinkKind::Status, token)?;
    let page: Page = link.target.parse().ok()?;
    Some(pages.of_customer(&page, format!("/status/c/{token}")))
}

fn answer(sheet: Result<&Sheet, Fault>, headers: &HeaderMap) -> Response {
    match sheet {
        Ok(sheet) => sheet.answer(StatusCode::OK, headers),
        Err(fault) => failed(fault),
    }
}

/// The address is the secret: nobody on the way keeps the page, no other site is told where its
/// reader came from, and no search engine lists it.
async fn keep_it_quiet(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.remove(header::ETAG);
    for (name, value) in [
        (header::CACHE_CONTROL, "private, no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("x-robots-tag"), "noindex, nofollow"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}
