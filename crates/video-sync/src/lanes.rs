//! The timeline of a video: which frames are in view, and what lies under the pointer.
//!
//! Places are in frames, counted from 0 and fractional; frame `n` (from 0) covers `n..n+1`. Ranges of results count from 1
//! and include both ends, so range 3 to 40 covers 2..40.
//!
//! Odd cases: an empty video has no room and everything stays at 0; no zoom shows less than [`LEAST_FRAMES`] or more than
//! the whole video.

/// The fewest frames that fill the view.
const LEAST_FRAMES: f64 = 8.0;
/// How near an edge is grabbed, in pixels.
pub const EDGE_PX: f64 = 6.0;
/// How near a keyframe is hit, in pixels.
pub const KEYFRAME_PX: f64 = 6.0;

/// The part of a video that the timeline shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FrameWindow {
    total: f64,
    start: f64,
    span: f64,
}

impl FrameWindow {
    /// All of a video.
    pub fn whole(frames: u64) -> Self {
        let total = frames as f64;
        Self { total, start: 0.0, span: total }
    }

    pub fn total(&self) -> f64 {
        self.total
    }
    pub fn start(&self) -> f64 {
        self.start
    }
    pub fn span(&self) -> f64 {
        self.span
    }
    pub fn is_whole(&self) -> bool {
        self.span >= self.total
    }

    /// The video turned out to have another number of frames.
    pub fn resized(self, frames: u64) -> Self {
        if self.is_whole() || self.total <= 0.0 {
            Self::whole(frames)
        } else {
            Self { total: frames as f64, ..self }.fit()
        }
    }

    fn fit(mut self) -> Self {
        self.span = self.span.clamp(LEAST_FRAMES.min(self.total), self.total.max(0.0));
        self.start = self.start.clamp(0.0, (self.total - self.span).max(0.0));
        self
    }

    /// Pixel of a place in a view of a width.
    pub fn px(&self, place: f64, width: f64) -> f64 {
        if self.span > 0.0 { (place - self.start) / self.span * width } else { 0.0 }
    }

    /// Place of a pixel, also outside the view.
    pub fn place(&self, px: f64, width: f64) -> f64 {
        if width > 0.0 { self.start + px / width * self.span } else { self.start }
    }

    /// The frame under a pixel, counted from 0.
    pub fn frame(&self, px: f64, width: f64) -> u64 {
        self.place(px, width).floor().clamp(0.0, (self.total - 1.0).max(0.0)) as u64
    }

    /// Shows `factor` times as many frames; the place at `px` stays where it is.
    pub fn zoomed(self, factor: f64, px: f64, width: f64) -> Self {
        let anchor = self.place(px, width);
        let span = (self.span * factor).clamp(LEAST_FRAMES.min(self.total), self.total.max(0.0));
        let share = if width > 0.0 { px / width } else { 0.5 };
        Self { start: anchor - span * share, span, ..self }.fit()
    }

    pub fn panned(self, frames: f64) -> Self {
        Self { start: self.start + frames, ..self }.fit()
    }

    /// Turns the page when a place has left the view; a little of what came before stays in it.
    pub fn following(self, place: f64) -> Self {
        if place >= self.start && place < self.start + self.span {
            return self;
        }
        Self { start: place - self.span * 0.05, ..self }.fit()
    }

    /// Places of lines on the ruler, in frames, and every how many there is one: round numbers at least `least_px` apart.
    pub fn ticks(&self, width: f64, least_px: f64) -> (u64, Vec<u64>) {
        if self.span <= 0.0 || width <= 0.0 {
            return (1, Vec::new());
        }
        let least = self.span / width * least_px;
        let step = (0..12)
            .flat_map(|e| [1_u64, 2, 5].map(|m| m * 10_u64.pow(e)))
            .find(|step| *step as f64 >= least)
            .unwrap_or(u64::MAX);
        let first = (self.start.max(0.0) as u64).div_ceil(step) * step;
        let end = (self.start + self.span).min(self.total) as u64;
        (step, (0..).map(|n| first + n * step).take_while(|at| *at <= end).collect())
    }
}

/// A stretch of a lane, in places; `end` is not part of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stretch {
    pub start: f64,
    pub end: f64,
}

impl Stretch {
    /// Of a range of a result.
    pub fn of_range(start: i64, end: i64) -> Self {
        let first = start.min(end).max(1) - 1;
        Self { start: first as f64, end: start.max(end).max(1) as f64 }
    }

    /// As a result has it: first and last frame, from 1.
    pub fn to_range(self) -> (i64, i64) {
        let start = self.start.round().max(0.0) as i64 + 1;
        (start, (self.end.round() as i64).max(start))
    }
}

