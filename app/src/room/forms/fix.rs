//! Hypotheses, other parties, word to colleagues.

use super::{OUTCOMES, choice, chosen, form, number, outcome_label, people, person};
use crate::parts::form::{Field, Form, Input, optional, text};
use crate::replica::Replica;
use domain::fix::{Party, Verdict};
use domain::timeline::{Outcome, Outcomed};
use domain::{Command, EntryId, Incident};

/// Follow a guess at the cause.
pub fn hypothesis(incident: &Incident, replica: Replica) -> Form {
    let timebox = replica.policy_of(incident).hypothesis_min;
    form(
        "hypothesis",
        "Open a hypothesis",
        "One guess, one owner, a limited time. Several may run at once.",
        vec![
            Field::new("statement", "What may be so", Input::Line),
            Field::new("owner", "Who follows it", people(replica, Some(incident)))
                .value(replica.me().id.to_string()),
            Field::new("timebox", "For how long, minutes", Input::Number)
                .value(timebox.to_string()),
        ],
        "Open",
        move |v| {
            Ok(Command::OpenHypothesis {
                statement: text(v, "statement").to_owned(),
                owner: person(replica, v, "owner")?,
                timebox_min: number(v, "timebox", "Timebox")?,
            })
        },
    )
}

fn statement(incident: &Incident, id: EntryId) -> String {
    let found = incident.hypotheses.iter().find(|h| h.id == id);
    found.map(|h| h.statement.clone()).unwrap_or_default()
}

/// Write down what was tried.
pub fn attempt(incident: &Incident, id: EntryId) -> Form {
    form(
        &format!("attempt/{id}"),
        "What was tried",
        &statement(incident, id),
        vec![
            Field::new("text", "What was tried", Input::Prose),
            Field::new("result", "What came of it", Input::Line)
                .optional()
                .hint("leave it out if you do not know yet"),
            Field::new("outcome", "Did it work", choice(&OUTCOMES, outcome_label))
                .value(outcome_label(Outcome::Unclear)),
        ],
        "Log the attempt",
        move |v| {
            let outcome = chosen(&OUTCOMES, outcome_label, v, "outcome", "Outcome")?;
            Ok(Command::LogAttempt {
                hypothesis: id,
                text: text(v, "text").to_owned(),
                result: optional(v, "result").map(|text| Outcomed { text, outcome }),
            })
        },
    )
}

/// End a hypothesis.
pub fn conclude(incident: &Incident, id: EntryId) -> Form {
    form(
        &format!("conclude/{id}"),
        "Conclude the hypothesis",
        &statement(incident, id),
        vec![
            Field::new("verdict", "It is", choice(&Verdict::ALL, Verdict::label))
                .value(Verdict::ALL[1].label()),
            Field::new("because", "What shows it", Input::Prose),
        ],
        "Conclude",
        move |v| {
            Ok(Command::ConcludeHypothesis {
                hypothesis: id,
                verdict: chosen(&Verdict::ALL, Verdict::label, v, "verdict", "Verdict")?,
                because: text(v, "because").to_owned(),
            })
        },
    )
}

/// Ask a party outside of the roles.
pub fn ask(incident: &Incident, replica: Replica) -> Form {
    let min = incident
        .severity()
        .map(|s| replica.policy_of(incident).response_min_for(s));
    let hint = min.map_or_else(String::new, |min| {
        format!("They have {min} minutes to say that they have it.")
    });
    form(
        "ask",
        "Ask another party",
        &hint,
        vec![
            Field::new("party", "Party", choice(&Party::ALL, Party::label))
                .value(Party::ALL[0].label()),
            Field::new("whom", "Who there", Input::Line).hint("a name or a firm"),
            Field::new("what", "What is asked", Input::Prose),
        ],
        "Ask",
        |v| {
            Ok(Command::AskParty {
                party: chosen(&Party::ALL, Party::label, v, "party", "Party")?,
                whom: text(v, "whom").to_owned(),
                what: text(v, "what").to_owned(),
            })
        },
    )
}

/// What they answered; nothing yet means that they have it.
pub fn answer(incident: &Incident, id: EntryId) -> Form {
    let found = incident.asks.iter().find(|a| a.id == id);
    let has_it = found.is_some_and(|a| a.acknowledged_at.is_some());
    let what = found.map(|a| format!("{} ({}): {}", a.party.label(), a.whom, a.what));
    let field = Field::new("answer", "Their answer", Input::Prose);
    let field = if has_it {
        field
    } else {
        field
            .optional()
            .hint("leave it out if they only said that they have it")
    };
    form(
        &format!("answer/{id}"),
        "What they say",
        &what.unwrap_or_default(),
        vec![field],
        "Write it down",
        move |v| {
            Ok(match optional(v, "answer") {
                Some(answer) => Command::AnswerAsk { ask: id, answer },
                None => Command::AcknowledgeAsk { ask: id },
            })
        },
    )
}

/// Tell colleagues.
pub fn inside() -> Form {
    form(
        "inside",
        "Tell colleagues",
        "Customers never see this.",
        vec![
            Field::new("to", "To whom", Input::Line).value("Support, Customer Success and Sales"),
            Field::new("text", "What", Input::Prose),
        ],
        "Tell them",
        |v| {
            Ok(Command::TellInside {
                to: text(v, "to").to_owned(),
                text: text(v, "text").to_owned(),
            })
        },
    )
}
