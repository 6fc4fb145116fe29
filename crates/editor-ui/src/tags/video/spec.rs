//! The attributes of a Video tag (spec/tags.md 4.2).

use tagloom_tags::{Node, Tree};
use tagloom_video_sync::FrameRate;
use tagloom_video_sync::overlap::Overlap;

#[derive(Clone, Debug)]
pub(super) struct VideoSpec {
    pub name: String,
    pub url: Option<String>,
    pub rate: Option<FrameRate>,
    pub muted: bool,
    /// CSS pixels.
    pub height: f64,
    pub timeline_height: Option<f64>,
    pub speed: f64,
    pub min_speed: f64,
    /// A VideoRectangle labels this video.
    pub has_tracks: bool,
    /// Plain Labels label it, so a box without one of them is not meant.
    pub has_labels: bool,
    /// TimelineLabels label it.
    pub has_timeline: bool,
    pub overlap: Overlap,
}

pub(super) fn read(tree: &Tree, node: &Node) -> VideoSpec {
    let number = |name: &str, default: f64| node.number(name).filter(|v| v.is_finite()).unwrap_or(default);
    let min_speed = number("minPlaybackSpeed", 0.25).clamp(0.05, 10.0);
    let rate = match node.bound("frameRate") {
        serde_json::Value::String(text) => FrameRate::from_attribute(text),
        serde_json::Value::Number(n) => FrameRate::from_attribute(&n.to_string()),
        _ => node.raw("frameRate").and_then(FrameRate::from_attribute),
    };
    let name = node.name.clone().unwrap_or_default();
    let labeled_by = |kind: &str| tree.controls_of(&name).any(|c| c.kind == kind);
    let timeline = tree.controls_of(&name).find(|c| c.kind == "timelinelabels");
    VideoSpec {
        url: node.value.as_str().map(str::trim).filter(|u| !u.is_empty()).map(str::to_owned),
        rate,
        muted: node.bool("muted"),
        height: number("height", 600.0).clamp(60.0, 4000.0),
        timeline_height: node
            .number("timelineHeight")
            .filter(|h| h.is_finite())
            .map(|h| h.clamp(40.0, 2000.0)),
        speed: number("defaultPlaybackSpeed", 1.0).clamp(min_speed, 10.0),
        min_speed,
        has_tracks: labeled_by("videorectangle"),
        has_labels: labeled_by("labels"),
        has_timeline: timeline.is_some(),
        overlap: timeline.and_then(|c| c.raw("overlap")).map(Overlap::from_attribute).unwrap_or_default(),
        name,
    }
}
