//! Widening a selection to whole symbols, words, sentences or paragraphs.

use serde::{Deserialize, Serialize};

use crate::units::{self, Parts};
use crate::{Span, TextIndex};

/// The `granularity` attribute of Text, HyperText and Label.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Granularity {
    /// Whole graphemes: what a reader sees as one character is never cut in two.
    #[default]
    Symbol,
    Word,
    Sentence,
    /// The lines the selection touches, without their line breaks.
    Paragraph,
}

/// Widens `span` to whole units of `granularity`.
///
/// Words and sentences follow Unicode's rules (UAX 29), which hold for most scripts; white space at the ends of the
/// widened span is left out unless nothing else is selected. An empty span (a click) gives the unit it stands in; an
/// empty span in an empty text or on an empty line stays empty. Ends behind the text are moved to its end.
#[must_use]
pub fn snap(index: &TextIndex, span: Span, granularity: Granularity) -> Span {
    let span = index.clamp(span);
    match granularity {
        Granularity::Symbol => {
            Span { start: index.grapheme_floor(span.start), end: index.grapheme_ceil(span.end) }
        }
        Granularity::Word => snap_to_segments(index, span, word_window, units::words),
        Granularity::Sentence => snap_to_segments(index, span, line_window, units::sentences),
        Granularity::Paragraph => {
            let (start, end) = bytes_of(index, span);
            from_bytes(index, line_window(index.text(), start).0, line_window(index.text(), end).1)
        }
    }
}

fn bytes_of(index: &TextIndex, span: Span) -> (usize, usize) {
    (index.byte_from_code_point(span.start), index.byte_from_code_point(span.end))
}

fn from_bytes(index: &TextIndex, start: usize, end: usize) -> Span {
    Span::new(index.code_point_from_byte(start), index.code_point_from_byte(end))
}

/// `window` gives the part of the text around a byte whose ends are certain to be boundaries, so that a click in a
/// 5 MB text does not segment all of it.
fn snap_to_segments(
    index: &TextIndex,
    span: Span,
    window: fn(&str, usize) -> (usize, usize),
    segments: fn(&str) -> Parts,
) -> Span {
    let text = index.text();
    let (start, end) = bytes_of(index, span);
    let segment_at = |byte: usize, last: bool| {
        let (from, to) = window(text, byte);
        let mut found = (byte, byte);
        for (start, end) in segments(&text[from..to]) {
            let segment = (from + start, from + end);
            // An end lies in the segment before it, a start in the one after it.
            let hit = if last {
                segment.0 < byte && byte <= segment.1
            } else {
                segment.0 <= byte && byte < segment.1
            };
            if hit {
                found = segment;
                break;
            }
        }
        found
    };
    let first = segment_at(start, false);
    let (start, end) = if span.is_empty() {
        // A click behind the last letter of a word still means that word.
        let blank = text[first.0..first.1].trim().is_empty();
        let before = segment_at(start, true);
        if blank && !text[before.0..before.1].trim().is_empty() { before } else { first }
    } else {
        (first.0.min(start), segment_at(end, true).1.max(end))
    };
    let part = &text[start..end];
    let trimmed = part.trim();
    if trimmed.is_empty() {
        return from_bytes(index, start, end);
    }
    let start = start + (part.len() - part.trim_start().len());
    from_bytes(index, start, start + trimmed.len())
}

/// The line around a byte, without its line break.
fn line_window(text: &str, byte: usize) -> (usize, usize) {
    let is_break = |c: char| c == '\n' || c == '\r';
    let start = text[..byte].rfind(is_break).map_or(0, |at| at + 1);
    let end = text[byte..].find(is_break).map_or(text.len(), |at| byte + at);
    (start, end)
}

