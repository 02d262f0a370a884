//! Whose approval counts, and for what (RUNBOOK §5, §8): not one's own once somebody else commands, and not for
//! other reasons than were approved.

use crate::room::{Room, ana, bo, brief, cy, person, update_text};
use domain::draft::{DraftText, Of, Stage};
use domain::next_step::{Target, next_steps};
use domain::timeline::EntryKind;
use domain::update::{UpdateKind, UpdateText};
use domain::wording::Excuse;
use domain::{Command, CommandId, PersonRef, Role, Severity, Status};

const IC: Role = Role::Commander;

fn reason() -> String {
    "The night is long".to_owned()
}

fn commanded(severity: Severity) -> Room {
    let mut room = Room::declared(severity);
    room.seats(IC, &ana());
    room
}

fn hands_over(room: &mut Room, from: &PersonRef, to: &PersonRef) {
    let command = Command::HandOverRole {
        role: IC,
        to: to.clone(),
        note: reason(),
        two_hats: None,
    };
    room.ok(from, command);
    room.ok(to, Command::AcceptRole { role: IC });
}

fn sets(room: &mut Room, by: &PersonRef, to: Severity) {
    let reason = reason();
    room.ok(by, Command::ChangeSeverity { to, reason });
}

fn text_of(room: &Room, of: Of) -> DraftText {
    match of {
        Of::Update => update(update_text(UpdateKind::First, room.now, 30), &[]),
        Of::Brief => DraftText::Brief { text: brief() },
    }
}

fn update(text: UpdateText, reasons: &[(&str, &str)]) -> DraftText {
    let excuse = |(words, reason): &(&str, &str)| Excuse {
        words: (*words).to_owned(),
        reason: (*reason).to_owned(),
    };
    let excuses = reasons.iter().map(excuse).collect();
    DraftText::Update { text, excuses }
}

fn put_up(room: &mut Room, by: &PersonRef, text: &DraftText) -> CommandId {
    let text = text.clone();
    room.ok(by, Command::ReadyDraft { text })
}

fn approved(room: &mut Room, author: &PersonRef, by: &PersonRef, text: &DraftText) -> CommandId {
    let draft = put_up(room, author, text);
    room.ok(by, Command::ApproveDraft { draft });
    draft
}

fn publish(text: &DraftText) -> Command {
    match text.clone() {
        DraftText::Update { text, excuses } => Command::PublishUpdate {
            text,
            after: None,
            excuses,
        },
        DraftText::Brief { text } => Command::PublishBrief {
            text,
            after_version: 0,
        },
    }
}

fn send_back(draft: CommandId) -> Command {
    let reason = "Say how many".to_owned();
    Command::ReturnDraft { draft, reason }
}

/// Ana approved her own text while she commanded, and Cy commands since.
fn own_approval(of: Of, from: Severity) -> (Room, DraftText, CommandId) {
    let mut room = commanded(from);
    let text = text_of(&room, of);
    let draft = approved(&mut room, &ana(), &ana(), &text);
    if from != Severity::Sev1 {
        sets(&mut room, &bo(), Severity::Sev1);
    }
    hands_over(&mut room, &ana(), &cy());
    (room, text, draft)
}

#[test]
fn own_approval_does_not_count_once_somebody_else_commands() {
    for of in [Of::Update, Of::Brief] {
        for from in [Severity::Sev1, Severity::Sev2] {
            let (mut room, text, _) = own_approval(of, from);
            let label = of.label();
            assert_eq!(
                room.refused(&ana(), publish(&text)),
                format!(
                    "Cy is Incident Commander since you approved this {label} yourself. Send it to them for approval."
                )
            );
            // Another pair of eyes publishes it, or the commander does.
            room.clone().ok(&bo(), publish(&text));
            room.clone().ok(&cy(), publish(&text));
            // Or approves it.
            approved(&mut room, &ana(), &cy(), &text);
            room.ok(&ana(), publish(&text));
            let approved_by = match of {
                Of::Update => &room.incident.updates[0].approved_by,
                Of::Brief => &room.incident.briefs[0].approved_by,
            };
            assert_eq!(*approved_by, Some(cy()));
        }
    }
}

