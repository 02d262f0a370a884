//! What is known of the customers on an incident (RUNBOOK §9). The deal with them goes on after it
//! is closed.

use super::credit::may_stand_at;
use super::overtaken::{customer_fields, cut, in_words};
use super::{must_be_open, past};
use crate::account::key;
use crate::customer::{Customer, CustomerField, CustomerId, CustomerRef, Money};
use crate::draft::{Of, Stage};
use crate::impact::Window;
use crate::incident::Setting;
use crate::money::is_currency;
use crate::shown::Shown as _;
use crate::text::{self, line, optional, prose};
use crate::worth::Pays;
use crate::{Actor, Command, CommandId, Event, Incident, Policy, Refusal, Time};

/// More than a trillion of the currency is a typing error.
const REVENUE_MAX: u64 = 1_000_000_000_000;
/// More readers than this are the public.
pub const READERS_MAX: usize = 100;

pub(super) fn decide(
    incident: &Incident,
    command: Command,
    author: &Actor,
    policy: &Policy,
    account: Option<&Pays>,
    now: Time,
) -> Result<Vec<Event>, Refusal> {
    let event = decide_one(incident, command, author, policy, account, now)?;
    let returned = return_of_text(incident, &event);
    Ok(std::iter::once(event).chain(returned).collect())
}

fn decide_one(
    incident: &Incident,
    command: Command,
    author: &Actor,
    policy: &Policy,
    account: Option<&Pays>,
    now: Time,
) -> Result<Event, Refusal> {
    match command {
        Command::NoteCustomer { customer } => {
            must_be_open(incident)?;
            let customer = put_on(incident, customer)?;
            credit_may_be_joined(incident, &customer, policy, account)?;
            let event = noted(incident, customer, policy, now)?;
            if let Event::CustomerNotedV3 { customer } = &event {
                replaces_own_words(incident, customer, author)?;
            }
            Ok(event)
        }
        Command::AddCustomer { customer } => {
            must_be_open(incident)?;
            added(incident, &customer)
        }
        Command::ChangeCustomer { was, to } => {
            let customer = changed(incident, &was, &to);
            // Whoever can still be told something is called by the name of today.
            let can_be_told = incident.resolution_published();
            let is_renamed = |c: &Customer| can_be_told && is_renamed_only(incident, c);
            if !customer.as_ref().is_ok_and(is_renamed) {
                must_be_open(incident)?;
            }
            let customer = customer?;
            credit_may_be_joined(incident, &customer, policy, account)?;
            noted(incident, customer, policy, now)
        }
        Command::MoveDeal { customer, stage } => deal(incident, &customer, &stage),
        Command::IdentifyCustomers { bearers } if !incident.customers_identified => {
            for bearer in &bearers {
                line("Name", &bearer.name)?;
            }
            Ok(Event::CustomersIdentified { bearers })
        }
        Command::IdentifyCustomers { .. } => {
            Err(Refusal::out_of_order("Its customers have ids already."))
        }
        _ => Err(Refusal::NoSuchIncident),
    }
}

/// A text to a customer without an account that was put up, or approved, goes back when they get another name: it was
/// read and approved under the old one.
fn return_of_text(incident: &Incident, event: &Event) -> Option<Event> {
    let Event::CustomerNotedV3 { customer } = event else {
        return None;
    };
    let known = incident.customer(customer.id)?;
    let has_account = known.account.is_some() || customer.account.is_some();
    if has_account || known.name == customer.name {
        return None;
    }
    let (Stage::Ready { id, text, .. } | Stage::Approved { id, text, .. }) =
        &incident.draft(Of::Update)?.stage
    else {
        return None;
    };
    text.is_read_by(known).then(|| Event::DraftReturned {
        draft: *id,
        reason: format!(
            "“{}” is called “{}” since. Look at it again, and put it up again.",
            known.name, customer.name
        ),
    })
}

