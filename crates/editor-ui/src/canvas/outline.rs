//! Stored shapes as outlines in image pixels: bounds, area, hits.

use super::mask::Mask;
use kurbo::{BezPath, ParamCurveNearest, Shape as _};
use serde_json::Value;
use std::collections::HashMap;
use std::rc::Rc;
use tagloom_region_geometry::{
    ImageSize, PixelPoint, Point, Polygon, Rectangle, RectanglePx, Shape, Vector, Vertex,
};

/// Key points are never drawn smaller than this on the screen.
pub const DOT_LEAST_SCREEN_PX: f64 = 4.0;

/// What is drawn of a region.
#[derive(Clone, Debug, PartialEq)]
pub enum Outline {
    Box(RectanglePx),
    Ellipse {
        center: PixelPoint,
        radius_x: f64,
        radius_y: f64,
        rotation: f64,
    },
    Dot {
        center: PixelPoint,
        radius: f64,
    },
    Path {
        path: BezPath,
        closed: bool,
    },
    Mask(Rc<Mask>),
    /// A PNG that the browser has not decoded yet.
    Pending(Rc<str>),
    /// Broken or empty: not drawn, not hit, kept as it is.
    Nothing,
}

impl Outline {
    /// `raster` is the size that masks were painted at.
    pub fn of(shape: &Shape, image: ImageSize, raster: ImageSize) -> Self {
        let point = |x, y| image.pixels_from_percent(Point::new(x, y));
        let outline = match shape {
            Shape::Rectangle(r) => Self::Box(RectanglePx::from_percent(upright(*r), image)),
            Shape::Ellipse(e) => Self::Ellipse {
                center: point(e.x, e.y),
                radius_x: (e.radius_x * image.width / 100.0).abs(),
                radius_y: (e.radius_y * image.height / 100.0).abs(),
                rotation: e.rotation,
            },
            Shape::KeyPoint(k) => {
                Self::Dot { center: point(k.x, k.y), radius: (k.width * image.width / 100.0).abs() }
            }
            Shape::Polygon(p) => polygon(p, image),
            Shape::Vector(v) => vector(v, image),
            Shape::Brush(b) => {
                Mask::from_rle(&b.rle, raster, image).map_or(Self::Nothing, |m| Self::Mask(Rc::new(m)))
            }
            Shape::Bitmask(b) => Self::Pending(Rc::from(&*b.image_data_url)),
        };
        match outline.bounds() {
            Some(b) if b.iter().all(|v| v.is_finite()) => outline,
            None if matches!(outline, Self::Pending(_)) => outline,
            _ => Self::Nothing,
        }
    }

    /// `[min_x, min_y, max_x, max_y]`; `None` where there is nothing to draw.
    pub fn bounds(&self) -> Option<[f64; 4]> {
        match self {
            Self::Box(r) => Some(r.bounds()),
            Self::Ellipse { center, radius_x, radius_y, rotation } => {
                let (sin, cos) = rotation.to_radians().sin_cos();
                let dx = (radius_x * cos).hypot(radius_y * sin);
                let dy = (radius_x * sin).hypot(radius_y * cos);
                Some([center.x - dx, center.y - dy, center.x + dx, center.y + dy])
            }
            Self::Dot { center, radius } => {
                Some([center.x - radius, center.y - radius, center.x + radius, center.y + radius])
            }
            Self::Path { path, .. } if path.is_empty() => None,
            Self::Path { path, .. } => {
                let b = path.bounding_box();
                Some([b.x0, b.y0, b.x1, b.y1])
            }
            Self::Mask(mask) => Some(mask.bounds()),
            Self::Pending(_) | Self::Nothing => None,
        }
    }

    /// Image pixels covered; lines and dots cover none, so that they win over what lies around them.
    pub fn area(&self) -> f64 {
        match self {
            Self::Box(r) => (r.width * r.height).abs(),
            Self::Ellipse { radius_x, radius_y, .. } => std::f64::consts::PI * radius_x * radius_y,
            Self::Path { path, closed: true } => path.area().abs(),
            Self::Mask(mask) => mask.area(),
            Self::Dot { .. } | Self::Path { closed: false, .. } | Self::Pending(_) | Self::Nothing => 0.0,
        }
    }

