//! What is asked is done, once and in order.

use super::Place;
use super::asks::{
    all_accepted, declare, declare_at, entry, envelope, new_incident, past, person, push, report,
};
use super::trouble::Fails;
use crate::clock::{ServerClock, TOLERANCE};
use crate::log::QUEUE_MAX;
use crate::log::batch::Ask;
use crate::log::writer::Push;
use app::api::{ApiError, Outcome};
use chrono::{Duration, TimeZone, Utc};
use domain::{Command, Envelope, Event, IncidentId, Refusal, Time};
use std::collections::HashSet;
use tokio::task::JoinSet;

#[tokio::test]
async fn a_push_to_many_incidents_that_are_not_in_memory_holds_nobody_else_up() {
    let place = Place::new().await;
    let incident = new_incident();
    place.push_one(declare(incident)).await;
    let asks = |count: usize| -> Vec<Envelope> {
        (0..count).map(|_| entry(new_incident(), "x")).collect()
    };
    let held = place.store.hold_logs().await;
    let log = place.log.clone();
    let commands = asks(60);
    let slow = tokio::spawn(async move { log.push(person(1), commands).await });
    place.store.are_logs_held().await;
    assert_eq!(
        place.push_one(entry(incident, "y")).await,
        Outcome::Accepted
    );
    assert!(!slow.is_finished());
    drop(held);
    let answers = slow.await.unwrap().unwrap();
    assert_eq!(answers.len(), 60);
    let too_many = place.log.push(person(1), asks(65)).await.unwrap_err();
    assert!(
        matches!(too_many, ApiError::BadRequest { .. }),
        "{too_many}"
    );
    place.memory_is_the_log().await;
}

#[tokio::test]
async fn what_was_read_for_a_push_and_has_moved_on_since_is_read_again() {
    let place = Place::new().await;
    let incident = new_incident();
    let late = entry(incident, "late");
    let stale = place.log.preloaded(std::slice::from_ref(&late)).await;
    // So many that the first is not in memory any more.
    for id in std::iter::once(incident).chain((0..40).map(|_| new_incident())) {
        let reason = "Noise".to_owned();
        place.push_one(report(id)).await;
        place
            .push_one(envelope(id, Command::DismissReport { reason }))
            .await;
    }
    let (mut push, answer) = Push::new(vec![Ask {
        actor: person(1),
        envelope: late,
        at: None,
        of_session: true,
        from: String::new(),
    }]);
    push.preloaded = stale.unwrap();
    assert!(place.log.queue.send(push).await.is_ok());
    let answers = answer.await.unwrap().unwrap();
    let Outcome::Refused { refusal } = &answers[0].outcome else {
        panic!("{answers:?}");
    };
    assert!(refusal.to_string().contains("was dismissed"), "{refusal}");
}

#[tokio::test]
async fn what_is_pushed_is_seen_and_stays() {
    let place = Place::new().await;
    let (a, b) = (new_incident(), new_incident());
    let head = place.log.subscribe();
    let answers = place
        .log
        .push(person(1), vec![report(b), declare(a), entry(a, "Looked")])
        .await;
    all_accepted(&answers.unwrap());
    assert_eq!(*head.borrow(), 4);
    let pulled = place.log.pull(0, None).await.unwrap();
    let kinds: Vec<String> = pulled
        .events
        .iter()
        .map(|r| r.event.kind().to_owned())
        .collect();
    assert_eq!(
        kinds,
        ["reported.1", "declared.2", "numbered.1", "entry_logged.1"]
    );
    assert_eq!((pulled.head, pulled.more), (4, false));
    place.memory_is_the_log().await;

    let before = place.log.pull(0, None).await.unwrap().events;
    let place = place.restarted().await;
    assert_eq!(place.log.pull(0, None).await.unwrap().events, before);
    place.memory_is_the_log().await;
    assert_eq!(
        place.push_one(entry(a, "Still there")).await,
        Outcome::Accepted
    );
    place.memory_is_the_log().await;
}