#[test]
fn own_approval_counts_while_one_commands_or_nobody_has_to_approve() {
    let mut room = commanded(Severity::Sev1);
    let text = text_of(&room, Of::Update);
    approved(&mut room, &ana(), &ana(), &text);
    room.clone().ok(&ana(), publish(&text));
    sets(&mut room, &bo(), Severity::Sev2);
    hands_over(&mut room, &ana(), &cy());
    room.ok(&ana(), publish(&text));
    // The command came back.
    let (mut room, text, _) = own_approval(Of::Update, Severity::Sev1);
    hands_over(&mut room, &cy(), &ana());
    room.ok(&ana(), publish(&text));
}

#[test]
fn refusal_of_another_text_names_who_approved() {
    let mut room = commanded(Severity::Sev1);
    let text = text_of(&room, Of::Update);
    approved(&mut room, &bo(), &ana(), &text);
    hands_over(&mut room, &ana(), &cy());
    let other = |text: &DraftText| match text.clone() {
        DraftText::Update { mut text, .. } => {
            text.impact = "One order in five fails".to_owned();
            update(text, &[])
        }
        text @ DraftText::Brief { .. } => text,
    };
    assert_eq!(
        room.refused(&bo(), publish(&other(&text))),
        "This is not the text that Ana approved. Publish that one, or send this for approval."
    );
    // Nobody but oneself approved anything.
    let (mut room, text, _) = own_approval(Of::Update, Severity::Sev1);
    assert_eq!(
        room.refused(&ana(), publish(&other(&text))),
        "Cy, Incident Commander, approves a customer update before it is published. Send it for approval."
    );
}

#[test]
fn commander_sends_an_approved_text_back() {
    for of in [Of::Update, Of::Brief] {
        let (mut room, text, draft) = own_approval(of, Severity::Sev2);
        room.refused(&bo(), send_back(draft));
        room.ok(&cy(), send_back(draft));
        let Some(Stage::Returned {
            reason: why, by, ..
        }) = room.incident.draft(of).map(|d| &d.stage)
        else {
            panic!("it stands as it was");
        };
        assert_eq!((&**why, by), ("Say how many", &cy()));
        let line = room.incident.timeline.last().unwrap();
        let said = format!("Sent the {} back: Say how many", of.label());
        assert_eq!((line.kind, &line.text), (EntryKind::Decision, &said));
        // Its approval went with it, for whoever publishes, and outlasts who sent it back.
        for by in [ana(), bo()] {
            let why = room.refused(&by, publish(&text));
            assert!(why.ends_with("Send it for approval."), "{why}");
        }
        let why = room.refused(&cy(), send_back(draft));
        assert!(why.contains("not waiting for approval any more"), "{why}");
        room.ok(
            &cy(),
            Command::VacateRole {
                role: IC,
                reason: reason(),
                holder: None,
            },
        );
        let why = room.refused(&ana(), publish(&text));
        assert!(why.contains("nobody has approved it"), "{why}");
    }
    // Whoever sends back what is their own may publish it all the same.
    let mut room = commanded(Severity::Sev1);
    let text = text_of(&room, Of::Update);
    let draft = approved(&mut room, &ana(), &ana(), &text);
    room.ok(&ana(), send_back(draft));
    room.ok(&ana(), publish(&text));
}

#[test]
fn next_step_says_who_may_not_publish_what_they_approved_themselves() {
    for (of, label) in [
        (Of::Update, "customer update"),
        (Of::Brief, "executive brief"),
    ] {
        let (mut room, _, _) = own_approval(of, Severity::Sev2);
        let step = |room: &Room| {
            let steps = next_steps(&room.incident, &room.policy, room.now);
            let step = steps.into_iter().find(|s| s.target == Target::Publish(of));
            step.unwrap().what
        };
        assert_eq!(
            step(&room),
            format!("Publish the {label} that was approved: somebody other than Ana")
        );
        hands_over(&mut room, &cy(), &ana());
        assert_eq!(
            step(&room),
            format!("Publish the {label} that was approved")
        );
    }
}