/// The line that is meant. An older build sends a name alone: it means the one line of that name.
pub(super) fn known_customer<'a>(
    incident: &'a Incident,
    named: &CustomerRef,
) -> Result<&'a Customer, Refusal> {
    let mut found = incident
        .customers
        .iter()
        .filter(|c| match named.id.is_set() {
            true => c.is(named.id),
            false => c.name == named.name,
        });
    match (found.next(), found.next()) {
        (Some(only), None) => Ok(only),
        (Some(_), Some(_)) => {
            let problem = format!("“{named}” are two on this incident; choose one of them");
            Err(Refusal::invalid("Customer", problem))
        }
        (None, _) => {
            let problem = format!("“{named}” is not on this incident; add them first");
            Err(Refusal::invalid("Customer", problem))
        }
    }
}

/// The line that is meant, as it goes on the record.
pub(super) fn known_ref(incident: &Incident, named: &CustomerRef) -> Result<CustomerRef, Refusal> {
    called_now(known_customer(incident, named)?, named)
}

/// What the server's door says that an account is called counts, and not what its line was called when
/// it was put on the incident.
pub(super) fn called_now(known: &Customer, named: &CustomerRef) -> Result<CustomerRef, Refusal> {
    if known.account.is_none() || named.id.is_unset() {
        return Ok(known.to_ref());
    }
    Ok(CustomerRef::new(known.id, line("Customer", &named.name)?))
}

/// Who reads: each once, by the id of their line where they have one. An account needs none.
pub(super) fn readers(
    incident: &Incident,
    named: Vec<CustomerRef>,
) -> Result<Vec<CustomerRef>, Refusal> {
    const FIELD: &str = "Audience";
    if named.is_empty() {
        let problem = "names no customer; name one or choose public";
        return Err(Refusal::invalid(FIELD, problem));
    }
    if named.len() > READERS_MAX {
        let problem = format!("names more than {READERS_MAX} customers");
        return Err(Refusal::invalid(FIELD, problem));
    }
    let mut readers: Vec<CustomerRef> = Vec::with_capacity(named.len());
    for customer in named {
        let name = line("Customer", &customer.name)?;
        let reader = match (customer.id, incident.customer(customer.id)) {
            (_, Some(known)) => called_now(known, &customer)?,
            (id @ CustomerId::Account(_), None) => CustomerRef::new(id, name),
            (CustomerId::Entry(_), None) => known_customer(incident, &customer)?.to_ref(),
        };
        if !readers.contains(&reader) {
            readers.push(reader);
        }
    }
    Ok(readers)
}

fn deal(incident: &Incident, customer: &CustomerRef, stage: &str) -> Result<Event, Refusal> {
    let known = known_customer(incident, customer)?;
    let stage = line("Deal stage", stage)?;
    if known.deal_stage.as_ref() == Some(&stage) {
        return Err(Refusal::invalid("Deal stage", "is this already"));
    }
    let customer = called_now(known, customer)?;
    Ok(Event::DealMovedV2 { customer, stage })
}

/// Gives a line that an older build puts on the incident without an id that of its command, as the fold does: what is
/// judged by the id must be judged by that one.
///
/// # Errors
/// A [`Refusal`] when the command would make a line and has the id of one that is there, which it would replace.
pub fn assign_line_id(
    incident: &Incident,
    command: &mut Command,
    id: CommandId,
) -> Result<(), Refusal> {
    match command {
        Command::AddCustomer { .. } => {}
        Command::NoteCustomer { customer } if customer.id.is_set() => {}
        Command::NoteCustomer { customer } => {
            let named = CustomerRef::by_name(text::name("Customer", &customer.name)?);
            if known_customer(incident, &named).is_ok() {
                return Ok(());
            }
            if customer.account.is_none() {
                customer.id = CustomerId::Entry(id);
                has_id(customer.id)?;
            }
        }
        _ => return Ok(()),
    }
    not_on_it_yet(incident, CustomerId::Entry(id))
}

fn has_id(id: CustomerId) -> Result<(), Refusal> {
    match id.is_set() {
        true => Ok(()),
        false => Err(Refusal::invalid("Customer", "has no id")),
    }
}

