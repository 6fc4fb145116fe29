//! The offset type and the half-open span made of two of them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An offset counted in Unicode code points from the start of the text.
///
/// This is the unit of `start`/`end` of Text results and of `globalOffsets` of HyperText results. It is *not* the
/// unit of `startOffset`/`endOffset`, which are UTF-16 units inside one text node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CodePoint(pub usize);

impl CodePoint {
    pub const ZERO: Self = Self(0);

    /// This offset moved right, stopping at the largest number instead of wrapping.
    #[must_use]
    pub fn plus(self, code_points: usize) -> Self {
        Self(self.0.saturating_add(code_points))
    }

    /// This offset moved left, stopping at the start of the text.
    #[must_use]
    pub fn minus(self, code_points: usize) -> Self {
        Self(self.0.saturating_sub(code_points))
    }
}

impl fmt::Display for CodePoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A stretch of text, end exclusive. `start <= end` always holds for spans made by [`Span::new`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Span {
    pub start: CodePoint,
    pub end: CodePoint,
}

impl Span {
    /// A span between two offsets given in any order (a selection may be dragged backwards).
    #[must_use]
    pub fn new(a: CodePoint, b: CodePoint) -> Self {
        Self { start: a.min(b), end: a.max(b) }
    }

    /// Length in code points; 0 for a span stored the wrong way round.
    #[must_use]
    pub fn len(self) -> usize {
        self.end.0.saturating_sub(self.start.0)
    }

    #[must_use]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// Whether `offset` lies in the span; the end does not.
    #[must_use]
    pub fn contains(self, offset: CodePoint) -> bool {
        self.start <= offset && offset < self.end
    }

    /// Whether the two spans share at least one code point. Spans that only touch do not, and empty ones never do.
    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        self.intersection(other).is_some()
    }

    /// The shared part, if there is one.
    #[must_use]
    pub fn intersection(self, other: Self) -> Option<Self> {
        let (start, end) = (self.start.max(other.start), self.end.min(other.end));
        (start < end).then_some(Self { start, end })
    }
}

impl From<std::ops::Range<usize>> for Span {
    fn from(range: std::ops::Range<usize>) -> Self {
        Self::new(CodePoint(range.start), CodePoint(range.end))
    }
}
