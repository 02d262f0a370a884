//! The customers that a command names: each must be there, and goes by the name that it has here.
//! An update for one who could not read it is not published: its clock would stop, and nobody told.

use super::account_names::{
    AccountNames, CHOOSE_AGAIN, SEND_BACK, account_of, names_of, names_without_account,
};
use super::linked::pages;
use super::{Log, fault};
use crate::links::{Links, Page};
use crate::store::{Store, StoreError};
use app::api::{ApiError, LinkKind};
use domain::customer::{Customer, CustomerId, CustomerRef};
use domain::draft::{DraftText, Stage};
use domain::update::Audience;
use domain::worth::Pays;
use domain::{AccountId, Command, Envelope, Incident, IncidentId, Refusal};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

impl Log {
    /// Whose page this is, and what they are called; an entry that was joined to an account has the
    /// account's.
    ///
    /// # Errors
    /// [`ApiError::BadRequest`] when it is nobody's, or [`ApiError`] when the log cannot be read.
    pub(crate) async fn customer_page(&self, target: &str) -> Result<(Page, String), ApiError> {
        let nobody = || {
            ApiError::BadRequest {
            detail: "There is no such customer. Open the incident or the account, and choose Share there."
                .to_owned(),
        }
        };
        let page: Page = target.parse().map_err(|_| nobody())?;
        let page = match page {
            Page::Entry(incident, entry) => {
                let incident = self.incident_by_id(incident).await?;
                let line = incident.customer(CustomerId::Entry(entry));
                let line = line.ok_or_else(nobody)?;
                match Page::of(incident.id, line) {
                    page @ Page::Account(_) => page,
                    page => return Ok((page, line.name.clone())),
                }
            }
            page => page,
        };
        match &page {
            Page::Account(id) => {
                let names = self.shared.store.account_names(&[*id]).await;
                let mut names = names.map_err(fault::unread)?;
                let (_, name) = names.pop().ok_or_else(nobody)?;
                Ok((page, name))
            }
            Page::Name(name) => {
                let name = name.clone();
                Ok((page, name))
            }
            Page::Entry(..) => Err(nobody()),
        }
    }
}

/// What is known of the customers that the commands of one batch name.
#[derive(Default)]
pub(super) struct Customers {
    /// What the accounts are called.
    names: AccountNames,
    /// What open links to customers' pages open.
    linked: HashSet<String>,
    /// What the accounts pay that credits are about, or that lines are joined to.
    pays: HashMap<AccountId, Pays>,
}

impl Customers {
    /// Asks the store for all of them at once.
    pub(super) async fn of<'a>(
        envelopes: impl Iterator<Item = &'a mut Envelope>,
        incidents: &HashMap<IncidentId, Arc<Incident>>,
        store: &dyn Store,
        links: &Links,
    ) -> Result<Self, StoreError> {
        let (mut ids, mut sent) = (BTreeSet::new(), BTreeSet::new());
        let mut is_told_by_name = false;
        for envelope in envelopes {
            let incident = incidents.get(&envelope.incident).map(|i| &**i);
            let command = &mut envelope.command;
            is_told_by_name |= audience(command).is_some();
            let named = names_without_account(command, None);
            sent.extend(named.into_iter().map(str::to_owned));
            let is_read = is_read(command);
            for customer in command.customers_mut() {
                ids.extend(match incident {
                    Some(incident) => account_of(customer, incident),
                    None => customer.id.account(),
                });
                if is_read {
                    sent.extend(names_of(customer, incident));
                }
            }
            for reader in incident.map_or(&[][..], |i| readers_to_approve(command, i)) {
                ids.extend(incident.and_then(|i| account_of(reader, i)));
                sent.extend(names_of(reader, incident));
            }
            let line = command.customer_mut();
            ids.extend(line.and_then(|c| c.id.account().or(c.account)));
        }
        Ok(Self {
            names: AccountNames::of(ids, sent, store).await?,
            linked: match is_told_by_name {
                true => links.targets(LinkKind::Status),
                false => HashSet::new(),
            },
            pays: HashMap::new(),
        })
    }

    /// Asks the store what the customers pay whose credits these commands are about, by their accounts, and those
    /// that a line is joined to.
    pub(super) async fn ask_what_they_pay(
        &mut self,
        commands: impl Iterator<Item = &Envelope> + Clone,
        incidents: &HashMap<IncidentId, Arc<Incident>>,
        store: &dyn Store,
    ) -> Result<(), StoreError> {
        let asks = |e: &Envelope| is_of_credit(&e.command) || joined(&e.command).is_some();
        if !commands.clone().any(asks) {
            return Ok(());
        }
        let mut ids = BTreeSet::new();
        // Another command of this batch may put the line on the incident, or propose what is judged.
        for envelope in commands {
            let incident = incidents.get(&envelope.incident);
            let line = incident.and_then(|i| line_of(&envelope.command, i));
            for customer in line.into_iter().chain(said_by(&envelope.command)) {
                ids.extend(customer.id.account().or(customer.account));
            }
            ids.extend(named_by(&envelope.command).and_then(|named| named.id.account()));
        }
        for id in ids {
            if let Some(kept) = store.account_by_id(id).await? {
                self.pays.insert(id, Pays::of_account(&kept.account));
            }
        }
        Ok(())
    }

    /// What the account pays of the customer whose credit this is about, or that a line is joined to. A name vouches
    /// for nothing: whoever has no account on the incident is none.
    pub(super) fn pay(&self, command: &Command, incident: &Incident) -> Option<&Pays> {
        let of_line = || line_of(command, incident)?.account;
        self.pays.get(&joined(command).or_else(of_line)?)
    }

    /// The command with the names of its customers put right.
    ///
    /// # Errors
    /// A [`Refusal`] when one is no account, gets the name of one without it, or could not read what is published
    /// to them.
    pub(super) fn admit(&self, command: &mut Command, incident: &Incident) -> Result<(), Refusal> {
        self.names.may_name_lines(command, incident)?;
        let is_read = is_read(command);
        // A declaration waits for nobody's name: whatever is told to its readers is looked at then.
        let declares = matches!(command, Command::Declare { .. });
        for customer in command.customers_mut() {
            match is_read && !(declares && customer.id.account().is_none()) {
                true => self
                    .names
                    .put_reader_right(customer, incident, CHOOSE_AGAIN)?,
                false => self.names.put_right(customer, incident)?,
            }
        }
        // Approved is what was shown, and it was shown by its names.
        for reader in readers_to_approve(command, incident) {
            let mut shown = reader.clone();
            self.names
                .put_reader_right(&mut shown, incident, SEND_BACK)?;
        }
        if let Some(line) = command.customer_mut()
            && let Some(id) = line.id.account().or(line.account)
        {
            let name = self.names.name(id, &line.name)?;
            name.clone_into(&mut line.name);
        }
        match audience(command) {
            Some(readers) => readers.iter().try_for_each(|r| self.can_read(r, incident)),
            None => Ok(()),
        }
    }

    /// Who has no account reads by a link to a page of their own, or not at all.
    fn can_read(&self, reader: &CustomerRef, incident: &Incident) -> Result<(), Refusal> {
        let is_it = |c: &&Customer| match reader.id.is_set() {
            true => c.is(reader.id),
            false => c.name == reader.name,
        };
        let Some(line) = incident.customers.iter().find(is_it) else {
            return Ok(());
        };
        let is_linked = |page: Page| self.linked.contains(&page.to_string());
        let has_account = matches!(Page::of(incident.id, line), Page::Account(_));
        if has_account || pages(incident, line.id).into_iter().any(is_linked) {
            return Ok(());
        }
        Err(Refusal::out_of_order(format!(
            "“{}” has no account and no link to a page of their own: nobody there could read it. \
             Make a link first, under Customers in the room, and send it to them. Then publish.",
            line.name
        )))
    }
}

