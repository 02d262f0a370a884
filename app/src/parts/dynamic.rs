//! Parts of a view that change, of one type for all. Leptos makes code for each type of view: how
//! it is built, compared, mounted and taken away. Each closure is a type of its own, as is each
//! kind of element in an `Option` or a `Vec`, and all that code is downloaded by everybody.

use leptos::prelude::*;

/// A part that is asked for anew when a signal that it reads has changed.
pub fn part<V: Erase>(mut read: impl FnMut() -> V + Send + 'static) -> AnyView {
    let read: Box<dyn FnMut() -> AnyView + Send> = Box::new(move || read().erased());
    read.into_any()
}

/// What can stand in a view, without its type.
pub trait Erase {
    /// Without its type.
    fn erased(self) -> AnyView;
}

impl Erase for AnyView {
    fn erased(self) -> AnyView {
        self
    }
}

/// What `view!` makes.
impl<T: RenderHtml + Send + 'static> Erase for View<T> {
    fn erased(self) -> AnyView {
        self.into_inner().into_any()
    }
}

impl Erase for String {
    fn erased(self) -> AnyView {
        self.into_any()
    }
}

impl Erase for &'static str {
    fn erased(self) -> AnyView {
        self.to_owned().into_any()
    }
}

/// Nothing takes no place.
impl<V: Erase> Erase for Option<V> {
    fn erased(self) -> AnyView {
        match self {
            Some(view) => view.erased(),
            None => ().into_any(),
        }
    }
}

impl<V: Erase> Erase for Vec<V> {
    fn erased(self) -> AnyView {
        let all: Vec<AnyView> = self.into_iter().map(Erase::erased).collect();
        all.into_any()
    }
}
