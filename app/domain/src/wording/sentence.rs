//! Rules that look at the words of a sentence together, for what no fixed phrase catches: "will be
//! live by 14:00", "caused by our vendor" (RUNBOOK §5).

use super::Fault;

/// What a sentence must not say, as words in their order.
struct Rule {
    fault: Fault,
    /// Elements between spaces: `a|b` is either word, one of them may be missing where it ends in
    /// `?`; `..2` is up to two words of any kind; `<when>` is a time of day or a day near by.
    words: &'static str,
    /// What takes the offence away, when it stands in the stretch or among the three words before.
    unless: &'static [&'static str],
}

const fn vague(words: &'static str) -> Rule {
    rule(Fault::Vague, words, &[])
}

const fn fix_time(words: &'static str) -> Rule {
    // The next word is promised, and should be.
    const WORD: &[&str] = &[
        "update", "updates", "news", "word", "report", "tell", "share", "summary", "more",
    ];
    rule(Fault::FixTime, words, WORD)
}

const fn unproven(words: &'static str) -> Rule {
    const NOT_YET: &[&str] = &[
        "until", "till", "once", "when", "before", "after", "if", "whether", "unless", "not",
        "cannot",
    ];
    rule(Fault::Unproven, words, NOT_YET)
}

const fn blame(words: &'static str) -> Rule {
    rule(Fault::Blame, words, &["not", "nor"])
}

