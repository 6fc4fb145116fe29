//! The cheapest way from one sequence to another.

use serde::{Deserialize, Serialize};

/// One step of an alignment. Indices count units of the reference and of the hypothesis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edit {
    Equal {
        reference: usize,
        hypothesis: usize,
    },
    Substitute {
        reference: usize,
        hypothesis: usize,
    },
    /// Missing from the hypothesis.
    Delete {
        reference: usize,
    },
    /// Only in the hypothesis.
    Insert {
        hypothesis: usize,
    },
}

/// How often each step was taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditCounts {
    pub substitutions: usize,
    pub deletions: usize,
    pub insertions: usize,
    pub correct: usize,
}

impl EditCounts {
    #[must_use]
    pub fn of(edits: &[Edit]) -> Self {
        let mut counts = Self::default();
        for edit in edits {
            match edit {
                Edit::Equal { .. } => counts.correct += 1,
                Edit::Substitute { .. } => counts.substitutions += 1,
                Edit::Delete { .. } => counts.deletions += 1,
                Edit::Insert { .. } => counts.insertions += 1,
            }
        }
        counts
    }

    /// S + D + I, the edit distance.
    #[must_use]
    pub fn errors(self) -> usize {
        self.substitutions + self.deletions + self.insertions
    }

    /// Length of the reference.
    #[must_use]
    pub fn reference_len(self) -> usize {
        self.substitutions + self.deletions + self.correct
    }

    /// Errors per unit of the reference; may exceed 1. Two empty texts give 0; an empty reference with a non-empty
    /// hypothesis has no rate (report [`Self::insertions`] instead).
    #[must_use]
    pub fn rate(self) -> Option<f64> {
        match (self.reference_len(), self.errors()) {
            (0, 0) => Some(0.0),
            (0, _) => None,
            (len, errors) => Some(errors as f64 / len as f64),
        }
    }

    /// Errors per step of the alignment, (S+D+I)/(S+D+I+C): always between 0 and 1. Two empty texts give 0.
    #[must_use]
    pub fn normalized_rate(self) -> f64 {
        let steps = self.errors() + self.correct;
        if steps == 0 { 0.0 } else { self.errors() as f64 / steps as f64 }
    }
}

impl std::ops::Add for EditCounts {
    type Output = Self;

    /// The counts of a corpus are the sums of those of its texts; its rate is not the mean of theirs.
    fn add(self, other: Self) -> Self {
        Self {
            substitutions: self.substitutions + other.substitutions,
            deletions: self.deletions + other.deletions,
            insertions: self.insertions + other.insertions,
            correct: self.correct + other.correct,
        }
    }
}

/// Sub-problems up to this many cells are solved with a full table.
const TABLE_CELLS: usize = 1 << 18;

/// Aligns a hypothesis with a reference by the fewest edits; of equally short ways, one with the most equal units, so
/// that the four counts do not depend on how ties are broken.
///
/// Time is the product of the lengths, memory only their sum (Hirschberg's division).
#[must_use]
pub fn align<T: PartialEq>(reference: &[T], hypothesis: &[T]) -> Vec<Edit> {
    let mut edits = Vec::with_capacity(reference.len().max(hypothesis.len()));
    let costs = Costs::new(reference.len() + hypothesis.len());
    align_part(reference, hypothesis, (0, 0), costs, &mut edits);
    edits
}

/// An edit costs so much that no number of saved substitutions outweighs one more of them.
#[derive(Clone, Copy)]
struct Costs {
    gap: u64,
    substitution: u64,
}

impl Costs {
    fn new(total_len: usize) -> Self {
        let gap = total_len as u64 + 1;
        Self { gap, substitution: gap + 1 }
    }

    fn step<T: PartialEq>(self, a: &T, b: &T) -> u64 {
        if a == b { 0 } else { self.substitution }
    }
}

