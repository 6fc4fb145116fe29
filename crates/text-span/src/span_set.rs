//! Many overlapping spans, queried by place.

use std::collections::HashMap;
use std::hash::Hash;

use rstar::primitives::GeomWithData;
use rstar::{AABB, RTree};

use crate::{CodePoint, Span};

/// A span as the point (start, end): "begins before b and ends after a" is then a rectangle query.
///
/// Doubles rather than integers, because the tree multiplies coordinates and stored offsets can be any number.
type Entry<K> = GeomWithData<[f64; 2], K>;

/// A set of spans with ids, made for thousands of regions over one text.
///
/// Insertion, removal and look-ups take logarithmic time (plus the size of the answer). An empty span is treated as
/// holding the code point behind it, so that it can be found and removed by clicking.
#[derive(Clone, Debug)]
pub struct SpanSet<K: Clone + Eq + Hash + Ord> {
    spans: HashMap<K, Span>,
    tree: RTree<Entry<K>>,
}

impl<K: Clone + Eq + Hash + Ord> Default for SpanSet<K> {
    fn default() -> Self {
        Self { spans: HashMap::new(), tree: RTree::new() }
    }
}

impl<K: Clone + Eq + Hash + Ord> SpanSet<K> {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// The span of an id.
    #[must_use]
    pub fn get(&self, id: &K) -> Option<Span> {
        self.spans.get(id).copied()
    }

    /// Adds a span or moves the one with this id; answers where it was before.
    pub fn insert(&mut self, id: K, span: Span) -> Option<Span> {
        let before = self.remove(&id);
        self.tree.insert(entry(id.clone(), span));
        self.spans.insert(id, span);
        before
    }

    /// Takes a span out and answers where it was.
    pub fn remove(&mut self, id: &K) -> Option<Span> {
        let span = self.spans.remove(id)?;
        self.tree.remove(&entry(id.clone(), span));
        Some(span)
    }

    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Spans that hold `offset`, the shortest first: the one a click means is the first. Equally long ones come the
    /// later start first, then by id.
    #[must_use]
    pub fn at(&self, offset: CodePoint) -> Vec<(K, Span)> {
        let mut found = self.query(offset, offset.plus(1));
        found.sort_by(|(a_id, a), (b_id, b)| {
            a.len().cmp(&b.len()).then(b.start.cmp(&a.start)).then_with(|| a_id.cmp(b_id))
        });
        found
    }

    /// Spans that share at least one code point with `window`, in reading order; of those with the same start the
    /// longest first, so that what holds others comes before them.
    #[must_use]
    pub fn overlapping(&self, window: Span) -> Vec<(K, Span)> {
        let mut found = self.query(window.start, window.end);
        found.sort_by(|(a_id, a), (b_id, b)| {
            a.start.cmp(&b.start).then(b.end.cmp(&a.end)).then_with(|| a_id.cmp(b_id))
        });
        found
    }

    fn query(&self, from: CodePoint, to: CodePoint) -> Vec<(K, Span)> {
        if to <= from {
            return Vec::new();
        }
        // Ends are whole numbers, so half a unit makes "greater" out of "greater or equal".
        let envelope =
            AABB::from_corners([0.0, from.0 as f64 + 0.5], [to.0 as f64 - 0.5, f64::from(f32::MAX)]);
        self.tree
            .locate_in_envelope(envelope)
            .filter_map(|found| Some((found.data.clone(), *self.spans.get(&found.data)?)))
            .collect()
    }
}

impl<K: Clone + Eq + Hash + Ord> FromIterator<(K, Span)> for SpanSet<K> {
    /// Builds the whole set at once, much quicker than one by one. Of entries with the same id the last one counts.
    fn from_iter<I: IntoIterator<Item = (K, Span)>>(entries: I) -> Self {
        let spans: HashMap<K, Span> = entries.into_iter().collect();
        let tree = RTree::bulk_load(spans.iter().map(|(id, span)| entry(id.clone(), *span)).collect());
        Self { spans, tree }
    }
}

