//! Checking and sending (spec/tags.md 3.3, spec/editor-api.md 1.4, 1.5, 3.2).

use crate::annotation::Annotation;
use crate::editor::Editor;
use serde_json::{Map, Value};
use tagloom_annotation_store::{Geometry, Item, Region, RegionId, SaveOptions};
use tagloom_region_geometry::Shape;
use tagloom_tags::{Node, NodeId};

/// Why an annotation cannot be sent, and where the person should look.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    pub text: String,
    pub control: NodeId,
    pub region: Option<RegionId>,
    pub item_index: Option<u64>,
}

/// The state of the primary button.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubmitState {
    pub caption: &'static str,
    /// Why it cannot be pressed.
    pub disabled: Option<&'static str>,
    pub update: bool,
}

/// Controls with a `required` attribute, and the word their default message starts with.
const KINDS: &[(&str, &str)] = &[
    ("choices", "Checkbox"),
    ("datetime", "DateTime"),
    ("number", "Number"),
    ("rating", "Rating"),
    ("taxonomy", "Taxonomy"),
    ("textarea", "Input for the textarea"),
];

impl Editor {
    pub fn submit_state(&self) -> SubmitState {
        let annotation = self.annotation();
        let update = annotation.sent;
        let review = self.interfaces().has("review");
        let caption = match (review, update) {
            (true, _) if annotation.is_dirty() => "Fix + Accept",
            (true, _) => "Accept",
            (false, true) => "Update",
            (false, false) => "Submit",
        };
        let unclosed = self
            .document()
            .regions()
            .any(|r| matches!(&r.geometry, Geometry::Image(Shape::Polygon(p)) if !p.is_closed()));
        let disabled = if annotation.is_prediction() {
            Some("A prediction is read-only; copy it into an annotation first")
        } else if self.is_read_only() {
            Some("This annotation is read-only")
        } else if annotation.submitting {
            Some("Saving…")
        } else if unclosed {
            Some("Complete all regions before submitting")
        } else if !review
            && self.interfaces().has("annotations:deny-empty")
            && self.document().regions().len() == 0
        {
            Some("Empty annotations denied in this project")
        } else if !review && update && !annotation.is_dirty() {
            Some("No changes were made")
        } else {
            None
        };
        SubmitState { caption, disabled, update }
    }

    /// The first unmet rule, in tree order.
    pub fn first_problem(&self) -> Option<Problem> {
        let tree = self.tree();
        tree.nodes.iter().find_map(|node| self.problem_of(node))
    }

    fn problem_of(&self, node: &Node) -> Option<Problem> {
        let name = node.name.as_deref()?;
        let (_, kind) = KINDS.iter().find(|(tag, _)| *tag == node.kind)?;
        let document = self.document();
        let problem = |text: String| Problem { text, control: node.id, region: None, item_index: None };
        // Values that are there must be right wherever they are.
        for region in document.regions() {
            if let Some(value) = region.item(name).and_then(Item::value)
                && let Some(text) = wrong(node, name, value)
            {
                let place = (!region.is_classification()).then(|| region.id.clone());
                return Some(Problem { region: place, ..problem(text) });
            }
        }
        if !node.bool("required") {
            return None;
        }
        let message = node
            .raw("requiredMessage")
            .filter(|m| !m.is_empty())
            .map_or_else(|| format!("{kind} {name:?} is required."), str::to_owned);
        let filled = |value: Option<&Value>| match value {
            None | Some(Value::Null) => false,
            Some(Value::Array(a)) => !a.is_empty(),
            Some(Value::Number(n)) => node.kind != "rating" || n.as_f64() != Some(0.0),
            Some(_) => true,
        };
        if node.bool("perRegion") {
            let missing = document
                .regions()
                .filter(|r| !r.is_classification() && node.to_names.iter().any(|n| **n == *r.to_name))
                .filter(|r| self.must_fill(node, r))
                .find(|r| !filled(r.item(name).and_then(Item::value)))?;
            return Some(Problem { region: Some(missing.id.clone()), ..problem(message) });
        }
        if !self.visible(node.id) {
            return None;
        }
        if node.bool("perItem") {
            let count = node.to_names.first().map_or(1, |object| self.item_count(object)).max(1);
            let missing = (0..count).find(|index| {
                !filled(document.classification(name, Some(*index)).and_then(|(_, i)| i.value()))
            })?;
            return Some(Problem { item_index: Some(missing), ..problem(message) });
        }
        (!filled(self.value(node.id).as_ref())).then(|| problem(message))
    }

