//! What the SLA of a customer gives for an incident: the account is in the store, the impact on
//! the record, and the other impact of the month in other incidents.

use super::{Log, fault, load};
use app::api::{ApiError, FIND_MAX, Sought};
use chrono::Datelike;
use domain::credit::{Asked, Month, Other, Proposed, Spell, propose};
use domain::customer::{Credit, Customer, CustomerId};
use domain::impact::Window;
use domain::{AccountId, Incident, IncidentId, Refusal, Time};
use std::sync::Arc;

/// So many closed incidents are read at most; they are found by the account.
const CLOSED_MAX: usize = 100;
/// So many pages of them are looked at, the newest first: what a question costs must not grow with
/// how many there ever were.
pub(super) const PAGES_MAX: usize = 25;

impl Log {
    /// What the SLA of this customer gives for this incident, as everything stands now.
    ///
    /// # Errors
    /// [`ApiError::NotFound`] for no such incident, or [`ApiError`] when the store cannot be read.
    pub async fn calculate_credit(
        &self,
        incident: IncidentId,
        customer: CustomerId,
    ) -> Result<Result<Proposed, Refusal>, ApiError> {
        let incident = self.incident_by_id(incident).await?;
        let Some(known) = incident.customer(customer) else {
            return Ok(Err(Refusal::invalid("Customer", "is not on this incident")));
        };
        let account = match known.account {
            Some(id) => self.shared.store.account_by_id(id).await,
            None => Ok(None),
        };
        let Some(account) = account.map_err(fault::unread)?.map(|kept| kept.account) else {
            return Ok(Err(Refusal::out_of_order(
                "The customer is no known account. Choose one in its form.",
            )));
        };
        let Some(sla) = &account.sla else {
            return Ok(Err(Refusal::out_of_order("The account has no SLA terms.")));
        };
        let Some(spell) = ended(&incident, known) else {
            return Ok(Err(Refusal::out_of_order(
                "First state when the impact ended, for the incident or for this customer.",
            )));
        };
        let (others, is_all) = self.others(account.id, incident.id, spell).await?;
        let proposed = propose(&Asked {
            sla,
            monthly_fee: &account.monthly_fee,
            spell,
            others: &others,
            now: self.now(),
        });
        Ok(proposed.map(|proposed| match is_all {
            true => proposed,
            false => Proposed {
                working: format!(
                    "{}\n\nNot every closed incident could be looked at: add what is missing.",
                    proposed.working
                ),
                ..proposed
            },
        }))
    }

    /// The other incidents that hurt this account since the month of the spell began, and whether
    /// all of them could be looked at.
    async fn others(
        &self,
        account: AccountId,
        but: IncidentId,
        spell: Spell,
    ) -> Result<(Vec<Other>, bool), ApiError> {
        let mut all: Vec<Arc<Incident>> = self.live().values().cloned().collect();
        let (closed, is_all) = self.closed_with(account, spell).await?;
        all.extend(closed);
        // One that was closed meanwhile is there twice.
        all.sort_by_key(|i| i.id);
        all.dedup_by_key(|i| i.id);
        let now = self.now();
        let others = all
            .iter()
            .filter(|i| i.id != but)
            .filter_map(|i| other(i, account, now))
            .collect();
        Ok((others, is_all))
    }

    /// Closed incidents of this account, without those that were over before the month.
    async fn closed_with(
        &self,
        account: AccountId,
        spell: Spell,
    ) -> Result<(Vec<Arc<Incident>>, bool), ApiError> {
        let begin = month_of(spell.from);
        let sought = Sought {
            account: Some(account),
            ..Sought::default()
        };
        let store = &self.shared.store;
        let (mut closed, mut before, mut is_all) = (Vec::new(), None, true);
        for _ in 0..PAGES_MAX {
            let found = store.find(&sought, before, FIND_MAX).await;
            let found = found.map_err(fault::unread)?;
            is_all &= found.complete;
            before = found.incidents.last().map(|s| s.number);
            for summary in found.incidents {
                if summary.closed_at.is_some_and(|at| at < begin) {
                    continue;
                }
                let incident = load(store.as_ref(), summary.id, self.head()).await;
                closed.extend(incident.map_err(fault::unread)?);
            }
            if !found.more || before.is_none() {
                return Ok((closed, is_all));
            }
            if closed.len() >= CLOSED_MAX {
                break;
            }
        }
        Ok((closed, false))
    }
}

/// The first moment of its month, UTC.
fn month_of(at: Time) -> Time {
    Month::new(at.year(), at.month()).map_or(at, Month::begin)
}

/// When the customer was hurt, once that is over.
fn ended(incident: &Incident, customer: &Customer) -> Option<Spell> {
    let window = Window::of(incident, customer)?;
    Some(Spell {
        from: window.from,
        to: window.to?,
    })
}

/// What an incident did to the account; up to now while it goes on.
fn other(incident: &Incident, account: AccountId, now: Time) -> Option<Other> {
    let customer = incident.customer(CustomerId::Account(account))?;
    let window = Window::of(incident, customer)?;
    let decided = incident.credit_for(customer.id);
    let granted = decided.and_then(|d| match &d.credit {
        Credit::Granted { amount, .. } => Some(amount.clone()),
        _ => None,
    });
    Some(Other {
        number: incident.number_label(),
        spell: Spell {
            from: window.from,
            to: window.to.unwrap_or(now),
        },
        granted,
    })
}
