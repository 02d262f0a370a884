//! Elements as data: what `markup::view!` makes. There is one type for all elements, so that the browser downloads the
//! code that builds, changes and removes an element once, instead of once for every element of every screen.
//!
//! In the browser a view is always built anew, never taken over from the server's page (`shell`), so there is nothing
//! here that hydrates.

mod drawn;
mod given;
#[cfg(feature = "hydrate")]
mod listener;
#[cfg(all(test, feature = "ssr"))]
mod tests;
mod written;

pub use given::{Given, IntoChild, IntoValue, Plain};
pub(crate) use written::escaped;

use leptos::ev::EventDescriptor;
use leptos::prelude::*;
use leptos::tachys::renderer::types::Element;
use leptos::wasm_bindgen::JsCast;
use std::borrow::Cow;

/// Attributes that an element has for good.
type Fixed = &'static [(&'static str, &'static str)];

/// Asked again when something that it reads has changed.
type Live = Box<dyn FnMut() -> Value + Send>;

/// An element, before it is drawn.
pub struct El {
    tag: &'static str,
    fixed: Fixed,
    puts: Vec<(&'static str, Put)>,
    children: Vec<Child>,
}

/// What stands in an element.
pub enum Child {
    /// Words.
    Text(Cow<'static, str>),
    /// An element.
    El(Box<El>),
    /// A component, a part that changes, a list.
    View(AnyView),
}

/// The value of an attribute or a property.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Words.
    Text(Cow<'static, str>),
    /// There without words, or not there.
    Flag(bool),
}

/// What is put on an element beside its fixed attributes.
enum Put {
    Set(On, Value),
    Live(On, Live),
    #[cfg(feature = "hydrate")]
    Listener(listener::Handler),
    #[cfg(feature = "hydrate")]
    Drawn(listener::OnceDrawn),
}

/// Where a value goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum On {
    Attribute,
    Property,
}

impl El {
    /// An element with the attributes that it has for good.
    #[must_use]
    pub fn new(tag: &'static str, fixed: Fixed) -> Self {
        Self {
            tag,
            fixed,
            puts: Vec::new(),
            children: Vec::new(),
        }
    }

    /// Puts an attribute on it.
    pub fn put(&mut self, name: &'static str, value: impl IntoValue) {
        self.push(name, On::Attribute, value.into_value());
    }

    /// Sets a property of it. The server's drawing has none.
    pub fn prop(&mut self, name: &'static str, value: impl IntoValue) {
        self.push(name, On::Property, value.into_value());
    }

    /// Has it listen. Nobody listens on the server.
    pub fn on<E: EventDescriptor>(
        &mut self,
        _: E,
        name: &'static str,
        handler: impl FnMut(E::EventType) + 'static,
    ) where
        E::EventType: JsCast,
    {
        #[cfg(feature = "hydrate")]
        listener::put::<E>(self, name, handler);
        #[cfg(not(feature = "hydrate"))]
        let _ = (name, handler);
    }

    /// Has something done to it once it is in the page.
    pub fn drawn(&mut self, act: impl FnOnce(Element) + 'static) {
        #[cfg(feature = "hydrate")]
        self.once_drawn(Box::new(act));
        #[cfg(not(feature = "hydrate"))]
        let _ = act;
    }

    /// Puts something in it, behind what it holds.
    pub fn add(&mut self, child: Child) {
        self.children.push(child);
    }

    fn push(&mut self, name: &'static str, on: On, given: Given) {
        let put = match given {
            Given::Now(value) => Put::Set(on, value),
            Given::Live(live) => Put::Live(on, live),
        };
        self.puts.push((name, put));
    }
}

/// Children without an element around them.
#[must_use]
pub fn beside(children: Vec<Child>) -> AnyView {
    let all: Vec<AnyView> = children.into_iter().map(Child::into_view).collect();
    all.into_any()
}
