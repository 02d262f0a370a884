//! What was not published does not exist for customers (issue 2, "Done when" 4): every field of
//! every command is seeded with a marker of its own, and no answer to a stranger may hold any.

use crate::site::{Browser, Server, new_id};
use chrono::Duration;
use domain::brief::{Ask, BriefText, Confidence, Eta};
use domain::command::{Cause, Lever};
use domain::customer::{ChurnRisk, Credit, Customer, Money};
use domain::evidence::{Proof, Proves};
use domain::timeline::{EntryKind, Outcome as Came, Outcomed};
use domain::update::{Audience, UpdateKind, UpdateText};
use domain::{Command, IncidentId, PersonId, PersonRef, Role, Severity, Status, Time};
use reqwest::Method;
use server::store::Account;
use std::collections::BTreeSet;

/// How many kinds of commands there are.
const KINDS: usize = 24;

/// Which kind it is. A new kind does not compile here until it has a number, and then the test
/// fails until it is sent with a marker in each of its fields.
fn kind(command: &Command) -> usize {
    match command {
        Command::Report { what: _, source: _ } => 0,
        Command::DismissReport { reason: _ } => 1,
        Command::Declare {
            title: _,
            severity: _,
            customer_sees: _,
            impact_began_at: _,
            components: _,
            audience: _,
        } => 2,
        Command::OfferRole {
            role: _,
            person: _,
            two_hats: _,
        } => 3,
        Command::AcceptRole { role: _ } => 4,
        Command::DeclineRole { role: _, reason: _ } => 5,
        Command::HandOverRole {
            role: _,
            to: _,
            note: _,
            two_hats: _,
        } => 6,
        Command::LogEntry {
            kind: _,
            text: _,
            result: _,
            links: _,
            happened_at: _,
        } => 7,
        Command::RecordResult {
            entry: _,
            result: _,
        } => 8,
        Command::AmendEntry {
            entry: _,
            text: _,
            reason: _,
        } => 9,
        Command::DecideMitigation {
            lever: _,
            what: _,
            risk_of_doing: _,
            risk_of_not_doing: _,
            undo: _,
        } => 10,
        Command::PublishUpdate { text: _, after: _ } => 11,
        Command::PublishBrief {
            text: _,
            after_version: _,
        } => 12,
        Command::AttachEvidence {
            proves: _,
            proof: _,
            shows: _,
            watched_min: _,
        } => 13,
        Command::StateImpactEnd { at: _ } => 14,
        Command::StateCause { cause: _ } => 15,
        Command::MoveStatus { to: _ } => 16,
        Command::MoveBack { to: _, reason: _ } => 17,
        Command::ChangeCadence {
            every_min: _,
            reason: _,
        } => 18,
        Command::NoteCustomer { customer: _ } => 19,
        Command::DecideCredit {
            customer: _,
            credit: _,
        } => 20,
        Command::BookPostMortem {
            at: _,
            facilitator: _,
        } => 21,
        Command::AgreeAction {
            what: _,
            owner: _,
            due_on: _,
            acceptance: _,
        } => 22,
        Command::PlanFollowUp { plan: _ } => 23,
    }
}

/// Hands out markers with markup in them.
#[derive(Default)]
struct Marks(u32);

impl Marks {
    fn text(&mut self) -> String {
        self.0 += 1;
        format!("<b>QMARKQ{:03}X</b>&\"'", self.0)
    }

    fn link(&mut self) -> String {
        self.0 += 1;
        format!("https://mark.example/QMARKQ{:03}X?<b>", self.0)
    }

    fn person(&mut self) -> PersonRef {
        PersonRef {
            id: PersonId(new_id()),
            name: self.text(),
        }
    }
}

/// What the customers are told, and nothing of it is a marker.
const TOLD: &str = "Some checkouts fail since 12:00 UTC.";

/// Sends commands of one incident and keeps count of their kinds.
struct Teller<'a> {
    browser: &'a Browser<'a>,
    incident: IncidentId,
    sent: &'a mut BTreeSet<usize>,
}

impl Teller<'_> {
    async fn does(&mut self, command: Command) -> domain::CommandId {
        self.sent.insert(kind(&command));
        self.browser.does(self.incident, command).await
    }
}

