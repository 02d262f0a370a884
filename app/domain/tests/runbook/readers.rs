//! Customers are ids; names are for showing.

use crate::room::{Room, ana, bo, customer, cy, declare, named, update_text};
use domain::customer::{Bearer, ChurnRisk, Customer, CustomerId, CustomerRef, Money};
use domain::draft::{DraftText, Of};
use domain::public::{PublicIncident, Reader};
use domain::update::{Audience, UpdateKind};
use domain::{Command, CommandId, Event, IncidentId, Severity, Status};
use uuid::Uuid;

fn entry(n: u128, name: &str) -> CustomerRef {
    CustomerRef::new(CustomerId::Entry(CommandId(Uuid::from_u128(n))), name)
}

fn only(customers: Vec<CustomerRef>) -> Audience {
    Audience::Named { customers }
}

fn publish(room: &Room, audience: Audience) -> Command {
    let mut text = update_text(UpdateKind::First, room.now, 60);
    text.audience = audience;
    Command::PublishUpdate {
        text,
        after: None,
        excuses: Vec::new(),
    }
}

/// The customer of this id on that incident.
fn of(room: &Room, id: CustomerId) -> Reader {
    match id {
        CustomerId::Account(id) => Reader::Account(id),
        CustomerId::Entry(id) => Reader::Entry(room.incident.id, id),
    }
}

fn sees(room: &Room, reader: &Reader) -> bool {
    PublicIncident::of(&room.incident, reader).is_some()
}

fn readers_of(audience: &Audience) -> Vec<CustomerId> {
    match audience {
        Audience::Public => Vec::new(),
        Audience::Named { customers } => customers.iter().map(|c| c.id).collect(),
    }
}

/// As an older build wrote it.
fn record(room: &mut Room, n: u128, event: Event) {
    room.record(&ana(), CommandId(Uuid::from_u128(n)), event);
}

fn noted(name: &str) -> Event {
    Event::CustomerKnown {
        customer: Customer {
            account: None,
            ..customer(name)
        },
    }
}

fn told(room: &Room, name: &str) -> Event {
    let mut text = update_text(UpdateKind::First, room.now, 60);
    text.audience = only(vec![CustomerRef::by_name(name)]);
    Event::UpdatePublished {
        text,
        cadence_min: 60,
    }
}

#[test]
fn a_customer_is_read_by_its_id_whatever_stands_in_its_name() {
    let mut room = Room::declared(Severity::Sev2);
    let inc = named("Saltmarsh Books, Inc.");
    let command = publish(&room, only(vec![inc.clone()]));
    room.ok(&cy(), command);
    assert!(sees(&room, &of(&room, inc.id)));
    for other in ["Saltmarsh Books", "Inc."] {
        assert!(!sees(&room, &of(&room, named(other).id)), "{other}");
    }
}

#[test]
fn an_audience_has_each_customer_once_and_has_an_end() {
    let mut room = Room::declared(Severity::Sev2);
    let renamed = CustomerRef::new(named("Tallis").id, "Tallis Journeys");
    let command = publish(
        &room,
        only(vec![named("Tallis"), renamed, named("Orchard")]),
    );
    room.ok(&cy(), command);
    let readers = readers_of(&room.incident.updates[0].text.audience);
    assert_eq!(readers, [named("Tallis").id, named("Orchard").id]);

    let mut room = Room::declared(Severity::Sev2);
    let many = (0..101).map(|n| named(format!("Customer {n}"))).collect();
    let command = publish(&room, only(many));
    let why = room.refused(&cy(), command);
    assert_eq!(why, "Audience names more than 100 customers.");
}

#[test]
fn a_name_alone_means_the_one_line_of_that_name_or_is_refused() {
    let mut room = Room::declared(Severity::Sev2);
    let alone = || only(vec![CustomerRef::by_name("Orchrd Bank")]);
    let command = publish(&room, alone());
    assert_eq!(
        room.refused(&cy(), command),
        "Customer “Orchrd Bank” is not on this incident; add them first."
    );
    let line = entry(7, "Orchrd Bank");
    let customer = line.clone();
    room.ok(&ana(), Command::AddCustomer { customer });
    let command = publish(&room, alone());
    room.ok(&cy(), command);
    let readers = readers_of(&room.incident.updates[0].text.audience);
    assert_eq!(readers, [line.id]);
}

