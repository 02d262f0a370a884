//! The baseline of the status page: a bare axum handler that returns the same bytes with the same headers. A process
//! of its own, as Drumbeat is.

use crate::table::say;
use crate::wire::{Wire, get};
use anyhow::Context as _;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response};
use axum::serve::ListenerExt as _;
use std::net::SocketAddr;
use tokio::net::TcpListener;

/// What this program is called with to be that.
pub const ARGUMENT: &str = "bare";
/// In what forms the page is asked for: encoding, and the path of it here.
pub const FORMS: [(&str, &str); 2] = [("br", "/br"), ("identity", "/identity")];
/// What the HTTP library writes by itself.
const NOT_COPIED: [&str; 3] = ["date", "content-length", "connection"];

pub async fn serve(copied: SocketAddr) -> anyhow::Result<()> {
    let mut router = Router::new();
    for (encoding, path) in FORMS {
        let (headers, body) = copy(copied, encoding).await?;
        let handler = move || {
            let mut response = Response::new(Body::from(body.clone()));
            *response.headers_mut() = headers.clone();
            std::future::ready(response)
        };
        router = router.route(path, axum::routing::get(handler));
    }
    serve_router("The bare handler", router).await
}

/// Serves at a free port, and says where it is.
pub async fn serve_router(name: &str, router: Router) -> anyhow::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let listener = listener.tap_io(|connection| {
        let _best_effort = connection.set_nodelay(true);
    });
    say(&format!("{name} is at http://{address}"));
    axum::serve(listener, router).await.context("serving")
}

async fn copy(from: SocketAddr, encoding: &str) -> anyhow::Result<(HeaderMap, Bytes)> {
    let mut wire = Wire::to(from).await?;
    let answer = wire.exchange(&get("/status", encoding, "")).await?.ok()?;
    let mut headers = HeaderMap::new();
    for (name, value) in answer.headers()? {
        if !NOT_COPIED.contains(&name.as_str()) {
            headers.append(HeaderName::try_from(name)?, HeaderValue::try_from(value)?);
        }
    }
    Ok((headers, answer.body()?.into()))
}
