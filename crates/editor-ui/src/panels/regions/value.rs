//! What a region row says beside its label: a time range, the first words, a size.

use crate::components::field::short_number;
use serde_json::Value;
use tagloom_annotation_store::{Geometry, Region};
use tagloom_region_geometry::Shape;

/// Characters of text that are shown.
const WORDS: usize = 60;

/// One short line; empty where there is nothing to say.
pub fn short_value(region: &Region) -> String {
    match &region.geometry {
        Geometry::None | Geometry::Unknown(_) => String::new(),
        Geometry::Image(shape) => shape_value(shape),
        Geometry::Text(s) => quoted(s.text.as_deref()).unwrap_or_else(|| format!("{}–{}", s.start, s.end)),
        Geometry::Html(s) => quoted(s.text.as_deref()).unwrap_or_else(|| match s.global {
            Some((start, end)) => format!("{start}–{end}"),
            None => format!("{}–{}", s.start_offset, s.end_offset),
        }),
        Geometry::Paragraphs(s) => quoted(s.text.as_deref())
            .unwrap_or_else(|| format!("{}:{}–{}:{}", s.start, s.start_offset, s.end, s.end_offset)),
        Geometry::Audio(s) => format!("{}–{}", clock(s.start), clock(s.end)),
        Geometry::Series(s) if s.start == s.end => bound(&s.start),
        Geometry::Series(s) => format!("{} – {}", bound(&s.start), bound(&s.end)),
        Geometry::VideoTrack(t) => match (t.sequence.first(), t.sequence.last()) {
            (Some(a), Some(b)) if t.sequence.len() > 1 => {
                format!("frames {}–{} · {} keys", a.frame, b.frame, t.sequence.len())
            }
            (Some(a), _) => format!("frame {}", a.frame),
            _ => String::new(),
        },
        Geometry::Timeline(t) => match t.ranges.first() {
            Some((a, b)) if a == b => format!("frame {a}"),
            Some((a, b)) => format!("frames {a}–{b}"),
            None => String::new(),
        },
    }
}

fn shape_value(shape: &Shape) -> String {
    let n = |v: f64| short_number((v * 10.0).round() / 10.0);
    match shape {
        Shape::Rectangle(r) => format!("{} × {} %", n(r.width), n(r.height)),
        Shape::Ellipse(e) => format!("{} × {} %", n(e.radius_x * 2.0), n(e.radius_y * 2.0)),
        Shape::KeyPoint(k) => format!("{}, {} %", n(k.x), n(k.y)),
        Shape::Polygon(p) => format!("{} points", p.points.len()),
        Shape::Vector(v) => format!("{} points", v.vertices.len()),
        Shape::Brush(_) | Shape::Bitmask(_) => "mask".to_owned(),
    }
}

fn quoted(text: Option<&str>) -> Option<String> {
    let text = text?.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.is_empty() {
        return None;
    }
    let cut = text.char_indices().nth(WORDS).map(|(at, _)| at);
    Some(match cut {
        Some(at) => format!("{}…", &text[..at]),
        None => text,
    })
}

/// A bound of a series as it is stored.
fn bound(value: &Value) -> String {
    match value {
        Value::String(s) => s.clone(),
        Value::Number(n) => n.as_f64().map(short_number).unwrap_or_default(),
        other => other.to_string(),
    }
}

/// Seconds as `m:ss.mmm`, with hours where there are any.
fn clock(secs: f64) -> String {
    if !secs.is_finite() {
        return String::new();
    }
    let sign = if secs < 0.0 { "−" } else { "" };
    let ms = (secs.abs() * 1000.0).round() as u64;
    let (h, m, s, ms) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60, ms % 1000);
    if h > 0 { format!("{sign}{h}:{m:02}:{s:02}.{ms:03}") } else { format!("{sign}{m}:{s:02}.{ms:03}") }
}

/// Where a region begins in its medium or text, for sorting; `None` for shapes on still images.
pub fn media_start(region: &Region) -> Option<f64> {
    match &region.geometry {
        Geometry::Audio(s) => Some(s.start),
        Geometry::Series(s) => s.start.as_f64(),
        Geometry::VideoTrack(t) => t.sequence.first().map(|k| k.frame as f64),
        Geometry::Timeline(t) => t.ranges.first().map(|r| r.0 as f64),
        Geometry::Text(s) => Some(s.start as f64),
        Geometry::Html(s) => s.global.map(|g| g.0 as f64),
        Geometry::Paragraphs(s) => s.start.parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tagloom_annotation_store::{AudioSpan, Item, SeriesRange, TextSpan};

    fn region(geometry: Geometry) -> Region {
        Region::new("o", geometry, Item::new("l", "labels", None))
    }

    #[test]
    fn every_kind_has_a_short_line() {
        let audio = Geometry::Audio(AudioSpan { start: 61.5, end: 3661.0, channel: None });
        assert_eq!(short_value(&region(audio)), "1:01.500–1:01:01.000");
        let text = |t: &str| Geometry::Text(TextSpan { start: 3, end: 9, text: Some(t.to_owned()) });
        assert_eq!(short_value(&region(text("a\n  b"))), "a b");
        assert_eq!(short_value(&region(text(""))), "3–9");
        assert_eq!(short_value(&region(text(&"é".repeat(100)))).chars().count(), 61);
        let instant =
            Geometry::Series(SeriesRange { start: 2.0.into(), end: 2.0.into(), instant: Some(true) });
        assert_eq!(short_value(&region(instant)), "2");
        assert_eq!(clock(f64::NAN), "");
    }
}
