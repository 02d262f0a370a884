//! The credit matrix in the form: up to which amount, who approves in words, and which people may.

use super::fields::CURRENCY;
use super::form::Shown;
use super::typed::{Typed, Wrong, known_at};
use crate::people::Everybody;
use domain::approval::{self, ApprovalRow};
use domain::customer::Money;
use domain::{Person, PersonId};
use leptos::prelude::*;

/// Its place in the policy.
pub(super) const AREA: &str = "/credit_matrix";
/// Rows for new amounts.
const NEW_ROWS: usize = 2;
/// Somebody whom the matrix names and whom nobody knows.
const UNKNOWN: &str = "somebody without an account";

/// Those whom a matrix can name, as everybody reads them.
#[derive(Default)]
pub(super) struct Known {
    /// Who has an account.
    pub(super) here: Vec<Person>,
    /// Who had one. An older matrix may name them still.
    pub(super) gone: Vec<Person>,
}

impl Known {
    pub(super) fn of(everybody: &Everybody) -> Self {
        let all = everybody.all().iter();
        let gone = all.filter(|kept| kept.removed.is_some());
        Self {
            here: everybody.here().all.clone(),
            gone: gone.map(|kept| kept.person.clone()).collect(),
        }
    }

    fn find(all: &[Person], id: PersonId) -> Option<&Person> {
        all.iter().find(|person| person.id == id)
    }

    /// `Bo Lind`; `Bo Lind (no account any more)`.
    fn name(&self, id: PersonId) -> String {
        match (Self::find(&self.here, id), Self::find(&self.gone, id)) {
            (Some(person), _) => person.name.clone(),
            (None, Some(gone)) => format!("{} (no account any more)", gone.name),
            (None, None) => UNKNOWN.to_owned(),
        }
    }

    /// The same with what they do.
    fn label(&self, id: PersonId) -> String {
        match Self::find(&self.here, id) {
            Some(person) => format!("{}, {}", person.name, person.title),
            None => self.name(id),
        }
    }

    /// The names of the people of a row; `is_open` when it is the lowest and has a bound, so that
    /// anybody approves while nobody is named.
    pub(super) fn names(&self, ids: &[PersonId], is_open: bool) -> String {
        if ids.is_empty() {
            return match is_open {
                true => "anybody but the proposer".to_owned(),
                false => "no approver is set".to_owned(),
            };
        }
        let names: Vec<String> = ids.iter().map(|id| self.name(*id)).collect();
        names.join(", ")
    }
}

/// The rows as the form shows them.
pub(super) fn write(matrix: &[ApprovalRow], typed: &mut Typed) {
    typed.put(known_at(AREA), matrix.len().to_string());
    for (i, row) in matrix.iter().enumerate() {
        let up_to = row
            .up_to
            .as_ref()
            .map(|m| format!("{} {}", m.plain(), m.currency));
        typed.put(format!("{AREA}/{i}/up_to"), up_to.unwrap_or_default());
        typed.put(format!("{AREA}/{i}/approver"), &*row.approver);
        for id in &row.people {
            typed.tick(person_at(i, *id), true);
        }
    }
}

fn person_at(row: usize, id: PersonId) -> String {
    format!("{AREA}/{row}/people/{id}")
}

/// The rows that were typed, by their amounts. A row that was there and has no approver any more
/// is gone; a new row is none until anything stands in it. Every bound must say its currency, and
/// it must be `currency`: an amount is never taken for as much of another.
pub(super) fn read(
    typed: &Typed,
    currency: &str,
    may: &[PersonId],
) -> Result<Vec<ApprovalRow>, Vec<Wrong>> {
    let known = typed.known_rows(AREA);
    let (mut rows, mut wrongs) = (Vec::new(), Vec::new());
    for i in typed.rows(AREA) {
        let is_named = !typed.trimmed(&format!("{AREA}/{i}/approver")).is_empty();
        if is_named || i >= known {
            match row(typed, i, currency, may) {
                Ok(row) => rows.push(row),
                Err(wrong) => wrongs.push(wrong),
            }
        }
    }
    rows.sort_by_key(|row| row.up_to.as_ref().map_or(u128::MAX, |m| m.minor.into()));
    if wrongs.is_empty()
        && let Err(refusal) = approval::check(&rows, currency)
    {
        wrongs.push(Wrong::new(AREA, refusal.to_string()));
    }
    if wrongs.is_empty() {
        Ok(rows)
    } else {
        Err(wrongs)
    }
}

