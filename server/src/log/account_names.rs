//! What the accounts are called today that a command names. The record goes by it, whatever was sent;
//! a name under which a reader was sent and which is another account's by now says nobody for sure.

use super::{Log, fault};
use crate::store::{Store, StoreError};
use app::api::ApiError;
use domain::account::key;
use domain::customer::{CustomerId, CustomerRef};
use domain::text::line;
use domain::{AccountId, Incident, Refusal};
use std::collections::{BTreeSet, HashMap};

/// What the author of a text does whose reader may be another one.
pub(super) const CHOOSE_AGAIN: &str = "Choose again who reads it.";
/// What its approver does.
pub(super) const SEND_BACK: &str = "Send it back, so that its author chooses again who reads it.";

/// The names of accounts, and whose some names are.
#[derive(Default)]
pub(super) struct AccountNames {
    names: HashMap<AccountId, String>,
    /// By the key of a name.
    bearers: HashMap<String, AccountId>,
}

impl AccountNames {
    /// Asks the store for all of them at once: what these accounts are called, and who bears the names
    /// under which readers were sent.
    pub(super) async fn of(
        ids: BTreeSet<AccountId>,
        sent: BTreeSet<String>,
        store: &dyn Store,
    ) -> Result<Self, StoreError> {
        let ids: Vec<AccountId> = ids.into_iter().collect();
        let sent: Vec<&str> = sent.iter().map(String::as_str).collect();
        let names = match ids.as_slice() {
            [] => HashMap::new(),
            ids => store.account_names(ids).await?.into_iter().collect(),
        };
        let bearers = match sent.as_slice() {
            [] => Vec::new(),
            sent => store.accounts_named(sent).await?,
        };
        let bearers = bearers.into_iter().map(|kept| kept.account);
        Ok(Self {
            names,
            bearers: bearers.map(|a| (key(&a.name), a.id)).collect(),
        })
    }

    /// What this account is called.
    ///
    /// # Errors
    /// A [`Refusal`] when there is no such account.
    pub(super) fn name(&self, id: AccountId, sent: &str) -> Result<&str, Refusal> {
        match self.names.get(&id) {
            Some(name) => Ok(name),
            None => Err(Refusal::invalid(
                line("Customer", sent)?,
                "is no account; choose one that there is",
            )),
        }
    }

    /// The name of a customer who has an account put right.
    ///
    /// # Errors
    /// As [`AccountNames::name`].
    pub(super) fn put_right(
        &self,
        customer: &mut CustomerRef,
        incident: &Incident,
    ) -> Result<(), Refusal> {
        let name = match (customer.id, account_of(customer, incident)) {
            (CustomerId::Account(id), _) => self.name(id, &customer.name)?,
            // A line that is named by its name alone is found by it.
            (id @ CustomerId::Entry(_), Some(account)) if id.is_set() => {
                match self.names.get(&account) {
                    Some(name) => name,
                    None => return Ok(()),
                }
            }
            _ => return Ok(()),
        };
        name.clone_into(&mut customer.name);
        Ok(())
    }

    /// The same for who is to read something.
    ///
    /// # Errors
    /// As [`AccountNames::name`], and when the name that was sent is another account's by now: its author
    /// may have meant that one. `remedy` says what to do then.
    pub(super) fn put_reader_right(
        &self,
        reader: &mut CustomerRef,
        incident: &Incident,
        remedy: &str,
    ) -> Result<(), Refusal> {
        let sent = reader.name.clone();
        self.put_right(reader, incident)?;
        let Some(account) = account_of(reader, incident) else {
            return Ok(());
        };
        let bearer = self.bearers.get(&key(&sent));
        if bearer.is_none_or(|bearer| *bearer == account) {
            return Ok(());
        }
        let name = self.names.get(&account).unwrap_or(&reader.name);
        Err(Refusal::out_of_order(format!(
            "“{sent}” is the name of another account by now, and the one that was chosen is called “{name}”. {remedy}"
        )))
    }
}

impl Log {
    /// Who is to read something on this incident, by the names that they have today.
    ///
    /// # Errors
    /// [`ApiError`] when the store cannot be read. A [`Refusal`] as it would be refused.
    pub(crate) async fn named_today(
        &self,
        incident: &Incident,
        readers: &mut [CustomerRef],
    ) -> Result<Result<(), Refusal>, ApiError> {
        let ids = readers.iter().filter_map(|r| account_of(r, incident));
        let sent = readers.iter().map(|r| r.name.clone());
        let store = self.shared.store.as_ref();
        let names = AccountNames::of(ids.collect(), sent.collect(), store).await;
        let names = names.map_err(fault::unread)?;
        let mut each = readers.iter_mut();
        Ok(each.try_for_each(|r| names.put_reader_right(r, incident, CHOOSE_AGAIN)))
    }
}

/// The account of this customer: their own, or that of their line.
pub(super) fn account_of(customer: &CustomerRef, incident: &Incident) -> Option<AccountId> {
    let line = || match customer.id.is_set() {
        true => incident.customer(customer.id),
        false => incident.customers.iter().find(|c| c.name == customer.name),
    };
    customer.id.account().or_else(|| line()?.account)
}
