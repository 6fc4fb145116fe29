//! The alignment of clocks in regions: `meta.sync` says how the objects lay on their timeline when the region was last
//! saved (sync.md CL-4). The values of a region never depend on it.
//!
//! Odd cases: regions that disagree are taken at the word of the first; objects that the alignment does not name carry
//! nothing; a `meta.sync` that is no object is somebody else's and stays.

use crate::region::Region;
use serde_json::{Map, Value};

const KEY: &str = "sync";

/// What loaded regions say.
pub(crate) fn of_regions<'a>(mut regions: impl Iterator<Item = &'a Region>) -> Map<String, Value> {
    regions.find_map(|r| r.meta.get(KEY)?.as_object()).cloned().unwrap_or_default()
}

/// Notes the alignment in a new region.
pub(crate) fn stamp(region: &mut Region, alignment: &Map<String, Value>) {
    if !region.is_classification() && alignment.contains_key(&*region.to_name) {
        region.meta.insert(KEY.into(), Value::Object(alignment.clone()));
    }
}

/// The region under another alignment; `None` when that does not concern it.
pub(crate) fn restamped(
    region: &Region,
    before: &Map<String, Value>,
    after: &Map<String, Value>,
) -> Option<Region> {
    let named = |alignment: &Map<String, Value>| alignment.contains_key(&*region.to_name);
    if region.is_classification() || !(named(before) || named(after)) {
        return None;
    }
    let mut changed = region.clone();
    if changed.meta.get(KEY).is_some_and(Value::is_object) {
        changed.meta.shift_remove(KEY);
    }
    stamp(&mut changed, after);
    (changed != *region).then_some(changed)
}
