//! Browsers in which somebody came in by their password.

use super::writer::Writer;
use crate::store::{StoreError, email_key};
use domain::{PersonId, Time};
use sqlx::sqlite::SqlitePool;

/// Browsers of one person that are kept.
const KEPT_MAX: i64 = 20;

pub(super) async fn remember(
    writer: &Writer,
    token_hash: &[u8; 32],
    person: PersonId,
    now: Time,
    before: Time,
) -> Result<(), StoreError> {
    let mut writing = writer.begin().await?;
    sqlx::query(
        "INSERT INTO browsers (token_hash, person, seen_at_ms) VALUES (?1, ?2, ?3)
         ON CONFLICT (token_hash, person) DO UPDATE SET seen_at_ms = excluded.seen_at_ms",
    )
    .bind(token_hash.as_slice())
    .bind(person.0.as_bytes().as_slice())
    .bind(now.timestamp_millis())
    .execute(writing.on())
    .await?;
    sqlx::query(
        "DELETE FROM browsers WHERE person = ?1 AND (seen_at_ms < ?2 OR token_hash NOT IN
             (SELECT token_hash FROM browsers WHERE person = ?1 ORDER BY seen_at_ms DESC LIMIT ?3))",
    )
    .bind(person.0.as_bytes().as_slice())
    .bind(before.timestamp_millis())
    .bind(KEPT_MAX)
    .execute(writing.on())
    .await?;
    Ok(writing.commit().await?)
}

pub(super) async fn knows(
    readers: &SqlitePool,
    token_hash: &[u8; 32],
    email: &str,
) -> Result<bool, StoreError> {
    let known = sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM browsers b JOIN people p ON p.id = b.person
         WHERE b.token_hash = ?1 AND p.email = ?2 AND p.removed_at_ms IS NULL)",
    )
    .bind(token_hash.as_slice())
    .bind(email_key(email))
    .fetch_one(readers)
    .await?;
    Ok(known)
}
