//! Moving, resizing and turning boxes inside an image: data in, data out.
//!
//! All sizes are image pixels. A box that lies inside the image never leaves it; one that was stored partly outside is
//! not pulled in by touching it, it only cannot go further out.

use tagloom_region_geometry::{Handle, ImageSize, PixelPoint, Point, RectanglePx};

/// `p` brought inside the image, edges included.
pub fn held_inside(p: PixelPoint, image: ImageSize) -> PixelPoint {
    let hold = |v: f64, size: f64| if v.is_finite() { v.clamp(0.0, size) } else { 0.0 };
    Point::new(hold(p.x, image.width), hold(p.y, image.height))
}

/// Whether the box lies in the image; a millionth of a pixel of rounding does not count.
pub fn is_inside(r: RectanglePx, image: ImageSize) -> bool {
    let [x0, y0, x1, y1] = r.bounds();
    let slack = 1e-6;
    x0 >= -slack && y0 >= -slack && x1 <= image.width + slack && y1 <= image.height + slack
}

/// All boxes moved together by as much of `by` as the image's edges allow. With `snap` the first one lands on whole
/// pixels and the others keep their distance to it.
pub fn moved(boxes: &[RectanglePx], by: PixelPoint, image: ImageSize, snap: bool) -> Vec<RectanglePx> {
    let Some(first) = boxes.first() else { return Vec::new() };
    let mut by = if by.is_finite() { by } else { Point::new(0.0, 0.0) };
    if snap {
        by = Point::new(
            (first.corner.x + by.x).round() - first.corner.x,
            (first.corner.y + by.y).round() - first.corner.y,
        );
    }
    let start = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
    let [x0, y0, x1, y1] = boxes
        .iter()
        .map(|r| r.bounds())
        .fold(start, |[a, b, c, d], [e, f, g, h]| [a.min(e), b.min(f), c.max(g), d.max(h)]);
    let hold = |by: f64, lo: f64, hi: f64, size: f64| by.clamp((-lo).min(0.0), (size - hi).max(0.0));
    let by = Point::new(hold(by.x, x0, x1, image.width), hold(by.y, y0, y1, image.height));
    boxes.iter().map(|r| r.moved(by)).collect()
}

/// The box with `handle` dragged to `p`, as far as the image allows and never smaller than `least` on a side.
pub fn resized(
    start: RectanglePx,
    handle: Handle,
    p: PixelPoint,
    keep_ratio: bool,
    image: ImageSize,
    least: f64,
    snap: bool,
) -> RectanglePx {
    let p = if is_inside(start, image) { held_inside(p, image) } else { p };
    let from = start.handle_at(handle, 0.0);
    let at =
        |t: f64| start.resized(handle, from + Point::new((p.x - from.x) * t, (p.y - from.y) * t), keep_ratio);
    let mut end = at(1.0);
    if is_inside(start, image) && !is_inside(end, image) {
        // Turned boxes and kept ratios push corners that nobody holds: go as far as they allow.
        let (mut good, mut bad) = (0.0, 1.0);
        for _ in 0..48 {
            let middle = (good + bad) / 2.0;
            if is_inside(at(middle), image) { good = middle } else { bad = middle }
        }
        end = at(good);
    }
    if snap && end.rotation == 0.0 {
        end = end.snapped_to_pixels();
    }
    if end.width < least.min(start.width) || end.height < least.min(start.height) { start } else { end }
}

/// The box turned so that its top points at `p`. It slides inside where it would stick out, if it fits at all.
pub fn turned(start: RectanglePx, p: PixelPoint, step: Option<f64>, image: ImageSize) -> RectanglePx {
    let end = start.turned_towards(p, step);
    if !is_inside(start, image) || is_inside(end, image) {
        return end;
    }
    let inside = end.moved_inside(image);
    if is_inside(inside, image) { inside } else { end }
}

/// The box with side `a`..`b` through `c`, its height cut where the far side would leave the image.
pub fn three_point(a: PixelPoint, b: PixelPoint, c: PixelPoint, image: ImageSize) -> RectanglePx {
    let full = RectanglePx::from_three_points(a, b, c);
    if is_inside(full, image) {
        return full;
    }
    let (mut good, mut bad) = (0.0, 1.0);
    for _ in 0..48 {
        let middle = (good + bad) / 2.0;
        let cut = RectanglePx { height: full.height * middle, ..full };
        if is_inside(cut, image) { good = middle } else { bad = middle }
    }
    RectanglePx { height: full.height * good, ..full }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const IMAGE: ImageSize = ImageSize { width: 100.0, height: 80.0 };

    fn boxed(x: f64, y: f64, width: f64, height: f64, rotation: f64) -> RectanglePx {
        RectanglePx { corner: Point::new(x, y), width, height, rotation }
    }

    #[test]
    fn a_group_stops_together_at_the_edge() {
        let out = moved(
            &[boxed(10.0, 10.0, 5.0, 5.0, 0.0), boxed(80.0, 10.0, 15.0, 5.0, 0.0)],
            Point::new(50.0, 0.0),
            IMAGE,
            false,
        );
        assert_eq!(out[0].corner.x, 15.0);
        assert_eq!(out[1].corner.x, 85.0);
    }

    #[test]
    fn a_box_that_was_stored_outside_is_not_pulled_in() {
        let out = moved(&[boxed(-5.0, 10.0, 5.0, 5.0, 0.0)], Point::new(-1.0, 1.0), IMAGE, false);
        assert_eq!((out[0].corner.x, out[0].corner.y), (-5.0, 11.0));
    }

    #[test]
    fn resizing_past_the_border_ends_exactly_on_it() {
        let r = resized(
            boxed(10.0, 10.0, 5.0, 5.0, 0.0),
            Handle::BottomRight,
            Point::new(400.0, 300.0),
            false,
            IMAGE,
            1.0,
            false,
        );
        assert_eq!((r.corner.x + r.width, r.corner.y + r.height), (100.0, 80.0));
    }

    #[test]
    fn a_box_cannot_be_made_too_small_to_grab() {
        let start = boxed(10.0, 10.0, 20.0, 20.0, 0.0);
        let r = resized(start, Handle::Right, Point::new(10.5, 15.0), false, IMAGE, 3.0, false);
        assert_eq!(r, start);
    }

    proptest! {
        #[test]
        fn nothing_leaves_the_image(
            x in 30f64..50.0, y in 30f64..40.0, w in 3f64..15.0, h in 3f64..15.0, turn in 0f64..360.0,
            px in -300f64..300.0, py in -300f64..300.0, keep: bool, which in 0usize..8,
        ) {
            let start = boxed(x, y, w, h, turn);
            prop_assume!(is_inside(start, IMAGE));
            let p = Point::new(px, py);
            prop_assert!(is_inside(resized(start, Handle::ALL[which], p, keep, IMAGE, 1.0, false), IMAGE));
            prop_assert!(is_inside(turned(start, p, None, IMAGE), IMAGE));
            prop_assert!(is_inside(moved(&[start], p, IMAGE, false)[0], IMAGE));
            let (a, b) = (held_inside(start.corner, IMAGE), held_inside(start.center(), IMAGE));
            prop_assert!(is_inside(three_point(a, b, p, IMAGE), IMAGE));
        }
    }
}
