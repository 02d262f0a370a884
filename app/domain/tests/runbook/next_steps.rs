//! What to do next leads through the whole incident.

use crate::follow::follow;
use crate::room::{Room, ana, bo, customer, minutes, named, offer, person, report};
use domain::clock::ClockKind;
use domain::customer::{Credit, Judgement};
use domain::gate::Need;
use domain::next_step::{Step, Target, next_steps};
use domain::update::UpdateKind;
use domain::{Command, Role, Severity, Status};

/// The first step that presses: due within half an hour, or not tied to a clock. A promise
/// that was renewed a minute ago stays first in the list, with its time beside it.
fn pressing(room: &Room, steps: &[Step]) -> Option<Step> {
    steps
        .iter()
        .find(|s| s.due_at.is_none_or(|due| due - room.now <= minutes(30)))
        .or(steps.first())
        .cloned()
}

#[test]
fn who_always_does_the_next_step_closes_the_incident_with_every_promise_kept() {
    for severity in Severity::ALL {
        for pace_min in [1, 3, 4] {
            let mut room = Room::empty();
            room.ok(&bo(), report());
            let mut done = Vec::new();
            for _ in 0..120 {
                let steps = next_steps(&room.incident, &room.policy, room.now);
                let Some(step) = pressing(&room, &steps) else {
                    break;
                };
                let (by, mut command) = follow(&room, &step.target);
                if let Command::Declare { severity: s, .. } = &mut command {
                    *s = severity;
                }
                let declares = matches!(command, Command::Declare { .. });
                room.ok(&by, command);
                if declares {
                    room.ok(
                        &ana(),
                        Command::NoteCustomer {
                            customer: customer("Northwind"),
                        },
                    );
                }
                done.push(step.what);
                if room.incident.status == Status::Closed {
                    break;
                }
                room.wait(pace_min);
            }
            let way = done.join("\n");
            assert_eq!(
                room.incident.status,
                Status::Closed,
                "{severity:?} every {pace_min} min:\n{way}"
            );
            let missed = domain::adherence::update_promises(&room.incident, &room.policy, room.now)
                .iter()
                .filter(|p| p.state == domain::adherence::PromiseState::Missed)
                .count();
            assert_eq!(missed, 0, "{severity:?} every {pace_min} min:\n{way}");
        }
    }
}

#[test]
fn steps_with_a_clock_come_in_the_order_they_are_due() {
    let mut room = Room::declared(Severity::Sev1);
    room.ok(&ana(), offer(Role::Comms, &person(2)));
    let steps = next_steps(&room.incident, &room.policy, room.now);
    let dues: Vec<_> = steps.iter().filter_map(|s| s.due_at).collect();
    assert!(dues.is_sorted());
    let first: Vec<_> = steps.iter().map(|s| s.what.as_str()).take(2).collect();
    assert_eq!(
        first,
        [
            "Cy: accept or decline Comms Lead",
            "Name an Incident Commander"
        ]
    );
    assert!(
        steps.iter().all(|s| s.target != Target::Offer(Role::Comms)),
        "already on offer"
    );
    let targets: Vec<_> = steps.iter().map(|s| &s.target).collect();
    let once: std::collections::HashSet<_> = targets.iter().collect();
    assert_eq!(once.len(), targets.len(), "each step once");
    let last: Vec<_> = steps.iter().rev().take(4).map(|s| &s.target).collect();
    let proof = Target::Supply(Need::Evidence {
        proves: domain::evidence::Proves::HarmStopped,
    });
    assert_eq!(
        last,
        [
            &Target::Channel,
            &Target::Customers,
            &proof,
            &Target::Supply(Need::Mitigation)
        ],
        "what completes the record comes after what opens the gate"
    );
}

