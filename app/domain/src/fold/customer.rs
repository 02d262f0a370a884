//! What is known of customers, and the deals with them.

use crate::customer::{Customer, DealMove};
use crate::incident::Setting;
use crate::shown::Shown as _;
use crate::timeline::EntryKind;
use crate::{Event, Incident, Recorded};

impl Incident {
    pub(super) fn apply_customer(&mut self, r: &Recorded) {
        match &r.event {
            Event::CustomerNoted { customer } => {
                self.know(r, customer);
                let text = format!("{}: {}", customer.name, customer.sees);
                self.note(r, EntryKind::Customer, text);
            }
            Event::CustomerKnown { customer } => self.apply_known(r, customer),
            Event::DealMoved { customer, stage } => self.apply_deal(r, customer, stage),
            _ => {}
        }
    }

    /// Puts them on the incident, and tells what was known before.
    fn know(&mut self, r: &Recorded, customer: &Customer) -> Option<Customer> {
        let before = match self.customers.iter_mut().find(|c| c.name == customer.name) {
            Some(known) => Some(std::mem::replace(known, customer.clone())),
            None => {
                self.customers.push(customer.clone());
                None
            }
        };
        // Said again word for word, it is nobody's newer word.
        if before.as_ref() != Some(customer) {
            self.sets(r, Setting::Customer(customer.name.clone()));
        }
        let deal = before.as_ref().and_then(|c| c.deal_stage.as_ref());
        if deal != customer.deal_stage.as_ref() {
            self.sets(r, Setting::Deal(customer.name.clone()));
        }
        before
    }

    /// The line tells what is new, beside what they see.
    fn apply_known(&mut self, r: &Recorded, customer: &Customer) {
        let before = self.know(r, customer).unwrap_or_default();
        let mut text = format!("{}: {}", customer.name, customer.sees);
        let mut add = |what: String| text = format!("{}. {what}", text.trim_end_matches('.'));
        let rated = (customer.churn_now, customer.churn_reason.as_ref());
        if let (Some(risk), Some(reason)) = rated
            && rated != (before.churn_now, before.churn_reason.as_ref())
        {
            add(format!("Churn risk {}: {reason}", risk.label()));
        }
        for (word, at, was) in [
            ("from", customer.impact_from, before.impact_from),
            ("until", customer.impact_to, before.impact_to),
        ] {
            if let Some(at) = at.filter(|_| at != was) {
                add(format!("Hurt {word} {} UTC", at.shown("%Y-%m-%d %H:%M")));
            }
        }
        if let Some(to) = customer.deal_stage.as_ref()
            && before.deal_stage.as_ref() != Some(to)
        {
            add(format!("Deal stage: {to}"));
            if before.deal_stage.is_some() {
                self.deal_moves
                    .push(deal_move(r, &customer.name, before.deal_stage, to));
            }
        }
        self.note(r, EntryKind::Customer, text);
    }

    fn apply_deal(&mut self, r: &Recorded, customer: &str, stage: &str) {
        let Some(known) = self.customers.iter_mut().find(|c| c.name == customer) else {
            return;
        };
        let from = known.deal_stage.replace(stage.to_owned());
        let text = match &from {
            Some(from) => format!("{customer}: deal stage from “{from}” to “{stage}”"),
            None => format!("{customer}: deal stage “{stage}”"),
        };
        self.deal_moves.push(deal_move(r, customer, from, stage));
        for set in [Setting::Customer, Setting::Deal] {
            self.sets(r, set(customer.to_owned()));
        }
        self.note(r, EntryKind::Customer, text);
    }
}

fn deal_move(r: &Recorded, customer: &str, from: Option<String>, to: &str) -> DealMove {
    DealMove {
        customer: customer.to_owned(),
        from,
        to: to.to_owned(),
        by: r.by.clone(),
        at: r.at,
    }
}
