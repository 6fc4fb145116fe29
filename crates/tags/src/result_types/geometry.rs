//! The geometry in `value`, by control and object (results.md 3).

use super::ty::{Field, Ty, field, list, object, optional, words};

fn numbers(names: &[&str]) -> Vec<Field> {
    names.iter().map(|name| field(name, Ty::Num)).collect()
}

/// Fields of the region a control draws on an object; `None` when the control draws nothing of its own there.
pub(super) fn of(control: &str, on: &str) -> Option<Vec<Field>> {
    let shape = control.strip_suffix("Labels").unwrap_or(control);
    Some(match (shape, on) {
        ("Rectangle", _) => numbers(&["x", "y", "width", "height", "rotation"]),
        ("Ellipse", _) => numbers(&["x", "y", "radiusX", "radiusY", "rotation"]),
        ("KeyPoint", _) => numbers(&["x", "y", "width"]),
        ("Polygon", _) => vec![field("points", list(Ty::Pair)), optional("closed", Ty::Bool)],
        ("Vector" | "VideoVector", _) => vec![field("vertices", list(vertex())), field("closed", Ty::Bool)],
        ("Brush" | "MagicWand", _) => vec![field("format", words(&["rle"])), field("rle", list(Ty::Int))],
        ("Bitmask", _) => vec![field("imageDataURL", Ty::Str)],
        ("Ocr", _) => {
            let mut fields = numbers(&["x", "y", "width", "height", "rotation"]);
            fields.extend([optional("pageIndex", Ty::Int), optional("ocrtext", Ty::Str)]);
            fields
        }
        ("VideoRectangle", _) => vec![
            field("framesCount", Ty::Int),
            field("duration", Ty::Num),
            field("sequence", list(keyframe())),
        ],
        ("Timeline", _) => {
            vec![field("ranges", list(object(vec![field("start", Ty::Int), field("end", Ty::Int)])))]
        }
        ("TimeSeries", _) => {
            let time = Ty::OneOf(vec![Ty::Num, Ty::Str]);
            vec![field("start", time.clone()), field("end", time), optional("instant", Ty::Bool)]
        }
        (_, "HyperText") => vec![
            field("start", Ty::Str),
            field("end", Ty::Str),
            field("startOffset", Ty::Int),
            field("endOffset", Ty::Int),
            optional("globalOffsets", object(vec![field("start", Ty::Int), field("end", Ty::Int)])),
            optional("text", Ty::Str),
        ],
        (_, "Text") => vec![field("start", Ty::Int), field("end", Ty::Int), optional("text", Ty::Str)],
        (_, "Paragraphs") => vec![
            field("start", Ty::Str),
            field("end", Ty::Str),
            field("startOffset", Ty::Int),
            field("endOffset", Ty::Int),
            optional("text", Ty::Str),
        ],
        (_, "Audio") => vec![field("start", Ty::Num), field("end", Ty::Num), optional("channel", Ty::Int)],
        _ => return None,
    })
}

/// Fields beside `value` that regions of an object have.
pub(super) fn envelope(on: &str) -> Vec<Field> {
    match on {
        "Image" => vec![
            field("original_width", Ty::Int),
            field("original_height", Ty::Int),
            field("image_rotation", Ty::Int),
            optional("item_index", Ty::Int),
        ],
        "Audio" => vec![optional("original_length", Ty::Num)],
        _ => Vec::new(),
    }
}

fn keyframe() -> Ty {
    let mut fields = vec![field("frame", Ty::Int), field("enabled", Ty::Bool)];
    fields.extend(numbers(&["x", "y", "width", "height", "rotation"]));
    fields.push(optional("time", Ty::Num));
    object(fields)
}

fn vertex() -> Ty {
    let handle = || optional_point();
    object(vec![
        field("id", Ty::Str),
        field("x", Ty::Num),
        field("y", Ty::Num),
        // A vertex without predecessor holds null, which no word of the type language says.
        optional("prevPointId", Ty::Any),
        optional("isBezier", Ty::Bool),
        optional("disconnected", Ty::Bool),
        optional("isBranching", Ty::Bool),
        optional("controlPoint1", handle()),
        optional("controlPoint2", handle()),
    ])
}

fn optional_point() -> Ty {
    object(numbers(&["x", "y"]))
}
