//! Files that are evidence, by the hash of their bytes.

use super::links::hash;
use super::read::{unexpected, unsigned};
use super::writer::Writer;
use crate::store::{BytesAdded, FileFacts, StoreError, StoredFile};
use domain::{PersonId, Time};
use sqlx::Row;
use sqlx::sqlite::SqlitePool;

pub(super) async fn add(writer: &Writer, file: &StoredFile) -> Result<(), StoreError> {
    let mut writing = writer.begin().await?;
    let added = sqlx::query(
        "INSERT INTO files (sha256, name, media_type, body, added_by, added_by_name, added_at_ms)
         SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7 WHERE NOT EXISTS (SELECT 1 FROM files WHERE sha256 = ?1)",
    )
    .bind(file.sha256.as_slice())
    .bind(&file.name)
    .bind(&file.media_type)
    .bind(file.body.as_slice())
    .bind(file.added_by.id.0.as_bytes().as_slice())
    .bind(&file.added_by.name)
    .bind(file.added_at.timestamp_millis())
    .execute(writing.on())
    .await?;
    if added.rows_affected() == 0 {
        sqlx::query(
            "INSERT INTO files_sent_again (sha256, at_ms) VALUES (?1, ?2)
             ON CONFLICT (sha256) DO UPDATE SET at_ms = excluded.at_ms",
        )
        .bind(file.sha256.as_slice())
        .bind(file.added_at.timestamp_millis())
        .execute(writing.on())
        .await?;
    }
    Ok(writing.commit().await?)
}

/// The length of a body is beside it: the bytes are not read.
pub(super) async fn added(
    readers: &SqlitePool,
    person: PersonId,
    since: Time,
) -> Result<BytesAdded, StoreError> {
    let row = sqlx::query(
        "SELECT coalesce(sum(length(body)) FILTER (WHERE added_by = ?2), 0), coalesce(sum(length(body)), 0)
         FROM files WHERE added_at_ms > ?1",
    )
    .bind(since.timestamp_millis())
    .bind(person.0.as_bytes().as_slice())
    .fetch_one(readers)
    .await?;
    Ok(BytesAdded {
        by_person: unsigned(row.try_get(0)?)?,
        by_all: unsigned(row.try_get(1)?)?,
    })
}

pub(super) async fn drop_unnamed(
    writer: &Writer,
    before: Time,
    limit: u32,
) -> Result<u32, StoreError> {
    let mut writing = writer.begin().await?;
    let dropped = sqlx::query(
        "DELETE FROM files WHERE sha256 IN
             (SELECT f.sha256 FROM files f
              WHERE f.added_at_ms < ?1
                  AND NOT EXISTS (SELECT 1 FROM files_sent_again s WHERE s.sha256 = f.sha256 AND s.at_ms >= ?1)
                  AND NOT EXISTS (SELECT 1 FROM files_named n WHERE n.sha256 = f.sha256)
              LIMIT ?2)",
    )
    .bind(before.timestamp_millis())
    .bind(limit)
    .execute(writing.on())
    .await?;
    sqlx::query(
        "DELETE FROM files_sent_again WHERE at_ms < ?1
             AND NOT EXISTS (SELECT 1 FROM files f WHERE f.sha256 = files_sent_again.sha256)",
    )
    .bind(before.timestamp_millis())
    .execute(writing.on())
    .await?;
    writing.commit().await?;
    Ok(u32::try_from(dropped.rows_affected()).unwrap_or(limit))
}

pub(super) async fn piece(
    readers: &SqlitePool,
    sha256: &[u8; 32],
    from: u32,
    bytes: u32,
) -> Result<Vec<u8>, StoreError> {
    let piece: Option<Vec<u8>> =
        sqlx::query_scalar("SELECT substr(body, ?2 + 1, ?3) FROM files WHERE sha256 = ?1")
            .bind(sha256.as_slice())
            .bind(from)
            .bind(bytes)
            .fetch_optional(readers)
            .await?;
    Ok(piece.unwrap_or_default())
}

/// The length of a blob is in its row's head: the bytes are not read.
pub(super) async fn facts(
    readers: &SqlitePool,
    hashes: &[[u8; 32]],
) -> Result<Vec<FileFacts>, StoreError> {
    if hashes.is_empty() {
        return Ok(Vec::new());
    }
    let list: Vec<String> = hashes.iter().map(hex::encode).collect();
    let list = serde_json::to_string(&list).map_err(unexpected)?;
    let rows = sqlx::query(
        "SELECT sha256, name, media_type, length(body) FROM files
         WHERE sha256 IN (SELECT unhex(value) FROM json_each(?1))",
    )
    .bind(list)
    .fetch_all(readers)
    .await?;
    rows.iter()
        .map(|row| {
            let bytes: i64 = row.try_get(3)?;
            Ok(FileFacts {
                sha256: hash(row.try_get(0)?)?,
                name: row.try_get(1)?,
                media_type: row.try_get(2)?,
                bytes: u32::try_from(bytes).map_err(unexpected)?,
            })
        })
        .collect()
}
