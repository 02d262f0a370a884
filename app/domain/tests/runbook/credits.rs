//! What an approver must be able to rely on (RUNBOOK §9): what they approved stays until somebody
//! as high takes it back, and a fee that was typed is told apart from the one that is known.

use crate::room::{Room, ana, bo, customer, cy, named, person};
use domain::approval::ApprovalRow;
use domain::customer::{Credit, Customer, CustomerId, CustomerRef, Judgement, Money};
use domain::worth::Pays;
use domain::{Command, CommandId, Event, PersonRef, Policies, Policy, Severity};
use std::sync::Arc;

const WHO: &str = "Northwind";

fn euros(minor: u64) -> Money {
    Money {
        currency: "EUR".to_owned(),
        minor,
    }
}

fn granted(minor: u64) -> Credit {
    Credit::Granted {
        amount: euros(minor),
        reason: "SLA".to_owned(),
    }
}

fn none() -> Command {
    Command::DecideCredit {
        customer: named(WHO),
        credit: Credit::None {
            reason: "They agree".to_owned(),
        },
    }
}

fn propose(credit: Credit, fee: Option<Money>, working: Option<&str>) -> Command {
    Command::ProposeCredit {
        customer: named(WHO),
        credit,
        monthly_fee: fee,
        working: working.map(str::to_owned),
    }
}

fn approve(room: &mut Room, by: &PersonRef) {
    let waits = room.incident.proposal_for(named(WHO).id).unwrap();
    let command = Command::JudgeCredit {
        proposal: waits.id,
        judgement: Judgement::Approve,
    };
    room.ok(by, command);
}

/// Northwind pays 9 000.00 EUR a month. Bo is the CS lead, Cy the VP, Dan the CFO.
fn room() -> Room {
    let mut room = Room::declared(Severity::Sev1);
    let people = [bo(), cy(), person(3)];
    for (row, who) in room.policy.credit_matrix.iter_mut().zip(people) {
        row.people = vec![who.id];
    }
    let customer = Customer {
        monthly_fee: Some(euros(900_000)),
        ..customer(WHO)
    };
    room.ok(&ana(), Command::NoteCustomer { customer });
    room
}

/// Proposed by Ana and approved by the VP.
fn with_5_000_approved() -> Room {
    let mut room = room();
    room.ok(&ana(), propose(granted(500_000), None, None));
    approve(&mut room, &cy());
    room
}

#[test]
fn an_approved_credit_is_taken_back_by_who_could_have_approved_it_or_more() {
    let room = with_5_000_approved();
    for (by, may) in [
        (ana(), false),
        (bo(), false),
        (cy(), true),
        (person(3), true),
        (person(4), false),
    ] {
        let mut room = room.clone();
        assert_eq!(room.send(&by, none()).is_ok(), may, "{}", by.name);
    }
    let why = room.clone().refused(&bo(), none());
    assert_eq!(
        why,
        "What was approved is taken back by who may approve it. Ask one of them: this one is for the VP."
    );
    // Once it is nothing, nothing is taken back.
    let mut room = room;
    room.ok(&cy(), none());
    room.ok(&bo(), none());
}

#[test]
fn who_proposed_a_credit_does_not_take_it_back_alone() {
    let mut room = with_5_000_approved();
    for row in &mut room.policy.credit_matrix {
        row.people.push(ana().id);
    }
    let why = room.refused(&ana(), none());
    assert!(why.contains("does not take it back alone"), "{why}");
    // As shipped, nobody is named: then nobody takes it back until somebody is.
    for row in &mut room.policy.credit_matrix {
        row.people = Vec::new();
    }
    let why = room.refused(&person(4), none());
    assert!(why.starts_with("No approver is set"), "{why}");
    room.policy.credit_matrix[1].people = vec![person(4).id];
    room.ok(&person(4), none());
}

