//! Sound as a waveform shows it: decoding piece by piece, peak pyramids, spectrograms and the visible window.
//!
//! Nothing here keeps the samples of a whole file: three hours of stereo are 23 MB of peaks (see [`PeakPyramid`]).
//! Times are seconds of what a player plays: what an encoder put before the first sample (delay, priming) is cut off.
//! Reading files is behind the feature `decode`, so that the editor package does not carry the codecs.

#[cfg(feature = "decode")]
mod decode;
mod lanes;
#[cfg(feature = "decode")]
mod mp4;
mod peaks;
mod precomputed;
mod ruler;
#[cfg(feature = "decode")]
mod spectrogram;
mod window;

#[cfg(feature = "decode")]
pub use decode::{DecodeError, Decoder, Info};
pub use lanes::lanes;
#[cfg(feature = "decode")]
pub use mp4::edit_start;
pub use peaks::{Peak, PeakBuilder, PeakPyramid, frames_per_peak};
pub use precomputed::{PrecomputedError, read_precomputed};
pub use ruler::{Tick, clock, ruler};
#[cfg(feature = "decode")]
pub use spectrogram::{FFT, Scale, spectrogram};
pub use window::{MAX_ZOOM, Window};
