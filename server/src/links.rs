//! Secret links: what each opens, in memory, so that who guesses at addresses asks the database
//! nothing. Only the hash of a token is ever kept (D3).
//!
//! Architecture invariant: memory follows the disk. A link opens something only after it is
//! written, and a revoked one is on disk as revoked before its maker is told so.

use crate::store::{Deed, SecretLink, Store, StoreError};
use app::api::LinkKind;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use tokio::sync::Mutex;

/// Links that open one thing at a time; more than this is a list nobody oversees.
pub(crate) const OPEN_MAX: usize = 50;
/// Links that are listed, revoked ones included.
pub(crate) const LISTED_MAX: u32 = 100;

/// What a link opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Opens {
    pub(crate) kind: LinkKind,
    /// The account's name, the incident's id.
    pub(crate) target: String,
}

/// Every link.
pub(crate) struct Links {
    store: Arc<dyn Store>,
    open: RwLock<HashMap<[u8; 32], Arc<Opens>>>,
    /// One change at a time: one that is revoked before it is in memory would get there afterwards.
    writing: Mutex<()>,
}

impl Links {
    /// Reads those that open something.
    pub(crate) async fn load(store: Arc<dyn Store>) -> Result<Self, StoreError> {
        let open = store.open_links().await?;
        let open = open.into_iter().map(|link| (link.token_hash, opens(&link)));
        Ok(Self {
            open: RwLock::new(open.collect()),
            writing: Mutex::new(()),
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

    /// How many open this.
    pub(crate) fn count(&self, kind: LinkKind, target: &str) -> usize {
        let open = self.open.read().unwrap_or_else(PoisonError::into_inner);
        open.values()
            .filter(|opens| opens.kind == kind && opens.target == target)
            .count()
    }

    /// Adds a link; it opens what it should from then on.
    pub(crate) async fn add(&self, link: &SecretLink, from: &str) -> Result<(), StoreError> {
        let _one = self.writing.lock().await;
        self.store.add_link(link, from).await?;
        let mut open = self.open.write().unwrap_or_else(PoisonError::into_inner);
        open.insert(link.token_hash, opens(link));
        Ok(())
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

fn opens(link: &SecretLink) -> Arc<Opens> {
    Arc::new(Opens {
        kind: link.kind,
        target: link.target.clone(),
    })
}
