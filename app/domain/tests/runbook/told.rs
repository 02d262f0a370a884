//! Customer updates (RUNBOOK §5).

use crate::room::{Room, ana, at, brief, cy, named, update_text};
use domain::update::{Audience, ComponentNote, ComponentState, UpdateKind, UpdateText};
use domain::{Command, CommandId, Refusal, Severity, Status, Time};
use uuid::Uuid;

/// An update of this kind that may be published now, but for what `spoil` does to it.
fn spoilt(room: &Room, kind: UpdateKind, spoil: impl FnOnce(&mut UpdateText)) -> Command {
    let after = room.incident.updates.last().map(|u| u.id);
    let mut text = update_text(kind, room.now, 30);
    spoil(&mut text);
    Command::PublishUpdate {
        text,
        after,
        excuses: Vec::new(),
    }
}

#[test]
fn first_progress_resolution_in_this_order() {
    use UpdateKind::{First, Progress, Resolution};
    for (status, told, may) in [
        (Status::Active, false, [true, false, false]),
        (Status::Active, true, [false, true, false]),
        (Status::Mitigated, true, [false, true, false]),
        (Status::Resolved, true, [false, true, true]),
    ] {
        let mut room = Room::declared(Severity::Sev1);
        if told {
            room.publishes(First);
        }
        room.moves_to(status);
        for (kind, may) in [First, Progress, Resolution].into_iter().zip(may) {
            let answer = room.clone().send(&cy(), room.update(kind));
            assert_eq!(
                answer.is_ok(),
                may,
                "{kind:?} when {status:?}, told {told}: {answer:?}"
            );
        }
    }
}

#[test]
fn after_the_resolution_comes_no_progress_unless_it_is_reopened() {
    let mut room = Room::at_status(Status::Resolved);
    room.publishes(UpdateKind::Resolution);
    assert!(room.incident.resolution_published());
    let why = room.refused(&cy(), room.update(UpdateKind::Progress));
    assert!(why.contains("go back to an earlier status first"), "{why}");

    room.wait(5);
    room.ok(
        &ana(),
        Command::MoveBack {
            to: Status::Active,
            reason: "Errors are back".to_owned(),
        },
    );
    assert!(
        !room.incident.resolution_published(),
        "that word does not hold any more"
    );
    room.publishes(UpdateKind::Progress);
    room.moves_to(Status::Resolved);
    assert!(
        !room.incident.resolution_published(),
        "the old one does not close it either"
    );
    room.publishes(UpdateKind::Resolution);
    assert!(room.incident.resolution_published());
}

#[test]
fn the_promise_is_in_the_future_and_inside_the_cadence() {
    for (severity, longest_min) in [
        (Severity::Sev1, 60),
        (Severity::Sev2, 120),
        (Severity::Sev3, 1_440),
    ] {
        for (next, may) in [
            (None, false),
            (Some(at(-1)), false),
            (Some(at(0)), false),
            (Some(at(0) + chrono::Duration::milliseconds(1)), true),
            (Some(at(longest_min)), true),
            (
                Some(at(longest_min) + chrono::Duration::milliseconds(1)),
                false,
            ),
            (Some(Time::MAX_UTC), false),
            (Some(Time::MIN_UTC), false),
        ] {
            let mut room = Room::declared(severity);
            let command = spoilt(&room, UpdateKind::First, |t| t.next_at = next);
            let answer = room.send(&cy(), command);
            assert_eq!(answer.is_ok(), may, "{severity:?} {next:?}: {answer:?}");
        }
    }
}

