//! Whoever needed an approval does not get around it (RUNBOOK §5): not by emptying or taking the seat
//! that gives it, not by another severity, not by writing the same text anew.

use crate::room::{Room, ana, bo, brief, cy, person, update_text};
use domain::draft::{DraftText, Of};
use domain::next_step::{Target, next_steps};
use domain::update::{UpdateKind, UpdateText};
use domain::{Command, PersonRef, Role, Severity};

const WHY: &str = "Somebody else must take the role of Incident Commander and approve it.";
const IC: Role = Role::Commander;

fn dan() -> PersonRef {
    person(3)
}

fn reason() -> String {
    "Out of reach".to_owned()
}

fn words(room: &Room) -> UpdateText {
    update_text(UpdateKind::First, room.now, 30)
}

fn ready(room: &Room) -> Command {
    Command::ReadyDraft {
        text: DraftText::Update {
            text: words(room),
            excuses: Vec::new(),
        },
    }
}

fn publish(text: UpdateText) -> Command {
    Command::PublishUpdate {
        text,
        after: None,
        excuses: Vec::new(),
    }
}

fn vacate() -> Command {
    Command::VacateRole {
        role: IC,
        reason: reason(),
        holder: None,
    }
}

/// Ana commands a SEV-1; Cy put up a first update, which Ana sent back.
fn sent_back() -> Room {
    let mut room = Room::declared(Severity::Sev1);
    room.seats(IC, &ana());
    let draft = room.ok(&cy(), ready(&room.clone()));
    let send_back = Command::ReturnDraft {
        draft,
        reason: "Say how many".to_owned(),
    };
    room.ok(&ana(), send_back);
    room
}

fn takes(room: &mut Room, by: &PersonRef, from: Option<&PersonRef>) {
    let command = match from {
        None => Command::OfferRole {
            role: IC,
            person: by.clone(),
            two_hats: None,
        },
        Some(_) => Command::HandOverRole {
            role: IC,
            to: by.clone(),
            note: reason(),
            two_hats: None,
        },
    };
    room.ok(by, command);
    room.ok(by, Command::AcceptRole { role: IC });
}

/// Whoever holds the command, or else Ana, asks `who` to take it.
fn gives(room: &mut Room, who: &PersonRef) {
    match room.incident.holder(IC).cloned() {
        None => room.seats(IC, who),
        Some(holder) => {
            let command = Command::HandOverRole {
                role: IC,
                to: who.clone(),
                note: reason(),
                two_hats: None,
            };
            room.ok(&holder, command);
            room.ok(who, Command::AcceptRole { role: IC });
        }
    }
}

