//! Which secret links open what is published to a customer of an incident.

use super::{Log, fault};
use crate::links::Page;
use crate::store::SecretLink;
use app::api::{ApiError, LinkKind};
use domain::customer::{Customer, CustomerId};
use domain::decide::READERS_MAX;
use domain::{AccountId, EntryId, Incident, IncidentId};
use std::sync::Arc;

/// Closed incidents that are read from the database for one list of links.
const CLOSED_READ_MAX: usize = 20;

/// The pages on which this customer reads what is published to them on this incident, the one that links are made for
/// first. A link to an entry opens what its account is told, too, and so does one to a name that meant them.
pub(super) fn pages(incident: &Incident, id: CustomerId) -> Vec<Page> {
    let line = incident.customer(id);
    let mut pages = vec![match (line, id) {
        (Some(line), _) => Page::of(incident.id, line),
        (None, CustomerId::Account(account)) => Page::Account(account),
        (None, CustomerId::Entry(entry)) => Page::Entry(incident.id, entry),
    }];
    if let Some(Customer {
        id: CustomerId::Entry(entry),
        account: Some(_),
        ..
    }) = line
    {
        pages.push(Page::Entry(incident.id, *entry));
    }
    let names = incident.names.iter();
    let names = names.filter(|(_, meant)| incident.is_same_customer(**meant, id));
    pages.extend(names.map(|(name, _)| Page::Name(name.clone())));
    pages
}

impl Log {
    /// Which of these could not read by any open link what is published to them on this incident, each with the page
    /// that a link would be made for.
    pub(super) async fn readers_without_link(
        &self,
        incident: IncidentId,
        customers: &[CustomerId],
    ) -> Result<Vec<(CustomerId, Page)>, ApiError> {
        if customers.len() > READERS_MAX {
            return Err(ApiError::BadRequest {
                detail: format!("Ask about at most {READERS_MAX} customers at once."),
            });
        }
        let incident = self.incident_by_id(incident).await?;
        let linked = self.links().targets(LinkKind::Status);
        let without = customers.iter().filter_map(|id| {
            let pages = pages(&incident, *id);
            let is_linked = pages.iter().any(|page| linked.contains(&page.to_string()));
            let own = pages.into_iter().next().filter(|_| !is_linked)?;
            Some((*id, own))
        });
        Ok(without.collect())
    }

    /// The pages of entries that were joined to this account and that an open link leads to, each with the number of
    /// its incident: what the account is told there is read by that link. Of incidents that are closed the newest
    /// [`CLOSED_READ_MAX`] are looked into.
    pub(super) async fn joined_pages(&self, account: AccountId) -> Vec<(Page, String)> {
        let mut entries: Vec<(IncidentId, EntryId)> = Vec::new();
        for target in self.links().targets(LinkKind::Status) {
            if let Ok(Page::Entry(incident, entry)) = target.parse() {
                entries.push((incident, entry));
            }
        }
        entries.sort_unstable();
        let (live, mut closed_read, mut joined) = (self.live(), 0, Vec::new());
        for of_one in entries.chunk_by(|(one, _), (other, _)| one == other).rev() {
            let Some((id, _)) = of_one.first() else {
                continue;
            };
            let incident = match live.get(id) {
                Some(incident) => Arc::clone(incident),
                None if closed_read == CLOSED_READ_MAX => continue,
                None => {
                    closed_read += 1;
                    match self.incident_by_id(*id).await {
                        Ok(incident) => incident,
                        // The others are listed all the same.
                        Err(_) => continue,
                    }
                }
            };
            let is_joined = |entry: EntryId| {
                let line = incident.customer(CustomerId::Entry(entry));
                line.is_some_and(|line| line.account == Some(account))
            };
            let pages = of_one.iter().filter(|(_, entry)| is_joined(*entry));
            let number = incident.number_label();
            joined.extend(pages.map(|(id, entry)| (Page::Entry(*id, *entry), number.clone())));
        }
        joined
    }

    /// The links to this, and to pages on which the same is read: of a name from before ids, and of entries that were
    /// joined to the account, with the number of their incident.
    pub(super) async fn listed_links(
        &self,
        kind: LinkKind,
        target: &str,
    ) -> Result<Vec<(SecretLink, Option<String>)>, ApiError> {
        let mut links = self.links_to(kind, target, None).await?;
        if kind != LinkKind::Status {
            return Ok(links);
        }
        let Ok((page, name)) = self.customer_page(target).await else {
            return Ok(links);
        };
        // One from before customers had ids is told apart by the name alone.
        let by_name = Page::Name(name);
        if page != by_name {
            links.extend(self.links_to(kind, &by_name.to_string(), None).await?);
        }
        if let Page::Account(account) = page {
            for (entry, number) in self.joined_pages(account).await {
                let entry = entry.to_string();
                if entry != target {
                    links.extend(self.links_to(kind, &entry, Some(number)).await?);
                }
            }
        }
        Ok(links)
    }

    async fn links_to(
        &self,
        kind: LinkKind,
        target: &str,
        customer_of: Option<String>,
    ) -> Result<Vec<(SecretLink, Option<String>)>, ApiError> {
        let links = self.links().list(kind, target).await;
        let links = links.map_err(fault::unread)?.into_iter();
        Ok(links.map(|link| (link, customer_of.clone())).collect())
    }
}
