//! Importing a file: check it, show what it would do, and do exactly that, all of it or nothing.
//! Between the two the file travels in the page, so that a restart or a second server loses nothing.

use super::edit::new_id;
use super::file::{self, File};
use super::plan::Plan;
use super::report;
use crate::http::Site;
use crate::http::client_address::ClientAddress;
use crate::http::fault::Fault;
use crate::http::session::{Administrator, see_other};
use crate::store::Deed;
use axum::extract::multipart::{Field, Multipart, MultipartError, MultipartRejection};
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::Person;
use domain::account::Field as Column;
use flate2::Compression;
use flate2::read::{GzDecoder, GzEncoder};
use serde::Deserialize;
use std::io::Read as _;
use std::sync::Arc;

/// What a check leads to: the file, the plan for it, and which columns were passed over.
pub(super) struct Checked {
    /// As it came.
    pub(super) bytes: Vec<u8>,
    /// What it would do.
    pub(super) plan: Plan,
    /// Columns that mean nothing here.
    pub(super) unknown: Vec<String>,
}

/// What a person sends to be checked.
#[derive(Default)]
struct Upload {
    bytes: Vec<u8>,
    is_pasted: bool,
    is_too_large: bool,
    both: bool,
}

/// What the button below a check sends.
#[derive(Deserialize)]
pub(super) struct Confirmed {
    file: String,
    seen: String,
}

/// The form.
pub(super) async fn show(Administrator(who): Administrator) -> Html<String> {
    report::upload(&who, None, "")
}

/// Whoever signs in again on the way, or reloads, begins at the form.
pub(super) async fn again() -> Response {
    see_other("/accounts/import")
}

