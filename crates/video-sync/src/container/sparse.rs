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

/// Pieces in the order of their place, none of them touching.
#[derive(Debug, Default)]
pub(super) struct Sparse {
    pieces: Vec<(u64, Vec<u8>)>,
    length: Option<u64>,
}

impl Sparse {
    pub fn new(length: Option<u64>) -> Self {
        Self { pieces: Vec::new(), length }
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

    /// Forgets what lies before a place that reading has passed.
    pub fn forget_before(&mut self, place: u64) {
        self.pieces.retain(|(at, piece)| at + piece.len() as u64 > place);
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
            let ahead = have.saturating_add(READ_AHEAD);
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
    fn the_end_may_be_found_on_the_way() {
        let mut sparse = Sparse::new(None);
        sparse.feed(0, &[1, 2, 3]);
        assert!(matches!(sparse.at_most(0, 8), Err(Stop::Need(_))));
        sparse.feed(3, &[]);
        assert_eq!(sparse.at_most(0, 8), Ok(&[1, 2, 3][..]));
        assert_eq!(sparse.exactly(0, 8), Err(ContainerError::Truncated { length: 3 }.into()));
    }
}
