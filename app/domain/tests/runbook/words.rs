//! What a refused command gives back to its author (S4).

use crate::commands::COMMANDS;
use crate::wild::Stuff;
use domain::Command;
use serde_json::Value;
use std::collections::BTreeSet;

/// Fields that take any text and that nobody reads.
const UNREAD: [&str; 2] = ["sha256", "media_type"];

/// The texts of a value, by the path of the field they are in.
fn texts(value: &Value, path: &str, found: &mut Vec<String>) {
    match value {
        Value::String(_) => found.push(path.to_owned()),
        Value::Array(items) => {
            for (place, item) in items.iter().enumerate() {
                texts(item, &format!("{path}/{place}"), found);
            }
        }
        Value::Object(fields) => {
            for (name, field) in fields {
                texts(field, &format!("{path}/{name}"), found);
            }
        }
        _ => {}
    }
}

/// Every field of every command that takes whatever is typed into it.
fn typed() -> Vec<(String, Command, String)> {
    let mut all = Vec::new();
    for name in COMMANDS.iter().filter(|name| **name != "ChangePolicy") {
        // Each number leads to other variants of what is in the command.
        for number in 0..60 {
            let stuff = Stuff {
                texts: ["one", "two", "three", "four"].map(str::to_owned).to_vec(),
                time: crate::room::at(0),
                number,
            };
            let written = serde_json::to_value(stuff.wild(name)).unwrap();
            let mut paths = Vec::new();
            texts(&written, "", &mut paths);
            for path in paths {
                let mark = format!("typed {number} into {path}");
                let mut marked = written.clone();
                *marked.pointer_mut(&path).unwrap() = Value::from(mark.clone());
                // What is no text (an id, a time, a choice) takes no such words.
                if let Ok(command) = serde_json::from_value(marked) {
                    let place = path.replace(char::is_numeric, "");
                    all.push((format!("{name}{place}"), command, mark));
                }
            }
        }
    }
    all
}

#[test]
fn every_field_that_takes_words_gives_them_back() {
    let all = typed();
    let fields: BTreeSet<&str> = all.iter().map(|(field, _, _)| field.as_str()).collect();
    assert!(fields.len() > 80, "{fields:?}");
    for (field, command, mark) in &all {
        // What its author saw of a customer is nothing that they typed.
        let is_unread = UNREAD.iter().any(|name| field.ends_with(name)) || field.contains("/was/");
        let is_back = command.words().contains(mark);
        assert_eq!(is_back, !is_unread, "{field}: {:?}", command.words());
    }
}

#[test]
fn ids_times_and_choices_are_no_words() {
    let stuff = Stuff {
        texts: ["Rolled back, see https://example.com/q"; 4]
            .map(str::to_owned)
            .to_vec(),
        time: crate::room::at(0),
        number: 3,
    };
    let words = |name| stuff.wild(name).words();
    assert_eq!(words("MoveStatus"), [""; 0]);
    assert_eq!(words("AcceptRole"), [""; 0]);
    assert_eq!(words("StateImpactEnd"), [""; 0]);
    assert_eq!(words("ApproveDraft"), [""; 0]);
    assert_eq!(
        words("AmendEntry"),
        [stuff.texts[0].clone(), stuff.texts[1].clone()]
    );
}
