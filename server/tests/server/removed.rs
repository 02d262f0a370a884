//! Somebody is removed: out at once, out of every seat, and nothing of the others' is lost.

use crate::commands::{account, declared, entry};
use crate::people::{GUS, chooses, id_of, link_in, page, sends};
use crate::site::{Browser, Server, cookie_of, envelope};
use app::api::{ApiError, Outcome, Pulled};
use chrono::Duration;
use domain::approval::ApprovalRow;
use domain::call::Side;
use domain::customer::Customer;
use domain::draft::Of;
use domain::next_step::{Target, next_steps};
use domain::{Command, IncidentId, PersonRef, Policy, Role};
use reqwest::{Response, StatusCode};
use serde_json::json;
use std::time::Duration as Wait;
use tokio::time::timeout;

/// Longer than anything takes; only a broken feed waits so long.
const PATIENCE: Wait = Wait::from_secs(20);

fn who(server: &Server, name: &str) -> PersonRef {
    PersonRef {
        id: id_of(server, name),
        name: name.to_owned(),
    }
}

async fn leads(ana: &Browser<'_>, bo: &Browser<'_>, incident: IncidentId, role: Role) {
    let person = who(ana.server, "Bo Lind");
    ana.does(
        incident,
        Command::OfferRole {
            role,
            person,
            two_hats: None,
        },
    )
    .await;
    bo.does(incident, Command::AcceptRole { role }).await;
}

async fn read_until(feed: &mut Response, wanted: &str) -> String {
    let mut seen = String::new();
    let read = async {
        while !seen.contains(wanted) {
            let chunk = feed.chunk().await.unwrap().expect("the feed ended");
            seen.push_str(&String::from_utf8_lossy(&chunk));
        }
    };
    timeout(PATIENCE, read).await.expect("it never came");
    seen
}

#[tokio::test]
async fn a_person_removed_while_holding_a_role_is_out_and_the_seat_is_empty_for_everybody() {
    let server = Server::with_demo_people().await;
    let (ana, bo, cy) = (
        server.enter(0).await,
        server.enter(1).await,
        server.enter(2).await,
    );
    let incident = declared(&ana, "Checkout errors").await;
    leads(&ana, &bo, incident, Role::Comms).await;
    let bo_id = id_of(&server, "Bo Lind");
    let held = cy.snapshot().await;
    let mut his = bo.get("/live").send().await.unwrap();
    let mut hers = cy.get("/live").send().await.unwrap();
    read_until(&mut his, "event: head\n").await;
    read_until(&mut hers, "event: head\n").await;
    let (_, list) = page(&cy, "/people").await;
    assert!(
        list.contains("Comms Lead, ") && list.contains("INC-"),
        "{list}"
    );

    let path = format!("/people/{bo_id}/remove");
    let (status, asked) = page(&ana, &path).await;
    assert_eq!(status, StatusCode::OK);
    assert!(asked.contains("Comms Lead, ") && asked.contains("Checkout errors"));
    assert!(asked.contains("Nothing is left in their name."), "{asked}");
    assert!(
        asked.contains("1 seat will be empty, and 0 things stay in their name"),
        "{asked}"
    );
    let removed = sends(&ana, &path, &[]).await;
    assert_eq!(removed.status(), StatusCode::SEE_OTHER);
    let told = removed.headers()["location"].to_str().unwrap();
    let (_, told) = page(&ana, told).await;
    assert!(
        told.contains("Bo Lind is removed. Name somebody else for what is empty now:"),
        "{told}"
    );
    let (_, empty) = told.split_once("empty now:").unwrap();
    let (empty, _) = empty.split_once("</ul>").unwrap();
    assert!(
        empty.contains("Comms Lead, ") && empty.contains("/incidents/INC-"),
        "{empty}"
    );

    // He is out: his stream ends, what waits on his device is refused as signed out.
    let end = async { while his.chunk().await.unwrap().is_some() {} };
    timeout(PATIENCE, end).await.expect("his feed went on");
    let again = bo.get("/live").send().await.unwrap();
    assert_eq!(again.status(), StatusCode::UNAUTHORIZED);
    let waited = envelope(incident, server.clock.now(), entry("From the tunnel"));
    let body = json!({ "since": 0, "commands": [waited] });
    let refused = bo.call("push", &body).await;
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(
        refused.json::<ApiError>().await.unwrap(),
        ApiError::SignedOut
    );
    let led = bo.get("/").send().await.unwrap();
    assert_eq!(led.headers()["location"], "/sign-in?then=/");
    let (_, door) = server.page("/sign-in").await;
    assert!(
        !door.contains("Bo Lind") && door.contains("Cy Tan"),
        "{door}"
    );
    let click = server.post("/sign-in").form(&[("person", bo_id)]);
    let click = click.send().await.unwrap();
    assert_eq!(click.status(), StatusCode::BAD_REQUEST);

    // Everybody else hears of it, and sees an empty seat with its clock and its step.
    read_until(&mut hers, "event: people\n").await;
    let asked = json!({ "since": held.head, "people": held.people_version });
    let pulled: Pulled = cy.call("pull", &asked).await.json().await.unwrap();
    let people = pulled.people.expect("the list has moved");
    assert!(people.all.iter().all(|p| p.id != bo_id));
    let kinds: Vec<_> = pulled.events.iter().map(|r| r.event.kind()).collect();
    assert_eq!(kinds, ["role_vacated.1"]);
    assert_eq!(pulled.events[0].by.name, "Ana Ruiz");
    let shown = cy.snapshot().await.incidents[0].fold().unwrap();
    let last = shown.timeline.last().unwrap();
    assert_eq!(
        last.text,
        "Bo Lind left Comms Lead empty: Removed from Drumbeat by Ana Ruiz"
    );
    let steps = next_steps(&shown, &Policy::default(), server.clock.now());
    assert!(steps.iter().any(|s| s.target == Target::Offer(Role::Comms)));

    // Nobody can name him; his name stays on the record.
    let offer = Command::OfferRole {
        role: Role::Comms,
        person: who(&server, "Bo Lind"),
        two_hats: None,
    };
    let offer = envelope(incident, server.clock.now(), offer);
    let answer = cy
        .push(std::slice::from_ref(&offer))
        .await
        .answers
        .remove(0);
    match answer.outcome {
        Outcome::Refused { refusal } => assert_eq!(
            refusal.to_string(),
            "Bo Lind has no account any more; choose somebody else."
        ),
        Outcome::Accepted => panic!("somebody removed was asked"),
    }
    let (_, gone) = page(&ana, &format!("/people/{bo_id}")).await;
    assert!(
        gone.contains("by Ana Ruiz") && !gone.contains("<form class"),
        "{gone}"
    );
    let twice = sends(&ana, &path, &[]).await;
    assert_eq!(twice.status(), StatusCode::SEE_OTHER, "safe to repeat");
}

