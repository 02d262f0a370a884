//! What is typed into the composer, and what is sent of it.

use crate::parts::countdown::whole_minute;
use crate::parts::when::{clock_time, from_input, to_input};
use domain::customer::{Customer, CustomerRef};
use domain::draft::{DraftText, Of, first_impact, same_words};
use domain::policy::minutes;
use domain::promise::{audience_of, readers_waiting};
use domain::update::{
    Audience, Closure, ComponentNote, ComponentState, UpdateKind, UpdateText, carried_components,
};
use domain::wording::Excuse;
use domain::{Command, Incident, Policy, Refusal, Status, Time, UpdateId, order};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What is typed, as kept on the device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Draft {
    pub(super) kind: UpdateKind,
    pub(super) acknowledge: String,
    pub(super) impact: String,
    pub(super) action: String,
    pub(super) next_at: Option<Time>,
    pub(super) next_text: String,
    pub(super) components: BTreeMap<String, ComponentState>,
    pub(super) named: bool,
    /// Which colleagues; older builds kept names of customers here, separated by commas.
    pub(super) customers: String,
    /// Which customers.
    #[serde(default)]
    pub(super) readers: Vec<CustomerRef>,
    pub(super) cause: String,
    pub(super) prevention: String,
    pub(super) impact_from: String,
    pub(super) impact_to: String,
    pub(super) after: Option<UpdateId>,
    /// For colleagues, not for customers.
    #[serde(default)]
    pub(super) inside: bool,
    #[serde(default)]
    pub(super) corrects: Option<UpdateId>,
    /// Why marked stretches stay, by the words in lower case.
    #[serde(default)]
    pub(super) excuses: BTreeMap<String, String>,
}

impl Draft {
    /// The text that was put up for approval, or a new one.
    pub(super) fn new(incident: &Incident, policy: &Policy, now: Time) -> Self {
        let up = incident.draft(Of::Update).and_then(|d| d.text());
        let up = up.map(|text| text.called_today(incident));
        Self::of_record(incident, policy, now).with(up.as_ref())
    }

    /// A new one, to the readers of the last update, or to those whom the resolution update left out. It begins with the
    /// last words that all of them have: nobody is offered what others were told.
    pub(super) fn of_record(incident: &Incident, policy: &Policy, now: Time) -> Self {
        let last = incident.updates.last();
        let left_out = match incident.resolution_published() {
            true => audience_of(readers_waiting(incident, policy)),
            false => None,
        };
        let kind = match last {
            None => UpdateKind::First,
            Some(_) if incident.resolution_published() && left_out.is_none() => UpdateKind::Learned,
            Some(_) if incident.status >= Status::Resolved => UpdateKind::Resolution,
            Some(_) => UpdateKind::Progress,
        };
        let declared = incident.declared.as_ref();
        let audience = left_out.or_else(|| last.map(|l| l.text.audience.clone()));
        let audience = audience.or_else(|| declared.map(|d| d.audience.clone()));
        let known = audience.as_ref().and_then(|audience| {
            let mut newest_first = incident.updates.iter().rev();
            newest_first.find(|u| u.text.audience.covers(audience, incident))
        });
        let components = match &audience {
            _ if !kind.promises() => BTreeMap::new(),
            Some(audience) if last.is_some() => noted(&carried_components(incident, audience)),
            _ => {
                let hit = declared.map(|d| d.components.clone()).unwrap_or_default();
                order::map(hit.into_iter().map(|n| (n, ComponentState::PartialOutage)))
            }
        };
        let (named, readers) = match &audience {
            Some(Audience::Named { customers }) => (true, with_ids(incident, customers)),
            _ => (
                false,
                incident.customers.iter().map(Customer::to_ref).collect(),
            ),
        };
        let text = |f: fn(&UpdateText) -> &String, first: &str| {
            known.map_or_else(|| first.to_owned(), |l| f(&l.text).clone())
        };
        let closure = known.and_then(|l| l.text.closure.as_ref());
        let closure = closure.filter(|_| kind == UpdateKind::Resolution);
        Self {
            kind,
            acknowledge: text(|t| &t.acknowledge, incident.customer_sees()),
            impact: text(|t| &t.impact, &first_impact(incident)),
            action: text(|t| &t.action, "Our engineers are looking for the cause."),
            next_at: choices(incident, policy, now)
                .last()
                .copied()
                .filter(|_| kind.promises()),
            next_text: String::new(),
            components,
            named,
            customers: String::new(),
            readers,
            cause: match &incident.cause {
                Some(domain::command::Cause::Known { text }) => text.clone(),
                _ => String::new(),
            },
            prevention: closure.map(|c| c.prevention.clone()).unwrap_or_default(),
            impact_from: incident.impact_began_at().map(to_input).unwrap_or_default(),
            impact_to: incident.impact_ended_at.map(to_input).unwrap_or_default(),
            after: last.map(|l| l.id),
            inside: false,
            corrects: None,
            excuses: BTreeMap::new(),
        }
    }

