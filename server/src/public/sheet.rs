//! One drawn page, ready to be sent: its bytes in every packed form, with their headers.

use crate::assets::PUBLIC_CSS;
use crate::http::encoding::{Encoding, is_held};
use crate::http::fault::Fault;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use std::io::{Read as _, Write as _};
use std::sync::LazyLock;

/// Packing is paid for by the first who asks after each publish and each minute: 9 takes a few
/// milliseconds, 11 ten times that for 2 % less. A development build must not wait at all.
const BROTLI_QUALITY: u32 = if cfg!(debug_assertions) { 3 } else { 9 };
const BROTLI_WINDOW_BITS: u32 = 18;

/// The page's own style and nothing else; `style` attributes place the beats.
static POLICY: LazyLock<Option<HeaderValue>> = LazyLock::new(|| {
    let style = STANDARD.encode(Sha256::digest(PUBLIC_CSS));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{style}'; style-src-attr 'unsafe-inline'; \
         img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    HeaderValue::from_str(&policy).ok()
});

/// One drawn page.
pub(super) struct Sheet {
    brotli: Packed,
    gzip: Packed,
    plain: Packed,
}

struct Packed {
    headers: HeaderMap,
    /// With quotes, as it stands in the header.
    etag: String,
    body: Bytes,
}

impl Sheet {
    /// Packs a document.
    pub(super) fn of(html: String) -> Result<Self, Fault> {
        let hash = hex::encode(&Sha256::digest(&html)[..8]);
        let brotli = brotli(html.as_bytes()).map_err(Fault::internal)?;
        let gzip = gzip(html.as_bytes()).map_err(Fault::internal)?;
        Ok(Self {
            brotli: Packed::of(Encoding::Brotli, &hash, brotli)?,
            gzip: Packed::of(Encoding::Gzip, &hash, gzip)?,
            plain: Packed::of(Encoding::Identity, &hash, html.into_bytes())?,
        })
    }

    /// The form that this client takes, or nothing when it holds that already.
    pub(super) fn answer(&self, status: StatusCode, headers: &HeaderMap) -> Response {
        let packed = match Encoding::accepted(headers) {
            Encoding::Brotli => &self.brotli,
            Encoding::Gzip => &self.gzip,
            Encoding::Identity => &self.plain,
        };
        let held = status == StatusCode::OK && is_held(headers, &packed.etag);
        let mut response = Response::new(Body::empty());
        *response.headers_mut() = packed.headers.clone();
        if held {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
        } else {
            *response.status_mut() = status;
            *response.body_mut() = Body::from(packed.body.clone());
        }
        response
    }
}

impl Packed {
    fn of(encoding: Encoding, hash: &str, body: Vec<u8>) -> Result<Self, Fault> {
        let name = encoding.name();
        let etag = format!("\"{hash}-{}\"", name.unwrap_or("plain"));
        let mut headers = HeaderMap::new();
        crate::http::put_fixed(&mut headers);
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/html; charset=utf-8"),
        );
        headers.insert(
            header::ETAG,
            HeaderValue::from_str(&etag).map_err(Fault::internal)?,
        );
        // Kept, but asked about each time: a publish must be on the next GET.
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        let policy = POLICY
            .clone()
            .ok_or_else(|| Fault::internal("the policy is no header"))?;
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        if let Some(name) = name {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
        }
        Ok(Self {
            headers,
            etag,
            body: body.into(),
        })
    }
}

fn brotli(html: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut packed = Vec::new();
    brotli::CompressorReader::new(html, 1 << 16, BROTLI_QUALITY, BROTLI_WINDOW_BITS)
        .read_to_end(&mut packed)?;
    Ok(packed)
}

fn gzip(html: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(html)?;
    encoder.finish()
}
