//! The forms of the room, each a few fields and the command they make.

pub mod calls;
pub mod credit;
pub mod customer;
pub mod fix;
pub mod lead;
pub mod seat;

use crate::parts::form::{Field, Form, Input, Values, optional, text};
use crate::parts::when::{day, from_input, to_input};
use crate::replica::Replica;
use domain::command::{Cause, Lever};
use domain::customer::Money;
use domain::evidence::{Proof, Proves};
use domain::gate::Need;
use domain::shown::Shown as _;
use domain::timeline::{Entry, Outcome, Outcomed};
use domain::{Command, EntryId, Incident, PersonRef, Refusal, Role, Status};
use std::sync::Arc;

/// The form that supplies what a gate lacks; none when that is the composer.
pub fn supplying(need: &Need, incident: &Incident, replica: Replica) -> Option<Form> {
    Some(match need {
        Need::Mitigation => mitigation(),
        Need::Evidence { proves } => evidence(Some(*proves)),
        Need::ImpactEnd => impact_end(replica),
        Need::Cause => cause(),
        Need::ResolutionUpdate => return None,
        Need::Credit { customer } => {
            credit::decide(incident, customer, &replica.policy_of(incident))
        }
        Need::PostMortem => post_mortem(incident, replica),
        Need::Action => action(replica),
        Need::FollowUp => follow_up(),
    })
}

fn form(
    key: &str,
    title: &str,
    hint: &str,
    fields: Vec<Field>,
    button: &str,
    make: impl Fn(&Values) -> Result<Command, Refusal> + Send + Sync + 'static,
) -> Form {
    Form {
        key: key.to_owned(),
        title: title.to_owned(),
        hint: hint.to_owned(),
        fields,
        button: button.to_owned(),
        make: Arc::new(make),
    }
}

fn choice<T: Copy>(all: &[T], label: impl Fn(T) -> &'static str) -> Input {
    Input::Choice(
        all.iter()
            .enumerate()
            .map(|(i, t)| (i.to_string(), label(*t).to_owned()))
            .collect(),
    )
}

fn chosen<T: Copy>(all: &[T], values: &Values, key: &str, field: &str) -> Result<T, Refusal> {
    let place = text(values, key).parse::<usize>().ok();
    place
        .and_then(|i| all.get(i).copied())
        .ok_or_else(|| Refusal::invalid(field, "is not chosen"))
}

fn people(replica: Replica, incident: Option<&Incident>) -> Input {
    let options = replica.people().into_iter().map(|p| {
        let holds = incident.and_then(|i| Role::ALL.into_iter().find(|r| i.seat(*r).held_by(p.id)));
        let does = holds.map_or_else(|| p.title.clone(), |r| format!("{} here", r.label()));
        (p.id.to_string(), format!("{}, {does}", p.name))
    });
    Input::Choice(
        std::iter::once((String::new(), "Choose…".to_owned()))
            .chain(options)
            .collect(),
    )
}

fn person(replica: Replica, values: &Values, key: &str) -> Result<PersonRef, Refusal> {
    let id = text(values, key);
    let found = replica
        .people()
        .into_iter()
        .find(|p| p.id.to_string() == id);
    found
        .map(|p| p.to_ref())
        .ok_or_else(|| Refusal::invalid("Person", "is not chosen"))
}

/// An amount as it is typed; one in another currency has that behind it: `1200.00`, `9000 JPY`.
fn money(field: &str, typed: &str, home: &str) -> Result<Money, Refusal> {
    let digits = typed.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let currency = match typed.get(digits.len()..) {
        None | Some("") => home.to_owned(),
        Some(other) => other.to_ascii_uppercase(),
    };
    let minor =
        domain::money::minor(digits, &currency).map_err(|why| Refusal::invalid(field, why))?;
    Ok(Money { currency, minor })
}

/// The same the other way round; with no `home` the currency always stands behind it.
fn plain(money: &Money, home: &str) -> String {
    match money.plain() {
        digits if money.currency == home => digits,
        digits => format!("{digits} {}", money.currency),
    }
}

const OUTCOMES: [Outcome; 3] = [Outcome::Worked, Outcome::Failed, Outcome::Unclear];

fn outcome_label(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Worked => "It worked",
        Outcome::Failed => "It did not work",
        Outcome::Unclear => "Not clear yet",
    }
}

