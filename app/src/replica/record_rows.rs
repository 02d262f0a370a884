//! What the server said last, on the device: one row per incident, written when that incident changed, rows for people,
//! policies and closed incidents, and one that says which rows there are and how far they go.
//!
//! Several tabs share them. Each writes after an exchange with the server, and whoever exchanged last is right: rows
//! that are as that tab has them stay, those that are not are written, those that it does not hold are removed, all in
//! one transaction.

use super::storage::{Change, Storage, Table};
use crate::api::Snapshot;
use domain::json::{from_str, to_string};
use domain::{Abridged, CommandId, IncidentId, Person, Record, Time, order};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The row that says what the others are.
const INDEX: &str = "index";
const PEOPLE: &str = "people";
const POLICIES: &str = "policies";
const CLOSED: &str = "closed";
/// How often it was kept, as [`count`] reads it.
const COUNT: &str = "count";
/// Of which session it is, as it is and not as JSON.
const SESSION: &str = "session";
/// How older builds kept it: all in one row, and beside it when that was written.
const WHOLE: &str = "snapshot";
const WHOLE_AT: &str = "kept_at";

/// What the other rows are.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Index {
    me: Person,
    people_version: u64,
    head: u64,
    #[serde(default)]
    hash: Option<String>,
    /// Server time.
    now: Time,
    /// The same moment by the device's clock.
    kept_at: Time,
    /// As in the row of it; 0 of an older build.
    #[serde(default)]
    count: u64,
    /// Of the rows that are no incidents: name, and what tells it from another.
    parts: Vec<(String, String)>,
    incidents: Vec<Mark>,
}

/// How far the row of an incident goes. Two logs do not have the same command at the same place; and its time is
/// another when the server's clock was ahead and was set right since.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Mark {
    incident: IncidentId,
    version: u64,
    last: CommandId,
    #[serde(default)]
    at: Option<Time>,
    /// Without its timeline.
    #[serde(default)]
    is_abridged: bool,
}

impl Mark {
    fn of(record: &Record) -> Option<Self> {
        record.events().next_back().map(|last| Self {
            incident: last.incident,
            version: last.version,
            last: last.command,
            at: Some(last.at),
            is_abridged: false,
        })
    }

    fn of_abridged(abridged: &Abridged) -> Option<Self> {
        abridged.events.last().map(|last| Self {
            incident: last.incident,
            version: abridged.version,
            last: last.command,
            at: Some(last.at),
            is_abridged: true,
        })
    }

    fn key(&self) -> String {
        let kind = if self.is_abridged {
            "abridged"
        } else {
            "incident"
        };
        format!("{kind}/{}", self.incident)
    }
}

/// When a tab keeps what the server said.
#[derive(Clone, Copy, Debug)]
pub struct Turn {
    /// By the device's clock.
    pub kept_at: Time,
    /// [`count`] before the server was asked.
    pub kept_before: u64,
}

/// How often tabs had this device keep what the server said. Clocks can be set; this only goes up.
pub async fn count<S: Storage>(storage: &S) -> u64 {
    let row = storage.get(Table::Record, COUNT).await;
    row.and_then(|json| from_str(&json).ok()).unwrap_or(0)
}

/// Keeps what the server said last in this session, after an exchange with it, while that is open. Whether it is kept.
pub async fn keep<S: Storage>(
    storage: &S,
    snapshot: &Snapshot,
    turn: Turn,
    session: &str,
    is_open: impl Fn() -> bool,
) -> bool {
    let then = |index: Option<String>| {
        // Asked in the transaction: what was wiped by another tab must not come back.
        let changes = is_open().then(|| changes(snapshot, index.as_deref(), turn));
        let mut changes = changes.unwrap_or_default();
        if !changes.is_empty() {
            changes.push(Change::put(SESSION, session.to_owned()));
        }
        changes
    };
    storage.update(Table::Record, INDEX, then).await
}

fn changes(snapshot: &Snapshot, index: Option<&str>, turn: Turn) -> Vec<Change> {
    let before = index.and_then(|json| from_str::<Index>(json).ok());
    // Another tab has exchanged with the server since. What it followed is no other log: there it would not be ahead.
    // What was kept before this tab asked is older whatever the server's clock says: a log that was restored may be of an
    // earlier time.
    let is_overtaken =
        |b: &Index| b.count != turn.kept_before && b.now > snapshot.now && b.head >= snapshot.head;
    if before.as_ref().is_some_and(is_overtaken) {
        return Vec::new();
    }
    let (parts_before, marks_before) = match &before {
        Some(before) => (&*before.parts, &*before.incidents),
        None => (&[][..], &[][..]),
    };
    let mut changes = Vec::new();
    let closed = to_string(&snapshot.closed);
    let versions = snapshot.policies.versions().iter().map(|p| p.version);
    let parts = [
        (PEOPLE, snapshot.people_version.to_string()),
        (POLICIES, to_string(&versions.collect::<Vec<_>>())),
        (CLOSED, fingerprint(&closed)),
    ]
    .map(|(name, mark)| (name.to_owned(), mark));
    for part in parts.iter().filter(|part| !parts_before.contains(part)) {
        let json = match &*part.0 {
            PEOPLE => to_string(&snapshot.people),
            POLICIES => to_string(&snapshot.policies),
            _ => closed.clone(),
        };
        changes.push(Change::put(&*part.0, json));
    }
    let mut incidents = Vec::new();
    let mut row = |mark: Option<Mark>, json: &dyn Fn() -> String| {
        let Some(mark) = mark else { return };
        if !marks_before.contains(&mark) {
            changes.push(Change::put(mark.key(), json()));
        }
        incidents.push(mark);
    };
    for record in &snapshot.incidents {
        row(Mark::of(record), &|| to_string(record));
    }
    for abridged in &snapshot.abridged {
        row(Mark::of_abridged(abridged), &|| to_string(abridged));
    }
    let held: Vec<String> = incidents.iter().map(Mark::key).collect();
    let gone = marks_before.iter().map(Mark::key);
    changes.extend(gone.filter(|key| !held.contains(key)).map(Change::delete));
    if before.is_none() {
        changes.extend([WHOLE, WHOLE_AT].map(Change::delete));
    }
    let count = before.map_or(0, |before| before.count).saturating_add(1);
    changes.push(Change::put(COUNT, to_string(&count)));
    let index = Index {
        me: snapshot.me.clone(),
        people_version: snapshot.people_version,
        head: snapshot.head,
        hash: snapshot.hash.clone(),
        now: snapshot.now,
        kept_at: turn.kept_at,
        count,
        parts: parts.into(),
        incidents,
    };
    changes.push(Change::put(INDEX, to_string(&index)));
    changes
}

