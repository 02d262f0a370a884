//! Offer, accept, decline, hand over; two hats (RUNBOOK §3).

use crate::room::{Room, ana, at, bo, cy, offer, person};
use domain::role::Answer;
use domain::{Command, PersonRef, Refusal, Role, Severity, Status};

fn accept(role: Role) -> Command {
    Command::AcceptRole { role }
}

fn decline(role: Role) -> Command {
    Command::DeclineRole {
        role,
        reason: Some("On another incident".to_owned()),
    }
}

fn hand_over(role: Role, to: &PersonRef, two_hats: Option<&str>) -> Command {
    let two_hats = two_hats.map(str::to_owned);
    Command::HandOverRole {
        role,
        to: to.clone(),
        note: "Failover runs".to_owned(),
        two_hats,
    }
}

#[test]
fn a_seat_is_offered_then_accepted_by_that_person_alone() {
    let mut room = Room::declared(Severity::Sev1);
    room.ok(&ana(), offer(Role::Comms, &cy()));
    assert_eq!(
        room.incident.holder(Role::Comms),
        None,
        "an offer is no holder"
    );
    assert!(room.incident.seat(Role::Comms).offered_to(cy().id));
    for answer in [accept(Role::Comms), decline(Role::Comms)] {
        let refusal = room.send(&bo(), answer).unwrap_err();
        assert!(matches!(refusal, Refusal::NotYours { .. }), "{refusal}");
    }
    room.wait(3).ok(&cy(), accept(Role::Comms));
    assert_eq!(room.incident.holder(Role::Comms), Some(&cy()));
    let seat = room.incident.seat(Role::Comms);
    assert_eq!(
        (seat.first_accepted_at, seat.offer.as_ref()),
        (Some(at(3)), None)
    );
    assert_eq!(seat.history.len(), 1);
    assert_eq!(seat.history[0].answer, Answer::Accepted { from: None });
    assert!(
        room.refused(&cy(), accept(Role::Comms))
            .contains("not on offer any more")
    );
}

#[test]
fn a_declined_seat_is_empty_again_and_the_answer_is_kept() {
    let mut room = Room::declared(Severity::Sev1);
    room.ok(&ana(), offer(Role::Comms, &cy()));
    room.ok(&cy(), decline(Role::Comms));
    let seat = room.incident.seat(Role::Comms);
    assert_eq!((seat.holder.as_ref(), seat.offer.as_ref()), (None, None));
    let reason = Some("On another incident".to_owned());
    assert_eq!(seat.history[0].answer, Answer::Declined { reason });
    room.seats(Role::Comms, &bo());
    assert_eq!(room.incident.holder(Role::Comms), Some(&bo()));
}

#[test]
fn a_new_offer_replaces_the_open_one() {
    let mut room = Room::declared(Severity::Sev1);
    room.ok(&ana(), offer(Role::Comms, &cy()));
    room.ok(&ana(), offer(Role::Comms, &bo()));
    assert_eq!(
        room.incident.seat(Role::Comms).history[0].answer,
        Answer::Replaced
    );
    assert!(room.send(&cy(), accept(Role::Comms)).is_err());
    room.ok(&bo(), accept(Role::Comms));
}

#[test]
fn whoever_was_not_given_the_time_to_answer_did_not_fail_to() {
    for (after_min, is_overdue) in [(0, false), (5, false), (6, true)] {
        let mut room = Room::declared(Severity::Sev1);
        room.ok(&ana(), offer(Role::Comms, &cy()));
        room.wait(after_min).ok(&ana(), offer(Role::Comms, &bo()));
        let turn = &room.incident.seat(Role::Comms).history[0];
        let accept_min = room.policy.accept_min;
        assert_eq!(turn.is_overdue(accept_min), is_overdue, "{after_min} min");
        assert!(!turn.is_overdue(6), "the policy says how long");
    }
}