fn update(kind: UpdateKind, audience: Audience, words: [String; 3], next_at: Time) -> UpdateText {
    let [acknowledge, impact, action] = words;
    UpdateText {
        kind,
        audience,
        acknowledge,
        impact,
        action,
        next_at: Some(next_at),
        components: Vec::new(),
        closure: None,
        corrects: None,
    }
}

/// A report that was none.
async fn dismiss(teller: &mut Teller<'_>, m: &mut Marks) {
    teller
        .does(Command::Report {
            what: m.text(),
            source: m.text(),
        })
        .await;
    teller
        .does(Command::DismissReport { reason: m.text() })
        .await;
}

/// An incident of which customers hear nothing.
async fn keep_to_ourselves(teller: &mut Teller<'_>, m: &mut Marks, now: Time) {
    teller.does(declare(m, now, Audience::Public)).await;
    teller.does(tried(m, now)).await;
}

fn declare(m: &mut Marks, now: Time, audience: Audience) -> Command {
    Command::Declare {
        title: m.text(),
        severity: Severity::Sev1,
        customer_sees: m.text(),
        impact_began_at: now - Duration::minutes(20),
        components: vec!["Checkout".to_owned()],
        audience,
    }
}

fn tried(m: &mut Marks, now: Time) -> Command {
    Command::LogEntry {
        kind: EntryKind::Attempt,
        text: m.text(),
        result: Some(came(m)),
        links: vec![m.link()],
        happened_at: Some(now - Duration::minutes(5)),
    }
}

fn came(m: &mut Marks) -> Outcomed {
    Outcomed {
        text: m.text(),
        outcome: Came::Worked,
    }
}

/// Roles, the timeline and the executives' brief.
async fn work(teller: &mut Teller<'_>, m: &mut Marks, me: &PersonRef, now: Time) {
    let role = Role::Commander;
    teller
        .does(Command::OfferRole {
            role,
            person: me.clone(),
            two_hats: Some(m.text()),
        })
        .await;
    teller.does(Command::AcceptRole { role }).await;
    teller
        .does(Command::HandOverRole {
            role,
            to: m.person(),
            note: m.text(),
            two_hats: Some(m.text()),
        })
        .await;
    let role = Role::Sponsor;
    teller
        .does(Command::OfferRole {
            role,
            person: me.clone(),
            two_hats: Some(m.text()),
        })
        .await;
    teller
        .does(Command::DeclineRole {
            role,
            reason: Some(m.text()),
        })
        .await;

    let line = teller.does(tried(m, now)).await;
    teller
        .does(Command::RecordResult {
            entry: line,
            result: came(m),
        })
        .await;
    teller
        .does(Command::AmendEntry {
            entry: line,
            text: m.text(),
            reason: m.text(),
        })
        .await;
    teller
        .does(Command::DecideMitigation {
            lever: Lever::FeatureFlag,
            what: m.text(),
            risk_of_doing: m.text(),
            risk_of_not_doing: m.text(),
            undo: m.text(),
        })
        .await;
    let text = BriefText {
        happened: m.text(),
        impact: m.text(),
        risks: vec![m.text()],
        asks: vec![Ask {
            what: m.text(),
            of: m.text(),
            needed_by: Some(now),
        }],
        eta: Some(Eta {
            at: now,
            confidence: Confidence::High,
            depends_on: m.text(),
        }),
        changed: m.text(),
    };
    teller
        .does(Command::PublishBrief {
            text,
            after_version: 0,
        })
        .await;
    teller
        .does(Command::ChangeCadence {
            every_min: 90,
            reason: m.text(),
        })
        .await;
}

