//! The story that every store must live through, whatever database is under it.

mod accounts;
pub(crate) mod find;
mod people;
mod sweep;

use super::{
    AuditPage, BytesAdded, Decided, Deed, FileFacts, SecretLink, Standing, Store, StoredFile,
    Verified,
};
use app::api::{LinkKind, Outcome};
use chrono::Duration;
use domain::update::{Audience, UpdateKind, UpdateText};
use domain::{
    CommandId, Event, Incident, IncidentId, IncidentNumber, PersonId, PersonRef, PublicId, Record,
    Recorded, Refusal, Severity, Status, Time,
};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::Arc;
use uuid::Uuid;

/// Writes a log by hand: gives out places in it and keeps the fold.
#[derive(Clone, Default)]
pub(crate) struct Scribe {
    seq: u64,
    incidents: BTreeMap<IncidentId, Incident>,
}

impl Scribe {
    /// Events of one accepted command, which has a number of its own.
    pub(crate) fn accepted(
        &mut self,
        command: u128,
        incident: u128,
        events: Vec<Event>,
    ) -> Decided {
        let (command, incident) = (command_id(command), incident_id(incident));
        let state = self
            .incidents
            .entry(incident)
            .or_insert_with(|| Incident::empty(incident));
        let mut recorded = Vec::new();
        for event in events {
            self.seq += 1;
            let at = time(self.seq);
            let made_at = at - Duration::milliseconds(250);
            let version = state.version + 1;
            let r = Recorded {
                seq: self.seq,
                incident,
                version,
                at,
                made_at,
                by: ana(),
                command,
                stamped_at: None,
                event,
            };
            state.apply(&r);
            recorded.push(r);
        }
        let outcome = Outcome::Accepted;
        Decided {
            command,
            person: ana().id,
            incident,
            outcome,
            events: recorded,
            from: String::new(),
        }
    }

    /// Where an incident stands now.
    pub(crate) fn standing(&self, incident: u128) -> Standing {
        Standing::of(&self.incidents[&incident_id(incident)])
    }
}

/// A time for each place in the log, in whole milliseconds.
pub(crate) fn time(seq: u64) -> Time {
    Time::from_timestamp_millis(1_795_000_000_123 + i64::try_from(seq).unwrap() * 60_000).unwrap()
}

pub(crate) fn command_id(n: u128) -> CommandId {
    CommandId(Uuid::from_u128((0x7000 << 64) | n))
}

pub(crate) fn incident_id(n: u128) -> IncidentId {
    IncidentId(Uuid::from_u128((0x7001 << 64) | n))
}

/// Every character that JSON, SQL or C might trip over is in the name.
pub(crate) fn ana() -> PersonRef {
    PersonRef {
        id: PersonId(Uuid::from_u128(7)),
        name: "Ana \"O'Neil\" \\ \u{0} \u{1F9E8} \u{202E}عطل\n</script>".to_owned(),
    }
}

pub(crate) fn declared(title: &str, serial: u32) -> Vec<Event> {
    let number = IncidentNumber { year: 2026, serial };
    vec![
        Event::Declared {
            title: title.to_owned(),
            severity: Severity::Sev1,
            customer_sees: "Nothing.".to_owned(),
            impact_began_at: time(0) - Duration::nanoseconds(1),
            components: vec!["Checkout".to_owned()],
            audience: Audience::Public,
        },
        Event::Numbered {
            number,
            public_id: PublicId(format!("public{serial}")),
        },
    ]
}

pub(crate) fn told(words: &str) -> Vec<Event> {
    let text = UpdateText {
        kind: UpdateKind::First,
        audience: Audience::Public,
        acknowledge: words.to_owned(),
        impact: "Everybody".to_owned(),
        action: "We look".to_owned(),
        next_at: None,
        components: Vec::new(),
        closure: None,
        corrects: None,
    };
    vec![Event::UpdatePublished {
        text,
        cadence_min: 60,
    }]
}

