//! Label-config XML to an element tree with diagnostics, and variable binding.
//!
//! [`parse`] never fails: a half-wrong config gives a best-effort [`Document`] and one [`Diagnostic`] per problem,
//! each with a stable code, a byte span and, where the repair is known, a [`Fix`]. Nothing here knows any tag; the
//! only construct that is understood is the parse-time `Repeater` (see [`expand`]).
//!
//! Facts followed: `spec/tags.md` section 2.

mod attributes;
mod binding;
mod decode;
mod diagnostic;
mod parse;
mod render;
mod repeater;
mod sample;
mod span;
mod suggest;
mod tree;
mod write;

pub use binding::{Binding, Part, lookup, resolve, variables};
pub use diagnostic::{Code, Diagnostic, Edit, Fix, Severity};
pub use parse::{Limits, Parsed, parse, parse_with};
pub use render::render;
pub use repeater::{DEFAULT_INDEX_FLAG, expand};
pub use sample::read_tolerant_json;
pub use span::{LineColumn, LineIndex, Span};
pub use suggest::closest;
pub use tree::{Attribute, Document, Element, ElementId, Walk};
pub use write::{element_to_xml, to_xml};
