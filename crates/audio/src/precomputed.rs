//! Peaks made beforehand: the JSON of `audiowaveform` (version 1 is mono, version 2 names its channels).

use crate::PeakPyramid;
use serde_json::Value;

/// Why a peaks file was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PrecomputedError {
    #[error("the peaks are no JSON: {0}")]
    NotJson(String),
    #[error("the peaks have no {0}; the JSON output of audiowaveform has it")]
    Missing(&'static str),
    #[error("the peaks have the version {0}; 1 and 2 can be read")]
    Version(i64),
}

/// Reads a peaks file. `length` is not needed: the data say how much there is.
pub fn read_precomputed(json: &[u8]) -> Result<PeakPyramid, PrecomputedError> {
    let value: Value = serde_json::from_slice(json).map_err(|e| PrecomputedError::NotJson(e.to_string()))?;
    let number = |key: &'static str| {
        value.get(key).and_then(Value::as_f64).filter(|v| *v > 0.0).ok_or(PrecomputedError::Missing(key))
    };
    let version = value.get("version").and_then(Value::as_i64).unwrap_or(1);
    if !(1..=2).contains(&version) {
        return Err(PrecomputedError::Version(version));
    }
    let channels = if version == 1 { 1.0 } else { number("channels")? };
    let data = value.get("data").and_then(Value::as_array).ok_or(PrecomputedError::Missing("data"))?;
    let scale = if value.get("bits").and_then(Value::as_i64) == Some(8) { 256.0 } else { 1.0 };
    // The cast cuts to full scale.
    let peaks: Vec<i16> =
        data.iter().map(|v| (v.as_f64().unwrap_or(0.0) * scale).clamp(-32767.0, 32767.0) as i16).collect();
    let mut pyramid =
        PeakPyramid::new(channels.min(64.0) as usize, number("samples_per_pixel")?, number("sample_rate")?);
    pyramid.push(&peaks);
    Ok(pyramid)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Peak;

    #[test]
    fn both_versions_are_read() {
        let two =
            br#"{"version":2,"channels":2,"sample_rate":8000,"samples_per_pixel":80,"bits":8,"length":2,
            "data":[-64,63,-1,1,-128,127,0,0]}"#;
        let p = read_precomputed(two).unwrap();
        assert_eq!((p.channels(), p.len()), (2, 2));
        assert_eq!(p.range(0, 0..1), Some(Peak { min: -16384, max: 16128 }));
        assert_eq!(p.range(1, 1..2), Some(Peak { min: 0, max: 0 }));
        assert!((p.seconds() - 0.02).abs() < 1e-12);
        let one = br#"{"version":1,"sample_rate":8000,"samples_per_pixel":80,"bits":16,"data":[-5,9]}"#;
        assert_eq!(read_precomputed(one).unwrap().range(0, 0..1), Some(Peak { min: -5, max: 9 }));
    }

    #[test]
    fn what_is_wrong_is_named() {
        assert!(matches!(read_precomputed(b"<html>"), Err(PrecomputedError::NotJson(_))));
        assert_eq!(read_precomputed(br#"{"version":3}"#), Err(PrecomputedError::Version(3)));
        assert_eq!(
            read_precomputed(br#"{"version":2,"channels":1,"data":[]}"#),
            Err(PrecomputedError::Missing("samples_per_pixel"))
        );
        assert_eq!(read_precomputed(b"{}"), Err(PrecomputedError::Missing("data")));
    }
}
