//! A checklist for each phase of the playbook, ticked by what the record already shows
//! (RUNBOOK §12).

use crate::gate;
use crate::{Incident, Policy, Role, Severity, Status};

/// One line of a checklist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// What is to be there.
    pub what: String,
    /// Whether the record shows it.
    pub done: bool,
}

/// The checklist of one phase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phase {
    /// Its name.
    pub name: &'static str,
    /// In the order of the playbook.
    pub items: Vec<Item>,
}

impl Phase {
    /// How many lines are ticked.
    #[must_use]
    pub fn done(&self) -> usize {
        self.items.iter().filter(|i| i.done).count()
    }
}

fn item(what: impl Into<String>, done: bool) -> Item {
    Item {
        what: what.into(),
        done,
    }
}

/// All phases, first to last.
#[must_use]
pub fn phases(incident: &Incident, policy: &Policy) -> Vec<Phase> {
    vec![
        Phase {
            name: "Declare",
            items: declare(incident),
        },
        Phase {
            name: "Communicate",
            items: communicate(incident),
        },
        Phase {
            name: "Contain and fix",
            items: fix(incident, policy),
        },
        Phase {
            name: "Resolve",
            items: gated(incident, &[Status::Mitigated, Status::Resolved], policy),
        },
        Phase {
            name: "Close and learn",
            items: close(incident, policy),
        },
    ]
}

fn declare(incident: &Incident) -> Vec<Item> {
    let answered = incident
        .declared
        .as_ref()
        .is_some_and(|d| d.proposal.is_some());
    let mut items = vec![
        item("Declared", incident.declared.is_some()),
        item("The five questions answered", answered),
    ];
    let sponsor = incident.severity() == Some(Severity::Sev1);
    for role in Role::ALL {
        if role != Role::Sponsor || sponsor {
            items.push(item(
                format!("{} accepted", role.label()),
                incident.holder(role).is_some(),
            ));
        }
    }
    items.push(item("Channel linked", incident.channel_url.is_some()));
    items
}

fn communicate(incident: &Incident) -> Vec<Item> {
    let mut items = vec![
        item("First customer update", !incident.told().is_empty()),
        item(
            "Customers who are hurt are named",
            !incident.customers.is_empty(),
        ),
        item("Colleagues told", !incident.told_inside.is_empty()),
    ];
    if incident.severity().is_some_and(Severity::is_high) {
        items.insert(
            1,
            item("First executive brief", !incident.briefs.is_empty()),
        );
    }
    items
}

fn fix(incident: &Incident, policy: &Policy) -> Vec<Item> {
    let mut items = gated(incident, &[Status::Contained], policy);
    let known =
        !incident.mitigations.is_empty() && incident.mitigations.iter().all(|m| m.result.is_some());
    items.push(item("What came of each mitigation", known));
    let concluded = incident.hypotheses.iter().all(|h| h.conclusion.is_some());
    items.push(item(
        "A hypothesis followed to its end",
        !incident.hypotheses.is_empty() && concluded,
    ));
    for ask in &incident.asks {
        let what = format!("{} answered: {}", ask.party.label(), ask.what);
        items.push(item(what, ask.answer.is_some()));
    }
    items
}

/// What the gates to these statuses ask for, each thing once. What stood when a gate was passed
/// counts as there.
fn gated(incident: &Incident, to: &[Status], policy: &Policy) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    for status in to {
        for criterion in gate::criteria(incident, *status, policy) {
            let what = criterion.need.label(policy);
            if !items.iter().any(|i| i.what == what) {
                items.push(item(what, criterion.met));
            }
        }
    }
    items
}

fn close(incident: &Incident, policy: &Policy) -> Vec<Item> {
    let mut items = gated(incident, &[Status::Closed], policy);
    items.push(item(
        "Post-mortem held",
        incident.post_mortem_held_at.is_some(),
    ));
    let done = !incident.actions.is_empty() && incident.actions.iter().all(|a| a.done.is_some());
    items.push(item("Every action done, with proof", done));
    items
}
