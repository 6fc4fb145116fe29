//! Drawing boxes (spec/tags.md 5.4): drag, two clicks, double click, or three points.
//!
//! A small total state machine. Points are image pixels and may lie outside the image: they are held at its edges, so a
//! drag that leaves the picture ends at exactly its border. Boxes under [`LEAST_SCREEN_PX`] are discarded without a word.

use super::edit::{held_inside, three_point};
use tagloom_region_geometry::{ImageSize, PixelPoint, Point, RectanglePx};

/// Shapes smaller than this on the screen are slips of the hand.
pub const LEAST_SCREEN_PX: f64 = 3.0;
/// Side of the box that a double click makes, on the screen.
pub const DEFAULT_SIDE_SCREEN_PX: f64 = 30.0;

/// What has happened to the box so far.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum BoxTool {
    #[default]
    Idle,
    /// Pressed, not yet moved far enough to be a drag.
    Pointing {
        origin: PixelPoint,
    },
    Drawing {
        origin: PixelPoint,
        at: PixelPoint,
    },
    /// The first corner was clicked, the second is awaited.
    AwaitingCorner {
        origin: PixelPoint,
        at: PixelPoint,
    },
    /// Three points: the first side is being drawn or its end awaited.
    DrawingSide {
        a: PixelPoint,
        at: PixelPoint,
        clicks: u8,
    },
    /// Three points: the side is set, the height is awaited.
    AwaitingHeight {
        a: PixelPoint,
        b: PixelPoint,
        at: PixelPoint,
    },
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum BoxInput {
    Down(PixelPoint),
    Move(PixelPoint),
    Up(PixelPoint),
    /// Comes after the two clicks it is made of.
    DoubleClick(PixelPoint),
    Cancel,
}

/// What the machine must know about the picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BoxFrame {
    pub image: ImageSize,
    /// Screen pixels per image pixel.
    pub scale: f64,
    pub three_points: bool,
    /// `snap="pixel"`.
    pub snap: bool,
}

/// What to show of a box that does not exist yet.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Ghost {
    Box(RectanglePx),
    Side(PixelPoint, PixelPoint),
}

impl BoxFrame {
    fn near(self, a: PixelPoint, b: PixelPoint) -> bool {
        a.distance(b) * self.scale < LEAST_SCREEN_PX
    }

    fn finished(self, r: RectanglePx) -> RectanglePx {
        if self.snap && r.rotation == 0.0 { r.snapped_to_pixels().clamped(self.image) } else { r }
    }

    fn checked(self, r: RectanglePx) -> Option<RectanglePx> {
        let r = self.finished(r);
        let least = LEAST_SCREEN_PX / self.scale;
        (r.width >= least && r.height >= least).then_some(r)
    }

    fn default_box(self, p: PixelPoint) -> Option<RectanglePx> {
        let side = DEFAULT_SIDE_SCREEN_PX / self.scale;
        let far = Point::new(p.x + side, p.y + side);
        self.checked(RectanglePx::spanned(p, far).moved_inside(self.image).clamped(self.image))
    }
}

impl BoxTool {
    /// Whether something is half drawn.
    pub fn is_active(self) -> bool {
        self != Self::Idle
    }

    /// The next state, and a box that is finished.
    #[must_use]
    pub fn step(self, input: BoxInput, frame: BoxFrame) -> (Self, Option<RectanglePx>) {
        let input = match input {
            BoxInput::Down(p) => BoxInput::Down(held_inside(p, frame.image)),
            BoxInput::Move(p) => BoxInput::Move(held_inside(p, frame.image)),
            BoxInput::Up(p) => BoxInput::Up(held_inside(p, frame.image)),
            BoxInput::DoubleClick(p) => BoxInput::DoubleClick(held_inside(p, frame.image)),
            BoxInput::Cancel => BoxInput::Cancel,
        };
        match (self, input) {
            (_, BoxInput::Cancel) => (Self::Idle, None),
            (Self::Idle, BoxInput::Down(p)) if frame.three_points => {
                (Self::DrawingSide { a: p, at: p, clicks: 0 }, None)
            }
            (Self::Idle, BoxInput::Down(origin)) => (Self::Pointing { origin }, None),
            (_, BoxInput::DoubleClick(p)) => (Self::Idle, frame.default_box(p)),
            (Self::Idle, BoxInput::Move(_) | BoxInput::Up(_)) => (Self::Idle, None),

            (Self::Pointing { origin }, BoxInput::Move(p)) if frame.near(origin, p) => {
                (Self::Pointing { origin }, None)
            }
            (Self::Pointing { origin } | Self::Drawing { origin, .. }, BoxInput::Move(at)) => {
                (Self::Drawing { origin, at }, None)
            }
            (Self::Pointing { origin }, BoxInput::Up(at)) if frame.near(origin, at) => {
                (Self::AwaitingCorner { origin, at }, None)
            }
            (
                Self::Pointing { origin }
                | Self::Drawing { origin, .. }
                | Self::AwaitingCorner { origin, .. },
                BoxInput::Up(p),
            ) => (Self::Idle, frame.checked(RectanglePx::spanned(origin, p))),
            (Self::AwaitingCorner { origin, .. }, BoxInput::Move(at) | BoxInput::Down(at)) => {
                (Self::AwaitingCorner { origin, at }, None)
            }

            (Self::DrawingSide { a, clicks, .. }, BoxInput::Move(at) | BoxInput::Down(at)) => {
                (Self::DrawingSide { a, at, clicks }, None)
            }
            (Self::DrawingSide { a, clicks, .. }, BoxInput::Up(p)) => {
                if !frame.near(a, p) {
                    (Self::AwaitingHeight { a, b: p, at: p }, None)
                } else if clicks == 0 {
                    (Self::DrawingSide { a, at: p, clicks: 1 }, None)
                } else {
                    (Self::Idle, None)
                }
            }
            (Self::AwaitingHeight { a, b, .. }, BoxInput::Move(at) | BoxInput::Down(at)) => {
                (Self::AwaitingHeight { a, b, at }, None)
            }
            (Self::AwaitingHeight { a, b, .. }, BoxInput::Up(p)) => {
                (Self::Idle, frame.checked(three_point(a, b, p, frame.image)))
            }
            // A second press without a release in between: a lost pointerup. The drag goes on.
            (state @ (Self::Pointing { .. } | Self::Drawing { .. }), BoxInput::Down(_)) => (state, None),
        }
    }

