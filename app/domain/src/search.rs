//! Finding an incident by words, the same in the browser, which holds what is open, and on the
//! server, which holds all. Both compare texts that [`fold`] has made alike, so they never
//! disagree about what a word is.
//!
//! A word matches a whole word, the last one also the beginning of a word: it may still be
//! being typed. All words must be there, in any order.

use crate::customer::Customer;
use crate::evidence::Proof;
use crate::update::UpdateText;
use crate::{Incident, IncidentNumber};

/// Longest text to search for, in characters.
pub const QUERY_MAX_CHARS: usize = 200;
/// Words of it that count; nobody remembers more, and each costs.
const WORDS_MAX: usize = 12;

/// U+00C0 to U+017F without their marks; a dot where it is not one letter.
const LATIN: &[u8; 192] = b"aaaaaa.ceeeeiiiidnooooo.ouuuuy..aaaaaa.ceeeeiiiidnooooo.ouuuuy.y\
aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiii..jjkkklllllll\
lllnnnnnnnnnoooooo..rrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";
/// U+1E00 to U+1EFF, likewise.
const LATIN_ADDITIONAL: &[u8; 256] =
    b"aabbbbbbccddddddddddeeeeeeeeeeffgghhhhhhhhhhiiiikkkkkkllllllllmm\
mmmmnnnnnnnnoooooooopppprrrrrrrrssssssssssttttttttuuuuuuuuuuvvvv\
wwwwwwwwwwxxxxyyzzzzzzhtwy.sss..aaaaaaaaaaaaaaaaaaaaaaaaeeeeeeee\
eeeeeeeeiiiioooooooooooooooooooooooouuuuuuuuuuuuuuyyyyyyyy......";

/// What somebody looks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    words: Vec<String>,
}

impl Query {
    /// The words of what was typed, whatever was typed: there is no syntax to get wrong.
    #[must_use]
    pub fn of(typed: &str) -> Self {
        let words = fold(typed);
        Self {
            words: words
                .split_ascii_whitespace()
                .take(WORDS_MAX)
                .map(str::to_owned)
                .collect(),
        }
    }

    /// Folded words; the last one may be the beginning of one.
    #[must_use]
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// Whether all words are in this text, which [`fold`] has made.
    #[must_use]
    pub fn is_in(&self, folded: &str) -> bool {
        self.words.iter().enumerate().all(|(place, word)| {
            let mut wanted = String::with_capacity(word.len() + 2);
            wanted.push(' ');
            wanted.push_str(word);
            if place + 1 < self.words.len() {
                wanted.push(' ');
            }
            folded.contains(&wanted)
        })
    }

    /// The year, if it was said, and the serial, when what was typed is a number and nothing
    /// else: `INC-2026-0042`, `2026-42`, `inc 42`, `0042`.
    #[must_use]
    pub fn number(&self) -> Option<(Option<i32>, u32)> {
        let digits = match self.words.split_first() {
            Some((first, rest)) if first == "inc" => rest,
            _ => &self.words,
        };
        match digits {
            [serial] => Some((None, serial.parse().ok()?)),
            [year, serial] if year.len() == 4 => {
                Some((Some(year.parse().ok()?), serial.parse().ok()?))
            }
            _ => None,
        }
    }
}

/// Everything of an incident that can be searched for, folded: number, title, what customers
/// see, components, customers, and the record with its corrections.
#[must_use]
pub fn text_of(incident: &Incident) -> String {
    let mut text = String::new();
    if let Some(number) = incident.number {
        add_number(&mut text, number);
    }
    add(&mut text, incident.title());
    if let Some(declared) = &incident.declared {
        add(&mut text, &declared.customer_sees);
        add_all(&mut text, &declared.components);
    }
    for Customer { name, sees, .. } in &incident.customers {
        add(&mut text, name);
        add(&mut text, sees);
    }
    for entry in &incident.timeline {
        add(&mut text, entry.current_text());
        if let Some(result) = &entry.result {
            add(&mut text, &result.text);
        }
    }
    for update in &incident.updates {
        add_told(&mut text, &update.text);
    }
    for evidence in &incident.evidence {
        if let Proof::Excerpt { text: proof } | Proof::Statement { text: proof, .. } =
            &evidence.proof
        {
            add(&mut text, proof);
        }
    }
    text.push(' ');
    text
}

/// What can be searched for of an incident that is known by its line in a list only, folded.
#[must_use]
pub fn text_of_line(number: IncidentNumber, title: &str) -> String {
    let mut text = String::new();
    add_number(&mut text, number);
    add(&mut text, title);
    text.push(' ');
    text
}

/// Words as they are compared: small letters without marks, each after one space, and a space
/// after the last. Emoji and letters of other scripts stay; signs that cannot be seen go.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len() + 2);
    add(&mut folded, text);
    folded.push(' ');
    folded
}

/// The number as written, and its serial as people say it, without zeros.
fn add_number(folded: &mut String, number: IncidentNumber) {
    add(folded, &number.to_string());
    add(folded, &number.serial.to_string());
}

fn add_told(folded: &mut String, text: &UpdateText) {
    for part in [&text.acknowledge, &text.impact, &text.action] {
        add(folded, part);
    }
    if let Some(closure) = &text.closure {
        add(folded, &closure.cause);
        add(folded, &closure.prevention);
    }
}

fn add_all(folded: &mut String, texts: &[String]) {
    for text in texts {
        add(folded, text);
    }
}

