//! `HyperText`: shows HTML; HyperTextLabels and Labels mark parts of it.

use crate::spec::attr::{about, bound, color, flag, one_of, text};
use crate::spec::{AttributeSpec, Content, TagSpec};

/// Attributes of the tag itself.
const ATTRIBUTES: &[AttributeSpec] = &[
    bound("value", "The HTML, or its URL with `valueType=\"url\"`.").required(),
    one_of("valueType", &["text", "url"], "Whether `value` is the content itself or where to fetch it.")
        .or("text"),
    flag("inline", "Show in the page itself instead of a frame of its own.").or("false"),
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

/// The description of `HyperText`.
pub static SPEC: TagSpec = TagSpec {
    name: "HyperText",
    doc: about("Shows HTML; HyperTextLabels and Labels mark parts of it."),
    attributes: ATTRIBUTES,
    drawn: true,
    content: Content::Markup,
    ..TagSpec::OBJECT
};
