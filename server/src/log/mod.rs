//! The log as the rest of the server sees it: commands go in, state and events come out.
//!
//! One task writes (`writer.rs`): it takes all that is waiting, decides it in order, has the
//! store put it on disk in one transaction, and only then shows the result and answers. What
//! is read comes from memory (`view.rs`) wherever it can; the reads of strangers always do. The
//! records that a browser starts from are read from the store: memory has what they fold to.
//!
//! Architecture invariant: memory is only ever changed after the store has said that the
//! change is on disk, so nobody is shown or told what a crash could take back (S2).

mod account_names;
mod backend;
mod batch;
mod carried;
mod clock;
mod credit;
mod customers;
mod door;
mod fault;
mod files;
mod identify;
mod index;
mod linked;
mod preload;
mod renamed;
mod seats;
mod view;
mod writer;

#[cfg(test)]
mod tests;

pub use backend::BoundBackend;
pub use view::Live;

use crate::clock::ServerClock;
use crate::links::Links;
use crate::people::Directory;
use crate::store::{Deed, Hash, Put, PutAccount, Store, StoreError};
use app::api::{
    Answer, ApiError, BUILD, FIND_MAX, Found, Opened, PULL_MAX, PULL_MAX_BYTES, Pulled,
    PulledEvent, Snapshot, Sought,
};
use batch::Ask;
use domain::account::Account;
use domain::{
    Actor, Envelope, Event, Incident, IncidentId, IncidentNumber, Person, PersonId, Policies,
    Policy, PublicId, Record, Time,
};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use tokio::sync::{Mutex, Notify, Semaphore, mpsc, oneshot, watch};
use uuid::Uuid;
use view::{Page, View};
use writer::{Push, Writer};

/// Pushes that may wait for the writer. More are sent away with a hint to come back: a queue
/// that only grows answers nobody in time.
const QUEUE_MAX: usize = 1_024;
/// Live incidents that a page carries and draws.
const PAGE_INCIDENTS_MAX: usize = 200;
/// A replay is written in transactions of this many commands.
const REPLAY_CHUNK: usize = 2_000;

/// The log. Clones are handles to the same one.
#[derive(Clone)]
pub struct Log {
    shared: Arc<Shared>,
    queue: mpsc::Sender<Push>,
}

/// What the handles and the writer share.
struct Shared {
    store: Arc<dyn Store>,
    clock: ServerClock,
    links: Links,
    people: Directory,
    /// Told when somebody who was removed may hold a seat.
    left: Notify,
    /// Told when customers of incidents may be called otherwise than their accounts.
    renamed: Notify,
    /// While a batch is decided and written, no file that it may name is deleted.
    deciding: Mutex<()>,
    /// A push to many incidents that are not in memory waits for its turn to read them.
    preloading: Semaphore,
    /// Seats are emptied by one at a time.
    emptying: Mutex<()>,
    /// And customers renamed.
    renaming: Mutex<()>,
    view: RwLock<View>,
    head: watch::Sender<u64>,
    /// The place in the log of the last change that a customer can see.
    told: watch::Sender<u64>,
    closing: watch::Sender<bool>,
    stopped: watch::Sender<bool>,
}

