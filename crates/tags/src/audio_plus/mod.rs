//! `AudioPlus`: older name of Audio.

use crate::spec::attr::about;
use crate::spec::{AttributeGroup, TagSpec};

/// The description of `AudioPlus`.
pub static SPEC: TagSpec = TagSpec {
    name: "AudioPlus",
    doc: about("Older name of Audio."),
    attributes: crate::audio::ATTRIBUTES,
    alias_of: Some("Audio"),
    drawn: true,
    hotkey: true,
    groups: &[AttributeGroup::Name, AttributeGroup::Sync],
    ..TagSpec::OBJECT
};
