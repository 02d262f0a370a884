//! When a customer was hurt (RUNBOOK §9).

use crate::customer::Customer;
use crate::{Incident, Time};
use chrono::{Datelike, TimeDelta};

/// The impact window of one customer, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// When they were first hurt.
    pub from: Time,
    /// When they were well again; none while they are not.
    pub to: Option<Time>,
}

impl Window {
    /// What was stated for this customer, and for the rest what was stated for the incident; none
    /// for a report.
    #[must_use]
    pub fn of(incident: &Incident, customer: &Customer) -> Option<Self> {
        Some(Self {
            from: customer
                .impact_from
                .or_else(|| incident.impact_began_at())?,
            to: customer.impact_to.or(incident.impact_ended_at),
        })
    }

    /// Whether it ends after it began. Each end may be stated at another time, by another person.
    #[must_use]
    pub fn is_sound(self) -> bool {
        self.to.is_none_or(|to| self.from < to)
    }

    /// How many calendar months it lies in, up to `now` while it goes on; its end is not part of it.
    #[must_use]
    pub fn months(self, now: Time) -> u32 {
        let month = |at: Time| i64::from(at.year()) * 12 + i64::from(at.month0());
        let last = self.to.unwrap_or(now) - TimeDelta::milliseconds(1);
        let more = month(last.max(self.from)) - month(self.from);
        u32::try_from(more).unwrap_or(0).saturating_add(1)
    }
}
