//! The one task that writes: takes all that is waiting, decides it, has it put on disk in one
//! transaction, shows it, answers (group commit). While one batch is being written the next
//! one gathers.

use super::batch::{Ask, Batch};
use super::customers::Customers;
use super::preload::{Preloaded, load_all};
use super::view::{CLOSED_SHOWN, TailEvent, View};
use super::{Shared, door, fault, load};
use crate::store::StoreError;
use app::api::{Answer, ApiError, PULL_MAX, PULL_MAX_BYTES};
use chrono::Datelike;
use domain::{Actor, Command, CommandId, Event, Incident, IncidentId, PersonId, Time};
use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// Commands in one transaction, unless a single push has more.
const BATCH_MAX: usize = 512;

type Reply = oneshot::Sender<Result<Vec<Answer>, ApiError>>;

/// Commands on their way, and where the answers go.
pub(super) struct Push {
    asks: Vec<Ask>,
    /// Who says that the clock is right, where this is not about commands.
    confirms: Option<Actor>,
    /// What they need and memory did not have.
    pub(super) preloaded: Preloaded,
    reply: Reply,
}

impl Push {
    /// With the place where its answers will come.
    pub(super) fn new(asks: Vec<Ask>) -> (Self, oneshot::Receiver<Result<Vec<Answer>, ApiError>>) {
        let (reply, answer) = oneshot::channel();
        let push = Self {
            asks,
            confirms: None,
            preloaded: Preloaded::default(),
            reply,
        };
        (push, answer)
    }

    /// That this person says that the clock is right.
    pub(super) fn confirm(
        actor: Actor,
    ) -> (Self, oneshot::Receiver<Result<Vec<Answer>, ApiError>>) {
        let (push, answer) = Self::new(Vec::new());
        let push = Self {
            confirms: Some(actor),
            ..push
        };
        (push, answer)
    }
}

pub(super) struct Writer {
    pub(super) shared: Arc<Shared>,
    queue: mpsc::Receiver<Push>,
    /// The last serial given in each year, as far as it was needed.
    serials: HashMap<i32, u32>,
    /// After a failure: the store may have written what it said it could not.
    pub(super) in_doubt: bool,
    /// What is read from the store is no longer what is in memory: times were corrected.
    pub(super) outdated: bool,
}

impl Writer {
    pub(super) fn new(shared: Arc<Shared>, queue: mpsc::Receiver<Push>) -> Self {
        Self {
            shared,
            queue,
            serials: HashMap::new(),
            in_doubt: false,
            outdated: false,
        }
    }

    pub(super) async fn run(mut self) {
        let _stopped = SaysStopped(Arc::clone(&self.shared));
        let mut closing = self.shared.closing.subscribe();
        let mut open = true;
        loop {
            let first = tokio::select! {
                biased;
                _ = closing.wait_for(|closing| *closing), if open => {
                    // What is in the queue is still answered; the queue takes no more.
                    self.queue.close();
                    open = false;
                    continue;
                }
                push = self.queue.recv() => push,
            };
            let Some(first) = first else { return };
            // Who was answered just now may have more: one fsync for all of them.
            tokio::task::yield_now().await;
            self.write(first).await;
        }
    }

    /// One batch: `first` and what else is waiting.
    async fn write(&mut self, first: Push) {
        let mut pushes = self.gather(first);
        // First, so that what waits behind it is written.
        for confirmation in pushes.extract_if(.., |p| p.confirms.is_some()) {
            let Some(actor) = confirmation.confirms else {
                continue;
            };
            let _gone = confirmation.reply.send(self.confirm_clock(actor).await);
        }
        let mut preloaded = Preloaded::default();
        for push in &mut pushes {
            preloaded.extend(std::mem::take(&mut push.preloaded));
        }
        let (asks, replies): (Vec<Vec<Ask>>, Vec<Reply>) =
            pushes.into_iter().map(|p| (p.asks, p.reply)).unzip();
        let answers = match self.decide_and_store(asks, &preloaded).await {
            Ok(answers) => answers,
            Err(error) => {
                self.in_doubt = true;
                let unwritten = fault::unwritten(&error);
                replies.iter().map(|_| Err(unwritten.clone())).collect()
            }
        };
        for (reply, answer) in replies.into_iter().zip(answers) {
            // Whoever asked may be gone; what they asked for is done all the same.
            let _ = reply.send(answer);
        }
    }

    fn gather(&mut self, first: Push) -> Vec<Push> {
        let mut commands = first.asks.len();
        let mut pushes = vec![first];
        while commands < BATCH_MAX
            && let Ok(push) = self.queue.try_recv()
        {
            commands += push.asks.len();
            pushes.push(push);
        }
        pushes
    }

