//! What was decided on a value that somebody else has set since: whoever was without a network would replace
//! a newer decision that they have not seen (S5). The server asks it, of what it decided: what waits on a
//! device is shown there until the server has answered.

use crate::command::Cause;
use crate::customer::{ChurnRisk, Customer, Money};
use crate::incident::Setting;
use crate::policy::lasting;
use crate::shown::{Shown as _, moment};
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
    let known = |name: &str| incident.customers.iter().find(|c| c.name == name);
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
        Event::DealMoved { customer, stage } => {
            let theirs = told(known(customer)?.deal_stage.clone());
            let last = last(Setting::Deal(customer.clone()))?;
            let what = format!("the deal stage of {customer}");
            (what, last, theirs, stage.clone())
        }
        Event::CustomerKnown { customer } => {
            let name = &customer.name;
            let (theirs, mine) = differing(known(name)?, customer);
            let last = last(Setting::Customer(name.clone()))?;
            (format!("what is known of {name}"), last, theirs, mine)
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

/// Where they differ, in the words of each.
fn differing(theirs: &Customer, mine: &Customer) -> (String, String) {
    let pairs = facts(theirs).into_iter().zip(facts(mine));
    let (theirs, mine): (Vec<_>, Vec<_>) = pairs
        .filter(|(theirs, mine)| theirs != mine)
        .map(|((label, theirs), (_, mine))| {
            (format!("{label} {theirs}"), format!("{label} {mine}"))
        })
        .unzip();
    (theirs.join(", "), mine.join(", "))
}

/// What is known of a customer, one by one.
fn facts(customer: &Customer) -> [(&'static str, String); 15] {
    let Customer {
        name: _,
        tier,
        annual_revenue,
        renews_on,
        sees,
        sentiment_before,
        sentiment_now,
        churn_before,
        churn_now,
        churn_reason,
        account,
        currency,
        monthly_fee,
        impact_from,
        impact_to,
        deal_stage,
    } = customer;
    let time = |at: &Option<Time>| told(at.map(|at| at.shown("%Y-%m-%d %H:%M UTC")));
    [
        ("sentiment now", told(*sentiment_now)),
        ("churn risk now", told(churn_now.map(ChurnRisk::label))),
        ("because", told(churn_reason.clone())),
        ("deal stage", told(deal_stage.clone())),
        ("hurt from", time(impact_from)),
        ("hurt until", time(impact_to)),
        ("what they see", sees.clone()),
        ("tier", tier.clone()),
        ("revenue", annual_revenue.to_string()),
        ("currency", told(currency.clone())),
        ("monthly fee", told(monthly_fee.as_ref().map(Money::shown))),
        ("renewal", told(*renews_on)),
        ("sentiment before", told(*sentiment_before)),
        (
            "churn risk before",
            told(churn_before.map(ChurnRisk::label)),
        ),
        ("account", told(*account)),
    ]
}

fn told<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(|| "none".to_owned(), |v| v.to_string())
}

fn cut(value: &str) -> String {
    match value.char_indices().nth(TOLD_MAX_CHARS) {
        Some((end, _)) => format!("{}…", value.get(..end).unwrap_or_default()),
        None => value.to_owned(),
    }
}
