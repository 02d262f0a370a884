//! The demo: worked examples A, B and C (RUNBOOK §13) in mid-course, two reports to triage and
//! a month of closed incidents, all sent as the commands that people send. It is also the
//! fixture of the tests.
//!
//! Architecture invariant: a script is a pure function of `now`. It draws no random number and
//! reads no clock, and nothing gets onto the record around `decide`.

mod accounts;
mod approvers;
mod customers;
mod leak;
mod month;
pub mod outage;
mod past;
mod people;
mod reports;
mod scene;
mod sync_failure;

#[cfg(test)]
mod tests;

pub use people::people;
pub use scene::Line;

use crate::log::Log;
use crate::store::{Store, StoreError};
use app::api::{ApiError, Outcome};
use chrono::Duration;
use domain::{CommandId, Refusal, Time};

/// Why the demo could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The database would not.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The log would not.
    #[error("the log did not take the demo: {0}")]
    Log(#[from] ApiError),
    /// The script breaks a rule: a fault of ours.
    #[error("the demo's command {command} of {by} was refused: {refusal} It was: {was}")]
    Refused {
        /// Which command.
        command: CommandId,
        /// Who sent it.
        by: String,
        /// Why it was refused.
        refusal: Refusal,
        /// The command as it was sent.
        was: String,
    },
    /// Some commands have no answer.
    #[error("the log answered {answered} of the demo's {sent} commands")]
    Unanswered {
        /// Commands sent.
        sent: usize,
        /// Answers given.
        answered: usize,
    },
}

/// Every command of the demo, oldest first, timed around `now`.
#[must_use]
pub fn script(now: Time) -> Vec<Line> {
    let mut lines = [
        outage::live(1, now),
        leak::live(2, now),
        sync_failure::live(3, now),
        reports::open(4, now),
        reports::dismissed(6, now),
        past::month(100, now),
    ]
    .concat();
    // Stable: what one scene sends in the same second stays in the order it is told.
    lines.sort_by_key(|line| line.at);
    let first = lines.first().map_or(now, |line| line.at);
    lines.insert(0, approvers::named(99, first - Duration::minutes(1)));
    lines
}

/// Puts the demo and its people onto an empty log. Does nothing when the log holds anything.
///
/// # Errors
/// [`DemoError`]; the database should then be thrown away.
pub async fn load(log: &Log, store: &dyn Store, now: Time) -> Result<(), DemoError> {
    if store.head().await? > 0 {
        return Ok(());
    }
    for account in people() {
        // An earlier start may have added them and stopped before it wrote the log.
        let _added: bool = log.people().add_account(account).await?;
    }
    accounts::put(store, now).await?;
    let lines = script(now);
    let commands = lines
        .iter()
        .cloned()
        .map(|l| (l.by, l.envelope, l.at))
        .collect();
    let answers = log.replay_all(commands).await?;
    if answers.len() != lines.len() {
        return Err(DemoError::Unanswered {
            sent: lines.len(),
            answered: answers.len(),
        });
    }
    for (line, answer) in lines.into_iter().zip(answers) {
        if let Outcome::Refused { refusal } = answer.outcome {
            return Err(DemoError::Refused {
                command: line.envelope.id,
                by: line.by.name,
                refusal,
                was: format!("{:?}", line.envelope.command),
            });
        }
    }
    Ok(())
}
