//! What is kept in memory: the live incidents, what customers were told, the closed ones that
//! lists show, and the recent end of the log. All of it stands at the same place of the log.

use crate::store::{Store, StoreError};
use domain::board::Summary;
use domain::{Incident, IncidentId, IncidentNumber, Policies, Policy, Recorded, Status, Time};
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
    tail: VecDeque<Arc<Recorded>>,
    /// Neither live nor told of; the latest asked for last.
    recent: VecDeque<Arc<Incident>>,
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
        shown.for_each(|r| policies.take(&r.event));
        let kept_from = head.saturating_sub(u64::from(TAIL_KEPT));
        let mut tail = store.since(kept_from, TAIL_KEPT).await?;
        tail.retain(|r| r.seq <= head);
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
        Ok(Self {
            head,
            last_at: tail.last().map(|r| r.at),
            policies,
            live: Arc::new(live),
            told: Arc::new(told),
            closed: store.closed(CLOSED_SHOWN).await?,
            tail: tail.into_iter().map(Arc::new).collect(),
            recent: VecDeque::new(),
        })
    }

    /// An incident that is kept.
    pub(super) fn find(&self, id: IncidentId) -> Option<Arc<Incident>> {
        self.live
            .get(&id)
            .or_else(|| self.told.iter().chain(&self.recent).find(|i| i.id == id))
            .cloned()
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

    /// Events after `since`, at most `limit`; none when they reach further back than is kept.
    pub(super) fn since(&self, since: u64, limit: u32) -> Option<Vec<Arc<Recorded>>> {
        if since >= self.head {
            return Some(Vec::new());
        }
        let first = self.tail.front()?.seq;
        let skipped = usize::try_from((since + 1).checked_sub(first)?).ok()?;
        let limit = usize::try_from(limit).ok()?;
        Some(
            self.tail
                .iter()
                .skip(skipped)
                .take(limit)
                .cloned()
                .collect(),
        )
    }

    /// Whether the incident has moved on since this place, or may have.
    pub(super) fn is_touched_since(&self, head: u64, id: IncidentId) -> bool {
        self.since(head, TAIL_KEPT)
            .is_none_or(|events| events.iter().any(|r| r.incident == id))
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
        events: Vec<Arc<Recorded>>,
        incidents: impl IntoIterator<Item = Arc<Incident>>,
    ) -> Changed {
        let mut changed = Changed {
            told: false,
            reopened: false,
        };
        if let Some(last) = events.last() {
            self.head = last.seq;
            self.last_at = Some(last.at);
        }
        events.iter().for_each(|r| self.policies.take(&r.event));
        self.tail.extend(events);
        let surplus = self.tail.len().saturating_sub(TAIL_KEPT as usize);
        self.tail.drain(..surplus);
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
        if let Some(summary) = Summary::of(incident).filter(|_| is_closed) {
            self.closed.push(summary);
            self.closed.sort_by_key(|s| Reverse((s.closed_at, s.id)));
            self.closed.truncate(CLOSED_SHOWN as usize);
        }
        left && !is_closed
    }
}

/// What customers see is made of these two and of nothing else. Of an incident that was not
/// kept it is not known what it was; better to draw a page once too often.
fn is_told_anew(before: Option<&Incident>, after: &Incident) -> bool {
    let before = before.map(|b| (&b.updates, &b.public_id));
    !after.updates.is_empty() && before != Some((&after.updates, &after.public_id))
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
    use domain::Event;

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
            recent: VecDeque::new(),
        };
        let mut scribe = Scribe::default();
        let mut log = Vec::new();
        let mut write = |view: &mut View, events: Vec<Event>| {
            let events = scribe.accepted(1, 1, events).events;
            log.extend(events.clone());
            let incident = Arc::new(Incident::fold(incident_id(1), &log));
            view.advance(
                events.into_iter().map(Arc::new).collect(),
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
