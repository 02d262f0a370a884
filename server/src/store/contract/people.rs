//! Who has an account, what lets them in, and what stays when they are removed.

use super::{Scribe, ana, declared, incident_id, time};
use crate::store::{
    Account, Act, AuditPage, Deed, Invite, KeptPerson, Put, Session, Store, email_key,
};
use chrono::NaiveDate;
use domain::call::Side;
use domain::{Event, Person, PersonId, PersonRef, Time};
use uuid::Uuid;

const HASH: &str = "$argon2id$v=19$…";

fn id(n: u128) -> PersonId {
    PersonId(Uuid::from_u128(n))
}

fn account(n: u128, name: &str) -> Account {
    Account {
        person: Person {
            id: id(n),
            name: name.to_owned(),
            title: "Support".to_owned(),
            administrator: n == 1,
        },
        email: format!("{}@example.org", name.to_lowercase()),
        password_hash: (n == 1).then(|| HASH.to_owned()),
    }
}

fn invite(n: u128, token: u8) -> Invite {
    Invite {
        token_hash: [token; 32],
        person: id(n),
        expires_at: time(50),
    }
}

fn by(name: &str, at: u64) -> Deed {
    let by = PersonRef {
        id: id(1),
        name: name.to_owned(),
    };
    Deed::new(by, time(at), "")
}

fn from(deed: Deed, address: &str) -> Deed {
    Deed {
        from: address.to_owned(),
        ..deed
    }
}

fn session(token: u8, person: u128) -> Session {
    Session {
        token_hash: [token; 32],
        person: id(person),
        expires_at: time(5),
    }
}

async fn whose(store: &dyn Store, token: u8, now: Time) -> Option<u128> {
    let known = store.session(&[token; 32], now).await.unwrap();
    let (person, expires_at) = known?;
    assert_eq!(expires_at, time(5), "as it was begun");
    Some(person.id.0.as_u128())
}

async fn kept(store: &dyn Store, n: u128) -> KeptPerson {
    let all = store.everybody().await.unwrap();
    all.into_iter().find(|k| k.person.id == id(n)).unwrap()
}

/// Bo (1) is the first administrator, Abe (2) a colleague; Cy (3) comes by a link and is removed.
pub(super) async fn come_and_go(store: &dyn Store) {
    the_first_are_added(store).await;
    sessions_end(store).await;
    browsers_are_remembered(store).await;
    somebody_comes_by_a_link(store).await;
    somebody_is_changed(store).await;
    a_password_is_reset(store).await;
    somebody_is_removed(store).await;
    an_administrator_always_stays(store).await;
    what_was_done_is_in_the_audit_log(store).await;
}

/// What was refused or came to nothing has no line, and no line has a secret.
async fn what_was_done_is_in_the_audit_log(store: &dyn Store) {
    let lines = store.audit(AuditPage::After(0), 100).await.unwrap();
    let told: Vec<_> = lines
        .iter()
        .map(|line| {
            let (act, at) = (line.act.as_str(), line.at);
            let detail = line.detail.as_str();
            (
                act,
                line.by.name.as_str(),
                at,
                line.from.as_str(),
                line.subject.as_str(),
                detail,
            )
        })
        .collect();
    let added = "Support; cy@example.org; administrator: no; by a link to choose a password";
    let ends = format!("The link ends {}", time(50).format("%F %R UTC"));
    let ends = ends.as_str();
    let link = |at| ("reset-password", "Bo", time(at), "", "Cy Tan", ends);
    let own = |act, at| (act, "Cy Tan", time(at), "", "Cy Tan", "");
    assert_eq!(
        told,
        [
            ("add-person", "Bo", time(10), "192.0.2.1", "Cy", added),
            ("choose-password", "Cy", time(11), "192.0.2.2", "Cy", ""),
            (
                "change-person",
                "Bo",
                time(12),
                "2001:db8::1",
                "Cy",
                "Name: Cy → Cy Tan; Administrator: no → yes"
            ),
            link(13),
            link(13),
            own("choose-password", 11),
            own("change-password", 14),
            link(13),
            (
                "remove-person",
                "Bo",
                time(20),
                "192.0.2.3",
                "Cy Tan",
                "cy@example.org"
            ),
            ("add-person", "Bo", time(22), "", "Cy", added),
            (
                "change-person",
                "Cy",
                time(30),
                "",
                "Cy",
                "Administrator: no → yes"
            ),
            ("choose-password", "Cy", time(31), "", "Cy", ""),
            (
                "change-person",
                "Cy",
                time(31),
                "",
                "Bo",
                "Administrator: yes → no"
            ),
            (
                "change-person",
                "Cy",
                time(30),
                "",
                "Abe",
                "Administrator: no → yes"
            ),
            ("remove-person", "Cy", time(30), "", "Cy", "cy@example.org"),
        ]
    );
    let seqs: Vec<u64> = lines.iter().map(|line| line.seq).collect();
    assert_eq!(seqs, (1..=15).collect::<Vec<_>>());
    let page = async |page, limit| {
        let page = store.audit(page, limit).await.unwrap();
        page.into_iter().map(|line| line.seq).collect::<Vec<_>>()
    };
    assert_eq!(page(AuditPage::Before(None), 2).await, [15, 14]);
    assert_eq!(page(AuditPage::Before(Some(3)), 9).await, [2, 1]);
    assert_eq!(page(AuditPage::Before(Some(1)), 9).await, [0; 0]);
    assert_eq!(page(AuditPage::After(13), 9).await, [14, 15]);
    assert_eq!(page(AuditPage::After(u64::MAX), 9).await, [0; 0]);
    assert!(lines.iter().all(|line| Act::of(&line.act).is_some()));
}

