//! Writing a batch: a few statements and one fsync, however many commands it holds. Rows go in
//! as one JSON array each, because a round trip to SQLite's thread costs more than the insert.

use super::search;
use super::writer::Writer;
use crate::store::chain::{GENESIS, Hash, Link};
use crate::store::{Decided, Standing, StoreError};
use domain::{IncidentId, Recorded};
use serde::Serialize;
use sqlx::Row;
use sqlx::sqlite::SqliteConnection;
use std::collections::HashMap;
use uuid::Uuid;

#[derive(Serialize)]
struct CommandRow {
    id: String,
    person: String,
    incident: String,
    outcome: String,
}

#[derive(Serialize)]
struct EventRow<'a> {
    seq: u64,
    incident: String,
    version: u64,
    at: i64,
    made_at: i64,
    person: String,
    name: &'a str,
    command: String,
    kind: &'a str,
    body: String,
    hash: String,
}

#[derive(Serialize)]
struct StandingRow {
    incident: String,
    version: u64,
    hash: String,
    year: Option<i32>,
    serial: Option<u32>,
    live: bool,
    told_at: Option<i64>,
    closed_at: Option<i64>,
    summary: Option<String>,
}

/// The last event of an incident.
struct Head {
    version: u64,
    hash: Hash,
    /// Whether it was closed, and so in the index of words.
    closed: bool,
}

pub(super) async fn append(
    writer: &Writer,
    decided: &[Decided],
    standings: &[Standing],
) -> Result<(), StoreError> {
    let mut writing = writer.begin().await?;
    let mut heads = heads(writing.on(), standings).await?;
    let commands = rows(
        &decided
            .iter()
            .map(command_row)
            .collect::<Result<Vec<_>, _>>()?,
    )?;
    let events: Vec<EventRow<'_>> = decided
        .iter()
        .flat_map(|d| &d.events)
        .map(|event| event_row(event, &mut heads))
        .collect::<Result<_, _>>()?;
    let events = rows(&events)?;
    let reopened = standings
        .iter()
        .filter(|s| s.found_by.is_none() && heads.get(&s.incident).is_some_and(|h| h.closed));
    search::forget(writing.on(), reopened).await?;
    search::remember(writing.on(), standings).await?;
    let standings: Vec<StandingRow> = standings
        .iter()
        .map(|s| standing_row(s, &heads))
        .collect::<Result<_, _>>()?;
    let standings = rows(&standings)?;

    sqlx::query(
        "INSERT INTO commands (id, person, incident, outcome)
         SELECT unhex(value ->> 'id'), unhex(value ->> 'person'), unhex(value ->> 'incident'), value ->> 'outcome'
         FROM json_each(?1) ORDER BY key",
    )
    .bind(commands)
    .execute(writing.on())
    .await?;
    sqlx::query(
        "INSERT INTO events (seq, incident, version, at_ms, made_at_ms, person, person_name, command, kind, body, hash)
         SELECT value ->> 'seq', unhex(value ->> 'incident'), value ->> 'version', value ->> 'at', value ->> 'made_at',
             unhex(value ->> 'person'), value ->> 'name', unhex(value ->> 'command'), value ->> 'kind',
             value ->> 'body', unhex(value ->> 'hash')
         FROM json_each(?1) ORDER BY key",
    )
    .bind(events)
    .execute(writing.on())
    .await?;
    sqlx::query(
        "INSERT INTO standing (incident, version, hash, year, serial, live, told_at_ms, closed_at_ms, summary)
         SELECT unhex(value ->> 'incident'), value ->> 'version', unhex(value ->> 'hash'), value ->> 'year',
             value ->> 'serial', value ->> 'live', value ->> 'told_at', value ->> 'closed_at', value ->> 'summary'
         FROM json_each(?1) WHERE true
         ON CONFLICT (incident) DO UPDATE SET
             version = excluded.version, hash = excluded.hash, year = excluded.year, serial = excluded.serial,
             live = excluded.live, told_at_ms = excluded.told_at_ms, closed_at_ms = excluded.closed_at_ms,
             summary = excluded.summary",
    )
    .bind(standings)
    .execute(writing.on())
    .await?;
    Ok(writing.commit().await?)
}

