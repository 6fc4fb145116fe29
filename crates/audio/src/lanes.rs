//! Overlapping segments lie under each other.

/// The lane of each segment `(start, end)`, in the given order: the first one that is free. Touching is no overlap.
pub fn lanes(segments: &[(f64, f64)]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..segments.len()).collect();
    order.sort_by(|a, b| segments[*a].0.total_cmp(&segments[*b].0).then(a.cmp(b)));
    let mut ends: Vec<f64> = Vec::new();
    let mut out = vec![0; segments.len()];
    for at in order {
        let (start, end) = segments[at];
        let lane = ends.iter().position(|e| *e <= start).unwrap_or(ends.len());
        if lane == ends.len() {
            ends.push(end);
        } else {
            ends[lane] = end;
        }
        out[at] = lane;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_overlaps_need_another_lane() {
        assert_eq!(lanes(&[(0.0, 1.0), (1.0, 2.0), (0.5, 1.5)]), [0, 0, 1]);
        assert_eq!(lanes(&[]), Vec::<usize>::new());
    }

    proptest! {
        #[test]
        fn no_two_of_a_lane_overlap(s in proptest::collection::vec((0.0f64..100.0, 0.0f64..30.0), 0..40)) {
            let s: Vec<_> = s.into_iter().map(|(a, long)| (a, a + long)).collect();
            let lanes = lanes(&s);
            for i in 0..s.len() { for j in 0..i {
                prop_assert!(lanes[i] != lanes[j] || s[i].1 <= s[j].0 || s[j].1 <= s[i].0);
            }}
        }
    }
}
