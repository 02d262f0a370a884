//! The first start with ids of customers, on a log and links that have names.

use super::Place;
use super::asks::{declare, envelope, id, new_incident, past, person};
use crate::links::Page;
use crate::store::{Decided, Deed, PutAccount, SecretLink, Standing, Store};
use app::api::{LinkKind, Outcome};
use chrono::Duration;
use domain::account::{Account, Field, Typed};
use domain::customer::{Bearer, Customer, CustomerId, CustomerRef};
use domain::public::PublicIncident;
use domain::update::{Audience, UpdateKind, UpdateText};
use domain::{
    AccountId, Command, CommandId, Event, Incident, IncidentId, IncidentNumber, PublicId, Recorded,
    Refusal, Severity, Status, Time,
};
use sqlx::ConnectOptions as _;
use sqlx::sqlite::SqliteConnectOptions;
use uuid::{Builder, Uuid};

/// A UUIDv7 of that moment.
pub(super) fn account_id(at: Time, n: u8) -> AccountId {
    let millis = u64::try_from(at.timestamp_millis()).unwrap();
    AccountId(Builder::from_unix_timestamp_millis(millis, &[n; 10]).into_uuid())
}

impl Place {
    pub(super) async fn has_account(&self, id: AccountId, name: &str, replaces: u64, day: u32) {
        let fields = [
            (Field::Name, name),
            (Field::Tier, "Growth"),
            (Field::Currency, "EUR"),
            (Field::AnnualRevenue, "12000"),
            (Field::MonthlyFee, "1000"),
        ];
        let typed = Typed(fields.map(|(field, text)| (field, text.to_owned())).into());
        let account = Account::read(id, &typed, None).unwrap();
        let put = PutAccount { account, replaces };
        let by = Deed::new(person(1), past(day), "");
        assert!(self.store.put_accounts(&[put], &by).await.unwrap());
    }

    /// A link as an older build kept it.
    pub(super) async fn has_link(&self, n: u8, target: &str, made_at: Time) {
        let link = SecretLink {
            id: 0,
            token_hash: [n; 32],
            kind: LinkKind::Status,
            target: target.to_owned(),
            label: String::new(),
            made_by: person(1),
            made_at,
            revoked_at: None,
        };
        self.store.add_link(&link, "").await.unwrap();
    }

    /// An incident as an older build wrote it.
    async fn has_incident(&self, serial: u32, events: Vec<Event>) -> IncidentId {
        let mut seq = self.store.head().await.unwrap();
        let (incident, command) = (new_incident(), CommandId(Uuid::from_u128(id())));
        let numbered = Event::Numbered {
            number: IncidentNumber { year: 2025, serial },
            public_id: PublicId(format!("000000000{serial}")),
        };
        let mut folded = Incident::empty(incident);
        let mut recorded = Vec::new();
        for (version, event) in (1..).zip([declared(), numbered].into_iter().chain(events)) {
            seq += 1;
            recorded.push(Recorded {
                seq,
                incident,
                version,
                at: past(2) + Duration::milliseconds(i64::try_from(seq).unwrap()),
                made_at: past(2),
                by: person(1),
                command,
                stamped_at: None,
                event,
            });
            folded.apply(recorded.last().unwrap());
        }
        let decided = Decided {
            command,
            person: person(1).id,
            incident,
            outcome: Outcome::Accepted,
            events: recorded,
            from: String::new(),
        };
        let standing = Standing::of(&folded);
        self.store.append(&[decided], &[standing]).await.unwrap();
        incident
    }

    /// The server stops, and its database is as an older build left it.
    async fn outdated(self) -> Self {
        self.stopped_with("DROP TABLE upgrades; DELETE FROM _sqlx_migrations WHERE version >= 14")
            .await
    }

    /// The server stops before it writes that all customers have ids.
    async fn unfinished(self) -> Self {
        self.stopped_with("DELETE FROM upgrades").await
    }

