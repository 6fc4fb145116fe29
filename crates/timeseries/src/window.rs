//! The visible part of a series.
//!
//! Odd cases: an empty series shows `[0, 1]`; a single sample is shown with room on both sides; a window never leaves the
//! data and never gets narrower than a billionth of it.

use serde::{Deserialize, Serialize};

use crate::axis::TimeAxis;

/// A visible range in positions (see [`TimeAxis`]), always inside the range of the data, `start < end`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ViewWindow {
    pub start: f64,
    pub end: f64,
    full: (f64, f64),
}

impl ViewWindow {
    /// The whole series.
    pub fn full(axis: &TimeAxis) -> Self {
        let (first, last) = (axis.first().unwrap_or(0.0), axis.last().unwrap_or(1.0));
        let full = if last > first {
            (first, last)
        } else {
            let half: f64 = if axis.is_dates() { 0.5e9 } else { 0.5 };
            // Beyond 2^53 half a unit is nothing, so the room grows with the value.
            let half = half.max(first.abs() * 1e-9);
            (first - half, first + half)
        };
        Self { start: full.0, end: full.1, full }
    }

    /// The window a series opens with: the first `overview_width` percent of its samples, at least ten of them.
    pub fn initial(axis: &TimeAxis, overview_width: &str) -> Self {
        let mut window = Self::full(axis);
        let last = axis.len().saturating_sub(1);
        if axis.len() <= 10 {
            return window;
        }
        let end = ((last as f64) * overview_fraction(overview_width)).round() as usize;
        window.set(axis.position(0), axis.position(end.max(9).min(last)));
        window
    }

    /// A window over an explicit full range (a channel's `timeRange`).
    pub fn over(start: f64, end: f64) -> Self {
        let (start, end) = if start <= end { (start, end) } else { (end, start) };
        let end = if end > start { end } else { start + 1.0 };
        Self { start, end, full: (start, end) }
    }

    pub fn span(&self) -> f64 {
        self.end - self.start
    }

    pub fn full_range(&self) -> (f64, f64) {
        self.full
    }

    pub fn is_full(&self) -> bool {
        (self.start, self.end) == self.full
    }

    fn full_span(&self) -> f64 {
        self.full.1 - self.full.0
    }

    fn min_span(&self) -> f64 {
        // Four representable steps at the far end, whatever the magnitude.
        let resolution = self.full.0.abs().max(self.full.1.abs()) * f64::EPSILON * 4.0;
        (self.full_span() * 1e-9).max(resolution).min(self.full_span())
    }

    /// Shows a range: cut to the data when too wide, widened around its middle when too narrow, moved inside when
    /// it sticks out. Not-a-number is ignored.
    pub fn set(&mut self, start: f64, end: f64) {
        if !(start.is_finite() && end.is_finite()) {
            return;
        }
        let (start, end) = if start <= end { (start, end) } else { (end, start) };
        let span = (end - start).clamp(self.min_span(), self.full_span());
        let wanted = if span == end - start { start } else { start + (end - start - span) / 2.0 };
        if span >= self.full_span() {
            (self.start, self.end) = self.full;
        } else if wanted <= self.full.0 {
            (self.start, self.end) = (self.full.0, self.full.0 + span);
        } else if wanted + span >= self.full.1 {
            (self.start, self.end) = (self.full.1 - span, self.full.1);
        } else {
            (self.start, self.end) = if span == end - start { (start, end) } else { (wanted, wanted + span) };
        }
    }

    pub fn fit(&mut self) {
        (self.start, self.end) = self.full;
    }

    /// Zooms by `factor` (above 1 shows less) so that `anchor` stays under the pointer.
    pub fn zoom(&mut self, factor: f64, anchor: f64) {
        if !(factor.is_finite() && factor > 0.0) {
            return;
        }
        let span = (self.span() / factor).clamp(self.min_span(), self.full_span());
        let share = ((anchor - self.start) / self.span()).clamp(0.0, 1.0);
        let start = self.start + share * (self.span() - span);
        self.set(start, start + span);
    }

    /// Moves by a fraction of the visible range (0.1 is one press of an arrow key).
    pub fn pan(&mut self, fraction: f64) {
        self.pan_by(fraction * self.span());
    }

    /// Moves by a distance; stops at the ends of the data without changing the zoom.
    pub fn pan_by(&mut self, delta: f64) {
        if !delta.is_finite() {
            return;
        }
        let span = self.span();
        let start = (self.start + delta).clamp(self.full.0, (self.full.1 - span).max(self.full.0));
        (self.start, self.end) = (start, (start + span).min(self.full.1));
    }

    pub fn page(&mut self, pages: f64) {
        self.pan(pages);
    }

    pub fn home(&mut self) {
        self.pan_by(self.full.0 - self.start);
    }

    pub fn end(&mut self) {
        self.pan_by(self.full.1 - self.end);
    }

    pub fn contains(&self, position: f64) -> bool {
        (self.start..=self.end).contains(&position)
    }

