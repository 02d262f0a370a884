//! Events as they are read, also where a byte of the file was changed. What cannot be read comes as
//! [`Event::unreadable`] in its place: its incident is marked by it, and all others are served.

use super::read::{id, time, unsigned};
use crate::store::StoreError;
use crate::store::chain::{GENESIS, Hash, Link};
use domain::{CommandId, Event, IncidentId, PersonId, PersonRef, Record, Recorded, Time};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use uuid::Uuid;

/// One event; the columns are seq, incident, version, at_ms, made_at_ms, person, person_name, command, kind, body.
pub(super) fn recorded(row: &SqliteRow) -> Result<Recorded, StoreError> {
    match whole(row) {
        Ok(recorded) => Ok(recorded),
        Err(_) => damaged(row),
    }
}

fn whole(row: &SqliteRow) -> Result<Recorded, StoreError> {
    let unreadable = |what: &str| StoreError::Unexpected(what.to_owned());
    let kind: &[u8] = row.try_get(8)?;
    let event: Event =
        serde_json::from_slice(row.try_get(9)?).map_err(|e| unreadable(&e.to_string()))?;
    let is_damaged = matches!(event, Event::Unknown(_)) && Event::is_known_kind(event.kind());
    if event.kind().as_bytes() != kind || is_damaged {
        return Err(unreadable("a body that is not of its kind"));
    }
    Ok(Recorded {
        seq: unsigned(row.try_get(0)?)?,
        incident: IncidentId(id(row.try_get(1)?)?),
        version: unsigned(row.try_get(2)?)?,
        at: time(row.try_get(3)?)?,
        made_at: time(row.try_get(4)?)?,
        by: PersonRef {
            id: PersonId(id(row.try_get(5)?)?),
            name: row.try_get(6)?,
        },
        command: CommandId(id(row.try_get(7)?)?),
        stamped_at: None,
        event,
    })
}

/// As much as can be told of it.
fn damaged(row: &SqliteRow) -> Result<Recorded, StoreError> {
    let uuid = |column| -> Result<Uuid, StoreError> {
        Ok(Uuid::from_slice(row.try_get::<&[u8], _>(column)?).unwrap_or_default())
    };
    let at =
        |column| -> Result<Time, StoreError> { Ok(time(row.try_get(column)?).unwrap_or_default()) };
    Ok(Recorded {
        seq: row.try_get::<i64, _>(0)?.unsigned_abs(),
        incident: IncidentId(uuid(1)?),
        version: row.try_get::<i64, _>(2)?.unsigned_abs(),
        at: at(3)?,
        made_at: at(4)?,
        by: PersonRef {
            id: PersonId(uuid(5)?),
            name: String::from_utf8_lossy(row.try_get(6)?).into_owned(),
        },
        command: CommandId(uuid(7)?),
        stamped_at: None,
        event: Event::unreadable(),
    })
}

/// The events of one incident as they are read, each against the hash of the one before. A place that is missing or
/// does not fit is an unreadable event; versions count on without a gap.
#[derive(Default)]
pub(super) struct Chain {
    events: Vec<Recorded>,
    /// The version and the hash of the last row.
    last: Option<(u64, Hash)>,
}

impl Chain {
    /// Whether this row is of the incident that was begun with, or begins one.
    pub(super) fn is_of(&self, row: &SqliteRow) -> Result<bool, StoreError> {
        let first = self.events.first().map(|r| r.incident);
        let incident: &[u8] = row.try_get(1)?;
        Ok(first.is_none_or(|first| first.0.as_bytes() == incident))
    }

    /// The next row, with the hash as its eleventh column.
    pub(super) fn take(&mut self, row: &SqliteRow) -> Result<(), StoreError> {
        let mut next = recorded(row)?;
        let (version, before) = self.last.unwrap_or((0, GENESIS));
        let hash: Hash = row.try_get::<&[u8], _>(10)?.try_into().unwrap_or(GENESIS);
        let stored = next.version;
        if version.checked_add(1) != Some(stored) {
            self.miss(&next);
        } else if hash_after(row, &before)? != hash {
            next.event = Event::unreadable();
        }
        self.push(next);
        self.last = Some((stored, hash));
        Ok(())
    }

    /// An event in the place of those that are missing before `next`.
    fn miss(&mut self, next: &Recorded) {
        let event = Event::unreadable();
        self.push(Recorded {
            event,
            ..next.clone()
        });
    }

    fn push(&mut self, mut next: Recorded) {
        next.version = self.events.len() as u64 + 1;
        self.events.push(next);
    }

    /// All of them; `standing` is the version to which the incident had come.
    pub(super) fn ended_at(mut self, standing: Option<i64>) -> Vec<Recorded> {
        let version = self.last.map_or(0, |(version, _)| version);
        let has_ended = standing.is_none_or(|v| v.unsigned_abs() == version);
        if !has_ended && let Some(last) = self.events.last().cloned() {
            self.miss(&last);
        }
        self.events
    }

    /// None of nothing.
    pub(super) fn into_record(self) -> Option<Record> {
        (!self.events.is_empty()).then(|| Record::from_iter(self.events))
    }
}

fn hash_after(row: &SqliteRow, before: &Hash) -> Result<Hash, StoreError> {
    Ok(Link {
        seq: row.try_get::<i64, _>(0)?.unsigned_abs(),
        incident: row.try_get(1)?,
        version: row.try_get::<i64, _>(2)?.unsigned_abs(),
        at_ms: row.try_get(3)?,
        made_at_ms: row.try_get(4)?,
        person: row.try_get(5)?,
        person_name: row.try_get(6)?,
        command: row.try_get(7)?,
        kind: row.try_get(8)?,
        body: row.try_get(9)?,
    }
    .hash(before))
}
