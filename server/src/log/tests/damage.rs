//! A byte of the database was changed: that incident is marked and left alone, everything else goes on.

use super::Place;
use super::asks::{
    all_accepted, declare, entry, envelope, new_incident, past, person, push, update, whole_life,
};
use crate::clock::ServerClock;
use crate::store::Store as _;
use app::api::{ApiError, Outcome};
use app::replica::core::{Absorbed, Core};
use domain::public::{PublicIncident, PublicView, Reader};
use domain::update::UpdateKind;
use domain::{Command, Event, IncidentId, Person, Policy, Refusal};
use sqlx::ConnectOptions as _;
use sqlx::sqlite::SqliteConnectOptions;

/// What a changed byte can make of an event: a part of SQL that sets one column.
const DAMAGES: [&str; 11] = [
    "body = substr(body, 2)",
    "body = 'x' || body",
    "body = replace(body, 'data', 'dato')",
    "body = replace(body, 'kind', 'sort')",
    "body = CAST(x'7b22ff' AS TEXT)",
    "body = '7'",
    "kind = 'x' || kind",
    "person_name = CAST(x'416eff' AS TEXT)",
    "at_ms = 9000000000000000000",
    "hash = zeroblob(32)",
    "incident = x'01234567890123456789012345678901'",
];

fn me() -> Person {
    Person {
        id: person(1).id,
        name: "Person 1".to_owned(),
        title: String::new(),
        administrator: true,
    }
}

/// Stops the server, changes one event behind its back, and starts it again.
async fn damaged(place: Place, incident: IncidentId, version: i64, damage: &str) -> Place {
    place.log.shutdown().await;
    place.store.close().await;
    let file = place.folder.path().join("drumbeat.db");
    let mut file = SqliteConnectOptions::new()
        .filename(file)
        .connect()
        .await
        .unwrap();
    let trigger = "DROP TRIGGER IF EXISTS events_are_never_changed";
    sqlx::raw_sql(trigger).execute(&mut file).await.unwrap();
    let change = format!("UPDATE events SET {damage} WHERE incident = ?1 AND version = ?2");
    let changed = sqlx::query(sqlx::AssertSqlSafe(change))
        .bind(incident.0.as_bytes().as_slice())
        .bind(version)
        .execute(&mut file)
        .await
        .unwrap();
    assert_eq!(changed.rows_affected(), 1, "{damage}");
    sqlx::Connection::close(file).await.unwrap();
    place.restarted().await
}

fn refusal(outcome: Outcome) -> Refusal {
    match outcome {
        Outcome::Refused { refusal } => refusal,
        Outcome::Accepted => panic!("it was accepted"),
    }
}

/// Everything but the damaged incident works.
async fn the_rest_is_served(place: &Place, damaged: IncidentId, other: IncidentId, damage: &str) {
    place.log.ready().await.unwrap();
    assert!(place.log.live()[&other].unreadable.is_none(), "{damage}");
    // One push with both: the one is refused with what to do, the others are carried out.
    let commands = vec![
        entry(other, "Before"),
        entry(damaged, "To the damaged one"),
        entry(other, "After"),
        declare(new_incident()),
    ];
    let mut answers = place.log.push(person(1), commands).await.unwrap();
    let why = refusal(answers.remove(1).outcome).to_string();
    assert!(
        why.contains("damaged") && why.contains("Event "),
        "{damage}: {why}"
    );
    all_accepted(&answers);
    // Browsers start and follow.
    let snapshot = place.log.snapshot(me(), None).await.unwrap();
    let mut core = Core::new(snapshot);
    place.push_one(entry(other, "Meanwhile")).await;
    let pulled = place
        .log
        .pull(core.head, core.hash.as_deref())
        .await
        .unwrap();
    assert_eq!(core.absorb(pulled), Absorbed::InStep, "{damage}");
    assert_eq!(core.shown()[&other], place.log.live()[&other], "{damage}");
    // Whoever was away for long pulls all of it.
    let mut since = 0;
    loop {
        let pulled = place.log.pull(since, None).await.unwrap();
        assert_eq!(pulled.events[0].seq, since + 1, "{damage}");
        since = pulled.events.last().unwrap().seq;
        if !pulled.more {
            break;
        }
    }
    assert_eq!(since, place.log.head());
}

#[tokio::test]
async fn damaged_event_of_a_live_incident_marks_it_and_stops_nothing_else() {
    for damage in DAMAGES {
        for version in [1, 2, 5] {
            let place = Place::new().await;
            let (bad, other) = (new_incident(), new_incident());
            place.push_one(declare(bad)).await;
            place.push_one(declare(other)).await;
            let now = ServerClock::default().now();
            place
                .push_one(update(bad, UpdateKind::First, now, None))
                .await;
            for text in ["One", "Two"] {
                place.push_one(entry(bad, text)).await;
            }
            let seq = place.all_events().await;
            let seq = seq
                .iter()
                .filter(|r| r.incident == bad)
                .nth(version - 1)
                .unwrap()
                .seq;
            let place = damaged(place, bad, version as i64, damage).await;
            let marked = place.log.live()[&bad].unreadable;
            let gone = damage.starts_with("incident");
            assert!(
                marked == Some(seq) || (gone && marked.is_some()),
                "{damage} {version}"
            );
            the_rest_is_served(&place, bad, other, damage).await;
            assert!(!place.store.verify().await.unwrap().faults.is_empty());
            // It is so again after the next start.
            let place = place.restarted().await;
            assert!(place.log.live()[&bad].unreadable.is_some());
        }
    }
}

