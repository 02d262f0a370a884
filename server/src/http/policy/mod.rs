//! The policy in force, for everybody who is signed in, and the form by which an administrator
//! puts a new version in force. Plain pages without script.

mod approvals;
mod edit;
mod fields;
mod form;
mod history;
mod meanwhile;
mod rules;
mod show;
#[cfg(test)]
mod tests;
mod typed;
mod zone;

use crate::http::{Site, session};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use axum::routing::{get, post};
use std::sync::Arc;
use tower_http::compression::CompressionLayer;

/// The largest form: four lists and a matrix of 500 lines with 200 characters each, as they are
/// sent, fit, so that every policy that may be put in force can be changed again.
const FORM_MAX_BYTES: usize = 8 * 1024 * 1024;

/// The pages of the policy.
pub fn router(site: Arc<Site>) -> Router {
    Router::new()
        .route("/policy", get(show::show))
        .route("/policy/edit", get(edit::form).post(edit::save))
        .route("/policy/zone", post(zone::take_up))
        .layer(DefaultBodyLimit::max(FORM_MAX_BYTES))
        .route_layer(middleware::from_fn_with_state(
            Arc::clone(&site),
            session::require_or_lead,
        ))
        .layer(CompressionLayer::new())
        .with_state(site)
}
