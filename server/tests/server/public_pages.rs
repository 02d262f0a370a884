//! The pages that customers read, as they come over the wire.

use crate::commands::{declared, first_update};
use crate::site::{Browser, Server};
use domain::PublicId;
use reqwest::StatusCode;

/// Opens an incident and tells everybody; the path of its page.
async fn published(ana: &Browser<'_>, words: &str) -> String {
    let incident = declared(ana, "Internal title").await;
    ana.does(incident, first_update(words, ana.server.clock.now()))
        .await;
    let told = ana.server.log.published();
    format!("/status/incidents/{}", told[0].public_id.as_ref().unwrap())
}

#[tokio::test]
async fn a_publish_is_on_the_next_get() {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    let (status, before) = server.page("/status").await;
    assert!(
        status == StatusCode::OK && before.contains("Everything works."),
        "{before}"
    );
    let path = published(&ana, "Some checkouts fail.").await;
    let (_, after) = server.page("/status").await;
    assert!(
        after.contains("Some checkouts fail.") && after.contains(&path),
        "{after}"
    );
    assert!(
        after.contains("<title>Some checkouts fail: Acme status</title>"),
        "{after}"
    );
    let (status, own) = server.page(&path).await;
    assert!(
        status == StatusCode::OK && own.contains("18 % of sessions."),
        "{own}"
    );
}

#[tokio::test]
async fn a_page_that_is_held_is_not_sent_again() {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    let path = published(&ana, "Some checkouts fail.").await;
    for path in ["/status", &path] {
        // The minute may end between two requests; the page is another one then.
        let mut tries = 0;
        while !is_held(&server, path).await {
            tries += 1;
            assert!(tries < 3, "{path} is sent again and again");
        }
        let changed = server
            .get(path)
            .header("if-none-match", "\"old\"")
            .send()
            .await
            .unwrap();
        assert_eq!(changed.status(), StatusCode::OK);
    }
}

/// Whether a page that was just fetched is not sent again.
async fn is_held(server: &Server, path: &str) -> bool {
    let first = server.get(path).send().await.unwrap();
    assert_eq!(first.headers()["cache-control"], "no-cache");
    assert_eq!(first.headers()["vary"], "accept-encoding");
    let etag = first.headers()["etag"].clone();
    let again = server
        .get(path)
        .header("if-none-match", &etag)
        .send()
        .await
        .unwrap();
    if again.status() != StatusCode::NOT_MODIFIED {
        return false;
    }
    assert_eq!(again.headers()["etag"], etag);
    assert!(again.bytes().await.unwrap().is_empty());
    true
}

#[tokio::test]
async fn it_is_packed_for_who_can_unpack_and_small() {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    published(&ana, "Some checkouts fail.").await;
    for (accepted, encoding) in [
        ("gzip, br", Some("br")),
        ("gzip", Some("gzip")),
        ("identity", None),
    ] {
        let response = server
            .get("/status")
            .header("accept-encoding", accepted)
            .send()
            .await
            .unwrap();
        let sent = response
            .headers()
            .get("content-encoding")
            .map(|e| e.to_str().unwrap().to_owned());
        assert_eq!(sent.as_deref(), encoding);
        let (length, body) = (response.content_length(), response.bytes().await.unwrap());
        assert_eq!(length, Some(body.len() as u64));
        assert!(
            encoding != Some("br") || body.len() < 14_000,
            "{} bytes",
            body.len()
        );
    }
    let head = server
        .client
        .head(format!("{}/status", server.url))
        .send()
        .await
        .unwrap();
    assert_eq!(head.status(), StatusCode::OK);
    assert!(head.headers().contains_key("etag"));
    assert!(head.bytes().await.unwrap().is_empty());
}