/// Say what came of a line.
pub fn result(entry: EntryId, what: &str) -> Form {
    form(
        &format!("result/{entry}"),
        "What came of it",
        what,
        vec![
            Field::new("outcome", "Did it work", choice(&OUTCOMES, outcome_label)).value("0"),
            Field::new("text", "What was seen", Input::Prose)
                .hint("in numbers where you have them"),
        ],
        "Record the result",
        move |v| {
            let outcome = chosen(&OUTCOMES, v, "outcome", "Outcome")?;
            let result = Outcomed {
                text: text(v, "text").to_owned(),
                outcome,
            };
            Ok(Command::RecordResult { entry, result })
        },
    )
}

/// Correct a line.
pub fn amend(entry: &Entry) -> Form {
    let id = entry.id;
    form(
        &format!("amend/{id}"),
        "Amend the entry",
        "The old text stays visible beside the new one.",
        vec![
            Field::new("text", "As it should read", Input::Prose).value(entry.current_text()),
            Field::new("reason", "Why", Input::Line),
        ],
        "Amend",
        move |v| {
            Ok(Command::AmendEntry {
                entry: id,
                text: text(v, "text").to_owned(),
                reason: text(v, "reason").to_owned(),
            })
        },
    )
}

/// Choose a lever.
pub fn mitigation() -> Form {
    form(
        "mitigation",
        "Decide on a mitigation",
        "What helps customers now, whatever the cause.",
        vec![
            Field::new("lever", "Lever", choice(&Lever::ALL, Lever::label)).value("0"),
            Field::new("what", "What exactly", Input::Line),
            Field::new("doing", "Risk of doing it", Input::Line),
            Field::new("not_doing", "Risk of not doing it", Input::Line),
            Field::new("undo", "How to undo it", Input::Line),
        ],
        "Decide",
        |v| {
            Ok(Command::DecideMitigation {
                lever: chosen(&Lever::ALL, v, "lever", "Lever")?,
                what: text(v, "what").to_owned(),
                risk_of_doing: text(v, "doing").to_owned(),
                risk_of_not_doing: text(v, "not_doing").to_owned(),
                undo: text(v, "undo").to_owned(),
            })
        },
    )
}

const FORMS: [&str; 3] = [
    "Link to a dashboard, log or ticket",
    "Excerpt of a log or metric",
    "Statement by a named person",
];

/// Put proof on the record.
pub fn evidence(proves: Option<Proves>) -> Form {
    let place = Proves::ALL
        .iter()
        .position(|p| Some(*p) == proves)
        .unwrap_or(0);
    let forms: &[&'static str] = if proves.is_some_and(|p| !p.takes_statement()) {
        &FORMS[..2]
    } else {
        &FORMS
    };
    form(
        &format!("evidence/{place}"),
        "Add evidence",
        "A status moves only with proof.",
        vec![
            Field::new(
                "proves",
                "It proves that",
                choice(&Proves::ALL, Proves::label),
            )
            .value(place.to_string()),
            Field::new("form", "Form", choice(forms, |f| f)).value("1"),
            Field::new("proof", "The link, excerpt or statement", Input::Prose)
                .optional()
                .hint("or a file, below"),
            Field::new("file", "File", Input::File)
                .optional()
                .hint("picture, PDF, text, CSV, JSON, zip or gzip, at most 10 MB"),
            Field::new("by", "Stated by", Input::Line)
                .optional()
                .hint("for a statement"),
            Field::new("shows", "What it shows", Input::Line),
            Field::new("watched", "Watched for, minutes", Input::Number)
                .optional()
                .hint("for the check of the fix"),
        ],
        "Add evidence",
        |v| {
            let proof_text = text(v, "proof").to_owned();
            // The server's answer has the fields of this proof.
            let file = optional(v, "file")
                .and_then(|f| domain::json::from_str::<Proof>(&format!("{{\"file\":{f}}}")).ok());
            let proof = match (file, text(v, "form")) {
                (Some(file), _) if proof_text.trim().is_empty() => file,
                (Some(_), _) => {
                    return Err(Refusal::invalid(
                        "Proof",
                        "is one thing: remove the file or the text, and add the other after it",
                    ));
                }
                (_, "0") => Proof::Link { url: proof_text },
                (_, "2") => Proof::Statement {
                    by: text(v, "by").to_owned(),
                    text: proof_text,
                },
                _ => Proof::Excerpt { text: proof_text },
            };
            Ok(Command::AttachEvidence {
                proves: chosen(&Proves::ALL, v, "proves", "What it proves")?,
                proof,
                shows: text(v, "shows").to_owned(),
                watched_min: number(v, "watched", "Watched for")?,
            })
        },
    )
}

