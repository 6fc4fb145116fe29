//! A large movie box without what frame times do not need: tables of sizes and places, and those of other tracks. They
//! are more than half of it, and are never fetched.

use super::super::Stop;
use super::super::sparse::Sparse;
use super::read_header;

/// Deepest nesting on the way to a table: `trak`, `mdia`, `minf`, `stbl`.
const DEPTH: u32 = 4;

fn has_inner_boxes(kind: &[u8; 4]) -> bool {
    matches!(kind, b"trak" | b"mdia" | b"minf" | b"stbl" | b"edts" | b"mvex")
}

fn is_needed(kind: &[u8; 4]) -> bool {
    matches!(kind, b"mvhd" | b"tkhd" | b"mdhd" | b"hdlr" | b"elst" | b"stts" | b"ctts" | b"stss" | b"trex")
}

/// The needed boxes of `start..end`, as a box content of its own. A box that goes over the end of its parent ends there,
/// as it does where the movie box is read whole.
pub(super) fn condensed(bytes: &Sparse, start: u64, end: u64) -> Result<Vec<u8>, Stop> {
    let mut out = Vec::new();
    walk(bytes, start, end, DEPTH, &mut out)?;
    Ok(out)
}

fn walk(bytes: &Sparse, start: u64, end: u64, depth: u32, out: &mut Vec<u8>) -> Result<(), Stop> {
    let mut at = start;
    let mut other_track = false;
    while at < end {
        let room = usize::try_from(end - at).unwrap_or(usize::MAX).min(16);
        let Some((kind, header, size)) = read_header(bytes.at_most(at, room)?) else { break };
        let size = if size == 0 { end - at } else { size };
        if size < header {
            break;
        }
        let (place, next) = (at + header, at.saturating_add(size).min(end));
        if has_inner_boxes(&kind) {
            if depth > 0 && !(other_track && &kind == b"minf") {
                let head = begin(&kind, out);
                walk(bytes, place, next, depth - 1, out)?;
                close(head, out);
            }
        } else if is_needed(&kind) {
            let content = bytes.exactly(place, next.saturating_sub(place) as usize)?;
            // What kind of track this is comes before its tables.
            other_track |= &kind == b"hdlr" && content.get(8..12) != Some(b"vide");
            let head = begin(&kind, out);
            out.extend_from_slice(content);
            close(head, out);
        } else if &kind == b"stsz" {
            let content = bytes.at_most(place, 12.min(next.saturating_sub(place) as usize))?;
            sizes(content, next.saturating_sub(place), out);
        }
        at = next.max(at + header);
    }
    Ok(())
}

/// The number of sizes without the sizes: as if all were the same, and no more than there are bytes for.
fn sizes(content: &[u8], length: u64, out: &mut Vec<u8>) {
    let (Some(same), Some(count)) = (content.get(4..8), content.get(8..12)) else { return };
    let mut count = count.iter().fold(0_u64, |n, b| n << 8 | u64::from(*b));
    if same == [0; 4] {
        count = count.min(length.saturating_sub(12) / 4);
    }
    let head = begin(b"stsz", out);
    out.extend_from_slice(&[0, 0, 0, 0, 0, 0, 0, 1]);
    out.extend_from_slice(&u32::try_from(count).unwrap_or(u32::MAX).to_be_bytes());
    close(head, out);
}

fn begin(kind: &[u8; 4], out: &mut Vec<u8>) -> usize {
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(kind);
    out.len() - 8
}

fn close(head: usize, out: &mut [u8]) {
    let size = u32::try_from(out.len() - head).unwrap_or(u32::MAX);
    if let Some(place) = out.get_mut(head..head + 4) {
        place.copy_from_slice(&size.to_be_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::{boxed, file, read_in, written};
    use super::super::super::{IndexReader, Step};
    use super::*;

    fn moov(content: &[u8]) -> (u64, u64) {
        let at = content.windows(4).position(|w| w == b"moov").unwrap() - 4;
        let size = u32::from_be_bytes(content[at..at + 4].try_into().unwrap());
        (at as u64 + 8, at as u64 + u64::from(size))
    }

    #[test]
    fn the_movie_is_the_same_without_what_is_left_out() {
        for name in ["b-frames.mp4", "edit-list.mp4", "audio-longer.mp4", "fragmented.mp4", "quicktime.mov"] {
            let content = file(name);
            let (start, end) = moov(&content);
            let mut bytes = Sparse::new(Some(content.len() as u64));
            bytes.feed(0, &content);
            let short = condensed(&bytes, start, end).unwrap();
            assert!(short.len() < (end - start) as usize, "{name}");
            let whole = super::super::movie::read(&content[start as usize..end as usize], start);
            let again = super::super::movie::read(&short, start);
            assert_eq!(format!("{whole:?}"), format!("{again:?}"), "{name}");
        }
    }

    /// FI-1: of a one-hour film with reordered pictures and sound, less than 2 MB are fetched.
    #[test]
    fn an_hour_of_video_costs_less_than_two_megabytes() {
        // 90,000 frames: each has an offset of its own and a size; the sound has 155,000 sizes.
        let offsets: Vec<(u32, i32)> = (0..90_000).map(|n| (1, 1024 + 512 * (n % 3))).collect();
        let mut content = written(12_800, &[(90_000, 512)], &offsets, &[(0, 1024)]);
        let sizes = |count: u32| {
            let head: Vec<u8> = [0, 0, count].iter().flat_map(|n: &u32| n.to_be_bytes()).collect();
            boxed(b"stsz", &[head, vec![1; 4 * count as usize]].concat())
        };
        let sound = boxed(
            b"mdia",
            &[
                boxed(b"hdlr", &[[0; 4], [0; 4], *b"soun"].concat()),
                boxed(b"minf", &boxed(b"stbl", &sizes(155_000))),
            ]
            .concat(),
        );
        let (start, end) = moov(&content);
        content.truncate(end as usize);
        content.extend(boxed(b"free", &vec![0; 760_000]));
        content.extend(boxed(b"trak", &sound));
        let size = (content.len() as u64 - start + 8) as u32;
        content[start as usize - 8..start as usize - 4].copy_from_slice(&size.to_be_bytes());
        content.extend(boxed(b"mdat", &[0; 1000]));
        let (index, fetched, requests) = read_in(&content, usize::MAX, true);
        assert_eq!(index.unwrap().frames.count(), 90_000);
        assert!(content.len() > 2_000_000 && fetched < 1_100_000, "{fetched} of {}", content.len());
        assert!(requests <= 6, "{requests}");
    }

    #[test]
    fn boxes_in_boxes_without_end_are_left() {
        let mut nested = boxed(b"trak", &[]);
        for _ in 0..50_000 {
            nested = boxed(b"trak", &nested);
            if nested.len() > 300_000 {
                break;
            }
        }
        let content = [boxed(b"ftyp", b"isom"), boxed(b"moov", &nested)].concat();
        let mut reader = IndexReader::new(Some(content.len() as u64));
        reader.feed(0, &content);
        assert!(matches!(reader.step(), Step::Failed(_)));
    }
}