fn align_part<T: PartialEq>(a: &[T], b: &[T], at: (usize, usize), costs: Costs, out: &mut Vec<Edit>) {
    let equal = |n: usize| Edit::Equal { reference: at.0 + n, hypothesis: at.1 + n };
    let prefix = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    out.extend((0..prefix).map(equal));
    let (a, b, at) = (&a[prefix..], &b[prefix..], (at.0 + prefix, at.1 + prefix));
    let suffix = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    let (a_mid, b_mid) = (&a[..a.len() - suffix], &b[..b.len() - suffix]);

    if a_mid.is_empty() {
        out.extend((0..b_mid.len()).map(|n| Edit::Insert { hypothesis: at.1 + n }));
    } else if b_mid.is_empty() {
        out.extend((0..a_mid.len()).map(|n| Edit::Delete { reference: at.0 + n }));
    } else if a_mid.len() == 1 || (a_mid.len() + 1).saturating_mul(b_mid.len() + 1) <= TABLE_CELLS {
        align_by_table(a_mid, b_mid, at, costs, out);
    } else {
        let (first, second) = a_mid.split_at(a_mid.len() / 2);
        let left = last_row(first.iter(), b_mid.iter(), b_mid.len(), costs);
        let right = last_row(second.iter().rev(), b_mid.iter().rev(), b_mid.len(), costs);
        let cut = (0..=b_mid.len()).min_by_key(|n| left[*n] + right[b_mid.len() - n]).unwrap_or(0);
        align_part(first, &b_mid[..cut], at, costs, out);
        align_part(second, &b_mid[cut..], (at.0 + first.len(), at.1 + cut), costs, out);
    }

    let end = (at.0 + a_mid.len(), at.1 + b_mid.len());
    out.extend((0..suffix).map(|n| Edit::Equal { reference: end.0 + n, hypothesis: end.1 + n }));
}

/// Costs of turning all of `a` into each prefix of `b`.
fn last_row<'t, T: PartialEq + 't>(
    a: impl Iterator<Item = &'t T>,
    b: impl Iterator<Item = &'t T> + Clone,
    b_len: usize,
    costs: Costs,
) -> Vec<u64> {
    let mut row: Vec<u64> = (0..=b_len as u64).map(|n| n * costs.gap).collect();
    for x in a {
        let mut diagonal = row[0];
        row[0] += costs.gap;
        for (n, y) in b.clone().enumerate() {
            let above = row[n + 1];
            let cost = (diagonal + costs.step(x, y)).min(above + costs.gap).min(row[n] + costs.gap);
            diagonal = above;
            row[n + 1] = cost;
        }
    }
    row
}

