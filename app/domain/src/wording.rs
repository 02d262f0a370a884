//! Reads a customer update while it is written and marks what breaks trust (RUNBOOK §5). A rule
//! table, no model: each mark says which rule it breaks and what to write instead.

use crate::{Incident, Policy, Role, order};
use serde::{Deserialize, Serialize};

/// What is wrong with a stretch of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// A time that is no time: cannot be published.
    Vague,
    /// It says that it is over without proof.
    Unproven,
    /// It says when it will be fixed.
    FixTime,
    /// It points at a person or a party.
    Blame,
    /// Words that only we know.
    Jargon,
    /// A person, host or channel of ours.
    Internal,
}

impl Fault {
    /// All, the one that is never published first.
    pub const ALL: [Self; 6] = [
        Self::Vague,
        Self::Unproven,
        Self::FixTime,
        Self::Blame,
        Self::Jargon,
        Self::Internal,
    ];

    /// As shown.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Vague => "vague time",
            Self::Unproven => "unproven closure",
            Self::FixTime => "promised fix time",
            Self::Blame => "blame",
            Self::Jargon => "jargon",
            Self::Internal => "internal name",
        }
    }

    /// What to write instead.
    #[must_use]
    pub fn instead(self) -> &'static str {
        match self {
            Self::Vague => "is not a time. Say when the next word comes instead",
            Self::Unproven => "says that it is over without proof. Say what was measured instead",
            Self::FixTime => {
                "promises when it will be fixed. Promise the next word instead, that one can be kept"
            }
            Self::Blame => "points at somebody. Say what happened in the system instead",
            Self::Jargon => "is our word, not the customer's. Say what they see instead",
            Self::Internal => "is a name from inside. Leave it out",
        }
    }

    /// Whether a reason lets it stay.
    #[must_use]
    pub fn may_stay(self) -> bool {
        self != Self::Vague
    }
}

/// A stretch of text that breaks trust.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The words as typed.
    pub words: String,
    /// What is wrong with them.
    pub fault: Fault,
}

impl Mark {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> String {
        format!("“{}” {}.", self.words, self.fault.instead())
    }
}

/// Why a marked stretch stays, in its author's words. Kept with the update.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Excuse {
    /// The words as marked.
    pub words: String,
    /// Why they stay.
    pub reason: String,
}

/// Names and words to look for, beside those that ship.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Watch {
    /// Words that only we know.
    pub jargon: Vec<String>,
    /// Names of people, hosts and channels.
    pub names: Vec<String>,
}

impl Watch {
    /// What must not slip into an update of this incident: the people on it, its number and
    /// channel, and what the policy lists.
    #[must_use]
    pub fn over(incident: &Incident, policy: &Policy) -> Self {
        let mut names: Vec<String> = policy.internal_names.clone();
        let mut add = |name: &str| {
            if !name.is_empty() && !names.iter().any(|n| n == name) {
                names.push(name.to_owned());
            }
        };
        for role in Role::ALL {
            let seat = incident.seat(role);
            if let Some(holder) = &seat.holder {
                add(&holder.person.name);
            }
            if let Some(offer) = &seat.offer {
                add(&offer.person.name);
            }
            seat.shadows.iter().for_each(|s| add(&s.name));
        }
        if let Some(declared) = &incident.declared {
            add(&declared.by.name);
        }
        incident.timeline.iter().for_each(|e| add(&e.by.name));
        if let Some(number) = incident.number {
            add(&number.to_string());
        }
        Self {
            jargon: policy.jargon.clone(),
            names,
        }
    }
}

const VAGUE: [&str; 13] = [
    "as soon as possible",
    "as soon as we can",
    "at the earliest opportunity",
    "in the near future",
    "in due course",
    "before long",
    "in a while",
    "momentarily",
    "any minute",
    "shortly",
    "a.s.a.p.",
    "asap",
    "soon",
];

const UNPROVEN: [&str; 20] = [
    "seems stable",
    "seems to be stable",
    "looks stable",
    "appears stable",
    "appears to be stable",
    "seems fixed",
    "seems to be fixed",
    "seems resolved",
    "seems to be resolved",
    "appears to be fixed",
    "appears fixed",
    "appears to be resolved",
    "appears resolved",
    "should be fixed",
    "should be resolved",
    "should now be working",
    "should now work",
    "should be working",
    "we believe it is fixed",
    "hopefully",
];

const FIX_TIME: [&str; 14] = [
    "will be fixed by",
    "will be fixed within",
    "will be fixed in",
    "will be resolved by",
    "will be resolved within",
    "will be resolved in",
    "will be restored by",
    "will be restored within",
    "will be back by",
    "will be back in",
    "fix is expected by",
    "expect to fix",
    "expect a fix",
    "estimated time to fix",
];

