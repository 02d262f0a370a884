//! Components that an update leaves out keep the state that its readers were last told.

use crate::room::{Room, ana, update_text};
use ComponentState::{MajorOutage, Operational, PartialOutage};
use domain::customer::{Customer, CustomerRef};
use domain::update::{Audience, ComponentNote, ComponentState, UpdateKind};
use domain::{Command, Event, Severity, Status};

fn notes(all: &[(&str, ComponentState)]) -> Vec<ComponentNote> {
    let note = |(name, state): &(&str, ComponentState)| ComponentNote {
        name: (*name).to_owned(),
        state: *state,
    };
    all.iter().map(note).collect()
}

fn named(customers: &[&str]) -> Audience {
    Audience::Named {
        customers: customers.iter().map(|c| CustomerRef::by_name(*c)).collect(),
    }
}

fn room() -> Room {
    let mut room = Room::declared(Severity::Sev2);
    for name in ["Northwind", "Tallis"] {
        let customer = Customer {
            name: name.to_owned(),
            tier: "Growth".to_owned(),
            sees: "Errors".to_owned(),
            ..Customer::default()
        };
        room.ok(&ana(), Command::NoteCustomer { customer });
    }
    room
}

/// What is on the record once this was published.
fn publish(
    room: &mut Room,
    audience: Audience,
    components: &[(&str, ComponentState)],
) -> Vec<ComponentNote> {
    let kind = match (room.incident.updates.is_empty(), room.incident.status) {
        (true, _) => UpdateKind::First,
        (false, Status::Resolved) => UpdateKind::Resolution,
        (false, _) => UpdateKind::Progress,
    };
    let mut text = update_text(kind, room.now, 30);
    text.components = notes(components);
    text.audience = audience;
    let after = room.incident.updates.last().map(|u| u.id);
    let excuses = Vec::new();
    let command = Command::PublishUpdate {
        text,
        after,
        excuses,
    };
    room.wait(1).ok(&ana(), command);
    let last = room.incident.updates.last().unwrap();
    last.text.components.clone()
}

#[test]
fn component_that_is_left_out_keeps_its_last_state_until_somebody_says_otherwise() {
    let mut room = room();
    let both = [("Checkout", MajorOutage), ("Sign-in", PartialOutage)];
    assert_eq!(publish(&mut room, Audience::Public, &both), notes(&both));
    let published = publish(&mut room, Audience::Public, &[("Sign-in", Operational)]);
    let expected = [("Sign-in", Operational), ("Checkout", MajorOutage)];
    assert_eq!(published, notes(&expected));
    // Working is not carried: it is what is taken of what nobody names.
    let published = publish(&mut room, Audience::Public, &[]);
    assert_eq!(published, notes(&[("Checkout", MajorOutage)]));
}

#[test]
fn state_is_carried_to_those_only_who_were_told_it() {
    let mut room = room();
    let (one, both) = (named(&["Northwind"]), named(&["Northwind", "Tallis"]));
    publish(&mut room, Audience::Public, &[("Checkout", PartialOutage)]);
    publish(&mut room, one.clone(), &[("Data sync", MajorOutage)]);
    for audience in [Audience::Public, both] {
        let published = publish(&mut room, audience.clone(), &[]);
        assert_eq!(
            published,
            notes(&[("Checkout", PartialOutage)]),
            "{audience:?}"
        );
    }
    let mut room = self::room();
    publish(&mut room, Audience::Public, &[("Checkout", PartialOutage)]);
    publish(&mut room, one.clone(), &[("Data sync", MajorOutage)]);
    let published = publish(&mut room, one, &[]);
    let expected = [("Data sync", MajorOutage), ("Checkout", PartialOutage)];
    assert_eq!(published, notes(&expected));
}

/// An older event names them by their name alone.
#[test]
fn state_that_was_told_by_name_is_carried_to_the_customer_who_bore_the_name() {
    let mut room = Room::declared(Severity::Sev2);
    for (n, name) in [(96, "Northwind"), (97, "Tallis")] {
        let customer = Customer {
            name: name.to_owned(),
            ..Customer::default()
        };
        let command = domain::CommandId(uuid::Uuid::from_u128(n));
        room.record(&ana(), command, Event::CustomerKnown { customer });
    }
    publish(&mut room, Audience::Public, &[]);
    let mut text = update_text(UpdateKind::Progress, room.now, 30);
    text.audience = named(&["Northwind"]);
    text.components = notes(&[("Data sync", MajorOutage)]);
    let event = Event::UpdateSent {
        text,
        cadence_min: 60,
        approved_by: None,
        excuses: Vec::new(),
    };
    room.record(&ana(), domain::CommandId(uuid::Uuid::from_u128(98)), event);
    let tallis = publish(&mut room, named(&["Tallis"]), &[]);
    assert_eq!(tallis, []);
    let northwind = publish(&mut room, named(&["Northwind"]), &[]);
    assert_eq!(northwind, notes(&[("Data sync", MajorOutage)]));
}

#[test]
fn component_that_the_policy_lists_no_more_is_not_carried_and_a_resolution_carries_none() {
    let mut room = room();
    publish(&mut room, Audience::Public, &[("Checkout", MajorOutage)]);
    let mut other = room.clone();
    other.policy.components.retain(|c| c != "Checkout");
    assert_eq!(publish(&mut other, Audience::Public, &[]), []);
    room.moves_to(Status::Resolved);
    room.publishes(UpdateKind::Resolution);
    assert_eq!(room.incident.updates.last().unwrap().text.components, []);
}

/// What was once published is shown as it was read then.
#[test]
fn update_of_an_older_log_folds_to_what_it_said() {
    let mut room = room();
    publish(&mut room, Audience::Public, &[("Checkout", MajorOutage)]);
    let text = update_text(UpdateKind::Progress, room.now, 30);
    let event = Event::UpdateSent {
        text,
        cadence_min: 60,
        approved_by: None,
        excuses: Vec::new(),
    };
    room.record(&ana(), domain::CommandId(uuid::Uuid::from_u128(99)), event);
    assert_eq!(room.incident.updates[1].text.components, []);
    assert_eq!(publish(&mut room, Audience::Public, &[]), []);
}
