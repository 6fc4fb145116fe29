//! Agreement beyond chance on categories.

use std::collections::BTreeMap;

/// Cohen's kappa of two annotators: each pair is what they said about one item.
///
/// `None` without items, and when chance alone would agree always (both only ever used one and the same category).
#[must_use]
pub fn cohen_kappa<L: Ord>(pairs: &[(L, L)]) -> Option<f64> {
    let total = pairs.len() as f64;
    let mut counts: BTreeMap<&L, (f64, f64)> = BTreeMap::new();
    let mut agreed = 0.0;
    for (a, b) in pairs {
        counts.entry(a).or_default().0 += 1.0;
        counts.entry(b).or_default().1 += 1.0;
        if a == b {
            agreed += 1.0;
        }
    }
    let by_chance: f64 = counts.values().map(|(a, b)| (a / total) * (b / total)).sum();
    beyond_chance(agreed / total, by_chance)
}

/// Fleiss' kappa of any number of annotators: each item is the list of what they said about it.
///
/// Items with fewer than two answers are left out. Where the number of answers differs, each item counts equally.
/// `None` as for [`cohen_kappa`].
#[must_use]
pub fn fleiss_kappa<L: Ord>(items: &[Vec<L>]) -> Option<f64> {
    let mut shares: BTreeMap<&L, f64> = BTreeMap::new();
    let (mut agreed, mut used) = (0.0, 0.0);
    for answers in items.iter().filter(|answers| answers.len() > 1) {
        let n = answers.len() as f64;
        let mut counts: BTreeMap<&L, f64> = BTreeMap::new();
        for answer in answers {
            *counts.entry(answer).or_default() += 1.0;
        }
        agreed += counts.values().map(|count| count * (count - 1.0)).sum::<f64>() / (n * (n - 1.0));
        used += 1.0;
        for (answer, count) in counts {
            *shares.entry(answer).or_default() += count / n;
        }
    }
    let by_chance: f64 = shares.values().map(|share| (share / used).powi(2)).sum();
    beyond_chance(agreed / used, by_chance)
}

fn beyond_chance(agreed: f64, by_chance: f64) -> Option<f64> {
    let kappa = (agreed - by_chance) / (1.0 - by_chance);
    // Rounding can leave a trace of a difference where there is none.
    (kappa.is_finite() && 1.0 - by_chance > 1e-12).then_some(kappa)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repeat(counts: &[(char, char, usize)]) -> Vec<(char, char)> {
        counts.iter().flat_map(|(a, b, n)| vec![(*a, *b); *n]).collect()
    }

    #[test]
    fn a_table_worked_out_by_hand() {
        // 20 both yes, 15 both no, 5 and 10 apart: p_o = 0.7, p_e = 0.5.
        let pairs = repeat(&[('y', 'y', 20), ('y', 'n', 5), ('n', 'y', 10), ('n', 'n', 15)]);
        assert!((cohen_kappa(&pairs).unwrap() - 0.4).abs() < 1e-12);
    }

    #[test]
    fn full_no_and_undefined_agreement() {
        assert_eq!(cohen_kappa(&repeat(&[('a', 'a', 3), ('b', 'b', 2)])), Some(1.0));
        assert_eq!(cohen_kappa(&repeat(&[('a', 'b', 1), ('b', 'a', 1)])), Some(-1.0));
        assert_eq!(cohen_kappa(&repeat(&[('a', 'a', 3)])), None);
        assert_eq!(cohen_kappa::<char>(&[]), None);
        assert_eq!(fleiss_kappa::<char>(&[vec!['a']]), None);
    }

    #[test]
    fn fleiss_of_a_small_table() {
        // p_i = 1, 1/3, 1, shares 5/9 and 4/9: (7/9 - 41/81) / (1 - 41/81)
        let items = [vec!['a', 'a', 'a'], vec!['a', 'a', 'b'], vec!['b', 'b', 'b']];
        let expected = (7.0 / 9.0 - 41.0 / 81.0) / (1.0 - 41.0 / 81.0);
        assert!((fleiss_kappa(&items).unwrap() - expected).abs() < 1e-12);
    }
}
