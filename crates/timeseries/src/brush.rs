//! Brushing: what a pointer on the plot means. A total state machine that proposes and never touches a document.
//!
//! # The odd cases first
//! - A press that moves less than [`MIN_DRAG_PX`] is a click: it selects, cycles through overlapping regions on repeated
//!   clicks, and moves the cursor.
//! - A drag outside the data is limited to them; a drag that snaps to no width proposes nothing.
//! - Dragging one edge over the other swaps them; dragging both onto one sample keeps a range of zero length that is
//!   still no instant. Moving keeps the length, as far as snapping allows.
//! - `Cancel` at any time leaves everything as it was.
//! - An empty series proposes nothing but cursor moves.

mod overlap;
mod scene;
mod segment;

use crate::axis::TimeAxis;

pub use overlap::{Held, Overlap, OverlapEdit, Placed, place};
pub use scene::{BrushRegion, BrushScene, Edge, Snap, Target};
pub use segment::{SegmentEffect, SegmentEvent, SegmentTool, TAP_MS};

/// Pixels a pointer has to travel before a press becomes a drag.
pub const MIN_DRAG_PX: f64 = 4.0;
/// Pixels to each side of an edge where it can be taken.
pub const EDGE_TOLERANCE_PX: f64 = 5.0;

/// A pointer on the plot.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pointer {
    /// Position on the axis.
    pub at: f64,
    /// Horizontal place in pixels, for the distance travelled.
    pub x_px: f64,
    /// Alt is held: no snapping.
    pub free: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum BrushEvent {
    Down(Pointer),
    Move(Pointer),
    Up(Pointer),
    /// The second press of a double click, as the pointer event says.
    DoubleClick(Pointer),
    /// Escape, or the pointer was lost.
    Cancel,
}

/// What the brush proposes. Previews are shown and forgotten; `Create` and `Update` are one step each.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum BrushEffect {
    /// A new region is being drawn; `moving` is the edge under the pointer, for the video to show.
    Draft {
        start: f64,
        end: f64,
        moving: f64,
    },
    /// A region is being changed.
    Preview {
        key: u64,
        start: f64,
        end: f64,
        moving: f64,
    },
    Create {
        start: f64,
        end: f64,
        instant: bool,
    },
    Update {
        key: u64,
        start: f64,
        end: f64,
        instant: bool,
    },
    Select {
        key: u64,
    },
    /// A click beside all regions.
    Unselect,
    /// Put the cursor here and seek.
    Cursor {
        at: f64,
    },
    /// Forget the draft or preview.
    Cancel,
}

/// The state between pointer events.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum BrushTool {
    #[default]
    Idle,
    /// Pressed, not moved enough to mean anything yet.
    Pointing {
        origin: Pointer,
        target: Target,
    },
    Creating {
        anchor: f64,
        moving: f64,
    },
    ResizingEdge {
        region: BrushRegion,
        edge: Edge,
        moving: f64,
    },
    Moving {
        region: BrushRegion,
        grab: f64,
        start: f64,
    },
}

fn ordered(a: f64, b: f64) -> (f64, f64) {
    if a <= b { (a, b) } else { (b, a) }
}

