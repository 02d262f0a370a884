//! What is checked of every command before it is decided (D2): whether its author may send it, and
//! that whatever it names is there: people, reports, incidents, files. What is known of those is put
//! right here, whatever was sent. What a command may do to an incident is for the domain to decide.

use crate::people::Everybody;
use crate::store::FileFacts;
use domain::evidence::Proof;
use domain::text::line;
use domain::{
    Actor, Command, Envelope, Incident, IncidentId, IncidentNumber, PersonId, PersonRef, Policy,
    Refusal, Time, undecided,
};
use std::collections::HashMap;
use std::sync::Arc;

/// What a command may name, as it is when the command is decided.
pub(super) struct Registry<'a> {
    /// Who has an account, and who had one.
    pub(super) people: &'a Everybody,
    /// The incidents of this batch, those that its commands name, and those that have taken a report of it.
    pub(super) incidents: &'a HashMap<IncidentId, Arc<Incident>>,
    /// The files that the commands of this batch name, by the hash of their bytes.
    pub(super) files: &'a HashMap<[u8; 32], FileFacts>,
    /// The policy in force.
    pub(super) policy: &'a Policy,
    /// How many waiting reports and open incidents each person began, of those who begin another in this batch.
    pub(super) begun: &'a HashMap<PersonId, usize>,
}

/// The most waiting reports and open incidents that one person began: every board has them all.
pub(super) const BEGUN_MAX: usize = 500;

/// Whether a command begins an incident, as a report or at once.
pub(super) fn begins(command: &Command) -> bool {
    matches!(command, Command::Report { .. } | Command::Declare { .. })
}

/// Who began this incident.
pub(super) fn beginner(incident: &Incident) -> Option<PersonId> {
    let reported = incident.report.as_ref().map(|report| report.by.id);
    reported.or_else(|| incident.declared.as_ref().map(|declared| declared.by.id))
}

/// The incident that a command names beside the one that it is about.
pub(super) fn other_incident(command: &Command) -> Option<IncidentId> {
    match command {
        Command::JoinReport { into, .. } => Some(*into),
        Command::TakeReport { report, .. } => Some(*report),
        _ => None,
    }
}

/// The report of which a command says what becomes of it.
pub(super) fn decided_report(envelope: &Envelope) -> Option<IncidentId> {
    match &envelope.command {
        Command::TakeReport { report, .. } => Some(*report),
        Command::DismissReport { .. } | Command::Declare { .. } => Some(envelope.incident),
        _ => None,
    }
}

/// The file that a command names, by the hash of its bytes. None where the hash is none: the domain
/// says so.
pub(super) fn file(command: &Command) -> Option<[u8; 32]> {
    match command {
        Command::AttachEvidence {
            proof: Proof::File { sha256, .. },
            ..
        } => {
            let mut hash = [0; 32];
            hex::decode_to_slice(sha256, &mut hash).ok()?;
            Some(hash)
        }
        _ => None,
    }
}

fn is_new(incident: IncidentId, registry: &Registry<'_>) -> bool {
    let known = registry.incidents.get(&incident);
    known.is_none_or(|known| known.version == 0)
}

fn has_not_begun_too_many(person: PersonId, registry: &Registry<'_>) -> Result<(), Refusal> {
    let begun = registry.begun.get(&person).copied().unwrap_or_default();
    if begun < BEGUN_MAX {
        return Ok(());
    }
    Err(Refusal::out_of_order(format!(
        "{BEGUN_MAX} reports and incidents of yours are open. Dismiss what is none and close what is over, or have a colleague enter it."
    )))
}

/// The command about `incident` as it is to be decided.
///
/// # Errors
/// A [`Refusal`] when it is not for this author to send, or names what is not there.
pub(super) fn admitted(
    mut command: Command,
    incident: IncidentId,
    author: &Actor,
    of_session: bool,
    registry: &Registry<'_>,
) -> Result<Command, Refusal> {
    if of_session && begins(&command) && is_new(incident, registry) {
        has_not_begun_too_many(author.id, registry)?;
    }
    match &mut command {
        Command::ChangePolicy { policy, .. } => {
            if !registry.people.is_administrator(author.id) {
                return Err(Refusal::NotYours {
                    why: "Only an administrator changes the policy. Ask one of them.".to_owned(),
                });
            }
            approvers_are_known(policy, registry)?;
        }
        Command::JoinReport { into, number } => {
            *number = taken_by(*into, incident, registry)?;
        }
        Command::TakeReport {
            report,
            what,
            source,
            received_at,
        } => {
            (*what, *source, *received_at) = said_in(*report, incident, registry)?;
            is_free(*report, incident, registry)?;
        }
        Command::DismissReport { .. } | Command::Declare { .. } => {
            is_free(incident, incident, registry)?;
        }
        Command::AttachEvidence { proof, .. } => stored(proof, registry)?,
        _ => {}
    }
    if of_session && matches!(command, Command::IdentifyCustomers { .. }) {
        return Err(Refusal::NotYours {
            why: "Only the server says which account bore a name.".to_owned(),
        });
    }
    // Who is gone can still be taken away from beside a seat.
    let may_be_gone = matches!(command, Command::RemoveShadow { .. });
    if let Some(person) = command.person_mut() {
        known_person(person, may_be_gone, registry.people)?;
    }
    Ok(command)
}