#[tokio::test]
async fn it_needs_no_script_takes_no_cookie_and_says_nothing_of_what_is_not_there() {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    let incident = declared(&ana, "Never told").await;
    let number = server.log.live()[&incident].number.unwrap();
    let public_id = server.log.live()[&incident].public_id.clone().unwrap();
    for path in [
        "/status/nothing",
        "/status/",
        "/status/incidents/x",
        "/status/incidents/x/y",
    ]
    .map(str::to_owned)
    .into_iter()
    .chain([
        format!("/status/incidents/{number}"),
        format!("/status/incidents/{public_id}"),
    ]) {
        let response = ana.get(&path).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
        let text = response.text().await.unwrap();
        assert!(
            text.contains("There is nothing at this address."),
            "{path} {text}"
        );
    }
    let response = ana.get("/status").send().await.unwrap();
    let headers = response.headers();
    assert!(!headers.contains_key("set-cookie"));
    let policy = headers["content-security-policy"].to_str().unwrap();
    assert!(
        policy.starts_with("default-src 'none'; style-src 'sha256-") && !policy.contains("script"),
        "{policy}"
    );
    assert!(!response.text().await.unwrap().contains("<script"));
    let posted = ana.post("/status").send().await.unwrap();
    assert_eq!(posted.status(), StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn two_hundred_unknown_ids_at_once_are_all_told_that_there_is_nothing() {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    let path = published(&ana, "Some checkouts fail.").await;
    for round in 0..2 {
        let asked = (0..200_usize).map(|nth| {
            let letters = PublicId::LETTERS;
            let last = [nth / letters.len(), nth % letters.len()].map(|n| char::from(letters[n]));
            let first = char::from(letters[0])
                .to_string()
                .repeat(PublicId::LENGTH - 2);
            let path = format!("/status/incidents/{first}{}{}", last[0], last[1]);
            let server = &server;
            async move { server.page(&path).await.0 }
        });
        let answers = futures::future::join_all(asked).await;
        let nothing = answers.iter().filter(|s| **s == StatusCode::NOT_FOUND);
        assert_eq!(nothing.count(), 200, "round {round}: {answers:?}");
    }
    assert_eq!(server.page(&path).await.0, StatusCode::OK);
}

#[tokio::test]
async fn markup_in_an_update_is_shown_as_text() {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    let path = published(&ana, "<b>bold</b></title><script>alert(1)</script>&\"'").await;
    for path in ["/status", &path] {
        let (_, html) = server.page(path).await;
        assert!(
            html.contains("&lt;b&gt;bold&lt;/b&gt;&lt;/title&gt;&lt;script&gt;"),
            "{html}"
        );
        assert!(
            !html.contains("<b>bold") && !html.contains("<script"),
            "{html}"
        );
        assert_eq!(html.matches("</title>").count(), 1, "{html}");
    }
}

#[tokio::test]
async fn files_are_kept_for_good_under_their_hash_and_asked_for_at_the_root() {
    let server = Server::with_demo_people().await;
    let (_, shell) = server.page("/app-shell").await;
    let start = shell.find("/pkg/").unwrap();
    let css = &shell[start..start + shell[start..].find('"').unwrap()];
    let response = server
        .get(css)
        .header("accept-encoding", "br")
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::OK, "{css}");
    assert_eq!(
        response.headers()["cache-control"],
        "public, max-age=31536000, immutable"
    );
    assert_eq!(response.headers()["content-encoding"], "br");
    assert_eq!(response.headers()["vary"], "accept-encoding");
    let etag = response.headers()["etag"].clone();
    let again = server
        .get(css)
        .header("accept-encoding", "br")
        .header("if-none-match", etag)
        .send()
        .await
        .unwrap();
    assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
    for (path, kind) in [
        ("/sw.js", "text/javascript; charset=utf-8"),
        ("/manifest.webmanifest", "application/manifest+json"),
        ("/favicon.svg", "image/svg+xml"),
    ] {
        let response = server.get(path).send().await.unwrap();
        assert_eq!(response.headers()["content-type"], kind);
        assert_eq!(response.headers()["cache-control"], "no-cache");
    }
    for path in ["/pkg/0123/app.css", "/pkg/app.css", "/pkg/../Cargo.toml"] {
        assert_eq!(server.page(path).await.0, StatusCode::NOT_FOUND, "{path}");
    }
}

#[cfg(feature = "test-clock")]
#[tokio::test]
async fn a_promise_that_passes_in_silence_is_told_without_a_publish() {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    let path = published(&ana, "Some checkouts fail.").await;
    assert!(!server.page("/status").await.1.contains("it is late"));
    server.clock.advance(31 * 60 * 1000);
    for path in ["/status", &path] {
        let (_, html) = server.page(path).await;
        assert!(html.contains("and it is late"), "{html}");
    }
}