/// Proof, the way to Resolved, and all that closes it.
async fn end(teller: &mut Teller<'_>, m: &mut Marks, me: &PersonRef, customer: String, now: Time) {
    for (proves, proof, watched_min) in [
        (Proves::HarmStopped, Proof::Excerpt { text: m.text() }, None),
        (
            Proves::CustomersWork,
            Proof::Statement {
                by: m.text(),
                text: m.text(),
            },
            None,
        ),
        (Proves::Validated, Proof::Link { url: m.link() }, Some(30)),
    ] {
        let shows = m.text();
        teller
            .does(Command::AttachEvidence {
                proves,
                proof,
                shows,
                watched_min,
            })
            .await;
    }
    teller.does(Command::StateImpactEnd { at: now }).await;
    teller
        .does(Command::StateCause {
            cause: Cause::UnderInvestigation { text: m.text() },
        })
        .await;
    teller
        .does(Command::StateCause {
            cause: Cause::Known { text: m.text() },
        })
        .await;
    for to in [Status::Contained, Status::Mitigated, Status::Resolved] {
        teller.does(Command::MoveStatus { to }).await;
    }
    for credit in [
        Credit::Granted {
            amount: Money {
                currency: "EUR".to_owned(),
                minor: 7_654_321,
            },
            reason: m.text(),
        },
        Credit::None { reason: m.text() },
    ] {
        teller
            .does(Command::DecideCredit {
                customer: customer.clone(),
                credit,
            })
            .await;
    }
    let at = now + Duration::hours(20);
    teller
        .does(Command::BookPostMortem {
            at,
            facilitator: m.person(),
        })
        .await;
    let due_on = (now + Duration::days(9)).date_naive();
    let owner = me.clone();
    teller
        .does(Command::AgreeAction {
            what: m.text(),
            owner,
            due_on,
            acceptance: m.text(),
        })
        .await;
    teller.does(Command::PlanFollowUp { plan: m.text() }).await;
    teller
        .does(Command::MoveBack {
            to: Status::Mitigated,
            reason: m.text(),
        })
        .await;
}

fn customer(m: &mut Marks, now: Time) -> Customer {
    Customer {
        name: m.text(),
        tier: m.text(),
        annual_revenue: 987_654_321,
        renews_on: Some(now.date_naive()),
        sees: m.text(),
        sentiment_before: Some(1),
        sentiment_now: Some(-2),
        churn_before: Some(ChurnRisk::Low),
        churn_now: Some(ChurnRisk::High),
    }
}

/// Signs in somebody whose own name is a marker.
async fn marked_person<'a>(server: &'a Server, m: &mut Marks) -> (Browser<'a>, PersonRef) {
    let mut account: Account = server::demo::people().remove(0);
    let me = m.person();
    account.person.id = me.id;
    account.person.name = me.name.clone();
    account.person.title = m.text();
    account.email = format!("mark{}x@acme.example", m.0);
    assert!(server.store.add_account(&account).await.unwrap());
    let cookie = server.session_of(me.id).await;
    (Browser { server, cookie }, me)
}

#[tokio::test]
async fn no_word_that_was_not_published_is_in_any_answer_to_a_stranger() {
    let server = Server::with_demo_people().await;
    let mut m = Marks::default();
    let mut sent = BTreeSet::new();
    let now = server.clock.now();
    let (browser, me) = marked_person(&server, &mut m).await;

    for n in 0..2 {
        let incident = IncidentId(new_id());
        let mut teller = Teller {
            browser: &browser,
            incident,
            sent: &mut sent,
        };
        if n == 0 {
            dismiss(&mut teller, &mut m).await;
        } else {
            keep_to_ourselves(&mut teller, &mut m, now).await;
        }
    }
    let incident = IncidentId(new_id());
    let mut teller = Teller {
        browser: &browser,
        incident,
        sent: &mut sent,
    };
    teller
        .does(Command::Report {
            what: m.text(),
            source: m.text(),
        })
        .await;
    let secretive = Audience::Named {
        customers: vec![m.text()],
    };
    teller.does(declare(&mut m, now, secretive.clone())).await;
    work(&mut teller, &mut m, &me, now).await;
    let who = customer(&mut m, now);
    teller
        .does(Command::NoteCustomer {
            customer: who.clone(),
        })
        .await;

    let plain = [
        TOLD.to_owned(),
        "18 % of sessions.".to_owned(),
        "We switch it off.".to_owned(),
    ];
    let next_at = now + Duration::minutes(50);
    let text = update(UpdateKind::First, Audience::Public, plain, next_at);
    let first = teller
        .does(Command::PublishUpdate { text, after: None })
        .await;
    let words = [m.text(), m.text(), m.text()];
    let text = update(UpdateKind::Progress, secretive, words, next_at);
    teller
        .does(Command::PublishUpdate {
            text,
            after: Some(first),
        })
        .await;
    end(&mut teller, &mut m, &me, who.name, now).await;

    assert_eq!(
        sent,
        (0..KINDS).collect(),
        "send every kind of command, a marker in each field"
    );
    strangers_find_nothing(&server, incident).await;
    no_markup_runs_inside(&browser).await;
}

