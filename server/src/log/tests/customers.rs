//! A customer goes by the name that its account has today, on the record and in the room.

use super::Place;
use super::asks::{
    account, all_accepted, declare, envelope, new_incident, past, person, update, whole_life,
};
use super::identify::account_id;
use crate::clock::ServerClock;
use crate::store::{Deed, PutAccount, Store};
use app::api::Outcome;
use domain::account::{Account, Field, Typed};
use domain::customer::{Credit, Customer, CustomerId, CustomerRef};
use domain::draft::{DraftText, Of};
use domain::promise::readers_waiting;
use domain::update::{Audience, UpdateKind};
use domain::{AccountId, Command, CommandId, Envelope, Incident, IncidentId, Policy, Role};
use std::sync::Arc;
use uuid::Uuid;

const TALLIS: &str = "Tallis Travel";

fn why(outcome: Outcome) -> String {
    match outcome {
        Outcome::Refused { refusal } => refusal.to_string(),
        Outcome::Accepted => panic!("accepted"),
    }
}

fn called(id: AccountId, name: &str) -> CustomerRef {
    CustomerRef::new(CustomerId::Account(id), name)
}

fn line(id: AccountId, name: &str) -> Customer {
    Customer {
        name: name.to_owned(),
        tier: "Growth".to_owned(),
        sees: "Errors".to_owned(),
        account: Some(id),
        ..Customer::default()
    }
}

fn publish(incident: IncidentId, readers: Vec<CustomerRef>) -> Envelope {
    let now = ServerClock::default().now();
    let mut envelope = update(incident, UpdateKind::First, now, None);
    if let Command::PublishUpdate { text, .. } = &mut envelope.command {
        text.audience = Audience::Named { customers: readers };
    }
    envelope
}

impl Place {
    async fn open(&self, commands: Vec<Command>) -> IncidentId {
        let id = new_incident();
        let commands = commands.into_iter().map(|c| envelope(id, c));
        let all: Vec<Envelope> = std::iter::once(declare(id)).chain(commands).collect();
        all_accepted(&self.log.push(person(1), all).await.unwrap());
        id
    }

    /// As an administrator does it.
    async fn rename(&self, id: AccountId, name: &str) {
        let kept = self.store.account_by_id(id).await.unwrap().unwrap();
        let texts = Field::ALL.map(|field| match field {
            Field::Name => (field, name.to_owned()),
            _ => (field, kept.account.plain(field)),
        });
        let put = PutAccount {
            account: Account::read(id, &Typed(texts.into()), None).unwrap(),
            replaces: kept.version,
        };
        let deed = Deed::new(person(1), self.log.now(), "");
        assert!(self.log.put_accounts(vec![put], deed).await.unwrap());
    }

    fn names_on(&self, incident: IncidentId) -> Vec<String> {
        let live = self.log.live();
        let lines = live[&incident].customers.iter();
        lines.map(|c| c.name.clone()).collect()
    }
}

#[tokio::test]
async fn account_is_put_on_an_incident_under_its_own_name_alone() {
    let place = Place::new().await;
    let (orchard, lumen) = (account_id(past(1), 1), account_id(past(1), 2));
    place.has_account(orchard, "Orchard Bank", 0, 1).await;
    place.has_account(lumen, "Lumen Health", 0, 1).await;
    // In the shape of an older build, without an id.
    let customer = line(orchard, "Lumen Health");
    let id = place.open(vec![Command::NoteCustomer { customer }]).await;
    assert_eq!(place.names_on(id), ["Orchard Bank"]);

    let was = place.log.live()[&id].customers[0].clone();
    let change = |to: Customer| Command::ChangeCustomer {
        was: Box::new(was.clone()),
        to: Box::new(to),
    };
    for other in [CustomerId::Account(lumen), CustomerId::default()] {
        let to = Customer {
            id: other,
            name: "Lumen Health".to_owned(),
            ..was.clone()
        };
        let why = why(place.push_one(envelope(id, change(to))).await);
        assert!(why.contains("is another line than the one"), "{why}");
    }
    let to = Customer {
        name: "Lumen Health".to_owned(),
        tier: "Strategic".to_owned(),
        ..was.clone()
    };
    let outcome = place.push_one(envelope(id, change(to))).await;
    assert_eq!(outcome, Outcome::Accepted);
    assert_eq!(place.names_on(id), ["Orchard Bank"]);
    assert_eq!(place.log.live()[&id].customers[0].tier, "Strategic");
}

