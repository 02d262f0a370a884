//! Elements in the browser: built, changed in place, taken away.

#[cfg(feature = "hydrate")]
use super::listener;
use super::{Child, El, Fixed, On, Put, Value};
use leptos::prelude::*;
use leptos::tachys::renderer::Rndr;
use leptos::tachys::renderer::types::{Element, Node, Text};
use leptos::tachys::view::Mountable;
use leptos::tachys::view::any_view::AnyViewState;
use leptos::wasm_bindgen::JsValue;
use std::borrow::Cow;

/// An element that is drawn.
pub struct Drawn {
    tag: &'static str,
    fixed: Fixed,
    element: Element,
    puts: Vec<(&'static str, IsPut)>,
    children: Vec<DrawnChild>,
}

enum DrawnChild {
    Text(Text, Cow<'static, str>),
    El(Box<Drawn>),
    View(AnyViewState),
}

enum IsPut {
    Set(On, Value),
    Live(#[expect(dead_code, reason = "dropped with the element")] RenderEffect<Value>),
    #[cfg(feature = "hydrate")]
    Done,
    #[cfg(feature = "hydrate")]
    Listener(#[expect(dead_code, reason = "dropped with the element")] listener::Listening),
}

impl Render for El {
    type State = Drawn;

    fn build(self) -> Drawn {
        let element = Rndr::create_element(self.tag, None);
        for (name, value) in self.fixed {
            Rndr::set_attribute(&element, name, value);
        }
        // Before properties: a choice has no value before it has its options.
        let mut children: Vec<_> = self.children.into_iter().map(Child::build).collect();
        for child in &mut children {
            child.mountable().mount(&element, None);
        }
        let puts = self.puts.into_iter();
        let puts = puts.map(|(name, put)| (name, put.build(name, &element)));
        Drawn {
            tag: self.tag,
            fixed: self.fixed,
            puts: puts.collect(),
            children,
            element,
        }
    }

    fn rebuild(self, drawn: &mut Drawn) {
        let same_place = self.tag == drawn.tag
            && self.fixed == drawn.fixed
            && self.children.len() == drawn.children.len()
            && self.puts.len() == drawn.puts.len()
            && self.puts.iter().zip(&drawn.puts).all(|(a, b)| a.0 == b.0);
        if !same_place {
            let mut new = self.build();
            drawn.insert_before_this(&mut new);
            drawn.unmount();
            *drawn = new;
            return;
        }
        for (child, of) in self.children.into_iter().zip(&mut drawn.children) {
            child.rebuild(of, &drawn.element);
        }
        for ((name, put), (_, of)) in self.puts.into_iter().zip(&mut drawn.puts) {
            match (put, &mut *of) {
                (Put::Set(on, new), IsPut::Set(was_on, old)) if on == *was_on => {
                    if *old != new {
                        set(&drawn.element, on, name, &new);
                        *old = new;
                    }
                }
                (put, _) => *of = put.build(name, &drawn.element),
            }
        }
    }
}

impl Put {
    fn build(self, name: &'static str, element: &Element) -> IsPut {
        match self {
            Self::Set(on, value) => {
                set(element, on, name, &value);
                IsPut::Set(on, value)
            }
            Self::Live(on, mut live) => {
                let element = element.clone();
                IsPut::Live(RenderEffect::new(move |before: Option<Value>| {
                    let now = live();
                    if before.as_ref() != Some(&now) {
                        set(&element, on, name, &now);
                    }
                    now
                }))
            }
            #[cfg(feature = "hydrate")]
            Self::Drawn(act) => {
                act.after_this_task(element);
                IsPut::Done
            }
            #[cfg(feature = "hydrate")]
            Self::Listener(handler) => IsPut::Listener(handler.attach(element, name)),
        }
    }
}

fn set(element: &Element, on: On, name: &str, value: &Value) {
    match (on, value) {
        (On::Attribute, Value::Text(text)) => Rndr::set_attribute(element, name, text),
        (On::Attribute, Value::Flag(true)) => Rndr::set_attribute(element, name, ""),
        (On::Attribute, Value::Flag(false)) => Rndr::remove_attribute(element, name),
        (On::Property, Value::Text(text)) => {
            Rndr::set_property(element, name, &JsValue::from_str(text));
        }
        (On::Property, Value::Flag(flag)) => {
            Rndr::set_property(element, name, &JsValue::from_bool(*flag));
        }
    }
}

impl Child {
    fn build(self) -> DrawnChild {
        match self {
            Self::Text(text) => DrawnChild::Text(Rndr::create_text_node(&text), text),
            Self::El(el) => DrawnChild::El(Box::new(el.build())),
            Self::View(view) => DrawnChild::View(view.build()),
        }
    }

    fn rebuild(self, drawn: &mut DrawnChild, parent: &Element) {
        match (self, &mut *drawn) {
            (Self::Text(new), DrawnChild::Text(node, old)) => {
                if *old != new {
                    Rndr::set_text(node, &new);
                    *old = new;
                }
            }
            (Self::El(el), DrawnChild::El(of)) => el.rebuild(of),
            (Self::View(view), DrawnChild::View(of)) => view.rebuild(of),
            (other, _) => {
                let mut new = other.build();
                let old = drawn.mountable();
                if !old.insert_before_this(new.mountable()) {
                    new.mountable().mount(parent, None);
                }
                old.unmount();
                *drawn = new;
            }
        }
    }
}

impl DrawnChild {
    fn mountable(&mut self) -> &mut dyn Mountable {
        match self {
            Self::Text(text, _) => text,
            Self::El(el) => &mut **el,
            Self::View(view) => view,
        }
    }
}

impl Mountable for Drawn {
    fn unmount(&mut self) {
        self.element.unmount();
    }

    fn mount(&mut self, parent: &Element, marker: Option<&Node>) {
        self.element.mount(parent, marker);
    }

    fn insert_before_this(&self, child: &mut dyn Mountable) -> bool {
        self.element.insert_before_this(child)
    }

    fn elements(&self) -> Vec<Element> {
        vec![self.element.clone()]
    }
}
