//! Sweeps what has ended: sessions whose time is over, and links that were revoked long ago.

use crate::clock::ServerClock;
use crate::store::{Store, StoreError};
use chrono::Duration;
use std::sync::Arc;
use tokio::sync::watch;

/// How often.
const EVERY: std::time::Duration = std::time::Duration::from_secs(60 * 60);
/// How long a revoked link stays listed, so that whoever made it sees that it is revoked.
const REVOKED_SHOWN_DAYS: i64 = 90;
/// Rows of a kind in one transaction: other writes wait for it.
const ROWS_MAX: u32 = 500;
/// Transactions in one sweep; what is left is for the next.
const ROUNDS_MAX: u32 = 200;

/// Sweeps every hour, until the server stops.
pub async fn run(store: Arc<dyn Store>, clock: ServerClock, mut stopping: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            _ = stopping.wait_for(|stopping| *stopping) => return,
            () = tokio::time::sleep(EVERY) => {}
        }
        if let Err(error) = once(store.as_ref(), &clock).await {
            tracing::warn!(%error, "ended sessions and revoked links were not swept; it is tried again in an hour");
        }
    }
}

/// One sweep.
///
/// # Errors
/// What the store said; what was swept by then stays so.
pub async fn once(store: &dyn Store, clock: &ServerClock) -> Result<(), StoreError> {
    // A clock that is not believed deletes nothing, nor one that may still be set: the next sweep is soon.
    let Some(now) = clock.settled() else {
        return Ok(());
    };
    let revoked_by = now - Duration::days(REVOKED_SHOWN_DAYS);
    for _ in 0..ROUNDS_MAX {
        if store.sweep(now, revoked_by, ROWS_MAX).await? == 0 {
            break;
        }
    }
    Ok(())
}
