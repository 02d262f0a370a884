//! A tab: the real replica on a device in memory, with a network to the real log.

use super::device::{Build, Device, DeviceClock};
use super::gate::{Behind, Gate, Verdict};
use app::api::{
    ApiError, Backend as _, Opened, Pull, Pulled, PulledEvent, Push, Pushed, Snapshot, TakeSnapshot,
};
use app::replica::core::Core;
use app::replica::exchange::{self, Exchange, Tab as _};
use app::replica::offset::Offset;
use app::replica::outbox::Author;
use app::replica::record_rows;
use app::replica::storage::memory::Memory;
use domain::{Event, IncidentId, Person, Record, Time};
use serde::Serialize;
use serde::de::DeserializeOwned;
use server::log::{BoundBackend, Log};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// Exchanges in a row.
const ROUNDS_MAX: usize = 50;

/// All is of one session: its end is tried by the browser tests.
const SESSION: &str = "";

/// What a tab is opened with.
#[derive(Clone)]
pub struct Opening {
    pub me: Person,
    pub memory: Memory,
    pub build: Build,
    pub clock: DeviceClock,
    pub log: Rc<RefCell<Log>>,
}

impl Opening {
    pub fn author(&self) -> Author {
        Author {
            person: self.me.id,
            session: SESSION.to_owned(),
        }
    }
}

/// What is there of a tab while it is open.
pub struct Tab {
    pub core: RefCell<Core>,
    pub gate: Rc<Gate>,
    /// The incident that its screen is about.
    pub looked_at: Cell<Option<IncidentId>>,
    /// Incidents that it let go.
    pub let_go: Cell<usize>,
    opening: Opening,
    device: Device,
    offset: Cell<Offset>,
    exchange: Cell<Exchange>,
}

impl Tab {
    /// From the page of the server, or, without a network, from what the device has. A device that has nothing gets a
    /// page all the same.
    pub async fn open(opening: &Opening, has_network: bool) -> Self {
        let gate = Rc::new(Gate::new());
        let device = Device {
            memory: opening.memory.clone(),
            build: opening.build,
            gate: Rc::clone(&gate),
        };
        let kept = match has_network {
            true => None,
            false => record_rows::load(&device, opening.clock.now(), SESSION).await,
        };
        let snapshot = match kept {
            Some(kept) => kept,
            None => {
                let log = opening.log.borrow().clone();
                let page = log.page_snapshot(opening.me.clone(), None).await.unwrap();
                opening.build.read(serde_json::to_string(&page).unwrap())
            }
        };
        let tab = Self {
            offset: Cell::new(Offset::first(snapshot.now, opening.clock.now())),
            core: RefCell::new(Core::new(snapshot)),
            gate,
            looked_at: Cell::new(None),
            let_go: Cell::new(0),
            opening: opening.clone(),
            device,
            exchange: Cell::new(Exchange::NEW),
        };
        let unconfirmed = exchange::take_up(&tab).await;
        assert!(unconfirmed.is_empty(), "all is of one session");
        tab.gate.shut();
        tab
    }

    /// By the best estimate there is.
    pub fn server_now(&self) -> Time {
        self.offset.get().server_time(self.device_now())
    }

    fn backend(&self) -> BoundBackend {
        BoundBackend {
            log: self.opening.log.borrow().clone(),
            me: self.core.borrow().me.clone(),
            from: String::new(),
        }
    }

    /// Over the network and back, as text; each way may lose it.
    async fn ask<Q: Serialize + DeserializeOwned, A: DeserializeOwned>(
        &self,
        asks: &Q,
        answer: impl AsyncFnOnce(BoundBackend, Q) -> Result<String, ApiError>,
    ) -> Result<A, ApiError> {
        let sent = serde_json::to_string(asks).unwrap();
        if self.gate.wait(Behind::Network).await == Verdict::Fail {
            return Err(ApiError::Unreachable);
        }
        let answered = answer(self.backend(), serde_json::from_str(&sent).unwrap()).await;
        if self.gate.wait(Behind::Network).await == Verdict::Fail {
            return Err(ApiError::Unreachable);
        }
        answered.map(|json| self.opening.build.read(json))
    }

