use super::*;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::path::PathBuf;

fn fixtures() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/video"))
}

pub(super) fn file(name: &str) -> Vec<u8> {
    std::fs::read(fixtures().join(name)).expect("a fixture")
}

/// Serves just what is asked for, at most `most` bytes at a time; also how many bytes and requests that took.
pub(super) fn read_in(
    content: &[u8],
    most: usize,
    length_known: bool,
) -> (Result<VideoIndex, ContainerError>, usize, usize) {
    let mut reader = IndexReader::new(length_known.then_some(content.len() as u64));
    let (mut fetched, mut requests) = (0, 0);
    loop {
        match reader.step() {
            Step::Done(index) => {
                assert_eq!(reader.step(), Step::Done(index.clone()), "asked again it says the same");
                return (Ok(*index), fetched, requests);
            }
            Step::Failed(error) => return (Err(error), fetched, requests),
            Step::Need(range) => {
                assert!(range.start < range.end, "an empty range was asked for");
                let start = (range.start as usize).min(content.len());
                let end = (range.end as usize).min(content.len()).min(start.saturating_add(most));
                reader.feed(range.start, &content[start..end]);
                fetched += end - start;
                requests += 1;
                assert!(requests < 100_000, "it never ends");
            }
        }
    }
}

pub(super) fn read(content: &[u8]) -> Result<VideoIndex, ContainerError> {
    read_in(content, usize::MAX, true).0
}

fn truth() -> BTreeMap<String, Vec<f64>> {
    serde_json::from_slice(&file("frames.json")).expect("frame times")
}

/// T1: counts and times equal those of a decoder, whatever pieces the bytes come in.
#[test]
fn t1_every_file_of_the_corpus_has_the_frames_that_a_decoder_finds() {
    let truth = truth();
    assert!(truth.len() > 20, "the corpus is here");
    for (name, times) in truth {
        let content = file(&name);
        let index = read(&content).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(index.frames.count(), times.len() as u64, "{name}");
        for (n, time) in (0u64..).zip(&times) {
            let pts = index.frames.pts(crate::Frame(n));
            // ffprobe prints microseconds.
            assert!(
                (pts - Nanos::from_secs(*time)).abs() <= Nanos(1000),
                "{name}: frame {n} at {pts}, not {time}"
            );
        }
        assert_eq!(index.start, index.frames.pts(crate::Frame(0)), "{name}");
        assert!(!index.keyframes.is_empty() && !index.cut, "{name}");
        for (most, known) in [(1, true), (17, true), (1000, false)] {
            let again = read_in(&content, most, known).0;
            assert_eq!(again.as_ref(), Ok(&index), "{name} in pieces of {most}");
        }
    }
}

#[test]
fn rates_are_fractions_where_they_are_constant() {
    let rate = |name: &str| read(&file(name)).unwrap().frames.rate();
    use crate::{FrameRate, Rate};
    for (name, num, den) in [
        ("23.976.mp4", 24_000, 1001),
        ("24.mp4", 24, 1),
        ("25.mp4", 25, 1),
        ("29.97.mp4", 30_000, 1001),
        ("59.94.mp4", 60_000, 1001),
        ("b-frames.mp4", 30_000, 1001),
        ("vp8-29.97.webm", 30_000, 1001),
        ("vp9.webm", 25, 1),
        ("audio-longer.mp4", 10, 1),
        ("start-0.066.mp4", 25, 1),
    ] {
        assert_eq!(rate(name), Rate::Constant(FrameRate::new(num, den).unwrap()), "{name}");
    }
    for name in ["variable.mp4", "variable.webm"] {
        let Rate::Variable { min, median, max } = rate(name) else { panic!("{name} is variable") };
        assert!(
            (min - 10.0).abs() < 0.5 && (19.0..31.0).contains(&median) && (max - 30.0).abs() < 2.0,
            "{name}"
        );
    }
}

