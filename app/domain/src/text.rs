//! Words that people type, bounded. What does not fit is sent back whole, never cut.

use crate::Refusal;

/// Longest one-line text, in characters.
pub const LINE_MAX_CHARS: usize = 200;
/// Longest paragraph, in characters.
pub const PROSE_MAX_CHARS: usize = 8_000;
/// Longest link, in characters.
pub const LINK_MAX_CHARS: usize = 2_000;

/// One line: trimmed, not empty, at most [`LINE_MAX_CHARS`].
///
/// # Errors
/// [`Refusal::Invalid`] naming `field`.
pub fn line(field: &'static str, text: &str) -> Result<String, Refusal> {
    let text = bounded(field, text, LINE_MAX_CHARS)?;
    if text.contains(['\n', '\r', '\u{2028}', '\u{2029}']) {
        return Err(Refusal::invalid(field, "must be a single line"));
    }
    Ok(text)
}

/// A name or a title, as one line: what cannot be seen is left out of it, so that no two look the same and no
/// direction mark turns round what stands beside it.
///
/// # Errors
/// [`Refusal::Invalid`] naming `field`.
pub fn name(field: &'static str, text: &str) -> Result<String, Refusal> {
    let text = line(field, text)?;
    let (mut seen, mut before) = (String::with_capacity(text.len()), ' ');
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        // What joins letters of Persian or of Indian scripts, and the parts of an emoji, is spelling.
        let is_spelling = match c {
            '\u{200c}' | '\u{200d}' => {
                before >= FIRST_JOINED && rest.peek().is_some_and(|after| *after >= FIRST_JOINED)
            }
            '\u{fe00}'..='\u{fe0f}' => !before.is_alphanumeric(),
            c => !is_unseen(c) || c.is_whitespace(),
        };
        if is_spelling {
            seen.push(c);
            before = c;
        }
    }
    line(field, &seen)
}

/// Letters of scripts from Hebrew on; none before these is joined by a mark.
const FIRST_JOINED: char = '\u{590}';

/// A paragraph: trimmed, not empty, at most [`PROSE_MAX_CHARS`].
///
/// # Errors
/// [`Refusal::Invalid`] naming `field`.
pub fn prose(field: &'static str, text: &str) -> Result<String, Refusal> {
    bounded(field, text, PROSE_MAX_CHARS)
}

/// A paragraph that may be left out: blank counts as absent.
///
/// # Errors
/// [`Refusal::Invalid`] naming `field` when it is too long.
pub fn optional(field: &'static str, text: Option<&str>) -> Result<Option<String>, Refusal> {
    match text {
        Some(text) if !text.chars().all(is_unseen) => prose(field, text).map(Some),
        _ => Ok(None),
    }
}

/// A web address. Only http and https: a `javascript:` link in a timeline would run for
/// whoever clicks it.
///
/// # Errors
/// [`Refusal::Invalid`] naming `field`.
pub fn link(field: &'static str, text: &str) -> Result<String, Refusal> {
    let text = bounded(field, text, LINK_MAX_CHARS)?;
    let lower = text.to_ascii_lowercase();
    let after = lower
        .strip_prefix("https://")
        .or_else(|| lower.strip_prefix("http://"));
    match after {
        Some(rest) if !rest.is_empty() && !text.contains(char::is_whitespace) => Ok(text),
        _ => Err(Refusal::invalid(
            field,
            "must be a link that starts with https:// or http://",
        )),
    }
}

fn bounded(field: &'static str, text: &str, max_chars: usize) -> Result<String, Refusal> {
    let text = text.trim();
    // The byte length is checked first so that a 10 MB paste is not counted char by char.
    if text.len() > max_chars * 4 || text.chars().count() > max_chars {
        return Err(Refusal::invalid(
            field,
            format!("must be at most {max_chars} characters"),
        ));
    }
    if text.chars().all(is_unseen) {
        return Err(Refusal::invalid(field, "must not be empty"));
    }
    if text
        .chars()
        .any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
    {
        return Err(Refusal::invalid(
            field,
            "must not contain control characters",
        ));
    }
    Ok(text.to_owned())
}

