//! What the brush sees: regions, snapping, and what lies under the pointer.

use std::fmt;

use super::{BrushEffect, EDGE_TOLERANCE_PX, Pointer};
use crate::axis::TimeAxis;

/// Pixels within which the edge of another region attracts.
const REGION_SNAP_PX: f64 = 8.0;

/// Where edges snap to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Snap {
    #[default]
    Sample,
    /// The nearest video frame (nearest sample where there is none).
    Frame,
    /// Edges of other regions nearby, else samples.
    Region,
    Off,
}

impl Snap {
    /// Reads `sample`, `frame`, `region`, `off` (or `none`).
    pub fn from_attribute(text: &str) -> Option<Self> {
        match text.trim().to_ascii_lowercase().as_str() {
            "sample" => Some(Self::Sample),
            "frame" => Some(Self::Frame),
            "region" => Some(Self::Region),
            "off" | "none" => Some(Self::Off),
            _ => None,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    Start,
    End,
}

/// A region as the brush sees it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BrushRegion {
    /// The caller's key, handed back in effects.
    pub key: u64,
    pub start: f64,
    pub end: f64,
    pub instant: bool,
    pub selected: bool,
    /// Locked or read-only: can be selected, not changed.
    pub locked: bool,
}

/// What the brush looks at during one event.
#[derive(Clone, Copy)]
pub struct BrushScene<'a> {
    pub axis: &'a TimeAxis,
    /// Visible regions, the topmost last.
    pub regions: &'a [BrushRegion],
    pub snap: Snap,
    /// Position per pixel at the current zoom.
    pub units_per_px: f64,
    /// Whether a drag or double click may create a region (a label is armed, the annotation is editable).
    pub can_create: bool,
    /// The nearest frame border of the leading video, as a position.
    pub frame_snap: Option<&'a dyn Fn(f64) -> f64>,
}

impl fmt::Debug for BrushScene<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BrushScene")
            .field("regions", &self.regions)
            .field("snap", &self.snap)
            .finish_non_exhaustive()
    }
}

/// What was under the pointer when it was pressed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Target {
    Plot,
    Edge(BrushRegion, Edge),
    Body(BrushRegion),
}

impl BrushScene<'_> {
    pub(super) fn snapped(&self, at: f64, free: bool, own: Option<u64>) -> f64 {
        let at = self.axis.clamp(at);
        match self.snap {
            _ if free => at,
            Snap::Off => at,
            Snap::Sample => self.axis.snap(at),
            Snap::Frame => match self.frame_snap {
                Some(snap) => self.axis.clamp(snap(at)),
                None => self.axis.snap(at),
            },
            Snap::Region => {
                let reach = REGION_SNAP_PX * self.units_per_px.abs();
                self.regions
                    .iter()
                    .filter(|r| Some(r.key) != own)
                    .flat_map(|r| [r.start, r.end])
                    .filter(|edge| (edge - at).abs() <= reach)
                    .min_by(|a, b| (a - at).abs().total_cmp(&(b - at).abs()))
                    .unwrap_or_else(|| self.axis.snap(at))
            }
        }
    }

    /// Where an edge at `at` would snap to.
    pub fn snap_to(&self, at: f64) -> f64 {
        self.snapped(at, false, None)
    }

    /// What a press at `at` would take: an edge of the selected region, another edge, the body of the selected region,
    /// or the plot.
    pub fn target(&self, at: f64) -> Target {
        let reach = EDGE_TOLERANCE_PX * self.units_per_px.abs();
        let usable = || self.regions.iter().rev().filter(|r| !r.locked);
        let edge = |r: &&BrushRegion| (r.start - at).abs() <= reach || (r.end - at).abs() <= reach;
        let found = usable().filter(|r| r.selected).find(edge).or_else(|| {
            // Inside another selected region its body comes before foreign edges.
            let inside_selected = usable().any(|r| r.selected && r.start < at && at < r.end);
            if inside_selected { None } else { usable().find(edge) }
        });
        if let Some(region) = found {
            // An instant, or a range too narrow to be taken in the middle, is moved as a whole.
            if region.end - region.start <= reach {
                return Target::Body(*region);
            }
            let nearer_start = (region.start - at).abs() < (region.end - at).abs();
            return Target::Edge(*region, if nearer_start { Edge::Start } else { Edge::End });
        }
        match usable().find(|r| r.selected && r.start <= at && at <= r.end) {
            Some(region) => Target::Body(*region),
            None => Target::Plot,
        }
    }

    /// Regions under a click, the topmost first.
    fn under(&self, at: f64) -> impl Iterator<Item = &BrushRegion> {
        let reach = EDGE_TOLERANCE_PX * self.units_per_px.abs();
        self.regions.iter().rev().filter(move |r| r.start - reach <= at && at <= r.end + reach)
    }

    pub(super) fn click(&self, pointer: Pointer, out: &mut Vec<BrushEffect>) {
        let mut under = self.under(pointer.at).peekable();
        match under.peek().copied() {
            None => {
                if self.regions.iter().any(|r| r.selected) {
                    out.push(BrushEffect::Unselect);
                }
            }
            Some(top) => {
                let next = under.by_ref().skip_while(|r| !r.selected).nth(1).unwrap_or(top);
                if !next.selected {
                    out.push(BrushEffect::Select { key: next.key });
                }
            }
        }
        out.push(BrushEffect::Cursor { at: self.axis.clamp(pointer.at) });
    }

    /// Where a region moved by `shift` comes to lie: its start snaps, and its end follows at the same distance.
    pub(super) fn moved(&self, region: BrushRegion, start: f64, free: bool) -> (f64, f64) {
        let length = region.end - region.start;
        let (low, high) = (self.axis.first().unwrap_or(start), self.axis.last().unwrap_or(start + length));
        let start = start.clamp(low, (high - length).max(low));
        let snapped = self.snapped(start, free, Some(region.key));
        let end = self.snapped(snapped + length, free, Some(region.key));
        (snapped, end.max(snapped))
    }
}