#[test]
fn a_changed_cadence_has_a_reason_and_bounds_the_next_promise() {
    let change = |every_min, reason: &str| Command::ChangeCadence {
        every_min,
        reason: reason.to_owned(),
    };
    let mut room = Room::declared(Severity::Sev1);
    for (every_min, may) in [
        (4, false),
        (5, true),
        (7 * 24 * 60, true),
        (7 * 24 * 60 + 1, false),
    ] {
        assert_eq!(
            room.clone()
                .send(&ana(), change(every_min, "Agreed"))
                .is_ok(),
            may,
            "{every_min}"
        );
    }
    assert_eq!(
        room.refused(&ana(), change(120, " ")),
        "Reason must not be empty."
    );
    room.ok(&ana(), change(120, "Agreed with both customers"));
    let shown = room.incident.cadence.as_ref().unwrap();
    assert_eq!(
        (shown.every_min, shown.reason.as_str()),
        (120, "Agreed with both customers")
    );
    assert_eq!(room.incident.cadence_min(&room.policy), 120);
    let too_far = spoilt(&room, UpdateKind::First, |t| t.next_at = Some(at(121)));
    assert_eq!(
        room.refused(&cy(), too_far),
        "Next update must come within 2 h, by 12:00 UTC."
    );
    room.publishes(UpdateKind::First);
    assert_eq!(room.incident.updates[0].cadence_min, 120);

    // The past is not rewritten: what was promised under the old cadence stays promised.
    room.ok(&ana(), change(30, "It got worse"));
    assert_eq!(room.incident.updates[0].text.next_at, Some(at(120)));
    assert_eq!(room.incident.updates[0].cadence_min, 120);
}

#[test]
fn a_vague_time_cannot_be_published_in_any_part() {
    type Part = fn(&mut UpdateText) -> &mut String;
    let parts: [(Part, &str); 5] = [
        (|t| &mut t.acknowledge, "What happens"),
        (|t| &mut t.impact, "Who is affected"),
        (|t| &mut t.action, "What we do"),
        (|t| &mut t.closure.as_mut().unwrap().cause, "Cause"),
        (
            |t| &mut t.closure.as_mut().unwrap().prevention,
            "Prevention",
        ),
    ];
    for (part, field) in parts {
        let mut room = Room::at_status(Status::Resolved);
        let before = room.incident.clone();
        for vague in [
            "It will be back soon.",
            "Back as soon as possible",
            "We reply SHORTLY",
        ] {
            let command = spoilt(&room, UpdateKind::Resolution, |t| {
                *part(t) = vague.to_owned();
            });
            let why = room.refused(&cy(), command);
            assert!(
                why.starts_with(&format!("{field} cannot be published: ")),
                "{why}"
            );
        }
        assert_eq!(room.incident, before);
        let exact = spoilt(&room, UpdateKind::Resolution, |t| {
            *part(t) = "Back by 15:10 UTC.".to_owned();
        });
        room.ok(&cy(), exact);
    }
}

#[test]
fn of_two_who_publish_the_second_sees_what_happened() {
    let mut room = Room::declared(Severity::Sev1);
    let both_saw = room.update(UpdateKind::First);
    room.wait(5).ok(&cy(), both_saw.clone());
    let refusal = room.wait(1).send(&ana(), both_saw).unwrap_err();
    assert_eq!(
        refusal,
        Refusal::Superseded {
            by: "Cy".to_owned(),
            did: "published update 1".to_owned(),
            at: at(5)
        }
    );
    assert_eq!(room.incident.updates.len(), 1);
    let progress = room.update(UpdateKind::Progress);
    room.ok(&cy(), progress.clone());
    assert!(room.send(&ana(), progress).is_err());
}

#[test]
fn the_closure_belongs_to_the_resolution_and_its_window_is_a_window() {
    let closure = || update_text(UpdateKind::Resolution, at(0), 0).closure;
    let mut active = Room::declared(Severity::Sev1);
    let with = spoilt(&active, UpdateKind::First, |t| t.closure = closure());
    assert!(
        active
            .refused(&cy(), with)
            .contains("belong to the resolution")
    );

    type Spoil = fn(&mut UpdateText);
    let cases: [(Spoil, bool); 6] = [
        (|_| (), true),
        (|t| t.closure = None, false),
        (|t| t.next_at = Some(at(30)), false),
        (|t| t.closure.as_mut().unwrap().impact_to = at(-61), false),
        (|t| t.closure.as_mut().unwrap().impact_to = at(-60), true),
        (|t| t.closure.as_mut().unwrap().impact_to = at(2), false),
    ];
    for (n, (spoil, may)) in cases.into_iter().enumerate() {
        let mut room = Room::at_status(Status::Resolved);
        let command = spoilt(&room, UpdateKind::Resolution, spoil);
        let answer = room.send(&cy(), command);
        assert_eq!(answer.is_ok(), may, "case {n}: {answer:?}");
    }
}

