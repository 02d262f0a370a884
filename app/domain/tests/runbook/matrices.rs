//! The rows of the two matrices of a policy, each bound on both sides of its edge, and what a new
//! matrix changes for whom (RUNBOOK §2, §9).

use crate::room::{Room, ana, at, bo, cy, declare, named};
use crate::settings::{sent, with};
use domain::approval::ApprovalRow;
use domain::command::Details;
use domain::customer::{Credit, Judgement, Money};
use domain::triage::{Risk, SeverityRule, Triage, Users, YesNo};
use domain::{Command, EntryId, PersonId, Policies, Policy, Refusal, Severity};

fn rule(spoil: impl FnOnce(&mut SeverityRule)) -> SeverityRule {
    let mut rule = SeverityRule::new(Severity::Sev1, "Night");
    spoil(&mut rule);
    rule
}

#[test]
fn a_severity_rule_has_a_name_and_a_condition_that_not_every_answer_meets() {
    type Spoil = fn(&mut SeverityRule);
    const NOTHING: &str = "Severity rule “Night” needs at least one condition.";
    const ALWAYS: &str = "Severity rule “Night” asks for “none” or more, which always holds; leave that condition out.";
    const SHARE: &str = "Severity rule “Night” needs a share of users between 1 and 100 %.";
    let cases: [(Spoil, Option<&str>); 16] = [
        (|_| (), Some(NOTHING)),
        (|r| r.users = Some(Users::None), Some(ALWAYS)),
        (|r| r.users = Some(Users::Some), None),
        (|r| r.users = Some(Users::Unsure), None),
        (|r| r.data = Some(Risk::None), Some(ALWAYS)),
        (|r| r.data = Some(Risk::Suspected), None),
        (|r| r.security = Some(Risk::None), Some(ALWAYS)),
        (|r| r.security = Some(Risk::Suspected), None),
        (|r| r.percent = Some(0), Some(SHARE)),
        (|r| r.percent = Some(1), None),
        (|r| r.percent = Some(100), None),
        (|r| r.percent = Some(101), Some(SHARE)),
        (|r| r.executive = true, None),
        (|r| r.strategic = true, None),
        (
            |r| (r.strategic, r.name) = (true, " ".to_owned()),
            Some("Severity rule must not be empty."),
        ),
        (
            |r| (r.strategic, r.name) = (true, "é".repeat(201)),
            Some("Severity rule must be at most 200 characters."),
        ),
    ];
    for (spoil, why) in cases {
        let rule = rule(spoil);
        let answer = sent(with(|p| p.severity_rules = vec![rule.clone()]));
        let refused = answer.err().map(|refusal| refusal.to_string());
        assert_eq!(refused.as_deref(), why, "{rule:?}");
    }
}

#[test]
fn severity_rules_stand_worst_first_and_of_one_severity_as_given() {
    let named = |name: &str, severity| SeverityRule {
        name: name.to_owned(),
        severity,
        strategic: true,
        ..rule(|_| ())
    };
    use Severity::{Sev1, Sev2, Sev3};
    let kept = sent(with(|p| {
        p.severity_rules = vec![
            named("a", Sev3),
            named(" b ", Sev2),
            named("c", Sev1),
            named("d", Sev2),
            named("e", Sev1),
        ];
    }))
    .unwrap();
    let order: Vec<&str> = kept.severity_rules.iter().map(|r| &*r.name).collect();
    assert_eq!(order, ["c", "e", "b", "d", "a"]);
    let many = |n| with(|p| p.severity_rules = vec![named("x", Sev2); n]);
    assert!(sent(many(500)).is_ok());
    assert_eq!(
        sent(many(501)).unwrap_err().to_string(),
        "Severity rules are more than 500."
    );
    assert!(
        sent(many(0)).is_ok(),
        "without rules all is SEV-3, which is a policy too"
    );
}

fn row(up_to: Option<(u64, &str)>, approver: &str, people: Vec<PersonId>) -> ApprovalRow {
    ApprovalRow {
        up_to: up_to.map(|(minor, currency)| Money {
            minor,
            currency: currency.to_owned(),
        }),
        approver: approver.to_owned(),
        people,
    }
}

