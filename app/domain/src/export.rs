//! The timeline of an incident as a file: Markdown to be read, CSV for a spreadsheet, JSON for
//! a program (RUNBOOK §6). Complete: both times of every entry, results, links, proof, and the
//! old text beside each amendment.
//!
//! Times are RFC 3339 in UTC, with milliseconds. What people wrote stays theirs in any alphabet,
//! and can neither forge a heading in the one nor a formula in the other.

use crate::evidence::{Evidence, Proof};
use crate::timeline::{Entry, Outcome};
use crate::{Incident, Time};
use serde_json::json;
use std::fmt::Write as _;

/// Columns of the CSV, in order.
pub const COLUMNS: [&str; 17] = [
    "incident",
    "happened_at",
    "recorded_at",
    "late",
    "by",
    "kind",
    "text",
    "first_text",
    "amended",
    "result",
    "outcome",
    "links",
    "told_to_customers",
    "proof",
    "proof_stands",
    "entry",
    "stamped_at",
];

/// A format in which a timeline is saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A document.
    Markdown,
    /// RFC 4180 with a line of names first, in UTF-8 with a byte order mark. What a spreadsheet would take for a
    /// formula begins with an apostrophe.
    Csv,
    /// An object with `incident`, `id`, `title`, `severity`, `status` and `timeline`, a list. Each entry has the
    /// fields of [`Entry`], `late`, `current_text`, and `evidence` when it is proof.
    Json,
}

impl Format {
    /// One part of the file: the head is part 0, entry `n` in the order written is part `n + 1`, then comes the end.
    /// None after it. A timeline may be long: whoever sends it holds one part in memory and not the file.
    #[must_use]
    pub fn part(self, incident: &Incident, nth: usize) -> Option<String> {
        let Some(place) = nth.checked_sub(1) else {
            return Some(match self {
                Self::Markdown => markdown_head(incident),
                // Without the mark Excel takes UTF-8 for the alphabet of the machine.
                Self::Csv => format!("{BYTE_ORDER_MARK}{}", csv_line(&COLUMNS)),
                Self::Json => json_head(incident),
            });
        };
        let Some(entry) = incident.timeline.get(place) else {
            return (place == incident.timeline.len()).then(|| self.end(incident).to_owned());
        };
        Some(match self {
            Self::Markdown => markdown_entry(incident, entry),
            Self::Csv => csv_entry(incident, entry),
            Self::Json if place == 0 => json_entry(incident, entry),
            Self::Json => format!(",{}", json_entry(incident, entry)),
        })
    }

    fn end(self, incident: &Incident) -> &'static str {
        match self {
            Self::Markdown | Self::Csv => "",
            Self::Json if incident.timeline.is_empty() => "]\n}\n",
            Self::Json => "\n  ]\n}\n",
        }
    }
}

/// Begins a CSV file.
pub const BYTE_ORDER_MARK: char = '\u{FEFF}';

fn markdown_head(incident: &Incident) -> String {
    let mut out = format!(
        "# {}: {}\n\n",
        incident.number_label(),
        inline(incident.title())
    );
    if let Some(declared) = &incident.declared {
        write(
            &mut out,
            format_args!(
                "{}, {}. Declared {} by {}. Impact began {}",
                declared.severity.label(),
                incident.status.label(),
                time(declared.at),
                inline(&declared.by.name),
                time(declared.impact_began_at),
            ),
        );
        match incident.impact_ended_at {
            Some(at) => write(&mut out, format_args!(", ended {}.\n\n", time(at))),
            None => out.push_str(" and goes on.\n\n"),
        }
    }
    out.push_str("All times are UTC.\n\n## Timeline\n");
    out
}

