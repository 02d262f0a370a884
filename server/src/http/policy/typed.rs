//! What stands in the fields of the form, by their names. A field is named by its place in the
//! policy as JSON; a box that is ticked holds `on`, one that is not is not sent.

use serde::Deserialize;
use std::collections::{BTreeSet, HashMap};

/// No form has more rows of a matrix than this: what a policy may hold, and as many new ones.
const ROWS_MAX: usize = 2 * domain::Policy::ITEMS_MAX;

/// All that was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub(super) struct Typed(HashMap<String, String>);

impl Typed {
    /// What stands in this field, word for word; empty when it was not sent.
    pub(super) fn text(&self, at: &str) -> &str {
        self.0.get(at).map_or("", String::as_str)
    }

    /// The same without the space around it.
    pub(super) fn trimmed(&self, at: &str) -> &str {
        self.text(at).trim()
    }

    /// Whether this box is ticked.
    pub(super) fn is_on(&self, at: &str) -> bool {
        self.text(at) == "on"
    }

    /// The lines of a list that are not blank.
    pub(super) fn lines(&self, at: &str) -> Vec<&str> {
        let lines = self.text(at).lines().map(str::trim);
        lines.filter(|line| !line.is_empty()).collect()
    }

    pub(super) fn put(&mut self, at: impl Into<String>, text: impl Into<String>) {
        self.0.insert(at.into(), text.into());
    }

    pub(super) fn tick(&mut self, at: impl Into<String>, on: bool) {
        self.put(at, if on { "on" } else { "" });
    }

    /// Everything that stands below this place.
    pub(super) fn below(&self, area: &str) -> impl Iterator<Item = (&str, &str)> {
        let below = self.0.iter().filter_map(move |(at, text)| {
            let rest = at.strip_prefix(area)?.strip_prefix('/')?;
            Some((rest, text.as_str()))
        });
        below.filter(|(_, text)| !text.trim().is_empty())
    }

    /// Everything that stands below this place, in place of what stands there here.
    pub(super) fn take_below(&mut self, area: &str, other: &Self) {
        let is_below = |at: &str| at.strip_prefix(area).is_some_and(|r| r.starts_with('/'));
        self.0.retain(|at, _| !is_below(at));
        let theirs = other.0.iter().filter(|(at, _)| is_below(at));
        self.0
            .extend(theirs.map(|(at, text)| (at.clone(), text.clone())));
    }

    /// The rows of a matrix in which anything stands, by their numbers from 0.
    pub(super) fn rows(&self, area: &str) -> BTreeSet<usize> {
        let numbers = self.below(area).filter_map(|(rest, _)| {
            let (number, _) = rest.split_once('/')?;
            number.parse::<usize>().ok()
        });
        numbers.filter(|n| *n < ROWS_MAX).collect()
    }

    /// How many rows of a matrix stood in the policy that the form was made from.
    pub(super) fn known_rows(&self, area: &str) -> usize {
        let known = self.text(&known_at(area)).parse().unwrap_or(0);
        ROWS_MAX.min(known)
    }
}

/// Where a form says how many rows of a matrix it was made with.
pub(super) fn known_at(area: &str) -> String {
    format!("{area}/known")
}

/// Something that cannot be put in force as it was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    /// The field, or the row of a matrix, or the matrix.
    pub(super) at: String,
    /// What is wrong and what to do, a sentence that names the field.
    pub(super) what: String,
}

impl Wrong {
    pub(super) fn new(at: impl Into<String>, what: impl Into<String>) -> Self {
        Self {
            at: at.into(),
            what: what.into(),
        }
    }
}
