//! Offsets into text: code points as the one offset type, and everything that converts to and from them.
//!
//! Label Studio stores `start`/`end` of a text region as **code points** of the decoded text, end exclusive
//! (results.md 3.8). A line break counts as what it is: `\n` and `\r` are one code point each, so `\r\n` is two,
//! and slicing the task's text in Python with the stored numbers gives the stored words. Nothing here normalises,
//! trims or re-encodes the text; what is indexed is what the offsets refer to.
//!
//! - [`TextIndex`]: one text with quick conversion between code points, UTF-16 units, UTF-8 bytes and graphemes
//! - [`span_text`], [`check_stored_text`]: the words of a span as they are stored, and whether they still match
//! - [`Granularity`], [`snap`]: widen a selection to symbols, words, sentences or paragraphs
//! - [`TextTree`]: HTML content without a DOM, for the XPath addresses of HyperText (results.md 3.9)
//! - [`SpanSet`]: many overlapping spans, queried by place
//! - [`decode`], [`Resolver`]: what happens to a task value before it is text (tags.md 7.2, 7.6)
//! - [`search`]: find words in a text

mod address;
mod encoding;
mod granularity;
mod index;
mod offset;
mod resolver;
mod search;
mod segments;
mod span_set;
mod stored;
mod tree;
mod units;

pub use address::{Address, AddressError, Bias, PathPoint, PathRange, ResolvedBy, StoredRange};
pub use encoding::{DecodeError, Encoding, decode};
pub use granularity::{Granularity, snap};
pub use index::TextIndex;
pub use offset::{CodePoint, Span};
pub use resolver::{Resolver, ResolverError};
pub use search::{SearchOptions, search};
pub use segments::Segment;
pub use span_set::SpanSet;
pub use stored::{Repair, RepairReason, StoredTextCheck, check_stored_text, span_text};
pub use tree::{TextTree, TextTreeBuilder};
