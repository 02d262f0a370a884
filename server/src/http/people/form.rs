//! The form of one person: what is kept of them, how it is written, and what is wrong with it.

use crate::http::merge::{Merged, merged};
use crate::people::email;
use crate::store::KeptPerson;
use domain::Person;
use domain::text::name;
use leptos::prelude::*;
use serde::Deserialize;

/// What stands in the fields.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    /// The version that its author saw; 0 for somebody new.
    pub(super) version: u64,
    pub(super) name: String,
    pub(super) title: String,
    pub(super) email: String,
    /// A box that is not ticked is not sent.
    pub(super) administrator: Option<String>,
    // What its author saw, where the form says it.
    seen_name: Option<String>,
    seen_title: Option<String>,
    seen_email: Option<String>,
    seen_administrator: Option<String>,
}

/// What is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    field: &'static str,
    text: String,
}

impl Problem {
    /// The e-mail is somebody else's.
    pub(super) fn taken() -> Self {
        Self {
            field: "email",
            text: "E-mail belongs to somebody else who has an account.".to_owned(),
        }
    }
}

impl Typed {
    /// Somebody as the form shows them.
    pub(super) fn of(person: &Person, email: &str, version: u64) -> Self {
        Self {
            version,
            name: person.name.clone(),
            title: person.title.clone(),
            email: email.to_owned(),
            administrator: person.administrator.then(|| "yes".to_owned()),
            seen_name: Some(person.name.clone()),
            seen_title: Some(person.title.clone()),
            seen_email: Some(email.to_owned()),
            seen_administrator: Some(yes_or_no(person.administrator).to_owned()),
        }
    }

    /// What is to be kept of somebody who is known as `kept` now, and the labels of what others changed
    /// as well, with what it is; in those its author's words stand.
    pub(super) fn over(&self, kept: &KeptPerson) -> (Self, Vec<(&'static str, String)>) {
        let now = Self::of(&kept.person, &kept.email, kept.version);
        let unchanged = self.version == kept.version;
        let mut typed = now.clone();
        let mut met = Vec::new();
        let mut take = |label: &'static str, seen: &Option<String>, now: &str, mine: &str| {
            let seen = seen.as_deref().or_else(|| unchanged.then_some(now));
            let merged = merged(seen, now, mine.trim());
            if merged == Merged::Both {
                met.push((label, now.to_owned()));
            }
            merged != Merged::Theirs
        };
        if take("Name", &self.seen_name, &now.name, &self.name) {
            typed.name.clone_from(&self.name);
        }
        if take("What they do", &self.seen_title, &now.title, &self.title) {
            typed.title.clone_from(&self.title);
        }
        if take("E-mail", &self.seen_email, &now.email, &self.email) {
            typed.email.clone_from(&self.email);
        }
        let is = |administrator: &Option<String>| yes_or_no(administrator.is_some());
        let (now, mine) = (is(&now.administrator), is(&self.administrator));
        if take("Administrator", &self.seen_administrator, now, mine) {
            typed.administrator.clone_from(&self.administrator);
        }
        (typed, met)
    }

    /// Puts what is typed into `person` and tells the e-mail, or everything that is wrong with it.
    pub(super) fn read(&self, person: &mut Person) -> Result<String, Vec<Problem>> {
        let fields = [
            ("name", name("Name", &self.name)),
            ("title", name("What they do", &self.title)),
            ("email", email(&self.email)),
        ];
        let mut problems = Vec::new();
        let [name, title, email] = fields.map(|(field, read)| {
            read.unwrap_or_else(|refusal| {
                let text = refusal.to_string();
                problems.push(Problem { field, text });
                String::new()
            })
        });
        if !problems.is_empty() {
            return Err(problems);
        }
        person.name = name;
        person.title = title;
        person.administrator = self.administrator.is_some();
        Ok(email)
    }
}

fn yes_or_no(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}

/// The form; `button` says what sending it does.
pub(super) fn draw(
    action: String,
    typed: Typed,
    problems: &[Problem],
    button: &'static str,
) -> impl IntoView + use<> {
    let wrong = |field| {
        let found = problems.iter().find(|problem| problem.field == field);
        found.map(|problem| problem.text.clone())
    };
    let seen = [
        ("seen_name", typed.seen_name),
        ("seen_title", typed.seen_title),
        ("seen_email", typed.seen_email),
        ("seen_administrator", typed.seen_administrator),
    ];
    let seen = seen.map(|(name, seen)| {
        seen.map(|text| view! { <input type="hidden" name=name value=text /> })
    });
    let fields = [
        ("name", "Name", "as everybody knows them", typed.name),
        (
            "title",
            "What they do",
            "shown beside the name when a role is offered",
            typed.title,
        ),
        ("email", "E-mail", "they sign in with it", typed.email),
    ];
    let fields = fields.map(|(id, label, hint, value)| one(id, label, hint, value, wrong(id)));
    let fields = fields.collect_view();
    view! {
        <form class="form" method="post" action=action>
            <input type="hidden" name="version" value=typed.version.to_string() />
            {seen.into_iter().collect_view()}
            {fields}
            <p class="chips">
                <label class="chip">
                    <input type="checkbox" name="administrator" value="yes" checked=typed.administrator.is_some() />
                    "Administrator: changes people, the policy and accounts"
                </label>
            </p>
            <p class="actions"><button class="primary">{button}</button></p>
        </form>
    }
}

fn one(
    id: &'static str,
    label: &'static str,
    hint: &'static str,
    value: String,
    wrong: Option<String>,
) -> AnyView {
    let (hint_id, wrong_id) = (format!("{id}-hint"), format!("{id}-wrong"));
    let is_wrong = wrong.is_some();
    let described = match is_wrong {
        true => format!("{hint_id} {wrong_id}"),
        false => hint_id.clone(),
    };
    let kind = if id == "email" { "email" } else { "text" };
    view! {
        <div class="field">
            <label for=id>{label}</label>
            <input id=id name=id type=kind value=value required autocomplete="off"
                aria-invalid=is_wrong.to_string() aria-describedby=described />
            <p class="hint" id=hint_id>{hint}</p>
            {wrong.map(|wrong| view! { <p class="wrong" id=wrong_id>{wrong}</p> })}
        </div>
    }
    .into_any()
}