fn align_by_table<T: PartialEq>(a: &[T], b: &[T], at: (usize, usize), costs: Costs, out: &mut Vec<Edit>) {
    let width = b.len() + 1;
    let mut table: Vec<u64> = (0..width as u64).map(|n| n * costs.gap).collect();
    for (n, x) in a.iter().enumerate() {
        table.push((n as u64 + 1) * costs.gap);
        for (m, y) in b.iter().enumerate() {
            let above = n * width + m;
            let left = table[above + width] + costs.gap;
            table.push((table[above] + costs.step(x, y)).min(table[above + 1] + costs.gap).min(left));
        }
    }
    let start = out.len();
    let (mut n, mut m) = (a.len(), b.len());
    while n > 0 || m > 0 {
        let here = table[n * width + m];
        if n > 0 && m > 0 && here == table[(n - 1) * width + m - 1] + costs.step(&a[n - 1], &b[m - 1]) {
            (n, m) = (n - 1, m - 1);
            let (reference, hypothesis) = (at.0 + n, at.1 + m);
            out.push(if a[n] == b[m] {
                Edit::Equal { reference, hypothesis }
            } else {
                Edit::Substitute { reference, hypothesis }
            });
        } else if n > 0 && here == table[(n - 1) * width + m] + costs.gap {
            n -= 1;
            out.push(Edit::Delete { reference: at.0 + n });
        } else {
            m -= 1;
            out.push(Edit::Insert { hypothesis: at.1 + m });
        }
    }
    out[start..].reverse();
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn counts(reference: &str, hypothesis: &str) -> EditCounts {
        let (a, b): (Vec<char>, Vec<char>) = (reference.chars().collect(), hypothesis.chars().collect());
        EditCounts::of(&align(&a, &b))
    }

    #[test]
    fn kitten_to_sitting() {
        let counts = counts("kitten", "sitting");
        assert_eq!(counts, EditCounts { substitutions: 2, deletions: 0, insertions: 1, correct: 4 });
        assert_eq!(counts.rate(), Some(0.5));
        assert!((counts.normalized_rate() - 0.4286).abs() < 5e-5);
    }

    #[test]
    fn of_equally_short_ways_the_one_with_more_equal_units() {
        assert_eq!(
            counts("ab", "ba"),
            EditCounts { substitutions: 0, deletions: 1, insertions: 1, correct: 1 }
        );
    }

    #[test]
    fn empty_references() {
        assert_eq!(counts("", "").rate(), Some(0.0));
        assert_eq!(counts("", "").normalized_rate(), 0.0);
        assert_eq!((counts("", "abc").rate(), counts("", "abc").insertions), (None, 3));
        assert_eq!(counts("abc", "").rate(), Some(1.0));
        assert_eq!(counts("a", "bcd").rate(), Some(3.0));
    }

    #[test]
    fn long_texts_are_divided() {
        let reference: Vec<u32> = (0..3_000).map(|n| n * 7919 % 31).collect();
        let mut hypothesis = reference.clone();
        hypothesis.remove(2_500);
        hypothesis[1_200] = 99;
        hypothesis.insert(10, 98);
        let counts = EditCounts::of(&align(&reference, &hypothesis));
        assert_eq!(counts, EditCounts { substitutions: 1, deletions: 1, insertions: 1, correct: 2_998 });
    }

    /// The textbook recurrence, distance only.
    fn distance(a: &[char], b: &[char]) -> usize {
        let mut row: Vec<usize> = (0..=b.len()).collect();
        for (n, x) in a.iter().enumerate() {
            let mut next = vec![n + 1];
            for (m, y) in b.iter().enumerate() {
                next.push((row[m] + usize::from(x != y)).min(row[m + 1] + 1).min(next[m] + 1));
            }
            row = next;
        }
        row[b.len()]
    }

    proptest! {
        #[test]
        fn edits_are_fewest_and_lead_from_one_to_the_other(a in "[abc]{0,30}", b in "[abc]{0,30}") {
            let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
            let edits = align(&a, &b);
            prop_assert_eq!(EditCounts::of(&edits).errors(), distance(&a, &b));
            let (mut n, mut m) = (0, 0);
            for edit in edits {
                match edit {
                    Edit::Equal { reference, hypothesis } => {
                        prop_assert_eq!((reference, hypothesis, a[n]), (n, m, b[m]));
                        (n, m) = (n + 1, m + 1);
                    }
                    Edit::Substitute { reference, hypothesis } => {
                        prop_assert_eq!((reference, hypothesis), (n, m));
                        (n, m) = (n + 1, m + 1);
                    }
                    Edit::Delete { reference } => { prop_assert_eq!(reference, n); n += 1; }
                    Edit::Insert { hypothesis } => { prop_assert_eq!(hypothesis, m); m += 1; }
                }
            }
            prop_assert_eq!((n, m), (a.len(), b.len()));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(12))]

        #[test]
        fn division_and_table_agree(a in prop::collection::vec(0u8..4, 600..700), b in prop::collection::vec(0u8..4, 600..700)) {
            let mut by_table = Vec::new();
            align_by_table(&a, &b, (0, 0), Costs::new(a.len() + b.len()), &mut by_table);
            prop_assert_eq!(EditCounts::of(&align(&a, &b)), EditCounts::of(&by_table));
        }
    }
}
