//! Files on their way out, piece by piece: whoever reads slowly holds a piece of it in memory and not the file.

use super::{attachment, kind};
use crate::http::Site;
use crate::http::fault::Fault;
use crate::http::session::{SessionCheck, SignedIn};
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures::stream;
use std::sync::Arc;

const PIECE_BYTES: u32 = 512 * 1024;
/// When to come back while too many go out.
const RETRY_AFTER_S: u32 = 10;
/// Nothing in it runs or loads anything, should a browser show it after all.
const POLICY: &str = "sandbox; default-src 'none'";

pub async fn hand_out(
    State(site): State<Arc<Site>>,
    SignedIn(person): SignedIn,
    Path(sha256): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Fault> {
    let mut hash = [0; 32];
    hex::decode_to_slice(&sha256, &mut hash).map_err(|_| Fault::NotFound)?;
    let (own, all) = (
        site.limits.downloads_at_once_per_person,
        site.limits.downloads_at_once,
    );
    let share = site.downloads.take(person.id, 1, own, all);
    let share = share.ok_or(Fault::Unavailable {
        retry_after_s: RETRY_AFTER_S,
    })?;
    let file = site.store.file_facts(&[hash]).await?.pop();
    let file = file.ok_or(Fault::NotFound)?;
    let (store, length) = (Arc::clone(&site.store), file.bytes);
    let check = Arc::new(SessionCheck::of_person(&site, headers, &person));
    let pieces = stream::try_unfold((0, share), move |(from, share)| {
        let (store, check) = (Arc::clone(&store), Arc::clone(&check));
        async move {
            if from >= length {
                return Ok(None);
            }
            // A slow reader must not read on as somebody who was removed.
            check.ask().await?;
            let piece = store.file_piece(&hash, from, PIECE_BYTES).await?;
            let next = u32::try_from(piece.len()).map_or(length, |bytes| from + bytes);
            if next == from {
                return Err(Fault::internal("a file was deleted while it went out"));
            }
            Ok(Some((Bytes::from(piece), (next, share))))
        }
    });
    let mut response = Body::from_stream(pieces).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    for (name, value) in [
        (header::CONTENT_TYPE, kind::served_as(&file.media_type)),
        (header::CONTENT_DISPOSITION, &attachment(&file.name)),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "private, no-store"),
    ] {
        headers.insert(name, HeaderValue::from_str(value).map_err(Fault::internal)?);
    }
    Ok(response)
}
