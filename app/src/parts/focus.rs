//! Where the cursor is. What leaves the page leaves it nowhere, and then the next key leads from the top of the page.

#[cfg(feature = "hydrate")]
pub(crate) use browser::{begin, on, remember, to};

/// Nobody has a cursor on the server.
#[cfg(not(feature = "hydrate"))]
mod nowhere {
    use leptos::tachys::renderer::types::Element;

    pub(crate) fn begin() {}
    pub(crate) fn to(_: &'static str) {}
    pub(crate) fn on(_: Element) {}
}
#[cfg(not(feature = "hydrate"))]
pub(crate) use nowhere::{begin, on, to};

#[cfg(feature = "hydrate")]
mod browser {
    use leptos::prelude::*;
    use leptos::wasm_bindgen::JsCast as _;
    use web_sys::{Element, FocusOptions, HtmlElement, Node};

    /// Puts it into what has this id.
    pub(crate) fn to(id: &'static str) {
        put(document().get_element_by_id(id).map(Element::into));
    }

    /// Puts it there.
    pub(crate) fn on(element: Element) {
        put(Some(element.into()));
    }

    /// A screen begins: once it is drawn, and unless it has put the cursor somewhere, the next key leads on from its top.
    pub(crate) fn begin() {
        request_animation_frame(|| {
            if is_nowhere() {
                to_main();
            }
        });
    }

    /// What opened a dialog, and where it stood: the part of the page, and how many buttons of it come before.
    #[derive(Clone)]
    struct Opener {
        it: Element,
        part: Option<Element>,
        place: u32,
    }

    /// A dialog opens. When it has left the page, the cursor goes back to what opened it, or, when that is gone or was
    /// drawn anew, to the button that stands in its place; else to the page's main part.
    pub(crate) fn remember() {
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
            request_animation_frame(move || {
                if is_nowhere() {
                    match opener.and_then(Opener::now) {
                        Some(opener) => put(Some(opener)),
                        None => to_main(),
                    }
                }
            });
        });
    }

    impl Opener {
        fn now(self) -> Option<Node> {
            if self.it.is_connected() && self.it.tag_name() != "BODY" {
                return Some(self.it.into());
            }
            button(self.part.as_ref(), self.place).filter(Node::is_connected)
        }
    }

    fn button(part: Option<&Element>, place: u32) -> Option<Node> {
        part?.query_selector_all("button").ok()?.item(place)
    }

    fn is_nowhere() -> bool {
        document()
            .active_element()
            .is_none_or(|a| a.tag_name() == "BODY")
    }

    /// Where the page is scrolled to stays.
    fn to_main() {
        let main = document().get_element_by_id("main");
        let Some(main) = main.and_then(|m| m.dyn_into::<HtmlElement>().ok()) else {
            return;
        };
        main.set_tab_index(-1);
        let there = FocusOptions::new();
        there.set_prevent_scroll(true);
        let _ = main.focus_with_options(&there);
    }

    fn put(target: Option<Node>) {
        if let Some(target) = target.and_then(|t| t.dyn_into::<HtmlElement>().ok()) {
            let _ = target.focus();
        }
    }
}
