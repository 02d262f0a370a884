//! Texts on their way to being published: who is writing, what is ready, what the commander
//! approved (RUNBOOK §5, §8).

use crate::brief::BriefText;
use crate::customer::Customer;
use crate::incident::SeverityChange;
use crate::policy::minutes;
use crate::role::Answer;
use crate::shown::moment;
use crate::triage::Users;
use crate::update::{Audience, UpdateText};
use crate::wording::Excuse;
use crate::{EntryId, Incident, PersonId, PersonRef, Policy, Role, Severity, Time};
use serde::{Deserialize, Serialize};

/// How long it holds that somebody writes, after their last sign of it. They give one with a key when half
/// of it is over.
pub const WRITING_LAPSES_MIN: u32 = 10;

/// What is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Of {
    /// A customer update.
    Update,
    /// An executive brief.
    Brief,
}

impl Of {
    /// As shown.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Update => "customer update",
            Self::Brief => "executive brief",
        }
    }
}

/// A whole text, put up for approval.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DraftText {
    /// A customer update, with what its author says to each mark.
    Update {
        /// What customers will read.
        text: UpdateText,
        /// Why each marked stretch stays.
        excuses: Vec<Excuse>,
    },
    /// An executive brief.
    Brief {
        /// What executives will read.
        text: BriefText,
    },
}

impl DraftText {
    /// With the names that its readers have on the incident by now.
    #[must_use]
    pub fn called_today(&self, incident: &Incident) -> Self {
        let mut draft = self.clone();
        if let Self::Update { text, .. } = &mut draft {
            text.audience = text.audience.called_today(incident);
        }
        draft
    }

    /// All of it, for who is asked to approve it at `now`.
    #[must_use]
    pub fn in_words(&self, now: Time) -> String {
        let mut lines = Vec::new();
        match self {
            Self::Update { text, excuses } => {
                lines.push(format!(
                    "{}, to {}",
                    text.kind.label(),
                    text.audience.label()
                ));
                lines.extend([&text.acknowledge, &text.impact, &text.action].map(Clone::clone));
                if let Some(closure) = &text.closure {
                    lines.push(format!("Cause: {}", closure.cause));
                    lines.push(format!("Prevention: {}", closure.prevention));
                }
                lines.extend(
                    text.components
                        .iter()
                        .map(|c| format!("{}: {}", c.name, c.state.label())),
                );
                lines.extend(
                    text.next_at
                        .map(|at| format!("Next update by {}", moment(at, now))),
                );
                lines.extend(
                    excuses
                        .iter()
                        .map(|e| format!("“{}” stays: {}", e.words, e.reason)),
                );
            }
            Self::Brief { text } => {
                lines.extend([&text.happened, &text.impact].map(Clone::clone));
                lines.extend(text.risks.iter().map(|r| format!("Risk: {r}")));
                lines.extend(text.asks.iter().map(|a| {
                    let by = a.needed_by.map(|at| format!(", by {}", moment(at, now)));
                    format!("Ask of {}: {}{}", a.of, a.what, by.unwrap_or_default())
                }));
                let eta = text.eta.as_ref();
                lines.extend(eta.map(|e| {
                    let (at, sure) = (moment(e.at, now), e.confidence.label());
                    format!(
                        "Over by {at} ({sure} confidence), depends on {}",
                        e.depends_on
                    )
                }));
                lines.push(format!("Changed: {}", text.changed));
            }
        }
        lines.join("\n")
    }

    /// What it says, without capitals, spaces and marks: a comma more makes no other text.
    #[must_use]
    pub fn bare_words(&self) -> String {
        let mut said: Vec<&str> = Vec::new();
        match self {
            Self::Update { text, .. } => {
                said.extend([&*text.acknowledge, &*text.impact, &*text.action]);
                let closure = text.closure.as_ref();
                said.extend(closure.map(|c| &*c.cause));
                said.extend(closure.map(|c| &*c.prevention));
            }
            Self::Brief { text } => {
                said.extend([&*text.happened, &*text.impact, &*text.changed]);
                said.extend(text.risks.iter().map(|risk| &**risk));
                said.extend(text.asks.iter().map(|ask| &*ask.what));
            }
        }
        let letters = said.into_iter().flat_map(str::chars);
        let letters = letters.filter(|c| c.is_alphanumeric());
        letters.flat_map(char::to_lowercase).collect()
    }