#[test]
fn reasons_for_marked_words_are_part_of_what_is_approved() {
    let mut room = commanded(Severity::Sev1);
    let mut text = update_text(UpdateKind::First, room.now, 30);
    text.action = "The K8s nodes restart.".to_owned();
    let with = |reason| update(text.clone(), &[("k8s", reason)]);
    approved(&mut room, &bo(), &ana(), &with("They asked for the word"));
    assert_eq!(
        room.refused(&bo(), publish(&with("Because I say so"))),
        "These are not the reasons for marked words that Ana approved. Publish with those, or send this for approval."
    );
    // Blank ends and capitals of the marked words make no other reason, and the promise may move.
    let mut alike = text.clone();
    alike.next_at = alike.next_at.map(|at| at + crate::room::minutes(5));
    let alike = update(alike, &[("K8S", " They asked for the word ")]);
    room.ok(&bo(), publish(&alike));
    let kept = &room.incident.updates[0].excuses;
    assert_eq!(kept[0].reason, "They asked for the word");
}

#[test]
fn reasons_are_part_of_what_is_approved_also_where_the_publisher_lowered_the_severity() {
    let mut room = commanded(Severity::Sev1);
    let mut text = update_text(UpdateKind::First, room.now, 30);
    text.action = "The K8s nodes restart.".to_owned();
    let with = |reason| update(text.clone(), &[("K8s", reason)]);
    approved(&mut room, &bo(), &ana(), &with("They asked for the word"));
    sets(&mut room, &bo(), Severity::Sev3);
    let why = room.refused(&bo(), publish(&with("Because I say so")));
    assert!(why.contains("needed another person's approval"), "{why}");
    room.ok(&bo(), publish(&with("They asked for the word")));
}

#[test]
fn text_that_is_put_up_again_needs_an_approval_as_it_did() {
    for of in [Of::Update, Of::Brief] {
        let mut room = Room::declared(Severity::Sev1);
        room.seats(IC, &cy());
        let text = text_of(&room, of);
        put_up(&mut room, &ana(), &text);
        room.wait(1);
        sets(&mut room, &ana(), Severity::Sev3);
        room.wait(1);
        put_up(&mut room, &ana(), &text);
        room.ok(
            &cy(),
            Command::VacateRole {
                role: IC,
                reason: reason(),
                holder: None,
            },
        );
        let why = room.refused(&ana(), publish(&text));
        assert!(why.contains("nobody has approved it"), "{why}");
        // Somebody else may.
        room.clone().ok(&bo(), publish(&text));
        room.seats(IC, &bo());
        approved(&mut room, &ana(), &bo(), &text);
        room.ok(&ana(), publish(&text));
    }
    // At a higher severity it needs what that needs.
    let mut room = Room::declared(Severity::Sev3);
    room.seats(IC, &cy());
    let text = text_of(&room, Of::Update);
    put_up(&mut room, &ana(), &text);
    sets(&mut room, &bo(), Severity::Sev1);
    put_up(&mut room, &ana(), &text);
    assert_eq!(room.incident.unapproved.len(), 1);
    assert_eq!(room.incident.unapproved[0].severity, Severity::Sev1);
}

