//! What is known of a customer: account, money, impact window, churn risk, deal (RUNBOOK §9).

use crate::room::{Room, ana, at, bo, customer, evidence, minutes, named};
use chrono::{Duration, TimeZone, Utc};
use domain::customer::{ChurnRisk, Credit, Customer, CustomerId, Judgement, Money, revenues};
use domain::evidence::Proves;
use domain::impact::Window;
use domain::{AccountId, Command, CommandId, Event, Severity, Status, Time};
use uuid::Uuid;

fn note(customer: Customer) -> Command {
    Command::NoteCustomer { customer }
}

fn account(n: u128) -> Option<AccountId> {
    Some(AccountId(Uuid::from_u128(n)))
}

fn money(currency: &str, minor: u64) -> Money {
    Money {
        currency: currency.to_owned(),
        minor,
    }
}

/// Ninety minutes into a SEV-2.
fn room() -> Room {
    let mut room = Room::declared(Severity::Sev2);
    room.wait(90);
    room
}

fn last_line(room: &Room) -> &str {
    &room.incident.timeline.last().unwrap().text
}

#[test]
fn a_churn_risk_now_has_a_reason_and_a_reason_has_a_risk() {
    for (risk, reason, may) in [
        (None, None, true),
        (None, Some(" "), true),
        (None, Some("They asked for a second supplier"), false),
        (Some(ChurnRisk::Low), None, false),
        (Some(ChurnRisk::High), None, false),
        (Some(ChurnRisk::High), Some(" \n"), false),
        (Some(ChurnRisk::Low), Some("They thanked us"), true),
        (
            Some(ChurnRisk::High),
            Some("They asked for a second supplier"),
            true,
        ),
    ] {
        let mut room = room();
        let answer = room.send(
            &ana(),
            note(Customer {
                churn_before: Some(ChurnRisk::Medium),
                churn_now: risk,
                churn_reason: reason.map(str::to_owned),
                ..customer("Northwind")
            }),
        );
        assert_eq!(answer.is_ok(), may, "{risk:?} {reason:?}: {answer:?}");
    }
    let mut room = room();
    let unreasoned = Customer {
        churn_now: Some(ChurnRisk::High),
        ..customer("Northwind")
    };
    assert_eq!(
        room.refused(&ana(), note(unreasoned.clone())),
        "Why this churn risk must not be empty: a risk now needs its reason."
    );
    // What was written down before the reason was asked stays as it was.
    let id = domain::CommandId(Uuid::from_u128(77));
    let old = Event::CustomerNoted {
        customer: unreasoned.clone(),
    };
    room.record(&ana(), id, old);
    let unreasoned = Customer {
        id: CustomerId::Entry(id),
        ..unreasoned
    };
    assert_eq!(room.incident.customers, [unreasoned]);
    assert_eq!(last_line(&room), "Northwind: 1 in 5 orders fails");
}

#[test]
fn the_line_tells_what_is_new_of_a_customer() {
    let mut room = room();
    let known = Customer {
        sees: "1 in 5 orders fails.".to_owned(),
        churn_now: Some(ChurnRisk::Medium),
        churn_reason: Some("Their sale runs".to_owned()),
        impact_from: Some(at(10)),
        deal_stage: Some("Renewal: negotiation".to_owned()),
        ..customer("Northwind")
    };
    room.ok(&ana(), note(known.clone()));
    assert_eq!(
        last_line(&room),
        "Northwind: 1 in 5 orders fails. Churn risk medium: Their sale runs. \
         Hurt from 2026-11-23 10:10 UTC. Deal stage: Renewal: negotiation"
    );
    assert_eq!(room.incident.deal_moves, [], "it is only known now");
    let better = Customer {
        sees: "Orders pass".to_owned(),
        impact_to: Some(at(80)),
        ..known.clone()
    };
    room.ok(&ana(), note(better.clone()));
    assert_eq!(
        last_line(&room),
        "Northwind: Orders pass. Hurt until 2026-11-23 11:20 UTC"
    );
    let calm = Customer {
        churn_reason: Some("Their sale is over".to_owned()),
        deal_stage: Some("Renewal: verbal yes".to_owned()),
        ..better
    };
    room.ok(&ana(), note(calm));
    assert_eq!(
        last_line(&room),
        "Northwind: Orders pass. Churn risk medium: Their sale is over. Deal stage: Renewal: verbal yes"
    );
    let moved = room.incident.deal_move(named("Northwind").id).unwrap();
    assert_eq!(moved.from.as_deref(), Some("Renewal: negotiation"));
    assert_eq!(room.incident.customers.len(), 1);
}

