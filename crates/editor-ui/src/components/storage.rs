//! What this browser remembers about the screen; where it gives no storage, nothing is remembered and nothing fails.

use leptos::prelude::*;

fn storage() -> Option<web_sys::Storage> {
    web_sys::window()?.local_storage().ok().flatten()
}

pub fn load(key: &str) -> Option<String> {
    storage()?.get_item(key).ok().flatten()
}

pub fn store(key: &str, value: &str) {
    if let Some(storage) = storage() {
        // A full storage costs a preference, nothing else.
        let _ = storage.set_item(key, value);
    }
}

/// A text signal that starts from what is stored under `key` and is stored with every change.
pub fn remembered(key: &'static str, default: &str) -> RwSignal<String> {
    let signal = RwSignal::new(load(key).unwrap_or_else(|| default.to_owned()));
    Effect::new(move |before: Option<()>| {
        let value = signal.get();
        if before.is_some() {
            store(key, &value);
        }
    });
    signal
}