    pub(super) async fn stopped_with(self, change: &'static str) -> Self {
        self.log.shutdown().await;
        self.store.close().await;
        let file = self.folder.path().join("drumbeat.db");
        let mut raw = SqliteConnectOptions::new()
            .filename(file)
            .connect()
            .await
            .unwrap();
        sqlx::raw_sql(change).execute(&mut raw).await.unwrap();
        self
    }

    async fn identified(&self, incident: IncidentId) -> Vec<Vec<Bearer>> {
        let log = self.store.log(incident).await.unwrap();
        let events = log.into_iter().map(|r| r.event);
        let bearers = events.filter_map(|event| match event {
            Event::CustomersIdentified { bearers } => Some(bearers),
            _ => None,
        });
        bearers.collect()
    }

    /// What the link of this number opens of this incident.
    pub(super) async fn words(&self, n: u8, incident: IncidentId) -> Vec<String> {
        let links = self.store.open_links().await.unwrap();
        let link = links.iter().find(|link| link.token_hash == [n; 32]);
        let page: Page = link.unwrap().target.parse().unwrap();
        let incident = self.log.incident_by_id(incident).await.unwrap();
        let seen = PublicIncident::of(&incident, &page.reader());
        let updates = seen.map_or_else(Vec::new, |seen| seen.updates);
        updates.into_iter().map(|u| u.acknowledge).collect()
    }
}

fn declared() -> Event {
    Event::Declared {
        title: "Sign-ins".to_owned(),
        severity: Severity::Sev2,
        customer_sees: "Sign-ins".to_owned(),
        impact_began_at: past(2),
        components: Vec::new(),
        audience: Audience::Public,
    }
}

fn told(name: &str, words: &str) -> Event {
    Event::UpdatePublished {
        text: UpdateText {
            kind: UpdateKind::First,
            audience: Audience::Named {
                customers: vec![CustomerRef::by_name(name)],
            },
            acknowledge: words.to_owned(),
            impact: "Some".to_owned(),
            action: "We look".to_owned(),
            next_at: None,
            components: Vec::new(),
            closure: None,
            corrects: None,
        },
        cadence_min: 60,
    }
}

fn noted(name: &str, account: Option<AccountId>) -> Event {
    Event::CustomerKnown {
        customer: Customer {
            name: name.to_owned(),
            account,
            ..Customer::default()
        },
    }
}

#[tokio::test]
async fn names_of_an_older_log_get_ids_once_and_links_open_what_they_opened() {
    let place = Place::new().await;
    let (tallis, taker) = (account_id(past(1), 1), account_id(past(9), 2));
    let (books, old) = (account_id(past(1), 3), account_id(past(1), 4));
    place.has_account(tallis, TALLIS, 0, 1).await;
    place.has_account(books, "Saltmarsh Books", 0, 1).await;
    place.has_account(old, "Pine", 0, 1).await;
    // On the record by account, by name, under a name that nobody bears, and closed.
    let by_account = vec![noted(TALLIS, Some(tallis)), told(TALLIS, "By account.")];
    let by_account = place.has_incident(1, by_account).await;
    let by_name = vec![
        told("Saltmarsh Books", "By name."),
        noted("Saltmarsh Books", None),
    ];
    let by_name = place.has_incident(2, by_name).await;
    let nobody = vec![
        told("Orchrd Bank", "To nobody."),
        Event::StatusMoved { to: Status::Closed },
    ];
    let nobody = place.has_incident(3, nobody).await;
    place.has_link(1, TALLIS, past(3)).await;
    place.has_link(2, "Saltmarsh Books", past(3)).await;
    place.has_link(3, "Orchrd Bank", past(3)).await;
    // Renamed, and the freed name given away; and a name that somebody bears since.
    place.has_account(tallis, "Tallis Journeys", 1, 9).await;
    place.has_account(taker, TALLIS, 0, 9).await;
    // An account that was there before the link, and took the name on it afterwards.
    place.has_link(4, "Kestrel", past(3)).await;
    place.has_account(old, "Kestrel", 1, 9).await;
    let later = place
        .has_incident(
            4,
            vec![noted(TALLIS, Some(taker)), told(TALLIS, "Not theirs.")],
        )
        .await;

    let place = place.outdated().await.restarted().await;
    assert_eq!(
        place.identified(by_account).await,
        Vec::<Vec<Bearer>>::new()
    );
    let bearer = |name: &str, account| Bearer {
        name: name.to_owned(),
        account,
    };
    assert_eq!(
        place.identified(by_name).await,
        [[bearer("Saltmarsh Books", Some(books))]]
    );
    assert_eq!(
        place.identified(nobody).await,
        [[bearer("Orchrd Bank", None)]]
    );
    assert_eq!(place.words(1, by_account).await, ["By account."]);
    assert_eq!(place.words(1, later).await, [""; 0]);
    assert_eq!(place.words(2, by_name).await, ["By name."]);
    assert_eq!(place.words(3, nobody).await, ["To nobody."]);
    let links = place.store.open_links().await.unwrap();
    let targets = links.iter().map(|link| link.target.as_str());
    assert!(targets.into_iter().any(|target| target == "name/Kestrel"));
    let line = place.log.incident_by_id(by_name).await.unwrap();
    assert!(line.customer(CustomerId::Account(books)).is_some());
    place.memory_is_the_log().await;

    // Again, and again after a start that stopped before it wrote that it was done.
    let head = place.log.head();
    let place = place.restarted().await;
    assert_eq!(place.log.head(), head);
    let place = place.unfinished().await.restarted().await;
    assert_eq!(place.log.head(), head);
}