#[tokio::test]
async fn entry_of_an_id_that_another_incident_has_shows_nothing_on_the_others_link() {
    let place = Place::new().await;
    let entry = CommandId(Uuid::from_u128(0xe));
    let named = |name: &str| CustomerRef::new(CustomerId::Entry(entry), name);
    let add = |name: &str| Command::AddCustomer {
        customer: named(name),
    };
    let a = place.open(vec![add("Alpha")]).await;
    let b = place.open(vec![add("Beta")]).await;
    for (n, incident) in [(1, a), (2, b)] {
        let target = format!("entry/{incident}/{entry}");
        place.has_link(n, &target, past(1)).await;
    }
    // Links that are open are in memory from the start on.
    let place = place.restarted().await;
    let outcome = place.push_one(publish(b, vec![named("Beta")])).await;
    assert_eq!(outcome, Outcome::Accepted);
    assert_eq!(place.words(1, b).await, [""; 0]);
    assert_eq!(place.words(2, b).await.len(), 1);
}

#[tokio::test]
async fn renamed_account_is_renamed_on_each_open_incident_and_its_old_name_is_free() {
    let place = Place::new().await;
    let (tallis, taker) = (account_id(past(1), 1), account_id(past(2), 2));
    place.has_account(tallis, TALLIS, 0, 1).await;
    let add = |id, name| Command::AddCustomer {
        customer: called(id, name),
    };
    let id = place.open(vec![add(tallis, TALLIS)]).await;
    let seen = place.log.live()[&id].customers[0].clone();
    place.rename(tallis, "Tallis Group").await;
    assert_eq!(place.names_on(id), ["Tallis Group"]);
    let head = place.log.head();
    place.has_account(taker, TALLIS, 0, 3).await;
    let added = place.push_one(envelope(id, add(taker, TALLIS))).await;
    assert_eq!(added, Outcome::Accepted);
    assert_eq!(place.names_on(id), ["Tallis Group", TALLIS]);
    assert_eq!(place.log.head(), head + 1, "no name is changed in vain");

    // Who chose it before may have meant either.
    let refused = place.push_one(publish(id, vec![called(tallis, TALLIS)]));
    let why = why(refused.await);
    assert!(
        why.starts_with("“Tallis Travel” is the name of another account by now")
            && why.contains("“Tallis Group”. Choose again who reads it"),
        "{why}"
    );
    let outcome = place.push_one(publish(id, vec![called(tallis, "Tallis Group")]));
    assert_eq!(outcome.await, Outcome::Accepted);
    // A form that was open meanwhile is saved.
    let to = Customer {
        sees: "All bookings fail".to_owned(),
        tier: "Growth".to_owned(),
        ..seen.clone()
    };
    let change = Command::ChangeCustomer {
        was: Box::new(seen),
        to: Box::new(to),
    };
    let outcome = place.push_one(envelope(id, change)).await;
    assert_eq!(outcome, Outcome::Accepted);
    assert_eq!(place.names_on(id), ["Tallis Group", TALLIS]);
    place.memory_is_the_log().await;
}

#[tokio::test]
async fn name_that_a_crash_kept_from_an_incident_is_put_right_at_the_door_and_at_the_next_start() {
    let place = Place::new().await;
    let tallis = account_id(past(1), 1);
    place.has_account(tallis, TALLIS, 0, 1).await;
    let customer = called(tallis, TALLIS);
    let id = place.open(vec![Command::AddCustomer { customer }]).await;
    // Beside the log, as if it had stopped in between.
    place.has_account(tallis, "Tallis Group", 1, 3).await;
    let outcome = place.push_one(publish(id, vec![called(tallis, TALLIS)]));
    assert_eq!(outcome.await, Outcome::Accepted);
    let Audience::Named { customers } = place.log.live()[&id].updates[0].text.audience.clone()
    else {
        panic!("a public update");
    };
    assert_eq!(customers[0].name, "Tallis Group");
    assert_eq!(place.names_on(id), [TALLIS]);
    let place = place.restarted().await;
    assert_eq!(place.names_on(id), ["Tallis Group"]);
}