/// The last known state of this session, at the time that it is now, and none where nothing is kept that this build
/// can read.
pub async fn load<S: Storage>(storage: &S, device_now: Time, session: &str) -> Option<Snapshot> {
    let rows = order::map(storage.all(Table::Record).await);
    if rows.get(SESSION).is_some_and(|of| of != session) {
        return None;
    }
    let (mut snapshot, kept_at) = match rows.get(INDEX) {
        Some(index) => {
            let index: Index = from_str(index).ok()?;
            let kept_at = index.kept_at;
            let (snapshot, damaged) = assembled(index, &rows);
            if !damaged.is_empty() {
                forget(storage, &damaged).await;
            }
            (snapshot?, Some(kept_at))
        }
        None => (read(&rows, WHOLE)?, read(&rows, WHOLE_AT)),
    };
    // Time went on while nothing ran: by as much as the device says.
    let away = kept_at.map_or_else(chrono::Duration::zero, |at: Time| device_now - at);
    snapshot.now += away.max(chrono::Duration::zero());
    Some(snapshot)
}

type Rows = BTreeMap<String, String>;

fn read<T: DeserializeOwned>(rows: &Rows, key: &str) -> Option<T> {
    from_str(rows.get(key)?).ok()
}

/// What the rows say, and the names of those that do not read or are not what the index says.
fn assembled(index: Index, rows: &Rows) -> (Option<Snapshot>, Vec<String>) {
    let mut damaged = Vec::new();
    let (mut incidents, mut abridged) = (Vec::new(), Vec::new());
    for mark in &index.incidents {
        // What is damaged is an empty record: whoever starts from it sees that one is missing.
        if mark.is_abridged {
            let kept = read::<Abridged>(rows, &mark.key());
            abridged.push(
                kept.filter(|kept| Mark::of_abridged(kept) == Some(*mark))
                    .unwrap_or_default(),
            );
        } else {
            let kept = read::<Record>(rows, &mark.key());
            incidents.push(
                kept.filter(|kept| Mark::of(kept) == Some(*mark))
                    .unwrap_or_default(),
            );
        }
    }
    let whole = incidents.iter().filter_map(Mark::of);
    let whole: Vec<_> = whole
        .chain(abridged.iter().filter_map(Mark::of_abridged))
        .collect();
    let missing = index.incidents.iter().filter(|mark| !whole.contains(mark));
    damaged.extend(missing.map(Mark::key));
    let (people, policies, closed) = (read(rows, PEOPLE), read(rows, POLICIES), read(rows, CLOSED));
    for (name, reads) in [
        (PEOPLE, people.is_some()),
        (POLICIES, policies.is_some()),
        (CLOSED, closed.is_some()),
    ] {
        if !reads {
            damaged.push(name.to_owned());
        }
    }
    let snapshot = people.zip(policies).zip(closed);
    let snapshot = snapshot.map(|((people, policies), closed)| Snapshot {
        me: index.me,
        people,
        people_version: index.people_version,
        policies,
        head: index.head,
        hash: index.hash,
        now: index.now,
        incidents,
        abridged,
        closed,
        clock_is_wrong: false,
    });
    (snapshot, damaged)
}

/// Has these rows written anew with the next exchange. They stay in the index: that one is missing must be noticed.
async fn forget<S: Storage>(storage: &S, damaged: &[String]) {
    let without = |index: Option<String>| {
        let Some(mut index) = index.and_then(|json| from_str::<Index>(&json).ok()) else {
            return Vec::new();
        };
        for (name, mark) in &mut index.parts {
            if damaged.contains(name) {
                mark.clear();
            }
        }
        for mark in &mut index.incidents {
            if damaged.contains(&mark.key()) {
                mark.version = 0;
            }
        }
        vec![Change::put(INDEX, to_string(&index))]
    };
    storage.update(Table::Record, INDEX, without).await;
}

/// The same for the same text (FNV-1a, 64 bits).
fn fingerprint(text: &str) -> String {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in text.bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    hash.to_string()
}
