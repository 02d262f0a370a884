//! Customers, credits and what closes an incident (RUNBOOK §7, §9, §10).

use crate::room::{Room, ana, at, bo, customer, what_opens};
use chrono::{Duration, NaiveDate};
use domain::customer::{Credit, Customer, Money};
use domain::gate::Need;
use domain::update::UpdateKind;
use domain::{Command, Refusal, Severity, Status};

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
    assert_eq!(room.incident.annual_revenue(), 2_480_000);
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
    let rich = Customer {
        annual_revenue: u64::MAX,
        ..customer("Northwind")
    };
    let mut room = Room::declared(Severity::Sev1);
    assert!(
        room.send(&ana(), Command::NoteCustomer { customer: rich })
            .is_err()
    );
}

#[test]
fn a_credit_is_money_of_the_policy_for_a_customer_on_the_incident_or_none_with_a_reason() {
    let granted = |currency: &str, minor, reason: &str| Credit::Granted {
        amount: Money {
            currency: currency.to_owned(),
            minor,
        },
        reason: reason.to_owned(),
    };
    let none = |reason: &str| Credit::None {
        reason: reason.to_owned(),
    };
    for (who, credit, may) in [
        ("Northwind", granted("EUR", 1, "SLA"), true),
        ("Northwind", granted("EUR", 0, "SLA"), false),
        ("Northwind", granted("USD", 100, "SLA"), false),
        ("Northwind", granted("EUR", 100, ""), false),
        ("Northwind", none("Above 99.9 %"), true),
        ("Northwind", none(" "), false),
        ("Tallis", none("Above 99.9 %"), false),
    ] {
        let mut room = Room::declared(Severity::Sev1);
        room.ok(
            &ana(),
            Command::NoteCustomer {
                customer: customer("Northwind"),
            },
        );
        let decide = Command::DecideCredit {
            customer: who.to_owned(),
            credit: credit.clone(),
        };
        assert_eq!(room.send(&ana(), decide).is_ok(), may, "{who} {credit:?}");
    }
}

#[test]
fn a_changed_credit_replaces_the_decision_and_both_stay_on_the_timeline() {
    let mut room = Room::declared(Severity::Sev1);
    room.ok(
        &ana(),
        Command::NoteCustomer {
            customer: customer("Northwind"),
        },
    );
    for minor in [100_005, 250_000] {
        let amount = Money {
            currency: "EUR".to_owned(),
            minor,
        };
        let credit = Credit::Granted {
            amount,
            reason: "SLA".to_owned(),
        };
        room.ok(
            &ana(),
            Command::DecideCredit {
                customer: "Northwind".to_owned(),
                credit,
            },
        );
    }
    assert_eq!(room.incident.credits.len(), 1);
    let lines: Vec<_> = room
        .incident
        .timeline
        .iter()
        .filter(|e| e.text.starts_with("Credit for"))
        .collect();
    assert_eq!(lines[0].text, "Credit for Northwind: 1000.05 EUR, SLA");
    assert_eq!(lines.len(), 2);
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
        customer: "Tallis".to_owned(),
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
