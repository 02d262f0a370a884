//! Exact money: how many decimals a currency has, and how an amount is read and shown
//! (RUNBOOK §9). Whole numbers of the minor unit only, never a float.

use crate::customer::Money;

/// More than a trillion of the currency is a typing error.
const WHOLE_MAX: u64 = 1_000_000_000_000;

/// How many decimals amounts of this currency have: the minor units of ISO 4217, 2 where its
/// table names no other.
#[must_use]
pub fn decimals(currency: &str) -> u32 {
    match currency {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX"
        | "UYI" | "VND" | "VUV" | "XAF" | "XOF" | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        "CLF" | "UYW" => 4,
        _ => 2,
    }
}

/// Whether this is written as ISO 4217 writes a currency: three capital letters.
#[must_use]
pub fn is_currency(text: &str) -> bool {
    text.len() == 3 && text.bytes().all(|b| b.is_ascii_uppercase())
}

/// An amount as people write it, in the minor unit: digits, a point before the decimals, spaces
/// between thousands where wanted.
///
/// # Errors
/// What is wrong, fit to follow the field's name.
pub fn minor(text: &str, currency: &str) -> Result<u64, String> {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let decimals = decimals(currency) as usize;
    let (whole, cents) = text.split_once('.').unwrap_or((&text, ""));
    let digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(cents) || text.ends_with('.') {
        return Err(
            "must be an amount such as 1234567.50: digits, and a point before the decimals"
                .to_owned(),
        );
    }
    if cents.len() > decimals {
        return Err(match decimals {
            0 => format!("must be whole: {currency} has no decimals"),
            n => format!("has more decimals than the {n} of {currency}"),
        });
    }
    let too_much = || "is more than a trillion".to_owned();
    let whole: u64 = whole.parse().map_err(|_| too_much())?;
    if whole > WHOLE_MAX {
        return Err(too_much());
    }
    // A trillion with four decimals fits well.
    let cents = format!("{cents:0<decimals$}").parse().unwrap_or(0);
    Ok(whole * unit(currency) + cents)
}

/// How many minor units one whole unit has.
#[must_use]
pub fn unit(currency: &str) -> u64 {
    10u64.pow(decimals(currency))
}

impl Money {
    /// An amount as people write it, with its currency behind it: `1 000.50 EUR`.
    ///
    /// # Errors
    /// What is wrong, fit to follow the field's name.
    pub fn read(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let (amount, code) = text.split_at(text.trim_end_matches(char::is_alphabetic).len());
        let currency = code.to_ascii_uppercase();
        if !is_currency(&currency) {
            return Err(
                "must be an amount with its currency behind it, such as 1000 EUR".to_owned(),
            );
        }
        let minor = minor(amount, &currency)?;
        Ok(Self { currency, minor })
    }

    /// As it is typed: `1234567.50`.
    #[must_use]
    pub fn plain(&self) -> String {
        let (unit, decimals) = (unit(&self.currency), decimals(&self.currency) as usize);
        let whole = self.minor / unit;
        match decimals {
            0 => whole.to_string(),
            _ => format!("{whole}.{:0decimals$}", self.minor % unit),
        }
    }

    /// As it is read: `1 234 567.50 EUR`, with spaces that do not break.
    #[must_use]
    pub fn shown(&self) -> String {
        let plain = self.plain();
        let (whole, cents) = match plain.split_once('.') {
            Some((whole, cents)) => (whole, format!(".{cents}")),
            None => (plain.as_str(), String::new()),
        };
        format!("{}{cents}\u{a0}{}", grouped(whole), self.currency)
    }

    /// Whole units, half up: what [`crate::customer::Customer`] counts revenue in.
    #[must_use]
    pub fn whole(&self) -> u64 {
        let unit = unit(&self.currency);
        self.minor / unit + u64::from(self.minor % unit * 2 >= unit && unit > 1)
    }
}

