//! A text that is on its way to being published: who writes it, what the commander is asked, and
//! what they said.

use super::form::{Field, Form, FormDialog, Input, text};
use super::when::hm;
use crate::parts::dynamic::part;
use crate::replica::Replica;
use domain::draft::{Draft, Of, Stage};
use domain::{Command, CommandId, IncidentId, Refusal, Role};
use leptos::prelude::*;
use markup::view;
use std::sync::Arc;

/// What is on its way already: who writes, or what the commander is asked or has said.
#[component]
pub fn OnItsWay(
    /// What is written.
    of: Of,
    /// How far it is.
    up: Draft,
    /// For which incident.
    incident: IncidentId,
    /// Where a refusal is shown.
    refusal: RwSignal<Option<Refusal>>,
) -> impl IntoView {
    let replica = Replica::here();
    let me = replica.me().id;
    let returning = RwSignal::new(false);
    // The button goes with what it did: the cursor stays on the page.
    #[cfg(feature = "hydrate")]
    let owner = Owner::current();
    let send = move |command: Command| {
        #[cfg(feature = "hydrate")]
        if let Some(owner) = &owner {
            owner.with(crate::parts::focus::remember);
        }
        refusal.set(replica.send(incident, command).err());
    };
    let since = hm(up.opened_at);
    let mine = up.by.id == me;
    let commander = replica.incidents().with_untracked(|all| {
        let known = all.get(&incident);
        known.and_then(|i| i.holder(Role::Commander).cloned())
    });
    let commands = commander.as_ref().is_some_and(|c| c.id == me);
    let by = up.by.name.clone();
    let (words, acts) = match &up.stage {
        Stage::Writing if mine => (None, None),
        Stage::Writing => {
            let take = Command::OpenDraft {
                of,
                take_over: true,
            };
            let act = view! { <button class="slim" type="button" on:click=move |_| send(take.clone())>"Take over"</button> };
            (
                Some(format!("{by} is writing this since {since}.")),
                Some(act.into_any()),
            )
        }
        Stage::Ready { id, at, .. } if commands => {
            let approve = Command::ApproveDraft { draft: *id };
            let act = view! {
                <button class="slim primary" type="button" on:click=move |_| send(approve.clone())>"Approve"</button>
                <button class="slim" type="button" on:click=move |_| returning.set(true)>"Send back…"</button>
            };
            (
                Some(format!(
                    "{by} put this text up for your approval at {}.",
                    hm(*at)
                )),
                Some(act.into_any()),
            )
        }
        Stage::Ready { at, .. } => {
            let whom = commander.map_or_else(|| "a commander".to_owned(), |c| c.name);
            (
                Some(format!(
                    "It waits for {whom} to approve it, since {}.",
                    hm(*at)
                )),
                None,
            )
        }
        Stage::Returned { reason, by, .. } => {
            (Some(format!("{} sent it back: {reason}", by.name)), None)
        }
        Stage::Approved { by, at, .. } => (
            Some(format!(
                "{} approved it at {}. Publish it as it is.",
                by.name,
                hm(*at)
            )),
            None,
        ),
    };
    let ready = match &up.stage {
        Stage::Ready { id, .. } => Some(*id),
        _ => None,
    };
    // Whoever is asked reads the text itself, whatever stands half-written in their own form.
    let now = replica.server_now();
    let said = up.text().filter(|_| !mine).map(|t| t.in_words(now));
    let kind = match &up.stage {
        Stage::Returned { .. } => "conflict",
        _ => "draft",
    };
    words.map(|words| view! {
        <div class="notice" data-kind=kind role="status">
            <p>{words}</p>
            {said.map(|said| view! { <blockquote>{said}</blockquote> })}
            {acts.map(|acts| view! { <p class="actions">{acts}</p> })}
            {part(move || ready.filter(|_| returning.get()).map(|draft| view! {
                <FormDialog form=send_back(draft) incident on_close=move |()| returning.set(false) />
            }))}
        </div>
    })
}

/// The commander wants a text changed.
fn send_back(draft: CommandId) -> Form {
    Form {
        key: format!("send-back/{draft}"),
        title: "Send it back".to_owned(),
        hint: "Its author sees why, and the text stays.".to_owned(),
        fields: vec![Field::new("reason", "What must change", Input::Prose)],
        button: "Send it back".to_owned(),
        make: Arc::new(move |v| {
            Ok(Command::ReturnDraft {
                draft,
                reason: text(v, "reason").to_owned(),
            })
        }),
    }
}
