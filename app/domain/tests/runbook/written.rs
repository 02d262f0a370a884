//! What people write down (RUNBOOK §6).

use crate::room::{Room, ana, at, bo, decide_mitigation, minutes};
use domain::timeline::{EntryKind, Outcome, Outcomed};
use domain::update::UpdateKind;
use domain::{Command, CommandId, Severity, Status, Time};
use uuid::Uuid;

fn log(kind: EntryKind, happened_at: Option<Time>, links: &[&str]) -> Command {
    Command::LogEntry {
        kind,
        text: " Rolled back ".to_owned(),
        result: None,
        links: links.iter().map(|l| (*l).to_owned()).collect(),
        happened_at,
    }
}

fn result(entry: CommandId, outcome: Outcome) -> Command {
    let result = Outcomed {
        text: "Errors stay at 18 %".to_owned(),
        outcome,
    };
    Command::RecordResult { entry, result }
}

fn amend(entry: CommandId, text: &str) -> Command {
    Command::AmendEntry {
        entry,
        text: text.to_owned(),
        reason: "Misread".to_owned(),
    }
}

#[test]
fn an_entry_carries_when_it_happened_and_when_it_was_written() {
    let mut room = Room::declared(Severity::Sev1);
    room.wait(30);
    let seconds = chrono::Duration::seconds;
    for (claimed, happened, late) in [
        (None, at(30), false),
        (Some(at(30)), at(30), false),
        (Some(at(28)), at(28), false),
        (Some(at(28) - seconds(1)), at(28) - seconds(1), true),
        (Some(at(-120)), at(-120), true),
        (Some(at(30) + seconds(60)), at(30), false),
    ] {
        let id = room.ok(&bo(), log(EntryKind::Action, claimed, &[]));
        let entry = room.incident.entry(id).unwrap();
        assert_eq!(
            (entry.happened_at, entry.recorded_at),
            (happened, at(30)),
            "{claimed:?}"
        );
        assert_eq!(entry.is_late(), late, "{claimed:?}");
        assert_eq!(entry.text, "Rolled back");
    }
    let why = room.refused(
        &bo(),
        log(EntryKind::Action, Some(at(30) + seconds(61)), &[]),
    );
    assert_eq!(
        why,
        "When it happened is in the future; it is 10:30 UTC now."
    );
}

#[test]
fn only_kinds_without_a_command_of_their_own_are_logged_by_hand() {
    use EntryKind::{
        Action, Attempt, Communication, Customer, Decision, Evidence, Observation, Report, Role,
        Status, System,
    };
    let mut room = Room::declared(Severity::Sev1);
    for (kind, may) in [
        (Action, true),
        (Attempt, true),
        (Observation, true),
        (Decision, true),
        (Communication, true),
        (Customer, true),
        (Report, false),
        (Status, false),
        (Role, false),
        (Evidence, false),
        (System, false),
    ] {
        assert_eq!(
            room.send(&bo(), log(kind, None, &[])).is_ok(),
            may,
            "{kind:?}"
        );
    }
}

#[test]
fn links_are_web_links_and_at_most_ten() {
    let mut room = Room::declared(Severity::Sev1);
    let link = "https://logs.example/q?x=1";
    room.ok(&bo(), log(EntryKind::Action, None, &[link; 10]));
    room.refused(&bo(), log(EntryKind::Action, None, &[link; 11]));
    room.refused(
        &bo(),
        log(EntryKind::Action, None, &["javascript:alert(1)"]),
    );
}

#[test]
fn a_result_stands_on_the_entry_and_on_the_mitigation_decision() {
    let mut room = Room::declared(Severity::Sev1);
    let entry = room.ok(&bo(), log(EntryKind::Attempt, None, &[]));
    room.ok(&bo(), result(entry, Outcome::Failed));
    assert_eq!(
        room.incident
            .entry(entry)
            .unwrap()
            .result
            .as_ref()
            .map(|r| r.outcome),
        Some(Outcome::Failed)
    );
    let decision = room.ok(&ana(), decide_mitigation());
    room.ok(&bo(), result(decision, Outcome::Worked));
    assert_eq!(
        room.incident.mitigations[0]
            .result
            .as_ref()
            .map(|r| r.outcome),
        Some(Outcome::Worked)
    );
    let nowhere = CommandId(Uuid::from_u128(99_999));
    room.refused(&bo(), result(nowhere, Outcome::Worked));
}

#[test]
fn an_amendment_stays_beside_what_it_corrects() {
    let mut room = Room::declared(Severity::Sev1);
    let entry = room.ok(&bo(), log(EntryKind::Action, None, &[]));
    room.wait(2)
        .ok(&ana(), amend(entry, "Rolled back the flag"));
    room.wait(2)
        .ok(&bo(), amend(entry, "Rolled back the flag everywhere"));
    let line = room.incident.entry(entry).unwrap();
    assert_eq!(line.text, "Rolled back", "the first text stays");
    assert_eq!(line.current_text(), "Rolled back the flag everywhere");
    let by: Vec<_> = line
        .amendments
        .iter()
        .map(|a| (a.by.name.as_str(), a.at))
        .collect();
    assert_eq!(by, [("Ana", at(2)), ("Bo", at(4))]);
}

#[test]
fn what_customers_have_read_is_corrected_by_an_update() {
    let mut room = Room::declared(Severity::Sev1);
    let update = room.publishes(UpdateKind::First);
    assert!(
        room.refused(&ana(), amend(update, "Other words"))
            .contains("Publish an update that corrects it")
    );
}

#[test]
fn the_record_of_a_closed_incident_may_become_truer_but_nothing_else_moves() {
    let mut room = Room::at_status(Status::Closed);
    room.wait(60);
    let late = Some(room.now - minutes(200));
    let entry = room.ok(&bo(), log(EntryKind::Observation, late, &[]));
    room.ok(&bo(), result(entry, Outcome::Unclear));
    room.ok(&bo(), amend(entry, "Seen only once"));
    assert!(
        room.refused(&ana(), decide_mitigation())
            .contains("is closed")
    );
}
