//! Which control makes the next region, and making it (spec/editor-api.md 6.2, spec/results.md 1.3).

use crate::action::Tool;
use crate::editor::Editor;
use crate::labels::{is_labels, stored_label};
use crate::nodes::TreeNodes;
use crate::update::{EditorEvent, Update};
use serde_json::{Map, Value};
use tagloom_annotation_store::{Command, Geometry, Item, Origin, Region, RegionId, SaveOptions, save_region};
use tagloom_tags::{Node, NodeId};

/// What would be made on an object now.
#[derive(Clone, Debug, PartialEq)]
pub struct DrawPlan {
    /// The control whose shape is drawn.
    pub control: NodeId,
    /// Its tag in lower case: `rectanglelabels`, `rectangle`, `labels`, `timeserieslabels` …
    pub kind: String,
    /// The region's results, without a place yet.
    pub items: Vec<Item>,
    /// Armed labels that the region will carry.
    pub labels: Vec<NodeId>,
}

/// Controls that make a shape of their own on images and video.
const BARE_TOOLS: &[&str] = &[
    "rectangle",
    "ellipse",
    "keypoint",
    "polygon",
    "brush",
    "bitmask",
    "magicwand",
    "vector",
    "videorectangle",
];

/// Whether a control draws shapes: a bare tool, or a `*Labels` that brings its tool with it.
pub fn is_shape_control(tag: &str) -> bool {
    BARE_TOOLS.contains(&tag) || tag.strip_suffix("labels").is_some_and(|t| BARE_TOOLS.contains(&t))
}

impl Editor {
    /// The plan for the next region on an object; `None` where nothing would be drawn: nothing armed, another tool in
    /// hand, or read-only.
    pub fn can_draw(&self, object: &str) -> Option<DrawPlan> {
        if self.is_read_only() {
            return None;
        }
        let tree = self.tree();
        let object_node = tree.by_name(object)?;
        let drawn_by_tool = matches!(object_node.kind.as_str(), "image" | "video");
        let controls: Vec<&Node> = tree.controls_of(object).collect();
        let armed: Vec<&Node> = controls
            .iter()
            .copied()
            .filter(|c| is_labels(c) && !self.armed().labels(c.id).is_empty())
            .filter(|c| label_makes_region_on(&c.kind, &object_node.kind) || c.kind == "labels")
            .collect();
        let labels_item = |control: &Node| {
            let values: Vec<Value> =
                self.armed().labels(control.id).iter().map(|l| stored_label(tree.node(*l)).into()).collect();
            Item::new(control.name.clone().unwrap_or_default(), control.kind.as_str(), Some(values.into()))
        };
        let labels = |controls: &[&Node]| -> Vec<NodeId> {
            controls.iter().flat_map(|c| self.armed().labels(c.id).to_vec()).collect()
        };
        if drawn_by_tool && object_node.kind == "image" {
            let Tool::Draw(control) = self.tool(object) else { return None };
            let control = tree.node(control);
            let mut items = Vec::new();
            if is_labels(control) {
                if self.armed().labels(control.id).is_empty() && !control.bool("allowEmpty") {
                    return None;
                }
                items.push(labels_item(control));
            } else {
                items.push(Item::new(control.name.clone().unwrap_or_default(), control.kind.as_str(), None));
            }
            let plain: Vec<&Node> = armed.iter().copied().filter(|c| c.kind == "labels").collect();
            items.extend(plain.iter().map(|c| labels_item(c)));
            return Some(DrawPlan {
                control: control.id,
                kind: control.kind.clone(),
                items,
                labels: labels(&armed),
            });
        }
        if drawn_by_tool {
            let track = controls.iter().copied().find(|c| c.kind == "videorectangle");
            let timeline = armed.iter().copied().find(|c| c.kind == "timelinelabels");
            if let Some(timeline) = timeline {
                let items = vec![labels_item(timeline)];
                return Some(DrawPlan {
                    control: timeline.id,
                    kind: timeline.kind.clone(),
                    items,
                    labels: labels(&[timeline]),
                });
            }
            let track = track?;
            let mut items =
                vec![Item::new(track.name.clone().unwrap_or_default(), track.kind.as_str(), None)];
            let plain: Vec<&Node> = armed.iter().copied().filter(|c| c.kind == "labels").collect();
            items.extend(plain.iter().map(|c| labels_item(c)));
            return Some(DrawPlan {
                control: track.id,
                kind: track.kind.clone(),
                items,
                labels: labels(&plain),
            });
        }
        let usable: Vec<&Node> =
            armed.iter().copied().filter(|c| label_makes_region_on(&c.kind, &object_node.kind)).collect();
        if let Some(first) = usable.first() {
            let items = usable.iter().map(|c| labels_item(c)).collect();
            return Some(DrawPlan {
                control: first.id,
                kind: first.tag.clone(),
                items,
                labels: labels(&usable),
            });
        }
        let empty = controls
            .iter()
            .find(|c| label_makes_region_on(&c.kind, &object_node.kind) && c.bool("allowEmpty"))?;
        let item = Item::new(
            empty.name.clone().unwrap_or_default(),
            empty.tag.as_str(),
            Some(Value::Array(Vec::new())),
        );
        Some(DrawPlan { control: empty.id, kind: empty.tag.clone(), items: vec![item], labels: Vec::new() })
    }

