//! What is tried while the cause is looked for: hypotheses, and other parties that are asked
//! (RUNBOOK §6).

use crate::{EntryId, PersonRef, Time};
use serde::{Deserialize, Serialize};

/// How a hypothesis ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It was so.
    Confirmed,
    /// It was not so.
    Rejected,
    /// It was not worth more time.
    Abandoned,
}

impl Verdict {
    /// In the order offered.
    pub const ALL: [Self; 3] = [Self::Confirmed, Self::Rejected, Self::Abandoned];

    /// As shown.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Rejected => "rejected",
            Self::Abandoned => "abandoned",
        }
    }
}

/// What came of a hypothesis.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conclusion {
    /// How it ended.
    pub verdict: Verdict,
    /// What shows it.
    pub because: String,
    /// By whom.
    pub by: PersonRef,
    /// When, server time.
    pub at: Time,
}

/// A guess at the cause that somebody follows for a limited time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hypothesis {
    /// The line that opened it.
    pub id: EntryId,
    /// What may be so.
    pub statement: String,
    /// Who follows it.
    pub owner: PersonRef,
    /// For how long, minutes.
    pub timebox_min: u32,
    /// When it was opened, server time.
    pub opened_at: Time,
    /// What was tried, oldest first: lines of the timeline.
    pub attempts: Vec<EntryId>,
    /// What came of it.
    pub conclusion: Option<Conclusion>,
}

/// Somebody outside of the five roles who must act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Party {
    /// Lawyers.
    Legal,
    /// The security team.
    Security,
    /// Data protection.
    Privacy,
    /// Whose product or service we use.
    Vendor,
    /// The press office.
    PublicRelations,
}

impl Party {
    /// In the order offered.
    pub const ALL: [Self; 5] = [
        Self::Legal,
        Self::Security,
        Self::Privacy,
        Self::Vendor,
        Self::PublicRelations,
    ];

    /// As shown.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Legal => "Legal",
            Self::Security => "Security",
            Self::Privacy => "Privacy",
            Self::Vendor => "Vendor",
            Self::PublicRelations => "PR",
        }
    }
}

/// Something a party was asked, and how far it got.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// The line that asked.
    pub id: EntryId,
    /// Which party.
    pub party: Party,
    /// Who there: a name, a firm.
    pub whom: String,
    /// What is asked.
    pub what: String,
    /// By whom.
    pub by: PersonRef,
    /// When, server time; its clock starts here.
    pub asked_at: Time,
    /// Minutes to acknowledge it, by the severity and the policy then.
    pub due_min: u32,
    /// When they said that they have it. An answer says so too.
    pub acknowledged_at: Option<Time>,
    /// What they answered.
    pub answer: Option<String>,
}

/// Word to colleagues. Kept apart from what customers are told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InternalUpdate {
    /// The line of it.
    pub id: EntryId,
    /// To whom: "Support and Sales".
    pub to: String,
    /// What they are told.
    pub text: String,
    /// By whom.
    pub by: PersonRef,
    /// When, server time.
    pub at: Time,
}
