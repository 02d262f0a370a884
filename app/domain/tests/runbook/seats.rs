//! Seats left empty, and shadows (RUNBOOK §3).

use crate::room::{Room, ana, at, bo, cy, offer, person};
use domain::clock::ClockKind;
use domain::next_step::{Target, next_steps};
use domain::role::Answer;
use domain::{Command, PersonId, PersonRef, Role, Severity, Status};
use uuid::Uuid;

fn vacate(role: Role, reason: &str) -> Command {
    let reason = reason.to_owned();
    Command::VacateRole {
        role,
        reason,
        holder: None,
    }
}

fn withdraw(role: Role, person: &PersonRef, reason: &str) -> Command {
    Command::WithdrawOffer {
        role,
        person: person.id,
        reason: reason.to_owned(),
    }
}

fn learner(n: u128) -> PersonRef {
    PersonRef {
        id: PersonId(Uuid::from_u128(100 + n)),
        name: format!("Learner {n}"),
    }
}

#[test]
fn whoever_is_removed_while_holding_a_role_leaves_it_empty_with_a_reason_that_is_kept() {
    let mut room = Room::declared(Severity::Sev1);
    let why = room.refused(&ana(), vacate(Role::Comms, "Gone"));
    assert_eq!(why, "Nobody is Comms Lead now.");
    room.seats(Role::Comms, &cy());
    assert_eq!(
        room.refused(&ana(), vacate(Role::Comms, " ")),
        "Reason must not be empty."
    );
    room.ok(&ana(), vacate(Role::Comms, "Their account was closed"));
    let seat = room.incident.seat(Role::Comms);
    assert_eq!(seat.holder, None);
    let last = seat.history.last().unwrap();
    let reason = "Their account was closed".to_owned();
    assert_eq!(
        (&last.offer.person, &last.answer),
        (&cy(), &Answer::Vacated { reason })
    );
    let line = &room.incident.timeline.last().unwrap().text;
    assert_eq!(line, "Cy left Comms Lead empty: Their account was closed");
    let steps = next_steps(&room.incident, &room.policy, room.now);
    assert!(steps.iter().any(|s| s.target == Target::Offer(Role::Comms)));
    room.seats(Role::Comms, &bo());
    assert_eq!(room.incident.holder(Role::Comms), Some(&bo()));
}

#[test]
fn a_hand_over_under_way_goes_on_when_the_seat_is_left_empty() {
    let mut room = Room::declared(Severity::Sev2);
    room.seats(Role::Comms, &cy());
    room.ok(
        &cy(),
        Command::HandOverRole {
            role: Role::Comms,
            to: bo(),
            note: "Next update at 11:00 UTC".to_owned(),
            two_hats: None,
        },
    );
    room.ok(&ana(), vacate(Role::Comms, "The train is in a tunnel"));
    assert!(room.incident.seat(Role::Comms).offered_to(bo().id));
    room.ok(&bo(), Command::AcceptRole { role: Role::Comms });
    assert_eq!(room.incident.holder(Role::Comms), Some(&bo()));
}

#[test]
fn an_offer_is_taken_back_from_who_was_asked_and_the_seat_is_there_for_another() {
    let mut room = Room::declared(Severity::Sev1);
    let none = room.refused(&ana(), withdraw(Role::Comms, &cy(), "Gone"));
    assert_eq!(none, "Comms Lead is not on offer to them any more.");
    room.ok(&ana(), offer(Role::Comms, &cy()));
    assert_eq!(
        room.refused(&ana(), withdraw(Role::Comms, &cy(), " ")),
        "Reason must not be empty."
    );
    let other = room.refused(&ana(), withdraw(Role::Comms, &bo(), "Gone"));
    assert_eq!(other, "Comms Lead is not on offer to them any more.");
    assert!(room.incident.seat(Role::Comms).offered_to(cy().id));

    let accept_clock = ClockKind::RoleAccepted(Role::Comms);
    assert!(room.clock(accept_clock).is_some());
    room.wait(4).ok(
        &ana(),
        withdraw(Role::Comms, &cy(), "Removed from Drumbeat by Ana"),
    );
    let seat = room.incident.seat(Role::Comms);
    let last = seat.history.last().unwrap();
    let reason = "Removed from Drumbeat by Ana".to_owned();
    assert_eq!(
        (&last.offer.person, &last.answer, last.ended_at),
        (&cy(), &Answer::Withdrawn { reason }, at(4))
    );
    let line = &room.incident.timeline.last().unwrap().text;
    assert_eq!(
        line,
        "Cy is not asked to be Comms Lead any more: Removed from Drumbeat by Ana"
    );
    assert_eq!(room.clock(accept_clock), None, "nobody has to answer");
    // The seat was never taken: it is owed since the declaration, as before.
    let named = room.clock(ClockKind::CoreRolesNamed).unwrap();
    assert_eq!((named.started_at, named.due_at), (at(0), at(30)));
    let steps = next_steps(&room.incident, &room.policy, room.now);
    assert!(steps.iter().any(|s| s.target == Target::Offer(Role::Comms)));
    assert!(
        room.refused(&cy(), Command::AcceptRole { role: Role::Comms })
            .contains("not on offer any more")
    );
    room.seats(Role::Comms, &bo());
}

