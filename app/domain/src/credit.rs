//! The credit calculator: how much of a month's fee an account gets back under its SLA, with its
//! working shown (RUNBOOK §9). All in whole numbers; only the last step rounds.

mod incident;

pub use incident::{Asked, Other, Proposed, Spell, propose};

use crate::customer::Money;
use crate::money::grouped;
use crate::shown::Shown as _;
use crate::sla::{Availability, Share, Sla, SlaTier};
use crate::{Refusal, Time};
use chrono::{Duration, NaiveDate, NaiveTime};
use std::fmt;

/// A calendar month in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month {
    first: NaiveDate,
    days: u32,
}

impl Month {
    /// `month` counts from 1; none when there is no such month.
    #[must_use]
    pub fn new(year: i32, month: u32) -> Option<Self> {
        let first = NaiveDate::from_ymd_opt(year, month, 1)?;
        let next = first.checked_add_months(chrono::Months::new(1))?;
        let days = u32::try_from((next - first).num_days()).ok()?;
        Some(Self { first, days })
    }

    /// 28 to 31.
    #[must_use]
    pub fn days(self) -> u32 {
        self.days
    }

    /// Its first moment, UTC.
    #[must_use]
    pub fn begin(self) -> Time {
        self.first.and_time(NaiveTime::MIN).and_utc()
    }

    /// The first moment after it.
    #[must_use]
    pub fn end(self) -> Time {
        self.begin() + Duration::days(self.days.into())
    }

    /// All of it.
    #[must_use]
    pub fn minutes(self) -> u64 {
        u64::from(self.days) * 24 * 60
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.first.shown("%B %Y"))
    }
}

/// A credit, and how it came about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Working {
    /// Which month.
    pub month: Month,
    /// Minutes of impact of the incident in question that lie in the month.
    pub impact_min: u32,
    /// Minutes of impact of other incidents in the same month.
    pub other_impact_min: u32,
    /// Both, at most the whole month.
    pub down_min: u64,
    /// The step that applies; none when the promise was kept.
    pub tier: Option<SlaTier>,
    /// What of the fee is given, after the cap; 0 when the promise was kept.
    pub share: Share,
    /// No month gives more than this.
    pub cap: Share,
    /// The highest availability that the SLA promises.
    pub promised: Availability,
    /// The fee of the month.
    pub monthly_fee: Money,
    /// What the account gets back for the month, all its incidents together.
    pub credit: Money,
}

/// What the account gets back for `month`. The availability is that of the whole month, so the
/// credit is for the month and not for one incident: take off what was granted for it before.
/// Impact beyond the month's length counts as the whole month. The credit is rounded half up to
/// the currency's minor unit.
///
/// # Errors
/// [`Refusal::Invalid`] when the tiers are out of order or otherwise make no sense
/// ([`Sla::check`]), so that no wrong step is ever chosen.
pub fn calculate(
    sla: &Sla,
    monthly_fee: &Money,
    month: Month,
    impact_min: u32,
    other_impact_min: u32,
) -> Result<Working, Refusal> {
    sla.check()?;
    let all_min = month.minutes();
    let down_min = (u64::from(impact_min) + u64::from(other_impact_min)).min(all_min);
    let up_min = all_min - down_min;
    // up / all < below / 100 %, multiplied out: nothing is rounded where a tier is chosen.
    let is_below = |tier: &&SlaTier| {
        up_min * u64::from(Availability::FULL.0) < u64::from(tier.below.0) * all_min
    };
    let tier = sla.tiers.iter().rfind(is_below).copied();
    let share = tier.map_or(Share(0), |tier| tier.credit.min(sla.cap));
    let promised = sla.tiers.first().map_or(Availability::FULL, |t| t.below);
    Ok(Working {
        month,
        impact_min,
        other_impact_min,
        down_min,
        tier,
        share,
        cap: sla.cap,
        promised,
        credit: of(monthly_fee, share),
        monthly_fee: monthly_fee.clone(),
    })
}

/// This share of an amount, half up. A share is at most the whole, so it always fits.
fn of(amount: &Money, share: Share) -> Money {
    let whole = u128::from(Share::FULL.0);
    let parts = u128::from(amount.minor) * u128::from(share.0);
    let minor = (parts + whole / 2) / whole;
    Money {
        currency: amount.currency.clone(),
        minor: u64::try_from(minor).unwrap_or(amount.minor),
    }
}

impl Working {
    /// Whether the cap took something off.
    #[must_use]
    pub fn is_capped(&self) -> bool {
        self.tier.is_some_and(|tier| tier.credit > self.share)
    }

