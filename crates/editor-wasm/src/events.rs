//! Editor events to host callbacks.

use crate::options::to_js;
use crate::slots;
use serde_json::{Value, json};
use tagloom_editor::EditorEvent;
use tagloom_editor_ui::EditorContext;
use wasm_bindgen::{JsCast, JsValue};

/// What a listener is called with: one object per event.
pub(crate) fn detail(context: &EditorContext, event: &EditorEvent) -> Value {
    match event {
        EditorEvent::SubmitAnnotation { key, payload } | EditorEvent::SkipTask { key, payload } => {
            json!({ "key": key.0, "payload": payload })
        }
        EditorEvent::UpdateAnnotation { key, pk, payload } => {
            json!({ "key": key.0, "pk": pk, "payload": payload })
        }
        EditorEvent::AcceptAnnotation { key, payload, dirty }
        | EditorEvent::RejectAnnotation { key, payload, dirty } => {
            json!({ "key": key.0, "payload": payload, "isDirty": dirty })
        }
        EditorEvent::DeleteAnnotation { key, pk } | EditorEvent::UnskipTask { key, pk } => {
            json!({ "key": key.0, "pk": pk })
        }
        EditorEvent::DraftChanged { key, revision } => {
            let payload = context.with(|e| e.payload(true));
            json!({ "key": key.0, "revision": revision, "payload": payload })
        }
        EditorEvent::EntityCreate { results } => json!({ "results": results }),
        EditorEvent::EntityDelete { id } | EditorEvent::RegionFinishedDrawing { id } => json!({ "id": id }),
        EditorEvent::GroundTruth { key, pk, value } => json!({ "key": key.0, "pk": pk, "value": value }),
        EditorEvent::SelectAnnotation { key, previous } => {
            json!({ "key": key.0, "previous": previous.map(|k| k.0) })
        }
        EditorEvent::TaskLoaded => json!({}),
    }
}

/// Calls every listener of the event's name; what a listener throws is reported, not passed on.
pub(crate) fn deliver(id: u32, name: &str, detail: &Value) {
    let listeners = slots::with(id, |i| i.listeners.get(name).cloned()).flatten().unwrap_or_default();
    if listeners.is_empty() {
        return;
    }
    let argument = to_js(detail);
    for listener in listeners {
        if let Err(error) = listener.call1(&JsValue::NULL, &argument) {
            let text = error.dyn_ref::<js_sys::Error>().map(|e| String::from(e.message()));
            let text = text.unwrap_or_else(|| format!("{error:?}"));
            web_sys::console::error_1(&format!("tagloom: a listener of {name} failed: {text}").into());
        }
    }
}
