//! Matroska and WebM (RFC 9559): frame times stand in the heads of blocks, so these are read one after the other and their
//! contents are skipped.

use super::bytes::Bytes;
use super::sparse::Sparse;
use super::{ContainerError, ContainerKind, MAX_FRAMES, Sample, Stop, VideoIndex, finish};
use crate::nanos::{Nanos, Timescale};

const EBML: u32 = 0x1A45_DFA3;
const SEGMENT: u32 = 0x1853_8067;
const INFO: u32 = 0x1549_A966;
const TRACKS: u32 = 0x1654_AE6B;
const CLUSTER: u32 = 0x1F43_B675;
const TIMESTAMP_SCALE: u32 = 0x2A_D7B1;
const DATE_UTC: u32 = 0x4461;
const TRACK_ENTRY: u32 = 0xAE;
const TRACK_NUMBER: u32 = 0xD7;
const TRACK_TYPE: u32 = 0x83;
const DEFAULT_DURATION: u32 = 0x23_E383;
const TIMESTAMP: u32 = 0xE7;
const SIMPLE_BLOCK: u32 = 0xA3;
const BLOCK_GROUP: u32 = 0xA0;
const BLOCK: u32 = 0xA1;
const BLOCK_DURATION: u32 = 0x9B;
const REFERENCE: u32 = 0xFB;

/// Nanoseconds between 1970 and 2001, where Matroska counts from.
const SINCE_2001: i64 = 978_307_200_000_000_000;
const VIDEO: u64 = 1;
const SOUND: u64 = 2;
/// Longest head of an element: an id of four bytes and a size of eight.
const HEAD: usize = 12;
/// Track number, time and flags of a block.
const BLOCK_HEAD: usize = 12;
/// Header elements larger than this are damaged.
const MAX_HEADER: u64 = 16 * 1024 * 1024;

#[derive(Debug, Clone, Copy)]
struct Track {
    number: u64,
    default_duration: u64,
}

#[derive(Debug, Default)]
pub(super) struct MatroskaReader {
    at: u64,
    scale: u64,
    created: Option<Nanos>,
    track: Option<Track>,
    sound: bool,
    seen_tracks: bool,
    /// Of the cluster that is being read.
    cluster_time: i64,
    samples: Vec<Sample>,
    cut: bool,
}

/// Id and size of an element and the length of its head; no size where it is unknown.
fn head(bytes: &[u8]) -> Option<(u32, Option<u64>, u64)> {
    let first = *bytes.first()?;
    let id_length = first.leading_zeros() as usize + 1;
    if id_length > 4 {
        return None;
    }
    let id = bytes.get(..id_length)?.iter().fold(0_u32, |id, b| id << 8 | u32::from(*b));
    let (size, length) = number(bytes.get(id_length..)?)?;
    let unknown = size == (1 << (7 * length)) - 1;
    Some((id, (!unknown).then_some(size), (id_length + length) as u64))
}

/// A number of variable length, its marker taken off, and how many bytes it has.
fn number(bytes: &[u8]) -> Option<(u64, usize)> {
    let first = *bytes.first()?;
    let length = first.leading_zeros() as usize + 1;
    if length > 8 {
        return None;
    }
    let value = bytes.get(..length)?.iter().fold(0_u64, |value, b| value << 8 | u64::from(*b));
    Some((value & ((1 << (7 * length)) - 1), length))
}

fn unsigned(bytes: &[u8]) -> u64 {
    bytes.iter().take(8).fold(0, |value, b| value << 8 | u64::from(*b))
}

/// The elements inside an element that was read whole.
fn children(content: &[u8]) -> impl Iterator<Item = (u32, &[u8])> {
    let mut rest = content;
    std::iter::from_fn(move || {
        let (id, size, header) = head(rest)?;
        let start = header as usize;
        let end = size.map_or(rest.len(), |s| start.saturating_add(s as usize)).min(rest.len());
        let inner = rest.get(start..end)?;
        rest = &rest[end..];
        Some((id, inner))
    })
}

