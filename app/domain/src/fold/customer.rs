//! What is known of customers, and the deals with them. Older events name a customer by a text: it
//! means the incident's customer of exactly that name.

use crate::customer::{Bearer, Customer, CustomerField, CustomerId, CustomerRef, DealMove};
use crate::incident::Setting;
use crate::shown::Shown as _;
use crate::timeline::EntryKind;
use crate::worth::Pays;
use crate::{Event, Incident, Recorded};

impl Incident {
    /// The same event with the customer's id, of one that is older than the ids.
    pub(super) fn with_id(&self, event: &Event) -> Option<Event> {
        let who = |name: &String| {
            let id = self.names.get(name).copied().unwrap_or_default();
            CustomerRef::new(id, name)
        };
        Some(match event.clone() {
            Event::CallScheduled {
                customer,
                kind,
                with,
                at,
                daily,
            } => Event::CallScheduledV2 {
                customer: who(&customer),
                kind,
                with,
                at,
                daily,
            },
            Event::PlanStepAdded {
                customer,
                what,
                side,
                due_on,
            } => Event::PlanStepAddedV2 {
                customer: who(&customer),
                what,
                side,
                due_on,
            },
            Event::CreditDecided { customer, credit } => Event::CreditDecidedV2 {
                customer: who(&customer),
                credit,
            },
            Event::CreditProposed {
                customer,
                credit,
                working,
                approver,
            } => Event::CreditProposedV2 {
                customer: who(&customer),
                credit,
                working,
                approver,
            },
            Event::DealMoved { customer, stage } => Event::DealMovedV2 {
                customer: who(&customer),
                stage,
            },
            _ => return None,
        })
    }

    pub(super) fn apply_customer(&mut self, r: &Recorded) {
        match &r.event {
            Event::CustomerNoted { customer } => {
                let customer = self.called(r, customer);
                let text = format!("{}: {}", customer.name, customer.sees);
                self.know(r, customer);
                self.note(r, EntryKind::Customer, text);
            }
            Event::CustomerKnown { customer } => {
                let customer = self.called(r, customer);
                self.apply_known(r, customer);
            }
            Event::CustomerNotedV3 { customer } => {
                let mut customer = customer.clone();
                match customer.id {
                    CustomerId::Account(id) => customer.account = Some(id),
                    id if id.is_unset() => customer.id = CustomerId::Entry(r.command),
                    CustomerId::Entry(_) => {}
                }
                self.apply_known(r, customer);
            }
            Event::DealMovedV2 { customer, stage } => self.apply_deal(r, customer, stage),
            Event::CustomersIdentified { bearers } => self.apply_identified(r, bearers),
            _ => {}
        }
    }

    /// With the id of the line that bears the name; a new line is named by the command.
    fn called(&mut self, r: &Recorded, customer: &Customer) -> Customer {
        let name = customer.name.clone();
        let new = CustomerId::Entry(r.command);
        Customer {
            id: *self.names.entry(name).or_insert(new),
            ..customer.clone()
        }
    }

    /// Puts them on the incident, and tells what was known before.
    fn know(&mut self, r: &Recorded, customer: Customer) -> Option<Customer> {
        let id = customer.id;
        let Some(known) = self.customers.iter_mut().find(|c| c.id == id) else {
            self.note_pay(id, r.by.id, Pays::of(&customer));
            self.customers.push(customer);
            self.sets(r, Setting::Customer(id));
            return None;
        };
        let before = std::mem::replace(known, customer.clone());
        // Said again word for word, it is nobody's newer word.
        if Pays::of(&before) != Pays::of(&customer) {
            self.note_pay(id, r.by.id, Pays::of(&customer));
        }
        if before.account.is_none() && customer.account.is_some() {
            self.return_texts_to(r, &before.name, &customer);
        }
        for field in CustomerField::differing(&before, &customer) {
            self.sets(r, Setting::CustomerField(id, field));
        }
        Some(before)
    }

    /// The line tells what is new, beside what they see.
    fn apply_known(&mut self, r: &Recorded, customer: Customer) {
        let before = self.know(r, customer.clone()).unwrap_or_default();
        let called_before = Customer {
            name: before.name.clone(),
            ..customer.clone()
        };
        if before == called_before && before.name != customer.name {
            let text = format!("“{}” is called “{}” since", before.name, customer.name);
            return self.note(r, EntryKind::Customer, text);
        }
        let mut text = match customer.sees.as_str() {
            "" => format!("{} is affected", customer.name),
            sees => format!("{}: {sees}", customer.name),
        };
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
                let moved = deal_move(r, customer.to_ref(), before.deal_stage, to);
                self.deal_moves.push(moved);
            }
        }
        self.note(r, EntryKind::Customer, text);
    }

    fn apply_deal(&mut self, r: &Recorded, customer: &CustomerRef, stage: &str) {
        let Some(known) = self.customers.iter_mut().find(|c| c.is(customer.id)) else {
            return;
        };
        let customer = CustomerRef::new(known.id, &customer.name);
        let from = known.deal_stage.replace(stage.to_owned());
        let text = match &from {
            Some(from) => format!("{customer}: deal stage from “{from}” to “{stage}”"),
            None => format!("{customer}: deal stage “{stage}”"),
        };
        let id = customer.id;
        self.deal_moves.push(deal_move(r, customer, from, stage));
        self.sets(r, Setting::CustomerField(id, CustomerField::DealStage));
        self.note(r, EntryKind::Customer, text);
    }

    /// What the record says itself stays; nobody who gets a name later is meant by it.
    fn apply_identified(&mut self, r: &Recorded, bearers: &[Bearer]) {
        self.customers_identified = true;
        let mut told = Vec::new();
        for Bearer { name, account } in bearers {
            let Some(account) = *account else {
                told.push(format!("no account was called “{name}”"));
                continue;
            };
            told.push(format!("“{name}” is the account that was called so"));
            match self.names.get(name).copied() {
                Some(id) => {
                    let line = self.customers.iter_mut().find(|c| c.id == id);
                    if let Some(line) = line {
                        line.account.get_or_insert(account);
                    }
                }
                None => {
                    self.names
                        .insert(name.clone(), CustomerId::Account(account));
                }
            }
        }
        let text = format!("Customers got ids: {}", told.join("; "));
        self.note(r, EntryKind::System, text);
    }
}

fn deal_move(r: &Recorded, customer: CustomerRef, from: Option<String>, to: &str) -> DealMove {
    DealMove {
        customer,
        from,
        to: to.to_owned(),
        by: r.by.clone(),
        at: r.at,
    }
}
