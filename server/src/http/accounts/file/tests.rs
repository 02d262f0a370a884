use super::*;

const HEADER: &str = "name,tier,currency,annual_revenue,monthly_fee";

fn names(file: &File) -> Vec<(u64, &str)> {
    file.rows
        .iter()
        .map(|row| (row.line, row.typed.0[&Field::Name].as_str()))
        .collect()
}

fn good(text: &str) -> File {
    read(text.as_bytes()).unwrap()
}

fn refused(bytes: &[u8]) -> String {
    read(bytes).unwrap_err()
}

#[test]
fn a_good_file_is_read_whatever_its_order_and_its_separator() {
    for (separator, end) in [(",", "\n"), (";", "\r\n"), ("\t", "\n")] {
        let lines = [
            [
                "Monthly Fee",
                "NAME",
                " tier",
                "Currency",
                "Annual-Revenue",
                "notes",
            ],
            [
                "100.50",
                "Orchard Bank",
                "Strategic",
                "EUR",
                "1200",
                "kept, elsewhere",
            ],
            ["7", "\"Halden \"\"Foods\"\"\"", "Growth", "EUR", "84", ""],
        ];
        let lines: Vec<String> = lines
            .iter()
            .map(|l| {
                l.map(|f| {
                    if f.contains(separator) {
                        format!("\"{f}\"")
                    } else {
                        f.to_owned()
                    }
                })
            })
            .map(|l| l.join(separator) + end)
            .collect();
        for mark in ["", "\u{feff}"] {
            let file = good(&format!("{mark}{}", lines.concat()));
            assert_eq!(names(&file), [(2, "Orchard Bank"), (3, "Halden \"Foods\"")]);
            assert_eq!(file.rows[0].typed.0[&Field::MonthlyFee], "100.50");
            assert_eq!(file.unknown, ["notes"]);
            assert_eq!(file.bad, []);
        }
    }
}

#[test]
fn lines_are_counted_as_an_editor_counts_them() {
    let text = format!(
        "{HEADER},contacts\r\nA,T,EUR,1,1,\"Jo; CFO\r\nAl, his deputy\"\r\n\r\nB,T,EUR,1,1,\r\n,,,,,\nC,T,EUR,1,1"
    );
    let file = good(&text);
    assert_eq!(names(&file), [(2, "A"), (5, "B"), (7, "C")]);
    assert_eq!(
        file.rows[0].typed.0[&Field::Contacts],
        "Jo; CFO\r\nAl, his deputy"
    );
    assert_eq!(
        file.rows[1].typed.0[&Field::Contacts],
        "",
        "said, and empty"
    );
    assert!(
        !file.rows[2].typed.0.contains_key(&Field::Contacts),
        "not said at all"
    );
}

#[test]
fn every_record_has_its_line_however_lines_end() {
    let lines = [
        "",
        HEADER,
        "",
        "A,T,EUR,1,1",
        "\"B\",T,EUR,1,1",
        "",
        " ",
        "C,T,EUR,\"1\",\"1\"",
        "",
    ];
    for end in ["\n", "\r\n", "\r"] {
        let file = good(&lines.join(end));
        assert_eq!(names(&file), [(4, "A"), (5, "B"), (8, "C")], "{end:?}");
    }
}

#[test]
fn a_line_that_is_cut_short_lacks_what_is_needed() {
    let file = good(&format!("{HEADER},owner\nA,T,EUR\n"));
    let typed = &file.rows[0].typed.0;
    assert_eq!(
        typed[&Field::MonthlyFee],
        "",
        "which the rules of an account refuse"
    );
    assert!(!typed.contains_key(&Field::Owner));
}

#[test]
fn a_line_with_too_many_fields_is_named() {
    let file = good(&format!(
        "{HEADER}\nA,T,EUR,1,1\nOrchard, Inc,T,EUR,1,1\nB,T,EUR,1,1,, \n"
    ));
    assert_eq!(names(&file), [(2, "A"), (4, "B")]);
    let [bad] = &file.bad[..] else {
        panic!("{:?}", file.bad)
    };
    assert_eq!((bad.line, bad.column), (3, None));
    assert!(bad.problem.contains("6 fields, the header 5"), "{bad:?}");
    assert!(bad.given.starts_with("Orchard · "), "{bad:?}");
}

