//! The page and the e-mail to the letter, drawn by the server in a frame. Asked for, not kept in
//! step: the words beside it are, and they need no network.

use crate::parts::memo::{Memo, effect};
use domain::Refusal;
use domain::update::UpdateText;
use leptos::prelude::*;
use markup::view;

/// Two buttons, and the frame once one of them was pressed; gone when the words change.
#[component]
pub(super) fn Exact(
    /// Of the room.
    address: String,
    /// What would be published, or why it cannot be.
    text: Memo<Result<UpdateText, Refusal>>,
    /// Where to say why.
    refusal: RwSignal<Option<Refusal>>,
) -> impl IntoView {
    let asked = RwSignal::new(false);
    effect(move || {
        text.track();
        asked.set(false);
    });
    let json = move || {
        let json = text.with(|t| t.as_ref().ok().map(domain::json::to_string));
        json.unwrap_or_default()
    };
    let show = move |event: leptos::ev::SubmitEvent| {
        if let Err(why) = text.get_untracked() {
            event.prevent_default();
            return refusal.set(Some(why));
        }
        begin_frame();
        asked.set(true);
    };
    view! {
        <form class="exact" method="post" action=format!("{address}/update/preview") target=FRAME on:submit=show>
            <input type="hidden" name="text" prop:value=json />
            <button class="slim" name="as" value="page">"Show the exact page"</button>
            <button class="slim" name="as" value="mail">"Show the e-mail"</button>
        </form>
        <div class="exact" hidden=move || !asked.get()>
            <iframe id=FRAME name=FRAME title="As the customer will get it"></iframe>
        </div>
    }
}

const FRAME: &str = "exact";

/// A frame that was never used is filled without a step in the browser's history: Back leaves the
/// composer, and does not ask to send a form again.
fn begin_frame() {
    #[cfg(feature = "hydrate")]
    {
        let old = document().get_element_by_id(FRAME);
        if let Some((old, new)) = old.and_then(|o| o.clone_node().ok().map(|n| (o, n))) {
            let _ = old.replace_with_with_node_1(&new);
        }
    }
}
