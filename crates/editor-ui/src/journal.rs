//! The journal in the browser's local storage, and the stored settings.

use serde_json::Value;
use tagloom_editor::{Journal, JournalEntry, Settings};

const SETTINGS: &str = "labelStudio:settings";

/// Milliseconds since the epoch.
pub fn now_ms() -> f64 {
    js_sys::Date::now()
}

fn storage() -> Option<web_sys::Storage> {
    // Absent in workers, refused in some private modes and sandboxed frames.
    web_sys::window()?.local_storage().ok().flatten()
}

/// Drafts in local storage; where there is none, every write says so.
#[derive(Debug, Default)]
pub struct BrowserJournal;

impl BrowserJournal {
    pub fn new() -> Self {
        Self
    }
    fn key(key: &str) -> String {
        format!("tagloom:journal:{key}")
    }
}

impl Journal for BrowserJournal {
    fn put(&self, key: &str, entry: &JournalEntry) -> Result<(), String> {
        let storage = storage().ok_or("this browser gives the page no storage.")?;
        storage
            .set_item(&Self::key(key), &entry.to_json().to_string())
            .map_err(|_| "the browser's storage is full or blocked.".to_owned())
    }

    fn get(&self, key: &str) -> Option<JournalEntry> {
        let text = storage()?.get_item(&Self::key(key)).ok()??;
        JournalEntry::from_json(&serde_json::from_str::<Value>(&text).ok()?)
    }

    fn remove(&self, key: &str) {
        if let Some(storage) = storage() {
            // A failure to remove leaves an entry that equals what the server has; it is dropped when next read.
            let _ = storage.remove_item(&Self::key(key));
        }
    }
}

/// The settings of this browser, or the defaults.
pub fn load_settings() -> Settings {
    let text = storage().and_then(|s| s.get_item(SETTINGS).ok().flatten());
    text.and_then(|t| serde_json::from_str(&t).ok()).unwrap_or_default()
}

pub(crate) fn store_settings(settings: &Settings) {
    if let (Some(storage), Ok(text)) = (storage(), serde_json::to_string(settings)) {
        // Settings that cannot be stored last for this page only.
        let _ = storage.set_item(SETTINGS, &text);
    }
}
