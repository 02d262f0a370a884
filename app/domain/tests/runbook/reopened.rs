//! Going back and reopening, from every status to every earlier one, of every severity; and each
//! way in which what a gate asks for is supplied or is not (RUNBOOK §7).

use crate::room::{Room, ana, at, bo, evidence, named, what_opens};
use chrono::Duration;
use domain::command::Cause;
use domain::customer::{Credit, Judgement, Money};
use domain::evidence::{Proof, Proves};
use domain::gate::{Need, missing};
use domain::update::UpdateKind;
use domain::{Command, Severity, Status};

fn lacks(room: &Room, to: Status) -> Vec<Need> {
    missing(&room.incident, to, &room.policy)
}

fn at_status(severity: Severity, status: Status) -> Room {
    let mut room = Room::declared(severity);
    room.moves_to(status);
    room
}

/// What the step after `to` lacks once it went back there, in the order to supply it.
fn undone(to: Status) -> Vec<(Need, Command)> {
    let proof = |proves| (Need::Evidence { proves }, evidence(proves));
    match to {
        Status::Active => vec![proof(Proves::HarmStopped)],
        Status::Contained => vec![
            proof(Proves::CustomersWork),
            (Need::ImpactEnd, Command::StateImpactEnd { at: at(30) }),
        ],
        Status::Mitigated => vec![proof(Proves::Validated)],
        // Nothing was undone: it is over.
        Status::Resolved | Status::Closed => Vec::new(),
    }
}

#[test]
fn going_back_shuts_the_gate_ahead_until_what_did_not_last_is_proven_anew() {
    for severity in Severity::ALL {
        for from in Status::ALL {
            for to in Status::ALL.into_iter().filter(|to| *to < from) {
                let what = format!("{severity:?}: {from:?} back to {to:?}");
                let mut room = at_status(severity, from);
                let blank = Command::MoveBack {
                    to,
                    reason: " \n".to_owned(),
                };
                assert_eq!(room.refused(&ana(), blank), "Reason must not be empty.");
                assert_eq!(room.incident.status, from, "{what}");
                room.wait(30).back_to(to);
                assert_eq!(room.incident.went_back(), 1, "{what}");
                // Reopened is what was over, and is not any more.
                let reopened = from >= Status::Resolved && to < Status::Resolved;
                let times: Vec<_> = room.incident.reopenings().collect();
                assert_eq!(
                    times,
                    if reopened { vec![at(30)] } else { vec![] },
                    "{what}"
                );

                let next = to.next().unwrap();
                let step = Command::MoveStatus { to: next };
                let mut left: Vec<_> = undone(to).iter().map(|(need, _)| need.clone()).collect();
                for (_, supply) in undone(to) {
                    assert_eq!(lacks(&room, next), left, "{what}");
                    room.refused(&ana(), step.clone());
                    left.remove(0);
                    room.ok(&ana(), supply);
                }
                assert_eq!(lacks(&room, next), [], "{what}");
                room.ok(&ana(), step);
                assert_eq!(room.incident.went_back(), 1, "{what}");
            }
        }
    }
}

#[test]
fn each_time_it_goes_back_is_counted() {
    for severity in Severity::ALL {
        let mut room = at_status(severity, Status::Resolved);
        for n in 1..=3 {
            room.wait(10).back_to(Status::Mitigated);
            assert_eq!(room.incident.went_back(), n);
            assert_eq!(room.incident.reopenings().count(), n);
            room.ok(&ana(), evidence(Proves::Validated));
            let to = Status::Resolved;
            room.ok(&ana(), Command::MoveStatus { to });
        }
    }
}

#[test]
fn proof_opens_its_own_gate_in_any_form_that_it_may_have() {
    let forms = || {
        [
            Proof::Link {
                url: "https://metrics.example/d/1".to_owned(),
            },
            Proof::Excerpt {
                text: "errors 0.003".to_owned(),
            },
            Proof::File {
                name: "errors.csv".to_owned(),
                sha256: "ab".repeat(32),
                bytes: 1,
                media_type: "text/csv".to_owned(),
            },
            Proof::Statement {
                by: "Ana".to_owned(),
                text: "We can work".to_owned(),
            },
        ]
    };
    for proves in Proves::ALL {
        let from = match proves {
            Proves::HarmStopped => Status::Active,
            Proves::CustomersWork => Status::Contained,
            Proves::Validated => Status::Mitigated,
        };
        let to = from.next().unwrap();
        let need = Need::Evidence { proves };
        for proof in forms() {
            let says = matches!(proof, Proof::Statement { .. });
            for shown in Proves::ALL {
                let mut room = Room::at_status(from);
                let attach = Command::AttachEvidence {
                    proves: shown,
                    proof: proof.clone(),
                    shows: "It stopped".to_owned(),
                    watched_min: Some(30),
                };
                let taken = room.send(&ana(), attach).is_ok();
                assert_eq!(taken, shown.takes_statement() || !says, "{shown:?}");
                let supplied = taken && shown == proves;
                assert_eq!(!lacks(&room, to).contains(&need), supplied, "{shown:?}");
            }
        }
    }
}