const BLAME: [&str; 16] = [
    "human error",
    "operator error",
    "user error",
    "was careless",
    "by mistake",
    "negligence",
    "negligent",
    "is to blame",
    "are to blame",
    "was to blame",
    "whose fault",
    "is at fault",
    "their fault",
    "'s fault",
    "’s fault",
    "forgot to",
];

const JARGON: [&str; 18] = [
    "kubernetes",
    "k8s",
    "oom",
    "oomkilled",
    "p50",
    "p95",
    "p99",
    "5xx",
    "4xx",
    "rca",
    "rfo",
    "mttr",
    "sev-1",
    "sev-2",
    "sev-3",
    "hotfix",
    "runbook",
    "stack trace",
];

/// What a host is called, at its end or within.
const HOST_ENDS: [&str; 5] = [".internal", ".local", ".svc", ".lan", ".corp"];

/// The stretches that break trust, in the order they stand. No two overlap: the longer one counts.
#[must_use]
pub fn marks(text: &str, watch: &Watch) -> Vec<Mark> {
    // Every byte keeps its place, so that places found here are places there. A phrase goes on over
    // the end of a line.
    let lower = text.to_ascii_lowercase().replace(['\n', '\r', '\t'], " ");
    let mut found: Vec<(usize, usize, Fault)> = Vec::new();
    let tables: [(&[&str], Fault); 5] = [
        (&VAGUE, Fault::Vague),
        (&UNPROVEN, Fault::Unproven),
        (&FIX_TIME, Fault::FixTime),
        (&BLAME, Fault::Blame),
        (&JARGON, Fault::Jargon),
    ];
    for (phrases, fault) in tables {
        for phrase in phrases {
            whole_words(&lower, phrase, fault, &mut found);
        }
    }
    for word in &watch.jargon {
        whole_words(
            &lower,
            &word.to_ascii_lowercase(),
            Fault::Jargon,
            &mut found,
        );
    }
    for name in &watch.names {
        whole_words(
            &lower,
            &name.to_ascii_lowercase(),
            Fault::Internal,
            &mut found,
        );
        first_name(text, name, &mut found);
    }
    hosts_and_channels(text, &lower, &mut found);
    longest(text, found)
}

/// Where a phrase stands as whole words.
fn whole_words(lower: &str, phrase: &str, fault: Fault, found: &mut Vec<(usize, usize, Fault)>) {
    if phrase.is_empty() {
        return;
    }
    let inner_start = phrase.chars().next().is_some_and(char::is_alphanumeric);
    for (start, _) in lower.match_indices(phrase) {
        let end = start + phrase.len();
        let before = lower.get(..start).and_then(|t| t.chars().next_back());
        let after = lower.get(end..).and_then(|t| t.chars().next());
        let cut = inner_start && before.is_some_and(char::is_alphanumeric);
        if !cut && !after.is_some_and(char::is_alphanumeric) {
            found.push((start, end, fault));
        }
    }
}

/// A first name counts where it is written as a name, and not at the head of a sentence, where
/// "Will" and "Mark" may be words.
fn first_name(text: &str, name: &str, found: &mut Vec<(usize, usize, Fault)>) {
    let Some((first, _)) = name.split_once(' ') else {
        return;
    };
    if first.chars().count() < 2 {
        return;
    }
    let mut places = Vec::new();
    whole_words(text, first, Fault::Internal, &mut places);
    for (start, end, fault) in places {
        let before = text.get(..start).map_or("", str::trim_end);
        let heads = before.is_empty() || before.ends_with(['.', '!', '?', ':']);
        if !heads {
            found.push((start, end, fault));
        }
    }
}

/// `#inc-2026-0042`, `db-prod-3`, `10.0.3.7`, `cache.internal`.
fn hosts_and_channels(text: &str, lower: &str, found: &mut Vec<(usize, usize, Fault)>) {
    let mut from = 0;
    for word in text.split_whitespace() {
        let Some(at) = text.get(from..).and_then(|rest| rest.find(word)) else {
            continue;
        };
        let whole = from + at;
        from = whole + word.len();
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric() && c != '#');
        let Some(inside) = word.find(bare).filter(|_| !bare.is_empty()) else {
            continue;
        };
        let (start, end) = (whole + inside, whole + inside + bare.len());
        let Some(small) = lower.get(start..end) else {
            continue;
        };
        if is_channel(small) || is_host(small) {
            found.push((start, end, Fault::Internal));
        }
    }
}

fn is_channel(word: &str) -> bool {
    word.strip_prefix('#')
        .is_some_and(|rest| rest.chars().next().is_some_and(char::is_alphabetic))
}

fn is_host(word: &str) -> bool {
    let parts: Vec<&str> = word.split('-').collect();
    let numbered = parts.len() >= 3
        && parts
            .iter()
            .all(|p| !p.is_empty() && p.chars().all(|c| c.is_ascii_alphanumeric()))
        && parts
            .first()
            .is_some_and(|p| p.chars().all(|c| c.is_ascii_alphabetic()))
        && parts
            .last()
            .is_some_and(|p| p.chars().all(|c| c.is_ascii_digit()));
    let octets: Vec<&str> = word.split('.').collect();
    let address = octets.len() == 4 && octets.iter().all(|o| o.parse::<u8>().is_ok());
    numbered || address || HOST_ENDS.iter().any(|end| word.ends_with(end))
}

