//! Commands that several tests send.

use crate::site::{Browser, Server, new_id};
use chrono::Duration;
use domain::account::{Account, Field, Typed};
use domain::command::Details;
use domain::customer::{CustomerId, CustomerRef};
use domain::timeline::EntryKind;
use domain::update::{Audience, UpdateKind, UpdateText};
use domain::{AccountId, Command, IncidentId, Severity, Time};
use server::store::{Deed, PutAccount};

/// Opens an incident.
pub async fn declared(browser: &Browser<'_>, title: &str) -> IncidentId {
    let incident = IncidentId(new_id());
    browser
        .does(incident, declare(title, browser.server.clock.now()))
        .await;
    incident
}

pub fn declare(title: &str, now: Time) -> Command {
    Command::Declare {
        title: title.to_owned(),
        severity: Severity::Sev1,
        customer_sees: "Orders fail.".to_owned(),
        impact_began_at: now - Duration::minutes(9),
        components: vec!["Checkout".to_owned()],
        audience: Audience::Public,
        details: Details::default(),
    }
}

/// An account of this name, made where there is none.
pub async fn account(server: &Server, name: &str) -> CustomerRef {
    if let Some(kept) = server.store.account_by_name(name).await.unwrap() {
        return CustomerRef::new(CustomerId::Account(kept.account.id), kept.account.name);
    }
    let fields = [
        (Field::Name, name),
        (Field::Tier, "Growth"),
        (Field::Currency, "EUR"),
        (Field::AnnualRevenue, "12000"),
        (Field::MonthlyFee, "1000"),
    ];
    let typed = Typed(fields.map(|(field, text)| (field, text.to_owned())).into());
    let id = AccountId(new_id());
    let put = PutAccount {
        account: Account::read(id, &typed, None).unwrap(),
        replaces: 0,
    };
    let ana = server::demo::people().remove(0).person;
    let by = Deed::new(ana.to_ref(), server.clock.now(), "");
    assert!(server.store.put_accounts(&[put], &by).await.unwrap());
    CustomerRef::new(CustomerId::Account(id), name)
}

pub fn entry(text: &str) -> Command {
    Command::LogEntry {
        kind: EntryKind::Action,
        text: text.to_owned(),
        result: None,
        links: Vec::new(),
        happened_at: None,
    }
}

/// The first word to everybody, with a promise in 30 minutes.
pub fn first_update(words: &str, now: Time) -> Command {
    let text = UpdateText {
        kind: UpdateKind::First,
        audience: Audience::Public,
        acknowledge: words.to_owned(),
        impact: "18 % of sessions.".to_owned(),
        action: "We switch the feature off.".to_owned(),
        next_at: Some(now + Duration::minutes(30)),
        components: Vec::new(),
        closure: None,
        corrects: None,
    };
    Command::PublishUpdate {
        text,
        after: None,
        excuses: Vec::new(),
    }
}
