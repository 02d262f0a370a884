//! What a change of severity or cadence does to the clocks: they re-aim from that moment, and the
//! past is not rewritten (RUNBOOK §2, §4).

use crate::room::{Room, ana, at, brief, customer, cy, person};
use ClockState::{Met, MetLate, Overdue};
use domain::adherence::{Adherence, brief_promises, update_promises};
use domain::clock::{ClockKind, ClockState};
use domain::update::UpdateKind;
use domain::{Command, Role, Severity, Status};

const NEXT: ClockKind = ClockKind::NextUpdate;

fn updates(room: &Room) -> (u32, u32) {
    let a = Adherence::of(&update_promises(&room.incident, &room.policy, room.now));
    (a.owed, a.kept)
}

fn briefs(room: &Room) -> (u32, u32) {
    let a = Adherence::of(&brief_promises(&room.incident, &room.policy, room.now));
    (a.owed, a.kept)
}

#[test]
fn a_severity_changes_with_a_reason_while_it_is_open_and_to_another_one() {
    let change = |to, reason: &str| Command::ChangeSeverity {
        to,
        reason: reason.to_owned(),
    };
    for from in Severity::ALL {
        for to in Severity::ALL {
            let mut room = Room::declared(from);
            let answer = room.send(&ana(), change(to, "More regions fail"));
            assert_eq!(answer.is_ok(), from != to, "{from:?} to {to:?}");
            assert_eq!(room.incident.severity(), Some(to));
        }
    }
    let mut room = Room::declared(Severity::Sev2);
    let blank = room.refused(&ana(), change(Severity::Sev1, " "));
    assert_eq!(blank, "Reason must not be empty.");
    let same = room.refused(&ana(), change(Severity::Sev2, "Sure"));
    assert_eq!(same, "It is SEV-2 already.");
    let mut closed = Room::at_status(Status::Closed);
    let why = closed.refused(&ana(), change(Severity::Sev1, "Back"));
    assert!(why.contains("is closed"), "{why}");
}

#[test]
fn a_change_of_severity_re_aims_the_promise_to_customers() {
    // Told at minute 10; the change comes at minute 40.
    for (from, to, due_min) in [
        (Severity::Sev2, Severity::Sev1, 100),
        (Severity::Sev3, Severity::Sev1, 100),
        (Severity::Sev3, Severity::Sev2, 160),
        // A longer cadence leaves a promise standing.
        (Severity::Sev1, Severity::Sev2, 70),
        (Severity::Sev1, Severity::Sev3, 70),
        (Severity::Sev2, Severity::Sev3, 130),
    ] {
        let mut room = Room::declared(from);
        room.wait(10).publishes(UpdateKind::First);
        room.wait(30).severity(to);
        let clock = room.clock(NEXT).unwrap();
        assert_eq!(clock.due_at, at(due_min), "{from:?} to {to:?}");
        assert_eq!(clock.state(at(due_min)), ClockState::AtRisk);
        assert_eq!(clock.state(at(due_min + 1)), Overdue);
        let mut kept = room.clone();
        kept.now = at(due_min);
        kept.publishes(UpdateKind::Progress);
        assert_eq!(updates(&kept), (2, 2), "{from:?} to {to:?}");
        room.now = at(due_min + 1);
        room.publishes(UpdateKind::Progress);
        assert_eq!(updates(&room), (2, 1), "{from:?} to {to:?}");
    }
}

#[test]
fn a_promise_that_is_nearer_than_the_new_cadence_stays_where_it_is() {
    let mut room = Room::declared(Severity::Sev2);
    room.publishes(UpdateKind::First);
    room.wait(100).severity(Severity::Sev1);
    assert_eq!(
        room.clock(NEXT).unwrap().due_at,
        at(120),
        "not put off to 160"
    );
}

#[test]
fn what_was_broken_before_a_change_stays_broken() {
    let mut room = Room::declared(Severity::Sev1);
    room.publishes(UpdateKind::First);
    room.wait(200).severity(Severity::Sev3);
    assert_eq!(room.clock_state(NEXT), Some(Overdue));
    assert_eq!(updates(&room), (4, 1), "60, 120 and 180 passed in silence");
    room.wait(41);
    assert_eq!(
        updates(&room),
        (5, 1),
        "240 was promised before the change and passed too"
    );
    room.wait(1_000);
    assert_eq!(updates(&room), (5, 1), "then a day is allowed");
}

#[test]
fn the_silence_before_the_first_update_is_not_counted_anew_when_it_becomes_milder() {
    let mut room = Room::declared(Severity::Sev1);
    room.wait(301);
    assert_eq!(updates(&room), (5, 0));
    room.severity(Severity::Sev3);
    assert_eq!(updates(&room), (5, 0));
    room.publishes(UpdateKind::First);
    assert_eq!(updates(&room), (5, 0));
}

#[test]
fn the_first_update_has_a_time_of_its_own_whatever_the_severity() {
    for (from, to) in [
        (Severity::Sev3, Severity::Sev1),
        (Severity::Sev1, Severity::Sev3),
    ] {
        let mut room = Room::declared(from);
        room.wait(20).severity(to);
        assert_eq!(room.clock(ClockKind::FirstUpdate).unwrap().due_at, at(60));
        room.cadence(10);
        assert_eq!(room.clock(ClockKind::FirstUpdate).unwrap().due_at, at(60));
    }
}

