//! Files that are evidence, by the hash of their bytes.

use super::links::hash;
use super::read::{id, time, unexpected};
use super::writer::Writer;
use crate::store::{FileFacts, StoreError, StoredFile};
use domain::{PersonId, PersonRef};
use sqlx::Row;
use sqlx::sqlite::SqlitePool;

pub(super) async fn add(writer: &Writer, file: &StoredFile) -> Result<(), StoreError> {
    let mut writing = writer.begin().await?;
    sqlx::query(
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
    Ok(writing.commit().await?)
}

pub(super) async fn find(
    readers: &SqlitePool,
    sha256: &[u8; 32],
) -> Result<Option<StoredFile>, StoreError> {
    let row = sqlx::query(
        "SELECT sha256, name, media_type, body, added_by, added_by_name, added_at_ms
         FROM files WHERE sha256 = ?1",
    )
    .bind(sha256.as_slice())
    .fetch_optional(readers)
    .await?;
    row.map(|row| {
        Ok(StoredFile {
            sha256: hash(row.try_get(0)?)?,
            name: row.try_get(1)?,
            media_type: row.try_get(2)?,
            body: row.try_get(3)?,
            added_by: PersonRef {
                id: PersonId(id(row.try_get(4)?)?),
                name: row.try_get(5)?,
            },
            added_at: time(row.try_get(6)?)?,
        })
    })
    .transpose()
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