    /// Moves so that `position` is in the middle, as far as the data allow.
    pub fn center_on(&mut self, position: f64) {
        self.pan_by(position - (self.start + self.end) / 2.0);
    }

    /// Moves by whole pages until `position` is visible: it then stands near the left edge.
    pub fn page_to(&mut self, position: f64) {
        if !self.contains(position) {
            self.pan_by(position - self.start - self.span() * 0.05);
        }
    }

    /// Pixels from the left edge of a plot `width_px` wide.
    pub fn x_of(&self, position: f64, width_px: f64) -> f64 {
        (position - self.start) / self.span() * width_px
    }

    /// The inverse of [`ViewWindow::x_of`].
    pub fn position_at(&self, x_px: f64, width_px: f64) -> f64 {
        if width_px > 0.0 { self.start + x_px / width_px * self.span() } else { self.start }
    }
}

/// `overviewWidth` as a fraction: `NN%`, at most all, and a quarter when it cannot be read.
fn overview_fraction(text: &str) -> f64 {
    text.trim()
        .strip_suffix('%')
        .and_then(|n| n.trim().parse::<f64>().ok())
        .filter(|n| n.is_finite() && *n >= 0.0)
        .map_or(0.25, |n| (n / 100.0).min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::axis::TimeUnit;
    use proptest::prelude::*;

    fn axis(n: usize) -> TimeAxis {
        TimeAxis::numbers((0..n).map(|i| i as f64).collect(), TimeUnit::Seconds)
    }

    #[test]
    fn a_series_opens_on_a_quarter_but_at_least_ten_samples() {
        let end = |n, width| ViewWindow::initial(&axis(n), width).end;
        assert_eq!(end(101, "25%"), 25.0);
        assert_eq!(end(101, "10 %"), 10.0);
        assert_eq!(end(101, "300%"), 100.0);
        assert_eq!(end(101, "wide"), 25.0);
        assert_eq!(end(101, "1%"), 9.0);
        assert_eq!(end(20, "25%"), 9.0);
        assert_eq!(end(8, "25%"), 7.0);
    }

    #[test]
    fn odd_series_have_a_window() {
        assert_eq!(ViewWindow::full(&axis(0)).span(), 1.0);
        assert!(ViewWindow::full(&axis(1)).span() > 0.0);
        let far = TimeAxis::numbers(vec![1e18], TimeUnit::Seconds);
        assert!(ViewWindow::full(&far).span() > 0.0);
        let mut over = ViewWindow::over(5.0, 5.0);
        over.set(f64::NAN, 1.0);
        assert_eq!(over.span(), 1.0);
    }

    #[test]
    fn home_end_page_and_pan_stop_at_the_ends() {
        let mut w = ViewWindow::full(&axis(101));
        w.set(40.0, 60.0);
        w.pan(0.1);
        assert_eq!((w.start, w.end), (42.0, 62.0));
        w.page(9.0);
        assert_eq!((w.start, w.end), (80.0, 100.0));
        w.home();
        assert_eq!((w.start, w.end), (0.0, 20.0));
        w.end();
        assert_eq!((w.start, w.end), (80.0, 100.0));
        w.center_on(50.0);
        assert_eq!((w.start, w.end), (40.0, 60.0));
        w.page_to(70.0);
        assert_eq!((w.start, w.end), (69.0, 89.0));
        w.fit();
        assert!(w.is_full());
    }

    proptest! {
        #[test]
        fn zooming_keeps_the_point_under_the_pointer(start in 0.0f64..900.0, span in 1.0f64..100.0, share in 0.0f64..1.0, factor in 0.5f64..20.0) {
            let mut w = ViewWindow::full(&axis(1001));
            w.set(start, start + span);
            let anchor = w.position_at(share * 800.0, 800.0);
            let before = w.x_of(anchor, 800.0);
            w.zoom(factor, anchor);
            prop_assert!(w.start >= 0.0 && w.end <= 1000.0 && w.start < w.end);
            let at_an_end = w.start == 0.0 || w.end == 1000.0;
            prop_assert!(at_an_end || (w.x_of(anchor, 800.0) - before).abs() < 1.0);
        }

        #[test]
        fn no_sequence_leaves_the_data(moves in prop::collection::vec((0u8..6, -3.0f64..3.0), 1..60), n in 0usize..30) {
            let mut w = ViewWindow::initial(&axis(n), "25%");
            let (low, high) = w.full_range();
            for (kind, x) in moves {
                match kind {
                    0 => w.zoom(x.exp(), x * 10.0),
                    1 => w.pan(x),
                    2 => w.set(x, x * 3.0),
                    3 => w.center_on(x * 20.0),
                    4 => w.page_to(x * 20.0),
                    _ => w.zoom(1e12, x),
                }
                prop_assert!(w.start >= low && w.end <= high && w.start < w.end, "{w:?}");
            }
        }
    }
}
