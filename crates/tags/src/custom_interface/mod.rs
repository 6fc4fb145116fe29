//! `CustomInterface`: other name of ReactCode.

use crate::spec::attr::about;
use crate::spec::{Content, ResultSpec, TagSpec};

/// The description of `CustomInterface`.
pub static SPEC: TagSpec = TagSpec {
    name: "CustomInterface",
    doc: about("Other name of ReactCode."),
    attributes: crate::react_code::ATTRIBUTES,
    alias_of: Some("ReactCode"),
    enterprise: true,
    content: Content::Markup,
    result: Some(ResultSpec { type_name: "reactcode", value_key: Some("reactcode"), region: false }),
    ..TagSpec::OBJECT
};
