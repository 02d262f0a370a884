//! What the public pages say, and what they cost.

use super::*;
use domain::AccountId;
use domain::customer::{CustomerId, CustomerRef};
use domain::public::Reader;
use domain::update::{Audience, ComponentNote, ComponentState, UpdateKind, UpdateText};
use domain::{Incident, IncidentId, PersonId, PersonRef, Policy, PublicId, Status, Time};
use uuid::Uuid;

fn at(min: i64) -> Time {
    // 2026-11-23T12:00Z.
    Time::from_timestamp(1_795_435_200, 0).unwrap() + chrono::Duration::minutes(min)
}

fn told(number: u32, min: i64, next_min: i64, words: &str) -> domain::update::Update {
    domain::update::Update {
        id: domain::CommandId(Uuid::from_u128(u128::from(number))),
        number,
        text: UpdateText {
            kind: if number == 1 {
                UpdateKind::First
            } else {
                UpdateKind::Progress
            },
            audience: Audience::Public,
            acknowledge: format!("Checkout fails. {words}"),
            impact: format!("18 % of sessions. {words}"),
            action: format!("We switch the feature off. {words}"),
            next_at: Some(at(next_min)),
            components: vec![ComponentNote {
                name: "Checkout".to_owned(),
                state: ComponentState::PartialOutage,
            }],
            closure: None,
            corrects: None,
        },
        published_at: at(min),
        by: PersonRef {
            id: PersonId(Uuid::nil()),
            name: "Secret Name".to_owned(),
        },
        status: Status::Active,
        cadence_min: 60,
        approved_by: None,
        approved_at: None,
        excuses: Vec::new(),
        unsent: false,
    }
}

fn incident(updates: Vec<domain::update::Update>) -> PublicIncident {
    let mut incident = Incident::empty(IncidentId(Uuid::nil()));
    incident.public_id = Some(PublicId("k3v9".to_owned()));
    incident.updates = updates;
    PublicIncident::of(&incident, &Reader::Public).unwrap()
}

fn page(incidents: Vec<PublicIncident>, now: Time) -> String {
    let view = PublicView::of(incidents, &Policy::default(), now);
    Owner::new()
        .with(|| view! { <StatusPage view now /> }.to_html())
        .replace("<!>", "")
}

#[test]
fn it_tells_what_happens_and_when_the_next_word_comes() {
    let html = page(vec![incident(vec![told(1, 0, 60, "Since noon.")])], at(30));
    assert!(html.contains("Checkout fails. Since noon."), "{html}");
    assert!(
        html.contains("datetime=\"2026-11-23T13:00:00Z\">13:00 UTC</time>"),
        "{html}"
    );
    assert!(
        html.contains("Partly down") && !html.contains("late") && !html.contains("Secret Name"),
        "{html}"
    );
    assert!(
        !html.contains("<script") && !html.contains("<!--"),
        "{html}"
    );
}

/// They must know what they may pass on, and what is about them stands above what is about everybody.
#[test]
fn what_a_customer_is_told_by_name_comes_first_and_says_so() {
    let mut theirs = told(1, 0, 60, "Your tokens leaked.");
    let tallis = AccountId(Uuid::from_u128(7));
    theirs.text.audience = Audience::Named {
        customers: vec![CustomerRef::new(CustomerId::Account(tallis), "Tallis")],
    };
    let mut leak = Incident::empty(IncidentId(Uuid::nil()));
    leak.public_id = Some(PublicId("k3v8".to_owned()));
    leak.updates = vec![theirs];
    let reader = Reader::Account(tallis);
    let leak = PublicIncident::of(&leak, &reader).unwrap();
    let public = incident(vec![told(1, 20, 80, "Since noon.")]);
    let html = page(vec![public.clone(), leak], at(30));
    let (own, other) = html.split_once("Since noon.").unwrap();
    assert!(own.contains("Your tokens leaked."), "{html}");
    let says = "Told to you, and not to the public.";
    assert!(own.contains(says) && !other.contains(says), "{html}");
    assert!(!page(vec![public], at(30)).contains(says));
}

