//! Geometry from and to the keys of a result's `value`.

use crate::geometry::{
    AudioSpan, Geometry, HtmlSpan, Keyframe, ParagraphSpan, SeriesRange, TextSpan, Timeline, VideoTrack,
};
use serde_json::{Map, Value};
use tagloom_region_geometry::{Bitmask, Brush, Ellipse, KeyPoint, Polygon, Rectangle, Shape, Vector, Vertex};

type Object = Map<String, Value>;

/// A JSON number the way JavaScript writes it: whole numbers without a fraction. Not a number becomes 0.
pub fn number(v: f64) -> Value {
    if v.fract() == 0.0 && v.abs() < 9_007_199_254_740_992.0 {
        Value::from(v as i64)
    } else {
        serde_json::Number::from_f64(v).map_or_else(|| Value::from(0), Value::Number)
    }
}

/// Takes keys out of a value; what is left afterwards belongs to nobody.
struct Taker<'a>(&'a mut Object);

impl Taker<'_> {
    fn f64(&mut self, key: &str) -> Option<f64> {
        let v = match self.0.get(key)? {
            Value::Number(n) => n.as_f64()?,
            Value::String(s) => s.trim().parse().ok()?,
            _ => return None,
        };
        self.0.remove(key);
        Some(v)
    }
    fn bool(&mut self, key: &str) -> Option<bool> {
        let v = self.0.get(key)?.as_bool()?;
        self.0.remove(key);
        Some(v)
    }
    fn string(&mut self, key: &str) -> Option<String> {
        let v = self.0.get(key)?.as_str()?.to_owned();
        self.0.remove(key);
        Some(v)
    }
    fn offset(&mut self, key: &str) -> Option<usize> {
        let v = self.0.get(key)?.as_f64().filter(|v| *v >= 0.0)?;
        self.0.remove(key);
        Some(v as usize)
    }
}

/// Whether a value has a place at all (spec/results.md section 2, step 8).
pub(crate) fn has_place(value: &Object) -> bool {
    value.len() > 1
        || ["points", "shape", "sequence", "ranges", "imageDataURL", "vertices", "rle"]
            .iter()
            .any(|k| value.contains_key(*k))
}

/// Takes the geometry keys out of `value`. `object` is the object's tag in lower case where it is known, `kind` the
/// result type. `None` when the keys do not make a place of that kind; then `value` is left as it was.
pub(crate) fn take_geometry(value: &mut Object, object: Option<&str>, kind: &str) -> Option<Geometry> {
    let before = value.clone();
    let taken = match object.unwrap_or_else(|| guess_object(value, kind)) {
        "image" => take_shape(value).map(Geometry::Image),
        "text" | "hypertext" => take_span(value),
        "paragraphs" => take_paragraphs(value),
        "audio" | "audioplus" => take_audio(value),
        "timeseries" => take_series(value),
        "video" => take_video(value),
        _ => None,
    };
    if taken.is_none() {
        *value = before;
    }
    taken
}

/// The kind of object a result seems to belong to, where no config says it.
fn guess_object(value: &Object, kind: &str) -> &'static str {
    let has = |k: &str| value.contains_key(k);
    match kind {
        "timeserieslabels" => "timeseries",
        "paragraphlabels" => "paragraphs",
        "hypertextlabels" => "hypertext",
        "videorectangle" | "timelinelabels" => "video",
        _ if has("instant") => "timeseries",
        _ if has("sequence") || has("ranges") => "video",
        _ if has("startOffset") => {
            let is_path = value.get("start").and_then(Value::as_str).is_some_and(|s| s.starts_with('/'));
            if is_path || has("globalOffsets") { "hypertext" } else { "paragraphs" }
        }
        _ if has("channel") => "audio",
        _ if has("start") && has("end") => {
            let whole = |k| value.get(k).and_then(Value::as_f64).is_some_and(|v| v.fract() == 0.0);
            if whole("start") && whole("end") { "text" } else { "audio" }
        }
        _ if ["x", "points", "vertices", "rle", "imageDataURL"].iter().any(|k| has(k)) => "image",
        _ => "",
    }
}

