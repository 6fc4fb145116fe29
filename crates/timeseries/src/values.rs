//! The numbers of one column, kept as small as they go without loss.
//!
//! Numbers lie in chunks, so that a growing column is never copied as a whole (a copy is what doubles the memory of a
//! large file), and each full chunk is packed on its own:
//! - decimals of at most nine digits, such as sensors and spreadsheets write, as 32-bit integers over a power of ten;
//! - numbers that are 32-bit floats anyway, as such;
//! - anything else as it is.
//!
//! # The odd cases first
//! - What comes out is exactly what went in, except that `-0` is `0`. NaN stays NaN.
//! - An index past the end gives NaN.
//! - Infinities count as NaN: nothing can be drawn there.

use std::ops::Range;

use crate::pyramid::Extent;

const SHIFT: u32 = 14;
/// Samples in a chunk.
const CHUNK: usize = 1 << SHIFT;
/// The largest power of ten that is tried, and the marker of a gap among integers.
const MAX_DECIMALS: usize = 9;
const GAP: i32 = i32::MIN;

#[derive(Clone, Debug)]
enum Chunk {
    Decimals { scaled: Box<[i32]>, divisor: f64 },
    Single(Box<[f32]>),
    Double(Box<[f64]>),
}

impl Chunk {
    fn get(&self, at: usize) -> f64 {
        match self {
            // Both are whole and below 2^53, so the quotient is the double nearest to the decimal: the one that was read.
            Self::Decimals { scaled, divisor } => match scaled[at] {
                GAP => f64::NAN,
                whole => f64::from(whole) / divisor,
            },
            Self::Single(values) => f64::from(values[at]),
            Self::Double(values) => values[at],
        }
    }

    fn bytes(&self) -> usize {
        match self {
            Self::Decimals { scaled, .. } => scaled.len() * 4,
            Self::Single(values) => values.len() * 4,
            Self::Double(values) => values.len() * 8,
        }
    }

    /// `decimals` is where the search begins, and where the next chunk's should.
    fn pack(values: &[f64], decimals: &mut usize) -> Self {
        let mut tried = *decimals;
        let mut at = 0;
        while at < values.len() && tried <= MAX_DECIMALS {
            if values[at].is_nan() || scaled(values[at], tried).is_some() { at += 1 } else { tried += 1 }
        }
        // More decimals do not hurt earlier values, unless they then leave the range of integers.
        let whole: Option<Box<[i32]>> = (tried <= MAX_DECIMALS)
            .then(|| values.iter().map(|v| if v.is_nan() { Some(GAP) } else { scaled(*v, tried) }).collect())
            .flatten();
        if let Some(scaled) = whole {
            *decimals = tried;
            return Self::Decimals { scaled, divisor: power_of_ten(tried) };
        }
        *decimals = 0;
        if values.iter().all(|v| v.is_nan() || f64::from(*v as f32) == *v) {
            return Self::Single(values.iter().map(|v| *v as f32).collect());
        }
        Self::Double(values.into())
    }
}

fn power_of_ten(exponent: usize) -> f64 {
    const POWERS: [f64; MAX_DECIMALS + 1] = [1.0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];
    POWERS[exponent.min(MAX_DECIMALS)]
}

/// `value` times a power of ten, if that is a whole number of 32 bits which gives `value` back exactly.
fn scaled(value: f64, decimals: usize) -> Option<i32> {
    let power = power_of_ten(decimals);
    let whole = (value * power).round();
    (whole.abs() < 2_147_483_647.0 && whole / power == value).then_some(whole as i32)
}

/// A column of numbers that only grows.
#[derive(Clone, Debug, Default)]
pub struct Values {
    full: Vec<Chunk>,
    open: Vec<f64>,
    decimals: usize,
}

