//! Byte spans in the config source and their line and column.

use serde::{Deserialize, Serialize};

/// A half-open range of byte offsets into the config source. Both ends lie on character boundaries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// The span from `start` up to, and not including, `end`. An end before the start gives an empty span at `start`.
    pub fn new(start: usize, end: usize) -> Self {
        Self { start, end: end.max(start) }
    }

    /// The empty span at `offset`, where an insertion goes.
    pub fn at(offset: usize) -> Self {
        Self { start: offset, end: offset }
    }

    /// Length in bytes.
    pub fn len(self) -> usize {
        self.end - self.start
    }

    /// Whether the span covers nothing.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// Whether `offset` is inside.
    pub fn contains(self, offset: usize) -> bool {
        self.start <= offset && offset < self.end
    }

    /// The text the span covers, or an empty string when the span does not belong to `source`.
    pub fn text(self, source: &str) -> &str {
        source.get(self.start..self.end).unwrap_or("")
    }
}

/// A place as people count it: both numbers start at 1, columns count code points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LineColumn {
    /// 1-based line; lines end at `\n`.
    pub line: usize,
    /// 1-based column in code points.
    pub column: usize,
}

/// Line starts of a source text.
#[derive(Clone, Debug)]
pub struct LineIndex {
    starts: Vec<usize>,
    len: usize,
}

impl LineIndex {
    /// Index `source`; O(n).
    pub fn new(source: &str) -> Self {
        let starts = std::iter::once(0)
            .chain(source.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(i, _)| i + 1));
        Self { starts: starts.collect(), len: source.len() }
    }

    /// Line and column of a byte offset. Offsets past the end count as the end, offsets inside a character as its start.
    pub fn line_column(&self, source: &str, offset: usize) -> LineColumn {
        let offset = floor_boundary(source, offset.min(self.len));
        let line = self.starts.partition_point(|start| *start <= offset).saturating_sub(1);
        let start = self.starts.get(line).copied().unwrap_or(0);
        let column = source.get(start..offset).map_or(0, |text| text.chars().count());
        LineColumn { line: line + 1, column: column + 1 }
    }

    /// The span of a 1-based line without its line break, or `None` past the last line.
    pub fn line_span(&self, source: &str, line: usize) -> Option<Span> {
        let start = *self.starts.get(line.checked_sub(1)?)?;
        let end = self.starts.get(line).map_or(self.len, |next| next - 1);
        let text = source.get(start..end)?;
        Some(Span::new(start, start + text.trim_end_matches('\r').len()))
    }

    /// How many lines the source has (at least one).
    pub fn lines(&self) -> usize {
        self.starts.len()
    }
}

/// The nearest character boundary at or before `offset`.
pub(crate) fn floor_boundary(source: &str, offset: usize) -> usize {
    let mut offset = offset.min(source.len());
    while !source.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_code_points() {
        let source = "ab\nżółw <x>\r\n";
        let index = LineIndex::new(source);
        let at = source.find('<').unwrap();
        assert_eq!(index.line_column(source, at), LineColumn { line: 2, column: 6 });
        assert_eq!(index.line_column(source, 999), LineColumn { line: 3, column: 1 });
        assert_eq!(index.line_span(source, 2).unwrap().text(source), "żółw <x>");
        assert_eq!(index.line_span(source, 9), None);
        assert_eq!(index.lines(), 3);
    }

    #[test]
    fn the_last_position_is_one_past_the_text() {
        let index = LineIndex::new("abc");
        assert_eq!(index.line_column("abc", 3), LineColumn { line: 1, column: 4 });
        assert_eq!(LineIndex::new("").line_column("", 0), LineColumn { line: 1, column: 1 });
    }
}
