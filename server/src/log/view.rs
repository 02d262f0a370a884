//! What is kept in memory: the live incidents, what customers were told, the closed ones that
//! lists show, and the recent end of the log. All of it stands at the same place of the log.

use super::carried::Carried;
use crate::store::{Hash, Store, StoreError, Written};
use app::api::{PULL_MAX, PULL_MAX_BYTES, PulledEvent};
use domain::board::Summary;
use domain::{
    Event, Incident, IncidentId, IncidentNumber, Policies, Policy, Recorded, Status, Time,
};
use std::cmp::Reverse;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// Reports to triage and open incidents. The ids are UUIDv7, so it is in the order they began.
pub type Live = BTreeMap<IncidentId, Arc<Incident>>;

/// Incidents kept of those that customers were told of.
const TOLD_KEPT: usize = 50;
/// Closed incidents that a list shows.
pub(super) const CLOSED_SHOWN: u32 = 30;
/// Events kept, so that a thousand browsers that pull after a publish do not ask the database.
const TAIL_KEPT: u32 = 2_000;
/// They are let go earlier when they take more than this as JSON.
const TAIL_MAX_BYTES: usize = 4 * 1024 * 1024;
/// Other incidents kept because somebody is looking at them.
const RECENT_KEPT: usize = 32;

/// All that is kept in memory.
pub(super) struct View {
    /// The place in the log where all of this stands.
    pub(super) head: u64,
    /// When the last event was written down.
    pub(super) last_at: Option<Time>,
    /// Every version of the policy, as far as shown.
    pub(super) policies: Policies,
    pub(super) live: Arc<Live>,
    /// The newest word first.
    pub(super) told: Arc<Vec<Arc<Incident>>>,
    /// The latest closed first.
    pub(super) closed: Vec<Summary>,
    tail: VecDeque<TailEvent>,
    tail_bytes: usize,
    /// Neither live nor told of; the latest asked for last.
    recent: VecDeque<Arc<Incident>>,
    /// Filled by those who take snapshots. It goes with the rest when all is read anew.
    pub(super) carried: Arc<Carried>,
}

/// An event of the end of the log, for those who pull it.
pub(super) struct TailEvent {
    event: PulledEvent,
    hash: Hash,
}

impl TailEvent {
    /// As it is on disk.
    pub(super) fn read(recorded: Recorded, hash: Hash) -> Self {
        let bytes = serde_json::to_string(&recorded.event).map_or(0, |json| json.len());
        let event = PulledEvent::for_many(recorded, bytes);
        Self { event, hash }
    }

    /// As it was written just now.
    pub(super) fn written(recorded: Recorded, written: &Written) -> Self {
        Self {
            event: PulledEvent::for_many(recorded, written.bytes),
            hash: written.hash,
        }
    }

    /// The event.
    pub(super) fn recorded(&self) -> &Recorded {
        &self.event
    }

    /// The same to be kept elsewhere too.
    pub(super) fn shared(&self) -> Arc<Recorded> {
        self.event.shared()
    }

    /// What it takes as JSON.
    pub(super) fn bytes(&self) -> usize {
        self.event.bytes()
    }

    /// Whether it opens a closed incident again.
    pub(super) fn goes_back(&self) -> bool {
        matches!(self.event.event, Event::StatusMovedBack { .. })
    }
}

/// Events for one pull.
pub(super) struct Page {
    pub(super) events: Vec<PulledEvent>,
    /// The hash of the event before them; none where it is not in memory, or where there is none.
    pub(super) before: Option<Hash>,
    /// The hash of the last of them, or, without any, of the one before.
    pub(super) last: Option<Hash>,
}

/// What an advance changed that others wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Changed {
    /// Something that customers can see.
    pub(super) told: bool,
    /// An incident left the closed ones, so that the list of them is one short.
    pub(super) reopened: bool,
}

impl View {
    /// Folds what is needed from the store.
    pub(super) async fn load(store: &dyn Store, first: Policy) -> Result<Self, StoreError> {
        let head = store.head().await?;
        let mut policies = Policies::new(first);
        let settings = store.log(IncidentId::SETTINGS).await?;
        let shown = settings.iter().filter(|r| r.seq <= head);
        for r in shown {
            policies.take(&r.event);
            if r.event.is_unreadable() {
                let event = r.seq;
                tracing::error!(
                    event,
                    "a change of the policy is damaged in the database: the one before it is in force. Run `drumbeat \
                     verify`, and restore the last backup without it"
                );
            }
        }
        let mut live = Live::new();
        for id in store.live().await? {
            if let Some(incident) = super::load(store, id, head).await? {
                live.insert(id, incident);
            }
        }
        let mut told: Vec<Arc<Incident>> = Vec::new();
        let limit = u32::try_from(TOLD_KEPT).unwrap_or(u32::MAX);
        for id in store.published(limit).await? {
            if let Some(incident) = live.get(&id) {
                told.push(Arc::clone(incident));
            } else if let Some(incident) = super::load(store, id, head).await? {
                told.push(incident);
            }
        }
        let older = live
            .values()
            .filter(|i| !i.updates.is_empty() && !holds(&told, i.id));
        told.extend(older.cloned().collect::<Vec<_>>());
        sort_told(&mut told);
        let mut view = Self {
            head,
            last_at: None,
            policies,
            live: Arc::new(live),
            told: Arc::new(told),
            closed: store.closed(CLOSED_SHOWN).await?,
            tail: VecDeque::new(),
            tail_bytes: 0,
            recent: VecDeque::new(),
            carried: Arc::default(),
        };
        view.load_tail(store).await?;
        Ok(view)
    }

