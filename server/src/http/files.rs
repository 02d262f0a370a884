//! The files that the binary carries. Under their hashed path they are kept for good; the few
//! that browsers look for at the root are asked for again each time.

use crate::assets::{self, Asset, PKG};
use crate::http::encoding::{Encoding, is_held};
use crate::http::fault::Fault;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

const FOR_GOOD: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("no-cache");

/// The files, hashed and at the root.
pub fn router() -> Router {
    let mut router = Router::new().route(&format!("{PKG}/{{*name}}"), get(hashed));
    for (path, name) in [
        ("/sw.js", "sw.js"),
        ("/manifest.webmanifest", "manifest.webmanifest"),
        ("/favicon.svg", "icon.svg"),
        ("/favicon.ico", "icon.svg"),
        ("/robots.txt", "robots.txt"),
    ] {
        let at_root = move |headers: HeaderMap| async move { served(name, &headers, ASK_AGAIN) };
        router = router.route(path, get(at_root));
    }
    router
}

async fn hashed(Path(name): Path<String>, headers: HeaderMap) -> Result<Response, Fault> {
    served(&name, &headers, FOR_GOOD)
}

fn served(name: &str, headers: &HeaderMap, cache: HeaderValue) -> Result<Response, Fault> {
    let asset = assets::find(name).ok_or(Fault::NotFound)?;
    let (encoding, body) = packed(asset, Encoding::accepted(headers));
    let etag = format!("\"{}-{}\"", assets::HASH, encoding.name().unwrap_or("raw"));
    let mut response = if is_held(headers, &etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Body::from(Bytes::from_static(body)).into_response()
    };
    let out = response.headers_mut();
    out.insert(
        header::ETAG,
        HeaderValue::from_str(&etag).map_err(Fault::internal)?,
    );
    out.insert(header::CACHE_CONTROL, cache);
    out.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if response.status() == StatusCode::OK {
        let out = response.headers_mut();
        out.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static(asset.content_type),
        );
        if let Some(name) = encoding.name() {
            out.insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
        }
    }
    Ok(response)
}

fn packed(asset: &'static Asset, accepted: Encoding) -> (Encoding, &'static [u8]) {
    match accepted {
        Encoding::Brotli if !asset.br.is_empty() => (Encoding::Brotli, asset.br),
        Encoding::Gzip if !asset.gz.is_empty() => (Encoding::Gzip, asset.gz),
        _ => (Encoding::Identity, asset.raw),
    }
}