async fn the_first_are_added(store: &dyn Store) {
    let (bo, abe) = (account(1, "Bo"), account(2, "Abe"));
    assert!(store.add_account(&bo).await.unwrap());
    assert!(store.add_account(&abe).await.unwrap());
    assert!(!store.add_account(&bo).await.unwrap(), "once");
    let same = Account {
        email: " BO@Example.org ".to_owned(),
        ..account(3, "Cy")
    };
    assert!(!store.add_account(&same).await.unwrap());
    assert_eq!(
        store.people().await.unwrap(),
        [abe.person.clone(), bo.person.clone()]
    );
    assert_eq!(
        email_key(" Ana@Caf\u{c9}.Example "),
        "ana@caf\u{e9}.example"
    );
    assert_eq!(
        email_key("ana@cafe\u{301}.example"),
        "ana@caf\u{e9}.example"
    );
    assert_eq!(
        email_key("ana@CAFE\u{301}.example"),
        "ana@caf\u{e9}.example"
    );
    for email in ["bo@example.org", " Bo@EXAMPLE.org"] {
        assert_eq!(store.account(email).await.unwrap(), Some(bo.clone()));
    }
    assert_eq!(store.account("nobody@example.org").await.unwrap(), None);
    assert_eq!(store.account_of(id(2)).await.unwrap(), Some(abe));
    assert_eq!(store.account_of(id(9)).await.unwrap(), None);
    let first = KeptPerson {
        person: bo.person,
        email: bo.email,
        version: 1,
        added: None,
        invite: None,
        removed: None,
    };
    assert_eq!(kept(store, 1).await, first);
}

async fn sessions_end(store: &dyn Store) {
    for (token, person) in [(1, 1), (2, 1), (3, 1), (4, 2)] {
        store.add_session(&session(token, person)).await.unwrap();
    }
    store.add_session(&session(5, 9)).await.unwrap_err();
    assert_eq!(whose(store, 1, time(4)).await, Some(1));
    assert_eq!(whose(store, 1, time(5)).await, None, "it ends at its time");
    assert_eq!(whose(store, 9, time(4)).await, None);
    store.end_session(&[1; 32]).await.unwrap();
    assert_eq!(whose(store, 1, time(4)).await, None);
    assert_eq!(whose(store, 2, time(4)).await, Some(1));
    oldest_sessions_end(store).await;
    store.end_sessions_of(id(1)).await.unwrap();
    assert_eq!(whose(store, 12, time(4)).await, None);
    assert_eq!(whose(store, 4, time(4)).await, Some(2));
}

