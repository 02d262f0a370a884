//! Elements as data: what `markup::view!` makes. There is one type for all elements, so that the browser downloads the
//! code that builds, changes and removes an element once, instead of once for every element of every screen.
//!
//! In the browser a view is always built anew, never taken over from the server's page (`shell`), so there is nothing
//! here that hydrates.

use super::dynamic::part;
use leptos::ev::EventDescriptor;
use leptos::prelude::*;
use leptos::tachys::html::attribute::Attribute;
use leptos::tachys::html::attribute::any_attribute::AnyAttribute;
use leptos::tachys::hydration::Cursor;
use leptos::tachys::renderer::Rndr;
use leptos::tachys::renderer::types::{Element, Node, Text};
use leptos::tachys::view::add_attr::AddAnyAttr;
use leptos::tachys::view::any_view::AnyViewState;
use leptos::tachys::view::{Mountable, Position, PositionState};
use leptos::wasm_bindgen::{JsCast, JsValue};
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

// ---------------------------------------------------------------------------------------------------------------------
// What may stand where.

/// What can stand in an element.
pub trait IntoChild {
    /// As a child.
    fn into_child(self) -> Child;
}

impl Child {
    /// As a view.
    #[must_use]
    pub fn into_view(self) -> AnyView {
        match self {
            Self::Text(text) => text.into_owned().into_any(),
            Self::El(el) => (*el).into_any(),
            Self::View(view) => view,
        }
    }
}

impl IntoChild for Child {
    fn into_child(self) -> Child {
        self
    }
}

impl IntoChild for El {
    fn into_child(self) -> Child {
        Child::El(Box::new(self))
    }
}

impl IntoChild for AnyView {
    fn into_child(self) -> Child {
        Child::View(self)
    }
}

/// A component.
impl<T: RenderHtml + Send + 'static> IntoChild for View<T> {
    fn into_child(self) -> Child {
        Child::View(self.into_inner().into_any())
    }
}

impl IntoChild for String {
    fn into_child(self) -> Child {
        Child::Text(self.into())
    }
}

impl<C: IntoChild, const N: usize> IntoChild for [C; N] {
    fn into_child(self) -> Child {
        Vec::from(self).into_child()
    }
}

impl IntoChild for usize {
    fn into_child(self) -> Child {
        self.to_string().into_child()
    }
}

impl IntoChild for u32 {
    fn into_child(self) -> Child {
        (self as usize).into_child()
    }
}

impl IntoChild for &'static str {
    fn into_child(self) -> Child {
        Child::Text(self.into())
    }
}

/// Nothing is no words.
impl<C: IntoChild> IntoChild for Option<C> {
    fn into_child(self) -> Child {
        self.map_or(Child::Text(Cow::Borrowed("")), IntoChild::into_child)
    }
}

impl<C: IntoChild> IntoChild for Vec<C> {
    fn into_child(self) -> Child {
        let all: Vec<Child> = self.into_iter().map(IntoChild::into_child).collect();
        Child::View(beside(all))
    }
}

/// A part that changes.
impl<F: FnMut() -> C + Send + 'static, C: IntoChild> IntoChild for F {
    fn into_child(self) -> Child {
        Child::View(part(self))
    }
}

/// A value for good, or one that is asked for again.
pub enum Given {
    /// For good.
    Now(Value),
    /// Asked for again.
    Live(Live),
}

/// What an attribute or a property can be.
pub trait IntoValue {
    /// As a value.
    fn into_value(self) -> Given;
}

/// A value for good.
pub trait Plain {
    /// As it is.
    fn plain(self) -> Value;
}

impl Plain for &'static str {
    fn plain(self) -> Value {
        Value::Text(self.into())
    }
}

impl Plain for String {
    fn plain(self) -> Value {
        Value::Text(self.into())
    }
}

impl Plain for bool {
    fn plain(self) -> Value {
        Value::Flag(self)
    }
}