#[test]
fn an_impact_window_has_passed_and_ends_after_it_began() {
    let second = Duration::seconds(1);
    let year = Duration::days(366);
    // The impact of the incident began at minute 0; it is minute 90.
    for (from, to, says) in [
        (None, None, ""),
        (Some(at(0)), None, ""),
        (Some(at(90)), None, ""),
        (Some(at(91)), None, ""), // A device's clock may be a minute ahead; it counts as now.
        (
            Some(at(91) + second),
            None,
            "Hurt from is in the future; it is 11:30 UTC now.",
        ),
        (Some(at(-600)), None, ""), // What was declared was a first guess.
        (Some(at(90) - year), None, ""),
        (
            Some(at(90) - year - second),
            None,
            "Hurt from is more than a year ago.",
        ),
        (
            Some(Time::MIN_UTC),
            None,
            "Hurt from is more than a year ago.",
        ),
        (None, Some(at(1)), ""),
        (
            None,
            Some(at(0)),
            "Hurt until must be after 2026-11-23 10:00 UTC.",
        ),
        (
            None,
            Some(at(-5)),
            "Hurt until must be after 2026-11-23 10:00 UTC.",
        ),
        (
            None,
            Some(at(91) + second),
            "Hurt until is in the future; it is 11:30 UTC now.",
        ),
        (Some(at(30)), Some(at(31)), ""),
        (
            Some(at(30)),
            Some(at(30)),
            "Hurt until must be after 2026-11-23 10:30 UTC.",
        ),
        (
            Some(at(31)),
            Some(at(30)),
            "Hurt until must be after 2026-11-23 10:31 UTC.",
        ),
        (Some(at(-30)), Some(at(-20)), ""),
        (
            None,
            Some(Time::MAX_UTC),
            "Hurt until is in the future; it is 11:30 UTC now.",
        ),
    ] {
        let mut room = room();
        let answer = room.send(
            &ana(),
            note(Customer {
                impact_from: from,
                impact_to: to,
                ..customer("Northwind")
            }),
        );
        let told = answer.err().map_or_else(String::new, |e| e.to_string());
        assert_eq!(told, says, "{from:?} to {to:?}");
    }
}

#[test]
fn a_customers_window_is_what_was_stated_for_them_and_else_the_incidents() {
    let mut room = room();
    room.ok(&ana(), note(customer("Northwind")));
    let own = Customer {
        impact_from: Some(at(20)),
        ..customer("Tallis")
    };
    room.ok(&ana(), note(own));
    let windows = |room: &Room| -> Vec<(Time, Option<Time>)> {
        let all = room.incident.customers.iter();
        all.map(|c| Window::of(&room.incident, c).unwrap())
            .map(|w| (w.from, w.to))
            .collect()
    };
    assert_eq!(windows(&room), [(at(0), None), (at(20), None)]);
    room.ok(&ana(), Command::StateImpactEnd { at: at(72) });
    assert_eq!(
        windows(&room),
        [(at(0), Some(at(72))), (at(20), Some(at(72)))]
    );
    let late = Customer {
        impact_from: Some(at(72)),
        ..customer("Kestrel")
    };
    assert_eq!(
        room.refused(&ana(), note(late)),
        "Hurt from must be before the impact of the incident ended."
    );
    let longer = Customer {
        impact_to: Some(at(85)),
        ..customer("Northwind")
    };
    room.ok(&ana(), note(longer));
    assert_eq!(windows(&room)[0], (at(0), Some(at(85))));
    // An end that is stated later may leave a customer with nothing; it is not sound, and stays.
    room.ok(&ana(), Command::StateImpactEnd { at: at(15) });
    let tallis = Window::of(&room.incident, &room.incident.customers[1]).unwrap();
    assert!(!tallis.is_sound());
}

#[test]
fn who_is_hurt_again_is_not_well_any_more() {
    let mut room = Room::declared(Severity::Sev2);
    room.wait(90).moves_to(Status::Mitigated);
    let well = Customer {
        impact_from: Some(at(5)),
        impact_to: Some(at(60)),
        ..customer("Northwind")
    };
    room.ok(&ana(), note(well));
    let back = |to| Command::MoveBack {
        to,
        reason: "Errors again".to_owned(),
    };
    let mut resolved = room.clone();
    resolved.moves_to(Status::Resolved);
    resolved.ok(&ana(), back(Status::Mitigated));
    assert_eq!(resolved.incident.customers[0].impact_to, Some(at(60)));
    room.ok(&ana(), back(Status::Contained));
    assert_eq!(room.incident.customers[0].impact_to, None);
    assert_eq!(room.incident.customers[0].impact_from, Some(at(5)));
}

