use super::*;
use chrono::{NaiveDateTime, TimeDelta};

fn at(text: &str) -> Time {
    let parsed = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S");
    parsed.unwrap().and_utc()
}

fn spell(from: &str, to: &str) -> Spell {
    Spell {
        from: at(from),
        to: at(to),
    }
}

fn money(minor: u64, currency: &str) -> Money {
    Money {
        currency: currency.to_owned(),
        minor,
    }
}

fn other(spell: Spell, granted: Option<Money>) -> Other {
    Other {
        number: "INC-2026-0007".to_owned(),
        spell,
        granted,
    }
}

/// 10 % below 99.9, 25 % below 99, 60 % below 95, of 1 000.00 EUR.
fn proposed(spell: Spell, others: &[Other], now: Time) -> Result<Proposed, Refusal> {
    let asked = Asked {
        sla: &Sla::read("99.9: 10 | 99: 25 | 95: 60", "").unwrap(),
        monthly_fee: &money(100_000, "EUR"),
        spell,
        others,
        now,
    };
    propose(&asked).map(|p| Proposed {
        working: p.working.replace('\u{a0}', " "),
        ..p
    })
}

fn later() -> Time {
    at("2027-06-01 00:00:00")
}

#[test]
fn one_month_gives_what_the_calculator_gives() {
    let day = spell("2026-11-10 09:00:00", "2026-11-11 09:00:00");
    let one = proposed(day, &[], later()).unwrap();
    assert_eq!(one.credit, money(25_000, "EUR"));
    assert_eq!(one.reason, "SLA: 25 % of the monthly fee for November 2026");
    assert_eq!(
        one.working,
        "November 2026 has 30 days: 43 200 min.\n\
         Impact: 1 440 min of this incident + 0 min of others = 1 440 min.\n\
         Availability: (43 200 − 1 440) ÷ 43 200 = 96.666… %.\n\
         Tier: below 99 % gives 25 % of the monthly fee; the cap of 100 % is not passed.\n\
         Credit: 25 % of 1 000.00 EUR = 250.00 EUR, rounded half up to 0.01 EUR."
    );
}

#[test]
fn each_month_that_an_incident_lies_in_has_its_own_working() {
    // 12 h of November, 60 h of December.
    let across = spell("2026-11-30 12:00:00", "2026-12-03 12:00:00");
    let both = proposed(across, &[], later()).unwrap();
    assert_eq!(both.credit, money(25_000 + 60_000, "EUR"));
    let months: Vec<&str> = both.working.split("\n\n").collect();
    assert_eq!(months.len(), 3, "{}", both.working);
    assert!(months[0].contains("November 2026") && months[0].contains("Impact: 720 min"));
    assert!(months[1].contains("December 2026") && months[1].contains("Impact: 3 600 min"));
    assert_eq!(months[2], "Together: 250.00 EUR + 600.00 EUR = 850.00 EUR.");
    assert_eq!(
        both.reason,
        "SLA: 25 % of the monthly fee for November 2026; 60 % of the monthly fee for December 2026"
    );
    // The first moment of a month is not in the one before, and the last is not in the next.
    let exact = spell("2026-12-01 00:00:00", "2027-01-01 00:00:00");
    let december = proposed(exact, &[], later()).unwrap();
    assert!(!december.working.contains("Together") && december.working.contains("= 0 %"));
}

#[test]
fn a_window_that_makes_no_sense_or_is_too_long_is_refused() {
    let from = at("2026-11-10 09:00:00");
    for (to, says) in [
        (from, "ends before it begins"),
        (from - TimeDelta::minutes(1), "ends before it begins"),
        (at("2027-05-01 00:00:00"), ""),
        (at("2027-05-01 00:00:01"), "more than 6 months"),
        (Time::MAX_UTC, "more than 6 months"),
    ] {
        let answer = proposed(Spell { from, to }, &[], later());
        let told = answer.err().map_or_else(String::new, |e| e.to_string());
        assert!(
            told.contains(says) && told.is_empty() == says.is_empty(),
            "{to}: {told}"
        );
    }
}

