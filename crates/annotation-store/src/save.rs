//! Regions and relations to Label Studio results (spec/results.md section 1).

use crate::geometry::Geometry;
use crate::geometry_json::{number, put_geometry};
use crate::region::{Item, Region};
use crate::relation::Relation;
use serde_json::{Map, Value};

/// What is left out of a serialization.
#[derive(Default)]
pub struct SaveOptions<'a> {
    /// Answers whether a result is written; the visibility rules of spec/tags.md 3.2 come in here.
    pub keep: Option<&'a dyn Fn(&Region, &Item) -> bool>,
}

impl std::fmt::Debug for SaveOptions<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SaveOptions").field("keep", &self.keep.is_some()).finish()
    }
}

/// Regions in creation order, their results in creation order, relations last.
pub fn save<'r>(
    regions: impl Iterator<Item = &'r Region>,
    relations: impl Iterator<Item = &'r Relation>,
    options: &SaveOptions<'_>,
) -> Vec<Value> {
    let mut out = Vec::new();
    for region in regions {
        out.extend(save_region(region, options));
    }
    out.extend(relations.map(save_relation));
    out
}

/// All results of one region.
pub fn save_region(region: &Region, options: &SaveOptions<'_>) -> Vec<Value> {
    let is_track = matches!(region.geometry, Geometry::VideoTrack(_));
    // On video the labels are written inside the track's own result.
    let merged = |item: &Item| is_track && &*item.kind == "labels";
    let kept = |item: &&Item| options.keep.is_none_or(|keep| keep(region, item));
    region
        .items
        .iter()
        .filter(|i| !merged(i))
        .filter(kept)
        .map(|item| {
            let labels = if &*item.kind == "videorectangle" {
                region.items.iter().filter(|i| merged(i)).filter(kept).find_map(|i| i.value())
            } else {
                None
            };
            save_item(region, item, labels)
        })
        .collect()
}

fn save_item(region: &Region, item: &Item, labels: Option<&Value>) -> Value {
    let mut value = Map::new();
    put_geometry(&region.geometry, &mut value);
    value.extend(item.value_rest.clone());
    if let Some(payload) = &item.payload {
        value.insert(payload.key.to_string(), payload.value.clone());
    }
    if let Some(labels) = labels {
        value.insert("labels".into(), labels.clone());
    }
    let mut top = Map::new();
    let mut put = |key: &str, v: Value| {
        top.insert(key.to_owned(), v);
    };
    put("id", region.id.as_str().into());
    put("from_name", item.from_name.to_string().into());
    put("to_name", region.to_name.to_string().into());
    put("type", item.kind.to_string().into());
    put("origin", region.origin.as_str().into());
    for (key, v) in &region.frame {
        put(key, v.clone());
    }
    if let Some(index) = region.item_index {
        put("item_index", index.into());
    }
    put("value", Value::Object(value));
    if let Some(parent) = &region.parent_id {
        put("parentID", parent.as_str().into());
    }
    if let Some(score) = region.score {
        put("score", number(score));
    }
    if region.readonly {
        put("readonly", true.into());
    }
    if !region.meta.is_empty() {
        put("meta", Value::Object(region.meta.clone()));
    }
    for key in &item.omitted {
        top.shift_remove(*key);
    }
    top.extend(item.extra.clone());
    Value::Object(top)
}

fn save_relation(relation: &Relation) -> Value {
    let mut o = Map::new();
    o.insert("type".into(), "relation".into());
    o.insert("from_id".into(), relation.from.as_str().into());
    o.insert("to_id".into(), relation.to.as_str().into());
    o.insert("direction".into(), relation.direction.as_str().into());
    if let Some(labels) = &relation.labels {
        o.insert("labels".into(), labels.clone().into());
    }
    o.extend(relation.rest.clone());
    Value::Object(o)
}
