//! Whom commands name, who may send them, and what removing somebody does to the record.

use super::Place;
use super::asks::{
    all_accepted, declare, entry, envelope, new_incident, past, person, push, whole_life,
};
use super::trouble::Fails;
use crate::store::{Account, Deed, Invite, Put, Store};
use app::api::{ApiError, Outcome};
use chrono::NaiveDate;
use domain::role::{Answer, Seat};
use domain::{
    Actor, Command, Envelope, Event, Incident, IncidentId, Person, PersonId, PersonRef, Policy,
    Refusal, Role, Status,
};
use std::sync::Arc;
use uuid::Uuid;

const COMMS: Role = Role::Comms;

fn under(n: u128, name: &str) -> PersonRef {
    PersonRef {
        name: name.to_owned(),
        ..person(n)
    }
}

fn offer(incident: IncidentId, role: Role, to: PersonRef) -> Envelope {
    let command = Command::OfferRole {
        role,
        person: to,
        two_hats: None,
    };
    envelope(incident, command)
}

fn accept(incident: IncidentId, role: Role) -> Envelope {
    envelope(incident, Command::AcceptRole { role })
}

fn shadow(incident: IncidentId, role: Role, person: PersonRef) -> Envelope {
    envelope(incident, Command::AddShadow { role, person })
}

fn hand_over(incident: IncidentId, role: Role, to: PersonRef) -> Envelope {
    let command = Command::HandOverRole {
        role,
        to,
        note: "Next update at 11:00 UTC".to_owned(),
        two_hats: None,
    };
    envelope(incident, command)
}

fn refused(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Refused { refusal } => refusal.to_string(),
        Outcome::Accepted => panic!("it was accepted"),
    }
}

impl Place {
    async fn does(&self, who: u128, envelope: Envelope) {
        all_accepted(&push(&self.log, who, envelope).await.unwrap());
    }

    /// An incident in which this person is Comms Lead.
    async fn led_by(&self, who: u128) -> IncidentId {
        let incident = new_incident();
        self.does(1, declare(incident)).await;
        self.does(1, offer(incident, COMMS, person(who))).await;
        self.does(who, accept(incident, COMMS)).await;
        incident
    }

    async fn remove(&self, who: u128) -> Put {
        let removed = self
            .log
            .remove_person(person(who).id, person(1), String::new())
            .await;
        removed.unwrap()
    }

    fn incident(&self, id: IncidentId) -> Arc<Incident> {
        Arc::clone(&self.log.live()[&id])
    }

    fn seat(&self, id: IncidentId, role: Role) -> Seat {
        self.incident(id).seat(role).clone()
    }

    /// Returns once nobody holds this seat.
    async fn is_emptied(&self, id: IncidentId, role: Role) {
        let mut head = self.log.subscribe();
        let holds = || {
            let live = self.log.live();
            live.get(&id).is_none_or(|i| i.seat(role).holder.is_some())
        };
        while holds() {
            head.changed().await.unwrap();
        }
    }
}

#[tokio::test]
async fn whoever_is_named_goes_by_the_name_that_they_have_here() {
    let place = Place::new().await;
    let id = new_incident();
    place.does(1, declare(id)).await;
    let sent = || under(2, "Somebody Else");
    let due_on = NaiveDate::from_ymd_opt(2099, 1, 1).unwrap();
    for command in [
        offer(id, COMMS, sent()),
        shadow(id, Role::Sponsor, sent()),
        envelope(
            id,
            Command::OpenHypothesis {
                statement: "A pool is exhausted".to_owned(),
                owner: sent(),
                timebox_min: None,
            },
        ),
        envelope(
            id,
            Command::AgreeAction {
                what: "Test flags".to_owned(),
                owner: sent(),
                due_on,
                acceptance: "It runs".to_owned(),
            },
        ),
    ] {
        place.does(1, command).await;
    }
    let recorded = serde_json::to_string(&place.all_events().await).unwrap();
    assert!(!recorded.contains("Somebody Else"), "{recorded}");
    let incident = place.incident(id);
    let offered = incident.seat(COMMS).offer.clone().unwrap().person;
    assert_eq!(offered, person(2));
    assert_eq!(incident.seat(Role::Sponsor).shadows, [person(2)]);
    assert_eq!(incident.hypotheses[0].owner, person(2));
    assert_eq!(incident.actions[0].owner, person(2));
    place.memory_is_the_log().await;
}