/// Where these incidents' chains end. One that is not there begins with this batch.
async fn heads(
    connection: &mut SqliteConnection,
    standings: &[Standing],
) -> Result<HashMap<IncidentId, Head>, StoreError> {
    let mut heads: HashMap<IncidentId, Head> = standings
        .iter()
        .map(|s| {
            (
                s.incident,
                Head {
                    version: 0,
                    hash: GENESIS,
                    closed: false,
                },
            )
        })
        .collect();
    let known = sqlx::query(
        "SELECT incident, version, hash, closed_at_ms IS NOT NULL FROM standing
         WHERE incident IN (SELECT unhex(value) FROM json_each(?1))",
    )
    .bind(rows(
        &standings
            .iter()
            .map(|s| hex_of(s.incident.0))
            .collect::<Vec<_>>(),
    )?)
    .fetch_all(connection)
    .await?;
    for row in known {
        let incident = super::read::incident_id(row.try_get(0)?)?;
        let version = super::read::unsigned(row.try_get(1)?)?;
        let hash = row.try_get::<&[u8], _>(2)?;
        let hash = hash
            .try_into()
            .map_err(|_| unexpected("a hash is not 32 bytes"))?;
        let closed = row.try_get(3)?;
        heads.insert(
            incident,
            Head {
                version,
                hash,
                closed,
            },
        );
    }
    Ok(heads)
}

fn command_row(decided: &Decided) -> Result<CommandRow, StoreError> {
    Ok(CommandRow {
        id: hex_of(decided.command.0),
        person: hex_of(decided.person.0),
        incident: hex_of(decided.incident.0),
        outcome: json(&decided.outcome)?,
    })
}

fn event_row<'a>(
    event: &'a Recorded,
    heads: &mut HashMap<IncidentId, Head>,
) -> Result<EventRow<'a>, StoreError> {
    let head = heads
        .get_mut(&event.incident)
        .ok_or_else(|| unexpected("an incident with events comes without its standing"))?;
    let (kind, body) = (event.event.kind(), json(&event.event)?);
    let (at_ms, made_at_ms) = (
        event.at.timestamp_millis(),
        event.made_at.timestamp_millis(),
    );
    let hash = Link {
        seq: event.seq,
        incident: event.incident.0.as_bytes(),
        version: event.version,
        at_ms,
        made_at_ms,
        person: event.by.id.0.as_bytes(),
        person_name: event.by.name.as_bytes(),
        command: event.command.0.as_bytes(),
        kind: kind.as_bytes(),
        body: body.as_bytes(),
    }
    .hash(&head.hash);
    (head.version, head.hash) = (event.version, hash);
    Ok(EventRow {
        seq: event.seq,
        incident: hex_of(event.incident.0),
        version: event.version,
        at: at_ms,
        made_at: made_at_ms,
        person: hex_of(event.by.id.0),
        name: &event.by.name,
        command: hex_of(event.command.0),
        kind,
        body,
        hash: hex::encode(hash),
    })
}

fn standing_row(
    standing: &Standing,
    heads: &HashMap<IncidentId, Head>,
) -> Result<StandingRow, StoreError> {
    let head = heads
        .get(&standing.incident)
        .filter(|head| head.version > 0)
        .ok_or_else(|| unexpected("a standing comes without any event"))?;
    let closed_at = standing.summary.as_ref().and_then(|s| s.closed_at);
    Ok(StandingRow {
        incident: hex_of(standing.incident.0),
        version: head.version,
        hash: hex::encode(head.hash),
        year: standing.number.map(|n| n.year),
        serial: standing.number.map(|n| n.serial),
        live: standing.live,
        told_at: standing.told_at.map(|t| t.timestamp_millis()),
        closed_at: closed_at.map(|t| t.timestamp_millis()),
        summary: standing.summary.as_ref().map(json).transpose()?,
    })
}

pub(super) fn rows<T: Serialize>(rows: &[T]) -> Result<String, StoreError> {
    json(&rows)
}

fn json<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| unexpected(&error.to_string()))
}

pub(super) fn hex_of(id: Uuid) -> String {
    hex::encode(id.as_bytes())
}

pub(super) fn unexpected(what: &str) -> StoreError {
    StoreError::Unexpected(what.to_owned())
}
