//! A button with a list below it. Escape, a click beside it and leaving it by Tab close it; Escape gives the focus back to
//! the button.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{FocusEvent, KeyboardEvent, Node};

/// `items` are made anew each time it opens.
#[component]
pub fn Menu<F, V>(label: &'static str, items: F) -> impl IntoView
where
    F: Fn() -> V + Clone + Send + Sync + 'static,
    V: IntoView + 'static,
{
    let open = RwSignal::new(false);
    let place = NodeRef::<html::Span>::new();
    let button = NodeRef::<html::Button>::new();
    let holds = move |target: Option<web_sys::EventTarget>| {
        let node = target.and_then(|target| target.dyn_into::<Node>().ok());
        place.get_untracked().is_some_and(|place| place.contains(node.as_ref()))
    };
    let elsewhere = window_event_listener(leptos::ev::pointerdown, move |event| {
        if open.get_untracked() && !holds(event.target()) {
            open.set(false);
        }
    });
    on_cleanup(move || elsewhere.remove());
    let left = move |event: FocusEvent| {
        // Nothing gets the focus when something without any is clicked, which the listener above knows better.
        if event.related_target().is_some() && !holds(event.related_target()) {
            open.set(false);
        }
    };
    let key = move |event: KeyboardEvent| {
        if event.key() == "Escape" && open.get_untracked() {
            event.prevent_default();
            open.set(false);
            if let Some(button) = button.get_untracked() {
                let _ = button.focus();
            }
        }
    };
    view! {
        <span class="ta-menu" node_ref=place on:focusout=left on:keydown=key>
            <button type="button" class="ta-button" node_ref=button aria-expanded=move || open.get().to_string()
                on:click=move |_| open.update(|o| *o = !*o)>{label}</button>
            <Show when=move || open.get()>
                <ul class="ta-menu-list" on:click=move |_| open.set(false)>{items.clone()}</ul>
            </Show>
        </span>
    }
}
