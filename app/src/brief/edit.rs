//! Writing the next brief: drafted from the record, mended by a person.

use crate::board::room_of;
use crate::frame::NotFound;
use crate::parts::countdown::{Left, state_name, state_of};
use crate::parts::dynamic::part;
use crate::parts::focus;
use crate::parts::memo::{Memo, memo};
use crate::parts::notice::RefusalNotice;
use crate::parts::on_its_way::{OnItsWay, follows, on_its_way, says_who_writes, take_their_place};
use crate::parts::when::{from_input, hm, to_input};
use crate::replica::{Replica, draft as kept};
use crate::room::addressed;
use crate::route::Address;
use domain::brief::{Ask, BriefText, Confidence, Eta, draft};
use domain::clock::{ClockKind, clocks};
use domain::draft::{DraftText, Of, Stage, approver};
use domain::{Command, Incident, Policy, Refusal, Time};
use leptos::prelude::*;
use markup::view;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The page.
#[component]
pub fn BriefEdit() -> impl IntoView {
    let found = addressed();
    let id = memo(move || found.with(|f| f.as_ref().map(|i| i.id)));
    part(move || match id.get().and_then(|_| found.get_untracked()) {
        Some(incident) => view! { <Edit incident found /> }.into_any(),
        None => NotFound().into_any(),
    })
}

/// One ask, as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct AskDraft {
    what: String,
    of: String,
    by: String,
}

/// What is typed, as kept on the device.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Draft {
    happened: String,
    impact: String,
    risks: String,
    asks: Vec<AskDraft>,
    eta_at: String,
    /// None where an older build kept it, by its place in the list.
    #[serde(default)]
    sure: Option<Confidence>,
    depends_on: String,
    changed: String,
    after_version: u32,
}

impl Draft {
    fn new(incident: &Incident, policy: &Policy, now: Time) -> Self {
        let up = incident.draft(Of::Brief).and_then(|d| d.text());
        let text = match up {
            Some(DraftText::Brief { text }) => text.clone(),
            _ => draft(incident, policy, now),
        };
        let mut asks: Vec<AskDraft> = text
            .asks
            .into_iter()
            .map(|a| AskDraft {
                what: a.what,
                of: a.of,
                by: a.needed_by.map(to_input).unwrap_or_default(),
            })
            .collect();
        asks.push(AskDraft::default());
        let sure = text.eta.as_ref().map(|e| e.confidence);
        Self {
            happened: text.happened,
            impact: text.impact,
            risks: text.risks.join("\n"),
            asks,
            eta_at: text
                .eta
                .as_ref()
                .map(|e| to_input(e.at))
                .unwrap_or_default(),
            sure,
            depends_on: text.eta.map(|e| e.depends_on).unwrap_or_default(),
            changed: text.changed,
            after_version: incident.briefs.last().map_or(0, |b| b.version),
        }
    }

    fn confidence(&self) -> Confidence {
        self.sure.unwrap_or(Confidence::ALL[0])
    }

    fn to_text(&self) -> Result<BriefText, Refusal> {
        let lines = |text: &str| {
            text.lines()
                .map(str::trim)
                .filter(|l| !l.is_empty())
                .map(str::to_owned)
                .collect()
        };
        let asks = self
            .asks
            .iter()
            .filter(|a| !a.what.trim().is_empty() || !a.of.trim().is_empty())
            .map(|a| {
                let by = Some(a.by.trim()).filter(|b| !b.is_empty());
                Ok(Ask {
                    what: a.what.clone(),
                    of: a.of.clone(),
                    needed_by: by.map(|b| from_input("Needed by", b)).transpose()?,
                })
            })
            .collect::<Result<_, Refusal>>()?;
        let eta = match self.eta_at.trim() {
            "" => None,
            at => Some(Eta {
                at: from_input("It ends by", at)?,
                confidence: self.confidence(),
                depends_on: self.depends_on.clone(),
            }),
        };
        Ok(BriefText {
            happened: self.happened.clone(),
            impact: self.impact.clone(),
            risks: lines(&self.risks),
            asks,
            eta,
            changed: self.changed.clone(),
        })
    }
}

