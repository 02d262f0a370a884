//! What one accepted command may not have done, seen from the state before it (L4).

use crate::room::Room;
use domain::adherence::{PromiseState, brief_promises, update_promises};
use domain::clock::{Clock, ClockKind, ClockState, clocks};
use domain::customer::{Credit, Judgement};
use domain::draft::{Of, Stage, approver};
use domain::{Command, Incident, PersonRef, Policy, Role, Status, Time};

/// By this person, in the room where it was accepted; `asked` is what they sent.
pub fn assert_allowed(before: &Incident, by: &PersonRef, asked: &Command, room: &Room) {
    assert_words_approved(before, by, room);
    assert_seats_taken(before, by, room);
    assert_credits_judged(before, by, room);
    assert_status_moved(before, asked, room);
    assert_nothing_gone(before, room);
    assert_past_kept(before, asked, room);
}

/// What the commander had to approve, they approved, and not their own.
fn assert_words_approved(before: &Incident, by: &PersonRef, room: &Room) {
    let after = &room.incident;
    for (of, told) in [
        (Of::Update, after.updates.len() > before.updates.len()),
        (Of::Brief, after.briefs.len() > before.briefs.len()),
    ] {
        if told && let Some(commander) = approver(before, of, by.id, &room.policy) {
            let stage = before.draft(of).map(|d| &d.stage);
            assert!(
                matches!(stage, Some(Stage::Approved { by: approver, .. }) if approver.id != by.id),
                "{} published without a word of {}, or of another before them",
                by.name,
                commander.name
            );
            let approved_by = match of {
                Of::Update => after.updates.last().and_then(|u| u.approved_by.as_ref()),
                Of::Brief => after.briefs.last().and_then(|b| b.approved_by.as_ref()),
            };
            let approver = match stage {
                Some(Stage::Approved { by, .. }) => Some(by),
                _ => None,
            };
            assert_eq!(approved_by, approver, "it says who approved it");
        }
    }
    for (of, draft) in &after.drafts {
        let is_approved = |d: &domain::draft::Draft| matches!(d.stage, Stage::Approved { .. });
        if is_approved(draft) && !before.draft(*of).is_some_and(is_approved) {
            let commander = before.holder(Role::Commander).map(|p| p.id);
            assert_eq!(commander, Some(by.id), "approved by somebody else");
        }
    }
}

/// Nobody sits where they did not sit down themself, and nobody is moved by others but away.
fn assert_seats_taken(before: &Incident, by: &PersonRef, room: &Room) {
    let after = &room.incident;
    for role in Role::ALL {
        let (was, is) = (before.seat(role), after.seat(role));
        if let Some(holder) = is.holder.as_ref().filter(|h| !was.held_by(h.person.id)) {
            assert_eq!(holder.person.id, by.id, "{role:?} was accepted by another");
            assert!(was.offered_to(by.id), "{role:?} was not offered");
            let taken_over = was.holder.is_some();
            let note = was.offer.as_ref().and_then(|o| o.note.as_ref());
            assert!(!taken_over || note.is_some(), "{role:?} without a note");
        }
        if is.history.len() > was.history.len() {
            assert_eq!(is.history[..was.history.len()], was.history[..], "{role:?}");
        }
        assert!(
            is.history.len() >= was.history.len(),
            "{role:?}: history is gone"
        );
    }
    if after.stays.len() > before.stays.len() {
        assert_eq!(before.holder(Role::Commander).map(|p| p.id), Some(by.id));
    }
}

/// What a customer gets was proposed by one person and let be by another.
fn assert_credits_judged(before: &Incident, by: &PersonRef, room: &Room) {
    let after = &room.incident;
    let Some(new) = after.credits.iter().find(|c| !before.credits.contains(c)) else {
        return;
    };
    if matches!(new.credit, Credit::None { .. }) {
        return;
    }
    let was = before.proposal_for(new.customer.id);
    let was = was.unwrap_or_else(|| panic!("nobody proposed {new:?}"));
    assert_ne!(was.by.id, by.id, "nobody approves their own proposal");
    let judged = after.proposals.iter().find(|p| p.id == was.id);
    let judged = judged.and_then(|p| p.judged.as_ref());
    assert!(
        judged.is_some_and(|(j, _)| !matches!(j, Judgement::Reject { .. })),
        "{judged:?}"
    );
}

