//! `Text`: shows plain text; Labels mark spans of it.

use crate::spec::attr::{about, bound, color, flag, one_of, text};
use crate::spec::{AttributeSpec, TagSpec};

/// Attributes of the tag itself.
const ATTRIBUTES: &[AttributeSpec] = &[
    bound("value", "The text, or its URL with `valueType=\"url\"`.").required(),
    one_of("valueType", &["text", "url"], "Whether `value` is the content itself or where to fetch it.")
        .or("text"),
    flag("inline", "Accepted; text is always inline.").or("true"),
    one_of(
        "saveTextResult",
        &["none", "no", "yes"],
        "Whether results hold the marked text; `none` means yes for content in the task.",
    )
    .or("none"),
    one_of("encoding", &["none", "base64", "base64unicode"], "How the content is encoded.").or("none"),
    flag("selectionEnabled", "Whether text can be marked.").or("true"),
    flag("clickableLinks", "Links open in a new tab.").or("false"),
    color("highlightColor", "Color of all marks, instead of the label colors."),
    flag("showLabels", "Show the label beside each mark; without it the setting decides."),
    one_of("granularity", &["symbol", "word", "sentence", "paragraph"], "What a selection snaps to.")
        .or("symbol"),
    text("resolver", "Takes the content out of a fetched file: `csv|column=text`."),
];

/// The description of `Text`.
pub static SPEC: TagSpec = TagSpec {
    name: "Text",
    doc: about("Shows plain text; Labels mark spans of it."),
    attributes: ATTRIBUTES,
    drawn: true,
    ..TagSpec::OBJECT
};
