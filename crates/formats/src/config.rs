//! What formats need to know about a label config, as plain data.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

/// The controls and objects of a label config, in document order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigInfo {
    pub controls: IndexMap<String, ControlInfo>,
    pub objects: IndexMap<String, ObjectInfo>,
}

/// A control tag; its name is the key in [`ConfigInfo::controls`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ControlInfo {
    /// Tag name as written in Label Studio's reference: `Choices`, `RectangleLabels`.
    #[serde(rename = "type")]
    pub tag: String,
    pub to_name: Vec<String>,
    /// Values of its labels or choices (alias if set), in order.
    #[serde(default)]
    pub labels: Vec<String>,
}

/// An object tag; its name is the key in [`ConfigInfo::objects`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectInfo {
    #[serde(rename = "type")]
    pub tag: String,
    /// The `value` attribute with its `$`, such as `$image`.
    pub value: String,
}

impl ConfigInfo {
    /// Adds a control; for callers that build the info by hand.
    pub fn add_control(&mut self, name: &str, tag: &str, to_name: &str) -> &mut Self {
        let info = ControlInfo { tag: tag.to_owned(), to_name: vec![to_name.to_owned()], labels: Vec::new() };
        self.controls.insert(name.to_owned(), info);
        self
    }

    /// Adds an object; for callers that build the info by hand.
    pub fn add_object(&mut self, name: &str, tag: &str, value: &str) -> &mut Self {
        self.objects.insert(name.to_owned(), ObjectInfo { tag: tag.to_owned(), value: value.to_owned() });
        self
    }
}