fn take_shape(value: &mut Object) -> Option<Shape> {
    if value.contains_key("rle") {
        let bytes: Option<Vec<u8>> = value
            .get("rle")?
            .as_array()?
            .iter()
            .map(|b| b.as_u64().and_then(|b| u8::try_from(b).ok()))
            .collect();
        let rle = bytes?.into();
        value.remove("rle");
        value.remove("format");
        return Some(Shape::Brush(Brush { rle }));
    }
    let mut t = Taker(value);
    if let Some(url) = t.string("imageDataURL") {
        return Some(Shape::Bitmask(Bitmask { image_data_url: url.into() }));
    }
    if let Some(vertices) = t.0.get("vertices") {
        let vertices: Vec<Vertex> = serde_json::from_value(vertices.clone()).ok()?;
        t.0.remove("vertices");
        return Some(Shape::Vector(Vector { vertices, closed: t.bool("closed") }));
    }
    if let Some(points) = t.0.get("points") {
        let points: Option<Vec<[f64; 2]>> =
            points.as_array()?.iter().map(|p| Some([p.get(0)?.as_f64()?, p.get(1)?.as_f64()?])).collect();
        let points = points?;
        t.0.remove("points");
        return Some(Shape::Polygon(Polygon { points, closed: t.bool("closed") }));
    }
    let (x, y) = (t.f64("x")?, t.f64("y")?);
    if let Some(radius_x) = t.f64("radiusX") {
        let radius_y = t.f64("radiusY")?;
        let rotation = t.f64("rotation").unwrap_or(0.0);
        return Some(Shape::Ellipse(Ellipse { x, y, radius_x, radius_y, rotation }));
    }
    let width = t.f64("width")?;
    match t.f64("height") {
        Some(height) => {
            let rotation = t.f64("rotation").unwrap_or(0.0);
            Some(Shape::Rectangle(Rectangle { x, y, width, height, rotation }))
        }
        None => Some(Shape::KeyPoint(KeyPoint { x, y, width })),
    }
}

fn take_span(value: &mut Object) -> Option<Geometry> {
    let has_offsets = value.contains_key("startOffset") && value.contains_key("endOffset");
    let mut t = Taker(value);
    if !has_offsets && let (Some(start), Some(end)) = (t.offset("start"), t.offset("end")) {
        return Some(Geometry::Text(TextSpan { start, end, text: t.string("text") }));
    }
    let global = t.0.get("globalOffsets").and_then(|g| {
        let at = |k| g.get(k).and_then(Value::as_u64).map(|v| v as usize);
        Some((at("start")?, at("end")?))
    });
    if global.is_some() {
        t.0.remove("globalOffsets");
    }
    Some(Geometry::Html(HtmlSpan {
        start: t.string("start")?,
        end: t.string("end")?,
        start_offset: t.offset("startOffset")?,
        end_offset: t.offset("endOffset")?,
        global,
        text: t.string("text"),
    }))
}

fn take_paragraphs(value: &mut Object) -> Option<Geometry> {
    let mut t = Taker(value);
    Some(Geometry::Paragraphs(ParagraphSpan {
        start: t.string("start")?,
        end: t.string("end")?,
        start_offset: t.offset("startOffset")?,
        end_offset: t.offset("endOffset")?,
        text: t.string("text"),
    }))
}

fn take_audio(value: &mut Object) -> Option<Geometry> {
    let mut t = Taker(value);
    Some(Geometry::Audio(AudioSpan { start: t.f64("start")?, end: t.f64("end")?, channel: t.f64("channel") }))
}

fn take_series(value: &mut Object) -> Option<Geometry> {
    let bound = |v: &Value| v.is_number() || v.is_string();
    if !(value.get("start").is_some_and(bound) && value.get("end").is_some_and(bound)) {
        return None;
    }
    let (start, end) = (value.remove("start")?, value.remove("end")?);
    let instant = Taker(value).bool("instant");
    Some(Geometry::Series(SeriesRange { start, end, instant }))
}

fn take_video(value: &mut Object) -> Option<Geometry> {
    if let Some(ranges) = value.get("ranges").and_then(Value::as_array) {
        let ranges: Option<Vec<(i64, i64)>> = ranges
            .iter()
            .map(|r| Some((r.get("start")?.as_f64()? as i64, r.get("end")?.as_f64()? as i64)))
            .collect();
        let ranges = ranges?;
        value.remove("ranges");
        return Some(Geometry::Timeline(Timeline { ranges }));
    }
    let sequence: Option<Vec<Keyframe>> = value.get("sequence")?.as_array()?.iter().map(keyframe).collect();
    let sequence = sequence?;
    value.remove("sequence");
    let mut t = Taker(value);
    let (frames_count, duration) = (t.f64("framesCount"), t.f64("duration"));
    Some(Geometry::VideoTrack(VideoTrack { frames_count, duration, sequence }))
}

fn keyframe(v: &Value) -> Option<Keyframe> {
    let mut rest = v.as_object()?.clone();
    let mut t = Taker(&mut rest);
    let frame = t.f64("frame")? as i64;
    let enabled = t.bool("enabled").unwrap_or(true);
    let (x, y) = (t.f64("x")?, t.f64("y")?);
    let (width, height) = (t.f64("width")?, t.f64("height")?);
    let rotation = t.f64("rotation").unwrap_or(0.0);
    let time = t.f64("time");
    Some(Keyframe { frame, enabled, x, y, width, height, rotation, time, rest })
}

