//! What an account was promised: which availability, and what share of the monthly fee it gets
//! back when the month stays below it (RUNBOOK §9).

use crate::Refusal;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A share of the month in which the service worked, in thousandths of a percent: 99 900 is 99.9 %.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Availability(pub u32);

impl Availability {
    /// The whole month.
    pub const FULL: Self = Self(100_000);
}

impl fmt::Display for Availability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        percent(self.0, 3, f)
    }
}

/// A share of the monthly fee, in hundredths of a percent: 1 000 is 10 %.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Share(pub u32);

impl Share {
    /// The whole fee.
    pub const FULL: Self = Self(10_000);
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        percent(self.0, 2, f)
    }
}

/// One step of the promise: below this availability, this credit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlaTier {
    /// The month's availability must be below this; exactly this is not below.
    pub below: Availability,
    /// Of the monthly fee.
    pub credit: Share,
}

/// The terms of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sla {
    /// The highest availability first, each with more credit than the one before.
    pub tiers: Vec<SlaTier>,
    /// No month gives more than this share of its fee.
    pub cap: Share,
}

/// So many steps are enough for any contract; more is a typing error.
const TIERS_MAX: usize = 20;

impl Sla {
    /// Reads tiers as people write them: `99.9: 10 | 99: 25`, or one on each line. A percent
    /// sign may stand behind each number. An empty `cap` is the whole monthly fee.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] on "SLA" or "SLA cap", with the tier that is wrong.
    pub fn read(tiers: &str, cap: &str) -> Result<Self, Refusal> {
        let tiers = tiers
            .split(['|', ';', '\n'])
            .map(str::trim)
            .filter(|t| !t.is_empty())
            .map(tier)
            .collect::<Result<_, _>>()?;
        let cap = match cap.trim() {
            "" => Share::FULL,
            cap => Share(number(cap, 2).ok_or_else(|| {
                let problem =
                    format!("is “{cap}”; it must be a share of the monthly fee such as 50");
                Refusal::invalid("SLA cap", problem)
            })?),
        };
        let sla = Self { tiers, cap };
        sla.check()?;
        Ok(sla)
    }

    /// Whether the terms make sense: at least one tier, in order, nothing above 100 %.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] that names the tiers which do not fit each other.
    pub fn check(&self) -> Result<(), Refusal> {
        let wrong = |problem: String| Err(Refusal::invalid("SLA", problem));
        if self.tiers.is_empty() {
            return wrong("has no tier; write at least one such as 99.9: 10".to_owned());
        }
        if self.tiers.len() > TIERS_MAX {
            return wrong(format!("has more than {TIERS_MAX} tiers"));
        }
        for tier in &self.tiers {
            if tier.below.0 == 0 || tier.below > Availability::FULL {
                return wrong(format!(
                    "has a tier below {} %; an availability is above 0 and at most 100",
                    tier.below
                ));
            }
            if tier.credit.0 == 0 || tier.credit > Share::FULL {
                return wrong(format!(
                    "gives {} % below {} %; a credit is above 0 and at most 100",
                    tier.credit, tier.below
                ));
            }
        }
        for (higher, lower) in self.tiers.iter().zip(self.tiers.iter().skip(1)) {
            if lower.below >= higher.below {
                return wrong(format!(
                    "is out of order: {} % stands after {} %; write the highest availability first",
                    lower.below, higher.below
                ));
            }
            if lower.credit <= higher.credit {
                return wrong(format!(
                    "gives {} % below {} % but {} % below {} %; a lower availability must give more",
                    higher.credit, higher.below, lower.credit, lower.below
                ));
            }
        }
        if self.cap.0 == 0 || self.cap > Share::FULL {
            let problem = format!("is {} %; it must be above 0 and at most 100", self.cap);
            return Err(Refusal::invalid("SLA cap", problem));
        }
        Ok(())
    }

    /// The tiers as [`Sla::read`] reads them.
    #[must_use]
    pub fn tiers_plain(&self) -> String {
        let tiers: Vec<String> = self
            .tiers
            .iter()
            .map(|t| format!("{}: {}", t.below, t.credit))
            .collect();
        tiers.join(" | ")
    }
}

