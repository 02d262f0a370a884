//! The numbers an administrator can change; shown to everybody (RUNBOOK, "this page states
//! the rules").

use crate::approval::{self, ApprovalRow};
use crate::triage::{SeverityRule, shipped_rules};
use crate::zone::Zone;
use crate::{Event, Incident, IncidentNumber, Recorded, Severity};
use chrono::{Duration, NaiveDate};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The policy in force. Times are minutes unless the name says otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Policy {
    /// Counts up with each change.
    pub version: u32,
    /// The name on the public status page.
    pub page_name: String,
    /// ISO 4217; what revenue, credits and the bounds of the credit matrix are counted in.
    pub currency: String,
    /// What customers know the service by, in the order of the page.
    pub components: Vec<String>,
    /// What an incident channel's name starts with.
    pub channel_prefix: String,
    /// Report to declared or dismissed.
    pub triage_min: u32,
    /// Declaration to an accepted commander.
    pub commander_min: u32,
    /// Declaration to the four core roles accepted.
    pub core_roles_min: u32,
    /// Declaration to an accepted sponsor (SEV-1).
    pub sponsor_min: u32,
    /// Offer to answer.
    pub accept_min: u32,
    /// Declaration to the first customer update.
    pub first_update_min: u32,
    /// Longest silence between customer updates, per severity, worst first.
    pub cadence_min: [u32; 3],
    /// Declaration to the first executive brief.
    pub first_brief_min: u32,
    /// One executive brief to the next.
    pub brief_every_min: u32,
    /// Resolution to the post-mortem held. Business days.
    pub post_mortem_business_days: u32,
    /// Days that are no business days, beside weekends.
    pub holidays: Vec<NaiveDate>,
    /// Where business days are counted.
    pub zone: Zone,
    /// The severity matrix, worst first.
    pub severity_rules: Vec<SeverityRule>,
    /// Whether the commander approves customer updates before they are published, per severity,
    /// worst first.
    pub approve_updates: [bool; 3],
    /// Whether the commander approves executive briefs before they are published.
    pub approve_briefs: bool,
    /// What a hypothesis gets when no other time is set.
    pub hypothesis_min: u32,
    /// Asked to acknowledged, for legal, security and the other parties; per severity, worst first.
    pub response_min: [u32; 3],
    /// A commander is relieved after this long, or says why not.
    pub relief_min: u32,
    /// Resolution to the post-mortem booked. Business days.
    pub booked_business_days: u32,
    /// Resolution to a credit decision for every customer. Business days.
    pub credit_business_days: u32,
    /// Who approves which credit, by amount.
    pub credit_matrix: Vec<ApprovalRow>,
    /// Words that customers would not know; marked in updates, beside those that ship.
    pub jargon: Vec<String>,
    /// Names of hosts, teams and tools that stay inside; marked in updates.
    pub internal_names: Vec<String>,
}

impl Default for Policy {
    /// As shipped: the numbers of RUNBOOK §3 and §4.
    fn default() -> Self {
        Self {
            version: 1,
            page_name: "Acme".to_owned(),
            currency: "EUR".to_owned(),
            components: ["Checkout", "Sign-in", "Data sync", "Reporting"]
                .map(str::to_owned)
                .to_vec(),
            channel_prefix: "#".to_owned(),
            triage_min: 15,
            commander_min: 15,
            core_roles_min: 30,
            sponsor_min: 60,
            accept_min: 5,
            first_update_min: 60,
            cadence_min: [60, 120, 24 * 60],
            first_brief_min: 60,
            brief_every_min: 4 * 60,
            post_mortem_business_days: 5,
            holidays: Vec::new(),
            zone: Zone::default(),
            severity_rules: shipped_rules(),
            approve_updates: [true, false, false],
            approve_briefs: true,
            hypothesis_min: 30,
            response_min: [30, 60, 240],
            relief_min: 6 * 60,
            booked_business_days: 1,
            credit_business_days: 3,
            credit_matrix: approval::shipped("EUR"),
            jargon: Vec::new(),
            internal_names: Vec::new(),
        }
    }
}

impl Policy {
    /// The longest time that a clock may be set to: 90 days, in minutes.
    pub const MINUTES_MAX: u32 = 90 * 24 * 60;
    /// The longest time that a hypothesis may have: 7 days, in minutes.
    pub const TIMEBOX_MAX_MIN: u32 = 7 * 24 * 60;
    /// The longest time that is counted in business days.
    pub const BUSINESS_DAYS_MAX: u32 = 60;
    /// No policy needs more rules, components, holidays, words or shifts of the clock than this.
    pub const ITEMS_MAX: usize = 500;

    /// The longest silence that this severity allows, minutes.
    #[must_use]
    pub fn cadence_min_for(&self, severity: Severity) -> u32 {
        per(self.cadence_min, severity)
    }

    /// Asked to acknowledged, minutes.
    #[must_use]
    pub fn response_min_for(&self, severity: Severity) -> u32 {
        per(self.response_min, severity)
    }

    /// Whether the commander approves updates of this severity before they are published.
    #[must_use]
    pub fn approves_updates(&self, severity: Severity) -> bool {
        per(self.approve_updates, severity)
    }

