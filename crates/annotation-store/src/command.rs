//! What can be asked of a document.

use crate::geometry::Geometry;
use crate::id::RegionId;
use crate::load::Loaded;
use crate::region::{Item, Region};
use crate::relation::{Direction, Relation};
use serde_json::{Map, Value};

/// A command is an imperative; [`crate::Document::apply`] answers with what changed.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Opens a step; a step already open is committed first.
    Begin,
    /// Closes the open step: one undo from now on. A step without edits leaves no trace.
    Commit,
    /// Takes back everything since `Begin`.
    Abort,
    Undo,
    Redo,
    /// Back to the state that was loaded; can itself be undone.
    Reset,
    /// Other loaded results in place of all there is; one undo brings back what was there.
    Replace(Box<Loaded>),

    /// Adds the region, or replaces the one with its id.
    Put(Region),
    /// Removes regions with their results and relations; children move up to the grandparent.
    Remove(Vec<RegionId>),
    SetGeometry(RegionId, Geometry),
    /// Sets what the control `item.from_name` says about the region, replacing its earlier item.
    SetItem(RegionId, Item),
    /// Takes a control's item away; the last item of a region takes the region with it.
    RemoveItem(RegionId, String),
    SetMeta(RegionId, Map<String, Value>),
    /// How the clocks of the named objects lie on their common timeline; replaces what was said before, and empty takes
    /// it all back. Kept in `meta.sync` of every region of these objects, whose values stay as they are (sync.md CL-4).
    SetAlignment(Map<String, Value>),
    /// Nests the region; refused where it would make a circle.
    SetParent(RegionId, Option<RegionId>),

    /// Refused (silently without effect) where the same ordered pair exists.
    AddRelation(Relation),
    RemoveRelation(usize),
    SetRelation {
        index: usize,
        direction: Direction,
        labels: Option<Vec<String>>,
    },

    /// Replaces the selection; unknown ids are left out. Not recorded by itself.
    Select(Vec<RegionId>),
    /// Views; never recorded, never serialized.
    SetHidden(Vec<RegionId>, bool),
    SetLocked(Vec<RegionId>, bool),
}
