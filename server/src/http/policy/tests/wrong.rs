//! What a form cannot put in force is told beside its field; rows come, go and move.

use super::super::form::{self, Shown};
use super::super::typed::Wrong;
use super::super::{approvals, fields, rules};
use super::{now, people, person, typed};
use domain::{Command, Incident, IncidentId, Policy, decide};

fn wrongs(other: &[(&str, &str)]) -> Vec<(String, String)> {
    let read = fields::read(&Policy::default(), &typed(other), &people());
    let wrongs = read.err().unwrap_or_default();
    let plain = |what: String| what.replace('\u{a0}', " ");
    wrongs
        .into_iter()
        .map(|Wrong { at, what }| (at, plain(what)))
        .collect()
}

#[test]
fn each_thing_that_is_wrong_is_told_beside_its_field() {
    for (put, at, what) in [
        (
            &[("/triage_min", "0")][..],
            "/triage_min",
            "Declare or dismiss a report needs a whole number from 1 to 129600, in min.",
        ),
        (
            &[("/triage_min", "129601")],
            "/triage_min",
            "Declare or dismiss a report needs a whole number from 1 to 129600, in min.",
        ),
        (
            &[("/credit_business_days", "61")],
            "/credit_business_days",
            "Credit decided needs a whole number from 1 to 60, in business days.",
        ),
        (
            &[("/zone/name", "Berlin")],
            "/zone/name",
            "Time zone “Berlin” is not in the table of zones. Write a name from it, such as Europe/Berlin.",
        ),
        (
            &[("/zone/name", "new york")],
            "/zone/name",
            "Time zone “new york” is not in the table of zones. Write a name from it, such as America/New_York.",
        ),
        (
            &[("/zone/name", "")],
            "/zone/name",
            "Time zone “” is not in the table of zones. Write a name from it, such as Europe/Berlin or UTC.",
        ),
        (
            &[("/zone/name", "Middle-earth")],
            "/zone/name",
            "Time zone “Middle-earth” is not in the table of zones. Write a name from it, such as Europe/Berlin or UTC.",
        ),
        (
            &[("/holidays", "2026-12-25\nXmas")],
            "/holidays",
            "Holidays have “Xmas”, which is no date. Write it as 2026-12-25.",
        ),
        (
            &[("/currency", "euro")],
            "/currency",
            "Currency must be a code of three letters, such as EUR.",
        ),
        // A rule that has no condition left; one whose share is out of bounds; one that is half there.
        (
            &[("/severity_rules/1/security", "")],
            "/severity_rules/1",
            "Rule 2: Severity rule “A break-in is confirmed” needs at least one condition.",
        ),
        (
            &[("/severity_rules/4/percent", "0")],
            "/severity_rules/4",
            "Rule 5: Severity rule “Broad outage: 10 % of users or more are hit” needs a share of users between 1 and 100 %.",
        ),
        (
            &[("/severity_rules/4/percent", "many")],
            "/severity_rules/4/percent",
            "Rule 5 needs a whole number between 1 and 100 as its share of users, or none.",
        ),
        (
            &[("/severity_rules/0/severity", "SEV-9")],
            "/severity_rules/0/severity",
            "Rule 1 has no severity. Choose what it proposes.",
        ),
        (
            &[("/severity_rules/0/users", "none")],
            "/severity_rules/0/users",
            "Rule 1 asks for users that are not in the list.",
        ),
        (
            &[("/severity_rules/0/data", "none")],
            "/severity_rules/0/data",
            "Rule 1 asks for a risk that is not in the list.",
        ),
        (
            &[("/severity_rules/11/users", "all")],
            "/severity_rules/11/name",
            "Rule 12 has no name. Name it, or clear what else stands in it.",
        ),
        (
            &[("/severity_rules/12/name", "New")],
            "/severity_rules/12/severity",
            "Rule 13 has no severity. Choose what it proposes.",
        ),
        // Amounts.
        (
            &[("/credit_matrix/0/up_to", "1000")],
            "/credit_matrix/0/up_to",
            "Row 1 has a bound that must be an amount with its currency behind it, such as 1000 EUR.",
        ),
        (
            &[("/credit_matrix/1/up_to", "1,5 EUR")],
            "/credit_matrix/1/up_to",
            "Row 2 has a bound that must be an amount such as 1234567.50: digits, and a point before the decimals.",
        ),
        (
            &[("/credit_matrix/1/up_to", "5 USD")],
            "/credit_matrix/1/up_to",
            "Row 2 is up to 5.00 USD, and the policy counts in EUR. Write that bound in EUR.",
        ),
        (
            &[("/credit_matrix/3/up_to", "5 EUR")],
            "/credit_matrix/3/approver",
            "Row 4 has no approver. Say who approves, or clear what else stands in it.",
        ),
        (
            &[("/credit_matrix/1/up_to", "1000 EUR")],
            "/credit_matrix",
            "Approval matrix is out of order: “VP” has 1 000.00 EUR, which is not above the row before it.",
        ),
        (
            &[("/credit_matrix/2/up_to", "20000 EUR")],
            "/credit_matrix",
            "Approval matrix must end with a row without an upper bound.",
        ),
        (
            &[("/credit_matrix/1/up_to", "")],
            "/credit_matrix",
            "Approval matrix has “VP” without an upper bound before the last row; give it one.",
        ),
        (
            &[(
                "/credit_matrix/0/people/00000000-0000-0000-0000-000000000009",
                "on",
            )],
            "/credit_matrix/0/people",
            "Row 1 names somebody who has no account. Choose from the list.",
        ),
    ] {
        assert_eq!(wrongs(put), [(at.to_owned(), what.to_owned())], "{put:?}");
    }
    // All that is wrong at once, in the order of the form; a changed currency names every bound.
    let all = wrongs(&[
        ("/currency", "USD"),
        ("/relief_min", ""),
        ("/zone/name", "Mars"),
    ]);
    let at: Vec<&str> = all.iter().map(|(at, _)| at.as_str()).collect();
    assert_eq!(
        at,
        [
            "/relief_min",
            "/credit_matrix/0/up_to",
            "/credit_matrix/1/up_to",
            "/zone/name"
        ]
    );
}

