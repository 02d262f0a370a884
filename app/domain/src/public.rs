//! What customers see (D1). [`PublicIncident`] can hold only what was published to its
//! reader; it is made from an incident's published updates and from nothing else, and no
//! other type reaches the public pages.

use crate::adherence::{Promise, PromiseState, Stretch, promises};
use crate::beat::{Strip, strip};
use crate::customer::CustomerId;
use crate::policy::minutes;
use crate::update::{Audience, Closure, ComponentNote, ComponentState, Update, UpdateKind};
use crate::{AccountId, EntryId, Incident, IncidentId, Policy, PublicId, Severity, Status, Time};
use std::cmp::Reverse;

/// Who reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reader {
    /// Anybody.
    Public,
    /// A customer account, which sees what is public and what was addressed to it.
    Account(AccountId),
    /// A customer of this incident alone, who has no account: what bears the same id on another
    /// incident is somebody else.
    Entry(IncidentId, EntryId),
    /// Whoever this name meant before customers had ids; nobody who got it later.
    Named(String),
}

impl Reader {
    fn may_read(&self, incident: &Incident, audience: &Audience) -> bool {
        let Audience::Named { customers } = audience else {
            return true;
        };
        let reader = match self {
            Self::Public => return false,
            Self::Account(id) => Some(CustomerId::Account(*id)),
            Self::Entry(on, id) if *on == incident.id => Some(CustomerId::Entry(*id)),
            Self::Entry(..) => return false,
            Self::Named(name) => incident.names.get(name).copied(),
        };
        customers
            .iter()
            .any(|to| match (incident.meant(to), reader) {
                (Some(to), Some(reader)) => incident.is_same_customer(to, reader),
                // Nobody is known by that name on this incident: the name alone was the address.
                (None, None) => matches!(self, Self::Named(name) if *name == to.name),
                _ => false,
            })
    }
}

/// One update, without who wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUpdate {
    /// Which update it is.
    pub kind: UpdateKind,
    /// What we know is happening.
    pub acknowledge: String,
    /// Who sees what.
    pub impact: String,
    /// What we are doing.
    pub action: String,
    /// By when they hear from us again.
    pub next_at: Option<Time>,
    /// How the components do.
    pub components: Vec<ComponentNote>,
    /// Cause, window and prevention, on a resolution.
    pub closure: Option<Closure>,
    /// When it was published.
    pub published_at: Time,
    /// The status it was published under.
    pub status: Status,
    /// When the update that this one corrects was published.
    pub corrects_of: Option<Time>,
    /// Whether it was addressed to this reader by name, and the public is not told it.
    pub by_name: bool,
    every_min: u32,
}

/// One incident, as one reader knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicIncident {
    /// Its public name; none where the part of its record that gives it is damaged.
    pub id: Option<PublicId>,
    /// Newest first; empty only where its record is damaged.
    pub updates: Vec<PublicUpdate>,
    /// Whether a part of its record is damaged, so that the newest word may be missing.
    pub is_damaged: bool,
    /// Whether the record says that it is closed.
    is_closed: bool,
    /// How bad it is, to order by; customers are told it as `impact` (INTERFACES §2).
    severity: Severity,
}

impl PublicIncident {
    /// What `reader` may know of it; none if that is nothing. Of an incident that customers were told of: where its
    /// record is damaged their updates may be lost, and whoever it was declared to is told that it cannot be shown.
    #[must_use]
    pub fn of(incident: &Incident, reader: &Reader) -> Option<Self> {
        let updates: Vec<PublicUpdate> = incident
            .updates
            .iter()
            .rev()
            .filter(|u| reader.may_read(incident, &u.text.audience))
            .map(|u| PublicUpdate::of(u, incident, reader))
            .collect();
        let is_damaged = incident.unreadable.is_some();
        let declared = incident.declared.as_ref();
        let is_declared_to = declared.is_some_and(|d| reader.may_read(incident, &d.audience));
        let is_told = match updates.is_empty() {
            false => is_damaged || incident.public_id.is_some(),
            true => is_damaged && is_declared_to,
        };
        is_told.then(|| Self {
            id: incident.public_id.clone(),
            updates,
            is_damaged,
            is_closed: incident.status == Status::Closed,
            // Whoever is told of an incident is told of a declared one.
            severity: incident.severity().unwrap_or(Severity::Sev3),
        })
    }

    /// The sentence that says what is going on: the newest word.
    #[must_use]
    pub fn headline(&self) -> &str {
        if self.is_damaged {
            return "This incident cannot be shown at the moment.";
        }
        self.updates.first().map_or("", |u| &u.acknowledge)
    }

    /// When the first word came.
    #[must_use]
    pub fn first_told_at(&self) -> Option<Time> {
        self.updates.last().map(|u| u.published_at)
    }

    /// When the newest word came.
    #[must_use]
    pub fn last_told_at(&self) -> Option<Time> {
        self.updates.first().map(|u| u.published_at)
    }

    /// Whether the newest word is that it is over. A word after that one takes it back. Where the record is damaged the
    /// newest word may be lost: then it is over once it is closed.
    #[must_use]
    pub fn is_over(&self) -> bool {
        match self.updates.first() {
            Some(last) if !self.is_damaged => !last.kind.promises(),
            _ => self.is_closed,
        }
    }

