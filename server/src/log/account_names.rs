//! What the accounts are called today that a command names. The record goes by it, whatever was sent;
//! a name under which a reader was sent and which is another account's by now says nobody for sure. Nobody
//! without an account gets the name of one.

use super::{Log, fault};
use crate::store::{Store, StoreError};
use app::api::ApiError;
use domain::account::key;
use domain::customer::{Customer, CustomerId, CustomerRef};
use domain::text::{self, line};
use domain::{AccountId, Command, Incident, Refusal};
use std::collections::{BTreeSet, HashMap};
use unicode_normalization::UnicodeNormalization as _;

/// What the author of a text does whose reader may be another one.
pub(super) const CHOOSE_AGAIN: &str = "Choose again who reads it.";
/// What its approver does.
pub(super) const SEND_BACK: &str = "Send it back, so that its author chooses again who reads it.";

/// The names of accounts, and whose some names are.
#[derive(Default)]
pub(super) struct AccountNames {
    names: HashMap<AccountId, String>,
    /// By what [`seen`] makes of a name.
    bearers: HashMap<String, Vec<AccountId>>,
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
        // The store compares letters as they are put together.
        let spellings: BTreeSet<String> = sent
            .iter()
            .map(|name| without_unseen(name))
            .flat_map(|name| [name.nfc().collect(), name.nfd().collect(), name])
            .collect();
        let sent: Vec<&str> = spellings.iter().map(String::as_str).collect();
        let names = match ids.as_slice() {
            [] => HashMap::new(),
            ids => store.account_names(ids).await?.into_iter().collect(),
        };
        let found = match sent.as_slice() {
            [] => Vec::new(),
            sent => store.accounts_named(sent).await?,
        };
        let mut bearers: HashMap<String, Vec<AccountId>> = HashMap::new();
        for account in found.into_iter().map(|kept| kept.account) {
            let same = bearers.entry(seen(&account.name)).or_default();
            same.push(account.id);
        }
        Ok(Self { names, bearers })
    }

    /// The accounts that are called so, whatever the capitals, the spaces, and the way in which letters are put
    /// together.
    fn bearers(&self, name: &str) -> &[AccountId] {
        self.bearers.get(&seen(name)).map_or(&[], Vec::as_slice)
    }

    /// Whether the lines that this command gives a name, and no account, could be taken for an account.
    ///
    /// # Errors
    /// A [`Refusal`] when one gets the name of an account.
    pub(super) fn may_name_lines(
        &self,
        command: &Command,
        incident: &Incident,
    ) -> Result<(), Refusal> {
        let mut names = names_without_account(command, Some(incident)).into_iter();
        match names.find(|name| !self.bearers(name).is_empty()) {
            Some(name) => Err(is_an_account(name)),
            None => Ok(()),
        }
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
    /// As [`AccountNames::name`], and when the name that was sent, or that of a line without an account, is
    /// another account's by now: its author may have meant that one. `remedy` says what to do then.
    pub(super) fn put_reader_right(
        &self,
        reader: &mut CustomerRef,
        incident: &Incident,
        remedy: &str,
    ) -> Result<(), Refusal> {
        let sent = reader.name.clone();
        self.put_right(reader, incident)?;
        let Some(account) = account_of(reader, incident) else {
            return self.is_no_account(&sent, line_of(reader, incident), incident, remedy);
        };
        let bearers = self.bearers(&sent);
        if !bearers.is_empty() && !bearers.contains(&account) {
            let name = self.names.get(&account).unwrap_or(&reader.name);
            return Err(Refusal::out_of_order(format!(
                "“{sent}” is the name of another account by now, and the one that was chosen is called “{name}”. {remedy}"
            )));
        }
        let is_other = |c: &Customer| c.account != Some(account) && c.name == sent;
        if sent != reader.name && incident.customers.iter().any(is_other) {
            return Err(is_called(&sent, &reader.name, remedy));
        }
        Ok(())
    }

    /// Whether neither the name under which a reader without an account was sent, nor that of their line, is an
    /// account's: whoever reads the name takes the one for the other.
    fn is_no_account(
        &self,
        sent: &str,
        line: Option<&Customer>,
        incident: &Incident,
        remedy: &str,
    ) -> Result<(), Refusal> {
        let Some(line) = line else {
            return match self.bearers(sent) {
                [] => Ok(()),
                _ => Err(is_an_account(sent)),
            };
        };
        if !self.bearers(&line.name).is_empty() {
            let name = &line.name;
            let way = match incident.is_open() {
                true => {
                    "choose the account for it under Customers in the room, or give it another name there"
                }
                false => {
                    "choose the account as reader, or reopen the incident and give it another name"
                }
            };
            return Err(Refusal::out_of_order(format!(
                "“{name}” is the name of an account, and this customer of the incident has no account: {way}. {remedy}"
            )));
        }
        let is_other = |c: &Customer| !c.is(line.id) && c.name == sent;
        if sent != line.name && incident.customers.iter().any(is_other) {
            return Err(is_called(sent, &line.name, remedy));
        }
        if !self.bearers(sent).is_empty() {
            return Err(Refusal::out_of_order(format!(
                "“{sent}” is the name of an account by now, and the customer who was chosen is called “{}”. {remedy}",
                line.name
            )));
        }
        Ok(())
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
        let sent = readers.iter().flat_map(|r| names_of(r, Some(incident)));
        let store = self.shared.store.as_ref();
        let names = AccountNames::of(ids.collect(), sent.collect(), store).await;
        let names = names.map_err(fault::unread)?;
        let mut each = readers.iter_mut();
        Ok(each.try_for_each(|r| names.put_reader_right(r, incident, CHOOSE_AGAIN)))
    }
}