/// Spaces, and marks that join letters or say which way they run. Chats add them to what is copied.
fn is_unseen(c: char) -> bool {
    c.is_whitespace()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_trimmed_and_bounded() {
        assert_eq!(line("title", "  hello "), Ok("hello".to_owned()));
        assert!(line("title", " \n ").is_err());
        assert!(line("title", "a\nb").is_err());
        assert!(line("title", &"é".repeat(LINE_MAX_CHARS)).is_ok());
        assert!(line("title", &"é".repeat(LINE_MAX_CHARS + 1)).is_err());
        assert!(line("title", "a\u{0}b").is_err());
        assert!(line("title", "عطل في الدفع 🧨").is_ok());
        assert!(
            line("title", "a\u{2028}b").is_err(),
            "a line break by another name"
        );
        assert!(prose("title", "a\r\n\tb\u{2028}c").is_ok());
    }

    #[test]
    fn what_nobody_can_see_is_empty_and_within_words_it_is_kept() {
        for nothing in [
            "",
            " \t\n",
            "\u{200b}",
            "\u{feff}\u{a0}",
            "\u{202e} \u{2066}\u{ad}",
        ] {
            let refused = prose("Reason", nothing).unwrap_err().to_string();
            assert_eq!(refused, "Reason must not be empty.", "{nothing:?}");
            assert_eq!(optional("Reason", Some(nothing)), Ok(None), "{nothing:?}");
        }
        for typed in ["\u{200f}שלום", "\u{1f468}\u{200d}\u{1f4bb}", "\u{202e}x"] {
            assert_eq!(prose("Reason", typed), Ok(typed.to_owned()));
        }
    }

    #[test]
    fn nothing_that_cannot_be_seen_is_in_a_name() {
        for (typed, kept) in [
            ("  Ana Ruiz ", "Ana Ruiz"),
            ("Ana\u{200b}\u{202e} Ruiz\u{2069}", "Ana Ruiz"),
            ("B\u{ad}o\u{200d} L\u{2060}ind\u{feff}", "Bo Lind"),
            ("Ана\u{200c}Рус", "АнаРус"),
            ("A\u{fe0f}na\u{e0041}", "Ana"),
            ("\u{200f}שלום\u{200e}", "שלום"),
            ("می\u{200c}خواهم", "می\u{200c}خواهم"),
            ("क्\u{200d}ष", "क्\u{200d}ष"),
            ("\u{1f468}\u{200d}\u{1f4bb}", "\u{1f468}\u{200d}\u{1f4bb}"),
            (
                "\u{2764}\u{fe0f}\u{200d}\u{1f525}",
                "\u{2764}\u{fe0f}\u{200d}\u{1f525}",
            ),
            ("東京 \u{3000}ログ", "東京 \u{3000}ログ"),
        ] {
            assert_eq!(name("Name", typed), Ok(kept.to_owned()), "{typed:?}");
            assert_eq!(name("Name", kept), Ok(kept.to_owned()), "{kept:?}");
        }
        for wrong in ["\u{202e}\u{200b}", "a\u{7}b", "a\nb", "a\u{2028}b", ""] {
            assert!(name("Name", wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_paste_of_megabytes_is_refused_whatever_it_is_made_of() {
        for letter in ["x", "é", "🧨", "\u{200b}", "a "] {
            let paste = letter.repeat(10_000_000 / letter.len());
            for refused in [
                line("Title", &paste).map(|_| ()),
                prose("Text", &paste).map(|_| ()),
                link("Link", &paste).map(|_| ()),
            ] {
                let refused = refused.unwrap_err().to_string();
                assert!(refused.contains("must be at most"), "{refused}");
            }
        }
        for (letter, width) in [("x", 1), ("🧨", 4)] {
            let most = letter.repeat(PROSE_MAX_CHARS);
            assert_eq!(most.len(), width * PROSE_MAX_CHARS);
            assert!(prose("Text", &most).is_ok());
            assert!(prose("Text", &(most + letter)).is_err());
        }
        let address = |chars: usize| format!("https://{}", "x".repeat(chars - 8));
        assert!(link("Link", &address(LINK_MAX_CHARS)).is_ok());
        assert!(link("Link", &address(LINK_MAX_CHARS + 1)).is_err());
    }

    #[test]
    fn only_web_links_pass() {
        assert!(link("link", "https://logs.example/q?x=1").is_ok());
        for bad in [
            "javascript:alert(1)",
            "https://",
            "ftp://x",
            "https://a b",
            "data:text/html,x",
        ] {
            assert!(link("link", bad).is_err(), "{bad}");
        }
    }
}
