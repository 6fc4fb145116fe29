//! Frame times as containers state them (FI-1 to FI-3): MP4, MOV and fragmented MP4, Matroska and WebM.
//!
//! [`IndexReader`] asks for byte ranges and never for pictures: it reads the index, or the heads of blocks where a
//! container has none. Whoever has the bytes (HTTP ranges, slices of a file) feeds it.
//!
//! # What the times are
//! Those that a browser reports as `mediaTime`, which is what Chromium's and ffmpeg's demuxers make of a file: edit lists
//! applied, an empty edit kept as a late start, frames outside the edits left out, composition offsets added. So the first
//! frame is not always at 0: it is at 0.066 after an empty edit or in a WebM that starts late, and at 0.08 where pictures are
//! reordered and no edit list takes the delay back. `tests/e2e/frames.test.mjs` holds Chromium against every file of the
//! corpus; its one gap is seeking, not times: of the last kind of file it does not reach the frames that are shown after
//! the next keyframe is already due for decoding.
//!
//! # The odd cases first
//! - **A cut file** answers with the frames that are there when its index is; one whose index is cut is an error that says
//!   where the bytes end.
//! - **Several video tracks**: the first one. **No video track**, no frames, and what is no container at all are errors.
//! - **WebM keeps no list of frames**, so all of the file is walked; its cues name keyframes only.
//! - **Sizes that lie** never allocate more than was read; counts are limited by the bytes that hold them.

mod bytes;
mod error;
mod matroska;
mod mp4;
mod sparse;

pub use error::ContainerError;
pub use sparse::ByteRange;

use crate::frames::FrameIndex;
use crate::nanos::{Nanos, Timescale};
use sparse::Sparse;

/// Longest recording: 8 million frames are 37 hours at 60 frames per second. Tests reach the limit sooner.
const MAX_FRAMES: usize = if cfg!(test) { 200_000 } else { 8_000_000 };

/// Ticks from zero to the last time that is believed: 36 years of nanoseconds.
const FARTHEST: u64 = 1 << 60;

/// Which family a file belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContainerKind {
    /// MP4, MOV, M4V.
    Mp4,
    /// WebM, MKV.
    Matroska,
}

/// One coded picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Sample {
    pts: i64,
    /// How long it is shown, in ticks; 0 where the container does not say.
    duration: i64,
    key: bool,
}

/// What a container says about its video track.
#[derive(Clone, Debug, PartialEq)]
pub struct VideoIndex {
    pub kind: ContainerKind,
    pub frames: FrameIndex,
    /// Frames that can be decoded by themselves, counted from 0 in the order of showing.
    pub keyframes: Vec<u64>,
    /// When the first frame is shown.
    pub start: Nanos,
    /// When it was recorded, in nanoseconds since 1970, where the file says.
    pub created: Option<Nanos>,
    /// The file ends before its index says it does.
    pub cut: bool,
}

/// What the reader wants or found.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Feed bytes from the start of this range; more or fewer than asked for are fine, none means the end of the file.
    Need(ByteRange),
    Done(Box<VideoIndex>),
    Failed(ContainerError),
}

#[derive(Debug)]
enum Reader {
    Unknown,
    Mp4(mp4::Mp4Reader),
    Matroska(matroska::MatroskaReader),
}

/// Reads one file's index, a range at a time.
#[derive(Debug)]
pub struct IndexReader {
    bytes: Sparse,
    reader: Reader,
    /// How it ended; asked again it says the same.
    ended: Option<Step>,
}

impl IndexReader {
    /// `length` of the file in bytes, where it is known.
    pub fn new(length: Option<u64>) -> Self {
        Self { bytes: Sparse::new(length), reader: Reader::Unknown, ended: None }
    }

    /// Takes bytes that begin at `start`. An empty slice says that the file ends there.
    pub fn feed(&mut self, start: u64, bytes: &[u8]) {
        if self.ended.is_none() {
            self.bytes.feed(start, bytes);
        }
    }

    /// The length has become known.
    pub fn set_length(&mut self, length: u64) {
        self.bytes.set_length(length);
    }

    /// Of the file in bytes, where it is known by now.
    pub fn length(&self) -> Option<u64> {
        self.bytes.length()
    }

    /// Goes on as far as the bytes reach. Once it is done or has failed, the answer stays the same.
    pub fn step(&mut self) -> Step {
        if let Some(ended) = &self.ended {
            return ended.clone();
        }
        let step = match self.advance() {
            Ok(index) => Step::Done(Box::new(index)),
            Err(Stop::Need(range)) => return Step::Need(range),
            Err(Stop::Failed(error)) => Step::Failed(error),
        };
        self.ended = Some(step.clone());
        step
    }

    fn advance(&mut self) -> Result<VideoIndex, Stop> {
        if matches!(self.reader, Reader::Unknown) {
            if self.bytes.length() == Some(0) {
                return Err(ContainerError::Empty.into());
            }
            let head = self.bytes.at_most(0, 12)?;
            self.reader = match head {
                [0x1A, 0x45, 0xDF, 0xA3, ..] => Reader::Matroska(matroska::MatroskaReader::default()),
                [_, _, _, _, kind @ ..] if mp4::begins_a_file(kind) => Reader::Mp4(mp4::Mp4Reader::default()),
                [] => return Err(ContainerError::Empty.into()),
                _ => return Err(ContainerError::NotAVideo.into()),
            };
        }
        match &mut self.reader {
            Reader::Mp4(reader) => reader.advance(&mut self.bytes),
            Reader::Matroska(reader) => reader.advance(&mut self.bytes),
            Reader::Unknown => Err(ContainerError::NotAVideo.into()),
        }
    }
}

/// Why reading does not go on.
#[derive(Clone, Debug, PartialEq)]
enum Stop {
    Need(ByteRange),
    Failed(ContainerError),
}

impl From<ContainerError> for Stop {
    fn from(error: ContainerError) -> Self {
        Self::Failed(error)
    }
}

/// Puts samples in the order of showing.
fn finish(
    kind: ContainerKind,
    timescale: Timescale,
    mut samples: Vec<Sample>,
    created: Option<Nanos>,
    cut: bool,
) -> Result<VideoIndex, Stop> {
    // Times no recording reaches come from damaged tables; differences of what is left do not overflow.
    samples.retain(|s| s.pts.unsigned_abs() <= FARTHEST);
    samples.sort_by_key(|s| s.pts);
    samples.dedup_by_key(|s| s.pts);
    let (Some(first), Some(last)) = (samples.first(), samples.last()) else {
        return Err(ContainerError::NoFrames.into());
    };
    // A frame of unknown length lasts as long as the one before it.
    let before = samples.len().checked_sub(2).map_or(0, |i| last.pts - samples[i].pts);
    let end = last.pts.saturating_add(if last.duration > 0 { last.duration } else { before });
    let start = timescale.nanos(first.pts);
    let keyframes = (0u64..).zip(&samples).filter(|(_, s)| s.key).map(|(at, _)| at).collect();
    let pts = samples.into_iter().map(|s| s.pts).collect();
    let frames = FrameIndex::from_presentation_times(timescale, pts, end);
    Ok(VideoIndex { kind, frames, keyframes, start, created, cut })
}

#[cfg(test)]
mod hostile;
#[cfg(test)]
mod tests;
