//! Two administrators at once. Who comes second finds what the first changed in their form, their
//! own words over it, and by name what both changed: nothing that either wrote is lost unseen.

use super::fields::{self, single};
use super::typed::Typed;
use super::{approvals, rules};
use domain::{Person, Policy};

/// What became of a form whose policy was changed meanwhile.
pub(super) struct Merged {
    /// As it stands now: made from the newer policy, with what its author changed.
    pub(super) typed: Typed,
    /// The labels of what both changed, each in their own way; their author's words stand.
    pub(super) both: Vec<&'static str>,
}

/// Brings a form that was made from `base` up to `theirs`.
pub(super) fn merge(
    base: &Policy,
    theirs: &Policy,
    mine: &Typed,
    people: &[Person],
) -> Result<Merged, serde_json::Error> {
    let (base_typed, mut typed) = (fields::write(base)?, fields::write(theirs)?);
    let mut both = Vec::new();
    for (at, label) in single() {
        let (was, theirs) = (base_typed.lines(at), typed.lines(at));
        let mine_now = mine.lines(at);
        if mine_now != was {
            if theirs != was && theirs != mine_now {
                both.push(label);
            }
            typed.put(at, mine.text(at));
        }
    }
    let my_rules = rules::read(mine).ok();
    if my_rules.as_ref() != Some(&base.severity_rules) {
        let theirs = &theirs.severity_rules;
        if *theirs != base.severity_rules && my_rules.as_ref() != Some(theirs) {
            both.push("Severity matrix");
        }
        typed.take_below(rules::AREA, mine);
    }
    let eligible = approvals::eligible(people, &base.credit_matrix);
    let my_matrix = approvals::read(mine, &base.currency, &eligible).ok();
    if my_matrix.as_ref() != Some(&base.credit_matrix) {
        let theirs = &theirs.credit_matrix;
        if *theirs != base.credit_matrix && my_matrix.as_ref() != Some(theirs) {
            both.push("Credits");
        }
        typed.take_below(approvals::AREA, mine);
    }
    typed.put("reason", mine.text("reason"));
    Ok(Merged { typed, both })
}
