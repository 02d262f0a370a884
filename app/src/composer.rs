//! The composer: four parts, the promise it keeps, and the exact page the customer will get
//! (RUNBOOK §5).

mod components;
mod draft;
mod exact;
mod next_by;
mod preview;
mod readers;
mod readers_left_out;
mod without_link;
mod words;

use crate::board::room_of;
use crate::frame::NotFound;
use crate::parts::countdown::{Left, minute_of, state_name, state_of};
use crate::parts::dynamic::part;
use crate::parts::focus;
use crate::parts::memo::{Memo, effect, memo};
use crate::parts::notice::RefusalNotice;
use crate::parts::on_its_way::{OnItsWay, follows, on_its_way, says_who_writes, take_their_place};
use crate::parts::severity::Sev;
use crate::parts::when::hm;
use crate::replica::{LinkState, Replica, draft as kept};
use crate::room::addressed;
use crate::route::Address;
use components::Components;
use domain::clock::update_clock;
use domain::draft::{DraftText, Of, Stage, approver};
use domain::update::{UpdateKind, carried_components};
use domain::wording::Watch;
use domain::{Command, CommandId, Incident, Refusal};
use draft::{Draft, noted};
use leptos::prelude::*;
use markup::view;
use next_by::NextBy;
use preview::Preview;
use readers::{Corrects, Readers};
use readers_left_out::ReadersLeftOut;
use std::sync::Arc;
use words::{ClosureParts, Part};

/// The page.
#[component]
pub fn Composer() -> impl IntoView {
    let found = addressed();
    let id = memo(move || found.with(|f| f.as_ref().map(|i| i.id)));
    part(move || match id.get().and_then(|_| found.get_untracked()) {
        Some(incident) => view! { <Sheet incident found /> }.into_any(),
        None => NotFound().into_any(),
    })
}

