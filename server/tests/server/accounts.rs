//! Customer accounts: who may see and change them, and the import of a file.

use crate::site::{Browser, FORM, Server, other_scripts};
use domain::account::Account;
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;

const HEADER: &str = "Name,Tier,Strategic,Currency,Annual revenue,Monthly fee,Renews on,Owner,Contacts,SLA,SLA cap,Deal stage";
const ORCHARD: &str = "Orchard Bank,Strategic,yes,EUR,1780000,148333.33,2027-06-30,Ines Faro,\"Jo Park; CFO; jo@orchard.example\",99.9: 10 | 99: 25,50,Renewal";
const HALDEN: &str = "Halden Foods,Strategic,yes,EUR,2150000,179166.67,2027-01-23,Ines Faro,,,,";

/// What the form of the import page sends.
async fn upload(browser: &Browser<'_>, part: &str, content: &[u8]) -> Response {
    let mut body = Vec::new();
    for name in ["file", "text"] {
        let filename = if name == "file" {
            "; filename=\"accounts.csv\""
        } else {
            ""
        };
        let head =
            format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"{filename}\r\n\r\n");
        body.extend(head.as_bytes());
        if name == part {
            body.extend(content);
        }
        body.extend(b"\r\n");
    }
    body.extend(b"--x--\r\n");
    browser
        .post("/accounts/import")
        .header("content-type", "multipart/form-data; boundary=x")
        .body(body)
        .send()
        .await
        .unwrap()
}

/// Of two files, or two texts, in one form the later one counts.
#[tokio::test]
async fn of_two_uploads_in_one_form_the_later_one_counts() {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    for name in ["file", "text"] {
        let part = |content: &str| {
            format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{content}\r\n")
        };
        let first = HALDEN.replace("Halden", "First");
        let csv = |line: &str| part(&format!("{HEADER}\r\n{line}"));
        let body = format!("{}{}{}--x--\r\n", csv(&first), csv(HALDEN), part(""));
        let sent = ana.post("/accounts/import");
        let sent = sent.header("content-type", "multipart/form-data; boundary=x");
        let response = sent.body(body).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{name}");
        let page = response.text().await.unwrap();
        assert!(
            page.contains("Halden Foods") && !page.contains("First Foods"),
            "{page}"
        );
    }
}

/// What a check of this file shows.
async fn checked(browser: &Browser<'_>, csv: &str) -> (StatusCode, String) {
    let response = upload(browser, "file", csv.as_bytes()).await;
    (response.status(), response.text().await.unwrap())
}

/// The value of a hidden field.
fn hidden<'a>(page: &'a str, name: &str) -> &'a str {
    let (_, rest) = page
        .split_once(&format!("name=\"{name}\" value=\""))
        .unwrap_or_else(|| panic!("no {name} in {page}"));
    rest.split('"').next().unwrap()
}

/// Presses the button below a check.
async fn confirm(browser: &Browser<'_>, page: &str) -> Response {
    let body = format!(
        "seen={}&file={}",
        hidden(page, "seen"),
        hidden(page, "file")
    );
    send(browser, "/accounts/import/confirm", &body).await
}

async fn send(browser: &Browser<'_>, path: &str, form: &str) -> Response {
    browser
        .post(path)
        .header("content-type", FORM)
        .body(form.to_owned())
        .send()
        .await
        .unwrap()
}

async fn read(browser: &Browser<'_>, path: &str) -> (StatusCode, String) {
    let response = browser.get(path).send().await.unwrap();
    (response.status(), response.text().await.unwrap())
}

/// What the form of a customer asks while a name is typed.
fn asked(named: &str) -> Value {
    json!({ "asks": { "account": { "named": named } } })
}

async fn accounts(server: &Server) -> Vec<Account> {
    let kept = server.store.accounts("", 1_000, None).await.unwrap();
    kept.into_iter().map(|k| k.account).collect()
}

