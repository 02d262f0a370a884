//! The accounts of the demo's company: what its record says of each customer, and the terms,
//! people and deal behind it.

use super::customers::{
    self, Felt, HALDEN, KESTREL, LUMEN, MERIDIAN, NORTHWIND, ORCHARD, TALLIS, VESTA, account_id,
};
use super::people;
use crate::store::{Deed, PutAccount, Store, StoreError};
use chrono::{Duration, NaiveDate};
use domain::Time;
use domain::account::{Account, Field, Typed};
use domain::customer::ChurnRisk;

/// What is known of an account beside name, tier, revenue, renewal and deal.
struct Terms {
    owner: &'static str,
    contacts: &'static str,
    sla: &'static str,
    sla_cap: &'static str,
}

const STRATEGIC: &str = "99.95: 10 | 99.5: 25 | 98: 50 | 95: 100";
const ENTERPRISE: &str = "99.9: 10 | 99: 25 | 95: 50";
const GROWTH: &str = "99.5: 5 | 98: 15";

/// The customers of the demo's incidents.
const ON_THE_RECORD: [(customers::Account, Terms); 8] = [
    (
        NORTHWIND,
        Terms {
            owner: "Ines Faro",
            contacts: "Greta Holm; VP E-commerce; greta.holm@northwind.example; +46 8 555 0101 | Per Strand; Head of Payments; per.strand@northwind.example",
            sla: STRATEGIC,
            sla_cap: "50",
        },
    ),
    (
        HALDEN,
        Terms {
            owner: "Ines Faro",
            contacts: "Marit Lie; CFO; marit.lie@halden.example; +47 22 55 01 02 | Olav Moen; Controller; olav.moen@halden.example",
            sla: STRATEGIC,
            sla_cap: "50",
        },
    ),
    (
        ORCHARD,
        Terms {
            owner: "Mia Berg",
            contacts: "Helen Marsh; CISO; helen.marsh@orchard.example; +44 20 5550 0103",
            sla: STRATEGIC,
            sla_cap: "100",
        },
    ),
    (
        LUMEN,
        Terms {
            owner: "Ines Faro",
            contacts: "Dr Paul Ohm; CIO; paul.ohm@lumen.example",
            sla: ENTERPRISE,
            sla_cap: "50",
        },
    ),
    (
        TALLIS,
        Terms {
            owner: "Ines Faro",
            contacts: "Rosa Vidal; Director of Operations; rosa.vidal@tallis.example; +34 91 555 0105",
            sla: ENTERPRISE,
            sla_cap: "50",
        },
    ),
    (
        MERIDIAN,
        Terms {
            owner: "Ines Faro",
            contacts: "Tom Reyes; Finance Systems; tom.reyes@meridian.example",
            sla: ENTERPRISE,
            sla_cap: "50",
        },
    ),
    (
        KESTREL,
        Terms {
            owner: "Lea Novak",
            contacts: "Finn Dale; Owner; finn@kestrel.example",
            sla: GROWTH,
            sla_cap: "15",
        },
    ),
    (
        VESTA,
        Terms {
            owner: "Lea Novak",
            contacts: "",
            sla: GROWTH,
            sla_cap: "15",
        },
    ),
];

/// An account that no incident has touched; the renewal is in days from now.
struct Quiet {
    name: &'static str,
    tier: &'static str,
    annual_revenue: u64,
    renews_in_days: i64,
    sla: &'static str,
    currency: &'static str,
}

const QUIET: [Quiet; 4] = [
    quiet("Aldgate Insurance", "Enterprise", 730_000, 174, ENTERPRISE),
    Quiet {
        currency: "JPY",
        ..quiet("Hoshino Print", "Growth", 21_600_000, 88, GROWTH)
    },
    quiet("Pellworm Ferries", "Growth", 132_000, 12, GROWTH),
    quiet("Saltmarsh Books", "Starter", 18_000, 240, ""),
];

const fn quiet(
    name: &'static str,
    tier: &'static str,
    annual_revenue: u64,
    renews_in_days: i64,
    sla: &'static str,
) -> Quiet {
    Quiet {
        name,
        tier,
        annual_revenue,
        renews_in_days,
        sla,
        currency: "EUR",
    }
}

/// Puts the accounts that are not there yet into the store, as the demo's administrator.
///
/// # Errors
/// [`StoreError`]; nothing was written then.
pub(super) async fn put(store: &dyn Store, now: Time) -> Result<(), StoreError> {
    let Some(by) = people()
        .into_iter()
        .map(|p| p.person)
        .find(|p| p.administrator)
    else {
        return Ok(());
    };
    let mut puts = Vec::new();
    for account in accounts(now)? {
        if store.account_by_name(&account.name).await?.is_none() {
            puts.push(PutAccount {
                account,
                replaces: 0,
            });
        }
    }
    let _written: bool = store
        .put_accounts(&puts, &Deed::new(by.to_ref(), now, ""))
        .await?;
    Ok(())
}

