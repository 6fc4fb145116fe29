//! Overlap of boxes, rotated or not.

use serde::{Deserialize, Serialize};

/// A box in pixels: `x`, `y` is the top-left corner before rotation, `rotation_deg` turns it clockwise about that
/// corner (results.md 3.1). Percent values must be scaled to pixels first, or rotation is distorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RotatedBox {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
    pub rotation_deg: f64,
}

type Point = (f64, f64);

impl RotatedBox {
    /// A box that is not rotated.
    #[must_use]
    pub fn upright(x: f64, y: f64, width: f64, height: f64) -> Self {
        Self { x, y, width, height, rotation_deg: 0.0 }
    }

    /// Area in square pixels; 0 for negative or not finite sizes.
    #[must_use]
    pub fn area(self) -> f64 {
        let all = [self.x, self.y, self.width, self.height, self.rotation_deg];
        if all.iter().all(|n| n.is_finite()) { self.width.max(0.0) * self.height.max(0.0) } else { 0.0 }
    }

    /// Corners from the top left on, clockwise on the screen (y points down).
    fn corners(self) -> Vec<Point> {
        let (sin, cos) = self.rotation_deg.to_radians().sin_cos();
        let across = (self.width * cos, self.width * sin);
        let down = (-self.height * sin, self.height * cos);
        let (x, y) = (self.x, self.y);
        vec![
            (x, y),
            (x + across.0, y + across.1),
            (x + across.0 + down.0, y + across.1 + down.1),
            (x + down.0, y + down.1),
        ]
    }
}

/// Intersection over union. Boxes without area share nothing with anything, except with an equal box.
#[must_use]
pub fn box_iou(a: RotatedBox, b: RotatedBox) -> f64 {
    if a == b {
        return 1.0;
    }
    let (area_a, area_b) = (a.area(), b.area());
    if area_a == 0.0 || area_b == 0.0 {
        return 0.0;
    }
    let shared = if a.rotation_deg == 0.0 && b.rotation_deg == 0.0 {
        let width = (a.x + a.width).min(b.x + b.width) - a.x.max(b.x);
        let height = (a.y + a.height).min(b.y + b.height) - a.y.max(b.y);
        width.max(0.0) * height.max(0.0)
    } else {
        area(&clip(a.corners(), &b.corners()))
    };
    // Clipping can overshoot by a rounding error.
    let shared = shared.min(area_a).min(area_b);
    shared / (area_a + area_b - shared)
}

/// The part of a convex polygon inside another one with clockwise corners (on the screen).
fn clip(mut subject: Vec<Point>, window: &[Point]) -> Vec<Point> {
    for (n, from) in window.iter().enumerate() {
        let to = window[(n + 1) % window.len()];
        // Positive on the inner side of the edge.
        let side = |p: &Point| (to.0 - from.0) * (p.1 - from.1) - (to.1 - from.1) * (p.0 - from.0);
        let mut kept = Vec::with_capacity(subject.len() + 1);
        for (m, here) in subject.iter().enumerate() {
            let next = &subject[(m + 1) % subject.len()];
            let (at, after) = (side(here), side(next));
            if at >= 0.0 {
                kept.push(*here);
            }
            if (at > 0.0 && after < 0.0) || (at < 0.0 && after > 0.0) {
                let share = at / (at - after);
                kept.push((here.0 + (next.0 - here.0) * share, here.1 + (next.1 - here.1) * share));
            }
        }
        subject = kept;
    }
    subject
}

fn area(polygon: &[Point]) -> f64 {
    let twice: f64 = polygon
        .iter()
        .enumerate()
        .map(|(n, (x, y))| {
            let (next_x, next_y) = polygon[(n + 1) % polygon.len()];
            x * next_y - next_x * y
        })
        .sum();
    twice.abs() / 2.0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn close(a: f64, b: f64) {
        assert!((a - b).abs() < 1e-9, "{a} is not {b}");
    }

    #[test]
    fn upright_boxes() {
        let a = RotatedBox::upright(0.0, 0.0, 10.0, 10.0);
        close(box_iou(a, RotatedBox::upright(5.0, 0.0, 10.0, 10.0)), 50.0 / 150.0);
        close(box_iou(a, RotatedBox::upright(10.0, 0.0, 10.0, 10.0)), 0.0);
        close(box_iou(a, a), 1.0);
        close(box_iou(a, RotatedBox::upright(0.0, 0.0, 0.0, 10.0)), 0.0);
        close(box_iou(a, RotatedBox::upright(f64::NAN, 0.0, 10.0, 10.0)), 0.0);
    }

    #[test]
    fn rotated_boxes() {
        // A unit square and the same square turned by 45 degrees about its centre share a regular octagon.
        let half = 0.5f64;
        let turned =
            RotatedBox { x: half, y: half - half * 2f64.sqrt(), width: 1.0, height: 1.0, rotation_deg: 45.0 };
        let octagon = 2.0 * (2f64.sqrt() - 1.0);
        close(box_iou(RotatedBox::upright(0.0, 0.0, 1.0, 1.0), turned), octagon / (2.0 - octagon));
        // A quarter turn about the top-left corner is the box to the left of it.
        let quarter = RotatedBox { x: 0.0, y: 0.0, width: 4.0, height: 2.0, rotation_deg: 90.0 };
        close(box_iou(quarter, RotatedBox::upright(-2.0, 0.0, 2.0, 4.0)), 1.0);
    }

    proptest! {
        #[test]
        fn turning_both_changes_nothing(
            a in (0.0..50.0f64, 0.0..50.0f64, 1.0..40.0f64, 1.0..40.0f64),
            b in (0.0..50.0f64, 0.0..50.0f64, 1.0..40.0f64, 1.0..40.0f64),
            deg in 0.0..360.0f64,
        ) {
            let turn = |(x, y, width, height): (f64, f64, f64, f64)| {
                let (sin, cos) = deg.to_radians().sin_cos();
                RotatedBox { x: x * cos - y * sin, y: x * sin + y * cos, width, height, rotation_deg: deg }
            };
            let upright = |(x, y, w, h): (f64, f64, f64, f64)| RotatedBox::upright(x, y, w, h);
            let expected = box_iou(upright(a), upright(b));
            prop_assert!((box_iou(turn(a), turn(b)) - expected).abs() < 1e-6);
            prop_assert!((box_iou(turn(b), turn(a)) - expected).abs() < 1e-6);
            prop_assert!((0.0..=1.0).contains(&expected));
        }
    }
}
