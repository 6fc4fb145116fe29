//! The run-length encoding of brush masks (spec/results.md section 5).
//!
//! The stream holds words, usually bytes of an RGBA raster. Decoding accepts both the editor's and the Python
//! converter's layout; encoding writes the editor's layout. Truncated input gives an error, never a panic, and the
//! announced element count is checked against a limit before anything is allocated.

use thiserror::Error;

/// What is wrong with a mask's bytes.
#[derive(Debug, Error, PartialEq, Eq, Clone)]
pub enum RleError {
    #[error("the mask ends in the middle of its data: {decoded} of {announced} elements were read")]
    Truncated { decoded: usize, announced: usize },
    #[error("the mask announces {announced} elements, more than the {limit} that are allowed")]
    TooLarge { announced: usize, limit: usize },
    #[error("words of {bits} bits are not supported, at most 8 are")]
    WordSize { bits: u32 },
}

/// Widths of the length field, as the reference writes them.
const WIDTHS: [u32; 4] = [3, 4, 8, 16];
const MAX_RECORD: usize = 65_536;

struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn take(&mut self, count: u32) -> Option<u32> {
        let mut value = 0;
        for _ in 0..count {
            let byte = *self.bytes.get(self.at / 8)?;
            value = value << 1 | u32::from(byte >> (7 - self.at % 8) & 1);
            self.at += 1;
        }
        Some(value)
    }
}

/// Decodes to words; `limit` bounds the number of elements (an RGBA raster has four per pixel).
pub fn decode(bytes: &[u8], limit: usize) -> Result<Vec<u8>, RleError> {
    let mut bits = Bits { bytes, at: 0 };
    let truncated = |decoded, announced| RleError::Truncated { decoded, announced };
    let announced = bits.take(32).ok_or(truncated(0, 0))? as usize;
    if announced > limit {
        return Err(RleError::TooLarge { announced, limit });
    }
    let word = bits.take(5).ok_or(truncated(0, announced))? + 1;
    if word > 8 {
        return Err(RleError::WordSize { bits: word });
    }
    let mut widths = [0; 4];
    for width in &mut widths {
        *width = bits.take(4).ok_or(truncated(0, announced))? + 1;
    }
    let mut out = Vec::with_capacity(announced);
    while out.len() < announced {
        let record = (|| {
            let run = bits.take(1)? == 1;
            let width = widths[bits.take(2)? as usize];
            let count = bits.take(width)? as usize + 1;
            Some((run, count.min(announced - out.len())))
        })();
        let Some((run, count)) = record else { return Err(truncated(out.len(), announced)) };
        if run {
            let value = bits.take(word).ok_or(truncated(out.len(), announced))?;
            out.resize(out.len() + count, value as u8);
        } else {
            for _ in 0..count {
                let value = bits.take(word).ok_or(truncated(out.len(), announced))?;
                out.push(value as u8);
            }
        }
    }
    Ok(out)
}

#[derive(Default)]
struct BitWriter {
    bytes: Vec<u8>,
    used: usize,
}

impl BitWriter {
    fn put(&mut self, value: u32, count: u32) {
        for i in (0..count).rev() {
            if self.used.is_multiple_of(8) {
                self.bytes.push(0);
            }
            if let Some(last) = self.bytes.last_mut() {
                *last |= ((value >> i & 1) as u8) << (7 - self.used % 8);
            }
            self.used += 1;
        }
    }

    fn record_head(&mut self, run: bool, count: usize) {
        let n = (count - 1) as u32;
        let index = WIDTHS.iter().position(|w| n < 1 << w).unwrap_or(3);
        self.put(u32::from(run), 1);
        self.put(index as u32, 2);
        self.put(n, WIDTHS[index]);
    }

    fn run(&mut self, value: u8, mut count: usize) {
        while count > 0 {
            let part = count.min(MAX_RECORD);
            self.record_head(true, part);
            self.put(u32::from(value), 8);
            count -= part;
        }
    }

    fn literals(&mut self, values: &mut Vec<u8>) {
        for part in values.chunks(MAX_RECORD) {
            self.record_head(false, part.len());
            for value in part {
                self.put(u32::from(*value), 8);
            }
        }
        values.clear();
    }
}