/// Of stretches that overlap, the one that starts first, and of those the longest.
fn longest(text: &str, mut found: Vec<(usize, usize, Fault)>) -> Vec<Mark> {
    let place = |at: usize| i64::try_from(at).unwrap_or(i64::MAX);
    order::by(&mut found, |(start, end, fault)| {
        [place(*start), -place(*end), *fault as i64]
    });
    let mut marks = Vec::new();
    let mut taken = 0;
    for (start, end, fault) in found {
        if start < taken {
            continue;
        }
        taken = end;
        if let Some(words) = text.get(start..end) {
            marks.push(Mark {
                words: words.to_owned(),
                fault,
            });
        }
    }
    marks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn watch() -> Watch {
        Watch {
            jargon: vec!["Zebra bus".to_owned()],
            names: ["Ana Ruiz", "Bo Lind", "J Doe", "INC-2026-0042"]
                .map(str::to_owned)
                .to_vec(),
        }
    }

    fn found(text: &str) -> Vec<(String, Fault)> {
        marks(text, &watch())
            .into_iter()
            .map(|m| (m.words, m.fault))
            .collect()
    }

    #[test]
    fn each_rule_marks_what_breaks_it() {
        for (text, words, fault) in [
            ("It will be fixed soon.", "soon", Fault::Vague),
            (
                "We reply As Soon As Possible",
                "As Soon As Possible",
                Fault::Vague,
            ),
            ("ASAP", "ASAP", Fault::Vague),
            ("İ soon", "soon", Fault::Vague),
            (
                "Back in the near\nfuture",
                "in the near\nfuture",
                Fault::Vague,
            ),
            ("It seems\tstable.", "seems\tstable", Fault::Unproven),
            (
                "The service seems stable now.",
                "seems stable",
                Fault::Unproven,
            ),
            ("It should be fixed.", "should be fixed", Fault::Unproven),
            ("Hopefully that was it", "Hopefully", Fault::Unproven),
            (
                "It will be fixed by 15:00 UTC",
                "will be fixed by",
                Fault::FixTime,
            ),
            ("This was human error.", "human error", Fault::Blame),
            ("An engineer forgot to renew it", "forgot to", Fault::Blame),
            ("It was the vendor’s fault", "’s fault", Fault::Blame),
            ("The K8s nodes restart", "K8s", Fault::Jargon),
            ("The zebra bus is full", "zebra bus", Fault::Jargon),
            ("Our SEV-1 goes on", "SEV-1", Fault::Jargon),
            ("ana ruiz is looking", "ana ruiz", Fault::Internal),
            ("We asked Ana to look", "Ana", Fault::Internal),
            ("We asked Bo to look", "Bo", Fault::Internal),
            ("See INC-2026-0042", "INC-2026-0042", Fault::Internal),
            (
                "Ask in #inc-checkout, please",
                "#inc-checkout",
                Fault::Internal,
            ),
            ("We restart db-prod-3.", "db-prod-3", Fault::Internal),
            ("Traffic from 10.0.3.7 stops", "10.0.3.7", Fault::Internal),
            ("(cache.internal)", "cache.internal", Fault::Internal),
        ] {
            assert_eq!(found(text), [(words.to_owned(), fault)], "{text}");
        }
    }

    #[test]
    fn honest_sentences_pass() {
        for text in [
            "By 15:10 UTC",
            "No sooner than 15:10",
            "The monsoon season",
            "…soonest",
            "18 % of sessions get an error when they save.",
            "Error rate is back under 0.1 % since 12:26 UTC, measured for 30 minutes.",
            "Ana: a name at the head of a sentence may be a word.",
            "We rolled back the change of 11:05 UTC.",
            "Week-on-week numbers, up-to-date, end-to-end",
            "On 2026-11-23 and since COVID-19",
            "We asked J to look, and B too.",
            "Version 2.4.1 and 99.95 % and issue #7",
            "We forgot nothing.",
            "عطل في الدفع 🧨",
            "",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
    }

    #[test]
    fn stretches_that_overlap_are_one_mark_and_stand_in_order() {
        assert_eq!(
            found("Soon, as soon as possible, it should be fixed"),
            [
                ("Soon".to_owned(), Fault::Vague),
                ("as soon as possible".to_owned(), Fault::Vague),
                ("should be fixed".to_owned(), Fault::Unproven),
            ]
        );
    }

    #[test]
    fn a_very_long_paste_is_read_in_one_go() {
        let long = "ordinary words ".repeat(500) + "soon";
        assert_eq!(found(&long).len(), 1);
    }
}
