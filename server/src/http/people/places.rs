//! Where people sit in the incidents that are open.

use crate::log::Live;
use domain::role::{Answer, Seat};
use domain::{Incident, PersonId, Role};
use leptos::prelude::*;
use std::collections::HashMap;

/// One place of one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// "Comms Lead", "asked to be Comms Lead", "shadow of Comms Lead".
    pub(super) what: String,
    /// Of which incident.
    pub(super) at: Room,
}

/// An incident as these pages name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Room {
    /// Its address.
    pub(super) href: String,
    /// Its number and title.
    pub(super) label: String,
}

impl Room {
    pub(super) fn of(incident: &Incident) -> Self {
        let key = incident
            .number
            .map_or_else(|| incident.id.to_string(), |number| number.to_string());
        Self {
            href: format!("/incidents/{key}"),
            label: format!("{} {}", incident.number_label(), incident.title()),
        }
    }

    /// A link into it.
    pub(super) fn link(self) -> impl IntoView {
        view! { <a href=self.href>{self.label}</a> }
    }
}

/// Everybody's places, the oldest incident first.
pub(super) fn of_everybody(live: &Live) -> HashMap<PersonId, Vec<Place>> {
    let mut all: HashMap<PersonId, Vec<Place>> = HashMap::new();
    for incident in live.values().filter(|incident| incident.is_open()) {
        for role in Role::ALL {
            for (person, what) in in_seat(role, incident.seat(role)) {
                let at = Room::of(incident);
                all.entry(person).or_default().push(Place { what, at });
            }
        }
    }
    all
}

/// The seats of open incidents that are empty because this person was removed, the oldest first.
pub(super) fn left_by(person: PersonId, live: &Live) -> Vec<Place> {
    let mut all = Vec::new();
    for incident in live.values().filter(|incident| incident.is_open()) {
        for role in Role::ALL {
            let seat = incident.seat(role);
            let last = seat.history.last().filter(|turn| {
                let ended = matches!(
                    turn.answer,
                    Answer::Vacated { .. } | Answer::Withdrawn { .. }
                );
                turn.offer.person.id == person && ended
            });
            if last.is_some() && seat.holder.is_none() && seat.offer.is_none() {
                all.push(Place {
                    what: role.label().to_owned(),
                    at: Room::of(incident),
                });
            }
        }
    }
    all
}

fn in_seat(role: Role, seat: &Seat) -> impl Iterator<Item = (PersonId, String)> {
    let label = role.label();
    let holder = seat.holder.iter();
    let holder = holder.map(move |holder| (holder.person.id, label.to_owned()));
    let asked = seat.offer.iter();
    let asked = asked.map(move |offer| (offer.person.id, format!("asked to be {label}")));
    let beside = seat.shadows.iter();
    let beside = beside.map(move |person| (person.id, format!("shadow of {label}")));
    holder.chain(asked).chain(beside)
}