/// Nobody takes a seat of a closed incident, and who holds one may have been removed.
#[test]
fn refusal_on_a_closed_incident_says_what_to_do_when_the_commander_is_gone() {
    let mut room = Room::declared(Severity::Sev1);
    room.moves_to(Status::Mitigated);
    room.seats(IC, &cy());
    room.moves_to(Status::Closed);
    let text = update_text(UpdateKind::Learned, room.now, 0);
    let learned = |room: &Room| Command::PublishUpdate {
        text: text.clone(),
        after: room.incident.updates.last().map(|u| u.id),
        excuses: Vec::new(),
    };
    assert_eq!(
        room.refused(&bo(), learned(&room.clone())),
        "Cy, Incident Commander, approves a customer update before it is published. Send it for approval. \
         If Cy is gone, reopen the incident and name another."
    );
    // That is a way: the server empties the seat of whoever was removed.
    let (to, reason) = (Status::Resolved, reason());
    room.ok(&bo(), Command::MoveBack { to, reason });
    let vacate = Command::VacateRole {
        role: IC,
        reason: "Removed from Drumbeat by Dan".to_owned(),
        holder: None,
    };
    room.ok(&person(3), vacate);
    room.seats(IC, &ana());
    let told = Command::PublishUpdate {
        text: update_text(UpdateKind::Resolution, room.now, 0),
        after: room.incident.updates.last().map(|u| u.id),
        excuses: Vec::new(),
    };
    room.ok(&ana(), told);
    room.ok(&ana(), Command::MoveStatus { to: Status::Closed });
    let draft = put_up(&mut room, &bo(), &update(text.clone(), &[]));
    room.ok(&ana(), Command::ApproveDraft { draft });
    room.ok(&bo(), learned(&room.clone()));
}

#[test]
fn who_put_the_approver_out_is_told_to_hand_the_command_over() {
    for of in [Of::Update, Of::Brief] {
        let mut room = commanded(Severity::Sev1);
        let text = text_of(&room, of);
        let draft = put_up(&mut room, &cy(), &text);
        let vacate = Command::VacateRole {
            role: IC,
            reason: reason(),
            holder: None,
        };
        room.ok(&bo(), vacate);
        room.seats(IC, &bo());
        room.refused(&bo(), Command::ApproveDraft { draft });
        let step = |room: &Room| {
            let mut steps = next_steps(&room.incident, &room.policy, room.now).into_iter();
            let told = [Target::HandOverCommand, Target::Approve(of)];
            steps.find(|step| told.contains(&step.target)).unwrap()
        };
        let what = format!(
            "Hand the command over: Bo put out who was to approve the {}, and cannot approve it",
            of.label()
        );
        assert_eq!(
            (step(&room).target, step(&room).what),
            (Target::HandOverCommand, what)
        );
        hands_over(&mut room, &bo(), &person(3));
        assert_eq!(step(&room).target, Target::Approve(of));
        room.ok(&person(3), Command::ApproveDraft { draft });
    }
}

#[test]
fn approval_from_before_the_severity_was_lowered_excuses_no_later_text() {
    for (of, lowered) in [(Of::Update, Severity::Sev2), (Of::Brief, Severity::Sev3)] {
        let mut room = commanded(Severity::Sev1);
        let text = text_of(&room, of);
        approved(&mut room, &bo(), &ana(), &text);
        room.wait(1);
        sets(&mut room, &bo(), lowered);
        room.wait(1);
        room.ok(&bo(), publish(&text));
        room.wait(1);
        let again = next(&room, of);
        let why = room.refused(&bo(), again);
        assert!(why.contains("You lowered the severity since."), "{why}");
        // Nor does what the commander publishes themselves.
        let own = next(&room, of);
        room.ok(&ana(), own);
        let again = next(&room, of);
        room.refused(&bo(), again);
    }
}

/// A text that nobody has seen.
fn next(room: &Room, of: Of) -> Command {
    match of {
        Of::Update => {
            let mut text = update_text(UpdateKind::Progress, room.now, 30);
            text.acknowledge = format!("It goes on: {}", room.now);
            Command::PublishUpdate {
                text,
                after: room.incident.updates.last().map(|u| u.id),
                excuses: Vec::new(),
            }
        }
        Of::Brief => {
            let mut text = brief();
            text.changed = format!("It goes on: {}", room.now);
            Command::PublishBrief {
                text,
                after_version: room.incident.briefs.last().map_or(0, |b| b.version),
            }
        }
    }
}
