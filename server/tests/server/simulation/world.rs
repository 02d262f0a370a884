//! One run: people with tabs, a server, and what befalls them.

use super::author::{self, Scene};
use super::check::{Asked, Ledger};
use super::device::{Build, DeviceClock};
use super::dice::Dice;
use super::gate::{Behind, Verdict};
use super::server::{Server, account};
use super::tab::{Opening, Tab};
use super::tally::{Happening, Tally};
use super::trouble::SKEW_MAX_MS;
use app::api::Outcome;
use app::replica::outbox;
use app::replica::storage::memory::Memory;
use domain::{Command, CommandId, Envelope, Incident, IncidentId, Role, Status};
use server::store::Store as _;
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::pin::Pin;
use std::rc::Rc;
use uuid::Uuid;

/// Who the tabs are of: the first two are of one person on one device, the last one is of an older build for a time.
pub const OWNERS: [u128; 5] = [1, 1, 2, 3, 4];
pub const OLD_BUILD: usize = OWNERS.len() - 1;
/// Incidents that people are about at the same time.
const INCIDENTS: usize = 3;
/// Steps on the way to closed that one of them may have behind it when a run begins.
const BEGUN_MAX: u64 = 24;
/// Things that somebody does in a row.
const IN_A_ROW_MAX: u64 = 4;
/// At one of so many gates a tab stands for a while.
const STOPS_ONE_IN: u64 = 4;
/// At one of so many gates something is lost.
const LOST_ONE_IN: u64 = 10;
/// In one of so many runs people write at length.
const WORDY_ONE_IN: u64 = 8;
type Flight = Pin<Box<dyn Future<Output = ()>>>;

pub struct Client {
    pub opening: Opening,
    pub tab: Rc<Tab>,
    /// An exchange that stands at a gate.
    pub flight: Option<Flight>,
}

/// A copy of the log, with what was answered when it was made.
pub struct Backup {
    pub file: PathBuf,
    pub answered: BTreeSet<CommandId>,
}

/// Ids in the order in which they are made.
#[derive(Default)]
struct Ids(u128);

impl Ids {
    fn make(&mut self) -> Uuid {
        self.0 += 1;
        Uuid::from_u128((0x7000 << 64) | self.0)
    }
}

pub struct World {
    pub name: String,
    pub dice: Dice,
    pub server: Server,
    pub clients: Vec<Client>,
    /// What people are about.
    incidents: Vec<IncidentId>,
    is_wordy: bool,
    pub ledger: Ledger,
    pub backup: Option<Backup>,
    ids: Ids,
    pub tally: Tally,
}

impl World {
    pub async fn new(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let people: BTreeSet<u128> = OWNERS.into();
        let server = Server::new(people.iter().copied()).await;
        let mut ids = Ids::default();
        let incidents: Vec<_> = (0..INCIDENTS).map(|_| IncidentId(ids.make())).collect();
        let ledger = begun(&server, &mut dice, &mut ids, incidents[0]).await;
        let older = Build::older(&mut dice);
        let mut devices = BTreeMap::new();
        for n in people {
            let clock = DeviceClock {
                server: server.clock.clone(),
                set_ms: Rc::clone(&server.set_ms),
                skew_ms: Rc::new(Cell::new(dice.around_zero(SKEW_MAX_MS))),
            };
            devices.insert(n, (Memory::default(), clock));
        }
        let mut clients = Vec::new();
        for (place, n) in OWNERS.into_iter().enumerate() {
            let (memory, clock) = devices[&n].clone();
            let opening = Opening {
                me: account(n).person,
                memory,
                build: if place == OLD_BUILD {
                    older
                } else {
                    Build::NEWEST
                },
                clock,
                log: Rc::clone(&server.log),
            };
            let tab = Rc::new(Tab::open(&opening, true).await);
            clients.push(Client {
                opening,
                tab,
                flight: None,
            });
        }
        Self {
            name: format!("seed {seed}"),
            is_wordy: dice.one_in(WORDY_ONE_IN),
            dice,
            server,
            clients,
            ids,
            incidents,
            ledger,
            backup: None,
            tally: Tally::default(),
        }
    }

    pub fn count(&mut self, what: Happening) {
        self.tally.count(what, 1);
    }

    /// One thing happens.
    pub async fn step(&mut self) {
        let ms = self.dice.roll(60_000);
        self.server.clock.advance(ms.cast_signed());
        if self.server.clock.trouble().is_some() && self.dice.one_in(10) {
            self.mend_clock().await;
            return;
        }
        let who = self.dice.roll(OWNERS.len() as u64) as usize;
        match self.dice.roll(100) {
            0..=26 => self.work(who).await,
            27..=83 => self.exchange(who).await,
            84..=86 => self.look().await,
            87..=90 => self.end_tab(who).await,
            91..=92 => self.set_device_clock(who),
            93 => self.restart().await,
            94 => self.crash().await,
            95..=96 => self.back_up().await,
            97 => self.restore().await,
            _ => self.set_clock(),
        }
    }