fn tier(text: &str) -> Result<SlaTier, Refusal> {
    let read = |(below, credit): (&str, &str)| {
        Some(SlaTier {
            below: Availability(number(below, 3)?),
            credit: Share(number(credit, 2)?),
        })
    };
    text.split_once(':').and_then(read).ok_or_else(|| {
        let problem = format!(
            "has “{text}”; a tier looks like 99.9: 10 (below 99.9 % gives 10 % of the monthly fee), with | between tiers"
        );
        Refusal::invalid("SLA", problem)
    })
}

/// A percentage with at most so many decimals, in the smallest of them.
fn number(text: &str, decimals: usize) -> Option<u32> {
    let text = text.trim();
    let text = text.strip_suffix('%').unwrap_or(text).trim_end();
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(part) || whole.len() > 3 || part.len() > decimals {
        return None;
    }
    format!("{whole}{part:0<decimals$}").parse().ok()
}

/// The opposite of [`number`], without zeros at the end.
fn percent(parts: u32, decimals: u32, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let unit = 10u32.pow(decimals);
    write!(f, "{}", parts / unit)?;
    match parts % unit {
        0 => Ok(()),
        part => {
            let part = format!("{part:0width$}", width = decimals as usize);
            write!(f, ".{}", part.trim_end_matches('0'))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_read_and_written_alike() {
        let sla = Sla::read("99.9: 10 | 99 % : 25.5% ; 95:100\n", "50").unwrap();
        let tiers: Vec<_> = sla.tiers.iter().map(|t| (t.below.0, t.credit.0)).collect();
        assert_eq!(tiers, [(99_900, 1_000), (99_000, 2_550), (95_000, 10_000)]);
        assert_eq!(sla.cap, Share(5_000));
        assert_eq!(sla.tiers_plain(), "99.9: 10 | 99: 25.5 | 95: 100");
        assert_eq!(Sla::read(&sla.tiers_plain(), "50"), Ok(sla));
        assert_eq!(Sla::read("99.999:0.01", "").unwrap().cap, Share::FULL);
        assert_eq!(Availability(99_999).to_string(), "99.999");
        assert_eq!(Availability(99_050).to_string(), "99.05");
        assert_eq!(Share(1).to_string(), "0.01");
    }

    #[test]
    fn terms_that_make_no_sense_are_refused_by_name() {
        for (tiers, cap, says) in [
            ("", "50", "has no tier"),
            (" | ", "", "has no tier"),
            ("99.9", "", "“99.9”"),
            ("99,9: 10", "", "“99,9: 10”"),
            ("99.9999: 10", "", "“99.9999: 10”"),
            ("99.9: 10.001", "", "“99.9: 10.001”"),
            ("99.9: -1", "", "“99.9: -1”"),
            ("99.9:10 99:25", "", "with | between tiers"),
            ("0: 10", "", "below 0 %"),
            ("100.001: 10", "", "below 100.001 %"),
            ("99.9: 0", "", "gives 0 %"),
            ("99.9: 100.01", "", "gives 100.01 %"),
            ("99: 25 | 99.9: 10", "", "99.9 % stands after 99 %"),
            ("99: 25 | 99: 30", "", "99 % stands after 99 %"),
            ("99.9: 25 | 99: 25", "", "must give more"),
            ("99.9: 10", "half", "“half”"),
            ("99.9: 10", "0", "SLA cap is 0 %"),
            ("99.9: 10", "100.01", "SLA cap is 100.01 %"),
        ] {
            let refusal = Sla::read(tiers, cap).unwrap_err().to_string();
            assert!(refusal.contains(says), "{tiers:?} {cap:?}: {refusal}");
        }
        assert!(
            Sla::read("100: 0.01 | 0.001: 100", "100").is_ok(),
            "the edges"
        );
        let many = (0..=TIERS_MAX).map(|n| format!("{}: {} |", 99 - n, n + 1));
        let refusal = Sla::read(&many.collect::<String>(), "").unwrap_err();
        assert!(refusal.to_string().contains("more than 20"), "{refusal}");
    }
}
