//! Asking before a page is left whose content would be lost.

use leptos::prelude::*;
use wasm_bindgen::prelude::*;

/// The browser asks before the page is closed or reloaded while `unsent` says so, as long as the caller's owner lives.
pub fn guard(unsent: impl Fn() -> bool + 'static) {
    let Some(window) = web_sys::window() else { return };
    let ask = Closure::<dyn FnMut(web_sys::Event)>::new(move |e: web_sys::Event| {
        if unsent() {
            e.prevent_default();
        }
    });
    let added = window.add_event_listener_with_callback("beforeunload", ask.as_ref().unchecked_ref());
    if added.is_ok() {
        let kept = send_wrapper::SendWrapper::new((window, ask));
        on_cleanup(move || {
            let (window, ask) = &*kept;
            let _ = window.remove_event_listener_with_callback("beforeunload", ask.as_ref().unchecked_ref());
        });
    }
}
