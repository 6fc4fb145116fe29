//! Every fixture: the clicks lie where they were put, whatever the codec puts before the sound (LS#699, LS#3924).

use proptest::prelude::*;
use std::io::{Cursor, Read, Seek, SeekFrom};
use std::path::PathBuf;
use symphonia::core::io::MediaSource;
use tagloom_audio::{DecodeError, Decoder, PeakBuilder, Scale, spectrogram};

fn fixture(name: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/audio").join(name);
    std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn open(name: &str) -> Result<Decoder, DecodeError> {
    Decoder::open(Cursor::new(fixture(name)))
}

fn all(decoder: &mut Decoder) -> Vec<f32> {
    let mut out = Vec::new();
    while let Some(samples) = decoder.next_samples().expect("the fixture decodes") {
        out.extend_from_slice(samples);
    }
    out
}

/// When the right channel, silent otherwise, is loud for the first time after `from` seconds.
fn click(samples: &[f32], channels: usize, rate: u32, from: f64) -> f64 {
    let right: Vec<f32> = samples.iter().skip(channels - 1).step_by(channels).copied().collect();
    let start = (from * f64::from(rate)) as usize;
    let at = right.iter().skip(start).position(|s| s.abs() > 0.4).expect("a click") + start;
    at as f64 / f64::from(rate)
}

const CLICKS: [&str; 5] = ["clicks-11k.wav", "clicks.mp3", "clicks.flac", "clicks.ogg", "clicks.m4a"];

#[test]
fn clicks_are_within_five_milliseconds_up_to_the_end() {
    for name in CLICKS {
        let mut decoder = open(name).unwrap_or_else(|e| panic!("{name}: {e}"));
        let info = decoder.info();
        let samples = all(&mut decoder);
        assert_eq!(info.channels, 2, "{name}");
        for expected in [0.5, 1.9] {
            let at = click(&samples, 2, info.rate, expected - 0.2);
            assert!((at - expected).abs() < 0.005, "{name}: {at} for {expected}");
        }
        let secs = samples.len() as f64 / 2.0 / f64::from(info.rate);
        assert!((secs - 2.0).abs() < 0.06, "{name}: {secs} s");
        assert!(!decoder.is_truncated(), "{name}");
        if let Some(frames) = info.frames {
            assert!((frames as f64 / f64::from(info.rate) - 2.0).abs() < 0.06, "{name}: {frames}");
        }
    }
}

#[test]
fn a_span_is_the_same_sound_as_all() {
    for name in CLICKS {
        let mut decoder = open(name).unwrap();
        let rate = decoder.info().rate;
        let span = decoder.span(1.7, 1.95).unwrap();
        let at = span.iter().position(|s| s.abs() > 0.4).unwrap_or_else(|| panic!("{name}")) as f64;
        assert!((1.7 + at / f64::from(rate) - 1.9).abs() < 0.005, "{name}: {at}");
        assert_eq!(span.len(), (0.25 * f64::from(rate)).round() as usize);
        let picture = spectrogram(&span, rate, 20, 8, Scale::Mel);
        assert!(picture.iter().any(|v| *v > 100));
        assert!(decoder.span(5.0, 5.1).unwrap().iter().all(|s| *s == 0.0), "{name}: nothing after the end");
    }
}

#[test]
fn what_cannot_be_read_is_named() {
    assert_eq!(open("not-audio.mp3").unwrap_err(), DecodeError::NotAudio);
    assert_eq!(Decoder::open(Cursor::new(Vec::new())).unwrap_err(), DecodeError::Empty);
    assert_eq!(open("clicks.webm").unwrap_err(), DecodeError::NotAudio, "WebM is left to the browser");
    let video = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/media/frames.mp4");
    assert_eq!(Decoder::open(std::fs::File::open(video).unwrap()).unwrap_err(), DecodeError::NoTrack);
}

#[test]
fn half_a_file_gives_what_it_has_and_says_so() {
    for (name, secs) in [("truncated.wav", 1.24), ("truncated.mp3", 0.9)] {
        let mut decoder = open(name).unwrap();
        let info = decoder.info();
        let have = all(&mut decoder).len() as f64 / info.channels as f64 / f64::from(info.rate);
        assert!((have - secs).abs() < 0.35, "{name}: {have}");
        assert!(decoder.is_truncated(), "{name}");
    }
}

/// Answers reads with a few bytes at a time.
struct Crumbs(Cursor<Vec<u8>>, usize);

impl Read for Crumbs {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let few = into.len().min(self.1);
        self.0.read(&mut into[..few])
    }
}
impl Seek for Crumbs {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.0.seek(to)
    }
}
impl MediaSource for Crumbs {
    fn is_seekable(&self) -> bool {
        true
    }
    fn byte_len(&self) -> Option<u64> {
        Some(self.0.get_ref().len() as u64)
    }
}

fn peaks(decoder: &mut Decoder) -> Vec<i16> {
    let mut builder = PeakBuilder::new(decoder.info().channels, 16);
    while let Some(samples) = decoder.next_samples().expect("the fixture decodes") {
        builder.push(samples);
    }
    builder.finish();
    builder.take()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn how_a_file_comes_makes_no_difference(size in 1usize..5000, at in 0usize..5) {
        let name = CLICKS[at];
        let whole = peaks(&mut open(name).unwrap());
        let crumbs = peaks(&mut Decoder::open(Crumbs(Cursor::new(fixture(name)), size)).unwrap());
        prop_assert_eq!(whole, crumbs);
    }

    #[test]
    fn damage_is_no_panic(at in 0usize..5, from in 0usize..9000, junk in proptest::collection::vec(any::<u8>(), 1..200)) {
        let mut file = fixture(CLICKS[at]);
        for (i, byte) in junk.iter().enumerate() {
            if let Some(slot) = file.get_mut(from + i) { *slot = *byte; }
        }
        if let Ok(mut decoder) = Decoder::open(Cursor::new(file)) {
            let mut rounds = 0;
            while let Ok(Some(_)) = decoder.next_samples() { rounds += 1; if rounds > 10_000 { break; } }
        }
    }
}
