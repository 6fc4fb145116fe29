//! The browser's own decoder, for codecs that the worker does not know (Opus). It holds every sample at once, so it is
//! for short files only.

use crate::fetch::{self, Cancel};
use tagloom_audio::{PeakBuilder, PeakPyramid, frames_per_peak};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AudioBuffer, OfflineAudioContext};

/// More bytes than this could be hours of sound.
pub(super) const MOST_BYTES: u64 = 8_000_000;

/// Peaks of a short file; the reason where there are none.
pub(super) async fn decode(url: &str, cancel: &Cancel) -> Result<PeakPyramid, String> {
    let bytes = fetch::bytes(url, cancel, |_| ()).await.map_err(|e| e.to_string())?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(
            "The codec is known to the browser only, and the file is too long for its decoder.".into()
        );
    }
    let unknown = |_: JsValue| "Neither Tagloom nor this browser can decode it.".to_owned();
    let context = OfflineAudioContext::new_with_number_of_channels_and_length_and_sample_rate(1, 1, 48_000.0)
        .map_err(unknown)?;
    let buffer = js_sys::Uint8Array::from(&bytes[..]).buffer();
    let decoded =
        JsFuture::from(context.decode_audio_data(&buffer).map_err(unknown)?).await.map_err(unknown)?;
    let decoded: AudioBuffer = decoded.dyn_into().map_err(unknown)?;
    let channels = decoded.number_of_channels() as usize;
    let planes: Vec<Vec<f32>> = (0..channels)
        .map(|c| decoded.get_channel_data(c as u32))
        .collect::<Result<_, _>>()
        .map_err(unknown)?;
    let frames = planes.first().map_or(0, Vec::len);
    let factor = frames_per_peak(frames as u64);
    let mut builder = PeakBuilder::new(channels, factor);
    let mut frame = vec![0.0; channels];
    for at in 0..frames {
        for (slot, plane) in frame.iter_mut().zip(&planes) {
            *slot = plane.get(at).copied().unwrap_or(0.0);
        }
        builder.push(&frame);
    }
    builder.finish();
    let mut peaks = PeakPyramid::new(channels, f64::from(factor), f64::from(decoded.sample_rate()));
    peaks.push(&builder.take());
    Ok(peaks)
}
