//! Who waits for an update, and what ends the wait (RUNBOOK §4): an update that its readers have, and no other. What is
//! not published to an audience does not exist for it (RUNBOOK §5).

use crate::customer::{CustomerId, CustomerRef};
use crate::decide::READERS_MAX;
use crate::incident::Move;
use crate::policy::minutes;
use crate::update::{Audience, Update};
use crate::{Incident, Policy, Status, Time, order};
use chrono::Duration;
use std::collections::BTreeMap;

/// A silence towards some readers: from the update that promised them another one, or from a reopening after they were
/// told that it is over, until the last of them is told again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wait {
    /// Whether a reopening began it, and not an update.
    pub reopened: bool,
    /// How many updates were published by then, the one that began it among them.
    pub updates: usize,
    /// When it began, server time.
    pub from: Time,
    /// By when the readers were to be told.
    pub promised_at: Time,
    /// The longest silence allowed when it began: each further due time comes this much later.
    pub every: Duration,
    /// When the last of the readers was told again.
    pub ended_at: Option<Time>,
    /// When the incident was closed while some of them still waited.
    pub stopped_at: Option<Time>,
    /// The readers who wait still, one each; empty once it ended or stopped.
    pub readers: Vec<Audience>,
}

impl Wait {
    /// Whether somebody waits still.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.ended_at.is_none() && self.stopped_at.is_none()
    }

    /// By when they are to be told by now: a cadence made shorter brings it nearer, one made longer leaves it standing.
    #[must_use]
    pub fn due_at(&self, retimings: &[(Time, Duration)]) -> Time {
        let since = retimings.iter().filter(|(at, _)| *at >= self.from);
        since.fold(self.promised_at, |due, (at, every)| {
            if *at < due {
                due.min(*at + *every)
            } else {
                due
            }
        })
    }

    /// The readers who wait, in words.
    #[must_use]
    pub fn readers_label(&self) -> String {
        readers_label(&self.readers)
    }
}

/// Names in one label; of the others only how many they are.
const LABEL_NAMES_MAX: usize = 3;

/// These readers in words: "Orchard Bank, Tallis Travel and 4 more".
#[must_use]
pub fn readers_label(readers: &[Audience]) -> String {
    let mut names: Vec<String> = Vec::new();
    for reader in readers {
        match reader {
            Audience::Public => return "everybody who reads the status page".to_owned(),
            named @ Audience::Named { .. } => names.push(named.label()),
        }
    }
    match names.len().saturating_sub(LABEL_NAMES_MAX) {
        0 => names.join(", "),
        more => {
            names.truncate(LABEL_NAMES_MAX);
            format!("{} and {more} more", names.join(", "))
        }
    }
}

/// Every wait that began up to `until`, in the order in which they began.
#[must_use]
pub fn waits(incident: &Incident, policy: &Policy, until: Time) -> Vec<Wait> {
    let updates = incident.updates_until(until);
    let mut moves = incident.moves.iter().filter(|m| m.at <= until).peekable();
    let mut pass = Pass::new(incident, policy);
    for update in updates {
        // Of what happened in one moment the status under which it was published says the order.
        let is_before = |m: &&Move, status: Status| {
            m.at < update.published_at || m.at == update.published_at && status != update.status
        };
        while let Some(to) = moves.next_if(|m| is_before(m, pass.status)) {
            pass.moved(to);
        }
        pass.published(update);
    }
    moves.for_each(|to| pass.moved(to));
    pass.finished()
}

/// The waits that go on, the one that is due first before the others, with when that is.
#[must_use]
pub fn open_waits(incident: &Incident, policy: &Policy) -> Vec<(Time, Wait)> {
    let retimings = incident.retimings(policy);
    let waits = waits(incident, policy, Time::MAX_UTC).into_iter();
    let open = waits.filter(Wait::is_open);
    let mut open: Vec<(Time, Wait)> = open.map(|w| (w.due_at(&retimings), w)).collect();
    order::by(&mut open, |(due_at, _)| [order::at(Some(*due_at)), 0, 0]);
    open
}

/// The readers who were told something and have not been told since that it is over, one each.
#[must_use]
pub fn readers_waiting(incident: &Incident, policy: &Policy) -> Vec<Audience> {
    let open = open_waits(incident, policy).into_iter();
    open.flat_map(|(_, wait)| wait.readers).collect()
}

/// One update for all of these; none where nobody waits. An update names so many readers at most: the rest get another.
#[must_use]
pub fn audience_of(readers: Vec<Audience>) -> Option<Audience> {
    let mut named = Vec::new();
    for reader in readers {
        match reader {
            Audience::Public => return Some(Audience::Public),
            Audience::Named { customers } => named.extend(customers),
        }
    }
    named.truncate(READERS_MAX);
    (!named.is_empty()).then_some(Audience::Named { customers: named })
}

/// A reader whom the next update would leave waiting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReaderLeftOut {
    /// Who, alone.
    pub reader: Audience,
    /// By when they are to be told.
    pub due_at: Time,
    /// Whether the last that they were told is that it is over.
    pub reopened: bool,
}

/// Who waits for an update and would not read one to this audience: their page says so, whoever else is told meanwhile.
#[must_use]
pub fn readers_left_out(
    incident: &Incident,
    policy: &Policy,
    audience: &Audience,
) -> Vec<ReaderLeftOut> {
    let mut all = Vec::new();
    for (due_at, wait) in open_waits(incident, policy) {
        let reopened = wait.reopened;
        let waiting = wait.readers.into_iter();
        let not_told = waiting.filter(|reader| !audience.covers(reader, incident));
        all.extend(not_told.map(|reader| ReaderLeftOut {
            reader,
            due_at,
            reopened,
        }));
    }
    all
}

