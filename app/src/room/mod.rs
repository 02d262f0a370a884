//! The room of one incident: roles, timeline, and what to do now.

mod about;
mod act;
mod checklists;
mod customers;
pub(crate) use customers::{churn, sentiment};
mod facts;
mod fixing;
mod forms;
#[cfg(feature = "ssr")]
pub(crate) use forms::{credit::filled as credit_form, customer::filled as customer_form};
mod head;
mod now;
mod roles;
mod say;
mod timeline;

use crate::frame::NotFound;
use crate::parts::countdown::minute_of;
use crate::parts::dynamic::part;
use crate::parts::form::{Form, FormDialog};
use crate::parts::memo::{Memo, effect, memo};
use crate::parts::notice::RefusalNotice;
use crate::replica::held::held;
use crate::replica::{LinkState, Replica};
use crate::route::Address;
use domain::clock::{Clock, clocks};
use domain::gate::Need;
use domain::next_step::{Step, next_steps};
use domain::{Command, Incident, IncidentId, Policy, Refusal};
use leptos::prelude::*;
use markup::view;
use std::sync::Arc;

/// What the parts of a room share: the incident, what is due and to do, and the one form that is
/// open.
#[derive(Clone, Copy)]
pub(crate) struct Desk {
    pub(crate) incident: Memo<Arc<Incident>>,
    replica: Replica,
    /// Those that run.
    clocks: Memo<Vec<Clock>>,
    /// All of them, most pressing first.
    steps: Memo<Vec<Step>>,
    open: RwSignal<Option<Form>>,
    refusal: RwSignal<Option<Refusal>>,
}

impl Desk {
    pub(crate) fn here() -> Self {
        use_context().expect("Room provides the desk to its parts")
    }

    /// The policy this incident goes by.
    pub(crate) fn policy(self) -> Arc<Policy> {
        self.incident.with(|i| self.replica.policy_of(i))
    }

    /// Opens a form over the room.
    pub(crate) fn open(self, form: Form) {
        self.refusal.set(None);
        self.open.set(Some(form));
    }

    /// Opens the form that supplies what a gate lacks.
    fn supply(self, need: &Need) {
        let incident = self.incident.get_untracked();
        match forms::supplying(need, &incident, self.replica) {
            Some(form) => self.open(form),
            None => go(&format!("{}/update", crate::board::room_of(&incident))),
        }
    }

    /// Sends a command that needs no form.
    fn send(self, command: Command) {
        let id = self.incident.with_untracked(|i| i.id);
        self.refusal.set(self.replica.send(id, command).err());
    }
}

fn go(address: &str) {
    Address::here().go(address);
}

/// The incident whose number or id is in the address; asks the server when it is not held.
pub(crate) fn addressed() -> Memo<Option<Arc<Incident>>> {
    let replica = Replica::here();
    let key = Address::here().incident();
    let found = held(move |_| replica.find(&key.get()));
    let link = replica.link();
    let is_reached = memo(move || link.get() != LinkState::Offline);
    effect(move || {
        // As soon as the server is back, it is asked again.
        is_reached.track();
        let is_here = found.with(|f| f.as_ref().is_some_and(|i| !replica.is_abridged(i.id)));
        if is_here {
            replica.seek_no_more();
        } else {
            replica.seek(&key.get());
        }
    });
    let look = replica.begin_to_look();
    effect(move || replica.look_at(look, key.get()));
    on_cleanup(move || {
        replica.seek_no_more();
        replica.look_away(look);
    });
    follow_number(found);
    found
}

/// The room, or where it is.
#[component]
pub fn Room() -> impl IntoView {
    let found = addressed();
    let id = memo(move || found.with(|f| f.as_ref().map(|i| i.id)));
    part(move || match id.get() {
        Some(id) => view! { <RoomOf id found /> }.into_any(),
        None => NotFound().into_any(),
    })
}

#[component]
fn RoomOf(id: IncidentId, found: Memo<Option<Arc<Incident>>>) -> impl IntoView {
    let incident = held(move |before: Option<&Arc<Incident>>| {
        found
            .get()
            .or_else(|| before.cloned())
            .unwrap_or_else(|| Arc::new(Incident::empty(id)))
    });
    let replica = Replica::here();
    let minute = minute_of(replica);
    let policy = move || incident.with(|i| replica.policy_of(i));
    let desk = Desk {
        incident,
        replica,
        clocks: memo(move || {
            let policy = policy();
            let mut all = incident.with(|i| clocks(i, &policy));
            all.retain(Clock::is_running);
            all
        }),
        steps: memo(move || {
            let (policy, now) = (policy(), minute.get());
            incident.with(|i| next_steps(i, &policy, now))
        }),
        open: RwSignal::new(None),
        refusal: RwSignal::new(None),
    };
    provide_context(desk);
    let address = Address::here();
    let last = StoredValue::new(PARTS[0].0);
    let tab = memo(move || {
        last.update_value(|last| *last = shown_part(&address.part(), last));
        last.get_value()
    });
    let supply = Callback::new(move |need: Need| desk.supply(&need));
    let tabs = PARTS.map(|(key, label)| {
        let current = move || (tab.get() == key).then_some("page");
        let choose = move |event: leptos::ev::MouseEvent| {
            event.prevent_default();
            address.turn_to(key);
        };
        view! { <a href=format!("#{key}") aria-current=current on:click=choose>{label}</a> }
    });
    let tabs = tabs.into_iter().collect_view();
    view! {
        <main id="main">
            <head::Head />
            {part(move || desk.refusal.get().map(|refusal| {
                // Not tracked: drawn anew with each event, the notice would take the focus again.
                let policy = incident.with_untracked(|i| replica.policy_of(i));
                view! { <RefusalNotice refusal supply=(supply, policy) /> }
            }))}
            <div class="room" data-tab=move || tab.get()>
                <roles::Roles />
                <timeline::Timeline />
                <now::Now />
                <customers::Customers />
            </div>
        </main>
        <nav class="room-tabs" aria-label="Parts of the room">{tabs}</nav>
        {part(move || desk.open.get().map(|form| view! {
            <FormDialog form incident=id on_close=move |()| desk.open.set(None) />
        }))}
    }
}

/// Where there is room for one of its parts only: what the address calls it, and the name of the part.
const PARTS: [(&str, &str); 4] = [
    ("now", "Now"),
    ("timeline", "Timeline"),
    ("roles", "Roles"),
    ("people", "People"),
];

/// The part that an address names; another place on the page, as its main part, leaves what is shown.
fn shown_part(named: &str, before: &'static str) -> &'static str {
    let keys = PARTS.iter().map(|(key, _)| *key);
    match named {
        "" => PARTS[0].0,
        _ => keys.into_iter().find(|key| *key == named).unwrap_or(before),
    }
}

/// Once the server has numbered the incident, the address says the number.
fn follow_number(found: Memo<Option<Arc<Incident>>>) {
    let address = Address::here();
    effect(move || {
        let number = found.with(|f| Some(f.as_ref()?.number?.to_string()));
        if let Some(number) = number.filter(|n| *n != address.incident().get()) {
            address.rename(&number);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::shown_part;

    #[test]
    fn an_address_names_a_part_of_the_room() {
        for (named, before, shown) in [
            ("", "now", "now"),
            ("roles", "now", "roles"),
            ("timeline", "roles", "timeline"),
            ("", "roles", "now"),
            ("main", "roles", "roles"),
        ] {
            assert_eq!(shown_part(named, before), shown, "#{named}");
        }
    }
}
