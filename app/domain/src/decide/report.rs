//! Report, dismiss, declare (RUNBOOK §2).

use super::past;
use crate::text::{line, prose};
use crate::update::Audience;
use crate::{Command, Event, Incident, Policy, Refusal, Time};

pub(super) fn decide(
    incident: &Incident,
    command: Command,
    policy: &Policy,
    now: Time,
) -> Result<Vec<Event>, Refusal> {
    match command {
        Command::Report { what, source } => {
            if incident.version > 0 {
                return Err(Refusal::AlreadyExists);
            }
            let (what, source) = (line("What was seen", &what)?, line("Source", &source)?);
            Ok(vec![Event::Reported { what, source }])
        }
        Command::DismissReport { reason } => {
            if incident.version == 0 {
                return Err(Refusal::NoSuchIncident);
            }
            undecided(incident)?;
            Ok(vec![Event::ReportDismissed {
                reason: prose("Reason", &reason)?,
            }])
        }
        Command::Declare {
            title,
            severity,
            customer_sees,
            impact_began_at,
            components,
            audience,
        } => {
            undecided(incident)?;
            known_components(components.iter().map(String::as_str), policy)?;
            Ok(vec![Event::Declared {
                title: line("Title", &title)?,
                severity,
                customer_sees: prose("What the customer sees", &customer_sees)?,
                impact_began_at: past("When it began", impact_began_at, now)?,
                components,
                audience: named(audience)?,
            }])
        }
        _ => Err(Refusal::NoSuchIncident),
    }
}

fn undecided(incident: &Incident) -> Result<(), Refusal> {
    if let Some(declared) = &incident.declared {
        return Err(Refusal::Superseded {
            by: declared.by.name.clone(),
            did: "declared this incident".to_owned(),
            at: declared.at,
        });
    }
    if let Some(dismissed) = &incident.dismissed {
        return Err(Refusal::Superseded {
            by: dismissed.by.name.clone(),
            did: format!("dismissed this report ({})", dismissed.reason),
            at: dismissed.at,
        });
    }
    Ok(())
}

/// An audience of named customers must name some.
pub(super) fn named(audience: Audience) -> Result<Audience, Refusal> {
    match audience {
        Audience::Public => Ok(Audience::Public),
        Audience::Named { customers } => {
            let customers: Result<Vec<String>, Refusal> =
                customers.iter().map(|c| line("Customer", c)).collect();
            match customers? {
                none if none.is_empty() => Err(Refusal::invalid(
                    "Audience",
                    "names no customer; name one or choose public",
                )),
                customers => Ok(Audience::Named { customers }),
            }
        }
    }
}

/// Components are those of the policy: customers know no others.
pub(super) fn known_components<'a>(
    names: impl IntoIterator<Item = &'a str>,
    policy: &Policy,
) -> Result<(), Refusal> {
    for name in names {
        if !policy.components.iter().any(|c| c == name) {
            let known = policy.components.join(", ");
            return Err(Refusal::invalid(
                "Component",
                format!("“{name}” is not one of: {known}"),
            ));
        }
    }
    Ok(())
}