#[test]
fn the_bounds_of_the_credit_matrix_are_in_the_currency_of_the_policy() {
    let matrix = |currency| {
        vec![
            row(Some((1, currency)), "VP", vec![]),
            row(None, "CFO", vec![]),
        ]
    };
    for (currency, bounds, may) in [
        ("EUR", "EUR", true),
        (" eur ", "EUR", true),
        ("USD", "USD", true),
        ("USD", "EUR", false),
        ("EUR", "USD", false),
        ("EUR", "eur", false),
    ] {
        let answer = sent(with(|p| {
            p.currency = currency.to_owned();
            p.credit_matrix = matrix(bounds);
        }));
        assert_eq!(answer.is_ok(), may, "{currency} and {bounds}: {answer:?}");
    }
    let why = sent(with(|p| p.currency = "USD".to_owned())).unwrap_err();
    assert_eq!(
        why.to_string().replace('\u{a0}', " "),
        "Approval matrix has “CS lead” up to 1 000.00 EUR, and the policy counts in USD; write the bound in USD."
    );
    let unbounded = sent(with(|p| {
        p.currency = "USD".to_owned();
        p.credit_matrix = vec![row(None, "CFO", vec![])];
    }));
    assert!(unbounded.is_ok(), "no bound, no currency");
}

#[test]
fn the_credit_matrix_covers_every_amount_and_is_tidied() {
    let eur = |minor| Some((minor, "EUR"));
    for (rows, why) in [
        (vec![], Some("Approval matrix has no row")),
        (
            vec![row(eur(1), "VP", vec![])],
            Some("Approval matrix must end with"),
        ),
        (
            vec![row(None, " ", vec![])],
            Some("Approver must not be empty"),
        ),
        (
            vec![
                row(eur(5), "VP", vec![]),
                row(eur(5), "VP", vec![]),
                row(None, "CFO", vec![]),
            ],
            Some("Approval matrix is out of order"),
        ),
        (
            vec![
                row(eur(5), "VP", vec![]),
                row(eur(6), "VP", vec![]),
                row(None, "CFO", vec![]),
            ],
            None,
        ),
    ] {
        let answer = sent(with(|p| p.credit_matrix = rows.clone()));
        let refused = answer.err().map(|r| r.to_string()).unwrap_or_default();
        assert!(refused.starts_with(why.unwrap_or_default()), "{refused}");
        assert_eq!(refused.is_empty(), why.is_none(), "{rows:?}");
    }
    let people = vec![cy().id, bo().id, cy().id];
    let kept = sent(with(|p| p.credit_matrix = vec![row(None, " CFO ", people)])).unwrap();
    assert_eq!(
        kept.credit_matrix,
        [row(None, "CFO", vec![cy().id, bo().id])]
    );
    let named = |n| {
        let people = (0..n).map(|n| PersonId(uuid::Uuid::from_u128(n))).collect();
        sent(with(|p| p.credit_matrix = vec![row(None, "CFO", people)]))
    };
    assert!(named(500).is_ok());
    assert_eq!(
        named(501).unwrap_err().to_string(),
        "People of a row are more than 500."
    );
    let many = |n: u64| {
        let bounded = (1..n).map(|minor| row(eur(minor), "VP", vec![]));
        bounded
            .chain([row(None, "CFO", vec![])])
            .collect::<Vec<_>>()
    };
    assert!(sent(with(|p| p.credit_matrix = many(500))).is_ok());
    assert_eq!(
        sent(with(|p| p.credit_matrix = many(501)))
            .unwrap_err()
            .to_string(),
        "Approval rows are more than 500."
    );
}

/// Declared as this severity, with executives watching.
fn watched(severity: Severity) -> Command {
    let mut command = declare(severity, at(0));
    if let Command::Declare { details, .. } = &mut command {
        *details = Details {
            triage: Triage {
                executive: Some(YesNo::Yes),
                ..Triage::default()
            },
            ..Details::default()
        };
    }
    command
}

#[test]
fn a_new_severity_matrix_proposes_for_new_incidents_only() {
    let mut policies = Policies::new(Policy::default());
    let declared_under = |policies: &Policies, severity| -> Result<Room, Refusal> {
        let mut room = Room::empty();
        room.policy = Policy::clone(&policies.current());
        room.send(&ana(), watched(severity)).map(|_| room)
    };
    let old = declared_under(&policies, Severity::Sev3).unwrap();
    policies.add(
        sent(with(|p| {
            p.severity_rules = vec![rule(|r| r.executive = true)];
        }))
        .unwrap(),
    );

    let refused = declared_under(&policies, Severity::Sev3).err().unwrap();
    assert_eq!(
        refused.to_string(),
        "Severity differs from SEV-1, which the matrix proposes (Night); say why."
    );
    let new = declared_under(&policies, Severity::Sev1).unwrap();
    let proposed = |room: &Room| {
        let declared = room.incident.declared.as_ref().unwrap();
        declared.proposal.clone().unwrap().rule
    };
    assert_eq!(proposed(&new), "Night");
    assert_eq!(proposed(&old), "No rule for more fires");
    assert_eq!(old.incident.severity(), Some(Severity::Sev3));
    let version = |room: &Room| policies.of(&room.incident).version;
    assert_eq!((version(&old), version(&new)), (1, 2));
}