#[tokio::test]
async fn customers_hear_that_an_incident_cannot_be_shown_also_where_their_updates_are_lost() {
    for version in [1, 2, 3, 4] {
        let place = Place::new().await;
        let (bad, untold) = (new_incident(), new_incident());
        for id in [bad, untold] {
            place.push_one(declare(id)).await;
        }
        let now = ServerClock::default().now();
        let first = update(bad, UpdateKind::First, now, None);
        place.push_one(first).await;
        for id in [bad, untold] {
            place.push_one(entry(id, "One")).await;
        }
        let last = place.log.live()[&untold].version;
        let place = damaged(place, bad, version, "body = '7'").await;
        let place = damaged(place, untold, last.cast_signed(), "body = '7'").await;
        let published = place.log.published();
        let told = published.iter();
        let told = told.filter_map(|i| PublicIncident::of(i, &Reader::Public));
        let told: Vec<PublicIncident> = told.collect();
        assert_eq!(told.len(), 1, "{version}: and nothing of the untold one");
        assert!(told[0].is_damaged, "{version}");
        let view = PublicView::of(told, &Policy::default(), now);
        let headline = view.current[0].headline();
        assert_eq!(headline, "This incident cannot be shown at the moment.");
    }
}

#[tokio::test]
async fn damaged_incident_is_over_only_where_its_record_says_that_it_is_closed() {
    for closed in [false, true] {
        let place = Place::new().await;
        let bad = new_incident();
        let mut life = whole_life(bad, past(3));
        let close = life.pop().unwrap();
        assert!(matches!(close.1.command, Command::MoveStatus { .. }));
        all_accepted(&place.log.replay_all(life).await.unwrap());
        if closed {
            all_accepted(&place.log.replay_all(vec![close]).await.unwrap());
        }
        let last = place.all_events().await;
        let last = last.iter().filter(|r| r.incident == bad);
        // Something between the resolution update and the closing.
        let lost = last
            .rev()
            .find(|r| matches!(r.event, Event::FollowUpPlanned { .. }));
        let version = lost.unwrap().version;
        let place = damaged(place, bad, version.cast_signed(), "body = '7'").await;
        let number = "INC-2026-0001".parse().unwrap();
        let (_, incident) = place.log.incident(number).await.unwrap();
        let public = PublicIncident::of(&incident, &Reader::Public).unwrap();
        assert!(public.is_damaged);
        assert_eq!(public.is_over(), closed);
    }
}

#[tokio::test]
async fn damaged_event_of_a_closed_incident_is_told_to_who_asks_for_it() {
    for damage in DAMAGES {
        let place = Place::new().await;
        let (bad, other) = (new_incident(), new_incident());
        let life = whole_life(bad, past(3));
        all_accepted(&place.log.replay_all(life).await.unwrap());
        place.push_one(declare(other)).await;
        let number = "INC-2026-0001".parse().unwrap();
        let place = damaged(place, bad, 6, damage).await;
        let (_, incident) = place.log.incident(number).await.unwrap();
        assert!(incident.unreadable.is_some(), "{damage}");
        the_rest_is_served(&place, bad, other, damage).await;
        let asked = place.log.snapshot(me(), Some(number)).await.unwrap();
        let core = Core::new(asked);
        assert!(core.shown()[&bad].unreadable.is_some(), "{damage}");
        let opened = place.log.open(number, 0).await.unwrap();
        assert!(!opened.events.is_empty() && !opened.more);
    }
}

#[tokio::test]
async fn damaged_policy_leaves_the_one_before_in_force() {
    for damage in DAMAGES {
        let place = Place::new().await;
        let other = new_incident();
        place.push_one(declare(other)).await;
        let change = |page_name: &str, version| {
            let policy = Policy {
                page_name: page_name.to_owned(),
                version,
                ..Policy::default()
            };
            let command = Command::ChangePolicy {
                policy: Box::new(policy),
                reason: "Renamed".to_owned(),
                after_version: version - 1,
            };
            envelope(IncidentId::SETTINGS, command)
        };
        assert_eq!(
            place.push_one(change("Acme One", 2)).await,
            Outcome::Accepted
        );
        assert_eq!(
            place.push_one(change("Acme Two", 3)).await,
            Outcome::Accepted
        );
        let place = damaged(place, IncidentId::SETTINGS, 2, damage).await;
        assert_eq!(place.log.policy().page_name, "Acme One", "{damage}");
        let why = refusal(place.push_one(change("Acme Three", 3)).await);
        assert!(why.to_string().contains("damaged"), "{damage}: {why}");
        assert_eq!(
            place.push_one(entry(other, "Goes on")).await,
            Outcome::Accepted
        );
    }
}

#[tokio::test]
async fn damaged_answer_of_a_command_is_no_trouble_of_others() {
    let place = Place::new().await;
    let incident = new_incident();
    let sent = declare(incident);
    place.push_one(sent.clone()).await;
    place.log.shutdown().await;
    place.store.close().await;
    let file = place.folder.path().join("drumbeat.db");
    let mut file = SqliteConnectOptions::new()
        .filename(file)
        .connect()
        .await
        .unwrap();
    sqlx::raw_sql(
        "DROP TRIGGER commands_are_never_changed; UPDATE commands SET outcome = substr(outcome, 2)",
    )
    .execute(&mut file)
    .await
    .unwrap();
    sqlx::Connection::close(file).await.unwrap();
    let place = place.restarted().await;
    let both = vec![sent, entry(incident, "Next")];
    let answers: Result<_, ApiError> = place.log.push(person(1), both).await;
    let answers = answers.unwrap();
    assert!(
        refusal(answers[0].outcome.clone())
            .to_string()
            .contains("on the record")
    );
    all_accepted(&answers[1..]);
    all_accepted(
        &push(&place.log, 1, entry(incident, "And on"))
            .await
            .unwrap(),
    );
}
