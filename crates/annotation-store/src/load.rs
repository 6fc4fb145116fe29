//! Label Studio results to regions and relations (spec/results.md section 2).

use crate::geometry::Geometry;
use crate::geometry_json::{has_place, take_geometry};
use crate::id::{RegionId, new_id};
use crate::region::{Item, Origin, Payload, Region, payload_key};
use crate::relation::{Direction, Relation};
use crate::schema::{ControlInfo, Schema};
use indexmap::IndexMap;
use serde_json::{Map, Value};

#[derive(Clone, Copy, Debug, Default)]
pub struct LoadOptions {
    /// For items that do not say: `Prediction` when a prediction is loaded.
    pub origin: Origin,
}

/// Something that was put right or set aside while loading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Index of the result item.
    pub index: usize,
    pub message: String,
}

/// What a list of results holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Loaded {
    pub regions: Vec<Region>,
    pub relations: Vec<Relation>,
    /// Items that could not be understood at all (no object, dangling relation); saved again as they are.
    pub set_aside: Vec<Value>,
    pub notices: Vec<Notice>,
}

/// Top-level keys that belong to the region rather than to one item.
const FRAME: [&str; 4] = ["original_width", "original_height", "image_rotation", "original_length"];

/// Reads a result list; a JSON string holding one is accepted. Never fails: what cannot be used is set aside.
pub fn load(results: &Value, schema: &dyn Schema, options: LoadOptions) -> Loaded {
    let parsed;
    let results = match results {
        Value::String(text) => {
            parsed = serde_json::from_str(text).unwrap_or(Value::Null);
            &parsed
        }
        other => other,
    };
    let mut out = Loaded::default();
    let Some(items) = results.as_array() else {
        if !results.is_null() {
            out.notices
                .push(Notice { index: 0, message: "the results are not a list; nothing was loaded".into() });
            out.set_aside.push(results.clone());
        }
        return out;
    };
    let mut regions: IndexMap<RegionId, Region> = IndexMap::new();
    let mut relations = Vec::new();
    for (index, item) in items.iter().enumerate() {
        match item {
            Value::Null => {}
            Value::Object(o) if o.get("type").and_then(Value::as_str) == Some("relation") => {
                relations.push((index, o.clone()));
            }
            Value::Object(o) => load_item(index, o.clone(), schema, options, &mut regions, &mut out),
            other => {
                out.notices
                    .push(Notice { index, message: "this result is not an object; it is kept aside".into() });
                out.set_aside.push(other.clone());
            }
        }
    }
    let mut duplicates = Vec::new();
    for region in regions.values() {
        if !region.is_classification() || region.items.len() != 1 {
            continue;
        }
        // Of several global classifications of one control and item the last one wins.
        let same = |other: &&Region| {
            other.is_classification()
                && other.id != region.id
                && other.items.len() == 1
                && other.items[0].from_name == region.items[0].from_name
                && other.to_name == region.to_name
                && other.item_index == region.item_index
                && payload_key(&other.items[0].kind).is_some()
                && schema.control(&other.items[0].from_name).is_some()
                && &*other.items[0].kind != "chatmessage"
        };
        let at = regions.get_index_of(&region.id).unwrap_or(0);
        if regions.values().skip(at + 1).find(same).is_some() {
            duplicates.push(region.id.clone());
        }
    }
    for id in duplicates {
        regions.shift_remove(&id);
        out.notices.push(Notice {
            index: 0,
            message: format!("result {id} was replaced by a later one of its control"),
        });
    }
    // A parent that does not exist is no reason to lose the child.
    let orphans: Vec<RegionId> = regions
        .values()
        .filter(|r| {
            r.parent_id.as_ref().is_some_and(|p| !regions.contains_key(p) || in_circle(&regions, &r.id))
        })
        .map(|r| r.id.clone())
        .collect();
    for id in orphans {
        if let Some(region) = regions.get_mut(&id) {
            region.parent_id = None;
            out.notices
                .push(Notice { index: 0, message: format!("the parent of region {id} does not exist") });
        }
    }
    for (index, relation) in relations {
        match read_relation(&relation) {
            Some(r) if regions.contains_key(&r.from) && regions.contains_key(&r.to) => {
                if out.relations.iter().any(|o| o.from == r.from && o.to == r.to) {
                    out.notices.push(Notice {
                        index,
                        message: "a second relation of the same two regions is ignored".into(),
                    });
                } else {
                    out.relations.push(r);
                }
            }
            _ => {
                out.notices.push(Notice {
                    index,
                    message: "this relation names a region that does not exist; it is kept aside".into(),
                });
                out.set_aside.push(Value::Object(relation));
            }
        }
    }
    out.regions = regions.into_values().collect();
    out
}

