//! Who must approve a credit: by amount, and never whoever proposed it (RUNBOOK §9).

use crate::customer::Money;
use crate::{PersonId, Refusal};
use serde::{Deserialize, Serialize};

/// One row of the approval matrix.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApprovalRow {
    /// The highest amount that this row covers, that amount included; none covers every amount.
    /// A bound says nothing about amounts in another currency: they pass on to the last row.
    pub up_to: Option<Money>,
    /// Who approves, in words: "CS lead".
    pub approver: String,
    /// The people who may; when nobody is named, anybody but the proposer.
    pub people: Vec<PersonId>,
}

/// As shipped: up to 1 000 the CS lead, up to 10 000 a VP, above that the CFO.
#[must_use]
pub fn shipped(currency: &str) -> Vec<ApprovalRow> {
    let unit = crate::money::unit(currency);
    [
        (Some(1_000), "CS lead"),
        (Some(10_000), "VP"),
        (None, "CFO"),
    ]
    .into_iter()
    .map(|(up_to, approver)| ApprovalRow {
        up_to: up_to.map(|whole: u64| Money {
            currency: currency.to_owned(),
            minor: whole * unit,
        }),
        approver: approver.to_owned(),
        people: Vec::new(),
    })
    .collect()
}

/// Whether every amount has its row: bounds that grow, in `currency`, and a last row without.
/// Bounds in another currency than the policy's would cover no credit, and all would go to the
/// last row.
///
/// # Errors
/// [`Refusal::Invalid`] that says which row does not fit.
pub fn check(matrix: &[ApprovalRow], currency: &str) -> Result<(), Refusal> {
    let wrong = |problem: String| Err(Refusal::invalid("Approval matrix", problem));
    let Some((last, bounded)) = matrix.split_last() else {
        return wrong("has no row; add one without an upper bound".to_owned());
    };
    if last.up_to.is_some() {
        return wrong("must end with a row without an upper bound".to_owned());
    }
    let mut before: Option<&Money> = None;
    for row in bounded {
        let Some(up_to) = &row.up_to else {
            return wrong(format!(
                "has “{}” without an upper bound before the last row; give it one",
                row.approver
            ));
        };
        if up_to.currency != currency {
            return wrong(format!(
                "has “{}” up to {}, and the policy counts in {currency}; write the bound in {currency}",
                row.approver,
                up_to.shown()
            ));
        }
        if before.is_some_and(|b| b.minor >= up_to.minor) {
            return wrong(format!(
                "is out of order: “{}” has {}, which is not above the row before it",
                row.approver,
                up_to.shown()
            ));
        }
        before = Some(up_to);
    }
    for row in matrix {
        crate::text::line("Approver", &row.approver)?;
    }
    Ok(())
}

/// The row that covers this amount.
///
/// # Errors
/// [`Refusal::Invalid`] when none does, which [`check`] rules out.
pub fn row_for<'a>(matrix: &'a [ApprovalRow], amount: &Money) -> Result<&'a ApprovalRow, Refusal> {
    let covers = |row: &&ApprovalRow| {
        row.up_to
            .as_ref()
            .is_none_or(|max| max.currency == amount.currency && amount.minor <= max.minor)
    };
    matrix.iter().find(covers).ok_or_else(|| {
        let problem = format!(
            "has no row for {}; an administrator must add one without an upper bound",
            amount.shown()
        );
        Refusal::invalid("Approval matrix", problem)
    })
}

/// Whether `actor` may approve what `proposer` proposed, under the row that covers its amount.
/// Serves for approving, changing and rejecting alike.
///
/// # Errors
/// [`Refusal::NotYours`] that says who may.
pub fn may_approve(row: &ApprovalRow, proposer: PersonId, actor: PersonId) -> Result<(), Refusal> {
    if proposer == actor {
        return Err(Refusal::NotYours {
            why: format!(
                "Nobody approves their own proposal. Ask another: this one is for the {}.",
                row.approver
            ),
        });
    }
    if !row.people.is_empty() && !row.people.contains(&actor) {
        let amount = row.up_to.as_ref().map_or_else(
            || "this high".to_owned(),
            |max| format!("up to {}", max.shown()),
        );
        return Err(Refusal::NotYours {
            why: format!(
                "A credit {amount} is approved by the {}. Who that is stands in the policy; an administrator can change it.",
                row.approver
            ),
        });
    }
    Ok(())
}

