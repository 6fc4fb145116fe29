//! Work that the server does not have yet, kept on this machine.

use serde_json::{Map, Value};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// A draft as it is kept: enough to go on after a crash, and to send it again.
#[derive(Clone, Debug, PartialEq)]
pub struct JournalEntry {
    pub result: Value,
    /// The annotation's server id, where it has one.
    pub pk: Option<String>,
    /// Milliseconds since the epoch of the last change.
    pub changed_at: f64,
    pub lead_time: f64,
}

impl JournalEntry {
    pub fn to_json(&self) -> Value {
        let mut o = Map::new();
        o.insert("result".into(), self.result.clone());
        o.insert("pk".into(), self.pk.clone().into());
        o.insert("changedAt".into(), self.changed_at.into());
        o.insert("leadTime".into(), self.lead_time.into());
        Value::Object(o)
    }

    /// `None` for anything that is not an entry.
    pub fn from_json(v: &Value) -> Option<Self> {
        Some(Self {
            result: v.get("result").filter(|r| r.is_array())?.clone(),
            pk: v.get("pk").and_then(Value::as_str).map(str::to_owned),
            changed_at: v.get("changedAt").and_then(Value::as_f64)?,
            lead_time: v.get("leadTime").and_then(Value::as_f64).unwrap_or(0.0),
        })
    }
}

/// Where drafts are kept; keys name project, task and annotation. An error says why in words for a person.
pub trait Journal {
    fn put(&self, key: &str, entry: &JournalEntry) -> Result<(), String>;
    fn get(&self, key: &str) -> Option<JournalEntry>;
    fn remove(&self, key: &str);
}

/// The twin for tests, and for hosts that want no storage. Clones share their content.
#[derive(Clone, Debug, Default)]
pub struct MemoryJournal(Rc<RefCell<BTreeMap<String, JournalEntry>>>);

impl MemoryJournal {
    pub fn keys(&self) -> Vec<String> {
        self.0.borrow().keys().cloned().collect()
    }
}

impl Journal for MemoryJournal {
    fn put(&self, key: &str, entry: &JournalEntry) -> Result<(), String> {
        self.0.borrow_mut().insert(key.to_owned(), entry.clone());
        Ok(())
    }
    fn get(&self, key: &str) -> Option<JournalEntry> {
        self.0.borrow().get(key).cloned()
    }
    fn remove(&self, key: &str) {
        self.0.borrow_mut().remove(key);
    }
}
