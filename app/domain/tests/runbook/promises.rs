//! Property tests of the log's promises (DESIGN §3): L3, a fold is a fold from anywhere on;
//! L4, no order of commands breaks a gate or a role rule.

use crate::room::{
    Room, ana, bo, brief, customer, declare, minutes, person, report, update_text, what_opens,
};
use chrono::Duration;
use domain::adherence::{Adherence, PromiseState, brief_promises, update_promises};
use domain::beat::strip_of;
use domain::board::Summary;
use domain::brief::{Ask, Confidence, Eta, draft};
use domain::clock::{clocks, countdown, span};
use domain::command::{Cause, Details, Lever};
use domain::customer::{Credit, Money};
use domain::evidence::{Proof, Proves};
use domain::gate::missing;
use domain::next_step::next_steps;
use domain::public::{PublicIncident, PublicView, Reader};
use domain::timeline::{EntryKind, Outcome, Outcomed};
use domain::update::{Audience, Closure, ComponentNote, ComponentState, UpdateKind, UpdateText};
use domain::wording::{Watch, marks};
use domain::{
    Command, CommandId, Envelope, Event, Incident, PersonRef, Recorded, Refusal, Role, Severity,
    Status, Time,
};
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// One thing somebody tries, as numbers that shrink well. What it means depends on the room.
#[derive(Clone, Debug)]
struct Try {
    actor: usize,
    what: u8,
    pick: Index,
    other: Index,
    wait_s: i64,
}

fn tries(longest: usize) -> impl Strategy<Value = Vec<Try>> {
    let one = (
        0_usize..5,
        0_u8..20,
        any::<Index>(),
        any::<Index>(),
        0_i64..5_400,
    )
        .prop_map(|(actor, what, pick, other, wait_s)| Try {
            actor,
            what,
            pick,
            other,
            wait_s,
        });
    proptest::collection::vec(one, 1..longest)
}

/// Where a sequence begins: nothing, a report, or any status.
fn begin(n: usize) -> Room {
    match n {
        0 => Room::empty(),
        1 => {
            let mut room = Room::empty();
            room.ok(&bo(), report());
            room
        }
        n => {
            let mut room = Room::at_status(Status::ALL[n - 2]);
            if n % 2 == 0 && room.incident.is_open() {
                room.seats(Role::Commander, &ana());
            }
            room
        }
    }
}

fn command(room: &Room, t: &Try) -> Command {
    let role = *t.pick.get(&Role::ALL);
    let to = *t.pick.get(&Status::ALL);
    let who = person(t.other.index(5));
    let two_hats = (t.pick.index(4) == 0).then(|| "Nobody else is awake".to_owned());
    let reason = "It got worse".to_owned();
    let an_update = |kind| match room.update(kind) {
        Command::PublishUpdate { text, .. } if t.other.index(5) == 0 => Command::PublishUpdate {
            text,
            after: None,
            excuses: Vec::new(),
        },
        Command::PublishUpdate {
            mut text, after, ..
        } => {
            // Around the edges of what may be promised.
            let cadence = i64::from(room.incident.cadence_min(&room.policy));
            let shift = *t.other.get(&[-cadence, 0, 0, 0, 1]);
            text.next_at = text.next_at.map(|at| at + minutes(shift));
            Command::PublishUpdate {
                text,
                after,
                excuses: Vec::new(),
            }
        }
        other => other,
    };
    match t.what {
        0 => report(),
        1 => Command::DismissReport { reason },
        2 => declare(*t.pick.get(&Severity::ALL), room.now - minutes(7)),
        3 | 4 => Command::OfferRole {
            role,
            person: who,
            two_hats,
        },
        5 | 6 => Command::AcceptRole { role },
        7 => Command::DeclineRole { role, reason: None },
        8 => Command::HandOverRole {
            role,
            to: who,
            note: "It runs".to_owned(),
            two_hats,
        },
        9..=11 => {
            // What the next gate asks for, some of it.
            let next = room.incident.status.next().unwrap_or(Status::Contained);
            t.pick.get(&what_opens(next, room.now)).clone()
        }
        12 | 13 => {
            let next = room.incident.status.next().unwrap_or(Status::Closed);
            Command::MoveStatus {
                to: if t.other.index(4) == 0 { to } else { next },
            }
        }
        14 => Command::MoveBack { to, reason },
        15 => an_update(UpdateKind::First),
        16 => an_update(UpdateKind::Progress),
        17 => an_update(UpdateKind::Resolution),
        18 => {
            let last = room.incident.briefs.last().map_or(0, |b| b.version);
            let after_version = if t.other.index(3) == 0 { 0 } else { last };
            Command::PublishBrief {
                text: brief(),
                after_version,
            }
        }
        _ => Command::ChangeCadence {
            every_min: 30,
            reason,
        },
    }
}

