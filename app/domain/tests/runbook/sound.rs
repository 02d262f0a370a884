//! What must be true of every state that commands can reach, and of everything that is shown of
//! it.

use crate::recount::assert_counted_right;
use crate::room::{Room, minutes, named};
use chrono::Duration;
use domain::adherence::{Adherence, Promise, PromiseState, brief_promises, update_promises};
use domain::beat::strip_of;
use domain::board::Summary;
use domain::brief::draft;
use domain::checklist::phases;
use domain::clock::{ClockKind, clocks, countdown, span};
use domain::customer::{Customer, revenues};
use domain::gate::missing;
use domain::next_step::next_steps;
use domain::public::{PublicIncident, PublicView, Reader};
use domain::update::UpdateKind;
use domain::wording::{Watch, marks};
use domain::{Incident, Policy, Role, Severity, Status};

/// What must be true of every state that commands can reach.
pub fn assert_sound(room: &Room) {
    let i = &room.incident;
    if i.declared.is_none() {
        assert!(
            i.seats
                .values()
                .all(|s| s.holder.is_none() && s.offer.is_none())
        );
        assert!(i.updates.is_empty() && i.moves.is_empty());
        return;
    }
    assert!(i.dismissed.is_none(), "both declared and dismissed");
    assert!(i.joined.is_none(), "both declared and joined");
    for to in Status::ALL.into_iter().filter(|s| *s <= i.status) {
        assert_eq!(
            missing(i, to, &room.policy),
            [],
            "it is {:?} past a shut gate",
            i.status
        );
    }
    for pair in i.moves.windows(2) {
        let forward = pair[1].back_because.is_none();
        assert_eq!(forward, pair[0].to.next() == Some(pair[1].to), "{pair:?}");
        assert!(forward || pair[1].to < pair[0].to, "{pair:?}");
    }
    assert_eq!(i.moves.last().map(|m| m.to), Some(i.status));
    assert_hats(i);
    assert_told(i);
    assert_honest(i, &room.policy);
    assert_tidy(i);
}

/// Nothing that customers have read breaks trust without a reason, and no vague time at all.
fn assert_honest(i: &Incident, policy: &Policy) {
    for update in &i.updates {
        // Names that came later are not held against what was said before.
        let watch = Watch {
            jargon: policy.jargon.clone(),
            names: policy.internal_names.clone(),
            resolved: update.status >= Status::Resolved,
        };
        let text = &update.text;
        for part in [&text.acknowledge, &text.impact, &text.action] {
            for mark in marks(part, &watch) {
                let excuse = update
                    .excuses
                    .iter()
                    .find(|e| e.words.eq_ignore_ascii_case(&mark.words));
                assert!(mark.fault.may_stay(), "{mark:?} was published");
                assert!(!excuse.unwrap().reason.trim().is_empty(), "{mark:?}");
            }
        }
    }
}

/// Seats, customers, drafts, guesses, asks and calls hang together.
fn assert_tidy(i: &Incident) {
    for (n, c) in i.customers.iter().enumerate() {
        assert_eq!(c.churn_now.is_some(), c.churn_reason.is_some(), "{c:?}");
        let others = i.customers.iter().skip(n + 1);
        let same = |o: &&Customer| o.account.is_some() && o.account == c.account;
        assert_eq!(others.filter(same).count(), 0, "{c:?} is there twice");
    }
    for (role, seat) in &i.seats {
        assert!(seat.shadows.len() <= 5, "{role:?}");
        let holder = seat.holder.as_ref().map(|h| h.person.id);
        assert!(
            seat.shadows.iter().all(|s| Some(s.id) != holder),
            "{role:?} sits beside themself"
        );
        assert_eq!(
            seat.first_accepted_at.is_some(),
            seat.holder.is_some(),
            "{role:?}"
        );
    }
    for (of, draft) in &i.drafts {
        assert!(
            draft.text().is_none_or(|text| text.of() == *of),
            "{draft:?}"
        );
    }
    for h in &i.hypotheses {
        assert!(h.attempts.iter().all(|a| i.entry(*a).is_some()), "{h:?}");
        assert!(
            h.conclusion.as_ref().is_none_or(|c| c.at >= h.opened_at),
            "{h:?}"
        );
    }
    for ask in &i.asks {
        assert!(
            ask.answer.is_none() || ask.acknowledged_at.is_some(),
            "{ask:?}"
        );
    }
    for call in &i.calls {
        assert!(call.at > call.scheduled_at, "{call:?}");
        assert!(
            i.customers.iter().any(|c| c.id == call.customer.id),
            "{call:?}"
        );
    }
    let severities: Vec<_> = i.severities().map(|(severity, _)| severity).collect();
    assert!(
        severities.windows(2).all(|pair| pair[0] != pair[1]),
        "{severities:?}"
    );
}

