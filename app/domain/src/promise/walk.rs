//! The walk over what was published and how the status moved, that says who waits.

use super::{Since, Wait};
use crate::customer::{Customer, CustomerField, CustomerId, CustomerRef};
use crate::incident::{Declaration, Move, Setting};
use crate::policy::minutes;
use crate::update::{Audience, Update};
use crate::{Incident, Policy, Status, Time, order};
use std::collections::BTreeMap;

/// A reader, the same whatever an older event calls them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Reader {
    Public,
    Customer(CustomerId),
    /// A name of an older event that nobody bore. No update can be addressed to it any more: the next one, whoever reads
    /// it, ends its wait.
    Name(String),
}

/// What readers were told last.
#[derive(Clone, Copy)]
enum Told {
    /// That another update follows: they are in the wait at this place.
    More(usize),
    /// That it is over.
    Over,
}

/// Readers who were told the same last.
struct Group {
    told: Told,
    /// How many they are by now.
    readers: usize,
    /// How many updates were published when they were told last.
    told_at_update: usize,
}

/// Where a reader is, and how the update called them; none of the public.
type Member<'a> = (usize, Option<&'a CustomerRef>);

pub(super) struct Walk<'a> {
    incident: &'a Incident,
    policy: &'a Policy,
    status: Status,
    last: Option<&'a Update>,
    /// How many updates were published.
    updates: usize,
    /// The entries that were joined to an account, by the account, and when: until then they are two readers.
    joined: BTreeMap<CustomerId, (CustomerId, Option<Time>)>,
    /// The accounts that are joined to an entry later on, the next one last.
    to_join: Vec<(Option<Time>, CustomerId)>,
    waits: Vec<Wait>,
    /// How many readers are in each wait.
    waiting: Vec<usize>,
    groups: Vec<Group>,
    readers: BTreeMap<Reader, Member<'a>>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(incident: &'a Incident, policy: &'a Policy) -> Self {
        let lines = incident.customers.iter().filter_map(|line| {
            let account = line.account.map(CustomerId::Account)?;
            let was_joined = Setting::CustomerField(line.id, CustomerField::Account);
            let at = incident.last_set(&was_joined).map(|set| set.at);
            (line.id != account && line.id.is_set()).then_some((account, (line.id, at)))
        });
        let joined: BTreeMap<_, (_, Option<Time>)> = order::map(lines);
        let mut to_join: Vec<_> = joined
            .iter()
            .map(|(account, (_, at))| (*at, *account))
            .collect();
        order::by(&mut to_join, |(at, _)| {
            [-order::at(*at).max(-i64::MAX), 0, 0]
        });
        Self {
            incident,
            policy,
            status: Status::Active,
            last: None,
            updates: 0,
            joined,
            to_join,
            waits: Vec::new(),
            waiting: Vec::new(),
            groups: Vec::new(),
            readers: BTreeMap::new(),
        }
    }

    /// Whoever it was declared to by name is owed the first update. What everybody may read is published or not.
    pub(super) fn declared(&mut self, declared: &'a Declaration) {
        if declared.audience.named().is_empty() {
            return;
        }
        let at = declared.at;
        let group = self.regroup(&declared.audience, at);
        let promised_at = at + minutes(self.policy.first_update_min);
        let every_min = self.policy.cadence_min_for(declared.severity);
        let every = self
            .incident
            .silence_at(promised_at, every_min, self.policy);
        let wait = self.wait(at, promised_at);
        let since = Since::Declared;
        let wait = self.begin(
            Wait {
                since,
                every,
                ..wait
            },
            self.groups[group].readers,
        );
        self.groups[group].told = Told::More(wait);
    }

    pub(super) fn published(&mut self, update: &'a Update) {
        self.join_until(update.published_at);
        // Most updates go to the readers of the one before: then nobody is looked up.
        let audience = &update.text.audience;
        let is_same = self.joined.is_empty()
            && self
                .last
                .is_some_and(|last| last.text.audience == *audience);
        self.updates += 1;
        self.last = Some(update);
        let group = match self.groups.len().checked_sub(1).filter(|_| is_same) {
            Some(group) => {
                self.leave(group, self.groups[group].readers, update.published_at);
                group
            }
            None => self.regroup(audience, update.published_at),
        };
        let readers = self.groups[group].readers;
        let next_at = update.text.next_at.filter(|_| readers > 0);
        self.groups[group].told_at_update = self.updates;
        self.groups[group].told = match next_at {
            Some(promised_at) => {
                let every = minutes(update.cadence_min);
                let wait = self.wait(update.published_at, promised_at);
                Told::More(self.begin(Wait { every, ..wait }, readers))
            }
            None => Told::Over,
        };
    }

    pub(super) fn moved(&mut self, to: &Move) {
        self.join_until(to.at);
        let was = std::mem::replace(&mut self.status, to.to);
        if to.to == Status::Closed {
            self.closed(to.at);
        } else if was >= Status::Resolved && to.to < Status::Resolved {
            self.reopened(to.at);
        }
    }

    pub(super) fn into_waits(mut self) -> Vec<Wait> {
        for (group, named) in self.readers.into_values() {
            if let Told::More(wait) = self.groups[group].told {
                let reader = named.map_or(Audience::Public, |one| {
                    let id = self.incident.meant(one).unwrap_or(one.id);
                    let line = self.incident.customer(id).map(Customer::to_ref);
                    Audience::only(line.unwrap_or_else(|| CustomerRef::new(id, &one.name)))
                });
                self.waits[wait].readers.push(reader);
            }
        }
        self.waits
    }

    /// Puts these readers into a group of their own.
    fn regroup(&mut self, audience: &'a Audience, at: Time) -> usize {
        let named: BTreeMap<Reader, Option<&CustomerRef>> = match audience {
            Audience::Public => BTreeMap::from([(Reader::Public, None)]),
            Audience::Named { customers } => order::map(
                customers
                    .iter()
                    .map(|one| (self.reader(one, at), Some(one))),
            ),
        };
        let is_read_by = |reader: &Reader| match audience {
            Audience::Public => true,
            Audience::Named { .. } => {
                matches!(reader, Reader::Name(_)) || named.contains_key(reader)
            }
        };
        let told = self.readers.keys().filter(|reader| is_read_by(reader));
        let told: Vec<Reader> = told.cloned().collect();
        for reader in told {
            let Some((group, _)) = self.readers.remove(&reader) else {
                continue;
            };
            self.groups[group].readers -= 1;
            self.leave(group, 1, at);
        }
        let group = self.groups.len();
        self.groups.push(Group {
            told: Told::Over,
            readers: named.len(),
            told_at_update: self.updates,
        });
        let members = named
            .into_iter()
            .map(|(reader, named)| (reader, (group, named)));
        for (reader, member) in members {
            self.readers.insert(reader, member);
        }
        group
    }

    fn reader(&self, customer: &CustomerRef, at: Time) -> Reader {
        match self.incident.meant(customer) {
            Some(id) => self.since_joined(&Reader::Customer(id), at),
            None => Reader::Name(customer.name.clone()),
        }
    }

    /// The reader under the id that an account has on the incident at this time.
    fn since_joined(&self, reader: &Reader, at: Time) -> Reader {
        let joined = match reader {
            Reader::Customer(id) => self.joined.get(id),
            Reader::Public | Reader::Name(_) => None,
        };
        match joined {
            Some((line, since)) if since.is_none_or(|since| since <= at) => Reader::Customer(*line),
            _ => reader.clone(),
        }
    }

    /// Joins the entries that were joined to their accounts by then.
    pub(super) fn join_until(&mut self, at: Time) {
        while let Some((_, account)) = self
            .to_join
            .pop_if(|(since, _)| since.is_none_or(|since| since <= at))
        {
            self.join(account, at);
        }
    }

    /// From here on both read what either was told: the later word counts, and whoever waited by the earlier one waits
    /// no more.
    fn join(&mut self, account: CustomerId, until: Time) {
        let Some((line, since)) = self.joined.get(&account).copied() else {
            return;
        };
        let at = since.unwrap_or(until);
        let Some(of_account) = self.readers.remove(&Reader::Customer(account)) else {
            return;
        };
        let Some(of_line) = self.readers.remove(&Reader::Customer(line)) else {
            self.readers.insert(Reader::Customer(line), of_account);
            return;
        };
        let told = |member: &Member<'_>| self.groups[member.0].told_at_update;
        let (earlier, later) = match told(&of_account) < told(&of_line) {
            true => (of_account, of_line),
            false => (of_line, of_account),
        };
        self.groups[earlier.0].readers -= 1;
        self.leave(earlier.0, 1, at);
        self.readers.insert(Reader::Customer(line), later);
    }

    /// So many readers of this group are told again. Their wait ends with the last of its readers.
    fn leave(&mut self, group: usize, readers: usize, at: Time) {
        if let Told::More(wait) = self.groups[group].told {
            self.waiting[wait] -= readers;
            if self.waiting[wait] == 0 {
                self.waits[wait].ended_at = Some(at);
            }
        }
    }

    fn wait(&self, from: Time, promised_at: Time) -> Wait {
        Wait {
            since: Since::Update,
            updates: self.updates,
            from,
            promised_at,
            every: promised_at - from,
            ended_at: None,
            stopped_at: None,
            readers: Vec::new(),
        }
    }

    fn begin(&mut self, wait: Wait, readers: usize) -> usize {
        self.waits.push(wait);
        self.waiting.push(readers);
        self.waits.len() - 1
    }

    /// Nothing more is owed to anybody.
    fn closed(&mut self, at: Time) {
        for group in &mut self.groups {
            if let Told::More(wait) = group.told {
                // Whoever was in it and told again is in another group.
                if group.readers > 0 {
                    self.waits[wait].stopped_at = Some(at);
                }
            }
            group.told = Told::Over;
        }
    }

    /// Who was told that it is over, or waited when it was closed, is owed an update again.
    fn reopened(&mut self, at: Time) {
        let is_over = |group: &Group| matches!(group.told, Told::Over);
        let over = self.groups.iter().filter(|group| is_over(group));
        let readers = over.map(|group| group.readers).sum();
        if readers == 0 {
            return;
        }
        let cadence_min = self.last.map_or(0, |last| last.cadence_min);
        let every = self.incident.silence_at(at, cadence_min, self.policy);
        let wait = self.wait(at, at + every);
        let wait = self.begin(
            Wait {
                since: Since::Reopened,
                ..wait
            },
            readers,
        );
        for group in self.groups.iter_mut().filter(|group| is_over(group)) {
            group.told = Told::More(wait);
        }
    }
}