fn in_circle(regions: &IndexMap<RegionId, Region>, start: &RegionId) -> bool {
    let mut at = regions.get(start).and_then(|r| r.parent_id.as_ref());
    let mut steps = 0;
    while let Some(id) = at {
        if id == start || steps > regions.len() {
            return true;
        }
        steps += 1;
        at = regions.get(id).and_then(|r| r.parent_id.as_ref());
    }
    false
}

fn read_relation(o: &Map<String, Value>) -> Option<Relation> {
    let mut rest = o.clone();
    rest.remove("type");
    let id = |v: Option<Value>| v.as_ref().and_then(Value::as_str).map(RegionId::from);
    let (from, to) = (id(rest.remove("from_id"))?, id(rest.remove("to_id"))?);
    let direction =
        rest.remove("direction").and_then(|d| d.as_str().and_then(Direction::parse)).unwrap_or_default();
    let labels = rest
        .get("labels")
        .and_then(Value::as_array)
        .map(|labels| labels.iter().filter_map(Value::as_str).map(str::to_owned).collect());
    if labels.is_some() {
        rest.remove("labels");
    }
    Some(Relation { from, to, direction, labels, rest })
}

/// The object a control without `to_name` would mean: its only target.
fn only_target(control: Option<&ControlInfo>) -> Option<String> {
    control.filter(|c| c.to_names.len() == 1).map(|c| c.to_names[0].clone())
}

