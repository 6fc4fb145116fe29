//! Precision, recall and F1 of labeled spans: named entities, time segments.

use crate::{Interval, Matches, interval_iou};

/// A span with the labels that must agree.
#[derive(Clone, Debug, PartialEq)]
pub struct LabeledSpan<L> {
    pub place: Interval,
    pub label: L,
}

/// When two spans of equal label count as the same.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SpanMatch {
    /// Equal start and end.
    Exact,
    /// Any shared part.
    Overlap,
    /// Intersection over union of at least this.
    Iou(f64),
}

/// Matches the spans of two annotations one to one, the best overlap first.
#[must_use]
pub fn match_spans<L: PartialEq>(a: &[LabeledSpan<L>], b: &[LabeledSpan<L>], rule: SpanMatch) -> Matches {
    // In order of start, each span of `a` meets only the spans of `b` that can reach it.
    let mut b_order: Vec<usize> = (0..b.len()).collect();
    b_order.sort_by(|x, y| b[*x].place.start.total_cmp(&b[*y].place.start));
    let longest_b = b.iter().map(|span| span.place.len()).fold(0.0, f64::max);
    let mut candidates = Vec::new();
    for (n, span) in a.iter().enumerate() {
        let first = b_order.partition_point(|m| b[*m].place.start < span.place.start - longest_b);
        for m in b_order[first..].iter().copied().take_while(|m| b[*m].place.start <= span.place.end) {
            if span.label != b[m].label {
                continue;
            }
            let iou = interval_iou(span.place, b[m].place);
            let same = match rule {
                SpanMatch::Exact => span.place == b[m].place,
                SpanMatch::Overlap => iou > 0.0,
                SpanMatch::Iou(threshold) => iou > 0.0 && iou >= threshold,
            };
            if same {
                candidates.push((n, m, iou));
            }
        }
    }
    Matches::best_first(a.len(), b.len(), candidates)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn span(start: i32, end: i32, label: char) -> LabeledSpan<char> {
        LabeledSpan { place: Interval::new(f64::from(start), f64::from(end)), label }
    }

    #[test]
    fn exact_and_overlap_f1() {
        let a = [span(0, 5, 'p'), span(10, 15, 'p'), span(20, 25, 'q')];
        let b = [span(0, 5, 'p'), span(12, 18, 'p'), span(20, 25, 'p')];
        assert_eq!(match_spans(&a, &b, SpanMatch::Exact).score.f1(), 1.0 / 3.0);
        assert_eq!(match_spans(&a, &b, SpanMatch::Overlap).score.f1(), 2.0 / 3.0);
        assert_eq!(match_spans(&a, &b, SpanMatch::Iou(0.5)).score.f1(), 1.0 / 3.0);
        assert_eq!(match_spans::<char>(&[], &[], SpanMatch::Exact).score.f1(), 1.0);
    }

    #[test]
    fn a_long_span_matches_one_short_one_only() {
        let a = [span(0, 100, 'x')];
        let b = [span(0, 10, 'x'), span(10, 90, 'x'), span(95, 120, 'x')];
        let matches = match_spans(&a, &b, SpanMatch::Overlap);
        assert_eq!(matches.pairs, [(0, 1, 0.8)]);
    }

    proptest! {
        #[test]
        fn the_sweep_misses_no_pair(
            a in prop::collection::vec((0i32..30, 0i32..9, prop::sample::select(vec!['x', 'y'])), 0..12),
            b in prop::collection::vec((0i32..30, 0i32..9, prop::sample::select(vec!['x', 'y'])), 0..12),
        ) {
            let spans = |list: &[(i32, i32, char)]| -> Vec<_> {
                list.iter().map(|(start, len, label)| span(*start, start + len, *label)).collect()
            };
            let (a, b) = (spans(&a), spans(&b));
            let mut all = Vec::new();
            for (n, x) in a.iter().enumerate() {
                for (m, y) in b.iter().enumerate() {
                    let iou = interval_iou(x.place, y.place);
                    if x.label == y.label && iou > 0.0 {
                        all.push((n, m, iou));
                    }
                }
            }
            let expected = Matches::best_first(a.len(), b.len(), all);
            prop_assert_eq!(match_spans(&a, &b, SpanMatch::Overlap), expected);
        }
    }
}
