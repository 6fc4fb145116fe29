//! Who agrees with whom.

use std::collections::{BTreeMap, BTreeSet};

/// Mean score of one pair of annotators.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Cell {
    sum: f64,
    /// Comparisons behind the mean.
    pub count: usize,
}

impl Cell {
    /// `None` when the two were never compared.
    #[must_use]
    pub fn mean(self) -> Option<f64> {
        (self.count > 0).then(|| self.sum / self.count as f64)
    }
}

/// Pairwise agreement of annotators over many tasks.
#[derive(Clone, Debug, Default)]
pub struct AgreementMatrix<A: Ord + Clone> {
    cells: BTreeMap<(A, A), Cell>,
}

impl<A: Ord + Clone> AgreementMatrix<A> {
    #[must_use]
    pub fn new() -> Self {
        Self { cells: BTreeMap::new() }
    }

    /// Adds one comparison. The order of the two does not matter; scores that are no numbers and comparisons of
    /// someone with themselves are ignored.
    pub fn add(&mut self, a: &A, b: &A, score: f64) {
        if a == b || !score.is_finite() {
            return;
        }
        let cell = self.cells.entry(Self::key(a, b)).or_default();
        cell.sum += score;
        cell.count += 1;
    }

    /// Compares all annotations of one task with each other. Annotations of one annotator are not compared.
    pub fn add_task<T>(&mut self, annotations: &[(A, T)], mut score: impl FnMut(&T, &T) -> f64) {
        for (n, (a, mine)) in annotations.iter().enumerate() {
            for (b, theirs) in annotations[n + 1..].iter().filter(|(b, _)| b != a) {
                self.add(a, b, score(mine, theirs));
            }
        }
    }

    fn key(a: &A, b: &A) -> (A, A) {
        let (a, b) = if a <= b { (a, b) } else { (b, a) };
        (a.clone(), b.clone())
    }

    /// The cell of two annotators, in either order.
    #[must_use]
    pub fn get(&self, a: &A, b: &A) -> Cell {
        self.cells.get(&Self::key(a, b)).copied().unwrap_or_default()
    }

    /// All annotators that were compared, sorted: rows and columns of the matrix.
    #[must_use]
    pub fn annotators(&self) -> Vec<A> {
        let all: BTreeSet<&A> = self.cells.keys().flat_map(|(a, b)| [a, b]).collect();
        all.into_iter().cloned().collect()
    }

    /// One annotator against all others; each comparison counts equally.
    #[must_use]
    pub fn of_annotator(&self, annotator: &A) -> Cell {
        self.total(|(a, b)| a == annotator || b == annotator)
    }

    /// All comparisons together.
    #[must_use]
    pub fn overall(&self) -> Cell {
        self.total(|_| true)
    }

    fn total(&self, included: impl Fn(&(A, A)) -> bool) -> Cell {
        self.cells.iter().filter(|(pair, _)| included(pair)).fold(Cell::default(), |total, (_, cell)| Cell {
            sum: total.sum + cell.sum,
            count: total.count + cell.count,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_of_pairs_annotators_and_all() {
        let mut matrix = AgreementMatrix::new();
        let equal = |a: &i32, b: &i32| if a == b { 1.0 } else { 0.0 };
        matrix.add_task(&[("ann", 1), ("bob", 1), ("cy", 2)], equal);
        matrix.add_task(&[("bob", 3), ("ann", 4), ("ann", 3)], equal);
        assert_eq!(matrix.annotators(), ["ann", "bob", "cy"]);
        assert_eq!(matrix.get(&"bob", &"ann"), Cell { sum: 2.0, count: 3 });
        assert_eq!(matrix.get(&"ann", &"cy").mean(), Some(0.0));
        assert_eq!(matrix.get(&"cy", &"dan").mean(), None);
        assert_eq!(matrix.of_annotator(&"cy").mean(), Some(0.0));
        assert_eq!(matrix.overall().mean(), Some(0.4));
        matrix.add(&"ann", &"bob", f64::NAN);
        assert_eq!(matrix.overall().count, 5);
    }
}