#[tokio::test]
async fn entry_that_is_joined_to_an_account_is_told_to_its_pages() {
    let place = Place::new().await;
    let orchard = account_id(past(1), 1);
    place.has_account(orchard, "Orchard Bank", 0, 1).await;
    let entry = CustomerId::Entry(CommandId(Uuid::from_u128(0xe)));
    let customer = CustomerRef::new(entry, "Orchrd Bank");
    let add = Command::AddCustomer {
        customer: customer.clone(),
    };
    let id = place.open(vec![add]).await;
    place
        .has_link(1, &format!("entry/{id}/{}", entry.uuid()), past(1))
        .await;
    let place = place.restarted().await;
    let outcome = place.push_one(publish(id, vec![customer])).await;
    assert_eq!(outcome, Outcome::Accepted);
    let told = place.log.subscribe_told();
    let was = place.log.live()[&id].customers[0].clone();
    let to = Customer {
        id: was.id,
        ..line(orchard, "Orchard Bank")
    };
    let join = Command::ChangeCustomer {
        was: Box::new(was),
        to: Box::new(to),
    };
    let outcome = place.push_one(envelope(id, join)).await;
    assert_eq!(outcome, Outcome::Accepted);
    assert!(told.has_changed().unwrap(), "their page is drawn anew");
}

fn entry(n: u128, name: &str) -> CustomerRef {
    let id = CommandId(Uuid::from_u128(n));
    CustomerRef::new(CustomerId::Entry(id), name)
}

fn change(was: &Customer, to: Customer) -> Command {
    Command::ChangeCustomer {
        was: Box::new(was.clone()),
        to: Box::new(to),
    }
}

/// Each a way to give a line without an account this name.
fn namings(was: &Customer, name: &str) -> Vec<Command> {
    let to = Customer {
        name: name.to_owned(),
        ..was.clone()
    };
    vec![
        Command::AddCustomer {
            customer: entry(0xf, name),
        },
        Command::NoteCustomer {
            customer: to.clone(),
        },
        change(was, to),
    ]
}

#[tokio::test]
async fn customer_typed_by_hand_is_kept_and_not_told_under_the_name_of_an_account() {
    let place = Place::new().await;
    let tallis = account_id(past(1), 1);
    place.has_account(tallis, TALLIS, 0, 1).await;
    let customer = Customer {
        id: entry(0xe, "").id,
        account: None,
        ..line(AccountId(Uuid::nil()), TALLIS)
    };
    let id = place.open(vec![Command::NoteCustomer { customer }]).await;
    assert_eq!(place.names_on(id), [TALLIS]);
    let page = format!("entry/{id}/{}", entry(0xe, "").id.uuid());
    place.has_link(1, &page, past(1)).await;
    let place = place.restarted().await;
    let told = publish(id, vec![entry(0xe, TALLIS)]);
    let why = why(place.push_one(told).await);
    assert!(why.contains("is the name of an account"), "{why}");
    let was = place.log.live()[&id].customers[0].clone();
    let to = Customer {
        account: Some(tallis),
        ..was.clone()
    };
    let joined = envelope(id, change(&was, to));
    assert_eq!(place.push_one(joined).await, Outcome::Accepted);
    let told = publish(id, vec![called(tallis, TALLIS)]);
    assert_eq!(place.push_one(told).await, Outcome::Accepted);
}