    /// Whether it holds an event of this incident that its build does not know.
    pub fn holds_unknown(&self, id: IncidentId) -> bool {
        let core = self.core.borrow();
        let held = core.to_snapshot(core.told_at);
        let whole = held.incidents.iter().flat_map(Record::events);
        let abridged = held.abridged.iter().flat_map(|a| &a.events);
        let mut own = whole.chain(abridged).filter(|r| r.incident == id);
        own.any(|r| matches!(r.event, Event::Unknown(_)))
    }

    /// Asks for a closed incident that is listed and not held (`sought.rs`). True when it has come.
    pub async fn ask_for(&self, id: IncidentId) -> bool {
        let number = {
            let core = self.core.borrow();
            let listed = core.closed.iter().find(|s| s.id == id);
            match listed.filter(|_| !core.shown().contains_key(&id)) {
                Some(listed) => listed.number,
                None => return false,
            }
        };
        let mut record = Record::default();
        loop {
            // After a restore it may not be there.
            let Ok(part) = self.backend().open(number, record.version()).await else {
                return false;
            };
            let part: Opened = self
                .opening
                .build
                .read(serde_json::to_string(&part).unwrap());
            part.events.into_iter().for_each(|r| record.push(r));
            if !part.more {
                break;
            }
        }
        let mut core = self.core.borrow_mut();
        core.adopt(record);
        core.shown().contains_key(&id)
    }

    /// Exchanges until nothing is left to be said, or something goes wrong; what the server said is kept (`sync::run`).
    pub async fn exchange(self: Rc<Self>) {
        let mut is_in_step = false;
        for _ in 0..ROUNDS_MAX {
            let mut exchange = self.exchange.get();
            let done = exchange.run(&*self).await;
            self.exchange.set(exchange);
            is_in_step |= done.is_ok();
            if !matches!(done, Ok(true)) {
                break;
            }
        }
        if is_in_step {
            let looked_at: Vec<_> = self.looked_at.get().into_iter().collect();
            let held = self.core.borrow().held();
            self.core.borrow_mut().let_go(&looked_at);
            let let_go = held - self.core.borrow().held();
            self.let_go.set(self.let_go.get() + let_go);
            exchange::keep(&*self).await;
        }
    }
}

impl exchange::Tab for Tab {
    type Storage = Device;

    fn storage(&self) -> &Device {
        &self.device
    }

    fn author(&self) -> Author {
        self.opening.author()
    }

    fn is_open(&self) -> bool {
        true
    }

    fn core<T>(&self, see: impl FnOnce(&mut Core) -> T) -> T {
        see(&mut self.core.borrow_mut())
    }

    fn device_now(&self) -> Time {
        self.opening.clock.now()
    }

    fn learn(&self, pulled: &Pulled, sent_at: Time) {
        let offset = self.offset.get();
        let received_at = self.device_now();
        self.offset
            .set(offset.with(pulled.now, sent_at, received_at));
    }

    async fn push(&self, asks: Push) -> Result<Pushed, ApiError> {
        self.ask(&asks, async |backend: BoundBackend, asks: Push| {
            let pushed = asks.answer(&backend).await?;
            Ok(whole(pushed.json_around(), &pushed.pulled.events))
        })
        .await
    }

    async fn pull(&self, asks: Pull) -> Result<Pulled, ApiError> {
        self.ask(&asks, async |backend: BoundBackend, asks: Pull| {
            let pulled = asks.answer(&backend).await?;
            Ok(whole(pulled.json_around(), &pulled.events))
        })
        .await
    }

    async fn snapshot(&self, asks: TakeSnapshot) -> Result<Snapshot, ApiError> {
        self.ask(&asks, async |backend: BoundBackend, asks: TakeSnapshot| {
            let snapshot = backend.snapshot(asks.number).await?;
            Ok(serde_json::to_string(&snapshot).unwrap())
        })
        .await
    }
}

/// An answer as it goes out: what stands around the events, and the events, which are written once for all.
fn whole(around: Result<(String, String), serde_json::Error>, events: &[PulledEvent]) -> String {
    let (before, after) = around.unwrap();
    format!("{before}{}{after}", PulledEvent::list(events).unwrap())
}
