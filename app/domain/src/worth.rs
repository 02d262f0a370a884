//! What a credit is worth, and to whom that was left (RUNBOOK §9). Days count at what the customer pays
//! for them, and who proposes them does not set what that is:
//!
//! - of all that anybody ever noted on this incident, and of what the customer's account says, the most counts;
//! - for who has no account only an account could vouch: days for them are for the highest row, whatever is noted;
//! - days for an account that says nothing, whose numbers the proposer alone has typed, are above the first row.

use crate::account::Account;
use crate::approval::{no_row, row_for};
use crate::customer::{Credit, Customer, CustomerId, Money};
use crate::money::unit;
use crate::policy::Policy;
use crate::{Incident, PersonId, Refusal};
use serde::{Deserialize, Serialize};

const DAYS_PER_YEAR: u128 = 365;

/// What a customer pays, as one source says it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pays {
    /// ISO 4217, of both; none for the policy's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Whole units, a year.
    pub annual_revenue: u64,
    /// Minor units, a month.
    pub monthly_fee: u64,
}

impl Pays {
    /// As the line on an incident says.
    #[must_use]
    pub fn of(customer: &Customer) -> Self {
        let currency = customer.currency.as_ref();
        let fee = customer.monthly_fee.as_ref();
        Self {
            currency: currency.or(fee.map(|fee| &fee.currency)).cloned(),
            annual_revenue: customer.annual_revenue,
            monthly_fee: fee.map_or(0, |fee| fee.minor),
        }
    }

    /// As the account says. A part of a unit counts as one.
    #[must_use]
    pub fn of_account(account: &Account) -> Self {
        let Money { currency, minor } = &account.annual_revenue;
        Self {
            currency: Some(currency.clone()),
            annual_revenue: minor.div_ceil(unit(currency)),
            monthly_fee: account.monthly_fee.minor,
        }
    }

    fn is_known(&self) -> bool {
        self.annual_revenue > 0 || self.monthly_fee > 0
    }

    /// What so many days are worth, by the year or by the month, whichever is more; none where neither is known.
    #[must_use]
    pub fn for_days(&self, days: u32, home: &str) -> Option<Money> {
        let currency = self.currency.as_deref().unwrap_or(home);
        let revenue = u128::from(self.annual_revenue) * u128::from(unit(currency));
        let a_year = revenue.max(u128::from(self.monthly_fee) * 12);
        let minor = (a_year * u128::from(days)).div_ceil(DAYS_PER_YEAR);
        self.is_known().then(|| Money {
            currency: currency.to_owned(),
            minor: u64::try_from(minor).unwrap_or(u64::MAX),
        })
    }
}

/// The most that one person ever noted of what a customer pays, in one currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Noted {
    /// Whose line.
    pub customer: CustomerId,
    /// By whom.
    pub by: PersonId,
    /// What.
    pub pays: Pays,
}

impl Incident {
    /// Keeps the most of what this person noted.
    pub(crate) fn note_pay(&mut self, customer: CustomerId, by: PersonId, pays: Pays) {
        if !pays.is_known() {
            return;
        }
        let is_same = |n: &&mut Noted| {
            n.customer == customer && n.by == by && n.pays.currency == pays.currency
        };
        match self.noted_pay.iter_mut().find(is_same) {
            Some(Noted { pays: most, .. }) => {
                most.annual_revenue = most.annual_revenue.max(pays.annual_revenue);
                most.monthly_fee = most.monthly_fee.max(pays.monthly_fee);
            }
            None => self.noted_pay.push(Noted { customer, by, pays }),
        }
    }
}