#[test]
fn who_proposed_a_credit_takes_the_proposal_back_while_it_waits() {
    let judge = |proposal, judgement| Command::JudgeCredit {
        proposal,
        judgement,
    };
    let reject = || Judgement::Reject {
        reason: "A typing error".to_owned(),
    };
    let change = || Judgement::Change {
        credit: granted(1),
        reason: "A typing error".to_owned(),
    };
    for names_nobody in [true, false] {
        let mut room = with_5_000_approved();
        let given = room.incident.credits.clone();
        if names_nobody {
            for row in &mut room.policy.credit_matrix {
                row.people = Vec::new();
            }
        }
        let proposal = room.ok(&ana(), propose(granted(500_000), None, None));
        room.refused(&bo(), propose(granted(100), None, None));
        // Nobody who may not approve it rejects it, and its proposer does nothing else.
        room.refused(&bo(), judge(proposal, reject()));
        for judgement in [Judgement::Approve, change()] {
            let why = room.refused(&ana(), judge(proposal, judgement));
            assert_eq!(
                why,
                "Nobody approves their own proposal. Ask another: this one is for the VP. You take it back by rejecting it."
            );
        }
        room.ok(&ana(), judge(proposal, reject()));
        assert_eq!(room.incident.credits, given, "what was approved stands");
        room.ok(&bo(), propose(granted(100), None, None));
        room.refused(&ana(), judge(proposal, reject()));
    }
}

#[test]
fn a_lower_credit_in_the_place_of_a_higher_one_is_for_who_approved_the_higher() {
    let mut room = with_5_000_approved();
    room.ok(&ana(), propose(granted(100), None, None));
    let waits = room.incident.proposal_for(named(WHO).id).unwrap().clone();
    assert_eq!(waits.approver, "VP");
    let judge = |judgement| Command::JudgeCredit {
        proposal: waits.id,
        judgement,
    };
    room.refused(&bo(), judge(Judgement::Approve));
    let days = Judgement::Change {
        credit: Credit::ServiceDays {
            days: 2,
            reason: "They asked".to_owned(),
        },
        reason: "They asked".to_owned(),
    };
    room.refused(&bo(), judge(days.clone()));
    room.ok(&cy(), judge(days));
    // Two days are worth 6 794.53 EUR to them, so that less in their place is for the VP again.
    room.ok(&ana(), propose(granted(100), None, None));
    approve(&mut room, &cy());
    // What is in force now is for the lowest row, and so is what comes in its place.
    room.ok(&ana(), propose(granted(200), None, None));
    approve(&mut room, &bo());
}

#[test]
fn a_fee_that_is_typed_otherwise_than_it_is_known_is_said_under_the_working() {
    let said = "The monthly fee was typed as 9 500.00 EUR; on the incident it is 9 000.00 EUR.";
    let other = || Some(euros(950_000));
    for (fee, working, kept) in [
        (None, None, None),
        (Some(euros(900_000)), Some("10 %"), Some("10 %".to_owned())),
        (other(), Some("10 %"), Some(format!("10 %\n\n{said}"))),
        (other(), Some(" "), Some(said.to_owned())),
        (other(), None, Some(said.to_owned())),
    ] {
        let mut room = room();
        room.ok(&ana(), propose(granted(100), fee, working));
        let waits = room.incident.proposal_for(named(WHO).id).unwrap();
        let told = waits.working.as_ref().map(|w| w.replace('\u{a0}', " "));
        assert_eq!(told, kept);
    }
    // Where no fee was known, the typed one differs from nothing.
    let mut room = Room::declared(Severity::Sev1);
    let customer = customer(WHO);
    room.ok(&ana(), Command::NoteCustomer { customer });
    room.ok(&ana(), propose(granted(100), other(), None));
    assert_eq!(room.incident.proposals[0].working, None);
}

#[test]
fn fee_is_typed_in_a_currency_as_it_is_written() {
    for (currency, may) in [
        ("USD", true),
        ("usd", false),
        ("", false),
        ("dollars", false),
    ] {
        let fee = Money {
            currency: currency.to_owned(),
            minor: 100_000,
        };
        let credit = Credit::Granted {
            amount: fee.clone(),
            reason: "SLA".to_owned(),
        };
        let answer = room().send(&ana(), propose(credit, Some(fee), None));
        assert_eq!(answer.is_ok(), may, "{currency}: {answer:?}");
    }
}

fn days(days: u32) -> Credit {
    Credit::Extension {
        days,
        reason: "Sorry".to_owned(),
    }
}

/// `by` changes what the customer is known to pay.
fn pays(room: &mut Room, by: &PersonRef, annual_revenue: u64) {
    let was = Box::new(room.incident.customers[0].clone());
    let to = Box::new(Customer {
        annual_revenue,
        monthly_fee: None,
        ..Customer::clone(&was)
    });
    room.ok(by, Command::ChangeCustomer { was, to });
}

