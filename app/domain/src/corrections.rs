//! Times that were stamped by a clock that was ahead. The log keeps them; whoever reads it takes them for
//! what they are: not later than the moment at which somebody saw the clock and said that it is right.
//!
//! Without this a declaration of three hours ahead would have its first update due in three hours.

use crate::customer::Customer;
use crate::policy::minutes;
use crate::update::UpdateText;
use crate::{Event, Record, Recorded, Time};

/// Where on the log somebody said that the clock is right, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Corrections {
    /// Place and time.
    confirmed: Vec<(u64, Time)>,
}

/// From the place and the time of each [`Event::ClockConfirmed`].
impl FromIterator<(u64, Time)> for Corrections {
    fn from_iter<I: IntoIterator<Item = (u64, Time)>>(confirmed: I) -> Self {
        let confirmed = confirmed.into_iter().collect();
        Self { confirmed }
    }
}

impl Corrections {
    /// The latest that something at this place of the log can have happened; none where nobody set
    /// the clock right after it.
    #[must_use]
    pub fn latest(&self, seq: u64) -> Option<Time> {
        let after = self.confirmed.iter().filter(|(place, _)| *place > seq);
        after.map(|(_, at)| *at).min()
    }

    /// All events of a record at the times that count.
    #[must_use]
    pub fn correct_record(&self, record: Record) -> Record {
        match self.confirmed.is_empty() {
            true => record,
            false => record.events().map(|r| self.correct(r.clone())).collect(),
        }
    }

    /// The event at the time that counts, with all that it claims of the past. What was stamped in time
    /// stays as it is.
    #[must_use]
    pub fn correct(&self, mut recorded: Recorded) -> Recorded {
        let latest = self.latest(recorded.seq);
        if let Some(latest) = latest.filter(|latest| recorded.at > *latest) {
            recorded.stamped_at = Some(recorded.at);
            recorded.at = latest;
            recorded.made_at = recorded.made_at.min(latest);
            bound(&mut recorded.event, latest);
        }
        recorded
    }
}

/// What was claimed of the past was bounded by the clock that was ahead; what was promised was promised
/// inside the cadence from there.
fn bound(event: &mut Event, latest: Time) {
    let past = |claimed: &mut Time| *claimed = latest.min(*claimed);
    match event {
        Event::Declared {
            impact_began_at, ..
        } => past(impact_began_at),
        Event::DeclaredBy {
            impact_began_at,
            details,
            ..
        } => {
            past(impact_began_at);
            details.detected_at.iter_mut().for_each(past);
        }
        Event::EntryLogged { happened_at, .. } => happened_at.iter_mut().for_each(past),
        Event::ReportTaken { received_at, .. } => past(received_at),
        Event::ImpactEnded { at } | Event::PostMortemHeld { at } => past(at),
        Event::UpdatePublished { text, cadence_min }
        | Event::UpdateSent {
            text, cadence_min, ..
        } => update(text, *cadence_min, latest),
        Event::CustomerNoted { customer }
        | Event::CustomerKnown { customer }
        | Event::CustomerNotedV3 { customer } => {
            let Customer {
                impact_from,
                impact_to,
                ..
            } = customer;
            impact_from.iter_mut().chain(impact_to).for_each(past);
        }
        // They claim nothing of the past.
        _ => {}
    }
}

fn update(text: &mut UpdateText, cadence_min: u32, latest: Time) {
    if let Some(next_at) = &mut text.next_at {
        *next_at = (latest + minutes(cadence_min)).min(*next_at);
    }
    if let Some(closure) = &mut text.closure {
        closure.impact_from = latest.min(closure.impact_from);
        closure.impact_to = latest.min(closure.impact_to);
    }
}