impl Shared {
    /// A panic while the lock is held cannot leave the view half changed in a way that matters
    /// more than serving nothing at all.
    fn view(&self) -> RwLockReadGuard<'_, View> {
        self.view.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn view_mut(&self) -> RwLockWriteGuard<'_, View> {
        self.view.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Log {
    /// Loads what is live and starts the writer, in the current tokio runtime. `policy` is the
    /// first version, in force until the log changes it.
    ///
    /// # Errors
    /// [`StoreError`] when the log cannot be read.
    pub async fn start(
        store: Arc<dyn Store>,
        policy: Policy,
        clock: ServerClock,
    ) -> Result<Self, StoreError> {
        let view = View::load(store.as_ref(), policy).await?;
        clock.start(view.last_at, store.clock_reference().await?);
        let links = Links::load(Arc::clone(&store)).await?;
        let people = Directory::load(Arc::clone(&store)).await?;
        let (queue, waiting) = mpsc::channel(QUEUE_MAX);
        let shared = Arc::new(Shared {
            head: watch::Sender::new(view.head),
            told: watch::Sender::new(view.head),
            closing: watch::Sender::new(false),
            stopped: watch::Sender::new(false),
            view: RwLock::new(view),
            store,
            clock,
            links,
            people,
            left: Notify::new(),
            renamed: Notify::new(),
            renaming: Mutex::new(()),
            emptying: Mutex::new(()),
            deciding: Mutex::new(()),
            preloading: Semaphore::new(preload::AT_ONCE),
        });
        tokio::spawn(Writer::new(Arc::clone(&shared), waiting).run());
        identify::identify(&shared, &queue).await?;
        if let Err(error) = renamed::rename(&shared, &queue.downgrade()).await {
            tracing::warn!(%error, "incidents do not have the new names of accounts yet");
            shared.renamed.notify_one();
        }
        tokio::spawn(renamed::keep(Arc::clone(&shared), queue.downgrade()));
        tokio::spawn(index::make(Arc::clone(&shared)));
        tokio::spawn(clock::watch(Arc::clone(&shared)));
        tokio::spawn(files::sweep(Arc::clone(&shared)));
        tokio::spawn(seats::keep(Arc::clone(&shared), queue.downgrade()));
        Ok(Self { shared, queue })
    }

    /// Decides these commands in order and stores them. An answer means it is on disk. Runs to
    /// its end even if the caller goes away.
    ///
    /// # Errors
    /// [`ApiError::Unavailable`] when the store cannot write, the clock is not believed, too many wait,
    /// or the server is shutting down; it is not known then whether it was done: send it again, it acts once.
    /// [`ApiError::BadRequest`] when a command's id is one that another person used; nothing
    /// of this push was done then. [`ApiError::SignedOut`] when the actor was removed.
    pub async fn push(
        &self,
        actor: Actor,
        commands: Vec<Envelope>,
    ) -> Result<Vec<Answer>, ApiError> {
        self.push_from(actor, "", commands).await
    }

    /// The same, from this address.
    ///
    /// # Errors
    /// As [`Log::push`].
    pub async fn push_from(
        &self,
        actor: Actor,
        from: &str,
        commands: Vec<Envelope>,
    ) -> Result<Vec<Answer>, ApiError> {
        let preloaded = self.preloaded(&commands).await?;
        let asks = commands
            .into_iter()
            .map(|envelope| Ask {
                actor: actor.clone(),
                envelope,
                at: None,
                of_session: true,
                from: from.to_owned(),
            })
            .collect();
        let (mut push, answer) = Push::new(asks);
        push.preloaded = preloaded;
        self.queue.try_send(push).map_err(|_| fault::busy())?;
        answered(answer).await
    }

    /// Writes down that this administrator looked at the server's clock, which said `seen`, and says that
    /// it is right. What was written under a later time before counts as of now at the latest from then
    /// on. Changes nothing while the clock is believed anyhow.
    ///
    /// # Errors
    /// [`ApiError::BadRequest`] when the clock says something else by now, or cannot be right; else as
    /// [`Log::push`].
    pub async fn confirm_clock(&self, actor: Actor, seen: Time) -> Result<(), ApiError> {
        let moved = (self.shared.clock.wall() - seen).abs();
        if moved > clock::SEEN_MAX {
            let detail = "The clock says something else by now. Look again.".to_owned();
            return Err(ApiError::BadRequest { detail });
        }
        let (push, answer) = Push::confirm(actor);
        self.queue.try_send(push).map_err(|_| fault::busy())?;
        answered(answer).await.map(|_none| ())
    }

    /// Decides and records a command as if it were `at`: for the demo, which tells of the past.
    /// No event is recorded before the one that precedes it in the log, so an earlier time
    /// counts as that one's.
    ///
    /// # Errors
    /// As [`Log::push`].
    pub async fn replay(
        &self,
        actor: Actor,
        envelope: Envelope,
        at: Time,
    ) -> Result<Answer, ApiError> {
        let command = envelope.id;
        let mut answers = self.replay_all(vec![(actor, envelope, at)]).await?;
        answers
            .pop()
            .filter(|a| a.command == command)
            .ok_or_else(fault::busy)
    }

    /// As [`Log::replay`], many in one transaction. In order of time, or they lose their times.
    ///
    /// # Errors
    /// As [`Log::push`]; what was written before stays.
    pub async fn replay_all(
        &self,
        commands: Vec<(Actor, Envelope, Time)>,
    ) -> Result<Vec<Answer>, ApiError> {
        let mut answers = Vec::with_capacity(commands.len());
        let mut commands = commands
            .into_iter()
            .map(|(actor, envelope, at)| Ask {
                actor,
                envelope,
                at: Some(at),
                of_session: false,
                from: String::new(),
            })
            .peekable();
        while commands.peek().is_some() {
            let (push, answer) = Push::new(commands.by_ref().take(REPLAY_CHUNK).collect());
            self.queue.send(push).await.map_err(|_| fault::busy())?;
            answers.append(&mut answered(answer).await?);
        }
        Ok(answers)
    }

    /// Events after `since`, at most [`PULL_MAX`] and [`PULL_MAX_BYTES`]. `seen` is the hash that the
    /// client knows of the event at `since`.
    ///
    /// A client that followed another log (the server was restored from a backup, and may have grown
    /// since) gets no events and is told that it is lost: it takes a new snapshot and sends its
    /// commands again.
    ///
    /// # Errors
    /// [`ApiError`] when the log cannot be read.
    pub async fn pull(&self, since: u64, seen: Option<&str>) -> Result<Pulled, ApiError> {
        let now = self.shared.clock.now();
        let (head, recent) = {
            let view = self.shared.view();
            (view.head, view.since(since))
        };
        let mut page = match recent {
            Some(recent) => recent,
            None => self.page(since, head).await?,
        };
        let lost = since > head || !self.is_seen(since, seen, page.before).await?;
        if lost {
            (page.events, page.last) = (Vec::new(), None);
        }
        let more = page.events.last().is_some_and(|last| last.seq < head);
        Ok(Pulled {
            events: page.events,
            head,
            hash: page.last.map(hex::encode),
            lost,
            build: BUILD,
            more,
            now,
            people: None,
            clock_is_wrong: self.shared.clock.trouble().is_some(),
        })
    }

    /// The same from the store, for those who were away for long.
    async fn page(&self, since: u64, head: u64) -> Result<Page, ApiError> {
        let store = &self.shared.store;
        let events = store.since_within(since, PULL_MAX, PULL_MAX_BYTES).await;
        let mut events = events.map_err(fault::unread)?;
        // The store is ahead of what was shown while a commit is being published.
        events.retain(|r| r.seq <= head);
        let last = match events.last() {
            Some(last) => self.hash_at(last.seq).await?,
            None => None,
        };
        Ok(Page {
            events: events.into_iter().map(PulledEvent::from).collect(),
            before: None,
            last,
        })
    }

    async fn hash_at(&self, seq: u64) -> Result<Option<Hash>, ApiError> {
        let Some(before) = seq.checked_sub(1) else {
            return Ok(None);
        };
        let hashes = self.shared.store.hashes(before, 1).await;
        Ok(hashes.map_err(fault::unread)?.pop())
    }

    /// Whether the event at `since` is the one that the client has seen there.
    async fn is_seen(
        &self,
        since: u64,
        seen: Option<&str>,
        known: Option<Hash>,
    ) -> Result<bool, ApiError> {
        let Some(seen) = seen else {
            return Ok(true);
        };
        let hash = match known {
            Some(hash) => Some(hash),
            None => self.hash_at(since).await?,
        };
        Ok(hash.is_some_and(|hash| hex::encode(hash) == seen))
    }

    /// The record of one incident after this version, as much as fits.
    ///
    /// # Errors
    /// As [`Log::incident`].
    pub async fn open(&self, number: IncidentNumber, after: u64) -> Result<Opened, ApiError> {
        let (head, incident) = self.incident_called_today(number).await?;
        let store = &self.shared.store;
        let events = match incident.unreadable {
            None => {
                store
                    .record_within(incident.id, after, head, PULL_MAX_BYTES)
                    .await
            }
            // Where places are missing only the whole of it says so.
            Some(_) => store.log(incident.id).await.map(|mut all| {
                all.retain(|r| r.version > after && r.seq <= head);
                all
            }),
        };
        let events = events.map_err(fault::unread)?;
        let policies = self.policies();
        let policy = policies.versions().iter().find(|p| {
            Some(p.version) == incident.policy_version() && p.version != policies.current().version
        });
        Ok(Opened {
            more: events.last().is_some_and(|r| r.version < incident.version),
            events,
            policy: policy.cloned(),
        })
    }

    /// As [`Log::incident`], for who may tell its customers something: those who have accounts go by the names of
    /// today, also where it was closed before they were renamed.
    async fn incident_called_today(
        &self,
        number: IncidentNumber,
    ) -> Result<(u64, Arc<Incident>), ApiError> {
        let found = self.incident(number).await?;
        let queue = self.queue.downgrade();
        match renamed::rename_on(&self.shared, &queue, &found.1).await {
            Ok(true) => self.incident(number).await,
            Ok(false) => Ok(found),
            Err(error) => {
                tracing::warn!(%error, "a closed incident does not have the new names of accounts yet");
                Ok(found)
            }
        }
    }

    /// One incident folded, with the place in the log it is folded up to.
    ///
    /// # Errors
    /// [`ApiError::NotFound`], or [`ApiError`] when the log cannot be read.
    pub async fn incident(&self, number: IncidentNumber) -> Result<(u64, Arc<Incident>), ApiError> {
        let head = {
            let view = self.shared.view();
            if let Some(incident) = view.by_number(number) {
                return Ok((view.head, incident));
            }
            view.head
        };
        let id = self.numbered(number).await?;
        let incident = load(self.shared.store.as_ref(), id, head)
            .await
            .map_err(fault::unread)?;
        // Declared after `head` was read: nobody has been shown it yet.
        let incident = incident
            .filter(|i| i.number == Some(number))
            .ok_or(ApiError::NotFound)?;
        self.shared.view_mut().remember(head, &incident);
        Ok((head, incident))
    }

    /// The same as its record.
    ///
    /// # Errors
    /// As [`Log::incident`].
    pub async fn record(&self, number: IncidentNumber) -> Result<Record, ApiError> {
        let id = self.numbered(number).await?;
        let head = self.head();
        let mut records = self.records(&[id], head).await?;
        let record = records.pop();
        let record = record.filter(|r| is_numbered(r, number));
        record.ok_or(ApiError::NotFound)
    }

    async fn records(&self, ids: &[IncidentId], head: u64) -> Result<Vec<Record>, ApiError> {
        let records = self.shared.store.records(ids, head).await;
        records.map_err(fault::unread)
    }

    /// The incident of this number, which may be one that nobody has been shown yet.
    async fn numbered(&self, number: IncidentNumber) -> Result<IncidentId, ApiError> {
        let known = self.shared.view().by_number(number);
        if let Some(incident) = known {
            return Ok(incident.id);
        }
        let id = self.shared.store.by_number(number).await;
        id.map_err(fault::unread)?.ok_or(ApiError::NotFound)
    }

    /// Closed incidents with these words, newest first, older than `before`, at most
    /// [`FIND_MAX`]. What is open is held whole by everybody who is signed in.
    ///
    /// # Errors
    /// [`ApiError`] when the store cannot be read.
    pub async fn find(
        &self,
        sought: &Sought,
        before: Option<IncidentNumber>,
    ) -> Result<Found, ApiError> {
        let store = &self.shared.store;
        let found = store.find(sought, before, FIND_MAX).await;
        found.map_err(fault::unread)
    }

    /// The same by its id.
    ///
    /// # Errors
    /// As [`Log::incident`].
    pub(crate) async fn incident_by_id(&self, id: IncidentId) -> Result<Arc<Incident>, ApiError> {
        let head = {
            let view = self.shared.view();
            if let Some(incident) = view.find(id) {
                return Ok(incident);
            }
            view.head
        };
        let incident = load(self.shared.store.as_ref(), id, head)
            .await
            .map_err(fault::unread)?
            .ok_or(ApiError::NotFound)?;
        self.shared.view_mut().remember(head, &incident);
        Ok(incident)
    }

    /// Which incident customers know by this name, from the store's index; none when there is no such.
    ///
    /// # Errors
    /// [`ApiError`] when the log cannot be read.
    pub(crate) async fn id_of_public_id(
        &self,
        id: &PublicId,
    ) -> Result<Option<IncidentId>, ApiError> {
        let found = self.shared.store.by_public_id(id).await;
        found.map_err(fault::unread)
    }

    /// The secret links.
    pub(crate) fn links(&self) -> &Links {
        &self.shared.links
    }

    /// Who has an account, and the way to change it.
    #[must_use]
    pub fn people(&self) -> &Directory {
        &self.shared.people
    }

    /// Removes somebody: they are out at once, and so are they out of the seats of open incidents,
    /// by commands in the name of `by`. Runs to its end even if the caller goes away. Safe to
    /// repeat; what a crash leaves undone is done at the next start.
    ///
    /// # Errors
    /// [`StoreError`]; it is not known then whether they were removed.
    pub async fn remove_person(
        &self,
        person: PersonId,
        by: Actor,
        from: String,
    ) -> Result<Put, StoreError> {
        let (shared, queue) = (Arc::clone(&self.shared), self.queue.downgrade());
        let removing = tokio::spawn(async move {
            let at = shared.clock.now();
            let put = shared.people.remove(person, Deed { by, at, from }).await?;
            if put == Put::Done
                && let Err(error) = seats::empty(&shared, &queue).await
            {
                tracing::warn!(%error, "seats of who was removed are not empty yet");
                shared.left.notify_one();
            }
            Ok(put)
        });
        removing
            .await
            .unwrap_or_else(|broken| Err(StoreError::Unexpected(broken.to_string())))
    }

    /// Writes customer accounts, and the names of those that are renamed into open incidents. Runs to its
    /// end even if the caller goes away; what a crash leaves undone is done at the next start. `false`, and
    /// nothing was written, as [`Store::put_accounts`].
    ///
    /// # Errors
    /// [`StoreError`]; it is not known then whether they were written.
    pub async fn put_accounts(
        &self,
        puts: Vec<PutAccount>,
        deed: Deed,
    ) -> Result<bool, StoreError> {
        let (shared, queue) = (Arc::clone(&self.shared), self.queue.downgrade());
        let putting = tokio::spawn(async move {
            if !shared.store.put_accounts(&puts, &deed).await? {
                return Ok(false);
            }
            let names = puts
                .into_iter()
                .map(|put| (put.account.id, put.account.name));
            shared.links.rename(names);
            if let Err(error) = renamed::rename(&shared, &queue).await {
                tracing::warn!(%error, "incidents do not have the new names of accounts yet");
                shared.renamed.notify_one();
            }
            Ok(true)
        });
        putting
            .await
            .unwrap_or_else(|broken| Err(StoreError::Unexpected(broken.to_string())))
    }

    /// At most `limit` customer accounts whose name contains `part`.
    ///
    /// # Errors
    /// [`ApiError`] when the store cannot be read.
    pub async fn find_accounts(&self, part: &str, limit: u32) -> Result<Vec<Account>, ApiError> {
        let found = self.shared.store.find_accounts(part, limit).await;
        let found = found.map_err(fault::unread)?;
        Ok(found.into_iter().map(|kept| kept.account).collect())
    }

    /// Where a screen of `me` starts; `number` is the incident it is about.
    ///
    /// # Errors
    /// [`ApiError::NotFound`] when there is none of that number, or [`ApiError`] when the log
    /// cannot be read.
    pub async fn snapshot(
        &self,
        me: Person,
        number: Option<IncidentNumber>,
    ) -> Result<Snapshot, ApiError> {
        self.snapshot_of(me, number, usize::MAX).await
    }

    /// The same for the page that a screen starts in, which the server draws: of more live incidents than
    /// `PAGE_INCIDENTS_MAX` the most pressing ones. A browser that starts from these takes a whole snapshot with
    /// its first exchange.
    ///
    /// # Errors
    /// As [`Log::snapshot`].
    pub async fn page_snapshot(
        &self,
        me: Person,
        number: Option<IncidentNumber>,
    ) -> Result<Snapshot, ApiError> {
        self.snapshot_of(me, number, PAGE_INCIDENTS_MAX).await
    }

    async fn snapshot_of(
        &self,
        me: Person,
        number: Option<IncidentNumber>,
        most: usize,
    ) -> Result<Snapshot, ApiError> {
        let people = self.people().now().here().clone();
        let asked = match number {
            Some(number) => Some(self.incident_called_today(number).await?.1.id),
            None => None,
        };
        let (head, hash, live, beside, is_part, closed, policies, carried) = {
            let view = self.shared.view();
            let is_part = view.live.len() > most;
            let live = most_pressing(&view.live, most);
            let beside = asked.filter(|id| !live.contains_key(id));
            let policies = view.policies.clone();
            let closed = view.closed.clone();
            let carried = Arc::clone(&view.carried);
            let (head, hash) = (view.head, view.hash());
            (head, hash, live, beside, is_part, closed, policies, carried)
        };
        // What was written since is on disk beside it: all of a snapshot stands at the same place.
        let (mut incidents, abridged) = self.carry(&carried, &live, beside, asked, head).await?;
        // Declared after `head` was read: nobody has been shown it yet.
        let numbered = |number| {
            let long = abridged.iter().flat_map(|a| &a.events);
            let mut events = incidents.iter().flat_map(Record::events).chain(long);
            events.any(|r| is_number(&r.event, number))
        };
        if number.is_some_and(|number| !numbered(number)) {
            return Err(ApiError::NotFound);
        }
        let carried = abridged.iter().flat_map(|a| &a.events);
        let carried = incidents.iter().flat_map(Record::events).chain(carried);
        let policies = policies.named_in(carried);
        if is_part {
            // In the place of the others: whoever starts from this notices that some are missing.
            incidents.push(Record::default());
        }
        Ok(Snapshot {
            me,
            people: people.all,
            people_version: people.version,
            policies,
            head,
            hash: hash.map(hex::encode),
            now: self.shared.clock.now(),
            incidents,
            abridged,
            closed,
            clock_is_wrong: self.shared.clock.trouble().is_some(),
        })
    }

    /// The last place in the log.
    #[must_use]
    pub fn head(&self) -> u64 {
        self.shared.view().head
    }

    /// Changes with every batch that was written; the value is the head.
    #[must_use]
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.shared.head.subscribe()
    }

