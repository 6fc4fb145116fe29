//! Buttons that show an icon only: always with an accessible name and a tooltip.

use crate::icons::{Glyph, Icon};
use leptos::prelude::*;

/// `label` is the accessible name, `title` (the name with its key, usually from [`super::with_key`]) the tooltip.
#[component]
pub fn IconButton(
    glyph: Glyph,
    #[prop(into)] label: Signal<String>,
    /// The tooltip; the name where there is no key to tell.
    #[prop(optional, into)]
    title: Option<Signal<String>>,
    #[prop(optional, into)] disabled: Signal<bool>,
    /// For toggles: whether it is on.
    #[prop(optional, into)]
    pressed: Option<Signal<bool>>,
    #[prop(optional, into)] class: &'static str,
    on_click: impl Fn() + 'static,
) -> impl IntoView {
    let class = format!("tl-icon-button {class}");
    view! {
        <button type="button" class=class aria-label=move || label.get()
            title=move || title.map_or_else(|| label.get(), |t| t.get())
            disabled=move || disabled.get()
            aria-pressed=move || pressed.map(|p| p.get().to_string())
            on:click=move |_| on_click()>
            <Icon glyph/>
        </button>
    }
}
