//! The one key handler, and the clipboard.
//!
//! It listens on the document, so that keys work while nothing has the focus; of several editors on a page the one that
//! was touched last gets them. Keys stay with text fields, dialogs and menus, and Enter and Space with buttons.

use crate::components::is_mac;
use crate::context::{EditorContext, use_editor};
use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use std::cell::Cell;
use tagloom_editor::{Action, KeyPress};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlDivElement, HtmlElement, HtmlInputElement, KeyboardEvent};

thread_local! {
    static LAST_TOUCHED: Cell<u32> = const { Cell::new(0) };
    static NEXT: Cell<u32> = const { Cell::new(0) };
}

fn touch(id: u32) {
    LAST_TOUCHED.with(|last| last.set(id));
}

/// The element where an event began, inside shadow roots too.
fn origin(event: &web_sys::Event) -> Option<Element> {
    event.composed_path().get(0).dyn_into::<Element>().ok()
}

fn inside(event: &web_sys::Event, root: &HtmlDivElement) -> bool {
    let path = event.composed_path();
    path.iter().any(|node| node.loose_eq(root.as_ref()))
}

/// Whether an element takes this key for itself.
fn keeps_key(element: &Element, event: &KeyboardEvent) -> bool {
    let within = |selector: &str| element.closest(selector).ok().flatten().is_some();
    if within("dialog, [role=menu]") {
        return true;
    }
    let plain = !event.ctrl_key() && !event.meta_key() && !event.alt_key();
    let (key, tag) = (event.key(), element.tag_name().to_ascii_lowercase());
    match tag.as_str() {
        "textarea" | "select" => true,
        "input" => {
            let kind = element.dyn_ref::<HtmlInputElement>().map(HtmlInputElement::type_).unwrap_or_default();
            // A tick box that was just clicked must not swallow the hotkeys of the next choice.
            match kind.as_str() {
                "checkbox" => plain && key == " ",
                "radio" | "range" => plain && (key == " " || key.starts_with("Arrow")),
                _ => true,
            }
        }
        "button" | "summary" | "a" => plain && (key == " " || key == "Enter"),
        "video" | "audio" => plain && (key == " " || key.starts_with("Arrow")),
        _ => element.dyn_ref::<HtmlElement>().is_some_and(HtmlElement::is_content_editable),
    }
}

fn press_of(event: &KeyboardEvent) -> KeyPress {
    KeyPress {
        key: event.key(),
        code: event.code(),
        ctrl: event.ctrl_key(),
        shift: event.shift_key(),
        alt: event.alt_key(),
        meta: event.meta_key(),
        mac: is_mac(),
    }
}

/// Listens to keys and clipboard for the calling screen until it goes.
pub(super) fn listen(root: NodeRef<html::Div>) {
    let context = use_editor();
    let id = NEXT.with(|next| {
        next.set(next.get() + 1);
        next.get()
    });
    touch(id);
    let mine = move |event: &web_sys::Event| -> bool {
        let Some(root) = root.get_untracked() else { return false };
        if inside(event, &root) {
            return true;
        }
        let nowhere = origin(event).is_none_or(|e| matches!(e.tag_name().as_str(), "BODY" | "HTML"));
        nowhere && LAST_TOUCHED.with(Cell::get) == id
    };
    let pointer = window_event_listener(ev::pointerdown, move |event| {
        if root.get_untracked().is_some_and(|root| inside(&event, &root)) {
            touch(id);
        }
    });
    let keys = window_event_listener(ev::keydown, move |event| {
        if event.default_prevented() || event.is_composing() || !mine(&event) {
            return;
        }
        if origin(&event).is_some_and(|element| keeps_key(&element, &event)) {
            return;
        }
        if context.press(&press_of(&event)) {
            event.prevent_default();
        }
    });
    let clip = move |event: &web_sys::ClipboardEvent, cut: bool| {
        let typing = origin(event).is_some_and(|e| matches!(e.tag_name().as_str(), "INPUT" | "TEXTAREA"));
        if typing || !mine(event) || text_is_selected() {
            return;
        }
        if let (Some(text), Some(data)) = (context.try_with(|e| e.copy()).flatten(), event.clipboard_data()) {
            // Refused only where the page may not write to the clipboard; then the copy is empty, nothing is cut.
            if data.set_data("text/plain", &text).is_ok() {
                event.prevent_default();
                if cut {
                    context.dispatch(Action::DeleteSelected);
                }
            }
        }
    };
    let copy = window_event_listener(ev::copy, move |event| clip(&event, false));
    let cut = window_event_listener(ev::cut, move |event| clip(&event, true));
    let paste = window_event_listener(ev::paste, move |event| paste(&context, &event, mine(&event)));
    on_cleanup(move || {
        pointer.remove();
        keys.remove();
        copy.remove();
        cut.remove();
        paste.remove();
    });
}

fn text_is_selected() -> bool {
    let selection = web_sys::window().and_then(|w| w.get_selection().ok().flatten());
    selection.is_some_and(|s| !s.is_collapsed())
}

fn paste(context: &EditorContext, event: &web_sys::ClipboardEvent, mine: bool) {
    let typing = origin(event).is_some_and(|e| matches!(e.tag_name().as_str(), "INPUT" | "TEXTAREA"));
    if typing || !mine || context.read_only().get_untracked() {
        return;
    }
    let text = event.clipboard_data().and_then(|d| d.get_data("text/plain").ok()).unwrap_or_default();
    if !text.trim().is_empty() {
        event.prevent_default();
        context.dispatch(Action::Paste(text));
    }
}

/// Puts the focus into the first input of a per-region control, else of any answer.
pub(super) fn focus_answer(root: NodeRef<html::Div>) {
    let Some(root) = root.get_untracked() else { return };
    let wanted = ".tl-answer textarea, .tl-answer input, .tl-number-line input, .tl-choices input";
    let Ok(found) = root.query_selector_all(wanted) else { return };
    for at in 0..found.length() {
        let element = found.get(at).and_then(|n| n.dyn_into::<HtmlElement>().ok());
        if let Some(element) = element.filter(|e| e.offset_parent().is_some()) {
            let _ = element.focus();
            return;
        }
    }
}