#[test]
fn an_entry_that_is_not_on_the_incident_is_no_reader() {
    let mut room = Room::declared(Severity::Sev2);
    let command = publish(&room, only(vec![entry(9, "Elsewhere")]));
    let why = room.refused(&cy(), command);
    assert!(why.contains("is not on this incident"), "{why}");
}

#[test]
fn a_declaration_puts_customers_without_an_account_on_the_incident() {
    let mut room = Room::empty();
    let mut command = declare(Severity::Sev1, room.now);
    let line = entry(7, "Orchrd Bank");
    if let Command::Declare { audience, .. } = &mut command {
        *audience = only(vec![line.clone(), named("Tallis"), line.clone()]);
    }
    room.ok(&ana(), command);
    let on_it: Vec<_> = room.incident.customers.iter().map(|c| c.id).collect();
    assert_eq!(on_it, [line.id]);
    let declared = room.incident.declared.as_ref().unwrap();
    assert_eq!(
        readers_of(&declared.audience),
        [line.id, named("Tallis").id]
    );
}

#[test]
fn two_names_under_one_id_are_no_declaration() {
    let mut room = Room::empty();
    let mut command = declare(Severity::Sev1, room.now);
    let two = vec![entry(7, "Orchrd Bank"), entry(7, "Tallis Travel")];
    if let Command::Declare { audience, .. } = &mut command {
        *audience = only(two);
    }
    assert_eq!(
        room.refused(&ana(), command),
        "Audience “Tallis Travel” has the id of “Orchrd Bank”; choose each customer anew."
    );
}

#[test]
fn account_that_its_author_did_not_choose_gives_a_line_no_name() {
    let mut room = Room::declared(Severity::Sev2);
    let customer = Customer {
        id: entry(7, "").id,
        account: None,
        ..customer("Orchrd Bank")
    };
    room.ok(&ana(), Command::NoteCustomer { customer });
    let account = named("Tallis Travel").id.account();
    let seen = Customer {
        account,
        ..room.incident.customers[0].clone()
    };
    let to = Customer {
        name: "Tallis Travel".to_owned(),
        ..seen.clone()
    };
    assert_eq!(
        room.refused(&bo(), change(&seen, to)),
        "Customer has no account on this incident; open the form again, and choose it there."
    );
    assert_eq!(room.incident.customers[0].name, "Orchrd Bank");
}

#[test]
fn renamed_account_is_renamed_on_a_closed_incident_and_nothing_else_changes_there() {
    let mut room = Room::at_status(Status::Closed);
    let was = room.incident.customers[0].clone();
    let name = "Northwind Group".to_owned();
    let tier = "Growth".to_owned();
    let to = Customer {
        name,
        ..was.clone()
    };
    let more = Customer { tier, ..to.clone() };
    let why = room.refused(&bo(), change(&was, more));
    assert!(why.starts_with("This incident is closed."), "{why}");
    room.ok(&bo(), change(&was, to.clone()));
    assert_eq!(room.incident.customers, [to]);
    assert_eq!(room.incident.status, Status::Closed);
}

#[test]
fn an_entry_is_joined_to_an_account_and_never_moved_to_another() {
    let mut room = Room::declared(Severity::Sev2);
    let line = entry(7, "Orchrd Bank");
    let customer = line.clone();
    room.ok(&ana(), Command::AddCustomer { customer });
    let command = publish(&room, only(vec![line.clone()]));
    room.ok(&cy(), command);
    let orchard = named("Orchard Bank").id;
    assert!(!sees(&room, &of(&room, orchard)));

    let was = room.incident.customers[0].clone();
    let to = Customer {
        account: orchard.account(),
        ..crate::room::customer("Orchard Bank")
    };
    let joined = change(&was, Customer { id: was.id, ..to });
    room.ok(&bo(), joined);
    for reader in [line.id, orchard] {
        assert!(sees(&room, &of(&room, reader)));
    }
    let was = room.incident.customers[0].clone();
    for account in [None, named("Lumen").id.account()] {
        let moved = change(
            &was,
            Customer {
                account,
                ..was.clone()
            },
        );
        let why = room.refused(&bo(), moved);
        assert!(
            why.contains("is the line of the account “Orchard Bank”"),
            "{why}"
        );
    }
}