    /// With these words, and what the record has of the rest.
    pub(super) fn with_words(self, text: &DraftText) -> Self {
        let (kind, next_at) = (self.kind, self.next_at);
        Self {
            kind,
            next_at,
            ..self.with(Some(text))
        }
    }

    /// With the text that was put up for approval, where there is one.
    fn with(self, up: Option<&DraftText>) -> Self {
        let Some(DraftText::Update { text, excuses }) = up else {
            return self;
        };
        let (named, readers) = match &text.audience {
            Audience::Named { customers } => (true, customers.clone()),
            Audience::Public => (false, self.readers.clone()),
        };
        let closure = text.closure.as_ref();
        Self {
            kind: text.kind,
            acknowledge: text.acknowledge.clone(),
            impact: text.impact.clone(),
            action: text.action.clone(),
            next_at: text.next_at,
            components: noted(&text.components),
            named,
            readers,
            cause: closure.map(|c| c.cause.clone()).unwrap_or_default(),
            prevention: closure.map(|c| c.prevention.clone()).unwrap_or_default(),
            impact_from: closure.map_or(self.impact_from, |c| to_input(c.impact_from)),
            impact_to: closure.map_or(self.impact_to, |c| to_input(c.impact_to)),
            corrects: text.corrects,
            excuses: order::map(
                excuses
                    .iter()
                    .map(|e| (e.words.to_lowercase(), e.reason.clone())),
            ),
            ..self
        }
    }

    /// Who reads it.
    pub(super) fn audience(&self) -> Audience {
        match self.named {
            false => Audience::Public,
            true => Audience::Named {
                customers: self.readers.clone(),
            },
        }
    }

    fn excuses(&self) -> Vec<Excuse> {
        self.excuses
            .iter()
            .map(|(words, reason)| Excuse {
                words: words.clone(),
                reason: reason.clone(),
            })
            .collect()
    }

    /// What is sent when the button is pressed: to colleagues, for approval, or to customers.
    pub(super) fn to_command(&self, approval: bool, now: Time) -> Result<Command, Refusal> {
        if self.inside {
            let parts = [&self.acknowledge, &self.impact, &self.action];
            let parts = parts.map(|p| p.trim().to_owned());
            return Ok(Command::TellInside {
                to: self.customers.clone(),
                text: parts
                    .into_iter()
                    .filter(|p| !p.is_empty())
                    .collect::<Vec<_>>()
                    .join("\n\n"),
            });
        }
        let (text, excuses) = (self.to_text(now)?, self.excuses());
        Ok(if approval {
            Command::ReadyDraft {
                text: DraftText::Update { text, excuses },
            }
        } else {
            Command::PublishUpdate {
                text,
                after: self.after,
                excuses,
            }
        })
    }

    /// Whether this is what was put up, with what was said to each mark.
    pub(super) fn is(&self, up: &DraftText, now: Time) -> bool {
        let DraftText::Update { text, excuses } = up else {
            return false;
        };
        self.to_text(now).is_ok_and(|mine| mine == *text) && self.gives_reasons(excuses)
    }

