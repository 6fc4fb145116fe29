//! Where the sound of an MP4 file begins: encoders put silence before it, and the edit list says how much.

use std::io::{Read, Seek, SeekFrom};

/// Boxes inside of boxes; more than a file has is damage.
const MAX_BOXES: usize = 2000;

struct Found {
    is_sound: bool,
    timescale: Option<u32>,
    media_time: Option<i64>,
}

fn u32_at(b: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(b.get(at..at + 4)?.try_into().ok()?))
}

/// Seconds to skip at the start of the first sound track; `None` when this is no MP4 file or has no edit list.
pub fn edit_start(file: &mut (impl Read + Seek)) -> Option<f64> {
    let mut at = 0u64;
    for _ in 0..MAX_BOXES {
        file.seek(SeekFrom::Start(at)).ok()?;
        let mut head = [0; 16];
        file.read_exact(&mut head[..8]).ok()?;
        let mut size = u64::from(u32_at(&head, 0)?);
        let mut header = 8;
        let kind = [head[4], head[5], head[6], head[7]];
        if at == 0 && &kind != b"ftyp" {
            return None;
        }
        if size == 1 {
            file.read_exact(&mut head[8..]).ok()?;
            size = u64::from_be_bytes(head[8..].try_into().ok()?);
            header = 16;
        }
        if &kind == b"moov" && (header..64 << 20).contains(&size) {
            let mut moov = Vec::new();
            file.take(size - header).read_to_end(&mut moov).ok()?;
            return start_in(&moov);
        }
        if size < header {
            return None;
        }
        at = at.checked_add(size)?;
    }
    None
}

fn boxes(mut data: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    std::iter::from_fn(move || {
        let size = u32_at(data, 0)? as usize;
        let whole = data.get(..size).filter(|_| size >= 8)?;
        data = &data[size..];
        Some((&whole[4..8], &whole[8..]))
    })
}

fn start_in(moov: &[u8]) -> Option<f64> {
    for (_, trak) in boxes(moov).filter(|(kind, _)| *kind == b"trak") {
        let mut found = Found { is_sound: false, timescale: None, media_time: None };
        walk(trak, &mut found);
        if found.is_sound {
            let (scale, time) = (found.timescale.filter(|s| *s > 0)?, found.media_time?);
            return (time >= 0).then(|| time as f64 / f64::from(scale));
        }
    }
    None
}

fn walk(data: &[u8], found: &mut Found) {
    for (kind, body) in boxes(data) {
        match kind {
            b"mdia" | b"edts" => walk(body, found),
            b"hdlr" => found.is_sound = body.get(8..12) == Some(b"soun"),
            b"mdhd" => found.timescale = u32_at(body, if body.first() == Some(&1) { 20 } else { 12 }),
            b"elst" => {
                // Empty edits (time -1) delay the track; the first real one says where it begins.
                let (long, entry) = if body.first() == Some(&1) { (true, 20) } else { (false, 12) };
                let mut at = 8;
                while found.media_time.is_none() {
                    let Some(entry_bytes) = body.get(at..at + entry) else { break };
                    let time = if long {
                        entry_bytes[8..16].try_into().ok().map(i64::from_be_bytes)
                    } else {
                        u32_at(entry_bytes, 4).map(|t| i64::from(t as i32))
                    };
                    found.media_time = time.filter(|t| *t >= 0);
                    at += entry;
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::Cursor;

    fn boxed(kind: &str, body: &[u8]) -> Vec<u8> {
        [&(body.len() as u32 + 8).to_be_bytes()[..], kind.as_bytes(), body].concat()
    }

    #[test]
    fn the_edit_list_of_the_sound_track_counts() {
        let mdhd = boxed("mdhd", &[&[0; 12][..], &44_100u32.to_be_bytes(), &[0; 8]].concat());
        let hdlr = boxed("hdlr", &[&[0; 8][..], b"soun", &[0; 13]].concat());
        let elst = boxed(
            "elst",
            &[&[0, 0, 0, 0, 0, 0, 0, 1][..], &[0, 0, 0, 9], &1024u32.to_be_bytes(), &[0, 1, 0, 0]].concat(),
        );
        let trak = boxed("trak", &[boxed("edts", &elst), boxed("mdia", &[mdhd, hdlr].concat())].concat());
        let file = [boxed("ftyp", b"M4A "), boxed("mdat", &[7; 99]), boxed("moov", &trak)].concat();
        assert_eq!(edit_start(&mut Cursor::new(&file)), Some(1024.0 / 44_100.0));
        assert_eq!(edit_start(&mut Cursor::new(b"RIFFxxxxWAVE")), None);
    }

    proptest! {
        #[test]
        fn damage_is_no_panic(tail in proptest::collection::vec(any::<u8>(), 0..200)) {
            let file = [boxed("ftyp", b"M4A "), boxed("moov", &boxed("trak", &tail))].concat();
            let _ = edit_start(&mut Cursor::new(&file));
            let _ = edit_start(&mut Cursor::new(&tail));
        }
    }
}
