//! Files to samples, a packet at a time.
//!
//! - What an encoder put before the sound (MP3 delay, Ogg pre-skip, AAC priming by the edit list) is cut off, so frame 0
//!   is what a player plays first.
//! - A damaged packet is silence of its own length: what follows stays in its place.
//! - A file that ends early gives what it has; [`Decoder::is_truncated`] says so afterwards.

use crate::mp4::edit_start;
use std::io::SeekFrom;
use symphonia::core::codecs::CodecParameters;
use symphonia::core::codecs::audio::{AudioDecoder, AudioDecoderOptions};
use symphonia::core::errors::Error;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, FormatReader, SeekMode, SeekTo, TrackType};
use symphonia::core::io::{MediaSource, MediaSourceStream};
use symphonia::core::meta::MetadataOptions;
use symphonia::core::packet::Packet;
use symphonia::core::units::{TimeBase, Timestamp};

/// Why nothing could be decoded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    #[error("this is not a sound file that can be read (WAV, AIFF, MP3, FLAC, Ogg Vorbis and M4A can)")]
    NotAudio,
    #[error("the file has no sound track")]
    NoTrack,
    #[error("the codec of this file is not known here; MP3, AAC-LC, FLAC, Vorbis, ALAC and PCM are")]
    Codec,
    #[error("the file ends before its first sample; it was not saved or uploaded completely")]
    Empty,
    #[error("reading failed: {0}")]
    Read(String),
}

/// What is known before the whole file was decoded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Info {
    pub rate: u32,
    pub channels: usize,
    /// Frames that the file says it has, without what is cut off.
    pub frames: Option<u64>,
}

/// More damaged packets in a row than this is no sound any more.
const MAX_DAMAGED: u32 = 2000;

/// Seconds decoded before a span, for codecs that need a run-up.
const RUN_UP: f64 = 0.15;

/// Decodes one file from front to back, or a span of it.
pub struct Decoder {
    format: Box<dyn FormatReader>,
    decoder: Box<dyn AudioDecoder>,
    track: u32,
    base: Option<TimeBase>,
    info: Info,
    /// Seconds cut off at the start that the format reader does not know about.
    edit: f64,
    /// Frames still to be dropped.
    drop: u64,
    /// Interleaved samples of the packet decoded last, and when it begins by its own stamp.
    samples: Vec<f32>,
    stamp: f64,
    pending: bool,
    frames_out: u64,
    damaged: u32,
    ended_early: bool,
}

impl std::fmt::Debug for Decoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Decoder")
            .field("info", &self.info)
            .field("frames", &self.frames_out)
            .finish_non_exhaustive()
    }
}

enum Step {
    Samples,
    End,
}

impl Decoder {
    /// Reads the head of a file and its first packet.
    pub fn open(mut source: impl MediaSource + 'static) -> Result<Self, DecodeError> {
        let length = source.byte_len();
        let edit = if source.is_seekable() {
            let edit = edit_start(&mut source);
            source.seek(SeekFrom::Start(0)).map_err(|e| DecodeError::Read(e.to_string()))?;
            edit.unwrap_or(0.0)
        } else {
            0.0
        };
        let stream = MediaSourceStream::new(Box::new(source), Default::default());
        let format = symphonia::default::get_probe()
            .probe(&Hint::new(), stream, FormatOptions::default(), MetadataOptions::default())
            .map_err(|e| match e {
                Error::IoError(e) if e.kind() != std::io::ErrorKind::UnexpectedEof => {
                    DecodeError::Read(e.to_string())
                }
                _ if length == Some(0) => DecodeError::Empty,
                _ => DecodeError::NotAudio,
            })?;
        let track = format.default_track(TrackType::Audio).ok_or(DecodeError::NoTrack)?;
        let Some(CodecParameters::Audio(params)) = &track.codec_params else {
            return Err(DecodeError::Codec);
        };
        let decoder = symphonia::default::get_codecs()
            .make_audio_decoder(params, &AudioDecoderOptions::default())
            .map_err(|_| DecodeError::Codec)?;
        let (id, base) = (track.id, track.time_base);
        let secs = track.duration.filter(|_| base.is_some()).map(|d| d.get() as f64 * seconds(base));
        let counted = track.num_frames;
        let mut new = Self {
            format,
            decoder,
            track: id,
            base,
            info: Info { rate: 0, channels: 0, frames: None },
            edit,
            drop: 0,
            samples: Vec::new(),
            stamp: 0.0,
            pending: false,
            frames_out: 0,
            damaged: 0,
            ended_early: false,
        };
        match new.step()? {
            Step::Samples => {}
            Step::End => return Err(DecodeError::Empty),
        }
        new.pending = true;
        let rate = f64::from(new.info.rate);
        new.drop = (edit * rate).round() as u64;
        new.info.frames =
            secs.map(|s| (s * rate).round() as u64).or(counted).map(|f| f.saturating_sub(new.drop));
        Ok(new)
    }

