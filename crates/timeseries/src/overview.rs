//! Dragging in the overview: the window as a whole, one of its edges, or a new window.
//!
//! A press beside the window brings the window there and goes on as a move. Edges win over the body, but a window that is
//! narrower than its edges are wide is moved when it is pressed inside.

use crate::brush::Edge;
use crate::window::ViewWindow;

/// What was taken.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum OverviewDrag {
    /// The window, at this share of its span.
    Move { grab: f64 },
    /// One edge; the other stays at `fixed`.
    Edge { edge: Edge, fixed: f64 },
}

impl OverviewDrag {
    /// What a press at `at` takes; `reach` is how far from an edge it still counts, in positions.
    pub fn grab(window: &ViewWindow, at: f64, reach: f64) -> Self {
        let (start, end) = (window.start, window.end);
        let inside = start <= at && at <= end;
        if !inside || window.span() > reach * 3.0 {
            let (to_start, to_end) = ((at - start).abs(), (at - end).abs());
            if to_start <= reach && to_start <= to_end {
                return Self::Edge { edge: Edge::Start, fixed: end };
            }
            if to_end <= reach {
                return Self::Edge { edge: Edge::End, fixed: start };
            }
        }
        Self::Move { grab: if inside { (at - start) / window.span() } else { 0.5 } }
    }

    /// The window with the pointer at `at`.
    pub fn drag(self, window: &mut ViewWindow, at: f64) {
        match self {
            Self::Edge { fixed, .. } => {
                let (low, high) = window.full_range();
                window.set(at.clamp(low, high), fixed);
            }
            Self::Move { grab } => window.pan_by(at - grab * window.span() - window.start),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window() -> ViewWindow {
        let mut window = ViewWindow::over(0.0, 100.0);
        window.set(40.0, 60.0);
        window
    }

    #[test]
    fn edges_body_and_the_rest() {
        let grab = |at| OverviewDrag::grab(&window(), at, 2.0);
        assert_eq!(grab(41.0), OverviewDrag::Edge { edge: Edge::Start, fixed: 60.0 });
        assert_eq!(grab(61.5), OverviewDrag::Edge { edge: Edge::End, fixed: 40.0 });
        assert_eq!(grab(45.0), OverviewDrag::Move { grab: 0.25 });
        assert_eq!(grab(90.0), OverviewDrag::Move { grab: 0.5 });
        // All edge: it is moved.
        assert_eq!(OverviewDrag::grab(&window(), 50.0, 15.0), OverviewDrag::Move { grab: 0.5 });
    }

    #[test]
    fn an_edge_passes_the_other_and_stays_inside() {
        let mut w = window();
        let drag = OverviewDrag::grab(&w, 40.0, 2.0);
        drag.drag(&mut w, 10.0);
        assert_eq!((w.start, w.end), (10.0, 60.0));
        drag.drag(&mut w, 80.0);
        assert_eq!((w.start, w.end), (60.0, 80.0));
        drag.drag(&mut w, -500.0);
        assert_eq!((w.start, w.end), (0.0, 60.0));
    }

    #[test]
    fn a_move_keeps_the_span() {
        let mut w = window();
        OverviewDrag::grab(&w, 50.0, 2.0).drag(&mut w, 95.0);
        assert_eq!((w.start, w.end), (80.0, 100.0));
    }
}
