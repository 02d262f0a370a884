//! Secret links: what each opens, in memory, so that who guesses at addresses asks the database
//! nothing. Only the hash of a token is ever kept (D3).
//!
//! Architecture invariant: memory follows the disk. A link opens something only after it is
//! written, and a revoked one is on disk as revoked before its maker is told so.

use crate::store::{Deed, SecretLink, Store, StoreError};
use app::api::LinkKind;
use domain::customer::{Customer, CustomerId};
use domain::public::Reader;
use domain::{AccountId, EntryId, IncidentId};
use sha2::{Digest, Sha256};
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, PoisonError, RwLock};
use tokio::sync::Mutex;

/// Links that open one thing at a time; more than this is a list nobody oversees.
pub(crate) const OPEN_MAX: usize = 50;
/// Links that are listed, revoked ones included.
pub(crate) const LISTED_MAX: u32 = 100;

/// Whose page a link to a customer's page opens, as it is kept in the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Page {
    /// A customer account: `account/<id>`.
    Account(AccountId),
    /// A customer of this incident that has no account: `entry/<incident>/<id>`.
    Entry(IncidentId, EntryId),
    /// Whoever was meant by this name before customers had ids: `name/<name>`. None is made any more.
    Name(String),
}

impl Page {
    /// The page of this line of an incident.
    #[must_use]
    pub fn of(incident: IncidentId, customer: &Customer) -> Self {
        match (customer.account, customer.id) {
            (Some(account), _) | (None, CustomerId::Account(account)) => Self::Account(account),
            (None, CustomerId::Entry(entry)) => Self::Entry(incident, entry),
        }
    }

    /// Who reads there.
    #[must_use]
    pub fn reader(&self) -> Reader {
        match self {
            Self::Account(id) => Reader::Account(*id),
            Self::Entry(incident, id) => Reader::Entry(*incident, *id),
            Self::Name(name) => Reader::Named(name.clone()),
        }
    }
}

impl fmt::Display for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account(id) => write!(f, "account/{id}"),
            Self::Entry(incident, id) => write!(f, "entry/{incident}/{id}"),
            Self::Name(name) => write!(f, "name/{name}"),
        }
    }
}

/// A text that names no page of a customer.
#[derive(Debug, thiserror::Error)]
#[error("no page of a customer")]
pub struct NoPage;

impl FromStr for Page {
    type Err = NoPage;

    fn from_str(target: &str) -> Result<Self, NoPage> {
        let (kind, which) = target.split_once('/').ok_or(NoPage)?;
        match (kind, which.split_once('/')) {
            ("name", _) => Ok(Self::Name(which.to_owned())),
            ("account", None) => which.parse().map(Self::Account).map_err(|_| NoPage),
            ("entry", Some((incident, entry))) => {
                let incident = incident.parse().map_err(|_| NoPage)?;
                let entry = entry.parse().map_err(|_| NoPage)?;
                Ok(Self::Entry(incident, entry))
            }
            _ => Err(NoPage),
        }
    }
}

/// What a link opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Opens {
    pub(crate) kind: LinkKind,
    /// A [`Page`], an incident's id.
    pub(crate) target: String,
}

/// Every link.
pub(crate) struct Links {
    store: Arc<dyn Store>,
    open: RwLock<HashMap<[u8; 32], Arc<Opens>>>,
    /// One change at a time: one that is revoked before it is in memory would get there afterwards.
    writing: Mutex<()>,
    /// What the accounts are called whose pages links open.
    names: RwLock<HashMap<AccountId, String>>,
}

impl Links {
    /// Reads those that open something.
    pub(crate) async fn load(store: Arc<dyn Store>) -> Result<Self, StoreError> {
        let open = store.open_links().await?;
        let accounts: Vec<AccountId> = open.iter().filter_map(account_of).collect();
        let names = store.account_names(&accounts).await?;
        let open = open.into_iter().map(|link| (link.token_hash, opens(&link)));
        Ok(Self {
            open: RwLock::new(open.collect()),
            writing: Mutex::new(()),
            names: RwLock::new(names.into_iter().collect()),
            store,
        })
    }