#[test]
fn others_add_their_minutes_and_common_time_counts_once() {
    let own = spell("2026-11-10 09:00:00", "2026-11-10 09:40:00");
    for (from, to, says, shared) in [
        (
            "2026-11-20 00:00:00",
            "2026-11-20 00:04:00",
            "40 min of this incident + 4 min of others = 44 min",
            false,
        ),
        (
            "2026-11-10 09:30:00",
            "2026-11-10 09:44:00",
            "40 min of this incident + 4 min of others = 44 min",
            true,
        ),
        (
            "2026-11-10 08:56:00",
            "2026-11-10 09:44:00",
            "40 min of this incident + 8 min of others = 48 min",
            true,
        ),
        (
            "2026-11-10 09:10:00",
            "2026-11-10 09:20:00",
            "40 min of this incident + 0 min of others = 40 min",
            true,
        ),
        // Only what lies in the month.
        (
            "2026-10-31 23:00:00",
            "2026-11-01 00:04:00",
            "40 min of this incident + 4 min of others = 44 min",
            false,
        ),
    ] {
        let p = proposed(own, &[other(spell(from, to), None)], later()).unwrap();
        assert!(p.working.contains(says), "{}", p.working);
        assert!(
            p.working.contains("\nOthers: INC-2026-0007 "),
            "{}",
            p.working
        );
        assert_eq!(p.working.contains("counts once"), shared, "{}", p.working);
    }
    let minute = spell("2026-11-20 00:00:00", "2026-11-20 00:01:00");
    let many = vec![other(minute, None); 12];
    let p = proposed(own, &many, later()).unwrap();
    assert!(
        p.working.contains("INC-2026-0007 1 min, 2 more; what they"),
        "{}",
        p.working
    );
    let october = other(spell("2026-10-01 00:00:00", "2026-11-01 00:00:00"), None);
    let p = proposed(own, &[october], later()).unwrap();
    assert!(!p.working.contains("Others:"), "{}", p.working);
}

#[test]
fn a_begun_minute_counts() {
    // 43.2 min are left by 99.9 %.
    for (to, minor) in [("09:43:00", 0), ("09:43:01", 10_000), ("09:44:00", 10_000)] {
        let own = spell("2026-11-10 09:00:00", &format!("2026-11-10 {to}"));
        let p = proposed(own, &[], later()).unwrap();
        assert_eq!(p.credit.minor, minor, "{to}");
    }
}

#[test]
fn what_was_granted_for_the_month_before_is_taken_off() {
    let own = spell("2026-11-10 09:00:00", "2026-11-10 10:00:00");
    let inside = spell("2026-11-02 00:00:00", "2026-11-02 01:00:00");
    let across = spell("2026-10-31 23:00:00", "2026-11-01 01:00:00");
    for (spell, granted, left, says) in [
        (
            inside,
            money(4_000, "EUR"),
            6_000,
            "Less 40.00 EUR, granted for INC-2026-0007: 60.00 EUR.",
        ),
        (
            inside,
            money(10_000, "EUR"),
            0,
            "Less 100.00 EUR, granted for INC-2026-0007: 0.00 EUR.",
        ),
        (inside, money(90_000, "EUR"), 0, "Less 900.00 EUR"),
        (
            across,
            money(4_000, "EUR"),
            10_000,
            "Not taken off: 40.00 EUR, granted for INC-2026-0007. Take off what of it was for November 2026.",
        ),
        (
            inside,
            money(4_000, "USD"),
            10_000,
            "Not taken off: 40.00 USD",
        ),
    ] {
        let p = proposed(own, &[other(spell, Some(granted))], later()).unwrap();
        assert_eq!(p.credit.minor, left, "{}", p.working);
        assert!(p.working.contains(says), "{}", p.working);
        let none = "SLA: the credit for November 2026 was granted before";
        assert_eq!(p.reason == none, left == 0, "{}", p.reason);
    }
}

#[test]
fn a_promise_that_was_kept_gives_nothing_and_says_why() {
    let own = spell("2026-11-10 09:00:00", "2026-11-10 09:43:00");
    let p = proposed(own, &[], later()).unwrap();
    assert_eq!(p.credit, money(0, "EUR"));
    assert_eq!(
        p.reason,
        "SLA: 99.900… % in November 2026, not below the promised 99.9 %"
    );
}

#[test]
fn a_month_that_is_not_over_may_still_get_worse() {
    let own = spell("2026-11-10 09:00:00", "2026-11-10 10:00:00");
    for (now, open) in [
        ("2026-11-10 10:00:00", true),
        ("2026-11-30 23:59:59", true),
        ("2026-12-01 00:00:00", false),
    ] {
        let p = proposed(own, &[], at(now)).unwrap();
        let says = "November 2026 is not over: more impact in it changes this.";
        assert_eq!(p.working.contains(says), open, "{now}");
    }
}
