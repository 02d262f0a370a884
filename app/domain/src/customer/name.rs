//! What a name meant that stands alone in an event from before customers had ids.

use super::{CreditDecision, Customer, CustomerId, CustomerRef};
use crate::Incident;
use crate::draft::{Draft, DraftText, Of};
use crate::update::Audience;
use std::collections::BTreeSet;

impl Incident {
    /// The line of this customer.
    #[must_use]
    pub fn customer(&self, id: CustomerId) -> Option<&Customer> {
        self.customers.iter().find(|c| c.is(id))
    }

    /// Which customer is meant; none where an older event has a name that nobody bore.
    #[must_use]
    pub fn meant(&self, named: &CustomerRef) -> Option<CustomerId> {
        if named.id.is_set() {
            return Some(named.id);
        }
        self.names.get(&named.name).copied()
    }

    /// With the name that the customer has on this incident by now. An account that is not on it keeps the name under
    /// which it was chosen, and so does a name that stands alone: it is all that says who is meant.
    #[must_use]
    pub fn called_today(&self, chosen: &CustomerRef) -> CustomerRef {
        let line = self.customer(chosen.id);
        let name = line.map_or(&chosen.name, |line| &line.name);
        CustomerRef::new(chosen.id, name)
    }

    /// Whether both are the same customer: an entry may have been joined to an account since.
    #[must_use]
    pub fn is_same_customer(&self, one: CustomerId, other: CustomerId) -> bool {
        one == other && one.is_set() || self.customers.iter().any(|c| c.is(one) && c.is(other))
    }

    /// Whether both name the same customer; of names that nobody bore, the same name does.
    #[must_use]
    pub fn is_same_reader(&self, one: &CustomerRef, other: &CustomerRef) -> bool {
        match (self.meant(one), self.meant(other)) {
            (Some(one), Some(other)) => self.is_same_customer(one, other),
            (None, None) => one.name == other.name,
            _ => false,
        }
    }

    /// What is decided for this customer.
    #[must_use]
    pub fn credit_for(&self, customer: CustomerId) -> Option<&CreditDecision> {
        self.credits.iter().find(|c| c.customer.id == customer)
    }

    /// The names alone for which the record has no account, in the order of the alphabet.
    #[must_use]
    pub fn unidentified_names(&self) -> Vec<String> {
        let told = self.updates.iter().map(|u| &u.text.audience);
        let declared = self.declared.iter().map(|d| &d.audience);
        let drafted = self.draft(Of::Update).and_then(Draft::text);
        let drafted = drafted.and_then(|text| match text {
            DraftText::Update { text, .. } => Some(&text.audience),
            DraftText::Brief { .. } => None,
        });
        let readers = told
            .chain(declared)
            .chain(drafted)
            .flat_map(Audience::named);
        let alone = readers.filter(|c| c.id.is_unset());
        let mut names: BTreeSet<&String> = alone.map(|c| &c.name).collect();
        names.extend(self.names.keys());
        let has_account = |name: &&String| {
            let id = self.names.get(*name);
            let line = id.and_then(|id| self.customer(*id));
            line.is_some_and(|line| line.account.is_some())
        };
        let without = names.into_iter().filter(|name| !has_account(name));
        without.cloned().collect()
    }
}