fn known_person(
    person: &mut PersonRef,
    may_be_gone: bool,
    people: &Everybody,
) -> Result<(), Refusal> {
    match people.find(person.id) {
        Some(known) if known.removed.is_none() || may_be_gone => {
            person.name.clone_from(&known.person.name);
            Ok(())
        }
        Some(gone) => {
            let problem = "has no account any more; choose somebody else";
            Err(Refusal::invalid(gone.person.name.clone(), problem))
        }
        None if may_be_gone => Ok(()),
        None => {
            let name = line("Name", &person.name)?;
            let problem = "has no account; choose somebody else";
            Err(Refusal::invalid(name, problem))
        }
    }
}

/// Who was removed may stay in the approval matrix until somebody else is named, and is not put
/// into it.
fn approvers_are_known(policy: &Policy, registry: &Registry<'_>) -> Result<(), Refusal> {
    let people_of = |policy: &Policy| -> Vec<PersonId> {
        let rows = policy.credit_matrix.iter();
        rows.flat_map(|row| row.people.iter().copied()).collect()
    };
    let before = people_of(registry.policy);
    let is_known = |id: &PersonId| match registry.people.find(*id) {
        Some(known) => known.removed.is_none() || before.contains(id),
        None => false,
    };
    if people_of(policy).iter().all(is_known) {
        return Ok(());
    }
    let problem = "names somebody who has no account; choose who approves from the list";
    Err(Refusal::invalid("Approval matrix", problem))
}

/// The number of the incident that took this report. A report waits until an open incident has it: joined
/// to one that was closed meanwhile, whether it took it before or not, it would be dealt with by nobody, and its clock
/// would say that it was met.
fn taken_by(
    into: IncidentId,
    report: IncidentId,
    registry: &Registry<'_>,
) -> Result<Option<IncidentNumber>, Refusal> {
    if let Some(report) = registry.incidents.get(&report) {
        undecided(report)?;
    }
    let target = registry.incidents.get(&into);
    let target = target.filter(|i| i.declared.is_some()).ok_or_else(|| {
        Refusal::invalid(
            "Incident",
            "is not here; join the report to one that is open",
        )
    })?;
    let why = match (target.is_open(), target.taken_reports.contains(&report)) {
        (true, true) => return Ok(target.number),
        (true, false) => "has not taken this report. Join it again from the report's page.",
        (false, _) => "is closed. Join this report to an open incident, or declare it.",
    };
    Err(Refusal::out_of_order(format!(
        "{} {why}",
        target.number_label()
    )))
}

/// What was reported, where it came from, and when.
fn said_in(
    report: IncidentId,
    taker: IncidentId,
    registry: &Registry<'_>,
) -> Result<(String, String, Time), Refusal> {
    let found = registry.incidents.get(&report).filter(|_| report != taker);
    let Some((found, said)) = found.and_then(|i| Some((i, i.report.as_ref()?))) else {
        let problem = "is not here; choose one that waits on the board";
        return Err(Refusal::invalid("Report", problem));
    };
    undecided(found)?;
    Ok((said.what.clone(), said.source.clone(), said.received_at))
}

/// Whether no open incident but `taker` has this report: joined there it is dealt with, and otherwise it would be
/// twice. One that was closed meanwhile lets go of it.
fn is_free(report: IncidentId, taker: IncidentId, registry: &Registry<'_>) -> Result<(), Refusal> {
    let has =
        |i: &&Arc<Incident>| i.id != taker && i.is_open() && i.taken_reports.contains(&report);
    match registry.incidents.values().find(has) {
        None => Ok(()),
        Some(holder) => Err(Refusal::out_of_order(format!(
            "{} has taken this report. Join it there, from the report's page.",
            holder.number_label()
        ))),
    }
}

/// Name, size and type of a file as they were found when it was uploaded.
fn stored(proof: &mut Proof, registry: &Registry<'_>) -> Result<(), Refusal> {
    let Proof::File {
        name,
        sha256,
        bytes,
        media_type,
    } = proof
    else {
        return Ok(());
    };
    let mut hash = [0; 32];
    let known = match hex::decode_to_slice(&*sha256, &mut hash) {
        Ok(()) => registry.files.get(&hash),
        Err(_) => None,
    };
    let Some(known) = known else {
        return Err(Refusal::invalid("File", "is not here; upload it again"));
    };
    name.clone_from(&known.name);
    *sha256 = hex::encode(known.sha256);
    *bytes = known.bytes;
    media_type.clone_from(&known.media_type);
    Ok(())
}