    async fn load_tail(&mut self, store: &dyn Store) -> Result<(), StoreError> {
        let mut place = self.head.saturating_sub(u64::from(TAIL_KEPT));
        while place < self.head {
            let events = store.since_within(place, TAIL_KEPT, PULL_MAX_BYTES).await?;
            let hashes = store.hashes(place, TAIL_KEPT).await?;
            let Some(last) = events.last() else { break };
            place = last.seq;
            self.last_at = Some(last.at);
            let shown = events
                .into_iter()
                .zip(hashes)
                .filter(|(r, _)| r.seq <= self.head);
            let shown: Vec<TailEvent> = shown.map(|(r, hash)| TailEvent::read(r, hash)).collect();
            self.extend_tail(shown);
        }
        Ok(())
    }

    fn extend_tail(&mut self, events: Vec<TailEvent>) {
        self.tail_bytes += events.iter().map(|e| e.event.bytes()).sum::<usize>();
        self.tail.extend(events);
        while self.tail.len() > TAIL_KEPT as usize || self.tail_bytes > TAIL_MAX_BYTES {
            let Some(oldest) = self.tail.pop_front() else {
                break;
            };
            self.tail_bytes -= oldest.event.bytes();
        }
    }

    /// An incident that is kept.
    pub(super) fn find(&self, id: IncidentId) -> Option<Arc<Incident>> {
        self.live
            .get(&id)
            .or_else(|| self.told.iter().chain(&self.recent).find(|i| i.id == id))
            .cloned()
    }

    /// The closed incidents that are kept.
    pub(super) fn closed_in_memory(&self) -> impl Iterator<Item = &Arc<Incident>> {
        let kept = self.told.iter().chain(&self.recent);
        kept.filter(|i| i.status == Status::Closed && !self.live.contains_key(&i.id))
    }

    /// An incident that is kept, by its number.
    pub(super) fn by_number(&self, number: IncidentNumber) -> Option<Arc<Incident>> {
        self.live
            .values()
            .chain(self.told.iter())
            .chain(&self.recent)
            .find(|i| i.number == Some(number))
            .cloned()
    }

    /// As many events after `since` as one pull takes; none when they reach further back than is kept.
    pub(super) fn since(&self, since: u64) -> Option<Page> {
        let skipped = self.skipped(since)?;
        let before = skipped
            .checked_sub(1)
            .and_then(|place| self.tail.get(place));
        let before = before.map(|e| e.hash);
        let mut page = Page {
            events: Vec::new(),
            before,
            last: before,
        };
        let mut bytes = 0;
        for next in self.tail.iter().skip(skipped).take(PULL_MAX as usize) {
            bytes += next.event.bytes();
            if bytes > PULL_MAX_BYTES && !page.events.is_empty() {
                break;
            }
            page.events.push(next.event.clone());
            page.last = Some(next.hash);
        }
        Some(page)
    }

    /// How many events of the tail are at `since` or before it; none when it reaches further back.
    fn skipped(&self, since: u64) -> Option<usize> {
        if since >= self.head {
            return Some(self.tail.len());
        }
        let first = self.tail.front()?.event.seq;
        usize::try_from((since + 1).checked_sub(first)?).ok()
    }

    /// The hash of the last event.
    pub(super) fn hash(&self) -> Option<Hash> {
        self.tail.back().map(|e| e.hash)
    }

    /// Whether the incident has moved on since this place, or may have.
    pub(super) fn is_touched_since(&self, head: u64, id: IncidentId) -> bool {
        self.skipped(head).is_none_or(|skipped| {
            let mut events = self.tail.iter().skip(skipped);
            events.any(|e| e.event.incident == id)
        })
    }

    /// Keeps an incident that was read from the store at `head`. What has moved on since is not
    /// kept: it would stay behind for good.
    pub(super) fn remember(&mut self, head: u64, incident: &Arc<Incident>) {
        if !self.is_touched_since(head, incident.id) && self.find(incident.id).is_none() {
            self.keep_recent(Arc::clone(incident));
        }
    }

