//! Databases with many incidents on the log.

use crate::commands::first_update;
use crate::table::say;
use app::api::Outcome;
use domain::customer::Customer;
use domain::timeline::EntryKind;
use domain::update::Audience;
use domain::{
    CommandId, Event, Incident, IncidentId, IncidentNumber, PersonRef, PublicId, Recorded,
    Severity, Status, Time,
};
use server::demo;
use server::store::{Decided, SqliteStore, Standing, Store};
use std::path::Path;
use std::time::Instant;
use uuid::Uuid;

/// Incidents in one transaction.
const BATCH: u32 = 1_000;
const LINES: u32 = 6;
const WORDS_A_LINE: u32 = 10;
const LONG_CHARS: usize = domain::text::PROSE_MAX_CHARS;
/// As many as a record of English has that is not small.
const VOCABULARY: u64 = 20_000;
const YEAR: i32 = 2026;
const CADENCE_MIN: u32 = 60;

/// How many incidents there are, ten events each; the open ones are the newest, and customers were told of them.
#[derive(Clone, Copy, Default)]
pub struct Filling {
    pub closed: u32,
    pub open: u32,
    /// Lines in the last one besides, as long as a line may be.
    pub long_entries: u32,
}

impl Filling {
    /// The n-th of them.
    pub fn incident(n: u32) -> IncidentId {
        IncidentId(Uuid::from_u128(
            0x0190_0000_0001_7000_8000 << 48 | u128::from(n),
        ))
    }

    /// A new database with them and the people of the demo, through the store as the writer does it. The same in
    /// every run.
    pub async fn make(self, database: &Path) -> anyhow::Result<()> {
        let store = SqliteStore::open(&format!("sqlite://{}", database.display())).await?;
        for account in demo::people() {
            store.add_account(&account).await?;
        }
        let begun = Instant::now();
        let by = demo::people()[0].person.to_ref();
        let (mut seq, mut random) = (0, Random(1));
        let all = self.closed + self.open;
        let mut next = 0;
        while next < all {
            let (mut decided, mut standings) = (Vec::new(), Vec::new());
            for n in next..all.min(next + BATCH) {
                let last = if n < self.closed {
                    Event::StatusMoved { to: Status::Closed }
                } else {
                    Event::UpdatePublished {
                        text: first_update(),
                        cadence_min: CADENCE_MIN,
                    }
                };
                let mut events = events(n, last, &mut random);
                if n + 1 == all {
                    let long = (0..self.long_entries).map(|_| entry(random.text(LONG_CHARS)));
                    events.extend(long);
                }
                let (incident, commands) = incident(n, events, &by, &mut seq)?;
                decided.push(commands);
                standings.push(Standing::of(&incident));
            }
            store.append(&decided, &standings).await?;
            next += BATCH;
        }
        store.close().await;
        let Self { closed, open, .. } = self;
        say(&format!(
            "\n{closed} closed and {open} open incidents, {seq} events: made in {:.1} s, {} MB",
            begun.elapsed().as_secs_f64(),
            std::fs::metadata(database)?.len() / 1_000_000
        ));
        Ok(())
    }
}

fn incident(
    n: u32,
    events: Vec<Event>,
    by: &PersonRef,
    seq: &mut u64,
) -> anyhow::Result<(Incident, Decided)> {
    let id = Filling::incident(n);
    let command = CommandId(Uuid::from_u128(
        0x0190_0000_0002_7000_8000 << 48 | u128::from(n),
    ));
    let (mut incident, mut recorded) = (Incident::empty(id), Vec::new());
    for event in events {
        *seq += 1;
        let at = at(*seq)?;
        let event = Recorded {
            seq: *seq,
            incident: id,
            version: incident.version + 1,
            at,
            made_at: at,
            by: by.clone(),
            command,
            stamped_at: None,
            event,
        };
        incident.apply(&event);
        recorded.push(event);
    }
    let decided = Decided {
        command,
        person: by.id,
        incident: id,
        outcome: Outcome::Accepted,
        events: recorded,
        from: String::new(),
    };
    Ok((incident, decided))
}

/// Ten events, of which `last` is the last.
fn events(n: u32, last: Event, random: &mut Random) -> Vec<Event> {
    let half = if n.is_multiple_of(2) { "even" } else { "odd" };
    let rare = if n.is_multiple_of(50) { "rare7" } else { "" };
    let severity = match n {
        0..10 => Severity::Sev1,
        n if n.is_multiple_of(3) => Severity::Sev2,
        _ => Severity::Sev3,
    };
    let mut events = vec![
        Event::Declared {
            title: format!("Checkout {} {}", random.word(), random.word()),
            severity,
            customer_sees: format!("Orders fail, {half} {rare}"),
            impact_began_at: Time::UNIX_EPOCH,
            components: vec!["Checkout".to_owned()],
            audience: Audience::Public,
        },
        Event::Numbered {
            number: IncidentNumber {
                year: YEAR,
                serial: n + 1,
            },
            public_id: PublicId(format!("public{n}")),
        },
        Event::CustomerNoted {
            customer: customer(random.word()),
        },
    ];
    for _ in 0..LINES {
        let words: Vec<String> = (0..WORDS_A_LINE).map(|_| random.word()).collect();
        events.push(entry(words.join(" ")));
    }
    events.push(last);
    events
}

fn entry(text: String) -> Event {
    Event::EntryLogged {
        kind: EntryKind::Action,
        text,
        result: None,
        links: Vec::new(),
        happened_at: None,
    }
}

fn customer(name: String) -> Customer {
    Customer {
        name,
        tier: "Growth".to_owned(),
        annual_revenue: 1,
        sees: "Orders fail".to_owned(),
        ..Customer::default()
    }
}

/// A second apart, all of them in the past.
fn at(seq: u64) -> anyhow::Result<Time> {
    let seconds = 1_700_000_000 + i64::try_from(seq)?;
    Time::from_timestamp(seconds, 0).ok_or_else(|| anyhow::anyhow!("{seconds} s is no time"))
}

/// The same words in every run.
struct Random(u64);

impl Random {
    /// Words, this many characters of them.
    fn text(&mut self, chars: usize) -> String {
        let mut text = self.word();
        while text.len() < chars {
            text.push(' ');
            text += &self.word();
        }
        text.truncate(chars);
        text
    }

    /// A word; low ones are frequent, as in any language.
    fn word(&mut self) -> String {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let (a, b) = ((self.0 >> 33) % VOCABULARY, (self.0 >> 17) % VOCABULARY);
        let mut rank = a * b / VOCABULARY;
        let mut word = String::new();
        loop {
            word.push(char::from(b'a' + u8::try_from(rank % 26).unwrap_or(0)));
            rank /= 26;
            if rank == 0 {
                // No other word begins like those that are asked for.
                return format!("z{word}");
            }
        }
    }
}
