//! What the commander does with the incident as a whole: severity, cadence, channel, seats.

use super::{choice, chosen, form, number, people, person};
use crate::parts::form::{Field, Form, Input, text};
use crate::replica::Replica;
use domain::{Command, Incident, PersonRef, Refusal, Role, Severity};

/// It is worse, or less bad.
pub fn severity(incident: &Incident) -> Form {
    let others: Vec<Severity> = Severity::ALL
        .into_iter()
        .filter(|s| Some(*s) != incident.severity())
        .collect();
    let first = others.first().map_or("", |severity| severity.label());
    form(
        "severity",
        "Change the severity",
        "Clocks re-aim from now on; what has passed stays as it was.",
        vec![
            Field::new("to", "It is", choice(&others, Severity::label)).value(first),
            Field::new("reason", "Why", Input::Prose),
        ],
        "Change it",
        move |v| {
            Ok(Command::ChangeSeverity {
                to: chosen(&others, Severity::label, v, "to", "Severity")?,
                reason: text(v, "reason").to_owned(),
            })
        },
    )
}

/// Another cadence for this incident.
pub fn cadence(incident: &Incident, replica: Replica) -> Form {
    let now = incident.cadence_min(&replica.policy_of(incident));
    form(
        "cadence",
        "Change the cadence",
        "The longest silence between two customer updates. The reason stays in view.",
        vec![
            Field::new("min", "At most every, minutes", Input::Number).value(now.to_string()),
            Field::new("reason", "Why", Input::Prose),
        ],
        "Change it",
        |v| {
            Ok(Command::ChangeCadence {
                every_min: number(v, "min", "Cadence")?.ok_or_else(|| {
                    Refusal::invalid("Cadence", "needs a whole number of minutes")
                })?,
                reason: text(v, "reason").to_owned(),
            })
        },
    )
}

/// Where the channel is.
pub fn channel() -> Form {
    form(
        "channel",
        "Link the channel",
        "So that everybody finds it from here.",
        vec![Field::new("url", "Address", Input::Line).hint("https://…")],
        "Link",
        |v| {
            Ok(Command::LinkChannel {
                url: text(v, "url").trim().to_owned(),
            })
        },
    )
}

/// Leave a seat empty.
pub fn vacate(role: Role, incident: &Incident) -> Form {
    let holder = incident.holder(role).map(|holder| holder.id);
    form(
        &format!("vacate/{}", role.short()),
        &format!("Leave {} empty", role.label()),
        "When its holder is gone or out of reach. The clock to name the next one starts.",
        vec![Field::new("reason", "Why", Input::Line)],
        "Leave it empty",
        move |v| {
            Ok(Command::VacateRole {
                role,
                reason: text(v, "reason").to_owned(),
                holder,
            })
        },
    )
}

/// Sit somebody beside a seat.
pub fn shadow(role: Role, incident: &Incident, replica: Replica) -> Form {
    form(
        &format!("shadow/{}", role.short()),
        &format!("Shadow {}", role.label()),
        "To learn. A shadow owns nothing.",
        vec![
            Field::new("person", "Who", people(replica, Some(incident)))
                .value(replica.me().id.to_string()),
        ],
        "Add",
        move |v| {
            Ok(Command::AddShadow {
                role,
                person: person(replica, v, "person")?,
            })
        },
    )
}

/// End that.
#[must_use]
pub fn unshadow(role: Role, person: PersonRef) -> Command {
    Command::RemoveShadow { role, person }
}

/// The commander stays.
pub fn stay() -> Form {
    form(
        "stay",
        "Stay on as commander",
        "Tired people miss things. Say why you stay; the next relief is counted from now.",
        vec![Field::new("reason", "Why", Input::Line)],
        "I'm staying",
        |v| {
            Ok(Command::StayOn {
                reason: text(v, "reason").to_owned(),
            })
        },
    )
}
