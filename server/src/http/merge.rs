//! Two people with the same form open. A form sends what stands in each field beside what its author
//! saw in it (`seen_…`), so that only what they changed is saved, over what others saved meanwhile.

/// The prefix of the field that says what its author saw.
pub(super) const SEEN: &str = "seen_";

/// What becomes of one field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Merged {
    /// It stays as it is kept now.
    Theirs,
    /// Its author alone changed it.
    Mine,
    /// Others changed it too, to something else.
    Both,
}

/// `seen` is none where the form does not say it.
pub(super) fn merged(seen: Option<&str>, kept: &str, mine: &str) -> Merged {
    if mine == kept || seen == Some(mine) {
        Merged::Theirs
    } else if seen == Some(kept) {
        Merged::Mine
    } else {
        Merged::Both
    }
}

/// What is told where two met: `fields` are those that both changed, with what stands in each now.
pub(super) fn met(what: &str, fields: &[(&str, String)]) -> String {
    let each: Vec<String> = fields
        .iter()
        .map(|(label, kept)| match kept.as_str() {
            "" => format!("{label} is empty"),
            kept => format!("{label} is “{kept}”"),
        })
        .collect();
    format!(
        "{what} while you were writing, and now: {}. What you wrote stands below; save again to put it over theirs. Your other changes are saved with it.",
        each.join("; ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_its_author_changed_goes_over_what_is_kept() {
        assert_eq!(merged(Some("a"), "a", "a"), Merged::Theirs);
        assert_eq!(merged(Some("a"), "b", "a"), Merged::Theirs);
        assert_eq!(merged(Some("a"), "b", "b"), Merged::Theirs);
        assert_eq!(merged(Some("a"), "a", "c"), Merged::Mine);
        assert_eq!(merged(Some("a"), "b", "c"), Merged::Both);
        assert_eq!(merged(None, "b", "c"), Merged::Both);
    }
}
