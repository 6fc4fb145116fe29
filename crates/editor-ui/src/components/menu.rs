//! Drop-down menus: opened by a button, walked with the arrow keys, closed by Escape, a choice or a look elsewhere.

use crate::icons::{Glyph, Icon};
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent};

/// A button with a list below it; `children` are [`MenuItem`]s, made when it opens.
#[component]
pub fn Menu(
    glyph: Glyph,
    #[prop(into)] label: String,
    #[prop(optional)] start: bool,
    children: ChildrenFn,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let root = NodeRef::<html::Div>::new();
    let list = NodeRef::<html::Div>::new();
    let button = NodeRef::<html::Button>::new();
    provide_context(MenuOpen(open));
    let items = move || -> Vec<HtmlElement> {
        let Some(list) = list.get_untracked() else { return Vec::new() };
        let Ok(found) = list.query_selector_all("[role=menuitem]:not(:disabled)") else { return Vec::new() };
        (0..found.length()).filter_map(|i| found.get(i)?.dyn_into::<HtmlElement>().ok()).collect()
    };
    Effect::new(move |_| {
        if open.get()
            && list.get().is_some()
            && let Some(first) = items().first()
        {
            let _ = first.focus();
        }
    });
    let keys = move |event: KeyboardEvent| {
        if !open.get_untracked() {
            return;
        }
        event.stop_propagation();
        let items = items();
        let focused = event.target().and_then(|t| t.dyn_into::<HtmlElement>().ok());
        let at = focused.and_then(|f| items.iter().position(|i| *i == f));
        let next = match event.key().as_str() {
            "ArrowDown" => at.map_or(0, |a| (a + 1) % items.len().max(1)),
            "ArrowUp" => at.map_or(0, |a| (a + items.len().saturating_sub(1)) % items.len().max(1)),
            "Home" => 0,
            "End" => items.len().saturating_sub(1),
            "Escape" => {
                open.set(false);
                if let Some(button) = button.get_untracked() {
                    let _ = button.focus();
                }
                return;
            }
            _ => return,
        };
        event.prevent_default();
        if let Some(item) = items.get(next) {
            let _ = item.focus();
        }
    };
    let left = move |event: web_sys::FocusEvent| {
        let to = event.related_target().and_then(|t| t.dyn_into::<web_sys::Node>().ok());
        let inside = root.get_untracked().is_some_and(|root| root.contains(to.as_ref()));
        if !inside {
            open.set(false);
        }
    };
    let title = label.clone();
    view! {
        <div class="tl-menu" node_ref=root on:keydown=keys on:focusout=left>
            <button node_ref=button type="button" class="tl-icon-button" aria-haspopup="menu" title=title aria-label=label
                aria-expanded=move || open.get().to_string() on:click=move |_| open.update(|o| *o = !*o)>
                <Icon glyph/>
            </button>
            <Show when=move || open.get()>
                <div node_ref=list class="tl-menu-list" class:tl-start=start role="menu">{children()}</div>
            </Show>
        </div>
    }
}

#[derive(Clone, Copy)]
struct MenuOpen(RwSignal<bool>);

#[component]
pub fn MenuItem(
    glyph: Glyph,
    #[prop(into)] text: Signal<String>,
    #[prop(optional, into)] disabled: Signal<bool>,
    #[prop(optional)] dangerous: bool,
    on_click: impl Fn() + 'static,
) -> impl IntoView {
    let open = use_context::<MenuOpen>();
    view! {
        <button type="button" role="menuitem" class="tl-menu-item" class:tl-dangerous=dangerous tabindex="-1"
            disabled=move || disabled.get()
            on:click=move |_| {
                if let Some(MenuOpen(open)) = open {
                    open.set(false);
                }
                on_click();
            }>
            <Icon glyph/>{move || text.get()}
        </button>
    }
}
