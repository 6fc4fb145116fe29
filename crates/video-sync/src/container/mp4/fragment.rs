//! `moof`: the samples of one fragment, their times running on from the fragment before where none are given.

use super::super::Sample;
use super::super::bytes::Bytes;
use super::movie::Movie;
use super::{child, children};

/// A sample is no keyframe (`sample_is_non_sync_sample`).
const NOT_KEY: u32 = 0x0001_0000;

/// What the fragments so far hold.
#[derive(Debug, Default)]
pub(super) struct Fragments {
    pub samples: Vec<Sample>,
    next_dts: i64,
    /// The most that an offset was below zero.
    lead: i64,
}

/// `tfhd`: what holds for all samples of a fragment.
struct Header {
    track: u32,
    duration: u32,
    flags: u32,
}

fn header(content: &[u8], movie: &Movie) -> Option<Header> {
    let mut b = Bytes(content);
    let given = b.u32()? & 0x00FF_FFFF;
    let track = b.u32()?;
    if given & 0x01 != 0 {
        b.u64()?;
    }
    if given & 0x02 != 0 {
        b.u32()?;
    }
    let duration = if given & 0x08 != 0 { b.u32()? } else { movie.default_duration };
    if given & 0x10 != 0 {
        b.u32()?;
    }
    let flags = if given & 0x20 != 0 { b.u32()? } else { movie.default_flags };
    Some(Header { track, duration, flags })
}

impl Fragments {
    /// Adds a fragment; what cannot be read of it is left out.
    ///
    /// Where offsets are negative, demuxers move the whole track later by the largest of them, so that no picture is due
    /// before it can be decoded; browsers report these times.
    pub fn read(&mut self, moof: &[u8], movie: &Movie) {
        let before = self.samples.len();
        for (_, traf) in children(moof).filter(|(kind, _)| kind == b"traf") {
            let header = child(traf, b"tfhd").and_then(|c| header(c, movie));
            let Some(header) = header.filter(|h| h.track == movie.track) else { continue };
            if let Some(time) = child(traf, b"tfdt").and_then(decode_time) {
                self.next_dts = time;
            }
            for (_, trun) in children(traf).filter(|(kind, _)| kind == b"trun") {
                self.run(trun, &header);
            }
        }
        let lead = self.lead;
        for sample in &mut self.samples[before..] {
            sample.pts = sample.pts.saturating_add(lead);
        }
    }

    fn run(&mut self, trun: &[u8], header: &Header) -> Option<()> {
        let mut b = Bytes(trun);
        let given = b.u32()? & 0x00FF_FFFF;
        let count = b.u32()?;
        if given & 0x01 != 0 {
            b.u32()?;
        }
        let first_flags = if given & 0x04 != 0 { Some(b.u32()?) } else { None };
        let fields = [0x100, 0x200, 0x400, 0x800].iter().filter(|bit| given & **bit != 0).count();
        // Samples without fields of their own cost no bytes; one run too many is where reading stops.
        let most = if fields == 0 { usize::MAX } else { b.0.len() / (4 * fields) };
        let room = (super::MAX_FRAMES + 1).saturating_sub(self.samples.len());
        for index in 0..(count as usize).min(most).min(room) {
            let duration = if given & 0x100 != 0 { b.u32()? } else { header.duration };
            if given & 0x200 != 0 {
                b.u32()?;
            }
            let flags = if given & 0x400 != 0 { b.u32()? } else { header.flags };
            let flags = if index == 0 { first_flags.unwrap_or(flags) } else { flags };
            let offset = if given & 0x800 != 0 { b.i32()? } else { 0 };
            self.lead = self.lead.max(-i64::from(offset));
            self.samples.push(Sample {
                pts: self.next_dts.saturating_add(i64::from(offset)),
                duration: i64::from(duration),
                key: flags & NOT_KEY == 0,
            });
            self.next_dts = self.next_dts.saturating_add(i64::from(duration));
        }
        Some(())
    }
}

fn decode_time(content: &[u8]) -> Option<i64> {
    let mut b = Bytes(content);
    let wide = b.u32()? >> 24 == 1;
    i64::try_from(b.sized(wide)?).ok()
}