/// The account of this customer: their own, or that of their line.
pub(super) fn account_of(customer: &CustomerRef, incident: &Incident) -> Option<AccountId> {
    let of_line = || line_of(customer, incident)?.account;
    customer.id.account().or_else(of_line)
}

fn line_of<'a>(customer: &CustomerRef, incident: &'a Incident) -> Option<&'a Customer> {
    match customer.id.is_set() {
        true => incident.customer(customer.id),
        false => incident.customers.iter().find(|c| c.name == customer.name),
    }
}

/// The names under which a reader may be taken for an account: the one that was sent, and that of their line.
pub(super) fn names_of(
    reader: &CustomerRef,
    incident: Option<&Incident>,
) -> impl Iterator<Item = String> + use<> {
    let line = incident.and_then(|i| line_of(reader, i));
    let line = line.map(|line| line.name.clone());
    std::iter::once(reader.name.clone()).chain(line)
}

/// The names that a command gives lines of the incident that have no account: new ones, and new names of those that
/// are there. A line that bears such a name already keeps it. Without the incident, all that may be such.
pub(super) fn names_without_account<'a>(
    command: &'a Command,
    incident: Option<&Incident>,
) -> Vec<&'a str> {
    let is_there = |id| incident.is_some_and(|i| i.customer(id).is_some());
    let is_entry = |c: &&CustomerRef| c.id.account().is_none() && !is_there(c.id);
    let is_called_so = |c: &Customer, name: &str| {
        let lines = incident.map_or(&[][..], |i| &i.customers);
        let of_id = |line: &&Customer| c.id.is_unset() || line.is(c.id);
        lines.iter().filter(of_id).any(|line| line.name == name)
    };
    match command {
        Command::AddCustomer { customer } if is_entry(&customer) => vec![&customer.name],
        // Typed by hand where no account could be asked for, a new line is kept: nobody is told under its name before it
        // is joined.
        Command::NoteCustomer { customer: to } if !has_account(to) => {
            if incident.is_some() && !is_there(to.id) {
                return Vec::new();
            }
            let is_kept = is_called_so(to, &without_unseen(&to.name));
            if is_kept { Vec::new() } else { vec![&to.name] }
        }
        Command::ChangeCustomer { was, to } if !has_account(to) => {
            let is_kept = was.name == to.name || is_called_so(to, &to.name);
            if is_kept { Vec::new() } else { vec![&to.name] }
        }
        _ => Vec::new(),
    }
}

fn has_account(line: &Customer) -> bool {
    line.id.account().or(line.account).is_some()
}

fn is_called(sent: &str, name: &str, remedy: &str) -> Refusal {
    Refusal::out_of_order(format!(
        "“{sent}” is another customer of the incident by now, and the one who was chosen is called “{name}”. {remedy}"
    ))
}

fn is_an_account(name: &str) -> Refusal {
    let problem = format!(
        "“{name}” is an account: choose it from the list of accounts, or write another name"
    );
    Refusal::invalid("Customer", problem)
}

/// Names of which this is the same look the same, but for capitals and spaces.
fn seen(name: &str) -> String {
    let composed: String = without_unseen(name).nfc().collect();
    key(&composed).nfc().collect()
}

/// As it would be kept.
fn without_unseen(name: &str) -> String {
    text::name("Customer", name).unwrap_or_else(|_| name.to_owned())
}