#[tokio::test]
async fn line_without_account_does_not_get_the_name_of_an_account() {
    let place = Place::new().await;
    place
        .has_account(account_id(past(1), 1), "Café Tallis", 0, 1)
        .await;
    let customer = Customer {
        id: entry(0xe, "").id,
        account: None,
        ..line(AccountId(Uuid::nil()), "Orchrd Bank")
    };
    let id = place.open(vec![Command::NoteCustomer { customer }]).await;
    let was = place.log.live()[&id].customers[0].clone();
    let spellings = [
        "Café Tallis",
        "CAFÉ  tallis",
        " cafe\u{301} Tallis",
        "Café\u{200b} Tallis",
        "Café\u{a0}Tallis",
    ];
    for name in spellings {
        for command in namings(&was, name) {
            let given_back = command.words();
            assert!(given_back.iter().any(|word| word == name), "{command:?}");
            let why = why(place.push_one(envelope(id, command)).await);
            let says = "is an account: choose it from the list of accounts";
            assert!(why.contains(says), "{name:?}: {why}");
        }
        let mut declared = declare(new_incident());
        if let Command::Declare { audience, .. } = &mut declared.command {
            let customers = vec![entry(0xd, name)];
            *audience = Audience::Named { customers };
        }
        assert_eq!(place.push_one(declared).await, Outcome::Accepted);
    }
    assert_eq!(place.names_on(id), ["Orchrd Bank"]);
    for command in namings(&was, "Café Tallis (Lyon)").into_iter().skip(2) {
        let outcome = place.push_one(envelope(id, command)).await;
        assert_eq!(outcome, Outcome::Accepted);
    }
    // An account that got the name later keeps nobody from the line.
    let later = account_id(past(2), 2);
    place.has_account(later, "Café Tallis (Lyon)", 0, 2).await;
    let was = place.log.live()[&id].customers[0].clone();
    let to = Customer {
        sees: "All bookings fail".to_owned(),
        ..was.clone()
    };
    let outcome = place.push_one(envelope(id, change(&was, to))).await;
    assert_eq!(outcome, Outcome::Accepted);
    place.memory_is_the_log().await;
}

#[tokio::test]
async fn update_for_an_entry_with_the_name_of_an_account_is_put_up_approved_and_published_by_nobody()
 {
    let place = Place::new().await;
    let offer = Command::OfferRole {
        role: Role::Commander,
        person: person(1),
        two_hats: None,
    };
    let accept = Command::AcceptRole {
        role: Role::Commander,
    };
    let customer = entry(0xe, TALLIS);
    let add = Command::AddCustomer {
        customer: customer.clone(),
    };
    let id = place.open(vec![offer, accept, add]).await;
    let page = format!("entry/{id}/{}", customer.id.uuid());
    place.has_link(1, &page, past(1)).await;
    let place = place.restarted().await;
    let update = publish(id, vec![customer.clone()]);
    let Command::PublishUpdate { text, excuses, .. } = update.command.clone() else {
        panic!("no update");
    };
    let text = DraftText::Update { text, excuses };
    let ready = envelope(id, Command::ReadyDraft { text });
    let (draft, again) = (ready.id, envelope(id, ready.command.clone()));
    let answers = place.log.push(person(2), vec![ready]).await.unwrap();
    all_accepted(&answers);
    let tallis = account_id(past(2), 1);
    place.has_account(tallis, "tallis  travel", 0, 2).await;

    let approve = Command::ApproveDraft { draft };
    let drop = Command::DropDraft { of: Of::Update };
    let says = "“Tallis Travel” is the name of an account, and this customer of the incident has no account: \
                choose the account for it under Customers in the room, or give it another name there. ";
    for (command, remedy) in [
        (envelope(id, approve), "Send it back"),
        (envelope(id, again.command), "Choose again who reads it."),
        (update, "Choose again who reads it."),
    ] {
        let why = why(place.push_one(command).await);
        assert!(why.starts_with(&format!("{says}{remedy}")), "{why}");
    }
    // Under another name it is told, and not by what was chosen under the old one.
    all_accepted(
        &place
            .log
            .push(person(2), vec![envelope(id, drop)])
            .await
            .unwrap(),
    );
    let was = place.log.live()[&id].customers[0].clone();
    let to = Customer {
        name: "Tallis of Leeds".to_owned(),
        tier: "Growth".to_owned(),
        sees: "Errors".to_owned(),
        ..was.clone()
    };
    let outcome = place.push_one(envelope(id, change(&was, to))).await;
    assert_eq!(outcome, Outcome::Accepted);
    let why = why(place.push_one(publish(id, vec![customer.clone()])).await);
    assert!(
        why.contains("is called “Tallis of Leeds”. Choose again"),
        "{why}"
    );
    let chosen = CustomerRef::new(customer.id, "Tallis of Leeds");
    let outcome = place.push_one(publish(id, vec![chosen])).await;
    assert_eq!(outcome, Outcome::Accepted);
    assert_eq!(place.words(1, id).await.len(), 1);
}