    /// The month's availability in percent, cut after three decimals; `…` says that more follow.
    #[must_use]
    pub fn availability(&self) -> String {
        let all = self.month.minutes();
        let parts = (all - self.down_min) * u64::from(Availability::FULL.0);
        let cut = u32::try_from(parts / all).unwrap_or(Availability::FULL.0);
        match parts % all {
            0 => Availability(cut).to_string(),
            _ => format!("{}.{:03}…", cut / 1_000, cut % 1_000),
        }
    }

    /// The working in words, one step a line, for whoever must agree to it.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let all = self.month.minutes();
        let n = |n: u64| grouped(&n.to_string());
        let sum = u64::from(self.impact_min) + u64::from(self.other_impact_min);
        let mut impact = format!(
            "Impact: {} min of this incident + {} min of others = {} min",
            n(self.impact_min.into()),
            n(self.other_impact_min.into()),
            n(sum)
        );
        if sum > all {
            impact += &format!(", counted as {} min, the whole month", n(all));
        }
        vec![
            format!(
                "{} has {} days: {} min.",
                self.month,
                self.month.days(),
                n(all)
            ),
            format!("{impact}."),
            format!(
                "Availability: ({} − {}) ÷ {} = {} %.",
                n(all),
                n(self.down_min),
                n(all),
                self.availability()
            ),
            self.tier_line(),
            self.credit_line(),
        ]
    }

    fn tier_line(&self) -> String {
        let Some(tier) = self.tier else {
            return format!(
                "Tier: none, {} % is not below the promised {} %.",
                self.availability(),
                self.promised
            );
        };
        let gives = format!(
            "Tier: below {} % gives {} % of the monthly fee",
            tier.below, tier.credit
        );
        if self.is_capped() {
            format!("{gives}; the cap makes it {} %.", self.cap)
        } else {
            format!("{gives}; the cap of {} % is not passed.", self.cap)
        }
    }

    fn credit_line(&self) -> String {
        format!(
            "Credit: {} % of {} = {}, rounded half up to {}.",
            self.share,
            self.monthly_fee.shown(),
            self.credit.shown(),
            Money {
                minor: 1,
                currency: self.credit.currency.clone()
            }
            .shown()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(minor: u64, currency: &str) -> Money {
        Money {
            currency: currency.to_owned(),
            minor,
        }
    }

    fn terms() -> Sla {
        Sla::read("99.9: 10 | 99: 25 | 95: 50", "40").unwrap()
    }

    /// The share given for this impact in a month of this many days' length.
    fn share(year: i32, month: u32, impact: u32, other: u32) -> u32 {
        let month = Month::new(year, month).unwrap();
        let working = calculate(&terms(), &money(100_000, "EUR"), month, impact, other).unwrap();
        working.share.0
    }

    #[test]
    fn a_month_is_as_long_as_the_calendar_says() {
        for (year, month, days) in [
            (2026, 1, 31),
            (2026, 2, 28),
            (2026, 4, 30),
            (2024, 2, 29),
            (2100, 2, 28),
            (2000, 2, 29),
            (2026, 12, 31),
        ] {
            assert_eq!(
                Month::new(year, month).unwrap().days(),
                days,
                "{year}-{month}"
            );
        }
        assert_eq!(Month::new(2026, 0), None);
        assert_eq!(Month::new(2026, 13), None);
        assert_eq!(Month::new(i32::MAX, 1), None);
    }

    #[test]
    fn exactly_at_a_tier_is_not_below_it() {
        // A month of 30 days has 43 200 min: 99.9 % leaves 43.2, 99 % leaves 432, 95 % 2 160.
        for (impact, expected) in [
            (0, 0),
            (43, 0),
            (44, 1_000),
            (432, 1_000),
            (433, 2_500),
            (2_160, 2_500),
            (2_161, 4_000),
            (43_199, 4_000),
            (43_200, 4_000),
            (43_201, 4_000),
            (u32::MAX, 4_000),
        ] {
            assert_eq!(share(2026, 4, impact, 0), expected, "{impact} min");
            assert_eq!(
                share(2026, 4, 0, impact),
                expected,
                "{impact} min of others"
            );
            assert_eq!(share(2026, 4, impact, u32::MAX), 4_000);
        }
        assert_eq!(share(2026, 4, 400, 32), 1_000, "they are added");
        assert_eq!(share(2026, 4, 400, 33), 2_500);
        // The same minutes weigh more in February, and a little less in a leap year's.
        // 40 320 min leave 403.2; 41 760 leave 417.6; 44 640 leave 446.4.
        for (year, month, kept, broken) in [
            (2026, 2, 403, 404),
            (2024, 2, 417, 418),
            (2026, 1, 446, 447),
        ] {
            assert_eq!(share(year, month, kept, 0), 1_000, "{year}-{month}");
            assert_eq!(share(year, month, broken, 0), 2_500, "{year}-{month}");
        }
    }

    #[test]
    fn a_promise_of_everything_is_broken_by_one_minute() {
        let sla = Sla::read("100: 5", "").unwrap();
        let april = Month::new(2026, 4).unwrap();
        let credit = |min| {
            calculate(&sla, &money(10_000, "EUR"), april, min, 0)
                .unwrap()
                .credit
                .minor
        };
        assert_eq!((credit(0), credit(1)), (0, 500));
    }

    #[test]
    fn the_credit_is_rounded_half_up_to_the_minor_unit() {
        let april = Month::new(2026, 4).unwrap();
        for (tier, fee, currency, expected) in [
            ("99: 25", 2, "EUR", 1),  // 0.5 cents
            ("99: 25", 1, "EUR", 0),  // 0.25
            ("99: 25", 3, "EUR", 1),  // 0.75
            ("99: 25", 6, "EUR", 2),  // 1.5
            ("99: 10", 14, "EUR", 1), // 1.4
            ("99: 10", 15, "EUR", 2), // 1.5
            ("99: 0.01", 4_999, "EUR", 0),
            ("99: 0.01", 5_000, "EUR", 1),
            ("99: 25", 999, "JPY", 250), // 249.75
            ("99: 25", 0, "EUR", 0),
            ("99: 100", u64::MAX, "EUR", u64::MAX),
        ] {
            let sla = Sla::read(tier, "").unwrap();
            let working = calculate(&sla, &money(fee, currency), april, 1_000, 0).unwrap();
            assert_eq!(working.credit, money(expected, currency), "{tier} of {fee}");
        }
    }

    #[test]
    fn the_cap_takes_off_what_is_above_it_and_nothing_else() {
        let april = Month::new(2026, 4).unwrap();
        for (cap, given, capped) in [
            ("24.99", 2_499, true),
            ("25", 2_500, false),
            ("25.01", 2_500, false),
        ] {
            let sla = Sla::read("99.9: 10 | 99: 25", cap).unwrap();
            let working = calculate(&sla, &money(100_000, "EUR"), april, 500, 0).unwrap();
            assert_eq!(
                (working.share.0, working.is_capped()),
                (given, capped),
                "{cap}"
            );
            assert_eq!(working.credit.minor, u64::from(given) * 10);
        }
    }

    #[test]
    fn tiers_out_of_order_are_refused() {
        let mut sla = terms();
        sla.tiers.reverse();
        let april = Month::new(2026, 4).unwrap();
        let refusal = calculate(&sla, &money(1, "EUR"), april, 500, 0).unwrap_err();
        assert!(refusal.to_string().contains("out of order"), "{refusal}");
        sla.tiers.clear();
        assert!(calculate(&sla, &money(1, "EUR"), april, 500, 0).is_err());
    }

    #[test]
    fn the_working_says_every_step() {
        let april = Month::new(2026, 4).unwrap();
        let lines = |sla: &Sla, impact, other| {
            let working = calculate(sla, &money(123_456, "EUR"), april, impact, other).unwrap();
            working.lines().join("\n").replace('\u{a0}', " ")
        };
        assert_eq!(
            lines(&terms(), 44, 0),
            "April 2026 has 30 days: 43 200 min.\n\
             Impact: 44 min of this incident + 0 min of others = 44 min.\n\
             Availability: (43 200 − 44) ÷ 43 200 = 99.898… %.\n\
             Tier: below 99.9 % gives 10 % of the monthly fee; the cap of 40 % is not passed.\n\
             Credit: 10 % of 1 234.56 EUR = 123.46 EUR, rounded half up to 0.01 EUR."
        );
        let none = lines(&terms(), 43, 0);
        assert!(
            none.contains("99.900… % is not below the promised 99.9 %"),
            "{none}"
        );
        assert!(
            none.contains("Credit: 0 % of 1 234.56 EUR = 0.00 EUR"),
            "{none}"
        );
        let exact = lines(&Sla::read("99: 25", "").unwrap(), 432, 0);
        assert!(
            exact.contains("= 99 %.") && exact.contains("99 % is not below the promised 99 %"),
            "{exact}"
        );
        let all = lines(&terms(), 43_200, 43_200);
        assert!(
            all.contains("= 86 400 min, counted as 43 200 min, the whole month."),
            "{all}"
        );
        assert!(all.contains("(43 200 − 43 200) ÷ 43 200 = 0 %."), "{all}");
        assert!(
            all.contains("gives 50 % of the monthly fee; the cap makes it 40 %."),
            "{all}"
        );
    }
}
