//! The `text` key of a stored region: how it is written, and whether it still says what the offsets say.

use crate::{CodePoint, Span, TextIndex};

/// How far around the stored place moved words are looked for, in code points.
const NEARBY: usize = 100_000;

/// The words of a span as a result stores them: each line break inside is the two characters `\` `n`
/// (results.md 3.8). `\r` is a line break too, so `\r\n` gives `\n\n`, one for each code point.
#[must_use]
pub fn span_text(index: &TextIndex, span: Span) -> String {
    escape_line_breaks(index.slice(span))
}

fn escape_line_breaks(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\r' => out.push_str("\\n"),
            other => out.push(other),
        }
    }
    out
}

/// What [`check_stored_text`] found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoredTextCheck {
    /// The offsets and the stored words agree.
    Match,
    /// They do not. `actual` is what the offsets select now, in the form of [`span_text`].
    Mismatch { actual: String, repair: Option<Repair> },
}

/// A span that does select the stored words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repair {
    pub span: Span,
    pub reason: RepairReason,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RepairReason {
    /// The stored numbers count UTF-16 units, as JavaScript tools write them.
    Utf16Offsets,
    /// The stored numbers count UTF-8 bytes.
    ByteOffsets,
    /// The numbers were counted with `\r\n` as one line break.
    LineBreaksCountedOnce,
    /// The words stand elsewhere in the text; this is the nearest place.
    Moved,
}

/// Compares the stored `text` of a region with what its offsets select.
///
/// Line breaks are accepted as `\n` (two characters), as real line breaks, and with `\r\n` as one; so are white space
/// differences at the ends, because other tools trim. On a mismatch the usual reasons are tried in turn.
#[must_use]
pub fn check_stored_text(index: &TextIndex, span: Span, stored: &str) -> StoredTextCheck {
    let wanted = comparable(stored);
    if comparable(index.slice(span)) == wanted && span.end <= index.len() {
        return StoredTextCheck::Match;
    }
    let repair = if wanted.is_empty() { None } else { find_repair(index, span, stored, &wanted) };
    StoredTextCheck::Mismatch { actual: span_text(index, span), repair }
}

fn find_repair(index: &TextIndex, span: Span, stored: &str, wanted: &str) -> Option<Repair> {
    let fits = |candidate: Span| comparable(index.slice(candidate)) == *wanted;
    let candidates = [
        (index.span_from_utf16(span.start.0, span.end.0), RepairReason::Utf16Offsets),
        (
            Span::new(index.code_point_from_byte(span.start.0), index.code_point_from_byte(span.end.0)),
            RepairReason::ByteOffsets,
        ),
        (line_breaks_counted_once(index, span), RepairReason::LineBreaksCountedOnce),
    ];
    if let Some((span, reason)) = candidates.into_iter().find(|(candidate, _)| fits(*candidate)) {
        return Some(Repair { span, reason });
    }
    nearest_occurrence(index, span, stored).map(|span| Repair { span, reason: RepairReason::Moved })
}

/// Maps offsets that count `\r\n` once to offsets that count it twice.
fn line_breaks_counted_once(index: &TextIndex, span: Span) -> Span {
    let (mut counted, mut real) = (0, 0);
    let (mut start, mut end) = (index.len(), index.len());
    let mut chars = index.text().chars().peekable();
    while let Some(c) = chars.next() {
        if counted == span.start.0 {
            start = CodePoint(real);
        }
        if counted == span.end.0 {
            end = CodePoint(real);
            break;
        }
        real += 1;
        if c == '\r' && chars.next_if_eq(&'\n').is_some() {
            real += 1;
        }
        counted += 1;
    }
    Span::new(start, end)
}

fn nearest_occurrence(index: &TextIndex, span: Span, stored: &str) -> Option<Span> {
    let around = Span { start: span.start.min(index.len()).minus(NEARBY), end: span.start.plus(NEARBY) };
    let around = index.clamp(around);
    let base = index.byte_from_code_point(around.start);
    let needles = [stored.to_owned(), stored.replace("\\n", "\n"), stored.replace("\\n", "\r\n")];
    let hits = needles.iter().filter(|needle| !needle.is_empty()).flat_map(|needle| {
        index.slice(around).match_indices(needle.as_str()).map(|(at, hit)| {
            let at = base + at;
            Span::new(index.code_point_from_byte(at), index.code_point_from_byte(at + hit.len()))
        })
    });
    hits.min_by_key(|hit| hit.start.0.abs_diff(span.start.0))
}

fn comparable(text: &str) -> String {
    text.replace("\\n", "\n").replace("\r\n", "\n").replace('\r', "\n").trim().replace("\n\n", "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_breaks_are_written_as_two_characters() {
        let index = TextIndex::new("one\ntwo\r\nthree");
        assert_eq!(span_text(&index, Span::from(0..7)), "one\\ntwo");
        assert_eq!(span_text(&index, Span::from(4..14)), "two\\n\\nthree");
        assert_eq!(span_text(&index, Span::from(9..400)), "three");
    }

    #[test]
    fn stored_words_match_in_all_line_break_spellings() {
        let index = TextIndex::new("one\r\ntwo");
        for stored in ["one\\n\\ntwo", "one\\ntwo", "one\ntwo", "one\r\ntwo"] {
            assert_eq!(
                check_stored_text(&index, Span::from(0..8), stored),
                StoredTextCheck::Match,
                "{stored:?}"
            );
        }
    }

    #[test]
    fn utf16_offsets_are_recognised() {
        let index = TextIndex::new("💩This is an annotation.");
        let check = check_stored_text(&index, Span::from(13..23), "annotation");
        let repair = Repair { span: Span::from(12..22), reason: RepairReason::Utf16Offsets };
        assert_eq!(check, StoredTextCheck::Mismatch { actual: "nnotation.".into(), repair: Some(repair) });
    }

    #[test]
    fn byte_offsets_and_single_line_breaks_are_recognised() {
        let index = TextIndex::new("ééé word");
        let StoredTextCheck::Mismatch { repair: Some(repair), .. } =
            check_stored_text(&index, Span::from(7..11), "word")
        else {
            panic!("expected a repair")
        };
        assert_eq!(repair, Repair { span: Span::from(4..8), reason: RepairReason::ByteOffsets });

        let index = TextIndex::new("a\r\nb\r\nword");
        let StoredTextCheck::Mismatch { repair: Some(repair), .. } =
            check_stored_text(&index, Span::from(4..8), "word")
        else {
            panic!("expected a repair")
        };
        assert_eq!(repair, Repair { span: Span::from(6..10), reason: RepairReason::LineBreaksCountedOnce });
    }

    #[test]
    fn moved_words_are_found_at_the_nearest_place() {
        let index = TextIndex::new("cat dog bird dog fish");
        let StoredTextCheck::Mismatch { repair: Some(repair), actual } =
            check_stored_text(&index, Span::from(14..17), "dog")
        else {
            panic!("expected a repair")
        };
        assert_eq!(actual, "og ");
        assert_eq!(repair, Repair { span: Span::from(13..16), reason: RepairReason::Moved });
    }

    #[test]
    fn words_that_are_nowhere_have_no_repair() {
        let index = TextIndex::new("cat");
        let check = check_stored_text(&index, Span::from(0..2), "zebra");
        assert_eq!(check, StoredTextCheck::Mismatch { actual: "ca".into(), repair: None });
    }
}