#[tokio::test]
async fn nobody_removes_themselves_and_a_link_of_who_was_removed_is_void() {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    let path = format!("/people/{}/remove", id_of(&server, "Ana Ruiz"));
    let (status, shown) = page(&ana, &path).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(shown.contains("You cannot remove yourself"), "{shown}");
    let sent = sends(&ana, &path, &[]).await;
    assert_eq!(sent.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(ana.me().await.administrator);

    let link = link_in(sends(&ana, "/people/new", &GUS).await).await;
    let gus = id_of(&server, "Gus <b>Park</b>");
    sends(&ana, &format!("/people/{gus}/remove"), &[]).await;
    assert_eq!(server.page(&link).await.0, StatusCode::NOT_FOUND);
    let late = chooses(&server, &link, "correct horse battery").await;
    assert_eq!(late.status(), StatusCode::NOT_FOUND);
    assert_eq!(cookie_of(&late), None);
    // Who comes back is somebody else, under the same e-mail.
    let link = link_in(sends(&ana, "/people/new", &GUS).await).await;
    let entered = chooses(&server, &link, "correct horse battery").await;
    assert_eq!(entered.status(), StatusCode::SEE_OTHER);
    let server = server.restarted().await;
    assert!(server.log.people().now().is_removed(gus));
}

#[tokio::test]
async fn two_administrators_who_remove_each_other_leave_one() {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    let mut gus = GUS.to_vec();
    gus.push(("administrator", "yes"));
    let link = link_in(sends(&ana, "/people/new", &gus).await).await;
    let entered = chooses(&server, &link, "correct horse battery").await;
    let gus = Browser {
        server: &server,
        cookie: cookie_of(&entered).unwrap(),
    };
    let of = |name: &str| format!("/people/{}/remove", id_of(&server, name));
    let (his, hers) = (of("Gus <b>Park</b>"), of("Ana Ruiz"));
    let _ = tokio::join!(sends(&ana, &his, &[]), sends(&gus, &hers, &[]));
    let people = server.log.people().now();
    let left = people.here().all.iter().filter(|p| p.administrator);
    assert_eq!(left.count(), 1);
}

#[tokio::test]
async fn what_they_would_leave_behind_is_told_first_and_taken_from_nobody() {
    let server = Server::with_demo_people().await;
    let (ana, bo) = (server.enter(0).await, server.enter(1).await);
    let incident = declared(&ana, "Checkout <errors>").await;
    let person = || who(&server, "Bo Lind");
    let policy = Policy {
        credit_matrix: vec![ApprovalRow {
            up_to: None,
            approver: "CFO".to_owned(),
            people: vec![person().id],
        }],
        ..Policy::default()
    };
    let command = Command::ChangePolicy {
        policy: Box::new(policy),
        reason: "One approves".to_owned(),
        after_version: 1,
    };
    ana.does(IncidentId::SETTINGS, command).await;
    let due_on = (server.clock.now() + Duration::days(9)).date_naive();
    let customer = account(&server, "Orchard Bank").await;
    let target = format!("account/{}", customer.id.uuid());
    let noted = Customer {
        id: customer.id,
        name: customer.name.clone(),
        tier: "Strategic".to_owned(),
        annual_revenue: 1,
        sees: "Errors".to_owned(),
        ..Customer::default()
    };
    for command in [
        Command::OpenHypothesis {
            statement: "A pool is exhausted".to_owned(),
            owner: person(),
            timebox_min: None,
        },
        Command::AgreeAction {
            what: "Test flags".to_owned(),
            owner: person(),
            due_on,
            acceptance: "It runs".to_owned(),
        },
        Command::NoteCustomer { customer: noted },
        Command::AddPlanStep {
            customer,
            what: "Walk them through it".to_owned(),
            side: Side::Ours { person: person() },
            due_on,
        },
    ] {
        ana.does(incident, command).await;
    }
    let of = Of::Update;
    let take_over = false;
    bo.does(incident, Command::OpenDraft { of, take_over })
        .await;
    let link = [
        ("kind", "status"),
        ("target", target.as_str()),
        ("label", "CFO"),
    ];
    assert_eq!(sends(&bo, "/links", &link).await.status(), StatusCode::OK);

    let before = server.log.head();
    let path = format!("/people/{}/remove", person().id);
    let (_, asked) = page(&ana, &path).await;
    for told in [
        "Follows the hypothesis “A pool is exhausted”:",
        "Owns the action “Test flags”, due on",
        "Has to do “Walk them through it” for Orchard Bank, by",
        "Writes the customer update, which can be taken over:",
        "Approves credits of any amount as CFO; nobody else is named, so nobody could approve them:",
        "A secret link for CFO that they made and can read by:",
        "href=\"/policy/edit\"",
        "href=\"/links?kind=status&amp;target=account%2F",
        "the page of Orchard Bank",
        "Checkout &lt;errors&gt;",
        "They hold none",
    ] {
        assert!(asked.contains(told), "{told}: {asked}");
    }
    assert_eq!(server.log.head(), before, "asking changes nothing");
    sends(&ana, &path, &[]).await;
    assert_eq!(server.log.head(), before, "they held no seat");
    let incident = &server.log.live()[&incident];
    assert_eq!(incident.hypotheses[0].owner, person());
    assert_eq!(incident.actions[0].owner, person());
    let matrix = &server.log.policy().credit_matrix;
    assert_eq!(matrix[0].people, [person().id]);
}

#[tokio::test]
async fn what_is_left_of_closed_incidents_is_told_too() {
    let server = Server::with_demo_people().await;
    let store = server.store.as_ref();
    server::demo::load(&server.log, store, server.clock.now())
        .await
        .unwrap();
    let ana = server.enter(0).await;
    // In the month that the demo tells of, somebody owns an action of an incident that is closed.
    let closed = ana.snapshot().await.closed;
    let mut told = 0;
    for person in &server.log.people().now().here().all {
        let (_, page) = page(&ana, &format!("/people/{}/remove", person.id)).await;
        for line in page.split("Owns the action").skip(1) {
            let (at, _) = line.split_once("</li>").unwrap();
            let of = |number| at.contains(&format!("/incidents/{number}\""));
            told += usize::from(closed.iter().any(|i| of(i.number.to_string())));
        }
    }
    assert!(told > 0);
}
