//! What a trouble of the store means for who asked.

use crate::store::StoreError;
use app::api::ApiError;
use domain::{CommandId, Refusal};

/// When to try again while too much is waiting, seconds.
const RETRY_BUSY_S: u32 = 1;
/// When to try again after the store failed, seconds.
const RETRY_STORE_S: u32 = 3;
/// When to try again while the clock is not believed, seconds.
const RETRY_CLOCK_S: u32 = 15;

/// Too many wait, or the server is shutting down.
pub(super) fn busy() -> ApiError {
    ApiError::Unavailable {
        retry_after_s: RETRY_BUSY_S,
    }
}

/// The clock is not believed: nothing is written. The log says so once, when it begins.
pub(super) fn clock_not_believed() -> ApiError {
    ApiError::Unavailable {
        retry_after_s: RETRY_CLOCK_S,
    }
}

/// It could not be written. Whatever the reason, the author keeps the command and sends it
/// again: it must not be lost because of a fault of ours.
pub(super) fn unwritten(error: &StoreError) -> ApiError {
    tracing::error!(%error, "the log could not be written");
    ApiError::Unavailable {
        retry_after_s: RETRY_STORE_S,
    }
}

/// It could not be read.
#[expect(clippy::needless_pass_by_value, reason = "it is what map_err gives")]
pub(super) fn unread(error: StoreError) -> ApiError {
    match error {
        StoreError::Unavailable(_) => {
            tracing::warn!(%error, "the log could not be read");
            ApiError::Unavailable {
                retry_after_s: RETRY_STORE_S,
            }
        }
        StoreError::Unusable(_) | StoreError::Unexpected(_) => internal(&error),
    }
}

/// One command that trips over a fault of ours: it comes back to its author, and what waits behind it goes on (S9).
pub(super) fn failed(command: CommandId) -> Refusal {
    let request = hex::encode(rand::random::<[u8; 6]>());
    tracing::error!(%command, request, "deciding a command panicked; it was refused");
    Refusal::out_of_order(format!(
        "The server failed at this entry (request {request}). Nothing was changed. Take it back or send it again; \
         the server's log has the cause under this request"
    ))
}

/// A fault of ours: the log has the detail under the id that is shown.
pub(super) fn internal(detail: &dyn std::fmt::Display) -> ApiError {
    let request = hex::encode(rand::random::<[u8; 6]>());
    tracing::error!(%detail, request, "a fault in the server");
    ApiError::Internal { request }
}
