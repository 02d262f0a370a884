//! A command that sets one value, made before somebody else set it: whoever was without a network would
//! replace a newer decision that they have not seen (S5). The server asks it, before it decides: what
//! waits on a device is shown there until the server has answered.

use crate::policy::lasting;
use crate::{Actor, Command, Incident, Refusal, Time};

/// That `command`, made by `actor` at `made_at` (server time), would replace what somebody else decided
/// after that. None where nothing newer stands, or the newer value is the same.
#[must_use]
pub fn overtaken(
    incident: &Incident,
    command: &Command,
    actor: &Actor,
    made_at: Time,
) -> Option<Refusal> {
    let (newer, theirs, mine, what) = match command {
        Command::ChangeCadence { every_min, .. } => {
            let set = incident.cadence.as_ref()?;
            let values = (lasting(set.every_min), lasting(*every_min));
            ((&set.by, set.at), values.0, values.1, "cadence")
        }
        Command::ChangeSeverity { to, .. } => {
            let set = incident.severity_changes.last()?;
            let values = (set.to.label(), to.label());
            let values = (values.0.to_owned(), values.1.to_owned());
            ((&set.by, set.at), values.0, values.1, "severity")
        }
        _ => return None,
    };
    let (by, at) = newer;
    let stands = at > made_at && by.id != actor.id && theirs != mine;
    stands.then(|| Refusal::Superseded {
        by: by.name.clone(),
        did: format!("set the {what} to {theirs}, where yours says {mine},"),
        at,
    })
}