/// What must be true of every state that commands can reach.
fn assert_sound(room: &Room) {
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
fn look_at_everything(room: &Room) {
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
    assert_eq!((adherence.owed - adherence.kept) as usize, missed.count());
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
    }
    let _shown = (
        brief_promises(i, policy, now),
        strip_of(i, policy, now),
        next_steps(i, policy, now),
    );
    let _shown = (
        draft(i),
        i.title(),
        i.number_label(),
        Summary::of(i),
        i.annual_revenue(),
    );
    for reader in [Reader::Public, Reader::Customer("Northwind".to_owned())] {
        let seen: Vec<_> = PublicIncident::of(i, &reader).into_iter().collect();
        for public in &seen {
            assert!(!public.updates.is_empty() && public.missed(now) <= 10_000);
            let _shown = (public.strip(now), public.headline(), public.next_at());
        }
        let _page = PublicView::of(seen, policy);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    /// L4.
    #[test]
    fn no_order_of_commands_breaks_a_gate_a_role_or_a_promise(
        from in 0_usize..7,
        tries in tries(90),
    ) {
        let mut room = begin(from);
        for t in &tries {
            room.now += Duration::seconds(t.wait_s);
            let asked = command(&room, t);
            let before = room.incident.clone();
            if let Err(refusal) = room.send(&person(t.actor), asked) {
                prop_assert_eq!(&room.incident, &before, "{}", refusal);
            }
            assert_sound(&room);
        }
        look_at_everything(&room);
    }

    /// L3.
    #[test]
    fn a_fold_is_the_same_step_by_step_and_from_any_snapshot_on(
        from in 0_usize..7,
        tries in tries(50),
        cut in any::<Index>(),
    ) {
        let mut room = begin(from);
        for t in &tries {
            room.now += Duration::seconds(t.wait_s);
            let asked = command(&room, t);
            let _answer = room.send(&person(t.actor), asked);
        }
        let whole = Incident::fold(room.incident.id, &room.log);
        prop_assert_eq!(&whole, &room.incident);
        prop_assert_eq!(whole.version as usize, room.log.len());

        let cut = cut.index(room.log.len() + 1);
        let stored = serde_json::to_string(&Incident::fold(whole.id, &room.log[..cut])).unwrap();
        let mut resumed: Incident = serde_json::from_str(&stored).unwrap();
        for recorded in &room.log[cut..] {
            // As a replica reads it from the wire.
            let wire = serde_json::to_string(recorded).unwrap();
            let read: Recorded = serde_json::from_str(&wire).unwrap();
            prop_assert_eq!(&read, recorded);
            resumed.apply(&read);
        }
        prop_assert_eq!(resumed, whole);
    }

    /// Whatever is typed or claimed, the answer is events or a refusal, and what was accepted
    /// can be folded, shown and sent.
    #[test]
    fn no_text_and_no_time_panics(
        texts in proptest::collection::vec(text(), 4),
        time in time(),
        which in 0_usize..26,
        from in 0_usize..7,
        number in any::<u64>(),
    ) {
        let mut room = begin(from);
        let command = wild(&texts, time, which, number);
        let id = CommandId(uuid::Uuid::from_u128(5));
        let envelope = Envelope { id, incident: room.incident.id, made_at: room.now, command };
        let wire = serde_json::to_string(&envelope).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Envelope>(&wire).unwrap(), &envelope);
        for text in &texts {
            for mark in marks(text, &Watch::default()) {
                prop_assert!(text.contains(&mark.words));
            }
        }
        let version = room.incident.version;
        match room.send(&ana(), envelope.command) {
            Ok(_) => prop_assert!(room.incident.version > version),
            Err(refusal) => {
                prop_assert!(!refusal.to_string().is_empty());
                let wire = serde_json::to_string(&refusal).unwrap();
                prop_assert_eq!(serde_json::from_str::<Refusal>(&wire).unwrap(), refusal);
            }
        }
        look_at_everything(&room);
    }

    /// A log from elsewhere may hold events in an order that no command would make.
    #[test]
    fn a_fold_cannot_fail_whatever_the_log_holds(order in proptest::collection::vec(any::<Index>(), 0..60)) {
        let source = begin(6).log;
        let mut room = Room::empty();
        for index in order {
            let Recorded { by, command, event, .. } = index.get(&source).clone();
            room.record(&by, command, event);
            room.wait(1);
        }
        let _shown = (clocks(&room.incident, &room.policy), next_steps(&room.incident, &room.policy, room.now));
        let _shown = (draft(&room.incident), strip_of(&room.incident, &room.policy, room.now));
    }
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[ -~]{0,40}",
        "\\PC{0,30} (soon|asap|SHORTLY)[ .!]\\PC{0,10}",
        Just("<script>alert(1)</script>".to_owned()),
        Just("\u{202e}x\u{0}\r\n".to_owned()),
        Just("é".repeat(8_001)),
        Just("https://example.com/q".to_owned()),
        select(vec![
            "Northwind".to_owned(),
            "Checkout".to_owned(),
            String::new(),
            " ".to_owned()
        ]),
    ]
}