fn is_of_credit(command: &Command) -> bool {
    matches!(
        command,
        Command::ProposeCredit { .. } | Command::JudgeCredit { .. } | Command::DecideCredit { .. }
    )
}

/// Whom a command about a credit names, and whom a line names that is put on the incident by name only.
fn named_by(command: &Command) -> Option<&CustomerRef> {
    match command {
        Command::ProposeCredit { customer, .. }
        | Command::DecideCredit { customer, .. }
        | Command::AddCustomer { customer } => Some(customer),
        _ => None,
    }
}

/// The line that a command puts on the incident or changes.
fn said_by(command: &Command) -> Option<&Customer> {
    match command {
        Command::NoteCustomer { customer } => Some(customer),
        Command::ChangeCustomer { to, .. } => Some(to),
        _ => None,
    }
}

/// The account that a command would join a line to, if that is an entry yet.
fn joined(command: &Command) -> Option<AccountId> {
    match command {
        // As an older build puts a line on the incident, or changes it.
        Command::NoteCustomer { customer } if !customer.id.is_set() => customer.account,
        Command::ChangeCustomer { was, to } if was.account != to.account => to.account,
        _ => None,
    }
}

/// The line of the customer whose credit this is about.
fn line_of<'a>(command: &Command, incident: &'a Incident) -> Option<&'a Customer> {
    if let Command::JudgeCredit { proposal, .. } = command {
        let proposal = incident.proposals.iter().find(|p| p.id == *proposal)?;
        return incident.customer(proposal.customer.id);
    }
    let named = named_by(command)?;
    match named.id.is_set() {
        true => incident.customer(named.id),
        false => incident.customers.iter().find(|c| c.name == named.name),
    }
}

/// Whether the customers whom it names are to read something.
fn is_read(command: &Command) -> bool {
    matches!(
        command,
        Command::Declare { .. } | Command::ReadyDraft { .. } | Command::PublishUpdate { .. }
    )
}

/// Who reads the text that this command approves.
fn readers_to_approve<'a>(command: &Command, incident: &'a Incident) -> &'a [CustomerRef] {
    let Command::ApproveDraft { draft } = command else {
        return &[];
    };
    let text = incident.drafts.values().find_map(|d| match &d.stage {
        Stage::Ready { id, text, .. } if id == draft => Some(&**text),
        _ => None,
    });
    match text {
        Some(DraftText::Update { text, .. }) => match &text.audience {
            Audience::Named { customers } => customers,
            Audience::Public => &[],
        },
        Some(DraftText::Brief { .. }) | None => &[],
    }
}

/// Whom this command tells by name, now.
fn audience(command: &Command) -> Option<&[CustomerRef]> {
    match command {
        Command::PublishUpdate { text, .. } => match &text.audience {
            Audience::Named { customers } => Some(customers),
            Audience::Public => None,
        },
        _ => None,
    }
}
