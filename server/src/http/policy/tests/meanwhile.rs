//! Two administrators at once, and who changed what.

use super::super::fields;
use super::super::meanwhile::merge;
use super::super::typed::Typed;
use super::{people, typed};
use domain::Policy;

/// The policy after this was changed in its form, by who had it alone.
fn next(policy: &Policy, put: &[(&str, &str)]) -> Policy {
    let mut typed = fields::write(policy).unwrap();
    put.iter().for_each(|(at, text)| typed.put(*at, *text));
    let next = fields::read(policy, &typed, &people()).unwrap();
    Policy {
        version: policy.version + 1,
        ..next
    }
}

#[test]
fn of_two_at_once_each_keeps_what_only_they_changed() {
    let base = Policy::default();
    let theirs = next(
        &base,
        &[
            ("/triage_min", "20"),
            ("/relief_min", "120"),
            ("/jargon", "shard"),
            ("/severity_rules/4/percent", "5"),
            ("/currency", "USD"),
            ("/credit_matrix/0/up_to", "1100 USD"),
            ("/credit_matrix/1/up_to", "11000 USD"),
        ],
    );
    let mine = typed(&[
        ("/relief_min", "180"),
        ("/page_name", "Ours"),
        ("/approve_briefs", ""),
        ("/severity_rules/11/name", "Half"),
        ("/holidays", "2026-12-25\r\n"),
        ("reason", "More sleep"),
    ]);
    let merged = merge(&base, &theirs, &mine, &people()).unwrap();
    assert_eq!(merged.both, ["Commander relieved", "Severity matrix"]);
    let stands = |at: &str| merged.typed.text(at).to_owned();
    for (at, text) in [
        ("version", "2"),
        ("/triage_min", "20"),
        ("/relief_min", "180"),
        ("/page_name", "Ours"),
        ("/approve_briefs", ""),
        ("/jargon", "shard"),
        // My whole matrix, theirs being named as changed too; of the credits theirs.
        ("/severity_rules/4/percent", "10"),
        ("/severity_rules/11/name", "Half"),
        ("/currency", "USD"),
        ("/credit_matrix/0/up_to", "1100.00 USD"),
        ("/holidays", "2026-12-25\r\n"),
        ("reason", "More sleep"),
    ] {
        assert_eq!(stands(at), text, "{at}");
    }

    // Nothing of mine, and the same as theirs: nobody is told of a clash.
    let merged = merge(&base, &theirs, &typed(&[("/triage_min", "20")]), &people()).unwrap();
    assert_eq!(merged.both, [""; 0]);
    let theirs_typed = fields::write(&theirs).unwrap();
    let read = |typed: &Typed| fields::read(&theirs, typed, &people());
    assert_eq!(read(&merged.typed), read(&theirs_typed));
}
