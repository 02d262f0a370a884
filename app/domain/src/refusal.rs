//! Why a command was not carried out. A value, never an error page: it goes back to its
//! author with every word they typed (S4).

use crate::gate::Need;
use crate::shown::Shown as _;
use crate::{Status, Time};
use serde::{Deserialize, Serialize};

/// The reason a command was refused, in terms its author can act on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// There is no such incident.
    #[error("This incident does not exist.")]
    NoSuchIncident,
    /// The id is taken: an incident is opened once.
    #[error("This incident already exists.")]
    AlreadyExists,
    /// The command asks for something the incident's stage does not allow.
    #[error("{why}")]
    OutOfOrder {
        /// What stands in the way and what to do instead.
        why: String,
    },
    /// A field does not hold what it should.
    #[error("{field} {problem}.")]
    Invalid {
        /// Which field, in the words of its label.
        field: String,
        /// What is wrong with it, fit to follow the field's name.
        problem: String,
    },
    /// The gate to the next status is shut.
    #[error("{} needs {} more.", .to.label(), missing.len())]
    GateShut {
        /// Where the step leads.
        to: Status,
        /// What is missing, each with where it is supplied.
        missing: Vec<Need>,
    },
    /// Somebody else did it first.
    #[error("{by} {did} at {} UTC while you were writing. Read it, then send yours again if it is still needed.", .at.shown("%H:%M"))]
    Superseded {
        /// Who was first.
        by: String,
        /// What they did: "published update 3".
        did: String,
        /// When, server time.
        at: Time,
    },
    /// One person would wear two of the three hats that must be apart.
    #[error(
        "{person} already is {holds}. On a {severity} these are different people; give a reason to let one person do both."
    )]
    TwoHats {
        /// Who.
        person: String,
        /// What they hold.
        holds: String,
        /// Why it matters.
        severity: String,
    },
    /// Only somebody else can do this.
    #[error("{why}")]
    NotYours {
        /// Who can.
        why: String,
    },
}

impl Refusal {
    /// A field that does not hold what it should; `problem` follows the field's name.
    pub fn invalid(field: impl Into<String>, problem: impl Into<String>) -> Self {
        Self::Invalid {
            field: field.into(),
            problem: problem.into(),
        }
    }

    /// A command at the wrong time; `why` says what to do instead.
    pub fn out_of_order(why: impl Into<String>) -> Self {
        Self::OutOfOrder { why: why.into() }
    }
}