fn time() -> impl Strategy<Value = Time> {
    prop_oneof![
        Just(Time::MIN_UTC),
        Just(Time::MAX_UTC),
        (-8_000_000_000_000_i64..8_000_000_000_000)
            .prop_map(|s| Time::from_timestamp(s, 0).unwrap_or(Time::MAX_UTC)),
        (-20_000_i64..20_000).prop_map(|s| crate::room::at(0) + Duration::seconds(s)),
    ]
}

/// Any command with any content.
fn wild(texts: &[String], time: Time, which: usize, number: u64) -> Command {
    let word = |n: usize| texts[n % texts.len()].clone();
    let small = u32::try_from(number % 100_000).unwrap();
    let entry = CommandId(uuid::Uuid::from_u128(u128::from(number % 20)));
    let person = || PersonRef {
        name: word(3),
        ..bo()
    };
    let result = || Outcomed {
        text: word(0),
        outcome: Outcome::Unclear,
    };
    match which {
        0 => Command::Report {
            what: word(0),
            source: word(1),
        },
        1 => Command::DismissReport { reason: word(0) },
        2 => Command::Declare {
            title: word(0),
            severity: Severity::Sev1,
            customer_sees: word(1),
            impact_began_at: time,
            components: vec![word(2)],
            audience: Audience::Named {
                customers: vec![word(3)],
            },
            details: Details {
                other_severity: Some(word(4)),
                hypothesis: Some(word(5)),
                ..Details::default()
            },
        },
        3 => Command::OfferRole {
            role: Role::Comms,
            person: person(),
            two_hats: Some(word(0)),
        },
        4 => Command::AcceptRole {
            role: Role::Commander,
        },
        5 => Command::DeclineRole {
            role: Role::Commander,
            reason: Some(word(0)),
        },
        6 => Command::HandOverRole {
            role: Role::Commander,
            to: person(),
            note: word(0),
            two_hats: Some(word(1)),
        },
        7 => Command::LogEntry {
            kind: EntryKind::Action,
            text: word(0),
            result: Some(result()),
            links: vec![word(1)],
            happened_at: Some(time),
        },
        8 => Command::RecordResult {
            entry,
            result: result(),
        },
        9 => Command::AmendEntry {
            entry,
            text: word(0),
            reason: word(1),
        },
        10 => Command::DecideMitigation {
            lever: Lever::Other,
            what: word(0),
            risk_of_doing: word(1),
            risk_of_not_doing: word(2),
            undo: word(3),
        },
        11..=14 => wild_update(&word, time, which),
        15 => Command::PublishBrief {
            text: domain::brief::BriefText {
                happened: word(0),
                impact: word(1),
                risks: vec![word(2)],
                asks: vec![Ask {
                    what: word(3),
                    of: word(0),
                    needed_by: Some(time),
                }],
                eta: Some(Eta {
                    at: time,
                    confidence: Confidence::High,
                    depends_on: word(1),
                }),
                changed: word(2),
            },
            after_version: small,
        },
        16 => Command::AttachEvidence {
            proves: Proves::Validated,
            proof: Proof::Statement {
                by: word(0),
                text: word(1),
            },
            shows: word(2),
            watched_min: Some(small),
        },
        17 => Command::AttachEvidence {
            proves: Proves::HarmStopped,
            proof: Proof::Link { url: word(0) },
            shows: word(2),
            watched_min: Some(u32::MAX),
        },
        18 => Command::StateImpactEnd { at: time },
        19 => Command::StateCause {
            cause: Cause::UnderInvestigation { text: word(0) },
        },
        20 => Command::MoveBack {
            to: Status::Active,
            reason: word(0),
        },
        21 => Command::ChangeCadence {
            every_min: small,
            reason: word(0),
        },
        22 => Command::NoteCustomer {
            customer: domain::customer::Customer {
                tier: word(1),
                sees: word(2),
                annual_revenue: number,
                renews_on: Some(time.date_naive()),
                ..customer(&word(0))
            },
        },
        23 => Command::DecideCredit {
            customer: word(0),
            credit: Credit::Granted {
                amount: Money {
                    currency: "EUR".to_owned(),
                    minor: number,
                },
                reason: word(1),
            },
        },
        24 => Command::BookPostMortem {
            at: time,
            facilitator: person(),
        },
        _ => Command::AgreeAction {
            what: word(0),
            owner: person(),
            due_on: time.date_naive(),
            acceptance: word(1),
        },
    }
}