/// The status moves by its own two commands: one step on, or back with a reason, which is counted.
fn assert_status_moved(before: &Incident, asked: &Command, room: &Room) {
    let after = &room.incident;
    match asked {
        Command::MoveStatus { to } => {
            assert_eq!((before.status.next(), after.status), (Some(*to), *to));
            assert_eq!(after.went_back(), before.went_back());
        }
        Command::MoveBack { to, .. } => {
            assert!(*to < before.status && after.status == *to);
            assert_eq!(after.went_back(), before.went_back() + 1);
            let because = after.moves.last().and_then(|m| m.back_because.as_deref());
            assert!(because.is_some_and(|why| !why.trim().is_empty()));
        }
        _ => assert_eq!(after.status, before.status, "{asked:?}"),
    }
}

/// The record only grows; of a closed incident less may change.
fn assert_nothing_gone(before: &Incident, room: &Room) {
    let after = &room.incident;
    if before.status == Status::Closed && after.status == Status::Closed {
        assert_eq!(
            after.calls.len(),
            before.calls.len(),
            "no call is planned after closing"
        );
        assert_eq!(after.seats, before.seats, "seats rest once it is closed");
    }
    let gone = |b: usize, a: usize| a < b;
    assert!(
        !gone(before.timeline.len(), after.timeline.len()),
        "a line is gone"
    );
    assert!(
        !gone(before.updates.len(), after.updates.len()),
        "an update is gone"
    );
    assert!(
        !gone(before.evidence.len(), after.evidence.len()),
        "proof is gone"
    );
    for (b, a) in before.timeline.iter().zip(&after.timeline) {
        assert_eq!((b.id, &b.text), (a.id, &a.text), "a line was rewritten");
    }
    for (b, a) in before.updates.iter().zip(&after.updates) {
        assert_eq!(b, a, "a published update was edited");
    }
    for (b, a) in before.briefs.iter().zip(&after.briefs) {
        assert_eq!(b, a, "a published brief was edited");
    }
}

/// What was met stays met, what was missed stays missed, and what is late is late until it is done.
fn assert_past_kept(before: &Incident, asked: &Command, room: &Room) {
    let (after, policy, now) = (&room.incident, &room.policy, room.now);
    let all = clocks(after, policy);
    for was in clocks(before, policy) {
        let Some(is) = all.iter().find(|c| c.kind == was.kind) else {
            continue;
        };
        match (was.state(now), is.state(now)) {
            (ClockState::Met | ClockState::MetLate, state) if is.started_at == was.started_at => {
                let new_customer = matches!(
                    asked,
                    Command::NoteCustomer { .. } | Command::AddCustomer { .. }
                );
                assert!(
                    state == was.state(now)
                        || new_customer && was.kind == ClockKind::CreditDecision,
                    "{asked:?} made {was:?} {state:?}"
                );
            }
            (ClockState::Overdue, ClockState::Running | ClockState::AtRisk | ClockState::Met) => {
                assert!(done_by(&was, asked), "{asked:?} excused {was:?}: {is:?}");
            }
            _ => {}
        }
    }
    for promises in [update_promises, brief_promises] {
        let counted = decided(promises, before, policy, now);
        let still = decided(promises, after, policy, now);
        for promise in counted {
            assert!(
                still.contains(&promise),
                "{asked:?} took {promise:?}: {still:?}"
            );
        }
    }
}

type Promises = fn(&Incident, &Policy, Time) -> Vec<domain::adherence::Promise>;

fn decided(
    promises: Promises,
    incident: &Incident,
    policy: &Policy,
    now: Time,
) -> Vec<(Time, bool)> {
    let all = promises(incident, policy, now).into_iter();
    let passed = all.filter(|p| p.state != PromiseState::Owed);
    passed
        .map(|p| (p.due_at, p.state == PromiseState::Kept))
        .collect()
}

/// Whether this command is what the clock asked for, so that the next of its kind runs now.
fn done_by(clock: &Clock, asked: &Command) -> bool {
    match clock.kind {
        ClockKind::FirstUpdate | ClockKind::NextUpdate => {
            matches!(asked, Command::PublishUpdate { .. })
        }
        ClockKind::Brief => matches!(asked, Command::PublishBrief { .. }),
        ClockKind::CommanderRelief => {
            matches!(asked, Command::StayOn { .. } | Command::AcceptRole { .. })
        }
        ClockKind::CoreRolesNamed => matches!(asked, Command::AcceptRole { .. }),
        // Somebody else is asked.
        ClockKind::RoleAccepted(_) => {
            matches!(
                asked,
                Command::OfferRole { .. } | Command::HandOverRole { .. }
            )
        }
        _ => false,
    }
}