    /// Whether the public is told nothing of it: its reader should know before they pass it on.
    #[must_use]
    pub fn is_by_name(&self) -> bool {
        self.updates.iter().all(|u| u.by_name)
    }

    /// By when the next word is promised; none once it is over.
    #[must_use]
    pub fn next_at(&self) -> Option<Time> {
        if self.is_over() {
            None
        } else {
            self.updates.first().and_then(|u| u.next_at)
        }
    }

    /// Whether the promised time has passed without a word.
    #[must_use]
    pub fn is_late(&self, now: Time) -> bool {
        self.next_at().is_some_and(|at| at < now)
    }

    /// The promises this reader was given and what became of them.
    #[must_use]
    pub fn promises(&self, now: Time) -> Vec<Promise> {
        let stretches = self
            .updates
            .iter()
            .enumerate()
            .rev()
            .filter_map(|(i, update)| {
                let ended_at = i
                    .checked_sub(1)
                    .and_then(|newer| self.updates.get(newer))
                    .map(|u| u.published_at);
                let every = minutes(update.every_min);
                Some(Stretch::new(update.next_at?, every, ended_at))
            });
        promises(stretches, now)
    }

    /// How many promised times passed in silence.
    #[must_use]
    pub fn missed(&self, now: Time) -> usize {
        self.promises(now)
            .iter()
            .filter(|p| p.state == PromiseState::Missed)
            .count()
    }

    /// The beat strip of what this reader was told.
    #[must_use]
    pub fn strip(&self, now: Time) -> Strip {
        let told: Vec<Time> = self.updates.iter().rev().map(|u| u.published_at).collect();
        let start = told.first().copied().unwrap_or(now);
        strip(start, &told, &self.promises(now), now)
    }
}

impl PublicUpdate {
    fn of(update: &Update, incident: &Incident, reader: &Reader) -> Self {
        let text = update.text.clone();
        // A correction of something this reader never had is news to them, nothing else.
        let corrected = text.corrects.and_then(|id| {
            let mut known = incident.updates.iter();
            known.find(|u| u.id == id && reader.may_read(incident, &u.text.audience))
        });
        Self {
            kind: text.kind,
            acknowledge: text.acknowledge,
            impact: text.impact,
            action: text.action,
            next_at: text.next_at,
            components: text.components,
            closure: text.closure,
            published_at: update.published_at,
            status: update.status,
            corrects_of: corrected.map(|u| u.published_at),
            by_name: text.audience != Audience::Public,
            every_min: update.cadence_min,
        }
    }
}

/// The whole status page, as one reader sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicView {
    /// The page's name.
    pub page_name: String,
    /// Not over yet. What its reader is told by name stands before what everybody is told. Of either
    /// the worst comes first, then broken promises, then the rest: worse before less bad, and of
    /// equals the newest word.
    pub current: Vec<PublicIncident>,
    /// Over, newest first.
    pub past: Vec<PublicIncident>,
    /// Every component and how it does, worst word of the current incidents.
    pub components: Vec<ComponentNote>,
}

impl PublicView {
    /// The page made of these incidents, as it is at `now`.
    #[must_use]
    pub fn of(mut incidents: Vec<PublicIncident>, policy: &Policy, now: Time) -> Self {
        incidents.sort_by_key(|i| Reverse(i.last_told_at()));
        let (past, current): (Vec<_>, Vec<_>) =
            incidents.into_iter().partition(PublicIncident::is_over);
        let (mut current, mut public): (Vec<_>, Vec<_>) = current
            .into_iter()
            .partition(|i| i.updates.iter().any(|u| u.by_name));
        put_in_order(&mut current, now);
        put_in_order(&mut public, now);
        current.extend(public);
        let components = policy
            .components
            .iter()
            .map(|name| ComponentNote {
                name: name.clone(),
                state: worst(&current, name),
            })
            .collect();
        Self {
            page_name: policy.page_name.clone(),
            current,
            past,
            components,
        }
    }
}

/// The worst first, so that the page's one sentence is about it; then those whose promise was broken.
/// What came in the order of the newest word keeps it among equals. What cannot be shown comes last.
fn put_in_order(incidents: &mut [PublicIncident], now: Time) {
    incidents.sort_by_key(|i| (i.is_damaged, !i.is_late(now), i.severity));
    let bad = |(_, i): &(usize, &PublicIncident)| (i.is_damaged, i.severity);
    let worst = incidents.iter().enumerate().min_by_key(bad).map(|(i, _)| i);
    if let Some(head) = worst.and_then(|worst| incidents.get_mut(..=worst)) {
        head.rotate_right(1);
    }
}

/// Of a damaged incident any word may be the last that can be read: the worst of them counts.
fn worst(current: &[PublicIncident], name: &str) -> ComponentState {
    let counted = |i: &PublicIncident| if i.is_damaged { i.updates.len() } else { 1 };
    current
        .iter()
        .flat_map(|i| i.updates.iter().take(counted(i)))
        .flat_map(|u| &u.components)
        .filter(|c| c.name == name)
        .map(|c| c.state)
        .max()
        .unwrap_or(ComponentState::Operational)
}