/// Of Ana, who has the second and the third.
async fn oldest_sessions_end(store: &dyn Store) {
    let newest = Session {
        expires_at: time(7),
        ..session(11, 1)
    };
    let older = Session {
        expires_at: time(6),
        ..session(12, 1)
    };
    for session in [&newest, &older] {
        store.add_session(session).await.unwrap();
    }
    assert_eq!(store.end_oldest_sessions(&newest, 4).await.unwrap(), 0);
    assert_eq!(store.end_oldest_sessions(&newest, 2).await.unwrap(), 2);
    let is_open = async |token| {
        let known = store.session(&[token; 32], time(4)).await.unwrap();
        known.is_some()
    };
    for (token, expected) in [(2, false), (3, false), (11, true), (12, true)] {
        assert_eq!(is_open(token).await, expected, "{token}");
    }
    // Whatever its time says, the one that begins stays.
    assert_eq!(store.end_oldest_sessions(&older, 1).await.unwrap(), 1);
    assert!(is_open(12).await && !is_open(11).await);
    assert_eq!(whose(store, 4, time(4)).await, Some(2), "another person's");
}

async fn browsers_are_remembered(store: &dyn Store) {
    let remember = async |token, person, second| {
        let (hash, now) = ([token; 32], time(second));
        let remembered = store.remember_browser(&hash, id(person), now, time(5));
        remembered.await.unwrap();
    };
    let knows = async |token, email| store.knows_browser(&[token; 32], email).await.unwrap();
    remember(1, 1, 4).await;
    assert!(!knows(1, "bo@example.org").await, "not seen for too long");
    remember(1, 1, 6).await;
    assert!(knows(1, " Bo@EXAMPLE.org").await && !knows(2, "bo@example.org").await);
    assert!(!knows(1, "abe@example.org").await);
    remember(1, 2, 6).await;
    assert!(knows(1, "abe@example.org").await && knows(1, "bo@example.org").await);
    for token in 2..=21 {
        remember(token, 1, 7).await;
    }
    assert!(
        !knows(1, "bo@example.org").await,
        "of many the oldest is forgotten"
    );
    assert!(knows(2, "bo@example.org").await && knows(21, "bo@example.org").await);
    assert!(knows(1, "abe@example.org").await);
}

async fn somebody_comes_by_a_link(store: &dyn Store) {
    let cy = account(3, "Cy");
    let added = by("Bo", 10);
    let deed = from(added.clone(), "192.0.2.1");
    let taken = Account {
        email: "Abe@example.org".to_owned(),
        ..cy.clone()
    };
    let cys = invite(3, 31);
    assert!(!store.add_person(&taken, &cys, &deed).await.unwrap());
    assert!(store.add_person(&cy, &cys, &deed).await.unwrap());
    let now = kept(store, 3).await;
    assert_eq!((now.added, now.invite), (Some(added), Some(cys)));

    let choose = async |token: u8, now| {
        store
            .choose_password(&[token; 32], "chosen", now, "192.0.2.2")
            .await
            .unwrap()
    };
    assert_eq!(choose(31, time(50)).await, None, "it ends at its time");
    assert_eq!(choose(77, time(11)).await, None);
    assert_eq!(choose(31, time(11)).await, Some(id(3)));
    assert_eq!(choose(31, time(11)).await, None, "it works once");
    let account = store.account_of(id(3)).await.unwrap().unwrap();
    assert_eq!(account.password_hash.as_deref(), Some("chosen"));
    assert_eq!(kept(store, 3).await.invite, None);
}

async fn somebody_is_changed(store: &dyn Store) {
    let mut cy = account(3, "Cy").person;
    cy.name = "Cy Tan".to_owned();
    cy.administrator = true;
    let deed = from(by("Bo", 12), "2001:db8::1");
    let change = async |person: &Person, email: &str, replaces| {
        let changed = store.change_person(person, email, replaces, &deed);
        changed.await.unwrap()
    };
    assert_eq!(change(&cy, "ABE@example.org", 1).await, Put::EmailTaken);
    assert_eq!(change(&cy, "Cy@Example.org", 2).await, Put::Stale);
    assert_eq!(change(&cy, "Cy@Example.org", 1).await, Put::Done);
    assert_eq!(change(&cy, "cy@example.org", 1).await, Put::Stale);
    assert_eq!(
        change(&account(9, "Nobody").person, "n@example.org", 1).await,
        Put::Stale
    );
    let now = kept(store, 3).await;
    assert_eq!(
        (now.person, now.email.as_str(), now.version),
        (cy, "cy@example.org", 2)
    );
}