/// Whether `actor` may take back a credit of the amount that `row` covers, once it was approved:
/// whoever may approve it, and whoever the matrix names for more. Who proposed it asks one of them.
///
/// # Errors
/// [`Refusal::NotYours`] that says who may.
pub fn may_take_back(
    matrix: &[ApprovalRow],
    row: &ApprovalRow,
    proposer: Option<PersonId>,
    actor: PersonId,
) -> Result<(), Refusal> {
    let is_own = proposer == Some(actor);
    let mut from_here = matrix.iter().skip_while(|r| *r != row);
    let is_named = from_here.any(|r| r.people.contains(&actor));
    if !is_own && (row.people.is_empty() || is_named) {
        return Ok(());
    }
    let who = match is_own {
        true => "Whoever proposed a credit does not take it back alone. Ask another",
        false => "What was approved is taken back by who may approve it. Ask one of them",
    };
    Err(Refusal::NotYours {
        why: format!("{who}: this one is for the {}.", row.approver),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn money(minor: u64, currency: &str) -> Money {
        Money {
            currency: currency.to_owned(),
            minor,
        }
    }

    fn person(n: u128) -> PersonId {
        PersonId(Uuid::from_u128(n))
    }

    #[test]
    fn each_amount_has_its_row_on_both_sides_of_each_edge() {
        for (minor, currency, approver) in [
            (0, "EUR", "CS lead"),
            (99_999, "EUR", "CS lead"),
            (100_000, "EUR", "CS lead"),
            (100_001, "EUR", "VP"),
            (1_000_000, "EUR", "VP"),
            (1_000_001, "EUR", "CFO"),
            (u64::MAX, "EUR", "CFO"),
            // What it is worth in the matrix's currency is not known, so the highest decides.
            (1, "USD", "CFO"),
        ] {
            let matrix = shipped("EUR");
            let row = row_for(&matrix, &money(minor, currency)).unwrap();
            assert_eq!(row.approver, approver, "{minor} {currency}");
        }
        let yen = shipped("JPY");
        assert_eq!(
            row_for(&yen, &money(1_000, "JPY")).unwrap().approver,
            "CS lead"
        );
        assert_eq!(row_for(&yen, &money(1_001, "JPY")).unwrap().approver, "VP");
    }

    #[test]
    fn a_matrix_covers_every_amount_once() {
        assert_eq!(check(&shipped("EUR"), "EUR"), Ok(()));
        let row = |up_to: Option<u64>| ApprovalRow {
            up_to: up_to.map(|minor| money(minor, "EUR")),
            approver: "VP".to_owned(),
            people: Vec::new(),
        };
        let mut dollars = row(Some(9));
        dollars.up_to = Some(money(9, "USD"));
        let mut nameless = row(None);
        nameless.approver = " ".to_owned();
        for (matrix, says) in [
            (vec![], "has no row"),
            (vec![row(Some(1))], "must end with a row without"),
            (vec![row(None), row(None)], "before the last row"),
            (vec![row(Some(2)), row(Some(2)), row(None)], "out of order"),
            (vec![row(Some(2)), row(Some(1)), row(None)], "out of order"),
            (
                vec![row(Some(1)), dollars, row(None)],
                "the policy counts in EUR; write the bound in EUR",
            ),
            (vec![nameless], "Approver must not be empty"),
        ] {
            let refusal = check(&matrix, "EUR").unwrap_err().to_string();
            assert!(refusal.contains(says), "{refusal}");
        }
        assert_eq!(
            check(&[row(Some(1)), row(Some(2)), row(None)], "EUR"),
            Ok(())
        );
        assert_eq!(check(&[row(None)], "USD"), Ok(()), "no bound, no currency");
        let refusal = check(&shipped("EUR"), "USD").unwrap_err().to_string();
        assert_eq!(
            refusal.replace('\u{a0}', " "),
            "Approval matrix has “CS lead” up to 1 000.00 EUR, and the policy counts in USD; write the bound in USD."
        );
        let short = [row(Some(100))];
        assert!(row_for(&short, &money(100, "EUR")).is_ok());
        let refusal = row_for(&short, &money(101, "EUR")).unwrap_err().to_string();
        assert!(refusal.contains("no row for 1.01"), "{refusal}");
    }

    #[test]
    fn nobody_approves_their_own_proposal() {
        let (ana, bo, cy) = (person(1), person(2), person(3));
        let mut row = shipped("EUR").remove(0);
        assert_eq!(may_approve(&row, ana, bo), Ok(()));
        let own = may_approve(&row, ana, ana).unwrap_err().to_string();
        assert!(
            own.starts_with("Nobody approves their own proposal."),
            "{own}"
        );
        row.people = vec![ana, bo];
        assert_eq!(may_approve(&row, ana, bo), Ok(()));
        assert!(
            may_approve(&row, ana, ana).is_err(),
            "named, and still their own"
        );
        let other = may_approve(&row, ana, cy).unwrap_err().to_string();
        assert!(other.contains("approved by the CS lead"), "{other}");
        row.up_to = None;
        assert!(may_approve(&row, ana, cy).is_err());
    }
}
