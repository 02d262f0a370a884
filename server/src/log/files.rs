//! Files that nothing names end after a day. A command that names one is either decided before the sweep or finds
//! the file gone: both wait for each other.

use super::{Log, Shared};
use crate::store::StoreError;
use std::sync::Arc;
use std::time::Duration;

/// How long a file may wait for the command that names it.
const UNNAMED_HOURS: i64 = 24;
/// How often it is looked.
const EVERY: Duration = Duration::from_secs(60 * 60);
/// Files that go in one transaction: commands wait for it.
const AT_ONCE: u32 = 2;

/// Ends when the log is shut down.
pub(super) async fn sweep(shared: Arc<Shared>) {
    let mut closing = shared.closing.subscribe();
    loop {
        tokio::select! {
            biased;
            _ = closing.wait_for(|closing| *closing) => return,
            () = tokio::time::sleep(EVERY) => {}
        }
        match once(&shared).await {
            Ok(0) => {}
            Ok(files) => tracing::info!(files, "files that nothing names are deleted"),
            Err(error) => tracing::warn!(%error, "files that nothing names are still there"),
        }
    }
}

async fn once(shared: &Shared) -> Result<u32, StoreError> {
    // By a clock that is wrong, a file of today may look old.
    let Some(now) = shared.clock.settled() else {
        return Ok(0);
    };
    let before = now - chrono::Duration::hours(UNNAMED_HOURS);
    let mut files = 0;
    loop {
        let _deciding = shared.deciding.lock().await;
        match shared.store.drop_files(before, AT_ONCE).await? {
            0 => return Ok(files),
            dropped => files += dropped,
        }
    }
}

impl Log {
    /// Deletes the files that nothing has named for a day; tells how many there were.
    ///
    /// # Errors
    /// [`StoreError`]; some may be deleted then.
    pub async fn sweep_files(&self) -> Result<u32, StoreError> {
        once(&self.shared).await
    }
}