/// A new line, or what an older build says anew of the line of that name.
fn put_on(incident: &Incident, c: Customer) -> Result<Customer, Refusal> {
    if c.id.is_unset() {
        let named = CustomerRef::by_name(text::name("Customer", &c.name)?);
        if let Ok(known) = known_customer(incident, &named) {
            let account = c.account.or(known.account);
            let c = Customer {
                id: known.id,
                account,
                ..c
            };
            may_be_joined(known, &c)?;
            return Ok(c);
        }
        one_line_per_account(incident, &c)?;
        let id = c.account.map_or(c.id, CustomerId::Account);
        return Ok(Customer { id, ..c });
    }
    not_on_it_yet(incident, c.id)?;
    let account = c.id.account().or(c.account);
    Ok(Customer { account, ..c })
}

/// An older build says a whole line anew and not what its author saw of it: taken is what replaces its
/// author's own words alone.
fn replaces_own_words(incident: &Incident, c: &Customer, author: &Actor) -> Result<(), Refusal> {
    let Some(known) = incident.customers.iter().find(|k| k.id == c.id) else {
        return Ok(());
    };
    for field in CustomerField::differing(known, c) {
        let (_, last) = customer_fields(incident, known, std::iter::once(field));
        let Some(last) = last.filter(|last| last.by.id != author.id) else {
            continue;
        };
        let theirs = cut(&in_words(&[field], known));
        let mine = cut(&in_words(&[field], c));
        return Err(Refusal::out_of_order(format!(
            "{} set what is known of {} to {theirs}, where yours says {mine}. This page is older than the program \
             and would replace the whole line. Reload the page, then change that line.",
            last.by.name, known.name
        )));
    }
    Ok(())
}

fn not_on_it_yet(incident: &Incident, id: CustomerId) -> Result<(), Refusal> {
    let Some(known) = incident.customer(id) else {
        return Ok(());
    };
    Err(match incident.last_set(&Setting::Customer(known.id)) {
        Some(set) => Refusal::Superseded {
            by: set.by.name.clone(),
            did: format!("put {} on this incident; change that line", known.name),
            at: set.at,
        },
        None => Refusal::AlreadyExists,
    })
}

pub(super) fn added(incident: &Incident, customer: &CustomerRef) -> Result<Event, Refusal> {
    has_id(customer.id)?;
    not_on_it_yet(incident, customer.id)?;
    let customer = named_only(customer)?;
    one_line_per_account(incident, &customer)?;
    Ok(Event::CustomerNotedV3 { customer })
}

/// A line of which no more than the name is known.
fn named_only(customer: &CustomerRef) -> Result<Customer, Refusal> {
    Ok(Customer {
        id: customer.id,
        name: text::name("Customer", &customer.name)?,
        account: customer.id.account(),
        ..Customer::default()
    })
}

/// The line with what its author changed in it, and what others changed meanwhile.
fn changed(incident: &Incident, was: &Customer, to: &Customer) -> Result<Customer, Refusal> {
    // What its author saw is not kept, and is bounded as what is.
    for (_, text) in crate::json::texts(was) {
        optional("As you saw it", Some(&text))?;
    }
    if to.id != was.id {
        let problem = "is another line than the one that you saw; open the form again";
        return Err(Refusal::invalid("Customer", problem));
    }
    let known = known_customer(incident, &was.to_ref())?;
    may_be_joined(known, to)?;
    // Else the line would get the name of an account, and would not be joined to it.
    if known.account.is_none() && to.account.is_some() && was.account == to.account {
        let problem = "has no account on this incident; open the form again, and choose it there";
        return Err(Refusal::invalid("Customer", problem));
    }
    let mut merged = known.clone();
    // The name of an account is nobody's to choose here.
    let has_account = to.account.is_some();
    if has_account {
        merged.name.clone_from(&to.name);
    }
    let mut met = Vec::new();
    for field in CustomerField::differing(was, to) {
        if field == CustomerField::Name && has_account {
            continue;
        }
        if field.is_alike(known, was) || field.is_alike(known, to) {
            field.copy(to, &mut merged);
        } else {
            met.push(field);
        }
    }
    if met.is_empty() {
        return Ok(merged);
    }
    let (_, last) = customer_fields(incident, known, met.iter().copied());
    let theirs = cut(&in_words(&met, known));
    let mine = cut(&in_words(&met, to));
    let did = format!(
        "set what is known of {} to {theirs}, where yours says {mine},",
        known.name
    );
    Err(match last {
        Some(last) => Refusal::Superseded {
            by: last.by.name.clone(),
            did,
            at: last.at,
        },
        None => Refusal::out_of_order(format!("Somebody {did} before you did.")),
    })
}

