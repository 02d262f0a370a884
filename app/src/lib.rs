//! What people see, and how it stays in step with the server.
//!
//! One folder per screen; `route` says which of them is shown; `parts` is what they share;
//! `replica` is the local copy of the log that they all read; `api` is what is asked of the
//! server; `public` is what customers get.

#![recursion_limit = "512"]

pub mod api;
mod board;
mod brief;
mod composer;
mod declare;
mod frame;
pub mod parts;
pub mod public;
pub mod replica;
mod room;
mod route;
mod shell;

#[cfg(feature = "ssr")]
pub use brief::linked::LinkedBrief;
pub use route::title;
pub use shell::{Page, shell};

use crate::api::Snapshot;
use crate::parts::memo::effect;
use crate::replica::Replica;
use crate::route::Address;
use leptos::prelude::*;
use markup::view;

/// The whole app, as the server renders it into the page's body and the browser draws it in its
/// place.
#[component]
pub fn App(
    /// What it starts from.
    snapshot: Snapshot,
    /// Path and query of the page.
    address: String,
) -> impl IntoView {
    let replica = Replica::new(snapshot);
    provide_context(replica);
    let address = Address::new(&address);
    provide_context(address);
    effect(move || {
        #[cfg(feature = "hydrate")]
        shell::started(replica);
        #[cfg(not(feature = "hydrate"))]
        let _ = replica;
    });
    view! { <frame::Frame>{route::screen(address)}</frame::Frame> }
}

/// Whether this is the server's drawing of a page. Forms that only the app can send take no words
/// then (`inert`): the app, which stands in their place moments later, would not have them.
pub(crate) const DRAWN_BY_SERVER: bool = !cfg!(feature = "hydrate");

/// Starts in the browser: draws the app in place of the page that the server drew from the same
/// snapshot, or, when that page is the empty one kept for days without a network, from what the
/// device holds.
#[cfg(feature = "hydrate")]
pub fn start() {
    shell::start();
}
