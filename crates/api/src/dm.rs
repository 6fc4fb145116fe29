//! The data manager: columns, views, actions (spec/server.md 3.7).

use serde::{Deserialize, Serialize};
use serde_json::Value;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Column {
    pub id: String,
    pub title: String,
    /// `Number`, `String`, `Datetime`, `Boolean`, `List`, `Time`, or what a field of data is shown as.
    #[serde(rename = "type")]
    pub kind: String,
    pub help: Option<String>,
    /// `data` for a field of a task's data.
    pub parent: Option<String>,
    /// Of the column that holds all fields of data.
    pub children: Option<Vec<String>>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Columns {
    pub columns: Vec<Column>,
}

/// A saved view. What this app does not know of its data is kept.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct View {
    pub id: i64,
    pub project: i64,
    pub data: Value,
}

/// Something to do with chosen tasks.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TaskAction {
    pub id: String,
    pub title: String,
    pub dialog: ActionDialog,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ActionDialog {
    pub text: String,
}