fn entry<K>(id: K, span: Span) -> Entry<K> {
    let end = span.end.max(span.start.plus(1));
    Entry::new([span.start.0 as f64, end.0 as f64], id)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_shortest_span_answers_a_click_first() {
        let set: SpanSet<&str> =
            [("all", Span::from(0..50)), ("word", Span::from(10..14)), ("pair", Span::from(8..20))]
                .into_iter()
                .collect();
        let ids = |found: Vec<(&'static str, Span)>| found.into_iter().map(|(id, _)| id).collect::<Vec<_>>();
        assert_eq!(ids(set.at(CodePoint(11))), ["word", "pair", "all"]);
        assert_eq!(ids(set.at(CodePoint(14))), ["pair", "all"]);
        assert_eq!(ids(set.at(CodePoint(50))), Vec::<&str>::new());
        assert_eq!(ids(set.overlapping(Span::from(14..60))), ["all", "pair"]);
        assert!(set.overlapping(Span::from(11..11)).is_empty());
    }

    #[test]
    fn moving_a_span_forgets_its_old_place() {
        let mut set = SpanSet::new();
        assert_eq!(set.insert(1, Span::from(0..5)), None);
        assert_eq!(set.insert(1, Span::from(10..15)), Some(Span::from(0..5)));
        assert!(set.at(CodePoint(2)).is_empty());
        assert_eq!(set.at(CodePoint(12)), [(1, Span::from(10..15))]);
        assert_eq!(set.remove(&1), Some(Span::from(10..15)));
        assert_eq!(set.remove(&1), None);
        assert!(set.is_empty());
    }

    #[test]
    fn absurd_offsets_do_no_harm() {
        let mut set = SpanSet::new();
        for n in 0..40 {
            set.insert(n, Span::from(usize::MAX - n..usize::MAX));
        }
        set.insert(99, Span::from(3..3));
        assert_eq!(set.at(CodePoint(3)), [(99, Span::from(3..3))]);
        assert_eq!(set.len(), 41);
    }

    #[test]
    fn twenty_thousand_nested_and_scattered_spans() {
        let spans = (0..20_000usize).map(|n| (n, Span::from(n..n + 1 + n % 40)));
        let mut set: SpanSet<usize> = spans.clone().collect();
        for n in (0..20_000).step_by(3) {
            assert_eq!(set.remove(&n).map(Span::len), Some(1 + n % 40));
        }
        let expected: Vec<_> =
            spans.filter(|(n, s)| n % 3 != 0 && s.contains(CodePoint(9_000))).map(|(n, _)| n).collect();
        let mut found: Vec<_> = set.at(CodePoint(9_000)).into_iter().map(|(n, _)| n).collect();
        found.sort_unstable();
        assert_eq!(found, expected);
    }

    proptest! {
        #[test]
        fn queries_agree_with_looking_at_every_span(
            spans in prop::collection::vec((0usize..60, 0usize..20), 0..60),
            removed in prop::collection::vec(0usize..60, 0..20),
            window in (0usize..70, 0usize..20),
        ) {
            let mut set = SpanSet::new();
            let mut plain = HashMap::new();
            for (id, (start, len)) in spans.iter().enumerate() {
                set.insert(id, Span::from(*start..start + len));
                plain.insert(id, Span::from(*start..start + len));
            }
            for id in removed {
                prop_assert_eq!(set.remove(&id), plain.remove(&id));
            }
            let window = Span::from(window.0..window.0 + window.1);
            let mut expected: Vec<_> = plain.iter()
                .filter(|(_, s)| Span::from(s.start.0..s.end.0.max(s.start.0 + 1)).overlaps(window))
                .map(|(id, s)| (*id, *s)).collect();
            expected.sort();
            let mut found = set.overlapping(window);
            found.sort();
            prop_assert_eq!(found, expected);
        }
    }
}
