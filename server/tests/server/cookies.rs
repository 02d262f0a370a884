//! What cookies are called: plain where the browser asks for the machine itself, `__Host-` everywhere else, and of
//! each request one of the two.

use crate::site::{FORM, Server};
use reqwest::{RequestBuilder, Response, StatusCode};
use server::demo;

const HERE: [&str; 4] = [
    "127.0.0.1:3000",
    "localhost:3000",
    "LOCALHOST",
    "[::1]:3000",
];
const ELSEWHERE: [&str; 5] = [
    "drumbeat.example",
    "127.0.0.1.drumbeat.example:3000",
    "localhost.",
    "[0:0:0:0:0:0:0:1]:3000",
    "192.0.2.7:3000",
];
const FORWARDED: [(&str, &str); 4] = [
    ("x-forwarded-for", "203.0.113.9"),
    ("x-forwarded-proto", "https"),
    ("forwarded", "for=203.0.113.9;proto=https"),
    ("via", "1.1 proxy"),
];

/// The cookies that an answer sets: name, value, and the rest.
fn set_cookies(response: &Response) -> Vec<(String, String, String)> {
    let all = response.headers().get_all("set-cookie").iter();
    let parts = |cookie: &str| {
        let (name, rest) = cookie.split_once('=').unwrap();
        let (value, rest) = rest.split_once(';').unwrap();
        (name.to_owned(), value.to_owned(), rest.to_owned())
    };
    all.map(|value| parts(value.to_str().unwrap())).collect()
}

async fn signs_in(server: &Server, headers: &[(&str, &str)]) -> Response {
    let person = demo::people()[0].person.id.to_string();
    let form = server
        .post("/sign-in")
        .body(format!("person={person}&then=/declare"));
    let form = with(form.header("content-type", FORM), headers);
    let response = form.send().await.unwrap();
    assert_eq!(response.status(), StatusCode::SEE_OTHER, "{headers:?}");
    response
}

fn with(request: RequestBuilder, headers: &[(&str, &str)]) -> RequestBuilder {
    let each = headers.iter();
    each.fold(request, |request, (name, value)| {
        request.header(*name, *value)
    })
}

/// Whether this cookie opens the board to a request with these headers.
async fn opens(server: &Server, headers: &[(&str, &str)], cookie: &str) -> bool {
    let request = with(server.get("/"), headers).header("cookie", cookie);
    request.send().await.unwrap().status() == StatusCode::OK
}

/// The token of a new session, once its cookies were found to be called so and to have these words in them.
async fn token(server: &Server, headers: &[(&str, &str)], prefix: &str, secure: bool) -> String {
    let response = signs_in(server, headers).await;
    let [(session, token, hidden), (mark, _, shown)] = &set_cookies(&response)[..] else {
        panic!("two cookies for {headers:?}");
    };
    assert_eq!(*session, format!("{prefix}drumbeat"), "{headers:?}");
    assert_eq!(*mark, format!("{prefix}drumbeat-open"), "{headers:?}");
    assert!(hidden.contains("HttpOnly") && !shown.contains("HttpOnly"));
    for rest in [hidden, shown] {
        assert_eq!(rest.contains("Secure"), secure, "{headers:?}");
        assert!(rest.contains("Path=/;") && rest.contains("SameSite=Lax"));
        assert!(!rest.contains("Domain"), "{rest}");
    }
    token.clone()
}

#[tokio::test]
async fn on_the_machine_itself_cookies_are_plain_and_no_other_is_read() {
    let server = Server::with_demo_people().await;
    for host in HERE {
        let here = [("host", host)];
        let token = token(&server, &here, "", false).await;
        assert!(opens(&server, &here, &format!("drumbeat={token}")).await);
        assert!(!opens(&server, &here, &format!("__Host-drumbeat={token}")).await);
        let both = format!("__Host-drumbeat=guess; drumbeat={token}");
        assert!(opens(&server, &here, &both).await, "{host}");
        let marked = format!("drumbeat={token}; __Host-drumbeat-open=ended");
        assert!(opens(&server, &here, &marked).await, "{host}");
    }
}