/// A reader, the same whatever an older event calls them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Reader {
    Public,
    Customer(CustomerId),
    /// A name that nobody bore.
    Name(String),
}

/// What a reader was told last.
enum Told {
    /// That another update follows: they are in the wait at this place.
    More(usize),
    /// That it is over.
    Over,
}

/// One walk over what was published, in the order of time.
struct Pass<'a> {
    incident: &'a Incident,
    policy: &'a Policy,
    status: Status,
    /// How many updates were published.
    updates: usize,
    /// In force when the last of them was, minutes.
    cadence_min: u32,
    /// Under which id a customer is known here, who may have had another before.
    ids: BTreeMap<CustomerId, CustomerId>,
    waits: Vec<Wait>,
    /// How many readers are in each wait.
    left: Vec<usize>,
    /// What each was told last, and how the update called them; none of the public.
    readers: BTreeMap<Reader, (Told, Option<&'a CustomerRef>)>,
}

impl<'a> Pass<'a> {
    fn new(incident: &'a Incident, policy: &'a Policy) -> Self {
        let lines = incident.customers.iter().filter_map(|line| {
            let account = line.account.map(CustomerId::Account)?;
            (line.id != account && line.id.is_set()).then_some((account, line.id))
        });
        Self {
            incident,
            policy,
            status: Status::Active,
            updates: 0,
            cadence_min: 0,
            ids: order::map(lines),
            waits: Vec::new(),
            left: Vec::new(),
            readers: BTreeMap::new(),
        }
    }

    fn reader(&self, customer: &CustomerRef) -> Reader {
        match self.incident.meant(customer) {
            Some(id) => Reader::Customer(self.ids.get(&id).copied().unwrap_or(id)),
            None => Reader::Name(customer.name.clone()),
        }
    }

    fn published(&mut self, update: &'a Update) {
        self.updates += 1;
        self.cadence_min = update.cadence_min;
        let to: BTreeMap<Reader, Option<&CustomerRef>> = match &update.text.audience {
            Audience::Public => BTreeMap::from([(Reader::Public, None)]),
            Audience::Named { customers } => {
                order::map(customers.iter().map(|one| (self.reader(one), Some(one))))
            }
        };
        // What is public is read by everybody.
        let told = match &update.text.audience {
            Audience::Public => std::mem::take(&mut self.readers).into_values().collect(),
            Audience::Named { .. } => {
                let told = to.keys().filter_map(|reader| self.readers.remove(reader));
                told.collect::<Vec<_>>()
            }
        };
        for (told, _) in told {
            self.leave(&told, update.published_at);
        }
        let next_at = update.text.next_at.filter(|_| !to.is_empty());
        let wait = next_at.map(|promised_at| {
            let wait = Wait {
                reopened: false,
                updates: self.updates,
                from: update.published_at,
                promised_at,
                every: minutes(update.cadence_min),
                ended_at: None,
                stopped_at: None,
                readers: Vec::new(),
            };
            self.begin(wait, to.len())
        });
        for (reader, named) in to {
            let told = wait.map_or(Told::Over, Told::More);
            self.readers.insert(reader, (told, named));
        }
    }

    /// The wait ends with the last of its readers.
    fn leave(&mut self, told: &Told, at: Time) {
        if let Told::More(wait) = *told {
            self.left[wait] -= 1;
            if self.left[wait] == 0 {
                self.waits[wait].ended_at = Some(at);
            }
        }
    }

    fn begin(&mut self, wait: Wait, readers: usize) -> usize {
        self.waits.push(wait);
        self.left.push(readers);
        self.waits.len() - 1
    }

    fn moved(&mut self, to: &Move) {
        let was = std::mem::replace(&mut self.status, to.to);
        if to.to == Status::Closed {
            self.closed(to.at);
        } else if was >= Status::Resolved && to.to < Status::Resolved {
            self.reopened(to.at);
        }
    }

    /// Nothing more is owed to anybody.
    fn closed(&mut self, at: Time) {
        for (told, _) in self.readers.values_mut() {
            if let Told::More(wait) = *told {
                self.waits[wait].stopped_at = Some(at);
            }
            *told = Told::Over;
        }
    }

    /// Who was told that it is over, or waited when it was closed, is owed an update again.
    fn reopened(&mut self, at: Time) {
        let told = self.readers.values().map(|(told, _)| told);
        let over = told.filter(|told| matches!(told, Told::Over)).count();
        if over == 0 {
            return;
        }
        let every = self.incident.silence_at(at, self.cadence_min, self.policy);
        let wait = Wait {
            reopened: true,
            updates: self.updates,
            from: at,
            promised_at: at + every,
            every,
            ended_at: None,
            stopped_at: None,
            readers: Vec::new(),
        };
        let wait = self.begin(wait, over);
        for (told, _) in self.readers.values_mut() {
            if matches!(told, Told::Over) {
                *told = Told::More(wait);
            }
        }
    }

    fn finished(mut self) -> Vec<Wait> {
        for (told, named) in self.readers.into_values() {
            if let Told::More(wait) = told {
                let named = named.map(|one| Audience::only(self.incident.called_today(one)));
                self.waits[wait]
                    .readers
                    .push(named.unwrap_or(Audience::Public));
            }
        }
        self.waits
    }
}
