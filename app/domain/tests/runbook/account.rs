//! Customers, credits and what closes an incident (RUNBOOK §7, §9, §10).

use crate::room::{Room, ana, at, bo, customer, cy, named, what_opens};
use chrono::{Duration, NaiveDate};
use domain::customer::{Credit, Customer, Judgement, Money};
use domain::gate::Need;
use domain::update::UpdateKind;
use domain::{Command, CommandId, Event, Refusal, Severity, Status};
use uuid::Uuid;

#[test]
fn a_customer_is_said_anew_under_the_same_name() {
    let mut room = Room::declared(Severity::Sev1);
    room.ok(
        &ana(),
        Command::NoteCustomer {
            customer: customer("Northwind"),
        },
    );
    let better = Customer {
        sentiment_now: Some(1),
        ..customer(" Northwind ")
    };
    room.ok(&ana(), Command::NoteCustomer { customer: better });
    room.ok(
        &ana(),
        Command::NoteCustomer {
            customer: customer("Tallis"),
        },
    );
    assert_eq!(room.incident.customers.len(), 2);
    assert_eq!(room.incident.customers[0].sentiment_now, Some(1));
}

/// An older build sends a whole line, and not what its author saw of it.
#[test]
fn whole_line_of_an_older_build_replaces_nobody_elses_words() {
    let mut room = Room::declared(Severity::Sev1);
    room.note("Northwind");
    let seen = customer("Northwind");
    let line = |tier: &str, sees: &str| Customer {
        tier: tier.to_owned(),
        sees: sees.to_owned(),
        ..seen.clone()
    };
    // Nothing is new, or all that goes is its author's own.
    room.ok(
        &bo(),
        Command::NoteCustomer {
            customer: seen.clone(),
        },
    );
    let customer = line("Growth", &seen.sees);
    room.ok(&ana(), Command::NoteCustomer { customer });
    let customer = line("Growth", "All orders fail");
    let why = room.refused(&bo(), Command::NoteCustomer { customer });
    assert_eq!(
        why,
        "Ana set what is known of Northwind to what they see 1 in 5 orders fails, where yours says what they see All \
         orders fail. This page is older than the program and would replace the whole line. Reload the page, then \
         change that line."
    );
    let now = &room.incident.customers[0];
    assert_eq!((&*now.tier, &*now.sees), ("Growth", "1 in 5 orders fails"));
}

#[test]
fn sentiment_lies_between_minus_2_and_2() {
    for (sentiment, may) in [
        (-3, false),
        (-2, true),
        (2, true),
        (3, false),
        (i8::MIN, false),
    ] {
        for before in [true, false] {
            let mut c = customer("Northwind");
            if before {
                c.sentiment_before = Some(sentiment);
            } else {
                c.sentiment_now = Some(sentiment);
            }
            let mut room = Room::declared(Severity::Sev1);
            assert_eq!(
                room.send(&ana(), Command::NoteCustomer { customer: c })
                    .is_ok(),
                may
            );
        }
    }
    for (annual_revenue, may) in [
        (0, true),
        (1_000_000_000_000, true),
        (1_000_000_000_001, false),
        (u64::MAX, false),
    ] {
        let customer = Customer {
            annual_revenue,
            ..customer("Northwind")
        };
        let mut room = Room::declared(Severity::Sev1);
        let answer = room.send(&ana(), Command::NoteCustomer { customer });
        assert_eq!(answer.is_ok(), may, "{annual_revenue}");
    }
}

fn money(currency: &str, minor: u64) -> Money {
    Money {
        currency: currency.to_owned(),
        minor,
    }
}

fn granted(currency: &str, minor: u64, reason: &str) -> Credit {
    Credit::Granted {
        amount: money(currency, minor),
        reason: reason.to_owned(),
    }
}

fn propose(who: &str, credit: Credit, fee: Option<Money>) -> Command {
    Command::ProposeCredit {
        customer: named(who),
        credit,
        monthly_fee: fee,
        working: Some("10 % of the fee".to_owned()),
    }
}

