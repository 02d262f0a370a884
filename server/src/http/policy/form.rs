//! The form of a policy as it is drawn: what stands in it, and beside each field what is wrong.

use super::approvals::Known;
use super::fields::{COMPONENTS, HOLIDAYS, LINES, NUMBERS, Number, SWITCHES, Text, WORDS, ZONE};
use super::typed::{Typed, Wrong};
use super::{approvals, rules};
use crate::http::accounts::frame::page;
use crate::http::escaped;
use crate::zone;
use axum::response::Html;
use domain::{Person, PersonId};
use leptos::prelude::*;

/// A form as it is to be shown.
#[derive(Default)]
pub(super) struct Shown {
    /// What stands in the fields.
    pub(super) typed: Typed,
    /// What is wrong with it, in the order of the form.
    pub(super) wrongs: Vec<Wrong>,
    /// What else is to be told before anything: one sentence each.
    pub(super) told: Vec<String>,
    /// Everybody whom the credit matrix can name.
    pub(super) known: Known,
    /// Whom the credit matrix may name.
    pub(super) eligible: Vec<PersonId>,
}

pub(super) fn draw(who: &Person, form: &Shown) -> Html<String> {
    page("Change the policy", who, || {
        view! {
            <div class="page-head"><h1>"Change the policy"</h1><a class="button plain" href="/policy">"Close"</a></div>
            <p class="quiet">"It becomes a new version. Incidents that are declared already keep theirs, but for who approves credits."</p>
            {form.told()}
            {form.summary()}
            <form class="form policy-form" method="post" action="/policy/edit">
                <input type="hidden" name="version" value=form.text("version") />
                <section><h2>"Clocks"</h2><div class="policy-facts">{NUMBERS.iter().map(|n| form.number(n)).collect_view()}</div></section>
                {rules::draw(form)}
                <section>
                    <h2 id="approvals">"Approvals"</h2>
                    <div class="chips" role="group" aria-labelledby="approvals">
                        {SWITCHES.iter().map(|(at, label)| form.tick(at, (*label).to_owned())).collect_view()}
                    </div>
                </section>
                {approvals::draw(form)}
                <section>
                    <h2>"Channels and page"</h2>
                    <div class="fields">{LINES.iter().map(|l| form.line(l)).collect_view()}</div>
                    {form.list(&COMPONENTS)}
                </section>
                <section><h2>"Business days"</h2>{form.zone()}{form.list(&HOLIDAYS)}</section>
                <section><h2>"Wording"</h2>{WORDS.iter().map(|l| form.list(l)).collect_view()}</section>
                <section>
                    <h2>"Put it in force"</h2>
                    {form.line(&REASON)}
                    <p class="actions"><button class="primary">"Put it in force"</button></p>
                </section>
            </form>
        }
    })
}

const REASON: Text = Text {
    at: "reason",
    label: "What changes and why",
    hint: "everybody reads it beside the version",
};

impl Shown {
    pub(super) fn text(&self, at: &str) -> String {
        self.typed.text(at).to_owned()
    }

    /// What is wrong there, below the field.
    pub(super) fn wrong(&self, at: &str) -> Option<AnyView> {
        let wrong = self.wrongs.iter().find(|w| w.at == at)?;
        Some(view! { <p class="wrong" id=wrong_id(at)>{wrong.what.clone()}</p> }.into_any())
    }

    /// For the field itself: that it is wrong, and what tells why.
    fn marks(&self, at: &str) -> (Option<&'static str>, Option<String>) {
        let is_wrong = self.wrongs.iter().any(|w| w.at == at);
        (is_wrong.then_some("true"), is_wrong.then(|| wrong_id(at)))
    }

    fn told(&self) -> Option<AnyView> {
        let lines = self.told.iter().cloned();
        let lines = lines.map(|line| view! { <p>{line}</p> }).collect_view();
        let notice = view! { <div class="notice" data-kind="conflict" role="alert">{lines}</div> };
        (!self.told.is_empty()).then(|| notice.into_any())
    }

    /// All that is wrong, each with the way to its field.
    fn summary(&self) -> Option<AnyView> {
        let line = |wrong: &Wrong| {
            let what = wrong.what.clone();
            match wrong.at.is_empty() {
                true => view! { <li><span>{what}</span></li> }.into_any(),
                false => {
                    let href = format!("#{}", wrong.at);
                    view! { <li><a href=href>{what}</a></li> }.into_any()
                }
            }
        };
        let lines = self.wrongs.iter().map(line).collect_view();
        let notice = view! {
            <div class="notice" data-kind="refused" role="alert">
                <p>"Nothing was changed yet. Everything you typed is below; correct this, then put it in force:"</p>
                <ul>{lines}</ul>
            </div>
        };
        (!self.wrongs.is_empty()).then(|| notice.into_any())
    }