fn unknown() -> Event {
    let text = r#"{"kind":"moon_landed.7","data":{"crew":3,"ratio":0.25,"who":["Neil",null]}}"#;
    serde_json::from_str(text).unwrap()
}

/// The whole story. The store must be empty before; what it holds after is returned.
pub(crate) async fn story(store: Arc<dyn Store>) -> Vec<Recorded> {
    nothing_yet(store.as_ref()).await;
    let mut scribe = Scribe::default();
    let written = incidents_are_written(store.as_ref(), &mut scribe).await;
    what_was_written_is_read(store.as_ref(), &written).await;
    lists_follow_the_standings(store.as_ref(), &mut scribe).await;
    what_does_not_continue_the_log_is_refused(store.as_ref(), &scribe).await;
    people::come_and_go(store.as_ref()).await;
    people::keep_what_was_entrusted(store.as_ref(), &mut scribe).await;
    links_open_until_they_are_revoked(store.as_ref()).await;
    sweep::links_revoked_long_ago_go(store.as_ref()).await;
    sweep::ended_sessions_go(store.as_ref()).await;
    a_file_is_kept_once(store.as_ref()).await;
    accounts::are_kept(store.as_ref()).await;
    let verified = store.verify().await.unwrap();
    let events = store.head().await.unwrap();
    assert_eq!(
        verified,
        Verified {
            events,
            incidents: 5,
            faults: Vec::new()
        }
    );
    store.ready().await.unwrap();
    store.since(0, u32::MAX).await.unwrap()
}

async fn nothing_yet(store: &dyn Store) {
    assert_eq!(store.head().await.unwrap(), 0);
    assert!(store.since(0, 10).await.unwrap().is_empty());
    assert!(store.log(incident_id(1)).await.unwrap().is_empty());
    assert!(store.outcome(command_id(1)).await.unwrap().is_none());
    assert_eq!(store.last_serial(2026).await.unwrap(), 0);
    assert!(store.live().await.unwrap().is_empty());
    assert!(store.published(10).await.unwrap().is_empty());
    assert!(store.closed(10).await.unwrap().is_empty());
    assert_eq!(store.verify().await.unwrap(), Verified::default());
}

/// Four incidents in two transactions: a report, one declared and told of, one closed, one
/// with an event that this build does not know; and a refused command.
async fn incidents_are_written(store: &dyn Store, scribe: &mut Scribe) -> Vec<Decided> {
    let report = Event::Reported {
        what: "Slow".to_owned(),
        source: "Alert".to_owned(),
    };
    let mut batch = vec![
        scribe.accepted(1, 1, vec![report]),
        scribe.accepted(2, 2, declared("Checkout", 1)),
        scribe.accepted(3, 2, told("We see it")),
        scribe.accepted(4, 3, declared("Search", 2)),
    ];
    let standings = [scribe.standing(1), scribe.standing(2), scribe.standing(3)];
    store.append(&batch, &standings).await.unwrap();

    let mut refused = scribe.accepted(5, 9, Vec::new());
    refused.outcome = Outcome::Refused {
        refusal: Refusal::NoSuchIncident,
    };
    let next = vec![
        refused,
        scribe.accepted(6, 3, vec![Event::StatusMoved { to: Status::Closed }]),
        scribe.accepted(7, 4, declared("Newer", 3)),
        scribe.accepted(8, 4, vec![unknown(), unknown()]),
    ];
    store
        .append(&next, &[scribe.standing(3), scribe.standing(4)])
        .await
        .unwrap();
    batch.extend(next);
    batch
}

