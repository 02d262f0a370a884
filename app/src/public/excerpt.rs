//! How much of a text stands on the status page. It has to load on a bad phone, whatever
//! people wrote; the incident's own page has every word.

/// Longest text in a title, bytes.
pub(super) const TITLE: usize = 80;
/// Longest headline on the status page, bytes.
pub(super) const HEADLINE: usize = 280;
/// Longest part of an update on the status page, bytes.
pub(super) const PART: usize = 900;
/// Longest name of a past incident in the list, bytes.
pub(super) const PAST: usize = 120;

/// The text, or as many whole words of it as fit, with a sign that there is more.
pub(super) fn cut(text: &str, max_bytes: usize) -> String {
    if text.len() <= max_bytes {
        return text.to_owned();
    }
    let mut end = max_bytes;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let head = &text[..end];
    // A text without spaces is cut where it must be.
    let words = head
        .rsplit_once(char::is_whitespace)
        .map_or(head, |(words, _)| words);
    format!("{}…", words.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_long_ends_after_a_whole_word() {
        assert_eq!(cut("Checkout fails", 20), "Checkout fails");
        assert_eq!(
            cut("Checkout fails for some customers", 16),
            "Checkout fails…"
        );
        assert_eq!(cut("結帳失敗結帳失敗", 10), "結帳失…");
    }
}