/// What is recorded of one account never becomes that of another.
fn may_be_joined(known: &Customer, to: &Customer) -> Result<(), Refusal> {
    if known.account.is_none() || known.account == to.account {
        return Ok(());
    }
    let problem = format!(
        "is the line of the account “{}”; put another customer on the incident as a line of its own",
        known.name
    );
    Err(Refusal::invalid("Customer", problem))
}

/// A credit is weighed by whose it is: what waits for an entry, or was approved for it, does not become an
/// account's that is worth more.
fn credit_may_be_joined(
    incident: &Incident,
    to: &Customer,
    policy: &Policy,
    account: Option<&Pays>,
) -> Result<(), Refusal> {
    let known = incident.customer(to.id);
    let Some(known) = known.filter(|k| k.account.is_none() && to.account.is_some()) else {
        return Ok(());
    };
    if let Some(waits) = incident.proposal_for(known.id) {
        return Err(Refusal::out_of_order(format!(
            "{} proposed “{}” for {}, which waits for an answer. Have it rejected, choose the account then, and propose it for the account.",
            waits.by.name,
            waits.credit.label(),
            known.name
        )));
    }
    may_stand_at(incident, known, account, policy)
}

fn noted(incident: &Incident, c: Customer, policy: &Policy, now: Time) -> Result<Event, Refusal> {
    if is_renamed_only(incident, &c) {
        let name = line("Customer", &c.name)?;
        let customer = Customer { name, ..c };
        return Ok(Event::CustomerNotedV3 { customer });
    }
    let in_range = |s: Option<i8>| s.is_none_or(|s| (-2..=2).contains(&s));
    if !in_range(c.sentiment_before) || !in_range(c.sentiment_now) {
        return Err(Refusal::invalid("Sentiment", "must be between −2 and +2"));
    }
    // A line from before this was left out of names can still be changed.
    let is_kept = incident.customer(c.id).is_some_and(|k| k.name == c.name);
    let c = Customer {
        name: match is_kept {
            true => line("Customer", &c.name)?,
            false => text::name("Customer", &c.name)?,
        },
        ..c
    };
    one_line_per_account(incident, &c)?;
    let (currency, monthly_fee) = paid(&c, policy)?;
    let (impact_from, impact_to) = window(incident, &c, now)?;
    let customer = Customer {
        tier: line("Tier", &c.tier)?,
        sees: prose("What they see", &c.sees)?,
        churn_reason: churn_reason(&c)?,
        currency: Some(currency),
        monthly_fee,
        impact_from,
        impact_to,
        deal_stage: c
            .deal_stage
            .as_deref()
            .map(|d| line("Deal stage", d))
            .transpose()?,
        ..c
    };
    Ok(Event::CustomerNotedV3 { customer })
}

/// Whether nothing but the name of its account is new. What stands beside it is not judged again: an older
/// build may have taken it.
fn is_renamed_only(incident: &Incident, c: &Customer) -> bool {
    let known = incident.customers.iter().find(|k| k.id == c.id);
    known.filter(|k| k.account.is_some()).is_some_and(|known| {
        let mut differing = CustomerField::differing(known, c);
        differing.next() == Some(CustomerField::Name) && differing.next().is_none()
    })
}