/// All of them. Read as a form or a file would be, so that the rules of an account hold here too.
fn accounts(now: Time) -> Result<Vec<Account>, StoreError> {
    let on_the_record = ON_THE_RECORD.iter().map(|(customer, terms)| {
        let felt = Felt {
            sentiment: (0, 0),
            churn: (ChurnRisk::Low, ChurnRisk::Low),
            because: "",
        };
        let known = customer.sees(now, "", &felt);
        let base = typed(
            &known.name,
            &known.tier,
            "EUR",
            known.annual_revenue,
            known.renews_on,
        );
        (customer.id(), with(base, terms, customer.deal_stage))
    });
    let quiet = QUIET.iter().zip(1u128..).map(|(q, nth)| {
        let renews_on = (now + Duration::days(q.renews_in_days)).date_naive();
        let base = typed(
            q.name,
            q.tier,
            q.currency,
            q.annual_revenue,
            Some(renews_on),
        );
        let terms = Terms {
            owner: "Lea Novak",
            contacts: "",
            sla: q.sla,
            sla_cap: "",
        };
        let id = account_id(ON_THE_RECORD.len() as u128 + nth);
        (id, with(base, &terms, ""))
    });
    on_the_record
        .chain(quiet)
        .map(|(id, typed)| {
            let account = Account::read(id, &typed, None);
            account.map_err(|problems| {
                StoreError::Unexpected(format!("an account of the demo is wrong: {problems:?}"))
            })
        })
        .collect()
}

fn typed(
    name: &str,
    tier: &str,
    currency: &str,
    annual_revenue: u64,
    renews_on: Option<NaiveDate>,
) -> Typed {
    let strategic = if tier == "Strategic" { "yes" } else { "no" };
    // A twelfth, in whole units: contracts are in round figures.
    let monthly_fee = annual_revenue / 12;
    let fields = [
        (Field::Name, name.to_owned()),
        (Field::Tier, tier.to_owned()),
        (Field::Strategic, strategic.to_owned()),
        (Field::Currency, currency.to_owned()),
        (Field::AnnualRevenue, annual_revenue.to_string()),
        (Field::MonthlyFee, monthly_fee.to_string()),
        (
            Field::RenewsOn,
            renews_on.map(|day| day.to_string()).unwrap_or_default(),
        ),
    ];
    Typed(fields.into())
}

fn with(mut typed: Typed, terms: &Terms, deal_stage: &str) -> Typed {
    let fields = [
        (Field::Owner, terms.owner),
        (Field::Contacts, terms.contacts),
        (Field::Sla, terms.sla),
        (Field::SlaCap, terms.sla_cap),
        (Field::DealStage, deal_stage),
    ];
    typed
        .0
        .extend(fields.map(|(field, text)| (field, text.to_owned())));
    typed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::SqliteStore;
    use chrono::TimeZone;

    #[tokio::test]
    async fn every_account_is_put_once_and_what_people_changed_stays() {
        let now = chrono::Utc
            .with_ymd_and_hms(2026, 11, 23, 10, 0, 0)
            .unwrap();
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("demo.db").display());
        let store = SqliteStore::open(&url).await.unwrap();
        put(&store, now).await.unwrap();
        let kept = store.accounts("", 100, None).await.unwrap();
        assert_eq!(kept.len(), 12);
        let strategic = kept.iter().filter(|k| k.account.strategic);
        assert!(strategic.clone().all(|k| k.account.tier == "Strategic"));
        assert_eq!(strategic.count(), 3);

        let mut orchard = store
            .account_by_name("Orchard Bank")
            .await
            .unwrap()
            .unwrap();
        orchard.account.owner = Some("Bo Lind".to_owned());
        let changed = PutAccount {
            account: orchard.account.clone(),
            replaces: orchard.version,
        };
        let ana = people().remove(0).person;
        let by = Deed::new(ana.to_ref(), now, "");
        assert!(store.put_accounts(&[changed], &by).await.unwrap());
        put(&store, now + Duration::days(1)).await.unwrap();
        let again = store.accounts("", 100, None).await.unwrap();
        assert_eq!(again.len(), 12);
        let kept = store
            .account_by_name("Orchard Bank")
            .await
            .unwrap()
            .unwrap();
        assert_eq!(kept.account, orchard.account);
    }
}