fn csv_entry(incident: &Incident, entry: &Entry) -> String {
    let proof = proof_of(incident, entry);
    let is_amended = !entry.amendments.is_empty();
    csv_line(&[
        incident.number_label(),
        time(entry.happened_at),
        time(entry.recorded_at),
        yes(entry.is_late()).to_owned(),
        entry.by.name.clone(),
        entry.kind.label().to_owned(),
        entry.current_text().to_owned(),
        if is_amended {
            entry.text.clone()
        } else {
            String::new()
        },
        amendments(entry),
        entry
            .result
            .as_ref()
            .map_or_else(String::new, |r| r.text.clone()),
        entry
            .result
            .as_ref()
            .map_or("", |r| outcome(r.outcome))
            .to_owned(),
        entry.links.join("\n"),
        yes(entry.told).to_owned(),
        proof.map_or_else(String::new, |e| proof_in_words(&e.proof)),
        proof.map_or("", |e| yes(e.stands)).to_owned(),
        entry.id.to_string(),
        entry.stamped_at.map_or_else(String::new, time),
    ])
}

/// Up to where the first entry begins.
fn json_head(incident: &Incident) -> String {
    let head = json!({
        "incident": incident.number.map(|n| n.to_string()),
        "id": incident.id.to_string(),
        "title": incident.title(),
        "severity": incident.severity(),
        "status": incident.declared.as_ref().map(|_| incident.status),
    });
    let head = format!("{head:#}");
    let fields = head.strip_suffix("\n}").unwrap_or(&head);
    format!("{fields},\n  \"timeline\": [")
}

fn json_entry(incident: &Incident, entry: &Entry) -> String {
    let mut value = json!(entry);
    if let Some(fields) = value.as_object_mut() {
        fields.insert("late".to_owned(), entry.is_late().into());
        fields.insert("current_text".to_owned(), entry.current_text().into());
        if let Some(proof) = proof_of(incident, entry) {
            fields.insert("evidence".to_owned(), json!(proof));
        }
    }
    // Text of people holds no line end of its own: in JSON it is written `\n`.
    let lines = format!("\n{value:#}");
    lines.replace('\n', "\n    ")
}

/// With the time that it happened first.
fn markdown_entry(incident: &Incident, entry: &Entry) -> String {
    let mut text = format!(
        "\n### {} · {}\n\n",
        time(entry.happened_at),
        entry.kind.label()
    );
    let out = &mut text;
    paragraph(out, entry.current_text());
    let late = if entry.is_late() { ", late" } else { "" };
    write(
        out,
        format_args!(
            "- By {}, written {}{late}\n",
            inline(&entry.by.name),
            time(entry.recorded_at)
        ),
    );
    if let Some(stamped) = entry.stamped_at {
        write(
            out,
            format_args!(
                "- The server's clock was ahead and said {}\n",
                time(stamped)
            ),
        );
    }
    if entry.told {
        out.push_str("- Customers were told this\n");
    }
    if let Some(result) = &entry.result {
        write(
            out,
            format_args!(
                "- Result ({}): {}\n",
                outcome(result.outcome),
                inline(&result.text)
            ),
        );
    }
    for link in &entry.links {
        write(out, format_args!("- Link: {}\n", inline(link)));
    }
    if let Some(evidence) = proof_of(incident, entry) {
        evidence_in_markdown(out, evidence);
    }
    // Each amendment replaced the text before it; the first one that of the entry.
    let replaced = std::iter::once(&entry.text).chain(entry.amendments.iter().map(|a| &a.text));
    for (amendment, old) in entry.amendments.iter().zip(replaced) {
        write(
            out,
            format_args!(
                "- Amended {} by {}, because: {}. It said before: {}\n",
                time(amendment.at),
                inline(&amendment.by.name),
                inline(&amendment.reason),
                inline(old)
            ),
        );
    }
    text
}

fn evidence_in_markdown(out: &mut String, evidence: &Evidence) {
    let stands = if evidence.stands {
        ""
    } else {
        " (no longer stands)"
    };
    write(
        out,
        format_args!(
            "- Proof that {}{stands}: {}\n",
            evidence.proves.label(),
            inline(&proof_in_words(&evidence.proof))
        ),
    );
    if let Some(min) = evidence.watched_min {
        write(out, format_args!("- Watched for {min} min\n"));
    }
}

