//! Who holds a connection. When there is no room, the oldest of those whose request is not there yet goes, then the
//! oldest of those that rest. Where all are at work a new one gets a spare place, for health alone; it makes room for
//! a newer one in the same way, so that nobody can fill the spare places by silence.

use super::ConnectionLimits;
use super::pace::{Phase, Pulse};
use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;

/// The log is told of a lack of room once in this time.
const TOLD_EVERY: Duration = Duration::from_secs(60);

/// By what right a connection is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Entry {
    /// As any other.
    Usual,
    /// While all others are at work.
    Spare,
}

/// All connections.
pub(super) struct Slots(Arc<Mutex<Taken>>);

struct Taken {
    all: usize,
    spare: usize,
    per_address: Option<usize>,
    next: u64,
    /// The oldest first.
    usual: BTreeMap<u64, Slot>,
    /// The same of the spare places.
    spares: BTreeMap<u64, Slot>,
    by_address: HashMap<IpAddr, usize>,
    short: Short,
}

struct Slot {
    from: IpAddr,
    pulse: Arc<Pulse>,
    out: Arc<Notify>,
}

/// How often there was no room since the log was told.
#[derive(Default)]
struct Short {
    pushed_out: u64,
    sent_away: u64,
    told_at: Option<Instant>,
}

impl Slots {
    pub(super) fn of(limits: &ConnectionLimits) -> Self {
        Self(Arc::new(Mutex::new(Taken {
            all: limits.all,
            spare: limits.spare,
            per_address: limits.per_address,
            next: 0,
            usual: BTreeMap::new(),
            spares: BTreeMap::new(),
            by_address: HashMap::new(),
            short: Short::default(),
        })))
    }

    /// A place for a connection from this address; none when it is to be closed.
    pub(super) fn enter(&self, from: IpAddr) -> Option<Held> {
        let mut taken = locked(&self.0);
        let of_address = taken.by_address.get(&from).copied().unwrap_or(0);
        let own_max = taken.per_address.filter(|_| !from.is_loopback());
        if own_max.is_some_and(|most| of_address >= most) && !taken.push_out(Some(from)) {
            taken.is_short(from, |short| short.sent_away += 1);
            return None;
        }
        let entry = if taken.usual.len() < taken.all || taken.push_out(None) {
            Entry::Usual
        } else if taken.spares.len() < taken.spare || taken.push_out_spare() {
            Entry::Spare
        } else {
            taken.is_short(from, |short| short.sent_away += 1);
            return None;
        };
        let (id, pulse, out) = (
            taken.next,
            Arc::<Pulse>::default(),
            Arc::<Notify>::default(),
        );
        taken.next += 1;
        let slot = Slot {
            from,
            pulse: Arc::clone(&pulse),
            out: Arc::clone(&out),
        };
        match entry {
            Entry::Usual => {
                *taken.by_address.entry(from).or_default() += 1;
                taken.usual.insert(id, slot);
            }
            Entry::Spare => drop(taken.spares.insert(id, slot)),
        }
        Some(Held {
            id,
            entry,
            pulse,
            out,
            taken: Arc::clone(&self.0),
        })
    }
}

impl Taken {
    /// Closes the connection that is missed least, of this address or of all. False when all are at work.
    fn push_out(&mut self, of: Option<IpAddr>) -> bool {
        let of_address = self.usual.iter();
        let of_address = of_address.filter(|(_, slot)| of.is_none_or(|of| of == slot.from));
        let Some(slot) = least_missed(of_address).and_then(|id| self.leave(id)) else {
            return false;
        };
        self.close(&slot);
        true
    }

    /// The same among the spare places.
    fn push_out_spare(&mut self) -> bool {
        let least_missed = least_missed(self.spares.iter());
        let Some(slot) = least_missed.and_then(|id| self.spares.remove(&id)) else {
            return false;
        };
        self.close(&slot);
        true
    }

    fn close(&mut self, slot: &Slot) {
        slot.out.notify_one();
        self.is_short(slot.from, |short| short.pushed_out += 1);
    }

    fn leave(&mut self, id: u64) -> Option<Slot> {
        let slot = self.usual.remove(&id)?;
        if let Some(count) = self.by_address.get_mut(&slot.from) {
            *count -= 1;
            if *count == 0 {
                self.by_address.remove(&slot.from);
            }
        }
        Some(slot)
    }

    fn is_short(&mut self, address: IpAddr, count: impl FnOnce(&mut Short)) {
        count(&mut self.short);
        let (now, held) = (Instant::now(), self.usual.len());
        if self.short.told_at.is_some_and(|at| now - at < TOLD_EVERY) {
            return;
        }
        let Short {
            pushed_out,
            sent_away,
            ..
        } = std::mem::take(&mut self.short);
        self.short.told_at = Some(now);
        tracing::warn!(
            %address, held, pushed_out, sent_away,
            "no room for more connections: silent ones were closed; if the address is that of your proxy, set --trusted-proxy"
        );
    }
}

