//! What the files hold, and what text of people cannot do in them.

use super::*;
use crate::event::{Event, Recorded};
use crate::evidence::Proves;
use crate::timeline::{EntryKind, Outcomed};
use crate::update::Audience;
use crate::{CommandId, IncidentId, IncidentNumber, PersonId, PersonRef, PublicId, Severity};
use chrono::Duration;
use serde_json::Value;
use uuid::Uuid;

const NASTY: &str = "# Not a heading\n- [click](javascript:alert(1)) <b>&amp;</b> *x* | ~y~\n1. one\n=====\nعطل في الدفع 🧨";

fn at(min: i64) -> Time {
    // 2026-11-23T12:00Z.
    Time::from_timestamp(1_795_435_200, 0).unwrap() + Duration::minutes(min)
}

fn id(n: u128) -> CommandId {
    CommandId(Uuid::from_u128(n))
}

fn incident(events: Vec<(i64, Event)>) -> Incident {
    let mut incident = Incident::empty(IncidentId(Uuid::from_u128(1)));
    for (n, (min, event)) in (1..).zip(events) {
        incident.apply(&Recorded {
            seq: n,
            incident: incident.id,
            version: n,
            at: at(min),
            made_at: at(min),
            by: PersonRef {
                id: PersonId(Uuid::nil()),
                name: "Ana, \"the\" [IC]".to_owned(),
            },
            command: id(u128::from(n)),
            stamped_at: None,
            event,
        });
    }
    incident
}

fn logged(text: &str, happened_min: i64) -> Event {
    Event::EntryLogged {
        kind: EntryKind::Action,
        text: text.to_owned(),
        result: Some(Outcomed {
            text: "Errors\r\ngo down".to_owned(),
            outcome: Outcome::Worked,
        }),
        links: vec![
            "https://logs.example/a_b".to_owned(),
            "https://two.example".to_owned(),
        ],
        happened_at: Some(at(happened_min)),
    }
}

/// A declared incident with a late entry amended twice, and a file as proof.
fn whole() -> Incident {
    let amended = |text: &str| Event::EntryAmended {
        entry: id(3),
        text: text.to_owned(),
        reason: "Wrong host".to_owned(),
    };
    incident(vec![
        (
            0,
            Event::Declared {
                title: "Checkout *errors*\n# in all regions".to_owned(),
                severity: Severity::Sev1,
                customer_sees: "Orders fail.".to_owned(),
                impact_began_at: at(-9),
                components: Vec::new(),
                audience: Audience::Public,
            },
        ),
        (
            0,
            Event::Numbered {
                number: IncidentNumber {
                    year: 2026,
                    serial: 42,
                },
                public_id: PublicId("k3v9".to_owned()),
            },
        ),
        (30, logged("Restarted db-1", 5)),
        (31, amended("Restarted db-2")),
        (32, amended("Restarted db-3")),
        (
            33,
            Event::EvidenceAttached {
                proves: Proves::HarmStopped,
                proof: Proof::File {
                    name: "graph.png".to_owned(),
                    sha256: "ab".repeat(32),
                    bytes: 1234,
                    media_type: "image/png".to_owned(),
                },
                shows: "Errors are gone".to_owned(),
                watched_min: Some(30),
            },
        ),
    ])
}

/// The whole file.
fn saved(format: Format, incident: &Incident) -> String {
    (0..).map_while(|nth| format.part(incident, nth)).collect()
}

fn markdown(incident: &Incident) -> String {
    saved(Format::Markdown, incident)
}

fn csv(incident: &Incident) -> String {
    saved(Format::Csv, incident)
}

fn json(incident: &Incident) -> String {
    saved(Format::Json, incident)
}

/// Reads CSV as RFC 4180 says, without any leniency.
fn parsed(csv: &str) -> Vec<Vec<String>> {
    let mut rows = vec![Vec::new()];
    let (mut cell, mut quoted) = (String::new(), false);
    let text = csv.strip_prefix(BYTE_ORDER_MARK).unwrap_or(csv);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, quoted) {
            ('"', true) if chars.peek() == Some(&'"') => {
                chars.next();
                cell.push('"');
            }
            ('"', true) => {
                quoted = false;
                assert!(matches!(chars.peek(), Some(',' | '\r')), "after {cell:?}");
            }
            ('"', false) => {
                assert!(cell.is_empty(), "a quote inside {cell:?}");
                quoted = true;
            }
            (',', false) => rows.last_mut().unwrap().push(std::mem::take(&mut cell)),
            ('\r', false) => {
                assert_eq!(chars.next(), Some('\n'));
                rows.last_mut().unwrap().push(std::mem::take(&mut cell));
                rows.push(Vec::new());
            }
            (c, false) => {
                assert_ne!(c, '\n', "a bare line end");
                cell.push(c);
            }
            (c, true) => cell.push(c),
        }
    }
    assert!(!quoted && rows.pop().is_some_and(|r| r.is_empty()));
    rows
}

