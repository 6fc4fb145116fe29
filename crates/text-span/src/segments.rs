//! Overlapping spans cut into neighbouring pieces, each with the ids that cover it: what a painter needs.

use std::hash::Hash;

use crate::{CodePoint, Span, SpanSet};

/// A piece of text between two neighbouring span ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment<K> {
    pub span: Span,
    /// The spans that cover the piece, the outermost first. Never empty.
    pub ids: Vec<K>,
}

impl<K: Clone + Eq + Hash + Ord> SpanSet<K> {
    /// The covered pieces inside `window`, in order and without overlap. Uncovered text and empty spans give none.
    #[must_use]
    pub fn segments(&self, window: Span) -> Vec<Segment<K>> {
        let mut segments = Vec::new();
        self.for_each_segment(window, |span, ids| segments.push(Segment { span, ids: ids.to_vec() }));
        segments
    }

    /// As [`Self::segments`], without keeping them: with thousands of nested spans the id lists would be large.
    pub fn for_each_segment(&self, window: Span, mut visit: impl FnMut(Span, &[K])) {
        let spans: Vec<(K, Span)> = self
            .overlapping(window)
            .into_iter()
            .filter_map(|(id, span)| Some((id, span.intersection(window)?)))
            .collect();
        // (place, begins, place in `spans`): ends sort before begins at the same place.
        let mut events: Vec<(CodePoint, bool, usize)> = spans
            .iter()
            .enumerate()
            .flat_map(|(n, (_, span))| [(span.start, true, n), (span.end, false, n)])
            .collect();
        events.sort_unstable();

        // Kept in the order of `spans`, which is outermost first.
        let mut covering: Vec<usize> = Vec::new();
        let mut ids: Vec<K> = Vec::new();
        let mut from = window.start;
        for (place, begins, n) in events {
            if from < place && !ids.is_empty() {
                visit(Span { start: from, end: place }, &ids);
            }
            from = place;
            let at = covering.partition_point(|other| *other < n);
            if begins {
                covering.insert(at, n);
                ids.insert(at, spans[n].0.clone());
            } else {
                covering.remove(at);
                ids.remove(at);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn overlaps_become_pieces_with_all_their_ids() {
        let set: SpanSet<char> = [
            ('a', Span::from(0..10)),
            ('b', Span::from(5..15)),
            ('c', Span::from(20..22)),
            ('d', Span::from(3..3)),
        ]
        .into_iter()
        .collect();
        let segment =
            |range: std::ops::Range<usize>, ids: &[char]| Segment { span: range.into(), ids: ids.to_vec() };
        assert_eq!(
            set.segments(Span::from(0..100)),
            [
                segment(0..5, &['a']),
                segment(5..10, &['a', 'b']),
                segment(10..15, &['b']),
                segment(20..22, &['c'])
            ]
        );
        assert_eq!(set.segments(Span::from(7..11)), [segment(7..10, &['a', 'b']), segment(10..11, &['b'])]);
    }

    proptest! {
        #[test]
        fn pieces_cover_each_code_point_with_the_right_ids(
            spans in prop::collection::vec((0usize..40, 0usize..12), 0..30),
            window in (0usize..40, 0usize..40),
        ) {
            let set: SpanSet<usize> = spans.iter().enumerate()
                .map(|(id, (start, len))| (id, Span::from(*start..start + len))).collect();
            let window = Span::from(window.0..window.0 + window.1);
            let segments = set.segments(window);
            prop_assert!(segments.windows(2).all(|pair| pair[0].span.end <= pair[1].span.start));
            for n in 0..60 {
                let mut expected: Vec<usize> = spans.iter().enumerate()
                    .filter(|(_, (start, len))| *start <= n && n < start + len && window.contains(CodePoint(n)))
                    .map(|(id, _)| id).collect();
                expected.sort_unstable();
                let mut found = segments.iter().find(|s| s.span.contains(CodePoint(n)))
                    .map(|s| s.ids.clone()).unwrap_or_default();
                found.sort_unstable();
                prop_assert_eq!(found, expected);
            }
        }
    }
}
