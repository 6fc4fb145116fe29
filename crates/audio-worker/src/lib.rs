//! The wasm inside of the Web Worker that decodes sound for the Audio tag; `worker.js` drives it.
//!
//! A worker of its own keeps the codecs out of the editor package and the decoding out of the page's frames. Bytes are
//! read through a function of the driver (range requests, or memory), so a file is never held as a whole here.

use js_sys::{Date, Function, Uint8Array};
use send_wrapper::SendWrapper;
use std::io::{Error, ErrorKind, Read, Seek, SeekFrom};
use symphonia_core::io::MediaSource;
use tagloom_audio::{DecodeError, Decoder, PeakBuilder, Scale, frames_per_peak, spectrogram};
use wasm_bindgen::prelude::*;

/// A file behind `read(start, length) -> Uint8Array`.
struct Source {
    read: SendWrapper<Function>,
    at: u64,
    length: u64,
}

impl Read for Source {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let wanted = (into.len() as u64).min(self.length.saturating_sub(self.at));
        if wanted == 0 {
            return Ok(0);
        }
        let answer = self
            .read
            .call2(&JsValue::NULL, &JsValue::from_f64(self.at as f64), &JsValue::from_f64(wanted as f64))
            .map_err(|e| {
                let text = e.dyn_ref::<js_sys::Error>().map(|e| String::from(e.message()));
                Error::other(text.unwrap_or_else(|| "the file could not be read".to_owned()))
            })?;
        let bytes: Uint8Array = answer.dyn_into().map_err(|_| Error::from(ErrorKind::InvalidData))?;
        let got = (bytes.length() as usize).min(into.len());
        bytes.subarray(0, got as u32).copy_to(&mut into[..got]);
        self.at += got as u64;
        Ok(got)
    }
}

impl Seek for Source {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.length.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or_else(|| Error::from(ErrorKind::InvalidInput))?;
        Ok(self.at)
    }
}

impl MediaSource for Source {
    fn is_seekable(&self) -> bool {
        true
    }
    fn byte_len(&self) -> Option<u64> {
        Some(self.length)
    }
}

/// The reason as an `Error` whose name tells a file that another decoder might read (`Format`) from a broken one.
fn reason(e: &DecodeError) -> JsValue {
    let name = match e {
        DecodeError::NotAudio | DecodeError::Codec => "Format",
        DecodeError::NoTrack => "NoTrack",
        DecodeError::Empty => "Empty",
        DecodeError::Read(_) => "Read",
    };
    let error = js_sys::Error::new(&e.to_string());
    error.set_name(name);
    error.into()
}

/// A file that is being decoded.
#[wasm_bindgen]
pub struct Sound {
    decoder: Decoder,
    builder: PeakBuilder,
    factor: u32,
    ended: bool,
}

impl std::fmt::Debug for Sound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sound").field("decoder", &self.decoder).finish_non_exhaustive()
    }
}

#[wasm_bindgen]
impl Sound {
    /// Opens a file of `length` bytes.
    #[wasm_bindgen(constructor)]
    pub fn new(read: Function, length: f64) -> Result<Sound, JsValue> {
        let source = Source { read: SendWrapper::new(read), at: 0, length: length as u64 };
        let decoder = Decoder::open(source).map_err(|e| reason(&e))?;
        let info = decoder.info();
        // A file that does not say how long it is: 2 kB a second is the least that sound takes.
        let frames = info.frames.unwrap_or((length / 2000.0) as u64 * u64::from(info.rate));
        let factor = frames_per_peak(frames);
        Ok(Self { builder: PeakBuilder::new(info.channels, factor), decoder, factor, ended: false })
    }

    #[wasm_bindgen(getter)]
    pub fn rate(&self) -> u32 {
        self.decoder.info().rate
    }
    #[wasm_bindgen(getter)]
    pub fn channels(&self) -> usize {
        self.decoder.info().channels
    }
    /// Seconds that the file says it has; 0 when it does not.
    #[wasm_bindgen(getter)]
    pub fn seconds(&self) -> f64 {
        self.decoder.info().frames.map_or(0.0, |f| f as f64 / f64::from(self.rate().max(1)))
    }
    /// Frames per peak.
    #[wasm_bindgen(getter)]
    pub fn factor(&self) -> u32 {
        self.factor
    }
    #[wasm_bindgen(getter)]
    pub fn ended(&self) -> bool {
        self.ended
    }
    #[wasm_bindgen(getter)]
    pub fn truncated(&self) -> bool {
        self.ended && self.decoder.is_truncated()
    }

    /// Decodes for about so many milliseconds; the peaks made meanwhile.
    pub fn advance(&mut self, milliseconds: f64) -> Result<Vec<i16>, JsValue> {
        let until = Date::now() + milliseconds;
        while !self.ended && Date::now() < until {
            match self.decoder.next_samples().map_err(|e| reason(&e))? {
                Some(samples) => self.builder.push(samples),
                None => {
                    self.ended = true;
                    self.builder.finish();
                }
            }
        }
        Ok(self.builder.take())
    }

    /// The spectrogram from `start` to `end` seconds; the file is decoded elsewhere afterwards, so this wants a `Sound`
    /// of its own.
    pub fn picture(
        &mut self,
        start: f64,
        end: f64,
        columns: usize,
        rows: usize,
        mel: bool,
    ) -> Result<Vec<u8>, JsValue> {
        let samples = self.decoder.span(start, end).map_err(|e| reason(&e))?;
        let scale = if mel { Scale::Mel } else { Scale::Linear };
        Ok(spectrogram(&samples, self.rate(), columns.min(4096), rows.min(1024), scale))
    }
}
