//! What the canvas must know of the editor: looks, the tool in hand, the colour of what is being drawn.

use super::options::ImageOptions;
use crate::canvas::Appearance;
use serde_json::Value;
use tagloom_annotation_store::Region;
use tagloom_editor::{Editor, Tool, TreeNodes};
use tagloom_tags::image::tools::Hand;
use tagloom_tags::{Node, UNLABELED, label_color};

/// How a region looks and what its control allows.
pub(super) fn appearance(editor: &Editor, region: &Region) -> Appearance {
    let style = editor.region_style(region);
    let tree = editor.tree();
    let draws_boxes = |node: &&Node| node.is("Rectangle") || node.is("RectangleLabels");
    let control = region.items.iter().filter_map(|i| tree.by_name(&i.from_name)).find(draws_boxes);
    let mut caption = style.labels.join(", ");
    if let Some(score) = region.score {
        if !caption.is_empty() {
            caption.push(' ');
        }
        caption.push_str(&format!("{score:.2}"));
    }
    Appearance {
        color: style.color,
        fill_opacity: style.fill_opacity,
        stroke_width: style.stroke_width,
        dashed: style.dashed,
        caption,
        can_rotate: control.is_none_or(|c| c.bool("canRotate")),
        snap: control.is_some_and(|c| c.one_of("snap") == "pixel"),
    }
}

/// What a press on the picture does now. Without an armed label a labels tool has nothing to draw, and selects.
pub(super) fn hand(editor: &Editor, options: &ImageOptions, three_points: bool) -> Hand {
    match editor.tool(&options.name) {
        Tool::Select => Hand::Select,
        Tool::Pan => Hand::Pan,
        Tool::Draw(control) if options.draws_boxes(control) => match editor.can_draw(&options.name) {
            Some(plan) => Hand::Draw {
                three_points,
                snap: editor.tree().node(plan.control).one_of("snap") == "pixel",
                over_regions: !plan.labels.is_empty(),
            },
            None => Hand::Select,
        },
        Tool::Draw(_) => Hand::Select,
    }
}

/// Colour of the box that is being drawn: that of its first label.
pub(super) fn ghost_color(editor: &Editor, object: &str) -> String {
    let plan = editor.can_draw(object);
    let label = plan.and_then(|plan| plan.labels.first().copied()).map(|id| editor.tree().node(id));
    label.map_or_else(
        || UNLABELED.to_owned(),
        |node| {
            let stored = node.raw("alias").or_else(|| node.raw("value")).unwrap_or_default();
            label_color(stored, node.raw("background"))
        },
    )
}

/// The size that stored regions say the picture has, so that room is reserved before it has come. `item` where there
/// are several.
pub(super) fn expected_size(editor: &Editor, object: &str, item: Option<u64>) -> Option<(f64, f64)> {
    let mine = |r: &Region| item.is_none_or(|item| r.item_index.unwrap_or(0) == item);
    let side = |r: &Region, key: &str| r.frame.get(key).and_then(Value::as_f64).filter(|s| *s >= 1.0);
    let mut regions = editor.document().regions_of(object).filter(|r| mine(r));
    regions.find_map(|r| Some((side(r, "original_width")?, side(r, "original_height")?)))
}