impl BrushTool {
    /// Every (state, event) pair has an answer.
    pub fn step(self, event: BrushEvent, scene: &BrushScene<'_>, out: &mut Vec<BrushEffect>) -> Self {
        match (self, event) {
            // A plot without a width has no positions.
            (state, BrushEvent::Down(p) | BrushEvent::Move(p) | BrushEvent::DoubleClick(p))
                if !(p.at.is_finite() && p.x_px.is_finite()) =>
            {
                state
            }
            (state, BrushEvent::Up(p)) if !(p.at.is_finite() && p.x_px.is_finite()) => {
                state.step(BrushEvent::Cancel, scene, out)
            }
            (Self::Idle, BrushEvent::Down(p)) => Self::Pointing { origin: p, target: scene.target(p.at) },
            (Self::Pointing { origin, target }, BrushEvent::Move(p)) => {
                if (p.x_px - origin.x_px).abs() < MIN_DRAG_PX {
                    return self;
                }
                let started = match target {
                    Target::Plot if scene.can_create && !scene.axis.is_empty() => {
                        let anchor = scene.snapped(origin.at, origin.free, None);
                        Self::Creating { anchor, moving: anchor }
                    }
                    // A drag that can create nothing stays a press, and its end is no click.
                    Target::Plot => return self,
                    Target::Edge(region, edge) => {
                        let moving = if edge == Edge::Start { region.start } else { region.end };
                        Self::ResizingEdge { region, edge, moving }
                    }
                    Target::Body(region) => {
                        Self::Moving { region, grab: origin.at - region.start, start: region.start }
                    }
                };
                started.step(event, scene, out)
            }
            (Self::Pointing { origin, .. }, BrushEvent::Up(p)) => {
                if (p.x_px - origin.x_px).abs() < MIN_DRAG_PX {
                    scene.click(p, out);
                }
                Self::Idle
            }
            (Self::Creating { anchor, .. }, BrushEvent::Move(p)) => {
                let moving = scene.snapped(p.at, p.free, None);
                let (start, end) = ordered(anchor, moving);
                out.push(BrushEffect::Draft { start, end, moving });
                Self::Creating { anchor, moving }
            }
            (Self::Creating { anchor, .. }, BrushEvent::Up(p)) => {
                let (start, end) = ordered(anchor, scene.snapped(p.at, p.free, None));
                out.push(if start < end {
                    BrushEffect::Create { start, end, instant: false }
                } else {
                    BrushEffect::Cancel
                });
                Self::Idle
            }
            (Self::ResizingEdge { region, edge, .. }, BrushEvent::Move(p)) => {
                let moving = scene.snapped(p.at, p.free, Some(region.key));
                let (start, end) = ordered(moving, fixed_edge(region, edge));
                out.push(BrushEffect::Preview { key: region.key, start, end, moving });
                Self::ResizingEdge { region, edge, moving }
            }
            (Self::ResizingEdge { region, edge, .. }, BrushEvent::Up(p)) => {
                let moving = scene.snapped(p.at, p.free, Some(region.key));
                let (start, end) = ordered(moving, fixed_edge(region, edge));
                finish(region, start, end, out);
                Self::Idle
            }
            (Self::Moving { region, grab, .. }, BrushEvent::Move(p)) => {
                let (start, end) = scene.moved(region, p.at - grab, p.free);
                out.push(BrushEffect::Preview { key: region.key, start, end, moving: start });
                Self::Moving { region, grab, start }
            }
            (Self::Moving { region, grab, .. }, BrushEvent::Up(p)) => {
                let (start, end) = scene.moved(region, p.at - grab, p.free);
                finish(region, start, end, out);
                Self::Idle
            }
            (Self::Idle | Self::Pointing { .. }, BrushEvent::DoubleClick(p)) => {
                if scene.can_create && !scene.axis.is_empty() {
                    let at = scene.snapped(p.at, p.free, None);
                    out.push(BrushEffect::Create { start: at, end: at, instant: true });
                }
                Self::Idle
            }
            (Self::Creating { .. } | Self::ResizingEdge { .. } | Self::Moving { .. }, BrushEvent::Cancel) => {
                out.push(BrushEffect::Cancel);
                Self::Idle
            }
            (Self::Pointing { .. }, BrushEvent::Cancel) => Self::Idle,
            // A second press or a double click in the middle of a gesture belongs to another button or finger.
            (state, BrushEvent::Down(_) | BrushEvent::DoubleClick(_)) => state,
            (Self::Idle, BrushEvent::Move(_) | BrushEvent::Up(_) | BrushEvent::Cancel) => Self::Idle,
        }
    }

    /// Whether the pointer should be captured.
    pub fn is_active(&self) -> bool {
        !matches!(self, Self::Idle)
    }
}

fn fixed_edge(region: BrushRegion, edge: Edge) -> f64 {
    if edge == Edge::Start { region.end } else { region.start }
}

fn finish(region: BrushRegion, start: f64, end: f64, out: &mut Vec<BrushEffect>) {
    out.push(if (start, end) == (region.start, region.end) {
        BrushEffect::Cancel
    } else {
        BrushEffect::Update { key: region.key, start, end, instant: region.instant && start == end }
    });
}

/// Moves one edge by a signed number of native units (the grow and shrink keys), within the data and not beyond the
/// other edge. Instants grow into ranges.
pub fn nudge_edge(axis: &TimeAxis, start: f64, end: f64, edge: Edge, native_units: f64) -> (f64, f64) {
    let delta = native_units * axis.native_unit();
    match edge {
        Edge::Start => (axis.clamp(start + delta).min(end), end),
        Edge::End => (start, axis.clamp(end + delta).max(start)),
    }
}

#[cfg(test)]
mod tests;