fn with_northwind() -> Room {
    let mut room = Room::declared(Severity::Sev1);
    let customer = customer("Northwind");
    room.ok(&ana(), Command::NoteCustomer { customer });
    room
}

#[test]
fn a_credit_is_proposed_in_money_up_to_the_fee_or_in_days_and_none_is_decided_with_a_reason() {
    let days = |days| Credit::ServiceDays {
        days,
        reason: "Hardening".to_owned(),
    };
    let fee = |minor| Some(money("EUR", minor));
    for (who, credit, fee, may) in [
        ("Northwind", granted("EUR", 1, "SLA"), None, true),
        ("Northwind", granted("EUR", 0, "SLA"), None, false),
        ("Northwind", granted("EUR", 100, "SLA"), fee(100), true),
        ("Northwind", granted("EUR", 101, "SLA"), fee(100), false),
        ("Northwind", granted("USD", 100, "SLA"), None, false),
        (
            "Northwind",
            granted("USD", 100, "SLA"),
            Some(money("USD", 900)),
            true,
        ),
        ("Northwind", granted("EUR", 100, ""), None, false),
        ("Northwind", days(0), None, false),
        ("Northwind", days(3_650), None, true),
        ("Northwind", days(3_651), None, false),
        ("Tallis", granted("EUR", 100, "SLA"), None, false),
    ] {
        let mut room = with_northwind();
        let sent = room.send(&ana(), propose(who, credit.clone(), fee));
        assert_eq!(sent.is_ok(), may, "{who} {credit:?}");
        assert!(
            room.incident.credits.is_empty(),
            "a proposal decides nothing"
        );
    }
    let decide = |who: &str, credit| Command::DecideCredit {
        customer: named(who),
        credit,
    };
    let none = |reason: &str| Credit::None {
        reason: reason.to_owned(),
    };
    let mut room = with_northwind();
    assert_eq!(
        room.refused(&ana(), decide("Northwind", granted("EUR", 1, "SLA"))),
        "A credit is proposed first, and approved by another person."
    );
    room.refused(&ana(), decide("Northwind", none(" ")));
    room.refused(&ana(), decide("Tallis", none("Above 99.9 %")));
    room.ok(&ana(), decide("Northwind", none("Above 99.9 %")));
}

/// As it was decided before credits were proposed.
#[test]
fn a_credit_of_an_older_log_is_told_in_the_decimals_of_its_currency() {
    for (currency, minor, told) in [
        ("EUR", 120_007, "Credit for Northwind: 1200.07 EUR, SLA"),
        ("JPY", 120_007, "Credit for Northwind: 120007 JPY, SLA"),
        ("KWD", 1_234, "Credit for Northwind: 1.234 KWD, SLA"),
    ] {
        let mut room = with_northwind();
        let event = Event::CreditDecidedV2 {
            customer: named("Northwind"),
            credit: granted(currency, minor, "SLA"),
        };
        room.record(&ana(), CommandId(Uuid::from_u128(99)), event);
        assert_eq!(room.incident.timeline.last().unwrap().text, told);
    }
}

