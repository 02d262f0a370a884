//! What the buttons of a room do, as data: one kind of button for all of them, and one place that
//! knows which form belongs to which.

use super::{Desk, forms, go};
use domain::customer::CustomerId;
use domain::gate::Need;
use domain::{Command, EntryId, PersonRef, Role, Status};
use leptos::prelude::*;
use markup::view;

/// What a button does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Job {
    /// Leads to this address.
    Go(String),
    /// Takes a seat that was offered.
    Accept(Role),
    /// Moves the incident on.
    Move(Status),
    /// Has this person sit beside a seat no more.
    Unshadow(Role, PersonRef),
    /// Supplies what a gate lacks.
    Supply(Need),
    /// Offers an empty seat.
    Offer(Role),
    /// Says no to an offer.
    Decline(Role),
    /// Hands a seat over.
    HandOver(Role),
    /// Leaves a seat empty.
    Vacate(Role),
    /// Sits somebody beside a seat.
    Shadow(Role),
    /// The commander stays.
    Stay,
    /// Another severity.
    Severity,
    /// Another cadence.
    Cadence,
    /// Links the channel.
    Channel,
    /// Chooses a lever.
    Mitigation,
    /// Says what came of a line.
    Result(EntryId),
    /// Corrects a line.
    Amend(EntryId),
    /// It got worse.
    Back,
    /// Opens a hypothesis.
    Hypothesis,
    /// Logs an attempt.
    Attempt(EntryId),
    /// Ends a hypothesis.
    Conclude(EntryId),
    /// Asks a party.
    Ask,
    /// Writes down what a party says.
    Answer(EntryId),
    /// Tells colleagues.
    Inside,
    /// Puts a customer on the incident, or changes what is known of this one.
    Customer(Option<CustomerId>),
    /// Says where the deal with this customer stands.
    Deal(CustomerId),
    /// Plans a call with this customer.
    Call(CustomerId),
    /// Says what became of a call.
    EndCall(EntryId),
    /// Adds a step to this customer's plan.
    PlanStep(CustomerId),
    /// Finishes a step of a plan.
    FinishStep(EntryId),
    /// Agrees on an action.
    Action,
    /// Finishes an action.
    FinishAction(EntryId),
    /// The post-mortem was held.
    Held,
    /// Judges a proposed credit.
    Judge(EntryId),
}

/// One button.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Act {
    label: &'static str,
    of: String,
    class: &'static str,
    job: Job,
}

impl Act {
    /// A small button. `of` says what it is for, to who hears the buttons of a room one by one.
    pub(super) fn new(label: &'static str, of: impl Into<String>, job: Job) -> Self {
        Self {
            label,
            of: of.into(),
            class: "slim",
            job,
        }
    }

    /// One that hardly shows.
    pub(super) fn plain(self) -> Self {
        Self {
            class: "plain slim",
            ..self
        }
    }

    /// The one thing to do.
    pub(super) fn primary(self) -> Self {
        Self {
            class: "slim primary",
            ..self
        }
    }

    /// Of the full height of a button.
    pub(super) fn tall(self) -> Self {
        let class = match self.class {
            "slim primary" => "primary",
            _ => "",
        };
        Self { class, ..self }
    }
}

/// Draws it.
pub(super) fn button(act: Act) -> AnyView {
    let desk = Desk::here();
    let Act {
        label,
        of,
        class,
        job,
    } = act;
    let of = (!of.is_empty()).then(|| view! { <span class="vh">" "{of}</span> });
    match job {
        Job::Go(href) => {
            // Accounts are pages of the server: the router must leave them to the browser.
            let rel = href.starts_with("/accounts").then_some("external");
            view! { <a class=format!("button {class}") href=href rel=rel>{label}{of}</a> }
                .into_any()
        }
        job => view! {
            <button class=class type="button" on:click=move |_| desk.run(&job)>{label}{of}</button>
        }
        .into_any(),
    }
}

/// Draws several.
pub(super) fn buttons(acts: Vec<Act>) -> AnyView {
    acts.into_iter().map(button).collect_view().into_any()
}

impl Desk {
    /// Does what a button is there for.
    pub(super) fn run(self, job: &Job) {
        let replica = self.replica;
        let incident = self.incident.get_untracked();
        let i = &*incident;
        let form = match job {
            Job::Go(href) => return go(href),
            Job::Accept(role) => return self.send(Command::AcceptRole { role: *role }),
            Job::Move(to) => return self.send(Command::MoveStatus { to: *to }),
            Job::Unshadow(role, person) => {
                return self.send(forms::lead::unshadow(*role, person.clone()));
            }
            Job::Supply(need) => return self.supply(need),
            Job::Offer(role) => forms::seat::offer(*role, i, replica),
            Job::Decline(role) => forms::seat::decline(*role),
            Job::HandOver(role) => forms::seat::hand_over(*role, i, replica),
            Job::Vacate(role) => forms::lead::vacate(*role, i),
            Job::Shadow(role) => forms::lead::shadow(*role, i, replica),
            Job::Stay => forms::lead::stay(),
            Job::Severity => forms::lead::severity(i),
            Job::Cadence => forms::lead::cadence(i, replica),
            Job::Channel => forms::lead::channel(),
            Job::Mitigation => forms::mitigation(),
            Job::Result(id) => {
                let what = i.entry(*id).map(domain::timeline::Entry::current_text);
                forms::result(*id, what.unwrap_or_default())
            }
            Job::Amend(id) => match i.entry(*id) {
                Some(entry) => forms::amend(entry),
                None => return,
            },
            Job::Back => forms::back(i),
            Job::Hypothesis => forms::fix::hypothesis(i, replica),
            Job::Attempt(id) => forms::fix::attempt(i, *id),
            Job::Conclude(id) => forms::fix::conclude(i, *id),
            Job::Ask => forms::fix::ask(i, replica),
            Job::Answer(id) => forms::fix::answer(i, *id),
            Job::Inside => forms::fix::inside(),
            Job::Customer(id) => {
                let known = id.and_then(|id| i.customer(id));
                forms::customer::note(known, &self.policy())
            }
            Job::Deal(customer) => forms::customer::deal(i, *customer),
            Job::Call(customer) => forms::calls::schedule(i, *customer, replica),
            Job::EndCall(id) => forms::calls::end(i, *id),
            Job::PlanStep(customer) => forms::calls::plan_step(i, *customer, replica),
            Job::FinishStep(id) => forms::calls::finish_step(i, *id),
            Job::Action => forms::action(replica),
            Job::FinishAction(id) => forms::calls::finish_action(i, *id),
            Job::Judge(id) => forms::credit::judge(i, *id, &self.policy()),
            Job::Held => forms::calls::post_mortem_held(replica),
        };
        self.open(form);
    }
}
