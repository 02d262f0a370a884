//! A CSV file of accounts, read line by line (RFC 4180): commas, semicolons or tabs between the
//! fields, columns in any order. What is wrong is said with its line, and in words that help.

use csv::{ReaderBuilder, StringRecord};
use domain::account::{Field, Typed, key};
use std::collections::HashMap;

/// The largest file, bytes.
pub(super) const FILE_MAX_BYTES: usize = 5_000_000;
/// The most accounts in one file.
pub(super) const LINES_MAX: usize = 50_000;

/// One account's line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// Where it begins, counted from 1.
    pub(super) line: u64,
    /// What it says.
    pub(super) typed: Typed,
}

/// A line that cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct BadLine {
    /// Where it begins, counted from 1.
    pub(super) line: u64,
    /// In which column; none when it is the line as a whole.
    pub(super) column: Option<&'static str>,
    /// What stands there.
    pub(super) given: String,
    /// What is wrong and what to do.
    pub(super) problem: String,
}

/// What a file holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct File {
    /// In the order of the file.
    pub(super) rows: Vec<Row>,
    /// Lines that are no accounts, or the second of their name.
    pub(super) bad: Vec<BadLine>,
    /// Columns that mean nothing here; they are passed over.
    pub(super) unknown: Vec<String>,
}

/// Reads a file.
///
/// # Errors
/// In words, when the file as a whole cannot be used: it is empty, too large, not UTF-8, a quote
/// in it never ends, or a column is missing or there twice.
pub(super) fn read(bytes: &[u8]) -> Result<File, String> {
    if bytes.len() > FILE_MAX_BYTES {
        return Err(too_large());
    }
    let text = text(bytes)?;
    if text.trim().is_empty() {
        return Err("There is nothing in it. Choose a file, or paste its lines.".to_owned());
    }
    let delimiter = delimiter(text);
    let begins = records_begin(text, delimiter)?;
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut records = reader.records().zip(begins);
    let header = match records.next() {
        Some((header, _)) => header.map_err(|error| error.to_string())?,
        None => return Err("There is nothing in it.".to_owned()),
    };
    let columns = columns(&header)?;
    let mut file = File {
        unknown: unknown(&header),
        ..File::default()
    };
    for (record, line) in records {
        let record = record.map_err(|error| error.to_string())?;
        if record.iter().all(|field| field.trim().is_empty()) {
            continue;
        }
        if file.rows.len() + file.bad.len() >= LINES_MAX {
            return Err(format!(
                "It has more than {LINES_MAX} accounts. Split it into several files and import one after the other."
            ));
        }
        take(&mut file, line, &record, &columns);
    }
    if file.rows.is_empty() && file.bad.is_empty() {
        return Err("It has a header and no line below it.".to_owned());
    }
    name_doubles(&mut file);
    Ok(file)
}

/// What is said of a file above the limit.
pub(super) fn too_large() -> String {
    format!(
        "The file is larger than {} MB. Split it into several files and import one after the other.",
        FILE_MAX_BYTES / 1_000_000
    )
}

/// The bytes as text, without the mark that some programs put first.
fn text(bytes: &[u8]) -> Result<&str, String> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let good = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let line = good.iter().filter(|b| **b == b'\n').count() + 1;
        format!(
            "The file is not UTF-8 text; the first letter that cannot be read is on line {line}. \
             Save it again: in Excel as “CSV UTF-8”, in LibreOffice as “Text CSV” with the character set Unicode (UTF-8)."
        )
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// The separator that makes the most known columns of the header.
fn delimiter(text: &str) -> u8 {
    let header = text
        .lines()
        .find(|l| !l.trim().is_empty())
        .unwrap_or_default();
    let known = |delimiter: &u8| {
        let fields = header.split(char::from(*delimiter));
        fields
            .filter(|f| Field::of_column(f.trim().trim_matches('"')).is_some())
            .count()
    };
    // Of equals the last wins, and a comma is the rule.
    [b'\t', b';', b',']
        .into_iter()
        .max_by_key(known)
        .unwrap_or(b',')
}

