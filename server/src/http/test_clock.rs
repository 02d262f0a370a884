//! Moves the clock, for tests that cannot wait 72 minutes. Not part of a shipped binary.

use crate::http::Site;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use serde::Deserialize;
use std::sync::Arc;

/// `POST /test/clock {"advance_ms": 60000}`.
pub fn router(site: Arc<Site>) -> Router {
    Router::new()
        .route("/test/clock", post(advance))
        .with_state(site)
}

#[derive(Deserialize)]
struct Advance {
    advance_ms: i64,
}

async fn advance(State(site): State<Arc<Site>>, Json(by): Json<Advance>) -> StatusCode {
    site.clock.advance(by.advance_ms);
    site.clock_moved.send_modify(|moves| *moves += 1);
    StatusCode::NO_CONTENT
}