fn change(was: &Customer, to: Customer) -> Command {
    Command::ChangeCustomer {
        was: Box::new(was.clone()),
        to: Box::new(to),
    }
}

#[test]
fn a_line_is_changed_as_the_line_that_was_seen() {
    let mut room = Room::declared(Severity::Sev2);
    for name in ["Orchard Bank", "Lumen Health"] {
        let customer = named(name);
        room.ok(&ana(), Command::AddCustomer { customer });
    }
    let was = room.incident.customers[0].clone();
    let ids = [CustomerId::default(), named("Lumen Health").id];
    for id in ids.into_iter().chain([entry(7, "").id]) {
        let name = "Lumen Health".to_owned();
        let to = Customer {
            id,
            name,
            ..was.clone()
        };
        let why = room.refused(&bo(), change(&was, to));
        assert!(why.contains("is another line than the one"), "{why}");
    }
}

#[test]
fn an_entry_of_the_same_id_on_another_incident_is_somebody_else() {
    let mut alpha = Room::declared(Severity::Sev2);
    let mut beta = Room::declared(Severity::Sev2);
    beta.incident.id = IncidentId(Uuid::from_u128(2));
    for (room, name) in [(&mut alpha, "Alpha"), (&mut beta, "Beta")] {
        let customer = entry(7, name);
        room.ok(
            &ana(),
            Command::AddCustomer {
                customer: customer.clone(),
            },
        );
        let command = publish(room, only(vec![customer]));
        room.ok(&cy(), command);
    }
    let (of_alpha, of_beta) = (of(&alpha, entry(7, "").id), of(&beta, entry(7, "").id));
    assert!(sees(&alpha, &of_alpha) && sees(&beta, &of_beta));
    assert!(!sees(&alpha, &of_beta) && !sees(&beta, &of_alpha));
}

#[test]
fn what_goes_to_a_renamed_account_is_recorded_under_its_name_of_today() {
    let mut room = Room::declared(Severity::Sev2);
    let customer = named("Tallis Travel");
    room.ok(&ana(), Command::AddCustomer { customer });
    let today = CustomerRef::new(named("Tallis Travel").id, "Tallis Group");
    let command = publish(&room, only(vec![today.clone()]));
    room.ok(&cy(), command);
    let Audience::Named { customers } = &room.incident.updates[0].text.audience else {
        panic!("a public update");
    };
    assert_eq!(customers[0].name, "Tallis Group");
    let stage = "Renewal".to_owned();
    let customer = today;
    room.ok(&ana(), Command::MoveDeal { customer, stage });
    let line = &room.incident.timeline.last().unwrap().text;
    assert_eq!(line, "Tallis Group: deal stage “Renewal”");
}

#[test]
fn draft_is_shown_with_the_names_that_its_readers_have_today() {
    let mut room = Room::declared(Severity::Sev2);
    let customer = named("Kappa");
    room.ok(&ana(), Command::AddCustomer { customer });
    let far = named("Far away");
    let mut text = update_text(UpdateKind::First, room.now, 60);
    text.audience = only(vec![named("Kappa"), far]);
    let excuses = Vec::new();
    let text = DraftText::Update { text, excuses };
    room.ok(&cy(), Command::ReadyDraft { text });
    let was = room.incident.customers[0].clone();
    let to = Customer {
        name: "Omega".to_owned(),
        ..was.clone()
    };
    room.ok(&ana(), change(&was, to));
    let draft = room.incident.draft(Of::Update).unwrap().text().unwrap();
    let shown = draft.called_today(&room.incident).in_words(room.now);
    // The record does not know what an account is called that is not on it.
    assert!(
        shown.starts_with("First update, to Omega, Far away"),
        "{shown}"
    );
    assert!(
        draft
            .in_words(room.now)
            .starts_with("First update, to Kappa, ")
    );
}