#[test]
fn a_held_seat_is_handed_over_and_stays_held_until_the_next_one_accepts() {
    let mut room = Room::declared(Severity::Sev1);
    assert!(
        room.refused(&ana(), hand_over(Role::Comms, &bo(), None))
            .contains("Offer the role instead")
    );
    room.seats(Role::Comms, &cy());
    assert!(
        room.refused(&ana(), offer(Role::Comms, &bo()))
            .contains("Hand the role over instead")
    );
    assert!(
        room.refused(&cy(), hand_over(Role::Comms, &cy(), None))
            .contains("already holds")
    );

    room.ok(&cy(), hand_over(Role::Comms, &bo(), None));
    assert_eq!(room.incident.holder(Role::Comms), Some(&cy()));
    room.ok(&bo(), decline(Role::Comms));
    assert_eq!(
        room.incident.holder(Role::Comms),
        Some(&cy()),
        "a refused hand-over changes nothing"
    );

    room.ok(&cy(), hand_over(Role::Comms, &bo(), None));
    room.wait(7).ok(&bo(), accept(Role::Comms));
    assert_eq!(room.incident.holder(Role::Comms), Some(&bo()));
    let seat = room.incident.seat(Role::Comms);
    let last = seat.history.last().unwrap();
    assert_eq!(last.answer, Answer::Accepted { from: Some(cy()) });
    assert_eq!(last.offer.note.as_deref(), Some("Failover runs"));
    assert_eq!(
        seat.first_accepted_at,
        Some(at(0)),
        "the named clock stopped at the first"
    );
}

#[test]
fn a_hand_over_needs_a_note() {
    let mut room = Room::declared(Severity::Sev1);
    room.seats(Role::Comms, &cy());
    let blank = Command::HandOverRole {
        role: Role::Comms,
        to: bo(),
        note: " ".to_owned(),
        two_hats: None,
    };
    assert_eq!(
        room.refused(&cy(), blank),
        "Hand-over note must not be empty."
    );
}

#[test]
fn commander_engineering_and_comms_are_three_people_on_a_sev_1_and_sev_2() {
    for severity in Severity::ALL {
        for held in Role::ALL {
            for asked in Role::ALL.into_iter().filter(|r| *r != held) {
                let mut room = Room::declared(severity);
                room.seats(held, &bo());
                let refused = room.send(&ana(), offer(asked, &bo())).is_err();
                let must = severity.is_high() && held.is_apart() && asked.is_apart();
                assert_eq!(
                    refused, must,
                    "{severity:?}: {held:?} asked to be {asked:?}"
                );
            }
        }
    }
}

#[test]
fn a_reason_lets_one_person_wear_two_hats_and_stands_on_both_cards() {
    let mut room = Room::declared(Severity::Sev1);
    room.seats(Role::Commander, &bo());
    let offer = |why: &str| Command::OfferRole {
        role: Role::Engineering,
        person: bo(),
        two_hats: Some(why.to_owned()),
    };
    let refusal = room.send(&ana(), offer("  ")).unwrap_err();
    assert!(
        matches!(refusal, Refusal::TwoHats { .. }),
        "a blank reason is none: {refusal}"
    );
    room.ok(&ana(), offer("Nobody else is awake"));
    room.ok(&bo(), accept(Role::Engineering));
    for card in [Role::Commander, Role::Engineering] {
        assert_eq!(
            room.incident.two_hats(card),
            Some("Nobody else is awake"),
            "{card:?}"
        );
    }
    assert_eq!(room.incident.two_hats(Role::Comms), None);

    // Once one hat is passed on, neither card shows it.
    room.ok(&bo(), hand_over(Role::Engineering, &cy(), None));
    room.ok(&cy(), accept(Role::Engineering));
    for card in Role::ALL {
        assert_eq!(room.incident.two_hats(card), None, "{card:?}");
    }
}

#[test]
fn two_open_offers_do_not_slip_past_the_rule() {
    let mut room = Room::declared(Severity::Sev1);
    room.ok(&ana(), offer(Role::Commander, &bo()));
    room.ok(&ana(), offer(Role::Comms, &bo()));
    room.ok(&bo(), accept(Role::Commander));
    let refusal = room.send(&bo(), accept(Role::Comms)).unwrap_err();
    assert!(matches!(refusal, Refusal::TwoHats { .. }), "{refusal}");

    let mut room = Room::declared(Severity::Sev2);
    room.seats(Role::Comms, &cy());
    room.seats(Role::Commander, &bo());
    let refusal = room
        .send(&cy(), hand_over(Role::Comms, &bo(), None))
        .unwrap_err();
    assert!(matches!(refusal, Refusal::TwoHats { .. }), "{refusal}");
    room.ok(
        &cy(),
        hand_over(Role::Comms, &bo(), Some("Cy has to leave")),
    );
    room.ok(&bo(), accept(Role::Comms));
}

#[test]
fn roles_are_not_moved_on_a_closed_incident() {
    let mut room = Room::at_status(Status::Closed);
    assert!(
        room.refused(&ana(), offer(Role::Sponsor, &person(4)))
            .contains("is closed")
    );
}