    /// Whether who approved this approved what is published: the same words, and no other reason why marked ones
    /// stay.
    #[must_use]
    pub fn covers(&self, published: &Self) -> bool {
        let same_reason =
            |a: &Excuse, b: &Excuse| a.words.eq_ignore_ascii_case(&b.words) && a.reason == b.reason;
        match (self, published) {
            (Self::Update { excuses, .. }, Self::Update { excuses: given, .. }) => {
                let is_known = |given: &Excuse| excuses.iter().any(|e| same_reason(e, given));
                self.says_same(published) && given.iter().all(is_known)
            }
            _ => self.says_same(published),
        }
    }

    /// Whether both say the same, wherever a promise has moved.
    #[must_use]
    pub fn says_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Update { text, .. }, Self::Update { text: other, .. }) => {
                same_words(text, other)
            }
            (Self::Brief { text }, Self::Brief { text: other }) => text == other,
            _ => false,
        }
    }

    /// Whether it is addressed to the customer of this line by name.
    #[must_use]
    pub fn is_read_by(&self, line: &Customer) -> bool {
        match self {
            Self::Update { text, .. } => match &text.audience {
                Audience::Public => false,
                Audience::Named { customers } => customers.iter().any(|reader| line.is(reader.id)),
            },
            Self::Brief { .. } => false,
        }
    }

    /// What it is.
    #[must_use]
    pub fn of(&self) -> Of {
        match self {
            Self::Update { .. } => Of::Update,
            Self::Brief { .. } => Of::Brief,
        }
    }
}

/// How far a draft is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Somebody writes.
    Writing,
    /// It waits for the commander.
    Ready {
        /// The command that put it up.
        id: EntryId,
        /// When, server time.
        at: Time,
        /// The text.
        text: Box<DraftText>,
    },
    /// The commander wants it changed.
    Returned {
        /// Why.
        reason: String,
        /// By whom.
        by: PersonRef,
        /// The text.
        text: Box<DraftText>,
    },
    /// It may be published as it is.
    Approved {
        /// The command that put it up.
        #[serde(default)]
        id: EntryId,
        /// By whom.
        by: PersonRef,
        /// When, server time.
        at: Time,
        /// The text.
        text: Box<DraftText>,
    },
}

/// The one draft of its kind that is open on an incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// Who writes it.
    pub by: PersonRef,
    /// Since when, server time.
    pub opened_at: Time,
    /// How far it is.
    pub stage: Stage,
}

impl Draft {
    /// The text, once it was put up.
    #[must_use]
    pub fn text(&self) -> Option<&DraftText> {
        match &self.stage {
            Stage::Writing => None,
            Stage::Ready { text, .. }
            | Stage::Returned { text, .. }
            | Stage::Approved { text, .. } => Some(text),
        }
    }

    /// Whether somebody began to write and gave no sign for a while: then it holds nobody up. A text
    /// that was put up stands until something becomes of it.
    #[must_use]
    pub fn has_lapsed(&self, now: Time) -> bool {
        self.stage == Stage::Writing && now > self.opened_at + minutes(WRITING_LAPSES_MIN)
    }

    /// Whether a key that this person types is worth a sign that they write: nobody's text is up, or their own sign
    /// grows old.
    #[must_use]
    pub fn wants_a_sign(up: Option<&Self>, person: PersonId, now: Time) -> bool {
        up.filter(|up| !up.has_lapsed(now)).is_none_or(|up| {
            let grows_old = now > up.opened_at + minutes(WRITING_LAPSES_MIN / 2);
            up.stage == Stage::Writing && up.by.id == person && grows_old
        })
    }

    /// Whether its author is somebody else, who has not let go of it.
    #[must_use]
    pub fn is_held_from(&self, person: PersonId, now: Time) -> bool {
        self.by.id != person && !self.has_lapsed(now)
    }
}

/// A text that somebody put up while another person held the command, and that nobody has approved:
/// it waits, was sent back, or was dropped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unapproved {
    /// What it is.
    pub of: Of,
    /// [`DraftText::bare_words`].
    pub words: String,
    /// Who put it up.
    pub by: PersonId,
    /// When, server time.
    pub at: Time,
    /// How bad it was then: it says whether the policy asked for approval.
    pub severity: Severity,
}

