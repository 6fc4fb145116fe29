//! One text with quick conversion between its units.

use std::sync::Arc;

use crate::{CodePoint, Span, units};

/// Code points between two checkpoints. A conversion walks at most this many characters, and a text of 5 MB needs
/// about 20,000 checkpoints.
const STRIDE: usize = 256;

#[derive(Clone, Copy, Debug)]
struct Checkpoint {
    byte: usize,
    utf16: usize,
}

/// A text and a sparse table of places in it.
///
/// Converting from code points costs a walk of at most 256 characters; converting to them a binary search more. Every
/// method accepts any number: offsets behind the end mean the end, and offsets inside a character (a byte in the
/// middle of a UTF-8 sequence, the second half of a surrogate pair) mean the start of that character.
///
/// JavaScript strings with lone surrogates reach Rust with U+FFFD in their place, which keeps all UTF-16 offsets.
#[derive(Clone, Debug)]
pub struct TextIndex {
    text: Arc<str>,
    /// Entry `i` describes code point `i * STRIDE`. Empty when all is ASCII, where every unit is the same.
    checkpoints: Vec<Checkpoint>,
    code_points: usize,
    utf16_len: usize,
}

impl TextIndex {
    #[must_use]
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        let text = text.into();
        if text.is_ascii() {
            let len = text.len();
            return Self { text, checkpoints: Vec::new(), code_points: len, utf16_len: len };
        }
        let mut checkpoints = Vec::with_capacity(text.len() / STRIDE + 1);
        let (mut code_points, mut utf16_len) = (0, 0);
        for (byte, c) in text.char_indices() {
            if code_points % STRIDE == 0 {
                checkpoints.push(Checkpoint { byte, utf16: utf16_len });
            }
            code_points += 1;
            utf16_len += c.len_utf16();
        }
        Self { text, checkpoints, code_points, utf16_len }
    }

    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Length in code points, which is also the last valid offset.
    #[must_use]
    pub fn len(&self) -> CodePoint {
        CodePoint(self.code_points)
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.code_points == 0
    }

    /// Length in UTF-16 units, JavaScript's `text.length`.
    #[must_use]
    pub fn utf16_len(&self) -> usize {
        self.utf16_len
    }

    /// The span of the whole text.
    #[must_use]
    pub fn full_span(&self) -> Span {
        Span { start: CodePoint::ZERO, end: self.len() }
    }

    /// Both ends moved into the text and into order.
    #[must_use]
    pub fn clamp(&self, span: Span) -> Span {
        Span::new(span.start.min(self.len()), span.end.min(self.len()))
    }

    fn is_ascii(&self) -> bool {
        self.checkpoints.is_empty()
    }

    /// UTF-8 byte offset of a code point; the text's byte length when behind the end.
    #[must_use]
    pub fn byte_from_code_point(&self, offset: CodePoint) -> usize {
        self.place_of(offset).byte
    }

    /// UTF-16 offset of a code point; the text's UTF-16 length when behind the end.
    #[must_use]
    pub fn utf16_from_code_point(&self, offset: CodePoint) -> usize {
        self.place_of(offset).utf16
    }

    fn place_of(&self, offset: CodePoint) -> Checkpoint {
        if offset.0 >= self.code_points {
            return Checkpoint { byte: self.text.len(), utf16: self.utf16_len };
        }
        if self.is_ascii() {
            return Checkpoint { byte: offset.0, utf16: offset.0 };
        }
        let mut place = self.checkpoints[offset.0 / STRIDE];
        for c in self.text[place.byte..].chars().take(offset.0 % STRIDE) {
            place.byte += c.len_utf8();
            place.utf16 += c.len_utf16();
        }
        place
    }

    /// Code point that holds or starts at a UTF-8 byte offset.
    #[must_use]
    pub fn code_point_from_byte(&self, byte: usize) -> CodePoint {
        if byte >= self.text.len() {
            return self.len();
        }
        if self.is_ascii() {
            return CodePoint(byte);
        }
        self.walk(|place| place.byte <= byte)
    }

    /// Code point that holds or starts at a UTF-16 offset.
    #[must_use]
    pub fn code_point_from_utf16(&self, utf16: usize) -> CodePoint {
        if utf16 >= self.utf16_len {
            return self.len();
        }
        if self.is_ascii() {
            return CodePoint(utf16);
        }
        self.walk(|place| place.utf16 <= utf16)
    }

    /// The last code point for which `reached` holds. It must hold for the first one and never again once it fails.
    fn walk(&self, reached: impl Fn(Checkpoint) -> bool) -> CodePoint {
        let after = self.checkpoints.partition_point(|place| reached(*place));
        let Some(before) = after.checked_sub(1) else { return CodePoint::ZERO };
        let mut place = self.checkpoints[before];
        let mut code_point = before * STRIDE;
        for c in self.text[place.byte..].chars() {
            place.byte += c.len_utf8();
            place.utf16 += c.len_utf16();
            if !reached(place) {
                break;
            }
            code_point += 1;
        }
        CodePoint(code_point)
    }

    /// Span of a UTF-16 range, as a browser selection in plain text gives it.
    #[must_use]
    pub fn span_from_utf16(&self, start: usize, end: usize) -> Span {
        Span::new(self.code_point_from_utf16(start), self.code_point_from_utf16(end))
    }

    /// The words of a span, exactly as they are in the text. Empty for a span behind the end.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        let span = self.clamp(span);
        &self.text[self.byte_from_code_point(span.start)..self.byte_from_code_point(span.end)]
    }

    /// Nearest boundary between graphemes at or before `offset`.
    #[must_use]
    pub fn grapheme_floor(&self, offset: CodePoint) -> CodePoint {
        self.code_point_from_byte(self.grapheme(self.byte_from_code_point(offset)).0)
    }

    /// Nearest boundary between graphemes at or after `offset`.
    #[must_use]
    pub fn grapheme_ceil(&self, offset: CodePoint) -> CodePoint {
        let byte = self.byte_from_code_point(offset);
        let (start, end) = self.grapheme(byte);
        self.code_point_from_byte(if start == byte { byte } else { end })
    }

    /// The next boundary between graphemes, where the right arrow key goes. Stays at the end.
    #[must_use]
    pub fn next_grapheme(&self, offset: CodePoint) -> CodePoint {
        self.code_point_from_byte(self.grapheme(self.byte_from_code_point(offset)).1)
    }

    /// The previous boundary between graphemes, where the left arrow key goes. Stays at the start.
    #[must_use]
    pub fn previous_grapheme(&self, offset: CodePoint) -> CodePoint {
        let byte = self.byte_from_code_point(offset);
        let before = self.text[..byte].char_indices().next_back().map_or(0, |(at, _)| at);
        self.code_point_from_byte(self.grapheme(before).0)
    }

    /// Bytes of the grapheme that the character at `byte` belongs to; nothing, at the end.
    fn grapheme(&self, byte: usize) -> (usize, usize) {
        if byte >= self.text.len() {
            return (self.text.len(), self.text.len());
        }
        let (from, to) = grapheme_window(&self.text, byte);
        units::graphemes(&self.text[from..to])
            .into_iter()
            .map(|(start, end)| (from + start, from + end))
            .find(|(start, end)| *start <= byte && byte < *end)
            .unwrap_or((byte, byte))
    }
}

