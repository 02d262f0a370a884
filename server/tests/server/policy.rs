//! The policy: seen by everybody who is signed in, changed by an administrator, versioned. Each
//! change goes through the form as a browser sends it.

use crate::commands::declared;
use crate::filled::{fields_of, words_of};
use crate::site::{Browser, Server, envelope};
use app::api::Outcome;
use domain::{Command, CommandId, Incident, IncidentId, PersonId, Policies};
use reqwest::StatusCode;
use server::demo;
use std::collections::BTreeMap;
use uuid::Uuid;

type Fields = BTreeMap<String, String>;

async fn page(browser: &Browser<'_>, path: &str) -> String {
    let response = browser.get(path).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK, "{path}");
    response.text().await.unwrap()
}

/// What everybody reads of the policy in force.
pub async fn words(browser: &Browser<'_>) -> String {
    words_of(&page(browser, "/policy").await)
}

/// The form as it comes.
async fn form(browser: &Browser<'_>) -> Fields {
    fields_of(&page(browser, "/policy/edit").await)
}

/// The same with other words in some of its fields.
fn with(form: &Fields, put: &[(&str, &str)]) -> Fields {
    let mut form = form.clone();
    for (at, text) in put {
        form.insert((*at).to_owned(), (*text).to_owned());
    }
    form
}

async fn send(browser: &Browser<'_>, form: &Fields) -> (StatusCode, String) {
    let sent = browser.post("/policy/edit").form(form);
    let response = sent.send().await.unwrap();
    (response.status(), response.text().await.unwrap())
}

/// Puts a policy in force that differs from the one in force in this.
pub async fn change(browser: &Browser<'_>, put: &[(&str, &str)]) {
    let form = with(&form(browser).await, put);
    let form = with(&form, &[("reason", "Agreed with Support")]);
    let (status, page) = send(browser, &form).await;
    assert_eq!(status, StatusCode::SEE_OTHER, "{}", words_of(&page));
}

/// What a browser has of this incident, and of the policy.
pub async fn incident(browser: &Browser<'_>, id: IncidentId) -> (Incident, Policies) {
    let snapshot = browser.snapshot().await;
    let mut records = snapshot.incidents.iter();
    let found = records.find(|r| r.incident() == Some(id));
    (found.unwrap().fold().unwrap(), snapshot.policies)
}

/// Sends a command and tells its id and what became of it.
pub async fn answer(
    browser: &Browser<'_>,
    id: IncidentId,
    command: Command,
) -> (CommandId, Outcome) {
    let envelope = envelope(id, browser.server.clock.now(), command);
    let pushed = browser.push(std::slice::from_ref(&envelope)).await;
    (envelope.id, pushed.answers[0].outcome.clone())
}

/// Sends a command that must be refused; tells why, in the words people read.
pub async fn refused(browser: &Browser<'_>, id: IncidentId, command: Command) -> String {
    match answer(browser, id, command).await.1 {
        Outcome::Refused { refusal } => refusal.to_string(),
        Outcome::Accepted => panic!("accepted"),
    }
}

#[tokio::test]
async fn an_administrator_puts_a_new_version_in_force_and_an_incident_keeps_its_own() {
    let server = Server::with_demo_people().await;
    let (ana, bo) = (server.enter(0).await, server.enter(1).await);
    let before = declared(&bo, "Declared before").await;
    let (status, _) = server.page("/policy").await;
    assert_ne!(status, StatusCode::OK, "a stranger reads no policy");
    let shown = words(&bo).await;
    assert!(shown.contains("Policy, version 1") && !shown.contains("Change…"));
    for says in [
        "Declare or dismiss a report 15 min",
        "CFO",
        "counted in UTC.",
        "Version 1 as shipped",
    ] {
        assert!(shown.contains(says), "{says}: {shown}");
    }
    let empty = Fields::new();
    assert_eq!(send(&bo, &empty).await.0, StatusCode::FORBIDDEN);
    let opened = bo.get("/policy/edit").send().await.unwrap();
    assert_eq!(opened.status(), StatusCode::FORBIDDEN);
    assert_eq!(send(&ana, &empty).await.0, StatusCode::BAD_REQUEST);

    change(
        &ana,
        &[
            ("/triage_min", "20"),
            ("/holidays", "2026-12-25"),
            ("/approve_briefs", ""),
        ],
    )
    .await;
    let shown = words(&bo).await;
    for says in [
        "version 2",
        "20 min",
        "2026-12-25",
        "executive briefs no",
        "UTC, Ana Ruiz Agreed with Support",
    ] {
        assert!(shown.contains(says), "{says}: {shown}");
    }
    let old = words_of(&page(&bo, "/policy?version=1").await);
    assert!(
        old.contains("15 min") && old.contains("replaced since"),
        "{old}"
    );
    let missing = bo.get("/policy?version=9").send().await.unwrap();
    assert_eq!(missing.status(), StatusCode::NOT_FOUND);

    let after = declared(&bo, "Declared after").await;
    let version = async |id| incident(&bo, id).await.0.policy_version();
    assert_eq!(
        (version(before).await, version(after).await),
        (Some(1), Some(2))
    );
    let server = server.restarted().await;
    assert_eq!(server.log.policy().triage_min, 20, "it is in the log");
}