/// Goes through the text as the parser will, and tells on which line each record begins: the
/// parser counts the `\n` of a `\r\n` to the next record. And it takes a quote that never ends for
/// one long field, which would swallow the lines below it without a word.
fn records_begin(text: &str, delimiter: u8) -> Result<Vec<u64>, String> {
    let mut begins = Vec::new();
    let mut line = 1;
    let mut opened = None;
    let (mut at_record, mut at_field) = (true, true);
    let mut bytes = text.bytes().peekable();
    while let Some(byte) = bytes.next() {
        let ends_line = matches!(byte, b'\r' | b'\n');
        if at_record && !ends_line {
            begins.push(line);
        }
        match (opened, byte) {
            (None, b'"') if at_field => opened = Some(line),
            (Some(_), b'"') if bytes.peek() == Some(&b'"') => {
                bytes.next();
            }
            (Some(_), b'"') => {
                let ends = |next: &u8| *next == delimiter || matches!(next, b'\r' | b'\n');
                if !bytes.peek().is_none_or(ends) {
                    return Err(format!(
                        "On line {line} a quote ends in the middle of a field. Double each quote that is part of the text (\"\")."
                    ));
                }
                opened = None;
            }
            _ => {}
        }
        if byte == b'\n' || (byte == b'\r' && bytes.peek() != Some(&b'\n')) {
            line += 1;
        }
        at_record = opened.is_none() && ends_line;
        at_field = opened.is_none() && (ends_line || byte == delimiter);
    }
    match opened {
        None => Ok(begins),
        Some(line) => Err(format!(
            "A quote that opens on line {line} never ends. Close it, or double it if it is part of the text (\"\")."
        )),
    }
}

/// Which field stands in which place.
fn columns(header: &StringRecord) -> Result<Vec<Option<Field>>, String> {
    let columns: Vec<Option<Field>> = header.iter().map(Field::of_column).collect();
    let count = |field: Field| columns.iter().filter(|c| **c == Some(field)).count();
    let missing: Vec<&str> = Field::ALL
        .into_iter()
        .filter(|f| f.is_required() && count(*f) == 0)
        .map(Field::column)
        .collect();
    if !missing.is_empty() {
        return Err(format!(
            "The first line must name the columns. Missing: {}. Add them; their order does not matter.",
            missing.join(", ")
        ));
    }
    match Field::ALL.into_iter().find(|f| count(*f) > 1) {
        Some(double) => Err(format!(
            "The column {} is there twice. Remove one of the two.",
            double.column()
        )),
        None => Ok(columns),
    }
}

fn unknown(header: &StringRecord) -> Vec<String> {
    header
        .iter()
        .filter(|column| Field::of_column(column).is_none())
        .map(|column| match column.trim() {
            "" => "(without a name)".to_owned(),
            column => column.to_owned(),
        })
        .collect()
}

fn take(file: &mut File, line: u64, record: &StringRecord, columns: &[Option<Field>]) {
    // Spreadsheets leave empty fields off the end, or put some on.
    let is_filled = |field: &str| !field.trim().is_empty();
    let extra = record.iter().skip(columns.len()).any(is_filled);
    if extra {
        file.bad.push(BadLine {
            line,
            column: None,
            given: record.iter().collect::<Vec<_>>().join(" · "),
            problem: format!(
                "The line has {} fields, the header {}. Put text that holds a separator into quotes.",
                record.len(),
                columns.len()
            ),
        });
        return;
    }
    // What a short line leaves out is not said, but what every account needs is then missing.
    let fields = columns.iter().enumerate().filter_map(|(place, column)| {
        let field = (*column)?;
        let text = record.get(place).or(field.is_required().then_some(""))?;
        Some((field, text.to_owned()))
    });
    let typed = Typed(fields.collect());
    file.rows.push(Row { line, typed });
}

/// The first of two lines of one name stays; each further one is named.
fn name_doubles(file: &mut File) {
    let mut seen: HashMap<String, u64> = HashMap::new();
    for row in &file.rows {
        let name = row.typed.0.get(&Field::Name).map_or("", String::as_str);
        if name.trim().is_empty() {
            continue;
        }
        match seen.get(&key(name)) {
            None => {
                seen.insert(key(name), row.line);
            }
            Some(first) => file.bad.push(BadLine {
                line: row.line,
                column: Some(Field::Name.column()),
                given: name.to_owned(),
                problem: format!(
                    "This name is on line {first} already. Keep one of the two lines."
                ),
            }),
        }
    }
}

#[cfg(test)]
mod tests;
