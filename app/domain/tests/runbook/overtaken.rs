//! A value that was set on a device without a network, while somebody else set it (DESIGN, S5).

use crate::room::{Room, ana, at, bo, customer, cy, named, offer, person};
use domain::command::Cause;
use domain::customer::{ChurnRisk, Customer};
use domain::timeline::EntryKind;
use domain::{Command, PersonRef, Refusal, Role, Severity, Status, Time, decide, overtaken};

fn cadence(every_min: u32) -> Command {
    let reason = "Agreed with them".to_owned();
    Command::ChangeCadence { every_min, reason }
}

fn severity(to: Severity) -> Command {
    let reason = "More regions fail".to_owned();
    Command::ChangeSeverity { to, reason }
}

/// What is noted of a customer who is on the incident, as a change of their line.
fn as_change(room: &Room, command: Command) -> Command {
    let Command::NoteCustomer { customer } = command else {
        return command;
    };
    let line = named(&customer.name).id;
    let Some(was) = room.incident.customer(line).cloned() else {
        return Command::NoteCustomer { customer };
    };
    let currency = customer.currency.or_else(|| was.currency.clone());
    let to = Customer {
        id: was.id,
        currency,
        ..customer
    };
    Command::ChangeCustomer {
        was: Box::new(was),
        to: Box::new(to),
    }
}

/// What they are told of a command that they made at that minute; none when it stands.
fn told(room: &Room, command: &Command, by: &PersonRef, made_at: Time) -> Option<String> {
    let command = as_change(room, command.clone());
    let events = decide(&room.incident, command, by, &room.policy, room.now).unwrap();
    let why = |event| overtaken(&room.incident, event, by, made_at, room.now);
    let refusal = events.iter().find_map(why)?;
    assert!(matches!(refusal, Refusal::Superseded { .. }), "{refusal}");
    Some(refusal.to_string())
}

#[test]
fn what_was_made_before_a_newer_value_comes_back_with_both() {
    let mut room = Room::declared(Severity::Sev2);
    assert_eq!(
        told(&room, &cadence(90), &bo(), at(-9)),
        None,
        "none was set"
    );
    room.wait(31);
    room.cadence(60);
    room.severity(Severity::Sev1);
    let both = "Ana set the cadence to 60 min, where yours says 90 min, at 10:31 UTC while you were writing. Read it, \
                then send yours again if it is still needed.";
    for made_min in [-500, 0, 30] {
        let why = told(&room, &cadence(90), &bo(), at(made_min));
        assert_eq!(why.as_deref(), Some(both), "{made_min}");
        let why = told(&room, &severity(Severity::Sev3), &bo(), at(made_min)).unwrap();
        let both = "Ana set the severity to SEV-1, where yours says SEV-3, at 10:31 UTC";
        assert!(why.starts_with(both), "{why}");
    }
}

#[test]
fn what_was_made_after_it_is_ones_own_or_says_the_same_stands() {
    let mut room = Room::declared(Severity::Sev2);
    room.wait(31);
    room.cadence(60);
    let before = at(30);
    assert_eq!(told(&room, &cadence(90), &bo(), at(31)), None, "after");
    assert_eq!(told(&room, &cadence(90), &ana(), before), None, "own");
    assert_eq!(told(&room, &cadence(60), &bo(), before), None, "the same");
    let other = Command::LogEntry {
        kind: EntryKind::Observation,
        text: "Errors fall".to_owned(),
        result: None,
        links: Vec::new(),
        happened_at: None,
    };
    assert_eq!(told(&room, &other, &bo(), before), None, "it sets no value");
    // Sent again, it was made now.
    room.ok(&bo(), cadence(90));
    assert_eq!(room.incident.cadence_min(&room.policy), 90);
}

fn note(customer: Customer) -> Command {
    Command::NoteCustomer { customer }
}

fn northwind(sentiment_now: i8) -> Command {
    note(Customer {
        sentiment_now: Some(sentiment_now),
        ..customer("Northwind")
    })
}

fn deal(stage: &str) -> Command {
    Command::MoveDeal {
        customer: named("Northwind"),
        stage: stage.to_owned(),
    }
}

fn cause(text: &str) -> Command {
    let text = text.to_owned();
    Command::StateCause {
        cause: Cause::UnderInvestigation { text },
    }
}

