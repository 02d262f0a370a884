//! The severity matrix in the form: a row for each rule, and a few for new ones.

use super::form::Shown;
use super::typed::{Typed, Wrong, known_at};
use domain::Severity;
use domain::triage::{Risk, SeverityRule, Users};
use leptos::prelude::*;

/// Its place in the policy.
pub(super) const AREA: &str = "/severity_rules";
/// Rows for new rules.
const NEW_ROWS: usize = 3;

/// What may be asked of the users hit. “None” always holds.
const USERS: [Users; 4] = [Users::Some, Users::Many, Users::All, Users::Unsure];
/// What may be asked of data and of signs of an attack.
const RISKS: [Risk; 3] = [Risk::Suspected, Risk::Confirmed, Risk::Unsure];

/// As a condition reads; unsure counts as the worst answer, so it meets each of them.
pub(super) fn users_asked(users: Users) -> String {
    match users {
        Users::All | Users::Unsure => users.label().to_owned(),
        _ => format!("{} or more", users.label()),
    }
}

/// The same of a risk.
pub(super) fn risk_asked(risk: Risk) -> String {
    match risk {
        Risk::Confirmed | Risk::Unsure => risk.label().to_owned(),
        _ => format!("{} or more", risk.label()),
    }
}

/// The rules as the form shows them.
pub(super) fn write(rules: &[SeverityRule], typed: &mut Typed) {
    typed.put(known_at(AREA), rules.len().to_string());
    for (i, rule) in rules.iter().enumerate() {
        let at = |field: &str| format!("{AREA}/{i}/{field}");
        let risk = |risk: Option<Risk>| risk.map_or("", Risk::label);
        typed.put(at("name"), &*rule.name);
        typed.put(at("severity"), rule.severity.label());
        typed.put(at("users"), rule.users.map_or("", Users::label));
        let percent = rule.percent.map(|n| n.to_string());
        typed.put(at("percent"), percent.unwrap_or_default());
        typed.put(at("data"), risk(rule.data));
        typed.put(at("security"), risk(rule.security));
        typed.tick(at("executive"), rule.executive);
        typed.tick(at("strategic"), rule.strategic);
    }
}

/// The rules that were typed. A rule that was there and has no name any more is gone; a new row is
/// none until anything stands in it.
pub(super) fn read(typed: &Typed) -> Result<Vec<SeverityRule>, Vec<Wrong>> {
    let known = typed.known_rows(AREA);
    let (mut rules, mut wrongs) = (Vec::new(), Vec::new());
    for i in typed.rows(AREA) {
        let is_named = !typed.trimmed(&format!("{AREA}/{i}/name")).is_empty();
        if is_named || i >= known {
            match row(typed, i) {
                Ok(rule) => rules.push(rule),
                Err(wrong) => wrongs.push(wrong),
            }
        }
    }
    if wrongs.is_empty() {
        Ok(rules)
    } else {
        Err(wrongs)
    }
}

fn row(typed: &Typed, i: usize) -> Result<SeverityRule, Wrong> {
    let place = |field: &str| format!("{AREA}/{i}/{field}");
    let text = |field: &str| typed.trimmed(&place(field));
    let n = i + 1;
    let wrong = |field: &str, what: &str| Wrong::new(place(field), format!("Rule {n} {what}."));
    if text("name").is_empty() {
        return Err(wrong(
            "name",
            "has no name. Name it, or clear what else stands in it",
        ));
    }
    let severity = Severity::ALL
        .into_iter()
        .find(|s| s.label() == text("severity"));
    let severity =
        severity.ok_or_else(|| wrong("severity", "has no severity. Choose what it proposes"))?;
    let percent = match text("percent") {
        "" => None,
        number => Some(number.parse().map_err(|_| {
            let what = "needs a whole number between 1 and 100 as its share of users, or none";
            wrong("percent", what)
        })?),
    };
    let users = chosen(&USERS, Users::label, text("users"));
    let users = users.ok_or_else(|| wrong("users", "asks for users that are not in the list"))?;
    let risk = |field: &str| {
        let risk = chosen(&RISKS, Risk::label, text(field));
        risk.ok_or_else(|| wrong(field, "asks for a risk that is not in the list"))
    };
    let rule = SeverityRule {
        name: text("name").to_owned(),
        severity,
        users,
        percent,
        data: risk("data")?,
        security: risk("security")?,
        executive: typed.is_on(&place("executive")),
        strategic: typed.is_on(&place("strategic")),
    };
    rule.checked()
        .map_err(|refusal| Wrong::new(format!("{AREA}/{i}"), format!("Rule {n}: {refusal}")))
}

/// Which of `all` has this label; `Some(None)` for no condition.
fn chosen<T: Copy>(all: &[T], label: fn(T) -> &'static str, text: &str) -> Option<Option<T>> {
    if text.is_empty() {
        return Some(None);
    }
    let found = all.iter().find(|one| label(**one) == text)?;
    Some(Some(*found))
}

/// Every row; in one line each where there is room, and their labels then in a line above them.
pub(super) fn draw(form: &Shown) -> AnyView {
    let rows = form.rows(AREA, NEW_ROWS);
    let rows = rows.into_iter().map(|i| one(form, i)).collect_view();
    let heads = [
        "", SEVERITY, NAME, USERS_HIT, SHARE, DATA, ATTACK, EXECUTIVES, STRATEGIC,
    ];
    let heads = heads.map(|head| view! { <span>{head}</span> });
    view! {
        <section id=AREA>
            <h2>"Severity matrix"</h2>
            <p class="quiet">"Every condition of a rule must hold; the worst severity that any rule asks for is proposed, and the rule that says so. Unsure counts as the worst answer. Rules are kept worst first. To remove one, empty its name."</p>
            {form.wrong(AREA)}
            <input type="hidden" name=known_at(AREA) value=form.text(&known_at(AREA)) />
            <div>
                <div class="policy-row policy-rule policy-heads" aria-hidden="true">{heads.collect_view()}</div>
                {rows}
            </div>
        </section>
    }
    .into_any()
}

const SEVERITY: &str = "Severity";
const NAME: &str = "Name";
const USERS_HIT: &str = "Users hit";
const SHARE: &str = "% of users";
const DATA: &str = "Data at risk";
const ATTACK: &str = "Signs of an attack";
const EXECUTIVES: &str = "Executives watching";
const STRATEGIC: &str = "Strategic customer hit";

fn one(form: &Shown, i: usize) -> AnyView {
    let at = |field: &str| format!("{AREA}/{i}/{field}");
    let users = USERS.map(|u| (u.label(), users_asked(u)));
    let risks = RISKS.map(|r| (r.label(), risk_asked(r)));
    let severities = Severity::ALL.map(|s| (s.label(), s.label().to_owned()));
    let row = format!("{AREA}/{i}");
    view! {
        <fieldset class="policy-row policy-rule" id=row.clone()>
            <legend>{form.row_name("Rule", AREA, i)}</legend>
            <span class="nth" aria-hidden="true">{i + 1}</span>
            {form.select(&at("severity"), SEVERITY, "Choose…", &severities)}
            {form.row_line(&at("name"), NAME, "")}
            {form.select(&at("users"), USERS_HIT, "any", &users)}
            {form.percent(&at("percent"), SHARE)}
            {form.select(&at("data"), DATA, "any", &risks)}
            {form.select(&at("security"), ATTACK, "any", &risks)}
            {form.tick(&at("executive"), EXECUTIVES.to_owned())}
            {form.tick(&at("strategic"), STRATEGIC.to_owned())}
            {form.wrong(&row)}
        </fieldset>
    }
    .into_any()
}
