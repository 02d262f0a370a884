//! Who was promised an update and would not read this one.

use super::draft::Draft;
use crate::parts::dynamic::part;
use crate::parts::memo::{Memo, memo};
use crate::parts::when::hm;
use domain::customer::CustomerRef;
use domain::update::{Audience, left_waiting};
use domain::{Incident, Time};
use leptos::prelude::*;
use markup::view;
use std::sync::Arc;

/// Names in one line; of the others only how many they are.
const NAMES_MAX: usize = 5;

/// A line for each time that was promised.
#[component]
pub(super) fn LeftWaiting(
    draft: RwSignal<Draft>,
    found: Memo<Option<Arc<Incident>>>,
) -> impl IntoView {
    let lines = memo(move || {
        let audience = draft.with(|d| (!d.inside).then(|| d.audience()));
        found.with(|incident| match (incident, &audience) {
            (Some(incident), Some(audience)) => lines(incident, audience),
            _ => Vec::new(),
        })
    });
    view! {
        <div role="status">
            {part(move || lines.get().into_iter().map(|line| view! { <p class="notice">{line}</p> }).collect_view())}
        </div>
    }
}

fn lines(incident: &Incident, audience: &Audience) -> Vec<String> {
    let mut by_time: Vec<(Time, Vec<String>)> = Vec::new();
    for (reader, by) in left_waiting(incident, audience) {
        let name = match reader {
            Audience::Public => "Everybody who reads the status page".to_owned(),
            Audience::Named { customers } => customers
                .first()
                .map(|c| name_of_today(incident, c))
                .unwrap_or_default(),
        };
        match by_time.iter_mut().find(|(at, _)| *at == by) {
            Some((_, names)) => names.push(name),
            None => by_time.push((by, vec![name])),
        }
    }
    let lines = by_time.into_iter();
    lines.map(|(by, names)| line(by, &names)).collect()
}

/// The line of a customer may have got another name since they were told.
fn name_of_today(incident: &Incident, customer: &CustomerRef) -> String {
    let line = incident
        .meant(customer)
        .and_then(|id| incident.customer(id));
    line.map_or(&customer.name, |line| &line.name).clone()
}

fn line(by: Time, names: &[String]) -> String {
    let named = names.get(..NAMES_MAX).unwrap_or(names).join(", ");
    let more = names.len().saturating_sub(NAMES_MAX);
    let (who, was) = match (names.len(), more) {
        (1, _) => (named, "was"),
        (_, 0) => (named, "were"),
        _ => (format!("{named} and {more} more"), "were"),
    };
    let by = hm(by);
    format!(
        "{who} {was} promised an update by {by} and would not read this one. Their page says that it is late from then on: \
         write to them too."
    )
}
