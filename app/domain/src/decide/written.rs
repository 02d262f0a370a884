//! What people write down: entries, results, amendments, mitigation decisions (RUNBOOK §6).
//! Allowed on a closed incident too: the record may always become truer.

use super::past;
use crate::text::{line, link, prose};
use crate::timeline::{EntryKind, Outcomed};
use crate::{Command, EntryId, Event, Incident, Refusal, Time};

/// A line carries at most this many links.
const LINKS_MAX: usize = 10;

pub(super) fn decide(incident: &Incident, command: Command, now: Time) -> Result<Event, Refusal> {
    match command {
        Command::LogEntry {
            kind,
            text,
            result,
            links,
            happened_at,
        } => {
            if !EntryKind::BY_HAND.contains(&kind) {
                let problem = format!(
                    "“{}” is written by its own command, not by hand",
                    kind.label()
                );
                return Err(Refusal::invalid("Kind", problem));
            }
            if links.len() > LINKS_MAX {
                return Err(Refusal::invalid(
                    "Links",
                    format!("are more than {LINKS_MAX}"),
                ));
            }
            Ok(Event::EntryLogged {
                kind,
                text: prose("Text", &text)?,
                result: result.map(outcome).transpose()?,
                links: links
                    .iter()
                    .map(|l| link("Link", l))
                    .collect::<Result<_, _>>()?,
                happened_at: happened_at
                    .map(|at| past("When it happened", at, now))
                    .transpose()?,
            })
        }
        Command::RecordResult { entry, result } => {
            must_exist(incident, entry)?;
            Ok(Event::ResultRecorded {
                entry,
                result: outcome(result)?,
            })
        }
        Command::AmendEntry {
            entry,
            text,
            reason,
        } => {
            must_exist(incident, entry)?;
            if incident.entry(entry).is_some_and(|e| e.told) {
                return Err(Refusal::out_of_order(
                    "Customers have read this. Publish an update that corrects it instead.",
                ));
            }
            Ok(Event::EntryAmended {
                entry,
                text: prose("Text", &text)?,
                reason: line("Reason", &reason)?,
            })
        }
        Command::DecideMitigation {
            lever,
            what,
            risk_of_doing,
            risk_of_not_doing,
            undo,
        } => {
            super::must_be_open(incident)?;
            Ok(Event::MitigationDecided {
                lever,
                what: line("What", &what)?,
                risk_of_doing: prose("Risk of doing it", &risk_of_doing)?,
                risk_of_not_doing: prose("Risk of not doing it", &risk_of_not_doing)?,
                undo: prose("How to undo it", &undo)?,
            })
        }
        _ => Err(Refusal::NoSuchIncident),
    }
}

fn must_exist(incident: &Incident, entry: EntryId) -> Result<(), Refusal> {
    match incident.entry(entry) {
        Some(_) => Ok(()),
        None => Err(Refusal::invalid(
            "Entry",
            "is not on this incident's timeline",
        )),
    }
}

pub(super) fn outcome(result: Outcomed) -> Result<Outcomed, Refusal> {
    Ok(Outcomed {
        text: prose("Result", &result.text)?,
        outcome: result.outcome,
    })
}
