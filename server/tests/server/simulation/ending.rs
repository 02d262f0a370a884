//! The end of a run, and what must hold in it and then.

use super::check::{Asked, Fate, Truth};
use super::device::Build;
use super::gate::Verdict;
use super::tab::Tab;
use super::tally::Happening;
use super::world::{OLD_BUILD, OWNERS, World};
use app::replica::outbox;
use chrono::Duration;
use domain::{CommandId, IncidentId};
use server::store::Store;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

/// Rounds without trouble in which all must come to the same.
const CALM_ROUNDS_MAX: usize = 60;
/// How well a tab must know the time once it has exchanged with the server.
const OFF_MAX: Duration = Duration::minutes(1);

impl World {
    /// Whatever waits for nothing shows the log as it was at its place (S3).
    pub(super) async fn look(&mut self) {
        let store = Arc::clone(&self.server.store);
        let log = store.since(0, u32::MAX).await.unwrap();
        let hashes = store.hashes(0, u32::MAX).await.unwrap();
        for (who, client) in self.clients.iter().enumerate() {
            let core = client.tab.core.borrow().clone();
            let head = usize::try_from(core.head).unwrap();
            let hash = head.checked_sub(1).and_then(|last| hashes.get(last));
            let is_of_this_log = head == 0 || hash.is_some() && hash.map(hex::encode) == core.hash;
            // Times are others since the clock was confirmed.
            let mut rest = log.iter().skip(head);
            let is_settled = rest.all(|r| r.incident != IncidentId::SETTINGS);
            if who != OLD_BUILD && core.pending.is_empty() && is_of_this_log && is_settled {
                let what = format!("{}: tab {who} at {head}", self.name);
                let truth = Truth::at(core.head, &log);
                truth.is_shown(&what, &core, &*store).await;
            }
        }
    }

    /// The network holds, nobody asks for more, and the older build is replaced.
    pub async fn settle(&mut self) {
        if self.server.clock.trouble().is_some() {
            self.server.confirm_clock().await;
        }
        self.clients[OLD_BUILD].opening.build = Build::NEWEST;
        for who in 0..OWNERS.len() {
            let has_network = self.dice.one_in(2);
            self.reopen(who, has_network).await;
        }
        for round in 0..CALM_ROUNDS_MAX {
            // All have heard of this log once, and then of what the others sent.
            if round >= 2 && self.is_calm() {
                break;
            }
            for client in &self.clients {
                let tab = &client.tab;
                let mut flight = Box::pin(Rc::clone(tab).exchange());
                loop {
                    tokio::select! {
                        biased;
                        () = &mut flight => break,
                        () = tab.gate.reached() => drop(tab.gate.open(Verdict::Pass)),
                    }
                }
            }
        }
    }

    /// Whether nobody waits, and all have the whole log.
    fn is_calm(&self) -> bool {
        let head = self.server.log().head();
        self.clients.iter().all(|client| {
            let core = client.tab.core.borrow();
            core.pending.is_empty() && core.head == head
        })
    }

    /// All show what the server has, on the screen and on the device, and each command is accounted for once.
    pub async fn check(&mut self) {
        let (name, store) = (self.name.clone(), Arc::clone(&self.server.store));
        let verified = store.verify().await.unwrap();
        assert!(verified.faults.is_empty(), "{name}: {:?}", verified.faults);
        let head = store.head().await.unwrap();
        let log = store.since(0, u32::MAX).await.unwrap();
        let truth = Truth::at(head, &log);
        truth.is_in_order(&name);
        truth.was_asked(&name, &self.ledger);
        truth.is_live(&name, &self.server.log().live());
        truth.count(&mut self.tally);
        let mut left = Vec::new();
        for (who, client) in self.clients.iter().enumerate() {
            let (tab, opening) = (&client.tab, &client.opening);
            let what = format!("{name}: tab {who}");
            assert!(tab.core.borrow().pending.is_empty(), "{what} still waits");
            let off = (tab.server_now() - self.server.clock.now()).abs();
            assert!(off < OFF_MAX, "{what} is off by {off}");
            // As it is, and as the device opens without a network.
            let kept = Tab::open(opening, false).await.core.into_inner();
            let cores = [("", tab.core.borrow().clone()), (", opened again,", kept)];
            for (how, core) in cores {
                let what = format!("{what}{how}");
                assert_eq!(core.head, head, "{what} is behind");
                truth.is_shown(&what, &core, &*store).await;
                let abridged = core.shown().into_keys().filter(|id| core.is_abridged(*id));
                self.tally.count(Happening::Abridged, abridged.count());
            }
            truth.is_in_order_of(&name, &self.ledger, who);
            left.push(outbox::load(&opening.memory, &opening.author()).await);
        }
        let asked: Vec<CommandId> = self.ledger.asked.keys().copied().collect();
        let known = store.outcomes(&asked).await.unwrap().into_iter();
        let mut known: BTreeMap<_, _> = known.map(|k| (k.command, k.outcome)).collect();
        for (id, Asked { tab, .. }) in &self.ledger.asked {
            let outcome = known.remove(id);
            let fate = Fate {
                id: *id,
                outcome,
                left: &left[*tab],
            };
            fate.check(&name, &truth, &self.ledger, &mut self.tally);
        }
        self.server.restart().await;
        truth.is_live(&name, &self.server.log().live());
    }
}