/// Everything that a stranger can ask for, headers and all.
async fn strangers_find_nothing(server: &Server, incident: IncidentId) {
    let told = server.log.published();
    assert_eq!(told.len(), 1);
    let (public_id, number) = (told[0].public_id.clone().unwrap(), told[0].number.unwrap());
    let silent = server
        .log
        .live()
        .values()
        .find(|i| i.updates.is_empty())
        .unwrap()
        .public_id
        .clone();
    let mut paths: Vec<String> = [
        "/",
        "/declare",
        "/status",
        "/status/",
        "/status/x",
        "/status/incidents/x",
        "/healthz",
        "/readyz",
        "/app-shell",
        "/sign-in",
        "/sign-out",
        "/setup/x",
        "/live",
        "/sync/pull",
        "/sync/snapshot",
        "/api/v2/summary.json",
        "/api/v1/incidents",
        "/intake/generic",
        "/sw.js",
        "/manifest.webmanifest",
        "/favicon.svg",
        "/robots.txt",
        "/nowhere",
        "/status.atom",
    ]
    .map(str::to_owned)
    .to_vec();
    paths.extend([
        format!("/status/incidents/{public_id}"),
        format!("/status/incidents/{}", silent.unwrap()),
        format!("/status/incidents/{number}"),
        format!("/status/incidents/{incident}"),
        format!("/incidents/{number}"),
        format!("/incidents/{number}/brief"),
        format!("/incidents/{incident}"),
    ]);
    paths.extend(
        server::assets::all()
            .iter()
            .map(|a| format!("{}/{}", server::assets::PKG, a.name)),
    );
    let mut told_on = 0;
    for path in &paths {
        for method in [Method::GET, Method::HEAD, Method::POST] {
            let request = server
                .client
                .request(method.clone(), format!("{}{path}", server.url));
            let response = request
                .json(&serde_json::json!({ "since": 0, "number": number }))
                .send()
                .await
                .unwrap();
            let headers = format!("{:?}", response.headers());
            let body = String::from_utf8_lossy(&response.bytes().await.unwrap()).into_owned();
            for word in [
                "QMARKQ",
                "mark.example",
                "7654321",
                "987654321",
                "76,543",
                "acme.example",
                &incident.to_string(),
            ] {
                // What was asked for may come back to who asked.
                let answer = format!("{headers}{body}").replace(path.as_str(), "");
                assert!(
                    !answer.contains(word),
                    "{method} {path} tells {word}: {}",
                    around(&answer, word)
                );
            }
            told_on += usize::from(body.contains(TOLD));
        }
    }
    assert_eq!(
        told_on, 2,
        "the status page and the incident's own page tell what was published"
    );
}

/// Who is signed in gets the same words as words.
async fn no_markup_runs_inside(browser: &Browser<'_>) {
    let number = browser.server.log.published()[0].number.unwrap();
    for path in [
        "/".to_owned(),
        format!("/incidents/{number}"),
        format!("/incidents/{number}/brief"),
    ] {
        let html = browser
            .get(&path)
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap();
        assert!(html.contains("QMARKQ"), "{path}");
        assert!(
            !html.contains("<b>QMARKQ"),
            "{path}: {}",
            around(&html, "<b>QMARKQ")
        );
    }
}

fn around<'a>(text: &'a str, word: &str) -> &'a str {
    let at = text.find(word).unwrap_or(0);
    let from = (0..=at.saturating_sub(200))
        .rev()
        .find(|i| text.is_char_boundary(*i))
        .unwrap_or(0);
    let to = (at..=(at + 200).min(text.len()))
        .rev()
        .find(|i| text.is_char_boundary(*i))
        .unwrap_or(at);
    &text[from..to]
}
