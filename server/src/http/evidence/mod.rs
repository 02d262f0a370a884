//! Files that are evidence (RUNBOOK §7): taken from who is signed in, kept by the hash of their
//! bytes, and handed out again as something to save and never as something to run.

mod download;
mod intake;
mod kind;

use crate::http::Site;
use crate::http::fault::Fault;
use crate::http::session::{self, SignedIn};
use crate::store::StoredFile;
use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::routing::{get, post};
use axum::{Json, Router, middleware};
use domain::evidence::FILE_MAX_BYTES;
pub use intake::Uploads;
use kind::Kind;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use std::time::Duration;
use tower_http::timeout::TimeoutLayer;

/// A file of 10 MB over a slow line takes a while.
const ANSWER_MAX: Duration = Duration::from_secs(300);
const TOO_LARGE: Fault = Fault::TooLarge("A file may have at most 10 MB. Pack it, or cut it down.");
/// `POST /files?name=…` and `GET /files/{sha256}`.
pub fn router(site: Arc<Site>) -> Router {
    Router::new()
        .route("/files", post(add))
        .route("/files/{sha256}", get(download::hand_out))
        .route_layer(middleware::from_fn_with_state(
            Arc::clone(&site),
            session::require,
        ))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            ANSWER_MAX,
        ))
        .with_state(site)
}

#[derive(Deserialize)]
struct Named {
    #[serde(default)]
    name: String,
}

/// What was kept, in the terms of `domain::evidence::Proof::File`.
#[derive(Serialize)]
struct Kept {
    sha256: String,
    bytes: u32,
    media_type: &'static str,
    name: String,
}

/// The body is the file, whatever content type it comes under: what it is, its bytes tell.
async fn add(
    State(site): State<Arc<Site>>,
    SignedIn(person): SignedIn,
    named: Result<Query<Named>, QueryRejection>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<Kept>), Fault> {
    let Query(Named { name }) = named
        .map_err(|_| Fault::BadRequest("The name of the file cannot be read. Send one name."))?;
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > u64::from(FILE_MAX_BYTES)) {
        return Err(TOO_LARGE);
    }
    let _on_its_way = site.uploads.begin(person.id, &site.limits)?;
    let body = intake::whole(body, &site.limits).await?;
    let bytes = u32::try_from(body.len()).map_err(|_| TOO_LARGE)?;
    let kind = Kind::of(&body, &name)?;
    let file = StoredFile {
        sha256: Sha256::digest(&body).into(),
        name: kind.name(&name),
        media_type: kind.media_type.to_owned(),
        body,
        added_by: person.to_ref(),
        added_at: site.clock.now(),
    };
    let kept = Kept {
        sha256: hex::encode(file.sha256),
        bytes,
        media_type: kind.media_type,
        name: file.name.clone(),
    };
    intake::store(&site, file).await?;
    Ok((StatusCode::CREATED, Json(kept)))
}

/// To be saved under this name, in any alphabet (RFC 6266, RFC 8187).
pub fn attachment(name: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::from("attachment; filename*=UTF-8''");
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.') {
            out.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_in_any_alphabet_is_one_ascii_header() {
        assert_eq!(
            attachment("a b\"\r\n.txt"),
            "attachment; filename*=UTF-8''a%20b%22%0D%0A.txt"
        );
        assert_eq!(
            attachment("عطل.png"),
            "attachment; filename*=UTF-8''%D8%B9%D8%B7%D9%84.png"
        );
    }
}
