//! `Video`: plays a video; VideoRectangle tracks boxes in it, TimelineLabels mark frame ranges.

use crate::spec::attr::{about, bound, flag, number, text};
use crate::spec::{AttributeGroup, AttributeSpec, TagSpec};

/// Attributes of the tag itself.
const ATTRIBUTES: &[AttributeSpec] = &[
    bound("value", "URL of the video.").required(),
    bound("frameRate", "Frames per second, or a task field that holds it; below 1 it is seconds per frame.")
        .or("24"),
    text("sync", "Sync group, or the name of the tag to run in step with.").or(""),
    flag("muted", "Start without sound.").or("false"),
    number("height", "Height of the player in pixels.").or("600"),
    number("timelineHeight", "Height of the timeline in pixels."),
    number("defaultPlaybackSpeed", "Speed at the start, 0.05 to 10.").or("1"),
    number("minPlaybackSpeed", "Slowest speed offered.").or("0.25"),
    text("hotkey", "Accepted, no effect."),
];

/// The description of `Video`.
pub static SPEC: TagSpec = TagSpec {
    name: "Video",
    doc: about("Plays a video; VideoRectangle tracks boxes in it, TimelineLabels mark frame ranges."),
    attributes: ATTRIBUTES,
    drawn: true,
    groups: &[AttributeGroup::Name, AttributeGroup::Sync],
    ..TagSpec::OBJECT
};
