//! `moov`: the video track, its timescale, sample tables and edits.

use super::super::bytes::Bytes;
use super::super::{ContainerError, MAX_FRAMES, Sample, Stop};
use super::edits::Edit;
use super::{child, children};
use crate::nanos::Nanos;

/// Seconds between 1904, where MP4 counts from, and 1970.
const SINCE_1904: i64 = 2_082_844_800;

/// The video track of a file.
#[derive(Debug)]
pub(super) struct Movie {
    pub track: u32,
    pub timescale: u32,
    pub movie_timescale: u32,
    /// In decoding order; of a fragmented file those before the first fragment, usually none.
    pub samples: Vec<Sample>,
    pub edits: Vec<Edit>,
    pub fragmented: bool,
    /// What fragments leave out.
    pub default_duration: u32,
    pub default_flags: u32,
    pub created: Option<Nanos>,
}

/// A table box without its version and flags; how wide its numbers are in version 1.
fn full(content: &[u8]) -> Option<(u8, Bytes<'_>)> {
    let mut bytes = Bytes(content);
    let version = bytes.u8()?;
    bytes.take(3)?;
    Some((version, bytes))
}

pub(super) fn read(moov: &[u8], at: u64) -> Result<Movie, Stop> {
    let damaged = |what| Stop::from(ContainerError::Damaged { at, what });
    let (movie_timescale, created) =
        child(moov, b"mvhd").and_then(movie_header).ok_or_else(|| damaged("no movie header"))?;
    let tracks: Vec<&[u8]> = children(moov).filter(|(kind, _)| kind == b"trak").map(|(_, t)| t).collect();
    let is = |track: &&&[u8], wanted: &[u8; 4]| {
        let handler = child(track, b"mdia").and_then(|m| child(m, b"hdlr"));
        handler.and_then(|h| h.get(8..12)) == Some(&wanted[..])
    };
    let Some(track) = tracks.iter().find(|t| is(t, b"vide")) else {
        let sound = tracks.iter().any(|t| is(&t, b"soun"));
        return Err(if sound { ContainerError::OnlySound } else { ContainerError::NoVideo }.into());
    };
    let id = child(track, b"tkhd").and_then(track_id).ok_or_else(|| damaged("a track without a number"))?;
    let media = child(track, b"mdia").unwrap_or_default();
    let timescale = child(media, b"mdhd").and_then(media_timescale).filter(|t| *t > 0);
    let timescale = timescale.ok_or_else(|| damaged("a track without a time scale"))?;
    let tables = child(media, b"minf").and_then(|m| child(m, b"stbl")).unwrap_or_default();
    let extends = child(moov, b"mvex");
    let defaults = extends.and_then(|mvex| {
        children(mvex).filter(|(kind, _)| kind == b"trex").find_map(|(_, trex)| defaults_of(trex, id))
    });
    let (default_duration, default_flags) = defaults.unwrap_or_default();
    let samples = samples(tables).ok_or_else(|| damaged("sample tables that end early"))?;
    if samples.len() > MAX_FRAMES {
        return Err(ContainerError::TooLong(MAX_FRAMES).into());
    }
    let edits = child(track, b"edts").and_then(|e| child(e, b"elst")).and_then(edit_list).unwrap_or_default();
    Ok(Movie {
        track: id,
        timescale,
        movie_timescale,
        samples,
        edits,
        fragmented: extends.is_some(),
        default_duration,
        default_flags,
        created,
    })
}

fn movie_header(content: &[u8]) -> Option<(u32, Option<Nanos>)> {
    let (version, mut b) = full(content)?;
    let created = b.sized(version == 1)?;
    b.sized(version == 1)?;
    let timescale = b.u32()?.max(1);
    // 0 means that nobody set it.
    let since_1970 =
        i64::try_from(created).ok().filter(|secs| *secs > SINCE_1904).map(|secs| secs - SINCE_1904);
    Some((timescale, since_1970.and_then(|secs| secs.checked_mul(1_000_000_000)).map(Nanos)))
}

fn track_id(content: &[u8]) -> Option<u32> {
    let (version, mut b) = full(content)?;
    b.sized(version == 1)?;
    b.sized(version == 1)?;
    b.u32()
}

fn media_timescale(content: &[u8]) -> Option<u32> {
    let (version, mut b) = full(content)?;
    b.sized(version == 1)?;
    b.sized(version == 1)?;
    b.u32()
}

fn defaults_of(content: &[u8], track: u32) -> Option<(u32, u32)> {
    let (_, mut b) = full(content)?;
    if b.u32()? != track {
        return None;
    }
    b.u32()?;
    let duration = b.u32()?;
    b.u32()?;
    Some((duration, b.u32()?))
}

fn edit_list(content: &[u8]) -> Option<Vec<Edit>> {
    let (version, mut b) = full(content)?;
    let count = b.u32()?;
    let mut edits = Vec::new();
    for _ in 0..count {
        let Some(duration) = b.sized(version == 1) else { break };
        let media = if version == 1 { b.u64().map(|v| v as i64) } else { b.i32().map(i64::from) };
        let (Some(media), Some(_rate)) = (media, b.u32()) else { break };
        edits.push(Edit { duration, media_time: media });
    }
    Some(edits)
}

/// How many samples have a size (`stsz`): all have the same, or as many as there are bytes for.
fn stored_samples(content: &[u8]) -> Option<usize> {
    let (_, mut b) = full(content)?;
    let same = b.u32()? > 0;
    let count = b.u32()? as usize;
    Some(if same { count } else { count.min(b.0.len() / 4) })
}

/// Counts in tables are believed as far as there are bytes for them.
fn samples(tables: &[u8]) -> Option<Vec<Sample>> {
    let mut samples: Vec<Sample> = Vec::new();
    let Some(stts) = child(tables, b"stts") else { return Some(samples) };
    let (_, mut b) = full(stts)?;
    let stored = child(tables, b"stsz").and_then(stored_samples).unwrap_or(MAX_FRAMES + 1);
    let mut dts = 0_i64;
    for _ in 0..b.u32()? {
        let (Some(count), Some(duration)) = (b.u32(), b.u32()) else { break };
        // One entry may claim four billion samples in eight bytes; those without data are not there.
        let room = stored.min(MAX_FRAMES + 1).saturating_sub(samples.len());
        for _ in 0..(count as usize).min(room) {
            samples.push(Sample { pts: dts, duration: i64::from(duration), key: true });
            dts = dts.saturating_add(i64::from(duration));
        }
    }
    if let Some((_, mut b)) = child(tables, b"ctts").and_then(full) {
        let mut at = 0_usize;
        for _ in 0..b.u32()? {
            // Signed in both versions, as demuxers read them.
            let (Some(count), Some(offset)) = (b.u32(), b.i32()) else { break };
            let until = samples.len().min(at.saturating_add(count as usize));
            for sample in &mut samples[at..until] {
                sample.pts = sample.pts.saturating_add(i64::from(offset));
            }
            at = until;
        }
    }
    if let Some((_, mut b)) = child(tables, b"stss").and_then(full) {
        samples.iter_mut().for_each(|s| s.key = false);
        for _ in 0..b.u32()? {
            let Some(number) = b.u32() else { break };
            if let Some(sample) = (number as usize).checked_sub(1).and_then(|i| samples.get_mut(i)) {
                sample.key = true;
            }
        }
    }
    Some(samples)
}