    /// Changes only when something that customers can see has changed, after
    /// [`Log::published`] shows it; the value is the head then.
    #[must_use]
    pub fn subscribe_told(&self) -> watch::Receiver<u64> {
        self.shared.told.subscribe()
    }

    /// Reports to triage and open incidents, in the order they were begun.
    #[must_use]
    pub fn live(&self) -> Arc<Live> {
        Arc::clone(&self.shared.view().live)
    }

    /// The incidents that customers were told of, the newest word first: all live ones and the
    /// latest 50. From memory.
    #[must_use]
    pub fn published(&self) -> Arc<Vec<Arc<Incident>>> {
        Arc::clone(&self.shared.view().told)
    }

    /// Every version of the policy.
    #[must_use]
    pub fn policies(&self) -> Policies {
        self.shared.view().policies.clone()
    }

    /// The policy in force.
    #[must_use]
    pub fn policy(&self) -> Arc<Policy> {
        self.shared.view().policies.current()
    }

    /// Server time.
    #[must_use]
    pub fn now(&self) -> Time {
        self.shared.clock.now()
    }

    /// Whether commands can be taken.
    ///
    /// # Errors
    /// [`StoreError`] that says why not.
    pub async fn ready(&self) -> Result<(), StoreError> {
        if self.is_shut() {
            return Err(StoreError::Unavailable(
                "the log is shutting down".to_owned(),
            ));
        }
        self.shared.store.ready().await
    }