    /// The rows of a matrix to be shown: those in which anything stands, and `new` more.
    pub(super) fn rows(&self, area: &str, new: usize) -> Vec<usize> {
        let mut rows: Vec<usize> = self.typed.rows(area).into_iter().collect();
        let last = rows.last().map_or(0, |last| last + 1);
        let from = last.max(self.typed.known_rows(area));
        rows.extend(from..from + new);
        rows
    }

    /// `Rule 3`, or `Rule 12, new`.
    pub(super) fn row_name(&self, word: &str, area: &str, i: usize) -> String {
        let new = if i < self.typed.known_rows(area) {
            ""
        } else {
            ", new"
        };
        format!("{word} {}{new}", i + 1)
    }

    fn number(&self, number: &Number) -> AnyView {
        let at = number.at;
        let max = number.max.to_string();
        let (invalid, described) = self.marks(at);
        let unit = number.unit.after(self.typed.trimmed(at));
        view! {
            <div>
                <label for=at>{number.label}<span class="vh">{format!(", {unit}")}</span></label>
                <span class="amount"><input id=at name=at type="number" min="1" max=max required=true value=self.text(at)
                    autocomplete="off" aria-invalid=invalid aria-describedby=described /><span aria-hidden="true">{unit}</span></span>
                {self.wrong(at)}
            </div>
        }
        .into_any()
    }

    /// A single line.
    pub(super) fn line(&self, line: &Text) -> AnyView {
        self.row_line(line.at, line.label, line.hint)
    }

    /// A single line of a row.
    pub(super) fn row_line(&self, at: &str, label: &'static str, hint: &'static str) -> AnyView {
        let (invalid, described) = self.marks(at);
        let input = view! {
            <input id=at.to_owned() name=at.to_owned() type="text" value=self.text(at) autocomplete="off"
                aria-invalid=invalid aria-describedby=described />
        };
        self.field(at, label, hint, input.into_any())
    }

    /// A share of a hundred, or nothing.
    pub(super) fn percent(&self, at: &str, label: &'static str) -> AnyView {
        let (invalid, described) = self.marks(at);
        let input = view! {
            <input id=at.to_owned() name=at.to_owned() type="number" min="1" max="100" value=self.text(at)
                placeholder="any" autocomplete="off" aria-invalid=invalid aria-describedby=described />
        };
        self.field(at, label, "", input.into_any())
    }

    fn zone(&self) -> AnyView {
        let at = ZONE.at;
        let (invalid, described) = self.marks(at);
        let names = zone::names()
            .iter()
            .map(|name| view! { <option value=name.clone()></option> });
        let input = view! {
            <input id=at name=at type="text" list="zones" value=self.text(at) autocomplete="off"
                aria-invalid=invalid aria-describedby=described />
            <datalist id="zones">{names.collect_view()}</datalist>
        };
        self.field(at, ZONE.label, ZONE.hint, input.into_any())
    }

    /// One of these, each with its label; nothing is shown as `none`.
    pub(super) fn select(
        &self,
        at: &str,
        label: &'static str,
        none: &'static str,
        all: &[(&'static str, String)],
    ) -> AnyView {
        let stands = self.typed.trimmed(at);
        let (invalid, described) = self.marks(at);
        let option = |(value, label): &(&'static str, String)| {
            view! { <option value=*value selected=*value == stands>{label.clone()}</option> }
        };
        let options = all.iter().map(option).collect_view();
        let input = view! {
            <select id=at.to_owned() name=at.to_owned() aria-invalid=invalid aria-describedby=described>
                <option value="" selected=stands.is_empty()>{none}</option>
                {options}
            </select>
        };
        self.field(at, label, "", input.into_any())
    }

    /// A box to tick.
    pub(super) fn tick(&self, at: &str, label: String) -> AnyView {
        view! { <label class="chip"><input type="checkbox" name=at.to_owned() value="on" checked=self.typed.is_on(at) /><span>{label}</span></label> }
            .into_any()
    }

    fn list(&self, list: &Text) -> AnyView {
        let at = list.at;
        let (invalid, described) = self.marks(at);
        // The first line break inside a textarea is the browser's to drop; and Leptos does not
        // escape this place itself.
        let inner = format!("\n{}", escaped(self.typed.text(at)));
        let hint = format!("one per line; {}", list.hint);
        let input = view! {
            <textarea id=at name=at rows="4" aria-invalid=invalid aria-describedby=described inner_html=inner></textarea>
        };
        self.field(at, list.label, hint, input.into_any())
    }

    fn field(
        &self,
        at: &str,
        label: &'static str,
        hint: impl Into<String>,
        input: AnyView,
    ) -> AnyView {
        let hint = hint.into();
        let hint = (!hint.is_empty()).then(|| view! { " "<span class="hint">{hint}</span> });
        view! { <div class="field"><label for=at.to_owned()>{label}{hint}</label>{input}{self.wrong(at)}</div> }
            .into_any()
    }
}

fn wrong_id(at: &str) -> String {
    format!("{at}-wrong")
}
