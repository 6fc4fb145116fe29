//! A region and the results it carries.

use crate::geometry::Geometry;
use crate::id::RegionId;
use serde_json::{Map, Value};
use std::sync::Arc;

/// Who made a result (`origin`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Origin {
    #[default]
    Manual,
    Prediction,
    PredictionChanged,
}

impl Origin {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Manual => "manual",
            Self::Prediction => "prediction",
            Self::PredictionChanged => "prediction-changed",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Manual, Self::Prediction, Self::PredictionChanged].into_iter().find(|o| o.as_str() == text)
    }
}

/// Everything that shares one id: a place in an object and what the controls say about it. A classification is a
/// region without a place.
#[derive(Clone, Debug, PartialEq)]
pub struct Region {
    pub id: RegionId,
    pub to_name: Arc<str>,
    pub geometry: Geometry,
    /// At least one, in the order they were made.
    pub items: Vec<Item>,
    pub origin: Origin,
    pub parent_id: Option<RegionId>,
    pub item_index: Option<u64>,
    pub score: Option<f64>,
    pub readonly: bool,
    /// `meta` of the region, e.g. `{"text": ["a note"]}`.
    pub meta: Map<String, Value>,
    /// What the object adds beside the value: `original_width`, `original_height`, `image_rotation`,
    /// `original_length`.
    pub frame: Map<String, Value>,
}

impl Region {
    /// A new region by hand, with a fresh id and one item.
    pub fn new(to_name: impl Into<Arc<str>>, geometry: Geometry, item: Item) -> Self {
        Self {
            id: crate::id::new_id(),
            to_name: to_name.into(),
            geometry,
            items: vec![item],
            origin: Origin::Manual,
            parent_id: None,
            item_index: None,
            score: None,
            readonly: false,
            meta: Map::new(),
            frame: Map::new(),
        }
    }

    pub fn item(&self, from_name: &str) -> Option<&Item> {
        self.items.iter().find(|i| &*i.from_name == from_name)
    }

    pub fn is_classification(&self) -> bool {
        self.geometry.is_none()
    }

    /// All label values of all labels controls, in order; a merged video label counts too.
    pub fn labels(&self) -> Vec<&str> {
        self.items.iter().flat_map(Item::labels).collect()
    }

    /// The free note (`meta.text`), lines joined.
    pub fn note(&self) -> Option<String> {
        let lines = self.meta.get("text")?.as_array()?;
        Some(lines.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("\n"))
    }
}

/// One result of a region: what one control says.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    pub from_name: Arc<str>,
    /// The result `type`, lower case.
    pub kind: Arc<str>,
    /// The control's own key and value; none for a bare shape tool.
    pub payload: Option<Payload>,
    /// Keys inside `value` that are neither geometry nor payload.
    pub value_rest: Map<String, Value>,
    /// Top-level keys this version does not know, and known ones that differ from the region's.
    pub extra: Map<String, Value>,
    /// Common top-level keys that this item came without although its region has them.
    pub omitted: Vec<&'static str>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Payload {
    pub key: Arc<str>,
    pub value: Value,
}

impl Item {
    /// `kind` is the control's tag in lower case; its value key follows from it (spec/results.md 1.2).
    pub fn new(from_name: impl Into<Arc<str>>, kind: impl Into<Arc<str>>, value: Option<Value>) -> Self {
        let kind = kind.into();
        let payload = match (payload_key(&kind), value) {
            (Some(key), Some(value)) => Some(Payload { key: key.into(), value }),
            _ => None,
        };
        Self {
            from_name: from_name.into(),
            kind,
            payload,
            value_rest: Map::new(),
            extra: Map::new(),
            omitted: Vec::new(),
        }
    }

    pub fn is_labels(&self) -> bool {
        self.kind.ends_with("labels")
    }

    pub fn value(&self) -> Option<&Value> {
        self.payload.as_ref().map(|p| &p.value)
    }

    /// The strings of a labels result, or of a merged `labels` array in a video track.
    pub fn labels(&self) -> impl Iterator<Item = &str> {
        let own = self.payload.as_ref().filter(|_| self.is_labels()).map(|p| &p.value);
        let merged = self.value_rest.get("labels").filter(|_| &*self.kind == "videorectangle");
        own.or(merged).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
    }
}

/// The key inside `value` that holds what a control of this type says; none for bare shape tools and unknown types.
pub fn payload_key(kind: &str) -> Option<&'static str> {
    const SAME: &[&str] = &[
        "labels",
        "rectanglelabels",
        "ellipselabels",
        "polygonlabels",
        "keypointlabels",
        "brushlabels",
        "bitmasklabels",
        "vectorlabels",
        "hypertextlabels",
        "paragraphlabels",
        "timeserieslabels",
        "timelinelabels",
        "ocrlabels",
        "choices",
        "taxonomy",
        "number",
        "rating",
        "datetime",
        "ranker",
        "chatmessage",
        "reactcode",
    ];
    match kind {
        "textarea" => Some("text"),
        "pairwise" => Some("selected"),
        _ => SAME.iter().find(|k| **k == kind).copied(),
    }
}