    pub fn info(&self) -> Info {
        self.info
    }

    /// Frames given out so far.
    pub fn frames(&self) -> u64 {
        self.frames_out
    }

    /// Whether the file ended before what it promised; of use after the end.
    pub fn is_truncated(&self) -> bool {
        // Containers round: a twentieth of a second is no loss.
        let tolerance = u64::from(self.info.rate) / 20 + 2304;
        self.ended_early || self.info.frames.is_some_and(|f| self.frames_out + tolerance < f)
    }

    /// The next samples, interleaved, of full scale ±1; `None` at the end.
    pub fn next_samples(&mut self) -> Result<Option<&[f32]>, DecodeError> {
        loop {
            if !std::mem::take(&mut self.pending) {
                match self.step()? {
                    Step::Samples => {}
                    Step::End => return Ok(None),
                }
            }
            let channels = self.info.channels.max(1);
            let have = (self.samples.len() / channels) as u64;
            let dropped = self.drop.min(have);
            self.drop -= dropped;
            if have > dropped {
                self.frames_out += have - dropped;
                return Ok(Some(&self.samples[dropped as usize * channels..]));
            }
        }
    }

    /// One channel mixed of all, from `start` to `end` seconds; silence where the file has nothing. Afterwards the
    /// decoder stands somewhere else.
    pub fn span(&mut self, start: f64, end: f64) -> Result<Vec<f32>, DecodeError> {
        let rate = f64::from(self.info.rate);
        let len = ((end - start).max(0.0) * rate).round() as usize;
        let mut out = vec![0.0; len];
        let target = (start - RUN_UP).max(0.0) + self.edit;
        let base = self.base.map_or(1.0 / rate, |b| seconds(Some(b)));
        let ts = Timestamp::from((target / base).floor() as i64);
        let to = SeekTo::Timestamp { ts, track_id: self.track };
        if self.format.seek(SeekMode::Accurate, to).is_err() {
            return Ok(out);
        }
        self.decoder.reset();
        self.pending = false;
        while let Step::Samples = self.step()? {
            let at = self.stamp - self.edit;
            if at >= end {
                break;
            }
            let first = ((at - start) * rate).round() as i64;
            let channels = self.info.channels.max(1);
            for (i, frame) in self.samples.chunks_exact(channels).enumerate() {
                if let Some(slot) = usize::try_from(first + i as i64).ok().and_then(|i| out.get_mut(i)) {
                    *slot = frame.iter().sum::<f32>() / channels as f32;
                }
            }
        }
        Ok(out)
    }

    /// Decodes one packet into `samples`.
    fn step(&mut self) -> Result<Step, DecodeError> {
        loop {
            let packet = match self.format.next_packet() {
                Ok(Some(packet)) => packet,
                // Another track list follows (chained Ogg): the first stream is what counts.
                Ok(None) | Err(Error::ResetRequired) => return Ok(Step::End),
                Err(Error::IoError(e)) if e.kind() != std::io::ErrorKind::UnexpectedEof => {
                    return Err(DecodeError::Read(e.to_string()));
                }
                Err(Error::IoError(_)) | Err(_) => {
                    self.ended_early = self.info.frames.is_none_or(|f| self.frames_out < f);
                    return Ok(Step::End);
                }
            };
            if packet.track_id != self.track {
                continue;
            }
            let base = self.base.map(|b| seconds(Some(b)));
            if let Some(base) = base {
                self.stamp = packet.pts.get() as f64 * base;
            }
            if self.decode(&packet, base) {
                return Ok(Step::Samples);
            }
            if self.damaged > MAX_DAMAGED {
                self.ended_early = true;
                return Ok(Step::End);
            }
        }
    }

    /// Says whether there are samples now.
    fn decode(&mut self, packet: &Packet, base: Option<f64>) -> bool {
        match self.decoder.decode(packet) {
            Ok(buffer) => {
                if self.info.channels == 0 {
                    let spec = buffer.spec();
                    self.info.rate = spec.rate().max(1);
                    self.info.channels = spec.channels().count().max(1);
                }
                // A later packet with other channels cannot be laid on the same waveform.
                if buffer.spec().channels().count() == self.info.channels {
                    buffer.copy_to_vec_interleaved(&mut self.samples);
                    self.damaged = 0;
                    return !self.samples.is_empty();
                }
            }
            Err(_) if self.info.channels == 0 => {
                self.damaged += 1;
                return false;
            }
            Err(_) => {}
        }
        self.damaged += 1;
        let frames = base.map_or(0.0, |b| packet.dur.get() as f64 * b * f64::from(self.info.rate));
        self.samples.clear();
        self.samples.resize(frames.round().clamp(0.0, 1e6) as usize * self.info.channels, 0.0);
        !self.samples.is_empty()
    }
}

/// Seconds of one tick.
fn seconds(base: Option<TimeBase>) -> f64 {
    base.map_or(0.0, |b| f64::from(b.numer.get()) / f64::from(b.denom.get()))
}
