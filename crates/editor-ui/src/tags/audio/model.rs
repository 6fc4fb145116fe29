//! The state of a waveform, free of the DOM: window, segments and the gesture in hand.
//!
//! A press that moves less than 5 px is a click. A drag draws, unless it takes an edge or the body of the selected
//! segment; that way segments can be drawn over each other. A segment drawn without a label is *loose*: it is no region
//! and is not saved until a label is given (spec/results.md 3.11).

use tagloom_annotation_store::{AudioSpan, Document, Geometry, Region, RegionId};
use tagloom_audio::{PeakPyramid, Window};

/// Less than this is a click, in pixels.
const MIN_DRAG_PX: f64 = 5.0;
/// How near an edge is taken, in pixels.
const EDGE_PX: f64 = 6.0;

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Segment {
    pub id: RegionId,
    pub start: f64,
    pub end: f64,
    pub channel: Option<f64>,
    pub selected: bool,
    pub hidden: bool,
    pub locked: bool,
    pub color: String,
    pub caption: String,
    pub lane: usize,
}

/// A part of a segment that can be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Start,
    End,
    Body,
}

/// What is under the pointer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    Plot,
    Segment(usize, Part),
    Loose(usize, Part),
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) enum Gesture {
    #[default]
    Idle,
    Pressing {
        x: f64,
        at: f64,
        target: Target,
    },
    Drawing {
        from: f64,
        to: f64,
    },
    /// An edge or a body on its way.
    Changing {
        target: Target,
        grab: f64,
        start: f64,
        end: f64,
    },
    Panning {
        x: f64,
    },
}

/// What a gesture asks for when it moves or ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Outcome {
    Nothing,
    /// The moment under an edge that moves.
    Preview(f64),
    /// Move the window by so many pixels.
    Pan(f64),
    Click {
        at: f64,
        target: Target,
    },
    Drawn {
        start: f64,
        end: f64,
    },
    Changed {
        target: Target,
        start: f64,
        end: f64,
    },
}

/// Times are kept to the microsecond.
pub(super) fn tidy(at: f64) -> f64 {
    (at * 1e6).round() / 1e6
}

pub(super) struct AudioModel {
    pub window: Window,
    pub peaks: Option<PeakPyramid>,
    pub cursor: f64,
    pub hover: Option<f64>,
    pub segments: Vec<Segment>,
    /// Segments without a label.
    pub loose: Vec<(f64, f64)>,
    pub loose_selected: Option<usize>,
    pub gesture: Gesture,
    pub read_only: bool,
    /// Where a segment marked by the keyboard begins.
    pub marking: Option<f64>,
    /// Regions of other members: start, end, colour.
    pub guides: Vec<(f64, f64, String)>,
    pub scale: f64,
}

impl AudioModel {
    pub fn new(scale: f64) -> Self {
        Self {
            window: Window::all(1.0),
            peaks: None,
            cursor: 0.0,
            hover: None,
            segments: Vec::new(),
            loose: Vec::new(),
            loose_selected: None,
            gesture: Gesture::Idle,
            read_only: false,
            marking: None,
            guides: Vec::new(),
            scale,
        }
    }

    /// Reads the regions of `object` again; `style` gives colour and caption.
    pub fn read_regions(
        &mut self,
        object: &str,
        document: &Document,
        style: impl Fn(&Region) -> (String, String),
    ) {
        self.read_only = document.is_read_only();
        self.segments = document
            .regions_of(object)
            .filter_map(|region| {
                let Geometry::Audio(span) = &region.geometry else { return None };
                let flags = document.flags(&region.id);
                let (color, caption) = style(region);
                Some(Segment {
                    id: region.id.clone(),
                    start: span.start.min(span.end),
                    end: span.end.max(span.start),
                    channel: span.channel,
                    selected: document.is_selected(&region.id),
                    hidden: flags.hidden,
                    locked: flags.locked || region.readonly || self.read_only,
                    color,
                    caption,
                    lane: 0,
                })
            })
            .collect();
        let spans: Vec<(f64, f64)> = self.segments.iter().map(|s| (s.start, s.end)).collect();
        for (segment, lane) in self.segments.iter_mut().zip(tagloom_audio::lanes(&spans)) {
            segment.lane = lane;
        }
        if self.segments.iter().any(|s| s.selected) {
            self.loose_selected = None;
        }
        if let Gesture::Changing { target: Target::Segment(at, _), .. } = self.gesture
            && at >= self.segments.len()
        {
            self.gesture = Gesture::Idle;
        }
    }

    /// The place of a segment in the document's terms.
    pub fn geometry(start: f64, end: f64, channel: Option<f64>) -> Geometry {
        Geometry::Audio(AudioSpan { start: tidy(start), end: tidy(end), channel })
    }