#[test]
fn a_new_credit_matrix_judges_what_is_open_and_a_new_currency_only_what_is_new() {
    let mut policies = Policies::new(Policy::default());
    let mut old = Room::declared(Severity::Sev1);
    let mut usd = sent(with(|p| {
        p.currency = "USD".to_owned();
        p.credit_matrix = vec![
            row(Some((900, "USD")), "VP", vec![]),
            row(None, "Board", vec![cy().id]),
        ];
    }))
    .unwrap();
    policies.add(usd.clone());
    let mut new = Room::empty();
    new.policy = Policy::clone(&policies.current());
    new.ok(&ana(), declare(Severity::Sev1, at(0)));

    for (room, currency, other, approver, may) in [
        // What it is worth in the currency of the bounds is not known, so the highest decides.
        (&mut old, "EUR", "USD", "Board", false),
        (&mut new, "USD", "EUR", "VP", true),
    ] {
        room.policy = Policy::clone(&policies.of(&room.incident));
        room.note("Northwind");
        room.refused(&ana(), propose(granted(other, 500)));
        let proposal = room.ok(&ana(), propose(granted(currency, 500)));
        assert_eq!(room.incident.proposals[0].approver, approver);
        assert_eq!(
            room.send(&bo(), approve(proposal)).is_ok(),
            may,
            "{approver}"
        );
        assert_eq!(
            room.send(&cy(), approve(proposal)).is_ok(),
            !may,
            "{approver}"
        );
    }
    // Days are worth what the customer pays for them, and that is in another currency.
    let mut days_only = Room::declared(Severity::Sev1);
    days_only.policy = Policy::clone(&policies.of(&days_only.incident));
    days_only.note("Northwind");
    let proposal = days_only.ok(&ana(), propose(days()));
    assert_eq!(days_only.incident.proposals[0].approver, "Board");
    days_only.refused(&bo(), approve(proposal));
    days_only.ok(&cy(), approve(proposal));
    usd.version += 1;
    usd.cadence_min = [1, 2, 3];
    policies.add(usd);
    let kept = policies.of(&old.incident);
    assert_eq!((kept.version, &*kept.currency), (1, "EUR"));
    assert_eq!(kept.cadence_min, Policy::default().cadence_min);
}

/// Whoever was named and is gone blocks nothing that is open, and whoever was taken off the matrix
/// approves nothing more.
#[test]
fn who_approves_a_credit_is_asked_of_the_policy_in_force() {
    let named = |people: Vec<PersonId>| {
        let matrix = vec![
            row(Some((900, "EUR")), "Lead", people),
            row(None, "CFO", vec![]),
        ];
        with(|p| p.credit_matrix = matrix)
    };
    let mut policies = Policies::new(named(vec![bo().id]));
    let mut room = Room::declared(Severity::Sev1);
    room.policy = Policy::clone(&policies.of(&room.incident));
    room.note("Northwind");
    let proposal = room.ok(&ana(), propose(granted("EUR", 900)));
    assert_eq!(
        room.refused(&cy(), approve(proposal)),
        "A credit up to 9.00\u{a0}EUR is approved by the Lead. \
         Who that is stands in the policy; an administrator can change it."
    );
    policies.add(Policy {
        version: 2,
        ..named(vec![cy().id])
    });
    room.policy = Policy::clone(&policies.of(&room.incident));
    assert_eq!(room.policy.version, 1);
    room.refused(&bo(), approve(proposal));
    room.ok(&cy(), approve(proposal));
}

fn propose(credit: Credit) -> Command {
    Command::ProposeCredit {
        customer: named("Northwind"),
        credit,
        monthly_fee: None,
        working: None,
    }
}

fn granted(currency: &str, minor: u64) -> Credit {
    Credit::Granted {
        amount: Money {
            currency: currency.to_owned(),
            minor,
        },
        reason: "SLA".to_owned(),
    }
}

fn days() -> Credit {
    Credit::ServiceDays {
        days: 3,
        reason: "They lost a day".to_owned(),
    }
}

fn approve(proposal: EntryId) -> Command {
    Command::JudgeCredit {
        proposal,
        judgement: Judgement::Approve,
    }
}
