//! What a command changed: enough for a view to update only what is stale.

use crate::id::RegionId;
use crate::region::Region;
use indexmap::IndexMap;
use std::sync::Arc;

/// A region before and after; `None` where it did not or does not exist.
#[derive(Clone, Debug, PartialEq)]
pub struct Delta {
    pub before: Option<Arc<Region>>,
    pub after: Option<Arc<Region>>,
}

/// Why a command had no effect.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("there is no region {0}")]
    UnknownRegion(RegionId),
    #[error("region {0} is locked")]
    Locked(RegionId),
    #[error("region {0} is read-only")]
    RegionReadOnly(RegionId),
    #[error("this annotation is read-only")]
    DocumentReadOnly,
    #[error("a region cannot be nested in itself")]
    Circle,
    #[error("these regions are related already")]
    DuplicateRelation,
    #[error("there is no such relation")]
    UnknownRelation,
    #[error("a region needs at least one result")]
    Empty,
}

/// The sum of everything that changed since it was made.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Changes {
    pub regions: IndexMap<RegionId, Delta>,
    pub relations: bool,
    /// The alignment of clocks.
    pub alignment: bool,
    /// Results that are kept without being understood.
    pub set_aside: bool,
    pub selection: bool,
    /// Hidden or locked flags.
    pub view: bool,
    /// Undo and redo possibilities.
    pub history: bool,
    pub refused: Option<Refusal>,
}

impl Changes {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether regions came, went or changed places in the list.
    pub fn order(&self) -> bool {
        self.regions.values().any(|d| d.before.is_some() != d.after.is_some())
    }

    /// Whether the content that is saved changed.
    pub fn content(&self) -> bool {
        self.relations
            || self.alignment
            || self.set_aside
            || self.regions.values().any(|d| d.before != d.after)
    }

    /// Adds what came later.
    pub fn absorb(&mut self, later: Self) {
        for (id, delta) in later.regions {
            self.region(id, delta.before, delta.after);
        }
        self.relations |= later.relations;
        self.alignment |= later.alignment;
        self.set_aside |= later.set_aside;
        self.selection |= later.selection;
        self.view |= later.view;
        self.history |= later.history;
        if later.refused.is_some() {
            self.refused = later.refused;
        }
    }

    pub(crate) fn region(&mut self, id: RegionId, before: Option<Arc<Region>>, after: Option<Arc<Region>>) {
        match self.regions.get_mut(&id) {
            Some(delta) => delta.after = after,
            None => {
                self.regions.insert(id, Delta { before, after });
            }
        }
    }
}