fn column(csv: &str, name: &str) -> Vec<String> {
    let place = COLUMNS.iter().position(|c| *c == name).unwrap();
    parsed(csv)
        .into_iter()
        .skip(1)
        .map(|row| row[place].clone())
        .collect()
}

#[test]
fn the_csv_holds_every_entry_whole() {
    let csv = csv(&whole());
    let rows = parsed(&csv);
    assert_eq!(rows[0], COLUMNS);
    assert!(rows.iter().all(|row| row.len() == COLUMNS.len()));
    assert_eq!(rows.len(), 1 + whole().timeline.len());
    let logged = rows
        .iter()
        .find(|row| row[6] == "Restarted db-3")
        .expect("the text in force");
    assert_eq!(logged[0], "INC-2026-0042");
    assert_eq!(logged[1], "2026-11-23T12:05:00.000Z");
    assert_eq!(logged[2], "2026-11-23T12:30:00.000Z");
    assert_eq!(logged[3], "yes");
    assert_eq!(logged[4], "Ana, \"the\" [IC]");
    assert_eq!(logged[5], "action");
    assert_eq!(logged[7], "Restarted db-1");
    assert!(logged[8].contains("Restarted db-2 (Wrong host)\n"));
    assert_eq!(logged[9], "Errors\r\ngo down");
    assert_eq!(logged[10], "worked");
    assert_eq!(logged[11], "https://logs.example/a_b\nhttps://two.example");
    let proofs = column(&csv, "proof");
    assert!(
        proofs.contains(&format!(
            "file graph.png, image/png, 1234 bytes, SHA-256 {}",
            "ab".repeat(32)
        )),
        "{proofs:?}"
    );
    assert!(column(&csv, "proof_stands").contains(&"yes".to_owned()));
}

#[test]
fn no_cell_begins_a_formula_and_no_letter_is_lost() {
    let nasty = [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "=HYPERLINK(\"https://evil.example\",\"x\")",
        "\u{202E}عطل 🧨, \"quoted\"\r\nand more",
        "＝1＋1",
        "＋1",
        "－1",
        "＠SUM(A1)",
        "done; =1+1",
        "done;\"=1+1",
        "a\t=1+1",
        "a;b\n=1+1",
        "a;b\r-1",
        "a;\u{3000}＝1",
        NASTY,
    ];
    for text in nasty {
        let csv = csv(&incident(vec![(1, logged(text, 1))]));
        let told = column(&csv, "text").remove(0);
        assert_eq!(told.replace('\'', ""), text.replace('\'', ""));
        let is_formula = |cell: &str| {
            let dropped = ['"', ' ', '\u{3000}'];
            cell.trim_start_matches(dropped)
                .starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠'])
        };
        for row in parsed(&csv) {
            assert!(!row.iter().any(|cell| is_formula(cell)), "{row:?}");
        }
        // Whoever separates by semicolons or tabs sees other cells, and quotes in the midst of them.
        for cell in csv.split([';', '\t', '\r', '\n']) {
            assert!(!is_formula(cell), "{cell:?} in {csv}");
        }
    }
    for (text, cell) in [
        ("\tx", "\"'\tx\""),
        ("\rx", "\"'\rx\""),
        ("a;=1", "\"a;'=1\""),
        ("a; b - c", "\"a; b - c\""),
        ("1-2", "1-2"),
        ("plain", "plain"),
        ("", ""),
    ] {
        assert_eq!(csv_cell(text), cell);
    }
}

#[test]
fn the_csv_says_that_it_is_utf_8() {
    assert!(csv(&whole()).starts_with("\u{FEFF}incident,"));
}