    pub(crate) fn create_region(
        &mut self,
        object: &str,
        geometry: Geometry,
        frame: Map<String, Value>,
        item_index: Option<u64>,
    ) -> (Update, Option<RegionId>) {
        let mut update = Update::default();
        let Some(plan) = self.can_draw(object) else { return (update, None) };
        let tree = self.tree().clone();
        for label in &plan.labels {
            let label = tree.node(*label);
            let control = tree.ancestors(label.id).find(|n| is_labels(n));
            if let Some(message) = control.and_then(|c| self.usage_exceeded(c, label, 1)) {
                update.absorb(self.show(message));
                return (update, None);
            }
        }
        let mut items = plan.items.into_iter();
        let Some(first) = items.next() else { return (update, None) };
        let mut region = Region::new(object, geometry, first);
        region.items.extend(items);
        region.frame = frame;
        region.item_index = item_index;
        region.origin = Origin::Manual;
        let id = region.id.clone();
        update.absorb(self.command(Command::Put(region)));
        if update.changes.refused.is_some() {
            return (update, None);
        }
        if self.document().step_is_open() {
            self.drawing = Some(id.clone());
        } else {
            update.absorb(self.finish_drawing(&id));
        }
        (update, Some(id))
    }

    /// After the gesture: labels are disarmed, or kept (`continuousLabeling`), or the region is selected
    /// (`selectAfterCreate`), and the host is told.
    pub(crate) fn finish_drawing(&mut self, id: &RegionId) -> Update {
        let mut update = Update::default();
        let Some(region) = self.document().region(id).cloned() else { return update };
        update
            .events
            .push(EditorEvent::EntityCreate { results: save_region(&region, &SaveOptions::default()) });
        update.events.push(EditorEvent::RegionFinishedDrawing { id: id.to_string() });
        if self.settings().select_after_create {
            update.absorb(self.command(Command::Select(vec![id.clone()])));
        }
        if !self.settings().continuous_labeling {
            update.absorb(self.disarm());
        }
        update
    }

    /// The tool that goes with arming or disarming a control's labels.
    pub(crate) fn tool_after_arming(&mut self, control: NodeId, armed: bool) -> Update {
        let mut update = Update::default();
        let tree = self.tree().clone();
        let node = tree.node(control);
        for object in &node.to_names {
            let Some(object_node) = tree.by_name(object) else { continue };
            if object_node.kind != "image" {
                continue;
            }
            let tool = self.tool(object);
            let next = if armed {
                if is_shape_control(&node.kind) {
                    Tool::Draw(control)
                } else {
                    // Plain labels draw with the tool in hand, else with the first one there is.
                    match tool {
                        Tool::Draw(now) if !is_labels(tree.node(now)) => tool,
                        _ => tree
                            .controls_of(object)
                            .find(|c| is_shape_control(&c.kind) && !is_labels(c))
                            .map_or(tool, |c| Tool::Draw(c.id)),
                    }
                }
            } else if tool == Tool::Draw(control) {
                Tool::Select
            } else {
                tool
            };
            if next != tool {
                update.absorb(self.set_tool(object, next));
            }
        }
        update
    }
}

/// Whether labels of this type make regions on an object by themselves.
fn label_makes_region_on(labels: &str, object: &str) -> bool {
    match object {
        "text" => matches!(labels, "labels" | "hypertextlabels"),
        "hypertext" => matches!(labels, "labels" | "hypertextlabels"),
        "audio" | "audioplus" => labels == "labels",
        "paragraphs" => labels == "paragraphlabels",
        "timeseries" => labels == "timeserieslabels",
        "video" => labels == "timelinelabels",
        "image" => is_shape_control(labels),
        _ => false,
    }
}
