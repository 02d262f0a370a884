//! Two administrators with one form open: what each changed stays, and they are told where they meet.

use crate::site::{Browser, Server};
use domain::account::Field;
use reqwest::{Response, StatusCode};

type Fields = Vec<(String, String)>;

/// What a browser would send of the field of this name.
fn value(page: &str, name: &str) -> String {
    let found = page.split_once(&format!(" name=\"{name}\""));
    let (_, rest) = found.unwrap_or_else(|| panic!("no {name} in {page}"));
    let input = rest.split('>').next().unwrap();
    let (_, value) = input.split_once("value=\"").unwrap();
    value.split('"').next().unwrap().to_owned()
}

async fn opened(browser: &Browser<'_>, path: &str) -> String {
    let response = browser.get(path).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    response.text().await.unwrap()
}

async fn sends(browser: &Browser<'_>, path: &str, form: &Fields) -> Response {
    browser.post(path).form(form).send().await.unwrap()
}

/// The form that stands on `page`, with what its author changed in it.
fn filled(page: &str, names: &[&str], changed: &[(&str, &str)]) -> Fields {
    let mut fields = vec![("version".to_owned(), value(page, "version"))];
    for name in names {
        let seen = value(page, &format!("seen_{name}"));
        let new = changed.iter().find(|(field, _)| field == name);
        let text = new.map_or_else(|| seen.clone(), |(_, text)| (*text).to_owned());
        fields.push((format!("seen_{name}"), seen));
        fields.push(((*name).to_owned(), text));
    }
    fields
}

/// Makes an account, and tells where its form is.
async fn made<const N: usize>(by: &Browser<'_>, fields: [(&str, &str); N]) -> String {
    let fields = fields.map(|(name, text)| (name.to_owned(), text.to_owned()));
    let made = sends(by, "/accounts/new", &fields.into()).await;
    format!("{}/edit", made.headers()["location"].to_str().unwrap())
}

#[tokio::test]
async fn two_who_edit_an_account_keep_what_each_changed_and_are_told_where_they_meet() {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    let known = [
        ("version", "0"),
        ("name", "Kestrel"),
        ("tier", "Growth"),
        ("currency", "EUR"),
        ("annual_revenue", "1200"),
        ("monthly_fee", "100"),
        ("owner", "Ines"),
        ("contacts", "Jo; CFO\r\nAl"),
    ];
    let edit = made(&ana, known).await;
    let names = Field::ALL.map(Field::column);

    let page = opened(&ana, &edit).await;
    let tier = filled(&page, &names, &[("tier", "Strategic")]);
    let owner = filled(&page, &names, &[("owner", "Mo")]);
    let both = [("tier", "Enterprise"), ("deal_stage", "Renewal")];
    let both = filled(&page, &names, &both);
    for form in [&tier, &owner] {
        let saved = sends(&ana, &edit, form).await;
        assert_eq!(saved.status(), StatusCode::SEE_OTHER);
    }
    let account = || async {
        let kept = server.store.account_by_name("Kestrel").await.unwrap();
        kept.unwrap().account
    };
    let kept = account().await;
    assert_eq!(kept.tier, "Strategic");
    assert_eq!(kept.owner.as_deref(), Some("Mo"));
    assert_eq!(kept.contacts.len(), 2);

    let met = sends(&ana, &edit, &both).await;
    assert_eq!(met.status(), StatusCode::CONFLICT);
    let page = met.text().await.unwrap();
    assert!(page.contains("Tier is “Strategic”. What you"), "{page}");
    let stands = |name: &str| value(&page, name);
    assert_eq!(stands("tier"), "Enterprise");
    assert_eq!(stands("deal_stage"), "Renewal");
    assert_eq!(stands("owner"), "Mo", "what they did not touch");
    assert_eq!(account().await.tier, "Strategic");
    let typed = [("tier", "Enterprise"), ("deal_stage", "Renewal")];
    let again = sends(&ana, &edit, &filled(&page, &names, &typed)).await;
    assert_eq!(again.status(), StatusCode::SEE_OTHER);
    let kept = account().await;
    assert_eq!(kept.tier, "Enterprise");
    assert_eq!(kept.owner.as_deref(), Some("Mo"));
}