fn wild_update(word: &impl Fn(usize) -> String, time: Time, which: usize) -> Command {
    let kind = [
        UpdateKind::First,
        UpdateKind::Progress,
        UpdateKind::Resolution,
    ][which % 3];
    let text = UpdateText {
        kind,
        audience: Audience::Named {
            customers: vec![word(3)],
        },
        acknowledge: word(0),
        impact: word(1),
        action: word(2),
        next_at: (kind != UpdateKind::Resolution).then_some(time),
        components: vec![ComponentNote {
            name: word(1),
            state: ComponentState::Operational,
        }],
        closure: (kind == UpdateKind::Resolution).then(|| Closure {
            cause: word(0),
            prevention: word(1),
            impact_from: time,
            impact_to: time,
        }),
        corrects: None,
    };
    Command::PublishUpdate {
        text,
        after: None,
        excuses: Vec::new(),
    }
}

/// The random sequences are worth something only if they get far.
#[test]
fn a_sequence_from_a_closed_incident_can_be_reopened_and_closed_again() {
    let mut room = begin(6);
    assert_eq!(room.incident.status, Status::Closed);
    room.ok(
        &ana(),
        Command::MoveBack {
            to: Status::Active,
            reason: "Back".to_owned(),
        },
    );
    room.wait(5);
    room.ok(
        &ana(),
        Command::PublishUpdate {
            after: room.incident.updates.last().map(|u| u.id),
            text: update_text(UpdateKind::Progress, room.now, 60),
            excuses: Vec::new(),
        },
    );
    room.moves_to(Status::Closed);
    assert_sound(&room);
    look_at_everything(&room);
    let moved = room
        .log
        .iter()
        .filter(|r| matches!(r.event, Event::StatusMoved { .. }))
        .count();
    assert_eq!(moved, 8);
}