/// Checks a file and imports it.
pub async fn import(browser: &Browser<'_>, csv: &str) -> String {
    let (status, page) = checked(browser, csv).await;
    assert_eq!(status, StatusCode::OK, "{page}");
    let done = confirm(browser, &page).await;
    assert_eq!(done.status(), StatusCode::SEE_OTHER);
    done.headers()["location"].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_file_is_checked_first_and_imported_whole() {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    let csv = format!("\u{feff}{HEADER},Notes\r\n{ORCHARD},a\r\n{HALDEN},b\r\n");
    let (status, page) = checked(&ana, &csv).await;
    assert_eq!(status, StatusCode::OK);
    assert!(
        page.contains("2 new, 0 changed, 0 the same, 0 lines to correct"),
        "{page}"
    );
    assert!(page.contains("passed over: Notes."), "{page}");
    assert!(page.contains("Import 2 new accounts"), "{page}");
    assert!(!other_scripts(&page), "{page}");
    assert!(accounts(&server).await.is_empty(), "a check writes nothing");

    let done = confirm(&ana, &page).await;
    assert_eq!(
        done.headers()["location"],
        "/accounts?new=2&changed=0&same=0"
    );
    let kept = accounts(&server).await;
    assert_eq!(kept.len(), 2);
    assert_eq!(kept[1].contacts[0].role.as_deref(), Some("CFO"));
    assert_ne!(kept[0].id, kept[1].id);

    let (_, list) = read(&ana, "/accounts?new=2&changed=0&same=0").await;
    for text in [
        "Imported: 2 new",
        "Orchard Bank",
        "Strategic account",
        "1\u{a0}780\u{a0}000.00\u{a0}EUR",
        "renews 30 June 2027",
        "below 99.9 % → 10 %",
        "at most 50 %",
        "No SLA",
    ] {
        assert!(list.contains(text), "{text} in {list}");
    }
}

#[tokio::test]
async fn imported_again_an_account_is_changed_and_not_doubled() {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    let csv = format!("{HEADER}\n{ORCHARD}\n{HALDEN}\n");
    import(&ana, &csv).await;
    let before = accounts(&server).await;

    let (status, page) = checked(&ana, &csv).await;
    assert_eq!(status, StatusCode::OK);
    assert!(
        page.contains("0 new, 0 changed, 2 the same") && page.contains("nothing to import"),
        "{page}"
    );
    assert!(!page.contains("/accounts/import/confirm"), "{page}");

    // Without the other columns, what they said stays.
    let newer = "currency;monthly_fee;annual_revenue;tier;name\nEUR;150000;1780000;Strategic;ORCHARD  bank\nEUR;1;12;Growth;Vesta\n";
    let (_, page) = checked(&ana, newer).await;
    assert!(page.contains("1 new, 1 changed, 0 the same"), "{page}");
    assert!(
        page.contains("<td>148333.33</td><td>150000.00</td>"),
        "old and new: {page}"
    );
    assert!(
        page.contains("Import 1 new account and 1 changed account<"),
        "{page}"
    );
    let done = confirm(&ana, &page).await;
    assert_eq!(
        done.headers()["location"],
        "/accounts?new=1&changed=1&same=0"
    );
    let after = accounts(&server).await;
    assert_eq!(after.len(), 3);
    let (old, new) = (
        &before[1],
        after.iter().find(|a| a.id == before[1].id).unwrap(),
    );
    assert_eq!(
        (new.name.as_str(), new.monthly_fee.minor),
        ("ORCHARD  bank", 15_000_000)
    );
    assert_eq!(
        (&new.contacts, &new.sla, &new.owner),
        (&old.contacts, &old.sla, &old.owner)
    );

    // The page that was confirmed already does nothing a second time, nor a copy of it in a new tab.
    let again = confirm(&ana, &page).await;
    assert_eq!(again.status(), StatusCode::CONFLICT);
    assert_eq!(accounts(&server).await, after);
}

#[tokio::test]
async fn a_file_with_bad_lines_is_refused_whole_and_each_is_named() {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    let csv = format!(
        "{HEADER}\n{ORCHARD}\nB,T,perhaps,EUR,1,1,30.06.2027,,,,,\nC,T,no,EUR,\"1,5\",1,,,,,,\norchard bank,T,no,EUR,1,1,,,,,,\n,T,no,EUR,1,1,,,,,,\nD,T,no,EUR,1,1,,,,99: 10 | 99.9: 5,,\n"
    );
    let (status, page) = checked(&ana, &csv).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        page.contains("1 new, 0 changed, 0 the same, 5 lines to correct"),
        "{page}"
    );
    for (line, column, says) in [
        (3, "strategic", "Strategic must be yes or no."),
        (3, "renews_on", "year-month-day"),
        (4, "annual_revenue", "must be an amount such as"),
        (5, "name", "on line 2 already"),
        (6, "name", "Name must not be empty."),
        (7, "sla", "is out of order"),
    ] {
        let row = format!("<td class=\"number\">{line}</td><td>{column}</td>");
        let (_, rest) = page
            .split_once(&row)
            .unwrap_or_else(|| panic!("{row} in {page}"));
        let rest = rest.split("</tr>").next().unwrap();
        assert!(rest.contains(says), "{says} in {rest}");
    }
    assert!(
        !page.contains("/accounts/import/confirm"),
        "nothing to press: {page}"
    );
    assert!(accounts(&server).await.is_empty());

    // Pasted, the words come back.
    let response = upload(&ana, "text", csv.as_bytes()).await;
    assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let page = response.text().await.unwrap();
    assert!(page.contains("B,T,perhaps,EUR,1,1,30.06.2027"), "{page}");
    for (csv, says) in [
        (
            b"name,tier\nA,T\n".as_slice(),
            "Missing: currency, annual_revenue, monthly_fee.",
        ),
        (b"name\xff".as_slice(), "not UTF-8"),
        (b"".as_slice(), "There is nothing in it."),
    ] {
        let response = upload(&ana, "file", csv).await;
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let page = response.text().await.unwrap();
        assert!(
            page.contains("Nothing was imported.") && page.contains(says),
            "{page}"
        );
    }
}

