//! How much one incident may hold. Every browser carries an open incident whole, so what one person writes down in a
//! loop would be carried by all.

use crate::timeline::Entry;
use crate::{Command, Incident, Refusal};

/// Events after which nothing more is written down that the way to its end does not need.
pub(super) const EVENTS_MAX: u64 = 10_000;
/// Events after which nothing more happens to it.
pub(super) const EVENTS_EVER_MAX: u64 = 20_000;
/// Bytes of all that was written on its timeline by hand.
pub(super) const WRITTEN_MAX_BYTES: usize = 20_000_000;

/// Whether there is room for what this command adds.
pub(super) fn has_room(incident: &Incident, command: &Command) -> Result<(), Refusal> {
    let full = || {
        Err(Refusal::out_of_order(format!(
            "This incident is full: it has {} entries. Bring it to its end, and declare another for what goes on.",
            incident.version
        )))
    };
    // Once, by the server: what was addressed to customers is read by it.
    let is_ever = !matches!(command, Command::IdentifyCustomers { .. });
    if is_ever && incident.version >= EVENTS_EVER_MAX {
        return full();
    }
    let is_written = matches!(
        command,
        Command::LogEntry { .. } | Command::RecordResult { .. } | Command::AmendEntry { .. }
    );
    let adds = is_written
        || matches!(
            command,
            Command::TakeReport { .. }
                | Command::ChangeSeverity { .. }
                | Command::LinkChannel { .. }
                | Command::AddShadow { .. }
                | Command::StayOn { .. }
                | Command::OpenHypothesis { .. }
                | Command::LogAttempt { .. }
                | Command::AskParty { .. }
                | Command::TellInside { .. }
                | Command::NoteCustomer { .. }
                | Command::AddCustomer { .. }
                | Command::ChangeCustomer { .. }
                | Command::MoveDeal { .. }
                | Command::ScheduleCall { .. }
                | Command::AddPlanStep { .. }
                | Command::ChangeCadence { .. }
        );
    if adds && incident.version >= EVENTS_MAX {
        return full();
    }
    let written = || {
        incident
            .timeline
            .iter()
            .map(|entry| bytes(entry))
            .sum::<usize>()
    };
    if is_written && written() >= WRITTEN_MAX_BYTES {
        return Err(Refusal::out_of_order(
            "The timeline of this incident is full. Attach a file for long texts, or declare another incident.",
        ));
    }
    Ok(())
}

fn bytes(entry: &Entry) -> usize {
    let links: usize = entry.links.iter().map(String::len).sum();
    let amendments: usize = entry.amendments.iter().map(|a| a.text.len()).sum();
    entry.text.len() + links + amendments
}
