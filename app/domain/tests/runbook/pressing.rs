//! What comes first: clocks by their urgency, and steps by how they press (RUNBOOK §4).

use crate::room::{Room, ana, at, bo, customer, cy, minutes, named, offer, update_text};
use chrono::Duration;
use domain::call::Side;
use domain::clock::{ClockKind, clocks, urgency};
use domain::customer::Credit;
use domain::draft::{DraftText, Of};
use domain::gate::Need;
use domain::next_step::{Step, Target, next_steps};
use domain::update::UpdateKind;
use domain::{Command, Role, Severity, Status, order};

fn steps(room: &Room) -> Vec<Step> {
    next_steps(&room.incident, &room.policy, room.now)
}

fn place(room: &Room, target: &Target) -> usize {
    let steps = steps(room);
    let place = steps.iter().position(|s| s.target == *target);
    place.unwrap_or_else(|| panic!("no {target:?}: {steps:?}"))
}

/// Running clocks as they are listed.
fn listed(room: &Room) -> Vec<ClockKind> {
    let mut all = clocks(&room.incident, &room.policy);
    all.retain(domain::clock::Clock::is_running);
    order::by(&mut all, |clock| urgency(clock, room.now));
    all.into_iter().map(|c| c.kind).collect()
}

#[test]
fn a_broken_promise_to_customers_comes_before_all_else_and_then_what_is_due_first() {
    use ClockKind::{CommanderNamed, CoreRolesNamed, FirstUpdate, RoleAccepted};
    let mut room = Room::declared(Severity::Sev3);
    room.wait(20).ok(&ana(), offer(Role::Comms, &cy()));
    let by_due = [
        CommanderNamed,
        RoleAccepted(Role::Comms),
        CoreRolesNamed,
        FirstUpdate,
    ];
    for now in [at(20), at(59), at(60)] {
        room.now = now;
        assert_eq!(listed(&room), by_due, "not broken at {now}");
        assert_eq!(place(&room, &Target::Offer(Role::Commander)), 0, "{now}");
    }
    room.now = at(60) + Duration::milliseconds(1);
    let broken = [
        FirstUpdate,
        CommanderNamed,
        RoleAccepted(Role::Comms),
        CoreRolesNamed,
    ];
    assert_eq!(listed(&room), broken);
    assert_eq!(place(&room, &Target::Update(UpdateKind::First)), 0);
    assert_eq!(place(&room, &Target::Offer(Role::Commander)), 1);

    // The same for a promise after the first word.
    room.publishes(UpdateKind::First);
    room.now += Duration::days(1);
    assert_eq!(listed(&room)[0], CommanderNamed, "on its time, it is kept");
    room.now += Duration::milliseconds(1);
    assert_eq!(listed(&room)[0], ClockKind::NextUpdate);
    assert_eq!(place(&room, &Target::Update(UpdateKind::Progress)), 0);
}

#[test]
fn a_promise_just_given_presses_from_the_last_fifth_of_its_time_on() {
    let mut room = Room::declared(Severity::Sev2);
    room.publishes(UpdateKind::First);
    let gate = Target::Supply(Need::Mitigation);
    let update = Target::Update(UpdateKind::Progress);
    for (min, presses) in [(0, false), (95, false), (96, true), (120, true)] {
        room.now = at(min);
        let before = place(&room, &update) < place(&room, &gate);
        assert_eq!(before, presses, "at {min} min");
    }
}

#[test]
fn a_post_mortem_presses_from_the_time_it_is_booked_for() {
    let mut room = Room::at_status(Status::Resolved);
    let book = Command::BookPostMortem {
        at: at(60),
        facilitator: bo(),
    };
    room.ok(&ana(), book);
    let gate = Target::Supply(Need::Action);
    for (min, presses) in [(59, false), (60, true), (61, true)] {
        room.now = at(min);
        let before = place(&room, &Target::HoldPostMortem) < place(&room, &gate);
        assert_eq!(before, presses, "at {min} min");
    }
}

