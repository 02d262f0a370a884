//! Values that are worked out from signals, and what is done when signals change.

use leptos::prelude::{Effect, Get as _, GetUntracked as _, Track as _};
use std::any::Any;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

/// A value that is worked out anew when a signal that it reads has changed, and told on when it is
/// another; copies of it are the same. Leptos makes the code of its own memo for each type of value,
/// and everybody downloads it: inside of this all are of one type.
pub struct Memo<T> {
    any: leptos::prelude::Memo<Known>,
    of: PhantomData<fn() -> T>,
}

/// A value of any type. It is the same while it is told to be, whatever it is.
#[derive(Clone)]
struct Known(Arc<dyn Any + Send + Sync>);

impl PartialEq for Known {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Known {
    fn as_of<T: 'static>(&self) -> &T {
        self.0.downcast_ref().expect("a memo holds what it is of")
    }
}

impl<T> Clone for Memo<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Memo<T> {}

impl<T> fmt::Debug for Memo<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.any.fmt(f)
    }
}

impl<T: Send + Sync + 'static> Memo<T> {
    /// Worked out from the last one, where there was one; another where `same` says so.
    pub fn new(
        read: impl Fn(Option<&T>) -> T + Send + Sync + 'static,
        same: fn(&T, &T) -> bool,
    ) -> Self {
        let any = known(Box::new(move |old| {
            let new = read(old.map(Known::as_of));
            match old {
                Some(old) if same(old.as_of(), &new) => old.clone(),
                _ => Known(Arc::new(new)),
            }
        }));
        Self {
            any,
            of: PhantomData,
        }
    }

    /// Its value, now and whenever it is another.
    pub fn with<U>(self, read: impl FnOnce(&T) -> U) -> U {
        read(self.any.get().as_of())
    }

    /// Whoever asks is told when it is another.
    pub fn track(self) {
        self.any.track();
    }

    /// Its value now.
    pub fn with_untracked<U>(self, read: impl FnOnce(&T) -> U) -> U {
        read(self.any.get_untracked().as_of())
    }
}

impl<T: Clone + Send + Sync + 'static> Memo<T> {
    /// As [`Memo::with`].
    #[must_use]
    pub fn get(self) -> T {
        self.with(T::clone)
    }

    /// As [`Memo::with_untracked`].
    #[must_use]
    pub fn get_untracked(self) -> T {
        self.with_untracked(T::clone)
    }
}

type Read = Box<dyn Fn(Option<&Known>) -> Known + Send + Sync>;

fn known(read: Read) -> leptos::prelude::Memo<Known> {
    leptos::prelude::Memo::new(read)
}

/// A memo of what can be compared.
pub fn memo<T: PartialEq + Send + Sync + 'static>(
    read: impl Fn() -> T + Send + Sync + 'static,
) -> Memo<T> {
    Memo::new(move |_| read(), T::eq)
}

/// Done in the browser now and whenever a signal that it reads has changed. As [`Effect::new`], in
/// the code of one closure for all.
#[inline]
pub fn effect(act: impl FnMut() + 'static) {
    boxed_effect(Box::new(act));
}

#[inline(never)]
fn boxed_effect(mut act: Box<dyn FnMut()>) {
    Effect::new(move |_| act());
}
