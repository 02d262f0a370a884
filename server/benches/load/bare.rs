//! The baselines of the status page: bare axum handlers that return the same bytes with the same headers, and a page
//! of a few words. A process of its own, as Drumbeat is.

use crate::table::say;
use crate::wire::{Wire, get};
use anyhow::Context as _;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response};
use axum::response::Html;
use axum::serve::ListenerExt as _;
use std::net::SocketAddr;
use tokio::net::TcpListener;

/// What this program is called with to be that.
pub const ARGUMENT: &str = "bare";
/// In what forms the page is asked for: encoding, and the path of it here.
pub const FORMS: [(&str, &str); 2] = [("br", "/br"), ("identity", "/identity")];
/// Where the page of a few words is.
pub const WORDS_PATH: &str = "/words";
const WORDS: &str = "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
     <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>Status</title></head>\
     <body><p>Some orders fail. We tell more by 14:30.</p></body></html>\n";
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
    let words = axum::routing::get(async || Html(WORDS));
    serve_router("The bare handler", router.route(WORDS_PATH, words)).await
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