    /// Whether `p` lies on it, or within `slack` image pixels of it. `scale` is screen pixels per image pixel.
    pub fn contains(&self, p: PixelPoint, slack: f64, scale: f64) -> bool {
        match self {
            Self::Box(r) => r.width > 0.0 && r.height > 0.0 && r.contains(p, slack),
            Self::Ellipse { center, radius_x, radius_y, rotation } => {
                let d = p.rotated_about(*center, -rotation) - *center;
                let (rx, ry) = (radius_x + slack, radius_y + slack);
                rx > 0.0 && ry > 0.0 && (d.x / rx).powi(2) + (d.y / ry).powi(2) <= 1.0
            }
            Self::Dot { center, radius } => {
                center.distance(p) <= radius.max(DOT_LEAST_SCREEN_PX / scale) + slack
            }
            Self::Path { path, closed } => {
                let point = kurbo::Point::new(p.x, p.y);
                if *closed && path.contains(point) {
                    return true;
                }
                let reach = slack + if *closed { 0.0 } else { 2.0 / scale };
                path.segments().any(|s| s.nearest(point, 0.1).distance_sq <= reach * reach)
            }
            Self::Mask(mask) => mask.covers(p),
            Self::Pending(_) | Self::Nothing => false,
        }
    }
}

/// Boxes with negative sizes exist in old data; they mean the same place.
fn upright(r: Rectangle) -> Rectangle {
    let (mut out, rotated) = (r, r.rotation != 0.0);
    if !rotated && out.width < 0.0 {
        out.x += out.width;
        out.width = -out.width;
    }
    if !rotated && out.height < 0.0 {
        out.y += out.height;
        out.height = -out.height;
    }
    out
}

fn polygon(polygon: &Polygon, image: ImageSize) -> Outline {
    let mut path = BezPath::new();
    for (i, [x, y]) in polygon.points.iter().enumerate() {
        let p = image.pixels_from_percent(Point::new(*x, *y));
        if i == 0 { path.move_to((p.x, p.y)) } else { path.line_to((p.x, p.y)) }
    }
    let closed = polygon.is_closed() && polygon.points.len() > 2;
    if closed {
        path.close_path();
    }
    if path.is_empty() { Outline::Nothing } else { Outline::Path { path, closed } }
}

/// A handle of a Bezier vertex, in image pixels.
fn handle(vertex: &Vertex, key: &str, image: ImageSize) -> Option<PixelPoint> {
    if vertex.rest.get("isBezier").and_then(Value::as_bool) != Some(true) {
        return None;
    }
    let point = vertex.rest.get(key)?;
    let number = |axis| point.get(axis).and_then(Value::as_f64);
    Some(image.pixels_from_percent(Point::new(number("x")?, number("y")?)))
}