/// On two lines one account would be counted, called and credited twice. Capitals, spaces and what cannot
/// be seen make no other customer; two accounts may have the same name, one after the other.
fn one_line_per_account(incident: &Incident, c: &Customer) -> Result<(), Refusal> {
    let seen = |name: &str| {
        let seen = text::name("Customer", name);
        key(seen.as_deref().unwrap_or(name))
    };
    let named = seen(&c.name);
    let before = incident.customers.iter().find(|k| k.id == c.id);
    // Whoever is on it under both names already can still be changed, and an account can be renamed.
    let is_renamed = before.is_none_or(|k| {
        let is_same_account = k.account.is_some() && k.account == c.account;
        k.name != c.name && !is_same_account
    });
    let same = |k: &&Customer| {
        let both = (k.account, c.account);
        k.id != c.id
            && match both {
                (Some(one), Some(other)) => one == other,
                _ => is_renamed && seen(&k.name) == named,
            }
    };
    incident
        .customers
        .iter()
        .find(same)
        .map_or(Ok(()), |known| {
            let problem = format!(
                "is the account of “{}”, which is on this incident; change that line",
                known.name
            );
            Err(Refusal::invalid("Customer", problem))
        })
}

/// The currency of both amounts, and the fee.
fn paid(c: &Customer, policy: &Policy) -> Result<(String, Option<Money>), Refusal> {
    const TOO_MUCH: &str = "is more than a trillion";
    let home = || policy.currency.clone();
    let currency = c.currency.clone().unwrap_or_else(home);
    if !is_currency(&currency) {
        let problem = "must be the three letters of a currency, such as EUR";
        return Err(Refusal::invalid("Currency", problem));
    }
    if c.annual_revenue > REVENUE_MAX {
        return Err(Refusal::invalid("Annual revenue", TOO_MUCH));
    }
    match &c.monthly_fee {
        Some(fee) if fee.currency != currency => {
            let problem = format!("must be in {currency}, as the revenue is");
            Err(Refusal::invalid("Monthly fee", problem))
        }
        Some(fee) if fee.whole() > REVENUE_MAX => Err(Refusal::invalid("Monthly fee", TOO_MUCH)),
        fee => Ok((currency, fee.clone())),
    }
}

/// A risk without a reason is a guess: nobody can act on it (RUNBOOK §9).
fn churn_reason(c: &Customer) -> Result<Option<String>, Refusal> {
    const FIELD: &str = "Why this churn risk";
    match (c.churn_now, optional(FIELD, c.churn_reason.as_deref())?) {
        (Some(_), None) => Err(Refusal::invalid(
            FIELD,
            "must not be empty: a risk now needs its reason",
        )),
        (None, Some(_)) => Err(Refusal::invalid(
            FIELD,
            "stands without a churn risk now; rate it, or empty this",
        )),
        (_, reason) => Ok(reason),
    }
}

/// Both ends of the impact window. It may begin before the incident's: what was declared first
/// was a first guess, and what a customer finds in their own logs is better.
fn window(
    incident: &Incident,
    c: &Customer,
    now: Time,
) -> Result<(Option<Time>, Option<Time>), Refusal> {
    const FROM: &str = "Hurt from";
    const TO: &str = "Hurt until";
    let from = c.impact_from.map(|at| past(FROM, at, now)).transpose()?;
    let to = c.impact_to.map(|at| past(TO, at, now)).transpose()?;
    let stated = Customer {
        impact_from: from,
        impact_to: to,
        ..Customer::default()
    };
    // What was not said here is not judged here.
    let (field, problem) = match (Window::of(incident, &stated), from, to) {
        (Some(window), _, Some(_)) if !window.is_sound() => (
            TO,
            format!("must be after {} UTC", window.from.shown("%Y-%m-%d %H:%M")),
        ),
        (Some(window), Some(_), None) if !window.is_sound() => (
            FROM,
            "must be before the impact of the incident ended".to_owned(),
        ),
        _ => return Ok((from, to)),
    };
    Err(Refusal::invalid(field, problem))
}
