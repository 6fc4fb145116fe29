//! Whether the visible window of a series follows the cursor (PB-4).
//!
//! Panning by hand while playing suspends following until the user goes back to the playhead; a pause or a zoom does not.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FollowMode {
    /// The window jumps on when the cursor leaves it.
    #[default]
    Page,
    /// The cursor stays in the middle and the plot slides, as in Label Studio.
    Center,
    Off,
}

impl FollowMode {
    pub fn from_attribute(text: &str) -> Option<Self> {
        match text.trim().to_ascii_lowercase().as_str() {
            "page" => Some(Self::Page),
            "center" => Some(Self::Center),
            "off" => Some(Self::Off),
            _ => None,
        }
    }
}

/// The follow mode and whether the user has left the playhead.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Follow {
    pub mode: FollowMode,
    suspended: bool,
}

impl Follow {
    pub fn new(mode: FollowMode) -> Self {
        Self { mode, suspended: false }
    }

    /// The user moved the window by hand.
    pub fn panned(&mut self, playing: bool) {
        self.suspended |= playing && self.mode != FollowMode::Off;
    }

    /// "Back to playhead" was pressed, or the user sought.
    pub fn resume(&mut self) {
        self.suspended = false;
    }

    /// Whether to offer "back to playhead".
    pub fn is_suspended(&self) -> bool {
        self.suspended
    }

    /// The window to show for a cursor, or `None` to leave it. All in positions; the result is inside `full`.
    pub fn window(&self, window: (f64, f64), full: (f64, f64), cursor: f64) -> Option<(f64, f64)> {
        let span = window.1 - window.0;
        let start = match self.mode {
            _ if self.suspended || !cursor.is_finite() => return None,
            FollowMode::Off => return None,
            FollowMode::Page if (window.0..=window.1).contains(&cursor) => return None,
            // A little of what has just passed stays in view.
            FollowMode::Page => cursor - span * 0.05,
            FollowMode::Center => cursor - span / 2.0,
        };
        let start = start.min(full.1 - span).max(full.0);
        let moved = (start, (start + span).min(full.1));
        (moved != window).then_some(moved)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_modes() {
        let full = (0.0, 100.0);
        let next = |mode, cursor| Follow::new(mode).window((0.0, 20.0), full, cursor);
        assert_eq!(next(FollowMode::Page, 19.0), None);
        assert_eq!(next(FollowMode::Page, 21.0), Some((20.0, 40.0)));
        assert_eq!(next(FollowMode::Page, 99.0), Some((80.0, 100.0)));
        assert_eq!(next(FollowMode::Center, 50.0), Some((40.0, 60.0)));
        assert_eq!(next(FollowMode::Center, 5.0), None, "near the ends the cursor moves");
        assert_eq!(next(FollowMode::Off, 50.0), None);
        assert_eq!(next(FollowMode::Center, f64::NAN), None);
    }

    #[test]
    fn panning_while_playing_leaves_the_playhead() {
        let mut follow = Follow::default();
        follow.panned(false);
        assert!(!follow.is_suspended());
        follow.panned(true);
        assert_eq!(follow.window((0.0, 20.0), (0.0, 100.0), 50.0), None);
        follow.resume();
        assert!(follow.window((0.0, 20.0), (0.0, 100.0), 50.0).is_some());
    }
}