    /// Whether it takes no more commands.
    #[must_use]
    pub fn is_shut(&self) -> bool {
        *self.shared.stopped.borrow() || *self.shared.closing.borrow()
    }

    /// Takes no more commands and returns when all that were taken are answered.
    pub async fn shutdown(&self) {
        self.shared.closing.send_replace(true);
        let mut stopped = self.shared.stopped.subscribe();
        // The sender lives in `shared`, which this handle keeps: it cannot be gone.
        let _ = stopped.wait_for(|stopped| *stopped).await;
    }
}

async fn answered(
    answer: oneshot::Receiver<Result<Vec<Answer>, ApiError>>,
) -> Result<Vec<Answer>, ApiError> {
    answer.await.unwrap_or_else(|_| Err(fault::busy()))
}

/// So many of the live incidents, with their versions: reports first, then the worst, then the newest.
fn most_pressing(live: &Live, most: usize) -> BTreeMap<IncidentId, u64> {
    let versioned = |i: &Arc<Incident>| (i.id, i.version);
    if live.len() <= most {
        return live.values().map(versioned).collect();
    }
    let mut all: Vec<_> = live
        .values()
        .map(|i| (i.severity(), Reverse(i.id), i.version))
        .collect();
    all.select_nth_unstable(most);
    all.truncate(most);
    all.into_iter()
        .map(|(_, Reverse(id), version)| (id, version))
        .collect()
}