#[test]
fn a_renamed_account_is_renamed_whatever_stands_on_its_line_and_beside_it() {
    let mut room = Room::declared(Severity::Sev2);
    // As an older build took it: a risk without its reason.
    let customer = Customer {
        churn_now: Some(domain::customer::ChurnRisk::High),
        ..customer("Tallis Travel")
    };
    record(&mut room, 90, Event::CustomerKnown { customer });
    let other = entry(7, "Tallis Group");
    room.ok(&ana(), Command::AddCustomer { customer: other });
    let was = room.incident.customers[0].clone();
    let name = "Tallis Group".to_owned();
    let to = Customer {
        name,
        ..was.clone()
    };
    room.ok(&bo(), change(&was, to.clone()));
    assert_eq!(room.incident.customers[0], to);
    // Who had the form open meanwhile keeps what they changed, and the new name.
    let sees = |name: &str| Customer {
        sees: "All bookings fail".to_owned(),
        churn_reason: Some("They said so".to_owned()),
        name: name.to_owned(),
        ..was.clone()
    };
    room.ok(&ana(), change(&was, sees("Tallis Group")));
    assert_eq!(room.incident.customers[0].name, "Tallis Group");
    assert_eq!(room.incident.customers[0].sees, "All bookings fail");
}

#[test]
fn of_two_who_change_one_customer_each_changes_what_they_changed() {
    let mut room = Room::declared(Severity::Sev2);
    room.note("Northwind");
    let seen = room.incident.customers[0].clone();
    let tier = |tier: &str| Customer {
        tier: tier.to_owned(),
        ..seen.clone()
    };
    room.wait(1).ok(&ana(), change(&seen, tier("Enterprise")));
    let sees = Customer {
        sees: "All orders fail".to_owned(),
        ..seen.clone()
    };
    room.wait(1).ok(&bo(), change(&seen, sees));
    let now = &room.incident.customers[0];
    assert_eq!(
        (now.tier.as_str(), now.sees.as_str()),
        ("Enterprise", "All orders fail")
    );

    let why = room.refused(&bo(), change(&seen, tier("Growth")));
    let says =
        "Ana set what is known of Northwind to tier Enterprise, where yours says tier Growth,";
    assert!(why.starts_with(says), "{why}");
    // The same word twice is no conflict.
    room.ok(&bo(), change(&seen, tier("Enterprise")));
}

