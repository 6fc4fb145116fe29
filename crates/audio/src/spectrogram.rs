//! How loud each frequency is, column by column.

use std::f32::consts::PI;

/// Samples per column.
pub const FFT: usize = 1024;

/// The loudness shown as nothing, in dB below full scale.
const FLOOR_DB: f32 = 90.0;

/// How rows spread over frequencies, from 0 to half the rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    Linear,
    Mel,
}

fn mel(hz: f32) -> f32 {
    2595.0 * (1.0 + hz / 700.0).log10()
}

fn hz(mel: f32) -> f32 {
    700.0 * (10f32.powf(mel / 2595.0) - 1.0)
}

/// A picture of `columns` by `rows` bytes, row by row from the highest frequency: 0 is silence, 255 full scale. Columns
/// are spread evenly over the samples; beyond their ends is silence.
pub fn spectrogram(samples: &[f32], rate: u32, columns: usize, rows: usize, scale: Scale) -> Vec<u8> {
    let mut out = vec![0; columns * rows];
    if samples.is_empty() || columns == 0 || rows == 0 {
        return out;
    }
    let hann: Vec<f32> = (0..FFT).map(|i| 0.5 - 0.5 * (2.0 * PI * i as f32 / FFT as f32).cos()).collect();
    let nyquist = rate.max(1) as f32 / 2.0;
    let bins = FFT / 2;
    // The bins of each row; at least one, so that low rows of a mel picture are not empty.
    let edge = |row: usize| {
        let share = row as f32 / rows as f32;
        let at = match scale {
            Scale::Linear => share * nyquist,
            Scale::Mel => hz(share * mel(nyquist)),
        };
        (at / nyquist * bins as f32) as usize
    };
    let ranges: Vec<(usize, usize)> =
        (0..rows).map(|r| (edge(r).min(bins - 1), edge(r + 1).clamp(edge(r) + 1, bins))).collect();
    let mut buffer = [0f32; FFT];
    let mut power = [0f32; FFT / 2];
    for column in 0..columns {
        let middle = ((column as f64 + 0.5) / columns as f64 * samples.len() as f64) as isize;
        for (i, slot) in buffer.iter_mut().enumerate() {
            let at = middle - (FFT / 2) as isize + i as isize;
            *slot = usize::try_from(at).ok().and_then(|at| samples.get(at)).copied().unwrap_or(0.0) * hann[i];
        }
        let spectrum = microfft::real::rfft_1024(&mut buffer);
        for (bin, value) in spectrum.iter().enumerate() {
            // The first one carries the Nyquist frequency in its imaginary part.
            let imaginary = if bin == 0 { 0.0 } else { value.im };
            power[bin] = value.re * value.re + imaginary * imaginary;
        }
        for (row, (from, to)) in ranges.iter().enumerate() {
            let loudest = power[*from..(*to).max(from + 1)].iter().copied().fold(0.0, f32::max);
            // A full-scale sine has the amplitude FFT / 4 under this window.
            let db = 10.0 * (loudest / (FFT as f32 / 4.0).powi(2)).max(1e-12).log10();
            let value = ((db + FLOOR_DB) / FLOOR_DB * 255.0).clamp(0.0, 255.0) as u8;
            out[(rows - 1 - row) * columns + column] = value;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sine(hz: f32, rate: u32, len: usize) -> Vec<f32> {
        (0..len).map(|i| (2.0 * PI * hz * i as f32 / rate as f32).sin()).collect()
    }

    fn loudest_row(picture: &[u8], columns: usize, column: usize) -> usize {
        (0..picture.len() / columns).max_by_key(|r| picture[r * columns + column]).unwrap()
    }

    #[test]
    fn a_tone_is_one_line_at_its_frequency() {
        let samples = sine(4000.0, 16_000, 16_000);
        let picture = spectrogram(&samples, 16_000, 10, 64, Scale::Linear);
        // Half of 8 kHz: the middle row.
        assert!((31..=32).contains(&loudest_row(&picture, 10, 5)));
        assert!(picture[31 * 10 + 5].max(picture[32 * 10 + 5]) > 245);
        assert!(picture[5 * 10 + 5] < 60, "{}", picture[55]);
        let mel = spectrogram(&samples, 16_000, 10, 64, Scale::Mel);
        assert!(loudest_row(&mel, 10, 5) < 20, "a mel scale gives low tones more room");
    }

    #[test]
    fn silence_and_nothing_are_dark() {
        assert!(spectrogram(&[0.0; 4096], 8000, 4, 8, Scale::Mel).iter().all(|v| *v == 0));
        assert_eq!(spectrogram(&[], 8000, 2, 2, Scale::Linear), [0; 4]);
        assert!(spectrogram(&[0.1; 10], 0, 3, 3, Scale::Linear).len() == 9);
    }
}
