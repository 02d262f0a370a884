//! Who has an account: the list for everybody who is signed in, the forms by which administrators
//! add, change and remove people, the link by which somebody chooses a password, and the page on
//! which everybody changes their own. Plain pages without script.

mod enter;
mod form;
mod left;
mod list;
mod own;
mod person;
mod places;
mod remove;

use crate::http::{Site, headers, session};
use axum::Router;
use axum::middleware;
use axum::routing::{get, post};
use domain::Time;
use std::sync::Arc;
use tower_http::compression::CompressionLayer;

/// How long a link by which somebody chooses a password is good: over a weekend, not for ever.
const LINK_DAYS: i64 = 3;

/// Why somebody stays an administrator.
const LAST: &str = "Nobody else is an administrator who can sign in. Make somebody else one first.";

/// The pages of people.
pub fn router(site: Arc<Site>) -> Router {
    let signed_in = Router::new()
        .route("/people", get(list::show))
        .route("/people/new", get(person::blank).post(person::add))
        .route("/people/{id}", get(person::show).post(person::save))
        .route("/people/{id}/link", post(person::link))
        .route("/people/{id}/remove", get(remove::ask).post(remove::remove))
        .route("/password", get(own::show).post(own::change))
        .route_layer(middleware::from_fn_with_state(
            Arc::clone(&site),
            session::require_or_lead,
        ));
    Router::new()
        .route("/enter/{token}", get(enter::show).post(enter::choose))
        .route_layer(middleware::map_response(headers::put_secret_address))
        .merge(signed_in)
        .layer(CompressionLayer::new())
        .with_state(site)
}

/// A moment as these pages write it.
fn moment(at: Time) -> String {
    at.format("%-d %B %Y, %H:%M UTC").to_string()
}
