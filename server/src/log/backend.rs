//! The log as one signed-in person sees it.

use super::Log;
use app::api::{ACCOUNTS_MAX, Answer, ApiError, Backend, Pulled, Snapshot};
use async_trait::async_trait;
use domain::account::Account;
use domain::{Envelope, Incident, IncidentNumber, Person, PersonId};

/// The log bound to whose session it is. The actor of every command is this person and
/// nobody else (D2).
#[derive(Clone)]
pub struct BoundBackend {
    /// The log.
    pub log: Log,
    /// Whose session it is.
    pub me: Person,
}

#[async_trait]
impl Backend for BoundBackend {
    fn me(&self) -> PersonId {
        self.me.id
    }

    async fn push(&self, commands: Vec<Envelope>) -> Result<Vec<Answer>, ApiError> {
        self.log.push(self.me.to_ref(), commands).await
    }

    async fn pull(&self, since: u64) -> Result<Pulled, ApiError> {
        self.log.pull(since).await
    }

    async fn incident(&self, number: IncidentNumber) -> Result<(u64, Incident), ApiError> {
        let (head, incident) = self.log.incident(number).await?;
        Ok((head, Incident::clone(&incident)))
    }

    async fn snapshot(&self, number: Option<IncidentNumber>) -> Result<Snapshot, ApiError> {
        self.log.snapshot(self.me.clone(), number).await
    }

    async fn find_accounts(&self, query: &str) -> Result<Vec<Account>, ApiError> {
        self.log.find_accounts(query, ACCOUNTS_MAX).await
    }
}
