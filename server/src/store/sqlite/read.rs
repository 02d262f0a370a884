//! Reading, on connections that cannot write.

use super::readable::Chain;
use super::writer::Writer;
use crate::store::{Known, StoreError};
use app::api::Outcome;
use domain::board::Summary;
use domain::{
    CommandId, IncidentId, IncidentNumber, PersonId, PublicId, Record, Recorded, Refusal, Time,
};
use futures::TryStreamExt as _;
use sqlx::Row;
use sqlx::sqlite::{SqliteExecutor, SqlitePool};
use uuid::Uuid;

pub(super) async fn head(readers: &SqlitePool) -> Result<u64, StoreError> {
    let head: i64 = sqlx::query_scalar("SELECT coalesce(max(seq), 0) FROM events")
        .fetch_one(readers)
        .await?;
    unsigned(head)
}

pub(super) async fn log(
    on: impl SqliteExecutor<'_>,
    incident: IncidentId,
) -> Result<Vec<Recorded>, StoreError> {
    let rows = sqlx::query(
        "SELECT seq, incident, version, at_ms, made_at_ms, person, person_name, command, kind, body, hash,
             (SELECT version FROM standing WHERE incident = ?1)
         FROM events WHERE incident = ?1 ORDER BY version",
    )
    .bind(incident.0.as_bytes().as_slice())
    .fetch_all(on)
    .await?;
    let mut chain = Chain::default();
    for row in &rows {
        chain.take(row)?;
    }
    let standing: Option<i64> = rows
        .last()
        .map(|row| row.try_get(11))
        .transpose()?
        .flatten();
    Ok(chain.ended_at(standing))
}

/// The index of `UNIQUE (incident, version)` has all that is asked for but the rows themselves.
pub(super) const RECORDS: &str =
    "SELECT seq, incident, version, at_ms, made_at_ms, person, person_name, command, kind, body, hash
     FROM events WHERE incident IN (SELECT unhex(value) FROM json_each(?1)) AND seq <= ?2
     ORDER BY incident, version";

pub(super) async fn records(
    readers: &SqlitePool,
    incidents: &[IncidentId],
    head: u64,
) -> Result<Vec<Record>, StoreError> {
    let mut rows = sqlx::query(RECORDS)
        .bind(list_of(incidents.iter().map(|i| i.0))?)
        .bind(i64::try_from(head).unwrap_or(i64::MAX))
        .fetch(readers);
    let mut records: Vec<Record> = Vec::new();
    let mut chain = Chain::default();
    while let Some(row) = rows.try_next().await? {
        if !chain.is_of(&row)? {
            records.extend(chain.into_record());
            chain = Chain::default();
        }
        chain.take(&row)?;
    }
    records.extend(chain.into_record());
    Ok(records)
}

/// What was decided then is not known: its author looks, and nobody else waits.
fn unreadable_outcome(command: CommandId) -> Outcome {
    tracing::error!(%command, "the answer to a command cannot be read; run verify");
    Outcome::Refused {
        refusal: Refusal::out_of_order(
            "The answer to this entry is damaged in the database. See whether it is on the record; if it is not, \
             send it again",
        ),
    }
}

/// Ids as the one argument of a query, for `json_each` and `unhex`.
pub(super) fn list_of(ids: impl Iterator<Item = Uuid>) -> Result<String, StoreError> {
    let ids: Vec<String> = ids.map(|id| hex::encode(id.as_bytes())).collect();
    serde_json::to_string(&ids).map_err(unexpected)
}

pub(super) async fn outcomes(
    readers: &SqlitePool,
    commands: &[CommandId],
) -> Result<Vec<Known>, StoreError> {
    let ids = list_of(commands.iter().map(|c| c.0))?;
    let rows = sqlx::query(
        "SELECT id, person, outcome FROM commands
         WHERE id IN (SELECT unhex(value) FROM json_each(?1))",
    )
    .bind(ids)
    .fetch_all(readers)
    .await?;
    rows.iter()
        .map(|row| {
            let command = CommandId(id(row.try_get(0)?)?);
            let outcome = serde_json::from_slice(row.try_get(2)?);
            Ok(Known {
                command,
                person: PersonId(id(row.try_get(1)?)?),
                outcome: outcome.unwrap_or_else(|_| unreadable_outcome(command)),
            })
        })
        .collect()
}

pub(super) async fn last_serial(readers: &SqlitePool, year: i32) -> Result<u32, StoreError> {
    let serial: i64 =
        sqlx::query_scalar("SELECT coalesce(max(serial), 0) FROM standing WHERE year = ?1")
            .bind(year)
            .fetch_one(readers)
            .await?;
    u32::try_from(serial).map_err(unexpected)
}

pub(super) async fn by_number(
    readers: &SqlitePool,
    number: IncidentNumber,
) -> Result<Option<IncidentId>, StoreError> {
    let found = sqlx::query("SELECT incident FROM standing WHERE year = ?1 AND serial = ?2")
        .bind(number.year)
        .bind(number.serial)
        .fetch_optional(readers)
        .await?;
    found.map(|row| incident_id(row.try_get(0)?)).transpose()
}

pub(super) async fn by_public_id(
    readers: &SqlitePool,
    id: &PublicId,
) -> Result<Option<IncidentId>, StoreError> {
    // Word for word as in the index.
    let found = sqlx::query(
        "SELECT incident FROM events
         WHERE kind = 'numbered.1' AND CASE WHEN json_valid(body) THEN body ->> '$.data.public_id' END = ?1",
    )
    .bind(&id.0)
    .fetch_optional(readers)
    .await?;
    found.map(|row| incident_id(row.try_get(0)?)).transpose()
}

