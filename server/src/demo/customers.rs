//! The customers of the demo's company, as its teams know them.

use chrono::Duration;
use domain::customer::{ChurnRisk, Customer, CustomerId, CustomerRef, Money};
use domain::update::Audience;
use domain::{AccountId, Time};
use uuid::Uuid;

/// The currency of all of them.
const EUR: &str = "EUR";

/// What does not change from one incident to the next.
#[derive(Clone, Copy, Debug)]
pub(super) struct Account {
    /// Its place among the demo's accounts, from 1.
    nth: u128,
    pub(super) name: &'static str,
    tier: &'static str,
    /// EUR a year.
    annual_revenue: u64,
    renews_in_days: i64,
    /// Empty where there is none.
    pub(super) deal_stage: &'static str,
}

const fn account(
    nth: u128,
    name: &'static str,
    tier: &'static str,
    annual_revenue: u64,
    renews_in_days: i64,
) -> Account {
    Account {
        nth,
        name,
        tier,
        annual_revenue,
        renews_in_days,
        deal_stage: "",
    }
}

pub(super) const NORTHWIND: Account = Account {
    deal_stage: "Renewal: negotiation",
    ..account(1, "Northwind Retail", "Strategic", 1_240_000, 97)
};
pub(super) const HALDEN: Account = Account {
    deal_stage: "Expansion: proposal sent",
    ..account(2, "Halden Foods", "Strategic", 2_150_000, 61)
};
pub(super) const ORCHARD: Account = account(3, "Orchard Bank", "Strategic", 1_780_000, 203);
pub(super) const LUMEN: Account = account(4, "Lumen Health", "Enterprise", 640_000, 148);
pub(super) const TALLIS: Account = Account {
    deal_stage: "Renewal: verbal yes",
    ..account(5, "Tallis Travel", "Enterprise", 410_000, 33)
};
pub(super) const MERIDIAN: Account = account(6, "Meridian Freight", "Enterprise", 520_000, 310);
pub(super) const KESTREL: Account = account(7, "Kestrel Outdoor", "Growth", 184_000, 256);
pub(super) const VESTA: Account = account(8, "Vesta Homeware", "Growth", 96_000, 119);

/// How they feel, or how likely they are to leave: before the incident and now.
pub(super) struct Felt {
    pub(super) sentiment: (i8, i8),
    pub(super) churn: (ChurnRisk, ChurnRisk),
    /// Why the risk is what it is now.
    pub(super) because: &'static str,
}

/// The shape of a UUIDv7 made at the start of 1970, so that none made later is equal.
pub(super) fn account_id(nth: u128) -> AccountId {
    AccountId(Uuid::from_u128(
        0x0000_0000_0000_7000_8000_0001_0000_0000 | nth,
    ))
}

impl Account {
    pub(super) fn id(self) -> AccountId {
        account_id(self.nth)
    }

    pub(super) fn to_ref(self) -> CustomerRef {
        CustomerRef::new(CustomerId::Account(self.id()), self.name)
    }

    /// A twelfth, in whole units: contracts are in round figures.
    fn monthly_fee(self) -> Money {
        Money {
            currency: EUR.to_owned(),
            minor: self.annual_revenue / 12 * 100,
        }
    }

    /// The line of this account on an incident.
    pub(super) fn sees(self, today: Time, sees: &str, felt: &Felt) -> Customer {
        Customer {
            id: CustomerId::Account(self.id()),
            name: self.name.to_owned(),
            tier: self.tier.to_owned(),
            annual_revenue: self.annual_revenue,
            renews_on: Some((today + Duration::days(self.renews_in_days)).date_naive()),
            sees: sees.to_owned(),
            sentiment_before: Some(felt.sentiment.0),
            sentiment_now: Some(felt.sentiment.1),
            churn_before: Some(felt.churn.0),
            churn_now: Some(felt.churn.1),
            churn_reason: Some(felt.because.to_owned()),
            account: Some(self.id()),
            currency: Some(EUR.to_owned()),
            monthly_fee: Some(self.monthly_fee()),
            deal_stage: Some(self.deal_stage.to_owned()).filter(|stage| !stage.is_empty()),
            ..Customer::default()
        }
    }
}

/// Only these customers.
pub(super) fn only(accounts: &[Account]) -> Audience {
    Audience::Named {
        customers: accounts.iter().map(|a| a.to_ref()).collect(),
    }
}
