//! The log as one signed-in person sees it.

use super::{Log, fault};
use crate::http::Token;
use crate::links::{OPEN_MAX, Page};
use crate::store::{Deed, SecretLink, StoreError};
use app::api::{
    ACCOUNTS_MAX, Answer, ApiError, Backend, Found, Link, LinkKind, Opened, Pulled, Snapshot,
    Sought,
};
use async_trait::async_trait;
use domain::account::Account;
use domain::credit::Proposed;
use domain::customer::CustomerId;
use domain::text::line;
use domain::{Envelope, IncidentId, IncidentNumber, Person, PersonId, Refusal};

/// The log bound to whose session it is. The actor of every command is this person and
/// nobody else (D2).
#[derive(Clone)]
pub struct BoundBackend {
    /// The log.
    pub log: Log,
    /// Whose session it is.
    pub me: Person,
    /// The address that they ask from, for the audit log.
    pub from: String,
}

#[async_trait]
impl Backend for BoundBackend {
    fn me(&self) -> PersonId {
        self.me.id
    }

    async fn push(&self, commands: Vec<Envelope>) -> Result<Vec<Answer>, ApiError> {
        self.log
            .push_from(self.me.to_ref(), &self.from, commands)
            .await
    }

    async fn pull(
        &self,
        since: u64,
        seen: Option<String>,
        people: Option<u64>,
    ) -> Result<Pulled, ApiError> {
        let pulled = self.log.pull(since, seen.as_deref()).await?;
        let now = self.log.people().now();
        let moved = people.is_some_and(|held| held != now.here().version);
        Ok(Pulled {
            people: moved.then(|| now.here().clone()),
            ..pulled
        })
    }

    async fn open(&self, number: IncidentNumber, after: u64) -> Result<Opened, ApiError> {
        self.log.open(number, after).await
    }

    async fn snapshot(&self, number: Option<IncidentNumber>) -> Result<Snapshot, ApiError> {
        self.log.snapshot(self.me.clone(), number).await
    }

    async fn find(
        &self,
        sought: Sought,
        before: Option<IncidentNumber>,
    ) -> Result<Found, ApiError> {
        self.log.find(&sought, before).await
    }

    async fn make_link(
        &self,
        kind: LinkKind,
        target: String,
        label: String,
    ) -> Result<String, ApiError> {
        let label = match label.trim() {
            "" => String::new(),
            label => line("For whom", label).map_err(wrong)?,
        };
        let (target, way) = match kind {
            LinkKind::Status => {
                let (page, _) = self.log.customer_page(&target).await?;
                if let Page::Name(_) = page {
                    return Err(ApiError::BadRequest {
                        detail: "Links are made for an account or a customer of an incident. Choose Share there."
                            .to_owned(),
                    });
                }
                (page.to_string(), "/status/c")
            }
            LinkKind::Brief => {
                let id = target.parse().map_err(|_| ApiError::NotFound)?;
                (self.log.incident_by_id(id).await?.id.to_string(), "/brief")
            }
        };
        let token = Token::random().map_err(|_| fault::internal(&"no random numbers"))?;
        let link = SecretLink {
            id: 0,
            token_hash: token.hash(),
            kind,
            target,
            label,
            made_by: self.me.to_ref(),
            made_at: self.log.now(),
            revoked_at: None,
        };
        let (log, from) = (self.log.clone(), self.from.clone());
        let added = to_its_end(async move { log.links().add(&link, &from).await });
        if !added.await? {
            return Err(ApiError::BadRequest {
                detail: format!("There are {OPEN_MAX} links to this already. Revoke one first."),
            });
        }
        Ok(format!("{way}/{}", token.text()))
    }

    async fn links(&self, kind: LinkKind, target: &str) -> Result<Vec<Link>, ApiError> {
        let links = self.log.listed_links(kind, target).await?;
        let shown = |(link, customer_of): (SecretLink, Option<String>)| Link {
            id: link.id,
            label: link.label,
            made_by: link.made_by.name,
            made_at: link.made_at,
            customer_of,
            revoked_at: link.revoked_at,
        };
        Ok(links.into_iter().map(shown).collect())
    }

    async fn revoke_link(&self, id: u64) -> Result<(), ApiError> {
        let log = self.log.clone();
        let deed = Deed::new(self.me.to_ref(), self.log.now(), self.from.clone());
        match to_its_end(async move { log.links().revoke(id, &deed).await }).await? {
            true => Ok(()),
            false => Err(ApiError::BadRequest {
                detail: "There is no such link.".to_owned(),
            }),
        }
    }

    async fn readers_without_link(
        &self,
        incident: IncidentId,
        customers: &[CustomerId],
    ) -> Result<Vec<(CustomerId, String)>, ApiError> {
        let without = self.log.readers_without_link(incident, customers).await?;
        let without = without.into_iter();
        Ok(without.map(|(id, page)| (id, page.to_string())).collect())
    }

    async fn find_accounts(&self, query: &str) -> Result<Vec<Account>, ApiError> {
        self.log.find_accounts(query, ACCOUNTS_MAX).await
    }

    async fn calculate_credit(
        &self,
        incident: IncidentId,
        customer: CustomerId,
    ) -> Result<Result<Proposed, Refusal>, ApiError> {
        self.log.calculate_credit(incident, customer).await
    }
}

/// In a task of its own: a handler is dropped when its client goes away, and what is on disk
/// must get into memory all the same.
async fn to_its_end<T: Send + 'static>(
    write: impl Future<Output = Result<T, StoreError>> + Send + 'static,
) -> Result<T, ApiError> {
    match tokio::spawn(write).await {
        Ok(done) => done.map_err(|error| fault::unwritten(&error)),
        Err(broken) => Err(fault::internal(&broken)),
    }
}

fn wrong(refusal: Refusal) -> ApiError {
    ApiError::BadRequest {
        detail: refusal.to_string(),
    }
}
