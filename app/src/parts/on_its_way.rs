//! A text that is on its way to being published: who writes it, what the commander is asked, and
//! what they said.

use super::form::{Field, Form, FormDialog, Input, text};
use crate::parts::countdown::minute_of;
use crate::parts::dynamic::part;
use crate::parts::memo::{Memo, effect, memo};
use crate::parts::when::hm;
use crate::replica::Replica;
use domain::draft::{Draft, Of, Stage, approver};
use domain::{
    Command, CommandId, EntryId, Incident, IncidentId, PersonRef, Policy, Refusal, Role, Time,
};
use leptos::prelude::*;
use markup::view;
use std::sync::Arc;

/// The text that is on its way, unless somebody began to write it and gave no sign for a while.
pub fn on_its_way(found: Memo<Option<Arc<Incident>>>, of: Of) -> Memo<Option<Draft>> {
    let minute = minute_of(Replica::here());
    memo(move || {
        let draft = found.with(|f| f.as_ref().and_then(|i| i.draft(of).cloned()));
        let minute = minute.get();
        draft.filter(|d| !d.has_lapsed(minute))
    })
}

/// A form in which nothing is `mine` says what the text says that is put up, whoever puts another in its place:
/// `fill` is given the incident, its policy and the server's time.
pub fn follows(
    found: Memo<Option<Arc<Incident>>>,
    up: Memo<Option<Draft>>,
    mine: RwSignal<bool>,
    fill: impl Fn(&Incident, &Policy, Time) + 'static,
) {
    let replica = Replica::here();
    let put_up = memo(move || up.with(|up| up.as_ref().and_then(|d| d.text().cloned())));
    effect(move || {
        let is_up = put_up.with(Option::is_some);
        if let Some(incident) = found
            .get_untracked()
            .filter(|_| is_up && !mine.get_untracked())
        {
            let policy = replica.policy_of(&incident);
            fill(&incident, &policy, replica.now().get_untracked());
        }
    });
}

/// A key was pressed: says that I am writing, unless somebody does already.
pub fn says_who_writes(found: Memo<Option<Arc<Incident>>>, of: Of) {
    let replica = Replica::here();
    let Some(incident) = found.get_untracked() else {
        return;
    };
    if Draft::wants_a_sign(incident.draft(of), replica.me().id, replica.server_now()) {
        let open = Command::OpenDraft {
            of,
            take_over: false,
        };
        // Where no draft may be open the button says why; writing goes on.
        let _ = replica.send(incident.id, open);
    }
}

