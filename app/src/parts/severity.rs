//! Severity and status: a shape and a word before a colour.

use domain::{Severity, Status};
use leptos::prelude::*;
use markup::view;

/// The badge of a severity.
#[component]
pub fn Sev(
    /// Which.
    severity: Severity,
) -> impl IntoView {
    let step = match severity {
        Severity::Sev1 => "1",
        Severity::Sev2 => "2",
        Severity::Sev3 => "3",
    };
    view! { <span class="sev" data-sev=step>{severity.label()}</span> }
}

/// How far a status is on its way, filled by its step.
#[component]
pub fn Stage(
    /// Which.
    status: Status,
) -> impl IntoView {
    let step = Status::ALL.iter().position(|s| *s == status).unwrap_or(0) + 1;
    view! { <span class="stage" style=format!("--step:{step}")>{status.label()}</span> }
}

/// The way from Active to Closed, and where this incident is on it.
#[component]
pub fn Path(
    /// Where it is.
    #[prop(into)]
    status: Signal<Status>,
) -> impl IntoView {
    let steps = Status::ALL
        .into_iter()
        .map(|step| {
            let class = move || match status.get() {
                here if here == step => "here",
                here if here > step => "done",
                _ => "",
            };
            let current = move || (status.get() == step).then_some("step");
            view! { <li class=class aria-current=current>{step.label()}</li> }
        })
        .collect_view();
    view! { <ol class="path" aria-label="Status">{steps}</ol> }
}
