//! Five questions and what the severity matrix makes of the answers (RUNBOOK §2).

use crate::text::line;
use crate::{Policy, Refusal, Severity};
use serde::{Deserialize, Serialize};

/// How many users are hit. Unsure counts as the worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Users {
    /// Nobody.
    None,
    /// A few.
    Some,
    /// Many.
    Many,
    /// Everybody.
    All,
    /// Nobody knows yet.
    Unsure,
}

impl Users {
    /// In the order offered.
    pub const ALL: [Self; 5] = [Self::None, Self::Some, Self::Many, Self::All, Self::Unsure];

    /// As shown.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Some => "some",
            Self::Many => "many",
            Self::All => "all",
            Self::Unsure => "unsure",
        }
    }
}

/// How sure it is that data leaked or somebody broke in. Unsure counts as the worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Risk {
    /// No sign of it.
    None,
    /// Signs of it.
    Suspected,
    /// It is so.
    Confirmed,
    /// Nobody knows yet.
    Unsure,
}

impl Risk {
    /// In the order offered.
    pub const ALL: [Self; 4] = [Self::None, Self::Suspected, Self::Confirmed, Self::Unsure];

    /// As shown.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Suspected => "suspected",
            Self::Confirmed => "confirmed",
            Self::Unsure => "unsure",
        }
    }
}

/// Yes or no. Unsure counts as yes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum YesNo {
    /// No.
    No,
    /// Yes.
    Yes,
    /// Nobody knows yet.
    Unsure,
}

impl YesNo {
    /// In the order offered.
    pub const ALL: [Self; 3] = [Self::No, Self::Yes, Self::Unsure];

    /// As shown.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::No => "no",
            Self::Yes => "yes",
            Self::Unsure => "unsure",
        }
    }
}

/// The answers. What was not answered counts for nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Triage {
    /// How many users are hit.
    pub users: Option<Users>,
    /// Of a hundred users, where it is known.
    pub percent: Option<u8>,
    /// Whether data is at risk.
    pub data: Option<Risk>,
    /// Whether there are signs of an attack.
    pub security: Option<Risk>,
    /// Whether executives are watching.
    pub executive: Option<YesNo>,
    /// Whether a strategic customer is hit.
    pub strategic: Option<YesNo>,
}

/// One line of the matrix. It fires when every condition that is set holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeverityRule {
    /// In words, shown when it fires.
    pub name: String,
    /// What it proposes.
    pub severity: Severity,
    /// At least this many users.
    pub users: Option<Users>,
    /// At least this many of a hundred users.
    pub percent: Option<u8>,
    /// At least this much risk to data.
    pub data: Option<Risk>,
    /// At least these signs of an attack.
    pub security: Option<Risk>,
    /// Executives are watching.
    pub executive: bool,
    /// A strategic customer is hit.
    pub strategic: bool,
}

impl SeverityRule {
    /// A rule without conditions; it never fires until one is set.
    #[must_use]
    pub fn new(severity: Severity, name: &str) -> Self {
        Self {
            name: name.to_owned(),
            severity,
            users: None,
            percent: None,
            data: None,
            security: None,
            executive: false,
            strategic: false,
        }
    }

    /// Whether any condition is set.
    #[must_use]
    pub fn has_condition(&self) -> bool {
        self.users.is_some()
            || self.percent.is_some()
            || self.data.is_some()
            || self.security.is_some()
            || self.executive
            || self.strategic
    }

    /// Tidied, and fit to be put in force: it has a name, and a condition that not every answer
    /// meets.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] that names the rule and says what to do.
    pub fn checked(self) -> Result<Self, Refusal> {
        const FIELD: &str = "Severity rule";
        let name = line(FIELD, &self.name)?;
        let wrong = |problem| Err(Refusal::invalid(FIELD, format!("“{name}” {problem}")));
        if !self.has_condition() {
            return wrong("needs at least one condition");
        }
        if self.percent.is_some_and(|n| !(1..=100).contains(&n)) {
            return wrong("needs a share of users between 1 and 100 %");
        }
        let risks = [self.data, self.security];
        if self.users == Some(Users::None) || risks.contains(&Some(Risk::None)) {
            return wrong("asks for “none” or more, which always holds; leave that condition out");
        }
        Ok(Self { name, ..self })
    }

    fn fires(&self, t: &Triage) -> bool {
        self.has_condition()
            && self.users.is_none_or(|u| t.users >= Some(u))
            && self.percent.is_none_or(|p| t.percent >= Some(p))
            && self.data.is_none_or(|r| t.data >= Some(r))
            && self.security.is_none_or(|r| t.security >= Some(r))
            && (!self.executive || t.executive >= Some(YesNo::Yes))
            && (!self.strategic || t.strategic >= Some(YesNo::Yes))
    }
}

/// The matrix as shipped.
#[must_use]
pub fn shipped_rules() -> Vec<SeverityRule> {
    use Severity::{Sev1, Sev2};
    let rule = SeverityRule::new;
    vec![
        SeverityRule {
            data: Some(Risk::Confirmed),
            ..rule(Sev1, "Data is confirmed to be exposed")
        },
        SeverityRule {
            security: Some(Risk::Confirmed),
            ..rule(Sev1, "A break-in is confirmed")
        },
        SeverityRule {
            data: Some(Risk::Suspected),
            security: Some(Risk::Suspected),
            ..rule(
                Sev1,
                "Signs of an attack and data at risk: taken as true until shown otherwise",
            )
        },
        SeverityRule {
            users: Some(Users::All),
            ..rule(Sev1, "Broad outage: all users are hit")
        },
        SeverityRule {
            percent: Some(10),
            ..rule(Sev1, "Broad outage: 10 % of users or more are hit")
        },
        SeverityRule {
            users: Some(Users::Many),
            strategic: true,
            ..rule(Sev1, "A strategic customer is stopped")
        },
        SeverityRule {
            users: Some(Users::Many),
            ..rule(Sev2, "A major function is degraded for many users")
        },
        SeverityRule {
            users: Some(Users::Some),
            strategic: true,
            ..rule(Sev2, "A key customer is blocked")
        },
        SeverityRule {
            security: Some(Risk::Suspected),
            ..rule(Sev2, "Signs of an attack")
        },
        SeverityRule {
            data: Some(Risk::Suspected),
            ..rule(Sev2, "Data may be at risk")
        },
        SeverityRule {
            users: Some(Users::Some),
            executive: true,
            ..rule(Sev2, "Some users are hit and executives are watching")
        },
    ]
}

/// What the matrix proposes, and which of its rules says so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// How bad.
    pub severity: Severity,
    /// The rule that fired, in words.
    pub rule: String,
}

/// The worst severity that any rule asks for; of those, the rule that stands first. None while
/// no question is answered.
#[must_use]
pub fn propose(triage: &Triage, policy: &Policy) -> Option<Proposal> {
    if *triage == Triage::default() {
        return None;
    }
    let mut best: Option<&SeverityRule> = None;
    for rule in policy.severity_rules.iter().filter(|r| r.fires(triage)) {
        // `Sev1` is the smallest.
        if best.is_none_or(|b| rule.severity < b.severity) {
            best = Some(rule);
        }
    }
    Some(best.map_or_else(
        || Proposal {
            severity: Severity::Sev3,
            rule: "No rule for more fires".to_owned(),
        },
        |rule| Proposal {
            severity: rule.severity,
            rule: rule.name.clone(),
        },
    ))
}