#[component]
fn Edit(incident: Arc<Incident>, found: Memo<Option<Arc<Incident>>>) -> impl IntoView {
    let replica = Replica::here();
    let id = incident.id;
    let number = incident.briefs.len() + 1;
    let room = room_of(&incident);
    let policy = replica.policy_of(&incident);
    let now = replica.now().get_untracked();
    let draft = RwSignal::new(Draft::new(&incident, &policy, now));
    let saved = RwSignal::new(false);
    let refusal = RwSignal::new(None::<Refusal>);
    // Whether mine, once it is sent, takes the place of theirs that is on its way.
    let in_place = RwSignal::new(false);
    let key = replica.draft_key(&format!("brief/{id}"));
    // Whether somebody typed into it on this device.
    let mine = RwSignal::new(false);
    kept::restore(key.clone(), draft, move |d, old: Draft| {
        *d = old;
        mine.set(true);
    });
    let store = key.clone();
    let edit: Edited = Callback::new(move |change: Box<dyn FnOnce(&mut Draft)>| {
        draft.update(change);
        kept::remember(&store, &draft.get_untracked());
        says_who_writes(found, Of::Brief);
        mine.set(true);
        saved.set(true);
    });
    let up = on_its_way(found, Of::Brief);
    follows(found, up, mine, move |incident, policy, now| {
        draft.set(Draft::new(incident, policy, now));
    });
    let me = replica.me().id;
    let asks = memo(move || {
        found.with(|f| {
            let incident = f.as_ref()?;
            let policy = replica.policy_of(incident);
            approver(incident, Of::Brief, me, &policy).map(|p| p.name.clone())
        })
    });
    let approval = memo(move || {
        asks.with(Option::is_some)
            && !up.with(|up| {
                // My own counts for nothing once I have to ask another.
                let approved = up
                    .as_ref()
                    .filter(|d| matches!(&d.stage, Stage::Approved { by, .. } if by.id != me));
                let Some(DraftText::Brief { text }) = approved.and_then(|d| d.text()) else {
                    return false;
                };
                draft.with(|d| d.to_text().is_ok_and(|mine| mine == *text))
            })
    });
    let address = Address::here();
    let page = format!("{room}/brief");
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let command = draft.with_untracked(|d| {
            d.to_text().map(|text| match approval.get_untracked() {
                true => Command::ReadyDraft {
                    text: DraftText::Brief { text },
                },
                false => Command::PublishBrief {
                    text,
                    after_version: d.after_version,
                },
            })
        });
        let published = command.and_then(|command| {
            take_their_place(found, Of::Brief, in_place.get_untracked())?;
            replica.send(id, command)
        });
        match published {
            Ok(_) => {
                kept::forget(&key);
                address.go(&page);
            }
            Err(why) => refusal.set(Some(why)),
        }
    };
    let is_conflict = move || refusal.with(|r| matches!(r, Some(Refusal::Superseded { .. })));
    let catch_up = move |_| {
        let version =
            found.with_untracked(|f| f.as_ref().and_then(|i| i.briefs.last().map(|b| b.version)));
        edit.run(Box::new(move |d| d.after_version = version.unwrap_or(0)));
        in_place.set(true);
        refusal.set(None);
        focus::to("happened");
    };
    view! {
        <main class="page brief" id="main">
            <DueClock incident=Arc::clone(&incident) />
            {part(move || up.get().map(|up| view! { <OnItsWay of=Of::Brief up incident=id refusal /> }))}
            <div class="page-head">
                <h1>{format!("Brief {number}")}</h1>
                <p class="quiet" role="status">{part(move || saved.get().then_some("saved on this device"))}</p>
            </div>
            <form class="form" inert=crate::DRAWN_BY_SERVER on:submit=submit>
                {part(move || refusal.get().map(|refusal| view! { <RefusalNotice refusal /> }))}
                {part(move || is_conflict().then(|| view! {
                    <p class="actions"><button class="slim" type="button" on:click=catch_up>"Make mine the next version"</button></p>
                }))}
                <Text id="happened" label="What happened" hint="two sentences" draft edit get=|d| &d.happened set=|d, t| d.happened = t />
                <div class="fields">
                    <Text id="impact" label="Customer impact" hint="" draft edit get=|d| &d.impact set=|d, t| d.impact = t />
                    <Text id="risks" label="Risks" hint="one a line" draft edit get=|d| &d.risks set=|d, t| d.risks = t />
                </div>
                <Asks draft edit />
                <Ends draft edit />
                <Text id="changed" label="Changed since the last brief" hint="from the record" draft edit get=|d| &d.changed set=|d, t| d.changed = t />
                <div class="declare-foot">
                    <p class="quiet">"Older versions stay readable."</p>
                    <a class="button plain" href=room>"Close"</a>
                    <button class="primary">{part(move || match asks.get().filter(|_| approval.get()) {
                        Some(name) => format!("Send to {name} for approval"),
                        None => format!("Publish brief {number}"),
                    })}</button>
                </div>
            </form>
        </main>
    }
}

