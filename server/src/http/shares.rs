//! Of something that there is only so much of, each person has a share. Half of it is kept for those who use nothing
//! yet: a few people with all that they may have leave something for everybody else.

use domain::PersonId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What is in use.
#[derive(Default)]
pub struct Shares(Arc<Mutex<Used>>);

#[derive(Default)]
struct Used {
    all: usize,
    by_person: HashMap<PersonId, usize>,
}

/// What somebody uses; given back when it is dropped.
pub struct Share {
    person: PersonId,
    amount: usize,
    used: Arc<Mutex<Used>>,
}

impl Shares {
    /// So much for this person, who may use `own_max` of the `all_max` at a time; none when there is not so much.
    pub fn take(
        &self,
        person: PersonId,
        amount: usize,
        own_max: usize,
        all_max: usize,
    ) -> Option<Share> {
        let mut used = locked(&self.0);
        let own = used.by_person.get(&person).copied().unwrap_or(0);
        let all_max = match own {
            0 => all_max,
            _ => all_max / 2,
        };
        if own + amount > own_max || used.all + amount > all_max {
            return None;
        }
        used.all += amount;
        *used.by_person.entry(person).or_default() += amount;
        Some(Share {
            person,
            amount,
            used: Arc::clone(&self.0),
        })
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut used = locked(&self.used);
        used.all -= self.amount;
        if let Some(own) = used.by_person.get_mut(&self.person) {
            *own -= self.amount;
            if *own == 0 {
                used.by_person.remove(&self.person);
            }
        }
    }
}

fn locked(used: &Mutex<Used>) -> MutexGuard<'_, Used> {
    used.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_person_has_their_share_and_all_have_what_there_is() {
        let shares = Shares::default();
        let take = |person, amount| shares.take(PersonId(Uuid::from_u128(person)), amount, 5, 10);
        let first = take(1, 3).unwrap();
        assert!(take(1, 3).is_none(), "more than a share");
        let second = take(1, 2).unwrap();
        assert!(take(2, 6).is_none(), "more than there is");
        let third = take(2, 3).unwrap();
        assert!(take(2, 1).is_none(), "the rest is for who has nothing");
        let fourth = take(3, 2).unwrap();
        drop((first, third));
        let fifth = take(2, 1).unwrap();
        drop((second, fourth, fifth));
        let used = locked(&shares.0);
        assert_eq!((used.all, used.by_person.len()), (0, 0));
    }
}
