//! Every clock on both sides of each edge, and adherence (RUNBOOK §4).

use crate::room::{Room, ana, at, bo, brief, cy, minutes, offer, person};
use ClockState::{AtRisk, Met, MetLate, Overdue, Running};
use domain::adherence::{Adherence, PromiseState, brief_promises, update_promises};
use domain::clock::{ClockKind, ClockState, Owner, clocks};
use domain::update::UpdateKind;
use domain::{Command, Role, Severity, Status};

/// What a clock must show while nothing happens, and once it is met.
struct Case {
    kind: ClockKind,
    /// The mildest severity it runs under.
    mildest: Severity,
    owner: Owner,
    due_min: i64,
    /// The first minute at which it is at risk.
    risk_min: i64,
    meet: fn(&mut Room),
}

fn cases() -> Vec<Case> {
    vec![
        Case {
            kind: ClockKind::CommanderNamed,
            mildest: Severity::Sev3,
            owner: Owner::Role(Role::Commander),
            due_min: 15,
            risk_min: 10,
            meet: |r| r.seats(Role::Commander, &ana()),
        },
        Case {
            kind: ClockKind::CoreRolesNamed,
            mildest: Severity::Sev3,
            owner: Owner::Role(Role::Commander),
            due_min: 30,
            risk_min: 24,
            meet: |r| {
                for (n, role) in Role::CORE.into_iter().enumerate() {
                    r.seats(role, &person(n));
                }
            },
        },
        Case {
            kind: ClockKind::SponsorNamed,
            mildest: Severity::Sev1,
            owner: Owner::Role(Role::Commander),
            due_min: 60,
            risk_min: 48,
            meet: |r| r.seats(Role::Sponsor, &person(4)),
        },
        Case {
            kind: ClockKind::Brief,
            mildest: Severity::Sev2,
            owner: Owner::Role(Role::Comms),
            due_min: 60,
            risk_min: 48,
            meet: |_| (),
        },
        Case {
            kind: ClockKind::FirstUpdate,
            mildest: Severity::Sev3,
            owner: Owner::Role(Role::Comms),
            due_min: 60,
            risk_min: 48,
            meet: |_| (),
        },
    ]
}

/// Each case under each severity it runs under.
fn by_severity() -> impl Iterator<Item = (Severity, Case)> {
    let of = |severity| {
        let cases = cases().into_iter();
        cases
            .filter(move |c| severity <= c.mildest)
            .map(move |c| (severity, c))
    };
    Severity::ALL.into_iter().flat_map(of)
}

#[test]
fn clocks_from_the_declaration_turn_at_their_minute() {
    let second = chrono::Duration::seconds(1);
    for (severity, case) in by_severity() {
        let room = Room::declared(severity);
        let clock = room.clock(case.kind).unwrap();
        assert_eq!(
            (clock.started_at, clock.due_at),
            (at(0), at(case.due_min)),
            "{:?}",
            case.kind
        );
        assert_eq!(clock.owner, case.owner, "{:?}", case.kind);
        for (when, state) in [
            (at(0), Running),
            (at(case.risk_min) - second, Running),
            (at(case.risk_min), AtRisk),
            (at(case.due_min), AtRisk),
            (at(case.due_min) + second, Overdue),
            (at(10_000), Overdue),
        ] {
            assert_eq!(clock.state(when), state, "{:?} at {when}", case.kind);
        }
    }
}

#[test]
fn named_clocks_are_met_by_accepted_holders_in_time_or_late() {
    for (severity, case) in by_severity()
        .filter(|(_, c)| c.kind != ClockKind::Brief && c.kind != ClockKind::FirstUpdate)
    {
        for (min, state) in [(case.due_min, Met), (case.due_min + 1, MetLate)] {
            let mut room = Room::declared(severity);
            room.wait(min);
            (case.meet)(&mut room);
            room.wait(500);
            assert_eq!(
                room.clock_state(case.kind),
                Some(state),
                "{:?} after {min} min",
                case.kind
            );
        }
    }
}

#[test]
fn an_offer_names_nobody() {
    let mut room = Room::declared(Severity::Sev1);
    room.ok(&ana(), offer(Role::Commander, &bo()));
    room.wait(16);
    assert_eq!(room.clock_state(ClockKind::CommanderNamed), Some(Overdue));
}

#[test]
fn an_offer_is_answered_within_5_minutes() {
    let kind = ClockKind::RoleAccepted(Role::Comms);
    let mut room = Room::declared(Severity::Sev1);
    assert_eq!(room.clock(kind), None);
    room.wait(10).ok(&ana(), offer(Role::Comms, &cy()));
    let clock = room.clock(kind).unwrap();
    assert_eq!(
        (clock.due_at, clock.owner.clone()),
        (at(15), Owner::Person(cy()))
    );
    // The last five minutes are all there is, so it is at risk from the start.
    assert_eq!(
        (
            clock.state(at(10)),
            clock.state(at(15)),
            clock.state(at(16))
        ),
        (AtRisk, AtRisk, Overdue)
    );
    let mut accepted = room.clone();
    accepted.ok(&cy(), Command::AcceptRole { role: Role::Comms });
    assert_eq!(accepted.clock(kind), None);
    room.ok(
        &cy(),
        Command::DeclineRole {
            role: Role::Comms,
            reason: None,
        },
    );
    assert_eq!(room.clock(kind), None);
}

