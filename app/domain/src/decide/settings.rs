//! A new version of the policy. That only an administrator may send it is checked at the door,
//! where it is known who is one.

use crate::approval::{self, ApprovalRow};
use crate::policy::minutes;
use crate::text::{line, prose};
use crate::triage::SeverityRule;
use crate::zone::Zone;
use crate::{Command, Event, Policy, Refusal, order};
use chrono::Datelike;

/// No place on earth is further from UTC than a day.
const OFFSET_MAX_MIN: u32 = 24 * 60;
/// Shifts are known from the first time zones on, and guessed for some centuries.
const YEARS: std::ops::RangeInclusive<i32> = 1800..=2500;

pub(super) fn decide(command: Command, policy: &Policy) -> Result<Event, Refusal> {
    let Command::ChangePolicy {
        policy: wanted,
        reason,
        after_version,
    } = command
    else {
        return Err(Refusal::NoSuchIncident);
    };
    if after_version != policy.version {
        return Err(Refusal::out_of_order(format!(
            "The policy was changed to version {} while you were writing. Read it, then make your change again.",
            policy.version
        )));
    }
    Ok(Event::PolicyChanged {
        policy: Box::new(Policy {
            version: policy.version.saturating_add(1),
            ..checked(*wanted)?
        }),
        reason: prose("Reason", &reason)?,
    })
}

fn checked(p: Policy) -> Result<Policy, Refusal> {
    numbers(&p)?;
    let currency = currency(&p.currency)?;
    let mut holidays = p.holidays;
    order::by(&mut holidays, |day| [day.num_days_from_ce().into(), 0, 0]);
    holidays.dedup();
    Ok(Policy {
        page_name: line("Page name", &p.page_name)?,
        credit_matrix: approvals(p.credit_matrix, &currency)?,
        currency,
        components: lines("Component", p.components)?,
        channel_prefix: prefix(&p.channel_prefix)?,
        severity_rules: rules(p.severity_rules)?,
        holidays: bounded("Holidays", holidays)?,
        zone: zone(p.zone)?,
        jargon: lines("Jargon", p.jargon)?,
        internal_names: lines("Internal name", p.internal_names)?,
        ..p
    })
}

/// Worst first; of those of one severity, in the order given, because the first that fires is named.
fn rules(rules: Vec<SeverityRule>) -> Result<Vec<SeverityRule>, Refusal> {
    let rules = bounded("Severity rules", rules)?.into_iter();
    let mut rules = rules
        .map(SeverityRule::checked)
        .collect::<Result<Vec<_>, Refusal>>()?;
    order::by(&mut rules, |rule| [rule.severity as i64, 0, 0]);
    Ok(rules)
}

fn approvals(matrix: Vec<ApprovalRow>, currency: &str) -> Result<Vec<ApprovalRow>, Refusal> {
    let mut matrix = bounded("Approval rows", matrix)?;
    for row in &mut matrix {
        row.approver = line("Approver", &row.approver)?;
        let mut once = Vec::new();
        for id in bounded("People of a row", std::mem::take(&mut row.people))? {
            if !once.contains(&id) {
                once.push(id);
            }
        }
        row.people = once;
    }
    approval::check(&matrix, currency)?;
    Ok(matrix)
}

