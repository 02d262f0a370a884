//! What was decided on a value that somebody else has set since: whoever was without a network would replace
//! a newer decision that they have not seen (S5). The server asks it, of what it decided: what waits on a
//! device is shown there until the server has answered.

use crate::command::Cause;
use crate::customer::{Customer, CustomerField};
use crate::incident::{LastSet, Setting};
use crate::policy::lasting;
use crate::shown::moment;
use crate::{Actor, Event, Incident, PersonRef, Refusal, Role, Time};

/// How much of each value is told, characters: both stand in one sentence.
const TOLD_MAX_CHARS: usize = 120;

/// That `event`, asked for by `actor` at `made_at` (server time) and not applied yet, would replace what
/// somebody else set after that. None where nothing newer stands, or the newer value is the same.
/// `now` is the server's clock: after it was set back, what was set ahead of it says nothing about what
/// was seen, and overtakes nobody.
#[must_use]
pub fn overtaken(
    incident: &Incident,
    event: &Event,
    actor: &Actor,
    made_at: Time,
    now: Time,
) -> Option<Refusal> {
    let Replaced {
        did,
        last: (by, at),
        mine,
    } = replaced(incident, event, now)?;
    let unseen = made_at < at && at <= now && by.id != actor.id;
    unseen.then(|| Refusal::Superseded {
        by: by.name.clone(),
        did: format!("{did}, where yours says {},", cut(&mine)),
        at,
    })
}

/// A value that an event would replace by another.
struct Replaced<'a> {
    /// "set the cadence to 60 min"
    did: String,
    /// Who did, and when.
    last: (&'a PersonRef, Time),
    mine: String,
}

/// None for an event that adds to the record and replaces nothing, where nobody set the value before, and
/// where it says the same.
fn replaced<'a>(incident: &'a Incident, event: &Event, now: Time) -> Option<Replaced<'a>> {
    let last = |setting: Setting| {
        let set = incident.last_set(&setting)?;
        Some((&set.by, set.at))
    };
    let (what, last, theirs, mine) = match event {
        Event::RoleOffered { role, person, .. }
        | Event::RoleHandedOver {
            role, to: person, ..
        } => {
            return asked(incident, *role, person);
        }
        Event::CadenceChanged { every_min, .. } => {
            let set = incident.cadence.as_ref()?;
            let (theirs, mine) = (lasting(set.every_min), lasting(*every_min));
            ("the cadence".to_owned(), (&set.by, set.at), theirs, mine)
        }
        Event::SeverityChanged { to, .. } => {
            let set = incident.severity_changes.last()?;
            let (theirs, mine) = (set.to.label().to_owned(), to.label().to_owned());
            ("the severity".to_owned(), (&set.by, set.at), theirs, mine)
        }
        Event::CauseStated { cause } => {
            let theirs = said_cause(incident.cause.as_ref()?);
            let last = last(Setting::Cause)?;
            ("the cause".to_owned(), last, theirs, said_cause(cause))
        }
        Event::ImpactEnded { at } => {
            let theirs = told(incident.impact_ended_at.map(|at| moment(at, now)));
            let last = last(Setting::ImpactEnd)?;
            let what = "the end of the impact".to_owned();
            (what, last, theirs, moment(*at, now))
        }
        Event::ChannelLinked { url } => {
            let theirs = told(incident.channel_url.clone());
            let last = last(Setting::Channel)?;
            ("the channel".to_owned(), last, theirs, url.clone())
        }
        Event::DealMovedV2 { customer, stage } => {
            let now = incident.customer(customer.id)?;
            let theirs = told(now.deal_stage.clone());
            let field = std::iter::once(CustomerField::DealStage);
            let last = customer_fields(incident, now, field).1?;
            let what = format!("the deal stage of {customer}");
            (what, (&last.by, last.at), theirs, stage.clone())
        }
        Event::CustomerNotedV3 { customer } => {
            let now = incident.customer(customer.id)?;
            let differing = CustomerField::differing(now, customer);
            let (fields, last) = customer_fields(incident, now, differing);
            let last = last?;
            let (theirs, mine) = (in_words(&fields, now), in_words(&fields, customer));
            let what = format!("what is known of {}", now.name);
            (what, (&last.by, last.at), theirs, mine)
        }
        _ => return None,
    };
    (theirs != mine).then(|| Replaced {
        did: format!("set {what} to {}", cut(&theirs)),
        last,
        mine,
    })
}

/// Who is asked to take a role instead of `mine`, or took it last.
fn asked<'a>(incident: &'a Incident, role: Role, mine: &PersonRef) -> Option<Replaced<'a>> {
    let (seat, label) = (incident.seat(role), role.label());
    let (person, did, last) = match (&seat.offer, &seat.holder) {
        (Some(offer), _) => {
            let did = format!("offered {label} to {}", offer.person.name);
            (&offer.person, did, (&offer.by, offer.offered_at))
        }
        (None, Some(holder)) => {
            let did = format!("took over {label}");
            (&holder.person, did, (&holder.person, holder.accepted_at))
        }
        (None, None) => return None,
    };
    (person.id != mine.id).then(|| Replaced {
        did,
        last,
        mine: mine.name.clone(),
    })
}

fn said_cause(cause: &Cause) -> String {
    match cause {
        Cause::Known { text } => format!("known: {text}"),
        Cause::UnderInvestigation { text } => format!("under investigation: {text}"),
    }
}

/// Of the fields in which the two differ those that somebody has set, with who set the newest of them and of what
/// belongs together with them; the line itself was set by whoever put the customer on the incident.
pub(super) fn customer_fields<'a>(
    incident: &'a Incident,
    now: &Customer,
    fields: impl Iterator<Item = CustomerField>,
) -> (Vec<CustomerField>, Option<&'a LastSet>) {
    let mut last: Option<&LastSet> = None;
    let mut set_by_somebody = Vec::new();
    for field in fields {
        let set_last = |field| {
            let of_field = incident.last_set(&Setting::CustomerField(now.id, field));
            of_field.or_else(|| incident.last_set(&Setting::Customer(now.id)))
        };
        let Some(set) = field.together().filter_map(set_last).max_by_key(|s| s.at) else {
            continue;
        };
        set_by_somebody.push(field);
        last = last.filter(|newest| newest.at >= set.at).or(Some(set));
    }
    (set_by_somebody, last)
}

/// What these fields say, and those that belong together with them, in words.
pub(super) fn in_words(fields: &[CustomerField], of: &Customer) -> String {
    let mut all = Vec::new();
    for field in fields.iter().flat_map(|f| f.together()) {
        if !all.contains(&field) {
            all.push(field);
        }
    }
    let each: Vec<String> = all
        .iter()
        .map(|f| format!("{} {}", f.label(), f.shown(of)))
        .collect();
    each.join(", ")
}

fn told<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(|| "none".to_owned(), |v| v.to_string())
}

pub(super) fn cut(value: &str) -> String {
    match value.char_indices().nth(TOLD_MAX_CHARS) {
        Some((end, _)) => format!("{}…", value.get(..end).unwrap_or_default()),
        None => value.to_owned(),
    }
}
