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
        Need::ResolutionUpdate | Need::ResolutionFor { .. } => return None,
        Need::Credit { customer } => {
            credit::decide(incident, customer.id, &replica.policy_of(incident))
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

/// One of these. Each is kept by its label and not by its place: the list may be another when a form that
/// is half filled in is opened again.
fn choice<T: Copy>(all: &[T], label: impl Fn(T) -> &'static str) -> Input {
    let option = |one: &T| (label(*one).to_owned(), label(*one).to_owned());
    Input::Choice(all.iter().map(option).collect())
}

/// The one of `all` with the label that is kept under `key`; what is no longer offered is not chosen.
fn chosen<T: Copy>(
    all: &[T],
    label: impl Fn(T) -> &'static str,
    values: &Values,
    key: &str,
    field: &str,
) -> Result<T, Refusal> {
    let kept = text(values, key);
    let found = all.iter().find(|one| label(**one) == kept);
    found
        .copied()
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
            Field::new("outcome", "Did it work", choice(&OUTCOMES, outcome_label))
                .value(outcome_label(Outcome::Worked)),
            Field::new("text", "What was seen", Input::Prose)
                .hint("in numbers where you have them"),
        ],
        "Record the result",
        move |v| {
            let outcome = chosen(&OUTCOMES, outcome_label, v, "outcome", "Outcome")?;
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
            Field::new("lever", "Lever", choice(&Lever::ALL, Lever::label))
                .value(Lever::Rollback.label()),
            Field::new("what", "What exactly", Input::Line),
            Field::new("doing", "Risk of doing it", Input::Line),
            Field::new("not_doing", "Risk of not doing it", Input::Line),
            Field::new("undo", "How to undo it", Input::Line),
        ],
        "Decide",
        |v| {
            Ok(Command::DecideMitigation {
                lever: chosen(&Lever::ALL, Lever::label, v, "lever", "Lever")?,
                what: text(v, "what").to_owned(),
                risk_of_doing: text(v, "doing").to_owned(),
                risk_of_not_doing: text(v, "not_doing").to_owned(),
                undo: text(v, "undo").to_owned(),
            })
        },
    )
}

const LINK: &str = "Link to a dashboard, log or ticket";
const EXCERPT: &str = "Excerpt of a log or metric";
const STATEMENT: &str = "Statement by a named person";
const FORMS: [&str; 3] = [LINK, EXCERPT, STATEMENT];

/// Put proof on the record.
pub fn evidence(proves: Option<Proves>) -> Form {
    let first = proves.unwrap_or(Proves::ALL[0]);
    let forms: &[&'static str] = if proves.is_some_and(|p| !p.takes_statement()) {
        &FORMS[..2]
    } else {
        &FORMS
    };
    form(
        &format!("evidence/{}", first.label()),
        "Add evidence",
        "A status moves only with proof.",
        vec![
            Field::new(
                "proves",
                "It proves that",
                choice(&Proves::ALL, Proves::label),
            )
            .value(first.label()),
            Field::new("form", "Form", choice(forms, |f| f)).value(EXCERPT),
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
                (_, LINK) => Proof::Link { url: proof_text },
                (_, STATEMENT) => Proof::Statement {
                    by: text(v, "by").to_owned(),
                    text: proof_text,
                },
                _ => Proof::Excerpt { text: proof_text },
            };
            Ok(Command::AttachEvidence {
                proves: chosen(&Proves::ALL, Proves::label, v, "proves", "What it proves")?,
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
    let earlier = Status::ALL.into_iter().filter(|s| *s < incident.status);
    let back: Vec<Status> = earlier.rev().collect();
    let first = back.first().map_or("", |status| status.label());
    form(
        "back",
        "It got worse",
        "The status goes back and it is counted. Proof for what did not last stays on the record but opens nothing.",
        vec![
            Field::new("to", "Back to", choice(&back, Status::label)).value(first),
            Field::new("reason", "What happened", Input::Prose),
        ],
        "Go back",
        move |v| {
            Ok(Command::MoveBack {
                to: chosen(&back, Status::label, v, "to", "Status")?,
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

#[cfg(test)]
mod tests {
    use super::*;
    use domain::customer::CustomerId;
    use domain::update::Audience;
    use domain::{CommandId, Event, IncidentId, Recorded, Severity, Time};

    fn incident(severity: Severity) -> Incident {
        let at = Time::from_timestamp(1_700_000_000, 0).expect("a valid test time");
        let mut incident = Incident::empty(IncidentId::default());
        incident.apply(&Recorded {
            seq: 1,
            incident: incident.id,
            version: 1,
            at,
            made_at: at,
            by: PersonRef {
                id: domain::PersonId::default(),
                name: "Ana".to_owned(),
            },
            command: CommandId::default(),
            stamped_at: None,
            event: Event::Declared {
                title: "Slow".to_owned(),
                severity,
                customer_sees: "errors".to_owned(),
                impact_began_at: at,
                components: Vec::new(),
                audience: Audience::Public,
            },
        });
        incident
    }

    fn options(form: &Form) -> Vec<String> {
        match &form.fields[0].input {
            Input::Choice(options) => options.iter().map(|(value, _)| value.clone()).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_choice_half_written_means_the_same_when_its_list_changes() {
        let (before, now) = (incident(Severity::Sev1), incident(Severity::Sev3));
        let (before, now) = (lead::severity(&before), lead::severity(&now));
        let [place_before, place_now] = [&before, &now].map(|form| {
            let all = options(form);
            all.iter().position(|value| value == Severity::Sev2.label())
        });
        assert_ne!(place_before, place_now);
        let value = options(&before)[place_before.expect("it is offered")].clone();
        let draft: Values = [("to", value.as_str()), ("reason", "It grows")]
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .into();
        let made = (now.make)(&draft).expect("it is offered still");
        let Command::ChangeSeverity { to, .. } = made else {
            panic!("{made:?}")
        };
        assert_eq!(to, Severity::Sev2);
    }

    #[test]
    fn a_choice_that_is_no_longer_offered_is_not_chosen() {
        let form = lead::severity(&incident(Severity::Sev2));
        for kept in [Severity::Sev2.label(), "0", ""] {
            let draft: Values = [("to".to_owned(), kept.to_owned())].into();
            let why = (form.make)(&draft).expect_err("nothing is chosen");
            assert_eq!(
                why.to_string(),
                Refusal::invalid("Severity", "is not chosen").to_string()
            );
        }
    }

    #[test]
    fn what_a_form_has_chosen_at_first_is_among_its_choices() {
        let incident = incident(Severity::Sev2);
        let forms = [
            lead::severity(&incident),
            result(EntryId::default(), "Rolled back"),
            mitigation(),
            evidence(None),
            evidence(Some(Proves::ALL[1])),
            cause(),
            fix::attempt(&incident, EntryId::default()),
            fix::conclude(&incident, EntryId::default()),
            customer::note(None, &domain::Policy::default()),
            credit::decide(&incident, CustomerId::default(), &domain::Policy::default()),
            credit::judge(&incident, EntryId::default(), &domain::Policy::default()),
        ];
        for form in forms {
            for field in form.fields {
                if let Input::Choice(options) = &field.input {
                    let is_offered = options.iter().any(|(value, _)| *value == field.value);
                    assert!(is_offered, "{}: {} = {}", form.key, field.key, field.value);
                }
            }
        }
    }
}
