//! Time zones by name, from the table that the program carries (IANA's, by way of jiff). What is
//! found is written into the policy with its shifts, so that browsers need no table and both
//! sides count the same days.

use domain::Time;
use domain::zone::{Shift, Zone};
use jiff::Timestamp;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use std::sync::LazyLock;

/// Shifts are looked up from the beginning of 2020, before any incident that goes by them, in
/// seconds since 1970.
const FROM_S: i64 = 1_577_836_800;
/// And up to the end of 2069: 50 years, some 100 shifts of 55 bytes in each version of the policy,
/// which every browser holds. What lies outside counts as the nearest that is known.
const UNTIL_S: i64 = 3_155_760_000;

/// The zone of this IANA name, in capitals or not; none when the table has no such.
#[must_use]
pub fn look_up(name: &str) -> Option<Zone> {
    let zone = TimeZoneDatabase::bundled().get(name.trim()).ok()?;
    // "Etc/Unknown" is found, and has no name.
    let name = zone.iana_name()?.to_owned();
    let from = Timestamp::from_second(FROM_S).ok()?;
    let utc_offset_min = minutes(&zone, from);
    let mut shifts: Vec<Shift> = Vec::new();
    let later = zone.following(from).map(|shift| shift.timestamp());
    for at in later.take_while(|at| at.as_second() < UNTIL_S) {
        let before_min = shifts.last().map_or(utc_offset_min, |s| s.utc_offset_min);
        let shift = Shift {
            at: Time::from_timestamp(at.as_second(), 0)?,
            utc_offset_min: minutes(&zone, at),
        };
        // Where only the name of the time changes, clocks stand as before.
        if shift.utc_offset_min != before_min {
            shifts.push(shift);
        }
    }
    Some(Zone {
        name,
        utc_offset_min,
        shifts,
    })
}

/// The zone of this name as the program's table has it, where that is not what was saved: an older program with an
/// older table saved it. None when they are the same, and for a name that the table does not have.
#[must_use]
pub fn differing(saved: &Zone) -> Option<Zone> {
    look_up(&saved.name).filter(|table| table != saved)
}

/// All offsets of these years are whole minutes.
fn minutes(zone: &TimeZone, at: Timestamp) -> i32 {
    zone.to_offset(at).seconds() / 60
}

/// The names to choose from, in the order of the alphabet: UTC and one for each place, without the
/// older names that it goes by too, which [`look_up`] knows as well.
#[must_use]
pub fn names() -> &'static [String] {
    static NAMES: LazyLock<Vec<String>> = LazyLock::new(|| {
        let table = TimeZoneDatabase::bundled();
        let is_offered = |name: &String| {
            let zone = table.get(name);
            zone.is_ok_and(|zone| name == "UTC" || zone.is_primary() && zone.location().is_some())
        };
        let names = table.available().map(|name| name.to_string());
        let mut names: Vec<String> = names.filter(is_offered).collect();
        names.sort_unstable();
        names
    });
    &NAMES
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Policy;

    fn utc(text: &str) -> Time {
        text.parse().unwrap()
    }

    /// `2026-03-29T01:00:00Z` → 120 for the shifts of 2026.
    fn of_2026(name: &str) -> Vec<(String, i32)> {
        let year = utc("2026-01-01T00:00:00Z")..utc("2027-01-01T00:00:00Z");
        let shifts = look_up(name).unwrap().shifts;
        let shifts = shifts.iter().filter(|s| year.contains(&s.at));
        shifts
            .map(|s| (s.at.format("%m-%d %H:%M").to_string(), s.utc_offset_min))
            .collect()
    }

    #[test]
    fn a_zone_is_found_by_its_name_with_the_shifts_of_its_clocks() {
        for (name, shifts) in [
            ("UTC", &[][..]),
            ("Asia/Kolkata", &[]),
            (
                "Europe/Berlin",
                &[("03-29 01:00", 120), ("10-25 01:00", 60)],
            ),
            (
                "America/New_York",
                &[("03-08 07:00", -240), ("11-01 06:00", -300)],
            ),
            (
                "Australia/Lord_Howe",
                &[("04-04 15:00", 630), ("10-03 15:30", 660)],
            ),
        ] {
            let expected: Vec<_> = shifts
                .iter()
                .map(|(at, min)| ((*at).to_owned(), *min))
                .collect();
            assert_eq!(of_2026(name), expected, "{name}");
        }
        for (name, before_min) in [
            ("Asia/Kathmandu", 345),
            ("America/St_Johns", -210),
            ("UTC", 0),
        ] {
            assert_eq!(look_up(name).unwrap().utc_offset_min, before_min, "{name}");
        }
        assert_eq!(look_up(" europe/BERLIN ").unwrap().name, "Europe/Berlin");
        assert_eq!(look_up("utc"), Some(Zone::default()));
    }

    #[test]
    fn what_the_table_does_not_have_is_not_found() {
        for name in [
            "",
            "Berlin",
            "Europe/Bonn",
            "Etc/Unknown",
            "CEST",
            "+01:00",
            "Europe/Berlin\0",
        ] {
            assert_eq!(look_up(name), None, "{name:?}");
        }
    }

    #[test]
    fn the_span_is_50_years_and_not_a_shift_more() {
        let berlin = look_up("Europe/Berlin").unwrap();
        let (first, last) = (
            berlin.shifts.first().unwrap(),
            berlin.shifts.last().unwrap(),
        );
        assert_eq!((berlin.shifts.len(), berlin.utc_offset_min), (100, 60));
        assert_eq!(
            (first.at, first.utc_offset_min),
            (utc("2020-03-29T01:00:00Z"), 120)
        );
        assert_eq!(
            (last.at, last.utc_offset_min),
            (utc("2069-10-27T01:00:00Z"), 60)
        );
    }

    #[test]
    fn every_zone_of_the_table_fits_into_a_policy() {
        let table = TimeZoneDatabase::bundled();
        let mut known = 0;
        for name in table
            .available()
            .filter(|name| name.as_str() != "Etc/Unknown")
        {
            let zone = look_up(name.as_str()).unwrap();
            assert!(zone.shifts.len() <= Policy::ITEMS_MAX, "{name}");
            let in_table = table.get(name.as_str()).unwrap();
            let moments = zone.shifts.iter().map(|s| s.at.timestamp()).chain([FROM_S]);
            for at_s in moments {
                let exact = in_table.to_offset(Timestamp::from_second(at_s).unwrap());
                assert_eq!(exact.seconds() % 60, 0, "{name}: no whole minutes");
                let ours = zone.offset_at(Time::from_timestamp(at_s, 0).unwrap());
                assert_eq!(
                    i64::from(exact.seconds()),
                    ours.num_seconds(),
                    "{name} at {at_s}"
                );
            }
            known += 1;
        }
        assert!(known > 400, "{known} zones");
    }

    #[test]
    fn the_names_to_choose_from_have_each_place_once() {
        let names = names();
        let has = |name: &str| names.iter().any(|n| n == name);
        assert!(has("Europe/Berlin") && has("Asia/Kolkata") && has("UTC"));
        for name in [
            "Asia/Calcutta",
            "US/Eastern",
            "EST5EDT",
            "Etc/GMT+1",
            "Factory",
        ] {
            assert!(!has(name), "{name}");
        }
        assert!(names.is_sorted());
        assert!(
            names
                .iter()
                .all(|name| look_up(name).is_some_and(|z| z.name == *name))
        );
    }
}
