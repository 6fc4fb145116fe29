//! `Paragraphs`: shows a dialogue or a list of utterances; ParagraphLabels mark parts of them.

use crate::spec::attr::{about, bound, color, flag, one_of, text};
use crate::spec::{AttributeGroup, AttributeSpec, TagSpec};

/// Attributes of the tag itself.
const ATTRIBUTES: &[AttributeSpec] = &[
    bound("value", "Task field with an array of utterances, or the URL of a JSON file.").required(),
    one_of("valueType", &["json", "url"], "Whether `value` is the array itself or where to fetch it.")
        .or("json"),
    one_of("layout", &["none", "dialogue"], "`dialogue` shows speakers and colored bubbles.").or("none"),
    text("nameKey", "Key of the speaker in each utterance.").or("author"),
    text("textKey", "Key of the text in each utterance.").or("text"),
    bound("audioUrl", "Task field with the URL of one sound for all utterances."),
    flag("showPlayer", "Show the sound player.").or("false"),
    text("sync", "Sync group, or the name of the tag to run in step with.").or(""),
    flag("contextScroll", "Scroll along with the sound; sorts utterances by time.").or("false"),
    one_of(
        "saveTextResult",
        &["none", "no", "yes"],
        "Whether results hold the marked text; `none` means yes.",
    )
    .or("none"),
    color("highlightColor", "Color of all marks, instead of the label colors."),
    flag("showLabels", "Show the label beside each mark.").or("false"),
];

/// The description of `Paragraphs`.
pub static SPEC: TagSpec = TagSpec {
    name: "Paragraphs",
    doc: about("Shows a dialogue or a list of utterances; ParagraphLabels mark parts of them."),
    attributes: ATTRIBUTES,
    groups: &[AttributeGroup::Name, AttributeGroup::Sync],
    ..TagSpec::OBJECT
};
