//! Business days and local times, on both sides of weekends, holidays and shifts of the clock
//! (RUNBOOK §4).

use chrono::{NaiveDate, NaiveTime};
use domain::calendar::{business_days_after, is_business_day};
use domain::zone::{Meant, Shift, Zone};
use domain::{Policy, Time};

/// `2026-11-23 10:00`, UTC.
pub fn utc(text: &str) -> Time {
    chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M")
        .unwrap()
        .and_utc()
}

pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub fn zone(name: &str, before_min: i32, shifts: &[(&str, i32)]) -> Zone {
    Zone {
        name: name.to_owned(),
        utc_offset_min: before_min,
        shifts: shifts
            .iter()
            .map(|(at, utc_offset_min)| Shift {
                at: utc(at),
                utc_offset_min: *utc_offset_min,
            })
            .collect(),
    }
}

pub fn berlin() -> Zone {
    zone(
        "Europe/Berlin",
        60,
        &[("2026-03-29 01:00", 120), ("2026-10-25 01:00", 60)],
    )
}

/// Clocks go forward at midnight: on Saturday the 28th of March the day began at 01:00.
fn beirut() -> Zone {
    zone("Asia/Beirut", 120, &[("2026-03-28 22:00", 180)])
}

fn days_after(from: &str, days: u32, zone: Zone, holidays: &[&str]) -> Time {
    let policy = Policy {
        zone,
        holidays: holidays.iter().map(|h| day(h)).collect(),
        ..Policy::default()
    };
    business_days_after(utc(from), days, &policy)
}

#[test]
fn business_days_skip_weekends_and_holidays() {
    for (from, days, holidays, due) in [
        // Monday to Tuesday's end.
        ("2026-11-23 00:00", 1, vec![], "2026-11-25 00:00"),
        ("2026-11-23 23:59", 1, vec![], "2026-11-25 00:00"),
        ("2026-11-23 10:00", 5, vec![], "2026-12-01 00:00"),
        // Friday, Saturday and Sunday all to Monday's end.
        ("2026-11-27 10:00", 1, vec![], "2026-12-01 00:00"),
        ("2026-11-28 10:00", 1, vec![], "2026-12-01 00:00"),
        ("2026-11-29 23:59", 1, vec![], "2026-12-01 00:00"),
        ("2026-11-27 10:00", 3, vec![], "2026-12-03 00:00"),
        // Across Christmas and the new year.
        (
            "2026-12-23 10:00",
            1,
            vec!["2026-12-24", "2026-12-25"],
            "2026-12-29 00:00",
        ),
        (
            "2026-12-23 10:00",
            5,
            vec!["2026-12-25", "2027-01-01"],
            "2027-01-01 00:00",
        ),
        // A holiday on a weekend takes nothing.
        (
            "2026-11-27 10:00",
            1,
            vec!["2026-11-28", "2026-11-29"],
            "2026-12-01 00:00",
        ),
        ("2026-11-23 10:00", 0, vec![], "2026-11-24 00:00"),
    ] {
        assert_eq!(
            days_after(from, days, Zone::default(), &holidays),
            utc(due),
            "{from} {holidays:?}"
        );
    }
    let policy = Policy::default();
    assert!(is_business_day(day("2026-11-27"), &policy));
    assert!(
        !is_business_day(day("2026-11-28"), &policy)
            && !is_business_day(day("2026-11-29"), &policy)
    );
}

#[test]
fn business_days_end_at_local_midnight_on_both_sides_of_a_shift() {
    for (from, days, zone, due) in [
        // Winter: midnight there is 23:00 UTC. Summer: 22:00.
        ("2026-03-26 10:00", 1, berlin(), "2026-03-27 23:00"),
        ("2026-03-27 10:00", 1, berlin(), "2026-03-30 22:00"),
        ("2026-10-22 10:00", 1, berlin(), "2026-10-23 22:00"),
        ("2026-10-23 10:00", 1, berlin(), "2026-10-26 23:00"),
        // 23:30 on Thursday in UTC is Friday there.
        ("2026-03-26 22:59", 1, berlin(), "2026-03-27 23:00"),
        ("2026-03-26 23:00", 1, berlin(), "2026-03-30 22:00"),
        // West of UTC a Saturday morning is still Friday there.
        (
            "2026-11-28 04:59",
            1,
            zone("America/New_York", -300, &[]),
            "2026-12-01 05:00",
        ),
    ] {
        assert_eq!(
            days_after(from, days, zone.clone(), &[]),
            utc(due),
            "{from} {}",
            zone.name
        );
    }
}

