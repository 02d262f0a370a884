//! Texts half written, kept on the device by name. While the server renders there is no
//! device, and nothing to keep.

use leptos::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Fills `signal` with what was kept under `key`, by way of `merge`.
pub fn restore<T, K>(key: String, signal: RwSignal<T>, merge: impl FnOnce(&mut T, K) + 'static)
where
    T: Send + Sync + 'static,
    K: DeserializeOwned + 'static,
{
    #[cfg(feature = "hydrate")]
    super::device::draft(
        key,
        Box::new(move |json| {
            if let Ok(kept) = domain::json::from_str::<K>(json) {
                // Gone when the form was closed meanwhile.
                let _ = signal.try_update(|value| merge(value, kept));
            }
        }),
    );
    #[cfg(not(feature = "hydrate"))]
    let _ = (key, signal, merge);
}

/// Keeps every keystroke.
pub fn remember<T: Serialize>(key: &str, value: &T) {
    #[cfg(feature = "hydrate")]
    super::device::keep_draft(key.to_owned(), domain::json::to_string(value));
    #[cfg(not(feature = "hydrate"))]
    let _ = (key, value);
}

/// Lets go of a text that was sent.
pub fn forget(key: &str) {
    #[cfg(feature = "hydrate")]
    super::device::drop_draft(key.to_owned());
    #[cfg(not(feature = "hydrate"))]
    let _ = key;
}
