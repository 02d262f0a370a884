//! What was refused and why, with where to supply what is missing.

use crate::parts::focus;
use domain::gate::Need;
use domain::{Policy, Refusal};
use leptos::prelude::*;
use markup::view;
use std::sync::Arc;

/// A refusal, announced at once. `supply` opens the place of a missing item, which is named by
/// the numbers of this policy.
#[component]
pub fn RefusalNotice(
    /// Why.
    refusal: Refusal,
    /// Opens the form that supplies a missing item.
    #[prop(optional)]
    supply: Option<(Callback<Need>, Arc<Policy>)>,
) -> impl IntoView {
    let missing = match (&refusal, supply) {
        (Refusal::GateShut { missing, .. }, Some((supply, policy))) => {
            let items = missing
                .iter()
                .cloned()
                .map(|need| {
                    let label = need.label(&policy);
                    view! {
                        <li>
                            <span>{label}</span>
                            " "
                            <button class="slim" type="button" on:click=move |_| supply.run(need.clone())>
                                "Supply"
                            </button>
                        </li>
                    }
                })
                .collect_view();
            Some(view! { <ul>{items}</ul> })
        }
        _ => None,
    };
    let kind = if matches!(refusal, Refusal::Superseded { .. }) {
        "conflict"
    } else {
        "refused"
    };
    // It may stand a screen away from the button that was pressed; the focus brings it into view.
    view! {
        <div drawn=focus::on class="notice" data-kind=kind role="alert" tabindex="-1">
            <p>{refusal.to_string()}</p>
            {missing}
        </div>
    }
}
