//! What must hold: all show what the server has, and each command is accounted for once.

use super::tally::{Happening, Tally};
use app::api::Outcome;
use app::replica::core::Core;
use app::replica::outbox::Left;
use domain::board::Summary;
use domain::{
    Abridged, Command, CommandId, Envelope, Event, Incident, IncidentId, Recorded, Status,
};
use server::store::Store;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A command that a device was given to keep.
pub struct Asked {
    /// Whose tab it is of.
    pub tab: usize,
    pub envelope: Envelope,
}

/// Everything that was asked, in the order in which it was.
#[derive(Default)]
pub struct Ledger {
    pub asked: BTreeMap<CommandId, Asked>,
    /// Answered, and the answer undone by a restore.
    pub undone: BTreeSet<CommandId>,
    /// Of these, the ones that their device may have let go of before: nobody has them any more.
    pub forgotten: BTreeSet<CommandId>,
}

/// The log up to a place in it.
pub struct Truth<'a> {
    pub head: u64,
    /// Whether the log ends there.
    is_whole: bool,
    log: &'a [Recorded],
    folded: BTreeMap<IncidentId, Incident>,
}

impl<'a> Truth<'a> {
    pub fn at(head: u64, log: &'a [Recorded]) -> Self {
        let is_whole = head == log.len() as u64;
        let log = &log[..usize::try_from(head).unwrap()];
        let own = log.iter().filter(|r| r.incident != IncidentId::SETTINGS);
        let ids: BTreeSet<IncidentId> = own.map(|r| r.incident).collect();
        let fold = |id| Incident::fold(id, log.iter().filter(|r| r.incident == id));
        let folded = ids.into_iter().map(|id| (id, fold(id))).collect();
        Self {
            head,
            is_whole,
            log,
            folded,
        }
    }

    /// What is live is shown, what is closed is listed, and what is shown is as the log has it.
    pub async fn is_shown(&self, what: &str, core: &Core, store: &dyn Store) {
        let (shown, abridged) = (core.shown(), core.to_snapshot(core.told_at).abridged);
        for (id, incident) in &self.folded {
            let Some(shown) = shown.get(id) else {
                let is_live = incident.is_open() || incident.is_to_triage();
                assert!(!is_live, "{what} lacks {id}");
                let is_listed = core.closed.iter().any(|s| s.id == *id);
                let is_closed = Summary::of(incident).is_some();
                assert!(is_listed || !is_closed, "{what} does not list {id}");
                continue;
            };
            if !self.is_whole && shown.version > incident.version {
                // It was asked for by name since.
                continue;
            }
            match core.is_abridged(*id) {
                false => assert_eq!(**shown, *incident, "{what} shows another {id}"),
                true => {
                    let held = abridged.iter().find(|a| a.incident() == Some(*id)).unwrap();
                    // What was logged since it was carried is held whole.
                    let held = Abridged::of(held.events.iter().cloned(), held.version);
                    let own = store.abridged(&[*id], self.head).await.unwrap();
                    let is_same = held.fold() == own[0].fold();
                    assert!(is_same, "{what} shows another {id}, abridged");
                }
            }
        }
        if !self.is_whole {
            return;
        }
        let strange = shown.keys().find(|id| !self.folded.contains_key(id));
        assert_eq!(strange, None, "{what} shows what is not on the log");
        let closed = |id: &IncidentId| self.folded.get(id).is_some_and(|i| i.declared.is_some());
        let strange = core.closed.iter().find(|s| !closed(&s.id));
        assert_eq!(strange, None, "{what} lists what is not on the log");
    }

    /// The memory of the server is what its disk folds to.
    pub fn is_live(&self, what: &str, live: &BTreeMap<IncidentId, Arc<Incident>>) {
        let is_live = |i: &&Incident| i.is_open() || i.is_to_triage();
        let folded: Vec<&Incident> = self.folded.values().filter(is_live).collect();
        let live: Vec<&Incident> = live.values().map(|i| &**i).collect();
        assert_eq!(live, folded, "{what}: memory is not the log");
    }

    /// Time does not go back on the log, and nothing was made after it was written down.
    pub fn is_in_order(&self, what: &str) {
        for pair in self.log.windows(2) {
            let (before, after) = (&pair[0], &pair[1]);
            assert_eq!(after.seq, before.seq + 1, "{what}");
            assert!(
                before.at <= after.at,
                "{what}: {} is before {}",
                after.seq,
                before.seq
            );
        }
        let early = self.log.iter().find(|r| r.made_at > r.at);
        assert_eq!(early, None, "{what}: made after it was written down");
    }