#[tokio::test]
async fn nobody_and_who_was_removed_cannot_be_named_and_the_rest_of_a_push_is_decided() {
    let place = Place::new().await;
    let id = new_incident();
    place.does(1, declare(id)).await;
    place.does(1, shadow(id, COMMS, person(2))).await;
    place.remove(2).await;
    let long = "x".repeat(100_000);
    let pushed = vec![
        offer(id, COMMS, under(2, "Bo")),
        offer(id, COMMS, under(77, "Nobody")),
        offer(id, COMMS, under(77, &long)),
        entry(id, "Goes on"),
    ];
    let answers = place.log.push(person(1), pushed).await.unwrap();
    assert_eq!(
        refused(&answers[0].outcome),
        "Person 2 has no account any more; choose somebody else."
    );
    assert_eq!(
        refused(&answers[1].outcome),
        "Nobody has no account; choose somebody else."
    );
    assert_eq!(
        refused(&answers[2].outcome),
        "Name must be at most 200 characters."
    );
    assert_eq!(answers[3].outcome, Outcome::Accepted);
    assert_eq!(place.seat(id, COMMS).offer, None);
    place.memory_is_the_log().await;
}

#[tokio::test]
async fn only_an_administrator_changes_the_policy_and_the_rest_of_a_push_is_decided() {
    let place = Place::new().await;
    let id = new_incident();
    place.does(1, declare(id)).await;
    let change = || {
        let command = Command::ChangePolicy {
            policy: Box::new(Policy::default()),
            reason: "We are more".to_owned(),
            after_version: 1,
        };
        envelope(IncidentId::SETTINGS, command)
    };
    let pushed = vec![entry(id, "Before"), change(), entry(id, "After")];
    let answers = place.log.push(person(2), pushed).await.unwrap();
    let not_yours = Refusal::NotYours {
        why: "Only an administrator changes the policy. Ask one of them.".to_owned(),
    };
    assert_eq!(answers[1].outcome, Outcome::Refused { refusal: not_yours });
    assert_eq!(answers[0].outcome, Outcome::Accepted);
    assert_eq!(answers[2].outcome, Outcome::Accepted);
    assert_eq!(place.log.policy().version, 1);
    place.does(1, change()).await;
    assert_eq!(place.log.policy().version, 2);
}

#[tokio::test]
async fn who_is_removed_leaves_every_seat_of_what_is_open_with_a_reason() {
    let place = Place::new().await;
    let held = place.led_by(2).await;
    let asked = place.led_by(3).await;
    place.does(1, hand_over(asked, COMMS, person(2))).await;
    place.does(1, offer(asked, Role::CsSales, person(2))).await;
    place.does(1, shadow(asked, Role::Sponsor, person(2))).await;
    place.does(1, shadow(asked, Role::Sponsor, person(4))).await;
    let untouched = place.led_by(3).await;
    let before = place.incident(untouched).version;

    assert_eq!(place.remove(2).await, Put::Done);
    let reason = || "Removed from Drumbeat by Person 1".to_owned();
    let seat = place.seat(held, COMMS);
    assert_eq!(seat.holder, None);
    let left = Answer::Vacated { reason: reason() };
    assert_eq!(seat.history.last().unwrap().answer, left);
    let seat = place.seat(asked, COMMS);
    assert_eq!(seat.holder.unwrap().person, person(3), "hers stays hers");
    assert_eq!(seat.offer, None);
    let withdrawn = Answer::Withdrawn { reason: reason() };
    assert_eq!(seat.history.last().unwrap().answer, withdrawn);
    assert_eq!(place.seat(asked, Role::CsSales).offer, None);
    assert_eq!(place.seat(asked, Role::Sponsor).shadows, [person(4)]);
    assert_eq!(place.incident(untouched).version, before);
    let last = place.all_events().await.pop().unwrap();
    assert_eq!(last.by, person(1), "in the name of who removed them");

    // Again, it does nothing; the record keeps the first time.
    let head = place.log.head();
    assert_eq!(place.remove(2).await, Put::Done);
    assert_eq!(place.log.head(), head);
    place.memory_is_the_log().await;
    let place = place.restarted().await;
    place.memory_is_the_log().await;
}