fn row(typed: &Typed, i: usize, currency: &str, may: &[PersonId]) -> Result<ApprovalRow, Wrong> {
    let place = |field: &str| format!("{AREA}/{i}/{field}");
    let n = i + 1;
    let wrong = |field: &str, what: String| Wrong::new(place(field), format!("Row {n} {what}."));
    let approver = typed.trimmed(&place("approver"));
    if approver.is_empty() {
        let what = "has no approver. Say who approves, or clear what else stands in it";
        return Err(wrong("approver", what.to_owned()));
    }
    let up_to = match typed.trimmed(&place("up_to")) {
        "" => None,
        text => Some(
            Money::read(text).map_err(|why| wrong("up_to", format!("has a bound that {why}")))?,
        ),
    };
    if let Some(bound) = up_to.as_ref().filter(|m| m.currency != currency) {
        let what = format!(
            "is up to {}, and the policy counts in {currency}. Write that bound in {currency}",
            bound.shown()
        );
        return Err(wrong("up_to", what));
    }
    let below = place("people");
    let people = typed.below(&below).filter(|(_, text)| *text == "on");
    let people: Option<Vec<PersonId>> = people
        .map(|(id, _)| id.parse().ok().filter(|id| may.contains(id)))
        .collect();
    let mut people = people.ok_or_else(|| {
        wrong(
            "people",
            "names somebody who has no account. Choose from the list".to_owned(),
        )
    })?;
    people.sort_unstable();
    Ok(ApprovalRow {
        up_to,
        approver: approver.to_owned(),
        people,
    })
}

/// Whom a row may name: who has an account, and who stands in the matrix already.
pub(super) fn eligible(people: &[Person], matrix: &[ApprovalRow]) -> Vec<PersonId> {
    let mut all: Vec<PersonId> = people.iter().map(|p| p.id).collect();
    for id in matrix.iter().flat_map(|row| &row.people) {
        if !all.contains(id) {
            all.push(*id);
        }
    }
    all
}

/// Every row.
pub(super) fn draw(form: &Shown) -> AnyView {
    let rows = form.rows(AREA, NEW_ROWS);
    let rows = rows.into_iter().map(|i| one(form, i)).collect_view();
    view! {
        <section id=AREA>
            <h2>"Credits"</h2>
            <p class="quiet">"The row with the lowest bound that covers an amount says who approves it; one row has no bound and takes the rest. Nobody approves their own proposal. It holds for every incident, also for those that keep an older version. To remove a row, empty its approver."</p>
            {form.line(&CURRENCY)}
            {form.wrong(AREA)}
            <input type="hidden" name=known_at(AREA) value=form.text(&known_at(AREA)) />
            <div>
                <div class="policy-row policy-approval policy-heads" aria-hidden="true">
                    <span></span><span>{UP_TO}" "<span class="hint">{UP_TO_HINT}</span></span>
                    <span>{APPROVER}" "<span class="hint">{APPROVER_HINT}</span></span><span>"Who may"</span>
                </div>
                {rows}
            </div>
        </section>
    }
    .into_any()
}

const UP_TO: &str = "Up to";
const UP_TO_HINT: &str = "e.g. 1000 EUR; or empty";
const APPROVER: &str = "Approved by";
const APPROVER_HINT: &str = "in words, e.g. CS lead";

fn one(form: &Shown, i: usize) -> AnyView {
    let row = format!("{AREA}/{i}");
    let named: Vec<PersonId> = form
        .eligible
        .iter()
        .copied()
        .filter(|id| form.typed.is_on(&person_at(i, *id)))
        .collect();
    let is_open = i == 0 && !form.text(&format!("{row}/up_to")).trim().is_empty();
    let said = form.known.names(&named, is_open);
    let ticks = form.eligible.iter();
    let ticks = ticks.map(|id| form.tick(&person_at(i, *id), form.known.label(*id)));
    let ticks = ticks.collect_view();
    view! {
        <fieldset class="policy-row policy-approval" id=row.clone()>
            <legend>{form.row_name("Row", AREA, i)}</legend>
            <span class="nth" aria-hidden="true">{i + 1}</span>
            {form.row_line(&format!("{row}/up_to"), UP_TO, UP_TO_HINT)}
            {form.row_line(&format!("{row}/approver"), APPROVER, APPROVER_HINT)}
            <details id=format!("{row}/people")>
                <summary><span class="lead">"Who may: "</span>{said}</summary>
                <p class="hint">"Tick who may. With nobody ticked, anybody but the proposer approves what the lowest row covers up to its bound, and nobody approves what any other row covers."</p>
                <div class="chips">{ticks}</div>
            </details>
            {form.wrong(&format!("{row}/people"))}
        </fieldset>
    }
    .into_any()
}
