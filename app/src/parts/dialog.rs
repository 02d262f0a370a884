//! A modal dialog that is in the page only while it is open.

use crate::parts::memo::effect;
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
    #[cfg(feature = "hydrate")]
    focus::remember();
    let node = NodeRef::<html::Dialog>::new();
    effect(move || {
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

/// A dialog that leaves the page leaves the cursor nowhere. It goes back to what opened it, or, when that is gone or was
/// drawn anew, to the button that stands in its place; else to the page's main part, from where the next key leads on.
#[cfg(feature = "hydrate")]
mod focus {
    use leptos::prelude::*;
    use wasm_bindgen::JsCast as _;
    use web_sys::{Element, HtmlElement, Node};

    /// What opened a dialog, and where it stood: the part of the page, and how many buttons of it come before.
    #[derive(Clone)]
    struct Opener {
        it: Element,
        part: Option<Element>,
        place: u32,
    }

    pub(super) fn remember() {
        let opener = StoredValue::new_local(document().active_element().map(|it| {
            let part = it.closest("section").ok().flatten();
            let mut place = 0;
            while button(part.as_ref(), place).is_some_and(|b| !it.is_same_node(Some(&b))) {
                place += 1;
            }
            Opener { it, part, place }
        }));
        on_cleanup(move || {
            let opener = opener.try_get_value().flatten();
            // What a modal dialog covers takes no cursor before the dialog is gone.
            request_animation_frame(move || give_back(opener));
        });
    }

    fn button(part: Option<&Element>, place: u32) -> Option<Node> {
        part?.query_selector_all("button").ok()?.item(place)
    }

    fn give_back(opener: Option<Opener>) {
        let is_elsewhere = document()
            .active_element()
            .is_some_and(|a| a.tag_name() != "BODY");
        if is_elsewhere {
            return;
        }
        let target = opener.and_then(|o| {
            if o.it.is_connected() && o.it.tag_name() != "BODY" {
                return Some(o.it.into());
            }
            button(o.part.as_ref(), o.place).filter(Node::is_connected)
        });
        let target = target.or_else(|| {
            let main = document().get_element_by_id("main")?;
            main.set_attribute("tabindex", "-1").ok()?;
            Some(main.into())
        });
        if let Some(target) = target.and_then(|t| t.dyn_into::<HtmlElement>().ok()) {
            let _ = target.focus();
        }
    }
}