#[test]
fn a_name_that_is_there_twice_is_named_with_both_lines() {
    let file = good(&format!(
        "{HEADER}\nA,T,EUR,1,1\n b ,T,EUR,1,1\n a,T,EUR,1,1\nA,T,EUR,1,1\n,T,EUR,1,1\n,T,EUR,1,1\n"
    ));
    let bad: Vec<_> = file
        .bad
        .iter()
        .map(|b| (b.line, b.given.as_str()))
        .collect();
    assert_eq!(
        bad,
        [(4, " a"), (5, "A")],
        "an empty name is another problem"
    );
    assert!(
        file.bad[0].problem.contains("on line 2 already"),
        "{:?}",
        file.bad
    );
}

#[test]
fn a_file_that_cannot_be_used_says_why_and_what_to_do() {
    for (text, says) in [
        ("", "There is nothing in it"),
        (" \r\n \n", "There is nothing in it"),
        ("\u{feff}", "There is nothing in it"),
        (HEADER, "a header and no line below"),
        (
            "name,tier,currency,annual_revenue,monthly_fee\n,,,,\n",
            "a header and no line below",
        ),
        (
            "name,tier\nA,T\n",
            "Missing: currency, annual_revenue, monthly_fee.",
        ),
        (
            "Orchard,Strategic,EUR,1,1\n",
            "Missing: name, tier, currency",
        ),
        (
            "name,tier,currency,annual_revenue,monthly_fee,Name\nA,T,EUR,1,1,B\n",
            "column name is there twice",
        ),
        (
            "name,tier,currency,annual_revenue,monthly_fee\nA,\"T,EUR,1,1\nB,T,EUR,1,1\n",
            "opens on line 2 never ends",
        ),
        (
            "name,tier,currency,annual_revenue,monthly_fee\nA,T,EUR,1,1\n\"B\" Inc,T,EUR,1,1\n",
            "On line 3 a quote ends in the middle",
        ),
    ] {
        let problem = refused(text.as_bytes());
        assert!(problem.contains(says), "{text:?}: {problem}");
    }
}

#[test]
fn quotes_inside_and_around_text_are_taken() {
    let file = good(&format!(
        "{HEADER}\n\"a \"\"b\"\"\",\"\",\"EUR\",\"1\",\"1\"\nfive \" inches,T,EUR,1,1\n\"\"\"x\"\"\",T,EUR,1,\"1\""
    ));
    assert_eq!(
        names(&file),
        [(2, "a \"b\""), (3, "five \" inches"), (4, "\"x\"")]
    );
}

#[test]
fn other_letters_than_utf_8_are_refused_with_advice() {
    let latin = [HEADER.as_bytes(), b"\nA,T,EUR,1,1\nCaf\xe9,T,EUR,1,1\n"].concat();
    let problem = refused(&latin);
    assert!(
        problem.contains("not UTF-8") && problem.contains("on line 3"),
        "{problem}"
    );
    assert!(problem.contains("CSV UTF-8"), "{problem}");
    let wide: Vec<u8> = HEADER.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let problem = refused(&[vec![0xff, 0xfe], wide].concat());
    assert!(problem.contains("not UTF-8"), "{problem}");
}

#[test]
fn the_limits_hold_on_both_sides() {
    let lines = |n: usize| {
        let lines = (0..n).map(|n| format!("A{n},T,EUR,1,1\n"));
        format!("{HEADER}\n{}", lines.collect::<String>())
    };
    assert_eq!(good(&lines(LINES_MAX)).rows.len(), LINES_MAX);
    let problem = refused(lines(LINES_MAX + 1).as_bytes());
    assert!(problem.contains("more than 50000 accounts"), "{problem}");

    let line = format!("{HEADER}\nA,T,EUR,1,");
    let full = format!("{line}{}", "1".repeat(FILE_MAX_BYTES - line.len()));
    assert_eq!(good(&full).rows.len(), 1);
    assert!(refused(format!("{full}1").as_bytes()).contains("larger than 5 MB"));
}
