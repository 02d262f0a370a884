//! Parts of a view that change, of one type for all. Leptos makes code for each type of view: how
//! it is built, compared, mounted and taken away. Each closure is a type of its own, as is each
//! kind of element in an `Option` or a `Vec`, and all that code is downloaded by everybody.

use super::el::IntoChild;
use leptos::prelude::*;

/// A part that is asked for anew when a signal that it reads has changed.
pub fn part<C: IntoChild>(mut read: impl FnMut() -> C + Send + 'static) -> AnyView {
    let read: Box<dyn FnMut() -> AnyView + Send> =
        Box::new(move || read().into_child().into_view());
    read.into_any()
}

/// One row of a list, before it is drawn.
struct Row {
    key: String,
    draw: Box<dyn FnOnce() -> AnyView + Send + Sync>,
}

/// A list whose rows stay in place when others come and go. Two items with the same key are the
/// same row: what is shown of an item has to be in its key, or to change by itself.
pub fn list<T: Send + Sync + 'static>(
    items: impl Fn() -> Vec<T> + Send + Sync + 'static,
    key: fn(&T) -> String,
    draw: fn(T) -> AnyView,
) -> AnyView {
    let row = move |item| Row {
        key: key(&item),
        draw: Box::new(move || draw(item)),
    };
    let rows: Box<dyn Fn() -> Vec<Row> + Send + Sync> =
        Box::new(move || items().into_iter().map(row).collect());
    view! { <For each=rows key=|row: &Row| row.key.clone() children=|row: Row| (row.draw)() /> }
        .into_any()
}
