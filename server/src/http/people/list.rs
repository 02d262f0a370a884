//! Everybody: what they do, who is an administrator, which seats they hold now.

use super::moment;
use super::places::{self, Place};
use crate::http::Site;
use crate::http::accounts::frame::{count, notice, page};
use crate::http::fault::Fault;
use crate::http::session::SignedIn;
use crate::http::throttle::Notice;
use crate::people::Everybody;
use crate::store::KeptPerson;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::Html;
use domain::{Person, PersonId, Time};
use leptos::prelude::*;
use serde::Deserialize;
use std::sync::Arc;

/// Who was changed or removed just now, to be told.
#[derive(Default, Deserialize)]
pub(super) struct Asked {
    changed: Option<PersonId>,
    removed: Option<PersonId>,
}

pub(super) async fn show(
    State(site): State<Arc<Site>>,
    SignedIn(who): SignedIn,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Html<String>, Fault> {
    let Query(asked) =
        asked.map_err(|_| Fault::BadRequest("Open the list anew, from the menu."))?;
    let people = site.log.people().now();
    let now = site.clock.now();
    let mut places = places::of_everybody(&site.log.live());
    let (gone, here): (Vec<&KeptPerson>, Vec<&KeptPerson>) =
        people.all().iter().partition(|kept| kept.removed.is_some());
    let counted = count(here.len(), "person has", "people have");
    let administrator = who.administrator;
    let here = here
        .into_iter()
        .map(|kept| {
            let held = places.remove(&kept.person.id).unwrap_or_default();
            line(kept, held, administrator, now)
        })
        .collect_view();
    let gone = gone.into_iter().filter(|_| administrator);
    let gone: Vec<_> = gone.filter_map(former).collect();
    // An address can be made up: it is believed of who may do that, and of who is gone.
    let told = |id: Option<PersonId>| people.find(id.filter(|_| administrator)?);
    let changed = told(asked.changed).map(|kept| {
        let text = format!("What is known of {} is changed.", kept.person.name);
        view! { {notice("kept", text)}{looks_like(&people, &kept.person)} }
    });
    let removed = told(asked.removed).filter(|kept| kept.removed.is_some());
    let removed = removed.map(|kept| {
        let empty = places::left_by(kept.person.id, &site.log.live());
        out(kept.person.name.clone(), empty)
    });
    let guesses = administrator.then(|| guesses(&site, now)).flatten();
    Ok(page("People", &who, || {
        view! {
            <div class="page-head">
                <h1>"People"</h1>
                <p class="actions">
                    <a class="button" href="/password">"Your password"</a>
                    {administrator.then(|| view! {
                        <a class="button" href="/audit">"Audit log"</a>
                        <a class="button primary" href="/people/new">"Add somebody"</a>
                    })}
                </p>
            </div>
            {guesses}
            {changed}
            {removed}
            <p class="quiet">{counted}" an account here."</p>
            <ul class="accounts">{here}</ul>
            {(!gone.is_empty()).then(|| view! {
                <section aria-labelledby="removed">
                    <h2 id="removed">"Removed"</h2>
                    <p class="quiet">"They have no account any more. The record keeps their names."</p>
                    <ul class="accounts">{gone}</ul>
                </section>
            })}
        }
    }))
}

/// What an administrator is told who has just named somebody: whoever of the others could be taken for them.
pub(super) fn looks_like(people: &Everybody, person: &Person) -> Option<AnyView> {
    let alike = people.alike(person);
    let others: Vec<String> = alike
        .iter()
        .map(|other| format!("{} ({})", other.name, other.title))
        .collect();
    (!others.is_empty()).then(|| {
        let text = format!(
            "“{}” looks like the name of somebody who has an account: {}. If it is not the same person, give one of them another name, so that nobody takes one for the other.",
            person.name,
            others.join(", ")
        );
        notice("conflict", text).into_any()
    })
}

fn line(kept: &KeptPerson, held: Vec<Place>, administrator: bool, now: Time) -> AnyView {
    let person = kept.person.clone();
    let href = format!("/people/{}", person.id);
    let name = match administrator {
        true => view! { <a href=href>{person.name}</a> }.into_any(),
        false => person.name.into_any(),
    };
    let email = administrator.then(|| format!(" · {}", kept.email));
    let waits = kept.invite.as_ref().map(|invite| match invite.expires_at {
        until if until > now => format!(
            "Has not chosen a password yet. The link ends {}.",
            moment(until)
        ),
        _ => "Has not chosen a password, and the link has ended. Make a new one.".to_owned(),
    });
    let waits = waits.filter(|_| administrator);
    let held = held
        .into_iter()
        .map(|place| view! { <li>{place.what}", "{place.at.link()}</li> })
        .collect_view();
    view! {
        <li>
            <h2>{name}</h2>
            {person.administrator.then(|| view! { <p><b class="strategic">"Administrator"</b></p> })}
            <p class="facts">{person.title}{email}</p>
            {waits.map(|text| view! { <p class="facts">{text}</p> })}
            <ul class="facts seats">{held}</ul>
        </li>
    }
    .into_any()
}

/// Wrong passwords of the last day, where there are many: for administrators.
fn guesses(site: &Site, now: Time) -> Option<impl IntoView + use<>> {
    let (notices, more) = site.throttle.notices(now);
    if notices.is_empty() {
        return None;
    }
    let lines = notices
        .into_iter()
        .map(|notice| view! { <li>{in_words(notice)}</li> })
        .collect_view();
    let more = (more > 0).then(|| count(more, "more place", "more places"));
    Some(view! {
        <div class="notice" data-kind="conflict" role="status">
            <p>"Somebody tries passwords. Nobody is shut out by it; who tries waits longer each time."</p>
            <ul>{lines}{more.map(|more| view! { <li>"And "{more}"."</li> })}</ul>
        </div>
    })
}

fn in_words(notice: Notice) -> String {
    let Notice {
        count: wrong,
        email,
        address,
        since,
        last: _,
    } = notice;
    let whose = email.map_or_else(
        || "for e-mails, most without an account,".to_owned(),
        |email| format!("for {email}"),
    );
    let counted = count(
        usize::try_from(wrong).unwrap_or(usize::MAX),
        "wrong password",
        "wrong passwords",
    );
    format!("{counted} {whose} from {address} since {}.", moment(since))
}

/// Who was removed just now, and the seats that somebody else is to be named for.
fn out(name: String, empty: Vec<Place>) -> impl IntoView {
    let text = match empty.len() {
        0 => format!("{name} is removed. They held no seat that is empty now."),
        _ => format!("{name} is removed. Name somebody else for what is empty now:"),
    };
    let empty = empty
        .into_iter()
        .map(|place| view! { <li><span>{place.what}", "{place.at.link()}</span></li> })
        .collect_view();
    view! {
        <div class="notice" data-kind="kept" role="status"><p>{text}</p><ul>{empty}</ul></div>
    }
}

fn former(kept: &KeptPerson) -> Option<AnyView> {
    let deed = kept.removed.as_ref()?;
    let told = format!("{}, by {}", moment(deed.at), deed.by.name);
    let (name, title) = (kept.person.name.clone(), kept.person.title.clone());
    let line = view! { <li><h3>{name}</h3><p class="facts">{title}</p><p class="facts">"Removed "{told}</p></li> };
    Some(line.into_any())
}
