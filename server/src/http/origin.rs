//! Keeps other sites from acting through a signed-in browser. Nothing is changed by GET, and
//! what may change something must come from a page of ours.

use crate::http::fault::Fault;
use axum::extract::Request;
use axum::http::{HeaderMap, Method, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Refuses a request that may change something and comes from another site.
pub async fn guard(request: Request, next: Next) -> Response {
    let reads = matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    if reads || is_ours(request.headers()) {
        return next.run(request).await;
    }
    Fault::Forbidden("The request came from another site.").into_response()
}

/// Browsers tell where a request comes from and pages cannot forge it. Who tells nothing is no
/// browser, and carries no session that a page could misuse.
fn is_ours(headers: &HeaderMap) -> bool {
    let origin = headers
        .get(header::ORIGIN)
        .map(|o| o.to_str().unwrap_or("null"));
    if let Some(site) = headers.get("sec-fetch-site") {
        // A browser sends this to addresses it trusts only; there it is the last word.
        return site == "same-origin" || site == "none";
    }
    match origin {
        Some(origin) => authority_of(origin) == host(headers),
        None => true,
    }
}

fn authority_of(origin: &str) -> Option<String> {
    let uri: Uri = origin.parse().ok()?;
    uri.authority().map(|a| a.as_str().to_ascii_lowercase())
}

fn host(headers: &HeaderMap) -> Option<String> {
    headers
        .get(header::HOST)?
        .to_str()
        .ok()
        .map(str::to_ascii_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderName, HeaderValue};

    fn ours(headers: &[(&'static str, &'static str)]) -> bool {
        let headers = headers.iter().map(|(name, value)| {
            (
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            )
        });
        is_ours(&headers.collect())
    }

    #[test]
    fn only_pages_of_ours_may_change_anything() {
        let host = ("host", "drumbeat.example:3000");
        assert!(ours(&[host, ("sec-fetch-site", "same-origin")]));
        assert!(ours(&[host, ("sec-fetch-site", "none")]));
        assert!(ours(&[host, ("origin", "http://drumbeat.example:3000")]));
        assert!(ours(&[host, ("origin", "https://DRUMBEAT.example:3000")]));
        assert!(ours(&[host]));
        assert!(!ours(&[host, ("sec-fetch-site", "same-site")]));
        assert!(!ours(&[
            host,
            ("sec-fetch-site", "cross-site"),
            ("origin", "http://drumbeat.example:3000")
        ]));
        assert!(!ours(&[host, ("origin", "https://evil.example")]));
        assert!(!ours(&[host, ("origin", "null")]));
        assert!(!ours(&[("origin", "https://evil.example")]));
    }
}
