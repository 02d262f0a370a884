//! Customer accounts (RUNBOOK §9): the list, one account, its form, and the import of a CSV file.
//! Plain pages without script. Everybody signed in sees them; only administrators change them.

mod card;
mod edit;
mod file;
mod form;
pub(super) mod frame;
mod import;
mod list;
mod plan;
mod report;

use crate::http::Site;
use crate::http::session;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware;
use axum::routing::{get, post};
use std::sync::Arc;
use std::time::Duration;
use tower_http::compression::CompressionLayer;
use tower_http::timeout::TimeoutLayer;

/// The largest form about one account: fifty contacts fit.
const FORM_MAX_BYTES: usize = 256 * 1024;
/// What is read of an upload before the connection is cut. Far above the limit of a file, so that
/// who sends too much is told so.
const UPLOAD_MAX_BYTES: usize = 32 * 1024 * 1024;
/// A file may come over a slow line.
const ANSWER_MAX: Duration = Duration::from_secs(300);

/// The pages of accounts.
pub fn router(site: Arc<Site>) -> Router {
    let forms = Router::new()
        .route("/accounts/new", get(edit::blank).post(edit::add))
        .route("/accounts/{id}/edit", get(edit::show).post(edit::save))
        .layer(DefaultBodyLimit::max(FORM_MAX_BYTES));
    let import = Router::new()
        .route("/accounts/import", get(import::show).post(import::check))
        .route(
            "/accounts/import/confirm",
            post(import::confirm).get(import::again),
        )
        .layer(DefaultBodyLimit::max(UPLOAD_MAX_BYTES));
    Router::new()
        .route("/accounts", get(list::show))
        .route("/accounts/{id}", get(card::show))
        .merge(forms)
        .merge(import)
        .route_layer(middleware::from_fn_with_state(
            Arc::clone(&site),
            session::require_or_lead,
        ))
        .layer(CompressionLayer::new())
        .layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            ANSWER_MAX,
        ))
        .with_state(site)
}
