//! For whoever runs the server: whether it is there, and whether it can work.

use crate::http::Site;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use std::borrow::Cow;
use std::sync::Arc;

/// `/healthz` and `/readyz`.
pub fn router(site: Arc<Site>) -> Router {
    Router::new()
        .route("/healthz", get("ok"))
        .route("/readyz", get(ready))
        .with_state(site)
}

async fn ready(State(site): State<Arc<Site>>) -> (StatusCode, Cow<'static, str>) {
    if *site.stopping.borrow() {
        return (StatusCode::SERVICE_UNAVAILABLE, "stopping".into());
    }
    if let Some(trouble) = site.clock.trouble() {
        return (StatusCode::SERVICE_UNAVAILABLE, trouble.line().into());
    }
    match site.log.ready().await {
        Ok(()) => (StatusCode::OK, "ready".into()),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            (
                StatusCode::SERVICE_UNAVAILABLE,
                "the database cannot be used now".into(),
            )
        }
    }
}
