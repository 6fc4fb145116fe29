//! The bytes of a file that were fetched so far.

use super::{ContainerError, Stop};

/// Bytes `start..end` of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ByteRange {
    pub start: u64,
    /// One past the last byte.
    pub end: u64,
}

/// Small reads are rounded up to this: a request costs more than its bytes.
const READ_AHEAD: u64 = 64 * 1024;
/// Where one read follows the other, each asks for as much as came before it, up to this.
const MOST_AHEAD: u64 = 4 * 1024 * 1024;

/// Bytes that are forgotten together.
const FORGET: usize = 1024 * 1024;

/// Pieces in the order of their place, none of them touching.
#[derive(Debug, Default)]
pub(super) struct Sparse {
    pieces: Vec<(u64, Vec<u8>)>,
    length: Option<u64>,
    /// Start and end of what was fed without a large gap, up to the newest bytes.
    run: (u64, u64),
    reads_on: bool,
}

impl Sparse {
    pub fn new(length: Option<u64>) -> Self {
        Self { pieces: Vec::new(), length, run: (0, 0), reads_on: false }
    }

    pub fn length(&self) -> Option<u64> {
        self.length
    }

    pub fn set_length(&mut self, length: u64) {
        self.length = Some(length);
    }

    pub fn feed(&mut self, start: u64, bytes: &[u8]) {
        if bytes.is_empty() {
            let end = self.length.map_or(start, |length| length.min(start));
            self.length = Some(end);
            return;
        }
        let end = start.saturating_add(bytes.len() as u64);
        self.run = if self.goes_on(start) { (self.run.0, end.max(self.run.1)) } else { (start, end) };
        // What follows on from a piece is added to it; only the newest piece grows in practice.
        if let Some((at, piece)) =
            self.pieces.iter_mut().find(|(at, p)| *at <= start && start <= *at + p.len() as u64)
        {
            let known = (*at + piece.len() as u64 - start).min(bytes.len() as u64) as usize;
            piece.extend_from_slice(&bytes[known..]);
        } else {
            let at = self.pieces.partition_point(|(at, _)| *at < start);
            self.pieces.insert(at, (start, bytes.to_vec()));
        }
    }

    /// Whether a place continues the newest run; contents that are skipped make small gaps.
    fn goes_on(&self, place: u64) -> bool {
        (self.run.0..=self.run.1.saturating_add(READ_AHEAD)).contains(&place)
    }

    /// From now on the file is read from place to place, so that larger pieces are worth their bytes.
    pub fn read_on(&mut self) {
        if !self.reads_on {
            self.reads_on = true;
            self.run.0 = self.run.1;
        }
    }

    /// Forgets what lies before a place that reading has passed.
    pub fn forget_before(&mut self, place: u64) {
        self.pieces.retain_mut(|(at, piece)| {
            let passed = usize::try_from(place.saturating_sub(*at)).unwrap_or(usize::MAX);
            // Moving the rest to the front costs time, so only when much is gained.
            if passed >= FORGET && passed >= piece.len() / 2 && passed < piece.len() {
                piece.drain(..passed);
                piece.shrink_to(piece.len() * 2);
                *at = place;
            }
            passed < piece.len()
        });
    }

    /// Bytes from `start`, as many as there are up to `count`; fewer only at the end of the file.
    pub fn at_most(&self, start: u64, count: usize) -> Result<&[u8], Stop> {
        let wanted = start.saturating_add(count as u64);
        let end = self.length.map_or(wanted, |length| wanted.min(length));
        if end <= start {
            return Ok(&[]);
        }
        let found = self.pieces.iter().rev().find(|(at, p)| *at <= start && start < *at + p.len() as u64);
        let (have, piece) = match found {
            Some((at, piece)) => ((*at + piece.len() as u64).min(end), Some((*at, piece))),
            None => (start, None),
        };
        if have < end {
            // From where the bytes stop: what is there already is not fetched again.
            let came = if self.reads_on && self.goes_on(have) { self.run.1 - self.run.0 } else { 0 };
            let ahead = have.saturating_add(came.clamp(READ_AHEAD, MOST_AHEAD));
            let limit = self.length.unwrap_or(u64::MAX);
            return Err(Stop::Need(ByteRange { start: have, end: end.max(ahead).min(limit) }));
        }
        let (at, piece) = match piece {
            Some(found) => found,
            None => return Ok(&[]),
        };
        Ok(&piece[(start - at) as usize..(end - at) as usize])
    }