#[tokio::test]
async fn customer_is_not_told_under_the_name_of_another_one() {
    let place = Place::new().await;
    let (kappa, lambda) = (entry(0xa, "Kappa"), entry(0xb, "Lambda"));
    let add = |customer: &CustomerRef| Command::AddCustomer {
        customer: customer.clone(),
    };
    let id = place.open(vec![add(&kappa), add(&lambda)]).await;
    for (n, customer) in [(1, &kappa), (2, &lambda)] {
        let page = format!("entry/{id}/{}", customer.id.uuid());
        place.has_link(n, &page, past(1)).await;
    }
    let place = place.restarted().await;
    for (n, name) in [(0, "Mu"), (1, "Kappa"), (0, "Lambda")] {
        let was = place.log.live()[&id].customers[n].clone();
        let to = Customer {
            name: name.to_owned(),
            tier: "Growth".to_owned(),
            sees: "Errors".to_owned(),
            ..was.clone()
        };
        let renamed = envelope(id, change(&was, to));
        assert_eq!(place.push_one(renamed).await, Outcome::Accepted);
    }
    let why = why(place.push_one(publish(id, vec![kappa.clone()])).await);
    assert!(
        why.contains("“Kappa” is another customer of the incident by now"),
        "{why}"
    );
    let told = publish(id, vec![entry(0xa, "Lambda")]);
    assert_eq!(place.push_one(told).await, Outcome::Accepted);
}

#[tokio::test]
async fn account_is_not_told_under_the_name_that_an_entry_took_over() {
    let place = Place::new().await;
    let tallis = account_id(past(1), 1);
    place.has_account(tallis, TALLIS, 0, 1).await;
    let add = Command::AddCustomer {
        customer: entry(0xe, "Orchrd"),
    };
    let id = place.open(vec![add]).await;
    let text = match publish(id, vec![called(tallis, TALLIS)]).command {
        Command::PublishUpdate { text, excuses, .. } => DraftText::Update { text, excuses },
        other => panic!("{other:?}"),
    };
    let put_up = envelope(id, Command::ReadyDraft { text });
    assert_eq!(place.push_one(put_up).await, Outcome::Accepted);
    place.rename(tallis, "Tallis Group").await;
    assert_eq!(place.names_on(id), ["Orchrd"]);
    let was = place.log.live()[&id].customers[0].clone();
    let to = Customer {
        name: TALLIS.to_owned(),
        tier: "Growth".to_owned(),
        sees: "Errors".to_owned(),
        ..was.clone()
    };
    let renamed = envelope(id, change(&was, to));
    assert_eq!(place.push_one(renamed).await, Outcome::Accepted);
    let why = why(place
        .push_one(publish(id, vec![called(tallis, TALLIS)]))
        .await);
    assert!(
        why.contains("is another customer of the incident by now"),
        "{why}"
    );
    assert!(why.contains("“Tallis Group”"), "{why}");
}

#[tokio::test]
async fn account_that_was_told_and_renamed_gets_a_line_that_bears_its_name() {
    let place = Place::new().await;
    let (tallis, taker) = (account_id(past(1), 1), account_id(past(1), 2));
    place.has_account(tallis, TALLIS, 0, 1).await;
    place.has_account(taker, "Second", 0, 1).await;
    let id = place.open(Vec::new()).await;
    let told = publish(id, vec![called(tallis, TALLIS)]);
    assert_eq!(place.push_one(told).await, Outcome::Accepted);
    assert!(place.names_on(id).is_empty());
    place.rename(tallis, "Tallis Group").await;
    place.rename(taker, TALLIS).await;
    assert_eq!(place.names_on(id), ["Tallis Group"]);
    let incident = Arc::clone(&place.log.live()[&id]);
    let waiting = readers_waiting(&incident, &Policy::default());
    assert_eq!(waiting, [Audience::only(called(tallis, "Tallis Group"))]);
    let head = place.log.head();
    place.rename(taker, "Second").await;
    assert_eq!(place.log.head(), head, "nobody else was told");
}

