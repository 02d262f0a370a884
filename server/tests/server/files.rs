//! Files that are evidence (RUNBOOK §7): what is taken, and how it is handed out.

use crate::commands::declared;
use crate::half_sent;
use crate::people::{id_of, sends};
use crate::site::{Browser, Server};
use domain::Command;
use domain::evidence::{Proof, Proves};
use futures::StreamExt as _;
use reqwest::{Response, StatusCode};
use serde_json::Value;
use server::http::Limits;
use sha2::{Digest, Sha256};
use std::time::Duration;
use tokio::time::timeout;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n and the rest of it";
/// Longer than anything takes; only a fault waits so long.
const PATIENCE: Duration = Duration::from_secs(60);
const LIMIT: usize = 10_000_000;

async fn send(browser: &Browser<'_>, name: &str, body: impl Into<reqwest::Body>) -> Response {
    browser
        .post("/files")
        .query(&[("name", name)])
        .body(body)
        .send()
        .await
        .unwrap()
}

async fn kept(response: Response) -> Value {
    assert_eq!(response.status(), StatusCode::CREATED);
    response.json().await.unwrap()
}

/// The title and the detail of a refusal, which is problem details.
async fn refused(response: Response, status: StatusCode) -> String {
    assert_eq!(response.status(), status);
    assert_eq!(
        response.headers()["content-type"],
        "application/problem+json"
    );
    let problem: Value = response.json().await.unwrap();
    assert_eq!(problem["status"], status.as_u16());
    problem["detail"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_file_comes_back_byte_for_byte_and_never_as_something_to_run() {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    let answer = kept(send(&ana, "graph عطل \"1\".png", PNG).await).await;
    let sha256 = hex::encode(Sha256::digest(PNG));
    assert_eq!(answer["sha256"], sha256);
    assert_eq!(answer["bytes"], PNG.len());
    assert_eq!(answer["media_type"], "image/png");
    assert_eq!(answer["name"], "graph عطل \"1\".png");

    let again = kept(send(&ana, "other.png", PNG).await).await;
    assert_eq!(again["sha256"], sha256, "the same bytes are the same file");
    let response = ana.get(&format!("/files/{sha256}")).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    for (name, value) in [
        ("content-type", "image/png"),
        (
            "content-disposition",
            "attachment; filename*=UTF-8''graph%20%D8%B9%D8%B7%D9%84%20%221%22.png",
        ),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "sandbox; default-src 'none'"),
        ("cache-control", "private, no-store"),
    ] {
        assert_eq!(response.headers()[name], value);
    }
    assert_eq!(response.bytes().await.unwrap(), PNG);

    // What the server answered is the proof, word for word.
    let proof: Proof = serde_json::from_value(serde_json::json!({ "file": answer })).unwrap();
    let incident = declared(&ana, "Checkout errors").await;
    let command = Command::AttachEvidence {
        proves: Proves::HarmStopped,
        proof: proof.clone(),
        shows: "Errors are gone".to_owned(),
        watched_min: None,
    };
    ana.does(incident, command).await;
    assert_eq!(server.log.live()[&incident].evidence[0].proof, proof);
    let number = server.log.live()[&incident].number.unwrap();
    let room = ana
        .get(&format!("/incidents/{number}"))
        .send()
        .await
        .unwrap();
    let room = room.text().await.unwrap();
    assert!(
        room.contains(&format!("href=\"/files/{sha256}\"")),
        "{room}"
    );
}

#[tokio::test]
async fn texts_are_sent_as_plain_text_whatever_they_are_called() {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    for (name, body, media_type) in [
        ("app.log", "14:02 عطل <b>not bold</b>", "text/plain"),
        ("rates.csv", "a,b\r\n1,2\r\n", "text/csv"),
        ("dump.json", "{\"a\":\"<script>\"}", "application/json"),
    ] {
        let answer = kept(send(&ana, name, body).await).await;
        assert_eq!(answer["media_type"], media_type);
        let path = format!("/files/{}", answer["sha256"].as_str().unwrap());
        let response = ana.get(&path).send().await.unwrap();
        assert_eq!(
            response.headers()["content-type"],
            "text/plain; charset=utf-8"
        );
        assert_eq!(response.text().await.unwrap(), body);
    }
}

#[tokio::test]
async fn what_is_not_on_the_list_is_refused_with_what_to_do() {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    for (name, body) in [
        (
            "page.html",
            b"<!doctype html><script>alert(1)</script>".as_slice(),
        ),
        ("page.png", b"<html><script>alert(1)</script>"),
        ("plain.html", b"no markup at all"),
        (
            "drawing.svg",
            b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        ),
        ("feed.txt", b"<?xml version=\"1.0\"?><svg/>"),
        ("run.exe", b"MZ\x90\x00\x03"),
        ("latin1.txt", b"caf\xe9"),
    ] {
        let said = refused(
            send(&ana, name, body).await,
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
        )
        .await;
        assert!(said.contains("Send a picture"), "{name}: {said}");
        let hash = hex::encode(Sha256::digest(body));
        let (status, _) = (
            ana.get(&format!("/files/{hash}"))
                .send()
                .await
                .unwrap()
                .status(),
            (),
        );
        assert_eq!(status, StatusCode::NOT_FOUND, "nothing of {name} is kept");
    }
    let said = refused(send(&ana, "empty.txt", "").await, StatusCode::BAD_REQUEST).await;
    assert!(said.contains("empty"), "{said}");
    let unreadable = ana
        .post("/files?name=a&name=b")
        .body("text")
        .send()
        .await
        .unwrap();
    let said = refused(unreadable, StatusCode::BAD_REQUEST).await;
    assert!(said.contains("name of the file"), "{said}");
}

#[tokio::test]
async fn a_file_of_10_mb_is_taken_and_a_byte_more_is_not() {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    let body = vec![b'a'; LIMIT];
    let answer = kept(send(&ana, "large.log", body.clone()).await).await;
    assert_eq!(answer["bytes"], LIMIT);
    let path = format!("/files/{}", answer["sha256"].as_str().unwrap());
    let response = ana.get(&path).send().await.unwrap();
    assert_eq!(response.bytes().await.unwrap(), body);

    // Sent in pieces, it announces no length: it is counted on the way.
    let pieces = vec![vec![b'a'; LIMIT / 2], vec![b'a'; LIMIT / 2], vec![b'a']];
    let stream = futures::stream::iter(pieces.into_iter().map(Ok::<_, std::io::Error>));
    let sent = send(&ana, "larger.log", reqwest::Body::wrap_stream(stream)).await;
    let said = refused(sent, StatusCode::PAYLOAD_TOO_LARGE).await;
    assert!(said.contains("10 MB"), "{said}");
}

#[tokio::test]
async fn who_reads_slowly_holds_a_share_of_their_own_only() {
    let server = Server::with_limits(Limits {
        downloads_at_once_per_person: 1,
        ..Limits::default()
    })
    .await;
    let (ana, bo) = (server.enter(0).await, server.enter(1).await);
    // More than a connection holds on its way.
    let answer = kept(send(&ana, "large.log", vec![b'a'; LIMIT]).await).await;
    let path = format!("/files/{}", answer["sha256"].as_str().unwrap());
    let unread = ana.get(&path).send().await.unwrap();
    assert_eq!(unread.status(), StatusCode::OK);
    let second = ana.get(&path).send().await.unwrap();
    assert_eq!(second.status(), StatusCode::SERVICE_UNAVAILABLE);
    let others = bo.get(&path).send().await.unwrap();
    assert_eq!(others.bytes().await.unwrap().len(), LIMIT);
    assert_eq!(unread.bytes().await.unwrap().len(), LIMIT);
    let again = async {
        while ana.get(&path).send().await.unwrap().status() != StatusCode::OK {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, again).await.expect("it is given back");
}

#[tokio::test]
async fn a_file_goes_out_no_further_once_its_reader_is_signed_out_or_removed() {
    let server = Server::with_demo_people().await;
    let (ana, bo) = (server.enter(0).await, server.enter(1).await);
    let answer = kept(send(&ana, "large.log", vec![b'a'; 2_000_000]).await).await;
    let path = format!("/files/{}", answer["sha256"].as_str().unwrap());
    let removed = format!("/people/{}/remove", id_of(&server, "Bo Lind"));
    let begun = async |browser: &Browser<'_>| {
        let mut pieces = browser.unread(&path).await.into_body().into_data_stream();
        assert!(pieces.next().await.unwrap().is_ok());
        pieces
    };
    let (mut his, mut hers) = (begun(&bo).await, begun(&ana).await);
    sends(&ana, &removed, &[]).await;
    assert!(his.next().await.unwrap().is_err());
    assert!(hers.next().await.unwrap().is_ok());
    sends(&ana, "/sign-out", &[]).await;
    assert!(hers.next().await.unwrap().is_err());
}

#[tokio::test]
async fn four_uploads_that_stall_do_not_stop_a_fifth_and_end_themselves() {
    let server = Server::with_limits(Limits {
        upload_window: Duration::from_secs(1),
        ..Limits::default()
    })
    .await;
    let ana = server.enter(0).await;
    let stalled: Vec<_> = (0..4)
        .map(|nth| {
            let begun = futures::stream::iter([Ok::<_, std::io::Error>(vec![b'a'; 1_000])]);
            let body = reqwest::Body::wrap_stream(begun.chain(futures::stream::pending()));
            let sent = ana
                .post(&format!("/files?name={nth}.txt"))
                .body(body)
                .send();
            tokio::spawn(sent)
        })
        .collect();
    kept(send(&ana, "graph.png", PNG).await).await;
    for sent in stalled {
        let ended = timeout(PATIENCE, sent).await.expect("it goes on").unwrap();
        // The answer, or the end of the connection when it was still being sent.
        if let Ok(answer) = ended {
            let said = refused(answer, StatusCode::BAD_REQUEST).await;
            assert!(said.contains("too slowly"), "{said}");
        }
    }
    let at_once = Limits::default().uploads_at_once_per_person;
    for _ in 0..=at_once {
        kept(send(&ana, "graph.png", PNG).await).await;
    }
}

#[tokio::test]
async fn no_more_files_come_in_at_once_than_there_is_room_for() {
    let server = Server::with_limits(Limits {
        uploads_at_once_per_person: 1,
        uploads_at_once: 2,
        ..Limits::default()
    })
    .await;
    let (ana, bo, cy) = (
        server.enter(0).await,
        server.enter(1).await,
        server.enter(2).await,
    );
    let half = async |browser: &Browser<'_>| {
        let asked = ("/files?name=a.txt", "text/plain", 4);
        half_sent::begin(&server, &browser.cookie, asked).await
    };
    let first = half(&ana).await.unwrap_or_else(|status| panic!("{status}"));
    assert_eq!(half(&ana).await.err(), Some(503), "her own are one");
    let _second = half(&bo).await.unwrap_or_else(|status| panic!("{status}"));
    assert_eq!(half(&cy).await.err(), Some(503), "all are two");
    assert_eq!(first.end(b"text").await, 201);
    kept(send(&ana, "b.txt", "given back").await).await;
}

