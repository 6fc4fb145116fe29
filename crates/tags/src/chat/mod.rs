//! `Chat`: shows a conversation whose messages are labeled (Label Studio Enterprise).

use crate::spec::attr::{about, bound, list, number, text};
use crate::spec::{AttributeSpec, ResultSpec, TagSpec};

/// Attributes of the tag itself.
const ATTRIBUTES: &[AttributeSpec] = &[
    bound("value", "Task field with an array of messages.").required(),
    list("messageRoles", "Roles that new messages may have."),
    text("editable", "`true`, or the roles whose messages may be changed."),
    number("minMessages", "Fewest messages."),
    number("maxMessages", "Most messages."),
    text("llm", "Model that answers, `provider/model`."),
];

/// The description of `Chat`.
pub static SPEC: TagSpec = TagSpec {
    name: "Chat",
    doc: about("Shows a conversation whose messages are labeled (Label Studio Enterprise)."),
    attributes: ATTRIBUTES,
    enterprise: true,
    result: Some(ResultSpec { type_name: "chatmessage", value_key: Some("chatmessage"), region: false }),
    ..TagSpec::OBJECT
};
