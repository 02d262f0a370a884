//! Values that are worked out from signals, and what is done when signals change.

use leptos::prelude::*;

/// A value that is worked out anew when a signal that it reads has changed, and told on when it is
/// another. As [`Memo::new`], which makes code for every closure; this makes it once for each type
/// of value.
#[inline]
pub fn memo<T: PartialEq + Send + Sync + 'static>(
    read: impl Fn() -> T + Send + Sync + 'static,
) -> Memo<T> {
    boxed(Box::new(read))
}

#[inline(never)]
fn boxed<T: PartialEq + Send + Sync + 'static>(read: Box<dyn Fn() -> T + Send + Sync>) -> Memo<T> {
    Memo::new(move |_| read())
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