fn proof_of<'a>(incident: &'a Incident, entry: &Entry) -> Option<&'a Evidence> {
    incident.evidence.iter().find(|e| e.entry == entry.id)
}

fn proof_in_words(proof: &Proof) -> String {
    match proof {
        Proof::Link { url } => format!("link: {url}"),
        Proof::Excerpt { text } => format!("excerpt: {text}"),
        Proof::Statement { by, text } => format!("statement by {by}: {text}"),
        Proof::File {
            name,
            sha256,
            bytes,
            media_type,
        } => format!("file {name}, {media_type}, {bytes} bytes, SHA-256 {sha256}"),
    }
}

/// What each amendment changed, a line for each.
fn amendments(entry: &Entry) -> String {
    let lines = entry.amendments.iter().map(|a| {
        let (at, by) = (time(a.at), &a.by.name);
        format!("{at} {by}: {} ({})", a.text, a.reason)
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn time(at: Time) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

fn yes(is: bool) -> &'static str {
    if is { "yes" } else { "no" }
}

fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Worked => "worked",
        Outcome::Failed => "failed",
        Outcome::Unclear => "unclear",
    }
}

fn write(out: &mut String, what: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = out.write_fmt(what);
}

/// A line of RFC 4180 with its end; no cell of it is a formula to any spreadsheet.
#[must_use]
pub fn csv_line(cells: &[impl AsRef<str>]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| csv_cell(cell.as_ref())).collect();
    format!("{}\r\n", cells.join(","))
}

fn csv_cell(text: &str) -> String {
    let guarded = guarded(text);
    if guarded == text && !text.contains([',', ';', '\t', '"', '\r', '\n']) {
        return guarded;
    }
    format!("\"{}\"", guarded.replace('"', "\"\""))
}

/// An apostrophe before each sign that would begin a formula, which can send the rest of the sheet to
/// a stranger. A cell also begins, quotes or not, after a semicolon or a tab for a reader that separates
/// by these, and then after a line end too.
fn guarded(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 1);
    let mut rest = text.chars();
    let mut begins = true;
    loop {
        if begins && is_formula(rest.as_str()) {
            out.push('\'');
        }
        let Some(c) = rest.next() else { break };
        out.push(c);
        begins = matches!(c, ';' | '\t' | '\r' | '\n');
    }
    out
}

/// Whether a cell of this text is a formula: by its first sign, full-width or not, after what readers drop.
fn is_formula(cell: &str) -> bool {
    let dropped = |c: char| c == '"' || c == ' ' || c == '\u{A0}' || c == '\u{3000}';
    cell.starts_with(['\t', '\r'])
        || cell
            .trim_start_matches(dropped)
            .starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠'])
}

/// Lines of people as a paragraph, each line of theirs on a line of its own.
fn paragraph(out: &mut String, text: &str) {
    let lines: Vec<String> = text
        .lines()
        .map(|line| line_start(&inline(line)))
        .filter(|line| !line.is_empty())
        .collect();
    out.push_str(&lines.join("\\\n"));
    out.push_str("\n\n");
}

/// Words of people on one line, with what Markdown (CommonMark §2.4) and HTML would read as a
/// mark turned into plain characters. A bare address stays one: it leads where it says.
fn inline(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.trim().chars() {
        match c {
            '\n' | '\r' | '\t' => out.push(' '),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' => {
                out.push('\\');
                out.push(c);
            }
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            c => out.push(c),
        }
    }
    out
}

/// The same where a line begins: no heading, no list, no rule.
fn line_start(line: &str) -> String {
    if line.starts_with(['#', '+', '-', '=']) {
        return format!("\\{line}");
    }
    let rest = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = &line[..line.len() - rest.len()];
    if !digits.is_empty() && rest.starts_with(['.', ')']) {
        return format!("{digits}\\{rest}");
    }
    line.to_owned()
}

#[cfg(test)]
mod tests;