/// Longest stretch on either side of a place that is looked at. Nobody writes a grapheme of this many bytes.
const GRAPHEME_REACH: usize = 1024;

/// The part of a text around a byte whose ends are certain to be boundaries of graphemes: between two ASCII
/// characters, other than inside CR LF (UAX 29, GB3 and GB999).
fn grapheme_window(text: &str, byte: usize) -> (usize, usize) {
    let bytes = text.as_bytes();
    let certain = |at: usize| match (bytes.get(at.wrapping_sub(1)), bytes.get(at)) {
        (Some(b'\r'), Some(b'\n')) => false,
        (Some(a), Some(b)) => a.is_ascii() && b.is_ascii(),
        _ => true,
    };
    let floor = text.floor_char_boundary(byte.saturating_sub(GRAPHEME_REACH));
    let ceil = text.ceil_char_boundary((byte + GRAPHEME_REACH).min(text.len()));
    let start = (floor..=byte).rev().find(|at| certain(*at)).unwrap_or(floor);
    let end = (byte + 1..=ceil).find(|at| certain(*at)).unwrap_or(ceil);
    (start, end)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn emoji_before_the_word_does_not_move_it() {
        let index = TextIndex::new("💩This is an annotation.");
        let found = index.span_from_utf16(13, 23);
        assert_eq!(found, Span::from(12..22));
        assert_eq!(index.slice(found), "annotation");
    }

    #[test]
    fn offsets_inside_a_character_mean_its_start() {
        let index = TextIndex::new("a💩b");
        assert_eq!(index.code_point_from_utf16(2), CodePoint(1));
        assert_eq!(index.code_point_from_byte(3), CodePoint(1));
        assert_eq!(index.code_point_from_utf16(3), CodePoint(2));
        assert_eq!(index.code_point_from_utf16(99), CodePoint(3));
        assert_eq!(index.slice(Span::from(2..99)), "b");
        assert_eq!(index.slice(Span::from(50..99)), "");
    }

    #[test]
    fn crlf_is_two_code_points_and_nul_is_one() {
        let index = TextIndex::new("a\r\n\0é");
        assert_eq!(index.len(), CodePoint(5));
        assert_eq!(index.slice(Span::from(1..3)), "\r\n");
        assert_eq!(index.slice(Span::from(3..4)), "\0");
    }

    #[test]
    fn graphemes_keep_joined_emoji_and_marks_together() {
        // family (5 code points), e + combining acute (2), flag (2)
        let index = TextIndex::new("👨‍👩‍👧e\u{301}🇩🇪x");
        assert_eq!(index.grapheme_floor(CodePoint(3)), CodePoint(0));
        assert_eq!(index.grapheme_ceil(CodePoint(3)), CodePoint(5));
        assert_eq!(index.grapheme_ceil(CodePoint(6)), CodePoint(7));
        assert_eq!(index.grapheme_floor(CodePoint(8)), CodePoint(7));
        assert_eq!(index.next_grapheme(CodePoint(7)), CodePoint(9));
        assert_eq!(index.previous_grapheme(CodePoint(7)), CodePoint(5));
        assert_eq!(index.next_grapheme(CodePoint(10)), CodePoint(10));
        assert_eq!(index.previous_grapheme(CodePoint(0)), CodePoint(0));
        assert_eq!(index.grapheme_ceil(CodePoint(99)), CodePoint(10));
    }

    /// Text with the characters that break offsets in practice, long enough to cross checkpoints.
    fn tricky_text() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            "[a-z ]{0,40}",
            Just("💩".to_owned()),
            Just("👨‍👩‍👧‍👦".to_owned()),
            Just("e\u{301}\u{323}".to_owned()),
            Just("שלום عليكم".to_owned()),
            Just("\r\n".to_owned()),
            Just("\0".to_owned()),
            Just("𝒳\u{10FFFF}".to_owned()),
            "\\PC{0,12}",
        ];
        prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn graphemes_are_those_of_the_whole_text(text in tricky_text()) {
            use unicode_segmentation::UnicodeSegmentation;
            let index = TextIndex::new(text.as_str());
            let mut bounds: Vec<usize> = text.grapheme_indices(true).map(|(at, _)| at).collect();
            bounds.push(text.len());
            for n in 0..=index.len().0 {
                let byte = index.byte_from_code_point(CodePoint(n));
                let to = |b: Option<usize>, edge| index.code_point_from_byte(b.unwrap_or(edge));
                let len = text.len();
                prop_assert_eq!(index.grapheme_floor(CodePoint(n)), to(bounds.iter().rev().find(|b| **b <= byte).copied(), 0));
                prop_assert_eq!(index.grapheme_ceil(CodePoint(n)), to(bounds.iter().find(|b| **b >= byte).copied(), len));
                prop_assert_eq!(index.next_grapheme(CodePoint(n)), to(bounds.iter().find(|b| **b > byte).copied(), len));
                prop_assert_eq!(index.previous_grapheme(CodePoint(n)), to(bounds.iter().rev().find(|b| **b < byte).copied(), 0));
            }
        }

        #[test]
        fn every_unit_agrees_with_a_full_count(text in tricky_text()) {
            let index = TextIndex::new(text.as_str());
            let (mut byte, mut utf16) = (0, 0);
            for (n, c) in text.chars().enumerate() {
                prop_assert_eq!(index.byte_from_code_point(CodePoint(n)), byte);
                prop_assert_eq!(index.utf16_from_code_point(CodePoint(n)), utf16);
                for inside in 0..c.len_utf8() {
                    prop_assert_eq!(index.code_point_from_byte(byte + inside), CodePoint(n));
                }
                for inside in 0..c.len_utf16() {
                    prop_assert_eq!(index.code_point_from_utf16(utf16 + inside), CodePoint(n));
                }
                byte += c.len_utf8();
                utf16 += c.len_utf16();
            }
            prop_assert_eq!(index.utf16_len(), text.encode_utf16().count());
            prop_assert_eq!(index.len().0, text.chars().count());
        }

        #[test]
        fn slices_are_what_python_would_cut(text in tricky_text(), a in 0usize..900, b in 0usize..900) {
            let index = TextIndex::new(text.as_str());
            let span = Span::from(a..b);
            let cut: String = text.chars().skip(span.start.0).take(span.len()).collect();
            prop_assert_eq!(index.slice(span), cut);
        }
    }
}
