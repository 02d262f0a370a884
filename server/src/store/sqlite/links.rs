//! Secret links, by the hash of their token (D3).

use super::audit::{self, NewLine};
use super::read::{id, time, unsigned};
use super::writer::{Writer, Writing};
use crate::store::{Act, Deed, SecretLink, StoreError};
use app::api::LinkKind;
use domain::{PersonId, PersonRef};
use sqlx::Row;
use sqlx::sqlite::{SqlitePool, SqliteRow};

pub(super) async fn add(writer: &Writer, link: &SecretLink, from: &str) -> Result<(), StoreError> {
    let mut writing = writer.begin().await?;
    sqlx::query(
        "INSERT INTO links (token_hash, kind, target, label, made_by, made_by_name, made_at_ms)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )
    .bind(link.token_hash.as_slice())
    .bind(link.kind.word())
    .bind(&link.target)
    .bind(&link.label)
    .bind(link.made_by.id.0.as_bytes().as_slice())
    .bind(&link.made_by.name)
    .bind(link.made_at.timestamp_millis())
    .execute(writing.on())
    .await?;
    let line = NewLine {
        by: &link.made_by,
        at: link.made_at,
        from,
        act: Act::MakeLink,
        subject: subject(&mut writing, link.kind, &link.target).await?,
        detail: label(&link.label),
    };
    audit::commit(writing, &[line]).await
}

/// What a link opens, in words: of an id, the name or the number that it has now.
async fn subject(
    writing: &mut Writing<'_>,
    kind: LinkKind,
    target: &str,
) -> Result<String, StoreError> {
    let (what, name): (_, Option<String>) = match kind {
        LinkKind::Status => (
            "The page of",
            sqlx::query_scalar(
                "SELECT body ->> '$.name' FROM accounts WHERE id = unhex(replace(replace(?1, 'account/', ''), '-', ''))",
            )
            .bind(target)
            .fetch_optional(writing.on())
            .await?,
        ),
        LinkKind::Brief => (
            "The brief of",
            sqlx::query_scalar(
                "SELECT format('INC-%d-%04d', year, serial) FROM standing
                 WHERE incident = unhex(replace(?1, '-', '')) AND serial IS NOT NULL",
            )
            .bind(target)
            .fetch_optional(writing.on())
            .await?,
        ),
    };
    Ok(format!("{what} {}", name.as_deref().unwrap_or(target)))
}

fn label(label: &str) -> String {
    match label {
        "" => String::new(),
        label => format!("For: {label}"),
    }
}

pub(super) async fn revoke(
    writer: &Writer,
    link: u64,
    deed: &Deed,
) -> Result<Option<[u8; 32]>, StoreError> {
    let Ok(link) = i64::try_from(link) else {
        return Ok(None);
    };
    let mut writing = writer.begin().await?;
    // Again, it changes nothing: the first time counts, and is told once.
    let revoked =
        sqlx::query("UPDATE links SET revoked_at_ms = ?2 WHERE id = ?1 AND revoked_at_ms IS NULL")
            .bind(link)
            .bind(deed.at.timestamp_millis())
            .execute(writing.on())
            .await?;
    let row = sqlx::query(
        "SELECT id, token_hash, kind, target, label, made_by, made_by_name, made_at_ms, revoked_at_ms
         FROM links WHERE id = ?1",
    )
    .bind(link)
    .fetch_optional(writing.on())
    .await?;
    let Some(link) = row.as_ref().map(self::link).transpose()? else {
        writing.roll_back().await?;
        return Ok(None);
    };
    let mut lines = Vec::new();
    if revoked.rows_affected() == 1 {
        lines.push(NewLine {
            by: &deed.by,
            at: deed.at,
            from: &deed.from,
            act: Act::RevokeLink,
            subject: subject(&mut writing, link.kind, &link.target).await?,
            detail: label(&link.label),
        });
    }
    audit::commit(writing, &lines).await?;
    Ok(Some(link.token_hash))
}

pub(super) async fn of(
    readers: &SqlitePool,
    kind: LinkKind,
    target: &str,
    limit: u32,
) -> Result<Vec<SecretLink>, StoreError> {
    let rows = sqlx::query(
        "SELECT id, token_hash, kind, target, label, made_by, made_by_name, made_at_ms, revoked_at_ms
         FROM links WHERE kind = ?1 AND target = ?2 ORDER BY revoked_at_ms IS NOT NULL, id DESC LIMIT ?3",
    )
    .bind(kind.word())
    .bind(target)
    .bind(limit)
    .fetch_all(readers)
    .await?;
    rows.iter().map(link).collect()
}

pub(super) async fn open(readers: &SqlitePool) -> Result<Vec<SecretLink>, StoreError> {
    let rows = sqlx::query(
        "SELECT id, token_hash, kind, target, label, made_by, made_by_name, made_at_ms, revoked_at_ms
         FROM links WHERE revoked_at_ms IS NULL ORDER BY id",
    )
    .fetch_all(readers)
    .await?;
    rows.iter().map(link).collect()
}

fn link(row: &SqliteRow) -> Result<SecretLink, StoreError> {
    let kind = match row.try_get(2)? {
        "status" => LinkKind::Status,
        "brief" => LinkKind::Brief,
        other => {
            let what = format!("a link of the kind {other}");
            return Err(StoreError::Unexpected(what));
        }
    };
    let revoked_at_ms: Option<i64> = row.try_get(8)?;
    Ok(SecretLink {
        id: unsigned(row.try_get(0)?)?,
        token_hash: hash(row.try_get(1)?)?,
        kind,
        target: row.try_get(3)?,
        label: row.try_get(4)?,
        made_by: PersonRef {
            id: PersonId(id(row.try_get(5)?)?),
            name: row.try_get(6)?,
        },
        made_at: time(row.try_get(7)?)?,
        revoked_at: revoked_at_ms.map(time).transpose()?,
    })
}

pub(super) fn hash(bytes: &[u8]) -> Result<[u8; 32], StoreError> {
    bytes
        .try_into()
        .map_err(|_| StoreError::Unexpected("a hash is not 32 bytes".to_owned()))
}
