//! The pages of an import: the form, and what a file would do before it does it.

use super::file::BadLine;
use super::frame::{count, notice, page};
use super::import::Checked;
use super::plan::{Changed, Plan};
use crate::http::page::escaped;
use axum::response::Html;
use domain::Person;
use domain::account::{Account, Field};
use leptos::prelude::*;

/// So many rows of a table are drawn; the rest is counted. Nobody reads more, and a page of fifty
/// thousand rows opens on no phone.
const ROWS_MAX: usize = 500;
/// So much of a field that is wrong is shown.
const GIVEN_MAX_CHARS: usize = 120;

/// The form that takes a file; `problem` is why the last one cannot be used.
pub(super) fn upload(who: &Person, problem: Option<&str>, pasted: &str) -> Html<String> {
    let problem = problem.map(|p| notice("refused", format!("Nothing was imported. {p}")));
    page("Import accounts", who, || {
        view! {
            <p class="account-way"><a href="/accounts">"All accounts"</a></p>
            <div class="page-head"><h1>"Import accounts"</h1></div>
            {problem}
            {form(pasted)}
            {columns()}
        }
    })
}

fn form(pasted: &str) -> impl IntoView + use<> {
    // See `form.rs`: Leptos does not escape this place itself.
    let inner = format!("\n{}", escaped(pasted));
    view! {
        <form class="form" method="post" action="/accounts/import" enctype="multipart/form-data">
            <p class="field">
                <label for="file">"CSV file "<span class="hint">"UTF-8, at most 5 MB and 50 000 accounts"</span></label>
                <input id="file" name="file" type="file" accept=".csv,.txt,text/csv,text/plain" />
            </p>
            <p class="field">
                <label for="text">"Or paste its lines "<span class="hint">"with the line that names the columns"</span></label>
                <textarea id="text" name="text" rows="6" spellcheck="false" inner_html=inner></textarea>
            </p>
            <div class="actions">
                <button class="primary">"Check the file"</button>
                <span class="hint">"This writes nothing yet."</span>
            </div>
        </form>
    }
}

fn columns() -> impl IntoView {
    let rows = Field::ALL
        .map(|field| {
            let needed = if field.is_required() { "yes" } else { "" };
            view! {
                <tr><th scope="row"><code>{field.column()}</code></th><td>{needed}</td><td>{field.hint()}</td></tr>
            }
        })
        .collect_view();
    view! {
        <section aria-labelledby="columns">
            <h2 id="columns">"Columns"</h2>
            <p>
                "In any order, with commas, semicolons or tabs between them. An account whose name is known is changed, \
                 any other is added. A column that is not in the file leaves what is known as it is; \
                 an empty field empties it."
            </p>
            <div class="table-scroll" role="region" aria-label="Table of columns" tabindex="0">
                <table class="table">
                    <thead><tr><th scope="col">"Column"</th><th scope="col">"Needed"</th><th scope="col">"How it is written"</th></tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </section>
    }
}

/// What the file would do. `packed` is there when it can be done, `moved` says that it is not
/// what was seen before.
pub(super) fn draw(
    who: &Person,
    checked: &Checked,
    packed: Option<String>,
    moved: Option<&str>,
    pasted: &str,
) -> Html<String> {
    let plan = &checked.plan;
    let seen = plan.seen(&checked.bytes);
    let unknown = (!checked.unknown.is_empty()).then(|| {
        let columns = checked.unknown.join(", ");
        notice(
            "kept",
            format!("Columns that mean nothing here and are passed over: {columns}."),
        )
    });
    page("Check the import", who, || {
        view! {
            <p class="account-way"><a href="/accounts/import">"Start over"</a></p>
            <div class="page-head"><h1>"Check the import"</h1></div>
            {moved.map(|text| notice("conflict", text.to_owned()))}
            <p class="import-counts">{counts(plan)}</p>
            {unknown}
            {match packed {
                Some(packed) => confirm(plan, packed, seen).into_any(),
                None => what_now(plan, pasted).into_any(),
            }}
            {bad(&plan.bad)}
            {changed(&plan.changed)}
            {new(&plan.new)}
        }
    })
}

fn counts(plan: &Plan) -> String {
    let mut lines: Vec<u64> = plan.bad.iter().map(|bad| bad.line).collect();
    lines.dedup();
    format!(
        "{} new, {} changed, {} the same, {} to correct",
        plan.new.len(),
        plan.changed.len(),
        plan.same,
        count(lines.len(), "line", "lines")
    )
}

