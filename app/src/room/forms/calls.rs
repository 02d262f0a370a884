//! Calls, recovery plans, and what is done after it is over.

use super::{choice, chosen, form, people, person};
use crate::parts::form::{Field, Form, Input, Values, optional, text};
use crate::parts::when::{day, from_input, to_input};
use crate::replica::Replica;
use domain::call::{CallEnd, CallKind, Side};
use domain::customer::{Customer, CustomerId, CustomerRef};
use domain::{Command, EntryId, Incident, Refusal};

/// A choice of the customers of the incident, by their ids.
fn customer_field(incident: &Incident, customer: CustomerId) -> Field {
    let all = incident.customers.iter();
    let options = all.map(|c| (c.id.uuid().to_string(), c.name.clone()));
    Field::new("customer", "Customer", Input::Choice(options.collect()))
        .value(customer.uuid().to_string())
}

fn chosen_customer(all: &[CustomerRef], values: &Values) -> Result<CustomerRef, Refusal> {
    let id = text(values, "customer");
    let chosen = all.iter().find(|c| c.id.uuid().to_string() == id);
    chosen
        .cloned()
        .ok_or_else(|| Refusal::invalid("Customer", "is not chosen"))
}

fn refs(incident: &Incident) -> Vec<CustomerRef> {
    incident.customers.iter().map(Customer::to_ref).collect()
}

/// Plan a call.
pub fn schedule(incident: &Incident, customer: CustomerId, replica: Replica) -> Form {
    let all = refs(incident);
    let again = [("once", "once"), ("daily", "every day until it is over")]
        .map(|(v, l)| (v.to_owned(), l.to_owned()))
        .to_vec();
    let in_an_hour = replica.server_now() + chrono::Duration::hours(1);
    form(
        &format!("call/{}", customer.uuid()),
        "Plan a call",
        "A daily call is planned again each time it was held.",
        vec![
            customer_field(incident, customer),
            Field::new(
                "kind",
                "Which call",
                choice(&CallKind::ALL, CallKind::label),
            )
            .value(CallKind::ALL[0].label()),
            Field::new("with", "With whom", Input::Line).hint("e.g. their CFO"),
            Field::new("at", "When, UTC", Input::When).value(to_input(in_an_hour)),
            Field::new("again", "How often", Input::Choice(again)).value("once"),
        ],
        "Plan it",
        move |v| {
            Ok(Command::ScheduleCall {
                customer: chosen_customer(&all, v)?,
                kind: chosen(&CallKind::ALL, CallKind::label, v, "kind", "Which call")?,
                with: text(v, "with").to_owned(),
                at: from_input("When", text(v, "at"))?,
                daily: text(v, "again") == "daily",
            })
        },
    )
}

/// What became of a call.
pub fn end(incident: &Incident, id: EntryId) -> Form {
    let call = incident.calls.iter().find(|c| c.id == id);
    let what = call.map(|c| format!("{} with {} of {}", c.kind.label(), c.with, c.customer));
    let options = [("held", "it was held"), ("off", "it is called off")]
        .map(|(v, l)| (v.to_owned(), l.to_owned()))
        .to_vec();
    form(
        &format!("end-call/{id}"),
        "What became of the call",
        &what.unwrap_or_default(),
        vec![
            Field::new("end", "The call", Input::Choice(options)).value("held"),
            Field::new("text", "What was said, or why it is off", Input::Prose),
        ],
        "Write it down",
        move |v| {
            let words = text(v, "text").to_owned();
            let end = match text(v, "end") {
                "off" => CallEnd::CalledOff { reason: words },
                _ => CallEnd::Held { notes: words },
            };
            Ok(Command::EndCall { call: id, end })
        },
    )
}

/// Add a step to a recovery plan.
pub fn plan_step(incident: &Incident, customer: CustomerId, replica: Replica) -> Form {
    let all = refs(incident);
    form(
        &format!("plan/{}", customer.uuid()),
        "Add a step to the recovery plan",
        "Agreed with the customer: who does what by when.",
        vec![
            customer_field(incident, customer),
            Field::new("what", "What", Input::Line),
            Field::new("ours", "Who of us", people(replica, Some(incident)))
                .optional()
                .hint("or name one of theirs"),
            Field::new("theirs", "Who of them", Input::Line).optional(),
            Field::new("due", "Due", Input::Day),
        ],
        "Add",
        move |v| {
            let side = match (optional(v, "theirs"), optional(v, "ours")) {
                (Some(name), None) => Side::Theirs { name },
                (None, Some(_)) => Side::Ours {
                    person: person(replica, v, "ours")?,
                },
                _ => return Err(Refusal::invalid("Who", "is one of us or one of them")),
            };
            Ok(Command::AddPlanStep {
                customer: chosen_customer(&all, v)?,
                what: text(v, "what").to_owned(),
                side,
                due_on: day("Due date", text(v, "due"))?,
            })
        },
    )
}

/// A step of a recovery plan is done.
pub fn finish_step(incident: &Incident, id: EntryId) -> Form {
    let step = incident.plan.iter().find(|s| s.id == id);
    form(
        &format!("plan-done/{id}"),
        "The step is done",
        &step
            .map(|s| format!("{}: {}", s.customer, s.what))
            .unwrap_or_default(),
        vec![Field::new("text", "What was done", Input::Prose)],
        "Done",
        move |v| {
            Ok(Command::FinishPlanStep {
                step: id,
                note: text(v, "text").to_owned(),
            })
        },
    )
}

/// The post-mortem took place.
pub fn post_mortem_held(replica: Replica) -> Form {
    form(
        "post-mortem-held",
        "The post-mortem was held",
        "",
        vec![Field::new("at", "Held at, UTC", Input::When).value(to_input(replica.server_now()))],
        "It was held",
        |v| {
            Ok(Command::HoldPostMortem {
                at: from_input("Post-mortem held", text(v, "at"))?,
            })
        },
    )
}

/// An action is done.
pub fn finish_action(incident: &Incident, id: EntryId) -> Form {
    let action = incident.actions.iter().find(|a| a.id == id);
    let what = action.map(|a| format!("{}. Done when: {}", a.what, a.acceptance));
    form(
        &format!("action-done/{id}"),
        "The action is done",
        &what.unwrap_or_default(),
        vec![Field::new("text", "What shows it", Input::Prose)],
        "Done",
        move |v| {
            Ok(Command::FinishAction {
                action: id,
                proof: text(v, "text").to_owned(),
            })
        },
    )
}