/// What is done once with a log from before customers had ids.
const IDENTIFIED: &str = "customers_identified";
/// Before the id of an incident for which it could not be done.
const LEFT: &str = "customers_unidentified/";

pub(super) async fn unidentified(readers: &SqlitePool) -> Result<Vec<IncidentId>, StoreError> {
    let done: Vec<String> = sqlx::query_scalar("SELECT name FROM upgrades ORDER BY name")
        .fetch_all(readers)
        .await?;
    if done.iter().any(|name| name == IDENTIFIED) {
        let left = done.iter().filter_map(|name| name.strip_prefix(LEFT));
        return Ok(left.filter_map(|id| id.parse().ok()).collect());
    }
    let rows = sqlx::query(
        "SELECT incident FROM events
         WHERE kind IN ('declared.1', 'declared.2', 'customer_noted.1', 'customer_noted.2',
                 'update_published.1', 'update_published.2', 'draft_ready.1')
         GROUP BY incident ORDER BY min(seq)",
    )
    .fetch_all(readers)
    .await?;
    rows.iter()
        .map(|row| incident_id(row.try_get(0)?))
        .collect()
}

pub(super) async fn end_identifying(
    writer: &Writer,
    left: &[IncidentId],
) -> Result<(), StoreError> {
    let mut writing = writer.begin().await?;
    sqlx::query("DELETE FROM upgrades WHERE substr(name, 1, length(?1)) = ?1")
        .bind(LEFT)
        .execute(writing.on())
        .await?;
    let left = left.iter().map(|id| format!("{LEFT}{id}"));
    for name in left.chain([IDENTIFIED.to_owned()]) {
        sqlx::query("INSERT OR IGNORE INTO upgrades (name) VALUES (?1)")
            .bind(name)
            .execute(writing.on())
            .await?;
    }
    Ok(writing.commit().await?)
}

/// Word for word the expression and the kinds of the index `events_entrusted`.
pub(super) const ENTRUSTED: &str = "SELECT incident FROM events
     WHERE CASE WHEN json_valid(body) THEN
             coalesce(body ->> '$.data.owner.id', body ->> '$.data.facilitator.id', body ->> '$.data.side.ours.person.id')
         END = ?1
         AND kind IN ('action_agreed.1', 'post_mortem_booked.1', 'plan_step_added.1', 'plan_step_added.2')
     GROUP BY incident ORDER BY max(seq) DESC LIMIT ?2";

pub(super) async fn entrusted(
    readers: &SqlitePool,
    person: PersonId,
    limit: u32,
) -> Result<Vec<IncidentId>, StoreError> {
    let rows = sqlx::query(ENTRUSTED)
        .bind(person.to_string())
        .bind(limit)
        .fetch_all(readers)
        .await?;
    rows.iter()
        .map(|row| incident_id(row.try_get(0)?))
        .collect()
}

pub(super) async fn live(readers: &SqlitePool) -> Result<Vec<IncidentId>, StoreError> {
    let rows = sqlx::query("SELECT incident FROM standing WHERE live = 1 ORDER BY incident")
        .fetch_all(readers)
        .await?;
    rows.iter()
        .map(|row| incident_id(row.try_get(0)?))
        .collect()
}

pub(super) async fn published(
    readers: &SqlitePool,
    limit: u32,
) -> Result<Vec<IncidentId>, StoreError> {
    let rows = sqlx::query(
        "SELECT incident FROM standing WHERE told_at_ms IS NOT NULL
         ORDER BY told_at_ms DESC, incident DESC LIMIT ?1",
    )
    .bind(limit)
    .fetch_all(readers)
    .await?;
    rows.iter()
        .map(|row| incident_id(row.try_get(0)?))
        .collect()
}

pub(super) async fn closed(readers: &SqlitePool, limit: u32) -> Result<Vec<Summary>, StoreError> {
    let rows = sqlx::query(
        "SELECT summary FROM standing WHERE closed_at_ms IS NOT NULL
         ORDER BY closed_at_ms DESC, incident DESC LIMIT ?1",
    )
    .bind(limit)
    .fetch_all(readers)
    .await?;
    let mut closed = Vec::with_capacity(rows.len());
    for row in &rows {
        match serde_json::from_slice(row.try_get(0)?) {
            Ok(summary) => closed.push(summary),
            // A list that is one short; `verify` names the incident.
            Err(error) => {
                tracing::error!(%error, "the line of a closed incident cannot be read; run verify");
            }
        }
    }
    Ok(closed)
}

pub(super) fn incident_id(bytes: &[u8]) -> Result<IncidentId, StoreError> {
    id(bytes).map(IncidentId)
}

pub(super) fn id(bytes: &[u8]) -> Result<Uuid, StoreError> {
    Uuid::from_slice(bytes).map_err(unexpected)
}

pub(super) fn unsigned(number: i64) -> Result<u64, StoreError> {
    u64::try_from(number).map_err(unexpected)
}

pub(super) fn time(ms: i64) -> Result<Time, StoreError> {
    Time::from_timestamp_millis(ms)
        .ok_or_else(|| StoreError::Unexpected(format!("{ms} ms is no time")))
}

pub(super) fn unexpected(error: impl std::fmt::Display) -> StoreError {
    StoreError::Unexpected(error.to_string())
}