#[test]
fn a_local_time_is_meant_once_twice_or_never() {
    let at = |d: &str, h, m| day(d).and_time(NaiveTime::from_hms_opt(h, m, 0).unwrap());
    for (zone, local, meant) in [
        (
            berlin(),
            at("2026-03-29", 1, 59),
            Meant::Once(utc("2026-03-29 00:59")),
        ),
        (
            berlin(),
            at("2026-03-29", 2, 0),
            Meant::Never(utc("2026-03-29 01:00")),
        ),
        (
            berlin(),
            at("2026-03-29", 2, 59),
            Meant::Never(utc("2026-03-29 01:00")),
        ),
        (
            berlin(),
            at("2026-03-29", 3, 0),
            Meant::Once(utc("2026-03-29 01:00")),
        ),
        (
            berlin(),
            at("2026-10-25", 1, 59),
            Meant::Once(utc("2026-10-24 23:59")),
        ),
        (
            berlin(),
            at("2026-10-25", 2, 0),
            Meant::Twice(utc("2026-10-25 00:00")),
        ),
        (
            berlin(),
            at("2026-10-25", 2, 59),
            Meant::Twice(utc("2026-10-25 00:59")),
        ),
        (
            berlin(),
            at("2026-10-25", 3, 0),
            Meant::Once(utc("2026-10-25 02:00")),
        ),
        (
            beirut(),
            at("2026-03-28", 23, 59),
            Meant::Once(utc("2026-03-28 21:59")),
        ),
        (
            beirut(),
            at("2026-03-29", 0, 0),
            Meant::Never(utc("2026-03-28 22:00")),
        ),
        (
            beirut(),
            at("2026-03-29", 1, 0),
            Meant::Once(utc("2026-03-28 22:00")),
        ),
    ] {
        assert_eq!(zone.meant(local), meant, "{} {local}", zone.name);
    }
}

#[test]
fn a_day_whose_midnight_is_skipped_begins_when_clocks_were_set() {
    assert_eq!(
        beirut().day_begins(day("2026-03-29")),
        utc("2026-03-28 22:00")
    );
    // Were Saturday the last business day, its end would be that moment.
    let action_day = days_after("2026-03-27 10:00", 0, beirut(), &[]);
    assert_eq!(action_day, utc("2026-03-27 22:00"));
    let saturday = days_after("2026-03-28 10:00", 0, beirut(), &[]);
    assert_eq!(saturday, utc("2026-03-28 22:00"));
    let monday = days_after("2026-03-28 10:00", 1, beirut(), &[]);
    assert_eq!(monday, utc("2026-03-30 21:00"));
}

#[test]
fn a_policy_keeps_its_zone_and_its_holidays_as_they_are_and_500_at_most() {
    let change = |holidays: Vec<NaiveDate>| {
        let policy = Policy {
            zone: berlin(),
            holidays,
            ..Policy::default()
        };
        let mut room = crate::room::Room::settings();
        room.send(
            &crate::room::ana(),
            domain::Command::ChangePolicy {
                policy: Box::new(policy),
                reason: "The new year's days".to_owned(),
                after_version: 1,
            },
        )?;
        match &room.log[0].event {
            domain::Event::PolicyChanged { policy, .. } => Ok(Policy::clone(policy)),
            other => panic!("{other:?}"),
        }
    };
    let days = |n| day("2026-01-01").iter_days().take(n).collect::<Vec<_>>();
    let kept = change(days(500)).unwrap();
    assert_eq!((kept.zone, kept.holidays), (berlin(), days(500)));
    let refused: domain::Refusal = change(days(501)).unwrap_err();
    assert_eq!(refused.to_string(), "Holidays are more than 500.");
}