fn channel(n: u32) -> Command {
    let url = format!("https://chat.example/{n}");
    Command::LinkChannel { url }
}

fn ended(min: i64) -> Command {
    Command::StateImpactEnd { at: at(min) }
}

/// Ana sets it at minute 31; Bo did so at minute 30, without a network, and his comes later.
#[test]
fn each_value_that_is_replaced_as_a_whole_is_guarded() {
    let long = "x".repeat(200);
    let shown = "x".repeat(120 - "under investigation: ".len());
    for (theirs, mine, what) in [
        (
            ended(20),
            ended(15),
            "the end of the impact to 10:20 UTC, where yours says 10:15 UTC,",
        ),
        (
            channel(1),
            channel(2),
            "the channel to https://chat.example/1, where yours says https://chat.example/2,",
        ),
        (
            cause("The pool"),
            cause("The index"),
            "the cause to under investigation: The pool, where yours says under investigation: The index,",
        ),
        (
            cause(&format!("{long}1")),
            cause(&format!("{long}2")),
            &format!(
                "the cause to under investigation: {shown}…, where yours says under investigation: {shown}…,"
            ),
        ),
        (
            deal("Lost"),
            deal("Won"),
            "the deal stage of Northwind to Lost, where yours says Won,",
        ),
        (northwind(-2), deal("Won"), ""),
        (
            northwind(-2),
            northwind(2),
            "what is known of Northwind to sentiment now -2, where yours says sentiment now 2,",
        ),
        (
            deal("Lost"),
            northwind(2),
            "what is known of Northwind to sentiment now -1, deal stage Lost, \
             where yours says sentiment now 2, deal stage none,",
        ),
        (
            note(Customer {
                deal_stage: Some("Lost".to_owned()),
                ..customer("Northwind")
            }),
            deal("Won"),
            "the deal stage of Northwind to Lost, where yours says Won,",
        ),
        (
            note(customer("Tallis")),
            note(Customer {
                tier: "Growth".to_owned(),
                ..customer("Tallis")
            }),
            "what is known of Tallis to tier Strategic, where yours says tier Growth,",
        ),
    ] {
        let mut room = Room::declared(Severity::Sev2);
        room.note("Northwind");
        room.wait(31).ok(&ana(), theirs.clone());
        let why = told(&room, &mine, &bo(), at(30));
        if what.is_empty() {
            assert_eq!(why, None, "another value");
            continue;
        }
        let both = format!("Ana set {what} at 10:31 UTC while you were writing.");
        let why = why.unwrap_or_default();
        assert!(why.starts_with(&both), "{why}\n{both}");
        assert_eq!(told(&room, &mine, &bo(), at(31)), None, "after");
        assert_eq!(told(&room, &mine, &ana(), at(30)), None, "own");
        if !matches!(theirs, Command::MoveDeal { .. }) {
            assert_eq!(told(&room, &theirs, &bo(), at(30)), None, "the same");
        }
    }
}

#[test]
fn what_was_said_again_word_for_word_is_no_newer_word() {
    let mut room = Room::declared(Severity::Sev2);
    room.ok(&bo(), northwind(-1));
    room.wait(31).ok(&ana(), northwind(-1));
    assert_eq!(told(&room, &northwind(2), &bo(), at(30)), None);
    // Each fact that differs is told, as far as there is room.
    let churn_now = Some(ChurnRisk::High);
    let churn_reason = Some("A second supplier".to_owned());
    let all = Customer {
        churn_now,
        churn_reason,
        impact_from: Some(at(3)),
        impact_to: Some(at(20)),
        ..customer("Northwind")
    };
    let all = as_change(&room, note(all));
    room.ok(&ana(), all);
    let why = told(&room, &northwind(-1), &bo(), at(30)).unwrap();
    let theirs = "Ana set what is known of Northwind to churn risk now high, because A second supplier, \
                  hurt from 2026-11-23 10:03 UTC, hurt until 2026-11-23 10:20 UTC, where yours says \
                  churn risk now none, because none, hurt from none, hurt until none,";
    assert!(why.starts_with(theirs), "{why}");
}