const fn rule(fault: Fault, words: &'static str, unless: &'static [&'static str]) -> Rule {
    Rule {
        fault,
        words,
        unless,
    }
}

const RULES: [Rule; 24] = [
    vague("in|within the? next? few|couple of? moments|minutes|hours|days|weeks"),
    vague("in a few|couple of? moments|minutes|hours|days|weeks"),
    vague("in|within the next moments|minutes|hours|days|weeks"),
    vague("in a bit"),
    vague("later today|tonight|tomorrow"),
    vague("later this morning|afternoon|evening|week"),
    vague("sometime today|tonight|tomorrow"),
    vague("some time today|tonight|tomorrow"),
    vague("any time|moment now"),
    vague("by the? end of the? day|business|week"),
    fix_time("<will> ..3 fixed|resolved|restored|solved|repaired|recovered ..2 <when>"),
    fix_time(
        "<will> ..3 fixed|resolved|restored|solved|repaired|recovered within|in ..2 minutes|hours|days",
    ),
    fix_time("<will> ..2 be|go live|back|up|online|operational|available|working ..3 <when>"),
    fix_time(
        "<will> ..2 be|go live|back|up|online|operational|available|working within|in ..2 minutes|hours|days",
    ),
    unproven("<all> is|are|has|have been? now|all|fully|completely? fixed|resolved|solved|over"),
    unproven("<all> is|are now|all|fully|completely? back to normal"),
    unproven("<all> has|have returned to normal"),
    unproven("everything works|is working? again|now|normally|fine"),
    blame("caused|triggered|introduced by ..2 <party>"),
    blame("due|because to|of ..2 <party>"),
    blame("mistake|error|fault of|by ..2 <party>"),
    blame("<party> has|had? made a|an ..1 mistake|error"),
    blame("<party> accidentally|wrongly|mistakenly"),
    blame("<party> has|had? broke|broken|misconfigured|mistyped|overlooked"),
];

/// Who promises that something will be so.
const WILL: [&str; 10] = [
    "will", "we'll", "it'll", "they'll", "should", "shall", "expect", "hope", "plan", "going",
];
/// What is said to be well again.
const ALL: [&str; 11] = [
    "everything",
    "all",
    "service",
    "services",
    "system",
    "systems",
    "issue",
    "problem",
    "incident",
    "outage",
    "it",
];
/// A person or a party by what they do. "We" is none: to own a mistake is honest.
const PARTY: [&str; 20] = [
    "vendor",
    "vendors",
    "supplier",
    "suppliers",
    "provider",
    "providers",
    "contractor",
    "contractors",
    "partner",
    "engineer",
    "engineers",
    "developer",
    "developers",
    "dba",
    "admin",
    "administrator",
    "operator",
    "technician",
    "employee",
    "colleague",
];
const DAYS: [&str; 5] = ["tonight", "today", "tomorrow", "noon", "midnight"];

/// One word, in lower case, and where it stands.
struct Word {
    start: usize,
    end: usize,
    text: String,
    sentence: usize,
}

/// Adds the stretches that break a rule; what claims that it is over only while it is not `resolved`.
pub(super) fn find(lower: &str, resolved: bool, found: &mut Vec<(usize, usize, Fault)>) {
    let words = words(lower);
    for rule in &RULES {
        if rule.fault == Fault::Unproven && resolved {
            continue;
        }
        let pattern: Vec<&str> = rule.words.split(' ').collect();
        for first in 0..words.len() {
            let Some(rest) = words.get(first..) else {
                continue;
            };
            let sentence = rest.first().map_or(0, |w| w.sentence);
            let many = rest.iter().take_while(|w| w.sentence == sentence).count();
            let rest = rest.get(..many).unwrap_or_default();
            let Some(length) = matched(rest, &pattern) else {
                continue;
            };
            let near = words.get(first.saturating_sub(3)..first + length);
            let spared = near
                .unwrap_or_default()
                .iter()
                .any(|w| w.sentence == sentence && rule.unless.contains(&w.text.as_str()));
            let ends = (rest.first(), rest.get(length.saturating_sub(1)));
            if let (Some(first), Some(last), false) = (ends.0, ends.1, spared) {
                found.push((first.start, last.end, rule.fault));
            }
        }
    }
}

/// How many words the pattern takes from the first on; none when they do not follow it.
fn matched(words: &[Word], pattern: &[&str]) -> Option<usize> {
    let Some((element, after)) = pattern.split_first() else {
        return Some(0);
    };
    if let Some(gap) = element.strip_prefix("..") {
        let most = gap.parse().unwrap_or(0);
        return (0..=most).find_map(|skip| matched(words.get(skip..)?, after).map(|n| n + skip));
    }
    let (element, optional) = match element.strip_suffix('?') {
        Some(element) => (element, true),
        None => (*element, false),
    };
    let taken = words
        .split_first()
        .filter(|(word, _)| fits(&word.text, element))
        .and_then(|(_, rest)| matched(rest, after).map(|n| n + 1));
    match taken {
        None if optional => matched(words, after),
        taken => taken,
    }
}

fn fits(word: &str, element: &str) -> bool {
    match element {
        "<will>" => WILL.contains(&word),
        "<all>" => ALL.contains(&word),
        "<party>" => PARTY.contains(&word.strip_suffix("'s").unwrap_or(word)),
        "<when>" => DAYS.contains(&word) || is_clock(word),
        words => words.split('|').any(|w| w == word),
    }
}

/// `14:00`, `2pm`.
fn is_clock(word: &str) -> bool {
    let number = |t: &str| !t.is_empty() && t.chars().all(|c| c.is_ascii_digit());
    let half = word.strip_suffix("am").or(word.strip_suffix("pm"));
    half.is_some_and(number)
        || word
            .split_once(':')
            .is_some_and(|(h, m)| number(h) && number(m))
}

/// The words of a text, each with the number of its sentence.
fn words(lower: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let (mut from, mut sentence) = (0, 0);
    for piece in lower.split(' ') {
        let start = from;
        from += piece.len() + 1;
        let bare = piece.trim_matches(|c: char| !c.is_alphanumeric());
        if let (Some(inside), false) = (piece.find(bare), bare.is_empty()) {
            words.push(Word {
                start: start + inside,
                end: start + inside + bare.len(),
                text: bare.replace('’', "'"),
                sentence,
            });
        }
        sentence += usize::from(piece.ends_with(['.', '!', '?', ';']));
    }
    words
}