#[tokio::test]
async fn amount_and_currency_of_an_account_are_never_put_together_from_two() {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    let known = [
        ("version", "0"),
        ("name", "Kestrel"),
        ("tier", "Growth"),
        ("currency", "EUR"),
        ("annual_revenue", "1000"),
        ("monthly_fee", "100"),
    ];
    let edit = made(&ana, known).await;
    let names = Field::ALL.map(Field::column);
    let page = opened(&ana, &edit).await;
    let dollars = filled(&page, &names, &[("currency", "USD")]);
    let amount = filled(
        &page,
        &names,
        &[("annual_revenue", "2000"), ("owner", "Mo")],
    );
    let tier = filled(&page, &names, &[("tier", "Strategic")]);
    let saved = sends(&ana, &edit, &dollars).await;
    assert_eq!(saved.status(), StatusCode::SEE_OTHER);

    let met = sends(&ana, &edit, &amount).await;
    assert_eq!(met.status(), StatusCode::CONFLICT);
    let page = met.text().await.unwrap();
    assert!(
        page.contains("Currency is “USD”; Annual revenue is “1000.00”"),
        "{page}"
    );
    assert_eq!(value(&page, "currency"), "EUR");
    assert_eq!(value(&page, "annual_revenue"), "2000");
    // What is no money goes over it still.
    let saved = sends(&ana, &edit, &tier).await;
    assert_eq!(saved.status(), StatusCode::SEE_OTHER);
    let kept = server.store.account_by_name("Kestrel").await.unwrap();
    let kept = kept.unwrap().account;
    assert_eq!((&*kept.tier, kept.owner), ("Strategic", None));
    let revenue = kept.annual_revenue;
    assert_eq!((&*revenue.currency, revenue.minor), ("USD", 100_000));
}

#[tokio::test]
async fn two_who_change_a_person_keep_what_each_changed_and_are_told_where_they_meet() {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    let bo = || {
        let people = server.log.people().now();
        let found = people.all().iter().find(|p| p.email.starts_with("bo"));
        found.unwrap().clone()
    };
    let path = format!("/people/{}", bo().person.id);
    let names = ["name", "title", "email"];
    let page = opened(&ana, &path).await;
    let title = filled(&page, &names, &[("title", "Support lead")]);
    let mut rights = filled(&page, &names, &[]);
    rights.push(("administrator".to_owned(), "yes".to_owned()));
    rights.push((
        "seen_administrator".to_owned(),
        value(&page, "seen_administrator"),
    ));
    let mut late = filled(&page, &names, &[("title", "Pager"), ("name", "Bo Berg")]);
    late.push((
        "seen_administrator".to_owned(),
        value(&page, "seen_administrator"),
    ));
    for form in [&title, &rights] {
        let saved = sends(&ana, &path, form).await;
        assert_eq!(saved.status(), StatusCode::SEE_OTHER);
    }
    let kept = bo().person;
    assert_eq!(kept.title, "Support lead");
    assert!(kept.administrator);

    let met = sends(&ana, &path, &late).await;
    assert_eq!(met.status(), StatusCode::CONFLICT);
    let page = met.text().await.unwrap();
    assert!(page.contains("What they do is “Support lead”"), "{page}");
    assert_eq!(value(&page, "title"), "Pager");
    assert_eq!(value(&page, "name"), "Bo Berg");
    assert_eq!(bo().person.title, "Support lead");
}

#[tokio::test]
async fn an_administrator_is_told_of_an_account_whose_name_looks_like_another() {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    let made = async |name: &str| {
        let known = [
            ("version", "0"),
            ("name", name),
            ("tier", "Growth"),
            ("currency", "EUR"),
            ("annual_revenue", "1000"),
            ("monthly_fee", "100"),
        ];
        let known = known.map(|(name, text)| (name.to_owned(), text.to_owned()));
        sends(&ana, "/accounts/new", &known.into()).await
    };
    let card = |made: &Response| made.headers()["location"].to_str().unwrap().to_owned();
    let orchard = made("Orchard Bank").await;
    let shown = opened(&ana, &card(&orchard)).await;
    assert!(!shown.contains("looks like"), "{shown}");
    // What cannot be seen is no other name.
    let unseen = made("Orchard\u{200b} Bank").await;
    assert_eq!(unseen.status(), StatusCode::CONFLICT);
    // Cyrillic, and as wide as a Chinese letter.
    for name in ["Оrchard Bank", "Ｏrchard Bank"] {
        let alike = made(name).await;
        assert_eq!(
            alike.status(),
            StatusCode::SEE_OTHER,
            "told, and not refused"
        );
        let shown = opened(&ana, &card(&alike)).await;
        assert!(
            shown.contains("looks like the name of another account: ")
                && shown.contains("Orchard Bank"),
            "{shown}"
        );
        let shown = opened(&server.enter(2).await, &card(&alike)).await;
        assert!(!shown.contains("looks like"), "who can change nothing");
    }
    let shown = opened(&ana, &card(&orchard)).await;
    assert!(shown.contains("looks like the name of another account: "));
}
