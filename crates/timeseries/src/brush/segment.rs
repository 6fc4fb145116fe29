//! Labelling while the media play (sync.md BR-3): a label's key marks what passes while it is held, and a tap of it is a
//! boundary.
//!
//! - **Held**: from where the key went down to where it comes up.
//! - **Tapped**: the first tap begins a region, the next tap of the same label ends it. A tap of another label ends it, too,
//!   and begins the next at the same moment, so that a stream tapped through has neither gap nor overlap.
//!
//! # The odd cases first
//! - Repeats of a held key mean nothing. Of two keys held together the second ends what the first has marked.
//! - A key that comes up without having gone down here means nothing.
//! - Nothing of zero length is made; a cursor that went backwards gives the range between both places.

/// Milliseconds up to which a pressed key is a tap.
pub const TAP_MS: f64 = 250.0;

/// A label's key, where the cursor was, and when.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SegmentEvent {
    /// `label` is the caller's key of the label.
    Down {
        label: u64,
        at: f64,
        time_ms: f64,
    },
    Up {
        label: u64,
        at: f64,
        time_ms: f64,
    },
    /// Escape, or the label set is gone: what is open is forgotten.
    Cancel,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SegmentEffect {
    Create { label: u64, start: f64, end: f64 },
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Pressed {
    label: u64,
    at: f64,
    time_ms: f64,
    /// Going down it ended a region of its own label.
    ended_own: bool,
}

/// What is being marked.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SegmentTool {
    open: Option<(u64, f64)>,
    pressed: Option<Pressed>,
}

impl SegmentTool {
    /// Every (state, event) pair has an answer.
    pub fn step(self, event: SegmentEvent, out: &mut Vec<SegmentEffect>) -> Self {
        let mut create = |label: u64, a: f64, b: f64| {
            let (start, end) = if a <= b { (a, b) } else { (b, a) };
            if start < end {
                out.push(SegmentEffect::Create { label, start, end });
            }
        };
        match event {
            SegmentEvent::Cancel => Self::default(),
            SegmentEvent::Down { label, at, time_ms } => {
                if let Some(p) = self.pressed {
                    if p.label == label {
                        return self;
                    }
                    create(p.label, p.at, at);
                }
                let ended_own = self.open.is_some_and(|(open, _)| open == label);
                if let Some((open, start)) = self.open {
                    create(open, start, at);
                }
                Self { open: None, pressed: Some(Pressed { label, at, time_ms, ended_own }) }
            }
            SegmentEvent::Up { label, at, time_ms } => match self.pressed {
                Some(p) if p.label == label => {
                    if time_ms - p.time_ms > TAP_MS {
                        create(label, p.at, at);
                        return Self::default();
                    }
                    Self { open: (!p.ended_own).then_some((label, p.at)), pressed: None }
                }
                _ => self,
            },
        }
    }

    /// The label that is being marked, and from where.
    pub fn marking(&self) -> Option<(u64, f64)> {
        self.pressed.filter(|p| !p.ended_own).map(|p| (p.label, p.at)).or(self.open)
    }
}

#[cfg(test)]
mod tests {
    use super::super::overlap::{Held, Overlap, place};
    use super::*;
    use proptest::prelude::*;

    fn run(events: &[SegmentEvent]) -> (SegmentTool, Vec<(u64, f64, f64)>) {
        let mut out = Vec::new();
        let tool = events.iter().fold(SegmentTool::default(), |tool, e| tool.step(*e, &mut out));
        (tool, out.iter().map(|SegmentEffect::Create { label, start, end }| (*label, *start, *end)).collect())
    }

    fn down(label: u64, at: f64) -> SegmentEvent {
        SegmentEvent::Down { label, at, time_ms: at * 1000.0 }
    }

    fn up(label: u64, at: f64) -> SegmentEvent {
        SegmentEvent::Up { label, at, time_ms: at * 1000.0 }
    }

    #[test]
    fn ls_7124_a_held_label_takes_what_passes() {
        let (tool, made) = run(&[down(1, 2.0), down(1, 2.5), down(1, 3.0), up(1, 4.0)]);
        assert_eq!(made, [(1, 2.0, 4.0)]);
        assert_eq!(tool, SegmentTool::default());
    }

    #[test]
    fn taps_are_boundaries() {
        let (tool, made) =
            run(&[down(1, 0.0), up(1, 0.1), down(2, 5.0), up(2, 5.1), down(2, 9.0), up(2, 9.1)]);
        assert_eq!(made, [(1, 0.0, 5.0), (2, 5.0, 9.0)]);
        assert_eq!(tool.marking(), None);
    }

    #[test]
    fn a_held_label_ends_what_was_tapped_and_escape_forgets_it() {
        let (_, made) = run(&[down(1, 0.0), up(1, 0.1), down(2, 5.0), up(2, 6.0)]);
        assert_eq!(made, [(1, 0.0, 5.0), (2, 5.0, 6.0)]);
        let (tool, made) = run(&[down(1, 0.0), up(1, 0.1), SegmentEvent::Cancel, up(1, 3.0)]);
        assert_eq!((tool, made), (SegmentTool::default(), vec![]));
    }

    #[test]
    fn a_key_that_rolls_over_to_the_next_leaves_no_gap() {
        let (_, made) = run(&[down(1, 0.0), down(2, 3.0), up(1, 3.1), up(2, 5.0)]);
        assert_eq!(made, [(1, 0.0, 3.0), (2, 3.0, 5.0)]);
    }

    proptest! {
        #[test]
        fn a_stream_labelled_with_taps_has_no_gap_and_no_overlap(steps in prop::collection::vec((0u64..4, 0.3f64..9.0), 2..60)) {
            let (mut at, mut events, mut last) = (0.0, Vec::new(), 9);
            for (label, step) in steps {
                // The same label twice would end the stream there.
                let label = if label == last { label + 10 } else { label };
                last = label;
                events.extend([down(label, at), up(label, at + 0.1)]);
                at += step;
            }
            let (_, made) = run(&events);
            prop_assert!(made.windows(2).all(|w| w[0].2 == w[1].1), "{made:?}");
        }

        #[test]
        fn any_keys_with_a_policy_leave_no_overlap(keys in prop::collection::vec((any::<bool>(), 0u64..3, 0.0f64..2.0), 1..80)) {
            let mut at = 0.0;
            let events: Vec<_> = keys.into_iter().map(|(is_down, label, step)| {
                at += step;
                if is_down { down(label, at) } else { up(label, at) }
            }).collect();
            let mut all: Vec<Held> = Vec::new();
            for (label, start, end) in run(&events).1 {
                let _ = label;
                for (start, end) in place(Overlap::Forbid, start, end, &all).pieces {
                    prop_assert!(all.iter().all(|r| r.end <= start || end <= r.start), "what is made one after another never overlaps");
                    all.push(Held { key: all.len() as u64, start, end, instant: false, locked: false });
                }
            }
        }
    }
}