/// Digits in groups of three, with spaces that do not break between them.
#[must_use]
pub fn grouped(digits: &str) -> String {
    let mut out = String::with_capacity(digits.len() * 2);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push('\u{a0}');
        }
        out.push(digit);
    }
    out
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

    #[test]
    fn amounts_are_read_in_the_decimals_of_their_currency() {
        for (text, currency, expected) in [
            ("1200", "EUR", 120_000),
            ("0.5", "EUR", 50),
            (" 1 200.07 ", "EUR", 120_007),
            ("1\u{a0}200", "USD", 120_000),
            ("0", "EUR", 0),
            ("1200", "JPY", 1_200),
            ("1.234", "KWD", 1_234),
            ("1.2", "KWD", 1_200),
            ("1000000000000", "CLF", 10_000_000_000_000_000),
        ] {
            assert_eq!(minor(text, currency), Ok(expected), "{text} {currency}");
        }
        for (text, currency, says) in [
            ("", "EUR", "must be an amount"),
            ("   ", "EUR", "must be an amount"),
            (".5", "EUR", "must be an amount"),
            ("5.", "EUR", "must be an amount"),
            ("1,5", "EUR", "must be an amount"),
            ("1.234.567", "EUR", "must be an amount"),
            ("-1", "EUR", "must be an amount"),
            ("+1", "EUR", "must be an amount"),
            ("1e3", "EUR", "must be an amount"),
            ("12 EUR", "EUR", "must be an amount"),
            ("1.234", "EUR", "more decimals than the 2"),
            ("1.5", "JPY", "JPY has no decimals"),
            ("1000000000001", "EUR", "more than a trillion"),
            ("99999999999999999999", "EUR", "more than a trillion"),
        ] {
            let problem = minor(text, currency).unwrap_err();
            assert!(problem.contains(says), "{text} {currency}: {problem}");
        }
    }

    #[test]
    fn an_amount_that_is_read_with_its_currency_has_one() {
        for (text, expected) in [
            ("1000 EUR", money(100_000, "EUR")),
            ("1 000.50eur ", money(100_050, "EUR")),
            ("1\u{a0}000\u{a0}JPY", money(1_000, "JPY")),
            ("0 USD", money(0, "USD")),
        ] {
            assert_eq!(Money::read(text), Ok(expected), "{text}");
        }
        for (text, says) in [
            ("", "its currency behind it"),
            ("1000", "its currency behind it"),
            ("1000 EURO", "its currency behind it"),
            ("1000 €", "its currency behind it"),
            ("1000 ÄÖÜ", "its currency behind it"),
            // In capitals it would be three letters.
            ("1000 ßx", "its currency behind it"),
            ("EUR 1000", "its currency behind it"),
            ("EUR", "must be an amount such as"),
            ("1,5 EUR", "must be an amount such as"),
            ("1.5 JPY", "JPY has no decimals"),
        ] {
            let problem = Money::read(text).unwrap_err();
            assert!(problem.contains(says), "{text}: {problem}");
        }
        let shown = money(123_456_750, "EUR");
        assert_eq!(Money::read(&shown.shown()), Ok(shown));
    }

    #[test]
    fn amounts_are_shown_as_they_were_read() {
        for (money, plain, shown) in [
            (money(123_456_750, "EUR"), "1234567.50", "1 234 567.50 EUR"),
            (money(7, "EUR"), "0.07", "0.07 EUR"),
            (money(1_200, "JPY"), "1200", "1 200 JPY"),
            (money(1_234, "KWD"), "1.234", "1.234 KWD"),
        ] {
            assert_eq!(money.plain(), plain);
            assert_eq!(money.shown().replace('\u{a0}', " "), shown);
            assert_eq!(minor(&money.plain(), &money.currency), Ok(money.minor));
        }
    }

    #[test]
    fn whole_units_are_rounded_half_up() {
        for (minor, currency, whole) in [
            (149, "EUR", 1),
            (150, "EUR", 2),
            (150, "JPY", 150),
            (1_499, "KWD", 1),
            (1_500, "KWD", 2),
        ] {
            assert_eq!(money(minor, currency).whole(), whole, "{minor} {currency}");
        }
    }
}