#[tokio::test]
async fn what_is_imported_is_what_was_checked_or_nothing() {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    import(&ana, &format!("{HEADER}\n{ORCHARD}\n")).await;
    let changed = ORCHARD.replace("Ines Faro", "Bo Lind");
    let (_, page) = checked(&ana, &format!("{HEADER}\n{changed}\n{HALDEN}\n")).await;

    // Somebody else changes the account between the check and the button.
    import(
        &ana,
        &format!("{HEADER}\n{}\n", ORCHARD.replace("Ines Faro", "Mia Berg")),
    )
    .await;
    let before = accounts(&server).await;
    let refused = confirm(&ana, &page).await;
    assert_eq!(refused.status(), StatusCode::CONFLICT);
    assert_eq!(accounts(&server).await, before, "not even the new one");
    let anew = refused.text().await.unwrap();
    assert!(
        anew.contains("Accounts were changed since you checked"),
        "{anew}"
    );
    assert!(anew.contains("<td>Mia Berg</td><td>Bo Lind</td>"), "{anew}");
    assert_eq!(confirm(&ana, &anew).await.status(), StatusCode::SEE_OTHER);
    assert_eq!(accounts(&server).await.len(), 2);

    // Another file under the fingerprint of the one that was seen, and a page that was damaged.
    let (_, one) = checked(
        &ana,
        &format!("{HEADER}\n{}\n", HALDEN.replace("Halden", "One")),
    )
    .await;
    let (_, two) = checked(
        &ana,
        &format!("{HEADER}\n{}\n", HALDEN.replace("Halden", "Two")),
    )
    .await;
    let swapped = format!(
        "seen={}&file={}",
        hidden(&one, "seen"),
        hidden(&two, "file")
    );
    let response = send(&ana, "/accounts/import/confirm", &swapped).await;
    assert_eq!(response.status(), StatusCode::CONFLICT);
    let half = &hidden(&one, "file")[..20];
    for body in [
        format!("seen={}&file={half}", hidden(&one, "seen")),
        "seen=&file=".to_owned(),
        "file=AA".to_owned(),
    ] {
        let response = send(&ana, "/accounts/import/confirm", &body).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{body}");
    }
    assert_eq!(accounts(&server).await.len(), 2);
}

