//! What to do next leads through the whole incident.

use crate::room::{
    Room, ana, bo, brief, customer, decide_mitigation, declare, evidence, minutes, offer, person,
    report,
};
use domain::command::Cause;
use domain::customer::Credit;
use domain::gate::Need;
use domain::next_step::{Step, Target, next_steps};
use domain::timeline::{Outcome, Outcomed};
use domain::update::UpdateKind;
use domain::{Command, PersonRef, Role, Severity, Status};

/// What a person does who follows this step, with any content that will do.
fn follow(room: &Room, target: &Target) -> (PersonRef, Command) {
    let seat = |role| match role {
        Role::Commander => person(0),
        Role::Engineering => person(1),
        Role::Comms => person(2),
        Role::CsSales => person(3),
        Role::Sponsor => person(4),
    };
    let command = match target {
        Target::Triage => declare(Severity::Sev1, room.now),
        Target::Offer(role) => offer(*role, &seat(*role)),
        Target::Answer(role) => return (seat(*role), Command::AcceptRole { role: *role }),
        Target::Update(kind) => room.update(*kind),
        Target::Brief => {
            let after_version = room.incident.briefs.last().map_or(0, |b| b.version);
            Command::PublishBrief {
                text: brief(),
                after_version,
            }
        }
        Target::Move(to) => Command::MoveStatus { to: *to },
        Target::Result(entry) => {
            let result = Outcomed {
                text: "Errors fell".to_owned(),
                outcome: Outcome::Worked,
            };
            Command::RecordResult {
                entry: *entry,
                result,
            }
        }
        Target::Supply(need) => supply(room, need),
    };
    (ana(), command)
}

fn supply(room: &Room, need: &Need) -> Command {
    match need {
        Need::Mitigation => decide_mitigation(),
        Need::Evidence { proves } => evidence(*proves),
        Need::ImpactEnd => Command::StateImpactEnd { at: room.now },
        Need::Cause => Command::StateCause {
            cause: Cause::Known {
                text: "A pool".to_owned(),
            },
        },
        Need::ResolutionUpdate => room.update(UpdateKind::Resolution),
        Need::Credit { customer } => Command::DecideCredit {
            customer: customer.clone(),
            credit: Credit::None {
                reason: "Above 99.9 %".to_owned(),
            },
        },
        Need::PostMortem => Command::BookPostMortem {
            at: room.now + minutes(1_440),
            facilitator: bo(),
        },
        Need::Action => Command::AgreeAction {
            what: "Limit connections".to_owned(),
            owner: bo(),
            due_on: room.now.date_naive(),
            acceptance: "A test fails".to_owned(),
        },
        Need::FollowUp => Command::PlanFollowUp {
            plan: "Write on Friday".to_owned(),
        },
    }
}

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
    assert_eq!(
        steps.last().unwrap().target,
        Target::Supply(Need::Evidence {
            proves: domain::evidence::Proves::HarmStopped
        })
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

    let mut closed = Room::declared(Severity::Sev3);
    let decision = closed.ok(&ana(), decide_mitigation());
    let result = Outcomed {
        text: "Errors fell".to_owned(),
        outcome: Outcome::Worked,
    };
    closed.ok(
        &ana(),
        Command::RecordResult {
            entry: decision,
            result: result.clone(),
        },
    );
    closed.moves_to(Status::Closed);
    let entry = closed.incident.mitigations[1].entry;
    let left = next_steps(&closed.incident, &closed.policy, closed.now);
    assert_eq!(
        left.iter().map(|s| &s.target).collect::<Vec<_>>(),
        [&Target::Result(entry)]
    );
    closed.ok(&ana(), Command::RecordResult { entry, result });
    assert_eq!(next_steps(&closed.incident, &closed.policy, closed.now), []);
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