/// Whether `actor` would decide alone on a text that needed another person's approval: they put it up
/// themselves, or emptied or took over the seat of who was to approve it, unasked (RUNBOOK §5). Nor does it
/// help them to lower the severity.
#[must_use]
pub fn lacks_another(
    incident: &Incident,
    text: &DraftText,
    actor: PersonId,
    policy: &Policy,
) -> bool {
    let (of, words) = (text.of(), text.bare_words());
    let history = &incident.seat(Role::Commander).history;
    let ousted_since = |at: Time| {
        let turns = history.iter().filter(|turn| turn.ended_at >= at);
        turns.filter(|turn| turn.offer.by.id == actor).any(|turn| {
            let is_own = turn.offer.person.id == actor;
            match &turn.answer {
                Answer::Vacated { .. } => !is_own,
                Answer::Accepted { from } => is_own && from.is_some(),
                Answer::Declined { .. } | Answer::Replaced | Answer::Withdrawn { .. } => false,
            }
        })
    };
    // Lowered by somebody else, the severity says honestly that nobody has to approve it any more.
    let still_asked = |at: Time| {
        let lowered = |change: &SeverityChange| change.at >= at && change.by.id == actor;
        let now = incident.severity();
        now.is_some_and(|severity| asks_approval(of, severity, policy))
            || incident.severity_changes.iter().any(lowered)
    };
    incident.unapproved.iter().any(|text| {
        text.of == of
            && text.words == words
            && asks_approval(of, text.severity, policy)
            && still_asked(text.at)
            && (text.by == actor || ousted_since(text.at))
    })
}

/// Whether the text of this kind that was put up may be approved by `commander`, as far as what they did to the seat
/// goes.
#[must_use]
pub fn may_approve(incident: &Incident, of: Of, commander: PersonId, policy: &Policy) -> bool {
    let Some(draft) = incident.draft(of) else {
        return true;
    };
    let lacks_another = draft
        .text()
        .is_some_and(|text| lacks_another(incident, text, commander, policy));
    // Their own text would be approved by nobody else.
    let is_unmade = draft.by.id == commander && unmade_approval(incident, of, commander, policy);
    !lacks_another && !is_unmade
}

/// Whether `actor` would publish alone what needed another person's approval until they saw to it themselves: they
/// emptied the commander's seat or took it over, unasked, or lowered the severity. Whatever it says, and whether it
/// was ever put up or not. Somebody else in the seat, be it only for a while, or the seat that somebody else gave them,
/// makes the one good; another severity, set by somebody else, or a text that another approved, the other. What
/// somebody else publishes meanwhile makes good neither.
#[must_use]
pub fn unmade_approval(incident: &Incident, of: Of, actor: PersonId, policy: &Policy) -> bool {
    let severity = severity_but_for(incident, of, actor);
    if !severity.is_some_and(|severity| asks_approval(of, severity, policy)) {
        return false;
    }
    let is_asked = incident
        .severity()
        .is_some_and(|now| asks_approval(of, now, policy));
    let commander = incident.holder(Role::Commander);
    let is_commanded = commander.is_some_and(|holder| holder.id != actor);
    is_commanded && !is_asked || ousted(incident, actor)
}

/// Who would be refused to publish a text of this kind alone now, by [`unmade_approval`]; each once.
#[must_use]
pub fn barred<'a>(incident: &'a Incident, of: Of, policy: &Policy) -> Vec<&'a PersonRef> {
    let turns = incident.seat(Role::Commander).history.iter();
    let lowered = incident.severity_changes.iter().map(|change| &change.by);
    let mut barred: Vec<&PersonRef> = Vec::new();
    for person in turns.map(|turn| &turn.offer.by).chain(lowered) {
        if barred.iter().all(|known| known.id != person.id)
            && approver(incident, of, person.id, policy).is_none()
            && unmade_approval(incident, of, person.id, policy)
        {
            barred.push(person);
        }
    }
    barred
}

/// Whether the last that anybody did to the commander's seat, but for `actor` themselves taking what they had
/// emptied, was that `actor` put another out of it.
fn ousted(incident: &Incident, actor: PersonId) -> bool {
    for turn in incident.seat(Role::Commander).history.iter().rev() {
        let is_theirs = turn.offer.person.id == actor;
        let is_by_them = turn.offer.by.id == actor;
        match &turn.answer {
            Answer::Accepted { from } if is_theirs && is_by_them => {
                if from.is_some() {
                    return true;
                }
            }
            Answer::Accepted { .. } => return false,
            Answer::Vacated { .. } if is_by_them && !is_theirs => return true,
            Answer::Vacated { .. }
            | Answer::Declined { .. }
            | Answer::Replaced
            | Answer::Withdrawn { .. } => {}
        }
    }
    false
}

