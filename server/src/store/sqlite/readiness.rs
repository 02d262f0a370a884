//! Whether the database can be written, found out by writing.

use super::fault::not_ready;
use super::writer::Writer;
use crate::store::StoreError;

/// Room for some entries on the timeline, given back at once.
const ROOM_BYTES: i64 = 16 * 1024;

/// Returns when a small write is on disk. The database does not grow by it.
pub(super) async fn write(writer: &Writer) -> Result<(), StoreError> {
    try_to(writer).await.map_err(|error| not_ready(&error))
}

async fn try_to(writer: &Writer) -> Result<(), sqlx::Error> {
    let mut writing = writer.begin().await?;
    sqlx::query("UPDATE readiness SET writes = writes + 1, room = zeroblob(?1)")
        .bind(ROOM_BYTES)
        .execute(writing.on())
        .await?;
    sqlx::query("UPDATE readiness SET room = NULL")
        .execute(writing.on())
        .await?;
    writing.commit().await
}