/// Writes the geometry's keys into `value`.
pub(crate) fn put_geometry(geometry: &Geometry, value: &mut Object) {
    let mut put = |key: &str, v: Value| {
        value.insert(key.to_owned(), v);
    };
    let optional_text = |text: &Option<String>| text.clone().map(Value::String);
    match geometry {
        Geometry::None => {}
        Geometry::Unknown(keys) => value.extend(keys.clone()),
        Geometry::Image(shape) => put_shape(shape, value),
        Geometry::Text(s) => {
            put("start", s.start.into());
            put("end", s.end.into());
            if let Some(text) = optional_text(&s.text) {
                put("text", text);
            }
        }
        Geometry::Html(s) => {
            put("start", s.start.clone().into());
            put("end", s.end.clone().into());
            put("startOffset", s.start_offset.into());
            put("endOffset", s.end_offset.into());
            if let Some((start, end)) = s.global {
                put("globalOffsets", serde_json::json!({ "start": start, "end": end }));
            }
            if let Some(text) = optional_text(&s.text) {
                put("text", text);
            }
        }
        Geometry::Paragraphs(s) => {
            put("start", s.start.clone().into());
            put("end", s.end.clone().into());
            put("startOffset", s.start_offset.into());
            put("endOffset", s.end_offset.into());
            if let Some(text) = optional_text(&s.text) {
                put("text", text);
            }
        }
        Geometry::Audio(s) => {
            put("start", number(s.start));
            put("end", number(s.end));
            if let Some(channel) = s.channel {
                put("channel", number(channel));
            }
        }
        Geometry::Series(s) => {
            put("start", s.start.clone());
            put("end", s.end.clone());
            if let Some(instant) = s.instant {
                put("instant", instant.into());
            }
        }
        Geometry::Timeline(t) => {
            let ranges =
                t.ranges.iter().map(|(start, end)| serde_json::json!({ "start": start, "end": end }));
            put("ranges", ranges.collect());
        }
        Geometry::VideoTrack(t) => {
            if let Some(count) = t.frames_count {
                put("framesCount", number(count));
            }
            if let Some(duration) = t.duration {
                put("duration", number(duration));
            }
            put("sequence", t.sequence.iter().map(put_keyframe).collect());
        }
    }
}

fn put_keyframe(k: &Keyframe) -> Value {
    let mut o = Object::new();
    o.insert("frame".into(), k.frame.into());
    o.insert("enabled".into(), k.enabled.into());
    for (key, v) in
        [("x", k.x), ("y", k.y), ("width", k.width), ("height", k.height), ("rotation", k.rotation)]
    {
        o.insert(key.into(), number(v));
    }
    if let Some(time) = k.time {
        o.insert("time".into(), number(time));
    }
    o.extend(k.rest.clone());
    Value::Object(o)
}

fn put_shape(shape: &Shape, value: &mut Object) {
    let mut put = |key: &str, v: Value| {
        value.insert(key.to_owned(), v);
    };
    match shape {
        Shape::Rectangle(r) => {
            for (key, v) in
                [("x", r.x), ("y", r.y), ("width", r.width), ("height", r.height), ("rotation", r.rotation)]
            {
                put(key, number(v));
            }
        }
        Shape::Ellipse(e) => {
            for (key, v) in [
                ("x", e.x),
                ("y", e.y),
                ("radiusX", e.radius_x),
                ("radiusY", e.radius_y),
                ("rotation", e.rotation),
            ] {
                put(key, number(v));
            }
        }
        Shape::KeyPoint(k) => {
            for (key, v) in [("x", k.x), ("y", k.y), ("width", k.width)] {
                put(key, number(v));
            }
        }
        Shape::Polygon(p) => {
            put("points", p.points.iter().map(|[x, y]| Value::from(vec![number(*x), number(*y)])).collect());
            if let Some(closed) = p.closed {
                put("closed", closed.into());
            }
        }
        Shape::Vector(v) => {
            let vertices = v.vertices.iter().map(|vertex| {
                let mut o = Object::new();
                o.insert("id".into(), vertex.id.clone().into());
                o.insert("prevPointId".into(), vertex.prev_point_id.clone().into());
                o.insert("x".into(), number(vertex.x));
                o.insert("y".into(), number(vertex.y));
                o.extend(vertex.rest.clone());
                Value::Object(o)
            });
            put("vertices", vertices.collect());
            if let Some(closed) = v.closed {
                put("closed", closed.into());
            }
        }
        Shape::Brush(b) => {
            put("format", "rle".into());
            put("rle", b.rle.iter().map(|byte| Value::from(*byte)).collect());
        }
        Shape::Bitmask(b) => put("imageDataURL", b.image_data_url.to_string().into()),
    }
}