#[test]
fn an_update_names_known_components_and_corrects_an_update_of_its_own_incident() {
    let mut room = Room::declared(Severity::Sev1);
    let note = |name: &str| ComponentNote {
        name: name.to_owned(),
        state: ComponentState::MajorOutage,
    };
    let unknown = spoilt(&room, UpdateKind::First, |t| {
        t.components = vec![note("db-07")];
    });
    assert!(
        room.refused(&cy(), unknown)
            .contains("“db-07” is not one of")
    );
    let known = spoilt(&room, UpdateKind::First, |t| {
        t.components = vec![note("Checkout")];
    });
    let first = room.ok(&cy(), known);
    let other = CommandId(Uuid::from_u128(99_999));
    let wrong = spoilt(&room, UpdateKind::Progress, |t| t.corrects = Some(other));
    room.refused(&cy(), wrong);
    let right = spoilt(&room, UpdateKind::Progress, |t| t.corrects = Some(first));
    room.ok(&cy(), right);
    assert_eq!(
        room.incident.updates.len(),
        2,
        "a correction is a new entry"
    );
}

#[test]
fn of_a_closed_incident_customers_hear_what_was_learned_and_corrections_and_nothing_else() {
    let room = Room::at_status(Status::Closed);
    let resolution = room.incident.updates.last().unwrap().id;
    let correct = |t: &mut UpdateText| t.corrects = Some(resolution);
    let keep = |_: &mut UpdateText| ();
    type Change<'a> = &'a dyn Fn(&mut UpdateText);
    let cases: [(UpdateKind, Change, Option<&str>); 6] = [
        (UpdateKind::First, &keep, Some("had their first update")),
        (
            UpdateKind::Progress,
            &keep,
            Some("go back to an earlier status first"),
        ),
        (
            UpdateKind::Resolution,
            &keep,
            Some("Correct that update, or reopen the incident"),
        ),
        (UpdateKind::Resolution, &correct, None),
        (UpdateKind::Learned, &keep, None),
        (UpdateKind::Learned, &correct, None),
    ];
    for (kind, change, refusal) in cases {
        let mut room = room.clone();
        let command = spoilt(&room, kind, change);
        match refusal {
            Some(why) => {
                let refused = room.refused(&cy(), command);
                assert!(refused.contains(why), "{kind:?}: {refused}");
            }
            None => {
                room.ok(&cy(), command);
                assert_eq!(
                    room.incident.status,
                    Status::Closed,
                    "{kind:?} reopens nothing"
                );
            }
        }
    }
    let mut room = room;
    let command = Command::PublishBrief {
        text: brief(),
        after_version: 0,
    };
    assert!(room.refused(&cy(), command).contains("is closed"));
}

#[test]
fn an_update_to_named_customers_goes_out_while_it_is_open() {
    let one_customer = Audience::Named {
        customers: vec![named("Northwind")],
    };
    let mut open = Room::declared(Severity::Sev1);
    let command = spoilt(&open, UpdateKind::First, |t| {
        t.audience = one_customer.clone();
    });
    open.ok(&cy(), command);
    assert_eq!(open.incident.updates[0].text.audience, one_customer);

    for (customers, why) in [
        (
            vec![],
            "Audience names no customer; name one or choose public.",
        ),
        (vec![named(" ")], "Customer must not be empty."),
    ] {
        let mut room = Room::declared(Severity::Sev1);
        let nobody = spoilt(&room, UpdateKind::First, |t| {
            t.audience = Audience::Named { customers };
        });
        assert_eq!(room.refused(&cy(), nobody), why);
    }
}

#[test]
fn the_line_of_an_update_says_on_which_day_the_next_one_comes() {
    for (next_min, by) in [(30, "10:30 UTC."), (1_440, "24 Nov 10:00 UTC.")] {
        let mut room = Room::declared(Severity::Sev3);
        let text = update_text(UpdateKind::First, room.now, next_min);
        let command = Command::PublishUpdate {
            text,
            after: None,
            excuses: Vec::new(),
        };
        room.ok(&cy(), command);
        let line = &room.incident.timeline.last().unwrap().text;
        let end = format!(" Next by {by}");
        assert!(line.ends_with(&end), "{line}");
    }
}