impl MatroskaReader {
    pub fn advance(&mut self, bytes: &mut Sparse) -> Result<VideoIndex, Stop> {
        bytes.read_on();
        loop {
            let start = bytes.at_most(self.at, HEAD)?;
            if start.is_empty() {
                break;
            }
            let Some((id, size, header)) = head(start) else {
                if self.samples.is_empty() {
                    return Err(
                        ContainerError::Damaged { at: self.at, what: "no element begins here" }.into()
                    );
                }
                // Clusters that were read are worth more than a damaged end.
                self.cut = true;
                break;
            };
            let place = self.at + header;
            // Clusters and the segment are walked into, and only they may be of unknown size.
            if matches!(id, SEGMENT | CLUSTER) {
                self.at = place;
                continue;
            }
            let Some(size) = size else {
                return Err(
                    ContainerError::Damaged { at: self.at, what: "an element of unknown size" }.into()
                );
            };
            let end = place.saturating_add(size);
            if let Some(length) = bytes.length()
                && end > length
                && !self.samples.is_empty()
            {
                self.cut = true;
                break;
            }
            match id {
                EBML => {}
                INFO => self.info(whole(bytes, place, size)?),
                TRACKS => {
                    self.tracks(whole(bytes, place, size)?);
                    self.seen_tracks = true;
                    if self.track.is_none() {
                        let kind =
                            if self.sound { ContainerError::OnlySound } else { ContainerError::NoVideo };
                        return Err(kind.into());
                    }
                }
                TIMESTAMP => {
                    self.cluster_time =
                        i64::try_from(unsigned(whole(bytes, place, size.min(8))?)).unwrap_or(0);
                }
                SIMPLE_BLOCK => {
                    let inside = bytes.at_most(place, (size as usize).min(BLOCK_HEAD))?;
                    if let Some((pts, flags)) = self.block(inside) {
                        // Invisible frames are decoded and never shown.
                        if flags & 0x08 == 0 {
                            self.samples.push(Sample { pts, duration: 0, key: flags & 0x80 != 0 });
                        }
                    }
                }
                BLOCK_GROUP => self.group(bytes, place, end)?,
                _ => {}
            }
            if self.samples.len() > MAX_FRAMES {
                return Err(ContainerError::TooLong(MAX_FRAMES).into());
            }
            self.at = end;
            bytes.forget_before(end);
        }
        self.finish()
    }

    fn info(&mut self, content: &[u8]) {
        for (id, inner) in children(content) {
            match id {
                TIMESTAMP_SCALE => self.scale = unsigned(inner),
                DATE_UTC => {
                    let since = Bytes(inner).u64().map(|v| v as i64);
                    self.created = since.and_then(|ns| ns.checked_add(SINCE_2001)).map(Nanos);
                }
                _ => {}
            }
        }
    }

    fn tracks(&mut self, content: &[u8]) {
        for (_, entry) in children(content).filter(|(id, _)| *id == TRACK_ENTRY) {
            let value = |wanted| children(entry).find(|(id, _)| *id == wanted).map(|(_, v)| unsigned(v));
            match value(TRACK_TYPE) {
                Some(VIDEO) if self.track.is_none() => {
                    self.track = Some(Track {
                        number: value(TRACK_NUMBER).unwrap_or(1),
                        default_duration: value(DEFAULT_DURATION).unwrap_or(0),
                    });
                }
                Some(SOUND) => self.sound = true,
                _ => {}
            }
        }
    }

    /// Time and flags of a block of the video track.
    fn block(&self, inside: &[u8]) -> Option<(i64, u8)> {
        let (number, length) = number(inside)?;
        if Some(number) != self.track.map(|t| t.number) {
            return None;
        }
        let mut b = Bytes(inside.get(length..)?);
        let relative = b.i16()?;
        Some((self.cluster_time.saturating_add(i64::from(relative)), b.u8()?))
    }

    /// A block with its duration beside it; the block's content is skipped.
    fn group(&mut self, bytes: &Sparse, start: u64, end: u64) -> Result<(), Stop> {
        let (mut at, mut found, mut duration, mut refers) = (start, None, 0, false);
        while at < end {
            let Some((id, Some(size), header)) = head(bytes.at_most(at, HEAD)?) else { break };
            let place = at + header;
            match id {
                BLOCK => {
                    let inside = bytes.at_most(place, (size as usize).min(BLOCK_HEAD))?;
                    found = self.block(inside);
                }
                BLOCK_DURATION => duration = unsigned(bytes.at_most(place, (size as usize).min(8))?),
                REFERENCE => refers = true,
                _ => {}
            }
            at = place.saturating_add(size);
        }
        if let Some((pts, flags)) = found
            && flags & 0x08 == 0
        {
            let duration = i64::try_from(duration).unwrap_or(0);
            self.samples.push(Sample { pts, duration, key: !refers });
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<VideoIndex, Stop> {
        let Some(track) = self.track else {
            let error = if self.seen_tracks { ContainerError::NoVideo } else { ContainerError::NoIndex };
            return Err(error.into());
        };
        let scale = if self.scale == 0 { 1_000_000 } else { self.scale };
        let mut samples = std::mem::take(&mut self.samples);
        // A scale that does not divide a second is counted in nanoseconds.
        let (timescale, factor) = match u32::try_from(1_000_000_000 / scale) {
            Ok(ticks) if ticks > 0 && 1_000_000_000 % scale == 0 => (ticks, 1),
            _ => (1_000_000_000, i64::try_from(scale).unwrap_or(i64::MAX)),
        };
        let usual =
            (u128::from(track.default_duration) * u128::from(timescale) + 500_000_000) / 1_000_000_000;
        let usual = i64::try_from(usual).unwrap_or(0);
        for sample in &mut samples {
            sample.pts = sample.pts.saturating_mul(factor);
            sample.duration = match sample.duration {
                0 => usual,
                given => given.saturating_mul(factor),
            };
        }
        finish(ContainerKind::Matroska, Timescale(timescale), samples, self.created, self.cut)
    }
}

fn whole(bytes: &Sparse, place: u64, size: u64) -> Result<&[u8], Stop> {
    if size > MAX_HEADER {
        return Err(ContainerError::Damaged { at: place, what: "a header of impossible size" }.into());
    }
    bytes.exactly(place, size as usize)
}
