//! `AudioPlus`: older name of Audio.

use crate::spec::TagSpec;
use crate::spec::attr::about;

/// The description of `AudioPlus`.
pub static SPEC: TagSpec = TagSpec {
    name: "AudioPlus",
    doc: about("Older name of Audio."),
    attributes: crate::audio::ATTRIBUTES,
    alias_of: Some("Audio"),
    hotkey: true,
    ..TagSpec::OBJECT
};
