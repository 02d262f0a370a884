//! Reads a customer update while it is written and marks what breaks trust (RUNBOOK §5). A rule
//! table, no model: each mark says which rule it breaks and what to write instead.

mod sentence;
#[cfg(test)]
mod tests;

use crate::{Incident, Policy, Role, Status, order};
use sentence::is_one;
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
    /// Whether it was shown to be over, so that one may say so.
    pub resolved: bool,
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
        incident.hypotheses.iter().for_each(|h| add(&h.owner.name));
        incident.actions.iter().for_each(|a| add(&a.owner.name));
        incident.drafts.values().for_each(|d| add(&d.by.name));
        if let Some(number) = incident.number {
            add(&number.to_string());
        }
        Self {
            jargon: policy.jargon.clone(),
            names,
            resolved: incident.status >= Status::Resolved,
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

/// What people are said to do right after their name.
const DOES: &str = "is|was|has|had|can|found|said|says|asked|fixed|works|looks";

/// What a host's name begins with, before its number: `db-07`, `web01`.
const HOST_STEMS: &str = "api|app|backup|cache|db|dns|gw|host|kafka|lb|mysql|node|pg|proxy|queue|redis|\
    srv|vm|web|worker";

/// What stands before a host's name.
const HOST_WORDS: &str = "host|hosts|server|machine|node";

/// What a host is called, at its end or within.
const HOST_ENDS: [&str; 5] = [".internal", ".local", ".svc", ".lan", ".corp"];

/// Where it begins and ends in the text, bytes, and what is wrong with it.
type Stretch = (usize, usize, Fault);

/// The stretches that break trust, in the order they stand. No two overlap: the longer one counts.
#[must_use]
pub fn marks(text: &str, watch: &Watch) -> Vec<Mark> {
    // Every byte keeps its place, so that places found here are places there. A phrase goes on over
    // the end of a line.
    let lower = text.to_ascii_lowercase().replace(['\n', '\r', '\t'], " ");
    let mut found: Vec<Stretch> = Vec::new();
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
    sentence::find(&lower, watch.resolved, &mut found);
    hosts_and_channels(text, &lower, &mut found);
    longest(text, found)
}

/// Where a phrase stands as whole words.
fn whole_words(lower: &str, phrase: &str, fault: Fault, found: &mut Vec<Stretch>) {
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

/// A first name counts where it is written as a name. At the head of a sentence, where "Will" and
/// "Mark" may be words, what comes after it has to show that somebody does something.
fn first_name(text: &str, name: &str, found: &mut Vec<Stretch>) {
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
        let after = text.get(end..).unwrap_or_default();
        let next = after.split_whitespace().next().unwrap_or_default();
        let does = after.starts_with(' ') && is_one(next, DOES);
        if !heads || does {
            found.push((start, end, fault));
        }
    }
}

/// `#inc-2026-0042`, `db-prod-3`, `10.0.3.7`, `cache.internal`.
fn hosts_and_channels(text: &str, lower: &str, found: &mut Vec<Stretch>) {
    let mut from = 0;
    let mut before = "";
    for word in text.split_whitespace() {
        let said_host = is_one(&before.to_ascii_lowercase(), HOST_WORDS);
        before = word;
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
        if is_channel(small) || is_host(small) || (said_host && is_numbered(small)) {
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
    let stem = word.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = word.len() - stem.len();
    let stem_of = |name: &str| is_one(name, HOST_STEMS);
    let plain = match stem.strip_suffix('-') {
        Some(name) => digits > 0 && stem_of(name),
        // `web3` is a word of our days.
        None => digits > 1 && stem_of(stem),
    };
    let octets: Vec<&str> = word.split('.').collect();
    let address = octets.len() == 4 && octets.iter().all(|o| o.parse::<u8>().is_ok());
    numbered || plain || address || HOST_ENDS.iter().any(|end| word.ends_with(end))
}

/// Letters and digits, as names of machines have: `eu-west-3`, `db07`.
fn is_numbered(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_alphabetic())
        && word.contains(|c: char| c.is_ascii_digit())
}

/// Of stretches that overlap, the one that can never stay; of equals the one that starts first, and of
/// those the longest.
fn longest(text: &str, mut found: Vec<Stretch>) -> Vec<Mark> {
    let place = |at: usize| i64::try_from(at).unwrap_or(i64::MAX);
    order::by(&mut found, |(start, end, fault)| {
        let stays = i64::from(fault.may_stay());
        [stays, place(*start), -place(*end)]
    });
    let mut taken: Vec<Stretch> = Vec::new();
    for stretch in found {
        let before = taken.iter().filter(|t| t.1 <= stretch.0).count();
        let after = taken.iter().filter(|t| t.0 >= stretch.1).count();
        if before + after == taken.len() {
            taken.insert(before, stretch);
        }
    }
    let mark = |(start, end, fault): Stretch| {
        let words = text.get(start..end)?.to_owned();
        Some(Mark { words, fault })
    };
    taken.into_iter().filter_map(mark).collect()
}
