//! Talking with a customer, and what is agreed with them: calls and the recovery plan
//! (RUNBOOK §9).

use crate::customer::CustomerRef;
use crate::{EntryId, PersonRef, Time};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// Which call it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallKind {
    /// With the people who use the product.
    Briefing,
    /// With their executives.
    Executive,
}

impl CallKind {
    /// In the order offered.
    pub const ALL: [Self; 2] = [Self::Briefing, Self::Executive];

    /// As shown.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Briefing => "briefing",
            Self::Executive => "executive call",
        }
    }
}

/// What became of a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallEnd {
    /// It was held.
    Held {
        /// What was said.
        notes: String,
    },
    /// It was called off.
    CalledOff {
        /// Why.
        reason: String,
    },
}

/// A call with a customer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// The line that scheduled it.
    pub id: EntryId,
    /// With whom it is.
    pub customer: CustomerRef,
    /// Which call.
    pub kind: CallKind,
    /// With whom: "their CFO".
    pub with: String,
    /// When.
    pub at: Time,
    /// Whether there is one every day, until it is called off or the incident is closed.
    pub daily: bool,
    /// When it was scheduled, server time.
    pub scheduled_at: Time,
    /// What became of it, and when that was written down.
    pub end: Option<(CallEnd, Time)>,
}

/// Who does a step of the recovery plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// One of us.
    Ours {
        /// Who.
        person: PersonRef,
    },
    /// One of theirs.
    Theirs {
        /// Who.
        name: String,
    },
}

impl Side {
    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Ours { person } => &person.name,
            Self::Theirs { name } => name,
        }
    }
}

/// One step of an account's recovery plan (MAP).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanStep {
    /// The line that added it.
    pub id: EntryId,
    /// Whose plan it is part of.
    pub customer: CustomerRef,
    /// What is done.
    pub what: String,
    /// By whom.
    pub side: Side,
    /// By when.
    pub due_on: NaiveDate,
    /// What was done, and when that was written down.
    pub done: Option<(String, Time)>,
}