/// Encodes words in the editor's layout, byte for byte (test vectors in spec/results.md 5.4).
pub fn encode(words: &[u8]) -> Vec<u8> {
    let mut out = BitWriter::default();
    out.put(words.len() as u32, 32);
    out.put(7, 5);
    for width in WIDTHS {
        out.put(width - 1, 4);
    }
    if words.is_empty() {
        out.run(0, 1);
        return out.bytes;
    }
    let mut pending = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let value = words[at];
        let count = words[at..].iter().take_while(|w| **w == value).count();
        if count > 1 {
            out.literals(&mut pending);
            out.run(value, count);
        } else if at + 1 == words.len() && pending.is_empty() {
            // The reference writes a lone last word as a run of one.
            out.run(value, 1);
        } else {
            pending.push(value);
        }
        at += count;
    }
    out.literals(&mut pending);
    out.bytes
}

/// Expands one value per pixel to the four channels that masks are stored with.
pub fn rgba_from_alpha(alpha: &[u8]) -> Vec<u8> {
    alpha.iter().flat_map(|a| [*a; 4]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn vectors() -> Vec<(Vec<u8>, Vec<u8>)> {
        let rgba = |px: &[u8]| rgba_from_alpha(px);
        vec![
            (rgba(&[255]), vec![0, 0, 0, 4, 57, 27, 252, 127, 224]),
            (rgba(&[0]), vec![0, 0, 0, 4, 57, 27, 252, 96, 0]),
            (rgba(&[0, 255]), vec![0, 0, 0, 8, 57, 27, 252, 96, 17, 255, 128]),
            (rgba(&[255, 0, 255]), vec![0, 0, 0, 12, 57, 27, 252, 127, 241, 128, 71, 254]),
            (rgba(&[0, 128, 255, 0]), vec![0, 0, 0, 16, 57, 27, 252, 96, 17, 192, 71, 255, 24, 0]),
            (vec![1, 2, 3, 3, 3, 4], vec![0, 0, 0, 6, 57, 27, 248, 32, 32, 81, 1, 192, 8]),
            (vec![7], vec![0, 0, 0, 1, 57, 27, 252, 0, 224]),
            ((1..=9).collect(), vec![0, 0, 0, 9, 57, 27, 249, 128, 16, 32, 48, 64, 80, 96, 112, 128, 144]),
            (vec![], vec![0, 0, 0, 0, 57, 27, 252, 0, 0]),
            (vec![0; 100], vec![0, 0, 0, 100, 57, 27, 254, 99, 0]),
            (vec![5; 9], vec![0, 0, 0, 9, 57, 27, 253, 128, 80]),
            (vec![5; 17], vec![0, 0, 0, 17, 57, 27, 254, 16, 5]),
            (vec![5; 257], vec![0, 0, 1, 1, 57, 27, 255, 1, 0, 5]),
            (vec![0; 65_536], vec![0, 1, 0, 0, 57, 27, 255, 255, 255, 0]),
            (vec![0; 65_540], vec![0, 1, 0, 4, 57, 27, 255, 255, 255, 0, 140, 0]),
            (vec![0; 70_000], vec![0, 1, 17, 112, 57, 27, 255, 255, 255, 0, 226, 45, 224, 0]),
            (vec![0; 131_076], vec![0, 2, 0, 4, 57, 27, 255, 255, 255, 0, 255, 255, 224, 17, 128, 0]),
        ]
    }

    #[test]
    fn the_published_vectors_encode_and_decode() {
        for (words, bytes) in vectors() {
            assert_eq!(encode(&words), bytes, "encoding {} words", words.len());
            assert_eq!(decode(&bytes, 1 << 20), Ok(words));
        }
    }

    #[test]
    fn single_literals_and_a_trailing_zero_byte_decode() {
        // The Python converter's way: every lone word its own literal record, one zero byte more at the end.
        let mut w = BitWriter::default();
        w.put(3, 32);
        w.put(7, 5);
        for width in WIDTHS {
            w.put(width - 1, 4);
        }
        for v in [9, 8, 7] {
            w.literals(&mut vec![v]);
        }
        w.bytes.push(0);
        assert_eq!(decode(&w.bytes, 100), Ok(vec![9, 8, 7]));
    }

    #[test]
    fn a_huge_count_is_refused_before_memory_is_taken() {
        assert_eq!(
            decode(&[255; 16], 1000),
            Err(RleError::TooLarge { announced: u32::MAX as usize, limit: 1000 })
        );
    }

    proptest! {
        #[test]
        fn round_trip(words in proptest::collection::vec(prop_oneof![Just(0u8), Just(255u8), any::<u8>()], 0..400)) {
            prop_assert_eq!(decode(&encode(&words), 1000), Ok(words));
        }

        #[test]
        fn any_bytes_end_in_a_value_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = decode(&bytes, 1 << 16);
        }
    }
}