async fn a_password_is_reset(store: &dyn Store) {
    store.add_session(&session(6, 3)).await.unwrap();
    for token in [32, 33] {
        assert!(
            store
                .reset_password(&invite(3, token), &by("Bo", 13))
                .await
                .unwrap()
        );
    }
    assert!(
        !store
            .reset_password(&invite(9, 34), &by("Bo", 13))
            .await
            .unwrap()
    );
    assert_eq!(whose(store, 6, time(4)).await, None);
    let account = store.account_of(id(3)).await.unwrap().unwrap();
    assert_eq!(account.password_hash, None, "the old one opens nothing");
    assert_eq!(kept(store, 3).await.invite, Some(invite(3, 33)));
    let void = store
        .choose_password(&[32; 32], "newer", time(11), "")
        .await;
    assert_eq!(void.unwrap(), None, "the second made it void");
    let chosen = store
        .choose_password(&[33; 32], "newer", time(11), "")
        .await;
    assert_eq!(chosen.unwrap(), Some(id(3)));

    store.add_session(&session(6, 3)).await.unwrap();
    let set = async |n, from, to| {
        store
            .set_password(id(n), from, to, &by("Cy Tan", 14))
            .await
            .unwrap()
    };
    assert!(!set(3, "chosen", "stolen").await, "it was reset meanwhile");
    assert_eq!(whose(store, 6, time(4)).await, Some(3));
    assert!(set(3, "newer", "newest").await);
    assert!(!set(9, "newer", "newest").await);
    assert_eq!(whose(store, 6, time(4)).await, None);
    for (token, n, password, begins) in [
        (9, 3, "newer", false),
        (9, 9, "newest", false),
        (9, 3, "newest", true),
    ] {
        let begun = store.add_session_by(&session(token, n), password).await;
        assert_eq!(begun.unwrap(), begins, "{n} {password}");
        let who = whose(store, token, time(4)).await;
        assert_eq!(who, begins.then_some(n), "{n} {password}");
    }
    let account = store.account("cy@example.org").await.unwrap().unwrap();
    assert_eq!(account.password_hash.as_deref(), Some("newest"));
}

async fn somebody_is_removed(store: &dyn Store) {
    store.add_session(&session(7, 3)).await.unwrap();
    assert!(
        store
            .reset_password(&invite(3, 35), &by("Bo", 13))
            .await
            .unwrap()
    );
    store.add_session(&session(7, 3)).await.unwrap();
    let first = by("Bo", 20);
    let told_from = from(first.clone(), "192.0.2.3");
    let remove = async |n, deed: &Deed| store.remove_person(id(n), deed).await.unwrap();
    assert_eq!(remove(3, &told_from).await, Put::Done);
    assert_eq!(remove(3, &by("Abe", 21)).await, Put::Done, "once more");
    assert_eq!(remove(9, &first).await, Put::Stale);

    let cy = kept(store, 3).await;
    assert_eq!(cy.person.name, "Cy Tan", "the name stays");
    assert_eq!(
        (cy.removed, cy.invite),
        (Some(first.clone()), None),
        "the first time counts"
    );
    let names = |people: Vec<Person>| people.into_iter().map(|p| p.name).collect::<Vec<_>>();
    assert_eq!(names(store.people().await.unwrap()), ["Abe", "Bo"]);
    assert_eq!(whose(store, 7, time(4)).await, None);
    // One that began beside the removal is nobody's.
    store.add_session(&session(8, 3)).await.unwrap();
    assert_eq!(whose(store, 8, time(4)).await, None);
    assert_eq!(store.account("cy@example.org").await.unwrap(), None);
    assert_eq!(store.account_of(id(3)).await.unwrap(), None);
    let chosen = store.choose_password(&[35; 32], "late", time(21), "").await;
    assert_eq!(chosen.unwrap(), None);
    assert!(
        !store
            .reset_password(&invite(3, 36), &by("Bo", 13))
            .await
            .unwrap()
    );
    assert!(
        !store
            .set_password(id(3), "newest", "late", &first)
            .await
            .unwrap()
    );
    let begun = store.add_session_by(&session(10, 3), "newest").await;
    assert!(!begun.unwrap());
    let changed = store
        .change_person(&cy.person, "cy@example.org", cy.version, &first)
        .await;
    assert_eq!(changed.unwrap(), Put::Stale);

    // The e-mail is free again; who comes back is somebody else to the record.
    let again = account(4, "Cy");
    let added = store
        .add_person(&again, &invite(4, 41), &by("Bo", 22))
        .await;
    assert!(added.unwrap());
    let found = store.account("cy@example.org").await.unwrap().unwrap();
    assert_eq!(found.person.id, id(4));
}