#[test]
fn what_only_the_decision_refuses_is_told_beside_its_field_too() {
    type Spoil = fn(&mut Policy);
    let cases: [(Spoil, &str); 10] = [
        (|p| p.page_name.clear(), "/page_name"),
        (|p| p.channel_prefix = "in c".to_owned(), "/channel_prefix"),
        (|p| p.components = vec!["x".repeat(201)], "/components"),
        (
            |p| p.components = (0..501).map(|n| n.to_string()).collect(),
            "/components",
        ),
        (|p| p.jargon = vec!["x".repeat(201)], "/jargon"),
        (
            |p| p.internal_names = vec!["x".repeat(201)],
            "/internal_names",
        ),
        (|p| p.booked_business_days = 6, "/booked_business_days"),
        (
            |p| p.holidays = chrono::NaiveDate::MIN.iter_days().take(501).collect(),
            "/holidays",
        ),
        (
            |p| p.severity_rules = vec![p.severity_rules[0].clone(); 501],
            "/severity_rules",
        ),
        (
            |p| p.credit_matrix[0].approver = "x".repeat(201),
            "/credit_matrix",
        ),
    ];
    for (spoil, at) in cases {
        let mut policy = Policy::default();
        spoil(&mut policy);
        let change = Command::ChangePolicy {
            policy: Box::new(policy),
            reason: "More".to_owned(),
            after_version: 1,
        };
        let settings = Incident::empty(IncidentId::SETTINGS);
        let who = person(1, "Ana Ruiz").to_ref();
        let refusal = decide(&settings, change, &who, &Policy::default(), now()).unwrap_err();
        assert_eq!(
            fields::refused(&refusal),
            Wrong::new(at, refusal.to_string())
        );
    }
}

#[test]
fn rows_are_added_changed_removed_and_put_in_order() {
    let typed = typed(&[
        // The name of the first is emptied; the share of the fifth changes; a new one is written
        // after a row that stays blank.
        ("/severity_rules/0/name", "  "),
        ("/severity_rules/4/percent", "5"),
        ("/severity_rules/12/name", "Executives watch"),
        ("/severity_rules/12/severity", "SEV-1"),
        ("/severity_rules/12/executive", "on"),
        // The bounds are written in any order.
        ("/credit_matrix/0/approver", ""),
        ("/credit_matrix/1/up_to", "20 000 eur"),
        ("/credit_matrix/3/up_to", "500.50 EUR"),
        ("/credit_matrix/3/approver", "Desk"),
        (
            "/credit_matrix/3/people/00000000-0000-0000-0000-000000000002",
            "on",
        ),
    ]);
    let policy = fields::read(&Policy::default(), &typed, &people()).unwrap();
    let shipped = Policy::default().severity_rules;
    assert_eq!(policy.severity_rules.len(), shipped.len());
    assert_eq!(policy.severity_rules[..3], shipped[1..4]);
    assert_eq!(policy.severity_rules[3].percent, Some(5));
    let new = policy.severity_rules.last().unwrap();
    assert_eq!((&*new.name, new.executive), ("Executives watch", true));
    let rows = policy.credit_matrix.iter().map(|row| {
        let up_to = row.up_to.as_ref().map(|m| m.minor);
        (up_to, &*row.approver, row.people.len())
    });
    let rows: Vec<_> = rows.collect();
    assert_eq!(
        rows,
        [
            (Some(50_050), "Desk", 1),
            (Some(2_000_000), "VP", 0),
            (None, "CFO", 0)
        ]
    );
}

#[test]
fn a_form_shows_what_stands_in_it_whatever_that_is_and_blank_rows_after_it() {
    let far = typed(&[
        ("/severity_rules/40/name", "<b>Far</b>"),
        ("/severity_rules/999999999/name", "Nowhere"),
        ("/jargon", "</textarea><script>"),
    ]);
    let shown = Shown {
        wrongs: fields::read(&Policy::default(), &far, &[]).unwrap_err(),
        typed: far,
        ..Shown::default()
    };
    assert_eq!(shown.rows(rules::AREA, 3)[11..], [40, 41, 42, 43]);
    assert_eq!(shown.rows(approvals::AREA, 2), [0, 1, 2, 3, 4]);
    let page = form::draw(&person(1, "Ana Ruiz"), &shown).0;
    assert!(page.contains("Rule 41, new") && !page.contains("Nowhere"));
    assert!(page.contains("&lt;/textarea&gt;&lt;script&gt;") && !page.contains("<script>"));
    assert!(!page.contains("<b>Far"), "{page}");
}