    /// Whether a per-region control has a say about this region.
    fn must_fill(&self, node: &Node, region: &Region) -> bool {
        if let Some(wanted) = node.raw("whenLabelValue").filter(|v| !v.is_empty()) {
            let labels = region.labels();
            if !labels.contains(&wanted) && !wanted.split(',').any(|w| labels.contains(&w.trim())) {
                return false;
            }
        }
        if node.raw("visibleWhen") == Some("region-selected")
            && let Some(tag) = node.raw("whenTagName").filter(|t| !t.is_empty())
        {
            let mut groups = region.items.iter().filter(|i| i.is_labels()).peekable();
            // Unlabelled regions are not excused.
            return groups.peek().is_none() || groups.any(|i| *i.from_name == *tag);
        }
        true
    }

    /// The result list of the shown annotation as it would be sent.
    pub fn serialize(&self) -> Vec<Value> {
        self.serialize_annotation(self.annotation())
    }

    pub(crate) fn serialize_annotation(&self, annotation: &Annotation) -> Vec<Value> {
        // The visibility rules ask about the shown annotation; others are written as they are.
        if annotation.key != self.annotation().key || annotation.is_prediction() {
            return annotation.document.serialize(&SaveOptions::default());
        }
        let keep = |region: &Region, item: &Item| self.keeps(region, item);
        annotation.document.serialize(&SaveOptions { keep: Some(&keep) })
    }

    /// Request body of a submit, an update or a draft (spec/editor-api.md 1.5).
    pub fn payload(&self, draft: bool) -> Map<String, Value> {
        let annotation = self.annotation();
        let mut o = Map::new();
        let session = ((self.now() - annotation.started_at) / 1000.0).max(0.0);
        let stored = if draft { 0.0 } else { annotation.lead_time };
        let lead_time = session + annotation.draft_lead_time + stored;
        o.insert("lead_time".into(), ((lead_time * 1000.0).round() / 1000.0).into());
        o.insert("result".into(), self.serialize().into());
        o.insert("draft_id".into(), annotation.draft_id.into());
        for (key, value) in [
            ("parent_prediction", &annotation.parent_prediction),
            ("parent_annotation", &annotation.parent_annotation),
        ] {
            if let Some(value) = value {
                o.insert(key.into(), value.clone());
            }
        }
        o.insert("started_at".into(), crate::editor::iso8601(annotation.started_at).into());
        o
    }
}

/// Values that are there but break a rule of their control.
fn wrong(node: &Node, name: &str, value: &Value) -> Option<String> {
    match node.kind.as_str() {
        "choices" if node.str("choice") != "multiple" => {
            let top: std::collections::BTreeSet<_> = value
                .as_array()?
                .iter()
                .filter_map(|v| v.as_str().or_else(|| v.get(0).and_then(Value::as_str)))
                .collect();
            (top.len() > 1)
                .then(|| format!("Only one choice of {name:?} may be selected; there are {}.", top.len()))
        }
        "number" => {
            let v = value.as_f64()?;
            let (min, max, step) = (node.number("min"), node.number("max"), node.number("step"));
            if let Some(min) = min.filter(|min| v < *min) {
                return Some(format!("{name:?} must be at least {min}; it is {v}."));
            }
            if let Some(max) = max.filter(|max| v > *max) {
                return Some(format!("{name:?} must be at most {max}; it is {v}."));
            }
            let step = step.filter(|s| *s > 0.0)?;
            let steps = (v - min.unwrap_or(0.0)) / step;
            ((steps - steps.round()).abs() > 1e-8)
                .then(|| format!("{name:?} must go in steps of {step}; it is {v}."))
        }
        "taxonomy" => {
            let limit = node.number("maxUsages")?;
            let count = value.as_array()?.len();
            (count as f64 > limit)
                .then(|| format!("{name:?} may hold {limit} items at most; it holds {count}."))
        }
        _ => None,
    }
}
