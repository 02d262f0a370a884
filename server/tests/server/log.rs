//! What the program logs, and what it never does.

use crate::program::{Place, client};
use crate::site::cookie_of;
use reqwest::StatusCode;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use uuid::Uuid;

/// Sends this path as it is written; a client of HTTP would tidy it up. The whole answer.
fn asked(url: &str, method: &str, path: &str) -> String {
    let authority = url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(authority).unwrap();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: {authority}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

/// The address is the secret, however a mail program, a proxy or a person has spelled it.
#[test]
fn no_token_is_in_the_log_whatever_the_spelling_of_the_path() {
    const TOKEN: &str = "Zm9yYmlkZGVuLXRva2Vu";
    let place = Place::new();
    let running = place.serve_logging(&["--demo"]);
    for area in [
        "brief", "setup", "enter", "status/c", "links", "audit", "nowhere",
    ] {
        let first = area.as_bytes()[0];
        for path in [
            format!("/{area}/{TOKEN}"),
            format!("//{area}/{TOKEN}"),
            format!("/{area}//{TOKEN}"),
            format!("/{area}/{TOKEN}/"),
            format!("/{area}/{TOKEN}/more"),
            format!("/%{first:02x}{}/{TOKEN}", &area[1..]),
            format!("/%{first:02X}{}/{TOKEN}", &area[1..]),
            format!("/{}/{TOKEN}", area.to_uppercase()),
            format!("/{area}%2F{TOKEN}"),
            format!("/{area}%2f{TOKEN}?x={TOKEN}"),
            format!("/./{area}/{TOKEN}"),
            format!("/{area}/../{area}/{TOKEN}"),
            format!("/{area};/{TOKEN}"),
            format!("/{area}?{TOKEN}"),
            format!("/{TOKEN}"),
            format!("http://elsewhere.example/{area}/{TOKEN}"),
        ] {
            for method in ["GET", "POST", "HEAD"] {
                let answer = asked(&running.url, method, &path);
                assert!(answer.starts_with("HTTP/1.1 "), "{method} {path}: {answer}");
            }
        }
    }
    assert!(running.stop());
    let log = place.log();
    assert!(log.contains("/brief/{token}"), "requests are logged: {log}");
    let told = log.lines().find(|line| line.contains(TOKEN));
    assert_eq!(told, None);
}

/// Whoever can change the database cannot take back what was logged.
#[tokio::test]
async fn who_made_a_secret_link_is_in_the_log() {
    let place = Place::new();
    let running = place.serve_logging(&["--demo"]);
    let ana = &server::demo::people()[0].person;
    let post = |path| client().post(format!("{}{path}", running.url));
    let enters = post("/sign-in").form(&[("person", ana.id.to_string())]);
    let cookie = cookie_of(&enters.send().await.unwrap()).unwrap();
    let accounts = client().get(format!("{}/accounts", running.url));
    let accounts = accounts.header("cookie", &cookie).send().await.unwrap();
    let accounts = accounts.text().await.unwrap();
    let links = accounts.split("/accounts/").skip(1);
    let mut ids = links.filter_map(|rest| rest.get(..36)?.parse::<Uuid>().ok());
    let page = format!("account/{}", ids.next().unwrap());
    let made = post("/links")
        .header("cookie", &cookie)
        .header("origin", &running.url)
        .form(&[("kind", "status"), ("target", &page), ("label", "")]);
    assert_eq!(made.send().await.unwrap().status(), StatusCode::OK);
    assert!(running.stop());
    let log = place.log();
    let is_it = |line: &&str| line.contains(r#""message":"audit""#) && line.contains("make-link");
    let line = log.lines().find(is_it).expect("a line of the audit log");
    for told in [&*ana.name, "127.0.0.1", "The page of "] {
        assert!(line.contains(told), "{told}: {line}");
    }
}
