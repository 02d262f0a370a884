//! Records as snapshots carry them. Each is read from the store once and grows with its incident from then on: a page
//! costs what it shows, and not what an incident has piled up.

use super::view::TailEvent;
use super::{Log, fault};
use app::api::{ApiError, PULL_MAX_BYTES};
use domain::{Abridged, IncidentId, Record};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A record that takes more than this is carried abridged, unless its room is opened.
const WHOLE_MAX_BYTES: usize = 128 * 1024;
/// Records of one snapshot take at most this many bytes; the others are carried abridged.
const SNAPSHOT_MAX_BYTES: usize = 2 * 1024 * 1024;
/// What is kept takes at most so many bytes as JSON. Pages carry at most half of it.
const KEPT_MAX_BYTES: usize = 4 * 1024 * 1024;
/// About what an event of an abridged record takes.
const CUT_EVENT_BYTES: usize = 512;

/// The records of incidents that snapshots carried lately.
#[derive(Default)]
pub(super) struct Carried(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    records: HashMap<IncidentId, Entry>,
    bytes: usize,
}

#[derive(Default)]
struct Entry {
    /// The version of the incident that it stands for.
    version: u64,
    /// What the events of the incident take as JSON.
    size: usize,
    whole: Option<Record>,
    abridged: Option<Abridged>,
}

/// In which form a record is carried.
trait Form: Clone {
    /// The version of the incident that it stands for.
    fn version(&self) -> u64;
    fn of(entry: &mut Entry) -> &mut Option<Self>;
}

impl Form for Record {
    fn version(&self) -> u64 {
        self.version()
    }

    fn of(entry: &mut Entry) -> &mut Option<Self> {
        &mut entry.whole
    }
}

impl Form for Abridged {
    fn version(&self) -> u64 {
        self.version
    }

    fn of(entry: &mut Entry) -> &mut Option<Self> {
        &mut entry.abridged
    }
}

impl Entry {
    fn bytes(&self) -> usize {
        let whole = self.whole.as_ref().map_or(0, |_| self.size);
        let abridged = self.abridged.as_ref().map_or(0, |a| a.events.len());
        whole + abridged * CUT_EVENT_BYTES
    }

    /// Takes in the next event of the incident.
    fn follow(&mut self, next: &TailEvent) {
        self.version = next.recorded().version;
        self.size += next.bytes();
        if let Some(whole) = &mut self.whole {
            whole.push_shared(next.shared());
        }
        if self.size > WHOLE_MAX_BYTES {
            self.whole = None;
        }
        if let Some(abridged) = &mut self.abridged {
            abridged.take(next.recorded());
        }
    }
}

impl Carried {
    /// What the events of these incidents take as JSON, and of which of them that is not known.
    fn sizes(
        &self,
        versions: &BTreeMap<IncidentId, u64>,
    ) -> (BTreeMap<IncidentId, usize>, Vec<IncidentId>) {
        let kept = self.kept();
        let (mut sizes, mut unknown) = (BTreeMap::new(), Vec::new());
        for (id, version) in versions {
            match kept.records.get(id).filter(|e| e.version == *version) {
                Some(entry) => drop(sizes.insert(*id, entry.size)),
                None => unknown.push(*id),
            }
        }
        (sizes, unknown)
    }

    /// The records of these incidents at these versions, and which of them are not here.
    fn find<F: Form>(
        &self,
        ids: &[IncidentId],
        versions: &BTreeMap<IncidentId, u64>,
    ) -> (BTreeMap<IncidentId, F>, Vec<IncidentId>) {
        let mut kept = self.kept();
        let (mut found, mut missing) = (BTreeMap::new(), Vec::new());
        for id in ids {
            let entry = kept.records.get_mut(id);
            let entry = entry.filter(|e| versions.get(id) == Some(&e.version));
            match entry.and_then(|entry| F::of(entry).clone()) {
                Some(record) => drop(found.insert(*id, record)),
                None => missing.push(*id),
            }
        }
        (found, missing)
    }

    /// Keeps what was read from the store.
    fn keep<F: Form>(&self, read: &BTreeMap<IncidentId, F>, sizes: &[(IncidentId, usize)]) {
        let mut kept = self.kept();
        for (id, record) in read {
            let Ok(place) = sizes.binary_search_by_key(id, |(id, _)| *id) else {
                continue;
            };
            kept.change(*id, |entry| {
                if entry.version < record.version() {
                    *entry = Entry {
                        version: record.version(),
                        size: sizes[place].1,
                        ..Entry::default()
                    };
                }
                if entry.version == record.version() {
                    *F::of(entry) = Some(record.clone());
                }
            });
            kept.make_room();
        }
    }