#[tokio::test]
async fn who_is_no_administrator_when_their_turn_comes_changes_nobody() {
    let place = Place::new().await;
    let people = place.log.people();
    let administrator = |is: bool| Person {
        administrator: is,
        ..people.now().find(person(2).id).unwrap().person.clone()
    };
    let email = || people.now().find(person(2).id).unwrap().email.clone();
    let change = async |is, version, by: u128| {
        let put = people.change(
            administrator(is),
            email(),
            version,
            Deed::new(person(by), past(1), ""),
        );
        put.await.unwrap()
    };
    assert_eq!(change(true, 1, 2).await, Put::NotYours);
    assert_eq!(change(true, 1, 1).await, Put::Done);
    // From here on their requests were let in, while another takes it from them again.
    assert_eq!(change(false, 2, 1).await, Put::Done);
    let before = place.store.everybody().await.unwrap();
    assert_eq!(change(true, 3, 2).await, Put::NotYours);
    let invite = |who| Invite {
        token_hash: [7; 32],
        person: who,
        expires_at: past(1),
    };
    let reset = people.reset_password(invite(person(1).id), Deed::new(person(2), past(1), ""));
    assert_eq!(reset.await.unwrap(), Put::NotYours);
    let another = Account {
        person: Person {
            id: PersonId(Uuid::from_u128(77)),
            ..administrator(true)
        },
        email: "another@acme.example".to_owned(),
        password_hash: None,
    };
    let deed = Deed::new(person(2), past(1), "");
    let added = people.add(another.clone(), invite(another.person.id), deed);
    assert_eq!(added.await.unwrap(), Put::NotYours);
    let removed = place
        .log
        .remove_person(person(1).id, person(2), String::new())
        .await;
    assert_eq!(removed.unwrap(), Put::NotYours);
    assert_eq!(place.store.everybody().await.unwrap(), before);
}

#[tokio::test]
async fn what_a_crash_left_undone_is_done_at_the_next_start() {
    let place = Place::new().await;
    let id = place.led_by(2).await;
    let by = Deed::new(person(1), past(1), "");
    // As far as a removal came: it is on disk, the seats are not empty.
    let removed = place.store.remove_person(person(2).id, &by).await;
    assert_eq!(removed.unwrap(), Put::Done);
    let place = place.restarted().await;
    place.is_emptied(id, COMMS).await;
    let events = place.all_events().await;
    let vacated = events
        .iter()
        .filter(|r| matches!(r.event, Event::RoleVacated { .. }))
        .count();
    assert_eq!(vacated, 1);
    place.memory_is_the_log().await;
}

#[tokio::test]
async fn a_full_disk_between_removal_and_record_is_made_good_by_repeating_it() {
    let place = Place::new().await;
    let id = place.led_by(2).await;
    place.store.fail_next(Fails::BeforeWriting);
    assert_eq!(place.remove(2).await, Put::Done);
    assert_eq!(place.remove(2).await, Put::Done);
    assert_eq!(place.seat(id, COMMS).holder, None);
    place.memory_is_the_log().await;
}

