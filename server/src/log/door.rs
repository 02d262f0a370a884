//! What is checked of every command before it is decided (D2): whether its author may send it, and
//! whom it names. What a command may do to an incident is for the domain to decide.

use crate::people::Everybody;
use domain::text::line;
use domain::{Actor, Command, Refusal};

/// The command as it is to be decided: whoever it names goes by the name that they have here, and
/// not by the one that was sent.
///
/// # Errors
/// A [`Refusal`] when it is not for this author to send, or names nobody who has an account.
pub(super) fn admitted(
    mut command: Command,
    author: &Actor,
    people: &Everybody,
) -> Result<Command, Refusal> {
    let changes_policy = matches!(command, Command::ChangePolicy { .. });
    if changes_policy && !people.is_administrator(author.id) {
        return Err(Refusal::NotYours {
            why: "Only an administrator changes the policy. Ask one of them.".to_owned(),
        });
    }
    // Who is gone can still be taken away from beside a seat.
    let may_be_gone = matches!(command, Command::RemoveShadow { .. });
    let Some(person) = command.person_mut() else {
        return Ok(command);
    };
    match people.find(person.id) {
        Some(known) if known.removed.is_none() || may_be_gone => {
            person.name.clone_from(&known.person.name);
        }
        Some(gone) => {
            let problem = "has no account any more; choose somebody else";
            return Err(Refusal::invalid(gone.person.name.clone(), problem));
        }
        None if may_be_gone => {}
        None => {
            let name = line("Name", &person.name)?;
            let problem = "has no account; choose somebody else";
            return Err(Refusal::invalid(name, problem));
        }
    }
    Ok(command)
}