#[test]
fn a_step_of_a_recovery_plan_presses_once_its_day_is_over() {
    let mut room = Room::declared(Severity::Sev2);
    room.note("Northwind");
    let id = room.ok(
        &ana(),
        Command::AddPlanStep {
            customer: named("Northwind"),
            what: "Walk them through it".to_owned(),
            side: Side::Ours { person: bo() },
            due_on: room.now.date_naive(),
        },
    );
    let gate = Target::Supply(Need::Mitigation);
    let midnight = at(14 * 60);
    for (now, presses) in [
        (midnight - Duration::seconds(1), false),
        (midnight, false),
        (midnight + Duration::seconds(1), true),
    ] {
        room.now = now;
        let before = place(&room, &Target::PlanStep(id)) < place(&room, &gate);
        assert_eq!(before, presses, "{now}");
    }
}

#[test]
fn a_draft_that_the_incident_has_overtaken_is_written_anew() {
    let mut room = Room::declared(Severity::Sev1);
    room.seats(Role::Commander, &ana());
    let first = update_text(UpdateKind::First, room.now, 30);
    room.ok(
        &ana(),
        Command::PublishUpdate {
            text: first,
            after: None,
            excuses: Vec::new(),
        },
    );
    let ready = Command::ReadyDraft {
        text: DraftText::Update {
            text: update_text(UpdateKind::Progress, room.now, 30),
            excuses: Vec::new(),
        },
    };
    room.ok(&cy(), ready);
    assert!(
        steps(&room)
            .iter()
            .any(|s| s.target == Target::Approve(Of::Update))
    );
    room.moves_to(Status::Resolved);
    let targets: Vec<_> = steps(&room).into_iter().map(|s| s.target).collect();
    assert!(!targets.contains(&Target::Approve(Of::Update)));
    assert!(targets.contains(&Target::Update(UpdateKind::Resolution)));
}

#[test]
fn credit_is_asked_for_each_customer_who_has_no_decision() {
    let mut room = Room::at_status(Status::Resolved);
    for name in ["Northwind", "Tallis"] {
        let customer = customer(name);
        room.ok(&ana(), Command::NoteCustomer { customer });
    }
    let asked = |room: &Room| {
        let names = steps(room).into_iter().filter_map(|s| match s.target {
            Target::Supply(Need::Credit { customer }) => Some(customer),
            _ => None,
        });
        names.collect::<Vec<_>>()
    };
    assert_eq!(asked(&room), [named("Northwind"), named("Tallis")]);
    room.ok(
        &ana(),
        Command::DecideCredit {
            customer: named("Northwind"),
            credit: Credit::None {
                reason: "Above 99.9 %".to_owned(),
            },
        },
    );
    assert_eq!(asked(&room), [named("Tallis")]);
}

#[test]
fn steps_say_what_to_do_in_words() {
    let mut room = Room::declared(Severity::Sev2);
    let said = |room: &Room| {
        let words = steps(room).into_iter().map(|s| s.what);
        words.collect::<Vec<_>>()
    };
    assert_eq!(
        said(&room),
        [
            "Name an Incident Commander",
            "Name a Comms Lead",
            "Name an Engineering Owner",
            "Name a CS/Sales Owner",
            "Tell customers what is known",
            "Renew the executive brief",
            "Contained needs: a mitigation decision",
            "Contained needs: proof from logs or metrics that the harm no longer spreads",
            "Name the customers who are hurt",
            "Link the incident's channel",
        ]
    );
    room.moves_to(Status::Contained);
    let moved = said(&room);
    assert!(moved.contains(&"Say what came of: Fail over".to_owned()));
    assert!(moved.contains(&"Mitigated needs: the time the impact ended".to_owned()));
    // What is only for the time before it is mitigated is not asked for afterwards.
    room.moves_to(Status::Mitigated);
    let moved = said(&room);
    assert!(!moved.contains(&"Link the incident's channel".to_owned()));
    assert!(!moved.contains(&"Name the customers who are hurt".to_owned()));
    for command in crate::room::what_opens(Status::Resolved, room.now) {
        room.ok(&ana(), command);
    }
    let open = "Move to Resolved: everything it needs is there".to_owned();
    assert!(said(&room).contains(&open));
    assert_eq!(room.now, at(0) + minutes(0));
}
