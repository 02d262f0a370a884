//! The timeline: append-only, each line with who, when it happened and when it was written
//! (RUNBOOK §6).

use crate::{EntryId, PersonRef, Time};
use serde::{Deserialize, Serialize};

/// What a line tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// Something may be wrong.
    Report,
    /// Somebody chose.
    Decision,
    /// Somebody did something.
    Action,
    /// Somebody saw something.
    Observation,
    /// A try, with its result.
    Attempt,
    /// Somebody was told.
    Communication,
    /// The incident moved.
    Status,
    /// A role was offered, taken, declined or handed over.
    Role,
    /// Something about a customer.
    Customer,
    /// Proof.
    Evidence,
    /// The product noted it.
    System,
}

impl EntryKind {
    /// The kinds a person may log by hand; the others are written by commands of their own.
    pub const BY_HAND: [Self; 6] = [
        Self::Action,
        Self::Attempt,
        Self::Observation,
        Self::Decision,
        Self::Communication,
        Self::Customer,
    ];

    /// As shown.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Report => "report",
            Self::Decision => "decision",
            Self::Action => "action",
            Self::Observation => "observation",
            Self::Attempt => "attempt",
            Self::Communication => "communication",
            Self::Status => "status",
            Self::Role => "role",
            Self::Customer => "customer",
            Self::Evidence => "evidence",
            Self::System => "system",
        }
    }
}

/// Whether it worked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It did what it should.
    Worked,
    /// It did not.
    Failed,
    /// Neither, or not yet known.
    Unclear,
}

/// What came of an action, an attempt or a decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcomed {
    /// What was seen.
    pub text: String,
    /// Whether it worked.
    pub outcome: Outcome,
}

/// A correction that stays beside what it corrects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amendment {
    /// The text as it should read.
    pub text: String,
    /// Why it was changed.
    pub reason: String,
    /// By whom.
    pub by: PersonRef,
    /// When, server time.
    pub at: Time,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The command that wrote it.
    pub id: EntryId,
    /// When it happened: claimed by its author, never later than `recorded_at`.
    pub happened_at: Time,
    /// When the server wrote it down.
    pub recorded_at: Time,
    /// Who wrote it.
    pub by: PersonRef,
    /// What it tells of.
    pub kind: EntryKind,
    /// The text as first written.
    pub text: String,
    /// What came of it, when known.
    pub result: Option<Outcomed>,
    /// Where to look.
    pub links: Vec<String>,
    /// Corrections, oldest first.
    pub amendments: Vec<Amendment>,
    /// Whether customers were told this.
    pub told: bool,
    /// What the server's clock said when it was written, where it was ahead and was set right since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stamped_at: Option<Time>,
}

/// An entry is late when it was written this long after it happened; both times are shown then.
pub const LATE_AFTER_SECONDS: i64 = 120;

impl Entry {
    /// The text in force.
    #[must_use]
    pub fn current_text(&self) -> &str {
        self.amendments.last().map_or(&self.text, |a| &a.text)
    }

    /// Whether it was written so long after it happened that both times are shown.
    #[must_use]
    pub fn is_late(&self) -> bool {
        (self.recorded_at - self.happened_at).num_seconds() > LATE_AFTER_SECONDS
    }
}