#[tokio::test]
async fn elsewhere_cookies_are_secure_and_no_other_is_read() {
    let server = Server::with_demo_people().await;
    let proxied = HERE.iter().zip(FORWARDED);
    let proxied = proxied.map(|(host, forwarded)| vec![("host", *host), forwarded]);
    let elsewhere = ELSEWHERE.iter().map(|host| vec![("host", *host)]);
    for there in elsewhere.chain(proxied) {
        let token = token(&server, &there, "__Host-", true).await;
        assert!(opens(&server, &there, &format!("__Host-drumbeat={token}")).await);
        assert!(!opens(&server, &there, &format!("drumbeat={token}")).await);
        let both = format!("drumbeat=guess; __Host-drumbeat={token}");
        assert!(opens(&server, &there, &both).await, "{there:?}");
        // Whoever can set a plain cookie for a host cannot end what is open there.
        let marked = format!("__Host-drumbeat={token}; drumbeat-open=ended");
        assert!(opens(&server, &there, &marked).await, "{there:?}");
    }
}

#[tokio::test]
async fn a_sign_out_takes_the_cookies_that_the_browser_has() {
    let server = Server::with_demo_people().await;
    for (host, prefix) in [(HERE[0], ""), (ELSEWHERE[0], "__Host-")] {
        let out = with(server.post("/sign-out"), &[("host", host)]);
        let out = out.send().await.unwrap();
        let names: Vec<_> = set_cookies(&out).into_iter().map(|c| c.0).collect();
        let expected = ["drumbeat", "drumbeat-open"].map(|name| format!("{prefix}{name}"));
        assert_eq!(names, expected);
    }
}

#[tokio::test]
async fn pages_are_told_what_the_mark_is_called() {
    let server = Server::with_demo_people().await;
    let browser = server.enter(0).await;
    for path in [
        "/",
        "/sign-in",
        "/signed-out",
        "/app-shell",
        "/people",
        "/nowhere",
    ] {
        let here = browser.get(path).send().await.unwrap();
        let here = here.text().await.unwrap();
        assert!(
            here.contains("<html lang=\"en\" data-cookies=\"plain\">"),
            "{path}"
        );
    }
    for path in ["/sign-in", "/signed-out", "/app-shell", "/nowhere"] {
        for there in [
            ("host", "drumbeat.example"),
            ("x-forwarded-for", "192.0.2.7"),
        ] {
            let page = with(server.get(path), &[there]).send().await.unwrap();
            let page = page.text().await.unwrap();
            assert!(page.contains("<html lang=\"en\">"), "{path}, {there:?}");
        }
    }
}

#[tokio::test]
async fn a_browser_that_keeps_no_cookie_is_told_what_to_do() {
    const SENTENCE: &str =
        "did not keep the cookie that signs you in: open Drumbeat by https, or by http://127.0.0.1";
    let server = Server::with_demo_people().await;
    let there = [("host", "drumbeat.example")];
    let response = signs_in(&server, &there).await;
    let led = response.headers()["location"].to_str().unwrap();
    assert_eq!(led, "/signed-in?then=/declare");
    let lost = with(server.get(led), &there).send().await.unwrap();
    assert_eq!(lost.status(), StatusCode::UNAUTHORIZED);
    let page = lost.text().await.unwrap();
    assert!(page.contains(SENTENCE), "{page}");
    // Whoever does it goes on from there.
    assert!(page.contains("name=\"then\" value=\"/declare\""), "{page}");

    let cookies: Vec<_> = set_cookies(&response).into_iter().collect();
    let kept = cookies
        .iter()
        .map(|(name, value, _)| format!("{name}={value}"));
    let kept = kept.collect::<Vec<_>>().join("; ");
    let back = with(server.get(led), &there).header("cookie", &kept);
    let back = back.send().await.unwrap();
    assert_eq!(back.headers()["location"], "/declare");
    let elsewhere = server.get("/signed-in?then=//drumbeat.example");
    let elsewhere = elsewhere.header("cookie", &kept);
    let elsewhere = with(elsewhere, &there).send().await.unwrap();
    assert_eq!(elsewhere.headers()["location"], "/");

    // It has shown that it keeps them: the next sign-in leads on at once.
    let again = signs_in(&server, &[there[0], ("cookie", &kept)]).await;
    assert_eq!(again.headers()["location"], "/declare");
    let door = with(server.get("/sign-in"), &there).send().await.unwrap();
    assert!(!door.text().await.unwrap().contains(SENTENCE));
}