/// Who was changed after the last use of a name may have got the name by that.
#[tokio::test]
async fn account_that_was_changed_since_is_not_said_to_have_borne_a_name() {
    let place = Place::new().await;
    let (same, changed) = (account_id(past(1), 1), account_id(past(1), 2));
    place.has_account(same, "Saltmarsh Books", 0, 1).await;
    place.has_account(changed, "Old name", 0, 1).await;
    let told = vec![told("Saltmarsh Books", "One."), told("Kestrel", "Two.")];
    let incident = place.has_incident(1, told).await;
    place.has_account(changed, "Kestrel", 1, 9).await;
    let place = place.outdated().await.restarted().await;
    let bearer = |name: &str, account| Bearer {
        name: name.to_owned(),
        account,
    };
    assert_eq!(
        place.identified(incident).await,
        [[
            bearer("Kestrel", None),
            bearer("Saltmarsh Books", Some(same))
        ]]
    );
}

const TALLIS: &str = "Tallis Travel";

impl Place {
    /// An account that was noted as Tallis Travel and renamed, after which another one got the name.
    async fn has_two_of_one_name(&self) -> AccountId {
        let (first, second) = (account_id(past(1), 1), account_id(past(1), 2));
        self.has_account(first, TALLIS, 0, 1).await;
        self.has_account(second, "Second", 0, 1).await;
        self.has_incident(1, vec![noted(TALLIS, Some(first))]).await;
        self.has_account(first, "Tallis Group", 1, 3).await;
        self.has_account(second, TALLIS, 1, 3).await;
        first
    }

    async fn opened(&self) -> Vec<u8> {
        let links = self.store.open_links().await.unwrap();
        links.iter().map(|link| link.token_hash[0]).collect()
    }
}

#[tokio::test]
async fn link_that_a_straight_upgrade_may_have_given_to_the_wrong_account_is_revoked() {
    let place = Place::new().await;
    place.has_two_of_one_name().await;
    let other = account_id(past(1), 3);
    place.has_account(other, "Saltmarsh Books", 0, 1).await;
    // It meant the second: the first was renamed the day before.
    place.has_link(1, TALLIS, past(4)).await;
    place.has_link(2, "Saltmarsh Books", past(4)).await;
    let place = place.outdated().await.restarted().await;
    assert_eq!(place.opened().await, [2]);
    let page = crate::store::AuditPage::Before(None);
    let lines = place.store.audit(page, 9).await.unwrap();
    assert_eq!(lines[0].act, crate::store::Act::RevokeLink.word());
    assert_eq!(lines[0].subject, "The page of Tallis Group");
    assert!(place.store.verify().await.unwrap().faults.is_empty());
}

