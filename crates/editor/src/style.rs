//! How a region looks: colour, opacity, stroke, captions.

use crate::editor::Editor;
use crate::labels::is_labels;
use tagloom_annotation_store::{Origin, Region};
use tagloom_tags::label_color;

/// Colours are CSS; widths are CSS pixels.
#[derive(Clone, Debug, PartialEq)]
pub struct RegionStyle {
    pub color: String,
    pub fill_opacity: f64,
    pub stroke_width: f64,
    /// Captions in the order of the labels; empty for an unlabelled region.
    pub labels: Vec<String>,
    /// A prediction nobody has touched.
    pub dashed: bool,
}

/// Unlabelled regions (spec/tags.md 3.5).
const UNLABELLED: &str = "#666666";

impl Editor {
    pub fn region_style(&self, region: &Region) -> RegionStyle {
        let tree = self.tree();
        let mut style = RegionStyle {
            color: UNLABELLED.into(),
            fill_opacity: 0.2,
            stroke_width: 1.0,
            labels: Vec::new(),
            dashed: region.origin == Origin::Prediction,
        };
        let mut colored = false;
        for item in &region.items {
            let control = tree.by_name(&item.from_name);
            if let Some(control) = control {
                let number = |name: &str| control.raw(name).and_then(|v| v.trim().parse::<f64>().ok());
                if let Some(opacity) = number("fillOpacity").or_else(|| number("opacity")) {
                    style.fill_opacity = opacity.clamp(0.0, 1.0);
                }
                if let Some(width) = number("strokeWidth") {
                    style.stroke_width = width.clamp(0.0, 50.0);
                }
            }
            for stored in item.labels() {
                let spec = control.filter(|c| is_labels(c)).and_then(|c| tree.label_of(c.id, stored));
                if !colored {
                    style.color =
                        spec.as_ref().map_or_else(|| label_color(stored, None), |s| s.color.clone());
                    colored = true;
                }
                style.labels.push(spec.map_or_else(|| stored.to_owned(), |s| s.value));
            }
        }
        style
    }
}
