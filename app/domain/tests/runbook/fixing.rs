//! Hypotheses, other parties, word to colleagues, the channel (RUNBOOK §2, §6).

use crate::room::{Room, ana, bo, cy};
use domain::fix::{Party, Verdict};
use domain::timeline::{EntryKind, Outcome, Outcomed};
use domain::{Command, CommandId, Refusal, Severity, Status};
use uuid::Uuid;

fn guess(statement: &str, timebox_min: Option<u32>) -> Command {
    Command::OpenHypothesis {
        statement: statement.to_owned(),
        owner: bo(),
        timebox_min,
    }
}

fn attempt(hypothesis: CommandId) -> Command {
    Command::LogAttempt {
        hypothesis,
        text: "Halved the pool".to_owned(),
        result: Some(Outcomed {
            text: "Errors doubled".to_owned(),
            outcome: Outcome::Worked,
        }),
    }
}

fn conclude(hypothesis: CommandId, because: &str) -> Command {
    Command::ConcludeHypothesis {
        hypothesis,
        verdict: Verdict::Confirmed,
        because: because.to_owned(),
    }
}

fn ask(what: &str) -> Command {
    Command::AskParty {
        party: Party::Legal,
        whom: "Ada Lind".to_owned(),
        what: what.to_owned(),
    }
}

fn answer(ask: CommandId, answer: &str) -> Command {
    let answer = answer.to_owned();
    Command::AnswerAsk { ask, answer }
}

fn stranger() -> CommandId {
    CommandId(Uuid::from_u128(99_999))
}

#[test]
fn a_timebox_is_between_a_minute_and_7_days() {
    for (timebox_min, may) in [
        (Some(0), false),
        (Some(1), true),
        (Some(10_080), true),
        (Some(10_081), false),
        (Some(u32::MAX), false),
        (None, true),
    ] {
        let mut room = Room::declared(Severity::Sev1);
        let answer = room.send(&ana(), guess("A pool is exhausted", timebox_min));
        assert_eq!(answer.is_ok(), may, "{timebox_min:?}");
    }
    let mut room = Room::declared(Severity::Sev1);
    assert_eq!(
        room.refused(&ana(), guess(" ", None)),
        "Hypothesis must not be empty."
    );
}

#[test]
fn several_guesses_run_at_once_and_each_keeps_its_own_attempts() {
    let mut room = Room::declared(Severity::Sev1);
    let first = room.ok(&ana(), guess("A pool is exhausted", None));
    let second = room.ok(&ana(), guess("A certificate ended", Some(10)));
    let tried = room.ok(&bo(), attempt(second));
    let [a, b] = room.incident.hypotheses.as_slice() else {
        panic!("two run");
    };
    assert_eq!((a.id, a.attempts.len(), a.timebox_min), (first, 0, 30));
    assert_eq!(
        (b.id, &b.attempts, b.timebox_min),
        (second, &vec![tried], 10)
    );
    let line = room.incident.entry(tried).unwrap();
    assert_eq!(
        (line.kind, line.text.as_str()),
        (EntryKind::Attempt, "Halved the pool")
    );
    assert_eq!(line.result.as_ref().unwrap().text, "Errors doubled");
}

#[test]
fn a_guess_ends_once_and_whoever_is_second_hears_how() {
    let mut room = Room::declared(Severity::Sev1);
    let id = room.ok(&ana(), guess("A pool is exhausted", None));
    assert_eq!(
        room.refused(&bo(), conclude(id, " ")),
        "What shows it must not be empty."
    );
    room.wait(5).ok(&bo(), conclude(id, "The pool is full"));
    for late in [conclude(id, "Not it"), attempt(id)] {
        let refusal = room.send(&cy(), late).unwrap_err();
        assert!(matches!(refusal, Refusal::Superseded { .. }), "{refusal}");
        assert!(
            refusal
                .to_string()
                .starts_with("Bo ended this hypothesis as confirmed at 10:05")
        );
    }
    for unknown in [conclude(stranger(), "So"), attempt(stranger())] {
        let why = room.refused(&bo(), unknown);
        assert_eq!(why, "Hypothesis is not of this incident.");
    }
}

#[test]
fn a_party_is_asked_acknowledges_and_answers_each_once() {
    let mut room = Room::declared(Severity::Sev1);
    assert_eq!(
        room.refused(&ana(), ask("")),
        "What is asked must not be empty."
    );
    let id = room.ok(&ana(), ask("Do we owe a notice?"));
    let has_it = Command::AcknowledgeAsk { ask: id };
    room.wait(4).ok(&ana(), has_it.clone());
    assert_eq!(
        room.refused(&bo(), has_it.clone()),
        "They said so already, at 10:04 UTC."
    );
    assert_eq!(
        room.refused(&bo(), answer(id, " ")),
        "Answer must not be empty."
    );
    room.ok(&ana(), answer(id, "Within 72 hours"));
    for late in [has_it, answer(id, "No")] {
        let why = room.refused(&bo(), late);
        assert_eq!(
            why,
            "Legal answered already: Within 72 hours.".trim_end_matches('.')
        );
    }
    for unknown in [
        Command::AcknowledgeAsk { ask: stranger() },
        answer(stranger(), "So"),
    ] {
        assert_eq!(
            room.refused(&ana(), unknown),
            "Question is not of this incident."
        );
    }
}

#[test]
fn colleagues_are_told_apart_from_customers() {
    let mut room = Room::declared(Severity::Sev1);
    let tell = |to: &str, text: &str| Command::TellInside {
        to: to.to_owned(),
        text: text.to_owned(),
    };
    assert_eq!(room.refused(&cy(), tell("", "Hm")), "To must not be empty.");
    assert_eq!(
        room.refused(&cy(), tell("Support", "")),
        "Text must not be empty."
    );
    // A vague word is allowed inside.
    room.ok(&cy(), tell("Support", "We know more soon"));
    assert_eq!(room.incident.told_inside.len(), 1);
    assert!(room.incident.updates.is_empty());
    assert!(!room.incident.timeline.last().unwrap().told);
}

#[test]
fn the_channel_is_a_web_link() {
    let mut room = Room::declared(Severity::Sev1);
    let linked = |url: &str| Command::LinkChannel {
        url: url.to_owned(),
    };
    for bad in ["", "javascript:alert(1)", "slack://channel", "https://a b"] {
        assert!(room.send(&ana(), linked(bad)).is_err(), "{bad}");
    }
    assert_eq!(room.incident.channel_url, None);
    room.ok(&ana(), linked("https://chat.example/a"));
    room.ok(&ana(), linked("https://chat.example/b"));
    assert_eq!(
        room.incident.channel_url.as_deref(),
        Some("https://chat.example/b")
    );
    let name = room.incident.channel(&room.policy);
    assert_eq!(name.as_deref(), Some("#inc-2026-0042-checkout-errors"));
}

#[test]
fn nothing_is_tried_or_asked_on_a_closed_incident() {
    let mut room = Room::at_status(Status::Closed);
    let tell = Command::TellInside {
        to: "All".to_owned(),
        text: "Hm".to_owned(),
    };
    for command in [guess("A pool", None), ask("What now?"), tell] {
        assert!(room.refused(&ana(), command).contains("is closed"));
    }
}