#[tokio::test]
async fn only_administrators_change_accounts_and_only_the_signed_in_see_them() {
    let server = Server::with_demo_people().await;
    let (ana, bo) = (server.enter(0).await, server.enter(1).await);
    import(&ana, &format!("{HEADER}\n{ORCHARD}\n")).await;
    let (_, page) = checked(&ana, &format!("{HEADER}\n{HALDEN}\n")).await;
    let kept = accounts(&server).await;
    let card = format!("/accounts/{}", kept[0].id);
    let edit = format!("{card}/edit");
    let fields = "version=1&name=Hacked&tier=T&currency=EUR&annual_revenue=1&monthly_fee=1";

    for path in ["/accounts", card.as_str()] {
        let (status, shown) = read(&bo, path).await;
        assert_eq!(status, StatusCode::OK);
        assert!(shown.contains("Orchard Bank"), "{shown}");
        assert!(
            !shown.contains("/edit\"") && !shown.contains("/accounts/import"),
            "{shown}"
        );
        let (_, shown) = read(&ana, path).await;
        assert!(
            shown.contains("/edit\"") || shown.contains("/accounts/import"),
            "{shown}"
        );
    }
    for path in ["/accounts/new", "/accounts/import", edit.as_str()] {
        let (status, shown) = read(&bo, path).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{path}");
        assert!(shown.contains("Only an administrator"), "{shown}");
    }
    assert_eq!(
        upload(&bo, "file", HEADER.as_bytes()).await.status(),
        StatusCode::FORBIDDEN
    );
    assert_eq!(confirm(&bo, &page).await.status(), StatusCode::FORBIDDEN);
    for path in ["/accounts/new", edit.as_str()] {
        assert_eq!(
            send(&bo, path, fields).await.status(),
            StatusCode::FORBIDDEN,
            "{path}"
        );
    }

    let nobody = Browser {
        server: &server,
        cookie: String::new(),
    };
    for path in [
        "/accounts",
        "/accounts/new",
        "/accounts/import",
        card.as_str(),
        edit.as_str(),
    ] {
        let response = nobody.get(path).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::SEE_OTHER, "{path}");
        assert_eq!(
            response.headers()["location"],
            format!("/sign-in?then={path}")
        );
        if path != "/accounts" && path != card {
            // What was written is not led away from.
            let response = send(&nobody, path, fields).await;
            assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{path}");
            let page = response.text().await.unwrap();
            assert!(page.contains("reload this page"), "{page}");
        }
    }
    assert_eq!(
        confirm(&nobody, &page).await.status(),
        StatusCode::UNAUTHORIZED
    );
    let signed_out = nobody.call("fill", &asked("")).await;
    assert_eq!(signed_out.status(), StatusCode::UNAUTHORIZED);

    let foreign = ana
        .post("/accounts/import/confirm")
        .header("sec-fetch-site", "cross-site");
    assert_eq!(
        foreign.send().await.unwrap().status(),
        StatusCode::FORBIDDEN
    );
    assert_eq!(accounts(&server).await, kept, "nobody changed anything");
    for path in [
        "/accounts?new=x",
        "/accounts?q=a&q=b",
        &format!("{card}?month=1&month=2"),
    ] {
        let (status, shown) = read(&ana, path).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{path}");
        assert!(shown.contains("anew, from the"), "{shown}");
    }
    for path in [
        "/accounts/nothing",
        "/accounts/00000000-0000-7000-8000-000000000009",
        "/accounts/nothing/edit",
    ] {
        assert_eq!(read(&ana, path).await.0, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn an_account_is_added_and_changed_by_a_form() {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    let fields = "tier=Growth&currency=eur&annual_revenue=1200&monthly_fee=100.5&renews_on=&owner=Ines&contacts=Jo%3B+CFO%0D%0AAl&sla=99.9%3A+10%0D%0A99%3A+25&sla_cap=&deal_stage=";
    let bad = send(
        &ana,
        "/accounts/new",
        &format!(
            "version=0&name=Kestrel&{}",
            fields.replace("100.5", "1%2C5")
        ),
    )
    .await;
    assert_eq!(bad.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let page = bad.text().await.unwrap();
    assert!(
        page.contains("Monthly fee must be an amount") && page.contains("value=\"1,5\""),
        "{page}"
    );
    assert!(page.contains("\nJo; CFO\r\nAl</textarea>"), "{page}");
    assert!(accounts(&server).await.is_empty());

    let made = send(
        &ana,
        "/accounts/new",
        &format!("version=0&name=Kestrel&strategic=yes&{fields}"),
    )
    .await;
    assert_eq!(made.status(), StatusCode::SEE_OTHER);
    let card = made.headers()["location"].to_str().unwrap().to_owned();
    let kept = accounts(&server).await.remove(0);
    assert_eq!(card, format!("/accounts/{}", kept.id));
    assert!(
        kept.strategic && kept.contacts.len() == 2 && kept.sla.as_ref().unwrap().tiers.len() == 2
    );
    let (_, shown) = read(&ana, &card).await;
    for text in [
        "Kestrel",
        "100.50\u{a0}EUR",
        "Jo</b>",
        "99.9 %",
        "UTC by Ana Ruiz",
    ] {
        assert!(shown.contains(text), "{text} in {shown}");
    }

    let edit = format!("{card}/edit");
    let (_, form) = read(&ana, &edit).await;
    assert!(
        form.contains("checked") && form.contains("99.9: 10\n99: 25</textarea>"),
        "{form}"
    );
    let first = send(
        &ana,
        &edit,
        &format!("version=1&name=Kestrel+Outdoor&{fields}"),
    )
    .await;
    assert_eq!(first.status(), StatusCode::SEE_OTHER);
    let kept = accounts(&server).await.remove(0);
    assert!(
        kept.name == "Kestrel Outdoor" && !kept.strategic,
        "an empty box says no"
    );

    // The second of two who edit at once is told, and keeps every word.
    let second = send(&ana, &edit, &format!("version=1&name=Kestrel+Two&{fields}")).await;
    assert_eq!(second.status(), StatusCode::CONFLICT);
    let page = second.text().await.unwrap();
    assert!(
        page.contains("Ana Ruiz changed this account at") && page.contains("Kestrel Two"),
        "{page}"
    );
    assert_eq!(hidden(&page, "version"), "2");
    assert_eq!(accounts(&server).await[0].name, "Kestrel Outdoor");
    let again = send(&ana, &edit, &format!("version=2&name=Kestrel+Two&{fields}")).await;
    assert_eq!(again.status(), StatusCode::SEE_OTHER);

    let taken = send(
        &ana,
        "/accounts/new",
        &format!("version=0&name=KESTREL++two&{fields}"),
    )
    .await;
    assert_eq!(taken.status(), StatusCode::CONFLICT);
    let page = taken.text().await.unwrap();
    assert!(
        page.contains("There is an account “Kestrel Two” already."),
        "{page}"
    );
    assert_eq!(accounts(&server).await.len(), 1);
    let broken = send(&ana, &edit, "name=x").await;
    assert_eq!(broken.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn markup_in_an_account_stays_text_everywhere() {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    let evil = "</textarea><script>alert(1)</script><b title='x'>&amp;\"\"";
    let line = |tier: &str| {
        format!(
            "\"{evil}\",\"{evil}{tier}\",no,EUR,1,1,,\"{evil}\",\"{evil}\",99.9: 10,,\"{evil}\""
        )
    };
    let csv = format!("{HEADER},{evil}\n{}\n", line("1")).replacen("\"\"\n", "\n", 1);
    let response = upload(&ana, "text", csv.as_bytes()).await;
    let first = response.text().await.unwrap();
    assert_eq!(
        confirm(&ana, &first).await.status(),
        StatusCode::SEE_OTHER,
        "{first}"
    );
    let card = format!("/accounts/{}", accounts(&server).await[0].id);
    let (_, second) = checked(&ana, &format!("{HEADER}\n{}\n", line("2"))).await;
    let bad = upload(
        &ana,
        "text",
        format!("{HEADER}\n\"{evil}\",\"{evil}\",\"{evil}\"\n").as_bytes(),
    )
    .await;
    let mut pages = vec![first, second, bad.text().await.unwrap()];
    for path in [
        "/accounts",
        "/accounts?q=%3Cscript%3E",
        card.as_str(),
        &format!("{card}/edit"),
        &format!("{card}?month=%3Cscript%3E&impact_min=1"),
    ] {
        pages.push(read(&ana, path).await.1);
    }
    for page in pages {
        assert!(page.contains("&lt;script&gt;"), "{page}");
        assert!(
            !other_scripts(&page) && !page.contains("<b title"),
            "{page}"
        );
        let areas = page.matches("<textarea").count();
        assert_eq!(page.matches("</textarea>").count(), areas, "{page}");
    }
}

#[tokio::test]
async fn a_file_above_the_limit_is_told_so_and_a_full_one_is_taken() {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    let response = upload(&ana, "file", &vec![b'a'; 5_000_001]).await;
    assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
    let page = response.text().await.unwrap();
    assert!(
        page.contains("larger than 5 MB") && page.contains("Split it"),
        "{page}"
    );

    let mut csv = "name,tier,currency,annual_revenue,monthly_fee\n".to_owned();
    for n in 0..1_200 {
        writeln!(csv, "Customer {n},Growth,EUR,{n},1").unwrap();
    }
    let (_, page) = checked(&ana, &csv).await;
    assert!(
        page.contains("1200 new") && page.contains("and 700 more of this kind"),
        "{page}"
    );
    assert_eq!(confirm(&ana, &page).await.status(), StatusCode::SEE_OTHER);

    // The list goes on from page to page, and a search narrows it.
    let (_, list) = read(&ana, "/accounts").await;
    assert_eq!(list.matches("<li><h2>").count(), 100);
    let after = hidden(&list, "after").replace(' ', "+");
    let (_, next) = read(&ana, &format!("/accounts?q=&after={after}")).await;
    assert_eq!(next.matches("<li><h2>").count(), 100);
    assert!(
        !next.contains(&format!(">{}</a>", hidden(&list, "after"))),
        "none comes twice"
    );
    let (_, found) = read(&ana, "/accounts?q=CUSTOMER+77").await;
    assert_eq!(found.matches("<li><h2>").count(), 11, "77 and 770 to 779");
    assert!(!found.contains("Next page"));
}

#[tokio::test]
async fn an_account_is_found_by_a_part_of_its_name() {
    let server = Server::with_demo_people().await;
    let (ana, bo) = (server.enter(0).await, server.enter(1).await);
    let mut csv = format!("{HEADER}\n{ORCHARD}\n{HALDEN}\n");
    for n in 0..25 {
        writeln!(csv, "The Orchard {n},T,no,EUR,1,1,,,,,,").unwrap();
    }
    import(&ana, &csv).await;
    let found = bo.call("fill", &asked("orchard")).await;
    assert_eq!(found.status(), StatusCode::OK);
    let found: Vec<BTreeMap<String, String>> = found.json().await.unwrap();
    assert_eq!(found.len(), 20);
    // As the form of a customer on an incident takes it.
    let first = found[0].iter().map(|(k, v)| (k.as_str(), v.as_str()));
    let id = accounts(&server).await[1].id.to_string();
    let expected = [
        ("account", id.as_str()),
        ("deal", "Renewal"),
        ("fee", "148333.33 EUR"),
        ("name", "Orchard Bank"),
        ("renews", "2027-06-30"),
        ("revenue", "1780000 EUR"),
        ("said", "Filled in from the account."),
        ("tier", "Strategic"),
    ];
    assert_eq!(first.collect::<Vec<_>>(), expected);
    for (query, count) in [("FOODS", 1), ("nobody", 0)] {
        let found = bo.call("fill", &asked(query)).await;
        let found: Vec<BTreeMap<String, String>> = found.json().await.unwrap();
        assert_eq!(found.len(), count, "{query}");
    }
    assert_eq!(
        bo.call("fill", &json!({})).await.status(),
        StatusCode::BAD_REQUEST
    );
}

#[tokio::test]
async fn a_deal_stage_from_an_incident_stands_in_the_form_and_is_not_saved_by_looking() {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    import(&ana, &format!("{HEADER}\n{ORCHARD}\n")).await;
    let kept = accounts(&server).await;
    let edit = format!("/accounts/{}/edit", kept[0].id);
    let note = "The deal stage below comes from the incident";
    for (query, stands, told) in [
        ("", "Renewal", false),
        ("?deal_stage=Renewal", "Renewal", false),
        ("?deal_stage=Expansion%20signed", "Expansion signed", true),
        ("?deal_stage=%22%3E%3Cb%3E", "&quot;&gt;&lt;b&gt;", true),
        ("?deal_stage=a&deal_stage=b", "Renewal", false),
    ] {
        let (status, page) = read(&ana, &format!("{edit}{query}")).await;
        assert_eq!(status, StatusCode::OK, "{query}");
        assert_eq!(page.contains(note), told, "{query}");
        let field = format!("id=\"deal_stage\" name=\"deal_stage\" value=\"{stands}\"");
        assert!(page.contains(&field), "{query}: {page}");
    }
    assert_eq!(accounts(&server).await, kept);
}

#[tokio::test]
async fn the_calculator_shows_its_working() {
    let server = Server::with_demo_people().await;
    let ana = server.enter(0).await;
    import(&ana, &format!("{HEADER}\n{ORCHARD}\n{HALDEN}\n")).await;
    let kept = accounts(&server).await;
    let card = format!("/accounts/{}", kept[1].id);
    let (_, page) = read(
        &ana,
        &format!("{card}?month=2026-11&impact_min=44&other_impact_min=0"),
    )
    .await;
    let page = page.replace('\u{a0}', " ");
    assert!(
        page.contains("10 % of 148 333.33 EUR = 14 833.33 EUR"),
        "{page}"
    );
    for (query, says) in [
        (
            "month=2026-13&impact_min=1&other_impact_min=0",
            "Month must be written year-month",
        ),
        (
            "month=2026-11&impact_min=x&other_impact_min=0",
            "Impact must be a whole number",
        ),
        (
            "month=2026-11&impact_min=1&other_impact_min=-1",
            "Impact of others must be a whole number",
        ),
    ] {
        let (status, page) = read(&ana, &format!("{card}?{query}")).await;
        assert!(status == StatusCode::OK && page.contains(says), "{page}");
    }
    let (_, none) = read(&ana, &format!("/accounts/{}", kept[0].id)).await;
    assert!(none.contains("no credit can be calculated"), "{none}");
}
