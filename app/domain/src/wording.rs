//! Reads a customer update while it is written (RUNBOOK §5). A rule table, no model.

/// What is wrong with a stretch of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// A time that is no time: cannot be published.
    Vague,
}

/// A stretch of text that breaks trust.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The words as typed.
    pub words: String,
    /// What is wrong with them.
    pub fault: Fault,
}

impl Mark {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> String {
        match self.fault {
            Fault::Vague => {
                format!(
                    "“{}” is not a time. Say when the next word comes instead.",
                    self.words
                )
            }
        }
    }
}

/// Longest first, so that "as soon as possible" is one mark and not a "soon" inside it.
const VAGUE: [&str; 12] = [
    "as soon as possible",
    "as soon as we can",
    "at the earliest opportunity",
    "in the near future",
    "in due course",
    "before long",
    "in a while",
    "momentarily",
    "any minute",
    "shortly",
    "a.s.a.p.",
    "soon",
];

/// The stretches that break trust, in the order they stand.
#[must_use]
pub fn marks(text: &str) -> Vec<Mark> {
    // ASCII lower case keeps every byte in its place, so that places found here are places there.
    let lower = text.to_ascii_lowercase();
    let mut found: Vec<(usize, usize)> = Vec::new();
    for phrase in VAGUE.iter().chain(&["asap"]) {
        for (start, _) in lower.match_indices(phrase) {
            let end = start + phrase.len();
            let whole = !ends_in_letter(&lower[..start]) && !starts_with_letter(&lower[end..]);
            let inside = found.iter().any(|(s, e)| start < *e && end > *s);
            if whole && !inside {
                found.push((start, end));
            }
        }
    }
    found.sort_unstable();
    found
        .into_iter()
        .map(|(start, end)| Mark {
            words: text[start..end].to_owned(),
            fault: Fault::Vague,
        })
        .collect()
}

fn ends_in_letter(text: &str) -> bool {
    text.chars().next_back().is_some_and(char::is_alphanumeric)
}

fn starts_with_letter(text: &str) -> bool {
    text.chars().next().is_some_and(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vague_times_are_marked_and_exact_ones_are_not() {
        let words = |text: &str| marks(text).into_iter().map(|m| m.words).collect::<Vec<_>>();
        assert_eq!(words("It will be fixed soon."), ["soon"]);
        assert_eq!(
            words("We reply As Soon As Possible, or shortly"),
            ["As Soon As Possible", "shortly"]
        );
        assert_eq!(words("ASAP"), ["ASAP"]);
        for good in [
            "By 15:10 UTC",
            "No sooner than 15:10",
            "The monsoon season",
            "sooner",
            "…soonest",
        ] {
            assert!(marks(good).is_empty(), "{good}");
        }
        assert_eq!(words("İ soon"), ["soon"]);
    }
}