/// The oldest whose request is not there yet; else the oldest that rests. None while all are at work.
fn least_missed<'a>(slots: impl Iterator<Item = (&'a u64, &'a Slot)>) -> Option<u64> {
    let mut resting = None;
    for (id, slot) in slots {
        match slot.pulse.phase() {
            Phase::Silent | Phase::Headers | Phase::Receiving => return Some(*id),
            Phase::Resting => resting = resting.or(Some(*id)),
            Phase::AtWork | Phase::Streaming => {}
        }
    }
    resting
}

/// A place that is held; free again when dropped.
pub(super) struct Held {
    id: u64,
    entry: Entry,
    pulse: Arc<Pulse>,
    out: Arc<Notify>,
    taken: Arc<Mutex<Taken>>,
}

impl Held {
    pub(super) fn entry(&self) -> Entry {
        self.entry
    }

    pub(super) fn pulse(&self) -> &Arc<Pulse> {
        &self.pulse
    }

    /// Returns when it has to make room.
    pub(super) async fn pushed_out(&self) {
        self.out.notified().await;
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut taken = locked(&self.taken);
        match self.entry {
            Entry::Usual => drop(taken.leave(self.id)),
            Entry::Spare => drop(taken.spares.remove(&self.id)),
        }
    }
}

fn locked(taken: &Mutex<Taken>) -> MutexGuard<'_, Taken> {
    taken.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slots(all: usize, spare: usize, per_address: usize) -> Slots {
        Slots::of(&ConnectionLimits {
            all,
            spare,
            per_address: Some(per_address),
            ..ConnectionLimits::default()
        })
    }

    fn ip(last: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, last])
    }

    fn is_held(slots: &Slots, held: &Held) -> bool {
        let taken = locked(&slots.0);
        taken.usual.contains_key(&held.id) || taken.spares.contains_key(&held.id)
    }

    #[test]
    fn the_oldest_silent_one_makes_room_then_the_oldest_that_rests() {
        let slots = slots(3, 1, 9);
        let enter = |from| slots.enter(ip(from)).unwrap();
        let (rests, silent, later) = (enter(1), enter(2), enter(3));
        drop(rests.pulse().at(Phase::AtWork));
        let next = enter(4);
        assert!(!is_held(&slots, &silent) && is_held(&slots, &rests));
        let at_work = later.pulse().at(Phase::AtWork);
        let streams = next.pulse().at(Phase::AtWork).go_on(Phase::Streaming);
        let last = enter(5);
        assert!(!is_held(&slots, &rests) && last.entry() == Entry::Usual);
        let last_at_work = last.pulse().at(Phase::AtWork);
        let spare = enter(6);
        assert_eq!(spare.entry(), Entry::Spare);
        let _spare_at_work = spare.pulse().at(Phase::AtWork);
        assert!(slots.enter(ip(7)).is_none(), "all are at work");
        drop(spare);
        assert_eq!(enter(7).entry(), Entry::Spare);
        drop((at_work, streams, last_at_work));
        assert_eq!(enter(7).entry(), Entry::Usual);
    }

    #[test]
    fn a_silent_spare_one_makes_room_for_a_newer_one_and_one_at_work_does_not() {
        let slots = slots(1, 2, 9);
        let enter = |from| slots.enter(ip(from)).unwrap();
        let usual = enter(1);
        let _at_work = usual.pulse().at(Phase::AtWork);
        let (asks, silent) = (enter(2), enter(2));
        let _asks_for_health = asks.pulse().at(Phase::AtWork);
        let next = enter(3);
        assert_eq!(next.entry(), Entry::Spare);
        assert!(!is_held(&slots, &silent) && is_held(&slots, &asks));
        drop(silent);
        assert!(is_held(&slots, &next) && is_held(&slots, &usual));
    }

    #[test]
    fn a_request_whose_body_is_not_there_makes_room() {
        let slots = slots(2, 0, 9);
        let enter = |from| slots.enter(ip(from)).unwrap();
        let (receives, works) = (enter(1), enter(2));
        let _works = works.pulse().at(Phase::AtWork);
        let _receives = receives.pulse().at(Phase::Receiving);
        let next = enter(3);
        assert!(!is_held(&slots, &receives) && is_held(&slots, &works));
        let received = next.pulse().at(Phase::Receiving).go_on(Phase::AtWork);
        assert!(slots.enter(ip(4)).is_none());
        drop(received);
    }

    #[test]
    fn one_address_makes_room_for_itself_and_for_nobody_else() {
        let slots = slots(10, 0, 2);
        let enter = |from| slots.enter(ip(from));
        let other = enter(9).unwrap();
        let own = [enter(1).unwrap(), enter(1).unwrap()];
        let third = enter(1).unwrap();
        assert!(!is_held(&slots, &own[0]) && is_held(&slots, &own[1]) && is_held(&slots, &other));
        let _at_work = [&own[1], &third].map(|held| held.pulse().at(Phase::AtWork));
        assert!(enter(1).is_none());
        drop(own);
        assert!(enter(1).is_some());
        let here = IpAddr::from([127, 0, 0, 1]);
        let proxied: Vec<Held> = (0..5).filter_map(|_| slots.enter(here)).collect();
        assert!(proxied.iter().all(|held| is_held(&slots, held)));
        drop((proxied, third, other));
        assert!(locked(&slots.0).by_address.is_empty());
    }
}