    /// Somebody does a few things in a row.
    async fn work(&mut self, who: usize) {
        let place = self.dice.roll(INCIDENTS as u64) as usize;
        let tab = Rc::clone(&self.clients[who].tab);
        if tab.ask_for(self.incidents[place]).await {
            self.count(Happening::AskedForByName);
        }
        for _ in 0..=self.dice.roll(IN_A_ROW_MAX) {
            let Some(envelope) = self.something(&tab, who, place) else {
                return;
            };
            let is_beyond = who == OLD_BUILD && tab.holds_unknown(envelope.incident);
            let taken = tab.core.borrow_mut().submit(envelope.clone());
            if is_beyond {
                let name = &self.name;
                assert!(taken.is_err(), "{name}: decided on what it does not know");
                self.count(Happening::BeyondBuild);
            }
            if taken.is_err() {
                continue;
            }
            if self.dice.one_in(40) {
                // The tab ends before its device has it: its author does not believe to have done it.
                self.end_tab(who).await;
                return;
            }
            let opening = &self.clients[who].opening;
            outbox::keep(&opening.memory, opening.author(), envelope.clone()).await;
            let asked = Asked { tab: who, envelope };
            self.ledger.asked.insert(asked.envelope.id, asked);
        }
        tab.looked_at
            .set(self.dice.one_in(2).then_some(self.incidents[place]));
    }

    /// Something to ask for; none where nothing is left to be done.
    fn something(&mut self, tab: &Tab, who: usize, place: usize) -> Option<Envelope> {
        let (me, build) = {
            let opening = &self.clients[who].opening;
            (opening.me.clone(), opening.build)
        };
        let shown = tab.core.borrow().shown();
        let id = self.incidents[place];
        let unknown = Incident::empty(id);
        let incident = shown.get(&id).map_or(&unknown, |i| &**i);
        if incident.dismissed.is_some() || incident.joined.is_some() {
            self.incidents[place] = IncidentId(self.ids.make());
            return None;
        }
        let scene = Scene {
            me: &me,
            incident,
            shown: &shown,
            now: tab.server_now(),
            is_wordy: self.is_wordy,
        };
        let (incident, mut command) = author::command(&mut self.dice, &scene);
        if !build.offers(&command) {
            let role = Role::Commander;
            command = Command::AcceptRole { role };
        }
        Some(Envelope {
            id: CommandId(self.ids.make()),
            incident,
            made_at: scene.now,
            command,
        })
    }

    /// An exchange begins or goes on, and stops at one of the next gates.
    async fn exchange(&mut self, who: usize) {
        let client = &mut self.clients[who];
        let tab = Rc::clone(&client.tab);
        let mut flight = match client.flight.take() {
            Some(flight) => {
                self.open_gate(&tab);
                flight
            }
            None => Box::pin(Rc::clone(&tab).exchange()),
        };
        loop {
            let is_done = tokio::select! {
                biased;
                () = &mut flight => true,
                () = tab.gate.reached() => false,
            };
            if is_done {
                break;
            }
            if self.dice.one_in(STOPS_ONE_IN) {
                self.clients[who].flight = Some(flight);
                break;
            }
            self.open_gate(&tab);
        }
        self.tally.count(Happening::LetGo, tab.let_go.take());
    }

    fn open_gate(&mut self, tab: &Tab) {
        let is_lost = self.dice.one_in(LOST_ONE_IN);
        let verdict = match is_lost {
            true => Verdict::Fail,
            false => Verdict::Pass,
        };
        let lost = match tab.gate.open(verdict) {
            Behind::Network => Happening::QuestionOrAnswerLost,
            Behind::Device => Happening::WriteOfDeviceLost,
        };
        self.tally.count(lost, usize::from(is_lost));
    }

    /// A tab ends without a word, and is opened again, with a network or without.
    async fn end_tab(&mut self, who: usize) {
        self.count(Happening::TabCrashed);
        let has_network = self.dice.one_in(2);
        self.reopen(who, has_network).await;
    }

    pub async fn reopen(&mut self, who: usize, has_network: bool) {
        let client = &mut self.clients[who];
        client.flight = None;
        client.tab = Rc::new(Tab::open(&client.opening, has_network).await);
    }
}

/// One incident is on its way when the tabs are opened.
async fn begun(server: &Server, dice: &mut Dice, ids: &mut Ids, id: IncidentId) -> Ledger {
    let mut ledger = Ledger::default();
    let (log, me) = (server.log(), account(OWNERS[0]).person);
    for _ in 0..dice.roll(BEGUN_MAX) {
        let own = server.store.log(id).await.unwrap();
        let incident = Incident::fold(id, &own);
        if incident.status == Status::Closed {
            break;
        }
        let now = server.clock.now();
        let envelope = Envelope {
            id: CommandId(ids.make()),
            incident: id,
            made_at: now,
            command: author::next(dice, &me, &incident, now),
        };
        let answers = log.push(me.to_ref(), vec![envelope.clone()]).await.unwrap();
        assert_eq!(answers[0].outcome, Outcome::Accepted);
        ledger.asked.insert(envelope.id, Asked { tab: 0, envelope });
    }
    ledger
}
