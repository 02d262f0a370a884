//! The pages of one reader at one moment. They are good until a publish changes what they tell,
//! the minute they name is over, or a promise passes in silence; then the next request begins a
//! new generation. Each page of it is drawn at most once, by the first who asks.

use super::draw;
use super::sheet::Sheet;
use crate::http::fault::Fault;
use crate::log::Log;
use app::public::Home;
use arc_swap::ArcSwap;
use domain::Time;
use domain::adherence::PromiseState;
use domain::public::{PublicIncident, PublicView, Reader};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OnceCell, watch};

/// Customers whose pages are kept drawn. Only a link that opens something leads here, so
/// strangers cannot fill it.
const CUSTOMERS_KEPT: usize = 64;

/// Where the pages of this moment are found.
pub(super) struct Pages {
    log: Log,
    told: watch::Receiver<u64>,
    newest: ArcSwap<Generation>,
    renewing: Mutex<()>,
    /// By the address of their status page.
    customers: Mutex<HashMap<String, Arc<Generation>>>,
}

impl Pages {
    pub(super) fn new(log: Log) -> Self {
        let told = log.subscribe_told();
        let first = Generation::of(&log, *told.borrow(), Home::default());
        Self {
            log,
            told,
            newest: ArcSwap::from_pointee(first),
            renewing: Mutex::new(()),
            customers: Mutex::default(),
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
        let fresh = Arc::new(Generation::of(&self.log, told, Home::default()));
        self.newest.store(Arc::clone(&fresh));
        fresh
    }

    /// The same for one customer account, at the address of one of its links.
    pub(super) fn of_customer(&self, account: &str, path: String) -> Arc<Generation> {
        let (told, now) = (*self.told.borrow(), self.log.now());
        let mut kept = self
            .customers
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = kept.get(&path).filter(|g| g.is_good(told, now)) {
            return Arc::clone(found);
        }
        kept.retain(|_, generation| generation.is_good(told, now));
        if kept.len() >= CUSTOMERS_KEPT {
            kept.clear();
        }
        let home = Home {
            path: path.clone(),
            account: Some(account.to_owned()),
        };
        let fresh = Arc::new(Generation::of(&self.log, told, home));
        kept.insert(path, Arc::clone(&fresh));
        fresh
    }
}

/// The pages of one reader at one moment.
pub(super) struct Generation {
    told: u64,
    from: Time,
    until: Time,
    home: Home,
    view: PublicView,
    status: OnceCell<Sheet>,
    incidents: HashMap<String, (PublicIncident, OnceCell<Sheet>)>,
    nothing: OnceCell<Sheet>,
}

impl Generation {
    /// Who reads follows from whose pages they are: without an account, everybody.
    fn of(log: &Log, told: u64, home: Home) -> Self {
        let reader = match &home.account {
            Some(account) => Reader::Customer(account.clone()),
            None => Reader::Public,
        };
        let from = log.now();
        let known = log.published();
        let known: Vec<PublicIncident> = known
            .iter()
            .filter_map(|i| PublicIncident::of(i, &reader))
            .collect();
        let incidents = known
            .iter()
            .map(|i| (i.id.to_string(), (i.clone(), OnceCell::new())))
            .collect();
        let view = PublicView::of(known, &log.policy());
        let until = good_until(&view, from);
        Self {
            told,
            from,
            until,
            home,
            view,
            status: OnceCell::new(),
            incidents,
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
        let draw = || {
            let (name, home) = (self.view.page_name.clone(), self.home.clone());
            let (incident, now) = (incident.clone(), self.from);
            drawn(move || draw::incident(name, home, incident, now))
        };
        Some(sheet.get_or_try_init(draw).await)
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