#[test]
fn worth_of_days_is_not_lowered_by_noting_the_customer_poorer() {
    // Before it is proposed, or between that and the judgement; by the proposer, or by a friend.
    for (before, by) in [(true, ana()), (true, bo()), (false, ana()), (false, bo())] {
        let mut room = room();
        if before {
            pays(&mut room, &by, 1);
        }
        let proposal = room.ok(&ana(), propose(days(365), None, None));
        if !before {
            pays(&mut room, &by, 1);
        }
        assert_eq!(room.incident.proposals[0].approver, "CFO");
        let judgement = Judgement::Approve;
        let why = room.refused(
            &bo(),
            Command::JudgeCredit {
                proposal,
                judgement,
            },
        );
        assert!(why.contains("approved by the CFO"), "{why}");
        approve(&mut room, &person(3));
        // Nor is it taken back by the lowest row then.
        room.refused(&bo(), none());
    }
}

#[test]
fn days_by_numbers_of_the_proposer_alone_are_not_for_the_lowest_row() {
    let mut room = Room::declared(Severity::Sev1);
    let customer = Customer {
        annual_revenue: 365,
        ..customer(WHO)
    };
    room.ok(&ana(), Command::NoteCustomer { customer });
    let mut own = room.clone();
    own.ok(&ana(), propose(days(1), None, None));
    assert_eq!(own.incident.proposals[0].approver, "VP");
    room.ok(&bo(), propose(days(1), None, None));
    assert_eq!(room.incident.proposals[0].approver, "CS lead");
    // Who edits something else in the line does not vouch for its numbers.
    let mut seen = own;
    let was = Box::new(seen.incident.customers[0].clone());
    let to = Box::new(Customer {
        sees: "Errors on each page".to_owned(),
        ..Customer::clone(&was)
    });
    seen.ok(&bo(), Command::ChangeCustomer { was, to });
    assert!(seen.incident.noted_pay.iter().all(|n| n.by == ana().id));
}

/// A customer of this name without an account, of whom Cy has typed that they pay 1 EUR a year.
fn entry(room: &mut Room, name: &str) -> CustomerRef {
    let id = CustomerId::Entry(CommandId(uuid::Uuid::from_u128(700)));
    let customer = Customer {
        id,
        account: None,
        annual_revenue: 1,
        ..customer(name)
    };
    let named = customer.to_ref();
    room.ok(&cy(), Command::NoteCustomer { customer });
    named
}

fn propose_for(customer: &CustomerRef, credit: Credit) -> Command {
    Command::ProposeCredit {
        customer: customer.clone(),
        credit,
        monthly_fee: None,
        working: None,
    }
}

/// Joins the entry to the account of this name.
fn join(room: &Room, entry: &CustomerRef, account: &str) -> Command {
    let was = Box::new(room.incident.customer(entry.id).unwrap().clone());
    let to = Box::new(Customer {
        name: account.to_owned(),
        account: named(account).id.account(),
        ..Customer::clone(&was)
    });
    Command::ChangeCustomer { was, to }
}

fn a_year(annual_revenue: u64) -> Pays {
    Pays {
        currency: Some("EUR".to_owned()),
        annual_revenue,
        monthly_fee: 0,
    }
}

#[test]
fn days_for_who_has_no_account_are_for_the_highest_row() {
    for name in ["Tiny Ltd", "Northwind.", "Orchard Bank"] {
        let mut room = room();
        let tiny = entry(&mut room, name);
        room.ok(&ana(), propose_for(&tiny, days(1)));
        assert_eq!(room.incident.proposals[0].approver, "CFO", "{name}");
    }
}

#[test]
fn line_with_a_credit_that_waits_is_not_joined_to_an_account() {
    for credit in [granted(5_000), days(3)] {
        let mut room = room();
        let tiny = entry(&mut room, "Tiny Ltd");
        let proposal = room.ok(&ana(), propose_for(&tiny, credit));
        let command = join(&room, &tiny, "Lumen Health");
        let why = room.refused(&ana(), command.clone());
        assert!(why.starts_with("Ana proposed “"), "{why}");
        assert!(
            why.ends_with(
                "for Tiny Ltd, which waits for an answer. Have it rejected, choose the account \
                 then, and propose it for the account."
            ),
            "{why}"
        );
        // As an older build says it: by the name alone.
        let older = Customer {
            id: CustomerId::default(),
            account: named("Lumen Health").id.account(),
            ..room.incident.customer(tiny.id).unwrap().clone()
        };
        let again = room.refused(&ana(), Command::NoteCustomer { customer: older });
        assert_eq!(again, why);
        let judgement = Judgement::Reject {
            reason: "Whose is it?".to_owned(),
        };
        let by = match room.incident.proposals[0].approver.as_str() {
            "CFO" => person(3),
            _ => bo(),
        };
        room.ok(
            &by,
            Command::JudgeCredit {
                proposal,
                judgement,
            },
        );
        room.ok(&ana(), command);
    }
}