    /// What the link of this token opens. Hashed first, so that neither the time it takes nor
    /// the place in the map tells how much of a guess is right.
    pub(crate) fn find(&self, kind: LinkKind, token: &str) -> Option<Arc<Opens>> {
        let hash: [u8; 32] = Sha256::digest(token).into();
        let open = self.open.read().unwrap_or_else(PoisonError::into_inner);
        open.get(&hash).filter(|opens| opens.kind == kind).cloned()
    }

    /// What the open links of this kind open.
    pub(crate) fn targets(&self, kind: LinkKind) -> HashSet<String> {
        let open = self.open.read().unwrap_or_else(PoisonError::into_inner);
        let of_kind = open.values().filter(|opens| opens.kind == kind);
        of_kind.map(|opens| opens.target.clone()).collect()
    }

    /// How many open this.
    fn count(&self, kind: LinkKind, target: &str) -> usize {
        let open = self.open.read().unwrap_or_else(PoisonError::into_inner);
        open.values()
            .filter(|opens| opens.kind == kind && opens.target == target)
            .count()
    }

    /// Adds a link; it opens what it should from then on. `false` when [`OPEN_MAX`] open that already, counted
    /// while nobody else adds one.
    pub(crate) async fn add(&self, link: &SecretLink, from: &str) -> Result<bool, StoreError> {
        let _one = self.writing.lock().await;
        if self.count(link.kind, &link.target) >= OPEN_MAX {
            return Ok(false);
        }
        // Read before it is made: what fails afterwards would lose its address.
        let account = account_of(link);
        let names = self.store.account_names(account.as_slice()).await?;
        self.store.add_link(link, from).await?;
        let mut known = self.names.write().unwrap_or_else(PoisonError::into_inner);
        for (account, name) in names {
            // One that is known is kept up to date, and may be newer.
            known.entry(account).or_insert(name);
        }
        drop(known);
        let mut open = self.open.write().unwrap_or_else(PoisonError::into_inner);
        open.insert(link.token_hash, opens(link));
        Ok(true)
    }

    /// These accounts are called so now.
    pub(crate) fn rename(&self, accounts: impl IntoIterator<Item = (AccountId, String)>) {
        let mut names = self.names.write().unwrap_or_else(PoisonError::into_inner);
        names.extend(accounts);
    }

    /// What this account is called.
    pub(crate) fn name(&self, account: AccountId) -> Option<String> {
        let names = self.names.read().unwrap_or_else(PoisonError::into_inner);
        names.get(&account).cloned()
    }

    /// The links to this, at most [`LISTED_MAX`].
    pub(crate) async fn list(
        &self,
        kind: LinkKind,
        target: &str,
    ) -> Result<Vec<SecretLink>, StoreError> {
        self.store.links(kind, target, LISTED_MAX).await
    }

    /// Revokes a link. `false` when there is no such link.
    pub(crate) async fn revoke(&self, id: u64, deed: &Deed) -> Result<bool, StoreError> {
        let _one = self.writing.lock().await;
        let Some(hash) = self.store.revoke_link(id, deed).await? else {
            return Ok(false);
        };
        let mut open = self.open.write().unwrap_or_else(PoisonError::into_inner);
        open.remove(&hash);
        Ok(true)
    }
}

fn account_of(link: &SecretLink) -> Option<AccountId> {
    match link.target.parse() {
        Ok(Page::Account(id)) if link.kind == LinkKind::Status => Some(id),
        _ => None,
    }
}

fn opens(link: &SecretLink) -> Arc<Opens> {
    Arc::new(Opens {
        kind: link.kind,
        target: link.target.clone(),
    })
}