#[tokio::test]
async fn one_person_and_all_together_add_so_much_in_a_day() {
    let server = Server::with_limits(Limits {
        upload_bytes_per_person: 10,
        upload_bytes: 15,
        ..Limits::default()
    })
    .await;
    let (ana, bo) = (server.enter(0).await, server.enter(1).await);
    kept(send(&ana, "a.txt", "eight by").await).await;
    let said = refused(
        send(&ana, "b.txt", "three").await,
        StatusCode::PAYLOAD_TOO_LARGE,
    )
    .await;
    assert!(said.contains("one person"), "{said}");
    kept(send(&bo, "c.txt", "six by").await).await;
    let said = refused(
        send(&bo, "d.txt", "two").await,
        StatusCode::PAYLOAD_TOO_LARGE,
    )
    .await;
    assert!(said.contains("This server"), "{said}");
    #[cfg(feature = "test-clock")]
    {
        server.clock.advance(25 * 60 * 60 * 1000);
        let next_day = server.enter(0).await;
        kept(send(&next_day, "b.txt", "three").await).await;
    }
}

#[cfg(feature = "test-clock")]
#[tokio::test]
async fn a_file_that_nothing_names_ends_after_a_day_and_evidence_stays() {
    const DAY_MS: i64 = 24 * 60 * 60 * 1000;
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    let named = kept(send(&ana, "graph.png", PNG).await).await;
    kept(send(&ana, "loose.txt", "nothing names it").await).await;
    kept(send(&ana, "again.txt", "sent again").await).await;
    let incident = declared(&ana, "Checkout errors").await;
    let command = Command::AttachEvidence {
        proves: Proves::HarmStopped,
        proof: serde_json::from_value(serde_json::json!({ "file": named })).unwrap(),
        shows: "Errors are gone".to_owned(),
        watched_min: None,
    };
    ana.does(incident, command).await;
    server.clock.advance(DAY_MS - 60_000);
    assert_eq!(server.log.sweep_files().await.unwrap(), 0);
    kept(send(&ana, "again.txt", "sent again").await).await;
    server.clock.advance(120_000);
    assert_eq!(server.log.sweep_files().await.unwrap(), 1);
    let there = async |body: &[u8]| {
        let hash: [u8; 32] = Sha256::digest(body).into();
        !server.store.file_facts(&[hash]).await.unwrap().is_empty()
    };
    assert!(!there(b"nothing names it").await);
    assert!(there(b"sent again").await && there(PNG).await);
    server.clock.advance(DAY_MS);
    assert_eq!(server.log.sweep_files().await.unwrap(), 1);
    assert!(there(PNG).await);
}

#[tokio::test]
async fn strangers_neither_send_nor_get_a_file() {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    let answer = kept(send(&ana, "graph.png", PNG).await).await;
    let path = format!("/files/{}", answer["sha256"].as_str().unwrap());
    assert_eq!(server.page(&path).await.0, StatusCode::UNAUTHORIZED);
    let sent = server
        .post("/files?name=a.png")
        .body(PNG)
        .send()
        .await
        .unwrap();
    refused(sent, StatusCode::UNAUTHORIZED).await;
    let forged = ana
        .post("/files?name=a.png")
        .header("sec-fetch-site", "cross-site")
        .body(PNG);
    refused(forged.send().await.unwrap(), StatusCode::FORBIDDEN).await;
    for path in [
        "/files/x",
        "/files/",
        "/files/../files",
        &path[..path.len() - 1],
    ] {
        let response = ana.get(path).send().await.unwrap();
        assert!(
            matches!(
                response.status(),
                StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED
            ),
            "{path}"
        );
    }
}
