//! Connections that say nothing, against the real program.

use crate::half_sent::answered_early;
use crate::program::{Place, client};
use crate::site::{FORM, Server, cookie_of};
use reqwest::StatusCode;
use server::connections::raise_descriptors;
use server::demo;
use server::http::Limits;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;
use tokio::time::timeout;

/// More than a program with 1 024 descriptors can hold.
const SILENT: usize = 1_100;
/// Longer than anything takes; only a fault waits so long.
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn while_1_100_silent_connections_are_held_health_and_the_status_page_are_answered() {
    let descriptors = raise_descriptors().unwrap();
    assert!(
        descriptors > 1_500,
        "this test holds {SILENT} connections; the system allows {descriptors}"
    );
    let place = Place::new();
    let program = place.serve_within(1_024, &[]);
    let at: SocketAddr = program.url.trim_start_matches("http://").parse().unwrap();
    let held: Vec<TcpStream> = (0..SILENT)
        .map(|_| TcpStream::connect(at).unwrap())
        .collect();
    for path in ["/healthz", "/status", "/readyz"] {
        let asked = client().get(format!("{}{path}", program.url)).send();
        let answer = timeout(PATIENCE, asked).await.expect(path).unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
    }
    assert_eq!(held.len(), SILENT);
    assert!(program.stop());
}

/// A form on its way in, of which no more comes.
fn slow_form(at: SocketAddr) -> TcpStream {
    let mut stream = TcpStream::connect(at).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let head = format!(
        "POST /sign-in HTTP/1.1\r\nhost: {at}\r\ncontent-type: application/x-www-form-urlencoded\r\n\
        content-length: 900\r\nexpect: 100-continue\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    // The server says to go on when it begins to read the body.
    let mut begun = [0; 25];
    stream.read_exact(&mut begun).unwrap();
    assert_eq!(&begun, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(b"email=").unwrap();
    stream
}

#[tokio::test]
async fn while_slow_forms_and_silent_connections_fill_every_place_health_and_the_door_are_answered()
{
    let place = Place::new();
    // 96 places, and 32 spare ones.
    let program = place.serve_within(256, &[]);
    let at: SocketAddr = program.url.trim_start_matches("http://").parse().unwrap();
    let forms: Vec<TcpStream> = (0..96).map(|_| slow_form(at)).collect();
    let mut silent = Vec::new();
    for path in ["/healthz", "/readyz", "/status", "/sign-in", "/healthz"] {
        silent.extend((0..40).map(|_| TcpStream::connect(at).unwrap()));
        let asked = client().get(format!("{}{path}", program.url)).send();
        let answer = timeout(PATIENCE, asked).await.expect(path).unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
    }
    assert_eq!((forms.len(), silent.len()), (96, 200));
    assert!(program.stop());
}

#[tokio::test]
async fn a_session_has_so_many_live_streams_and_the_oldest_ends_for_a_newer_one() {
    let server = Server::with_limits(Limits {
        streams_per_session: 2,
        ..Limits::default()
    })
    .await;
    let (ana, bo) = (server.enter(0).await, server.enter(1).await);
    let mut others = bo.get("/live").send().await.unwrap();
    let mut first = ana.get("/live").send().await.unwrap();
    let mut second = ana.get("/live").send().await.unwrap();
    let mut third = ana.get("/live").send().await.unwrap();
    let end = async { while first.chunk().await.unwrap().is_some() {} };
    timeout(PATIENCE, end).await.expect("the oldest went on");
    for stream in [&mut second, &mut third, &mut others] {
        assert!(stream.chunk().await.unwrap().is_some(), "it greets");
    }
    server.stop.send_replace(true);
}

#[tokio::test]
async fn who_is_refused_before_their_body_was_there_hears_it_through_a_proxy_too() {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    for (cookie, path, kind, size, wanted) in [
        ("", "/sync/push", "application/json", 600_000, 401),
        ("", "/files?name=a.txt", "text/plain", 600_000, 401),
        (
            &*ana.cookie,
            "/files?name=a.txt",
            "text/plain",
            10_000_002,
            413,
        ),
    ] {
        let answers = timeout(
            PATIENCE,
            answered_early(&server, cookie, (path, kind, size)),
        );
        assert_eq!(answers.await.expect(path), (wanted, 200), "{path}");
    }
}

#[cfg(feature = "test-clock")]
#[tokio::test]
async fn a_person_has_so_many_sessions_and_the_oldest_ends_with_its_streams() {
    let server = Server::with_limits(Limits {
        sessions_per_person: 2,
        ..Limits::default()
    })
    .await;
    let sign_in_later = async |nth| {
        server.clock.advance(1_000);
        server.enter(nth).await
    };
    let (first, second) = (sign_in_later(0).await, sign_in_later(0).await);
    let other = sign_in_later(1).await;
    let mut stream = first.get("/live").send().await.unwrap();
    assert_eq!(stream.status(), StatusCode::OK);
    let third = sign_in_later(0).await;
    let end = async { while stream.chunk().await.unwrap().is_some() {} };
    timeout(PATIENCE, end).await.expect("its stream went on");
    for (browser, expected) in [
        (&first, StatusCode::UNAUTHORIZED),
        (&second, StatusCode::OK),
        (&third, StatusCode::OK),
        (&other, StatusCode::OK),
    ] {
        let answer = browser.get("/live").send().await.unwrap();
        assert_eq!(answer.status(), expected);
    }
    server.stop.send_replace(true);
}

#[tokio::test]
async fn a_person_has_so_many_live_streams_in_all_their_sessions() {
    let server = Server::with_limits(Limits {
        streams_per_person: 2,
        ..Limits::default()
    })
    .await;
    let mut sessions = Vec::new();
    for _ in 0..3 {
        sessions.push(server.enter(0).await);
    }
    let mut first = sessions[0].get("/live").send().await.unwrap();
    let mut second = sessions[1].get("/live").send().await.unwrap();
    let _third = sessions[2].get("/live").send().await.unwrap();
    let end = async { while first.chunk().await.unwrap().is_some() {} };
    timeout(PATIENCE, end).await.expect("the oldest went on");
    assert!(second.chunk().await.unwrap().is_some(), "it greets");
    server.stop.send_replace(true);
}

#[tokio::test]
async fn visitors_of_the_demo_do_not_sign_each_other_out() {
    let place = Place::new();
    let program = place.serve(&["--demo"]);
    let person = demo::people()[0].person.id;
    let sign_in = async || {
        let door = client().post(format!("{}/sign-in", program.url));
        let form = door.header("content-type", FORM);
        let answer = form.body(format!("person={person}")).send().await.unwrap();
        cookie_of(&answer).unwrap()
    };
    let first = sign_in().await;
    for _ in 0..Limits::default().sessions_per_person {
        sign_in().await;
    }
    let board = client().get(&program.url).header("cookie", first);
    assert_eq!(board.send().await.unwrap().status(), StatusCode::OK);
    assert!(program.stop());
}