/// The place in the matrix of the row that covers `credit`: the highest by any of the sources, and the last
/// where nobody knows what it is worth.
///
/// # Errors
/// As [`row_for`].
pub fn place_of(
    credit: &Credit,
    incident: &Incident,
    customer: CustomerId,
    account: Option<&Pays>,
    proposer: Option<PersonId>,
    policy: &Policy,
) -> Result<usize, Refusal> {
    let matrix = &policy.credit_matrix;
    let place_for = |amount: &Money| {
        let row = row_for(matrix, amount)?;
        Ok(matrix.iter().position(|r| r == row).unwrap_or(0))
    };
    let last = matrix
        .len()
        .checked_sub(1)
        .ok_or_else(|| no_row("a credit"));
    let days = match credit {
        Credit::Granted { amount, .. } => return place_for(amount),
        Credit::Extension { days, .. } | Credit::ServiceDays { days, .. } => *days,
        Credit::None { .. } => 0,
    };
    let known = incident.customer(customer);
    let is_account = customer
        .account()
        .or(known.and_then(|c| c.account))
        .is_some();
    if account.is_none() && !is_account {
        return last;
    }
    // A snapshot from before this was kept has the line alone.
    let line = known.map(Pays::of);
    let noted = || incident.noted_pay.iter().filter(|n| n.customer == customer);
    let all = noted().map(|n| &n.pays).chain(&line).chain(account);
    let worths: Vec<Money> = all
        .filter_map(|pays| pays.for_days(days, &policy.currency))
        .collect();
    let places: Result<Vec<usize>, Refusal> = worths.iter().map(place_for).collect();
    let Some(place) = places?.into_iter().max() else {
        return last;
    };
    let is_vouched = account.is_some_and(Pays::is_known)
        || noted().any(|n| proposer.is_none_or(|proposer| n.by != proposer));
    Ok(if is_vouched {
        place
    } else {
        place.max(1).min(last?)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const ANA: PersonId = PersonId(Uuid::from_u128(1));
    const BO: PersonId = PersonId(Uuid::from_u128(2));
    const WHO: CustomerId = CustomerId::Account(crate::AccountId(Uuid::from_u128(3)));

    fn days(days: u32) -> Credit {
        Credit::Extension {
            days,
            reason: String::new(),
        }
    }

    fn euros(annual_revenue: u64, monthly_fee: u64) -> Pays {
        Pays {
            currency: Some("EUR".to_owned()),
            annual_revenue,
            monthly_fee,
        }
    }

    fn approver(incident: &Incident, n: u32, account: Option<&Pays>) -> String {
        let policy = Policy::default();
        let place = place_of(&days(n), incident, WHO, account, Some(ANA), &policy).unwrap();
        policy.credit_matrix[place].approver.clone()
    }

    fn noted(by: &[(PersonId, Pays)]) -> Incident {
        let mut incident = Incident::empty(crate::IncidentId(Uuid::nil()));
        for (by, pays) in by {
            incident.note_pay(WHO, *by, pays.clone());
        }
        incident
    }

    #[test]
    fn days_are_worth_what_the_customer_pays_for_them() {
        let dollars = Pays {
            currency: Some("USD".to_owned()),
            ..euros(1, 0)
        };
        for (n, pays, worth_minor, says) in [
            (1, euros(365, 0), Some(100), "CS lead"),
            (1_000, euros(365, 0), Some(100_000), "CS lead"),
            // A part of a cent counts as one.
            (1_001, euros(364, 0), Some(99_826), "CS lead"),
            (1_001, euros(365, 0), Some(100_100), "VP"),
            (365, euros(0, 100_000), Some(1_200_000), "CFO"),
            // Of the two the higher one: nobody lowers the worth by noting less of one.
            (365, euros(1, 10_000), Some(120_000), "VP"),
            (1, euros(0, 0), None, "CFO"),
            (1, dollars, Some(1), "CFO"),
            (3_650, euros(u64::MAX, 0), Some(u64::MAX), "CFO"),
        ] {
            let found = pays.for_days(n, "EUR");
            assert_eq!(found.map(|m| m.minor), worth_minor, "{n} days");
            assert_eq!(approver(&noted(&[(BO, pays)]), n, None), says, "{n} days");
        }
        assert_eq!(approver(&noted(&[]), 1, None), "CFO");
    }

    #[test]
    fn most_of_what_was_ever_said_counts() {
        let (much, little) = (euros(4_000_000, 0), euros(1, 0));
        for by in [
            [(ANA, much.clone()), (ANA, little.clone())],
            [(ANA, much.clone()), (BO, little.clone())],
            [(BO, little.clone()), (ANA, much.clone())],
        ] {
            assert_eq!(approver(&noted(&by), 365, None), "CFO");
        }
        let by = [(BO, little)];
        assert_eq!(approver(&noted(&by), 365, None), "CS lead");
        assert_eq!(approver(&noted(&by), 365, Some(&much)), "CFO");
        assert_eq!(approver(&noted(&[]), 365, Some(&much)), "CFO");
    }

    #[test]
    fn what_the_proposer_alone_has_typed_is_above_the_first_row() {
        let by = |who| noted(&[(who, euros(365, 0))]);
        assert_eq!(approver(&by(ANA), 1, None), "VP");
        assert_eq!(approver(&by(BO), 1, None), "CS lead");
        let account = euros(1, 0);
        assert_eq!(approver(&by(ANA), 1, Some(&account)), "CS lead");
        // An account that says nothing vouches for nothing.
        assert_eq!(approver(&by(ANA), 1, Some(&euros(0, 0))), "VP");
        // For an entry nobody else vouches, whoever has typed it.
        let entry = CustomerId::Entry(crate::CommandId(Uuid::from_u128(4)));
        let policy = Policy::default();
        let place = place_of(&days(1), &by(BO), entry, None, Some(ANA), &policy);
        assert_eq!(place, Ok(policy.credit_matrix.len() - 1));
        // Where one row takes all, there is none above it.
        let mut policy = Policy::default();
        policy.credit_matrix.drain(..2);
        let place = place_of(&days(1), &by(ANA), WHO, None, Some(ANA), &policy);
        assert_eq!(place, Ok(0));
    }
}
