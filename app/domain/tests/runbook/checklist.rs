//! The checklists tick exactly what the record shows (RUNBOOK §12).

use crate::room::{Room, ana, at, bo, brief, customer, evidence, offer, person, what_opens};
use domain::checklist::{Phase, phases};
use domain::command::{Cause, Details};
use domain::evidence::Proves;
use domain::fix::{Party, Verdict};
use domain::timeline::{Outcome, Outcomed};
use domain::triage::{Triage, Users};
use domain::update::UpdateKind;
use domain::{Command, Role, Severity, Status};
use std::collections::BTreeSet;

fn ticked(room: &Room) -> BTreeSet<String> {
    let all = phases(&room.incident, &room.policy);
    let done = all
        .into_iter()
        .flat_map(|phase| phase.items)
        .filter(|i| i.done);
    done.map(|item| item.what).collect()
}

fn items(room: &Room, phase: &str) -> Vec<(String, bool)> {
    let all = phases(&room.incident, &room.policy);
    let phase: Phase = all.into_iter().find(|p| p.name == phase).unwrap();
    phase.items.into_iter().map(|i| (i.what, i.done)).collect()
}

/// Does this; tells what was ticked by it. Nothing that was ticked may be lost.
fn ticks(room: &mut Room, by: &domain::PersonRef, command: Command) -> Vec<String> {
    let before = ticked(room);
    room.ok(by, command);
    let after = ticked(room);
    assert!(
        after.is_superset(&before),
        "lost: {:?}",
        before.difference(&after)
    );
    after.difference(&before).cloned().collect()
}

#[test]
fn each_line_ticks_when_the_record_shows_it_and_not_before() {
    let mut room = Room::declared(Severity::Sev1);
    assert_eq!(ticked(&room), BTreeSet::from(["Declared".to_owned()]));
    for (n, role) in Role::ALL.into_iter().enumerate() {
        assert_eq!(ticks(&mut room, &ana(), offer(role, &person(n))), [""; 0]);
        let accepted = ticks(&mut room, &person(n), Command::AcceptRole { role });
        assert_eq!(accepted, [format!("{} accepted", role.label())]);
    }
    let url = "https://chat.example/42".to_owned();
    let result = || Outcomed {
        text: "Errors fell".to_owned(),
        outcome: Outcome::Worked,
    };
    let tell = Command::TellInside {
        to: "All".to_owned(),
        text: "Hm".to_owned(),
    };
    let first = room.update(UpdateKind::First);
    let one_brief = Command::PublishBrief {
        text: brief(),
        after_version: 0,
    };
    let cause = Cause::Known {
        text: "A pool".to_owned(),
    };
    let [decide, stopped] = what_opens(Status::Contained, at(0)).try_into().unwrap();
    let steps = [
        (Command::LinkChannel { url }, vec!["Channel linked"]),
        (first, vec!["First customer update"]),
        (one_brief, vec!["First executive brief"]),
        (tell, vec!["Colleagues told"]),
        (decide, vec!["A mitigation decision"]),
        (
            stopped,
            vec!["Proof from logs or metrics that the harm no longer spreads"],
        ),
        (
            evidence(Proves::CustomersWork),
            vec!["Proof that customers can work again"],
        ),
        (
            Command::StateImpactEnd { at: room.now },
            vec!["The time the impact ended"],
        ),
        (
            evidence(Proves::Validated),
            vec!["The check that was run, and over how long"],
        ),
        (
            Command::StateCause { cause },
            vec!["The cause, known or under investigation"],
        ),
    ];
    for (command, expected) in steps {
        assert_eq!(ticks(&mut room, &ana(), command), expected);
    }
    let entry = room.incident.mitigations[0].entry;
    let came = Command::RecordResult {
        entry,
        result: result(),
    };
    assert_eq!(
        ticks(&mut room, &ana(), came),
        ["What came of each mitigation"]
    );
    let customer = customer("Northwind");
    let named = ticks(&mut room, &ana(), Command::NoteCustomer { customer });
    assert_eq!(named, ["Customers who are hurt are named"]);
}

