//! What an account gets back for one incident: one working for each month that it lies in.

use super::{Month, Working, calculate};
use crate::customer::Money;
use crate::money::grouped;
use crate::sla::Sla;
use crate::{Refusal, Time};
use chrono::{Datelike, TimeDelta};

/// An incident that lasted longer is calculated month by month on the account's page: its working
/// would be longer than anybody reads.
const MONTHS_MAX: usize = 6;

/// So many other incidents are named one by one.
const OTHERS_NAMED_MAX: usize = 10;

/// A time in which the account was hurt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spell {
    /// From here.
    pub from: Time,
    /// To here, which is not part of it.
    pub to: Time,
}

/// Another incident that hurt the same account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Other {
    /// Its number, as it is written.
    pub number: String,
    /// When.
    pub spell: Spell,
    /// What money was granted for it.
    pub granted: Option<Money>,
}

/// What is to be calculated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked<'a> {
    /// The account's terms.
    pub sla: &'a Sla,
    /// What the account pays a month.
    pub monthly_fee: &'a Money,
    /// When this incident hurt the account.
    pub spell: Spell,
    /// The other incidents that hurt it.
    pub others: &'a [Other],
    /// Server time: a month that is not over may still get worse.
    pub now: Time,
}

/// A credit for an incident, and how it came about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposed {
    /// All months together.
    pub credit: Money,
    /// The steps, one a line, the months apart.
    pub working: String,
    /// In one line, for who reads nothing else.
    pub reason: String,
}

/// The credit for one incident: for each month its availability, with what other incidents took
/// off it, less what was granted for that month before. Time in which two incidents hurt the
/// account at once counts once, and a minute that was begun counts.
///
/// # Errors
/// [`Refusal::Invalid`] when the spell is empty, longer than six months, or the SLA makes no sense.
pub fn propose(asked: &Asked<'_>) -> Result<Proposed, Refusal> {
    let months = months(asked.spell)?;
    let parts: Vec<Part> = months
        .into_iter()
        .map(|month| Part::of(asked, month))
        .collect::<Result<_, _>>()?;
    let minor = parts
        .iter()
        .map(|p| p.left.minor)
        .fold(0, u64::saturating_add);
    let credit = Money {
        currency: asked.monthly_fee.currency.clone(),
        minor,
    };
    let mut blocks: Vec<String> = parts.iter().map(|p| p.lines.join("\n")).collect();
    if parts.len() > 1 {
        let each: Vec<String> = parts.iter().map(|p| p.left.shown()).collect();
        blocks.push(format!(
            "Together: {} = {}.",
            each.join(" + "),
            credit.shown()
        ));
    }
    let why: Vec<String> = parts.iter().map(Part::why).collect();
    Ok(Proposed {
        credit,
        working: blocks.join("\n\n"),
        reason: format!("SLA: {}", why.join("; ")),
    })
}

/// One month of it.
struct Part {
    working: Working,
    /// After what was granted before.
    left: Money,
    lines: Vec<String>,
}

impl Part {
    fn of(asked: &Asked<'_>, month: Month) -> Result<Self, Refusal> {
        let within: Vec<&Other> = asked
            .others
            .iter()
            .filter(|o| minutes(month, [o.spell]) > 0)
            .collect();
        let own_min = minutes(month, [asked.spell]);
        let spells = within.iter().map(|o| o.spell);
        let all_min = minutes(month, spells.chain([asked.spell]));
        let working = calculate(
            asked.sla,
            asked.monthly_fee,
            month,
            own_min,
            all_min - own_min,
        )?;
        let mut lines = working.lines();
        if let Some(line) = others_line(&within, working.other_impact_min, month) {
            lines.insert(2, line);
        }
        let mut left = working.credit.clone();
        for other in within {
            let Some(granted) = other.granted.as_ref().filter(|_| left.minor > 0) else {
                continue;
            };
            let (number, amount) = (&other.number, granted.shown());
            let is_inside = month.begin() <= other.spell.from && other.spell.to <= month.end();
            lines.push(if granted.currency == left.currency && is_inside {
                left.minor = left.minor.saturating_sub(granted.minor);
                format!("Less {amount}, granted for {number}: {}.", left.shown())
            } else {
                format!("Not taken off: {amount}, granted for {number}. Take off what of it was for {month}.")
            });
        }
        if asked.now < month.end() {
            lines.push(format!(
                "{month} is not over: more impact in it changes this."
            ));
        }
        Ok(Self {
            working,
            left,
            lines,
        })
    }

    fn why(&self) -> String {
        let month = self.working.month;
        if self.working.share.0 == 0 {
            let (was, promised) = (self.working.availability(), self.working.promised);
            return format!("{was} % in {month}, not below the promised {promised} %");
        }
        if self.left.minor == 0 {
            return format!("the credit for {month} was granted before");
        }
        let share = self.working.share;
        format!("{share} % of the monthly fee for {month}")
    }
}

/// Whose minutes the others are.
fn others_line(within: &[&Other], counted_min: u32, month: Month) -> Option<String> {
    let alone: Vec<u32> = within.iter().map(|o| minutes(month, [o.spell])).collect();
    let mut each: Vec<String> = within
        .iter()
        .zip(&alone)
        .take(OTHERS_NAMED_MAX)
        .map(|(o, min)| format!("{} {} min", o.number, grouped(&min.to_string())))
        .collect();
    if within.len() > each.len() {
        each.push(format!("{} more", within.len() - each.len()));
    }
    let is_shared = alone
        .iter()
        .fold(0, |sum: u32, min| sum.saturating_add(*min))
        > counted_min;
    let shared = if is_shared {
        "; what they have in common with each other or with this incident counts once"
    } else {
        ""
    };
    (!each.is_empty()).then(|| format!("Others: {}{shared}.", each.join(", ")))
}

/// The months a spell lies in.
fn months(spell: Spell) -> Result<Vec<Month>, Refusal> {
    const FIELD: &str = "The impact window";
    if spell.to <= spell.from {
        return Err(Refusal::invalid(FIELD, "ends before it begins"));
    }
    let (first, last) = (spell.from, spell.to - TimeDelta::milliseconds(1));
    let place = |at: Time| i64::from(at.year()) * 12 + i64::from(at.month0());
    let months: Vec<Month> = (place(first)..=place(last))
        .take(MONTHS_MAX + 1)
        .filter_map(|n| {
            let month = u32::try_from(n.rem_euclid(12)).ok()? + 1;
            Month::new(i32::try_from(n.div_euclid(12)).ok()?, month)
        })
        .collect();
    if months.len() > MONTHS_MAX {
        let problem =
            format!("lies in more than {MONTHS_MAX} months; calculate each on the account's page");
        return Err(Refusal::invalid(FIELD, problem));
    }
    Ok(months)
}

/// Minutes of the month that lie in any of these spells, begun ones counted.
fn minutes(month: Month, spells: impl IntoIterator<Item = Spell>) -> u32 {
    let (begin, end) = (month.begin(), month.end());
    let mut clipped: Vec<(Time, Time)> = spells
        .into_iter()
        .map(|s| (s.from.max(begin), s.to.min(end)))
        .filter(|(from, to)| from < to)
        .collect();
    clipped.sort_unstable();
    let mut reached = begin;
    let mut ms = 0;
    for (from, to) in clipped {
        ms += (to - from.max(reached)).num_milliseconds().max(0);
        reached = reached.max(to);
    }
    u32::try_from(u64::try_from(ms).unwrap_or(0).div_ceil(60_000)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
