//! Customers an incident touches, and what is decided for each (RUNBOOK §8, §9).

mod field;
mod id;
mod name;

pub use field::CustomerField;
pub use id::{CustomerId, CustomerRef};

use crate::{AccountId, EntryId, PersonRef, Time};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// How likely it is that a customer leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChurnRisk {
    /// Not worried.
    Low,
    /// Watch it.
    Medium,
    /// Act now.
    High,
}

impl ChurnRisk {
    /// Mildest first.
    pub const ALL: [Self; 3] = [Self::Low, Self::Medium, Self::High];

    /// As shown.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// A customer on the incident, as the team knows them. Said again, the newer one counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Customer {
    /// Which customer. Always set on an incident; not set in what an older build sent.
    #[serde(default, skip_serializing_if = "CustomerId::is_unset")]
    pub id: CustomerId,
    /// Their name as on the incident.
    pub name: String,
    /// E.g. "Strategic", "Growth".
    pub tier: String,
    /// Whole units of [`Customer::currency`], a year.
    pub annual_revenue: u64,
    /// When the contract renews.
    pub renews_on: Option<NaiveDate>,
    /// What they see.
    pub sees: String,
    /// Before the incident, −2…+2.
    pub sentiment_before: Option<i8>,
    /// Now, −2…+2.
    pub sentiment_now: Option<i8>,
    /// Before the incident.
    pub churn_before: Option<ChurnRisk>,
    /// Now.
    pub churn_now: Option<ChurnRisk>,
    /// Why the risk is what it is now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub churn_reason: Option<String>,
    /// Which account it is; none for who is known by name only. An entry may be joined to an account
    /// later, and is never moved to another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
    /// ISO 4217, of the revenue; the policy's for those noted before it was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// What they pay a month, in the same currency; no credit for a month is above it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub monthly_fee: Option<Money>,
    /// When they were first hurt, where that is not when the incident's impact began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub impact_from: Option<Time>,
    /// When they were well again, where that is not when the incident's impact ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub impact_to: Option<Time>,
    /// Where the deal with them stands, e.g. "Renewal: negotiation".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deal_stage: Option<String>,
}

impl Customer {
    /// Whether this line of an incident is that customer: by its own id or by its account.
    #[must_use]
    pub fn is(&self, id: CustomerId) -> bool {
        id.is_set() && (self.id == id || self.account.map(CustomerId::Account) == Some(id))
    }

    /// The short form that the record keeps.
    #[must_use]
    pub fn to_ref(&self) -> CustomerRef {
        CustomerRef::new(self.id, &self.name)
    }
}

/// Which account bore a name on the day when customers got ids.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bearer {
    /// As an older event has it.
    pub name: String,
    /// None where no account bore it.
    pub account: Option<AccountId>,
}

/// What these customers pay a year, summed up for each currency by itself: nobody knows the rate
/// on the day it is read. `home` is the policy's currency and comes first.
#[must_use]
pub fn revenues(customers: &[Customer], home: &str) -> Vec<(String, u64)> {
    let mut sums = vec![(home.to_owned(), 0_u64)];
    for customer in customers {
        let currency = customer.currency.as_deref().unwrap_or(home);
        match sums.iter_mut().find(|(c, _)| c == currency) {
            Some((_, sum)) => *sum = sum.saturating_add(customer.annual_revenue),
            None => sums.push((currency.to_owned(), customer.annual_revenue)),
        }
    }
    sums.retain(|(_, sum)| *sum > 0);
    sums
}

/// The deal with a customer moved on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DealMove {
    /// Whose.
    pub customer: CustomerRef,
    /// Where it stood, as far as the incident knew.
    pub from: Option<String>,
    /// Where it stands since.
    pub to: String,
    /// By whom it was said.
    pub by: PersonRef,
    /// When, server time.
    pub at: Time,
}

/// Exact money: whole minor units (cents) of a currency. Never a float.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Money {
    /// ISO 4217, e.g. "EUR".
    pub currency: String,
    /// In the currency's minor unit.
    pub minor: u64,
}

/// What a customer gets for the trouble.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Credit {
    /// An amount off the bill.
    Granted {
        /// How much.
        amount: Money,
        /// Why this much.
        reason: String,
    },
    /// Days added to the end of the contract.
    Extension {
        /// How many.
        days: u32,
        /// Why.
        reason: String,
    },
    /// Days of service of ours.
    ServiceDays {
        /// How many.
        days: u32,
        /// Why.
        reason: String,
    },
    /// Nothing, and why.
    None {
        /// Why.
        reason: String,
    },
}

impl Credit {
    /// As shown, without the reason.
    #[must_use]
    pub fn label(&self) -> String {
        match self {
            Self::Granted { amount, .. } => format!("Credit {}", amount.shown()),
            Self::Extension { days, .. } => format!("Contract extended by {days} days"),
            Self::ServiceDays { days, .. } => format!("{days} days of service"),
            Self::None { .. } => "No credit".to_owned(),
        }
    }

    /// Why.
    #[must_use]
    pub fn reason(&self) -> &str {
        match self {
            Self::Granted { reason, .. }
            | Self::Extension { reason, .. }
            | Self::ServiceDays { reason, .. }
            | Self::None { reason } => reason,
        }
    }
}

/// What an approver says to a proposal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Judgement {
    /// So be it.
    Approve,
    /// No.
    Reject {
        /// Why.
        reason: String,
    },
    /// Something else instead.
    Change {
        /// What.
        credit: Credit,
        /// Why.
        reason: String,
    },
}

/// A credit that somebody proposed, until another person judges it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreditProposal {
    /// The line of it.
    pub id: EntryId,
    /// Whose.
    pub customer: CustomerRef,
    /// What they would get.
    pub credit: Credit,
    /// How it was worked out.
    pub working: Option<String>,
    /// Who must approve it, by the matrix: "VP".
    pub approver: String,
    /// By whom.
    pub by: PersonRef,
    /// When, server time.
    pub at: Time,
    /// What was said to it, and by whom.
    pub judged: Option<(Judgement, PersonRef)>,
}

/// A decision about credit, kept with who made it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreditDecision {
    /// Whose.
    pub customer: CustomerRef,
    /// What was decided.
    pub credit: Credit,
    /// By whom.
    pub by: PersonRef,
    /// When, server time.
    pub at: Time,
}
