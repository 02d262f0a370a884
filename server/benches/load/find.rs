//! The board and its search with many closed incidents in the database, beside the same with few.

use crate::program::Program;
use crate::table::{Table, ms, percentile, say};
use crate::wire::{AS_BROWSERS, Wire, get, post};
use anyhow::ensure;
use app::api::{Found, Outcome};
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
use std::time::{Duration, Instant};
use uuid::Uuid;

/// The baseline and the budget (DESIGN §6).
const FEW: u32 = 100;
const MANY: u32 = 100_000;
/// Incidents in one transaction while the database is made.
const BATCH: u32 = 1_000;
const LINES: u32 = 6;
const WORDS_A_LINE: u32 = 10;
/// As many as a record of English has that is not small.
const VOCABULARY: u64 = 20_000;
const YEAR: i32 = 2026;

/// The two take turns, so that what else the machine does falls on both.
const ROUNDS: usize = 10;
const REQUESTS_A_ROUND: usize = 20;

/// What is asked, and with what; nothing for the board's page.
const QUESTIONS: [(&str, Option<&str>); 10] = [
    ("the board's page", None),
    ("the newest", Some("{}")),
    ("a number", Some(r#"{"text":"0042"}"#)),
    ("a rare word", Some(r#"{"text":"rare7"}"#)),
    ("a word of every one", Some(r#"{"text":"checkout"}"#)),
    ("the beginning of it", Some(r#"{"text":"chec"}"#)),
    ("one letter", Some(r#"{"text":"c"}"#)),
    (
        "two words, each in half of them, none in both",
        Some(r#"{"text":"even odd"}"#),
    ),
    (
        "a word of every one, severity of the oldest only",
        Some(r#"{"text":"checkout","severity":"sev1"}"#),
    ),
    ("a word that is nowhere", Some(r#"{"text":"nowhere"}"#)),
];

pub async fn measure(folder: &Path) -> anyhow::Result<()> {
    let mut sides = Vec::new();
    for closed in [FEW, MANY] {
        let database = folder.join(format!("find-{closed}.db"));
        fill(&database, closed).await?;
        let program = Program::demo(&database)?;
        let wire = Wire::to(program.address).await?;
        let cookie = program.sign_in(0).await?;
        sides.push((program, wire, cookie));
    }
    let mut table = Table::new(
        "THE BOARD AND ITS SEARCH, one connection (budget: with 100 000 closed incidents as fast as with 100)",
        ["100: p50 ms", "p99 ms", "100 000: p50 ms", "p99 ms"],
    );
    for (what, arguments) in QUESTIONS {
        let mut took = [Vec::new(), Vec::new()];
        for _ in 0..ROUNDS {
            for ((_, wire, cookie), took) in sides.iter_mut().zip(&mut took) {
                let request = match arguments {
                    None => get("/", AS_BROWSERS, cookie),
                    Some(arguments) => post("/sync/find", "application/json", cookie, arguments),
                };
                for _ in 0..REQUESTS_A_ROUND {
                    let begun = Instant::now();
                    let answer = wire.exchange(&request).await?.ok()?;
                    took.push(begun.elapsed());
                    if arguments.is_some() {
                        let found: Found = serde_json::from_str(&answer.text()?)?;
                        ensure!(found.complete, "the index is not made");
                        ensure!(
                            found.incidents.is_empty()
                                == (what.contains("nowhere") || what.contains("none in both")),
                            "{what}: {found:?}"
                        );
                    }
                }
            }
        }
        let [few, many] = took.map(figures);
        let [[few_p50, few_p99], [many_p50, many_p99]] = [few, many];
        table.row(what, [few_p50, few_p99, many_p50, many_p99]);
    }
    let [few, many] = [0, 1].map(|side| ms(sides[side].0.started_in));
    let none = crate::table::none;
    table.row(
        "start, with all of them on the log",
        [few, none(), many, none()],
    );
    say(&table.to_string());
    Ok(())
}

fn figures(mut took: Vec<Duration>) -> [String; 2] {
    took.sort();
    [0.5, 0.99].map(|part| ms(percentile(&took, part)))
}

/// A database with so many closed incidents, through the store as the writer does it.
async fn fill(database: &Path, closed: u32) -> anyhow::Result<()> {
    let store = SqliteStore::open(&format!("sqlite://{}", database.display())).await?;
    for account in demo::people() {
        store.add_account(&account).await?;
    }
    let begun = Instant::now();
    let by = demo::people()[0].person.to_ref();
    let (mut seq, mut random) = (0, Random(1));
    let mut next = 0;
    while next < closed {
        let (mut decided, mut standings) = (Vec::new(), Vec::new());
        for n in next..closed.min(next + BATCH) {
            let (incident, commands) = incident(n, &by, &mut seq, &mut random)?;
            decided.push(commands);
            standings.push(Standing::of(&incident));
        }
        store.append(&decided, &standings).await?;
        next += BATCH;
    }
    store.close().await;
    if closed == MANY {
        let size = std::fs::metadata(database)?.len();
        say(&format!(
            "\n{closed} closed incidents, {seq} events: made in {:.1} s, {} MB",
            begun.elapsed().as_secs_f64(),
            size / 1_000_000
        ));
    }
    Ok(())
}

fn incident(
    n: u32,
    by: &PersonRef,
    seq: &mut u64,
    random: &mut Random,
) -> anyhow::Result<(Incident, Decided)> {
    let id = IncidentId(Uuid::from_u128(
        0x0190_0000_0001_7000_8000 << 48 | u128::from(n),
    ));
    let command = CommandId(Uuid::from_u128(
        0x0190_0000_0002_7000_8000 << 48 | u128::from(n),
    ));
    let (mut incident, mut recorded) = (Incident::empty(id), Vec::new());
    for event in events(n, random) {
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
    };
    Ok((incident, decided))
}

/// Ten events.
fn events(n: u32, random: &mut Random) -> Vec<Event> {
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
        events.push(Event::EntryLogged {
            kind: EntryKind::Action,
            text: words.join(" "),
            result: None,
            links: Vec::new(),
            happened_at: None,
        });
    }
    events.push(Event::StatusMoved { to: Status::Closed });
    events
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
