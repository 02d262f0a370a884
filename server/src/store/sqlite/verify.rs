//! Proving the log (L1): every hash anew from the bytes as stored, every chain from its first
//! event to the head that was noted elsewhere, and every state folded once more.

use super::clock;
use crate::store::chain::{GENESIS, Hash, Link};
use crate::store::{Standing, StoreError, Verified};
use app::api::Outcome;
use domain::{
    CommandId, Corrections, Event, Incident, IncidentId, PersonId, PersonRef, Recorded, Time,
};
use sha2::{Digest, Sha256};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteRow};
use sqlx::{ConnectOptions, Connection, Row};
use uuid::Uuid;

/// One read transaction on a connection of its own: a log that grows meanwhile is no fault.
pub(super) async fn verify(reading: &SqliteConnectOptions) -> Result<Verified, StoreError> {
    let mut connection = reading.connect().await?;
    sqlx::query("BEGIN").execute(&mut connection).await?;
    let mut found = Verified::default();
    file(&mut connection, &mut found).await?;
    places(&mut connection, &mut found).await?;
    commands(&mut connection, &mut found).await?;
    let incidents = sqlx::query("SELECT incident FROM events UNION SELECT incident FROM standing")
        .fetch_all(&mut connection)
        .await?;
    let corrections = clock::corrections(&mut connection).await?;
    for row in incidents {
        let id: Vec<u8> = row.try_get(0)?;
        chain(&mut connection, &id, &corrections, &mut found).await?;
        found.incidents += 1;
    }
    files(&mut connection, &mut found).await?;
    connection.close().await?;
    Ok(found)
}

/// SQLite's own look at its pages and indexes: what is read through a broken index proves nothing.
async fn file(connection: &mut SqliteConnection, found: &mut Verified) -> Result<(), StoreError> {
    let lines: Vec<String> = sqlx::query_scalar("PRAGMA integrity_check(20)")
        .fetch_all(connection)
        .await?;
    found.faults.extend(
        lines
            .into_iter()
            .filter(|l| l != "ok")
            .map(|l| format!("file: {l}")),
    );
    Ok(())
}

/// Places in the log are 1, 2, 3… to the last.
async fn places(connection: &mut SqliteConnection, found: &mut Verified) -> Result<(), StoreError> {
    let gaps = sqlx::query(
        "SELECT seq, before FROM (SELECT seq, lag(seq, 1, 0) OVER (ORDER BY seq) AS before FROM events)
         WHERE seq <> before + 1",
    )
    .fetch_all(connection)
    .await?;
    for row in gaps {
        let (seq, before): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
        found.faults.push(format!(
            "event {seq}: follows event {before}; what was between is gone"
        ));
    }
    Ok(())
}

/// A command that was accepted has events, and an event has its command.
async fn commands(
    connection: &mut SqliteConnection,
    found: &mut Verified,
) -> Result<(), StoreError> {
    let bare = sqlx::query(
        "SELECT id, CAST(outcome AS BLOB) FROM commands WHERE id NOT IN (SELECT command FROM events)",
    )
    .fetch_all(&mut *connection)
    .await?;
    for row in bare {
        let id = name(row.try_get(0)?);
        match serde_json::from_slice(row.try_get(1)?) {
            Ok(Outcome::Refused { .. }) => {}
            Ok(Outcome::Accepted) => {
                found
                    .faults
                    .push(format!("command {id}: its events are gone"));
            }
            Err(_) => found
                .faults
                .push(format!("command {id}: its outcome cannot be read")),
        }
    }
    let orphans =
        sqlx::query("SELECT seq FROM events WHERE command NOT IN (SELECT id FROM commands)")
            .fetch_all(connection)
            .await?;
    for row in orphans {
        let seq: i64 = row.try_get(0)?;
        found
            .faults
            .push(format!("event {seq}: its command is gone"));
    }
    Ok(())
}

/// A file is what its name says. One at a time: they are large.
async fn files(connection: &mut SqliteConnection, found: &mut Verified) -> Result<(), StoreError> {
    let names: Vec<Vec<u8>> = sqlx::query_scalar("SELECT sha256 FROM files")
        .fetch_all(&mut *connection)
        .await?;
    for name in names {
        let body: Vec<u8> = sqlx::query_scalar("SELECT body FROM files WHERE sha256 = ?1")
            .bind(&name)
            .fetch_one(&mut *connection)
            .await?;
        if Sha256::digest(&body).as_slice() != name {
            let name = hex::encode(&name);
            found
                .faults
                .push(format!("file {name}: its bytes were changed"));
        }
    }
    Ok(())
}

/// One event exactly as stored. Text is read as bytes: what was tampered with need not be UTF-8.
struct Stored {
    seq: i64,
    incident: Vec<u8>,
    version: i64,
    at_ms: i64,
    made_at_ms: i64,
    person: Vec<u8>,
    person_name: Vec<u8>,
    command: Vec<u8>,
    kind: Vec<u8>,
    body: Vec<u8>,
    hash: Vec<u8>,
}