#[test]
fn the_markdown_holds_every_entry_whole() {
    let text = markdown(&whole());
    assert!(
        text.starts_with(
            "# INC-2026-0042: Checkout \\*errors\\* # in all regions\n\nSEV-1, Active."
        ),
        "{text}"
    );
    for part in [
        "### 2026-11-23T12:05:00.000Z · action\n\nRestarted db-3\n",
        "- By Ana, \"the\" \\[IC\\], written 2026-11-23T12:30:00.000Z, late\n",
        "- Result (worked): Errors  go down\n",
        "- Link: https://logs.example/a\\_b\n",
        "because: Wrong host. It said before: Restarted db-1\n",
        "because: Wrong host. It said before: Restarted db-2\n",
        "- Proof that the harm no longer spreads: file graph.png",
        "- Watched for 30 min\n",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert_eq!(text.matches("\n### ").count(), whole().timeline.len());
}

#[test]
fn text_in_the_markdown_forges_nothing() {
    let text = markdown(&incident(vec![(1, logged(NASTY, 1))]));
    assert!(
        text.contains(
            "\\# Not a heading\\\n\\- \\[click\\](javascript:alert(1)) &lt;b&gt;&amp;amp;&lt;/b&gt; \\*x\\* \\| \\~y\\~\\\n\
             1\\. one\\\n\\=====\\\nعطل في الدفع 🧨\n"
        ),
        "{text}"
    );
    let headings = text.lines().filter(|l| l.starts_with('#')).count();
    assert_eq!(headings, 3, "{text}");
    // A carriage return alone ends a line in Markdown too.
    let text = markdown(&incident(vec![(1, logged("a\r# b", 1))]));
    assert!(text.contains("a # b") && !text.contains('\r'), "{text:?}");
}

/// A timeline of 20 MB must not need as much memory to be sent.
#[test]
fn a_part_of_a_file_is_one_entry_and_nothing_of_another() {
    let texts = ["a first", "a second", "a third"];
    let incident = incident(texts.map(|text| (1, logged(text, 1))).into());
    for format in [Format::Markdown, Format::Csv, Format::Json] {
        for (nth, text) in texts.iter().enumerate() {
            let part = format.part(&incident, nth + 1).unwrap();
            let in_it = texts.iter().filter(|other| part.contains(*other));
            assert_eq!(in_it.collect::<Vec<_>>(), [text], "{part}");
        }
        assert_eq!(format.part(&incident, texts.len() + 2), None);
    }
}

#[test]
fn the_json_holds_every_field_of_every_entry() {
    let incident = whole();
    let read: Value = serde_json::from_str(&json(&incident)).unwrap();
    assert_eq!(read["incident"], "INC-2026-0042");
    let timeline = read["timeline"].as_array().unwrap();
    assert_eq!(timeline.len(), incident.timeline.len());
    for (value, entry) in timeline.iter().zip(&incident.timeline) {
        assert_eq!(
            serde_json::from_value::<Entry>(value.clone()).ok().as_ref(),
            Some(&**entry)
        );
        assert_eq!(value["late"], entry.is_late());
        assert_eq!(value["current_text"], entry.current_text());
    }
    let proof = timeline.iter().find_map(|e| e.get("evidence")).unwrap();
    assert_eq!(proof["proof"]["file"]["sha256"], "ab".repeat(32));
}

#[test]
fn a_report_that_was_never_declared_has_a_timeline_too() {
    let report = incident(vec![(
        0,
        Event::Reported {
            what: "Slow".to_owned(),
            source: "Alert".to_owned(),
        },
    )]);
    assert!(markdown(&report).starts_with("# not numbered yet: Slow\n\nAll times"));
    assert_eq!(parsed(&csv(&report)).len(), 1 + report.timeline.len());
    let read: Value = serde_json::from_str(&json(&report)).unwrap();
    assert!(read["incident"].is_null() && read["status"].is_null());
    let empty = Incident::empty(report.id);
    let read: Value = serde_json::from_str(&json(&empty)).unwrap();
    assert_eq!(read["timeline"], json!([]));
}

#[test]
fn an_entry_that_was_stamped_ahead_says_so_in_each_format() {
    let mut incident = whole();
    let ahead = at(180);
    std::sync::Arc::make_mut(&mut incident.timeline[1]).stamped_at = Some(ahead);
    let stamped = column(&csv(&incident), "stamped_at");
    assert_eq!(stamped.iter().filter(|s| !s.is_empty()).count(), 1);
    assert_eq!(stamped[1], time(ahead));
    let line = format!("- The server's clock was ahead and said {}\n", time(ahead));
    assert_eq!(markdown(&incident).matches(&line).count(), 1);
    let value: Value = serde_json::from_str(&json(&incident)).unwrap();
    assert_eq!(value["timeline"][1]["stamped_at"], json!(ahead));
    assert!(value["timeline"][0].get("stamped_at").is_none());
}
