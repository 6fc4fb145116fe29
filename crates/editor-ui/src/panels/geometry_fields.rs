//! The place of a region as numbers: which fields it has, and what it is after one of them was edited.

use serde_json::Value;
use tagloom_annotation_store::{Geometry, number};
use tagloom_region_geometry::{Shape, rotation_degrees};

/// A field's name and its number, in the order they are shown. Empty for places that are not numbers.
pub(super) fn fields(geometry: &Geometry) -> Vec<(&'static str, f64)> {
    match geometry {
        Geometry::Image(Shape::Rectangle(r)) => {
            vec![
                ("x %", r.x),
                ("y %", r.y),
                ("width %", r.width),
                ("height %", r.height),
                ("rotation °", r.rotation),
            ]
        }
        Geometry::Image(Shape::Ellipse(e)) => {
            vec![
                ("x %", e.x),
                ("y %", e.y),
                ("radius x %", e.radius_x),
                ("radius y %", e.radius_y),
                ("rotation °", e.rotation),
            ]
        }
        Geometry::Image(Shape::KeyPoint(k)) => vec![("x %", k.x), ("y %", k.y), ("width %", k.width)],
        Geometry::Audio(s) => vec![("start s", s.start), ("end s", s.end)],
        Geometry::Series(s) => match (s.start.as_f64(), s.end.as_f64()) {
            (Some(start), Some(end)) => vec![("start", start), ("end", end)],
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// The geometry with one field set; `None` where the number makes no sense there: outside of the image, without size, or an end
/// before its start.
pub(super) fn with_field(geometry: &Geometry, field: &str, value: f64) -> Option<Geometry> {
    if !value.is_finite() {
        return None;
    }
    let size = |v: f64| (v > 0.0 && v <= 1000.0).then_some(v);
    let place = |v: f64| (-1000.0..=1000.0).contains(&v).then_some(v);
    let mut next = geometry.clone();
    match &mut next {
        Geometry::Image(Shape::Rectangle(r)) => match field {
            "x %" => r.x = place(value)?,
            "y %" => r.y = place(value)?,
            "width %" => r.width = size(value)?,
            "height %" => r.height = size(value)?,
            "rotation °" => r.rotation = rotation_degrees(value),
            _ => return None,
        },
        Geometry::Image(Shape::Ellipse(e)) => match field {
            "x %" => e.x = place(value)?,
            "y %" => e.y = place(value)?,
            "radius x %" => e.radius_x = size(value)?,
            "radius y %" => e.radius_y = size(value)?,
            "rotation °" => e.rotation = rotation_degrees(value),
            _ => return None,
        },
        Geometry::Image(Shape::KeyPoint(k)) => match field {
            "x %" => k.x = place(value)?,
            "y %" => k.y = place(value)?,
            "width %" => k.width = size(value)?,
            _ => return None,
        },
        Geometry::Audio(s) => match field {
            "start s" if value >= 0.0 && value <= s.end => s.start = value,
            "end s" if value >= s.start => s.end = value,
            _ => return None,
        },
        Geometry::Series(s) => {
            let (start, end) = (s.start.as_f64()?, s.end.as_f64()?);
            let stored: Value = number(value);
            match field {
                "start" if value <= end => s.start = stored,
                "end" if value >= start => s.end = stored,
                _ => return None,
            }
            s.instant = s.instant.map(|_| s.start == s.end);
        }
        _ => return None,
    }
    Some(next)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tagloom_annotation_store::{AudioSpan, SeriesRange};
    use tagloom_region_geometry::Rectangle;

    #[test]
    fn fields_are_set_and_nonsense_is_refused() {
        let r = Geometry::Image(Shape::Rectangle(Rectangle {
            x: 1.0,
            y: 2.0,
            width: 3.0,
            height: 4.0,
            rotation: 0.0,
        }));
        let next = with_field(&r, "width %", 10.0).unwrap();
        assert_eq!(fields(&next)[2], ("width %", 10.0));
        assert_eq!(with_field(&r, "width %", 0.0), None);
        assert_eq!(with_field(&r, "x %", f64::NAN), None);
        assert_eq!(with_field(&r, "nope", 1.0), None);
        let a = Geometry::Audio(AudioSpan { start: 1.0, end: 2.0, channel: None });
        assert_eq!(with_field(&a, "end s", 0.5), None);
        let s = Geometry::Series(SeriesRange { start: 1.into(), end: 5.into(), instant: None });
        assert_eq!(fields(&with_field(&s, "start", 3.0).unwrap())[0].1, 3.0);
        let text = Geometry::Series(SeriesRange { start: "2020".into(), end: "2021".into(), instant: None });
        assert!(fields(&text).is_empty());
    }
}
