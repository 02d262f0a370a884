//! The audit log. Each line is written in the transaction of what it tells of, and logged once that is on disk.

use super::append::{hex_of, rows};
use super::read::{id, time, unsigned};
use super::writer::Writing;
use crate::store::{Act, AuditLine, AuditPage, StoreError};
use domain::{PersonId, PersonRef, Time};
use serde::Serialize;
use sqlx::Row;
use sqlx::sqlite::{SqlitePool, SqliteRow};

/// Lines of one change that are logged one by one; of a larger import, how many there are.
const LOGGED_MAX: usize = 100;

/// A line that is to be written.
#[derive(Debug)]
pub(super) struct NewLine<'a> {
    pub(super) by: &'a PersonRef,
    pub(super) at: Time,
    pub(super) from: &'a str,
    pub(super) act: Act,
    pub(super) subject: String,
    pub(super) detail: String,
}

#[derive(Serialize)]
struct LineRow<'a> {
    at_ms: i64,
    person: String,
    name: &'a str,
    address: &'a str,
    act: &'static str,
    subject: &'a str,
    detail: &'a str,
}

/// Writes the lines beside what was done, and returns when both are on disk.
pub(super) async fn commit(
    mut writing: Writing<'_>,
    lines: &[NewLine<'_>],
) -> Result<(), StoreError> {
    write(&mut writing, lines).await?;
    writing.commit().await?;
    log(lines);
    Ok(())
}

/// Writes the lines; to be committed, and then to be [`log`]ged.
pub(super) async fn write(
    writing: &mut Writing<'_>,
    lines: &[NewLine<'_>],
) -> Result<(), StoreError> {
    if lines.is_empty() {
        return Ok(());
    }
    let new: Vec<LineRow<'_>> = lines.iter().map(row).collect();
    sqlx::query(
        "INSERT INTO audit (seq, at_ms, person, person_name, address, act, subject, detail)
         SELECT (SELECT coalesce(max(seq), 0) FROM audit) + key + 1, value ->> 'at_ms', unhex(value ->> 'person'),
             value ->> 'name', value ->> 'address', value ->> 'act', value ->> 'subject', value ->> 'detail'
         FROM json_each(?1) ORDER BY key",
    )
    .bind(rows(&new)?)
    .execute(writing.on())
    .await?;
    Ok(())
}

/// Tells the server's log of lines that are on disk.
pub(super) fn log(lines: &[NewLine<'_>]) {
    for line in lines.iter().take(LOGGED_MAX) {
        let (act, by, from) = (line.act.word(), line.by.name.as_str(), line.from);
        let (person, subject, detail) = (line.by.id, &*line.subject, &*line.detail);
        // As text, each is written between quotes and with its breaks of lines escaped.
        tracing::info!(act, by, %person, from, subject, detail, "audit");
    }
    if let Some(more) = lines.len().checked_sub(LOGGED_MAX).filter(|more| *more > 0) {
        tracing::info!(more, "audit: the rest of this change is in the audit log");
    }
}

fn row<'a>(line: &'a NewLine<'_>) -> LineRow<'a> {
    LineRow {
        at_ms: line.at.timestamp_millis(),
        person: hex_of(line.by.id.0),
        name: &line.by.name,
        address: line.from,
        act: line.act.word(),
        subject: &line.subject,
        detail: &line.detail,
    }
}

pub(super) async fn page(
    readers: &SqlitePool,
    page: AuditPage,
    limit: u32,
) -> Result<Vec<AuditLine>, StoreError> {
    let (query, place) = match page {
        AuditPage::Before(place) => (
            "SELECT seq, at_ms, person, person_name, address, act, subject, detail
             FROM audit WHERE seq < ?1 ORDER BY seq DESC LIMIT ?2",
            place.unwrap_or(u64::MAX),
        ),
        AuditPage::After(place) => (
            "SELECT seq, at_ms, person, person_name, address, act, subject, detail
             FROM audit WHERE seq > ?1 ORDER BY seq LIMIT ?2",
            place,
        ),
    };
    let rows = sqlx::query(query)
        .bind(i64::try_from(place).unwrap_or(i64::MAX))
        .bind(limit)
        .fetch_all(readers)
        .await?;
    rows.iter().map(line).collect()
}

fn line(row: &SqliteRow) -> Result<AuditLine, StoreError> {
    Ok(AuditLine {
        seq: unsigned(row.try_get(0)?)?,
        at: time(row.try_get(1)?)?,
        by: PersonRef {
            id: PersonId(id(row.try_get(2)?)?),
            name: row.try_get(3)?,
        },
        from: row.try_get(4)?,
        act: row.try_get(5)?,
        subject: row.try_get(6)?,
        detail: row.try_get(7)?,
    })
}

/// `Title: Support → Support lead`, for each field that is another now.
pub(super) fn changes(fields: &[(&str, &str, &str)]) -> String {
    let changed = fields.iter().filter(|(_, before, after)| before != after);
    let changed = changed
        .map(|(field, before, after)| format!("{field}: {} → {}", shown(before), shown(after)));
    changed.collect::<Vec<_>>().join("; ")
}

fn shown(value: &str) -> &str {
    if value.is_empty() { "none" } else { value }
}
