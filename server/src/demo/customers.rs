//! The customers of the demo's company, as its teams know them.

use chrono::Duration;
use domain::Time;
use domain::customer::{ChurnRisk, Customer};
use domain::update::Audience;

/// What does not change from one incident to the next.
#[derive(Clone, Copy, Debug)]
pub(super) struct Account {
    pub(super) name: &'static str,
    tier: &'static str,
    /// EUR a year.
    annual_revenue: u64,
    renews_in_days: i64,
}

const fn account(
    name: &'static str,
    tier: &'static str,
    annual_revenue: u64,
    renews_in_days: i64,
) -> Account {
    Account {
        name,
        tier,
        annual_revenue,
        renews_in_days,
    }
}

pub(super) const NORTHWIND: Account = account("Northwind Retail", "Strategic", 1_240_000, 97);
pub(super) const HALDEN: Account = account("Halden Foods", "Strategic", 2_150_000, 61);
pub(super) const ORCHARD: Account = account("Orchard Bank", "Strategic", 1_780_000, 203);
pub(super) const LUMEN: Account = account("Lumen Health", "Enterprise", 640_000, 148);
pub(super) const TALLIS: Account = account("Tallis Travel", "Enterprise", 410_000, 33);
pub(super) const KESTREL: Account = account("Kestrel Outdoor", "Growth", 184_000, 256);
pub(super) const VESTA: Account = account("Vesta Homeware", "Growth", 96_000, 119);
pub(super) const MERIDIAN: Account = account("Meridian Freight", "Enterprise", 520_000, 310);

/// How they feel, or how likely they are to leave: before the incident and now.
pub(super) struct Felt {
    pub(super) sentiment: (i8, i8),
    pub(super) churn: (ChurnRisk, ChurnRisk),
}

impl Account {
    /// The line of this account on an incident.
    pub(super) fn sees(self, today: Time, sees: &str, felt: &Felt) -> Customer {
        Customer {
            name: self.name.to_owned(),
            tier: self.tier.to_owned(),
            annual_revenue: self.annual_revenue,
            renews_on: Some((today + Duration::days(self.renews_in_days)).date_naive()),
            sees: sees.to_owned(),
            sentiment_before: Some(felt.sentiment.0),
            sentiment_now: Some(felt.sentiment.1),
            churn_before: Some(felt.churn.0),
            churn_now: Some(felt.churn.1),
        }
    }
}

/// Only these customers.
pub(super) fn only(accounts: &[Account]) -> Audience {
    Audience::Named {
        customers: accounts.iter().map(|a| a.name.to_owned()).collect(),
    }
}