impl Values {
    pub fn len(&self) -> usize {
        (self.full.len() << SHIFT) + self.open.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn push(&mut self, value: f64) {
        if self.open.capacity() == 0 {
            self.open.reserve_exact(CHUNK);
        }
        self.open.push(if value.is_finite() { value } else { f64::NAN });
        if self.open.len() == CHUNK {
            self.full.push(Chunk::pack(&self.open, &mut self.decimals));
            self.open.clear();
        }
    }

    /// Packs what is left; call it when nothing more comes.
    pub(crate) fn finish(&mut self) {
        self.open.shrink_to_fit();
    }

    /// A sample; NaN for a gap and past the end.
    pub fn get(&self, index: usize) -> f64 {
        match self.full.get(index >> SHIFT) {
            Some(chunk) => chunk.get(index & (CHUNK - 1)),
            None => self.open.get(index - (self.full.len() << SHIFT)).copied().unwrap_or(f64::NAN),
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = f64> + '_ {
        (0..self.len()).map(|index| self.get(index))
    }

    /// Extent of a range, sample by sample; cut to the data.
    pub fn extent(&self, range: Range<usize>) -> Extent {
        let mut extent = Extent::EMPTY;
        for index in range.start..range.end.min(self.len()) {
            extent.add(self.get(index));
        }
        extent
    }

    /// Memory taken, in bytes.
    pub fn bytes(&self) -> usize {
        self.full.iter().map(Chunk::bytes).sum::<usize>() + self.open.capacity() * 8
    }
}

impl FromIterator<f64> for Values {
    fn from_iter<I: IntoIterator<Item = f64>>(iter: I) -> Self {
        let mut values = Self::default();
        iter.into_iter().for_each(|v| values.push(v));
        values.finish();
        values
    }
}

/// Gaps are equal to gaps.
impl PartialEq for Values {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len()
            && self.iter().zip(other.iter()).all(|(a, b)| a == b || (a.is_nan() && b.is_nan()))
    }
}

impl<const N: usize> PartialEq<[f64; N]> for Values {
    fn eq(&self, other: &[f64; N]) -> bool {
        *self == other.iter().copied().collect::<Self>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn filled(value: impl Fn(usize) -> f64) -> Values {
        (0..CHUNK * 2 + 5).map(value).collect()
    }

    #[test]
    fn what_goes_in_comes_out() {
        let kinds: [fn(usize) -> f64; 6] = [
            |i| i as f64,
            |i| (i as f64) / 1000.0,
            |i| f64::from((i as f32).sin()),
            |i| (i as f64).sin(),
            |i| if i.is_multiple_of(7) { f64::NAN } else { -0.25 * i as f64 },
            // Few decimals first, many later, too large for integers in the end.
            |i| if i < 9000 { i as f64 + 0.5 } else { i as f64 * 1e6 + 0.123 },
        ];
        for (n, kind) in kinds.into_iter().enumerate() {
            let values = filled(kind);
            for (index, value) in values.iter().enumerate() {
                let wanted = kind(index);
                assert!(
                    value == wanted || (value.is_nan() && wanted.is_nan()),
                    "{n}: {index}: {value} {wanted}"
                );
            }
        }
    }

    #[test]
    fn decimals_and_short_floats_take_half_the_memory() {
        let raw = (CHUNK * 2) * 8;
        assert!(filled(|i| i as f64 / 100.0).bytes() < raw / 2 + 100);
        assert!(filled(|i| f64::from((i as f32).sin())).bytes() < raw / 2 + 100);
        assert!(filled(|i| (i as f64).sin()).bytes() >= raw);
    }

    #[test]
    fn infinities_and_the_far_end_are_gaps() {
        let values: Values = [1.0, f64::INFINITY].into_iter().collect();
        assert!(values.get(1).is_nan() && values.get(2).is_nan() && values.get(usize::MAX >> 1).is_nan());
        assert!(Values::default().get(0).is_nan());
    }

    proptest! {
        #[test]
        fn packing_loses_nothing(values in prop::collection::vec(prop_oneof![
            4 => any::<f64>(), 4 => (-99_999_999i64..99_999_999, 0u32..10).prop_map(|(n, k)| n as f64 / 10f64.powi(k as i32)),
            1 => any::<f32>().prop_map(f64::from), 1 => Just(f64::NAN)
        ], 1..40), pure in 0usize..2, decimals in 0usize..11) {
            let values: Vec<f64> = values.into_iter().map(|v| if v.is_finite() { v } else { f64::NAN })
                .filter(|v| pure == 0 || v.abs() < 1e8).collect();
            let mut decimals = decimals;
            let chunk = Chunk::pack(&values, &mut decimals);
            for (at, value) in values.iter().enumerate() {
                let out = chunk.get(at);
                prop_assert!(out == *value || (out.is_nan() && value.is_nan()), "{value} {out} {chunk:?}");
            }
        }
    }
}
