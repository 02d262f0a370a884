//! The status and its proof (RUNBOOK §7).

use super::{must_be_open, past};
use crate::command::Cause;
use crate::evidence::{FILE_MAX_BYTES, FILE_TYPES, Proof, Proves};
use crate::gate::missing;
use crate::shown::Shown as _;
use crate::text::{line, link, prose};
use crate::{Command, Event, Incident, Policy, Refusal, Status, Time};

/// A check may run for at most this long: 30 days.
const WATCHED_MAX_MIN: u32 = 30 * 24 * 60;

pub(super) fn decide(
    incident: &Incident,
    command: Command,
    policy: &Policy,
    now: Time,
) -> Result<Event, Refusal> {
    match command {
        Command::AttachEvidence {
            proves,
            proof,
            shows,
            watched_min,
        } => {
            must_be_open(incident)?;
            let proof = evidence(proves, proof)?;
            let watched_min = watched(proves, watched_min)?;
            Ok(Event::EvidenceAttached {
                proves,
                proof,
                shows: prose("What it shows", &shows)?,
                watched_min,
            })
        }
        Command::StateImpactEnd { at } => {
            must_be_open(incident)?;
            let at = past("Impact ended", at, now)?;
            if incident.impact_began_at().is_some_and(|began| at < began) {
                return Err(Refusal::invalid(
                    "Impact ended",
                    "is before the impact began",
                ));
            }
            Ok(Event::ImpactEnded { at })
        }
        Command::StateCause { cause } => {
            must_be_open(incident)?;
            let cause = match cause {
                Cause::Known { text } => Cause::Known {
                    text: prose("Cause", &text)?,
                },
                Cause::UnderInvestigation { text } => Cause::UnderInvestigation {
                    text: prose("What is looked at", &text)?,
                },
            };
            Ok(Event::CauseStated { cause })
        }
        Command::MoveStatus { to } => step(incident, to, policy),
        Command::MoveBack { to, reason } => {
            if to >= incident.status || to == Status::Closed {
                return Err(Refusal::out_of_order(format!(
                    "It is {}; going back leads to an earlier status.",
                    incident.status.label()
                )));
            }
            Ok(Event::StatusMovedBack {
                to,
                reason: prose("Reason", &reason)?,
            })
        }
        _ => Err(Refusal::NoSuchIncident),
    }
}

fn step(incident: &Incident, to: Status, policy: &Policy) -> Result<Event, Refusal> {
    if let Some(done) = incident.moves.last().filter(|_| incident.status == to) {
        return Err(Refusal::out_of_order(format!(
            "It is {} already, since {} UTC.",
            to.label(),
            done.at.shown("%H:%M")
        )));
    }
    match incident.status.next() {
        Some(next) if next == to => {}
        Some(next) => {
            return Err(Refusal::out_of_order(format!(
                "One step at a time: after {} comes {}.",
                incident.status.label(),
                next.label()
            )));
        }
        None => return Err(Refusal::out_of_order("It is closed. Reopen it first.")),
    }
    let missing = missing(incident, to, policy);
    if missing.is_empty() {
        Ok(Event::StatusMoved { to })
    } else {
        Err(Refusal::GateShut { to, missing })
    }
}

fn evidence(proves: Proves, proof: Proof) -> Result<Proof, Refusal> {
    Ok(match proof {
        Proof::Link { url } => Proof::Link {
            url: link("Link", &url)?,
        },
        Proof::Excerpt { text } => Proof::Excerpt {
            text: prose("Excerpt", &text)?,
        },
        Proof::Statement { .. } if !proves.takes_statement() => {
            return Err(Refusal::invalid(
                "Proof",
                "that the harm stopped comes from logs or metrics; give a link or an excerpt",
            ));
        }
        Proof::Statement { by, text } => Proof::Statement {
            by: line("Stated by", &by)?,
            text: prose("Statement", &text)?,
        },
        Proof::File {
            name,
            sha256,
            bytes,
            media_type,
        } => {
            let is_hash = sha256.len() == 64
                && sha256
                    .bytes()
                    .all(|b| b.is_ascii_digit() || matches!(b, b'a'..=b'f'));
            if !is_hash {
                return Err(Refusal::invalid("File", "is not here; upload it again"));
            }
            if !(1..=FILE_MAX_BYTES).contains(&bytes) {
                return Err(Refusal::invalid("File", "must have 1 byte to 10 MB"));
            }
            if !FILE_TYPES.contains(&media_type.as_str()) {
                return Err(Refusal::invalid(
                    "File",
                    "must be a picture, a PDF, text, CSV, JSON, gzip or zip",
                ));
            }
            Proof::File {
                name: line("File name", &name)?,
                sha256,
                bytes,
                media_type,
            }
        }
    })
}

fn watched(proves: Proves, watched_min: Option<u32>) -> Result<Option<u32>, Refusal> {
    const FIELD: &str = "Watched for";
    match (proves, watched_min) {
        (Proves::Validated, None | Some(0)) => Err(Refusal::invalid(
            FIELD,
            "needs the minutes that the check ran",
        )),
        (_, Some(min)) if min > WATCHED_MAX_MIN => {
            Err(Refusal::invalid(FIELD, "is more than 30 days"))
        }
        (_, watched_min) => Ok(watched_min),
    }
}