    fn of(&self, command: CommandId) -> Vec<&Recorded> {
        self.log.iter().filter(|r| r.command == command).collect()
    }

    /// Nothing is on the log that nobody asked for.
    pub fn was_asked(&self, what: &str, ledger: &Ledger) {
        let own = self
            .log
            .iter()
            .filter(|r| r.incident != IncidentId::SETTINGS);
        let mut strange = own.filter(|r| !ledger.asked.contains_key(&r.command));
        assert_eq!(strange.next(), None, "{what}: nobody asked for this");
    }

    /// What one tab asked for one after the other is on the log in that order.
    pub fn is_in_order_of(&self, what: &str, ledger: &Ledger, tab: usize) {
        let own = ledger.asked.iter().filter(|(_, asked)| asked.tab == tab);
        let own = own.filter(|(id, _)| !ledger.undone.contains(id));
        let places = own.filter_map(|(id, _)| Some((self.of(*id).first()?.seq, *id)));
        let places: Vec<(u64, CommandId)> = places.collect();
        let overtaken = places.windows(2).find(|pair| pair[0].0 > pair[1].0);
        assert_eq!(overtaken, None, "{what}: tab {tab} was not sent in order");
    }

    pub fn count(&self, tally: &mut Tally) {
        for event in self.log.iter().map(|r| &r.event) {
            let what = match event {
                Event::StatusMoved { to } if *to == Status::Closed => Happening::Closed,
                Event::StatusMovedBack { .. } => Happening::Reopened,
                Event::ReportJoined { .. } => Happening::ReportJoined,
                Event::ClockConfirmed { .. } => Happening::ClockConfirmed,
                _ => continue,
            };
            tally.count(what, 1);
        }
    }
}

/// What became of one command, and that it is one thing: it acted once, or came back with every word, or a restore took
/// it.
pub struct Fate<'a> {
    pub id: CommandId,
    pub outcome: Option<Outcome>,
    /// What its author's device has.
    pub left: &'a Left,
}

impl Fate<'_> {
    pub fn check(&self, what: &str, truth: &Truth<'_>, ledger: &Ledger, tally: &mut Tally) {
        let (id, Asked { tab, envelope }) = (self.id, &ledger.asked[&self.id]);
        let back = self.left.returned.iter().find(|r| r.envelope.id == id);
        let (is_undone, is_forgotten) =
            (ledger.undone.contains(&id), ledger.forgotten.contains(&id));
        let is_accepted = self.outcome == Some(Outcome::Accepted);
        assert!(
            is_accepted || back.is_some() || is_forgotten,
            "{what}: {id} of tab {tab} is lost: {envelope:?}"
        );
        assert!(
            !is_accepted || back.is_none() || is_undone,
            "{what}: {id} of tab {tab} is accepted and came back"
        );
        let still_waits = self.left.waiting.iter().any(|e| e.id == id);
        assert!(!still_waits, "{what}: {id} of tab {tab} still waits");
        if let Some(back) = back {
            assert_eq!(back.envelope, *envelope, "{what}: not every word came back");
        }
        let own = truth.of(id);
        assert_eq!(is_accepted, !own.is_empty(), "{what}: {id} has no effect");
        for (n, one) in own.iter().enumerate() {
            assert_eq!(one.seq, own[0].seq + n as u64, "{what}: {id} acted twice");
            let is_again = own[..n].iter().any(|other| other.event == one.event);
            assert!(!is_again, "{what}: {id} acted twice");
        }
        if let (Command::LogEntry { text, .. }, true) = (&envelope.command, is_accepted) {
            let is_whole =
                matches!(&own[0].event, Event::EntryLogged { text: kept, .. } if kept == text);
            assert!(is_whole, "{what}: {id} lost words");
        }
        tally.count(Happening::Accepted, usize::from(is_accepted));
        tally.count(Happening::Returned, usize::from(back.is_some()));
        let is_sent_again = is_undone && !is_forgotten;
        tally.count(Happening::SentAgain, usize::from(is_sent_again));
        tally.count(Happening::Forgotten, usize::from(is_forgotten));
    }
}
