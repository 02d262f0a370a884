//! A value that was set on a device without a network, while somebody else set it (DESIGN, S5).

use crate::room::{Room, ana, at, bo};
use domain::{Command, PersonRef, Refusal, Severity, Time, overtaken};

fn cadence(every_min: u32) -> Command {
    let reason = "Agreed with them".to_owned();
    Command::ChangeCadence { every_min, reason }
}

fn severity(to: Severity) -> Command {
    let reason = "More regions fail".to_owned();
    Command::ChangeSeverity { to, reason }
}

/// What Bo is told of a command that he made at that minute; none when it stands.
fn told(room: &Room, command: &Command, by: &PersonRef, made_at: Time) -> Option<String> {
    let refusal = overtaken(&room.incident, command, by, made_at)?;
    assert!(matches!(refusal, Refusal::Superseded { .. }), "{refusal}");
    Some(refusal.to_string())
}

#[test]
fn what_was_made_before_a_newer_value_comes_back_with_both() {
    let mut room = Room::declared(Severity::Sev2);
    assert_eq!(
        told(&room, &cadence(90), &bo(), at(-9)),
        None,
        "none was set"
    );
    room.wait(31);
    room.cadence(60);
    room.severity(Severity::Sev1);
    let both = "Ana set the cadence to 60 min, where yours says 90 min, at 10:31 UTC while you were writing. Read it, \
                then send yours again if it is still needed.";
    for made_min in [-500, 0, 30] {
        let why = told(&room, &cadence(90), &bo(), at(made_min));
        assert_eq!(why.as_deref(), Some(both), "{made_min}");
        let why = told(&room, &severity(Severity::Sev3), &bo(), at(made_min)).unwrap();
        let both = "Ana set the severity to SEV-1, where yours says SEV-3, at 10:31 UTC";
        assert!(why.starts_with(both), "{why}");
    }
}

#[test]
fn what_was_made_after_it_is_ones_own_or_says_the_same_stands() {
    let mut room = Room::declared(Severity::Sev2);
    room.wait(31);
    room.cadence(60);
    let before = at(30);
    assert_eq!(told(&room, &cadence(90), &bo(), at(31)), None, "after");
    assert_eq!(told(&room, &cadence(90), &ana(), before), None, "own");
    assert_eq!(told(&room, &cadence(60), &bo(), before), None, "the same");
    assert_eq!(told(&room, &severity(Severity::Sev1), &bo(), before), None);
    let other = Command::LinkChannel {
        url: "https://chat.example/1".to_owned(),
    };
    assert_eq!(told(&room, &other, &bo(), before), None, "no such value");
    // Sent again, it was made now.
    room.ok(&bo(), cadence(90));
    assert_eq!(room.incident.cadence_min(&room.policy), 90);
}