/// LS#6593: frames are those of the video track, however long the sound goes on.
#[test]
fn t10_ls_6593_sound_that_is_longer_adds_no_frames() {
    let index = read(&file("audio-longer.mp4")).unwrap();
    assert_eq!(index.frames.count(), 43);
    assert_eq!(index.frames.end(crate::Frame(42)), Nanos::from_secs(4.3));
}

#[test]
fn ls_4714_a_late_start_does_not_shift_the_numbering() {
    let index = read(&file("start-0.066.mp4")).unwrap();
    assert_eq!(index.frames.frame_at(Nanos::ZERO), Some(crate::Frame(0)));
    assert!((index.start - Nanos::from_millis(66)).abs() < Nanos::from_millis(1));
    let target = index.frames.seek_target(crate::Frame(7));
    assert_eq!(index.frames.frame_at(target), Some(crate::Frame(7)));
}

#[test]
fn bad_files_are_named_for_what_they_are() {
    let error = |name: &str| read(&file(name)).unwrap_err();
    assert_eq!(error("empty.mp4"), ContainerError::Empty);
    assert_eq!(error("not-a-video.mp4"), ContainerError::NotAVideo);
    assert_eq!(error("only-sound.mp4"), ContainerError::OnlySound);
    assert!(matches!(error("cut-in-the-index.mp4"), ContainerError::Truncated { .. }));
    let cut = read(&file("cut-in-the-data.mp4")).unwrap();
    assert!(cut.cut && cut.frames.count() == 120);
    for name in ["empty.mp4", "only-sound.mp4", "cut-in-the-index.mp4"] {
        assert!(!error(name).to_string().is_empty());
    }
}

/// What was recorded until the end came is there, and the end is told.
#[test]
fn files_that_break_off_keep_the_frames_before() {
    for (name, kind) in [("vp9.webm", ContainerKind::Matroska), ("fragmented.mp4", ContainerKind::Mp4)] {
        let content = file(name);
        let whole = read(&content).unwrap();
        let cut = read(&content[..content.len() * 6 / 10]).unwrap();
        let count = cut.frames.count();
        assert!(cut.cut && cut.kind == kind, "{name}");
        assert!(count > 20 && count < whole.frames.count(), "{name}: {count}");
        for n in 0..count {
            assert_eq!(cut.frames.pts(crate::Frame(n)), whole.frames.pts(crate::Frame(n)), "{name}");
        }
    }
}

/// FI-1: the pictures are skipped.
#[test]
fn only_index_bytes_are_fetched() {
    for name in ["25.mp4", "index-at-the-end.mp4"] {
        let mut content = file(name);
        // The same file with a hundred megabytes of pictures: a long free box in front of the data.
        let at = content.windows(4).position(|w| w == b"mdat").unwrap() - 4;
        let hole = 100_000_000_u32;
        let mut padded = content[..at].to_vec();
        padded.extend_from_slice(&hole.to_be_bytes());
        padded.extend_from_slice(b"free");
        padded.resize(at + hole as usize, 0);
        padded.extend(content.drain(at..));
        let (index, fetched, requests) = read_in(&padded, usize::MAX, true);
        assert_eq!(index.unwrap().frames.count(), 120);
        assert!(fetched < 200_000 && requests < 5, "{name}: {fetched} bytes in {requests} requests");
    }
}

#[test]
fn creation_times_are_read() {
    let mut content = file("25.mp4");
    assert_eq!(read(&content).unwrap().created, None);
    let at = content.windows(4).position(|w| w == b"mvhd").unwrap() + 8;
    content[at..at + 4].copy_from_slice(&(2_082_844_800_u32 + 86_400).to_be_bytes());
    assert_eq!(read(&content).unwrap().created, Some(Nanos::from_secs(86_400.0)));
}

pub(super) fn boxed(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let size = content.len() as u32 + 8;
    [&size.to_be_bytes(), &kind[..], content].concat()
}

