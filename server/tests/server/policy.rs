//! The policy: seen by everybody who is signed in, changed by an administrator, versioned.

use crate::commands::declared;
use crate::site::{FORM, Server};
use reqwest::StatusCode;
use std::fmt::Write as _;

/// The form as the page shows it, with other values where they are given.
fn filled(page: &str, other: &[(&str, &str)]) -> String {
    let mut body = String::new();
    let mut add = |name: &str, value: &str| {
        let value = other
            .iter()
            .find(|(n, _)| *n == name)
            .map_or(value, |(_, v)| v);
        let mut encoded = String::new();
        for byte in value.bytes() {
            write!(encoded, "%{byte:02X}").unwrap();
        }
        write!(body, "{}={encoded}&", name.replace('/', "%2F")).unwrap();
    };
    for part in page
        .split("<input ")
        .skip(1)
        .map(|p| p.split('>').next().unwrap())
    {
        let of = |key: &str| {
            let (_, rest) = part.split_once(&format!(" {key}=\""))?;
            rest.split('"').next()
        };
        let name = format!(" {part}");
        let name = name
            .split_once(" name=\"")
            .map(|(_, r)| r.split('"').next().unwrap().to_owned());
        let Some(name) = name else { continue };
        if part.contains("type=\"checkbox\"") && !part.contains("checked") {
            continue;
        }
        add(&name, of("value").unwrap_or_default());
    }
    for part in page.split("<textarea ").skip(1) {
        let (head, rest) = part.split_once('>').unwrap();
        let (_, name) = head.split_once("name=\"").unwrap();
        add(
            name.split('"').next().unwrap(),
            rest.split("</textarea>").next().unwrap(),
        );
    }
    body
}

#[tokio::test]
async fn an_administrator_puts_a_new_version_in_force_and_an_incident_keeps_its_own() {
    let server = Server::with_demo_people().await;
    let (ana, bo) = (server.enter(0).await, server.enter(1).await);
    let before = declared(&bo, "Declared before").await;
    let (status, _) = server.page("/policy").await;
    assert_ne!(status, StatusCode::OK, "a stranger reads no policy");
    let shown = bo
        .get("/policy")
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(
        shown.contains("Policy, version 1") && !shown.contains("Change…"),
        "{shown}"
    );
    assert!(shown.contains("15 min") && shown.contains("CFO"), "{shown}");
    let refused = bo.get("/policy/edit").send().await.unwrap();
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);

    let form = ana
        .get("/policy/edit")
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    let send = async |other: &[(&str, &str)]| {
        let body = filled(&form, other);
        let sent = ana
            .post("/policy/edit")
            .header("content-type", FORM)
            .body(body);
        let response = sent.send().await.unwrap();
        (response.status(), response.text().await.unwrap())
    };
    for (other, says) in [
        (
            [("/triage_min", "soon"), ("reason", "Why not")],
            "Declare or dismiss a report needs a whole number",
        ),
        (
            [("/triage_min", "0"), ("reason", "Why not")],
            "must be between 1 minute",
        ),
        (
            [("/holidays", "Christmas"), ("reason", "Why not")],
            "“Christmas” is no date",
        ),
        (
            [("/triage_min", "20"), ("reason", " ")],
            "Reason must not be empty",
        ),
    ] {
        let (status, page) = send(&other).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{says}");
        assert!(page.contains(says), "{says}: {page}");
        assert!(page.contains(other[0].1), "what was typed is kept");
    }
    let other = [
        ("/triage_min", "20"),
        ("/holidays", "2026-12-25"),
        ("reason", "<b>We</b> are more"),
    ];
    let (status, _) = send(&other).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    let (status, page) = send(&other).await;
    assert_eq!(
        status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "somebody else was first"
    );
    assert!(
        page.contains("changed to version 2 while you were writing"),
        "{page}"
    );

    let shown = bo
        .get("/policy")
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(
        shown.contains("version 2") && shown.contains("20 min") && shown.contains("2026-12-25")
    );
    let old = bo
        .get("/policy?version=1")
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(old.contains("15 min") && old.contains("replaced since"));
    let missing = bo.get("/policy?version=9").send().await.unwrap();
    assert_eq!(missing.status(), StatusCode::NOT_FOUND);

    let after = declared(&bo, "Declared after").await;
    let snapshot = bo.snapshot().await;
    let version = |id| {
        snapshot
            .incidents
            .iter()
            .find(|i| i.id == id)
            .unwrap()
            .policy_version()
    };
    assert_eq!((version(before), version(after)), (Some(1), Some(2)));
    let server = server.restarted().await;
    assert_eq!(server.log.policy().triage_min, 20, "it is in the log");
}
