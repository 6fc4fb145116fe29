//! Options an editor is made with (spec/editor-api.md 1.1, 1.2).

use crate::settings::Settings;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeSet;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct User {
    #[serde(alias = "pk")]
    pub id: Option<Value>,
    pub first_name: String,
    pub last_name: String,
    pub email: String,
}

impl User {
    /// Name, else e-mail, else nothing.
    pub fn display_name(&self) -> String {
        let name = format!("{} {}", self.first_name, self.last_name);
        if name.trim().is_empty() { self.email.clone() } else { name.trim().to_owned() }
    }
}

/// The parts of the screen that are on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Interfaces(BTreeSet<String>);

const DEFAULT_INTERFACES: &[&str] = &[
    "panel",
    "update",
    "submit",
    "skip",
    "controls",
    "infobar",
    "topbar",
    "instruction",
    "side-column",
    "annotations:history",
    "annotations:tabs",
    "annotations:menu",
    "annotations:current",
    "annotations:add-new",
    "annotations:delete",
    "annotations:view-all",
    "predictions:tabs",
    "predictions:menu",
    "auto-annotation",
    "edit-history",
];

impl Default for Interfaces {
    fn default() -> Self {
        DEFAULT_INTERFACES.iter().copied().collect()
    }
}

impl<'a> FromIterator<&'a str> for Interfaces {
    fn from_iter<I: IntoIterator<Item = &'a str>>(names: I) -> Self {
        Self(names.into_iter().map(str::to_owned).collect())
    }
}

impl Interfaces {
    pub fn has(&self, name: &str) -> bool {
        self.0.contains(name)
    }
    pub fn toggle(&mut self, name: &str, on: bool) {
        if on {
            self.0.insert(name.to_owned());
        } else {
            self.0.remove(name);
        }
    }
}

/// Everything an editor starts from. `task` is the task JSON of spec/results.md section 7.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct EditorOptions {
    pub config: String,
    pub task: Value,
    pub user: User,
    pub interfaces: Interfaces,
    /// Overrides of single keys, by command name.
    pub keymap: serde_json::Map<String, Value>,
    pub settings: Settings,
    /// Instructions, HTML.
    pub description: Option<String>,
    pub queue_total: u64,
    pub queue_position: u64,
    /// Names the project in the journal, so that two projects never mix.
    pub project: String,
}
