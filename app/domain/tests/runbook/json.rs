//! The browser's reader of JSON gives what serde_json's own gives, and refuses what is wrong.

use crate::golden;
use crate::tries::{BEGINNINGS, begin, fitting, tried, tries};
use chrono::Duration;
use domain::json::{from_str, from_value};
use domain::{CommandId, Envelope, Incident, Policy, Recorded};
use proptest::prelude::*;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Debug;
use uuid::Uuid;

/// One of every shape that serde writes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Shape {
    Nothing,
    One(i64),
    Pair(u8, String),
    Named { a: Option<bool>, b: Vec<f64> },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Whole {
    shapes: Vec<Shape>,
    named: BTreeMap<String, Option<Shape>>,
    tuple: (u32, char, [i8; 2]),
    #[serde(default)]
    left_out: u16,
    any: Value,
    unit: (),
}

fn shapes() -> impl Strategy<Value = Shape> {
    prop_oneof![
        Just(Shape::Nothing),
        any::<i64>().prop_map(Shape::One),
        (any::<u8>(), any::<String>()).prop_map(|(n, text)| Shape::Pair(n, text)),
        (
            any::<Option<bool>>(),
            prop::collection::vec(-1e9..1e9_f64, 0..3)
        )
            .prop_map(|(a, b)| Shape::Named { a, b }),
    ]
}

fn wholes() -> impl Strategy<Value = Whole> {
    (
        prop::collection::vec(shapes(), 0..4),
        prop::collection::btree_map(any::<String>(), prop::option::of(shapes()), 0..3),
        any::<(u32, char, [i8; 2])>(),
        any::<u16>(),
        prop_oneof![
            Just(Value::Null),
            Just(json!({"deep": [1, -2, 0.5, "x", {}]}))
        ],
    )
        .prop_map(|(shapes, named, tuple, left_out, any)| Whole {
            shapes,
            named,
            tuple,
            left_out,
            any,
            unit: (),
        })
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(whole in wholes()) {
        prop_assert_eq!(from_value::<Whole>(serde_json::to_value(&whole).unwrap()), Ok(whole));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    /// What a browser keeps for later, what it hears in answer, and what it shows.
    #[test]
    fn what_is_sent_and_answered_is_read_the_same(from in 0..BEGINNINGS, tries in tries(50)) {
        let mut room = begin(from);
        for t in &tries {
            room.now += Duration::seconds(t.wait_s);
            let (by, command) = tried(&room, t);
            let by = fitting(&room, &command, &by, t);
            same_as_written(&command);
            same_as_written(&Envelope {
                id: CommandId(Uuid::from_u128(u128::MAX)),
                incident: room.incident.id,
                made_at: room.now,
                command: command.clone(),
            });
            if let Err(refusal) = room.send(&by, command) {
                same_as_written(&refusal);
            }
        }
        room.log.iter().for_each(same_as_written);
        same_as_written(&room.incident);
    }
}

fn same_as_written<T: Serialize + DeserializeOwned + PartialEq + Debug>(it: &T) {
    let text = serde_json::to_string(it).unwrap();
    assert_eq!(from_str::<T>(&text).as_ref(), Ok(it), "{text}");
    same::<T>(&text);
}

fn same<T: DeserializeOwned + PartialEq + Debug>(text: &str) {
    let usual: T = serde_json::from_str(text).unwrap();
    assert_eq!(from_str::<T>(text), Ok(usual));
}

#[test]
fn every_event_ever_written_is_read_the_same() {
    for line in golden::EVENTS.lines() {
        same::<Recorded>(line);
    }
    same::<Vec<Incident>>(golden::INCIDENT);
    same::<Policy>(&serde_json::to_string(&Policy::default()).unwrap());
    // What a newer build adds is passed over.
    same::<Policy>(r#"{"version": 7, "from_a_newer_build": {"deep": [1, 2]}}"#);
}

#[test]
fn what_is_wrong_is_refused_and_not_guessed() {
    let whole = json!({
        "shapes": ["Nothing", {"One": -1}, {"Pair": [1, "x"]}, {"Named": {"a": null, "b": [1.5]}}],
        "named": {"x": null}, "tuple": [1, "c", [1, -1]], "any": 1, "unit": null
    });
    assert!(from_value::<Whole>(whole.clone()).is_ok());
    for (at, wrong, says) in [
        ("/shapes", json!({}), "no list"),
        ("/shapes/0", json!("Other"), "an unknown variant"),
        (
            "/shapes/0",
            json!({"One": 1, "Pair": [1, "x"]}),
            "no variant",
        ),
        (
            "/shapes/0",
            json!({"Nothing": 1}),
            "a variant that holds something",
        ),
        ("/shapes/1", json!({"One": "1"}), "no number"),
        ("/shapes/1", json!({"One": 1.5}), "a value of another type"),
        (
            "/shapes/2",
            json!({"Pair": [1]}),
            "a field or an item is missing",
        ),
        (
            "/shapes/2",
            json!({"Pair": [256, "x"]}),
            "a value that is out of range",
        ),
        ("/shapes/3/Named/a", json!(1), "neither true nor false"),
        (
            "/shapes/3",
            json!({"Named": {"a": null}}),
            "a field or an item is missing",
        ),
        ("/named", json!([]), "no object"),
        (
            "/tuple",
            json!([1, "c", [1, -1], 2]),
            "a list that is too long",
        ),
        ("/tuple/1", json!("two"), "a value that is out of range"),
        ("/unit", json!(0), "not null"),
    ] {
        let mut value = whole.clone();
        *value.pointer_mut(at).unwrap() = wrong;
        let why = from_value::<Whole>(value).unwrap_err().to_string();
        assert_eq!(why, says, "{at}");
    }
    assert_eq!(from_str::<u8>("{").unwrap_err().to_string(), "no JSON");
}