/// What there is not is not there.
impl<V: Plain> Plain for Option<V> {
    fn plain(self) -> Value {
        self.map_or(Value::Flag(false), Plain::plain)
    }
}

macro_rules! for_good {
    ($($ty:ty),*) => {
        $(impl IntoValue for $ty {
            fn into_value(self) -> Given {
                Given::Now(self.plain())
            }
        })*
    };
}
for_good!(
    &'static str,
    String,
    bool,
    Option<&'static str>,
    Option<String>
);

impl<F: FnMut() -> V + Send + 'static, V: Plain> IntoValue for F {
    fn into_value(mut self) -> Given {
        Given::Live(Box::new(move || self().plain()))
    }
}

// ---------------------------------------------------------------------------------------------------------------------
// In the browser.

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

#[cfg(feature = "hydrate")]
mod listener {
    use super::{El, Element, EventDescriptor, JsCast, Owner, Put, Rndr};
    use leptos::tachys::renderer::RemoveEventHandler;
    use leptos::tachys::renderer::types::Event;
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

    impl El {
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
}

// ---------------------------------------------------------------------------------------------------------------------
// On the server.

impl El {
    fn write(self, html: &mut String, mark_branches: bool) {
        html.push('<');
        html.push_str(self.tag);
        for (name, value) in self.fixed {
            write_attribute(html, name, value);
        }
        for (name, put) in self.puts {
            let value = match put {
                Put::Set(On::Attribute, value) => value,
                Put::Live(On::Attribute, mut live) => live(),
                _ => continue,
            };
            match value {
                Value::Text(text) => write_attribute(html, name, &text),
                Value::Flag(true) => write_attribute(html, name, ""),
                Value::Flag(false) => {}
            }
        }
        html.push('>');
        if VOID.contains(&self.tag) {
            return;
        }
        for child in self.children {
            match child {
                Child::Text(text) => html.push_str(&escaped(&text)),
                Child::El(el) => el.write(html, mark_branches),
                Child::View(view) => {
                    let mut place = Position::NextChild;
                    view.to_html_with_buf(html, &mut place, true, mark_branches, Vec::new());
                }
            }
        }
        html.push_str("</");
        html.push_str(self.tag);
        html.push('>');
    }
}

/// Elements that hold nothing and have no end.
const VOID: [&str; 8] = ["br", "hr", "img", "input", "link", "meta", "source", "wbr"];

fn write_attribute(html: &mut String, name: &str, value: &str) {
    html.push(' ');
    html.push_str(name);
    if !value.is_empty() {
        html.push_str("=\"");
        html.push_str(&escaped(value).replace('"', "&quot;"));
        html.push('"');
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

impl RenderHtml for El {
    type AsyncOutput = Self;
    type Owned = Self;

    const MIN_LENGTH: usize = 0;

    fn dry_resolve(&mut self) {
        for child in &mut self.children {
            match child {
                Child::Text(_) => {}
                Child::El(el) => el.dry_resolve(),
                Child::View(view) => view.dry_resolve(),
            }
        }
    }

    async fn resolve(self) -> Self {
        self
    }

    fn to_html_with_buf(
        self,
        buf: &mut String,
        position: &mut Position,
        _escape: bool,
        mark_branches: bool,
        _extra_attrs: Vec<AnyAttribute>,
    ) {
        self.write(buf, mark_branches);
        *position = Position::NextChild;
    }

    /// Never asked for, see the top; what it would draw stands nowhere.
    fn hydrate<const FROM_SERVER: bool>(self, _: &Cursor, _: &PositionState) -> Drawn {
        self.build()
    }

    fn into_owned(self) -> Self {
        self
    }
}

/// Nothing is spread onto our elements: a screen says all that is on them.
impl AddAnyAttr for El {
    type Output<SomeNewAttr: Attribute> = Self;

    fn add_any_attr<NewAttr: Attribute>(self, _: NewAttr) -> Self {
        self
    }
}
