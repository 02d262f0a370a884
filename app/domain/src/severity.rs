//! How bad it is (RUNBOOK §1).

use serde::{Deserialize, Serialize};

/// SEV-1 is the worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Broad outage, confirmed security or data exposure, or a strategic customer fully stopped.
    Sev1,
    /// A major function degraded, or one key customer blocked.
    Sev2,
    /// Limited, with a workaround.
    Sev3,
}

impl Severity {
    /// Worst first.
    pub const ALL: [Self; 3] = [Self::Sev1, Self::Sev2, Self::Sev3];

    /// As people write it: `SEV-1`.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Sev1 => "SEV-1",
            Self::Sev2 => "SEV-2",
            Self::Sev3 => "SEV-3",
        }
    }

    /// One line that helps to choose.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Sev1 => {
                "Broad outage, data or security exposed, or a strategic customer fully stopped"
            }
            Self::Sev2 => "A major function degraded, or one key customer blocked",
            Self::Sev3 => "Limited, with a workaround",
        }
    }

    /// Whether the rules for high severity apply: three different people, executive briefs.
    #[must_use]
    pub fn is_high(self) -> bool {
        self != Self::Sev3
    }
}