/// Segments by `prevPointId` (spec/results.md 3.5); a vertex that refers to none, or to one that is missing, starts a
/// new line.
fn vector(vector: &Vector, image: ImageSize) -> Outline {
    let by_id: HashMap<&str, &Vertex> = vector.vertices.iter().map(|v| (v.id.as_str(), v)).collect();
    let place = |v: &Vertex| image.pixels_from_percent(Point::new(v.x, v.y));
    let closed = vector.closed == Some(true) && vector.vertices.len() > 2;
    let mut path = BezPath::new();
    let mut pen: Option<&str> = None;
    // The closing segment belongs to the first vertex, but is the last to be drawn.
    let order: Vec<&Vertex> =
        vector.vertices.iter().chain(vector.vertices.first().filter(|_| closed)).collect();
    for (i, vertex) in order.iter().enumerate() {
        let to = place(vertex);
        let from =
            vertex.prev_point_id.as_deref().and_then(|id| by_id.get(id)).filter(|_| !(closed && i == 0));
        let Some(from) = from else {
            path.move_to((to.x, to.y));
            pen = Some(&vertex.id);
            continue;
        };
        let start = place(from);
        if pen != Some(&from.id) {
            path.move_to((start.x, start.y));
        }
        let (c1, c2) = (handle(from, "controlPoint2", image), handle(vertex, "controlPoint1", image));
        if c1.is_none() && c2.is_none() {
            path.line_to((to.x, to.y));
        } else {
            let along =
                |a: PixelPoint, b: PixelPoint| Point::new(a.x + 0.3 * (b.x - a.x), a.y + 0.3 * (b.y - a.y));
            let (c1, c2) = (c1.unwrap_or_else(|| along(start, to)), c2.unwrap_or_else(|| along(to, start)));
            path.curve_to((c1.x, c1.y), (c2.x, c2.y), (to.x, to.y));
        }
        pen = Some(&vertex.id);
    }
    if closed {
        path.close_path();
    }
    if path.is_empty() { Outline::Nothing } else { Outline::Path { path, closed } }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const IMAGE: ImageSize = ImageSize { width: 200.0, height: 100.0 };

    fn vertex(value: Value) -> Vertex {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn an_ellipse_turns_about_its_centre() {
        let e = Outline::Ellipse {
            center: Point::new(100.0, 50.0),
            radius_x: 40.0,
            radius_y: 10.0,
            rotation: 90.0,
        };
        let b = e.bounds().unwrap();
        assert!((b[0] - 90.0).abs() < 1e-9 && (b[3] - 90.0).abs() < 1e-9);
        assert!(e.contains(Point::new(100.0, 85.0), 0.0, 1.0));
        assert!(!e.contains(Point::new(135.0, 50.0), 0.0, 1.0));
    }

    #[test]
    fn a_vector_follows_its_predecessors_and_handles() {
        let v = Vector {
            vertices: vec![
                vertex(json!({"id": "a", "prevPointId": "c", "x": 10, "y": 10, "isBezier": false})),
                vertex(json!({"id": "b", "prevPointId": "a", "x": 30, "y": 10, "isBezier": true,
                    "controlPoint1": {"x": 20, "y": 5}, "controlPoint2": {"x": 40, "y": 20}})),
                vertex(json!({"id": "c", "prevPointId": "b", "x": 30, "y": 50})),
            ],
            closed: Some(true),
        };
        let Outline::Path { path, closed } = vector(&v, IMAGE) else { panic!() };
        assert!(closed);
        assert_eq!(path.to_svg(), "M20,10 C32,10 40,5 60,10 C80,20 60,38 60,50 L20,10 Z");
    }

    #[test]
    fn branches_and_missing_predecessors_start_new_lines() {
        let v = Vector {
            vertices: vec![
                vertex(json!({"id": "a", "x": 0, "y": 0})),
                vertex(json!({"id": "b", "prevPointId": "a", "x": 10, "y": 0})),
                vertex(json!({"id": "c", "prevPointId": "a", "x": 0, "y": 10})),
                vertex(json!({"id": "d", "prevPointId": "gone", "x": 50, "y": 50})),
                vertex(json!({"id": "e", "prevPointId": "e", "x": 5, "y": 5})),
            ],
            closed: Some(false),
        };
        let Outline::Path { path, closed: false } = vector(&v, IMAGE) else { panic!() };
        assert_eq!(path.to_svg(), "M0,0 L20,0 M0,0 L0,10 M100,50 M10,5 L10,5");
    }

    #[test]
    fn an_open_polygon_is_hit_on_its_line_only() {
        let shape = |closed| Polygon { points: vec![[0.0, 0.0], [50.0, 0.0], [50.0, 100.0]], closed };
        let inside = Point::new(80.0, 40.0);
        assert!(polygon(&shape(None), IMAGE).contains(inside, 0.0, 1.0));
        assert!(!polygon(&shape(Some(false)), IMAGE).contains(inside, 0.0, 1.0));
        assert!(polygon(&shape(Some(false)), IMAGE).contains(Point::new(50.0, 1.0), 0.0, 1.0));
    }
}