#[test]
fn a_changed_cadence_re_aims_and_outlasts_a_change_of_severity() {
    let mut room = Room::declared(Severity::Sev1);
    room.publishes(UpdateKind::First);
    room.wait(10).cadence(30);
    assert_eq!(room.clock(NEXT).unwrap().due_at, at(40), "shorter: nearer");
    room.wait(5).cadence(120);
    assert_eq!(
        room.clock(NEXT).unwrap().due_at,
        at(40),
        "longer: the promise stands"
    );
    room.severity(Severity::Sev2);
    room.severity(Severity::Sev1);
    assert_eq!(
        room.incident.cadence_min(&room.policy),
        120,
        "it was agreed by hand"
    );
    room.wait(26).publishes(UpdateKind::Progress);
    assert_eq!(updates(&room), (2, 1), "told at 41");
    assert_eq!(room.clock(NEXT).unwrap().due_at, at(161));
}

#[test]
fn reopened_it_goes_by_the_cadence_of_that_moment() {
    let mut room = Room::at_status(Status::Resolved);
    room.publishes(UpdateKind::Resolution);
    room.wait(10).severity(Severity::Sev1);
    room.wait(290).back_to(Status::Active);
    assert_eq!(
        room.clock(NEXT).unwrap().due_at,
        at(360),
        "SEV-1: 60 minutes from then"
    );
    assert_eq!(updates(&room), (2, 2));
    room.wait(61);
    assert_eq!(updates(&room), (3, 2));

    // Reopened, resolved and reopened once more without a word: the first time counts.
    room.moves_to(Status::Resolved);
    room.back_to(Status::Mitigated);
    assert_eq!(room.clock(NEXT).unwrap().due_at, at(360));
}

#[test]
fn briefs_are_owed_from_when_it_is_high_and_no_longer_once_it_is_not() {
    let publish = |after_version| Command::PublishBrief {
        text: brief(),
        after_version,
    };
    let mut room = Room::declared(Severity::Sev3);
    assert_eq!(room.clock(ClockKind::Brief), None);
    room.wait(100).severity(Severity::Sev2);
    let clock = room.clock(ClockKind::Brief).unwrap();
    assert_eq!((clock.started_at, clock.due_at), (at(100), at(160)));
    room.wait(10).severity(Severity::Sev1);
    assert_eq!(
        room.clock(ClockKind::Brief).unwrap().due_at,
        at(160),
        "high since 100"
    );
    room.wait(51).ok(&cy(), publish(0));
    assert_eq!(briefs(&room), (1, 0), "a minute late");
    room.wait(9).severity(Severity::Sev3);
    assert_eq!(room.clock(ClockKind::Brief), None);
    room.wait(1_000);
    assert_eq!(briefs(&room), (1, 0), "nothing is owed while it is mild");
    room.severity(Severity::Sev2);
    assert_eq!(
        room.clock(ClockKind::Brief).unwrap().due_at,
        at(1_230),
        "a first one again"
    );
}

#[test]
fn the_sponsor_is_owed_from_when_it_became_a_sev_1() {
    let kind = ClockKind::SponsorNamed;
    let mut room = Room::declared(Severity::Sev2);
    assert_eq!(room.clock(kind), None);
    room.wait(100).severity(Severity::Sev1);
    let clock = room.clock(kind).unwrap();
    assert_eq!((clock.started_at, clock.due_at), (at(100), at(160)));
    let mut mild = room.clone();
    mild.severity(Severity::Sev2);
    assert_eq!(mild.clock(kind), None);
    for (late_min, state) in [(0, Met), (1, MetLate)] {
        let mut room = room.clone();
        room.wait(60 + late_min).seats(Role::Sponsor, &person(4));
        assert_eq!(room.clock_state(kind), Some(state));
    }
    // Who sits there already is named in time.
    let mut early = Room::declared(Severity::Sev2);
    early.seats(Role::Sponsor, &person(4));
    early.wait(100).severity(Severity::Sev1);
    assert_eq!(early.clock_state(kind), Some(Met));
}

#[test]
fn made_worse_it_names_the_reason_why_one_person_holds_two_seats() {
    let mut room = Room::declared(Severity::Sev3);
    room.seats(Role::Commander, &cy());
    room.seats(Role::Comms, &cy());
    assert_eq!(
        room.incident.two_hats(Role::Comms),
        None,
        "two hats are fine on a SEV-3"
    );
    room.severity(Severity::Sev2);
    for card in [Role::Commander, Role::Comms] {
        assert_eq!(
            room.incident.two_hats(card),
            Some("held both when it became SEV-2")
        );
    }
    assert_eq!(room.incident.two_hats(Role::Engineering), None);
}

#[test]
fn approval_is_asked_for_by_the_severity_of_the_moment() {
    let mut room = Room::declared(Severity::Sev2);
    room.seats(Role::Commander, &ana());
    room.ok(
        &ana(),
        Command::NoteCustomer {
            customer: customer("Northwind"),
        },
    );
    room.publishes(UpdateKind::First);
    room.severity(Severity::Sev1);
    let why = room.refused(&cy(), room.update(UpdateKind::Progress));
    assert!(why.contains("approves a customer update before"), "{why}");
    room.severity(Severity::Sev2);
    room.publishes(UpdateKind::Progress);
}
