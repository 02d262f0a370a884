//! The status and its gates (RUNBOOK §7).

use crate::room::{Room, ana, at, bo, customer, evidence, minutes, named, report, what_opens};
use domain::command::Cause;
use domain::evidence::{Proof, Proves};
use domain::gate::{Need, missing};
use domain::update::UpdateKind;
use domain::{Command, Refusal, Severity, Status, Time};

fn step(to: Status) -> Command {
    Command::MoveStatus { to }
}

fn back(to: Status) -> Command {
    Command::MoveBack {
        to,
        reason: "Errors are back".to_owned(),
    }
}

#[test]
fn a_refused_step_says_exactly_what_is_missing() {
    let proof = |proves| Need::Evidence { proves };
    let credit = || Need::Credit {
        customer: named("Northwind"),
    };
    for (to, all) in [
        (
            Status::Contained,
            vec![Need::Mitigation, proof(Proves::HarmStopped)],
        ),
        (
            Status::Mitigated,
            vec![proof(Proves::CustomersWork), Need::ImpactEnd],
        ),
        (
            Status::Resolved,
            vec![proof(Proves::Validated), Need::Cause],
        ),
        (
            Status::Closed,
            vec![
                Need::ResolutionUpdate,
                credit(),
                Need::PostMortem,
                Need::Action,
                Need::FollowUp,
            ],
        ),
    ] {
        let before = Status::ALL[Status::ALL.iter().position(|s| *s == to).unwrap() - 1];
        let mut room = Room::at_status(before);
        room.ok(
            &ana(),
            Command::NoteCustomer {
                customer: customer("Northwind"),
            },
        );
        let refusal = room.send(&ana(), step(to)).unwrap_err();
        assert_eq!(
            refusal,
            Refusal::GateShut {
                to,
                missing: all.clone()
            }
        );

        // Each supplied thing leaves the list, and the last opens the gate.
        let mut commands = what_opens(to, room.now);
        if to == Status::Closed {
            commands.insert(0, room.update(UpdateKind::Resolution));
            commands.remove(1);
        }
        let mut left = all;
        for command in commands {
            left.remove(0);
            room.ok(&ana(), command);
            assert_eq!(missing(&room.incident, to, &room.policy), left);
        }
        room.wait(3).ok(&ana(), step(to));
        assert_eq!(room.incident.reached_at(to), Some(at(3)));
    }
}

#[test]
fn one_step_at_a_time() {
    for from in Status::ALL {
        for to in Status::ALL
            .into_iter()
            .filter(|to| Some(*to) != from.next())
        {
            let mut room = Room::at_status(from);
            let refusal = room.send(&ana(), step(to)).unwrap_err();
            assert!(
                matches!(refusal, Refusal::OutOfOrder { .. }),
                "{from:?} to {to:?}: {refusal}"
            );
        }
    }
}

#[test]
fn containment_takes_logs_or_metrics_and_a_word_is_enough_later() {
    let forms = [
        Proof::Link {
            url: "https://metrics.example/d/1".to_owned(),
        },
        Proof::Excerpt {
            text: "errors 0.003".to_owned(),
        },
        Proof::Statement {
            by: "Petra Holm".to_owned(),
            text: "We can work".to_owned(),
        },
    ];
    for proves in Proves::ALL {
        for proof in forms.clone() {
            let may = proves != Proves::HarmStopped || !matches!(proof, Proof::Statement { .. });
            let mut room = Room::declared(Severity::Sev1);
            let watched_min = Some(30);
            let shows = "It stopped".to_owned();
            let attach = Command::AttachEvidence {
                proves,
                proof: proof.clone(),
                shows,
                watched_min,
            };
            assert_eq!(
                room.send(&ana(), attach).is_ok(),
                may,
                "{proves:?} {proof:?}"
            );
        }
    }
}

#[test]
fn validation_says_over_how_long() {
    for (watched_min, may) in [
        (None, false),
        (Some(0), false),
        (Some(1), true),
        (Some(43_200), true),
        (Some(43_201), false),
    ] {
        let mut room = Room::declared(Severity::Sev1);
        let attach = Command::AttachEvidence {
            proves: Proves::Validated,
            proof: Proof::Excerpt {
                text: "ok".to_owned(),
            },
            shows: "No error".to_owned(),
            watched_min,
        };
        assert_eq!(room.send(&ana(), attach).is_ok(), may, "{watched_min:?}");
    }
}