    /// What lies at `x` of a plot that is `width` wide. Selected segments come first, then the shorter ones.
    pub fn target(&self, x: f64, width: f64) -> Target {
        let at = self.window.at(x, width);
        let part = |start: f64, end: f64, free: bool| {
            let near = |t: f64| (self.window.x_of(t, width) - x).abs();
            match (near(start), near(end)) {
                (a, b) if free && a <= EDGE_PX && a <= b => Some(Part::Start),
                (_, b) if free && b <= EDGE_PX => Some(Part::End),
                _ if start <= at && at <= end => Some(Part::Body),
                _ => None,
            }
        };
        let loose = self.loose.iter().enumerate().filter_map(|(i, (a, b))| {
            let rank = (self.loose_selected != Some(i), b - a);
            part(*a, *b, !self.read_only).map(|p| (rank, Target::Loose(i, p)))
        });
        let segments = self.segments.iter().enumerate().filter(|(_, s)| !s.hidden).filter_map(|(i, s)| {
            let rank = (!s.selected, s.end - s.start);
            part(s.start, s.end, !s.locked).map(|p| (rank, Target::Segment(i, p)))
        });
        loose
            .chain(segments)
            .min_by(|(a, _), (b, _)| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)))
            .map_or(Target::Plot, |(_, target)| target)
    }

    fn span_of(&self, target: Target) -> Option<(f64, f64)> {
        match target {
            Target::Segment(i, _) => self.segments.get(i).map(|s| (s.start, s.end)),
            Target::Loose(i, _) => self.loose.get(i).copied(),
            Target::Plot => None,
        }
    }

    /// Whether a drag takes this target rather than drawing.
    fn takes(&self, target: Target) -> bool {
        match target {
            Target::Plot => false,
            Target::Segment(i, Part::Body) => self.segments.get(i).is_some_and(|s| s.selected && !s.locked),
            Target::Loose(i, Part::Body) => self.loose_selected == Some(i) && !self.read_only,
            Target::Segment(..) | Target::Loose(..) => true,
        }
    }

    pub fn down(&mut self, x: f64, width: f64, pans: bool) {
        self.gesture = if pans {
            Gesture::Panning { x }
        } else {
            Gesture::Pressing { x, at: self.window.at(x, width), target: self.target(x, width) }
        };
    }

    pub fn moved(&mut self, x: f64, width: f64) -> Outcome {
        let at = self.window.at(x, width);
        if let Gesture::Pressing { x: pressed, at: from, target } = self.gesture
            && (x - pressed).abs() >= MIN_DRAG_PX
        {
            self.gesture = match self.span_of(target) {
                Some((start, end)) if self.takes(target) => {
                    Gesture::Changing { target, grab: from, start, end }
                }
                _ if self.read_only => Gesture::Panning { x: pressed },
                _ => Gesture::Drawing { from, to: at },
            };
        }
        match &mut self.gesture {
            Gesture::Drawing { to, .. } => {
                *to = at;
                Outcome::Preview(at)
            }
            Gesture::Panning { x: before } => {
                let by = *before - x;
                *before = x;
                Outcome::Pan(by)
            }
            Gesture::Changing { .. } => self.change(at),
            Gesture::Idle | Gesture::Pressing { .. } => Outcome::Nothing,
        }
    }

    fn change(&mut self, at: f64) -> Outcome {
        let Gesture::Changing { target, grab, .. } = self.gesture else { return Outcome::Nothing };
        let Some((start, end)) = self.span_of(target) else {
            self.gesture = Gesture::Idle;
            return Outcome::Nothing;
        };
        let duration = self.window.duration();
        let part = match target {
            Target::Segment(_, part) | Target::Loose(_, part) => part,
            Target::Plot => return Outcome::Nothing,
        };
        let (start, end, shown) = match part {
            Part::Start => (at.min(end), at.max(end), at),
            Part::End => (at.min(start), at.max(start), at),
            Part::Body => {
                let by = (at - grab).clamp(-start, (duration - end).max(-start));
                (start + by, end + by, start + by)
            }
        };
        self.gesture = Gesture::Changing { target, grab, start, end };
        Outcome::Preview(shown)
    }

    pub fn up(&mut self, x: f64, width: f64) -> Outcome {
        self.moved(x, width);
        match std::mem::take(&mut self.gesture) {
            Gesture::Pressing { at, target, .. } => Outcome::Click { at, target },
            Gesture::Drawing { from, to } if from != to => {
                Outcome::Drawn { start: from.min(to), end: from.max(to) }
            }
            Gesture::Changing { target, start, end, .. } if end > start => {
                Outcome::Changed { target, start, end }
            }
            _ => Outcome::Nothing,
        }
    }

    /// Escape: what is in hand is dropped.
    pub fn cancel(&mut self) -> bool {
        self.marking.take().is_some() | (std::mem::take(&mut self.gesture) != Gesture::Idle)
    }

    /// The stretch that "play selection" means.
    pub fn selection(&self) -> Option<(f64, f64)> {
        let mut selected = self.segments.iter().filter(|s| s.selected);
        let one = selected.next().map(|s| (s.start, s.end));
        one.or_else(|| self.loose_selected.and_then(|i| self.loose.get(i).copied()))
    }

    /// The segment that begins next after the one that begins at `start`.
    pub fn next_after(&self, start: f64, id: &RegionId) -> Option<&Segment> {
        let later = |s: &&Segment| !s.hidden && s.id != *id && s.start >= start;
        self.segments.iter().filter(later).min_by(|a, b| a.start.total_cmp(&b.start))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};
    use tagloom_annotation_store::{LoadOptions, OpenSchema, SaveOptions, load};

    const WIDTH: f64 = 1000.0;

    /// Ten seconds on 1000 px, with a segment from 2 to 4.
    fn model() -> AudioModel {
        let results = json!([{"id":"A","from_name":"l","to_name":"a","type":"labels","origin":"manual","original_length":10.0,
            "value":{"start":2,"end":4,"channel":1,"labels":["Speech"]}}]);
        let document = Document::from_loaded(load(&results, &OpenSchema, LoadOptions::default()));
        assert_eq!(Value::from(document.serialize(&SaveOptions::default())), results);
        let mut m = AudioModel::new(1.0);
        m.window = Window::all(10.0);
        m.read_regions("a", &document, |_| ("red".into(), "Speech".into()));
        m
    }

    fn drag(m: &mut AudioModel, from: f64, to: f64) -> Outcome {
        m.down(from, WIDTH, false);
        m.moved((from + to) / 2.0, WIDTH);
        m.moved(to, WIDTH);
        m.up(to, WIDTH)
    }

    #[test]
    fn a_drag_draws_and_a_click_does_not() {
        let mut m = model();
        assert_eq!(drag(&mut m, 600.0, 700.0), Outcome::Drawn { start: 6.0, end: 7.0 });
        assert_eq!(drag(&mut m, 700.0, 600.0), Outcome::Drawn { start: 6.0, end: 7.0 });
        assert_eq!(drag(&mut m, 600.0, 604.0), Outcome::Click { at: 6.0, target: Target::Plot });
        assert_eq!(m.segments[0].channel, Some(1.0));
    }

    #[test]
    fn edges_move_and_cross_and_bodies_only_when_selected() {
        let mut m = model();
        let end = Target::Segment(0, Part::End);
        assert_eq!(drag(&mut m, 402.0, 500.0), Outcome::Changed { target: end, start: 2.0, end: 5.0 });
        assert_eq!(drag(&mut m, 400.0, 100.0), Outcome::Changed { target: end, start: 1.0, end: 2.0 });
        // LS#325: over another segment a new one is drawn.
        assert_eq!(drag(&mut m, 300.0, 350.0), Outcome::Drawn { start: 3.0, end: 3.5 });
        m.segments[0].selected = true;
        let body = Target::Segment(0, Part::Body);
        assert_eq!(drag(&mut m, 300.0, 350.0), Outcome::Changed { target: body, start: 2.5, end: 4.5 });
        assert_eq!(drag(&mut m, 300.0, -900.0), Outcome::Changed { target: body, start: 0.0, end: 2.0 });
    }

    #[test]
    fn read_only_pans_and_escape_drops() {
        let mut m = model();
        m.down(600.0, WIDTH, false);
        m.moved(700.0, WIDTH);
        assert!(m.cancel());
        assert_eq!(m.up(800.0, WIDTH), Outcome::Nothing);
        m.read_only = true;
        m.segments[0].locked = true;
        m.down(600.0, WIDTH, false);
        assert_eq!(m.moved(650.0, WIDTH), Outcome::Pan(-50.0));
        assert_eq!(m.target(400.0, WIDTH), Target::Segment(0, Part::Body));
    }

    #[test]
    fn loose_segments_are_taken_like_others() {
        let mut m = model();
        m.loose.push((6.0, 8.0));
        m.loose_selected = Some(0);
        assert_eq!(m.selection(), Some((6.0, 8.0)));
        let target = Target::Loose(0, Part::Start);
        assert_eq!(drag(&mut m, 600.0, 500.0), Outcome::Changed { target, start: 5.0, end: 8.0 });
        assert_eq!(m.next_after(0.0, &"B".into()).unwrap().start, 2.0);
        assert!(m.next_after(2.0, &"A".into()).is_none());
    }
}