impl Stored {
    fn read(row: &SqliteRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            seq: row.try_get(0)?,
            incident: row.try_get(1)?,
            version: row.try_get(2)?,
            at_ms: row.try_get(3)?,
            made_at_ms: row.try_get(4)?,
            person: row.try_get(5)?,
            person_name: row.try_get(6)?,
            command: row.try_get(7)?,
            kind: row.try_get(8)?,
            body: row.try_get(9)?,
            hash: row.try_get(10)?,
        })
    }

    fn hash_after(&self, before: &Hash) -> Hash {
        Link {
            seq: self.seq.unsigned_abs(),
            incident: &self.incident,
            version: self.version.unsigned_abs(),
            at_ms: self.at_ms,
            made_at_ms: self.made_at_ms,
            person: &self.person,
            person_name: &self.person_name,
            command: &self.command,
            kind: &self.kind,
            body: &self.body,
        }
        .hash(before)
    }

    /// What it means; none when it cannot be read.
    fn recorded(&self) -> Option<Recorded> {
        let event: Event = serde_json::from_slice(&self.body).ok()?;
        if event.kind().as_bytes() != self.kind {
            return None;
        }
        Some(Recorded {
            seq: u64::try_from(self.seq).ok()?,
            incident: IncidentId(Uuid::from_slice(&self.incident).ok()?),
            version: u64::try_from(self.version).ok()?,
            at: Time::from_timestamp_millis(self.at_ms)?,
            made_at: Time::from_timestamp_millis(self.made_at_ms)?,
            by: PersonRef {
                id: PersonId(Uuid::from_slice(&self.person).ok()?),
                name: String::from_utf8(self.person_name.clone()).ok()?,
            },
            command: CommandId(Uuid::from_slice(&self.command).ok()?),
            stamped_at: None,
            event,
        })
    }
}

async fn chain(
    connection: &mut SqliteConnection,
    incident: &[u8],
    corrections: &Corrections,
    found: &mut Verified,
) -> Result<(), StoreError> {
    let rows = sqlx::query(
        "SELECT seq, incident, version, at_ms, made_at_ms, person, CAST(person_name AS BLOB), command,
             CAST(kind AS BLOB), CAST(body AS BLOB), hash
         FROM events WHERE incident = ?1 ORDER BY version",
    )
    .bind(incident)
    .fetch_all(&mut *connection)
    .await?;
    let Ok(id) = Uuid::from_slice(incident).map(IncidentId) else {
        found.faults.push(format!(
            "incident {}: its id is not 16 bytes",
            name(incident)
        ));
        return Ok(());
    };
    let mut state = Some(Incident::empty(id));
    let (mut version, mut before, mut last_seq) = (0, GENESIS, 0);
    for row in &rows {
        let stored = Stored::read(row)?;
        found.events += 1;
        let at = format!(
            "event {} (incident {id}, version {})",
            stored.seq, stored.version
        );
        if stored.version != version + 1 {
            found.faults.push(format!(
                "{at}: follows version {version}; what was between is gone"
            ));
        }
        if stored.seq <= last_seq {
            found
                .faults
                .push(format!("{at}: comes before event {last_seq} in the log"));
        }
        if stored.hash_after(&before).as_slice() != stored.hash {
            found.faults.push(format!(
                "{at}: its hash does not fit; it or the one before was changed"
            ));
        }
        // The chain goes on from what is noted, so that one changed event is one fault.
        before = stored.hash.as_slice().try_into().unwrap_or(GENESIS);
        (version, last_seq) = (stored.version, stored.seq);
        match stored.recorded() {
            Some(recorded) => {
                let recorded = corrections.correct(recorded);
                state.iter_mut().for_each(|s| s.apply(&recorded));
            }
            None => {
                found.faults.push(format!("{at}: cannot be read"));
                state = None;
            }
        }
    }
    head(connection, id, version, before, state.as_ref(), found).await
}

/// The standing beside the log ends where the log ends and says what the fold says.
async fn head(
    connection: &mut SqliteConnection,
    id: IncidentId,
    version: i64,
    hash: Hash,
    state: Option<&Incident>,
    found: &mut Verified,
) -> Result<(), StoreError> {
    let row = sqlx::query(
        "SELECT version, hash, year, serial, live, told_at_ms, CAST(summary AS BLOB)
         FROM standing WHERE incident = ?1",
    )
    .bind(id.0.as_bytes().as_slice())
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else {
        found
            .faults
            .push(format!("incident {id}: its standing is gone"));
        return Ok(());
    };
    let (noted_version, noted_hash): (i64, Vec<u8>) = (row.try_get(0)?, row.try_get(1)?);
    if noted_version != version || noted_hash != hash {
        found.faults.push(format!(
            "incident {id}: its log ends at version {version}, but it had come to version {noted_version}"
        ));
        return Ok(());
    }
    let Some(standing) = state.map(Standing::without_words) else {
        return Ok(());
    };
    let summary: Option<Vec<u8>> = row.try_get(6)?;
    let same = row.try_get::<Option<i64>, _>(2)? == standing.number.map(|n| i64::from(n.year))
        && row.try_get::<Option<i64>, _>(3)? == standing.number.map(|n| i64::from(n.serial))
        && row.try_get::<bool, _>(4)? == standing.live
        && row.try_get::<Option<i64>, _>(5)? == standing.told_at.map(|t| t.timestamp_millis())
        && summary.map(|s| serde_json::from_slice(&s).ok()) == standing.summary.map(Some);
    if !same {
        found.faults.push(format!(
            "incident {id}: its standing is not what its log says"
        ));
    }
    Ok(())
}

fn name(id: &[u8]) -> String {
    Uuid::from_slice(id).map_or_else(|_| hex::encode(id), |id| id.to_string())
}
