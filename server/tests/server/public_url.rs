//! Links that are handed out begin with the address that the server was given, whatever a request says of its host.

use crate::commands::{account, declared};
use crate::people::GUS;
use crate::program::{Place, client};
use crate::seeded::{TOLD, update};
use crate::site::{FORM, Server};
use chrono::Duration;
use domain::update::{Audience, UpdateKind};
use reqwest::StatusCode;

const ELSEWHERE: &str = "evil.example";

#[tokio::test]
async fn no_link_begins_with_the_host_of_a_request() {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    let incident = declared(&ana, "Checkout errors").await;
    let number = server.log.live()[&incident].number.unwrap();
    let next_at = server.clock.now() + Duration::minutes(30);
    let words = [TOLD; 3].map(str::to_owned);
    let text = update(UpdateKind::First, Audience::Public, words, next_at);
    let text = serde_json::to_string(&text).unwrap();
    let (preview, brief) = (
        format!("/incidents/{number}/update/preview"),
        incident.to_string(),
    );
    let orchard = account(&server, "Orchard Bank").await;
    let orchard = format!("account/{}", orchard.id.uuid());
    let link = |kind, target| [("kind", kind), ("target", target), ("label", "")].to_vec();
    for (path, form) in [
        ("/links", link("status", &orchard)),
        ("/links", link("brief", &brief)),
        ("/people/new", GUS.to_vec()),
        (&preview, vec![("text", text.as_str()), ("as", "mail")]),
    ] {
        let sent = server.post(path).form(&form).header("host", ELSEWHERE);
        let sent = sent.header("cookie", format!("__Host-{}", ana.cookie));
        let response = sent.header("x-forwarded-host", ELSEWHERE).send().await;
        let response = response.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        let page = response.text().await.unwrap();
        assert!(!page.contains(ELSEWHERE), "{path}: {page}");
        assert!(page.contains(&format!("{}/", server.url)), "{path}: {page}");
        let is_told = page.contains("started without --public-url");
        assert_eq!(is_told, path != preview, "{path}: {page}");
    }
}

#[tokio::test]
async fn links_begin_with_the_public_url() {
    let place = Place::new();
    let running = place.serve(&["--public-url", "https://Drumbeat.example/"]);
    let (_, path) = running.said[0]
        .split_once("https://drumbeat.example")
        .expect(&running.said[0]);
    let client = client();
    let form = "name=Ana+Ruiz&email=ana%40acme.example&password=correct+horse+battery";
    let sent = |path: &str, form: &'static str| {
        let sent = client.post(format!("{}{path}", running.url)).body(form);
        sent.header("content-type", FORM)
    };
    let made = sent(path, form).send().await.unwrap();
    let cookie = crate::site::cookie_of(&made).unwrap();
    let form = "version=0&name=Gus&title=Support&email=gus%40acme.example";
    let added = sent("/people/new", form).header("cookie", cookie);
    let page = added.send().await.unwrap().text().await.unwrap();
    assert!(
        page.contains("value=\"https://drumbeat.example/enter/"),
        "{page}"
    );
    assert!(!page.contains("--public-url"), "{page}");
}
