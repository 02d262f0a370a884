//! Makes the index of words from a log that is older than it, beside everything else: a start
//! waits for nothing, and a search says meanwhile that it does not know all yet.

use super::Shared;
use crate::store::StoreError;
use std::sync::Arc;
use std::time::Duration;

/// After the store could not be written.
const RETRY: Duration = Duration::from_secs(3);

/// Ends when all is made or the log is shut down; goes on from there at the next start.
pub(super) async fn make(shared: Arc<Shared>) {
    let mut closing = shared.closing.subscribe();
    tokio::select! {
        biased;
        _ = closing.wait_for(|closing| *closing) => {}
        () = to_the_end(&shared) => {}
    }
}

async fn to_the_end(shared: &Shared) {
    let mut said = false;
    loop {
        match shared.store.index_more().await {
            Ok(true) if !said => {
                said = true;
                tracing::info!(
                    "making the search index from the log; searches miss older incidents until it is done"
                );
            }
            Ok(true) => {}
            Ok(false) => break,
            Err(error @ StoreError::Unavailable(_)) => {
                tracing::warn!(%error, "the search index waits for the database");
                tokio::time::sleep(RETRY).await;
            }
            // It would fail again: what is broken is told, and the rest of the server works.
            Err(error) => {
                tracing::error!(%error, "the search index cannot be made");
                return;
            }
        }
    }
    if said {
        tracing::info!("the search index is made");
    }
}