#[test]
fn a_window_lies_in_as_many_months_as_the_calendar_says() {
    let day = |m, d, h| Utc.with_ymd_and_hms(2026, m, d, h, 0, 0).unwrap();
    for (from, to, months) in [
        (day(11, 1, 0), Some(day(12, 1, 0)), 1),
        (day(11, 30, 23), Some(day(12, 1, 1)), 2),
        (day(11, 30, 23), Some(day(12, 1, 0)), 1),
        (day(1, 31, 0), Some(day(12, 2, 0)), 12),
        (day(11, 30, 23), None, 2),
        (day(12, 2, 0), Some(day(11, 2, 0)), 1),
    ] {
        let now = day(12, 1, 1);
        assert_eq!(Window { from, to }.months(now), months, "{from} to {to:?}");
    }
}

#[test]
fn money_is_in_the_currency_of_the_customer_and_else_of_the_policy() {
    for (currency, fee, says) in [
        (None, None, ""),
        (None, Some(money("EUR", 10_000)), ""),
        (
            None,
            Some(money("JPY", 10_000)),
            "Monthly fee must be in EUR, as the revenue is.",
        ),
        (Some("JPY"), Some(money("JPY", 10_000)), ""),
        (
            Some("JPY"),
            Some(money("EUR", 10_000)),
            "Monthly fee must be in JPY, as the revenue is.",
        ),
        (
            Some("yen"),
            None,
            "Currency must be the three letters of a currency, such as EUR.",
        ),
        (
            Some(""),
            None,
            "Currency must be the three letters of a currency, such as EUR.",
        ),
        (
            None,
            Some(money("EUR", u64::MAX)),
            "Monthly fee is more than a trillion.",
        ),
    ] {
        let mut room = room();
        let answer = room.send(
            &ana(),
            note(Customer {
                currency: currency.map(str::to_owned),
                monthly_fee: fee.clone(),
                ..customer("Northwind")
            }),
        );
        let told = answer
            .as_ref()
            .err()
            .map_or_else(String::new, ToString::to_string);
        assert_eq!(told, says, "{currency:?} {fee:?}");
        if answer.is_ok() {
            let kept = room.incident.customers[0].currency.as_deref();
            assert_eq!(kept, Some(currency.unwrap_or("EUR")), "it is written down");
        }
    }
}

#[test]
fn revenue_is_summed_up_for_each_currency_by_itself() {
    let pays = |annual_revenue, currency: Option<&str>| Customer {
        annual_revenue,
        currency: currency.map(str::to_owned),
        ..Customer::default()
    };
    let sums = |customers: &[Customer]| {
        let sums = revenues(customers, "EUR");
        let sums: Vec<String> = sums.iter().map(|(c, n)| format!("{n} {c}")).collect();
        sums.join(", ")
    };
    assert_eq!(sums(&[]), "");
    assert_eq!(sums(&[pays(0, None), pays(0, Some("JPY"))]), "");
    assert_eq!(
        sums(&[
            pays(21_600_000, Some("JPY")),
            pays(1_240_000, None),
            pays(410_000, Some("EUR")),
            pays(9, Some("USD")),
            pays(400_000, Some("JPY")),
        ]),
        "1650000 EUR, 22000000 JPY, 9 USD"
    );
    assert_eq!(
        sums(&[pays(u64::MAX, None), pays(1, None)]),
        format!("{} EUR", u64::MAX)
    );
}

#[test]
fn one_account_is_on_an_incident_once() {
    let mut room = room();
    let of = |name: &str, n| Customer {
        account: account(n),
        ..customer(name)
    };
    room.ok(&ana(), note(of("Northwind", 1)));
    room.ok(&ana(), note(of("Northwind", 1)));
    assert_eq!(
        room.refused(&ana(), note(of("Northwind Retail", 1))),
        "Customer is the account of “Northwind”, which is on this incident; change that line."
    );
    room.ok(&ana(), note(of("Tallis", 2)));
    room.ok(&ana(), note(customer("Somebody")));
    room.ok(&ana(), note(customer("Somebody else")));
    assert_eq!(room.incident.customers.len(), 4);
    let plain = |name| Customer {
        account: None,
        ..customer(name)
    };
    // Nor is it under a name that differs in capitals and spaces only.
    for name in ["northwind", " NorthWind", "NORTHWIND"] {
        assert_eq!(
            room.refused(&ana(), note(plain(name))),
            "Customer is the account of “Northwind”, which is on this incident; change that line."
        );
    }
    // What was noted before that was asked can still be changed.
    let customer = plain("northwind");
    room.record(
        &ana(),
        CommandId(Uuid::from_u128(99)),
        Event::CustomerKnown { customer },
    );
    for name in ["Northwind", "northwind"] {
        room.ok(&ana(), note(plain(name)));
    }
}

