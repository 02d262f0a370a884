//! What the program logs, and what it never does.

use crate::program::Place;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

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
