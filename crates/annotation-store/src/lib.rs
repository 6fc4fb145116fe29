//! The document of one annotation: regions, results, relations, steps and undo, and Label Studio result JSON.
//!
//! Contract, odd cases first:
//! - Nothing that a result says is lost: unknown types, unknown keys at every level and results whose control or
//!   object is not in the config are kept and written back (such a region has [`Geometry::Unknown`]).
//! - A relation whose end is missing is set aside when loading, told as a notice, and written back untouched.
//! - [`Document::apply`] is synchronous and total: a command that makes no sense (unknown id, locked region) changes
//!   nothing and says why in [`Changes::refused`].
//! - One gesture is one [`Command::Begin`] … [`Command::Commit`]; a command outside of a step is a step of its own.
//!   Undo replays the recorded edits backwards, selection included. Hiding and locking are views, never recorded.
//! - Image coordinates are percent, text offsets code points, times in the units of the result (spec/results.md).

mod alignment;
mod changes;
mod command;
mod document;
mod geometry;
mod geometry_json;
mod id;
mod load;
mod region;
mod relation;
mod save;
mod schema;

pub use changes::{Changes, Delta, Refusal};
pub use command::Command;
pub use document::{Document, ViewFlags};
pub use geometry::{
    AudioSpan, Geometry, HtmlSpan, Keyframe, ParagraphSpan, SeriesRange, TextSpan, Timeline, VideoTrack,
};
pub use geometry_json::number;
pub use id::{RegionId, new_id};
pub use load::{LoadOptions, Loaded, Notice, load};
pub use region::{Item, Origin, Payload, Region, payload_key};
pub use relation::{Direction, Relation};
pub use save::{SaveOptions, save, save_region};
pub use schema::{ControlInfo, OpenSchema, Schema};