#[component]
fn DueClock(incident: Arc<Incident>) -> impl IntoView {
    let clock = clocks(&incident, &Replica::here().policy_of(&incident))
        .into_iter()
        .find(|c| c.kind == ClockKind::Brief && c.is_running())?;
    let state = state_of(&clock);
    Some(view! {
        <div class="clock lead tint" data-state=move || state_name(state.get())>
            <div class="time"><Left due_at=clock.due_at /></div>
            <div class="what"><p>"until this brief is due, "{hm(clock.due_at)}</p><p class="whose">"Drafted from the record"</p></div>
        </div>
    })
}

type Edited = Callback<Box<dyn FnOnce(&mut Draft)>>;

#[component]
fn Text(
    id: &'static str,
    label: &'static str,
    hint: &'static str,
    draft: RwSignal<Draft>,
    edit: Edited,
    get: fn(&Draft) -> &String,
    set: fn(&mut Draft, String),
) -> impl IntoView {
    view! {
        <p class="field">
            <label for=id>{label}" "{(!hint.is_empty()).then(|| view! { <span class="hint">{hint}</span> })}</label>
            <textarea id=id rows="3" prop:value=move || draft.with(|d| get(d).clone())
                on:input=move |e| {
                    let typed = event_target_value(&e);
                    edit.run(Box::new(move |d| set(d, typed)));
                }></textarea>
        </p>
    }
}

#[component]
fn Asks(draft: RwSignal<Draft>, edit: Edited) -> impl IntoView {
    let count = memo(move || draft.with(|d| d.asks.len()));
    let input = move |i: usize,
                      key: &'static str,
                      label: &'static str,
                      kind: &'static str,
                      get: fn(&AskDraft) -> &String,
                      set: fn(&mut AskDraft, String)| {
        let id = format!("ask-{key}-{i}");
        view! {
            <p class="field">
                <label for=id.clone()>{label}</label>
                <input id=id type=kind autocomplete="off"
                    prop:value=move || draft.with(|d| d.asks.get(i).map(|a| get(a).clone()).unwrap_or_default())
                    on:input=move |e| {
                        let typed = event_target_value(&e);
                        edit.run(Box::new(move |d| if let Some(ask) = d.asks.get_mut(i) { set(ask, typed) }));
                    } />
            </p>
        }
    };
    view! {
        <fieldset class="field">
            <legend>"We ask of you"</legend>
            {part(move || (0..count.get()).map(|i| view! {
                <div class="ask-row">
                    {input(i, "what", "What", "text", |a| &a.what, |a, t| a.what = t)}
                    {input(i, "of", "From whom", "text", |a| &a.of, |a, t| a.of = t)}
                    {input(i, "by", "Needed by, UTC", "datetime-local", |a| &a.by, |a, t| a.by = t)}
                </div>
            }).collect_view())}
            <p class="actions"><button class="slim" type="button"
                on:click=move |_| edit.run(Box::new(|d| d.asks.push(AskDraft::default())))>"Ask for more"</button></p>
        </fieldset>
    }
}

#[component]
fn Ends(draft: RwSignal<Draft>, edit: Edited) -> impl IntoView {
    let options = Confidence::ALL
        .into_iter()
        .map(|c| view! { <option value=c.label() selected=move || draft.with(|d| d.confidence() == c)>{c.label()}</option> })
        .collect_view();
    view! {
        <div class="fields">
            <p class="field">
                <label for="eta-at">"It ends by, UTC "<span class="hint">"empty if not known"</span></label>
                <input id="eta-at" type="datetime-local" prop:value=move || draft.with(|d| d.eta_at.clone())
                    on:input=move |e| { let typed = event_target_value(&e); edit.run(Box::new(move |d| d.eta_at = typed)); } />
            </p>
            <p class="field">
                <label for="eta-confidence">"Confidence"</label>
                <select id="eta-confidence" on:change=move |e| {
                    let label = event_target_value(&e);
                    let sure = Confidence::ALL.into_iter().find(|c| c.label() == label);
                    edit.run(Box::new(move |d| d.sure = sure));
                }>{options}</select>
            </p>
            <p class="field">
                <label for="eta-depends">"Depends on"</label>
                <input id="eta-depends" autocomplete="off" prop:value=move || draft.with(|d| d.depends_on.clone())
                    on:input=move |e| { let typed = event_target_value(&e); edit.run(Box::new(move |d| d.depends_on = typed)); } />
            </p>
        </div>
    }
}
