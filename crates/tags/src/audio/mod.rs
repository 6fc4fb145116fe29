//! `Audio`: plays a sound and shows its waveform; Labels mark segments of it.

use crate::spec::attr::{about, bound, color, flag, number, one_of, text};
use crate::spec::{AttributeGroup, AttributeSpec, TagSpec};

/// Attributes of the tag itself.
pub(crate) const ATTRIBUTES: &[AttributeSpec] = &[
    bound("value", "URL or data URI of the sound.").required(),
    bound(
        "peaks",
        "Peaks made beforehand (the JSON of audiowaveform, or its URL): no decoding, for very long files.",
    ),
    text("hotkey", "Key that plays and pauses; `shift+space` when not given."),
    text("sync", "Sync group, or the name of the tag to run in step with.").or(""),
    number("height", "Height of the waveform in pixels.").or("96"),
    number("waveHeight", "Smallest height of one channel in pixels when channels are split.").or("32"),
    flag("splitChannels", "One waveform per channel.").or("false"),
    flag("spectrogram", "Show the spectrogram from the start.").or("false"),
    one_of("decoder", &["webaudio", "ffmpeg", "none"], "How the waveform is made; `none` plays without one.")
        .or("webaudio"),
    one_of("player", &["html5", "webaudio"], "What plays the sound.").or("html5"),
    number("defaultZoom", "Horizontal zoom at the start, 1 to 1500.").or("1"),
    number("defaultScale", "Amplitude scale at the start.").or("1"),
    number("defaultSpeed", "Playback speed at the start, 0.5 to 2.").or("1"),
    number("defaultVolume", "Volume at the start, 0 to 1.").or("1"),
    flag("zoom", "Accepted, no effect.").or("true"),
    flag("volume", "Accepted, no effect.").or("true"),
    flag("speed", "Accepted, no effect.").or("true"),
    flag("muted", "Accepted, no effect.").or("false"),
    flag("showLabels", "Accepted, no effect: the setting of that name decides.").or("false"),
    flag("showScores", "Accepted, no effect.").or("false"),
    number("cursorWidth", "Accepted, no effect.").or("2"),
    color("cursorColor", "Accepted, no effect.").or("#333"),
    flag("autoCenter", "Accepted, no effect: the view always follows the playhead.").or("true"),
    flag("scrollParent", "Accepted, no effect: the view always follows the playhead.").or("true"),
];

/// The description of `Audio`.
pub static SPEC: TagSpec = TagSpec {
    name: "Audio",
    doc: about("Plays a sound and shows its waveform; Labels mark segments of it."),
    attributes: ATTRIBUTES,
    drawn: true,
    hotkey: true,
    groups: &[AttributeGroup::Name, AttributeGroup::Sync],
    ..TagSpec::OBJECT
};
