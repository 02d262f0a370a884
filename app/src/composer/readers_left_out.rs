//! Who waits for an update and would not read this one.

use super::draft::Draft;
use crate::parts::dynamic::part;
use crate::parts::memo::{Memo, memo};
use crate::parts::when::hm;
use crate::replica::Replica;
use domain::promise::{ReaderLeftOut, Since, readers_label, readers_left_out};
use domain::update::Audience;
use domain::{Incident, Time};
use leptos::prelude::*;
use markup::view;
use std::sync::Arc;

/// A line for each time at which somebody is owed an update.
#[component]
pub(super) fn ReadersLeftOut(
    draft: RwSignal<Draft>,
    found: Memo<Option<Arc<Incident>>>,
) -> impl IntoView {
    let replica = Replica::here();
    // Apart from the words, which change with every key.
    let audience = memo(move || draft.with(|d| (!d.inside).then(|| d.audience())));
    let lines = memo(move || {
        let audience = audience.get();
        found.with(|incident| match (incident, &audience) {
            (Some(incident), Some(audience)) => {
                let policy = replica.policy_of(incident);
                lines(readers_left_out(incident, &policy, audience))
            }
            _ => Vec::new(),
        })
    });
    view! {
        <div role="status">
            {part(move || lines.get().into_iter().map(|line| view! { <p class="notice">{line}</p> }).collect_view())}
        </div>
    }
}

fn lines(left_out: Vec<ReaderLeftOut>) -> Vec<String> {
    let mut groups: Vec<((Time, Since), Vec<Audience>)> = Vec::new();
    for one in left_out {
        let group = (one.due_at, one.since);
        match groups.iter_mut().find(|(known, _)| *known == group) {
            Some((_, readers)) => readers.push(one.reader),
            None => groups.push((group, vec![one.reader])),
        }
    }
    let lines = groups.into_iter();
    lines
        .map(|((by, since), readers)| line(by, since, &readers))
        .collect()
}

fn line(by: Time, since: Since, readers: &[Audience]) -> String {
    let by = hm(by);
    let who = match readers {
        [Audience::Public] => "Everybody who reads the status page".to_owned(),
        readers => readers_label(readers),
    };
    let was = if readers.len() == 1 { "was" } else { "were" };
    match since {
        Since::Declared => format!(
            "{who} {was} told nothing yet, and would not read this one. Write to them too, by {by}."
        ),
        Since::Update => format!(
            "{who} {was} promised an update by {by} and would not read this one. Their page says that it is late from then on: \
             write to them too."
        ),
        Since::Reopened => format!(
            "{who} {was} told nothing since it was reopened, and would not read this one. Write to them too, by {by}."
        ),
    }
}
