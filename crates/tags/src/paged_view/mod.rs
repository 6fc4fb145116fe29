//! `PagedView`: what a paginated Repeater becomes: one View per page.

use crate::spec::attr::about;
use crate::spec::{TagKind, TagSpec, nesting};

/// The description of `PagedView`.
pub static SPEC: TagSpec = TagSpec {
    name: "PagedView",
    doc: about("What a paginated Repeater becomes: one View per page."),
    kind: TagKind::Construct,
    children: nesting::PAGED,
    drawn: true,
    ..TagSpec::VISUAL
};
