//! How well do two annotations agree?
//!
//! Plain numbers in, plain numbers out: no documents, no configs. Conventions that hold everywhere:
//! - two empty annotations agree fully (1), an empty and a non-empty one not at all (0);
//! - regions with different labels never match, even where they coincide;
//! - what is undefined is `None`, never NaN: a NaN or infinite coordinate makes a shape empty.

mod agreement;
mod alignment;
mod boxes;
mod error_rate;
mod intervals;
mod kappa;
mod matching;
mod normalize;
mod spans;

pub use agreement::{AgreementMatrix, Cell};
pub use alignment::{Edit, EditCounts, align};
pub use boxes::{RotatedBox, box_iou};
pub use error_rate::{TextComparison, compare_characters, compare_words, text_similarity};
pub use intervals::{Interval, interval_iou, interval_set_iou};
pub use kappa::{cohen_kappa, fleiss_kappa};
pub use matching::{Matches, Score, match_boxes};
pub use normalize::{TextRules, Unit, Whitespace};
pub use spans::{LabeledSpan, SpanMatch, match_spans};