    /// The answer to each push, once all of them are on disk and shown.
    async fn decide_and_store(
        &mut self,
        mut pushes: Vec<Vec<Ask>>,
        preloaded: &Preloaded,
    ) -> Result<Vec<Result<Vec<Answer>, ApiError>>, StoreError> {
        self.be_sure().await?;
        let shared = Arc::clone(&self.shared);
        let _deciding = shared.deciding.lock().await;
        let believed = self.shared.clock.believed();
        let now = believed.unwrap_or_else(|_| self.shared.clock.now());
        let mut batch = self.prepare(&mut pushes, preloaded, now).await?;
        let answers = pushes
            .into_iter()
            .map(|asks| match believed {
                // A replay brings its own times.
                Err(_) if asks.iter().any(|ask| ask.at.is_none()) => {
                    Err(fault::clock_not_believed())
                }
                _ => batch.decide_all(asks, now),
            })
            .collect();
        if !batch.decided.is_empty() {
            let store = &self.shared.store;
            let written = store.append(&batch.decided, &batch.standings()).await?;
            self.serials.clone_from(&batch.serials);
            let changed: Vec<_> = batch.changed().collect();
            let events = batch.decided.into_iter().flat_map(|d| d.events);
            let events = events.zip(&written);
            let events = events.map(|(r, written)| TailEvent::written(r, written));
            let events = events.collect();
            self.show(events, changed).await;
        }
        Ok(answers)
    }

    /// Fetches all that deciding will need, so that it needs no waiting.
    async fn prepare(
        &mut self,
        pushes: &mut [Vec<Ask>],
        preloaded: &Preloaded,
        now: Time,
    ) -> Result<Batch, StoreError> {
        let store = Arc::clone(&self.shared.store);
        let envelopes = || pushes.iter().flatten().map(|ask| &ask.envelope);
        let (ids, mut wanted): (Vec<CommandId>, BTreeSet<IncidentId>) =
            envelopes().map(|e| (e.id, e.incident)).unzip();
        wanted.extend(envelopes().filter_map(|e| door::other_incident(&e.command)));
        let hashes: BTreeSet<[u8; 32]> =
            envelopes().filter_map(|e| door::file(&e.command)).collect();
        let files = store.file_facts(&Vec::from_iter(hashes)).await?;
        let known = store.outcomes(&ids).await?;
        let mut incidents = HashMap::new();
        let mut missing = Vec::new();
        let (head, last_at, policies, begun) = {
            let view = self.shared.view();
            for id in wanted {
                let read = preloaded.find(id);
                // What has moved on since it was read is read again; so is all when times may have been corrected.
                let is_touched = |at, id| view.is_touched_since(at, id);
                let read = read.filter(|(at, _)| {
                    !is_touched(*at, id) && !is_touched(*at, IncidentId::SETTINGS)
                });
                let kept = view.find(id);
                let is_known = kept.is_some() || read.is_some();
                match kept.or_else(|| read?.1.clone()) {
                    Some(incident) => drop(incidents.insert(id, incident)),
                    None if is_known => {}
                    None => missing.push(id),
                }
            }
            let reports: BTreeSet<IncidentId> =
                envelopes().filter_map(door::decided_report).collect();
            let is_taker =
                |open: &&Arc<Incident>| open.taken_reports.iter().any(|r| reports.contains(r));
            // Hardly any batch is about reports: the open incidents are not gone through for the others.
            if !reports.is_empty() {
                for open in view.live.values().filter(is_taker) {
                    incidents.entry(open.id).or_insert_with(|| Arc::clone(open));
                }
            }
            (
                view.head,
                view.last_at,
                view.policies.clone(),
                begun(&view, pushes),
            )
        };
        if !missing.is_empty() {
            incidents.extend(load_all(store.as_ref(), &missing, head).await?);
        }
        let asked = pushes.iter_mut().flatten().map(|ask| &mut ask.envelope);
        let links = &self.shared.links;
        let mut customers = Customers::of(asked, &incidents, store.as_ref(), links).await?;
        let asked = pushes.iter().flatten().map(|ask| &ask.envelope);
        customers
            .ask_what_they_pay(asked, &incidents, store.as_ref())
            .await?;
        for year in years_of_declarations(pushes, now, last_at) {
            if let Entry::Vacant(place) = self.serials.entry(year) {
                place.insert(store.last_serial(year).await?);
            }
        }
        let mut batch = Batch {
            seq: head,
            last_at,
            policies,
            people: self.shared.people.now(),
            files: files.into_iter().map(|f| (f.sha256, f)).collect(),
            customers,
            incidents,
            serials: self.serials.clone(),
            known: HashMap::new(),
            begun,
            decided: Vec::new(),
        };
        batch.know(known);
        Ok(batch)
    }