/// What was learned, to this reader.
fn learned(incident: &Incident, reader: CustomerRef) -> Envelope {
    let now = ServerClock::default().now();
    let after = incident.updates.last().map(|u| u.id);
    let mut envelope = update(incident.id, UpdateKind::Learned, now, after);
    if let Command::PublishUpdate { text, .. } = &mut envelope.command {
        text.next_at = None;
        text.audience = Audience::Named {
            customers: vec![reader],
        };
    }
    envelope
}

#[tokio::test]
async fn account_that_is_renamed_after_an_incident_was_closed_is_told_what_was_learned() {
    for seen_by in ["nobody", "open", "page"] {
        let place = Place::new().await;
        let (tallis, taker) = (account_id(past(1), 1), account_id(past(1), 2));
        place.has_account(tallis, TALLIS, 0, 1).await;
        place.has_account(taker, "Second", 0, 1).await;
        for (n, account) in [(1, tallis), (2, taker)] {
            let page = format!("account/{account}");
            place.has_link(n, &page, past(1)).await;
        }
        let id = new_incident();
        let mut life = whole_life(id, past(3));
        let customer = called(tallis, TALLIS);
        let add = Command::AddCustomer {
            customer: customer.clone(),
        };
        let reason = "They saw nothing".to_owned();
        let credit = Credit::None { reason };
        let decide = Command::DecideCredit { customer, credit };
        for command in [decide, add] {
            life.insert(1, (person(1), envelope(id, command), past(3)));
        }
        all_accepted(&place.log.replay_all(life).await.unwrap());
        let number = place.log.incident_by_id(id).await.unwrap().number.unwrap();
        let names = async || {
            let incident = place.log.incident(number).await.unwrap().1;
            let lines = incident.customers.iter();
            lines.map(|c| c.name.clone()).collect::<Vec<_>>()
        };
        if seen_by == "nobody" {
            place.rename(tallis, "Tallis Group").await;
            place.rename(taker, TALLIS).await;
        } else {
            // As if the server had stopped in between, or had not had the incident in memory.
            place.has_account(tallis, "Tallis Group", 1, 4).await;
            place.has_account(taker, TALLIS, 1, 4).await;
            assert_eq!(names().await, [TALLIS]);
        }
        if seen_by == "open" {
            let events = place.log.open(number, 0).await.unwrap().events;
            assert_eq!(events.last().unwrap().by.name, "Drumbeat");
        } else if seen_by == "page" {
            let me = account(1).person;
            let page = place.log.page_snapshot(me, Some(number)).await.unwrap();
            assert_eq!(page.head, place.log.head());
        }
        assert_eq!(names().await, ["Tallis Group"]);
        let head = place.log.head();
        place.log.open(number, 0).await.unwrap();
        assert_eq!(place.log.head(), head, "no name is changed in vain");

        let incident = place.log.incident(number).await.unwrap().1;
        let chosen = incident.customers[0].to_ref();
        let told = learned(&incident, incident.called_today(&chosen));
        assert_eq!(place.push_one(told).await, Outcome::Accepted);
        let (shown, hidden) = (place.words(1, id).await, place.words(2, id).await);
        assert_eq!((shown.len(), hidden.len()), (3, 2), "two are public");
        let incident = place.log.incident(number).await.unwrap().1;
        let Audience::Named { customers } = &incident.updates.last().unwrap().text.audience else {
            panic!("a public update");
        };
        assert_eq!(incident.called_today(&customers[0]).name, "Tallis Group");
        assert_eq!(customers[0].name, "Tallis Group");
        place.memory_is_the_log().await;
    }
}

/// As an older build sends it: a whole line without an id. Its command names it.
fn note(incident: IncidentId, id: CommandId, name: &str) -> Envelope {
    let customer = Customer {
        name: name.to_owned(),
        tier: "Growth".to_owned(),
        sees: "Errors".to_owned(),
        ..Customer::default()
    };
    Envelope {
        id,
        ..envelope(incident, Command::NoteCustomer { customer })
    }
}