    /// Moves on to the end of `events`, which are on disk and continue from `head`; `incidents`
    /// are those they belong to, as they are after them.
    pub(super) fn advance(
        &mut self,
        events: Vec<TailEvent>,
        incidents: impl IntoIterator<Item = Arc<Incident>>,
    ) -> Changed {
        let mut changed = Changed {
            told: false,
            reopened: false,
        };
        if let Some(last) = events.last() {
            self.head = last.event.seq;
            self.last_at = Some(last.event.at);
        }
        events
            .iter()
            .for_each(|e| self.policies.take(&e.event.event));
        self.carried.follow(&events);
        self.extend_tail(events);
        for incident in incidents {
            changed.told |= is_told_anew(self.find(incident.id).as_deref(), &incident);
            changed.reopened |= self.list_if_closed(&incident);
            self.replace(incident);
        }
        changed
    }

    fn replace(&mut self, incident: Arc<Incident>) {
        self.recent.retain(|i| i.id != incident.id);
        let is_live = incident.is_open() || incident.is_to_triage();
        let live = Arc::make_mut(&mut self.live);
        if is_live {
            live.insert(incident.id, Arc::clone(&incident));
        } else {
            live.remove(&incident.id);
        }
        if !incident.updates.is_empty() {
            let told = Arc::make_mut(&mut self.told);
            told.retain(|i| i.id != incident.id);
            told.push(Arc::clone(&incident));
            sort_told(told);
            let mut place = 0;
            told.retain(|i| {
                place += 1;
                place <= TOLD_KEPT || self.live.contains_key(&i.id)
            });
        }
        if !is_live && !holds(&self.told, incident.id) {
            self.keep_recent(incident);
        }
    }

    fn keep_recent(&mut self, incident: Arc<Incident>) {
        self.recent.push_back(incident);
        if self.recent.len() > RECENT_KEPT {
            self.recent.pop_front();
        }
    }

    /// Whether it left the list of the closed.
    fn list_if_closed(&mut self, incident: &Incident) -> bool {
        let before = self.closed.len();
        self.closed.retain(|s| s.id != incident.id);
        let left = self.closed.len() < before;
        let is_closed = incident.status == Status::Closed;
        if is_closed && let Some(summary) = Summary::of(incident) {
            self.closed.push(summary);
            self.closed.sort_by_key(|s| Reverse((s.closed_at, s.id)));
            self.closed.truncate(CLOSED_SHOWN as usize);
        }
        left && !is_closed
    }
}

/// What customers see is made of the updates and the public id; who of them sees it, of the accounts of
/// its customers and of what names meant; and a page of an entry tells its name. Of an incident that was not
/// kept it is not known what it was; better to draw a page once too often.
fn is_told_anew(before: Option<&Incident>, after: &Incident) -> bool {
    let customers = |i: &Incident| -> Vec<_> {
        let each = i.customers.iter();
        each.map(|c| (c.id, c.account, c.name.clone())).collect()
    };
    let is_same = |b: &Incident| {
        (&b.updates, &b.public_id, &b.names) == (&after.updates, &after.public_id, &after.names)
            && customers(b) == customers(after)
    };
    !after.updates.is_empty() && !before.is_some_and(is_same)
}

fn sort_told(told: &mut [Arc<Incident>]) {
    told.sort_by_key(|i| Reverse((i.updates.last().map(|u| u.published_at), i.id)));
}

fn holds(incidents: &[Arc<Incident>], id: IncidentId) -> bool {
    incidents.iter().any(|i| i.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::contract::{Scribe, declared, incident_id};

    #[test]
    fn what_was_read_before_a_write_is_not_kept_after_it() {
        let mut view = View {
            head: 0,
            last_at: None,
            policies: Policies::new(Policy::default()),
            live: Arc::default(),
            told: Arc::default(),
            closed: Vec::new(),
            tail: VecDeque::new(),
            tail_bytes: 0,
            recent: VecDeque::new(),
            carried: Arc::default(),
        };
        let mut scribe = Scribe::default();
        let mut log = Vec::new();
        let mut write = |view: &mut View, events: Vec<Event>| {
            let events = scribe.accepted(1, 1, events).events;
            log.extend(events.clone());
            let incident = Arc::new(Incident::fold(incident_id(1), &log));
            view.advance(
                events
                    .into_iter()
                    .map(|r| TailEvent::read(r, [0; 32]))
                    .collect(),
                [Arc::clone(&incident)],
            );
            incident
        };
        let mut events = declared("Old", 1);
        events.push(Event::StatusMoved { to: Status::Closed });
        let before = write(&mut view, events);
        let read_at = view.head;
        write(
            &mut view,
            vec![Event::FollowUpPlanned {
                plan: "A letter".to_owned(),
            }],
        );
        // Others push it out of memory; only then does the slow reader come back.
        view.recent.clear();
        view.remember(read_at, &before);
        assert!(view.find(before.id).is_none());
        assert!(view.is_touched_since(read_at, before.id));
        let now = write(
            &mut view,
            vec![Event::FollowUpPlanned {
                plan: "Two".to_owned(),
            }],
        );
        view.recent.clear();
        view.remember(view.head, &now);
        assert_eq!(view.find(before.id), Some(now));
    }
}
