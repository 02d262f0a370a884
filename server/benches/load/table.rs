//! Plain aligned tables, and the figures in them.

use std::fmt;
use std::time::Duration;

/// A line on standard output. A reader that has gone away is no fault.
pub fn say(line: &str) {
    use std::io::Write as _;
    let _gone = writeln!(std::io::stdout().lock(), "{line}");
}

/// Rows of figures under one heading.
pub struct Table {
    title: &'static str,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// The columns name their units.
    pub fn new<const N: usize>(title: &'static str, columns: [&str; N]) -> Self {
        let header = std::iter::once("")
            .chain(columns)
            .map(str::to_owned)
            .collect();
        Self {
            title,
            rows: vec![header],
        }
    }

    /// Adds a row.
    pub fn row<const N: usize>(&mut self, label: &str, figures: [String; N]) {
        self.rows
            .push(std::iter::once(label.to_owned()).chain(figures).collect());
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        write!(f, "\n{}", self.title)?;
        for row in &self.rows {
            write!(f, "\n  {:<1$}", row[0], width(0))?;
            for (column, cell) in row.iter().enumerate().skip(1) {
                write!(f, "   {cell:>0$}", width(column))?;
            }
        }
        Ok(())
    }
}

/// Where there is nothing to tell.
pub fn none() -> String {
    "–".to_owned()
}

/// A whole number, its thousands apart.
pub fn count(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut shown = String::new();
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            shown.push(' ');
        }
        shown.push(digit);
    }
    shown
}

/// Milliseconds.
pub fn ms(time: Duration) -> String {
    format!("{:.2}", time.as_secs_f64() * 1e3)
}

/// Microseconds.
pub fn us(time: Duration) -> String {
    format!("{:.1}", time.as_secs_f64() * 1e6)
}

/// Megabytes.
pub fn mb(bytes: Option<u64>) -> String {
    bytes.map_or_else(none, |bytes| format!("{:.1}", bytes as f64 / 1e6))
}

/// The time within which `part` of all were done: 0.5 for the median, 1.0 for the last.
pub fn percentile(sorted: &[Duration], part: f64) -> Duration {
    let rank = (sorted.len() as f64 * part).ceil() as usize;
    sorted
        .get(rank.saturating_sub(1))
        .copied()
        .unwrap_or_default()
}

/// The middle one.
pub fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or_default()
}