    /// Whether this says the same as what was put up, for the same reasons, wherever the promise has moved.
    pub(super) fn says(&self, up: &DraftText, now: Time) -> bool {
        let DraftText::Update { text, excuses } = up else {
            return false;
        };
        self.to_text(now).is_ok_and(|mine| same_words(text, &mine)) && self.gives_reasons(excuses)
    }

    /// Whether marked words stay for these reasons and no other. What was said of words that are gone counts no more.
    fn gives_reasons(&self, excuses: &[Excuse]) -> bool {
        let is_mine = |excuse: &Excuse| {
            let reason = self.excuses.get(&excuse.words.to_lowercase());
            reason.is_some_and(|reason| reason.trim() == excuse.reason)
        };
        let is_theirs = |words: &String, reason: &str| {
            let mut same = excuses.iter().filter(|e| e.words.to_lowercase() == *words);
            same.any(|e| e.reason == reason)
        };
        let given = self
            .excuses
            .iter()
            .map(|(words, reason)| (words, reason.trim()));
        let mut given = given.filter(|(words, reason)| !reason.is_empty() && self.has_words(words));
        excuses.iter().all(is_mine) && given.all(|(words, reason)| is_theirs(words, reason))
    }

    fn has_words(&self, words: &str) -> bool {
        let parts = [
            &self.acknowledge,
            &self.impact,
            &self.action,
            &self.cause,
            &self.prevention,
        ];
        parts.iter().any(|part| part.to_lowercase().contains(words))
    }

    pub(super) fn to_text(&self, now: Time) -> Result<UpdateText, Refusal> {
        let over = self.kind == UpdateKind::Resolution;
        let next_at = match (!self.kind.promises(), self.next_text.trim()) {
            (true, _) => None,
            (false, "") => self.next_at.filter(|at| *at > now),
            (false, typed) => Some(clock_time(
                "Next update",
                typed,
                // The next time that the clock shows it.
                now + chrono::Duration::hours(12),
            )?),
        };
        let closure = over
            .then(|| {
                Ok::<_, Refusal>(Closure {
                    cause: self.cause.clone(),
                    prevention: self.prevention.clone(),
                    impact_from: from_input("Impact from", &self.impact_from)?,
                    impact_to: from_input("Impact to", &self.impact_to)?,
                })
            })
            .transpose()?;
        Ok(UpdateText {
            kind: self.kind,
            audience: self.audience(),
            acknowledge: self.acknowledge.clone(),
            impact: self.impact.clone(),
            action: self.action.clone(),
            next_at,
            components: self
                .components
                .iter()
                .map(|(name, state)| ComponentNote {
                    name: name.clone(),
                    state: *state,
                })
                .collect(),
            closure,
            corrects: self.corrects,
        })
    }
}

/// Older updates have names alone.
fn with_ids(incident: &Incident, customers: &[CustomerRef]) -> Vec<CustomerRef> {
    let with_id = |customer: &CustomerRef| {
        let id = incident.meant(customer)?;
        let line = incident.customer(id).map(Customer::to_ref);
        Some(line.unwrap_or_else(|| CustomerRef::new(id, &customer.name)))
    };
    customers.iter().filter_map(with_id).collect()
}

pub(super) fn noted(components: &[ComponentNote]) -> BTreeMap<String, ComponentState> {
    order::map(components.iter().map(|c| (c.name.clone(), c.state)))
}

/// Times to promise: whole minutes, half the cadence and all of it.
pub(super) fn choices(incident: &Incident, policy: &Policy, now: Time) -> Vec<Time> {
    let cadence = incident.cadence_min(policy);
    let whole = whole_minute(now);
    [cadence / 2, cadence]
        .into_iter()
        .map(|min| whole + minutes(min))
        .collect()
}

/// Changes it, and keeps the change on the device.
pub(super) type Edit = Callback<Box<dyn FnOnce(&mut Draft)>>;

#[cfg(test)]
mod tests;