/// From a blank-to-letter step before the byte to one after it: certain word boundaries, whatever the script.
fn word_window(text: &str, byte: usize) -> (usize, usize) {
    let step = |pair: (char, char)| pair.0.is_ascii_whitespace() && pair.1.is_alphanumeric();
    let mut start = 0;
    let mut after = None;
    for (at, c) in text[..byte].char_indices().rev() {
        if let Some((after_at, after_c)) = after
            && step((c, after_c))
        {
            start = after_at;
            break;
        }
        after = Some((at, c));
    }
    let mut end = text.len();
    let mut before: Option<char> = None;
    for (at, c) in text[byte..].char_indices() {
        if let Some(before_c) = before
            && step((before_c, c))
        {
            end = byte + at;
            break;
        }
        before = Some(c);
    }
    (start, end)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use unicode_segmentation::UnicodeSegmentation;

    use super::*;

    fn snapped(text: &str, range: std::ops::Range<usize>, granularity: Granularity) -> String {
        let index = TextIndex::new(text);
        index.slice(snap(&index, Span::from(range), granularity)).to_owned()
    }

    #[test]
    fn symbols_do_not_cut_joined_emoji() {
        assert_eq!(snapped("a👨‍👩‍👧b", 2..3, Granularity::Symbol), "👨‍👩‍👧");
        assert_eq!(snapped("abc", 1..2, Granularity::Symbol), "b");
    }

    #[test]
    fn words_grow_to_both_sides_without_blanks() {
        let text = "The quick brown fox can't jump.";
        assert_eq!(snapped(text, 6..12, Granularity::Word), "quick brown");
        assert_eq!(snapped(text, 4..10, Granularity::Word), "quick");
        assert_eq!(snapped(text, 21..22, Granularity::Word), "can't");
        assert_eq!(snapped(text, 30..30, Granularity::Word), ".");
        assert_eq!(snapped(text, 9..9, Granularity::Word), "quick");
        assert_eq!(snapped("שלום עולם", 6..7, Granularity::Word), "עולם");
        assert_eq!(snapped("a   b", 2..2, Granularity::Word), "   ");
    }

    #[test]
    fn sentences_stop_at_line_breaks() {
        let text = "First one. Second one here!\nThird";
        assert_eq!(snapped(text, 14..15, Granularity::Sentence), "Second one here!");
        assert_eq!(snapped(text, 5..14, Granularity::Sentence), "First one. Second one here!");
        assert_eq!(snapped(text, 29..30, Granularity::Sentence), "Third");
    }

    #[test]
    fn paragraphs_are_lines() {
        let text = "one two\r\nthree four\nfive";
        assert_eq!(snapped(text, 10..12, Granularity::Paragraph), "three four");
        assert_eq!(snapped(text, 2..10, Granularity::Paragraph), "one two\r\nthree four");
        assert_eq!(snapped("", 0..0, Granularity::Paragraph), "");
    }

    proptest! {
        #[test]
        fn local_word_windows_agree_with_segmenting_everything(text in "[a-z .,'\u{301}éש💩\r\n_0-9]{0,60}", at in 0usize..60) {
            let index = TextIndex::new(text.as_str());
            let at = at.min(index.len().0);
            let byte = index.byte_from_code_point(crate::CodePoint(at));
            let whole = text.split_word_bound_indices().find(|(s, w)| *s <= byte && byte < s + w.len());
            let (from, to) = word_window(&text, byte);
            let local = text[from..to].split_word_bound_indices()
                .map(|(s, w)| (from + s, w)).find(|(s, w)| *s <= byte && byte < s + w.len());
            prop_assert_eq!(whole, local);
        }

        #[test]
        fn snapping_twice_changes_nothing(text in "\\PC{0,40}", a in 0usize..45, b in 0usize..45) {
            let index = TextIndex::new(text.as_str());
            for granularity in [Granularity::Symbol, Granularity::Paragraph] {
                let once = snap(&index, Span::from(a..b), granularity);
                prop_assert_eq!(snap(&index, once, granularity), once);
            }
            for granularity in [Granularity::Word, Granularity::Sentence] {
                let once = snap(&index, Span::from(a..b), granularity);
                prop_assert!(once.end <= index.len() && once.start <= once.end);
            }
        }
    }
}