fn load_item(
    index: usize,
    mut top: Map<String, Value>,
    schema: &dyn Schema,
    options: LoadOptions,
    regions: &mut IndexMap<RegionId, Region>,
    out: &mut Loaded,
) {
    let whole = top.clone();
    let text = |v: Option<Value>| v.and_then(|v| v.as_str().map(str::to_owned));
    let mut kind = match text(top.remove("type")) {
        Some(kind) if kind == "htmllabels" => "hypertextlabels".to_owned(),
        Some(kind) => kind,
        None => String::new(),
    };
    let from_name = text(top.remove("from_name"));
    let to_name = text(top.remove("to_name"));
    let (Some(mut from_name), Some(Value::Object(mut value))) = (from_name, top.remove("value")) else {
        out.notices.push(Notice {
            index,
            message: "this result has no from_name or no value; it is kept aside".into(),
        });
        out.set_aside.push(Value::Object(whole));
        return;
    };
    let mut control = schema.control(&from_name);
    let Some(to_name) = to_name.or_else(|| only_target(control.as_ref())) else {
        out.notices.push(Notice { index, message: "this result has no to_name; it is kept aside".into() });
        out.set_aside.push(Value::Object(whole));
        return;
    };
    let object = schema.object(&to_name);
    if let Some(note) = text(top.remove("normalization")) {
        top.insert("meta".into(), serde_json::json!({ "text": [note] }));
    }

    // Label results whose control is gone, or that carry no label, go to a control that can hold the shape.
    let empty_labels =
        |v: &Map<String, Value>| v.get(&kind).and_then(Value::as_array).is_some_and(Vec::is_empty);
    let lost_control =
        control.is_none() || (empty_labels(&value) && control.as_ref().is_some_and(|c| !c.allow_empty));
    if kind.ends_with("labels")
        && object.is_some()
        && lost_control
        && let Some(other) = redirect(&kind, &schema.controls_of(&to_name))
    {
        if control.is_none() {
            out.notices.push(Notice {
                index,
                message: format!(
                    "from_name {from_name:?} is not in the config; the region went to {:?}",
                    other.name
                ),
            });
        }
        value.remove(&kind);
        from_name.clone_from(&other.name);
        kind.clone_from(&other.kind);
        control = Some(other);
    }
    if object.is_some() && control.is_none() && !schema.controls_of(&to_name).is_empty() {
        out.notices.push(Notice {
            index,
            message: format!(
                "from_name {from_name:?} is not in the config; the result is kept but not shown"
            ),
        });
    }

    let payload = payload_key(&kind).and_then(|key| {
        // The text of a span is geometry; the text of a text area is a list.
        let ours = value.get(key).is_some_and(|v| kind != "textarea" || v.is_array());
        if ours { value.remove(key).map(|v| Payload { key: key.into(), value: v }) } else { None }
    });
    let mut with_payload = value.clone();
    if let Some(p) = &payload {
        with_payload.insert(p.key.to_string(), p.value.clone());
    }
    let geometry = if value.is_empty() || (!has_place(&with_payload) && payload.is_some()) {
        Geometry::None
    } else if let Some(geometry) = take_geometry(&mut value, object.as_deref(), &kind) {
        geometry
    } else {
        Geometry::Unknown(std::mem::take(&mut value))
    };

    let id = text(top.remove("id")).map_or_else(new_id, RegionId::new);
    let origin = text(top.remove("origin")).and_then(|o| Origin::parse(&o)).unwrap_or(options.origin);
    let mut frame = Map::new();
    for key in FRAME {
        if let Some(v) = top.remove(key) {
            frame.insert(key.into(), v);
        }
    }
    let meta = match top.remove("meta") {
        Some(Value::Object(meta)) => meta,
        Some(other) => {
            top.insert("meta".into(), other);
            Map::new()
        }
        None => Map::new(),
    };
    let mut known = |key: &str, fits: fn(&Value) -> bool| {
        if top.get(key).is_some_and(fits) { top.remove(key) } else { None }
    };
    let parent_id = text(known("parentID", Value::is_string)).map(RegionId::new);
    let item_index = known("item_index", Value::is_u64).and_then(|v| v.as_u64());
    let score = known("score", Value::is_number).and_then(|v| v.as_f64());
    let readonly = known("readonly", |v| v.as_bool() == Some(true)).is_some();

    let mut item = Item::new(from_name, kind, None);
    item.payload = payload;
    item.value_rest = value;
    item.extra = top;
    match regions.get_mut(&id) {
        None => {
            let region = Region {
                id: id.clone(),
                to_name: to_name.into(),
                geometry,
                items: vec![item],
                origin,
                parent_id,
                item_index,
                score,
                readonly,
                meta,
                frame,
            };
            regions.insert(id, region);
        }
        Some(region) => {
            // Later items only add what their control says; where they differ otherwise, the difference is kept.
            if meta != region.meta {
                if meta.is_empty() {
                    item.omitted.push("meta")
                } else {
                    item.extra.insert("meta".into(), meta.into());
                }
            }
            if score != region.score {
                match score {
                    Some(score) => {
                        item.extra.insert("score".into(), crate::number(score));
                    }
                    None => item.omitted.push("score"),
                }
            }
            for key in FRAME {
                if region.frame.contains_key(key) && !frame.contains_key(key) {
                    item.omitted.push(key);
                }
            }
            if region.geometry.is_none() {
                region.geometry = geometry;
            }
            if region.frame.is_empty() {
                region.frame = frame;
            }
            region.items.push(item);
        }
    }
}

/// Where a label result goes whose control cannot take it: the bare tool of its shape, the same labels type, or
/// plain labels.
fn redirect(kind: &str, controls: &[ControlInfo]) -> Option<ControlInfo> {
    let tool = kind.strip_suffix("labels").unwrap_or_default();
    [tool, kind, "labels"]
        .iter()
        .find_map(|k| controls.iter().find(|c| c.kind == *k && !k.is_empty()))
        .cloned()
}