/// Bo is the only one who can come in and is an administrator; then Cy is, once he has used his link.
async fn an_administrator_always_stays(store: &dyn Store) {
    let mut bo = account(1, "Bo").person;
    bo.administrator = false;
    let demote = async || {
        store
            .change_person(&bo, "bo@example.org", 1, &by("Cy", 31))
            .await
            .unwrap()
    };
    let deed = by("Cy", 30);
    let remove = async || store.remove_person(id(1), &deed).await.unwrap();
    assert_eq!(demote().await, Put::LastAdministrator);
    assert_eq!(remove().await, Put::LastAdministrator);

    let mut cy = account(4, "Cy").person;
    cy.administrator = true;
    let changed = store.change_person(&cy, "cy@example.org", 1, &deed).await;
    assert_eq!(changed.unwrap(), Put::Done);
    assert_eq!(demote().await, Put::LastAdministrator, "Cy is not here yet");
    let chosen = store
        .choose_password(&[41; 32], "chosen", time(31), "")
        .await;
    assert_eq!(chosen.unwrap(), Some(id(4)));
    assert_eq!(demote().await, Put::Done);
    let removed = store.remove_person(id(4), &deed).await;
    assert_eq!(removed.unwrap(), Put::LastAdministrator);
    // Abe has neither a password nor a link, as the people of the demo: he comes in by a click.
    let mut abe = account(2, "Abe").person;
    abe.administrator = true;
    let changed = store.change_person(&abe, "abe@example.org", 1, &deed).await;
    assert_eq!(changed.unwrap(), Put::Done);
    let removed = store.remove_person(id(4), &deed).await;
    assert_eq!(removed.unwrap(), Put::Done);
}

/// Actions, a post-mortem and a step of a plan, whoever they are from, whether open or closed.
pub(super) async fn keep_what_was_entrusted(store: &dyn Store, scribe: &mut Scribe) {
    let due_on = NaiveDate::from_ymd_opt(2027, 1, 4).unwrap();
    let someone = |n: u128| PersonRef {
        id: id(n),
        name: "Any".to_owned(),
    };
    let events = vec![
        Event::ActionAgreed {
            what: "Test flags".to_owned(),
            owner: someone(3),
            due_on,
            acceptance: "It runs".to_owned(),
        },
        Event::PlanStepAdded {
            customer: "Orchard".to_owned(),
            what: "A call".to_owned(),
            side: Side::Ours { person: someone(4) },
            due_on,
        },
        Event::PostMortemBooked {
            at: time(99),
            facilitator: someone(3),
        },
    ];
    let mut batch = vec![scribe.accepted(60, 5, declared("Later", 5))];
    batch.push(scribe.accepted(61, 5, events));
    let other = Event::ActionAgreed {
        what: "Write it down".to_owned(),
        owner: someone(3),
        due_on,
        acceptance: "It is written".to_owned(),
    };
    batch.push(scribe.accepted(62, 2, vec![other]));
    let standings = [scribe.standing(5), scribe.standing(2)];
    store.append(&batch, &standings).await.unwrap();

    let of = async |n, limit| store.entrusted(id(n), limit).await.unwrap();
    assert_eq!(of(3, 9).await, [incident_id(2), incident_id(5)]);
    assert_eq!(of(3, 1).await, [incident_id(2)], "the newest first");
    assert_eq!(of(4, 9).await, [incident_id(5)]);
    assert!(store.entrusted(ana().id, 9).await.unwrap().is_empty());
}
