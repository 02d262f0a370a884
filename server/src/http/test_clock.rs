//! Moves the clock, for tests that cannot wait 72 minutes. Not part of a shipped binary.

use crate::http::Site;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use serde::Deserialize;
use std::sync::Arc;

/// `POST /test/clock {"advance_ms": 60000}`: time passes. With `"only": "wall"` the clock is set by so
/// much, and with `"only": "boot"` the time since the machine started moves alone.
pub fn router(site: Arc<Site>) -> Router {
    Router::new()
        .route("/test/clock", post(advance))
        .with_state(site)
}

#[derive(Deserialize)]
struct Advance {
    advance_ms: i64,
    #[serde(default)]
    only: Option<Only>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Only {
    Wall,
    Boot,
}

async fn advance(State(site): State<Arc<Site>>, Json(by): Json<Advance>) -> StatusCode {
    match by.only {
        None => site.clock.advance(by.advance_ms),
        Some(Only::Wall) => site.clock.advance_wall(by.advance_ms),
        Some(Only::Boot) => site.clock.advance_boot(by.advance_ms),
    }
    // Looked at now, and not when somebody writes.
    let _looked = site.clock.now();
    site.clock_moved.send_modify(|moves| *moves += 1);
    StatusCode::NO_CONTENT
}
