//! The five roles and who sits in them (RUNBOOK §3).

use crate::policy::minutes;
use crate::{PersonId, PersonRef, Time};
use serde::{Deserialize, Serialize};

/// The five role cards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Flow, decisions, the timeline, the status.
    Commander,
    /// Technical triage and the fix.
    Engineering,
    /// Customer and internal updates, the cadence.
    Comms,
    /// Customer briefings, sentiment, credits.
    CsSales,
    /// Shields the team, aligns on risk, approves.
    Sponsor,
}

impl Role {
    /// In the order of the cards.
    pub const ALL: [Self; 5] = [
        Self::Commander,
        Self::Engineering,
        Self::Comms,
        Self::CsSales,
        Self::Sponsor,
    ];

    /// The three that must be three different people on a SEV-1 and SEV-2.
    pub const APART: [Self; 3] = [Self::Commander, Self::Engineering, Self::Comms];

    /// The four that are named first, within a time of the policy (RUNBOOK §3).
    pub const CORE: [Self; 4] = [
        Self::Commander,
        Self::Comms,
        Self::Engineering,
        Self::CsSales,
    ];

    /// As shown.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Commander => "Incident Commander",
            Self::Engineering => "Engineering Owner",
            Self::Comms => "Comms Lead",
            Self::CsSales => "CS/Sales Owner",
            Self::Sponsor => "Executive Sponsor",
        }
    }

    /// For narrow places.
    #[must_use]
    pub fn short(self) -> &'static str {
        match self {
            Self::Commander => "IC",
            Self::Engineering => "Eng",
            Self::Comms => "Comms",
            Self::CsSales => "CS/Sales",
            Self::Sponsor => "Sponsor",
        }
    }

    /// What the role owns, in one line.
    #[must_use]
    pub fn owns(self) -> &'static str {
        match self {
            Self::Commander => "flow, decisions, the timeline, the status",
            Self::Engineering => "technical triage and the fix",
            Self::Comms => "customer and internal updates, on the cadence",
            Self::CsSales => "customer briefings, sentiment, credits",
            Self::Sponsor => "shields the team, aligns on risk, approves",
        }
    }

    /// Whether it is one of the three that must be three people.
    #[must_use]
    pub fn is_apart(self) -> bool {
        Self::APART.contains(&self)
    }
}

/// One role card: who holds it, who was asked, and all that went before.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seat {
    /// Who accepted, since when.
    pub holder: Option<Holder>,
    /// Who is asked and has not answered.
    pub offer: Option<Offer>,
    /// When anybody first accepted, since it was last left empty: the "named" clocks stop here.
    pub first_accepted_at: Option<Time>,
    /// Every answer and hand-over, oldest first.
    pub history: Vec<Turn>,
    /// Who sits beside it to learn. Shadows own nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shadows: Vec<PersonRef>,
    /// When it was last left without a successor: the "named" clocks start again here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vacated_at: Option<Time>,
}

/// The person in the seat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Who.
    pub person: PersonRef,
    /// Since when, server time.
    pub accepted_at: Time,
    /// Why this person may wear a second hat; shown on both cards.
    pub two_hats: Option<String>,
}

/// A seat offered to somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// Who is asked.
    pub person: PersonRef,
    /// By whom.
    pub by: PersonRef,
    /// When, server time; the accept clock starts here.
    pub offered_at: Time,
    /// Why this person may wear a second hat.
    pub two_hats: Option<String>,
    /// What the one before leaves to the next, when this is a hand-over.
    pub note: Option<String>,
}

/// One answer to one offer, kept for good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    /// The offer that was answered.
    pub offer: Offer,
    /// When, server time.
    pub ended_at: Time,
    /// How it ended.
    pub answer: Answer,
}

impl Turn {
    /// Whether the person had not answered when their `accept_min` minutes to do so were over (RUNBOOK §3).
    #[must_use]
    pub fn is_overdue(&self, accept_min: u32) -> bool {
        self.ended_at > self.offer.offered_at + minutes(accept_min)
    }
}

/// How an offer ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// The person took the seat, from this holder if there was one.
    Accepted {
        /// Who held it before.
        from: Option<PersonRef>,
    },
    /// The person said no, with a reason if they gave one.
    Declined {
        /// Why.
        reason: Option<String>,
    },
    /// Somebody else was offered the seat before the person answered.
    Replaced,
    /// The offer was taken back before the person answered.
    Withdrawn {
        /// Why.
        reason: String,
    },
    /// The holder left the seat empty, or could not be reached any more.
    Vacated {
        /// Why.
        reason: String,
    },
}

impl Seat {
    /// Whether this person accepted the seat.
    #[must_use]
    pub fn held_by(&self, person: PersonId) -> bool {
        self.holder.as_ref().is_some_and(|h| h.person.id == person)
    }

    /// Whether this person sits beside the seat.
    #[must_use]
    pub fn shadowed_by(&self, person: PersonId) -> bool {
        self.shadows.iter().any(|s| s.id == person)
    }

    /// Whether this person is asked.
    #[must_use]
    pub fn offered_to(&self, person: PersonId) -> bool {
        self.offer.as_ref().is_some_and(|o| o.person.id == person)
    }
}