#[test]
fn the_impact_ends_after_it_began_and_not_in_the_future() {
    for (end, may) in [
        (at(-1), false),
        (at(0), true),
        (at(30), true),
        (at(31), true),
        (at(32), false),
        (Time::MIN_UTC, false),
        (Time::MAX_UTC, false),
    ] {
        let mut room = Room::declared(Severity::Sev1);
        let answer = room
            .wait(30)
            .send(&ana(), Command::StateImpactEnd { at: end });
        assert_eq!(answer.is_ok(), may, "{end}");
        assert_eq!(
            room.incident.impact_ended_at,
            may.then(|| end.min(at(30))),
            "{end}"
        );
    }
}

#[test]
fn the_cause_may_be_under_investigation() {
    let mut room = Room::at_status(Status::Mitigated);
    room.ok(&ana(), evidence(Proves::Validated));
    let text = "Connections".to_owned();
    room.ok(
        &ana(),
        Command::StateCause {
            cause: Cause::UnderInvestigation { text },
        },
    );
    room.ok(&ana(), step(Status::Resolved));
}

#[test]
fn going_back_needs_a_reason_and_leads_to_an_earlier_status() {
    for from in Status::ALL {
        for to in Status::ALL {
            let mut room = Room::at_status(from);
            let may = to < from;
            assert_eq!(
                room.send(&ana(), back(to)).is_ok(),
                may,
                "{from:?} back to {to:?}"
            );
            assert_eq!(room.incident.went_back(), usize::from(may));
            if may {
                assert_eq!(room.incident.status, to);
            }
        }
    }
    let mut room = Room::at_status(Status::Contained);
    let blank = Command::MoveBack {
        to: Status::Active,
        reason: " ".to_owned(),
    };
    assert_eq!(room.refused(&ana(), blank), "Reason must not be empty.");
}

#[test]
fn going_back_withdraws_the_proof_of_what_did_not_last() {
    use Proves::{CustomersWork, HarmStopped, Validated};
    for (to, stands, impact_end_stands) in [
        (Status::Active, vec![], false),
        (Status::Contained, vec![HarmStopped], false),
        (Status::Mitigated, vec![HarmStopped, CustomersWork], true),
        (
            Status::Resolved,
            vec![HarmStopped, CustomersWork, Validated],
            true,
        ),
    ] {
        let mut room = Room::at_status(Status::Closed);
        room.wait(10).ok(&ana(), back(to));
        let standing: Vec<_> = Proves::ALL
            .into_iter()
            .filter(|p| room.incident.standing(*p).is_some())
            .collect();
        assert_eq!(standing, stands, "back to {to:?}");
        assert_eq!(
            room.incident.impact_ended_at.is_some(),
            impact_end_stands,
            "back to {to:?}"
        );
        assert_eq!(room.incident.evidence.len(), 3, "kept on the record");
        let next = to.next().unwrap();
        let shut = room.send(&ana(), step(next)).is_err();
        assert_eq!(
            shut,
            to != Status::Resolved,
            "the gate to {next:?} after going back to {to:?}"
        );
    }
}

#[test]
fn a_reopened_incident_goes_through_every_gate_again() {
    let mut room = Room::at_status(Status::Closed);
    room.wait(30).ok(&ana(), back(Status::Active));
    assert!(room.incident.is_open());
    room.publishes(UpdateKind::Progress);
    room.wait(30);
    for to in [Status::Contained, Status::Mitigated, Status::Resolved] {
        assert!(room.send(&ana(), step(to)).is_err());
        room.moves_to(to);
    }
    let lacks = missing(&room.incident, Status::Closed, &room.policy);
    assert_eq!(
        lacks,
        [Need::ResolutionUpdate],
        "customers were told of the first end only"
    );
    room.publishes(UpdateKind::Resolution);
    room.ok(&ana(), step(Status::Closed));
    assert_eq!(room.incident.reopenings().collect::<Vec<_>>(), [at(30)]);
}

#[test]
fn the_line_of_a_move_tells_how_long_it_took() {
    let mut room = Room::empty();
    room.ok(&bo(), report());
    room.wait(9)
        .ok(&ana(), crate::room::declare(Severity::Sev1, at(-3)));
    room.moves_to(Status::Contained);
    room.wait(60);
    for command in what_opens(Status::Mitigated, room.now) {
        room.ok(&ana(), command);
    }
    room.ok(&ana(), step(Status::Mitigated));
    let line = room.incident.timeline.last().unwrap();
    assert_eq!(line.text, "Mitigated, 72 min after the impact began");
    assert_eq!(
        room.incident.reached_at(Status::Mitigated).unwrap() - at(-3),
        minutes(72)
    );
}