fn number(values: &Values, key: &str, field: &str) -> Result<Option<u32>, Refusal> {
    optional(values, key)
        .map(|n| {
            n.parse()
                .map_err(|_| Refusal::invalid(field, "needs a whole number"))
        })
        .transpose()
}

fn impact_end(replica: Replica) -> Form {
    form(
        "impact-end",
        "When the impact ended",
        "When customers could work again, UTC.",
        vec![
            Field::new("at", "Impact ended, UTC", Input::When)
                .value(to_input(replica.server_now())),
        ],
        "State the time",
        |v| {
            Ok(Command::StateImpactEnd {
                at: from_input("Impact ended", text(v, "at"))?,
            })
        },
    )
}

fn cause() -> Form {
    let options = [
        ("known", "The cause is known"),
        ("open", "Still under investigation"),
    ];
    let options = options.map(|(v, l)| (v.to_owned(), l.to_owned())).to_vec();
    form(
        "cause",
        "State the cause",
        "In terms of systems and conditions, not of people.",
        vec![
            Field::new("known", "Is it known", Input::Choice(options)).value("known"),
            Field::new(
                "text",
                "The cause, or what is being looked at",
                Input::Prose,
            ),
        ],
        "State the cause",
        |v| {
            let words = text(v, "text").to_owned();
            let cause = match text(v, "known") {
                "open" => Cause::UnderInvestigation { text: words },
                _ => Cause::Known { text: words },
            };
            Ok(Command::StateCause { cause })
        },
    )
}

/// It got worse.
pub fn back(incident: &Incident) -> Form {
    let earlier: Vec<Status> = Status::ALL
        .into_iter()
        .filter(|s| *s < incident.status)
        .collect();
    let options = earlier
        .iter()
        .rev()
        .enumerate()
        .map(|(i, s)| (i.to_string(), s.label().to_owned()))
        .collect();
    form(
        "back",
        "It got worse",
        "The status goes back and it is counted. Proof for what did not last stays on the record but opens nothing.",
        vec![
            Field::new("to", "Back to", Input::Choice(options)).value("0"),
            Field::new("reason", "What happened", Input::Prose),
        ],
        "Go back",
        move |v| {
            let back: Vec<Status> = earlier.iter().rev().copied().collect();
            Ok(Command::MoveBack {
                to: chosen(&back, v, "to", "Status")?,
                reason: text(v, "reason").to_owned(),
            })
        },
    )
}

fn post_mortem(incident: &Incident, replica: Replica) -> Form {
    let by = incident.reached_at(Status::Resolved).map(|resolved| {
        let policy = replica.policy_of(incident);
        domain::calendar::business_days_after(resolved, policy.post_mortem_business_days, &policy)
    });
    let hint = by
        .map(|by| format!("By {} UTC.", by.shown("%-d %B %H:%M")))
        .unwrap_or_default();
    form(
        "post-mortem",
        "Book the post-mortem",
        &hint,
        vec![
            Field::new("at", "Held at, UTC", Input::When),
            Field::new("who", "Facilitator", people(replica, None)),
        ],
        "Book",
        move |v| {
            Ok(Command::BookPostMortem {
                at: from_input("Post-mortem", text(v, "at"))?,
                facilitator: person(replica, v, "who")?,
            })
        },
    )
}

/// Agree on an action.
pub fn action(replica: Replica) -> Form {
    form(
        "action",
        "Agree on an action",
        "What keeps it from coming back.",
        vec![
            Field::new("what", "What", Input::Line),
            Field::new("owner", "Owner", people(replica, None)),
            Field::new("due", "Due", Input::Day),
            Field::new("acceptance", "Done when", Input::Prose),
        ],
        "Agree",
        move |v| {
            Ok(Command::AgreeAction {
                what: text(v, "what").to_owned(),
                owner: person(replica, v, "owner")?,
                due_on: day("Due date", text(v, "due"))?,
                acceptance: text(v, "acceptance").to_owned(),
            })
        },
    )
}

fn follow_up() -> Form {
    form(
        "follow-up",
        "Plan the follow-up",
        "How and when customers hear what was learned.",
        vec![Field::new("plan", "Plan", Input::Prose)],
        "Keep the plan",
        |v| {
            Ok(Command::PlanFollowUp {
                plan: text(v, "plan").to_owned(),
            })
        },
    )
}
