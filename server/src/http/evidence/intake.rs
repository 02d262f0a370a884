//! Files on their way in: how many, how slowly, and how much in a day. What holds others up is taken only when a
//! file is there whole.

use super::TOO_LARGE;
use crate::http::fault::Fault;
use crate::http::shares::{Share, Shares};
use crate::http::{Limits, Site};
use crate::store::StoredFile;
use axum::body::Body;
use domain::PersonId;
use domain::evidence::FILE_MAX_BYTES;
use http_body_util::BodyExt as _;
use std::sync::Arc;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout_at};

/// When to come back while too many come in.
const RETRY_AFTER_S: u32 = 10;
const SLOW: Fault =
    Fault::BadRequest("The file came too slowly. Choose it again when the network is better.");
const BROKE_OFF: Fault = Fault::BadRequest("The file broke off on the way. Choose it again.");
const OWN_DAY_IS_FULL: Fault = Fault::TooLarge(
    "You have sent as many files as one person may in 24 hours. Send a link, or try again tomorrow.",
);
const DAY_IS_FULL: Fault = Fault::TooLarge(
    "This server has taken as many files as it may in 24 hours. Send a link, or try again tomorrow.",
);

/// Files that are coming in.
#[derive(Default)]
pub struct Uploads {
    coming: Shares,
    /// One at a time: what is counted before must be true when it is written.
    storing: Mutex<()>,
}

impl Uploads {
    /// Lets one more come in. Each may be held in memory, so there is a most of one person and of all.
    pub fn begin(&self, person: PersonId, limits: &Limits) -> Result<Share, Fault> {
        let (own, all) = (limits.uploads_at_once_per_person, limits.uploads_at_once);
        let share = self.coming.take(person, 1, own, all);
        share.ok_or(Fault::Unavailable {
            retry_after_s: RETRY_AFTER_S,
        })
    }
}

/// The whole file, read piece by piece, no further than is allowed, and no slower.
pub async fn whole(mut body: Body, limits: &Limits) -> Result<Vec<u8>, Fault> {
    let most = usize::try_from(FILE_MAX_BYTES).map_err(Fault::internal)?;
    let mut file = Vec::new();
    let (mut until, mut of_window) = (Instant::now() + limits.upload_window, 0);
    loop {
        let Ok(frame) = timeout_at(until, body.frame()).await else {
            if of_window < limits.upload_window_bytes {
                return Err(SLOW);
            }
            (until, of_window) = (Instant::now() + limits.upload_window, 0);
            continue;
        };
        let Some(frame) = frame else { break };
        let Ok(data) = frame.map_err(|_| BROKE_OFF)?.into_data() else {
            continue;
        };
        if file.len() + data.len() > most {
            return Err(TOO_LARGE);
        }
        of_window += data.len();
        file.extend_from_slice(&data);
    }
    if file.is_empty() {
        return Err(Fault::BadRequest("The file is empty."));
    }
    Ok(file)
}

/// Puts the file on disk, if its sender and all together may send so much in a day. Runs to its end, also when the
/// sender goes away.
pub async fn store(site: &Arc<Site>, file: StoredFile) -> Result<(), Fault> {
    let site = Arc::clone(site);
    let storing = tokio::spawn(async move {
        let _one = site.uploads.storing.lock().await;
        let since = file.added_at - chrono::Duration::days(1);
        let added = site.store.bytes_added(file.added_by.id, since).await?;
        let size = u64::try_from(file.body.len()).map_err(Fault::internal)?;
        if added.by_person + size > site.limits.upload_bytes_per_person {
            return Err(OWN_DAY_IS_FULL);
        }
        if added.by_all + size > site.limits.upload_bytes {
            tracing::warn!("files of a day are as many as are taken");
            return Err(DAY_IS_FULL);
        }
        Ok(site.store.add_file(&file).await?)
    });
    storing.await.map_err(Fault::internal)?
}
