//! The writer of JSON writes what serde_json's own writes, byte for byte.

use crate::commands::COMMANDS;
use crate::room::ana;
use crate::tries::{BEGINNINGS, begin, fitting, tried, tries};
use crate::wild::stuff;
use chrono::Duration;
use domain::json::to_string;
use proptest::prelude::*;
use proptest::sample::select;
use serde::Serialize;
use serde_json::json;
use std::collections::BTreeMap;

proptest! {
    #[test]
    fn whatever_is_sent_or_kept_is_written_the_same(from in 0..BEGINNINGS, tries in tries(40)) {
        let mut room = begin(from);
        for t in &tries {
            room.now += Duration::seconds(t.wait_s);
            let (by, asked) = tried(&room, t);
            let by = fitting(&room, &asked, &by, t);
            written_the_same(&asked);
            if let Err(refusal) = room.send(&by, asked) {
                written_the_same(&refusal);
            }
        }
        written_the_same(&room.log);
        written_the_same(&room.policy);
        written_the_same(&room.incident);
    }

    #[test]
    fn whatever_is_typed_is_written_the_same(stuff in stuff(), which in select(COMMANDS), from in 0..BEGINNINGS) {
        let command = stuff.wild(which);
        written_the_same(&command);
        if let Err(refusal) = begin(from).send(&ana(), command) {
            written_the_same(&refusal);
        }
    }
}

fn written_the_same<T: Serialize>(value: &T) {
    assert_eq!(to_string(value), serde_json::to_string(value).unwrap());
}

#[derive(Serialize)]
struct Unit;

#[derive(PartialEq, Eq, PartialOrd, Ord, Serialize)]
struct Number(i64);

#[derive(PartialEq, Eq, PartialOrd, Ord, Serialize)]
enum Name {
    First,
    Second,
}

#[test]
fn what_no_sequence_holds_is_written_the_same() {
    let controls: String = (0..=0x80_u8).map(char::from).collect();
    written_the_same(&[controls.as_str(), "", "[", "{\"", "\u{2028}🧨\\"]);
    written_the_same(&('"', '\u{1f}', 'é'));
    written_the_same(&(u64::MAX, i64::MIN, i64::MAX, u8::MAX, i8::MIN, 0));
    written_the_same(&[
        0.0,
        -0.0,
        1.0,
        0.1,
        1e-7,
        1e21,
        f64::MAX,
        f64::NAN,
        f64::INFINITY,
    ]);
    written_the_same(&(
        Unit,
        (),
        Number(-1),
        Name::First,
        true,
        None::<u8>,
        Some(Some(1)),
    ));
    let empty: [(); 0] = [];
    written_the_same(&(empty, BTreeMap::<String, ()>::new(), json!({"": [[], {}]})));
    written_the_same(&BTreeMap::from([(Number(-7), empty), (Number(42), empty)]));
    written_the_same(&BTreeMap::from([(Name::First, [1]), (Name::Second, [2])]));
    written_the_same(&BTreeMap::from([('"', "quoted"), ('\n', "escaped")]));
}
