//! The pages of one reader at one moment. They are good until a publish changes what they tell,
//! the minute they name is over, or a promise passes in silence; then the next request begins a
//! new generation. Each page of it is drawn at most once, by the first who asks.
//!
//! The page of an incident that is no longer kept in memory comes from the log, one at a time. Whether there is
//! such an incident is looked up before that, in an index, and a "no" is remembered until the next publish: whoever
//! makes addresses up takes no turn from who has one.

use super::absent::Absent;
use super::draw;
use super::recent::Recent;
use super::sheet::Sheet;
use crate::http::fault::Fault;
use crate::http::wrong;
use crate::links::Page;
use crate::log::Log;
use app::public::Home;
use arc_swap::ArcSwap;
use domain::adherence::PromiseState;
use domain::customer::CustomerId;
use domain::public::{PublicIncident, PublicView, Reader};
use domain::{IncidentId, PublicId, Time};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{OnceCell, Semaphore, watch};

/// Customers whose pages are kept drawn; of more, those that were read longest ago are drawn again. Only a link that
/// opens something leads here, so strangers cannot fill it.
const CUSTOMERS_KEPT: usize = 64;

/// Pages of older incidents that a generation keeps.
const OLDER_KEPT: usize = 64;
/// Requests that may wait for the log; more are asked to come back.
const OLDER_WAITING_MAX: usize = 32;
/// Public ids that are looked up in the index at the same time, and that may wait for it. One takes some
/// microseconds.
const LOOK_UPS_AT_ONCE: usize = 2;
const LOOK_UPS_WAITING_MAX: usize = 4_096;
const RETRY_AFTER_S: u32 = 2;

/// Where the pages of this moment are found.
pub(super) struct Pages {
    log: Log,
    told: watch::Receiver<u64>,
    newest: ArcSwap<Generation>,
    renewing: Mutex<()>,
    /// By the address of their status page.
    customers: Mutex<Recent<Arc<Generation>>>,
    absent: Mutex<Absent>,
    look_ups_waiting: Semaphore,
    look_ups: Semaphore,
    older_waiting: Semaphore,
    older_turn: Semaphore,
}

impl Pages {
    pub(super) fn new(log: Log) -> Self {
        let told = log.subscribe_told();
        let first = Generation::of(&log, *told.borrow(), Home::default(), Reader::Public);
        Self {
            log,
            told,
            newest: ArcSwap::from_pointee(first),
            renewing: Mutex::new(()),
            customers: Mutex::new(Recent::of(CUSTOMERS_KEPT)),
            absent: Mutex::default(),
            look_ups_waiting: Semaphore::new(LOOK_UPS_WAITING_MAX),
            look_ups: Semaphore::new(LOOK_UPS_AT_ONCE),
            older_waiting: Semaphore::new(OLDER_WAITING_MAX),
            older_turn: Semaphore::new(1),
        }
    }

    /// The log that the pages are made from.
    pub(super) fn log(&self) -> &Log {
        &self.log
    }

    /// The pages for everybody that tell what was published when this was called.
    pub(super) fn current(&self) -> Arc<Generation> {
        // Read before the pages: one that is published in between is then drawn once too often
        // and never missed.
        let (told, now) = (*self.told.borrow(), self.log.now());
        let newest = self.newest.load_full();
        if newest.is_good(told, now) {
            return newest;
        }
        let _one = self.renewing.lock().unwrap_or_else(PoisonError::into_inner);
        let newest = self.newest.load_full();
        if newest.is_good(told, now) {
            return newest;
        }
        let fresh = Arc::new(Generation::of(
            &self.log,
            told,
            Home::default(),
            Reader::Public,
        ));
        self.newest.store(Arc::clone(&fresh));
        fresh
    }

    /// The same for one customer, at the address of one of their links.
    pub(super) fn of_customer(&self, page: &Page, path: String) -> Arc<Generation> {
        let (told, now) = (*self.told.borrow(), self.log.now());
        let mut kept = self
            .customers
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = kept.find(&path).filter(|g| g.is_good(told, now)) {
            return Arc::clone(found);
        }
        kept.retain(|generation| generation.is_good(told, now));
        let home = Home {
            path: path.clone(),
            account: Some(self.name_of(page)),
            is_outdated: matches!(page, Page::Name(_)),
        };
        let fresh = Arc::new(Generation::of(&self.log, told, home, page.reader()));
        kept.keep(path, Arc::clone(&fresh));
        fresh
    }
}

