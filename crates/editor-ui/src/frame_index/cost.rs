//! What reading an index costs, and when it is too much.
//!
//! Where frame times stand beside the pictures (WebM, fragments), reading goes through the whole file. What that will cost
//! is projected from the part that was read. An index at the end of a file costs one leap, so a leap is no bad sign.

/// Most bytes and requests that an index may cost.
const MOST_BYTES: u64 = 96 * 1024 * 1024;
const MOST_REQUESTS: u64 = 1200;
/// Before that much was spent nothing is projected: beginnings are not typical.
const TRIAL_BYTES: u64 = 4 * 1024 * 1024;
const TRIAL_REQUESTS: u64 = 24;

/// Bytes and requests so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Cost {
    bytes: u64,
    requests: u64,
}

impl Cost {
    /// One more request that brought `bytes`.
    pub fn add(&mut self, bytes: u64) {
        self.bytes = self.bytes.saturating_add(bytes);
        self.requests += 1;
    }

    /// Whether to give up before going on at byte `place` of a file of `length` bytes, where that is known.
    pub fn is_too_high(self, place: u64, length: Option<u64>) -> bool {
        if self.bytes > MOST_BYTES || self.requests >= MOST_REQUESTS {
            return true;
        }
        let Some(length) = length.filter(|_| place > 0) else { return false };
        let all = |spent: u64| u128::from(spent) * u128::from(length) / u128::from(place);
        (self.bytes > TRIAL_BYTES && all(self.bytes) > u128::from(MOST_BYTES))
            || (self.requests > TRIAL_REQUESTS && all(self.requests) > u128::from(MOST_REQUESTS))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MB: u64 = 1024 * 1024;

    /// Reads on in pieces of `piece` bytes, `apart` bytes from start to start; the bytes spent when it gives up.
    fn spent(length: u64, piece: u64, apart: u64) -> Option<u64> {
        let mut cost = Cost::default();
        for place in (0..length).step_by(apart as usize) {
            if cost.is_too_high(place, Some(length)) {
                return Some(cost.bytes);
            }
            cost.add(piece);
        }
        None
    }

    #[test]
    fn a_long_webm_is_given_up_early_and_a_short_one_is_read() {
        assert!(spent(450 * MB, 4 * MB, 4 * MB).is_some_and(|bytes| bytes <= 12 * MB));
        assert_eq!(spent(90 * MB, 4 * MB, 4 * MB), None);
    }

    #[test]
    fn fragments_far_apart_are_read_unless_they_are_too_many() {
        assert_eq!(spent(1000 * MB, 64 * 1024, MB), None);
        assert!(spent(4000 * MB, 64 * 1024, MB).is_some_and(|bytes| bytes < 2 * MB));
    }

    #[test]
    fn an_index_at_the_end_of_a_huge_file_is_read() {
        let mut cost = Cost::default();
        cost.add(64 * 1024);
        assert!(!cost.is_too_high(40_000 * MB, Some(40_010 * MB)));
        cost.add(10 * MB);
        assert!(!cost.is_too_high(40_010 * MB, Some(40_010 * MB)));
        assert!(!cost.is_too_high(0, None));
    }
}