#[test]
fn a_hypothesis_and_an_ask_tick_at_their_end() {
    let mut room = Room::declared(Severity::Sev2);
    let open = |room: &mut Room| {
        let statement = "A pool is exhausted".to_owned();
        room.ok(
            &ana(),
            Command::OpenHypothesis {
                statement,
                owner: bo(),
                timebox_min: None,
            },
        )
    };
    let (first, second) = (open(&mut room), open(&mut room));
    let conclude = |hypothesis| Command::ConcludeHypothesis {
        hypothesis,
        verdict: Verdict::Rejected,
        because: "It is half empty".to_owned(),
    };
    assert_eq!(
        ticks(&mut room, &bo(), conclude(first)),
        [""; 0],
        "one still runs"
    );
    assert_eq!(
        ticks(&mut room, &bo(), conclude(second)),
        ["A hypothesis followed to its end"]
    );

    let ask = room.ok(
        &ana(),
        Command::AskParty {
            party: Party::Legal,
            whom: "Ada Lind".to_owned(),
            what: "Do we owe a notice?".to_owned(),
        },
    );
    assert_eq!(
        ticks(&mut room, &ana(), Command::AcknowledgeAsk { ask }),
        [""; 0]
    );
    let answer = "Within 72 hours".to_owned();
    let answered = ticks(&mut room, &ana(), Command::AnswerAsk { ask, answer });
    assert_eq!(answered, ["Legal answered: Do we owe a notice?"]);
}

#[test]
fn the_five_questions_tick_once_they_were_answered() {
    let mut room = Room::empty();
    assert_eq!(ticked(&room), BTreeSet::new());
    let mut command = crate::room::declare(Severity::Sev1, at(0));
    if let Command::Declare { details, .. } = &mut command {
        let users = Some(Users::All);
        let triage = Triage {
            users,
            ..Triage::default()
        };
        *details = Details {
            triage,
            ..Details::default()
        };
    }
    let expected = ["Declared", "The five questions answered"];
    assert_eq!(ticks(&mut room, &ana(), command), expected);
}

#[test]
fn what_is_asked_for_follows_the_severity() {
    for severity in Severity::ALL {
        let room = Room::declared(severity);
        let has = |phase, what: &str| items(&room, phase).iter().any(|(w, _)| w == what);
        let sev1 = severity == Severity::Sev1;
        assert_eq!(
            has("Declare", "Executive Sponsor accepted"),
            sev1,
            "{severity:?}"
        );
        assert_eq!(
            has("Communicate", "First executive brief"),
            severity.is_high(),
            "{severity:?}"
        );
    }
}

#[test]
fn the_last_checklist_is_done_when_all_that_was_agreed_is_done() {
    let mut room = Room::at_status(Status::Closed);
    let left = |room: &Room| {
        let all = items(room, "Close and learn");
        all.into_iter()
            .filter(|(_, done)| !done)
            .map(|(what, _)| what)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        left(&room),
        ["Post-mortem held", "Every action done, with proof"]
    );
    let held = Command::HoldPostMortem { at: room.now };
    assert_eq!(ticks(&mut room, &ana(), held), ["Post-mortem held"]);
    let action = room.incident.actions[0].id;
    let proof = "The test fails".to_owned();
    let done = ticks(&mut room, &bo(), Command::FinishAction { action, proof });
    assert_eq!(done, ["Every action done, with proof"]);
    assert_eq!(left(&room), [""; 0]);
}

#[test]
fn going_back_takes_the_ticks_of_what_did_not_last() {
    let mut room = Room::at_status(Status::Resolved);
    let proven = |room: &Room| {
        items(room, "Resolve")
            .iter()
            .filter(|(_, done)| *done)
            .count()
    };
    assert_eq!(proven(&room), 4);
    room.back_to(Status::Active);
    assert_eq!(proven(&room), 1, "the cause stays stated");
}

#[test]
fn no_line_stands_twice_in_a_checklist() {
    let mut room = Room::at_status(Status::Closed);
    room.back_to(Status::Resolved);
    room.note("Tallis");
    for phase in phases(&room.incident, &room.policy) {
        let once: BTreeSet<_> = phase.items.iter().map(|i| &i.what).collect();
        assert_eq!(once.len(), phase.items.len(), "{}", phase.name);
    }
}