/// How bad it would be had `actor` not lowered it since a text of this kind was published that another approved.
fn severity_but_for(incident: &Incident, of: Of, actor: PersonId) -> Option<Severity> {
    let since = last_approved(incident, of, actor);
    let mut severity = incident.declared.as_ref()?.severity;
    for change in &incident.severity_changes {
        let is_later = since.is_none_or(|since| change.at >= since);
        // The first is the worst.
        let is_lowered = change.to > severity;
        if !(is_later && is_lowered && change.by.id == actor) {
            severity = change.to;
        }
    }
    Some(severity)
}

/// When somebody else than `actor`, and than who published it, approved the text of this kind that was published last
/// of those that were approved so.
fn last_approved(incident: &Incident, of: Of, actor: PersonId) -> Option<Time> {
    let at = |by: &PersonRef, approved_by: &Option<PersonRef>, approved_at: Option<Time>| {
        let approver = approved_by.as_ref()?.id;
        approved_at.filter(|_| approver != actor && approver != by.id)
    };
    match of {
        Of::Update => {
            let mut updates = incident.updates.iter().rev();
            updates.find_map(|u| at(&u.by, &u.approved_by, u.approved_at))
        }
        Of::Brief => {
            let mut briefs = incident.briefs.iter().rev();
            briefs.find_map(|b| at(&b.by, &b.approved_by, b.approved_at))
        }
    }
}

/// Whether a text of this kind was put up for an approval that it still needs and does not have.
#[must_use]
pub fn is_unapproved(incident: &Incident, of: Of, policy: &Policy) -> bool {
    let asks = |severity| asks_approval(of, severity, policy);
    let waits = |text: &Unapproved| text.of == of && asks(text.severity);
    incident.severity().is_some_and(asks) && incident.unapproved.iter().any(waits)
}

fn asks_approval(of: Of, severity: Severity, policy: &Policy) -> bool {
    match of {
        Of::Update => policy.approves_updates(severity),
        Of::Brief => policy.approve_briefs && severity.is_high(),
    }
}

/// Who is affected, as an honest first text says it: from the answers of triage, and that the rest
/// is being counted.
#[must_use]
pub fn first_impact(incident: &Incident) -> String {
    let triage = incident.declared.as_ref().map(|d| d.details.triage);
    let (users, percent) = triage.map_or((None, None), |t| (t.users, t.percent));
    match (percent, users) {
        (Some(percent), _) => {
            format!("About {percent} % of users are affected. We are checking this number.")
        }
        (None, Some(Users::All)) => "All users are affected.".to_owned(),
        (None, Some(Users::Many)) => {
            "Many users are affected. We are counting how many.".to_owned()
        }
        (None, Some(Users::Some)) => {
            "Some users are affected. We are counting how many.".to_owned()
        }
        (None, _) => {
            "We do not know yet how many customers are affected, and are counting.".to_owned()
        }
    }
}

/// Who must approve a text before `actor` publishes it; none when nobody must: the policy does not
/// ask for it, there is no commander to ask, or the commander publishes.
#[must_use]
pub fn approver<'a>(
    incident: &'a Incident,
    of: Of,
    actor: PersonId,
    policy: &Policy,
) -> Option<&'a PersonRef> {
    let severity = incident.severity()?;
    let asked = asks_approval(of, severity, policy);
    incident
        .holder(Role::Commander)
        .filter(|commander| asked && commander.id != actor)
}

/// Who approved this text so that `publisher` may publish it; none while nobody else has. One's own approval, given
/// while one commanded, is no second pair of eyes once somebody else does.
#[must_use]
pub fn approved_by_another<'a>(
    incident: &'a Incident,
    published: &DraftText,
    publisher: PersonId,
) -> Option<&'a PersonRef> {
    match &incident.draft(published.of())?.stage {
        Stage::Approved { by, text, .. } if by.id != publisher && text.covers(published) => {
            Some(by)
        }
        _ => None,
    }
}

/// Whether two texts say the same. The promise may have moved on while approval was waited for; it
/// is checked anew.
#[must_use]
pub fn same_words(approved: &UpdateText, text: &UpdateText) -> bool {
    let moved = UpdateText {
        next_at: text.next_at,
        ..approved.clone()
    };
    moved == *text
}