fn add(folded: &mut String, text: &str) {
    let mut between = true;
    for c in text.chars() {
        match part(c) {
            Part::Nothing => {}
            Part::Between => between = true,
            Part::Letter(c) => {
                begin(folded, &mut between);
                folded.push(c);
            }
            Part::Word(c) => {
                between = true;
                begin(folded, &mut between);
                folded.push(c);
                between = true;
            }
            Part::Letters(letters) => {
                begin(folded, &mut between);
                folded.push_str(letters);
            }
            Part::Other(c) => {
                begin(folded, &mut between);
                folded.extend(c.to_lowercase());
            }
        }
    }
}

fn begin(folded: &mut String, between: &mut bool) {
    if std::mem::take(between) {
        folded.push(' ');
    }
}

/// What a character is to a word.
enum Part {
    /// Cannot be seen: a mark above a letter, a joiner, a direction.
    Nothing,
    /// Ends a word.
    Between,
    Letter(char),
    Letters(&'static str),
    /// A word of its own: these scripts put no spaces.
    Word(char),
    /// Of a script whose small letters the standard library knows.
    Other(char),
}

fn part(c: char) -> Part {
    let code = u32::from(c);
    match code {
        0..=0x7f if c.is_ascii_alphanumeric() => Part::Letter(c.to_ascii_lowercase()),
        0..=0xa9 | 0xab..=0xb1 | 0xb4 | 0xb6..=0xb9 | 0xbb..=0xbf | 0xd7 | 0xf7 => Part::Between,
        0xc6 | 0xe6 => Part::Letters("ae"),
        0xde | 0xfe => Part::Letters("th"),
        0xdf | 0x1e9e => Part::Letters("ss"),
        0x132 | 0x133 => Part::Letters("ij"),
        0x152 | 0x153 => Part::Letters("oe"),
        0xc0..=0x17f => latin(LATIN, code - 0xc0, c),
        0x1a0 | 0x1a1 => Part::Letter('o'),
        0x1af | 0x1b0 => Part::Letter('u'),
        0x218 | 0x219 => Part::Letter('s'),
        0x21a | 0x21b => Part::Letter('t'),
        0x1e00..=0x1eff => latin(LATIN_ADDITIONAL, code - 0x1e00, c),
        // Combining marks; the points of Hebrew and Arabic; joiners, directions, variants.
        0x300..=0x36f
        | 0x591..=0x5bd
        | 0x5bf..=0x5c7
        | 0x640
        | 0x64b..=0x65f
        | 0x670
        | 0x200b..=0x200f
        | 0x202a..=0x202e
        | 0x2060..=0x206f
        | 0xfe00..=0xfe0f
        | 0xfeff => Part::Nothing,
        0x5be | 0x60c | 0x61b | 0x61f | 0x6d4 | 0x2000..=0x205f | 0x3000..=0x3020 => Part::Between,
        // Private: the index has marks of its own there.
        0xe000..=0xf8ff | 0xf_0000.. => Part::Between,
        0x3041..=0x30ff | 0x3400..=0x4dbf | 0x4e00..=0x9fff | 0xf900..=0xfaff => Part::Word(c),
        // Full-width forms of ASCII.
        0xff01..=0xff5e => part(char::from_u32(code - 0xfee0).unwrap_or(' ')),
        _ => Part::Other(c),
    }
}

fn latin(table: &[u8], place: u32, c: char) -> Part {
    match table.get(place as usize) {
        Some(b'.') | None => Part::Other(c),
        Some(letter) => Part::Letter(char::from(*letter)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_made_alike() {
        for (text, folded) in [
            ("", " "),
            ("  Checkout\n-errors ", " checkout errors "),
            ("INC-2026-0042", " inc 2026 0042 "),
            ("Café CAFE\u{301} ŠKODA Łódź", " cafe cafe skoda lodz "),
            (
                "Straße Œuvre Ærø İzmir Ðà",
                " strasse oeuvre aero izmir da ",
            ),
            ("Việt Ơn București ẞ", " viet on bucuresti ss "),
            ("عَطَل \u{202E}في\u{200F} الدفع؟", " عطل في الدفع "),
            ("ΑΘΉΝΑ Москва", " αθήνα москва "),
            ("東京 ログ", " 東 京 ロ グ "),
            ("ＡＰＩ　５００", " api 500 "),
            ("boom🧨 \u{2764}\u{FE0F}", " boom🧨 \u{2764} "),
            ("a\u{E000}b\u{0}c\u{A0}d…e\u{2019}f", " a b c d e f "),
            ("\" OR * NEAR( :", " or near "),
        ] {
            assert_eq!(fold(text), folded, "{text}");
            assert_eq!(fold(&fold(text)), folded, "{text}");
        }
    }

    #[test]
    fn all_words_must_be_there_and_the_last_may_be_unfinished() {
        let text = fold("Checkout errors for Orchard Bank, 18 % of sessions");
        for (typed, is_in) in [
            ("", true),
            ("-*\"", true),
            ("check", true),
            ("CHECKOUT", true),
            ("orch checkout", false),
            ("orchard check", true),
            ("bank,orchard", true),
            ("heckout", false),
            ("checkout refund", false),
            ("18", true),
            ("sessions ", true),
        ] {
            assert_eq!(Query::of(typed).is_in(&text), is_in, "{typed}");
        }
        assert_eq!(Query::of(&"a ".repeat(500)).words().len(), WORDS_MAX);
    }

    #[test]
    fn a_number_is_seen_as_one() {
        for (typed, number) in [
            ("INC-2026-0042", Some((Some(2026), 42))),
            ("2026-42", Some((Some(2026), 42))),
            ("inc 42", Some((None, 42))),
            ("0042", Some((None, 42))),
            ("inc", None),
            ("42 errors", None),
            ("18-42", None),
            ("99999999999", None),
            ("", None),
        ] {
            assert_eq!(Query::of(typed).number(), number, "{typed}");
        }
    }
}