fn assert_hats(i: &Incident) {
    if !i.severity().is_some_and(Severity::is_high) {
        return;
    }
    for role in Role::APART {
        let Some(holder) = i.holder(role) else {
            continue;
        };
        if i.other_hat(holder.id, role).is_some() {
            assert!(
                i.two_hats(role).is_some(),
                "{} wears two hats without a reason",
                holder.name
            );
        }
    }
}

fn assert_told(i: &Incident) {
    for (n, update) in i.updates.iter().enumerate() {
        assert_eq!(update.number as usize, n + 1);
        assert_eq!(
            update.text.kind == UpdateKind::First,
            n == 0,
            "the first word is the first"
        );
        match (update.text.kind, update.text.next_at) {
            (UpdateKind::Resolution, next) => {
                assert!(next.is_none() && update.text.closure.is_some());
                assert!(update.status >= Status::Resolved);
            }
            (UpdateKind::Learned, next) => {
                assert!(next.is_none() && update.text.closure.is_none());
                assert!(update.status >= Status::Resolved);
            }
            (_, next) => {
                let next = next.unwrap();
                let latest = update.published_at + minutes(i64::from(update.cadence_min));
                assert!(update.published_at < next && next <= latest);
            }
        }
    }
    let versions: Vec<usize> = i.briefs.iter().map(|b| b.version as usize).collect();
    assert!(versions.iter().copied().eq(1..=versions.len()));
    let ids: std::collections::HashSet<_> = i.updates.iter().map(|u| u.id).collect();
    assert_eq!(ids.len(), i.updates.len());
}

/// Everything that screens compute from a state; it must not panic and must agree with itself.
pub fn look_at_everything(room: &Room) {
    assert_counted_right(room);
    let (i, policy, now) = (&room.incident, &room.policy, room.now);
    for clock in clocks(i, policy) {
        let left = clock.left(now);
        let late = clock.state(now) == domain::clock::ClockState::Overdue;
        assert!(!late || left < Duration::zero(), "{clock:?}");
        let _shown = (countdown(left), span(left), clock.kind.label());
    }
    let promises = update_promises(i, policy, now);
    let missed = promises.iter().filter(|p| p.state == PromiseState::Missed);
    assert!(
        missed.clone().is_sorted_by_key(|p| p.due_at),
        "{promises:?}"
    );
    assert!(missed.clone().all(|p| p.due_at <= now));
    let adherence = Adherence::of(&promises);
    assert_eq!(
        (adherence.owed - adherence.kept) as usize,
        missed.clone().count()
    );
    let owed: Vec<_> = promises
        .iter()
        .filter(|p| p.state == PromiseState::Owed)
        .collect();
    assert!(owed.len() <= 1, "one word is owed at a time");
    assert!(owed.iter().all(|p| p.due_at >= now), "{owed:?} at {now}");
    if let Some(declared) = &i.declared {
        let clock = domain::clock::update_clock(i, policy, declared.at);
        assert_eq!(
            clock.is_some(),
            !owed.is_empty(),
            "the clock and the count disagree"
        );
        if let (Some(clock), [owed]) = (clock, owed.as_slice()) {
            let agree = if clock.due_at >= now {
                clock.due_at == owed.due_at
            } else {
                missed.clone().any(|p| p.due_at == clock.due_at)
            };
            assert!(agree, "{clock:?} and {promises:?} at {now}");
        }
    }
    look_at_briefs(room);
    let _shown = (strip_of(i, policy, now), next_steps(i, policy, now));
    for phase in phases(i, policy) {
        assert!(phase.done() <= phase.items.len());
    }
    let _shown = (
        draft(i, policy, now),
        i.title(),
        i.number_label(),
        Summary::of(i),
        revenues(&i.customers, &policy.currency),
    );
    let northwind = named("Northwind").id.account().unwrap();
    for reader in [Reader::Public, Reader::Account(northwind)] {
        let seen: Vec<_> = PublicIncident::of(i, &reader).into_iter().collect();
        for public in &seen {
            assert!(!public.updates.is_empty() && public.missed(now) <= 10_000);
            let _shown = (public.strip(now), public.headline(), public.next_at());
        }
        let _page = PublicView::of(seen, policy, now);
    }
}

fn look_at_briefs(room: &Room) {
    let (i, policy, now) = (&room.incident, &room.policy, room.now);
    let promises = brief_promises(i, policy, now);
    let owed: Vec<_> = promises
        .iter()
        .filter(|p| p.state == PromiseState::Owed)
        .collect();
    let clock = clocks(i, policy)
        .into_iter()
        .find(|c| c.kind == ClockKind::Brief && c.is_running());
    assert_eq!(
        clock.is_some(),
        !owed.is_empty(),
        "{clock:?} and {promises:?}"
    );
    if let (Some(clock), [owed]) = (clock, owed.as_slice()) {
        let passed = |p: &Promise| p.state == PromiseState::Missed && p.due_at == clock.due_at;
        let agree = if clock.due_at >= now {
            clock.due_at == owed.due_at
        } else {
            promises.iter().any(passed)
        };
        assert!(agree, "{clock:?} and {promises:?} at {now}");
    }
}
