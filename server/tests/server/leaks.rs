//! What was not published does not exist for customers (issue 2, "Done when" 4): every field of
//! every command is seeded with a marker of its own, and no answer to a stranger may hold any.

use crate::commands::account;
use crate::first_hours::{change_policy, first_hours};
use crate::marks::{KINDS, Marks};
use crate::seeded::{
    TOLD, Teller, customer, declare, dismiss, end, keep_to_ourselves, marked_person, update, work,
};
use crate::site::{Browser, Server, new_id};
use chrono::Duration;
use domain::customer::{Credit, Customer, CustomerId, CustomerRef};
use domain::update::{Audience, UpdateKind};
use domain::{Command, CommandId, IncidentId};
use reqwest::Method;
use std::collections::BTreeSet;

#[tokio::test]
async fn no_word_that_was_not_published_is_in_any_answer_to_a_stranger() {
    let server = Server::with_demo_people().await;
    let mut m = Marks::default();
    let mut sent = BTreeSet::new();
    let now = server.clock.now();
    let (browser, me) = marked_person(&server, &mut m).await;

    for n in 0..2 {
        let incident = IncidentId(new_id());
        let mut teller = Teller {
            browser: &browser,
            incident,
            sent: &mut sent,
        };
        if n == 0 {
            dismiss(&mut teller, &mut m).await;
        } else {
            keep_to_ourselves(&mut teller, &mut m, now).await;
        }
    }
    change_policy(&browser, &mut sent, &mut m).await;
    let incident = IncidentId(new_id());
    let mut teller = Teller {
        browser: &browser,
        incident,
        sent: &mut sent,
    };
    teller
        .does(Command::Report {
            what: m.text(),
            source: m.text(),
        })
        .await;
    let reader = account(&server, &m.text()).await;
    let secretive = Audience::Named {
        customers: vec![reader.clone()],
    };
    teller.does(declare(&mut m, now, secretive.clone())).await;
    work(&mut teller, &mut m, &me, now).await;
    let who = customer(&mut m, &reader, now);
    teller
        .does(Command::NoteCustomer {
            customer: who.clone(),
        })
        .await;
    let more = Customer {
        sees: m.text(),
        ..who.clone()
    };
    teller
        .does(Command::ChangeCustomer {
            was: who.clone().into(),
            to: more.into(),
        })
        .await;
    let entry = CustomerId::Entry(CommandId(new_id()));
    let entry = CustomerRef::new(entry, m.text());
    let added = Command::AddCustomer {
        customer: entry.clone(),
    };
    teller.does(added).await;
    let credit = Credit::None { reason: m.text() };
    let customer = entry;
    teller
        .does(Command::DecideCredit { customer, credit })
        .await;

    let plain = [
        TOLD.to_owned(),
        "18 % of sessions.".to_owned(),
        "We switch it off.".to_owned(),
    ];
    let next_at = now + Duration::minutes(50);
    let text = update(UpdateKind::First, Audience::Public, plain, next_at);
    let first = teller
        .does(Command::PublishUpdate {
            text,
            after: None,
            excuses: Vec::new(),
        })
        .await;
    let words = [m.text(), m.text(), m.text()];
    let text = update(UpdateKind::Progress, secretive, words, next_at);
    teller
        .does(Command::PublishUpdate {
            text,
            after: Some(first),
            excuses: Vec::new(),
        })
        .await;
    first_hours(&mut teller, &mut m, &me, &reader, now).await;
    end(&mut teller, &mut m, &me, reader, now).await;

    assert_eq!(
        sent,
        (0..KINDS).collect(),
        "send every kind of command, a marker in each field"
    );
    strangers_find_nothing(&server, incident).await;
    no_markup_runs_inside(&browser).await;
}

/// Everything that a stranger can ask for, headers and all.
async fn strangers_find_nothing(server: &Server, incident: IncidentId) {
    let told = server.log.published();
    assert_eq!(told.len(), 1);
    let (public_id, number) = (told[0].public_id.clone().unwrap(), told[0].number.unwrap());
    let silent = server
        .log
        .live()
        .values()
        .find(|i| i.updates.is_empty())
        .unwrap()
        .public_id
        .clone();
    let mut paths: Vec<String> = [
        "/",
        "/declare",
        "/status",
        "/status/",
        "/status/x",
        "/status/incidents/x",
        "/healthz",
        "/readyz",
        "/app-shell",
        "/sign-in",
        "/sign-out",
        "/sign-out/pending",
        "/signed-out",
        "/signed-in",
        "/setup/x",
        "/enter/x",
        "/people",
        "/people/new",
        "/password",
        "/live",
        "/sync/pull",
        "/sync/snapshot",
        "/api/v2/summary.json",
        "/api/v1/incidents",
        "/intake/generic",
        "/sw.js",
        "/manifest.webmanifest",
        "/favicon.svg",
        "/robots.txt",
        "/nowhere",
        "/status.atom",
    ]
    .map(str::to_owned)
    .to_vec();
    paths.extend([
        format!("/status/incidents/{public_id}"),
        format!("/status/incidents/{}", silent.unwrap()),
        format!("/status/incidents/{number}"),
        format!("/status/incidents/{incident}"),
        format!("/incidents/{number}"),
        format!("/incidents/{number}/brief"),
        format!("/incidents/{incident}"),
    ]);
    paths.extend(
        server::assets::all()
            .iter()
            .map(|a| format!("{}/{}", server::assets::PKG, a.name)),
    );
    let mut told_on = 0;
    for path in &paths {
        for method in [Method::GET, Method::HEAD, Method::POST] {
            let request = server
                .client
                .request(method.clone(), format!("{}{path}", server.url));
            let response = request
                .json(&serde_json::json!({ "since": 0, "number": number }))
                .send()
                .await
                .unwrap();
            let headers = format!("{:?}", response.headers());
            let body = String::from_utf8_lossy(&response.bytes().await.unwrap()).into_owned();
            for word in [
                "QMARKQ",
                "mark.example",
                "8191273",
                "988191273",
                "76,543",
                "acme.example",
                &incident.to_string(),
            ] {
                // What was asked for may come back to who asked.
                let answer = format!("{headers}{body}").replace(path.as_str(), "");
                assert!(
                    !answer.contains(word),
                    "{method} {path} tells {word}: {}",
                    around(&answer, word)
                );
            }
            told_on += usize::from(body.contains(TOLD));
        }
    }
    assert_eq!(
        told_on, 2,
        "the status page and the incident's own page tell what was published"
    );
}

/// Who is signed in gets the same words as words.
async fn no_markup_runs_inside(browser: &Browser<'_>) {
    let number = browser.server.log.published()[0].number.unwrap();
    for path in [
        "/".to_owned(),
        format!("/incidents/{number}"),
        format!("/incidents/{number}/brief"),
    ] {
        let html = browser
            .get(&path)
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap();
        assert!(html.contains("QMARKQ"), "{path}");
        assert!(
            !html.contains("<b>QMARKQ"),
            "{path}: {}",
            around(&html, "<b>QMARKQ")
        );
    }
}

fn around<'a>(text: &'a str, word: &str) -> &'a str {
    let at = text.find(word).unwrap_or(0);
    let from = (0..=at.saturating_sub(200))
        .rev()
        .find(|i| text.is_char_boundary(*i))
        .unwrap_or(0);
    let to = (at..=(at + 200).min(text.len()))
        .rev()
        .find(|i| text.is_char_boundary(*i))
        .unwrap_or(at);
    &text[from..to]
}
