//! What a pressed pointer is in the middle of.

use tagloom_region_geometry::{Handle, ScreenPoint};

/// What was under the pointer when it was pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Press {
    Empty,
    Region,
    Selected,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) enum Gesture {
    #[default]
    Idle,
    /// Two fingers.
    Pinching,
    Panning {
        last: ScreenPoint,
        pointer: i32,
    },
    /// Pressed on the picture with the selecting tool; a click until it moves.
    Pressing {
        origin: ScreenPoint,
        press: Press,
        add: bool,
        pointer: i32,
    },
    /// Drawing the rectangle that selects.
    Marquee {
        origin: ScreenPoint,
        at: ScreenPoint,
        add: bool,
        pointer: i32,
    },
    /// `opened`: the step has begun.
    Moving {
        origin: ScreenPoint,
        opened: bool,
        pointer: i32,
    },
    Resizing {
        handle: Handle,
        origin: ScreenPoint,
        opened: bool,
        pointer: i32,
    },
    /// The box tool holds the rest.
    Drawing {
        pointer: i32,
    },
}

impl Gesture {
    /// The pointer that leads; others are ignored meanwhile.
    pub(super) fn pointer(self) -> Option<i32> {
        match self {
            Self::Idle | Self::Pinching => None,
            Self::Panning { pointer, .. }
            | Self::Pressing { pointer, .. }
            | Self::Marquee { pointer, .. }
            | Self::Moving { pointer, .. }
            | Self::Resizing { pointer, .. }
            | Self::Drawing { pointer } => Some(pointer),
        }
    }
}