#[tokio::test]
async fn nothing_asked_is_nothing_done() {
    let place = Place::new().await;
    assert_eq!(place.log.push(person(1), Vec::new()).await.unwrap(), []);
    assert_eq!(place.log.replay_all(Vec::new()).await.unwrap(), []);
    assert_eq!(place.store.appends(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_sent_by_many_at_once_acts_once() {
    let place = Place::new().await;
    let incident = new_incident();
    let declaration = declare(incident);
    let twice = vec![
        declaration.clone(),
        entry(incident, "Once"),
        declaration.clone(),
    ];
    let mut senders = JoinSet::new();
    for _ in 0..50 {
        let (log, commands) = (place.log.clone(), twice.clone());
        senders.spawn(async move { log.push(person(1), commands).await.unwrap() });
    }
    let answers = senders.join_all().await;
    for answer in &answers {
        all_accepted(answer);
        assert_eq!(
            answer.iter().map(|a| a.command).collect::<Vec<_>>(),
            twice.iter().map(|e| e.id).collect::<Vec<_>>()
        );
    }
    assert_eq!(place.log.head(), 3, "declared, numbered, logged");
    let place = place.restarted().await;
    all_accepted(&place.log.push(person(1), twice).await.unwrap());
    assert_eq!(place.log.head(), 3);
    place.memory_is_the_log().await;
}

#[tokio::test]
async fn a_refusal_is_remembered_word_for_word() {
    let place = Place::new().await;
    let incident = new_incident();
    let early = entry(incident, "Before there is an incident");
    let refused = Outcome::Refused {
        refusal: Refusal::NoSuchIncident,
    };
    assert_eq!(place.push_one(early.clone()).await, refused);
    assert_eq!(place.log.head(), 0);
    assert_eq!(place.push_one(declare(incident)).await, Outcome::Accepted);
    // By now it would be accepted; but it has had its answer.
    assert_eq!(place.push_one(early.clone()).await, refused);
    let place = place.restarted().await;
    assert_eq!(place.push_one(early).await, refused);
    assert_eq!(
        place.push_one(entry(incident, "Again")).await,
        Outcome::Accepted
    );
    place.memory_is_the_log().await;
}

#[tokio::test]
async fn nobody_speaks_under_the_id_of_another() {
    let place = Place::new().await;
    let incident = new_incident();
    let declaration = declare(incident);
    assert_eq!(place.push_one(declaration.clone()).await, Outcome::Accepted);
    let theirs = vec![entry(incident, "Mine"), declaration];
    let error = place.log.push(person(2), theirs.clone()).await.unwrap_err();
    assert!(matches!(error, ApiError::BadRequest { .. }), "{error:?}");
    assert_eq!(place.log.head(), 2, "nothing of that push was done");
    let place = place.restarted().await;
    let error = place.log.push(person(2), theirs).await.unwrap_err();
    assert!(matches!(error, ApiError::BadRequest { .. }), "{error:?}");

    // Also when both come in one batch.
    let shared = entry(incident, "Whose?");
    let gate = place.store.hold().await;
    let first = tokio::spawn(push(&place.log, 1, entry(incident, "Held")));
    place.store.is_held().await;
    let (one, two) = (
        push(&place.log, 1, shared.clone()),
        push(&place.log, 2, shared),
    );
    let both = tokio::spawn(async { tokio::join!(one, two) });
    tokio::task::yield_now().await;
    drop(gate);
    all_accepted(&first.await.unwrap().unwrap());
    let (one, two) = both.await.unwrap();
    all_accepted(&one.unwrap());
    assert!(matches!(two, Err(ApiError::BadRequest { .. })), "{two:?}");
    place.memory_is_the_log().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_is_written_in_one_transaction() {
    let place = Place::new().await;
    let incident = new_incident();
    place.push_one(declare(incident)).await;
    let before = place.store.appends();
    let gate = place.store.hold().await;
    let mut senders = JoinSet::new();
    senders.spawn(push(&place.log, 1, entry(incident, "first")));
    place.store.is_held().await;
    for n in 0..100 {
        senders.spawn(push(&place.log, n, entry(incident, "waiting")));
    }
    // Each has put its command into the queue before the gate opens.
    while place.log.queue.capacity() > QUEUE_MAX - 100 {
        tokio::task::yield_now().await;
    }
    drop(gate);
    for answers in senders.join_all().await {
        all_accepted(&answers.unwrap());
    }
    assert_eq!(place.store.appends() - before, 2);
    place.memory_is_the_log().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn numbers_are_given_in_the_order_of_the_log_without_a_gap() {
    let place = Place::new().await;
    let mut senders = JoinSet::new();
    for n in 0..40 {
        let mut declaration = declare(new_incident());
        if n % 4 == 0 {
            // Refused: takes no number.
            declaration = declare_at(new_incident(), Time::MIN_UTC);
        }
        senders.spawn(push(&place.log, 1, declaration));
    }
    senders.join_all().await;
    place.store.fail_next(Fails::BeforeWriting);
    let lost = declare(new_incident());
    push(&place.log, 1, lost.clone()).await.unwrap_err();
    all_accepted(&push(&place.log, 1, lost).await.unwrap());
    let place = place.restarted().await;
    place.push_one(declare(new_incident())).await;

    let mut names = HashSet::new();
    let mut serials = Vec::new();
    for recorded in place.all_events().await {
        if let Event::Numbered { number, public_id } = recorded.event {
            serials.push(number.serial);
            assert_eq!(public_id.0.len(), 10);
            assert!(
                public_id
                    .0
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
            );
            assert!(names.insert(public_id));
        }
    }
    assert_eq!(serials, (1..=32).collect::<Vec<_>>());
    place.memory_is_the_log().await;
}

#[tokio::test]
async fn each_year_counts_anew() {
    let place = Place::new().await;
    let new_year = |hour| Utc.with_ymd_and_hms(2026, 1, 1, hour, 0, 0).unwrap();
    let times = [
        new_year(0) - Duration::hours(2),
        new_year(0) - Duration::hours(1),
        new_year(0),
        new_year(1),
    ];
    let replay = times
        .map(|at| (person(1), declare_at(new_incident(), at), at))
        .to_vec();
    all_accepted(&place.log.replay_all(replay).await.unwrap());
    let numbers: Vec<String> = place
        .all_events()
        .await
        .into_iter()
        .filter_map(|r| match r.event {
            Event::Numbered { number, .. } => Some(number.to_string()),
            _ => None,
        })
        .collect();
    assert_eq!(
        numbers,
        [
            "INC-2025-0001",
            "INC-2025-0002",
            "INC-2026-0001",
            "INC-2026-0002"
        ]
    );
}

#[tokio::test]
async fn a_clock_that_goes_back_does_not_reorder_the_log() {
    let place = Place::new().await;
    let incident = new_incident();
    // As far as a clock may stand before the log and be believed.
    let ahead = ServerClock::default().now() + TOLERANCE;
    let declaration = declare_at(incident, ahead);
    let answer = place
        .log
        .replay(person(1), declaration, ahead)
        .await
        .unwrap();
    assert_eq!(answer.outcome, Outcome::Accepted);
    place.push_one(entry(incident, "The clock is back")).await;
    place
        .log
        .replay(person(1), entry(incident, "Back more"), past(1))
        .await
        .unwrap();
    let place = place.restarted().await;
    place.push_one(entry(incident, "Still back")).await;
    let times: Vec<Time> = place.all_events().await.iter().map(|r| r.at).collect();
    assert_eq!(times, [ahead; 5]);
    place.memory_is_the_log().await;
}

/// Only a replay, which brings its own times, writes on.
#[tokio::test]
async fn nothing_is_written_while_the_clock_stands_far_before_the_log() {
    let place = Place::new().await;
    let incident = new_incident();
    let ahead = ServerClock::default().now() + Duration::hours(3);
    let declaration = declare_at(incident, ahead);
    let answer = place.log.replay(person(1), declaration, ahead).await;
    assert_eq!(answer.unwrap().outcome, Outcome::Accepted);
    let error = push(&place.log, 1, entry(incident, "Now")).await;
    assert!(
        matches!(error, Err(ApiError::Unavailable { .. })),
        "{error:?}"
    );
    let place = place.restarted().await;
    let error = push(&place.log, 1, entry(incident, "After a restart")).await;
    assert!(
        matches!(error, Err(ApiError::Unavailable { .. })),
        "{error:?}"
    );
    assert_eq!(place.log.head(), 2);
}

/// One event, and all that memory and store say is of the times that count since.
#[tokio::test]
async fn a_clock_that_is_confirmed_takes_what_was_stamped_ahead_for_now() {
    let place = Place::new().await;
    let (early, late) = (new_incident(), new_incident());
    let now = ServerClock::default().now();
    let ahead = now + Duration::hours(3);
    let replay = vec![
        (person(1), declare_at(early, past(1)), past(1)),
        (person(1), entry(early, "In time"), past(1)),
        (person(1), entry(early, "Ahead"), ahead),
        (person(1), declare_at(late, ahead), ahead),
    ];
    all_accepted(&place.log.replay_all(replay).await.unwrap());
    let head = place.log.head();
    place.log.confirm_clock(person(1), now).await.unwrap();
    let denied = place.log.confirm_clock(person(2), now).await;
    assert_eq!(denied, Err(ApiError::SignedOut), "no administrator");
    assert_eq!(place.log.head(), head + 1);
    let events = place.all_events().await;
    let (at, confirmed) = (events.last().unwrap().at, &events.last().unwrap().event);
    assert_eq!(
        *confirmed,
        Event::ClockConfirmed {
            log_at: Some(ahead)
        }
    );
    assert!(at < ahead);
    let times: Vec<_> = events.iter().map(|r| (r.at, r.stamped_at)).collect();
    let corrected = (at, Some(ahead));
    let kept = (past(1), None);
    assert_eq!(
        times,
        [
            kept,
            kept,
            kept,
            corrected,
            corrected,
            corrected,
            (at, None)
        ]
    );
    assert_eq!(
        place.log.live()[&late]
            .declared
            .as_ref()
            .unwrap()
            .impact_began_at,
        at
    );
    place.memory_is_the_log().await;
    all_accepted(&push(&place.log, 1, entry(late, "Now")).await.unwrap());
    place.memory_is_the_log().await;
    let place = place.restarted().await;
    all_accepted(
        &push(&place.log, 1, entry(early, "After a restart"))
            .await
            .unwrap(),
    );
    place.memory_is_the_log().await;
}

/// The answer to the commit is lost, or the store fails before it.
#[tokio::test]
async fn a_confirmation_whose_answer_is_lost_counts_all_the_same() {
    for (how, written) in [(Fails::BeforeWriting, false), (Fails::AfterWriting, true)] {
        let place = Place::new().await;
        let incident = new_incident();
        let now = ServerClock::default().now();
        let ahead = now + Duration::hours(3);
        let replay = place
            .log
            .replay(person(1), declare_at(incident, ahead), ahead);
        replay.await.unwrap();
        place.store.fail_next(how);
        let error = place.log.confirm_clock(person(1), now).await;
        assert!(
            matches!(error, Err(ApiError::Unavailable { .. })),
            "{error:?}"
        );
        if !written {
            place.log.confirm_clock(person(1), now).await.unwrap();
        }
        all_accepted(&push(&place.log, 1, entry(incident, "Now")).await.unwrap());
        assert!(place.log.live()[&incident].declared.as_ref().unwrap().at < ahead);
        place.memory_is_the_log().await;
    }
}

fn cadence(incident: IncidentId, every_min: u32, made_at: Time) -> Envelope {
    let reason = "Agreed".to_owned();
    let command = Command::ChangeCadence { every_min, reason };
    Envelope {
        made_at,
        ..envelope(incident, command)
    }
}

#[tokio::test]
async fn who_is_honest_is_heard_while_a_clock_that_was_set_back_catches_up() {
    let place = Place::new().await;
    let incident = new_incident();
    let cadence = |every_min, made_at| cadence(incident, every_min, made_at);
    let now = ServerClock::default().now();
    let ahead = now + TOLERANCE;
    let before = vec![
        (person(1), declare_at(incident, ahead), ahead),
        (person(1), cadence(60, ahead), ahead),
    ];
    all_accepted(&place.log.replay_all(before).await.unwrap());
    all_accepted(&push(&place.log, 2, cadence(90, now)).await.unwrap());
    place.memory_is_the_log().await;
}

#[tokio::test]
async fn when_it_was_made_is_believed_within_bounds() {
    let place = Place::new().await;
    let incident = new_incident();
    let at = past(20);
    let claims = [
        (at - Duration::minutes(3), at - Duration::minutes(3)),
        (
            at - Duration::nanoseconds(1_999_999),
            at - Duration::milliseconds(2),
        ),
        (at + Duration::minutes(3), at),
        (at - Duration::days(31), at - Duration::days(30)),
        (Time::MIN_UTC, at - Duration::days(30)),
        (Time::MAX_UTC, at),
    ];
    let mut replay = vec![(person(1), declare_at(incident, at), at)];
    replay.extend(claims.map(|(made_at, _)| {
        (
            person(1),
            Envelope {
                made_at,
                ..entry(incident, "x")
            },
            at,
        )
    }));
    all_accepted(&place.log.replay_all(replay).await.unwrap());
    let recorded: Vec<Time> = place.all_events().await[2..]
        .iter()
        .map(|r| r.made_at)
        .collect();
    assert_eq!(recorded, claims.map(|(_, expected)| expected));
    place.memory_is_the_log().await;
}

/// The device was without a network: somebody else's newer word is not replaced unseen.
#[tokio::test]
async fn what_was_made_before_a_newer_value_comes_back_to_its_author() {
    let place = Place::new().await;
    let (incident, at) = (new_incident(), past(2));
    let cadence = |every_min, made_at| cadence(incident, every_min, made_at);
    let minutes = Duration::minutes;
    let asked = vec![
        (person(1), declare_at(incident, at), at),
        (person(1), cadence(60, at + minutes(9)), at + minutes(9)),
        (person(2), cadence(90, at + minutes(8)), at + minutes(20)),
        (person(2), cadence(45, at + minutes(21)), at + minutes(21)),
    ];
    let answers = place.log.replay_all(asked).await.unwrap();
    all_accepted(&[answers[0].clone(), answers[1].clone(), answers[3].clone()]);
    let Outcome::Refused { refusal } = &answers[2].outcome else {
        panic!("{:?}", answers[2]);
    };
    let why = refusal.to_string();
    assert!(
        why.starts_with(
            "Person 1 set the cadence to 60 min, where yours says 90 min, at 10:09 UTC"
        ),
        "{why}"
    );
    place.memory_is_the_log().await;
}