/// Which end of a stretch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Start,
    End,
}

/// What lies under the pointer in one lane.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LaneHit {
    Edge(usize, Side),
    Keyframe(u64),
    Body(usize),
    Nothing,
}

/// Keyframes lie above edges, edges above bodies; of two edges in reach the nearer one counts.
pub fn hit(window: &FrameWindow, width: f64, x: f64, stretches: &[Stretch], keyframes: &[u64]) -> LaneHit {
    let px = |place: f64| window.px(place, width);
    let near = |place: f64| (px(place) - x).abs();
    let keyframe = keyframes.iter().copied().min_by(|a, b| near(middle(*a)).total_cmp(&near(middle(*b))));
    if let Some(frame) = keyframe.filter(|frame| near(middle(*frame)) <= KEYFRAME_PX) {
        return LaneHit::Keyframe(frame);
    }
    let edges =
        stretches.iter().enumerate().flat_map(|(at, s)| [(at, Side::Start, s.start), (at, Side::End, s.end)]);
    let nearest = edges.min_by(|a, b| near(a.2).total_cmp(&near(b.2)));
    if let Some((at, side, _)) = nearest.filter(|edge| near(edge.2) <= EDGE_PX) {
        return LaneHit::Edge(at, side);
    }
    let inside = stretches.iter().position(|s| px(s.start) <= x && x < px(s.end));
    inside.map_or(LaneHit::Nothing, LaneHit::Body)
}

/// The middle of a frame given by its number from 1, as a place.
pub fn middle(number: u64) -> f64 {
    number.max(1) as f64 - 0.5
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ranges_count_from_one_and_include_both_ends() {
        assert_eq!(Stretch::of_range(3, 40), Stretch { start: 2.0, end: 40.0 });
        assert_eq!(Stretch::of_range(3, 40).to_range(), (3, 40));
        assert_eq!(Stretch::of_range(5, 5).to_range(), (5, 5));
        assert_eq!(Stretch::of_range(9, 2).to_range(), (2, 9));
        assert_eq!(Stretch { start: 4.0, end: 4.0 }.to_range(), (5, 5));
    }

    #[test]
    fn the_pointer_meets_keyframes_then_edges_then_bodies() {
        let window = FrameWindow::whole(100);
        let lane = [Stretch { start: 10.0, end: 50.0 }, Stretch { start: 52.0, end: 60.0 }];
        let at = |x| hit(&window, 1000.0, x, &lane, &[20]);
        assert_eq!(at(195.0), LaneHit::Keyframe(20));
        assert_eq!(at(103.0), LaneHit::Edge(0, Side::Start));
        assert_eq!(at(505.0), LaneHit::Edge(0, Side::End));
        assert_eq!(at(516.0), LaneHit::Edge(1, Side::Start));
        assert_eq!(at(300.0), LaneHit::Body(0));
        assert_eq!(at(800.0), LaneHit::Nothing);
        assert_eq!(hit(&window, 1000.0, 5.0, &[], &[]), LaneHit::Nothing);
    }

    #[test]
    fn the_page_turns_when_the_playhead_leaves_it() {
        let window = FrameWindow::whole(1000).zoomed(0.1, 0.0, 500.0);
        assert_eq!(window.following(50.0), window);
        let next = window.following(100.0);
        assert!(next.start() > 90.0 && next.start() < 100.0);
        assert_eq!(window.following(999.0).start(), 900.0);
    }

    #[test]
    fn rulers_have_round_numbers() {
        let (step, ticks) = FrameWindow::whole(1500).ticks(600.0, 60.0);
        assert_eq!((step, &ticks[..3]), (200, &[0, 200, 400][..]));
        assert_eq!(FrameWindow::whole(0).ticks(600.0, 60.0).1, Vec::<u64>::new());
        assert_eq!(FrameWindow::whole(0).frame(30.0, 600.0), 0);
    }

    proptest! {
        #[test]
        fn zooming_keeps_the_place_under_the_pointer_and_stays_inside(
            frames in 20u64..1_000_000, steps in proptest::collection::vec((0.1f64..8.0, 0.0f64..800.0), 1..20),
        ) {
            let mut window = FrameWindow::whole(frames);
            for (factor, px) in steps {
                let before = window.place(px, 800.0);
                let next = window.zoomed(factor, px, 800.0);
                prop_assert!(next.start() >= 0.0 && next.start() + next.span() <= next.total() + 1e-6);
                let free = next.start() > 0.0 && next.start() + next.span() < next.total();
                if free {
                    prop_assert!((next.place(px, 800.0) - before).abs() < 1e-6 * frames as f64);
                }
                window = next;
            }
        }
    }
}
