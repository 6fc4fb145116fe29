//! Marks of the time axis.

use crate::Window;

/// A mark with its time in seconds and its text; small marks have none.
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    pub at: f64,
    pub text: String,
}

const STEPS: [f64; 21] = [
    0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0,
    300.0, 600.0, 1800.0, 3600.0,
];

/// Marks of round times, at least `apart` pixels from each other, on an axis of `width` pixels.
pub fn ruler(window: &Window, width: f64, apart: f64) -> Vec<Tick> {
    let least = window.span() * apart.max(1.0) / width.max(1.0);
    let step = STEPS.into_iter().find(|s| *s >= least).unwrap_or_else(|| (least / 3600.0).ceil() * 3600.0);
    let digits = if step >= 1.0 { 0 } else { (-step.log10() - 1e-9).ceil() as usize };
    let first = (window.start / step).ceil() as u64;
    let last = (window.end() / step).floor() as u64;
    (first..=last.min(first + 10_000))
        .map(|n| {
            let at = n as f64 * step;
            Tick { at, text: clock(at, digits) }
        })
        .collect()
}

/// A time as `1:02:03.450`: hours only when there are some, `digits` after the point.
pub fn clock(secs: f64, digits: usize) -> String {
    let unit = 10u64.pow(digits.min(9) as u32);
    let units = (secs.max(0.0) * unit as f64).round() as u64;
    let (whole, part) = (units / unit, units % unit);
    let (hours, minutes, secs) = (whole / 3600, whole / 60 % 60, whole % 60);
    let head =
        if hours > 0 { format!("{hours}:{minutes:02}:{secs:02}") } else { format!("{minutes}:{secs:02}") };
    if digits == 0 { head } else { format!("{head}.{part:0digits$}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_like_a_clock() {
        assert_eq!(clock(0.0, 3), "0:00.000");
        assert_eq!(clock(59.9996, 3), "1:00.000");
        assert_eq!(clock(3723.45, 2), "1:02:03.45");
        assert_eq!(clock(f64::NAN, 0), "0:00");
    }

    #[test]
    fn marks_are_round_and_not_crowded() {
        let mut w = Window::all(10.0);
        let ticks = ruler(&w, 1000.0, 80.0);
        assert_eq!(ticks.len(), 11);
        assert_eq!(ticks[3].text, "0:03");
        w.zoom_to(1500.0, 5.0);
        let close = ruler(&w, 1000.0, 80.0);
        assert!(close.len() > 2 && close.len() < 14);
        assert!(close.iter().all(|t| t.text.starts_with("0:04.99") || t.text.starts_with("0:05.00")));
        assert!(ruler(&Window::all(1e9), 500.0, 80.0).len() < 8);
    }
}