#[test]
fn a_hand_over_that_is_taken_back_leaves_the_holder_where_they_are() {
    let mut room = Room::declared(Severity::Sev1);
    room.seats(Role::Comms, &cy());
    room.ok(
        &cy(),
        Command::HandOverRole {
            role: Role::Comms,
            to: bo(),
            note: "Next update at 11:00 UTC".to_owned(),
            two_hats: None,
        },
    );
    room.ok(&ana(), withdraw(Role::Comms, &bo(), "Bo has left"));
    assert_eq!(room.incident.holder(Role::Comms), Some(&cy()));
    assert_eq!(room.incident.seat(Role::Comms).offer, None);
}

#[test]
fn who_took_a_seat_meanwhile_is_not_put_out_of_it() {
    let mut room = Room::declared(Severity::Sev1);
    room.seats(Role::Comms, &cy());
    let seen = |holder: &PersonRef| Command::VacateRole {
        role: Role::Comms,
        reason: "Gone".to_owned(),
        holder: Some(holder.id),
    };
    room.ok(
        &cy(),
        Command::HandOverRole {
            role: Role::Comms,
            to: bo(),
            note: "Next update at 11:00 UTC".to_owned(),
            two_hats: None,
        },
    );
    room.wait(3)
        .ok(&bo(), Command::AcceptRole { role: Role::Comms });
    let why = room.refused(&ana(), seen(&cy()));
    assert!(
        why.starts_with("Bo took over Comms Lead at 10:03 UTC"),
        "{why}"
    );
    room.ok(&ana(), seen(&bo()));
    assert_eq!(room.incident.holder(Role::Comms), None);
}

#[test]
fn without_a_commander_nobody_has_to_approve() {
    let mut room = Room::declared(Severity::Sev1);
    room.seats(Role::Commander, &ana());
    let update = room.update(domain::update::UpdateKind::First);
    assert!(room.send(&cy(), update.clone()).is_err());
    room.ok(&bo(), vacate(Role::Commander, "Out of reach"));
    room.ok(&cy(), update);
}

#[test]
fn a_shadow_sits_beside_a_seat_owns_nothing_and_may_sit_beside_several() {
    let mut room = Room::declared(Severity::Sev1);
    let add = |role, person: &PersonRef| Command::AddShadow {
        role,
        person: person.clone(),
    };
    for role in Role::ALL {
        room.ok(&ana(), add(role, &learner(0)));
        assert!(room.incident.seat(role).shadowed_by(learner(0).id));
        assert_eq!(room.incident.holder(role), None, "a shadow is no holder");
    }
    let again = room.refused(&ana(), add(Role::Comms, &learner(0)));
    assert_eq!(again, "Shadow Learner 0 is there already.");
    room.seats(Role::Commander, &bo());
    let holder = room.refused(&ana(), add(Role::Commander, &bo()));
    assert_eq!(holder, "Shadow Bo is there already.");
    // Nor does a shadow wear a hat: Bo commands, and learns beside Comms.
    room.ok(&ana(), add(Role::Comms, &bo()));
    assert_eq!(room.incident.two_hats(Role::Commander), None);
}

#[test]
fn at_most_5_sit_beside_one_seat_and_whoever_takes_it_does_not() {
    let mut room = Room::declared(Severity::Sev1);
    let add = |n| Command::AddShadow {
        role: Role::Comms,
        person: learner(n),
    };
    for n in 0..5 {
        room.ok(&ana(), add(n));
    }
    let crowd = room.refused(&ana(), add(5));
    assert_eq!(crowd, "Shadow would be one of more than 5.");
    room.ok(&ana(), offer(Role::Comms, &learner(0)));
    room.ok(&learner(0), Command::AcceptRole { role: Role::Comms });
    assert!(!room.incident.seat(Role::Comms).shadowed_by(learner(0).id));
    room.ok(&ana(), add(5));

    let end = |n| Command::RemoveShadow {
        role: Role::Comms,
        person: learner(n),
    };
    room.ok(&ana(), end(5));
    let gone = room.refused(&ana(), end(5));
    assert_eq!(gone, "Shadow Learner 5 does not sit there.");
}

#[test]
fn a_closed_incident_moves_nobody() {
    let mut room = Room::declared(Severity::Sev2);
    room.seats(Role::Commander, &ana());
    room.moves_to(Status::Closed);
    let who = person(4);
    for command in [
        vacate(Role::Commander, "Gone"),
        withdraw(Role::Sponsor, &who, "Gone"),
        Command::AddShadow {
            role: Role::Comms,
            person: who.clone(),
        },
        Command::RemoveShadow {
            role: Role::Comms,
            person: who,
        },
        Command::StayOn {
            reason: "Still here".to_owned(),
        },
    ] {
        assert!(room.refused(&ana(), command).contains("is closed"));
    }
}
