//! The visible stretch of a sound. It never leaves the sound and is never empty; zoom 1 shows all.

/// The closest zoom.
pub const MAX_ZOOM: f64 = 1500.0;

/// What is visible, in seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window {
    pub start: f64,
    span: f64,
    duration: f64,
}

impl Window {
    /// All of a sound. A length that is no number, or none, counts as a second.
    pub fn all(duration: f64) -> Self {
        let duration = if duration.is_finite() && duration > 0.0 { duration } else { 1.0 };
        Self { start: 0.0, span: duration, duration }
    }

    pub fn end(&self) -> f64 {
        self.start + self.span
    }
    pub fn span(&self) -> f64 {
        self.span
    }
    pub fn duration(&self) -> f64 {
        self.duration
    }
    pub fn zoom(&self) -> f64 {
        self.duration / self.span
    }
    pub fn contains(&self, at: f64) -> bool {
        self.start <= at && at <= self.end()
    }

    /// The length became known or changed; the zoom stays.
    pub fn set_duration(&mut self, duration: f64) {
        let share = self.start / self.duration;
        let zoom = self.zoom();
        *self = Self::all(duration);
        self.span = self.duration / zoom;
        self.set_start(share * self.duration);
    }

    pub fn set_start(&mut self, start: f64) {
        let start = if start.is_finite() { start } else { 0.0 };
        self.start = start.min(self.duration - self.span).max(0.0);
    }

    /// Zooms to 1..=[`MAX_ZOOM`]; the moment `at` stays where it is on the screen.
    pub fn zoom_to(&mut self, zoom: f64, at: f64) {
        let zoom = if zoom.is_finite() { zoom.clamp(1.0, MAX_ZOOM) } else { 1.0 };
        let share = (at - self.start) / self.span;
        self.span = self.duration / zoom;
        self.set_start(at - share * self.span);
    }

    pub fn zoom_by(&mut self, factor: f64, at: f64) {
        self.zoom_to(self.zoom() * factor, at);
    }

    /// Moves by a share of what is visible.
    pub fn pan(&mut self, share: f64) {
        self.set_start(self.start + share * self.span);
    }

    /// Turns the page when the playhead has left it; says whether it did.
    pub fn page_to(&mut self, at: f64) -> bool {
        let before = self.start;
        if !self.contains(at) {
            self.set_start(at - self.span * 0.05);
        }
        self.start != before
    }

    /// Brings a stretch on the screen; says whether anything moved.
    pub fn show(&mut self, start: f64, end: f64) -> bool {
        let before = self.start;
        if !self.contains(start) || (!self.contains(end) && end - start <= self.span) {
            self.set_start(if end - start > self.span { start } else { (start + end - self.span) / 2.0 });
        }
        self.start != before
    }

    pub fn x_of(&self, at: f64, width: f64) -> f64 {
        (at - self.start) / self.span * width
    }

    /// The moment at a place, kept inside of the sound.
    pub fn at(&self, x: f64, width: f64) -> f64 {
        (self.start + x / width.max(1.0) * self.span).clamp(0.0, self.duration)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_stays_inside_and_the_place_stays(
            duration in 0.01f64..20_000.0, moves in proptest::collection::vec((0.1f64..9.0, 0.0f64..1000.0, -3.0f64..3.0), 0..20),
        ) {
            let mut w = Window::all(duration);
            for (factor, x, pan) in moves {
                let at = w.at(x, 1000.0);
                w.zoom_by(factor, at);
                prop_assert!(w.zoom() >= 1.0 - 1e-9 && w.zoom() <= MAX_ZOOM * (1.0 + 1e-9));
                let free = w.start > 0.0 && w.end() < duration * (1.0 - 1e-12);
                if free {
                    prop_assert!((w.x_of(at, 1000.0) - x).abs() < 1e-3, "{} {}", w.x_of(at, 1000.0), x);
                }
                w.pan(pan);
                prop_assert!(w.start >= 0.0 && w.end() <= duration * (1.0 + 1e-9));
            }
        }
    }

    #[test]
    fn pages_turn_only_when_the_playhead_leaves() {
        let mut w = Window::all(100.0);
        w.zoom_to(10.0, 0.0);
        assert!(!w.page_to(9.9));
        assert!(w.page_to(10.1));
        assert!(w.start < 10.1 && w.start > 9.0);
        assert!(w.page_to(99.99) && (w.end() - 100.0).abs() < 1e-9);
        assert!(w.show(3.0, 5.0) && w.contains(3.0) && w.contains(5.0));
        assert!(!w.show(3.0, 5.0));
    }

    #[test]
    fn nonsense_shows_something() {
        let mut w = Window::all(f64::NAN);
        w.zoom_to(f64::INFINITY, f64::NAN);
        assert!(w.start == 0.0 && w.span() > 0.0);
        let mut w = Window::all(10.0);
        w.zoom_to(4.0, 10.0);
        w.set_duration(20.0);
        assert!((w.zoom() - 4.0).abs() < 1e-9 && w.end() <= 20.0);
    }
}