/// Every span of time, by its label.
fn numbers(p: &Policy) -> Result<(), Refusal> {
    let [c1, c2, c3] = p.cadence_min;
    let [r1, r2, r3] = p.response_min;
    let longest = Policy::MINUTES_MAX;
    for (field, min, max) in [
        ("Declare or dismiss", p.triage_min, longest),
        ("Incident Commander named", p.commander_min, longest),
        ("Core roles named", p.core_roles_min, longest),
        ("Executive Sponsor named", p.sponsor_min, longest),
        ("Role accepted", p.accept_min, longest),
        ("First customer update", p.first_update_min, longest),
        ("Cadence for SEV-1", c1, longest),
        ("Cadence for SEV-2", c2, longest),
        ("Cadence for SEV-3", c3, longest),
        ("First executive brief", p.first_brief_min, longest),
        ("Executive brief", p.brief_every_min, longest),
        (
            "Hypothesis timebox",
            p.hypothesis_min,
            Policy::TIMEBOX_MAX_MIN,
        ),
        ("Response for SEV-1", r1, longest),
        ("Response for SEV-2", r2, longest),
        ("Response for SEV-3", r3, longest),
        ("Commander relief", p.relief_min, longest),
    ] {
        if !(1..=max).contains(&min) {
            let days = minutes(max).num_days();
            let problem = format!("must be between 1 minute and {days} days");
            return Err(Refusal::invalid(field, problem));
        }
    }
    for (field, days) in [
        ("Post-mortem held", p.post_mortem_business_days),
        ("Post-mortem booked", p.booked_business_days),
        ("Credit decision", p.credit_business_days),
    ] {
        if !(1..=Policy::BUSINESS_DAYS_MAX).contains(&days) {
            let max = Policy::BUSINESS_DAYS_MAX;
            let problem = format!("must be between 1 and {max} business days");
            return Err(Refusal::invalid(field, problem));
        }
    }
    if p.booked_business_days > p.post_mortem_business_days {
        return Err(Refusal::invalid(
            "Post-mortem booked",
            "must not be later than the post-mortem itself",
        ));
    }
    Ok(())
}

fn currency(code: &str) -> Result<String, Refusal> {
    let code = code.trim().to_ascii_uppercase();
    if code.len() == 3 && code.chars().all(|c| c.is_ascii_uppercase()) {
        Ok(code)
    } else {
        Err(Refusal::invalid(
            "Currency",
            "must be a code of three letters, such as EUR",
        ))
    }
}

/// A zone as the server looks it up: anything else would stop clocks on every screen.
fn zone(zone: Zone) -> Result<Zone, Refusal> {
    const FIELD: &str = "Time zone";
    let name = line(FIELD, &zone.name)?;
    let mut offsets =
        std::iter::once(zone.utc_offset_min).chain(zone.shifts.iter().map(|s| s.utc_offset_min));
    if offsets.any(|min| min.unsigned_abs() > OFFSET_MAX_MIN) {
        return Err(Refusal::invalid(FIELD, "is more than a day away from UTC"));
    }
    if !zone.shifts.is_sorted_by(|a, b| a.at < b.at) {
        return Err(Refusal::invalid(FIELD, "has shifts that are not in order"));
    }
    if zone.shifts.iter().any(|s| !YEARS.contains(&s.at.year())) {
        return Err(Refusal::invalid(FIELD, "has shifts in another age"));
    }
    Ok(Zone {
        name,
        shifts: bounded(FIELD, zone.shifts)?,
        ..zone
    })
}

fn prefix(text: &str) -> Result<String, Refusal> {
    let text = text.trim();
    if text.chars().count() <= 20 && !text.chars().any(char::is_whitespace) {
        Ok(text.to_owned())
    } else {
        Err(Refusal::invalid(
            "Channel prefix",
            "must be at most 20 characters without spaces",
        ))
    }
}

/// One thing per line, each once; blank lines are left out.
fn lines(field: &'static str, items: Vec<String>) -> Result<Vec<String>, Refusal> {
    let mut kept: Vec<String> = Vec::new();
    for item in items.iter().filter(|i| !i.trim().is_empty()) {
        let item = line(field, item)?;
        if !kept.contains(&item) {
            kept.push(item);
        }
        // The log waits while this is looked through: a pasted file must not be, to its end.
        if kept.len() > Policy::ITEMS_MAX {
            break;
        }
    }
    bounded(field, kept)
}

fn bounded<T>(field: &'static str, items: Vec<T>) -> Result<Vec<T>, Refusal> {
    if items.len() > Policy::ITEMS_MAX {
        let problem = format!("are more than {}", Policy::ITEMS_MAX);
        return Err(Refusal::invalid(field, problem));
    }
    Ok(items)
}