#[tokio::test]
async fn what_cannot_be_put_in_force_is_told_and_every_word_is_kept() {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    let form = form(&ana).await;
    for (put, says) in [
        (
            ("/triage_min", "soon"),
            "Declare or dismiss a report needs a whole number from 1 to 129600, in min.",
        ),
        (
            ("/hypothesis_min", "10081"),
            "A hypothesis concluded needs a whole number from 1 to 10080, in min.",
        ),
        (
            ("/booked_business_days", "6"),
            "Post-mortem booked must not be later than the post-mortem itself.",
        ),
        (
            ("/holidays", "<i>Xmas</i>\r\n2026-12-25"),
            "Holidays have “<i>Xmas</i>”, which is no date. Write it as 2026-12-25.",
        ),
        (
            ("/zone/name", "\"Berlin\""),
            "Time zone “\"Berlin\"” is not in the table of zones. Write a name from it, such as Europe/Berlin or UTC.",
        ),
        (
            ("/currency", "USD"),
            "Row 1 is up to 1 000.00 EUR, and the policy counts in USD. Write that bound in USD.",
        ),
        (("/page_name", " "), "Page name must not be empty."),
        (
            ("/severity_rules/13/strategic", "on"),
            "Rule 14 has no name. Name it, or clear what else stands in it.",
        ),
        (
            ("/severity_rules/3/users", ""),
            "Rule 4: Severity rule “Broad outage: all users are hit” needs at least one condition.",
        ),
        (
            ("/credit_matrix/4/approver", "Board"),
            "Approval matrix has “CFO” without an upper bound before the last row; give it one.",
        ),
        (("reason", " \t"), "Reason must not be empty."),
    ] {
        // All else is changed too, to see that it is kept.
        let mine = with(
            &form,
            &[
                ("/jargon", "shard\r\np99 & <b>more</b>"),
                ("/severity_rules/12/name", "“New” & <new>"),
                ("/severity_rules/12/severity", "SEV-2"),
                ("/severity_rules/12/percent", "3"),
                ("/severity_rules/0/executive", "on"),
                (
                    "/credit_matrix/0/people/00000000-0000-7000-8000-000000000009",
                    "on",
                ),
                ("/approve_updates/2", "on"),
                ("reason", "We are <more>"),
            ],
        );
        let mine = with(&mine, &[put]);
        let (status, page) = send(&ana, &mine).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{says}");
        let told = words_of(&page);
        assert_eq!(
            told.matches(says).count(),
            2,
            "{says} above and beside the field: {told}"
        );
        // Blank rows move on after a new one; what is sent and what is shown has its own line ends.
        let told = |fields: &Fields| -> Fields {
            let told = fields.iter().filter(|(_, text)| !text.is_empty());
            told.map(|(at, text)| (at.clone(), text.replace("\r\n", "\n")))
                .collect()
        };
        assert_eq!(told(&fields_of(&page)), told(&mine), "{says}");
    }
    assert_eq!(server.log.policy().version, 1, "nothing was put in force");
    // The largest policy there may be can be sent.
    let line = |n: usize| format!("{n:03}{}", "ü".repeat(197));
    let lines: Vec<String> = (0..500).map(line).collect();
    let lines = lines.join("\n");
    let mine = with(
        &form,
        &[
            ("/jargon", &lines),
            ("/internal_names", &lines),
            ("/components", &lines),
            ("reason", "Many words"),
        ],
    );
    assert_eq!(send(&ana, &mine).await.0, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_log_that_cannot_be_written_is_not_taken_for_a_fault() {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    let form = with(&form(&ana).await, &[("reason", "We are more")]);
    server.log.shutdown().await;
    let (status, page) = send(&ana, &form).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(page.contains("Nothing is lost."), "{page}");
}

#[tokio::test]
async fn of_two_administrators_the_second_reads_what_the_first_did_and_loses_nothing() {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    let mut account = demo::people().remove(1);
    account.person.id = PersonId(Uuid::from_u128(77));
    account.person.name = "Vera Admin".to_owned();
    account.person.administrator = true;
    account.email = "vera@acme.example".to_owned();
    let id = account.person.id;
    assert!(server.log.people().add_account(account).await.unwrap());
    let vera = Browser {
        server: &server,
        cookie: server.session_of(id).await,
    };
    let hers = form(&vera).await;
    change(
        &ana,
        &[
            ("/triage_min", "20"),
            ("/relief_min", "120"),
            ("/severity_rules/4/percent", "5"),
        ],
    )
    .await;
    let hers = with(
        &hers,
        &[
            ("/relief_min", "240"),
            ("/jargon", "shard"),
            ("reason", "More sleep"),
        ],
    );
    let (status, page) = send(&vera, &hers).await;
    assert_eq!(status, StatusCode::CONFLICT);
    let told = words_of(&page);
    for says in [
        "Ana Ruiz put version 2 in force at",
        "while you were writing: “Agreed with Support”",
        "The form below is version 2 with what you changed in it.",
        "Both of you changed this, and yours stands below: Commander relieved.",
    ] {
        assert!(told.contains(says), "{says}: {told}");
    }
    assert_eq!(server.log.policy().version, 2, "read first");
    let merged = fields_of(&page);
    for (at, text) in [
        ("version", "2"),
        ("/triage_min", "20"),
        ("/relief_min", "240"),
        ("/severity_rules/4/percent", "5"),
        ("/jargon", "shard"),
        ("reason", "More sleep"),
    ] {
        assert_eq!(merged[at], text, "{at}");
    }
    assert_eq!(send(&vera, &merged).await.0, StatusCode::SEE_OTHER);
    let policy = server.log.policy();
    assert_eq!(
        (policy.version, policy.triage_min, policy.relief_min),
        (3, 20, 240)
    );
    assert_eq!(
        (policy.severity_rules[4].percent, policy.jargon.len()),
        (Some(5), 1)
    );
    let shown = words(&ana).await;
    assert!(shown.contains("UTC, Vera Admin More sleep"), "{shown}");
}
