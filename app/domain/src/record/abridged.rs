//! A record without its bulk. A board draws clocks, seats and beats of every open incident, and none of the lines that
//! people log; thousands of long ones in one incident must not reach everybody who opens a board.

use crate::event::Event;
use crate::{EntryId, Incident, IncidentId, Recorded};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeSet;

/// Longer texts are cut to this many characters. Names and titles are shorter ([`crate::text::LINE_MAX_CHARS`]), so
/// that whatever is compared stays whole.
const CUT_CHARS: usize = 240;

/// What a board draws of one incident: its events without logged entries, long texts cut.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Abridged {
    /// Events that it stands for, those that were left out too: the version of the incident.
    pub version: u64,
    /// What is left of them, in order.
    pub events: Vec<Recorded>,
}

impl Abridged {
    /// Kinds of which none is left in it.
    pub const LEFT_OUT: [&str; 2] = ["entry_logged.1", "entry_amended.1"];

    /// Of these events of one incident, in order, which is at `version`.
    #[must_use]
    pub fn of(events: impl IntoIterator<Item = Recorded>, version: u64) -> Self {
        let mut kept = BTreeSet::new();
        let mut left = Vec::new();
        for recorded in events {
            if is_drawn(&recorded.event, &kept) {
                kept.insert(recorded.command);
                left.push(cut(recorded));
            }
        }
        Self {
            version,
            events: left,
        }
    }

    /// Which incident it is of; none when it is empty.
    #[must_use]
    pub fn incident(&self) -> Option<IncidentId> {
        self.events.first().map(|r| r.incident)
    }

    /// One more event, the next of the same incident.
    pub fn push(&mut self, next: Recorded) {
        self.version = next.version;
        self.events.push(next);
    }

    /// The same, left out or cut as the others were.
    pub fn take(&mut self, next: &Recorded) {
        self.version = next.version;
        let kept = self.events.iter().map(|r| r.command).collect();
        if is_drawn(&next.event, &kept) {
            self.events.push(cut(next.clone()));
        }
    }

    /// The incident as a board shows it. None when this is not of one incident from its first event on.
    #[must_use]
    pub fn fold(&self) -> Option<Incident> {
        let mut incident = Incident::empty(self.incident()?);
        let mut last = 0;
        for recorded in &self.events {
            let is_next = match last {
                0 => recorded.version == 1,
                last => recorded.version > last,
            };
            if recorded.incident != incident.id || !is_next {
                return None;
            }
            last = recorded.version;
            incident.apply(recorded);
        }
        incident.version = self.version;
        (last <= self.version).then_some(incident)
    }
}

/// Whether anything but a line of the timeline hangs on it.
fn is_drawn(event: &Event, kept: &BTreeSet<EntryId>) -> bool {
    match event {
        Event::EntryLogged { .. } | Event::EntryAmended { .. } => false,
        Event::ResultRecorded { entry, .. } => kept.contains(entry),
        _ => true,
    }
}

fn cut(mut recorded: Recorded) -> Recorded {
    let Ok(mut json) = serde_json::to_value(&recorded.event) else {
        return recorded;
    };
    if cut_texts(&mut json)
        && let Ok(event) = serde_json::from_value(json)
    {
        recorded.event = event;
    }
    recorded
}

/// True when a text was cut.
fn cut_texts(json: &mut Value) -> bool {
    match json {
        Value::String(text) => match text.char_indices().nth(CUT_CHARS) {
            Some((end, _)) => {
                text.truncate(end);
                text.push('…');
                true
            }
            None => false,
        },
        // Counted and not only looked for: each of them is cut.
        Value::Array(items) => items.iter_mut().map(cut_texts).filter(|cut| *cut).count() > 0,
        Value::Object(fields) => {
            fields
                .values_mut()
                .map(cut_texts)
                .filter(|cut| *cut)
                .count()
                > 0
        }
        _ => false,
    }
}
