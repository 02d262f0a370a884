//! Reading as much as fits into an answer: what one incident or one author piles up must not reach everybody at once.

use super::read::{incident_id, list_of, unexpected, unsigned};
use super::readable::recorded;
use crate::store::{Hash, StoreError};
use domain::{Abridged, IncidentId, Recorded};
use futures::{Stream, TryStreamExt as _};
use sqlx::Row;
use sqlx::sqlite::{SqlitePool, SqliteRow};
use std::collections::BTreeMap;

pub(super) async fn since(
    readers: &SqlitePool,
    seq: u64,
    limit: u32,
    bytes_max: usize,
) -> Result<Vec<Recorded>, StoreError> {
    let Ok(seq) = i64::try_from(seq) else {
        return Ok(Vec::new());
    };
    let rows = sqlx::query(
        "SELECT seq, incident, version, at_ms, made_at_ms, person, person_name, command, kind, body
         FROM events WHERE seq > ?1 ORDER BY seq LIMIT ?2",
    )
    .bind(seq)
    .bind(limit)
    .fetch(readers);
    fitting(rows, bytes_max).await
}

pub(super) async fn record(
    readers: &SqlitePool,
    incident: IncidentId,
    (after, head): (u64, u64),
    bytes_max: usize,
) -> Result<Vec<Recorded>, StoreError> {
    let rows = sqlx::query(
        "SELECT seq, incident, version, at_ms, made_at_ms, person, person_name, command, kind, body
         FROM events WHERE incident = ?1 AND version > ?2 AND seq <= ?3 ORDER BY version",
    )
    .bind(incident.0.as_bytes().as_slice())
    .bind(i64::try_from(after).unwrap_or(i64::MAX))
    .bind(i64::try_from(head).unwrap_or(i64::MAX))
    .fetch(readers);
    fitting(rows, bytes_max).await
}

async fn fitting(
    mut rows: impl Stream<Item = Result<SqliteRow, sqlx::Error>> + Unpin,
    bytes_max: usize,
) -> Result<Vec<Recorded>, StoreError> {
    let (mut events, mut bytes) = (Vec::new(), 0);
    while let Some(row) = rows.try_next().await? {
        bytes += row.try_get::<&[u8], _>(9)?.len();
        if bytes > bytes_max && !events.is_empty() {
            break;
        }
        events.push(recorded(&row)?);
    }
    Ok(events)
}

pub(super) async fn hashes(
    readers: &SqlitePool,
    seq: u64,
    limit: u32,
) -> Result<Vec<Hash>, StoreError> {
    let Ok(seq) = i64::try_from(seq) else {
        return Ok(Vec::new());
    };
    let rows = sqlx::query("SELECT hash FROM events WHERE seq > ?1 ORDER BY seq LIMIT ?2")
        .bind(seq)
        .bind(limit)
        .fetch_all(readers)
        .await?;
    rows.iter()
        .map(|row| row.try_get::<&[u8], _>(0)?.try_into().map_err(unexpected))
        .collect()
}

pub(super) async fn sizes(
    readers: &SqlitePool,
    incidents: &[IncidentId],
    head: u64,
) -> Result<Vec<(IncidentId, usize)>, StoreError> {
    let rows = sqlx::query(
        "SELECT incident, sum(octet_length(body)) FROM events
         WHERE incident IN (SELECT unhex(value) FROM json_each(?1)) AND seq <= ?2 GROUP BY incident",
    )
    .bind(list_of(incidents.iter().map(|i| i.0))?)
    .bind(i64::try_from(head).unwrap_or(i64::MAX))
    .fetch_all(readers)
    .await?;
    let size = |row: &SqliteRow| {
        let bytes = usize::try_from(row.try_get::<i64, _>(1)?).map_err(unexpected)?;
        Ok((incident_id(row.try_get(0)?)?, bytes))
    };
    rows.iter().map(size).collect()
}

/// The kinds stand as in [`Abridged::LEFT_OUT`].
const ABRIDGED: &str =
    "SELECT seq, incident, version, at_ms, made_at_ms, person, person_name, command, kind, body
     FROM events WHERE incident IN (SELECT unhex(value) FROM json_each(?1)) AND seq <= ?2
     AND kind NOT IN ('entry_logged.1', 'entry_amended.1')
     ORDER BY incident, version";

pub(super) async fn abridged(
    readers: &SqlitePool,
    incidents: &[IncidentId],
    head: u64,
) -> Result<Vec<Abridged>, StoreError> {
    let (ids, head) = (
        list_of(incidents.iter().map(|i| i.0))?,
        i64::try_from(head).unwrap_or(i64::MAX),
    );
    let versions = sqlx::query(
        "SELECT incident, max(version) FROM events
         WHERE incident IN (SELECT unhex(value) FROM json_each(?1)) AND seq <= ?2 GROUP BY incident",
    )
    .bind(&ids)
    .bind(head)
    .fetch_all(readers)
    .await?;
    let mut drawn: BTreeMap<IncidentId, (Vec<Recorded>, u64)> = BTreeMap::new();
    for row in &versions {
        let version = unsigned(row.try_get(1)?)?;
        drawn.insert(incident_id(row.try_get(0)?)?, (Vec::new(), version));
    }
    let mut rows = sqlx::query(ABRIDGED).bind(&ids).bind(head).fetch(readers);
    while let Some(row) = rows.try_next().await? {
        let event = recorded(&row)?;
        if let Some((events, _)) = drawn.get_mut(&event.incident) {
            events.push(event);
        }
    }
    let all = drawn.into_values();
    Ok(all
        .map(|(events, version)| Abridged::of(events, version))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn query_leaves_out_the_kinds_that_an_abridged_record_leaves_out() {
        let kinds = Abridged::LEFT_OUT
            .map(|kind| format!("'{kind}'"))
            .join(", ");
        assert!(ABRIDGED.contains(&format!("kind NOT IN ({kinds})")));
    }
}