/// Whoever bore the name when the link was made may have another one today.
#[tokio::test]
async fn link_is_revoked_where_the_log_or_the_audit_log_has_another_bearer_of_its_name() {
    let [first, second, alone] = [1, 2, 3].map(|n| account_id(past(1), n));
    let third = account_id(past(6), 4);
    for of_log in [true, false] {
        let place = Place::new().await;
        for (account, name) in [(first, TALLIS), (second, "Second"), (alone, "Pine")] {
            place.has_account(account, name, 0, 1).await;
        }
        let mut events = vec![noted(TALLIS, Some(first)), noted("Pine", Some(alone))];
        if of_log {
            events.push(noted("TALLIS  travel", Some(second)));
        }
        place.has_incident(1, events).await;
        place.has_account(first, "Tallis Group", 1, 3).await;
        place.has_account(second, "tallis travel", 1, 3).await;
        place.has_account(second, "Second", 2, 5).await;
        // Renamed, and nobody else ever had the name.
        place.has_account(alone, "Spruce", 1, 3).await;
        // By the log alone, or by the audit log alone.
        let day = if of_log { 2 } else { 4 };
        let made_at = past(day) + Duration::hours(1);
        place.has_link(1, TALLIS, made_at).await;
        place.has_link(2, "Pine", made_at).await;
        // Whoever came later was not meant.
        place.has_account(third, "Pine", 0, 6).await;
        let place = place.outdated().await.restarted().await;
        assert_eq!(place.opened().await, [2], "of the log: {of_log}");
        let page = crate::store::AuditPage::Before(None);
        let lines = place.store.audit(page, 1).await.unwrap();
        assert_eq!(lines[0].act, crate::store::Act::RevokeLink.word());
        assert_eq!(lines[0].subject, "The page of Tallis Group");
        assert!(place.store.verify().await.unwrap().faults.is_empty());
    }
}

/// What was addressed to the account of this name.
fn told_account(account: AccountId, name: &str) -> Event {
    let mut event = told(name, "Theirs.");
    if let Event::UpdatePublished { text, .. } = &mut event {
        text.audience = Audience::Named {
            customers: vec![
                CustomerRef::by_name("Some Ltd"),
                CustomerRef::new(CustomerId::Account(account), name),
            ],
        };
    }
    event
}

#[tokio::test]
async fn link_is_revoked_where_another_bearer_was_told_something_or_got_its_name_while_the_clock_stood()
 {
    let [first, second] = [1, 2].map(|n| account_id(past(1), n));
    let fresh = account_id(past(2), 3);
    for is_told in [false, true] {
        let place = Place::new().await;
        place.has_account(first, TALLIS, 0, 1).await;
        place.has_account(second, "Second", 0, 1).await;
        // Just before it was noted, as every entry of the record is a few milliseconds later.
        place.has_account(fresh, "Pine", 0, 2).await;
        let mut events = vec![noted(TALLIS, Some(first)), noted("Pine", Some(fresh))];
        if is_told {
            events.push(told_account(second, "TALLIS  travel"));
        }
        place.has_incident(1, events).await;
        let day = if is_told { 3 } else { 2 };
        place.has_account(first, "Tallis Group", 1, day).await;
        place.has_account(second, "tallis travel", 1, day).await;
        place.has_account(second, "Second", 2, 5).await;
        let made_at = past(2) + Duration::hours(1);
        place.has_link(1, TALLIS, made_at).await;
        place.has_link(2, "Pine", made_at).await;
        let place = place.outdated().await.restarted().await;
        assert_eq!(place.opened().await, [2], "told: {is_told}");
        let page = crate::store::AuditPage::Before(None);
        let lines = place.store.audit(page, 1).await.unwrap();
        assert_eq!(lines[0].subject, "The page of Tallis Group");
        assert!(place.store.verify().await.unwrap().faults.is_empty());
    }
}