    /// Exactly `count` bytes; a file that ends before them is cut.
    pub fn exactly(&self, start: u64, count: usize) -> Result<&[u8], Stop> {
        let bytes = self.at_most(start, count)?;
        if bytes.len() == count {
            return Ok(bytes);
        }
        Err(ContainerError::Truncated { length: self.length.unwrap_or(start) }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_asks_for_what_is_missing_and_no_more() {
        let mut sparse = Sparse::new(Some(1_000_000));
        assert_eq!(sparse.at_most(10, 4), Err(Stop::Need(ByteRange { start: 10, end: 10 + READ_AHEAD })));
        sparse.feed(10, &[1, 2]);
        assert_eq!(sparse.at_most(10, 4), Err(Stop::Need(ByteRange { start: 12, end: 12 + READ_AHEAD })));
        sparse.feed(11, &[2, 3, 4]);
        assert_eq!(sparse.at_most(10, 4), Ok(&[1, 2, 3, 4][..]));
        assert_eq!(sparse.at_most(999_999, 8), Err(Stop::Need(ByteRange { start: 999_999, end: 1_000_000 })));
        assert_eq!(sparse.at_most(2_000_000, 8), Ok(&[][..]));
    }

    #[test]
    fn reading_on_and_on_takes_few_requests() {
        let mut sparse = Sparse::new(Some(40_000_000));
        sparse.read_on();
        let mut requests = 0;
        for place in (0..40_000_000).step_by(5000) {
            if let Err(Stop::Need(range)) = sparse.at_most(place, 12) {
                requests += 1;
                // As a network delivers it.
                let mut at = range.start;
                while at < range.end {
                    let count = (range.end - at).min(16_384);
                    sparse.feed(at, &vec![0; count as usize]);
                    at += count;
                }
            }
            sparse.forget_before(place);
        }
        assert!(requests < 40, "{requests}");
        let far = Sparse { run: (0, 1_000_000), reads_on: true, ..Sparse::new(None) };
        assert_eq!(
            far.at_most(9_000_000, 12),
            Err(Stop::Need(ByteRange { start: 9_000_000, end: 9_000_000 + READ_AHEAD })),
            "a leap starts small again"
        );
    }

    /// A file without an index is read from end to end; only what is still to be looked at stays in memory.
    #[test]
    fn what_was_passed_is_forgotten() {
        let mut sparse = Sparse::new(None);
        for n in 0..64_u64 {
            sparse.feed(n * 100_000, &[n as u8; 100_000]);
            sparse.forget_before(n * 100_000 + 50_000);
            assert!(sparse.pieces.iter().map(|(_, p)| p.len()).sum::<usize>() < 3 * FORGET);
        }
        assert_eq!(sparse.at_most(6_399_998, 2), Ok(&[63, 63][..]));
        assert_eq!(sparse.at_most(6_350_001, 1), Ok(&[63][..]));
    }

    #[test]
    fn the_end_may_be_found_on_the_way() {
        let mut sparse = Sparse::new(None);
        sparse.feed(0, &[1, 2, 3]);
        assert!(matches!(sparse.at_most(0, 8), Err(Stop::Need(_))));
        sparse.feed(3, &[]);
        assert_eq!(sparse.at_most(0, 8), Ok(&[1, 2, 3][..]));
        assert_eq!(sparse.exactly(0, 8), Err(ContainerError::Truncated { length: 3 }.into()));
    }
}
