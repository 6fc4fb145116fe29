//! What a new range does to those that it lies over (BR-3, LS#1861).
//!
//! Ranges are half-open: one that ends where another begins does not lie over it. Odd cases: an empty range is an instant
//! and never in anybody's way; a range that forbids overlap and finds no room is not made.

/// The attribute `overlap` of temporal labels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Overlap {
    /// Ranges may lie over each other, as in Label Studio.
    #[default]
    Allow,
    /// The new range keeps to the room that is left, around where it was begun.
    Forbid,
    /// The new range wins; the others are shortened, cut in two, or go.
    Split,
}

impl Overlap {
    /// Anything unknown is the default.
    pub fn from_attribute(text: &str) -> Self {
        match text.trim().to_ascii_lowercase().as_str() {
            "forbid" => Self::Forbid,
            "split" => Self::Split,
            _ => Self::Allow,
        }
    }
}

/// A half-open range in whole units: frames, samples, nanoseconds.
pub type Span = (i64, i64);

/// What is to be done so that a range can be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolution {
    /// The range as it is made; `None` when there is no room.
    pub made: Option<Span>,
    /// By index: what becomes of others. None left: it goes. Two: it is cut in two.
    pub changed: Vec<(usize, Vec<Span>)>,
}

/// Fits `new` in among `others`. `anchor` is where it was begun: with [`Overlap::Forbid`] the room around it counts.
pub fn resolve(policy: Overlap, others: &[Span], new: Span, anchor: i64) -> Resolution {
    let (start, end) = (new.0.min(new.1), new.0.max(new.1));
    let meets = |other: &Span| other.0 < end && start < other.1;
    match policy {
        _ if start == end => Resolution { made: Some((start, end)), changed: Vec::new() },
        Overlap::Allow => Resolution { made: Some((start, end)), changed: Vec::new() },
        Overlap::Split => {
            let changed = others.iter().enumerate().filter(|(_, other)| meets(other)).map(|(at, other)| {
                let rest = [(other.0, start.min(other.1)), (end.max(other.0), other.1)];
                (at, rest.into_iter().filter(|(a, b)| a < b).collect())
            });
            Resolution { made: Some((start, end)), changed: changed.collect() }
        }
        Overlap::Forbid => {
            let mut free = vec![(start, end)];
            for other in others.iter().filter(|other| meets(other)) {
                free = free
                    .into_iter()
                    .flat_map(|(a, b)| [(a, b.min(other.0)), (a.max(other.1), b)])
                    .filter(|(a, b)| a < b)
                    .collect();
            }
            // Where it was begun, else the largest room.
            let here = free.iter().copied().find(|(a, b)| *a <= anchor && anchor <= *b);
            let made = here.or_else(|| free.iter().copied().max_by_key(|(a, b)| b - a));
            Resolution { made, changed: Vec::new() }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ls_1861_a_new_label_cuts_the_old_one() {
        let split = resolve(Overlap::Split, &[(0, 100)], (70, 120), 70);
        assert_eq!(split, Resolution { made: Some((70, 120)), changed: vec![(0, vec![(0, 70)])] });
        let inside = resolve(Overlap::Split, &[(0, 100), (200, 300)], (40, 60), 40);
        assert_eq!(inside.changed, [(0, vec![(0, 40), (60, 100)])]);
        let over = resolve(Overlap::Split, &[(10, 20)], (0, 100), 0);
        assert_eq!(over.changed, [(0, vec![])]);
    }

    #[test]
    fn forbidden_overlap_leaves_the_room_there_is() {
        let forbid = |others: &[Span], new, anchor| resolve(Overlap::Forbid, others, new, anchor).made;
        assert_eq!(forbid(&[(0, 100)], (70, 120), 70), Some((100, 120)));
        assert_eq!(forbid(&[(50, 60)], (0, 100), 10), Some((0, 50)));
        assert_eq!(forbid(&[(50, 60)], (0, 100), 99), Some((60, 100)));
        assert_eq!(forbid(&[(0, 100)], (10, 20), 10), None);
        assert_eq!(resolve(Overlap::Allow, &[(0, 100)], (10, 20), 10).made, Some((10, 20)));
        assert_eq!(forbid(&[(0, 100)], (10, 10), 10), Some((10, 10)), "an instant is in nobody's way");
    }

    proptest! {
        /// However ranges are made one after the other, none lies over another, and what was labeled stays labeled.
        #[test]
        fn no_two_ranges_lie_over_each_other(
            news in proptest::collection::vec((0i64..200, 1i64..60), 1..40), split in any::<bool>(),
        ) {
            let policy = if split { Overlap::Split } else { Overlap::Forbid };
            let mut spans: Vec<Span> = Vec::new();
            for (start, length) in news {
                let before: i64 = spans.iter().map(|(a, b)| b - a).sum();
                let covered = |spans: &[Span], at: i64| spans.iter().any(|(a, b)| *a <= at && at < *b);
                let was: Vec<bool> = (0..300).map(|at| covered(&spans, at)).collect();
                let done = resolve(policy, &spans, (start, start + length), start);
                let mut next: Vec<Span> = Vec::new();
                for (at, span) in spans.iter().enumerate() {
                    match done.changed.iter().find(|(i, _)| *i == at) {
                        Some((_, parts)) => next.extend(parts),
                        None => next.push(*span),
                    }
                }
                next.extend(done.made);
                spans = next;
                let mut sorted = spans.clone();
                sorted.sort_unstable();
                prop_assert!(sorted.windows(2).all(|w| w[0].1 <= w[1].0), "{sorted:?}");
                for at in 0..300 {
                    let new = start <= at && at < start + length;
                    prop_assert!(!was[at as usize] || covered(&spans, at), "{at} was labeled");
                    prop_assert!(!new || policy == Overlap::Forbid || covered(&spans, at));
                }
                prop_assert!(spans.iter().map(|(a, b)| b - a).sum::<i64>() >= before);
            }
        }
    }
}