#[tokio::test]
async fn link_that_was_made_since_customers_have_ids_is_not_revoked() {
    let place = Place::new().await;
    let target = format!("account/{}", place.has_two_of_one_name().await);
    place.has_link(1, &target, past(4)).await;
    place.has_link(2, &target, past(6)).await;
    let day = past(5).format("%Y-%m-%d %H:%M:%S");
    let change = format!(
        "DELETE FROM _sqlx_migrations WHERE version > 14;
         UPDATE _sqlx_migrations SET installed_on = '{day}' WHERE version = 14"
    );
    let place = place.stopped_with(change.leak()).await.restarted().await;
    assert_eq!(place.opened().await, [2]);
}

#[tokio::test]
async fn a_first_start_that_stopped_half_way_goes_on_where_it_was() {
    let place = Place::new().await;
    let first = place
        .has_incident(1, vec![told("Orchrd Bank", "One.")])
        .await;
    let place = place.outdated().await.restarted().await;
    assert_eq!(place.identified(first).await.len(), 1);
    // As it would be had the start been killed between the two.
    let second = place
        .has_incident(2, vec![told("Orchrd Bank", "Two.")])
        .await;
    let place = place.unfinished().await.restarted().await;
    assert_eq!(place.identified(first).await.len(), 1);
    assert_eq!(place.identified(second).await.len(), 1);
}

#[tokio::test]
async fn an_incident_that_is_damaged_gets_ids_once_it_can_be_read_again() {
    let place = Place::new().await;
    let damaged = place
        .has_incident(1, vec![told("Orchrd Bank", "One.")])
        .await;
    let whole = place
        .has_incident(2, vec![told("Orchrd Bank", "Two.")])
        .await;
    let place = place.outdated().await;
    let damage = "DROP TRIGGER events_are_never_changed; UPDATE events SET body = replace(body, 'data', 'dato') WHERE seq = 3";
    let place = place.stopped_with(damage).await.restarted().await;
    assert_eq!(place.identified(damaged).await.len(), 0);
    assert_eq!(place.identified(whole).await.len(), 1);
    assert_eq!(place.store.unidentified().await.unwrap(), [damaged]);
    let repair = "UPDATE events SET body = replace(body, 'dato', 'data') WHERE seq = 3";
    let place = place.stopped_with(repair).await.restarted().await;
    assert_eq!(place.identified(damaged).await.len(), 1);
    assert_eq!(place.identified(whole).await.len(), 1);
    assert_eq!(place.store.unidentified().await.unwrap(), []);
}

#[tokio::test]
async fn a_name_is_not_that_of_an_account_that_is_spelled_otherwise() {
    let place = Place::new().await;
    let pine = account_id(past(1), 1);
    place.has_account(pine, "Pine", 0, 1).await;
    let incident = place.has_incident(1, vec![told("PINE", "One.")]).await;
    let place = place.outdated().await.restarted().await;
    let bearer = Bearer {
        name: "PINE".to_owned(),
        account: None,
    };
    assert_eq!(place.identified(incident).await, [[bearer]]);
}

#[tokio::test]
async fn nobody_but_the_server_says_which_account_bore_a_name() {
    let place = Place::new().await;
    let incident = new_incident();
    let bearers = vec![Bearer {
        name: "Orchard Bank".to_owned(),
        account: None,
    }];
    let identify = envelope(incident, Command::IdentifyCustomers { bearers });
    let commands = vec![declare(incident), identify];
    let answers = place.log.push(person(1), commands).await.unwrap();
    assert_eq!(answers[0].outcome, Outcome::Accepted);
    let refused = &answers[1].outcome;
    assert!(
        matches!(
            refused,
            Outcome::Refused {
                refusal: Refusal::NotYours { .. }
            }
        ),
        "{refused:?}"
    );
    assert_eq!(place.identified(incident).await.len(), 0);
}

#[tokio::test]
async fn a_log_that_began_with_ids_is_not_looked_through() {
    let place = Place::new().await;
    assert_eq!(place.store.unidentified().await.unwrap(), []);
    let incident = place
        .has_incident(1, vec![told("Orchrd Bank", "One.")])
        .await;
    let place = place.restarted().await;
    assert_eq!(place.identified(incident).await.len(), 0);
}
