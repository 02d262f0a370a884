//! What may stand in an element, and on it.

use super::{Child, El, Live, Value, beside};
use crate::parts::dynamic::part;
use leptos::prelude::*;
use std::borrow::Cow;

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