/// It got worse while somebody wrote that it was over.
#[test]
fn going_back_takes_the_end_of_the_impact_back() {
    let mut room = Room::declared(Severity::Sev2);
    for name in ["Northwind", "Tallis"] {
        room.note(name);
    }
    room.moves_to(Status::Mitigated);
    let well = |name: &str| {
        let impact_to = Some(at(0));
        let impact_from = Some(at(-5));
        note(Customer {
            impact_from,
            impact_to,
            ..customer(name)
        })
    };
    room.ok(&ana(), well("Northwind"));
    room.wait(31).back_to(Status::Active);
    let why = told(&room, &ended(25), &bo(), at(30)).unwrap();
    let both = "Ana set the end of the impact to none, where yours says 10:25 UTC,";
    assert!(why.starts_with(both), "{why}");
    let why = told(&room, &well("Northwind"), &bo(), at(30)).unwrap();
    let both = "Ana set what is known of Northwind to hurt until none, where yours says hurt until 2026-11-23 10:00 UTC,";
    assert!(why.starts_with(both), "{why}");
    assert_eq!(told(&room, &northwind(2), &bo(), at(31)), None, "after");
    assert_eq!(told(&room, &well("Tallis"), &bo(), at(30)), None);
}

/// Until the clock has caught up, all that is set has a time ahead of it.
#[test]
fn what_was_set_ahead_of_a_clock_that_was_set_back_overtakes_nobody() {
    let mut room = Room::declared(Severity::Sev2);
    room.wait(31);
    room.cadence(60);
    room.now = at(20);
    assert_eq!(told(&room, &cadence(90), &bo(), at(19)), None);
    room.now = at(31);
    assert!(
        told(&room, &cadence(90), &bo(), at(19)).is_some(),
        "caught up"
    );
}

fn hand_over(to: &PersonRef) -> Command {
    Command::HandOverRole {
        role: Role::Comms,
        to: to.clone(),
        note: "The next update is due at 11:00 UTC".to_owned(),
        two_hats: None,
    }
}

/// Bo asks Dan, without a network, at minute 30.
#[test]
fn who_was_asked_to_take_a_role_is_not_pushed_out_by_an_older_offer() {
    let dan = person(3);
    let mut room = Room::declared(Severity::Sev2);
    let to_dan = offer(Role::Comms, &dan);
    assert_eq!(told(&room, &to_dan, &bo(), at(30)), None, "nobody is asked");
    room.wait(31).ok(&ana(), offer(Role::Comms, &cy()));
    let why = told(&room, &to_dan, &bo(), at(30)).unwrap();
    let both =
        "Ana offered Comms Lead to Cy, where yours says Dan, at 10:31 UTC while you were writing.";
    assert!(why.starts_with(both), "{why}");
    assert_eq!(told(&room, &to_dan, &bo(), at(31)), None, "after");
    assert_eq!(told(&room, &to_dan, &ana(), at(30)), None, "own");
    let to_cy = offer(Role::Comms, &cy());
    assert_eq!(told(&room, &to_cy, &bo(), at(30)), None, "the same");
    let elsewhere = offer(Role::Sponsor, &dan);
    assert_eq!(told(&room, &elsewhere, &bo(), at(30)), None, "another");
    room.ok(
        &cy(),
        Command::DeclineRole {
            role: Role::Comms,
            reason: None,
        },
    );
    assert_eq!(told(&room, &to_dan, &bo(), at(30)), None, "nobody is asked");
}

#[test]
fn who_took_a_role_does_not_hand_it_over_by_what_was_asked_for_before() {
    let dan = person(3);
    let mut room = Room::declared(Severity::Sev2);
    room.seats(Role::Comms, &bo());
    room.wait(31).ok(&bo(), hand_over(&cy()));
    let to_dan = hand_over(&dan);
    let why = told(&room, &to_dan, &ana(), at(30)).unwrap();
    let both =
        "Bo offered Comms Lead to Cy, where yours says Dan, at 10:31 UTC while you were writing.";
    assert!(why.starts_with(both), "{why}");
    room.wait(1)
        .ok(&cy(), Command::AcceptRole { role: Role::Comms });
    for (by, made_min, is_told) in [(bo(), 31, true), (ana(), 32, false), (cy(), 30, false)] {
        let why = told(&room, &to_dan, &by, at(made_min));
        let both =
            "Cy took over Comms Lead, where yours says Dan, at 10:32 UTC while you were writing.";
        assert_eq!(why.is_some(), is_told, "{why:?}");
        assert!(why.is_none_or(|why| why.starts_with(both)));
    }
}
