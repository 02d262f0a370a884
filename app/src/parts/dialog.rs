//! A modal dialog that is in the page only while it is open.

use leptos::prelude::*;
use leptos::tachys::renderer::types::Element;
use markup::view;

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
    #[cfg(feature = "hydrate")]
    crate::parts::focus::remember();
    view! {
        <dialog
            drawn=open
            class=class
            data-modal=""
            aria-labelledby=labelled_by
            on:close=move |_: leptos::ev::Event| on_close.run(())
        >
            {children()}
        </dialog>
    }
}

fn open(dialog: Element) {
    #[cfg(feature = "hydrate")]
    {
        use leptos::wasm_bindgen::JsCast as _;
        let dialog: web_sys::HtmlDialogElement = dialog.unchecked_into();
        if !dialog.open() {
            // Refused only when it is not in the page, and then there is nothing to show.
            let _ = dialog.show_modal();
        }
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = dialog;
}
