//! Options from JavaScript.

use tagloom_editor::{EditorOptions, Settings};
use wasm_bindgen::JsValue;

/// Reads the options object of spec/editor-api.md 1.1; unknown keys are left alone, callbacks among them.
pub(crate) fn read(options: &JsValue) -> Result<EditorOptions, String> {
    let Ok(text) = js_sys::JSON::stringify(options) else {
        return Err("the options cannot be read: they refer to themselves".into());
    };
    let Some(text) = text.as_string() else { return Ok(EditorOptions::default()) };
    let mut value: serde_json::Value =
        serde_json::from_str(&text).map_err(|e| format!("the options cannot be read: {e}"))?;
    // Settings given by the host lie over those of this browser.
    let stored = serde_json::to_value(tagloom_editor_ui::journal::load_settings()).unwrap_or_default();
    if let (Some(object), Some(mut merged)) = (value.as_object_mut(), stored.as_object().cloned()) {
        if let Some(given) = object.get("settings").and_then(|s| s.as_object()) {
            merged.extend(given.clone());
        }
        let merged = serde_json::Value::Object(merged);
        let merged = if serde_json::from_value::<Settings>(merged.clone()).is_ok() { merged } else { stored };
        object.insert("settings".into(), merged);
        object.retain(|_, v| !v.is_null());
    }
    serde_json::from_value(value).map_err(|e| format!("an option has the wrong type: {e}"))
}

/// A JSON value as plain JavaScript objects, not maps.
pub(crate) fn to_js(value: &serde_json::Value) -> JsValue {
    js_sys::JSON::parse(&value.to_string()).unwrap_or(JsValue::NULL)
}