#[test]
fn which_clocks_run_depends_on_the_severity() {
    use ClockKind::{Brief, CommanderNamed, CoreRolesNamed, FirstUpdate, SponsorNamed};
    for (severity, kinds) in [
        (
            Severity::Sev1,
            vec![
                CommanderNamed,
                CoreRolesNamed,
                SponsorNamed,
                FirstUpdate,
                Brief,
            ],
        ),
        (
            Severity::Sev2,
            vec![CommanderNamed, CoreRolesNamed, FirstUpdate, Brief],
        ),
        (
            Severity::Sev3,
            vec![CommanderNamed, CoreRolesNamed, FirstUpdate],
        ),
    ] {
        let room = Room::declared(severity);
        let mut got: Vec<_> = clocks(&room.incident, &room.policy)
            .into_iter()
            .map(|c| c.kind)
            .collect();
        got.sort();
        assert_eq!(got, kinds, "{severity:?}");
    }
}

#[test]
fn the_next_update_is_due_when_it_was_promised() {
    for (severity, cadence, risk) in [
        (Severity::Sev1, 60, 12),
        (Severity::Sev2, 120, 24),
        (Severity::Sev3, 1_440, 288),
    ] {
        let mut room = Room::declared(severity);
        room.wait(10);
        room.publishes(UpdateKind::First);
        assert_eq!(room.clock(ClockKind::FirstUpdate), None);
        let clock = room.clock(ClockKind::NextUpdate).unwrap();
        let due = at(10 + cadence);
        assert_eq!(
            (clock.started_at, clock.due_at),
            (at(10), due),
            "{severity:?}"
        );
        let states = [risk + 1, risk, 0, -1].map(|left| clock.state(due - minutes(left)));
        assert_eq!(states, [Running, AtRisk, AtRisk, Overdue], "{severity:?}");
    }
}

#[test]
fn the_resolution_ends_the_cadence_and_reopening_starts_it_again() {
    let mut room = Room::at_status(Status::Resolved);
    assert!(
        room.clock(ClockKind::NextUpdate).is_some(),
        "resolved is not told yet"
    );
    room.wait(20);
    room.publishes(UpdateKind::Resolution);
    assert_eq!(room.clock(ClockKind::NextUpdate), None);

    room.wait(100);
    room.ok(
        &ana(),
        Command::MoveBack {
            to: Status::Mitigated,
            reason: "Back".to_owned(),
        },
    );
    let clock = room.clock(ClockKind::NextUpdate).unwrap();
    assert_eq!(
        (clock.started_at, clock.due_at),
        (at(120), at(240)),
        "SEV-2: 120 min from then"
    );
    let owed = |room: &Room| {
        update_promises(&room.incident, &room.policy, room.now)
            .last()
            .copied()
            .unwrap()
    };
    assert_eq!(
        (owed(&room).due_at, owed(&room).state),
        (at(240), PromiseState::Owed)
    );
    room.wait(121);
    let adherence = Adherence::of(&update_promises(&room.incident, &room.policy, room.now));
    assert_eq!(
        adherence,
        Adherence { owed: 3, kept: 2 },
        "first and resolution kept, one missed"
    );
    room.publishes(UpdateKind::Progress);
    assert_eq!(room.clock(ClockKind::NextUpdate).unwrap().due_at, at(361));

    // Back from Closed to Resolved: it is still over.
    let mut closed = Room::at_status(Status::Closed);
    closed.ok(
        &ana(),
        Command::MoveBack {
            to: Status::Resolved,
            reason: "Wrong credit".to_owned(),
        },
    );
    assert_eq!(closed.clock(ClockKind::NextUpdate), None);
}

#[test]
fn the_brief_comes_after_60_minutes_then_every_4_hours_until_it_is_resolved() {
    let mut room = Room::declared(Severity::Sev2);
    let publish = |after_version| Command::PublishBrief {
        text: brief(),
        after_version,
    };
    room.wait(50).ok(&cy(), publish(0));
    let clock = room.clock(ClockKind::Brief).unwrap();
    assert_eq!((clock.started_at, clock.due_at), (at(50), at(290)));
    let states = [at(241), at(242), at(290), at(291)].map(|t| clock.state(t));
    assert_eq!(states, [Running, AtRisk, AtRisk, Overdue]);
    room.wait(245).ok(&cy(), publish(1));
    assert_eq!(room.clock(ClockKind::Brief).unwrap().due_at, at(535));
    let kept = |room: &Room| Adherence::of(&brief_promises(&room.incident, &room.policy, room.now));
    assert_eq!(
        kept(&room),
        Adherence { owed: 2, kept: 1 },
        "the second came 5 minutes late"
    );
    room.moves_to(Status::Resolved);
    room.wait(2_000);
    assert_eq!(
        room.clock_state(ClockKind::Brief),
        Some(ClockState::Stopped)
    );
    assert_eq!(
        kept(&room),
        Adherence { owed: 2, kept: 1 },
        "nothing is owed after that"
    );
}

#[test]
fn of_a_closed_incident_only_what_was_agreed_for_later_runs_on() {
    let mut room = Room::at_status(Status::Closed);
    room.wait(10_000);
    let running = |room: &Room| {
        clocks(&room.incident, &room.policy)
            .into_iter()
            .filter(domain::clock::Clock::is_running)
            .map(|c| c.kind)
            .collect::<Vec<_>>()
    };
    let action = room.incident.actions[0].id;
    let later = [ClockKind::PostMortemHeld, ClockKind::ActionDone(action)];
    assert_eq!(running(&room), later);
    room.ok(&ana(), Command::HoldPostMortem { at: room.now });
    let proof = "The test fails".to_owned();
    room.ok(&bo(), Command::FinishAction { action, proof });
    assert_eq!(running(&room), []);
}