/// Whether the incident had this number already.
fn is_numbered(record: &Record, number: IncidentNumber) -> bool {
    record.events().any(|r| is_number(&r.event, number))
}

fn is_number(event: &Event, number: IncidentNumber) -> bool {
    matches!(event, Event::Numbered { number: given, .. } if *given == number)
}

/// The author of what is nobody's deed.
fn drumbeat() -> Actor {
    Actor {
        id: PersonId(Uuid::nil()),
        name: "Drumbeat".to_owned(),
    }
}

/// An incident from the store, folded up to `head`; none when there was nothing then.
async fn load(
    store: &dyn Store,
    id: IncidentId,
    head: u64,
) -> Result<Option<Arc<Incident>>, StoreError> {
    let log = store.log(id).await?;
    let incident = Incident::fold(id, log.iter().filter(|r| r.seq <= head));
    if let Some(event) = incident.unreadable {
        tracing::error!(
            event,
            incident = %id,
            "an event is damaged in the database: this incident is shown as far as it can be read and takes nothing \
             more. Run `drumbeat verify` to see all that is wrong, and restore the last backup without it"
        );
    }
    // A copy takes no more room than it needs; what was folded has grown by doubling.
    Ok((incident.version > 0).then(|| Arc::new(incident.clone())))
}
