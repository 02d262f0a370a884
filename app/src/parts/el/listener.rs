//! What is done when something happens to an element, or once it is there.

use super::{El, Put};
use leptos::ev::EventDescriptor;
use leptos::prelude::{Owner, queue_microtask};
use leptos::tachys::renderer::RemoveEventHandler;
use leptos::tachys::renderer::Rndr;
use leptos::tachys::renderer::types::{Element, Event};
use leptos::wasm_bindgen::JsCast;
use send_wrapper::SendWrapper;

/// What is done when it happens, in the part of the page that it belongs to.
pub(super) struct Handler {
    owner: Owner,
    run: SendWrapper<Box<dyn FnMut(Event)>>,
}

/// Ends when it is dropped.
pub(super) type Listening = RemoveEventHandler<Element>;

pub(super) fn put<E: EventDescriptor>(
    el: &mut El,
    name: &'static str,
    mut handler: impl FnMut(E::EventType) + 'static,
) where
    E::EventType: JsCast,
{
    let run: Box<dyn FnMut(Event)> = Box::new(move |event| handler(event.unchecked_into()));
    el.listen(name, run);
}

/// What is done once it is in the page.
pub(super) struct OnceDrawn(SendWrapper<Box<dyn FnOnce(Element)>>);

impl OnceDrawn {
    /// It is put into the page by the task that builds it.
    pub(super) fn after_this_task(self, element: &Element) {
        let element = element.clone();
        queue_microtask(move || self.0.take()(element));
    }
}

impl El {
    pub(super) fn once_drawn(&mut self, act: Box<dyn FnOnce(Element)>) {
        let act = OnceDrawn(SendWrapper::new(act));
        self.puts.push(("", Put::Drawn(act)));
    }

    fn listen(&mut self, name: &'static str, run: Box<dyn FnMut(Event)>) {
        let handler = Handler {
            owner: Owner::current().unwrap_or_default(),
            run: SendWrapper::new(run),
        };
        self.puts.push((name, Put::Listener(handler)));
    }
}

impl Handler {
    pub(super) fn attach(self, element: &Element, name: &str) -> Listening {
        let Self { owner, run } = self;
        let mut run = run.take();
        Rndr::add_event_listener(
            element,
            name,
            Box::new(move |event| owner.with(|| run(event))),
        )
    }
}
