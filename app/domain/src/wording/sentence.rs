//! Rules that look at the words of a sentence together, for what no fixed phrase catches: "will be
//! live by 14:00", "caused by our vendor" (RUNBOOK §5).

use super::{Fault, Stretch};

/// What a sentence must not say, as words in their order. `a|b` is either word, and one of them may be
/// missing where it ends in `?`; `..2` is up to two words of any kind; what stands in `<>` is below.
const RULES: [(Fault, &str); 21] = [
    (Fault::Vague, "in|within the? next? few|couple of? <span>"),
    (Fault::Vague, "in a few|couple of? <span>"),
    (Fault::Vague, "in|within the next <span>"),
    (Fault::Vague, "later today|tonight|tomorrow"),
    (Fault::Vague, "later this morning|afternoon|evening|week"),
    (Fault::Vague, "sometime today|tonight|tomorrow"),
    (Fault::Vague, "by the? end of the? day|business|week"),
    (Fault::FixTime, "<will> ..3 <fixed> ..2 <when>"),
    (Fault::FixTime, "<will> ..3 <fixed> within|in ..2 <span>"),
    (Fault::FixTime, "<will> ..2 be|go <well> ..3 <when>"),
    (
        Fault::FixTime,
        "<will> ..2 be|go <well> within|in ..2 <span>",
    ),
    (
        Fault::Unproven,
        "<all> is|are|has|have been? <now>? fixed|resolved|solved|over",
    ),
    (Fault::Unproven, "<all> is|are <now>? back to normal"),
    (Fault::Unproven, "<all> has|have returned to normal"),
    (Fault::Unproven, "everything works again|now|normally|fine"),
    (Fault::Blame, "caused|triggered|introduced by ..2 <party>"),
    (Fault::Blame, "due|because to|of ..2 <party>"),
    (Fault::Blame, "mistake|error|fault of|by ..2 <party>"),
    (Fault::Blame, "<party> has|had? made a|an ..1 mistake|error"),
    (Fault::Blame, "<party> accidentally|wrongly|mistakenly"),
    (
        Fault::Blame,
        "<party> has|had? broke|broken|misconfigured|mistyped|overlooked",
    ),
];

/// What stands for many words in a rule.
fn many(name: &str) -> &'static str {
    match name {
        "<span>" => "moments|minutes|hours|days|weeks",
        // Who promises that something will be so.
        "<will>" => "will|we'll|we’ll|it'll|it’ll|should|shall|expect|hope|plan|going",
        "<fixed>" => "fixed|resolved|restored|solved|repaired|recovered",
        "<well>" => "live|back|up|online|operational|available|working",
        "<now>" => "now|all|fully|completely",
        // What is said to be well again.
        "<all>" => {
            "everything|all|service|services|system|systems|issue|problem|incident|outage|it"
        }
        // A person or a party by what they do. "We" is none: to own a mistake is honest.
        "<party>" => {
            "vendor|supplier|provider|contractor|partner|engineer|developer|dba|admin|administrator|\
             operator|technician|employee|colleague"
        }
        "<when>" => "tonight|today|tomorrow|noon|midnight",
        _ => "",
    }
}

/// What says that something was, beside what ends in "-ed".
const PAST: &str = "was|were|had|did|took|came|went|fell|rose|began|became|got|ran|brought";

/// What says that something is or comes, whatever else ends in "-ed" there.
const PRESENT: &str = "is|are|be|being|get|gets|follow|follows|come|comes|would|planned|scheduled|expected|\
    hoped|promised";

/// After these, what ends in "-ed" says which one is meant.
const BEFORE_A_NOUN: &str = "the|a|an|all|any|some|most|these|those|our|your|their|of|to|for|from|by|with|\
    as|that|who|which|what";

/// What takes the offence away, when it stands in the stretch or among the three words before.
fn unless(fault: Fault) -> &'static str {
    match fault {
        // The next word is promised, and should be.
        Fault::FixTime => "update|updates|news|word|report|tell|share|summary|more",
        Fault::Unproven => "until|till|once|when|before|after|if|whether|unless|not",
        Fault::Blame => "not|nor",
        _ => "",
    }
}

/// One word, in lower case, and where it stands.
#[derive(Clone, Copy)]
struct Word<'a> {
    start: usize,
    end: usize,
    text: &'a str,
    sentence: usize,
}

