//! The beat strip, the mark of the product (DESIGN §5).

use domain::beat::{BeatKind, Strip};
use leptos::prelude::*;
use markup::view;

/// One line of time; told in words to who cannot see it.
#[component]
pub fn Beats(
    /// What stands where.
    strip: Strip,
) -> impl IntoView {
    let beats = strip
        .beats
        .iter()
        .map(|beat| {
            let class = match beat.kind {
                BeatKind::Told => "",
                BeatKind::Missed => "missed",
                BeatKind::Owed => "owed",
                BeatKind::Now => "now",
            };
            let at = format!("--at:{}.{}", beat.at_permille / 10, beat.at_permille % 10);
            view! { <i class=class style=at></i> }
        })
        .collect_view();
    view! { <div class="beats" role="img" aria-label=strip.label>{beats}</div> }
}