async fn what_was_written_is_read(store: &dyn Store, written: &[Decided]) {
    let all: Vec<Recorded> = written.iter().flat_map(|d| d.events.clone()).collect();
    assert_eq!(store.head().await.unwrap(), 11);
    assert_eq!(store.since(0, 100).await.unwrap(), all);
    assert_eq!(store.since(4, 3).await.unwrap(), all[4..7]);
    assert!(store.since(11, 100).await.unwrap().is_empty());
    assert!(store.since(u64::MAX, 100).await.unwrap().is_empty());
    for n in 1..=4 {
        let own: Vec<Recorded> = all
            .iter()
            .filter(|r| r.incident == incident_id(n))
            .cloned()
            .collect();
        assert_eq!(store.log(incident_id(n)).await.unwrap(), own);
    }
    records_are_as_of_a_place(store, &all).await;
    for decided in written {
        let known = store.outcome(decided.command).await.unwrap();
        assert_eq!(known, Some((decided.person, decided.outcome.clone())));
    }
    let asked = [command_id(1), command_id(77), command_id(5), command_id(1)];
    let mut known = store.outcomes(&asked).await.unwrap();
    known.sort_by_key(|k| k.command);
    assert_eq!(
        known.iter().map(|k| k.command).collect::<Vec<_>>(),
        [command_id(1), command_id(5)]
    );
    assert!(store.outcomes(&[]).await.unwrap().is_empty());
}

/// Each place in the log is one at which a browser may start.
async fn records_are_as_of_a_place(store: &dyn Store, all: &[Recorded]) {
    for asked in [vec![], vec![3], vec![77, 4, 2, 1, 2]] {
        let ids: Vec<IncidentId> = asked.into_iter().map(incident_id).collect();
        for head in 0..=12 {
            let mut records: BTreeMap<IncidentId, Record> = BTreeMap::new();
            let then = all.iter().filter(|r| r.seq <= head);
            for r in then.filter(|r| ids.contains(&r.incident)) {
                records.entry(r.incident).or_default().push(r.clone());
            }
            let read = store.records(&ids, head).await.unwrap();
            assert_eq!(read, records.into_values().collect::<Vec<_>>(), "{head}");
        }
    }
    let whole = store.records(&[incident_id(2)], u64::MAX).await.unwrap();
    assert_eq!(whole[0].fold().unwrap().version, 3);
}

async fn lists_follow_the_standings(store: &dyn Store, scribe: &mut Scribe) {
    let ids = |numbers: &[u128]| numbers.iter().map(|n| incident_id(*n)).collect::<Vec<_>>();
    assert_eq!(store.last_serial(2026).await.unwrap(), 3);
    assert_eq!(store.last_serial(2027).await.unwrap(), 0);
    let number = IncidentNumber {
        year: 2026,
        serial: 2,
    };
    assert_eq!(store.by_number(number).await.unwrap(), Some(incident_id(3)));
    assert_eq!(
        store
            .by_number(IncidentNumber {
                serial: 9,
                ..number
            })
            .await
            .unwrap(),
        None
    );
    for (name, found) in [
        ("public2", Some(incident_id(3))),
        ("public9", None),
        ("", None),
    ] {
        let name = PublicId(name.to_owned());
        assert_eq!(store.by_public_id(&name).await.unwrap(), found, "{name}");
    }
    assert_eq!(store.live().await.unwrap(), ids(&[1, 2, 4]));
    assert_eq!(store.published(10).await.unwrap(), ids(&[2]));
    let closed = store.closed(10).await.unwrap();
    assert_eq!(closed, [scribe.standing(3).summary.unwrap()]);
    assert_eq!(closed[0].title, "Search");

    // The newest word comes first; the latest closed comes first; what was reopened is live.
    let batch = vec![
        scribe.accepted(10, 4, told("Newer")),
        scribe.accepted(11, 4, vec![Event::StatusMoved { to: Status::Closed }]),
    ];
    store.append(&batch, &[scribe.standing(4)]).await.unwrap();
    assert_eq!(store.live().await.unwrap(), ids(&[1, 2]));
    assert_eq!(store.published(10).await.unwrap(), ids(&[4, 2]));
    assert_eq!(store.published(1).await.unwrap(), ids(&[4]));
    let titles =
        |s: Vec<domain::board::Summary>| s.into_iter().map(|s| s.title).collect::<Vec<_>>();
    assert_eq!(titles(store.closed(10).await.unwrap()), ["Newer", "Search"]);
    assert_eq!(titles(store.closed(1).await.unwrap()), ["Newer"]);
    let back = Event::StatusMovedBack {
        to: Status::Active,
        reason: "Worse".to_owned(),
    };
    let batch = [scribe.accepted(12, 4, vec![back])];
    store.append(&batch, &[scribe.standing(4)]).await.unwrap();
    assert_eq!(store.live().await.unwrap(), ids(&[1, 2, 4]));
    assert_eq!(titles(store.closed(10).await.unwrap()), ["Search"]);
}