/// Adds the stretches that break a rule; what claims that it is over only while it is not `resolved`.
pub(super) fn find(lower: &str, resolved: bool, found: &mut Vec<Stretch>) {
    let words = words(lower);
    for (fault, pattern) in RULES {
        if fault == Fault::Unproven && resolved {
            continue;
        }
        let takes_a_span = fault == Fault::Vague && pattern.ends_with("<span>");
        let pattern: Vec<&str> = pattern.split(' ').collect();
        for (at, first) in words.iter().enumerate() {
            let same = |w: &&Word<'_>| w.sentence == first.sentence;
            let rest = words.get(at..).unwrap_or_default();
            let rest = rest.get(..rest.iter().take_while(same).count());
            let Some(length) = matched(rest.unwrap_or_default(), &pattern) else {
                continue;
            };
            let mut near = words.iter().take(at + length).skip(at.saturating_sub(3));
            let mut to_here = words.iter().take(at + 1).filter(same);
            let spared = near.any(|w| same(&w) && is_one(w.text, unless(fault)))
                || takes_a_span && is_past(lower, &mut to_here)
                || is_more_than(lower, words.get(at + length - 1..).unwrap_or_default());
            if let (Some(last), false) = (words.get(at + length - 1), spared) {
                found.push((first.start, last.end, fault));
            }
        }
    }
}

/// Whether these words of a sentence, the last of which begins a span, tell of the past: "sign-in recovered
/// in a few minutes" promises nothing. Where one cannot tell, they do not: a vague promise must never get out,
/// and a number of minutes is soon written.
fn is_past<'a>(lower: &str, words: &mut dyn Iterator<Item = &'a Word<'a>>) -> bool {
    let (mut past, mut present) = (false, false);
    let mut before: Option<&Word<'_>> = None;
    for word in words {
        if is_one(word.text, many("<will>")) {
            return false;
        }
        if before.is_some_and(|b| is_cut(lower, b, word)) {
            (past, present, before) = (false, false, None);
        }
        // After "and" what was told before says nothing: "we rolled back and report in a few minutes". An "is"
        // goes on: "it is tested and deployed in a few hours".
        past &= !is_one(word.text, "and|but|so|then");
        present |= is_one(word.text, PRESENT);
        past |= is_one(word.text, PAST) || before.is_some_and(|b| is_told(word.text, b.text));
        before = Some(word);
    }
    past && !present
}

/// "Sign-in recovered", and neither "the affected customers" nor "we need".
fn is_told(word: &str, before: &str) -> bool {
    word.ends_with("ed") && !word.ends_with("eed") && !is_one(before, BEFORE_A_NOUN)
}

/// Whether the first word is the "over" of "over 18 %".
fn is_more_than(lower: &str, words: &[Word<'_>]) -> bool {
    let [over, next, ..] = words else {
        return false;
    };
    let number = next.text.starts_with(|c: char| c.is_ascii_digit());
    let amount = number || is_one(next.text, "half|a|an");
    over.text == "over" && over.sentence == next.sentence && amount && !is_cut(lower, over, next)
}

/// Whether a mark stands between two words that follow each other.
fn is_cut(lower: &str, one: &Word<'_>, next: &Word<'_>) -> bool {
    let between = lower.get(one.end..next.start).unwrap_or_default();
    between.contains([',', ':', '(', ')', '–', '—'])
}

/// How many words the pattern takes from the first on; none when they do not follow it.
fn matched(words: &[Word<'_>], pattern: &[&str]) -> Option<usize> {
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
        .filter(|(word, _)| fits(word.text, element))
        .and_then(|(_, rest)| matched(rest, after).map(|n| n + 1));
    match taken {
        None if optional => matched(words, after),
        taken => taken,
    }
}

fn fits(word: &str, element: &str) -> bool {
    match element {
        "<party>" => {
            // Ours, theirs, or several of them.
            let one = word.strip_suffix('s').unwrap_or(word);
            let one = one.strip_suffix(['\'', '’']).unwrap_or(one);
            is_one(one, many(element))
        }
        "<when>" => is_clock(word) || is_one(word, many(element)),
        _ if element.starts_with('<') => is_one(word, many(element)),
        words => is_one(word, words),
    }
}

/// Whether it is one of `a|b|c`.
pub(super) fn is_one(word: &str, words: &str) -> bool {
    words.split('|').any(|w| w == word)
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

/// The words of a text, each with the number of its sentence. A dot ends one before a space, and not in
/// 2.4 or at the end of the text.
fn words(lower: &str) -> Vec<Word<'_>> {
    let mut words: Vec<Word<'_>> = Vec::new();
    let (mut sentence, mut inside, mut ends) = (0, false, false);
    for (at, c) in lower.char_indices() {
        if c == ' ' {
            sentence += usize::from(ends);
            (inside, ends) = (false, false);
            continue;
        }
        ends = matches!(c, '.' | '!' | '?' | ';');
        if !c.is_alphanumeric() {
            continue;
        }
        // What stands within a word belongs to it: `14:00`, `we'll`, `back-up`.
        let known = words.pop_if(|_| inside);
        let start = known.map_or(at, |w| w.start);
        let end = at + c.len_utf8();
        inside = true;
        words.push(Word {
            start,
            end,
            text: lower.get(start..end).unwrap_or_default(),
            sentence,
        });
    }
    words
}