#[tokio::test]
async fn line_is_not_replaced_by_a_command_that_has_its_id() {
    let place = Place::new().await;
    let orchard = account_id(past(1), 1);
    place.has_account(orchard, "Orchard Bank", 0, 1).await;
    let [joined, alone, free] = [0xe1, 0xe2, 0xe3].map(|n| CommandId(Uuid::from_u128(n)));
    let add = |id, name: &str| Command::AddCustomer {
        customer: CustomerRef::new(CustomerId::Entry(id), name),
    };
    let id = place
        .open(vec![add(joined, "Orchrd Bank"), add(alone, "Alpha")])
        .await;
    let was = place.log.live()[&id].customers[0].clone();
    let to = Customer {
        id: was.id,
        ..line(orchard, "Orchard Bank")
    };
    let join = Command::ChangeCustomer {
        was: Box::new(was),
        to: Box::new(to),
    };
    assert_eq!(place.push_one(envelope(id, join)).await, Outcome::Accepted);

    let before = place.log.live()[&id].customers.clone();
    for (forged, name) in [(joined, "Orchard Bank"), (alone, "Alpha")] {
        let why = why(place.push_one(note(id, forged, "Z Ltd")).await);
        assert!(
            why.contains(&format!("put {name} on this incident")),
            "{why}"
        );
    }
    let [third, fourth] = [0xe4, 0xe5].map(|n| CommandId(Uuid::from_u128(n)));
    let add_by = |command, entry| Envelope {
        id: command,
        ..envelope(id, add(entry, "Y Ltd"))
    };
    assert_eq!(place.log.live()[&id].customers, before);

    // Whoever is not on it yet is named by the command, as before.
    assert_eq!(
        place.push_one(note(id, free, "Beta")).await,
        Outcome::Accepted
    );
    let lines = place.log.live()[&id].customers.clone();
    assert_eq!(lines[2].id, CustomerId::Entry(free));
    assert_eq!(
        place.push_one(add_by(third, fourth)).await,
        Outcome::Accepted
    );
    let refused = why(place.push_one(add_by(fourth, third)).await);
    assert!(refused.contains("put Y Ltd on this incident"), "{refused}");
    let why = why(place
        .push_one(note(id, CommandId::default(), "Gamma"))
        .await);
    assert!(why.contains("has no id"), "{why}");
    place.memory_is_the_log().await;
}

#[tokio::test]
async fn draft_is_not_approved_under_a_name_that_is_another_accounts_by_now() {
    let place = Place::new().await;
    let (kappa, taker) = (account_id(past(1), 1), account_id(past(1), 2));
    place.has_account(kappa, "Kappa", 0, 1).await;
    place.has_account(taker, "Second", 0, 1).await;
    let offer = Command::OfferRole {
        role: Role::Commander,
        person: person(1),
        two_hats: None,
    };
    let accept = Command::AcceptRole {
        role: Role::Commander,
    };
    let id = place.open(vec![offer, accept]).await;
    let update = publish(id, vec![called(kappa, "Kappa")]).command;
    let Command::PublishUpdate { text, excuses, .. } = update else {
        panic!("no update");
    };
    let text = DraftText::Update { text, excuses };
    let ready = envelope(id, Command::ReadyDraft { text });
    let draft = ready.id;
    let answers = place.log.push(person(2), vec![ready]).await.unwrap();
    all_accepted(&answers);
    place.rename(kappa, "Omega").await;
    place.rename(taker, "Kappa").await;
    let approve = Command::ApproveDraft { draft };
    let why = why(place.push_one(envelope(id, approve.clone())).await);
    assert!(
        why.starts_with("“Kappa” is the name of another account by now")
            && why.contains("“Omega”. Send it back"),
        "{why}"
    );
    // Nobody else bears it any more.
    place.rename(taker, "Second").await;
    assert_eq!(
        place.push_one(envelope(id, approve)).await,
        Outcome::Accepted
    );
}
