//! What a file is. Its first bytes tell, and only what is on the list is taken: a picture cannot
//! be a page, and a page is not taken under any name.

use crate::http::fault::Fault;

const NOT_TAKEN: Fault = Fault::UnsupportedMediaType(
    "Send a picture (png, jpeg, gif, webp), a PDF, text (txt, log, csv, json) in UTF-8, or a gzip or zip archive.",
);
const A_PAGE: Fault = Fault::UnsupportedMediaType(
    "HTML, SVG and XML are not taken: a browser could run them. Send a picture, a PDF or a zip of it.",
);
/// What a file is called that has no name.
const NAMELESS: &str = "evidence";
/// Longest name, in characters: a line of the record.
const NAME_MAX_CHARS: usize = domain::text::LINE_MAX_CHARS;

/// A kind of file that is taken.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Kind {
    /// One of `domain::evidence::FILE_TYPES`.
    pub(super) media_type: &'static str,
    /// How its name may end; the first is added to a name that ends otherwise.
    endings: &'static [&'static str],
}

const PNG: Kind = kind("image/png", &["png"]);
const JPEG: Kind = kind("image/jpeg", &["jpg", "jpeg"]);
const GIF: Kind = kind("image/gif", &["gif"]);
const WEBP: Kind = kind("image/webp", &["webp"]);
const PDF: Kind = kind("application/pdf", &["pdf"]);
const GZIP: Kind = kind("application/gzip", &["gz", "tgz"]);
const ZIP: Kind = kind("application/zip", &["zip"]);
const CSV: Kind = kind("text/csv", &["csv"]);
const JSON: Kind = kind("application/json", &["json"]);
const TEXT: Kind = kind("text/plain", &["txt", "log", "md"]);

const fn kind(media_type: &'static str, endings: &'static [&'static str]) -> Kind {
    Kind {
        media_type,
        endings,
    }
}

impl Kind {
    /// What these bytes are. Among texts the name decides.
    pub(super) fn of(body: &[u8], name: &str) -> Result<Self, Fault> {
        let begins = |magic: &[u8]| body.starts_with(magic);
        if begins(b"\x89PNG\r\n\x1a\n") {
            return Ok(PNG);
        }
        if begins(b"\xff\xd8\xff") {
            return Ok(JPEG);
        }
        if begins(b"GIF87a") || begins(b"GIF89a") {
            return Ok(GIF);
        }
        if begins(b"RIFF") && body.get(8..12) == Some(b"WEBP") {
            return Ok(WEBP);
        }
        if begins(b"%PDF-") {
            return Ok(PDF);
        }
        if begins(b"\x1f\x8b\x08") {
            return Ok(GZIP);
        }
        if begins(b"PK\x03\x04") || begins(b"PK\x05\x06") {
            return Ok(ZIP);
        }
        let text = std::str::from_utf8(body).map_err(|_| NOT_TAKEN)?;
        text_kind(text, name)
    }

    /// The name it is saved under: no path, nothing that hides how it ends, and an ending that
    /// fits what it is.
    pub(super) fn name(&self, given: &str) -> String {
        let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
        let shown: String = last.chars().filter(|c| !is_hidden(*c)).collect();
        let shown = shown.trim().trim_start_matches('.');
        let shown = if shown.is_empty() { NAMELESS } else { shown };
        let ending = self.endings.first().copied().unwrap_or_default();
        if self.endings.iter().any(|fit| ends(shown, fit)) {
            // From the front: the ending stays.
            let surplus = shown.chars().count().saturating_sub(NAME_MAX_CHARS);
            return shown.chars().skip(surplus).collect();
        }
        let room = NAME_MAX_CHARS - ending.len() - 1;
        let stem: String = shown.chars().take(room).collect();
        format!("{stem}.{ending}")
    }
}

/// What it is sent as. Whatever is kept, nothing that is not on the list gets out as itself.
pub(super) fn served_as(media_type: &str) -> &'static str {
    match media_type {
        "text/plain" | "text/csv" | "application/json" => "text/plain; charset=utf-8",
        other => domain::evidence::FILE_TYPES
            .into_iter()
            .find(|known| *known == other)
            .unwrap_or("application/octet-stream"),
    }
}

fn text_kind(text: &str, name: &str) -> Result<Kind, Fault> {
    // Logs colour their lines with the escape character; no other control belongs into a text.
    let is_odd = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{1b}' | '\u{c}');
    if text.contains(is_odd) {
        return Err(NOT_TAKEN);
    }
    if looks_like_a_page(text)
        || ["html", "htm", "xhtml", "svg"]
            .iter()
            .any(|e| ends(name, e))
    {
        return Err(A_PAGE);
    }
    Ok(if ends(name, "csv") {
        CSV
    } else if ends(name, "json") {
        JSON
    } else {
        TEXT
    })
}

