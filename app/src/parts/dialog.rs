//! A modal dialog that is in the page only while it is open.

use leptos::html;
use leptos::prelude::*;

/// Shows `children` in a `<dialog>`; Escape and Close run `on_close`.
#[component]
pub fn Modal(
    /// The id of the heading inside that names it.
    labelled_by: &'static str,
    /// `sheet` for the full-height one.
    #[prop(optional)]
    class: &'static str,
    /// Run when it is closed.
    #[prop(into)]
    on_close: Callback<()>,
    /// What it shows.
    children: Children,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        if let Some(dialog) = node.get() {
            #[cfg(feature = "hydrate")]
            if !dialog.open() {
                // Refused only when it is not in the page, and then there is nothing to show.
                let _ = dialog.show_modal();
            }
            #[cfg(not(feature = "hydrate"))]
            let _ = dialog;
        }
    });
    view! {
        <dialog
            node_ref=node
            class=class
            data-modal=""
            aria-labelledby=labelled_by
            on:cancel=move |_: leptos::ev::Event| on_close.run(())
            on:close=move |_: leptos::ev::Event| on_close.run(())
        >
            {children()}
        </dialog>
    }
}