impl Pages {
    /// What the customer is called now, from memory.
    fn name_of(&self, page: &Page) -> String {
        let known = match page {
            Page::Account(id) => self.log.links().name(*id),
            Page::Name(name) => Some(name.clone()),
            Page::Entry(incident, entry) => {
                let told = self.log.published();
                let live = self.log.live();
                let found = live
                    .get(incident)
                    .or_else(|| told.iter().find(|i| i.id == *incident));
                let line = found.and_then(|i| i.customer(CustomerId::Entry(*entry)));
                line.map(|c| c.name.clone())
            }
        };
        known.unwrap_or_else(|| "you".to_owned())
    }

    /// The page of an incident that `generation` does not hold; none when there is no such, or
    /// none that its reader may see.
    pub(super) async fn older(
        &self,
        generation: &Generation,
        id: &str,
    ) -> Result<Option<Arc<Sheet>>, Fault> {
        if !PublicId::is_one(id) {
            return Ok(None);
        }
        if let Some(sheet) = generation.kept_older(id) {
            return Ok(Some(sheet));
        }
        let address = format!("{}/{id}", generation.home.path);
        if self.absent().has(generation.told, &address) {
            return Ok(None);
        }
        let Some(incident) = self.look_up(id).await? else {
            self.absent().remember(generation.told, address);
            return Ok(None);
        };
        let _waiting = self.older_waiting.try_acquire().map_err(busy)?;
        let _turn = self.older_turn.acquire().await.map_err(Fault::internal)?;
        // The one before may have asked for the same.
        if let Some(sheet) = generation.kept_older(id) {
            return Ok(Some(sheet));
        }
        let incident = self.log.incident_by_id(incident).await.map_err(wrong)?;
        let known = PublicIncident::of(&incident, &generation.reader);
        // Whether customers were told of a damaged one is not known here.
        let Some(known) = known.filter(|known| !known.updates.is_empty()) else {
            self.absent().remember(generation.told, address);
            return Ok(None);
        };
        let sheet = Arc::new(generation.draw_incident(known).await?);
        generation.keep_older(id, &sheet);
        Ok(Some(sheet))
    }

    /// The incident of a public id, whoever may see it.
    async fn look_up(&self, id: &str) -> Result<Option<IncidentId>, Fault> {
        let _waiting = self.look_ups_waiting.try_acquire().map_err(busy)?;
        let _turn = self.look_ups.acquire().await.map_err(Fault::internal)?;
        let id = PublicId(id.to_owned());
        self.log.id_of_public_id(&id).await.map_err(wrong)
    }

    fn absent(&self) -> MutexGuard<'_, Absent> {
        self.absent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn busy(_full: tokio::sync::TryAcquireError) -> Fault {
    Fault::Unavailable {
        retry_after_s: RETRY_AFTER_S,
    }
}

/// The pages of one reader at one moment.
pub(super) struct Generation {
    told: u64,
    from: Time,
    until: Time,
    home: Home,
    reader: Reader,
    view: PublicView,
    status: OnceCell<Sheet>,
    incidents: HashMap<String, (PublicIncident, OnceCell<Sheet>)>,
    older: Mutex<Recent<Arc<Sheet>>>,
    nothing: OnceCell<Sheet>,
}

impl Generation {
    fn of(log: &Log, told: u64, home: Home, reader: Reader) -> Self {
        let from = log.now();
        let known = log.published();
        let known: Vec<PublicIncident> = known
            .iter()
            .filter_map(|i| PublicIncident::of(i, &reader))
            .collect();
        let incidents = known
            .iter()
            .filter_map(|i| Some((i.id.as_ref()?.to_string(), (i.clone(), OnceCell::new()))))
            .collect();
        let view = PublicView::of(known, &log.policy(), from);
        let until = good_until(&view, from);
        Self {
            told,
            from,
            until,
            home,
            reader,
            view,
            status: OnceCell::new(),
            incidents,
            older: Mutex::new(Recent::of(OLDER_KEPT)),
            nothing: OnceCell::new(),
        }
    }