/// Whether a browser that guesses would take it for a page or a picture that runs scripts. A line
/// of a system log may begin with `<34>`, so a bracket alone is no sign.
fn looks_like_a_page(text: &str) -> bool {
    let start = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    let opens = start.strip_prefix('<').and_then(|rest| rest.chars().next());
    opens.is_some_and(|c| c.is_ascii_alphabetic() || matches!(c, '!' | '?' | '/'))
}

/// Controls, and the marks that turn the order of letters around: `exe.gpj` must not read `jpg.exe`.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn ends(name: &str, ending: &str) -> bool {
    name.rsplit_once('.')
        .is_some_and(|(_, last)| last.trim().eq_ignore_ascii_case(ending))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is(body: &[u8], name: &str) -> Option<&'static str> {
        Kind::of(body, name).ok().map(|kind| kind.media_type)
    }

    #[test]
    fn the_bytes_tell_what_it_is_and_the_list_what_is_taken() {
        for (body, name, media_type) in [
            (
                b"\x89PNG\r\n\x1a\n....".as_slice(),
                "a.txt",
                Some("image/png"),
            ),
            (b"\xff\xd8\xff\xe0", "a.html", Some("image/jpeg")),
            (b"GIF89a<script>", "a.gif", Some("image/gif")),
            (b"RIFF\x01\x02\x03\x04WEBPVP8 ", "a", Some("image/webp")),
            (b"RIFF\x01\x02\x03\x04WAVEfmt ", "a", None),
            (b"%PDF-1.7", "a.pdf", Some("application/pdf")),
            (b"\x1f\x8b\x08\x00", "a.gz", Some("application/gzip")),
            (b"PK\x03\x04", "a.docx", Some("application/zip")),
            (b"a,b\r\n1,2\r\n", "a.CSV", Some("text/csv")),
            (b"{\"a\":1}", "a.json", Some("application/json")),
            (
                "14:02 عطل \u{1b}[31mred\u{1b}[0m\n".as_bytes(),
                "a.log",
                Some("text/plain"),
            ),
            (
                b"<34>Oct 11 22:14:15 host su: failed",
                "messages",
                Some("text/plain"),
            ),
            (b"if a <b then", "notes", Some("text/plain")),
            (b"\xff\xfe\x00", "a.txt", None),
            (b"a\x00b", "a.txt", None),
            (b"MZ\x90\x00", "a.exe", None),
            (b"<!doctype html><p>", "a.txt", None),
            (b"\xef\xbb\xbf \n<HTML>", "a.log", None),
            (b"<?xml version='1.0'?><svg/>", "a.txt", None),
            (b"<svg onload=alert(1)>", "a.png", None),
            (b"<script>alert(1)</script>", "a.csv", None),
            (b"<!-- --><script>", "a.txt", None),
            (b"plain words", "a.html", None),
            (b"plain words", "a.svg", None),
        ] {
            assert_eq!(is(body, name), media_type, "{name} {body:?}");
        }
    }

    #[test]
    fn only_types_of_the_list_are_found() {
        for kind in [PNG, JPEG, GIF, WEBP, PDF, GZIP, ZIP, CSV, JSON, TEXT] {
            let media_type = kind.media_type;
            assert!(
                domain::evidence::FILE_TYPES.contains(&media_type),
                "{media_type}"
            );
        }
        assert_eq!(served_as("text/html"), "application/octet-stream");
        assert_eq!(served_as("application/json"), "text/plain; charset=utf-8");
        assert_eq!(served_as("image/png"), "image/png");
    }

    #[test]
    fn a_name_has_no_path_no_tricks_and_an_ending_that_fits() {
        for (kind, given, name) in [
            (PNG, "graph.png", "graph.png"),
            (PNG, "C:\\Users\\ana\\graph.PNG", "graph.PNG"),
            (TEXT, "../../etc/passwd", "passwd.txt"),
            (TEXT, "run.exe", "run.exe.txt"),
            (ZIP, "report.docx", "report.docx.zip"),
            (JPEG, "\u{202e}gpj.exe", "gpj.exe.jpg"),
            (TEXT, "", "evidence.txt"),
            (TEXT, "..", "evidence.txt"),
            (TEXT, "a\r\nb.log", "ab.log"),
            (TEXT, "عطل.log", "عطل.log"),
        ] {
            assert_eq!(kind.name(given), name, "{given:?}");
        }
        let long = TEXT.name(&"é".repeat(500));
        assert!(long.chars().count() == NAME_MAX_CHARS && long.ends_with(".txt"));
        let long = TEXT.name(&format!("{}.log", "é".repeat(500)));
        assert!(long.chars().count() == NAME_MAX_CHARS && long.ends_with(".log"));
        assert!(domain::text::line("File name", &long).is_ok());
    }
}