/// Mine is sent: where it was chosen that it takes the place of theirs, theirs goes now and not before.
///
/// # Errors
/// Why theirs stays.
pub fn take_their_place(
    found: Memo<Option<Arc<Incident>>>,
    of: Of,
    is_chosen: bool,
) -> Result<(), Refusal> {
    let replica = Replica::here();
    let theirs = found.get_untracked().filter(|incident| {
        let theirs = incident.draft(of);
        theirs.is_some_and(|d| d.is_held_from(replica.me().id, replica.server_now()))
    });
    if let Some(incident) = theirs.filter(|_| is_chosen) {
        let take_over = true;
        replica.send(incident.id, Command::OpenDraft { of, take_over })?;
    }
    Ok(())
}

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
    let send = Callback::new(move |command: Command| {
        #[cfg(feature = "hydrate")]
        if let Some(owner) = &owner {
            owner.with(crate::parts::focus::remember);
        }
        refusal.set(replica.send(incident, command).err());
    });
    let now = replica.now().get_untracked();
    let since = hm(up.opened_at);
    let mine = up.by.id == me;
    // The command may be handed over while the text waits.
    let commander = memo(move || {
        replica.incidents().with(|all| {
            let known = all.get(&incident);
            known.and_then(|i| i.holder(Role::Commander).cloned())
        })
    });
    let commands = move || commander.with(|c| c.as_ref().is_some_and(|c| c.id == me));
    let asked = memo(move || asked_by(replica, incident, of));
    let told = {
        let up = up.clone();
        move || match &up.stage {
            Stage::Writing => format!("{} is writing this since {since}.", up.by.name),
            Stage::Ready { at, .. } if commands() => {
                let (by, at) = (&up.by.name, hm(*at));
                format!("{by} put this text up for your approval at {at}.")
            }
            Stage::Ready { at, .. } => {
                let whom = commander.get();
                let whom = whom.map_or_else(|| "a commander".to_owned(), |c| c.name);
                format!("It waits for {whom} to approve it, since {}.", hm(*at))
            }
            Stage::Returned { reason, by, .. } => format!("{} sent it back: {reason}", by.name),
            Stage::Approved { by, at, .. } => {
                approved(by, *at, asked.get().filter(|_| by.id == me))
            }
        }
    };
    let stage = up.stage.clone();
    let back = move || view! { <button class="slim" type="button" on:click=move |_| returning.set(true)>"Send back…"</button> };
    let acts = move || match &stage {
        Stage::Writing => {
            let take = Command::OpenDraft {
                of,
                take_over: true,
            };
            let act = view! { <p class="actions"><button class="slim" type="button" on:click=move |_| send.run(take.clone())>"Take over"</button></p> };
            Some(act)
        }
        Stage::Ready { id, .. } if commands() => {
            let approve = Command::ApproveDraft { draft: *id };
            let act = view! {
                <p class="actions">
                    <button class="slim primary" type="button" on:click=move |_| send.run(approve.clone())>"Approve"</button>
                    {back()}
                </p>
            };
            Some(act)
        }
        Stage::Approved { .. } if commands() => Some(view! { <p class="actions">{back()}</p> }),
        _ => None,
    };
    let put_up = match &up.stage {
        Stage::Ready { id, .. } => Some(*id),
        // One that an older build kept has none.
        Stage::Approved { id, .. } => Some(*id).filter(|id| *id != EntryId::default()),
        _ => None,
    };
    // Whoever is asked reads the text itself, whatever stands half-written in their own form; who reads it may have
    // been renamed while it waits.
    let text_up = up.text().filter(|_| !mine).cloned();
    let said = memo(move || {
        let text = text_up.as_ref()?;
        let today = replica
            .incidents()
            .with(|all| Some(text.called_today(all.get(&incident)?)));
        Some(today.as_ref().unwrap_or(text).in_words(now))
    });
    let kind = match &up.stage {
        Stage::Returned { .. } => "conflict",
        _ => "draft",
    };
    // Of one's own writing one need not be told.
    let is_news = !(mine && up.stage == Stage::Writing);
    is_news.then(|| view! {
        <div class="notice" data-kind=kind role="status">
            <p>{part(told)}</p>
            {part(move || said.get().map(|said| view! { <blockquote>{said}</blockquote> }))}
            {part(acts)}
            {part(move || put_up.filter(|_| returning.get()).map(|draft| view! {
                <FormDialog form=send_back(draft) incident on_close=move |()| returning.set(false) />
            }))}
        </div>
    })
}

/// The name of whom I have to ask before I publish.
fn asked_by(replica: Replica, incident: IncidentId, of: Of) -> Option<String> {
    replica.incidents().with(|all| {
        let incident = all.get(&incident)?;
        let policy = replica.policy_of(incident);
        approver(incident, of, replica.me().id, &policy).map(|asked| asked.name.clone())
    })
}

/// Who approved it; `asked` is the commander who has to approve it anew, where that was oneself.
fn approved(by: &PersonRef, at: Time, asked: Option<String>) -> String {
    let at = hm(at);
    match asked {
        Some(commander) => format!(
            "You approved it yourself at {at}, and {commander} commands since. Send it to {commander} for approval."
        ),
        None => format!("{} approved it at {at}. Publish it as it is.", by.name),
    }
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
