//! What the hand does, and what the tools answer.

use crate::rectangle::tool::Ghost;
use tagloom_annotation_store::RegionId;
use tagloom_region_geometry::{RectanglePx, ScreenPoint, Viewport};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Device {
    #[default]
    Mouse,
    Pen,
    Touch,
}

impl Device {
    /// How far from a handle it can still be grabbed, in screen pixels.
    pub fn reach(self) -> f64 {
        match self {
            Self::Mouse | Self::Pen => 7.0,
            Self::Touch => 14.0,
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Button {
    #[default]
    Primary,
    Middle,
    Secondary,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Modifiers {
    /// ctrl, or command on a Mac: interact instead of draw; add to the selection.
    pub ctrl: bool,
    pub shift: bool,
    pub alt: bool,
    /// The space bar is down: drag pans.
    pub space: bool,
}

/// One pointer event on the canvas.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pointer {
    pub id: i32,
    pub device: Device,
    pub at: ScreenPoint,
    /// Meaningful when pressing.
    pub button: Button,
    pub modifiers: Modifiers,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Input {
    Down(Pointer),
    Move(Pointer),
    Up(Pointer),
    /// The browser took this pointer away.
    Lost(Pointer),
    DoubleClick(Pointer),
    /// The pointer is no longer over the canvas.
    Leave,
    /// Escape, another tool, another image: whatever is half done is taken back.
    Cancel,
    /// Arrow keys: image pixels along the screen's axes.
    Nudge {
        dx: f64,
        dy: f64,
    },
}

/// What the tools want done. Between `Begin` and `Commit` or `Abort` all changes are one undo.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    Create(RectanglePx),
    Begin,
    /// The boxes as they are now; the same ones all through a gesture.
    Set(Vec<(RegionId, RectanglePx)>),
    Commit,
    Abort,
    Select {
        ids: Vec<RegionId>,
        toggle: bool,
    },
    Hover(Option<RegionId>),
    Pan(ScreenPoint),
    Zoom {
        at: ScreenPoint,
        factor: f64,
    },
}

/// What the tool in hand does with a press on the picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Hand {
    #[default]
    Select,
    Pan,
    Draw {
        three_points: bool,
        /// `snap="pixel"`.
        snap: bool,
        /// A label is armed, so clicks draw over existing regions instead of selecting them.
        over_regions: bool,
    },
}

/// A box that may be changed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EditableBox {
    pub rect: RectanglePx,
    pub can_rotate: bool,
    pub snap: bool,
}

/// What the tools need to know about the picture and its regions. Hidden regions are nowhere.
pub trait Board {
    fn viewport(&self) -> Viewport;
    fn hand(&self) -> Hand;
    fn selection(&self) -> &[RegionId];
    /// The smallest region under a point of the screen, grown by `slack` screen pixels.
    fn hit(&self, at: ScreenPoint, slack: f64) -> Option<RegionId>;
    /// Whether a region lies under a point of the screen.
    fn covers(&self, id: &RegionId, at: ScreenPoint, slack: f64) -> bool;
    /// Regions that touch the bounds `[min_x, min_y, max_x, max_y]` in image pixels, in drawing order.
    fn touching(&self, bounds: [f64; 4]) -> Vec<RegionId>;
    /// The box of a region, if it is one and may be changed: not locked, not read-only, no prediction.
    fn editable(&self, id: &RegionId) -> Option<EditableBox>;
}

/// What to draw on top of the regions for the tool's sake.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Overlay {
    Ghost(Ghost),
    /// Two corners of the selecting rectangle on the screen.
    Marquee(ScreenPoint, ScreenPoint),
}

/// Pointer shapes, by what a press would do.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Cursor {
    #[default]
    Default,
    Pointer,
    Move,
    Crosshair,
    Grab,
    Grabbing,
    /// Degrees of the direction the handle moves in, on the screen, clockwise from the right.
    Resize(f64),
    Rotate,
}

impl Cursor {
    /// The CSS `cursor`.
    pub fn css(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Pointer => "pointer",
            Self::Move => "move",
            Self::Crosshair => "crosshair",
            Self::Grab | Self::Rotate => "grab",
            Self::Grabbing => "grabbing",
            Self::Resize(degrees) => match ((degrees.rem_euclid(180.0) + 22.5) / 45.0) as u8 {
                1 => "nwse-resize",
                2 => "ns-resize",
                3 => "nesw-resize",
                _ => "ew-resize",
            },
        }
    }
}
