//! Report, dismiss, declare (RUNBOOK §2).

use super::customer::{READERS_MAX, added, readers};
use super::{must_be_open, past};
use crate::command::Details;
use crate::customer::CustomerId;
use crate::text::{line, link, name, optional, prose};
use crate::triage::{Proposal, propose};
use crate::update::Audience;
use crate::{Command, Event, Incident, IncidentId, Policy, Refusal, Severity, Time};

pub(super) fn decide(
    incident: &Incident,
    command: Command,
    policy: &Policy,
    now: Time,
) -> Result<Vec<Event>, Refusal> {
    let event = match command {
        Command::Report { what, source } => {
            if incident.version > 0 {
                return Err(Refusal::AlreadyExists);
            }
            let (what, source) = (line("What was seen", &what)?, line("Source", &source)?);
            Ok(Event::Reported { what, source })
        }
        Command::DismissReport { reason } => {
            if incident.version == 0 {
                return Err(Refusal::NoSuchIncident);
            }
            undecided(incident)?;
            Ok(Event::ReportDismissed {
                reason: prose("Reason", &reason)?,
            })
        }
        Command::JoinReport { into, number } => {
            if incident.version == 0 {
                return Err(Refusal::NoSuchIncident);
            }
            undecided(incident)?;
            if into == incident.id || into == IncidentId::SETTINGS {
                return Err(Refusal::invalid("Incident", "must be another, open one"));
            }
            Ok(Event::ReportJoined { into, number })
        }
        Command::Declare {
            title,
            severity,
            customer_sees,
            impact_began_at,
            components,
            audience,
            details,
        } => {
            undecided(incident)?;
            known_components(components.iter().map(String::as_str), policy)?;
            let proposal = propose(&details.triage, policy);
            let impact_began_at = past("When it began", impact_began_at, now)?;
            let (audience, lines) = first_readers(incident, audience)?;
            let declared = Event::DeclaredBy {
                title: name("Title", &title)?,
                severity,
                customer_sees: prose("What the customer sees", &customer_sees)?,
                impact_began_at,
                components,
                audience,
                details: checked(details, severity, proposal.as_ref(), now)?,
                proposal,
                policy_version: policy.version,
            };
            let mut events = vec![declared];
            events.extend(lines);
            return Ok(events);
        }
        _ => Err(Refusal::NoSuchIncident),
    };
    event.map(|event| vec![event])
}

/// What is said of a declared incident as a whole.
pub(super) fn decide_declared(
    incident: &Incident,
    command: Command,
    now: Time,
) -> Result<Event, Refusal> {
    match command {
        Command::TakeReport {
            report,
            what,
            source,
            received_at,
        } => {
            must_be_open(incident)?;
            if incident.taken_reports.contains(&report) {
                return Err(Refusal::out_of_order(
                    "This report is on this incident already.",
                ));
            }
            Ok(Event::ReportTaken {
                report,
                what: line("What was seen", &what)?,
                source: line("Source", &source)?,
                received_at: past("When it came", received_at, now)?,
            })
        }
        Command::ChangeSeverity { to, reason } => {
            must_be_open(incident)?;
            if incident.severity() == Some(to) {
                return Err(Refusal::out_of_order(format!(
                    "It is {} already.",
                    to.label()
                )));
            }
            Ok(Event::SeverityChanged {
                to,
                reason: prose("Reason", &reason)?,
            })
        }
        Command::LinkChannel { url } => Ok(Event::ChannelLinked {
            url: link("Channel", &url)?,
        }),
        _ => Err(Refusal::NoSuchIncident),
    }
}

fn checked(
    details: Details,
    severity: Severity,
    proposal: Option<&Proposal>,
    now: Time,
) -> Result<Details, Refusal> {
    if details.triage.percent.is_some_and(|p| p > 100) {
        return Err(Refusal::invalid("Users hit", "are more than 100 %"));
    }
    let other_severity = optional("Why another severity", details.other_severity.as_deref())?;
    if let Some(proposed) = proposal.filter(|p| p.severity != severity)
        && other_severity.is_none()
    {
        let problem = format!(
            "differs from {}, which the matrix proposes ({}); say why",
            proposed.severity.label(),
            proposed.rule
        );
        return Err(Refusal::invalid("Severity", problem));
    }
    let detected_at = details
        .detected_at
        .map(|at| past("When we noticed", at, now))
        .transpose()?;
    Ok(Details {
        triage: details.triage,
        other_severity: other_severity.filter(|_| proposal.is_some_and(|p| p.severity != severity)),
        detected_at,
        hypothesis: optional("First hypothesis", details.hypothesis.as_deref())?,
    })
}

/// Whether a report still waits for somebody to declare, join or dismiss it.
///
/// # Errors
/// [`Refusal::Superseded`] that says who did which, and when.
pub fn undecided(incident: &Incident) -> Result<(), Refusal> {
    if let Some(declared) = &incident.declared {
        return Err(Refusal::Superseded {
            by: declared.by.name.clone(),
            did: "declared this incident".to_owned(),
            at: declared.at,
        });
    }
    if let Some(joined) = &incident.joined {
        let into = joined
            .number
            .map_or_else(String::new, |n| format!(" to {n}"));
        return Err(Refusal::Superseded {
            by: joined.by.name.clone(),
            did: format!("joined this report{into}"),
            at: joined.at,
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
pub(super) fn named(incident: &Incident, audience: Audience) -> Result<Audience, Refusal> {
    Ok(match audience {
        Audience::Public => Audience::Public,
        Audience::Named { customers } => Audience::Named {
            customers: readers(incident, customers)?,
        },
    })
}

/// The audience of a declaration, and the lines of those customers in it that have no account: they
/// are on the incident from the first moment, so that they can be told.
fn first_readers(
    incident: &Incident,
    audience: Audience,
) -> Result<(Audience, Vec<Event>), Refusal> {
    let Audience::Named { customers } = audience else {
        return Ok((Audience::Public, Vec::new()));
    };
    let mut with_lines = incident.clone();
    let mut lines = Vec::new();
    for customer in &customers {
        if let CustomerId::Entry(_) = customer.id
            && customer.id.is_set()
        {
            let line = match with_lines.customer(customer.id) {
                None => added(&with_lines, customer)?,
                // Named twice, they read it once; under another name it is somebody else, whose name would be lost.
                Some(known) if name("Customer", &customer.name)? == known.name => continue,
                Some(known) => {
                    let problem = format!(
                        "“{}” has the id of “{}”; choose each customer anew",
                        customer.name, known.name
                    );
                    return Err(Refusal::invalid("Audience", problem));
                }
            };
            if let Event::CustomerNotedV3 { customer } = &line {
                with_lines.customers.push(customer.clone());
            }
            lines.push(line);
        }
        if lines.len() > READERS_MAX {
            break;
        }
    }
    let customers = readers(&with_lines, customers)?;
    Ok((Audience::Named { customers }, lines))
}

/// Components are those of the policy: customers know no others.
pub(super) fn known_components<'a>(
    names: impl IntoIterator<Item = &'a str>,
    policy: &Policy,
) -> Result<(), Refusal> {
    let mut before: Vec<&str> = Vec::new();
    for name in names {
        if before.contains(&name) {
            let problem = format!("“{name}” is named twice; name each once");
            return Err(Refusal::invalid("Component", problem));
        }
        before.push(name);
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
