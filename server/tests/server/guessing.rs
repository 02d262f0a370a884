//! Somebody guesses passwords: nobody is shut out by it, and administrators are told.

use crate::site::{FORM, Server, cookie_of};
use futures::future::join_all;
use reqwest::{Response, StatusCode};
use server::http::Limits;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// Longer than anything takes; only a fault waits so long.
const PATIENCE: Duration = Duration::from_secs(120);

const RIGHT: &str = "email=ana%40acme.example&password=correct+horse+battery";

async fn send(server: &Server, path: &str, form: &str, cookie: &str) -> Response {
    let request = server.post(path).header("content-type", FORM);
    let request = request.header("cookie", cookie).body(form.to_owned());
    request.send().await.unwrap()
}

/// A server with one administrator, and their cookies: of the session, and of the browser.
async fn with_administrator(limits: Limits) -> (Server, String, String) {
    let server = Server::with_passwords_within(limits).await;
    let path = server.setup_path.clone();
    let made = send(&server, &path, &format!("name=Ana+Ruiz&{RIGHT}"), "").await;
    assert_eq!(made.status(), StatusCode::SEE_OTHER);
    let session = cookie_of(&made).unwrap();
    let cookies = made.headers().get_all("set-cookie").iter();
    let browser = cookies
        .filter_map(|cookie| cookie.to_str().ok()?.split(';').next())
        .find(|cookie| cookie.starts_with("drumbeat-browser="));
    let browser = browser.unwrap().to_owned();
    (server, session, browser)
}

fn first_wrong(wait: Duration) -> Limits {
    Limits {
        first_wrong: wait,
        // These tests are about who goes first: nobody is sent back.
        patience: PATIENCE,
        ..Limits::default()
    }
}

/// Reads the list of people as the administrator does until it has these words.
async fn told(server: &Server, session: &str, words: &str) {
    let read = async {
        loop {
            let page = server.get("/people").header("cookie", session).send();
            let page = page.await.unwrap().text().await.unwrap();
            if page.contains(words) {
                return;
            }
        }
    };
    timeout(PATIENCE, read).await.expect(words);
}

/// Wrong passwords for the administrator, all at once.
fn guesses(server: &Server, count: usize) -> Vec<JoinHandle<StatusCode>> {
    (0..count)
        .map(|nth| {
            let form = format!("email=ana%40acme.example&password=guess+number+{nth}");
            let request = server
                .post("/sign-in")
                .header("content-type", FORM)
                .body(form);
            tokio::spawn(async move { request.send().await.unwrap().status() })
        })
        .collect()
}

async fn enters(server: &Server, cookie: &str) {
    let response = send(server, "/sign-in", RIGHT, cookie).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_right_password_gets_in_while_the_wrong_ones_before_it_still_wait() {
    let (server, session, _) = with_administrator(first_wrong(Duration::from_secs(25))).await;
    let wrong = guesses(&server, 50);
    // Counted when it was found to be wrong, long before it is answered.
    let words = "50 wrong passwords for ana@acme.example from 127.0.0.1 since ";
    told(&server, &session, words).await;
    enters(&server, "").await;
    assert!(wrong.iter().all(|guess| !guess.is_finished()));
    wrong.iter().for_each(JoinHandle::abort);
}

#[tokio::test]
async fn a_browser_that_was_signed_in_before_goes_before_all_that_wait_at_its_address() {
    let limits = Limits {
        patience: Limits::default().patience,
        ..first_wrong(Duration::ZERO)
    };
    let (server, _, browser) = with_administrator(limits).await;
    let wrong = guesses(&server, 400);
    enters(&server, &browser).await;
    let waiting = wrong.iter().filter(|guess| !guess.is_finished()).count();
    assert!(waiting > 0, "none waits: the right one was the last");
    for guess in wrong {
        let status = guess.await.unwrap();
        let sent_back = StatusCode::TEMPORARY_REDIRECT;
        assert!(
            status == StatusCode::UNAUTHORIZED || status == sent_back,
            "{status}"
        );
    }
    enters(&server, "").await;
}

#[tokio::test]
async fn behind_a_proxy_the_address_is_the_one_that_the_proxy_tells() {
    let limits = Limits {
        trusted_proxies: 1,
        ..first_wrong(Duration::ZERO)
    };
    let (server, session, _) = with_administrator(limits).await;
    for _ in 0..5 {
        let wrong = server
            .post("/sign-in")
            .header("content-type", FORM)
            .header("x-forwarded-for", "198.51.100.1, 203.0.113.9")
            .body("email=ana%40acme.example&password=guess")
            .send();
        assert_eq!(wrong.await.unwrap().status(), StatusCode::UNAUTHORIZED);
    }
    let words = "5 wrong passwords for ana@acme.example from 203.0.113.9 since ";
    told(&server, &session, words).await;
}

#[tokio::test]
async fn what_is_not_looked_at_in_time_is_sent_back_with_a_ticket_and_gets_in_by_it() {
    let limits = Limits {
        patience: Duration::ZERO,
        first_wrong: Duration::ZERO,
        ..Limits::default()
    };
    let (server, _, _) = with_administrator(limits).await;
    let asked = (0..60).map(|_| send(&server, "/sign-in", RIGHT, ""));
    let (mut sent_back, mut entered) = (Vec::new(), 0);
    for answer in join_all(asked).await {
        if answer.status() == StatusCode::SEE_OTHER {
            entered += 1;
            continue;
        }
        // A browser sends the same form there, by itself.
        assert_eq!(answer.status(), StatusCode::TEMPORARY_REDIRECT);
        let path = answer.headers()["location"].to_str().unwrap();
        assert!(path.starts_with("/sign-in?again="), "{path}");
        sent_back.push(path.to_owned());
    }
    assert!(entered >= 2, "as many as are hashed for at once");
    let path = sent_back.pop().expect("none was sent back");
    let again = send(&server, &path, RIGHT, "").await;
    assert_eq!(again.status(), StatusCode::SEE_OTHER);
}
