//! A seat: offered, declined, handed over (RUNBOOK §3).

use super::{form, people, person};
use crate::parts::form::{Field, Form, Input, optional, text};
use crate::replica::Replica;
use domain::{Command, Incident, Role, Severity};

/// Asked for where one person may not do both without a reason.
fn two_hats(role: Role, severity: Option<Severity>) -> Option<Field> {
    let is_asked = role.is_apart() && severity.is_some_and(Severity::is_high);
    is_asked.then(|| {
        Field::new("two_hats", "Why one person may do both", Input::Line)
            .optional()
            .hint("only if they hold another of IC, Engineering and Comms; shown on both cards")
    })
}

/// Offer an empty seat.
pub fn offer(role: Role, incident: &Incident, replica: Replica) -> Form {
    let mut fields = vec![Field::new("person", "To", people(replica, Some(incident)))];
    fields.extend(two_hats(role, incident.severity()));
    form(
        &format!("offer/{}", role.short()),
        &format!("Offer {}", role.label()),
        &format!(
            "They have {} minutes to accept. Owns {}.",
            replica.policy_of(incident).accept_min,
            role.owns()
        ),
        fields,
        "Offer",
        move |v| {
            Ok(Command::OfferRole {
                role,
                person: person(replica, v, "person")?,
                two_hats: optional(v, "two_hats"),
            })
        },
    )
}

/// Decline an offer.
pub fn decline(role: Role) -> Form {
    form(
        &format!("decline/{}", role.short()),
        &format!("Decline {}", role.label()),
        "Somebody else can be asked at once.",
        vec![Field::new("reason", "Why", Input::Line).optional()],
        "Decline",
        move |v| {
            Ok(Command::DeclineRole {
                role,
                reason: optional(v, "reason"),
            })
        },
    )
}

/// Hand a held seat over.
pub fn hand_over(role: Role, incident: &Incident, replica: Replica) -> Form {
    let holder = incident.holder(role).map_or("Nobody", |p| p.name.as_str());
    let mut fields = vec![
        Field::new("to", "To", people(replica, Some(incident))),
        Field::new("note", "What they must know", Input::Prose),
    ];
    fields.extend(two_hats(role, incident.severity()));
    form(
        &format!("hand-over/{}", role.short()),
        &format!("Hand over {}", role.label()),
        &format!("{holder} keeps the role until the next one accepts."),
        fields,
        "Hand over",
        move |v| {
            Ok(Command::HandOverRole {
                role,
                to: person(replica, v, "to")?,
                note: text(v, "note").to_owned(),
                two_hats: optional(v, "two_hats"),
            })
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn why_one_person_may_do_both_is_asked_where_the_rule_asks() {
        for (severity, roles) in [
            (Severity::Sev1, &Role::APART[..]),
            (Severity::Sev2, &Role::APART),
            (Severity::Sev3, &[]),
        ] {
            let asked = Role::ALL.into_iter();
            let asked = asked.filter(|role| two_hats(*role, Some(severity)).is_some());
            assert_eq!(asked.collect::<Vec<_>>(), roles, "{severity:?}");
        }
    }
}
