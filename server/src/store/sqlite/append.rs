//! Writing a batch: a few statements and one fsync, however many commands it holds.

use super::audit::{self, NewLine};
use super::insert::{Insert, Values};
use super::writer::Writer;
use super::{clock, read, search};
use crate::store::chain::{GENESIS, Hash, Link};
use crate::store::{Act, Decided, Standing, StoreError, Written};
use domain::{Event, Incident, IncidentId, Recorded};
use serde::Serialize;
use sqlx::Row;
use sqlx::sqlite::SqliteConnection;
use std::collections::HashMap;
use uuid::Uuid;

/// An event, and what is written of it besides.
struct EventRow<'a> {
    event: &'a Recorded,
    seq: i64,
    version: i64,
    body: String,
    hash: Hash,
}

/// Where an incident stands, and what is written of it besides.
struct StandingRow<'a> {
    standing: &'a Standing,
    version: i64,
    hash: Hash,
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
) -> Result<Vec<Written>, StoreError> {
    let mut writing = writer.begin().await?;
    let mut heads = heads(writing.on(), standings).await?;
    let events: Vec<EventRow<'_>> = decided
        .iter()
        .flat_map(|d| &d.events)
        .map(|event| event_row(event, &mut heads))
        .collect::<Result<_, _>>()?;
    let reopened = standings
        .iter()
        .filter(|s| s.found_by.is_none() && heads.get(&s.incident).is_some_and(|h| h.closed));
    search::forget(writing.on(), reopened).await?;
    search::remember(writing.on(), standings).await?;
    let commands: Vec<(&Decided, String)> = decided
        .iter()
        .map(|d| Ok((d, json(&d.outcome)?)))
        .collect::<Result<_, StoreError>>()?;
    let standings: Vec<StandingRow<'_>> = standings
        .iter()
        .map(|s| standing_row(s, &heads))
        .collect::<Result<_, _>>()?;
    let written = events.iter().map(|row| Written {
        hash: row.hash,
        bytes: row.body.len(),
    });
    let written = written.collect();
    COMMANDS.rows(writing.on(), commands, bind_command).await?;
    EVENTS.rows(writing.on(), events, bind_event).await?;
    STANDING
        .rows(writing.on(), standings, bind_standing)
        .await?;
    if clock::confirms(decided) {
        correct(writing.on()).await?;
    }
    audit::commit(writing, &policies(decided)).await?;
    Ok(written)
}

/// What was stamped ahead of a clock that was set right stands in lists where it belongs.
async fn correct(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let corrections = clock::corrections(&mut *connection).await?;
    for id in clock::corrected(&mut *connection).await? {
        let log = read::log(&mut *connection, id).await?;
        let log: Vec<Recorded> = log.into_iter().map(|r| corrections.correct(r)).collect();
        let incident = Incident::fold(id, &log);
        // What is known of it stays: the fold lacks what the damage took.
        if incident.unreadable.is_some() {
            continue;
        }
        let standing = Standing::without_words(&incident);
        let heads = heads(connection, std::slice::from_ref(&standing)).await?;
        let row = standing_row(&standing, &heads)?;
        STANDING.rows(connection, vec![row], bind_standing).await?;
    }
    Ok(())
}

/// The changes of the policy, for the audit log.
fn policies(decided: &[Decided]) -> Vec<NewLine<'_>> {
    let events = decided
        .iter()
        .flat_map(|d| d.events.iter().map(move |event| (d, event)));
    let lines = events.filter_map(|(decided, recorded)| match &recorded.event {
        Event::PolicyChanged { policy, reason } => Some(NewLine {
            by: &recorded.by,
            at: recorded.at,
            from: &decided.from,
            act: Act::ChangePolicy,
            subject: format!("Version {}", policy.version),
            detail: reason.clone(),
        }),
        _ => None,
    });
    lines.collect()
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
        event,
        seq: signed(event.seq)?,
        version: signed(event.version)?,
        body,
        hash,
    })
}

fn standing_row<'a>(
    standing: &'a Standing,
    heads: &HashMap<IncidentId, Head>,
) -> Result<StandingRow<'a>, StoreError> {
    let head = heads
        .get(&standing.incident)
        .filter(|head| head.version > 0)
        .ok_or_else(|| unexpected("a standing comes without any event"))?;
    Ok(StandingRow {
        standing,
        version: signed(head.version)?,
        hash: head.hash,
        summary: standing.summary.as_ref().map(json).transpose()?,
    })
}

const COMMANDS: Insert = Insert {
    before: "INSERT INTO commands (id, person, incident, outcome) ",
    after: "",
};

fn bind_command(row: &mut Values<'_>, (decided, outcome): (&Decided, String)) {
    row.push_bind(blob(decided.command.0))
        .push_bind(blob(decided.person.0))
        .push_bind(blob(decided.incident.0))
        .push_bind(outcome);
}

const EVENTS: Insert = Insert {
    before: "INSERT INTO events
         (seq, incident, version, at_ms, made_at_ms, person, person_name, command, kind, body, hash) ",
    after: "",
};

fn bind_event(row: &mut Values<'_>, of: EventRow<'_>) {
    let event = of.event;
    row.push_bind(of.seq)
        .push_bind(blob(event.incident.0))
        .push_bind(of.version)
        .push_bind(event.at.timestamp_millis())
        .push_bind(event.made_at.timestamp_millis())
        .push_bind(blob(event.by.id.0))
        .push_bind(event.by.name.clone())
        .push_bind(blob(event.command.0))
        .push_bind(event.event.kind())
        .push_bind(of.body)
        .push_bind(of.hash.to_vec());
}

const STANDING: Insert = Insert {
    before: "INSERT INTO standing
         (incident, version, hash, year, serial, live, told_at_ms, closed_at_ms, summary) ",
    after: " ON CONFLICT (incident) DO UPDATE SET
         version = excluded.version, hash = excluded.hash, year = excluded.year, serial = excluded.serial,
         live = excluded.live, told_at_ms = excluded.told_at_ms, closed_at_ms = excluded.closed_at_ms,
         summary = excluded.summary",
};

fn bind_standing(row: &mut Values<'_>, of: StandingRow<'_>) {
    let standing = of.standing;
    let closed_at = standing.summary.as_ref().and_then(|s| s.closed_at);
    row.push_bind(blob(standing.incident.0))
        .push_bind(of.version)
        .push_bind(of.hash.to_vec())
        .push_bind(standing.number.map(|n| n.year))
        .push_bind(standing.number.map(|n| n.serial))
        .push_bind(standing.live)
        .push_bind(standing.told_at.map(|t| t.timestamp_millis()))
        .push_bind(closed_at.map(|t| t.timestamp_millis()))
        .push_bind(of.summary);
}

fn signed(place: u64) -> Result<i64, StoreError> {
    i64::try_from(place).map_err(|_| unexpected("the log is full"))
}

fn blob(id: Uuid) -> Vec<u8> {
    id.as_bytes().to_vec()
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