/// Whatever a faulty writer sends: nothing of it stays, and the store works on.
async fn what_does_not_continue_the_log_is_refused(store: &dyn Store, scribe: &Scribe) {
    let head = store.head().await.unwrap();
    let good = scribe.clone().accepted(90, 2, told("Next"));
    let standing = |scribe: &Scribe| [scribe.standing(2)];
    let mut wrong = Vec::new();
    for change in [
        |r: &mut Recorded| r.seq += 1,
        |r: &mut Recorded| r.seq -= 1,
        |r: &mut Recorded| r.version += 1,
        |r: &mut Recorded| r.version -= 1,
    ] {
        let mut decided = good.clone();
        change(&mut decided.events[0]);
        wrong.push(decided);
    }
    wrong.push(Decided {
        command: command_id(1),
        ..good.clone()
    });
    for decided in wrong {
        store
            .append(std::slice::from_ref(&decided), &standing(scribe))
            .await
            .unwrap_err();
    }
    store
        .append(std::slice::from_ref(&good), &[])
        .await
        .unwrap_err();
    store
        .append(&[good.clone(), good], &standing(scribe))
        .await
        .unwrap_err();
    assert_eq!(store.head().await.unwrap(), head);
    assert_eq!(store.outcome(command_id(90)).await.unwrap(), None);
    assert!(store.verify().await.unwrap().faults.is_empty());
}

async fn links_open_until_they_are_revoked(store: &dyn Store) {
    let link = |token: u8, kind, target: &str| SecretLink {
        id: 0,
        token_hash: [token; 32],
        kind,
        target: target.to_owned(),
        label: format!("For {token} \u{202E}عطل"),
        made_by: ana(),
        made_at: time(u64::from(token)),
        revoked_at: None,
    };
    let made = [
        link(1, LinkKind::Status, "Orchard"),
        link(2, LinkKind::Status, "Orchard"),
        link(3, LinkKind::Status, "orchard"),
        link(4, LinkKind::Brief, "Orchard"),
    ];
    for link in &made {
        store.add_link(link, "192.0.2.5").await.unwrap();
    }
    store.add_link(&made[0], "").await.unwrap_err();
    let deed = |at| Deed::new(ana(), time(at), "192.0.2.6");
    let of = async |limit| {
        store
            .links(LinkKind::Status, "Orchard", limit)
            .await
            .unwrap()
    };
    let hashes = |links: &[SecretLink]| links.iter().map(|l| l.token_hash[0]).collect::<Vec<_>>();
    let open = store.open_links().await.unwrap();
    assert_eq!(hashes(&open), [1, 2, 3, 4]);
    for (kept, made) in open.iter().zip(&made) {
        let made = SecretLink {
            id: kept.id,
            ..made.clone()
        };
        assert_eq!(kept, &made);
    }
    assert_eq!(hashes(&of(10).await), [2, 1], "the newest first");
    assert_eq!(hashes(&of(1).await), [2]);

    let second = open[1].id;
    let revoked = store.revoke_link(second, &deed(9)).await.unwrap();
    assert_eq!(revoked, Some([2; 32]));
    store.revoke_link(second, &deed(10)).await.unwrap();
    assert_eq!(store.revoke_link(u64::MAX, &deed(9)).await.unwrap(), None);
    assert_eq!(store.revoke_link(77, &deed(9)).await.unwrap(), None);
    let links = of(10).await;
    assert_eq!(hashes(&links), [1, 2], "what opens something first");
    assert_eq!(links[0].revoked_at, None);
    assert_eq!(links[1].revoked_at, Some(time(9)), "the first time counts");
    assert_eq!(hashes(&store.open_links().await.unwrap()), [1, 3, 4]);
    let lines = store.audit(AuditPage::Before(None), 5).await.unwrap();
    let told: Vec<_> = lines
        .iter()
        .map(|l| (l.act.as_str(), l.from.as_str(), l.subject.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            ("revoke-link", "192.0.2.6", "The page of Orchard"),
            ("make-link", "192.0.2.5", "The brief of Orchard"),
            ("make-link", "192.0.2.5", "The page of orchard"),
            ("make-link", "192.0.2.5", "The page of Orchard"),
            ("make-link", "192.0.2.5", "The page of Orchard"),
        ],
        "a second time changes nothing, and is not told"
    );
}