fn confirm(plan: &Plan, packed: String, seen: String) -> impl IntoView + use<> {
    let new = count(plan.new.len(), "new account", "new accounts");
    let changed = count(plan.changed.len(), "changed account", "changed accounts");
    let does = match (plan.new.len(), plan.changed.len()) {
        (_, 0) => format!("Import {new}"),
        (0, _) => format!("Import {changed}"),
        _ => format!("Import {new} and {changed}"),
    };
    view! {
        <form class="actions" method="post" action="/accounts/import/confirm">
            <input type="hidden" name="seen" value=seen />
            <input type="hidden" name="file" value=packed />
            <button class="primary">{does}</button>
            <span class="hint">"All of it or, if anything stands in the way, nothing."</span>
        </form>
    }
}

fn what_now(plan: &Plan, pasted: &str) -> impl IntoView + use<> {
    let text = match plan.bad.is_empty() {
        true => {
            "Every account of this file is known as it stands there. There is nothing to import."
        }
        false => "Nothing was imported. Correct the lines below in the file, then check it again.",
    };
    let kind = if plan.bad.is_empty() {
        "kept"
    } else {
        "refused"
    };
    view! {
        {notice(kind, text.to_owned())}
        <details class="import-again" open=!pasted.is_empty()>
            <summary>"Check again"</summary>
            {form(pasted)}
        </details>
    }
}

fn bad(bad: &[BadLine]) -> impl IntoView + use<> {
    let rows = bad.iter().take(ROWS_MAX).map(bad_row).collect_view();
    table(
        "To correct",
        &["Line", "Column", "Stands there", "What to do"],
        rows.into_any(),
        bad.len(),
    )
}

fn bad_row(bad: &BadLine) -> impl IntoView + use<> {
    let given: String = match bad.given.chars().count() > GIVEN_MAX_CHARS {
        true => bad
            .given
            .chars()
            .take(GIVEN_MAX_CHARS)
            .chain(['…'])
            .collect(),
        false => bad.given.clone(),
    };
    let (line, problem) = (bad.line.to_string(), bad.problem.clone());
    view! {
        <tr><td class="number">{line}</td><td>{bad.column}</td><td>{given}</td><td>{problem}</td></tr>
    }
}

fn changed(changed: &[Changed]) -> impl IntoView + use<> {
    let rows = changed
        .iter()
        .take(ROWS_MAX)
        .map(changed_rows)
        .collect_view();
    table(
        "Changed",
        &["Line", "Account", "Field", "Now", "After the import"],
        rows.into_any(),
        changed.len(),
    )
}

fn changed_rows(changed: &Changed) -> AnyView {
    let rows = changed.changes.iter().map(|change| {
        let (line, name) = (changed.line.to_string(), changed.account.name.clone());
        let or_empty = |text: &String| match text.as_str() {
            "" => "(empty)".to_owned(),
            text => text.to_owned(),
        };
        let (old, new) = (or_empty(&change.old), or_empty(&change.new));
        view! {
            <tr><td class="number">{line}</td><th scope="row">{name}</th><td>{change.field.label()}</td><td>{old}</td><td>{new}</td></tr>
        }
    });
    rows.collect_view().into_any()
}

fn new(new: &[(u64, Account)]) -> impl IntoView + use<> {
    let rows = new.iter().take(ROWS_MAX).map(|(line, account)| {
        let (line, name, tier) = (line.to_string(), account.name.clone(), account.tier.clone());
        let (revenue, fee) = (account.annual_revenue.shown(), account.monthly_fee.shown());
        view! {
            <tr><td class="number">{line}</td><th scope="row">{name}</th><td>{tier}</td><td class="number">{revenue}</td><td class="number">{fee}</td></tr>
        }
    });
    let rows = rows.collect_view();
    table(
        "New",
        &["Line", "Account", "Tier", "Annual revenue", "Monthly fee"],
        rows.into_any(),
        new.len(),
    )
}

/// A table under its heading, when it has any row; `all` is how many there would be.
fn table(
    heading: &'static str,
    columns: &[&'static str],
    rows: AnyView,
    all: usize,
) -> Option<impl IntoView + use<>> {
    // A phone has no room for the heads: there each cell says of which column it is.
    let words: Vec<String> = (1..)
        .zip(columns)
        .map(|(n, column)| format!("--of-{n}:\"{column}\""))
        .collect();
    let words = words.join(";");
    let columns = columns
        .iter()
        .map(|column| view! { <th scope="col">{*column}</th> })
        .collect_view();
    let more = all.checked_sub(ROWS_MAX).filter(|more| *more > 0);
    (all > 0).then(|| {
        view! {
            <section>
                <h2>{heading}</h2>
                <div class="table-scroll" role="region" aria-label=heading tabindex="0">
                    <table class="table import-table" style=words><thead><tr>{columns}</tr></thead><tbody>{rows}</tbody></table>
                </div>
                {more.map(|more| view! { <p class="quiet">{format!("and {more} more of this kind, which are not listed")}</p> })}
            </section>
        }
    })
}
