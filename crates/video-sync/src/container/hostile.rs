//! Files that lie about themselves: small ones that claim to be huge, and numbers at the edge of what fits.

use super::tests::{boxed, file, read, written};
use super::*;

fn place_of(content: &[u8], kind: &[u8; 4]) -> usize {
    content.windows(4).position(|w| w == kind).expect("the box is there") + 4
}

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|w| w.to_be_bytes()).collect()
}

/// Durations for four billion samples take eight bytes; sizes are there for 120.
#[test]
fn samples_without_data_do_not_count() {
    let mut content = file("25.mp4");
    let count = place_of(&content, b"stts") + 8;
    content[count..count + 4].copy_from_slice(&u32::MAX.to_be_bytes());
    assert_eq!(read(&content).unwrap().frames.count(), 120);
}

#[test]
fn more_frames_than_fit_are_refused() {
    let too_long = Err(ContainerError::TooLong(MAX_FRAMES));
    assert_eq!(read(&written(1000, &[(u32::MAX, 1)], &[], &[])), too_long);
    // Four billion samples that share one offset.
    assert!(read(&written(1000, &[(10, 1)], &[(3, 7), (u32::MAX, 7), (u32::MAX, 7)], &[])).is_ok());
    // The whole track shown over and over.
    let edits: Vec<(u32, i32)> = vec![(1000, 0); 100_000];
    assert_eq!(read(&written(1000, &[(1000, 1)], &[], &edits)), too_long);
}

#[test]
fn fragments_that_claim_billions_of_samples_are_refused() {
    let content = file("fragmented.mp4");
    let until = place_of(&content, b"moof") - 8;
    let header = boxed(b"tfhd", &words(&[0x08, 1, 512]));
    let run = boxed(b"trun", &words(&[0, u32::MAX]));
    let moof = boxed(b"moof", &boxed(b"traf", &[header, run.repeat(1000)].concat()));
    let lying = [&content[..until], &moof].concat();
    assert_eq!(read(&lying), Err(ContainerError::TooLong(MAX_FRAMES)));
    // The same with a count that is true.
    let run = boxed(b"trun", &words(&[0, 3]));
    let header = boxed(b"tfhd", &words(&[0x08, 1, 512]));
    let moof = boxed(b"moof", &boxed(b"traf", &[header, run].concat()));
    assert_eq!(read(&[&content[..until], &moof].concat()).unwrap().frames.count(), 3);
}

/// 64-bit decode times at either end, steps of four billion ticks.
#[test]
fn times_at_the_edge_of_what_fits_do_not_overflow() {
    let content = file("fragmented.mp4");
    let until = place_of(&content, b"moof") - 8;
    for time in [0, 1 << 59, 1 << 60, i64::MAX as u64, u64::MAX] {
        let header = boxed(b"tfhd", &words(&[0x08, 1, u32::MAX]));
        let decode = boxed(b"tfdt", &words(&[1 << 24, (time >> 32) as u32, time as u32]));
        let run = boxed(b"trun", &words(&[0x800, 3, i32::MIN as u32, 0, i32::MAX as u32]));
        let moof = boxed(b"moof", &boxed(b"traf", &[header, decode, run].concat()));
        if let Ok(index) = read(&[&content[..until], &moof].concat()) {
            let frames = index.frames;
            let _ = (frames.rate(), frames.average_fps(), frames.seek_target(crate::Frame(2)));
        }
    }
    let _ = read(&written(u32::MAX, &[(2, u32::MAX)], &[(2, i32::MIN)], &[(u32::MAX, -1), (0, i32::MAX)]));
}

/// A server without ranges is asked again after the answer is known.
#[test]
fn an_answer_stays_the_same() {
    for name in ["25.mp4", "fragmented.mp4", "vp9.webm", "only-sound.mp4"] {
        let content = file(name);
        let mut reader = IndexReader::new(Some(content.len() as u64));
        reader.feed(0, &content);
        let first = reader.step();
        assert!(!matches!(first, Step::Need(_)), "{name}");
        reader.feed(0, &[0; 64]);
        assert_eq!(reader.step(), first, "{name}");
    }
}