    /// The incident channel's name, by the policy's convention:
    /// `#inc-2026-0042-checkout-errors`.
    #[must_use]
    pub fn channel(&self, number: IncidentNumber, title: &str) -> String {
        let mut words: Vec<String> = Vec::new();
        for word in title
            .split(|c: char| !c.is_alphanumeric())
            .filter(|w| !w.is_empty())
            .take(2)
        {
            words.push(word.to_lowercase());
        }
        format!(
            "{}{}-{}",
            self.channel_prefix,
            number.to_string().to_lowercase(),
            words.join("-")
        )
        .trim_end_matches('-')
        .to_owned()
    }
}

fn per<T: Copy>(each: [T; 3], severity: Severity) -> T {
    let [sev1, sev2, sev3] = each;
    match severity {
        Severity::Sev1 => sev1,
        Severity::Sev2 => sev2,
        Severity::Sev3 => sev3,
    }
}

/// The versions of the policy: on the server all there ever were, in a browser those that its incidents go by and
/// the one in force. An incident keeps the one it was declared under, but
/// for who approves its credits ([`Policies::of`]).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<Arc<Policy>>", into = "Vec<Arc<Policy>>")]
pub struct Policies {
    versions: Vec<Arc<Policy>>,
    /// The same, each with the credit matrix in force: made once for all who ask.
    in_use: Vec<Arc<Policy>>,
}

impl From<Vec<Arc<Policy>>> for Policies {
    fn from(versions: Vec<Arc<Policy>>) -> Self {
        let current = versions.last().cloned().unwrap_or_default();
        let with_current = |kept: &Arc<Policy>| match kept.credit_matrix == current.credit_matrix {
            true => Arc::clone(kept),
            false => Arc::new(Policy {
                credit_matrix: current.credit_matrix.clone(),
                ..Policy::clone(kept)
            }),
        };
        let in_use = versions.iter().map(with_current).collect();
        Self { versions, in_use }
    }
}

impl From<Policies> for Vec<Arc<Policy>> {
    fn from(policies: Policies) -> Self {
        policies.versions
    }
}

impl Policies {
    /// With what ships or was configured as the first version.
    #[must_use]
    pub fn new(first: Policy) -> Self {
        vec![Arc::new(first)].into()
    }

    /// The one in force.
    #[must_use]
    pub fn current(&self) -> Arc<Policy> {
        self.versions.last().cloned().unwrap_or_default()
    }

    /// The one this incident goes by: that of its declaration, or the one in force while it is
    /// not declared. Who approves its credits is always as in the one in force: that is about who
    /// may now, and was promised to nobody when the incident was declared.
    #[must_use]
    pub fn of(&self, incident: &Incident) -> Arc<Policy> {
        let version = incident.policy_version();
        let kept = self.in_use.iter().find(|p| Some(p.version) == version);
        kept.map_or_else(|| self.current(), Arc::clone)
    }

    /// Oldest first.
    #[must_use]
    pub fn versions(&self) -> &[Arc<Policy>] {
        &self.versions
    }

    /// Puts the version in force that this event brings; any other event changes nothing.
    pub fn take(&mut self, event: &Event) {
        if let Event::PolicyChanged { policy, .. } = event {
            self.add(Policy::clone(policy));
        }
    }

    /// What incidents with these events go by, and the one in force.
    #[must_use]
    pub fn named_in<'a>(&self, events: impl IntoIterator<Item = &'a Recorded>) -> Self {
        let versions = events.into_iter().filter_map(|r| r.event.policy_version());
        let versions: BTreeSet<u32> = versions.collect();
        let last = self.versions.len().saturating_sub(1);
        let all = self.versions.iter().enumerate();
        let needed = all.filter(|(place, p)| *place == last || versions.contains(&p.version));
        needed
            .map(|(_, p)| Arc::clone(p))
            .collect::<Vec<_>>()
            .into()
    }

    /// Takes in a version that was in force before, for an incident that goes by it.
    pub fn learn(&mut self, earlier: Arc<Policy>) {
        let place = self
            .versions
            .partition_point(|p| p.version < earlier.version);
        if self
            .versions
            .get(place)
            .is_some_and(|p| p.version > earlier.version)
        {
            self.versions.insert(place, earlier);
            *self = std::mem::take(&mut self.versions).into();
        }
    }

    /// Puts a new version in force. One that is known already changes nothing.
    pub fn add(&mut self, policy: Policy) {
        if self.versions.iter().all(|p| p.version < policy.version) {
            self.versions.push(Arc::new(policy));
            *self = std::mem::take(&mut self.versions).into();
        }
    }
}

/// Minutes as a span of time.
#[must_use]
pub fn minutes(min: u32) -> Duration {
    Duration::minutes(i64::from(min))
}

/// A cadence in words: `60 min`, `90 min`, `2 h`, `24 h`.
#[must_use]
pub fn lasting(min: u32) -> String {
    match (min / 60, min % 60) {
        (hours @ 2.., 0) => format!("{hours} h"),
        _ => format!("{min} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cadence_is_told_in_hours_where_they_are_whole() {
        for (min, told) in [
            (30, "30 min"),
            (60, "60 min"),
            (90, "90 min"),
            (120, "2 h"),
            (1_440, "24 h"),
        ] {
            assert_eq!(lasting(min), told);
        }
    }

    #[test]
    fn the_channel_follows_the_convention() {
        let number = IncidentNumber {
            year: 2026,
            serial: 42,
        };
        let policy = Policy::default();
        assert_eq!(
            policy.channel(number, "Checkout errors for 18 % of sessions"),
            "#inc-2026-0042-checkout-errors"
        );
        assert_eq!(policy.channel(number, "—"), "#inc-2026-0042");
    }
}
