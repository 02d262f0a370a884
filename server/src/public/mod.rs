//! The pages that customers read. A crowd gets them from memory: drawn when a publish or the
//! time changes what they say, packed once, sent as they lie there. Only the pages of incidents
//! that are long over come from the log, one at a time. Nothing is written, no cookie is looked at.
//!
//! Architecture invariant (D1): what is drawn here comes from `domain::public`, made for its
//! [`Reader`](domain::public::Reader) in `generation.rs` and nowhere else.

mod absent;
mod customer;
mod draw;
mod generation;
mod recent;
mod sheet;

pub(crate) use draw::incident_page;

use crate::http::Site;
use crate::http::fault::Fault;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use generation::{Generation, Pages};
use std::sync::Arc;

/// The status page and the page of each incident, for everybody and for one account.
pub fn router(site: Arc<Site>) -> Router {
    Router::new()
        .route("/status", get(status))
        .route("/status/incidents/{id}", get(incident))
        .merge(customer::router())
        .route("/status/", get(nothing))
        .route("/status/{*other}", get(nothing))
        .method_not_allowed_fallback(async || {
            let mut response = StatusCode::METHOD_NOT_ALLOWED.into_response();
            crate::http::put_fixed(response.headers_mut());
            response
        })
        .with_state(Arc::new(Pages::new(site.log.clone())))
}

async fn status(State(pages): State<Arc<Pages>>, headers: HeaderMap) -> Response {
    let generation = pages.current();
    match generation.status().await {
        Ok(sheet) => sheet.answer(StatusCode::OK, &headers),
        Err(fault) => failed(fault),
    }
}

async fn incident(
    State(pages): State<Arc<Pages>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let generation = pages.current();
    match generation.incident(&id).await {
        Some(Ok(sheet)) => sheet.answer(StatusCode::OK, &headers),
        Some(Err(fault)) => failed(fault),
        None => older(&pages, &generation, &id, &headers).await,
    }
}

/// The page of an incident that is not among those kept in memory, or that of nothing.
async fn older(pages: &Pages, generation: &Generation, id: &str, headers: &HeaderMap) -> Response {
    match pages.older(generation, id).await {
        Ok(Some(sheet)) => sheet.answer(StatusCode::OK, headers),
        Ok(None) => nothing_in(&pages.current(), headers).await,
        Err(fault) => failed(fault),
    }
}

async fn nothing(State(pages): State<Arc<Pages>>, headers: HeaderMap) -> Response {
    nothing_in(&pages.current(), &headers).await
}

async fn nothing_in(generation: &Arc<Generation>, headers: &HeaderMap) -> Response {
    match generation.nothing().await {
        Ok(sheet) => sheet.answer(StatusCode::NOT_FOUND, headers),
        Err(fault) => failed(fault),
    }
}

fn failed(fault: Fault) -> Response {
    let mut response = fault.into_response();
    crate::http::put_fixed(response.headers_mut());
    response
}