    /// What to show while the box is being drawn.
    pub fn ghost(self, frame: BoxFrame) -> Option<Ghost> {
        match self {
            Self::Idle | Self::Pointing { .. } => None,
            Self::Drawing { origin, at } | Self::AwaitingCorner { origin, at } => {
                Some(Ghost::Box(frame.finished(RectanglePx::spanned(origin, at))))
            }
            Self::DrawingSide { a, at, .. } => Some(Ghost::Side(a, at)),
            Self::AwaitingHeight { a, b, at } => {
                Some(Ghost::Box(three_point(a, b, held_inside(at, frame.image), frame.image)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FRAME: BoxFrame = BoxFrame {
        image: ImageSize { width: 200.0, height: 100.0 },
        scale: 2.0,
        three_points: false,
        snap: false,
    };

    /// Feeds inputs and says which boxes came out.
    fn run(frame: BoxFrame, inputs: &[BoxInput]) -> (BoxTool, Vec<RectanglePx>) {
        let (mut tool, mut out) = (BoxTool::Idle, Vec::new());
        for input in inputs {
            let (next, made) = tool.step(*input, frame);
            tool = next;
            out.extend(made);
        }
        (tool, out)
    }
    fn p(x: f64, y: f64) -> PixelPoint {
        Point::new(x, y)
    }
    fn click(x: f64, y: f64) -> [BoxInput; 2] {
        [BoxInput::Down(p(x, y)), BoxInput::Up(p(x, y))]
    }

    #[test]
    fn a_drag_out_of_the_picture_ends_at_exactly_its_border() {
        let (tool, made) = run(
            FRAME,
            &[BoxInput::Down(p(150.0, 50.0)), BoxInput::Move(p(300.0, 120.0)), BoxInput::Up(p(999.0, 999.0))],
        );
        assert_eq!(tool, BoxTool::Idle);
        assert_eq!(made, [RectanglePx::spanned(p(150.0, 50.0), p(200.0, 100.0))]);
    }

    #[test]
    fn two_clicks_draw_a_box_in_any_direction() {
        let (_, made) = run(FRAME, &[click(50.0, 50.0), click(20.0, 10.0)].concat());
        assert_eq!(made, [RectanglePx::spanned(p(20.0, 10.0), p(50.0, 50.0))]);
    }

    #[test]
    fn a_double_click_draws_thirty_screen_pixels_even_in_the_corner() {
        let twice = [click(199.0, 99.0), click(199.0, 99.0)].concat();
        let (_, made) = run(FRAME, &[twice, vec![BoxInput::DoubleClick(p(199.0, 99.0))]].concat());
        assert_eq!(made, [RectanglePx::spanned(p(185.0, 85.0), p(200.0, 100.0))]);
    }

    #[test]
    fn slips_below_three_screen_pixels_are_discarded() {
        let inputs =
            [BoxInput::Down(p(10.0, 10.0)), BoxInput::Move(p(50.0, 11.0)), BoxInput::Up(p(50.0, 11.0))];
        assert_eq!(run(FRAME, &inputs).1, []);
    }

    #[test]
    fn three_clicks_draw_a_turned_box() {
        let frame = BoxFrame { three_points: true, ..FRAME };
        let (_, made) = run(frame, &[click(50.0, 50.0), click(50.0, 20.0), click(70.0, 30.0)].concat());
        assert_eq!(made.len(), 1);
        assert!((made[0].width - 30.0).abs() < 1e-9 && (made[0].height - 20.0).abs() < 1e-9);
        assert_eq!(made[0].rotation, 270.0);
    }

    #[test]
    fn snapping_rounds_both_corners() {
        let frame = BoxFrame { snap: true, ..FRAME };
        let inputs =
            [BoxInput::Down(p(10.4, 10.6)), BoxInput::Move(p(30.0, 30.0)), BoxInput::Up(p(30.7, 29.6))];
        assert_eq!(run(frame, &inputs).1, [RectanglePx::spanned(p(10.0, 11.0), p(31.0, 30.0))]);
    }

    proptest! {
        #[test]
        fn any_stream_of_events_ends_idle_after_cancel_and_makes_boxes_inside(
            events in prop::collection::vec((0u8..5, -50f64..250.0, -50f64..150.0), 0..40), three_points: bool,
        ) {
            let frame = BoxFrame { three_points, ..FRAME };
            let inputs: Vec<_> = events.into_iter().map(|(kind, x, y)| match kind {
                0 => BoxInput::Down(p(x, y)),
                1 => BoxInput::Up(p(x, y)),
                2 => BoxInput::DoubleClick(p(x, y)),
                _ => BoxInput::Move(p(x, y)),
            }).collect();
            let (tool, made) = run(frame, &inputs);
            for r in made {
                prop_assert!(crate::rectangle::edit::is_inside(r, frame.image), "{r:?}");
            }
            prop_assert_eq!(tool.step(BoxInput::Cancel, frame), (BoxTool::Idle, None));
        }
    }
}
