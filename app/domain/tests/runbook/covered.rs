//! What the random tests cover: every command is tried, accepted and refused by them; and a long
//! or foreign text is put into each place of each command where people type.

use crate::commands::{COMMANDS, name_of};
use crate::promises::{LONGEST, SEQUENCES};
use crate::room::Room;
use crate::tries::{BEGINNINGS, Try, begin, command, fitting, tried, tries};
use crate::wild::stuff;
use chrono::Duration;
use domain::{Command, PersonRef};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Something that was sent: where, by whom, what, and whether it was accepted.
struct Sent {
    before: Room,
    by: PersonRef,
    asked: Command,
    accepted: bool,
}

/// Plays as many sequences as the properties do, always the same ones.
fn played(mut see: impl FnMut(Sent)) {
    let mut runner = TestRunner::deterministic();
    let sequences = (0..BEGINNINGS, tries(LONGEST));
    for _ in 0..SEQUENCES {
        let (from, sequence) = sequences.new_tree(&mut runner).unwrap().current();
        let mut room = begin(from);
        for t in &sequence {
            room.now += Duration::seconds(t.wait_s);
            let (by, asked) = tried(&room, t);
            let by = fitting(&room, &asked, &by, t);
            let before = room.clone();
            let accepted = room.send(&by, asked.clone()).is_ok();
            see(Sent {
                before,
                by,
                asked,
                accepted,
            });
        }
    }
}

/// Every command as it is accepted somewhere, in a state that random sequences reach.
fn accepted() -> Vec<Sent> {
    let mut found: Vec<Sent> = Vec::new();
    played(|sent| {
        let name = name_of(&sent.asked);
        if sent.accepted && found.iter().all(|known| name_of(&known.asked) != name) {
            found.push(sent);
        }
    });
    found
}

#[test]
fn every_command_is_tried_wildly_and_in_earnest() {
    let mut runner = TestRunner::deterministic();
    let one = stuff().new_tree(&mut runner).unwrap().current();
    let tries: Vec<Try> = tries(2).new_tree(&mut runner).unwrap().current();
    for name in COMMANDS {
        assert_eq!(name_of(&one.wild(name)), *name);
        assert_eq!(name_of(&command(&begin(3), name, &tries[0])), *name);
    }
}

/// Were one of them never accepted, or never refused, the properties would say nothing of it.
#[test]
fn the_random_sequences_have_every_command_accepted_and_refused_often() {
    let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    played(|sent| {
        let (accepted, refused) = counts.entry(name_of(&sent.asked)).or_default();
        *(if sent.accepted { accepted } else { refused }) += 1;
    });
    let seldom: Vec<_> = COMMANDS
        .iter()
        .map(|name| (name, counts.get(name).copied().unwrap_or_default()))
        .filter(|(_, (accepted, refused))| *accepted < 5 || *refused < 5)
        .collect();
    println!("{counts:?}");
    assert!(seldom.is_empty(), "(accepted, refused): {seldom:?}");
}

/// How often somebody is named by id and name.
fn people_in(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.iter().map(people_in).sum(),
        Value::Object(fields) => {
            let one = fields.len() == 2
                && fields.get("id").is_some_and(Value::is_string)
                && fields.contains_key("name");
            usize::from(one) + fields.values().map(people_in).sum::<usize>()
        }
        _ => 0,
    }
}

/// How often a customer is named by id and name.
fn customers_in(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.iter().map(customers_in).sum(),
        Value::Object(fields) => {
            let one = fields.len() == 2
                && fields.get("id").is_some_and(Value::is_object)
                && fields.contains_key("name");
            usize::from(one) + fields.values().map(customers_in).sum::<usize>()
        }
        _ => 0,
    }
}

/// The server puts their names right before it decides: a command must not hide one.
#[test]
fn everybody_whom_a_command_names_is_told_by_it() {
    let mut runner = TestRunner::deterministic();
    let stuff = stuff().new_tree(&mut runner).unwrap().current();
    let wild = COMMANDS.iter().map(|name| stuff.wild(name));
    let in_earnest = accepted().into_iter().map(|sent| sent.asked);
    let mut naming = BTreeSet::new();
    for mut command in wild.chain(in_earnest) {
        let name = name_of(&command);
        let named = people_in(&serde_json::to_value(&command).unwrap());
        let told = usize::from(command.person_mut().is_some());
        assert_eq!(told, named, "add {name} to Command::person_mut");
        let customers = customers_in(&serde_json::to_value(&command).unwrap());
        let told = command.customers_mut().len();
        assert_eq!(told, customers, "add {name} to Command::customers_mut");
        naming.extend((named > 0).then_some(name));
    }
    assert_eq!(naming.len(), 8, "{naming:?}");
}

/// Puts a text into one place after the other of a command where people type; tells the place.
fn with_text(command: &Command, text: &str) -> Vec<(String, Command)> {
    fn places(value: &Value, path: &str, found: &mut Vec<String>) {
        match value {
            Value::String(_) => found.push(path.to_owned()),
            Value::Array(items) => {
                for (n, item) in items.iter().enumerate() {
                    places(item, &format!("{path}/{n}"), found);
                }
            }
            Value::Object(fields) => {
                for (name, field) in fields {
                    places(field, &format!("{path}/{name}"), found);
                }
            }
            _ => {}
        }
    }
    let whole = serde_json::to_value(command).unwrap();
    let mut found = Vec::new();
    places(&whole, "", &mut found);
    let mut all = Vec::new();
    for path in found {
        let mut changed = whole.clone();
        *changed.pointer_mut(&path).unwrap() = Value::String(text.to_owned());
        // Words of the wire, times and ids are no places to type in.
        if let Ok(command) = serde_json::from_value(changed) {
            all.push((path, command));
        }
    }
    all
}

#[test]
fn a_10_mb_paste_is_refused_wherever_it_lands_and_nothing_has_happened() {
    let paste = "عطل 🧨 ".repeat(900_000);
    assert!(paste.len() > 10_000_000);
    let mut landed = 0;
    for Sent {
        before: room,
        by,
        asked,
        ..
    } in accepted()
    {
        for (path, pasted) in with_text(&asked, &paste) {
            let mut after = room.clone();
            let answer = after.send(&by, pasted);
            // An excuse for words that are not in the text is dropped.
            assert!(
                answer.is_err() || path.contains("/excuses/"),
                "{path} took it"
            );
            assert!(answer.is_ok() || after.incident == room.incident, "{path}");
            landed += 1;
        }
    }
    assert!(landed > 60, "{landed}");
}

#[test]
fn right_to_left_text_and_emoji_are_kept_as_typed() {
    let typed = "عطل في الدفع 🧨 שלום \u{1f468}\u{200d}\u{1f4bb}";
    let mut kept = 0;
    for Sent {
        before: room,
        by,
        asked,
        ..
    } in accepted()
    {
        for (path, command) in with_text(&asked, typed) {
            let mut after = room.clone();
            if after.send(&by, command).is_ok() {
                let last = serde_json::to_string(&after.log.last()).unwrap();
                kept += usize::from(last.contains(typed));
            } else {
                // A link, a currency, a component or a customer that is not known.
                assert_eq!(after.incident, room.incident, "{path}");
            }
        }
    }
    assert!(kept > 50, "{kept}");
}