    /// Before anything is decided: memory is what the store has.
    pub(super) async fn be_sure(&mut self) -> Result<(), StoreError> {
        if self.in_doubt {
            self.catch_up().await?;
            self.in_doubt = false;
        }
        if self.outdated {
            self.read_anew().await?;
            self.outdated = false;
        }
        Ok(())
    }

    /// After a failure: a commit may have happened though its reply was lost. What the store
    /// has and memory has not is shown now; its authors learn it when they send it again.
    async fn catch_up(&mut self) -> Result<(), StoreError> {
        self.serials.clear();
        let store = Arc::clone(&self.shared.store);
        let (stored, shown) = (store.head().await?, self.shared.view().head);
        if stored < shown {
            return Err(StoreError::Unexpected(format!(
                "the log ends at {stored} but has been at {shown}; was the file replaced? Restart the server"
            )));
        }
        loop {
            let head = self.shared.view().head;
            let events = store.since_within(head, PULL_MAX, PULL_MAX_BYTES).await?;
            let hashes = store.hashes(head, PULL_MAX).await?;
            if events.is_empty() {
                return Ok(());
            }
            let mut incidents: HashMap<IncidentId, Arc<Incident>> = HashMap::new();
            for event in &events {
                let incident = match incidents.entry(event.incident) {
                    Entry::Occupied(place) => place.into_mut(),
                    Entry::Vacant(place) => place.insert(self.as_of(head, event.incident).await?),
                };
                Arc::make_mut(incident).apply(event);
            }
            self.outdated |= events
                .iter()
                .any(|r| matches!(&r.event, Event::ClockConfirmed { log_at } if log_at.is_some()));
            let events = events.into_iter().zip(hashes);
            let events = events.map(|(r, hash)| TailEvent::read(r, hash)).collect();
            self.show(events, incidents.into_values().collect()).await;
        }
    }

    /// An incident folded up to what is shown.
    pub(super) async fn as_of(
        &self,
        head: u64,
        id: IncidentId,
    ) -> Result<Arc<Incident>, StoreError> {
        let kept = self.shared.view().find(id);
        if let Some(incident) = kept {
            return Ok(incident);
        }
        let loaded = load(self.shared.store.as_ref(), id, head).await?;
        Ok(loaded.unwrap_or_else(|| Arc::new(Incident::empty(id))))
    }

    /// Shows what is on disk, then tells who waits for it.
    pub(super) async fn show(&self, events: Vec<TailEvent>, changed: Vec<Arc<Incident>>) {
        let went_back = events.iter().any(TailEvent::goes_back);
        let (head, changed) = {
            let mut view = self.shared.view_mut();
            let changed = view.advance(events, changed);
            self.shared.clock.recorded(view.last_at);
            (view.head, changed)
        };
        if changed.reopened {
            match self.shared.store.closed(CLOSED_SHOWN).await {
                Ok(closed) => self.shared.view_mut().closed = closed,
                // The list is one short until the next restart, nothing worse.
                Err(error) => tracing::warn!(%error, "reading the closed incidents"),
            }
        }
        self.shared
            .head
            .send_if_modified(|shown| std::mem::replace(shown, head) != head);
        if changed.told {
            self.shared.told.send_replace(head);
        }
        if went_back {
            self.shared.left.notify_one();
            self.shared.renamed.notify_one();
        }
    }
}

/// The years whose serials may be needed. An event is recorded at its own time or at that of
/// one before it.
fn years_of_declarations(pushes: &[Vec<Ask>], now: Time, last_at: Option<Time>) -> BTreeSet<i32> {
    let asks = pushes.iter().flatten();
    if !asks
        .clone()
        .any(|ask| matches!(ask.envelope.command, Command::Declare { .. }))
    {
        return BTreeSet::new();
    }
    asks.map(|ask| ask.at.unwrap_or(now))
        .chain(last_at)
        .map(|at| at.year())
        .collect()
}

/// How many open incidents each of those began who may begin another now.
fn begun(view: &View, pushes: &[Vec<Ask>]) -> HashMap<PersonId, usize> {
    let asks = pushes.iter().flatten();
    let begins = asks.filter(|ask| ask.of_session && door::begins(&ask.envelope.command));
    let mut begun: HashMap<PersonId, usize> = begins.map(|ask| (ask.actor.id, 0)).collect();
    // Hardly any batch begins one.
    if !begun.is_empty() {
        for beginner in view.live.values().filter_map(|i| door::beginner(i)) {
            if let Some(count) = begun.get_mut(&beginner) {
                *count += 1;
            }
        }
    }
    begun
}

/// Says that the writer has stopped, also when it panicked.
struct SaysStopped(Arc<Shared>);

impl Drop for SaysStopped {
    fn drop(&mut self) {
        self.0.stopped.send_replace(true);
    }
}
