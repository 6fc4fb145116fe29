//! SMPTE timecode, for display only (FI-7).
//!
//! 30000/1001 and 60000/1001 are shown as drop-frame (`;` before the frames): labels are left out, never frames. Other
//! rates count their rounded frames per second and use `:`. Labels that drop-frame leaves out are read as the next one.

use crate::frame_rate::FrameRate;
use crate::frames::Frame;

/// Labels left out at the start of each minute except every tenth; 0 for rates without drop-frame.
fn dropped(rate: FrameRate) -> u64 {
    match rate.parts() {
        (30000, 1001) => 2,
        (60000, 1001) => 4,
        _ => 0,
    }
}

/// `HH:MM:SS:FF`, or `HH:MM:SS;FF` where labels are dropped.
pub fn format_timecode(frame: Frame, rate: FrameRate) -> String {
    let (nominal, drop) = (rate.nominal(), dropped(rate));
    let mut label = frame.0;
    if drop > 0 {
        let per_minute = nominal * 60 - drop;
        let per_ten = per_minute * 10 + drop;
        let (tens, rest) = (label / per_ten, label % per_ten);
        // The first minute of ten is a full one.
        let minutes = if rest < nominal * 60 { 0 } else { 1 + (rest - nominal * 60) / per_minute };
        label = label.saturating_add(drop * (tens * 9 + minutes));
    }
    let (secs, frames) = (label / nominal, label % nominal);
    let separator = if drop > 0 { ';' } else { ':' };
    let digits = if nominal > 100 { 3 } else { 2 };
    format!("{:02}:{:02}:{:02}{separator}{frames:0digits$}", secs / 3600, secs / 60 % 60, secs % 60)
}

/// Reads a timecode with `:` or `;` before the frames. `None` when a part is out of its range.
pub fn parse_timecode(text: &str, rate: FrameRate) -> Option<Frame> {
    let parts: Vec<u64> = text.trim().split([':', ';']).map(|p| p.parse().ok()).collect::<Option<_>>()?;
    let [hours, minutes, secs, frames] = parts[..] else { return None };
    let (nominal, drop) = (rate.nominal(), dropped(rate));
    if minutes > 59 || secs > 59 || frames >= nominal || hours > 1_000_000 {
        return None;
    }
    let all_minutes = hours * 60 + minutes;
    let missing = drop > 0 && minutes % 10 != 0 && secs == 0 && frames < drop;
    let frames = if missing { drop } else { frames };
    let label = (all_minutes * 60 + secs) * nominal + frames;
    Some(Frame(label - drop * (all_minutes - all_minutes / 10)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rate(text: &str) -> FrameRate {
        FrameRate::from_attribute(text).unwrap()
    }

    #[test]
    fn fi_7_check_values() {
        for (fps, frame, label) in [
            ("29.97", 1799, "00:00:59;29"),
            ("29.97", 1800, "00:01:00;02"),
            ("29.97", 17982, "00:10:00;00"),
            ("29.97", 107_892, "01:00:00;00"),
            ("59.94", 3600, "00:01:00;04"),
            ("59.94", 35964, "00:10:00;00"),
            ("25", 90_000, "01:00:00:00"),
            ("24", 25, "00:00:01:01"),
            ("23.976", 24, "00:00:01:00"),
        ] {
            assert_eq!(format_timecode(Frame(frame), rate(fps)), label, "{fps}");
            assert_eq!(parse_timecode(label, rate(fps)), Some(Frame(frame)), "{fps}");
        }
    }

    #[test]
    fn odd_labels() {
        assert_eq!(
            parse_timecode("00:01:00;00", rate("29.97")),
            Some(Frame(1800)),
            "a label that was left out"
        );
        for text in ["00:60:00:00", "00:00:00:25", "1:2:3", "a:b:c:d", ""] {
            assert_eq!(parse_timecode(text, rate("25")), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_frame_has_its_own_label(frame in 0u64..20_000_000, which in 0usize..6) {
            let rate = rate(["29.97", "59.94", "24", "25", "23.976", "120"][which]);
            prop_assert_eq!(parse_timecode(&format_timecode(Frame(frame), rate), rate), Some(Frame(frame)));
        }
    }
}