    fn is_good(&self, told: u64, now: Time) -> bool {
        // A clock that was set back starts anew too.
        self.told == told && self.from <= now && now < self.until
    }

    /// The status page.
    pub(super) async fn status(&self) -> Result<&Sheet, Fault> {
        let draw = || {
            let (view, home, now) = (self.view.clone(), self.home.clone(), self.from);
            drawn(move || draw::status(view, home, now))
        };
        self.status.get_or_try_init(draw).await
    }

    /// The page of an incident; none when there is no such, or none that its reader may see.
    pub(super) async fn incident(&self, id: &str) -> Option<Result<&Sheet, Fault>> {
        let (incident, sheet) = self.incidents.get(id)?;
        let draw = || self.draw_incident(incident.clone());
        Some(sheet.get_or_try_init(draw).await)
    }

    async fn draw_incident(&self, incident: PublicIncident) -> Result<Sheet, Fault> {
        let (name, home) = (self.view.page_name.clone(), self.home.clone());
        let now = self.from;
        drawn(move || draw::incident(name, home, incident, now)).await
    }

    fn kept_older(&self, id: &str) -> Option<Arc<Sheet>> {
        let mut older = self.older.lock().unwrap_or_else(PoisonError::into_inner);
        older.find(id).cloned()
    }

    fn keep_older(&self, id: &str, sheet: &Arc<Sheet>) {
        let mut older = self.older.lock().unwrap_or_else(PoisonError::into_inner);
        older.keep(id.to_owned(), Arc::clone(sheet));
    }

    /// The page for addresses that name nothing.
    pub(super) async fn nothing(&self) -> Result<&Sheet, Fault> {
        let draw = || {
            let (name, now) = (self.view.page_name.clone(), self.from);
            drawn(move || draw::nothing(name, now))
        };
        self.nothing.get_or_try_init(draw).await
    }
}

/// Drawing and packing take milliseconds, too long for a thread that answers requests.
async fn drawn(
    draw: impl FnOnce() -> Result<Sheet, Fault> + Send + 'static,
) -> Result<Sheet, Fault> {
    tokio::task::spawn_blocking(draw)
        .await
        .map_err(Fault::internal)?
}

/// The end of the minute, or the moment after the next promised time.
fn good_until(view: &PublicView, from: Time) -> Time {
    let minute_ms = 60_000;
    let next_minute =
        from.timestamp_millis() - from.timestamp_millis().rem_euclid(minute_ms) + minute_ms;
    let next_minute = Time::from_timestamp_millis(next_minute).unwrap_or(from);
    let owed = view.current.iter().flat_map(|i| i.promises(from));
    owed.filter(|p| p.state == PromiseState::Owed)
        .map(|p| p.due_at + chrono::Duration::milliseconds(1))
        .filter(|due| *due > from)
        .fold(next_minute, Time::min)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ServerClock;
    use crate::store::SqliteStore;
    use domain::Policy;

    #[tokio::test]
    async fn one_customer_more_pushes_out_the_one_who_read_longest_ago() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("log.db").display());
        let store = Arc::new(SqliteStore::open(&url).await.unwrap());
        let clock = ServerClock::default();
        let log = Log::start(store, Policy::default(), clock).await.unwrap();
        let pages = Pages::new(log);
        let page = Page::Name("Orchard Bank".to_owned());
        let of = |nth: usize| pages.of_customer(&page, format!("/status/c/{nth}"));
        let drawn: Vec<_> = (0..CUSTOMERS_KEPT).map(of).collect();
        let end = drawn.iter().map(|g| g.until).min().unwrap();
        let first = of(0);
        of(CUSTOMERS_KEPT);
        let again: Vec<_> = (2..CUSTOMERS_KEPT).map(of).collect();
        let (first_again, second_again) = (of(0), of(1));
        if pages.log.now() >= end {
            // The minute is over: all of them are drawn anew, whatever was kept.
            return;
        }
        assert!(Arc::ptr_eq(&first, &first_again));
        assert!(!Arc::ptr_eq(&drawn[1], &second_again));
        for (before, after) in drawn[2..].iter().zip(&again) {
            assert!(Arc::ptr_eq(before, after));
        }
    }
}
