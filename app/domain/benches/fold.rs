//! Folding a log of 10 000 events, beside what reading that log costs anyway: cloning it and
//! reading it from JSON. Prints times; asserts none (STYLE, Tests 5).

use chrono::{Duration, TimeZone};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use domain::{Incident, Recorded};
use std::hint::black_box;

const EVENTS: usize = 10_000;
const GOLDEN: &str = include_str!("../tests/golden/events.jsonl");

/// The course of the golden incident, over and over: as if it was written on for weeks.
fn log() -> Vec<Recorded> {
    let golden: Vec<Recorded> = GOLDEN
        .lines()
        .map(|line| serde_json::from_str(line).expect("the golden file is read in the tests"))
        .collect();
    let id = golden.last().expect("the golden file has lines").incident;
    let one: Vec<Recorded> = golden.into_iter().filter(|r| r.incident == id).collect();
    let start = chrono::Utc
        .with_ymd_and_hms(2026, 11, 23, 10, 0, 0)
        .single()
        .expect("a date");
    let mut log: Vec<Recorded> = one.into_iter().cycle().take(EVENTS).collect();
    for (n, recorded) in (0_u32..).zip(&mut log) {
        recorded.seq = u64::from(n) + 1;
        recorded.version = recorded.seq;
        recorded.at = start + Duration::seconds(i64::from(n));
        // Entries are named by their command: no two alike, or results would all find the first.
        recorded.command.0 = uuid::Uuid::from_u128(u128::from(n) + 1);
    }
    log
}

/// One incident holds every event: the longest a single room can be.
fn one_incident(c: &mut Criterion) {
    let log = log();
    let id = log[0].incident;
    let lines: Vec<String> = log
        .iter()
        .map(|r| serde_json::to_string(r).expect("events are plain data"))
        .collect();
    let mut group = c.benchmark_group("10 000 events");
    group
        .throughput(Throughput::Elements(EVENTS as u64))
        .sample_size(20);
    group.bench_function("fold, one incident", |b| {
        b.iter(|| black_box(Incident::fold(id, black_box(&log))));
    });
    group.bench_function("fold, 250 incidents of 40", |b| {
        b.iter(|| {
            for course in black_box(&log).chunks(40) {
                black_box(Incident::fold(id, course));
            }
        });
    });
    group.bench_function("baseline: clone the events", |b| {
        b.iter(|| black_box(black_box(&log).clone()));
    });
    group.bench_function("baseline: read the events from JSON", |b| {
        b.iter(|| {
            for line in black_box(&lines) {
                black_box(serde_json::from_str::<Recorded>(line).expect("written above"));
            }
        });
    });
    group.finish();
}

criterion_group!(benches, one_incident);
criterion_main!(benches);
