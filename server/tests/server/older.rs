//! The public pages of incidents that are no longer among the latest 50.

use crate::site::{Server, new_id};
use app::api::Outcome;
use domain::customer::CustomerRef;
use domain::update::{Audience, UpdateKind, UpdateText};
use domain::{
    CommandId, Event, Incident, IncidentId, IncidentNumber, PersonId, PersonRef, PublicId,
    Recorded, Severity, Status, Time,
};
use reqwest::StatusCode;
use server::store::{Decided, Standing, Store};

/// As many as are kept in memory, and two more.
const CLOSED: u32 = 52;

/// The name under which customers know the nth.
fn name(nth: u32) -> String {
    format!("0000000{nth:03}")
}

/// A closed incident of which somebody was told, every word of it.
fn closed(nth: u32, audience: Audience, now: Time) -> Vec<Event> {
    let text = UpdateText {
        kind: UpdateKind::Resolution,
        audience: audience.clone(),
        acknowledge: format!("Word number {nth}."),
        impact: "Some".to_owned(),
        action: "Mended".to_owned(),
        next_at: None,
        components: Vec::new(),
        closure: None,
        corrects: None,
    };
    vec![
        Event::Declared {
            title: "Internal".to_owned(),
            severity: Severity::Sev2,
            customer_sees: "Orders fail.".to_owned(),
            impact_began_at: now,
            components: Vec::new(),
            audience,
        },
        Event::Numbered {
            number: IncidentNumber {
                year: 2026,
                serial: nth,
            },
            public_id: PublicId(name(nth)),
        },
        Event::UpdatePublished {
            text,
            cadence_min: 60,
        },
        Event::StatusMoved { to: Status::Closed },
    ]
}

/// Writes a month of closed incidents past the log: the first is for one customer only.
async fn write_past(store: &dyn Store, now: Time) {
    let mut seq = 0;
    for nth in 1..=CLOSED {
        let audience = match nth {
            1 => Audience::Named {
                customers: vec![CustomerRef::by_name("Lumen Health")],
            },
            _ => Audience::Public,
        };
        let mut incident = Incident::empty(IncidentId(new_id()));
        let command = CommandId(new_id());
        let by = PersonRef {
            id: PersonId(new_id()),
            name: "Ana".to_owned(),
        };
        let mut events = Vec::new();
        for (version, event) in (1..).zip(closed(nth, audience, now)) {
            seq += 1;
            let at = now + chrono::Duration::milliseconds(seq);
            events.push(Recorded {
                seq: u64::try_from(seq).unwrap(),
                incident: incident.id,
                version,
                at,
                made_at: at,
                by: by.clone(),
                command,
                stamped_at: None,
                event,
            });
            incident.apply(events.last().unwrap());
        }
        let decided = Decided {
            command,
            person: by.id,
            incident: incident.id,
            outcome: Outcome::Accepted,
            events,
            from: String::new(),
        };
        let standings = [Standing::of(&incident)];
        store.append(&[decided], &standings).await.unwrap();
    }
}

#[tokio::test]
async fn the_address_of_an_old_incident_stays_good_for_who_was_told() {
    let server = Server::with_demo_people().await;
    let now = server.clock.now() - chrono::Duration::days(1);
    write_past(server.store.as_ref(), now).await;
    let server = server.restarted().await;
    let path = |nth| format!("/status/incidents/{}", name(nth));
    assert_eq!(
        server.log.published().len(),
        50,
        "the first two are not kept"
    );
    for nth in [2, 3, CLOSED] {
        // The second time it is drawn already.
        for _ in 0..2 {
            let (status, page) = server.page(&path(nth)).await;
            assert_eq!(status, StatusCode::OK, "{nth}");
            assert!(page.contains(&format!("Word number {nth}.")), "{page}");
            assert!(!page.contains("Internal"), "{page}");
        }
    }
    for other in [
        name(1),
        name(CLOSED + 1),
        "x".to_owned(),
        name(2).replace('0', "-"),
    ] {
        let (status, page) = server.page(&format!("/status/incidents/{other}")).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{other}");
        assert!(!page.contains("Word number"), "{page}");
    }
}
