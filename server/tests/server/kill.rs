//! S2, and "Done when" 3 of issue 2: the server is killed again and again under load, and every
//! acknowledged command is there once.

use crate::commands::entry;
use crate::program::{Place, client};
use crate::site::{FORM, cookie_of, envelope};
use app::api::{Answer, Outcome, Pulled, Pushed, Snapshot};
use domain::{CommandId, Envelope, IncidentId, Record, Time};
use reqwest::Client;
use serde_json::json;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// After how many acknowledged pushes each round kills.
const ROUNDS: [u64; 9] = [1, 40, 7, 90, 23, 3, 150, 61, 12];
const WRITERS: usize = 8;
/// Longer than everything takes; only a hang waits so long.
const PATIENCE: Duration = Duration::from_secs(300);

/// A signed-in client of the server that runs just now.
#[derive(Clone)]
struct Seat {
    client: Client,
    url: String,
    cookie: String,
}

impl Seat {
    async fn call<T: serde::de::DeserializeOwned>(
        &self,
        function: &str,
        arguments: &serde_json::Value,
    ) -> reqwest::Result<T> {
        let request = self.client.post(format!("{}/sync/{function}", self.url));
        let response = request
            .header("cookie", &self.cookie)
            .json(arguments)
            .send()
            .await?;
        let status = response.status();
        // A server that answers at all must not refuse any of this.
        assert!(
            status.is_success() || status.is_server_error(),
            "{}",
            response.text().await?
        );
        response.error_for_status()?.json().await
    }

    async fn push(&self, commands: &[Envelope]) -> reqwest::Result<Vec<Answer>> {
        // Only the answers matter here: nothing is after the end of the log.
        let pushed: Pushed = self
            .call("push", &json!({ "since": u32::MAX, "commands": commands }))
            .await?;
        Ok(pushed.answers)
    }

    /// How often each command's events are on the log.
    async fn everything(&self) -> HashMap<CommandId, usize> {
        let (mut since, mut counted) = (0, HashMap::new());
        loop {
            let pulled: Pulled = self.call("pull", &json!({ "since": since })).await.unwrap();
            for event in &pulled.events {
                assert_eq!(event.seq, since + 1, "no gap in the log");
                since = event.seq;
                *counted.entry(event.command).or_insert(0) += 1;
            }
            if !pulled.more {
                return counted;
            }
        }
    }
}

/// What the writers sent and what was acknowledged.
#[derive(Default)]
struct Book {
    sent: Vec<Envelope>,
    acknowledged: HashSet<CommandId>,
}

/// Pushes one or two entries at a time until nobody answers.
async fn write(seat: Seat, incident: IncidentId, now: Time, acks: Arc<watch::Sender<u64>>) -> Book {
    let mut book = Book::default();
    for n in 0.. {
        let commands: Vec<_> = (0..=n % 2)
            .map(|_| envelope(incident, now, entry("Watched the error rate")))
            .collect();
        book.sent.extend_from_slice(&commands);
        let Ok(answers) = seat.push(&commands).await else {
            break;
        };
        assert_eq!(answers.len(), commands.len());
        assert!(
            answers.iter().all(|a| a.outcome == Outcome::Accepted),
            "{answers:?}"
        );
        book.acknowledged.extend(answers.iter().map(|a| a.command));
        acks.send_modify(|acks| *acks += 1);
    }
    book
}

/// Lets the writers write until so many pushes were acknowledged, then kills.
async fn round(place: &Place, cookie: Option<&str>, kill_after: u64, all: &mut Book) -> String {
    let mut running = place.serve(&["--demo"]);
    let client = client();
    let cookie = match cookie {
        Some(cookie) => cookie.to_owned(),
        None => {
            let person = server::demo::people()[0].person.id;
            let door = client
                .post(format!("{}/sign-in", running.url))
                .header("content-type", FORM);
            cookie_of(&door.body(format!("person={person}")).send().await.unwrap()).unwrap()
        }
    };
    let seat = Seat {
        client,
        url: running.url.clone(),
        cookie: cookie.clone(),
    };
    all_is_there_once(&seat, all).await;

    let snapshot: Snapshot = seat
        .call("snapshot", &json!({ "number": null }))
        .await
        .unwrap();
    let incident = snapshot
        .incidents
        .iter()
        .filter_map(Record::fold)
        .find(|i| i.declared.is_some())
        .unwrap()
        .id;
    let acks = Arc::new(watch::Sender::new(0));
    let mut writers = JoinSet::new();
    for _ in 0..WRITERS {
        writers.spawn(write(
            seat.clone(),
            incident,
            snapshot.now,
            Arc::clone(&acks),
        ));
    }
    acks.subscribe()
        .wait_for(|acks| *acks >= kill_after)
        .await
        .unwrap();
    running.kill();
    for book in writers.join_all().await {
        all.sent.extend(book.sent);
        all.acknowledged.extend(book.acknowledged);
    }
    let verified = place.run(&["verify"]);
    assert!(verified.status.success(), "{verified:?}");
    cookie
}

/// What was acknowledged is on the log once; what was not is there once or not at all, and once
/// after it was sent again.
async fn all_is_there_once(seat: &Seat, all: &mut Book) {
    let found = seat.everything().await;
    for id in &all.acknowledged {
        assert_eq!(found.get(id), Some(&1), "acknowledged {id}");
    }
    for chunk in all.sent.chunks(200) {
        let answers = seat.push(chunk).await.unwrap();
        assert!(
            answers
                .iter()
                .zip(chunk)
                .all(|(answer, sent)| answer.command == sent.id)
        );
        assert!(
            answers.iter().all(|a| a.outcome == Outcome::Accepted),
            "the same answer again"
        );
    }
    let found = seat.everything().await;
    for envelope in &all.sent {
        assert_eq!(
            found.get(&envelope.id),
            Some(&1),
            "sent again {}",
            envelope.id
        );
        all.acknowledged.insert(envelope.id);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_acknowledged_command_survives_every_kill_and_is_there_once() {
    let story = async {
        let place = Place::new();
        let mut all = Book::default();
        let mut cookie: Option<String> = None;
        for kill_after in ROUNDS {
            // The session of the first round lasts: it is on disk too.
            cookie = Some(round(&place, cookie.as_deref(), kill_after, &mut all).await);
        }
        let running = place.serve(&["--demo"]);
        let seat = Seat {
            client: client(),
            url: running.url.clone(),
            cookie: cookie.unwrap(),
        };
        all_is_there_once(&seat, &mut all).await;
        assert!(all.acknowledged.len() as u64 >= ROUNDS.iter().sum::<u64>());
        let stopped = tokio::task::spawn_blocking(move || running.stop())
            .await
            .unwrap();
        assert!(stopped, "it ends well when asked to");
        assert!(place.run(&["verify"]).status.success());
    };
    tokio::time::timeout(PATIENCE, story)
        .await
        .expect("something hangs");
}