/// Shows what the file would do. Writes nothing.
pub(super) async fn check(
    State(site): State<Arc<Site>>,
    Administrator(who): Administrator,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Response, Fault> {
    let form = form.map_err(|_| Fault::BadRequest("Send what the form of this page sends."))?;
    let upload = match received(form).await {
        Ok(upload) => upload,
        Err(error) if error.status() == StatusCode::PAYLOAD_TOO_LARGE => Upload {
            is_too_large: true,
            ..Upload::default()
        },
        Err(_) => {
            return Err(Fault::BadRequest(
                "The file did not arrive whole. Send it again.",
            ));
        }
    };
    let pasted = match upload.is_pasted {
        true => String::from_utf8_lossy(&upload.bytes).into_owned(),
        false => String::new(),
    };
    let refused = |status: StatusCode, problem: &str| {
        Ok((status, report::upload(&who, Some(problem), &pasted)).into_response())
    };
    if upload.is_too_large {
        return refused(StatusCode::PAYLOAD_TOO_LARGE, &file::too_large());
    }
    if upload.both {
        let problem = "Choose a file or paste its lines, not both.";
        return refused(StatusCode::UNPROCESSABLE_ENTITY, problem);
    }
    match checked(&site, upload.bytes).await? {
        Ok(checked) => Ok(told(&who, StatusCode::OK, &checked, None, &pasted)),
        Err(problem) => refused(StatusCode::UNPROCESSABLE_ENTITY, &problem),
    }
}

/// Does what was shown, and only that: the file is read and compared anew, and when the result
/// is not what its author saw, they see the new one first.
pub(super) async fn confirm(
    State(site): State<Arc<Site>>,
    Administrator(who): Administrator,
    ClientAddress(from): ClientAddress,
    form: Result<Form<Confirmed>, FormRejection>,
) -> Result<Response, Fault> {
    let Form(Confirmed { file, seen }) = form?;
    let broken = "The file in this page was damaged on its way. Check the file again.";
    let bytes = unpacked(&file).ok_or(Fault::BadRequest(broken))?;
    let Ok(checked) = checked(&site, bytes).await? else {
        return Err(Fault::BadRequest(broken));
    };
    let moved = "Accounts were changed since you checked this file, so nothing was imported. \
        This is what it would do now.";
    if !checked.plan.is_ready() || checked.plan.seen(&checked.bytes) != seen {
        return Ok(told(&who, StatusCode::CONFLICT, &checked, Some(moved), ""));
    }
    let Checked { bytes, plan, .. } = checked;
    let (new, changed, same) = (plan.new.len(), plan.changed.len(), plan.same);
    let puts = plan.puts(new_id);
    let deed = Deed::new(who.to_ref(), site.clock.now(), from);
    if site.log.put_accounts(puts, deed).await? {
        let path = format!("/accounts?new={new}&changed={changed}&same={same}");
        return Ok(see_other(&path));
    }
    // Somebody was quicker by a moment.
    match self::checked(&site, bytes).await? {
        Ok(checked) => Ok(told(&who, StatusCode::CONFLICT, &checked, Some(moved), "")),
        Err(_) => Err(Fault::BadRequest(broken)),
    }
}

fn told(
    who: &Person,
    status: StatusCode,
    checked: &Checked,
    moved: Option<&str>,
    pasted: &str,
) -> Response {
    let status = match checked.plan.bad.is_empty() {
        true => status,
        false => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let packed = checked.plan.is_ready().then(|| packed(&checked.bytes));
    (status, report::draw(who, checked, packed, moved, pasted)).into_response()
}

/// Reads the file and compares it with the accounts there are; in words when it cannot be used.
/// The work is done aside: fifty thousand lines would hold up everybody else's requests.
async fn checked(site: &Site, bytes: Vec<u8>) -> Result<Result<Checked, String>, Fault> {
    let reading = tokio::task::spawn_blocking(move || (file::read(&bytes), bytes));
    let (file, bytes) = reading.await.map_err(Fault::internal)?;
    let file = match file {
        Ok(file) => file,
        Err(problem) => return Ok(Err(problem)),
    };
    let kept = site.store.accounts_named(&names(&file)).await?;
    let comparing = tokio::task::spawn_blocking(move || {
        let unknown = file.unknown.clone();
        let plan = Plan::new(file, kept);
        Checked {
            bytes,
            plan,
            unknown,
        }
    });
    Ok(Ok(comparing.await.map_err(Fault::internal)?))
}

fn names(file: &File) -> Vec<&str> {
    let names = file
        .rows
        .iter()
        .filter_map(|row| row.typed.0.get(&Column::Name));
    names.map(String::as_str).collect()
}

/// What the form sent: the chosen file, or else the lines that were pasted.
async fn received(mut form: Multipart) -> Result<Upload, MultipartError> {
    let mut upload = Upload::default();
    while let Some(part) = form.next_field().await? {
        let is_pasted = match part.name() {
            Some("file") => false,
            Some("text") => true,
            _ => continue,
        };
        let (bytes, is_too_large) = part_of(part).await?;
        // Nothing chosen, or nothing but the empty line of an untouched field.
        if bytes.trim_ascii().is_empty() {
            continue;
        }
        // Of two files the later one counts, and of two texts.
        upload.both |= !upload.bytes.is_empty() && upload.is_pasted != is_pasted;
        upload.is_pasted = is_pasted;
        upload.is_too_large = is_too_large;
        upload.bytes = bytes;
    }
    Ok(upload)
}

/// The bytes of one part, and whether it was cut. It is read to its end either way: who is
/// answered in the middle of sending does not see the answer.
async fn part_of(mut part: Field<'_>) -> Result<(Vec<u8>, bool), MultipartError> {
    let mut bytes = Vec::new();
    let mut is_too_large = false;
    while let Some(chunk) = part.chunk().await? {
        is_too_large |= bytes.len() + chunk.len() > file::FILE_MAX_BYTES;
        if !is_too_large {
            bytes.extend_from_slice(&chunk);
        }
    }
    Ok((bytes, is_too_large))
}

/// A file as it travels in a page: packed, in letters that a form leaves alone. As plain text its
/// line ends would be rewritten by the browser.
fn packed(bytes: &[u8]) -> String {
    let mut packed = Vec::new();
    // Reading from memory cannot fail.
    let _read = GzEncoder::new(bytes, Compression::fast()).read_to_end(&mut packed);
    URL_SAFE_NO_PAD.encode(packed)
}

/// The opposite; none when it is damaged or unpacks to more than a file may have.
fn unpacked(text: &str) -> Option<Vec<u8>> {
    let packed = URL_SAFE_NO_PAD.decode(text).ok()?;
    let mut bytes = Vec::new();
    let limit = u64::try_from(file::FILE_MAX_BYTES).ok()? + 1;
    GzDecoder::new(packed.as_slice())
        .take(limit)
        .read_to_end(&mut bytes)
        .ok()?;
    (bytes.len() <= file::FILE_MAX_BYTES).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_survives_the_way_through_a_page_and_a_bomb_does_not() {
        let file = "name;tier\r\n\"Étoile\n\";Growth\r\n".as_bytes();
        let text = packed(file);
        assert!(
            text.bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
        );
        assert_eq!(unpacked(&text).as_deref(), Some(file));
        let edge = vec![b'a'; file::FILE_MAX_BYTES];
        assert_eq!(unpacked(&packed(&edge)), Some(edge.clone()));
        assert_eq!(unpacked(&packed(&[edge, vec![b'a']].concat())), None);
        assert_eq!(unpacked(&text[..text.len() / 2]), None);
        assert_eq!(unpacked("not base64!"), None);
    }
}