#[test]
fn days_of_an_entry_stand_at_an_account_only_if_who_approved_them_may_approve_them_there() {
    let mut room = room();
    let tiny = entry(&mut room, "Tiny Ltd");
    // As it was approved before: by the CS lead, for a year that was worth 1 EUR.
    let proposed = Event::CreditProposedV2 {
        customer: tiny.clone(),
        credit: days(3_000),
        working: None,
        approver: "CS lead".to_owned(),
    };
    let proposal = CommandId(uuid::Uuid::from_u128(701));
    room.record(&ana(), proposal, proposed);
    let judged = |judgement| Event::CreditJudged {
        proposal,
        judgement,
    };
    let approved = CommandId(uuid::Uuid::from_u128(702));
    let (by_lead, by_cfo) = {
        let mut other = room.clone();
        room.record(&bo(), approved, judged(Judgement::Approve));
        other.record(&person(3), approved, judged(Judgement::Approve));
        (room, other)
    };
    let joins = |room: &Room, pays: &Pays| {
        let command = join(room, &tiny, "Lumen Health");
        let (incident, policy) = (&room.incident, &room.policy);
        domain::decide_knowing(incident, command, &ana(), policy, Some(pays), room.now)
    };
    for (room, pays, may) in [
        (&by_lead, a_year(4_000_000), false),
        (&by_lead, a_year(0), true),
        (&by_lead, a_year(121), true),
        (&by_lead, a_year(122), false),
        (&by_cfo, a_year(4_000_000), true),
        (&by_cfo, a_year(121), true),
    ] {
        let answer = joins(room, &pays);
        assert_eq!(answer.is_ok(), may, "{pays:?}: {answer:?}");
    }
    let why = joins(&by_lead, &a_year(4_000_000)).unwrap_err().to_string();
    assert_eq!(
        why,
        "“Contract extended by 3000 days” stands for Tiny Ltd, as Bo approved it; for the account \
         it is for the CFO. Decide on no credit first, choose the account then, and propose it for \
         the account."
    );
    // An amount is worth the same whoever gets it.
    let mut room = crate::credits::room();
    let tiny = entry(&mut room, "Tiny Ltd");
    let proposal = room.ok(&ana(), propose_for(&tiny, granted(5_000)));
    let judgement = Judgement::Approve;
    room.ok(
        &bo(),
        Command::JudgeCredit {
            proposal,
            judgement,
        },
    );
    let command = join(&room, &tiny, "Lumen Health");
    room.ok(&ana(), command);
}

/// As it was decided before credits were proposed: there is nobody whose own it would be.
#[test]
fn a_credit_of_an_older_log_is_taken_back_by_who_may_approve_it() {
    let mut room = room();
    let event = Event::CreditDecidedV2 {
        customer: named(WHO),
        credit: granted(500_000),
    };
    room.record(&ana(), domain::CommandId(uuid::Uuid::from_u128(99)), event);
    room.refused(&bo(), none());
    room.policy.credit_matrix = vec![ApprovalRow {
        up_to: None,
        approver: "Lead".to_owned(),
        people: vec![ana().id],
    }];
    room.ok(&ana(), none());
}

/// Each screen and each command asks for it anew; a policy is long.
#[test]
fn an_older_policy_with_the_matrix_in_force_is_made_once_and_travels_without_it() {
    let mut policies = Policies::new(Policy::default());
    let room = room();
    policies.add(Policy {
        version: 2,
        credit_matrix: room.policy.credit_matrix.clone(),
        ..Policy::default()
    });
    let of = policies.of(&room.incident);
    assert_eq!(of.version, 1);
    assert_eq!(of.credit_matrix, room.policy.credit_matrix);
    assert!(Arc::ptr_eq(&of, &policies.of(&room.incident)));
    let json = domain::json::to_string(&policies);
    assert_eq!(json, serde_json::to_string(policies.versions()).unwrap());
    let read: Policies = domain::json::from_str(&json).unwrap();
    assert_eq!(read, policies);
}
