//! What the timeline shows: one lane for each region, with its spans and keyframes.

use super::track::life;
use tagloom_annotation_store::{Geometry, Region, RegionId};
use tagloom_editor::Editor;
use tagloom_video_sync::lanes::Stretch;

/// Height of a lane in CSS pixels.
pub(super) const LANE: f64 = 22.0;
/// Height of the ruler above the lanes.
pub(super) const RULER: f64 = 24.0;

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Lane {
    pub id: RegionId,
    pub text: String,
    pub color: String,
    pub spans: Vec<Stretch>,
    pub keyframes: Vec<u64>,
    /// A range of TimelineLabels, which can be moved and stretched here.
    pub is_range: bool,
    pub selected: bool,
    pub hidden: bool,
    pub locked: bool,
}

/// The lanes of a video, in the order of creation. `frames` is how many the video has.
pub(super) fn read(editor: &Editor, object: &str, frames: u64) -> Vec<Lane> {
    let document = editor.document();
    let lane = |region: &Region| {
        let (spans, keyframes, is_range) = match &region.geometry {
            Geometry::Timeline(t) => {
                (t.ranges.iter().map(|(a, b)| Stretch::of_range(*a, *b)).collect(), Vec::new(), true)
            }
            Geometry::VideoTrack(t) => {
                let (keyframes, spans) = life(t, frames);
                let of = |(a, b): &(u64, u64)| Stretch::of_range(*a as i64, *b as i64);
                (spans.iter().map(of).collect(), keyframes, false)
            }
            _ => return None,
        };
        let style = editor.region_style(region);
        let flags = document.flags(&region.id);
        Some(Lane {
            id: region.id.clone(),
            text: if style.labels.is_empty() { "no label".to_owned() } else { style.labels.join(", ") },
            color: style.color,
            spans,
            keyframes,
            is_range,
            selected: document.is_selected(&region.id),
            hidden: flags.hidden,
            locked: flags.locked || region.readonly || document.is_read_only(),
        })
    };
    document.regions_of(object).filter_map(|r| lane(r)).collect()
}

/// The lane at a height below the ruler, when the lanes are scrolled by `scroll`.
pub(super) fn at(y: f64, scroll: f64, count: usize) -> Option<usize> {
    let row = ((y - RULER + scroll) / LANE).floor();
    (y >= RULER && row >= 0.0 && (row as usize) < count).then_some(row as usize)
}
