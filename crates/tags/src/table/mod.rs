//! `Table`: shows an object or an array of objects as a table.

use crate::spec::attr::{about, bound, text};
use crate::spec::{AttributeSpec, TagSpec};

/// Attributes of the tag itself.
const ATTRIBUTES: &[AttributeSpec] = &[
    bound("value", "Task field with an object or an array of objects.").required(),
    text(
        "valueType",
        "`json`, or `url` or `csv` with options joined by bars: `csv|separator=,|headless|url`.",
    )
    .or("json"),
];

/// The description of `Table`.
pub static SPEC: TagSpec = TagSpec {
    name: "Table",
    doc: about("Shows an object or an array of objects as a table."),
    attributes: ATTRIBUTES,
    ..TagSpec::OBJECT
};
