//! Deletes what has ended and is of no more use. Nothing of the log is touched.

use super::writer::Writer;
use crate::store::StoreError;
use domain::Time;

/// The newest link stays: its number would be given to the next one, and an old page that revokes the
/// one would then revoke the other.
pub(super) async fn sweep(
    writer: &Writer,
    ended_by: Time,
    revoked_by: Time,
    limit: u32,
) -> Result<u64, StoreError> {
    let mut writing = writer.begin().await?;
    let sessions = sqlx::query(
        "DELETE FROM sessions WHERE token_hash IN
         (SELECT token_hash FROM sessions WHERE expires_at_ms <= ?1 LIMIT ?2)",
    )
    .bind(ended_by.timestamp_millis())
    .bind(limit)
    .execute(writing.on())
    .await?;
    let links = sqlx::query(
        "DELETE FROM links WHERE id IN
         (SELECT id FROM links WHERE revoked_at_ms <= ?1 AND id < (SELECT max(id) FROM links) LIMIT ?2)",
    )
    .bind(revoked_by.timestamp_millis())
    .bind(limit)
    .execute(writing.on())
    .await?;
    writing.commit().await?;
    Ok(sessions.rows_affected() + links.rows_affected())
}