/// A movie box with the given tables and nothing else, as small as it can be.
pub(super) fn written(
    timescale: u32,
    stts: &[(u32, u32)],
    ctts: &[(u32, i32)],
    elst: &[(u32, i32)],
) -> Vec<u8> {
    fn table<const N: usize>(rows: impl ExactSizeIterator<Item = [u32; N]>) -> Vec<u8> {
        let mut out = vec![0; 4];
        out.extend_from_slice(&(rows.len() as u32).to_be_bytes());
        rows.for_each(|row| row.iter().for_each(|n| out.extend_from_slice(&n.to_be_bytes())));
        out
    }
    let header = |fields: &[u32]| -> Vec<u8> {
        [0].iter().chain(fields).flat_map(|n: &u32| n.to_be_bytes()).collect()
    };
    let handler: Vec<u8> = [[0; 4], [0; 4], *b"vide"].concat();
    let stbl = boxed(
        b"stbl",
        &[
            boxed(b"stts", &table(stts.iter().map(|(a, b)| [*a, *b]))),
            boxed(b"ctts", &table(ctts.iter().map(|(a, b)| [*a, *b as u32]))),
        ]
        .concat(),
    );
    let mdia =
        [boxed(b"mdhd", &header(&[0, 0, timescale, 0])), boxed(b"hdlr", &handler), boxed(b"minf", &stbl)]
            .concat();
    let elst = boxed(b"elst", &table(elst.iter().map(|(d, m)| [*d, *m as u32, 1 << 16])));
    let trak = [boxed(b"tkhd", &header(&[0, 0, 1])), boxed(b"mdia", &mdia), boxed(b"edts", &elst)].concat();
    let moov = [boxed(b"mvhd", &header(&[0, 0, 1000])), boxed(b"trak", &trak)].concat();
    [boxed(b"ftyp", b"isom"), boxed(b"moov", &moov)].concat()
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(content in proptest::collection::vec(any::<u8>(), 0..400), kind in 0usize..3) {
        let mut content = content;
        let head: [&[u8]; 3] = [b"", &[0x1A, 0x45, 0xDF, 0xA3], &[0, 0, 0, 8, b'f', b't', b'y', b'p']];
        content.splice(..0, head[kind].iter().copied());
        let _ = read_in(&content, 50, true);
        let _ = read_in(&content, 50, false);
    }

    #[test]
    fn files_with_a_few_wrong_bytes_are_read_or_refused(
        which in 0usize..5,
        wrong in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..8),
        cut in any::<proptest::sample::Index>(),
    ) {
        let names = ["b-frames.mp4", "fragmented.mp4", "edit-list.mp4", "variable.webm", "vp9.webm"];
        let mut content = file(names[which]);
        for (at, byte) in wrong {
            let at = at.index(content.len());
            content[at] = byte;
        }
        let _ = read(&content);
        let cut = cut.index(content.len());
        let _ = read(&content[..cut]);
    }

    /// What a writer puts into the tables comes out as frames, and every frame is found again from its middle.
    #[test]
    fn tables_come_back_as_frames(
        timescale in 1u32..200_000,
        runs in proptest::collection::vec((1u32..20, 1u32..5000), 1..8),
        late in proptest::option::of(1u32..5000),
        skip in 0u32..3,
    ) {
        let total: u32 = runs.iter().map(|(n, _)| n).sum();
        let first = runs[0].1;
        let offset = first * 2;
        let mut edits: Vec<(u32, i32)> = late.map(|d| (d, -1)).into_iter().collect();
        let skipped = if runs[0].0 > skip { skip } else { 0 };
        edits.push((0, (offset + skipped * first) as i32));
        let content = written(timescale, &runs, &[(total, offset as i32)], &edits);
        let index = read(&content).unwrap();
        prop_assert_eq!(index.frames.count(), u64::from(total - skipped));
        let start = late.map_or(0, |d| (u64::from(d) * u64::from(timescale) + 500) / 1000);
        prop_assert_eq!(index.start, Timescale(timescale).nanos(start as i64));
        for n in 0..index.frames.count() {
            let frame = crate::Frame(n);
            prop_assert_eq!(index.frames.frame_at(index.frames.seek_target(frame)), Some(frame));
        }
    }
}
