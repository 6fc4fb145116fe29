//! `Image`: shows an image, or several with `valueList`, to draw regions on.

pub mod tools;

use crate::spec::attr::{about, bound, color, css, flag, number, one_of};
use crate::spec::{AttributeSpec, TagSpec};

/// Attributes of the tag itself.
const ATTRIBUTES: &[AttributeSpec] = &[
    bound("value", "URL of the image."),
    bound("valueList", "Task field with an array of URLs: several images under one tag."),
    flag("smoothing", "Smooth pixels when zoomed in; without it the setting decides."),
    css("width", "Width of the image area.").or("100%"),
    css("maxWidth", "Largest width of the image area.").or("100%"),
    css("height", "Height of the image area."),
    css("maxHeight", "Largest height of the image area.").or("calc(100vh - 194px)"),
    number("resize", "Accepted, no effect."),
    flag("zoom", "Zoom with ctrl and the wheel.").or("true"),
    flag("zoomControl", "Show zoom buttons.").or("true"),
    flag("negativeZoom", "Allow zooming out below the fitting size.").or("false"),
    number("zoomBy", "Zoom factor of one step.").or("1.1"),
    one_of("defaultZoom", &["auto", "original", "fit"], "Zoom at the start.").or("fit"),
    one_of("horizontalAlignment", &["left", "center", "right"], "Where the image sits in its area.")
        .or("left"),
    one_of("verticalAlignment", &["top", "center", "bottom"], "Where the image sits in its area.").or("top"),
    flag("grid", "Show a grid.").or("false"),
    number("gridSize", "Grid step in pixels.").or("30"),
    color("gridColor", "Color of the grid.").or("#EEEEF4"),
    flag("brightnessControl", "Show a brightness slider.").or("false"),
    flag("contrastControl", "Show a contrast slider.").or("false"),
    flag("rotateControl", "Show buttons that rotate by 90 degrees.").or("false"),
    flag("crosshair", "Show a crosshair at the pointer.").or("false"),
    flag("selectionControl", "Show the move and select tool.").or("true"),
    flag("showLabels", "Accepted, no effect: the setting of that name decides.").or("false"),
    flag("lazyOff", "Accepted, no effect.").or("false"),
    one_of(
        "crossOrigin",
        &["none", "anonymous", "use-credentials"],
        "How the browser asks for the image; `none` acts as `anonymous`.",
    )
    .or("none"),
];

/// The description of `Image`.
pub static SPEC: TagSpec = TagSpec {
    name: "Image",
    doc: about("Shows an image, or several with `valueList`, to draw regions on."),
    attributes: ATTRIBUTES,
    drawn: true,
    ..TagSpec::OBJECT
};