#[test]
fn a_credit_is_judged_by_another_person_and_only_once() {
    let judge = |proposal, judgement| Command::JudgeCredit {
        proposal,
        judgement,
    };
    let no = || Judgement::Reject {
        reason: "Above 99.9 %".to_owned(),
    };
    let mut room = with_northwind();
    room.policy.credit_matrix[1].people = vec![cy().id];
    let low = room.ok(
        &ana(),
        propose("Northwind", granted("EUR", 100_000, "SLA"), None),
    );
    assert_eq!(room.incident.proposals[0].approver, "CS lead");
    let again = propose("Northwind", granted("EUR", 5, "SLA"), None);
    assert!(room.refused(&bo(), again).contains("proposed Credit"));
    let own = room.refused(&ana(), judge(low, Judgement::Approve));
    assert!(own.contains("Nobody approves their own proposal"), "{own}");
    let other = granted("EUR", 100_001, "SLA");
    let more = Judgement::Change {
        credit: other.clone(),
        reason: "More".to_owned(),
    };
    // What it becomes is for a VP, and here the VP is Cy.
    room.refused(&bo(), judge(low, more));
    room.ok(&bo(), judge(low, no()));
    assert!(room.incident.credits.is_empty());
    room.refused(&cy(), judge(low, Judgement::Approve));

    let high = room.ok(&ana(), propose("Northwind", other, None));
    assert_eq!(room.incident.proposals[1].approver, "VP");
    room.refused(&bo(), judge(high, Judgement::Approve));
    room.ok(&cy(), judge(high, Judgement::Approve));
    assert_eq!(room.incident.credits.len(), 1);
    assert_eq!(room.incident.credits[0].by, cy());
    let last = &room.incident.timeline.last().unwrap().text;
    assert!(
        last.starts_with("Approved for Northwind: Credit 1"),
        "{last}"
    );
}

#[test]
fn every_customer_on_the_incident_gets_a_decision() {
    let mut room = Room::at_status(Status::Resolved);
    room.publishes(UpdateKind::Resolution);
    room.ok(
        &ana(),
        Command::NoteCustomer {
            customer: customer("Tallis"),
        },
    );
    for command in what_opens(Status::Closed, room.now) {
        room.ok(&ana(), command);
    }
    let lacks = Need::Credit {
        customer: named("Tallis"),
    };
    let refusal = room
        .send(&ana(), Command::MoveStatus { to: Status::Closed })
        .unwrap_err();
    assert_eq!(
        refusal,
        Refusal::GateShut {
            to: Status::Closed,
            missing: vec![lacks]
        }
    );
    assert_eq!(refusal.to_string(), "Closed needs 1 more.");
}

#[test]
fn the_post_mortem_is_booked_after_resolution_inside_5_business_days() {
    let book = |at| Command::BookPostMortem {
        at,
        facilitator: bo(),
    };
    let mut early = Room::at_status(Status::Mitigated);
    assert!(
        early
            .refused(&ana(), book(at(60)))
            .contains("booked once it is resolved")
    );

    // Resolved on Monday the 23rd: the fifth business day is Monday the 30th, to its end.
    let end = at(14 * 60) + Duration::days(7);
    let room = Room::at_status(Status::Resolved);
    for (when, may) in [
        (at(-1), false),
        (at(0), false),
        (at(1), true),
        (end, true),
        (end + Duration::milliseconds(1), false),
        (domain::Time::MAX_UTC, false),
    ] {
        assert_eq!(room.clone().send(&ana(), book(when)).is_ok(), may, "{when}");
    }

    let mut reopened = room;
    reopened.ok(
        &ana(),
        Command::MoveBack {
            to: Status::Active,
            reason: "Back".to_owned(),
        },
    );
    assert!(
        reopened
            .refused(&ana(), book(at(60)))
            .contains("booked once it is resolved")
    );
}

#[test]
fn an_action_has_a_due_date_from_today_on_and_acceptance_criteria() {
    let agree = |due_on, acceptance: &str| Command::AgreeAction {
        what: "Limit connections".to_owned(),
        owner: bo(),
        due_on,
        acceptance: acceptance.to_owned(),
    };
    let day = |d| NaiveDate::from_ymd_opt(2026, 11, d).unwrap();
    let room = Room::declared(Severity::Sev1);
    for (due_on, acceptance, may) in [
        (day(22), "A test fails", false),
        (day(23), "A test fails", true),
        (day(30), "", false),
        (NaiveDate::MAX, "A test fails", true),
    ] {
        let answer = room.clone().send(&ana(), agree(due_on, acceptance));
        assert_eq!(answer.is_ok(), may, "{due_on} {acceptance}");
    }
}