async fn a_file_is_kept_once(store: &dyn Store) {
    let body: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    let file = StoredFile {
        sha256: Sha256::digest(&body).into(),
        name: "graph عطل \u{1F9E8}.png".to_owned(),
        media_type: "image/png".to_owned(),
        body,
        added_by: ana(),
        added_at: time(1),
    };
    assert!(whole(store, &file).await.is_empty());
    store.add_file(&file).await.unwrap();
    let again = StoredFile {
        name: "other.png".to_owned(),
        added_at: time(2),
        ..file.clone()
    };
    store.add_file(&again).await.unwrap();
    let facts = FileFacts {
        sha256: file.sha256,
        name: file.name.clone(),
        media_type: file.media_type.clone(),
        bytes: 100_000,
    };
    let asked = [[0; 32], file.sha256];
    assert_eq!(store.file_facts(&asked).await.unwrap(), [facts]);
    assert_eq!(store.file_facts(&[]).await.unwrap(), []);
    assert_eq!(whole(store, &file).await, file.body);
    let end = store.file_piece(&file.sha256, 99_999, 7).await.unwrap();
    assert_eq!(end, file.body[99_999..]);
    let middle = store.file_piece(&file.sha256, 300, 7).await.unwrap();
    assert_eq!(middle, file.body[300..307]);
    a_file_that_nothing_names_ends(store, file, again).await;
}

async fn a_file_that_nothing_names_ends(store: &dyn Store, file: StoredFile, again: StoredFile) {
    let size = file.body.len() as u64;
    let by_ana = BytesAdded {
        by_person: size,
        by_all: size,
    };
    let (ana, other) = (ana().id, PersonId(uuid::Uuid::from_u128(9)));
    assert_eq!(store.bytes_added(ana, time(0)).await.unwrap(), by_ana);
    let of_others = BytesAdded {
        by_person: 0,
        ..by_ana
    };
    assert_eq!(store.bytes_added(other, time(0)).await.unwrap(), of_others);
    let none = BytesAdded::default();
    assert_eq!(store.bytes_added(ana, time(1)).await.unwrap(), none);
    assert_eq!(store.drop_files(again.added_at, 9).await.unwrap(), 0);
    assert_eq!(whole(store, &file).await, file.body);
    assert_eq!(store.drop_files(time(3), 9).await.unwrap(), 1);
    assert!(whole(store, &file).await.is_empty());
    store.add_file(&file).await.unwrap();
    assert_eq!(
        store.drop_files(time(3), 0).await.unwrap(),
        0,
        "so many at most"
    );
    assert_eq!(whole(store, &file).await, file.body);
}

async fn whole(store: &dyn Store, file: &StoredFile) -> Vec<u8> {
    let all = store.file_piece(&file.sha256, 0, u32::MAX).await;
    all.unwrap()
}
