//! Which region of one annotation is which of the other, and the scores that follow.

use serde::{Deserialize, Serialize};

use crate::{RotatedBox, box_iou};

/// Hits and misses of annotation `b` measured against annotation `a`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Score {
    pub true_positives: usize,
    /// Only in `b`.
    pub false_positives: usize,
    /// Only in `a`.
    pub false_negatives: usize,
}

impl Score {
    /// Share of `b` that is right. 1 when both are empty.
    #[must_use]
    pub fn precision(self) -> f64 {
        self.ratio(self.true_positives + self.false_positives)
    }

    /// Share of `a` that was found. 1 when both are empty.
    #[must_use]
    pub fn recall(self) -> f64 {
        self.ratio(self.true_positives + self.false_negatives)
    }

    /// Harmonic mean of precision and recall, the same whichever annotation is `a`.
    #[must_use]
    pub fn f1(self) -> f64 {
        let all = 2 * self.true_positives + self.false_positives + self.false_negatives;
        if all == 0 { 1.0 } else { (2 * self.true_positives) as f64 / all as f64 }
    }

    fn ratio(self, of: usize) -> f64 {
        if of > 0 {
            return self.true_positives as f64 / of as f64;
        }
        if self == Self::default() { 1.0 } else { 0.0 }
    }
}

impl std::ops::Add for Score {
    type Output = Self;

    /// Scores of several tasks add up (micro average).
    fn add(self, other: Self) -> Self {
        Self {
            true_positives: self.true_positives + other.true_positives,
            false_positives: self.false_positives + other.false_positives,
            false_negatives: self.false_negatives + other.false_negatives,
        }
    }
}

/// A one-to-one matching.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Matches {
    /// (index in `a`, index in `b`, overlap), best overlap first.
    pub pairs: Vec<(usize, usize, f64)>,
    pub score: Score,
}

impl Matches {
    /// Takes the best of `candidates` first and uses each region once. Ties go to the earlier regions, so the answer
    /// does not depend on the order of the candidates.
    pub(crate) fn best_first(a_len: usize, b_len: usize, mut candidates: Vec<(usize, usize, f64)>) -> Self {
        candidates.sort_by(|x, y| y.2.total_cmp(&x.2).then((x.0, x.1).cmp(&(y.0, y.1))));
        let (mut a_used, mut b_used) = (vec![false; a_len], vec![false; b_len]);
        candidates.retain(|(a, b, _)| {
            let free = !a_used[*a] && !b_used[*b];
            if free {
                (a_used[*a], b_used[*b]) = (true, true);
            }
            free
        });
        let score = Score {
            true_positives: candidates.len(),
            false_positives: b_len - candidates.len(),
            false_negatives: a_len - candidates.len(),
        };
        Self { pairs: candidates, score }
    }

    /// Mean overlap over the pairs and everything left over, which counts 0. Two empty annotations give 1.
    #[must_use]
    pub fn mean_overlap(&self) -> f64 {
        let all = self.score.true_positives + self.score.false_positives + self.score.false_negatives;
        if all == 0 {
            1.0
        } else {
            self.pairs.iter().map(|(_, _, overlap)| overlap).sum::<f64>() / all as f64
        }
    }
}

/// Matches boxes of equal labels whose IoU is at least `threshold` (and more than 0).
#[must_use]
pub fn match_boxes<L: PartialEq>(a: &[(RotatedBox, L)], b: &[(RotatedBox, L)], threshold: f64) -> Matches {
    let mut candidates = Vec::new();
    for (n, (box_a, label_a)) in a.iter().enumerate() {
        for (m, (box_b, label_b)) in b.iter().enumerate() {
            if label_a != label_b {
                continue;
            }
            let iou = box_iou(*box_a, *box_b);
            if iou > 0.0 && iou >= threshold {
                candidates.push((n, m, iou));
            }
        }
    }
    Matches::best_first(a.len(), b.len(), candidates)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coinciding_boxes_with_different_labels_do_not_match() {
        let place = RotatedBox::upright(0.0, 0.0, 10.0, 10.0);
        let matches = match_boxes(&[(place, "cat")], &[(place, "dog"), (place, "cat")], 0.5);
        assert_eq!(matches.pairs, [(0, 1, 1.0)]);
        assert_eq!(matches.score, Score { true_positives: 1, false_positives: 1, false_negatives: 0 });
        assert_eq!((matches.score.precision(), matches.score.recall()), (0.5, 1.0));
        assert_eq!(matches.mean_overlap(), 0.5);
    }

    #[test]
    fn each_box_is_used_once_and_the_best_pair_wins() {
        let at = |x: f64| (RotatedBox::upright(x, 0.0, 10.0, 10.0), ());
        let matches = match_boxes(&[at(0.0), at(1.0)], &[at(1.0), at(20.0)], 0.1);
        assert_eq!(matches.pairs, [(1, 0, 1.0)]);
        assert_eq!(matches.score.f1(), 0.5);
    }

    #[test]
    fn empty_annotations() {
        let none: [(RotatedBox, ()); 0] = [];
        let some = [(RotatedBox::upright(0.0, 0.0, 1.0, 1.0), ())];
        let both = match_boxes(&none, &none, 0.5);
        assert_eq!((both.score.f1(), both.score.precision(), both.mean_overlap()), (1.0, 1.0, 1.0));
        let one = match_boxes(&some, &none, 0.5);
        assert_eq!(
            (one.score.f1(), one.score.precision(), one.score.recall(), one.mean_overlap()),
            (0.0, 0.0, 0.0, 0.0)
        );
    }
}