#[test]
fn a_report_asks_for_triage_and_a_dismissed_or_closed_one_for_nothing() {
    let mut room = Room::empty();
    room.ok(&bo(), report());
    let steps = next_steps(&room.incident, &room.policy, room.now);
    assert_eq!(
        steps.iter().map(|s| &s.target).collect::<Vec<_>>(),
        [&Target::Triage]
    );
    room.ok(
        &ana(),
        Command::DismissReport {
            reason: "The probe".to_owned(),
        },
    );
    assert_eq!(next_steps(&room.incident, &room.policy, room.now), []);

    // A mitigation without a result asks for one while the incident is open.
    let mut closed = Room::at_status(Status::Resolved);
    let entry = closed.incident.mitigations[0].entry;
    let steps = |room: &Room| {
        next_steps(&room.incident, &room.policy, room.now)
            .into_iter()
            .map(|s| s.target)
            .collect::<Vec<_>>()
    };
    assert!(steps(&closed).contains(&Target::Result(entry)));
    closed.moves_to(Status::Closed);
    let action = closed.incident.actions[0].id;
    assert_eq!(
        steps(&closed),
        [Target::HoldPostMortem, Target::Action(action)],
        "what was agreed for later"
    );
    closed.ok(&ana(), Command::HoldPostMortem { at: closed.now });
    let proof = "A test fails".to_owned();
    closed.ok(&bo(), Command::FinishAction { action, proof });
    assert_eq!(steps(&closed), []);
}

#[test]
fn what_opens_the_gate_tells_by_when_it_is_due() {
    let mut room = Room::at_status(Status::Resolved);
    room.note("Northwind");
    let steps = next_steps(&room.incident, &room.policy, room.now);
    let due = |need: &Need| {
        let step = steps
            .iter()
            .find(|s| s.target == Target::Supply(need.clone()));
        step.unwrap().due_at
    };
    let customer = named("Northwind");
    for (need, kind) in [
        (Need::Credit { customer }, ClockKind::CreditDecision),
        (Need::PostMortem, ClockKind::PostMortemBooked),
    ] {
        let clock = room.clock(kind).unwrap();
        assert_eq!(due(&need), Some(clock.due_at), "{need:?}");
    }
    assert_eq!(due(&Need::Action), None);
}

#[test]
fn a_credit_that_was_proposed_waits_for_its_approver_in_any_status() {
    let propose = Command::ProposeCredit {
        customer: named("Northwind"),
        credit: Credit::ServiceDays {
            days: 5,
            reason: "Hardening".to_owned(),
        },
        monthly_fee: None,
        working: None,
    };
    let judging = |room: &Room, id| {
        let steps = next_steps(&room.incident, &room.policy, room.now);
        steps.into_iter().find(|s| s.target == Target::Judge(id))
    };
    for status in [Status::Active, Status::Mitigated, Status::Resolved] {
        let mut room = Room::at_status(status);
        room.note("Northwind");
        // Decided already, a second thought is judged all the same.
        let decided = Credit::None {
            reason: "Above 99.9 %".to_owned(),
        };
        room.ok(
            &ana(),
            Command::DecideCredit {
                customer: named("Northwind"),
                credit: decided,
            },
        );
        let id = room.ok(&ana(), propose.clone());
        let step = judging(&room, id).unwrap();
        let what = "CFO: approve or reject 5 days of service for Northwind";
        assert_eq!(step.what, what, "{status:?}");
        room.ok(
            &bo(),
            Command::JudgeCredit {
                proposal: id,
                judgement: Judgement::Approve,
            },
        );
        assert_eq!(judging(&room, id), None);
    }
}

#[test]
fn a_post_mortem_booked_before_it_was_reopened_is_booked_again_and_then_held() {
    let mut room = Room::at_status(Status::Resolved);
    let book = |at| Command::BookPostMortem {
        at,
        facilitator: bo(),
    };
    room.ok(&ana(), book(room.now + minutes(60)));
    room.wait(120).back_to(Status::Active);
    room.publishes(UpdateKind::Progress);
    room.moves_to(Status::Resolved);
    let targets = |room: &Room| {
        let steps = next_steps(&room.incident, &room.policy, room.now);
        let about = steps
            .into_iter()
            .map(|s| s.target)
            .filter(|t| matches!(t, Target::HoldPostMortem | Target::Supply(Need::PostMortem)));
        about.collect::<Vec<_>>()
    };
    assert_eq!(targets(&room), [Target::Supply(Need::PostMortem)]);
    room.ok(&ana(), book(room.now + minutes(60)));
    assert_eq!(targets(&room), [Target::HoldPostMortem]);
}

#[test]
fn a_reopened_incident_asks_for_an_update() {
    let mut room = Room::at_status(Status::Closed);
    room.ok(
        &ana(),
        Command::MoveBack {
            to: Status::Active,
            reason: "Back".to_owned(),
        },
    );
    let steps = next_steps(&room.incident, &room.policy, room.now);
    assert!(
        steps
            .iter()
            .any(|s| s.target == Target::Update(UpdateKind::Progress)),
        "{steps:?}"
    );
}
