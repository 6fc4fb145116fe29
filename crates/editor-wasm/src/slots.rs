//! All editors of this page.

use js_sys::Function;
use leptos::prelude::Owner;
use std::cell::RefCell;
use std::collections::HashMap;
use tagloom_editor_ui::EditorContext;

/// One mounted editor. Dropping it unmounts the views and disposes of every signal.
pub(crate) struct Instance {
    pub context: EditorContext,
    pub host: web_sys::HtmlElement,
    /// Listeners by event name, in the order they came.
    pub listeners: HashMap<String, Vec<Function>>,
    pub unmount: Option<Box<dyn FnOnce()>>,
    pub owner: Owner,
}

thread_local! {
    static EDITORS: RefCell<HashMap<u32, Instance>> = RefCell::default();
    static NEXT: RefCell<u32> = const { RefCell::new(0) };
}

pub(crate) fn add(instance: Instance) -> u32 {
    let id = NEXT.with_borrow_mut(|n| {
        *n += 1;
        *n
    });
    EDITORS.with_borrow_mut(|editors| editors.insert(id, instance));
    id
}

pub(crate) fn take(id: u32) -> Option<Instance> {
    EDITORS.with_borrow_mut(|editors| editors.remove(&id))
}

/// Reads or changes a slot; the closure must not call back into JavaScript.
pub(crate) fn with<R>(id: u32, f: impl FnOnce(&mut Instance) -> R) -> Option<R> {
    EDITORS.with_borrow_mut(|editors| editors.get_mut(&id).map(f))
}