type Way = (&'static str, fn(&mut Room));

const WAYS: [Way; 8] = [
    ("vacate", |room| {
        room.ok(&cy(), vacate());
    }),
    ("vacate, then offer to oneself and accept", |room| {
        room.ok(&cy(), vacate());
        takes(room, &cy(), None);
    }),
    ("hand over to oneself", |room| {
        takes(room, &cy(), Some(&ana()));
    }),
    ("another vacates", |room| {
        room.ok(&bo(), vacate());
    }),
    ("take an offer back that stands beside it", |room| {
        let command = Command::HandOverRole {
            role: IC,
            to: bo(),
            note: reason(),
            two_hats: None,
        };
        room.ok(&ana(), command);
        let command = Command::WithdrawOffer {
            role: IC,
            person: bo().id,
            reason: reason(),
        };
        room.ok(&cy(), command);
        room.ok(&cy(), vacate());
    }),
    ("severity down", |room| {
        let (to, reason) = (Severity::Sev3, reason());
        room.ok(&cy(), Command::ChangeSeverity { to, reason });
    }),
    ("drop and open anew", |room| {
        room.ok(&cy(), Command::DropDraft { of: Of::Update });
        room.ok(&cy(), vacate());
        let take_over = false;
        let of = Of::Update;
        room.ok(&cy(), Command::OpenDraft { of, take_over });
    }),
    ("put up again with nobody to approve", |room| {
        room.ok(&cy(), vacate());
        room.ok(&cy(), ready(&room.clone()));
    }),
];

#[test]
fn text_that_needed_an_approval_is_not_published_by_a_way_around_it() {
    for (way, goes) in WAYS {
        let mut room = sent_back();
        goes(&mut room);
        let why = room.refused(&cy(), publish(words(&room)));
        assert!(why.ends_with(WHY), "{way}: {why}");
        // A comma, capitals and another promise make no other text.
        let mut alike = words(&room);
        alike.acknowledge = alike.acknowledge.to_uppercase() + " .";
        alike.next_at = Some(room.now + crate::room::minutes(20));
        let why = room.refused(&cy(), publish(alike));
        assert!(why.ends_with(WHY), "{way}: {why}");
    }
}

#[test]
fn text_is_published_once_somebody_else_has_approved_it_or_publishes_it() {
    for (way, goes) in WAYS {
        // Another commander puts it out themselves.
        let mut room = sent_back();
        goes(&mut room);
        gives(&mut room, &dan());
        room.ok(&dan(), publish(words(&room)));
        assert_eq!(room.incident.unapproved, [], "{way}");
    }
    // Or approves it.
    let mut room = sent_back();
    room.ok(&cy(), vacate());
    gives(&mut room, &bo());
    let draft = room.ok(&cy(), ready(&room.clone()));
    room.ok(&bo(), Command::ApproveDraft { draft });
    room.ok(&cy(), publish(words(&room)));
    // Without a commander, whoever did not write it and emptied no seat is another pair of eyes.
    let mut room = sent_back();
    room.ok(&bo(), vacate());
    room.clone().ok(&ana(), publish(words(&room)));
    let why = room.refused(&bo(), publish(words(&room)));
    assert!(why.ends_with(WHY), "{why}");
    // Nor does whoever pushed the commander out by taking over from them unasked.
    let mut room = sent_back();
    takes(&mut room, &bo(), Some(&ana()));
    let why = room.refused(&bo(), publish(words(&room)));
    assert!(why.ends_with(WHY), "{why}");
}

fn lower(to: Severity) -> Command {
    Command::ChangeSeverity {
        to,
        reason: reason(),
    }
}

const AROUND: [Way; 4] = [
    ("vacate", |room| {
        room.ok(&cy(), vacate());
    }),
    ("vacate, then offer to oneself and accept", |room| {
        room.ok(&cy(), vacate());
        takes(room, &cy(), None);
    }),
    ("hand over to oneself", |room| {
        takes(room, &cy(), Some(&ana()));
    }),
    ("severity down", |room| {
        room.ok(&cy(), lower(Severity::Sev3));
    }),
];

/// Ana commands a SEV-1, and nothing was put up.
fn commanded() -> Room {
    let mut room = Room::declared(Severity::Sev1);
    room.seats(IC, &ana());
    room
}

#[test]
fn text_that_was_never_put_up_is_not_published_by_a_way_around_the_approval() {
    for (way, goes) in AROUND {
        // Nor is one that was put up, with other words.
        for mut room in [commanded(), sent_back()] {
            goes(&mut room);
            let mut other = words(&room);
            other.impact = "One order in five fails".to_owned();
            let why = room.refused(&cy(), publish(other.clone()));
            assert!(
                why.contains("needed another person's approval"),
                "{way}: {why}"
            );
            // Somebody else who is given the seat publishes it.
            let mut later = room.clone();
            gives(&mut later, &dan());
            later.ok(&dan(), publish(other));
            let dan = dan().id;
            assert_eq!(later.incident.updates[0].by.id, dan, "{way}");
        }
    }
}

#[test]
fn who_put_the_commander_out_publishes_once_somebody_else_has_seen_to_it() {
    // Given to them by another, or held by another since, who left it empty themselves.
    let mut given = commanded();
    given.ok(&cy(), vacate());
    let offer = Command::OfferRole {
        role: IC,
        person: cy(),
        two_hats: None,
    };
    given.ok(&bo(), offer);
    given.ok(&cy(), Command::AcceptRole { role: IC });
    let mut left = commanded();
    left.ok(&cy(), vacate());
    gives(&mut left, &bo());
    left.ok(&bo(), vacate());
    // Or the commander approved this text before.
    let mut approved = commanded();
    let draft = approved.ok(&cy(), ready(&approved.clone()));
    approved.ok(&ana(), Command::ApproveDraft { draft });
    approved.ok(&cy(), vacate());
    // An honest hand-over, and a seat that was empty, put nobody out.
    let mut honest = commanded();
    gives(&mut honest, &cy());
    let mut empty = Room::declared(Severity::Sev1);
    takes(&mut empty, &cy(), None);
    // Nor does a severity that the policy asks no approval for, or that somebody else lowered.
    let mut quiet = Room::declared(Severity::Sev2);
    quiet.seats(IC, &ana());
    quiet.ok(&cy(), lower(Severity::Sev3));
    let mut lowered = commanded();
    lowered.ok(&bo(), lower(Severity::Sev3));
    for mut room in [given, left, approved, honest, empty, quiet, lowered] {
        room.ok(&cy(), publish(words(&room)));
    }
}

/// Dan, who put nobody out, says another thing to customers; a commander who did has to approve it.
fn dan_publishes(room: &mut Room) {
    let mut text = words(room);
    text.impact = "Nothing is new".to_owned();
    if room.incident.holder(IC).is_some_and(|c| c.id == cy().id) {
        let text = DraftText::Update {
            text: text.clone(),
            excuses: Vec::new(),
        };
        let (of, take_over) = (Of::Update, true);
        room.ok(&dan(), Command::OpenDraft { of, take_over });
        let draft = room.ok(&dan(), Command::ReadyDraft { text });
        room.ok(&cy(), Command::ApproveDraft { draft });
    }
    room.ok(&dan(), publish(text));
}

#[test]
fn what_another_publishes_makes_good_no_way_around_the_approval() {
    for (way, goes) in AROUND {
        let mut room = sent_back();
        goes(&mut room);
        room.wait(1);
        dan_publishes(&mut room);
        room.wait(1);
        let mut text = update_text(UpdateKind::Progress, room.now, 30);
        text.impact += " Still.";
        let again = |room: &Room| Command::PublishUpdate {
            text: text.clone(),
            after: room.incident.updates.last().map(|u| u.id),
            excuses: Vec::new(),
        };
        let why = room.refused(&cy(), again(&room.clone()));
        assert!(
            why.contains("needed another person's approval"),
            "{way}: {why}"
        );
        // The commander who is there again, or still, approves it.
        if room.incident.holder(IC).is_none_or(|c| c.id == cy().id) {
            gives(&mut room, &ana());
        }
        let put_up = DraftText::Update {
            text: text.clone(),
            excuses: Vec::new(),
        };
        let draft = room.ok(&cy(), Command::ReadyDraft { text: put_up });
        room.ok(&ana(), Command::ApproveDraft { draft });
        room.ok(&cy(), again(&room.clone()));
    }
}

#[test]
fn next_step_is_not_for_who_would_be_refused() {
    let what = |room: &Room, is_it: fn(&Target) -> bool| {
        let steps = next_steps(&room.incident, &room.policy, room.now);
        steps.into_iter().find(|s| is_it(&s.target)).unwrap().what
    };
    let update = |room: &Room| what(room, |t| matches!(t, Target::Update(_)));
    let brief = |room: &Room| what(room, |t| *t == Target::Brief);
    for (way, goes) in AROUND {
        let mut room = commanded();
        goes(&mut room);
        let told = update(&room);
        assert_eq!(
            told, "Tell customers what is known: somebody other than Cy",
            "{way}"
        );
        gives(&mut room, &dan());
        let lowered = room.incident.severity() == Some(Severity::Sev3);
        assert_eq!(update(&room).contains("other than"), lowered, "{way}");
    }
    let mut room = commanded();
    assert_eq!(update(&room), "Tell customers what is known");
    room.ok(&cy(), vacate());
    assert_eq!(
        brief(&room),
        "Renew the executive brief: somebody other than Cy"
    );
}

#[test]
fn who_lowered_the_severity_has_their_text_approved_by_the_commander() {
    let mut room = commanded();
    room.ok(&cy(), lower(Severity::Sev3));
    let why = room.refused(&cy(), publish(words(&room)));
    assert_eq!(
        why,
        "This customer update needed another person's approval. You lowered the severity since. Ana must approve it, or somebody else publish it."
    );
    let draft = room.ok(&cy(), ready(&room.clone()));
    room.ok(&ana(), Command::ApproveDraft { draft });
    room.ok(&cy(), publish(words(&room)));
}

#[test]
fn brief_that_was_never_put_up_is_held_in_the_same_way() {
    let mut room = Room::declared(Severity::Sev2);
    room.seats(IC, &ana());
    room.ok(&cy(), vacate());
    let publish = || Command::PublishBrief {
        text: brief(),
        after_version: 0,
    };
    let why = room.refused(&cy(), publish());
    assert!(why.contains("Somebody else must publish it"), "{why}");
    room.ok(&bo(), publish());
}

#[test]
fn nobody_approves_their_own_text_by_taking_the_seat() {
    let mut room = sent_back();
    takes(&mut room, &cy(), Some(&ana()));
    let draft = room.ok(&cy(), ready(&room.clone()));
    let why = room.refused(&cy(), Command::ApproveDraft { draft });
    assert!(why.ends_with(WHY), "{why}");
    // Nor do they hand it back and publish it then.
    gives(&mut room, &ana());
    room.refused(&cy(), publish(words(&room)));
    room.ok(&ana(), Command::ApproveDraft { draft });
    room.ok(&cy(), publish(words(&room)));
}

#[test]
fn text_that_needed_no_approval_is_held_by_nobody() {
    // A SEV-2 update needs none by the policy, and without a commander nobody could give it.
    let mut quiet = Room::declared(Severity::Sev2);
    quiet.seats(IC, &ana());
    let mut alone = Room::declared(Severity::Sev1);
    for room in [&mut quiet, &mut alone] {
        room.ok(&cy(), ready(&room.clone()));
        room.ok(&cy(), publish(words(room)));
    }
}

#[test]
fn brief_that_needed_an_approval_is_held_in_the_same_way() {
    let mut room = Room::declared(Severity::Sev2);
    room.seats(IC, &ana());
    let text = || DraftText::Brief { text: brief() };
    room.ok(&cy(), Command::ReadyDraft { text: text() });
    room.ok(&cy(), vacate());
    let publish = || Command::PublishBrief {
        text: brief(),
        after_version: 0,
    };
    let why = room.refused(&cy(), publish());
    assert!(why.ends_with(WHY), "{why}");
    gives(&mut room, &bo());
    room.ok(&bo(), publish());
}
