//! Where an incident stands (RUNBOOK §7).

use serde::{Deserialize, Serialize};

/// One step at a time, each with its gate ([`crate::gate`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Customers are hurt and it may spread.
    Active,
    /// It no longer spreads.
    Contained,
    /// Customers can work again.
    Mitigated,
    /// Checked, and the cause stated.
    Resolved,
    /// Everything owed is done or promised with a date.
    Closed,
}

impl Status {
    /// In the order they are reached.
    pub const ALL: [Self; 5] = [
        Self::Active,
        Self::Contained,
        Self::Mitigated,
        Self::Resolved,
        Self::Closed,
    ];

    /// As shown.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::Contained => "Contained",
            Self::Mitigated => "Mitigated",
            Self::Resolved => "Resolved",
            Self::Closed => "Closed",
        }
    }

    /// The step after this one.
    #[must_use]
    pub fn next(self) -> Option<Self> {
        match self {
            Self::Active => Some(Self::Contained),
            Self::Contained => Some(Self::Mitigated),
            Self::Mitigated => Some(Self::Resolved),
            Self::Resolved => Some(Self::Closed),
            Self::Closed => None,
        }
    }
}
