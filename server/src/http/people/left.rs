//! What somebody who is removed leaves in their name. It is told and not taken from them: to whom
//! it goes is for people to decide.

use super::places::Room;
use crate::http::Site;
use crate::http::fault::Fault;
use crate::http::screens::wrong;
use crate::people::Everybody;
use app::api::LinkKind;
use app::parts::share::links_path;
use domain::approval::ApprovalRow;
use domain::call::Side;
use domain::draft::Of;
use domain::{Incident, PersonId, Policy};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

/// Incidents that are looked through for what is still to be done, the newest first.
const LOOKED_AT_MAX: u32 = 500;

/// One thing in the name of one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Left {
    /// What it is.
    pub(super) what: String,
    /// Where it is dealt with.
    pub(super) href: String,
    /// What that place is called.
    pub(super) label: String,
}

/// All that is left in the name of this person.
pub(super) async fn left(site: &Site, person: PersonId) -> Result<Vec<Left>, Fault> {
    let live = site.log.live();
    let mut incidents: BTreeMap<_, Arc<Incident>> =
        live.iter().map(|(id, i)| (*id, Arc::clone(i))).collect();
    for id in site.store.entrusted(person, LOOKED_AT_MAX).await? {
        // Open ones are there already, as they are now.
        if let Entry::Vacant(place) = incidents.entry(id) {
            place.insert(site.log.incident_by_id(id).await.map_err(wrong)?);
        }
    }
    // Ids are in the order they began: the newest comes first.
    let mut all: Vec<Left> = incidents
        .values()
        .rev()
        .flat_map(|incident| of_incident(incident, person))
        .collect();
    let people = site.log.people().now();
    all.extend(approvals(&site.log.policy(), &people, person));
    for link in site.store.open_links().await? {
        if link.made_by.id == person {
            all.push(Left {
                what: match link.label.as_str() {
                    "" => "A secret link that they made and can read by:".to_owned(),
                    label => format!("A secret link for {label} that they made and can read by:"),
                },
                href: links_path(link.kind, &link.target),
                label: match link.kind {
                    LinkKind::Status => {
                        let page = site.log.customer_page(&link.target).await;
                        page.map_or_else(
                            |_| "the page of a customer".to_owned(),
                            |(_, name)| format!("the page of {name}"),
                        )
                    }
                    LinkKind::Brief => "an executive brief".to_owned(),
                },
            });
        }
    }
    Ok(all)
}

/// What is to be done on one incident, whether it is open or closed.
fn of_incident(incident: &Incident, person: PersonId) -> Vec<Left> {
    let mut all = Vec::new();
    let mut add = |what: String| {
        let Room { href, label } = Room::of(incident);
        all.push(Left { what, href, label });
    };
    let open = incident.is_open();
    for h in incident.hypotheses.iter().filter(|_| open) {
        if h.owner.id == person && h.conclusion.is_none() {
            add(format!("Follows the hypothesis “{}”:", h.statement));
        }
    }
    for action in &incident.actions {
        if action.owner.id == person && action.done.is_none() {
            let (what, due_on) = (&action.what, action.due_on);
            add(format!("Owns the action “{what}”, due on {due_on}:"));
        }
    }
    for step in &incident.plan {
        if matches!(&step.side, Side::Ours { person: p } if p.id == person) && step.done.is_none() {
            let (what, customer) = (&step.what, &step.customer);
            add(format!(
                "Has to do “{what}” for {customer}, by {}:",
                step.due_on
            ));
        }
    }
    if let Some(booked) = incident.booking()
        && booked.facilitator.id == person
        && incident.held_at().is_none()
    {
        let at = booked.at.format("%-d %B %Y, %H:%M UTC");
        add(format!("Leads the post-mortem on {at}:"));
    }
    for of in [Of::Update, Of::Brief] {
        if open && incident.draft(of).is_some_and(|d| d.by.id == person) {
            let of = of.label();
            add(format!("Writes the {of}, which can be taken over:"));
        }
    }
    all
}

/// The rows of the approval matrix that name them. That of the policy in force holds everywhere.
fn approvals(policy: &Policy, people: &Everybody, person: PersonId) -> Vec<Left> {
    let rows = policy.credit_matrix.iter();
    let rows = rows.filter(|row| row.people.contains(&person));
    rows.map(|row| Left {
        what: approves(row, people, person),
        href: "/policy/edit".to_owned(),
        label: "the policy in force".to_owned(),
    })
    .collect()
}

fn approves(row: &ApprovalRow, people: &Everybody, person: PersonId) -> String {
    let amount = row.up_to.as_ref().map_or_else(
        || "of any amount".to_owned(),
        |max| format!("up to {}", max.shown()),
    );
    let others = row.people.iter().filter(|id| **id != person);
    let here = others.filter(|id| !people.is_removed(**id)).count();
    let rest = match here {
        0 => "; nobody else is named, so nobody could approve them",
        _ => "",
    };
    format!("Approves credits {amount} as {}{rest}:", row.approver)
}
