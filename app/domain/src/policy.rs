//! The numbers an administrator can change; shown to everybody (RUNBOOK, "this page states
//! the rules").

use crate::{IncidentNumber, Severity};
use chrono::{Duration, NaiveDate};
use serde::{Deserialize, Serialize};

/// The policy in force. Times are minutes unless the name says otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// Counts up with each change.
    pub version: u32,
    /// The name on the public status page.
    pub page_name: String,
    /// ISO 4217; what revenue and credits are counted in.
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
    /// Minutes that the policy's local time is ahead of UTC; business days are counted in it.
    pub utc_offset_min: i32,
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
            utc_offset_min: 0,
        }
    }
}

impl Policy {
    /// The longest silence that this severity allows, minutes.
    #[must_use]
    pub fn cadence_min_for(&self, severity: Severity) -> u32 {
        let [sev1, sev2, sev3] = self.cadence_min;
        match severity {
            Severity::Sev1 => sev1,
            Severity::Sev2 => sev2,
            Severity::Sev3 => sev3,
        }
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

/// Minutes as a span of time.
#[must_use]
pub fn minutes(min: u32) -> Duration {
    Duration::minutes(i64::from(min))
}

#[cfg(test)]
mod tests {
    use super::*;

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
