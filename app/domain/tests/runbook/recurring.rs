//! Clocks that come again, counted a second time from the log alone: when the one now running is
//! due (RUNBOOK §4). The numbers are those of RUNBOOK, not the policy's.

use crate::room::minutes;
use chrono::Duration;
use domain::clock::ClockKind;
use domain::update::Audience;
use domain::{Event, Recorded, Role, Severity, Status, Time};
use std::collections::{HashMap, HashSet};

/// None where the log asks for nothing of this kind.
pub fn due(log: &[Recorded], kind: ClockKind) -> Option<Time> {
    match kind {
        ClockKind::FirstUpdate => {
            let told = log
                .iter()
                .any(|r| matches!(r.event, Event::UpdateSent { .. }));
            declared(log).filter(|_| !told).map(|at| at + minutes(60))
        }
        ClockKind::NextUpdate => next_update(log),
        ClockKind::Brief => brief(log),
        ClockKind::CommanderRelief => {
            let since = |r: &&Recorded| match r.event {
                Event::RoleAccepted { role } => role == Role::Commander,
                Event::CommanderStayed { .. } => true,
                _ => false,
            };
            log.iter().rfind(since).map(|r| r.at + minutes(360))
        }
        ClockKind::RoleAccepted(asked) => {
            let offered = |r: &&Recorded| match r.event {
                Event::RoleOffered { role, .. } | Event::RoleHandedOver { role, .. } => {
                    role == asked
                }
                _ => false,
            };
            log.iter().rfind(offered).map(|r| r.at + minutes(5))
        }
        _ => None,
    }
}

fn declared(log: &[Recorded]) -> Option<Time> {
    log.iter().find(|r| r.event.is_declaration()).map(|r| r.at)
}

/// Walks the log with what each reader was promised: a word promises anew, the last word promises
/// nothing, coming back breaks the silence after it, and a shorter cadence brings a promise nearer that is
/// not broken yet. Who is told in public reads it, too; of all who wait the first counts.
fn next_update(log: &[Recorded]) -> Option<Time> {
    let (mut by_hand, mut by_severity) = (None, 60);
    let (mut over, mut dues) = (false, HashMap::<String, Option<Time>>::new());
    // The first update has a time of its own, which no cadence changes.
    let mut untold = HashSet::new();
    for r in log {
        let cadence = by_hand.unwrap_or(by_severity);
        match &r.event {
            Event::Declared {
                severity, audience, ..
            }
            | Event::DeclaredBy {
                severity, audience, ..
            } => {
                by_severity = cadence_of(*severity);
                for reader in audience.named() {
                    untold.insert(reader.name.clone());
                    dues.insert(reader.name.clone(), Some(r.at + minutes(60)));
                }
            }
            Event::SeverityChanged { to, .. } => by_severity = cadence_of(*to),
            Event::CadenceChanged { every_min, .. } => by_hand = Some(i64::from(*every_min)),
            Event::UpdateSent { text, .. } => match &text.audience {
                Audience::Public => {
                    untold.clear();
                    dues = HashMap::from([(String::new(), text.next_at)]);
                }
                Audience::Named { customers } => {
                    untold.retain(|name| customers.iter().all(|c| c.name != *name));
                    dues.extend(customers.iter().map(|c| (c.name.clone(), text.next_at)));
                }
            },
            Event::StatusMoved { to } => {
                over = *to >= Status::Resolved;
                if *to == Status::Closed {
                    dues.values_mut().for_each(|due| *due = None);
                }
            }
            Event::StatusMovedBack { to, .. } => {
                if over && *to < Status::Resolved {
                    for due in dues.values_mut().filter(|due| due.is_none()) {
                        *due = Some(r.at + minutes(cadence));
                    }
                }
                over = *to >= Status::Resolved;
            }
            _ => {}
        }
        let now = by_hand.unwrap_or(by_severity);
        if now != cadence {
            let told = dues.iter_mut().filter(|(name, _)| !untold.contains(*name));
            for due in told
                .filter_map(|(_, due)| due.as_mut())
                .filter(|due| r.at < **due)
            {
                *due = (*due).min(r.at + minutes(now));
            }
        }
    }
    dues.into_values().flatten().min()
}

fn cadence_of(severity: Severity) -> i64 {
    match severity {
        Severity::Sev1 => 60,
        Severity::Sev2 => 120,
        Severity::Sev3 => 24 * 60,
    }
}

/// While it is a SEV-1 or SEV-2 and not resolved: an hour from when that began, four from each brief.
/// It stands where it stood when it ends by being resolved.
fn brief(log: &[Recorded]) -> Option<Time> {
    let (mut high, mut over) = (false, false);
    let mut due = None;
    for r in log {
        let owed = high && !over;
        match &r.event {
            Event::Declared { severity, .. } | Event::DeclaredBy { severity, .. } => {
                high = *severity != Severity::Sev3;
            }
            Event::SeverityChanged { to, .. } => high = *to != Severity::Sev3,
            Event::StatusMoved { to } | Event::StatusMovedBack { to, .. } => {
                over = *to >= Status::Resolved;
            }
            Event::BriefSent { .. } if owed => due = Some(r.at + Duration::hours(4)),
            _ => {}
        }
        if high && !over && !owed {
            due = Some(r.at + Duration::hours(1));
        }
    }
    due
}