#[component]
fn Sheet(incident: Arc<Incident>, found: Memo<Option<Arc<Incident>>>) -> impl IntoView {
    let replica = Replica::here();
    let policy = replica.policy_of(&incident);
    let me = replica.me();
    let address = Address::here();
    let id = incident.id;
    let room = room_of(&incident);
    // The server knows it by its number.
    let exact = memo(move || {
        found.with(|f| {
            let numbered = f.as_ref().filter(|i| i.number.is_some());
            numbered.map(|i| room_of(i))
        })
    });
    let watch = {
        let policy = Arc::clone(&policy);
        memo(move || {
            found.with(|f| {
                f.as_ref()
                    .map(|i| Watch::over(i, &policy))
                    .unwrap_or_default()
            })
        })
    };
    // What is on its way already, and who has to approve it before I may publish.
    let up = on_its_way(found, Of::Update);
    let asks = {
        let policy = Arc::clone(&policy);
        memo(move || {
            found.with(|f| {
                f.as_ref()
                    .and_then(|i| approver(i, Of::Update, me.id, &policy).map(|p| p.name.clone()))
            })
        })
    };
    // What came back is written anew, unless something else is half-written here.
    let again = RwSignal::new(address.said("again").and_then(|id| {
        let mut all = replica.returned().get_untracked().into_iter();
        all.find(|r| r.envelope.id.to_string() == id)
    }));
    let came_back = again.with_untracked(|r| r.as_ref().and_then(|r| text_of(&r.envelope.command)));
    let now = replica.now().get_untracked();
    let draft = RwSignal::new(match &came_back {
        Some(text) => Draft::of_record(&incident, &policy, now).with_words(text),
        None => Draft::new(&incident, &policy, now),
    });
    let saved = RwSignal::new(false);
    // Whether somebody typed into it on this device.
    let mine = RwSignal::new(came_back.is_some());
    let refusal = RwSignal::new(None::<Refusal>);
    let sent = RwSignal::new(None::<CommandId>);
    // Whether mine, once it is sent, takes the place of theirs that is on its way.
    let in_place = RwSignal::new(false);
    let key = replica.draft_key(&format!("update/{id}"));
    kept::restore(key.clone(), draft, move |d, old: Draft| {
        *d = old;
        mine.set(true);
        again.set(None);
    });
    follows(found, up, mine, move |incident, policy, now| {
        draft.set(Draft::new(incident, policy, now));
    });
    let edit = {
        let key = key.clone();
        Callback::new(move |change: Box<dyn FnOnce(&mut Draft)>| {
            draft.update(change);
            kept::remember(&key, &draft.get_untracked());
            // What was refused is being mended.
            if refusal.with_untracked(|r| matches!(r, Some(Refusal::Invalid { .. }))) {
                refusal.set(None);
            }
            says_who_writes(found, Of::Update);
            mine.set(true);
            saved.set(true);
        })
    };
    let minute = minute_of(replica);
    // An approval is for the words and why marked ones stay, wherever the promise has moved; who is asked is asked
    // anew when anything changes. My own counts for nothing once I have to ask another.
    let is_approved = memo(move || {
        up.with(|up| match up.as_ref().map(|up| &up.stage) {
            Some(Stage::Approved { by, text, .. })
                if by.id != me.id || asks.with(Option::is_none) =>
            {
                Some(draft.with(|d| d.says(text, minute.get())))
            }
            _ => None,
        })
    });
    let approval = memo(move || asks.with(Option::is_some) && is_approved.get() != Some(true));
    let waits = memo(move || {
        let is_asked = up.with(|up| match up.as_ref().map(|up| &up.stage) {
            Some(Stage::Ready { text, .. }) => draft.with(|d| d.is(text, minute.get())),
            _ => false,
        });
        approval.get() && is_asked
    });
    let done = {
        let (key, room) = (key.clone(), room.clone());
        move || {
            kept::forget(&key);
            if let Some(returned) = again.get_untracked() {
                replica.settle(returned.envelope.id);
            }
            address.go(&room);
        }
    };
    // The answer decides: the text stays in the composer until the update is published, or
    // kept to be sent when the server is reached.
    effect(move || {
        let Some(command) = sent.get() else { return };
        let waits = replica.waiting().with(|w| w.contains(&command));
        let returned = replica
            .returned()
            .with(|all| all.iter().find(|r| r.envelope.id == command).cloned());
        if let Some(returned) = returned {
            replica.settle(command);
            sent.set(None);
            refusal.set(Some(returned.refusal));
        } else if !waits
            || matches!(
                replica.link().get(),
                LinkState::Offline | LinkState::SignedOut
            )
        {
            sent.set(None);
            done();
        }
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        refusal.set(None);
        let command =
            draft.with_untracked(|d| d.to_command(approval.get_untracked(), replica.server_now()));
        let published = command.and_then(|command| {
            take_their_place(found, Of::Update, in_place.get_untracked())?;
            replica.send(id, command)
        });
        match published {
            Ok(command) => sent.set(Some(command)),
            Err(why) => refusal.set(Some(why)),
        }
    };
    let catch_up = {
        let policy = policy.clone();
        move |_| {
            if let Some(now_known) = found.get_untracked() {
                let fresh = Draft::of_record(&now_known, &policy, replica.server_now());
                edit.run(Box::new(move |d| {
                    // Something was published meanwhile: mine is another update now.
                    if d.after != fresh.after {
                        d.after = fresh.after;
                        d.kind = fresh.kind;
                        d.next_at = fresh.next_at;
                    }
                }));
                in_place.set(true);
                refusal.set(None);
                focus::to("acknowledge");
            }
        }
    };
    let is_conflict = move || refusal.with(|r| matches!(r, Some(Refusal::Superseded { .. })));
    // The text of theirs that is on its way, if one is; else what was published. Not tracked: it is
    // what mine was in conflict with.
    let theirs = move || {
        let up = up.get_untracked().filter(|d| d.by.id != me.id);
        let last = found.with_untracked(|f| f.as_ref().and_then(|i| i.updates.last().cloned()));
        let told = last.map(|u| format!("{} {}", u.text.acknowledge, u.text.action));
        match up {
            Some(draft) => draft.text().map(|t| {
                let today = found.with_untracked(|f| f.as_deref().map(|i| t.called_today(i)));
                today.as_ref().unwrap_or(t).in_words(replica.server_now())
            }),
            None => told,
        }
    };
    let kind = memo(move || draft.with(|d| d.kind));
    let inside = memo(move || draft.with(|d| d.inside));
    let button = move || match (sent.get(), approval.get(), inside.get()) {
        (Some(_), false, false) => "Publishing…".to_owned(),
        (Some(_), _, _) => "Sending…".to_owned(),
        (None, _, true) => "Tell colleagues".to_owned(),
        (None, true, false) if waits.get() => {
            format!("Waits for {}", asks.get().unwrap_or_default())
        }
        (None, true, false) => format!("Send to {} for approval", asks.get().unwrap_or_default()),
        (None, false, false) => format!("Publish {}", kind.get().label().to_lowercase()),
    };
    let goes_to = move || {
        draft.with(|d| match (d.inside, approval.get()) {
            // The commander asks nobody.
            (false, false) if is_approved.get() == Some(false) => {
                "This is another text than the approved one.".to_owned()
            }
            (true, _) => format!("Goes to {}. Customers never see it.", d.customers),
            (false, true) if waits.get() => "Change it to send it anew.".to_owned(),
            (false, true) => "Nobody reads it before it is approved.".to_owned(),
            (false, false) => {
                let audience = d.audience();
                let today = found.with(|f| f.as_deref().map(|i| audience.called_today(i)));
                format!(
                    "Goes to {} and is never edited afterwards.",
                    today.unwrap_or(audience).label()
                )
            }
        })
    };
    let told = incident
        .updates
        .iter()
        .rev()
        .map(|u| {
            (
                u.id,
                format!("Update {} of {}", u.number, hm(u.published_at)),
            )
        })
        .collect();
    view! {
        <main id="main" class="compose-page" aria-label="Composer">
            <div class="sheet-head">
                {incident.severity().map(|severity| view! { <Sev severity /> })}
                <h1>{part(move || draft.with(|d| d.kind.label()))}</h1>
                <p class="quiet saved" role="status">{part(move || saved.get().then_some("saved on this device"))}</p>
                <a class="button plain" href=room.clone()>"Close"</a>
            </div>
            <div class="sheet-body">
                {part(move || found.get().map(|incident| view! { <AnswersClock incident /> }))}
                {part(move || up.get().map(|up| view! { <OnItsWay of=Of::Update up incident=id refusal /> }))}
                <div class="compose">
                    <form class="form" inert=crate::DRAWN_BY_SERVER id="update" novalidate on:submit=submit>
                        {part(move || refusal.get().map(|refusal| view! { <RefusalNotice refusal /> }))}
                        {
                            let catch_up = catch_up.clone();
                            move || is_conflict().then(|| {
                                let theirs = theirs().map(|said| view! { <p>"This is what they said:"</p><blockquote>{said}</blockquote> });
                                view! {
                                    <div class="notice" data-kind="conflict">
                                        <p>"Your text is kept as you left it."</p>
                                        {theirs}
                                        <p class="actions"><button class="slim" type="button" on:click=catch_up.clone()>"Make mine the next update"</button></p>
                                    </div>
                                }
                            })
                        }
                        <Part id="acknowledge" label="What happens" hint="" draft edit watch get=|d| &d.acknowledge set=|d, t| d.acknowledge = t />
                        <Part id="impact" label="Who is affected" hint="in exact numbers where you know them" draft edit watch get=|d| &d.impact set=|d, t| d.impact = t />
                        <Part id="action" label="What we do" hint="" draft edit watch get=|d| &d.action set=|d, t| d.action = t />
                        {
                            let (incident, policy) = (Arc::clone(&incident), policy.clone());
                            move || if inside.get() {
                                ().into_any()
                            } else if kind.get() == UpdateKind::Resolution {
                                view! { <ClosureParts draft edit watch /> }.into_any()
                            } else if !kind.get().promises() {
                                ().into_any()
                            } else {
                                view! { <NextBy incident=Arc::clone(&incident) policy=policy.clone() draft edit /> }.into_any()
                            }
                        }
                        {
                            let all = policy.components.clone();
                            let carried = incident.updates.last().map(|u| carried_components(&incident, &u.text.audience));
                            let carried = noted(&carried.unwrap_or_default());
                            move || (!inside.get()).then(|| view! { <Components all=all.clone() carried=carried.clone() draft edit /> })
                        }
                        <Readers draft edit found refusal />
                        <ReadersLeftOut draft found />
                        <Corrects told draft edit />
                    </form>
                    {part(move || (!inside.get()).then(|| view! { <Preview draft exact refusal /> }))}
                </div>
            </div>
            <div class="sheet-foot" inert=crate::DRAWN_BY_SERVER>
                <p class="quiet">{part(goes_to)}</p>
                <button class="primary" type="submit" form="update" prop:disabled=move || sent.get().is_some() || (waits.get() && !inside.get())>{part(button)}</button>
            </div>
        </main>
    }
}

/// The text of an update that a command publishes or puts up; none for another command.
pub(crate) fn text_of(command: &Command) -> Option<DraftText> {
    match command.clone() {
        Command::PublishUpdate { text, excuses, .. } => Some(DraftText::Update { text, excuses }),
        Command::ReadyDraft { text } if text.of() == Of::Update => Some(text),
        _ => None,
    }
}

/// The address of the composer with the text of an update that came back.
pub(crate) fn anew(incident: &Incident, came_back: CommandId) -> String {
    format!("{}/update?again={came_back}", room_of(incident))
}

/// The promise that this update keeps.
#[component]
fn AnswersClock(incident: Arc<Incident>) -> impl IntoView {
    let replica = Replica::here();
    let declared_at = incident.declared.as_ref().map(|d| d.at);
    let clock =
        declared_at.and_then(|at| update_clock(&incident, &replica.policy_of(&incident), at))?;
    let state = state_of(&clock);
    // Of several readers who wait, these have waited longest: when others were told says nothing of them.
    let (whose, last) = match (clock.about.as_str(), incident.told().last()) {
        ("", None) => (
            String::new(),
            Some("Customers have heard nothing yet".to_owned()),
        ),
        ("", Some(u)) => (
            String::new(),
            Some(format!("Last told at {}", hm(u.published_at))),
        ),
        (readers, _) => (format!(" to {readers}"), None),
    };
    let last = last.map(|last| view! { <p class="whose">{last}</p> });
    Some(view! {
        <div class="answers" data-state=move || state_name(state.get())>
            <div class="clock lead" data-state=move || state_name(state.get())>
                <div class="time"><Left due_at=clock.due_at /></div>
                <div class="what"><p>"to keep the promise of "{hm(clock.due_at)}{whose}</p>{last}</div>
            </div>
        </div>
    })
}