#[test]
fn the_deal_moves_on_also_after_closing_and_leaves_a_line() {
    let mut room = Room::at_status(Status::Closed);
    let deal = |customer: &str, stage: &str| Command::MoveDeal {
        customer: named(customer),
        stage: stage.to_owned(),
    };
    for (customer, stage, says) in [
        (
            "Tallis",
            "Expansion signed",
            "Customer “Tallis” is not on this incident; add them first.",
        ),
        ("Northwind", " ", "Deal stage must not be empty."),
        ("Northwind", "a\nb", "Deal stage must be a single line."),
    ] {
        assert_eq!(room.refused(&ana(), deal(customer, stage)), says);
    }
    room.ok(&ana(), deal("Northwind", " Expansion: proposal sent "));
    assert_eq!(
        last_line(&room),
        "Northwind: deal stage “Expansion: proposal sent”"
    );
    assert_eq!(
        room.refused(&ana(), deal("Northwind", "Expansion: proposal sent")),
        "Deal stage is this already."
    );
    room.wait(60)
        .ok(&bo(), deal("Northwind", "Expansion signed"));
    assert_eq!(
        last_line(&room),
        "Northwind: deal stage from “Expansion: proposal sent” to “Expansion signed”"
    );
    let known = &room.incident.customers[0];
    assert_eq!(known.deal_stage.as_deref(), Some("Expansion signed"));
    let moved = room.incident.deal_move(named("Northwind").id).unwrap();
    assert_eq!((&moved.by, moved.at), (&bo(), room.now));
    assert_eq!(room.incident.deal_move(named("Tallis").id), None);
    room.refused(&ana(), note(customer("Northwind")));
}

fn granted(minor: u64) -> Credit {
    Credit::Granted {
        amount: money("EUR", minor),
        reason: "SLA".to_owned(),
    }
}

fn propose(minor: u64, monthly_fee: Option<Money>) -> Command {
    Command::ProposeCredit {
        customer: named("Northwind"),
        credit: granted(minor),
        monthly_fee,
        working: None,
    }
}

/// With a customer who pays 1 000.00 EUR a month.
fn paying(mut room: Room) -> Room {
    let pays = Customer {
        monthly_fee: Some(money("EUR", 100_000)),
        ..customer("Northwind")
    };
    room.ok(&ana(), note(pays));
    room
}

#[test]
fn no_credit_is_above_the_fee_that_the_incident_knows() {
    let mut room = paying(room());
    assert_eq!(
        room.refused(&ana(), propose(100_001, None))
            .replace('\u{a0}', " "),
        "Credit is above the monthly fee of 1 000.00 EUR."
    );
    let typed = Some(money("EUR", 200_000));
    room.clone().ok(&ana(), propose(100_001, typed));
    let proposal = room.ok(&ana(), propose(100_000, None));
    let change = |minor| Command::JudgeCredit {
        proposal,
        judgement: Judgement::Change {
            credit: granted(minor),
            reason: "More".to_owned(),
        },
    };
    let why = room.refused(&bo(), change(100_001));
    assert!(why.contains("above the monthly fee"), "{why}");
    room.ok(&bo(), change(99_999));
}

#[test]
fn an_incident_in_two_months_may_give_the_fee_of_both() {
    let mut room = room();
    // Eight days on it is December.
    room.now = at(0) + Duration::days(8);
    let mut room = paying(room);
    assert_eq!(
        room.refused(&ana(), propose(200_001, None))
            .replace('\u{a0}', " "),
        "Credit is above 2 times the monthly fee of 1 000.00 EUR, for its 2 months."
    );
    room.clone().ok(&ana(), propose(200_000, None));
    // Once its impact ended in November, one month counts.
    room.ok(&ana(), evidence(Proves::CustomersWork));
    room.ok(
        &ana(),
        Command::StateImpactEnd {
            at: at(0) + minutes(90),
        },
    );
    let why = room.refused(&ana(), propose(100_001, None));
    assert!(why.contains("above the monthly fee"), "{why}");
}

#[test]
fn name_with_what_cannot_be_seen_in_it_is_no_other_customer() {
    let mut room = room();
    room.ok(&ana(), note(customer("Halden Foods")));
    for alike in [
        "Halden Foods\u{200b}",
        "Halden\u{ad} Foods",
        "\u{2060}halden  foods",
        "Halden\u{a0}Foods",
    ] {
        let mut line = customer("Halden Foods");
        line.id = CustomerId::Entry(CommandId(Uuid::from_u128(77)));
        (line.name, line.account) = (alike.to_owned(), None);
        let why = room.refused(&ana(), note(line.clone()));
        assert!(why.contains("is on this incident"), "{alike:?}: {why}");
        let customer = line.to_ref();
        let why = room.refused(&ana(), Command::AddCustomer { customer });
        assert!(why.contains("is on this incident"), "{alike:?}: {why}");
    }
    let mut line = customer("Tallis");
    line.id = CustomerId::Entry(CommandId(Uuid::from_u128(78)));
    (line.name, line.account) = ("Tal\u{200b}lis".to_owned(), None);
    room.ok(&ana(), note(line));
    assert_eq!(room.incident.customers[1].name, "Tallis");
}
