//! What is kept of the server's clock: when it was last believed, and where on the log somebody said that
//! it is right.

use super::read;
use super::writer::Writer;
use crate::clock::Reference;
use crate::store::{Decided, StoreError};
use domain::{Corrections, Event, IncidentId};
use sqlx::Row;
use sqlx::sqlite::{SqliteExecutor, SqlitePool};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Where on the log somebody said that the clock is right, as read last.
#[derive(Default)]
pub(super) struct Known(Mutex<(u64, Option<Arc<Corrections>>)>);

impl Known {
    /// Reads it where it is not known.
    pub(super) async fn get(&self, readers: &SqlitePool) -> Result<Arc<Corrections>, StoreError> {
        let (edition, known) = self.lock().clone();
        if let Some(known) = known {
            return Ok(known);
        }
        let read = Arc::new(corrections(readers).await?);
        let mut place = self.lock();
        // What was read before the last change is of no use to others.
        if place.0 == edition {
            place.1 = Some(Arc::clone(&read));
        }
        Ok(read)
    }

    /// It may have changed.
    pub(super) fn forget(&self) {
        let mut place = self.lock();
        *place = (place.0 + 1, None);
    }

    fn lock(&self) -> MutexGuard<'_, (u64, Option<Arc<Corrections>>)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether one of these events says that the clock is right.
pub(super) fn confirms(decided: &[Decided]) -> bool {
    let mut events = decided.iter().flat_map(|d| &d.events);
    events.any(|r| matches!(r.event, Event::ClockConfirmed { .. }))
}

/// Where on the log somebody said that the clock is right. By the chain of hashes: a byte that was changed in one of
/// them must not change the times of all others.
pub(super) async fn corrections(on: impl SqliteExecutor<'_>) -> Result<Corrections, StoreError> {
    let settings = read::log(on, IncidentId::SETTINGS).await?;
    let confirmed = settings
        .iter()
        .filter(|r| matches!(r.event, Event::ClockConfirmed { .. }));
    Ok(confirmed.map(|r| (r.seq, r.at)).collect())
}

/// The incidents with events that stand otherwise since the last time that the clock was said to be right.
pub(super) async fn corrected(on: impl SqliteExecutor<'_>) -> Result<Vec<IncidentId>, StoreError> {
    let rows = sqlx::query(
        "SELECT DISTINCT e.incident FROM events e, (
             SELECT seq, at_ms FROM events WHERE incident = ?1 AND kind = 'clock_confirmed.1'
             ORDER BY version DESC LIMIT 1) c
         WHERE e.at_ms > c.at_ms AND e.seq < c.seq AND e.incident <> ?1",
    )
    .bind(IncidentId::SETTINGS.0.as_bytes().as_slice())
    .fetch_all(on)
    .await?;
    rows.iter()
        .map(|row| read::incident_id(row.try_get(0)?))
        .collect()
}

pub(super) async fn reference(readers: &SqlitePool) -> Result<Option<Reference>, StoreError> {
    let row = sqlx::query("SELECT boot, offset_ms FROM clock_reference")
        .fetch_optional(readers)
        .await?;
    row.map(|row| {
        Ok(Reference {
            boot: row.try_get(0)?,
            offset_ms: row.try_get(1)?,
        })
    })
    .transpose()
}

pub(super) async fn keep_reference(
    writer: &Writer,
    reference: &Reference,
) -> Result<(), StoreError> {
    let mut writing = writer.begin().await?;
    sqlx::query(
        "INSERT INTO clock_reference (id, boot, offset_ms) VALUES (1, ?1, ?2)
         ON CONFLICT (id) DO UPDATE SET boot = excluded.boot, offset_ms = excluded.offset_ms",
    )
    .bind(&reference.boot)
    .bind(reference.offset_ms)
    .execute(writing.on())
    .await?;
    Ok(writing.commit().await?)
}
