//! What the alignment tool sees of the hub, and what it changes (CL-5).

use super::MediaHub;
use leptos::prelude::{ArcRwSignal, Signal};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use tagloom_video_sync::{Alignment, ClockMap, MemberKind, Nanos};

/// A member as it lies on its timeline now.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// The tag's name.
    pub object: String,
    pub kind: MemberKind,
    /// It is the clock of its group.
    pub leads: bool,
    /// Its own time at the position, also beyond its ends.
    pub local: Nanos,
    /// Length of the frame at the position, where frames are known.
    pub frame: Option<Nanos>,
    pub sample: Option<Nanos>,
    pub clock: ClockMap,
    /// What its place on the timeline comes from.
    pub origin: &'static str,
}

/// The sources of one timeline.
pub type SourceGroup = Vec<Source>;

impl MediaHub {
    /// Grows when a source comes, goes, moves or is aligned anew.
    pub fn changed(&self) -> Signal<u64> {
        let changed: ArcRwSignal<u64> = self.0.changed.clone();
        changed.into()
    }

    /// Timelines that more than one source lies on: what there is to align.
    pub fn timelines(&self) -> Vec<SourceGroup> {
        let groups: Vec<_> = self.0.groups.borrow().values().cloned().collect();
        groups.iter().map(|g| g.sources()).filter(|sources| sources.len() > 1).collect()
    }

    /// How a source was aligned by hand, or how it would be from where it lies now.
    pub fn alignment_of(&self, source: &Source) -> Alignment {
        let by_hand = self.0.aligned.borrow().get(&source.object).cloned();
        by_hand.unwrap_or_else(|| Alignment::of(source.clock.clone()))
    }

    /// The alignment of the document with one source changed. All sources of its timeline are named in it, so that a
    /// region of any of them tells how it lay to the others.
    pub fn with_alignment(&self, object: &str, alignment: &Alignment) -> Map<String, Value> {
        let mut all = self.0.aligned.borrow().clone();
        let group = self.timelines().into_iter().find(|g| g.iter().any(|s| s.object == object));
        for source in group.into_iter().flatten() {
            let now = self.alignment_of(&source);
            all.insert(source.object, now);
        }
        all.insert(object.to_owned(), alignment.clone());
        to_json(&all)
    }

    /// The alignment of the document without the sources of a timeline.
    pub fn without_alignment(&self, group: &[Source]) -> Map<String, Value> {
        let mut all = self.0.aligned.borrow().clone();
        all.retain(|object, _| !group.iter().any(|s| s.object == *object));
        to_json(&all)
    }

    /// Takes over the alignment of the document. An entry that is none is left out.
    pub(crate) fn set_alignment(&self, alignment: &Map<String, Value>) {
        let read: BTreeMap<String, Alignment> = alignment
            .iter()
            .filter_map(|(object, value)| Some((object.clone(), serde_json::from_value(value.clone()).ok()?)))
            .collect();
        if *self.0.aligned.borrow() == read {
            return;
        }
        *self.0.aligned.borrow_mut() = read.clone();
        let groups: Vec<_> = self.0.groups.borrow().values().cloned().collect();
        for group in groups {
            group.align(&read);
        }
    }
}

fn to_json(all: &BTreeMap<String, Alignment>) -> Map<String, Value> {
    all.iter().filter_map(|(object, a)| Some((object.clone(), serde_json::to_value(a).ok()?))).collect()
}