#[test]
fn the_cause_is_stated_as_known_or_as_looked_for_in_words() {
    let known = |text| Cause::Known { text };
    let looked_for = |text| Cause::UnderInvestigation { text };
    for cause in [known as fn(String) -> Cause, looked_for] {
        for (text, stated) in [(" ", false), ("Too many connections", true)] {
            let mut room = Room::at_status(Status::Mitigated);
            let cause = cause(text.to_owned());
            let answer = room.send(&ana(), Command::StateCause { cause });
            assert_eq!(answer.is_ok(), stated);
            let lacks = lacks(&room, Status::Resolved);
            assert_eq!(!lacks.contains(&Need::Cause), stated);
        }
    }
}

#[test]
fn a_credit_is_decided_once_it_is_approved_or_none_and_not_while_it_waits_or_is_rejected() {
    let need = Need::Credit {
        customer: named("Northwind"),
    };
    let because = || "SLA".to_owned();
    let granted = |minor| Credit::Granted {
        amount: Money {
            currency: "EUR".to_owned(),
            minor,
        },
        reason: because(),
    };
    let days = Credit::ServiceDays {
        days: 5,
        reason: because(),
    };
    let change = Judgement::Change {
        credit: granted(50),
        reason: because(),
    };
    let reject = Judgement::Reject { reason: because() };
    for credit in [granted(100), days] {
        for (judgement, decided) in [
            (Judgement::Approve, true),
            (change.clone(), true),
            (reject.clone(), false),
        ] {
            let mut room = Room::at_status(Status::Resolved);
            room.note("Northwind");
            let propose = Command::ProposeCredit {
                customer: named("Northwind"),
                credit: credit.clone(),
                monthly_fee: None,
                working: None,
            };
            let proposal = room.ok(&ana(), propose);
            assert!(lacks(&room, Status::Closed).contains(&need), "it waits");
            let judge = Command::JudgeCredit {
                proposal,
                judgement: judgement.clone(),
            };
            room.ok(&bo(), judge);
            let met = !lacks(&room, Status::Closed).contains(&need);
            assert_eq!(met, decided, "{credit:?}: {judgement:?}");
        }
    }
}

#[test]
fn a_post_mortem_at_the_last_moment_of_its_5_days_lets_it_close_and_one_later_is_not_booked() {
    for severity in Severity::ALL {
        let mut room = at_status(severity, Status::Resolved);
        room.publishes(UpdateKind::Resolution);
        for command in what_opens(Status::Closed, room.now) {
            if !matches!(command, Command::BookPostMortem { .. }) {
                room.ok(&ana(), command);
            }
        }
        let close = Command::MoveStatus { to: Status::Closed };
        // Resolved on Monday the 23rd: to the end of Monday the 30th, in UTC.
        let end = at(14 * 60) + Duration::days(7);
        let book = |at| Command::BookPostMortem {
            at,
            facilitator: bo(),
        };
        room.refused(&ana(), book(end + Duration::milliseconds(1)));
        assert_eq!(lacks(&room, Status::Closed), [Need::PostMortem]);
        room.refused(&ana(), close.clone());
        room.ok(&ana(), book(end));
        assert_eq!(lacks(&room, Status::Closed), []);
        room.ok(&ana(), close);
    }
}

#[test]
fn an_action_has_acceptance_criteria_and_the_plan_of_the_follow_up_has_words() {
    for (acceptance, plan, met) in [
        (" ", " ", [false, false]),
        ("A test fails", " ", [true, false]),
        (" ", "Write on Friday", [false, true]),
        ("A test fails", "Write on Friday", [true, true]),
    ] {
        let mut room = Room::at_status(Status::Resolved);
        let action = Command::AgreeAction {
            what: "Limit connections".to_owned(),
            owner: bo(),
            due_on: at(0).date_naive(),
            acceptance: acceptance.to_owned(),
        };
        let plan = Command::PlanFollowUp {
            plan: plan.to_owned(),
        };
        let taken = [action, plan].map(|command| room.send(&ana(), command).is_ok());
        assert_eq!(taken, met);
        let lacks = lacks(&room, Status::Closed);
        let there = [Need::Action, Need::FollowUp].map(|need| !lacks.contains(&need));
        assert_eq!(there, met);
    }
}
