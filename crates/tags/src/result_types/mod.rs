//! Types of the results a config can produce, as TypeScript and as JSON Schema (results.md sections 1, 3 and 4).

mod geometry;
mod model;
mod schema;
mod ts;
mod ty;

use crate::config::Config;
use serde_json::Value;

/// TypeScript declarations: one interface per control and object, their union `Result`, and `Results`.
pub fn typescript(config: &Config) -> String {
    ts::print(&model::of(config))
}

/// A JSON Schema (draft 2020-12) of the array of results of one annotation.
pub fn json_schema(config: &Config) -> Value {
    schema::print(&model::of(config))
}