#[test]
fn a_promise_that_passed_in_silence_is_told_as_late() {
    let told = || vec![incident(vec![told(1, 0, 60, "")])];
    assert!(!page(told(), at(60)).contains("it is late"));
    let html = page(told(), at(61));
    assert!(html.contains("and it is late"), "{html}");
    assert!(!html.contains("passed without a word"), "{html}");
    let html = page(told(), at(185));
    assert!(
        html.contains("3 promised times have passed without a word."),
        "{html}"
    );
}

/// Four are open: the last is named under those that are told of, and was promised a word by 13:00.
#[test]
fn a_broken_promise_is_told_as_late_in_the_list_below_too() {
    let open = |min, words: &str| incident(vec![told(1, min, min + 60, words)]);
    let all = || (0..4).map(|n| open(n, &format!("Fault {n}."))).collect();
    let in_time = page(all(), at(60));
    let (_, list) = in_time.split_once("Also now").unwrap();
    assert!(!list.contains("it is late") && list.contains("Next update by"));
    let html = page(all(), at(64));
    let (blocks, list) = html.split_once("Also now").unwrap();
    assert_eq!(blocks.matches("and it is late").count(), 3, "{blocks}");
    let says = "We promised an update by <time datetime=\"2026-11-23T13:00:00Z\">13:00 UTC</time> and it is late.";
    assert!(
        list.contains(says) && !list.contains("Next update by"),
        "{list}"
    );
    // Only one is late: it does not stand below those that are kept.
    let html = page(all(), at(61));
    let (blocks, _) = html.split_once("Also now").unwrap();
    assert!(
        blocks.contains("Fault 0.") && blocks.contains(says),
        "{html}"
    );
}

#[test]
fn markup_is_shown_as_text() {
    let html = page(
        vec![incident(vec![told(1, 0, 60, "<b>bold</b>&\"'")])],
        at(1),
    );
    assert!(
        !html.contains("<b>bold") && html.contains("&lt;b&gt;bold&lt;/b&gt;&amp;"),
        "{html}"
    );
}

#[test]
fn the_status_page_stays_small_and_the_incidents_page_says_all() {
    // Text that does not compress: a generator of numbers written out.
    let mut n: u64 = 7;
    let mut words = || {
        let mut text = String::new();
        while text.len() < 7_900 {
            n = n.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            text.push_str(&format!("{:x} ", n >> 20));
        }
        text
    };
    let incidents: Vec<_> = (0..20)
        .map(|_| {
            incident(
                (1..30)
                    .map(|i| told(i, i64::from(i), i64::from(i) + 60, &words()))
                    .collect(),
            )
        })
        .collect();
    let whole = incidents[0].clone();
    let html = page(incidents, at(40));
    assert!(html.len() < 40_000, "{} bytes", html.len());
    assert!(html.contains("Read all 29 updates"));
    let now = at(40);
    let own = Owner::new().with(|| {
        view! { <IncidentPage page_name="Acme".to_owned() incident=whole.clone() now /> }.to_html()
    });
    for update in &whole.updates {
        assert!(own.contains(update.impact.trim()), "an update is missing");
    }
}

#[test]
fn when_nothing_happens_it_says_so() {
    let html = page(Vec::new(), at(0));
    assert!(
        html.contains("Everything works.") && html.contains("Working"),
        "{html}"
    );
    assert!(
        !html.contains("Before") && !html.contains("Also now"),
        "{html}"
    );
}

#[test]
fn a_subject_is_one_line_whatever_was_written() {
    let incident = incident(vec![told(
        1,
        0,
        30,
        "Since noon.\r\nBcc: everybody@example.com",
    )]);
    let mail = mail("Acme", "https://acme.example", &Home::default(), &incident).unwrap();
    assert_eq!(
        mail.subject,
        "[Acme] Checkout fails. Since noon. Bcc: everybody@example.com (next update by 12:30 UTC)"
    );
    assert!(!mail.text.contains('\r'), "{:?}", mail.text);
    let title = incident_title("Acme", &incident);
    assert_eq!(title.lines().count(), 1, "{title}");
}
