//! What every answer says to the browser about itself: what may run, load and frame it.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::Response;

/// For the app. Scripts and styles come from files of ours only; `style` attributes are allowed
/// because custom properties in them place beats and bars.
const APP_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
    style-src-attr 'unsafe-inline'; connect-src 'self'; frame-src 'self'; img-src 'self' data:; manifest-src 'self'; \
    worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// Nothing here asks for the machine's devices, so nothing that gets into a page may.
const PERMISSIONS: &str = "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), \
    magnetometer=(), microphone=(), midi=(), payment=(), usb=()";

const FIXED: [(HeaderName, HeaderValue); 5] = [
    (
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    ),
    (
        header::REFERRER_POLICY,
        HeaderValue::from_static("same-origin"),
    ),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static(PERMISSIONS),
    ),
];

/// The headers that are the same on every answer; what a handler said of itself stands.
pub fn put_fixed(headers: &mut HeaderMap) {
    for (name, value) in FIXED {
        headers.entry(name).or_insert(value);
    }
}

/// For a form whose address is a secret: what the page loads must not carry it as `Referer`. `no-referrer` would make
/// browsers send the form with `Origin: null`, which is refused where they send no `Sec-Fetch-Site` (`origin.rs`).
pub async fn put_secret_address(mut response: Response) -> Response {
    let origin_only = HeaderValue::from_static("strict-origin");
    let headers = response.headers_mut();
    headers.insert(header::REFERRER_POLICY, origin_only);
    response
}

/// Puts the headers on an answer of the app.
pub async fn put(mut response: Response) -> Response {
    let headers = response.headers_mut();
    put_fixed(headers);
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static(APP_POLICY));
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store, private"));
    response
}