#[test]
fn amount_and_currency_and_risk_and_reason_are_never_put_together_from_two() {
    type Change = fn(&mut Customer);
    let fee = |currency: &str, minor| {
        let currency = currency.to_owned();
        Some(Money { currency, minor })
    };
    let dollars: Change = |c| c.currency = Some("USD".to_owned());
    let revenue: Change = |c| c.annual_revenue = 2_000;
    let high: Change = |c| c.churn_now = Some(ChurnRisk::High);
    let reason: Change = |c| c.churn_reason = Some("They wait for a call".to_owned());
    let mut room = Room::declared(Severity::Sev2);
    let customer = Customer {
        currency: Some("EUR".to_owned()),
        annual_revenue: 1_000,
        churn_now: Some(ChurnRisk::Low),
        churn_reason: Some("They are calm".to_owned()),
        ..customer("Northwind")
    };
    room.ok(&ana(), Command::NoteCustomer { customer });
    let seen = room.incident.customers[0].clone();
    let with = |change: Change| {
        let mut to = seen.clone();
        change(&mut to);
        to
    };
    for (first, second, theirs, mine) in [
        (
            dollars,
            revenue,
            "revenue 1000, currency USD, monthly fee none",
            "revenue 2000, currency EUR, monthly fee none",
        ),
        (
            revenue,
            dollars,
            "revenue 2000, currency EUR, monthly fee none",
            "revenue 1000, currency USD, monthly fee none",
        ),
        (
            high,
            reason,
            "churn risk now high, because They are calm",
            "churn risk now low, because They wait for a call",
        ),
        (
            reason,
            high,
            "churn risk now low, because They wait for a call",
            "churn risk now high, because They are calm",
        ),
    ] {
        let mut room = room.clone();
        room.wait(1).ok(&bo(), change(&seen, with(first)));
        room.wait(1);
        let why = room.refused(&cy(), change(&seen, with(second)));
        let says =
            format!("Bo set what is known of Northwind to {theirs}, where yours says {mine},");
        assert!(why.starts_with(&says), "{why}");
        // What does not belong to it is kept.
        let sees = |c: &mut Customer| c.sees = "All orders fail".to_owned();
        room.ok(&cy(), change(&seen, with(sees)));
        // Who has seen both changes either.
        let now = room.incident.customers[0].clone();
        let mut to = now.clone();
        second(&mut to);
        room.ok(&cy(), change(&now, to));
    }
    let mut both = with(dollars);
    both.monthly_fee = fee("USD", 100);
    room.ok(&cy(), change(&seen, both));
    assert_eq!(room.incident.customers[0].monthly_fee, fee("USD", 100));
}

#[test]
fn a_name_in_an_older_event_means_the_line_of_that_name_and_nobody_who_gets_it_later() {
    let mut room = Room::declared(Severity::Sev2);
    let event = told(&room, "Tallis");
    record(&mut room, 90, event);
    record(&mut room, 91, noted("Tallis"));
    let account = named("Tallis").id;
    assert_eq!(room.incident.unidentified_names(), ["Tallis"]);
    assert!(!sees(&room, &of(&room, account)));
    assert!(sees(&room, &Reader::Named("Tallis".to_owned())));
    let bearers = vec![Bearer {
        name: "Tallis".to_owned(),
        account: account.account(),
    }];
    let again = Command::IdentifyCustomers {
        bearers: bearers.clone(),
    };
    room.ok(&ana(), Command::IdentifyCustomers { bearers });
    assert!(sees(&room, &of(&room, account)));
    assert!(room.incident.unidentified_names().is_empty());
    assert_eq!(
        room.refused(&ana(), again),
        "Its customers have ids already."
    );
}

#[test]
fn a_name_that_nobody_bore_stays_nobodys() {
    let mut room = Room::declared(Severity::Sev2);
    let event = told(&room, "Orchrd Bank");
    record(&mut room, 90, event);
    let bearers = vec![Bearer {
        name: "Orchrd Bank".to_owned(),
        account: None,
    }];
    room.ok(&ana(), Command::IdentifyCustomers { bearers });
    // Somebody is put on the incident under that name since.
    room.note("Orchrd Bank");
    let later = room.incident.customers[0].id;
    assert!(!sees(&room, &of(&room, later)));
    assert!(sees(&room, &Reader::Named("Orchrd Bank".to_owned())));
}

#[test]
fn two_accounts_may_have_one_name_on_an_incident_one_after_the_other() {
    let mut room = Room::declared(Severity::Sev2);
    let one = CustomerRef::new(named("one").id, "Tallis");
    let other = CustomerRef::new(named("other").id, "Tallis");
    for customer in [one.clone(), other.clone()] {
        room.ok(&ana(), Command::AddCustomer { customer });
    }
    assert_eq!(room.incident.customers.len(), 2);
    let alone = publish(&room, only(vec![CustomerRef::by_name("Tallis")]));
    let why = room.refused(&cy(), alone);
    assert!(why.contains("are two on this incident"), "{why}");
    let command = publish(&room, only(vec![other.clone()]));
    room.ok(&cy(), command);
    assert!(sees(&room, &of(&room, other.id)));
    assert!(!sees(&room, &of(&room, one.id)));
}