#[tokio::test]
async fn a_closed_incident_keeps_its_seats_until_it_is_opened_again() {
    let place = Place::new().await;
    let id = new_incident();
    let mut life = whole_life(id, past(1));
    let seat = [
        (person(1), offer(id, Role::CsSales, person(2)), past(1)),
        (person(2), accept(id, Role::CsSales), past(1)),
    ];
    life.splice(1..1, seat);
    all_accepted(&place.log.replay_all(life).await.unwrap());
    let closed = place.log.incident_by_id(id).await.unwrap();
    let version = closed.version;
    place.remove(2).await;
    let closed = place.log.incident_by_id(id).await.unwrap();
    assert_eq!(closed.version, version, "the past is not rewritten");

    let back = Command::MoveBack {
        to: Status::Active,
        reason: "Errors are back".to_owned(),
    };
    place.does(1, envelope(id, back)).await;
    place.is_emptied(id, Role::CsSales).await;
    place.memory_is_the_log().await;
}

#[tokio::test]
async fn what_who_was_removed_still_sends_is_signed_out_and_nothing_of_it_is_done() {
    let place = Place::new().await;
    let id = new_incident();
    place.does(1, declare(id)).await;
    // His push is let in, and waits for the writer when he is removed.
    let gate = place.store.hold().await;
    let first = tokio::spawn(push(&place.log, 1, entry(id, "first")));
    place.store.is_held().await;
    let waits = push(&place.log, 2, entry(id, "from the tunnel"));
    let waits = tokio::spawn(waits);
    while place.log.queue.capacity() == place.log.queue.max_capacity() {
        tokio::task::yield_now().await;
    }
    let mut known = place.log.people().subscribe();
    let log = place.log.clone();
    let removing = tokio::spawn(async move {
        log.remove_person(person(2).id, person(1), String::new())
            .await
    });
    known.changed().await.unwrap();
    drop(gate);
    all_accepted(&first.await.unwrap().unwrap());
    assert_eq!(waits.await.unwrap(), Err(ApiError::SignedOut));
    assert_eq!(removing.await.unwrap().unwrap(), Put::Done);
    let late = push(&place.log, 2, entry(id, "late")).await;
    assert_eq!(late, Err(ApiError::SignedOut));
    assert_eq!(place.log.head(), 3, "declared, numbered, the first entry");
    place.memory_is_the_log().await;
}

#[tokio::test]
async fn an_offer_that_was_on_its_way_when_they_were_removed_is_taken_back() {
    let place = Place::new().await;
    let id = new_incident();
    place.does(1, declare(id)).await;
    let gate = place.store.hold().await;
    let offering = tokio::spawn(push(&place.log, 1, offer(id, COMMS, person(2))));
    place.store.is_held().await;
    let mut known = place.log.people().subscribe();
    let log = place.log.clone();
    let removing = tokio::spawn(async move {
        log.remove_person(person(2).id, person(1), String::new())
            .await
    });
    known.changed().await.unwrap();
    drop(gate);
    all_accepted(&offering.await.unwrap().unwrap());
    assert_eq!(removing.await.unwrap().unwrap(), Put::Done);
    assert_eq!(place.seat(id, COMMS).offer, None);
    place.memory_is_the_log().await;
}

#[tokio::test]
async fn the_record_is_written_in_the_name_of_an_administrator_who_was_removed_since() {
    let place = Place::new().await;
    let id = place.led_by(2).await;
    let other: Actor = person(3);
    let by = Deed::new(other.clone(), past(1), "");
    for who in [2, 3] {
        let removed = place.store.remove_person(person(who).id, &by).await;
        assert_eq!(removed.unwrap(), Put::Done);
    }
    let place = place.restarted().await;
    place.is_emptied(id, COMMS).await;
    let last = place.all_events().await.pop().unwrap();
    assert_eq!(last.by, other);
}