    /// Takes in what was written.
    pub(super) fn follow(&self, events: &[TailEvent]) {
        let mut kept = self.kept();
        for next in events {
            let id = next.recorded().incident;
            let Some(entry) = kept.records.get(&id) else {
                continue;
            };
            if entry.version + 1 == next.recorded().version {
                kept.change(id, |entry| entry.follow(next));
            } else {
                kept.forget(id);
            }
        }
        kept.make_room();
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn change(&mut self, id: IncidentId, change: impl FnOnce(&mut Entry)) {
        let entry = self.records.entry(id).or_default();
        let before = entry.bytes();
        change(entry);
        self.bytes = self.bytes - before + entry.bytes();
    }

    fn forget(&mut self, id: IncidentId) {
        if let Some(entry) = self.records.remove(&id) {
            self.bytes -= entry.bytes();
        }
    }

    /// Whoever asks for the rest reads it again.
    fn make_room(&mut self) {
        if self.bytes > KEPT_MAX_BYTES {
            *self = Self::default();
        }
    }
}

impl Log {
    /// The records of live incidents, given with their versions, and of one beside them, all at `head`: whole or
    /// abridged, each in the order of the ids.
    pub(super) async fn carry(
        &self,
        carried: &Carried,
        live: &BTreeMap<IncidentId, u64>,
        beside: Option<IncidentId>,
        asked: Option<IncidentId>,
        head: u64,
    ) -> Result<(Vec<Record>, Vec<Abridged>), ApiError> {
        let (sizes, mut unknown) = carried.sizes(live);
        unknown.extend(beside);
        let sizes = self.sizes(sizes, &unknown, head).await?;
        let (whole, long) = carried_whole(&sizes, asked);
        let (mut incidents, missing) = carried.find::<Record>(&whole, live);
        if !missing.is_empty() {
            let read = self.records(&missing, head).await?;
            let read = by_incident(read, Record::incident);
            carried.keep(&read, &sizes);
            incidents.extend(read);
        }
        let (mut abridged, missing) = carried.find::<Abridged>(&long, live);
        if !missing.is_empty() {
            let store = &self.shared.store;
            let read = store
                .abridged(&missing, head)
                .await
                .map_err(fault::unread)?;
            let read = by_incident(read, Abridged::incident);
            carried.keep(&read, &sizes);
            abridged.extend(read);
        }
        let incidents = incidents.into_values().collect();
        Ok((incidents, abridged.into_values().collect()))
    }

    /// These sizes and those of the incidents of which they are not known, in the order of the ids.
    async fn sizes(
        &self,
        known: BTreeMap<IncidentId, usize>,
        unknown: &[IncidentId],
        head: u64,
    ) -> Result<Vec<(IncidentId, usize)>, ApiError> {
        let mut sizes = known;
        if !unknown.is_empty() {
            let read = self.shared.store.sizes(unknown, head).await;
            sizes.extend(read.map_err(fault::unread)?);
        }
        Ok(sizes.into_iter().collect())
    }
}

/// Which of these incidents a snapshot carries whole, and which abridged: the one that was asked for if it fits
/// into a pull, then the others in their order as long as all of them fit.
fn carried_whole(
    sizes: &[(IncidentId, usize)],
    asked: Option<IncidentId>,
) -> (Vec<IncidentId>, Vec<IncidentId>) {
    let (mut whole, mut long) = (Vec::new(), Vec::new());
    let mut bytes = 0;
    for (id, size) in sizes {
        let fits = match asked == Some(*id) {
            true => *size <= PULL_MAX_BYTES,
            false => *size <= WHOLE_MAX_BYTES && bytes + size <= SNAPSHOT_MAX_BYTES,
        };
        if fits {
            bytes += size;
            whole.push(*id);
        } else {
            long.push(*id);
        }
    }
    (whole, long)
}

fn by_incident<R>(
    records: Vec<R>,
    incident: impl Fn(&R) -> Option<IncidentId>,
) -> BTreeMap<IncidentId, R> {
    let records = records.into_iter();
    records.filter_map(|r| Some((incident(&r)?, r))).collect()
}
