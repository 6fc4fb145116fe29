//! Who plays with whom: media elements and series of one editor, and the loop that carries the playhead.
//!
//! The leading medium (the first one that was registered for a group) is the only clock (spec/sync.md PB-1): while it
//! plays, its time is read once per animation frame and handed to the series that share its group. Nothing here keeps
//! time by itself, so stalls, speed changes and sleeping tabs need no messages.

use crate::next_frame::NextFrame;
use leptos::prelude::on_cleanup;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use tagloom_tags::Tree;
use tagloom_video_sync::{EmbeddedJoin, SyncTag, resolve_embedded, resolve_groups};
use wasm_bindgen::prelude::*;
use web_sys::HtmlMediaElement;

/// The state of a leading medium.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Playhead {
    /// Seconds of the medium.
    pub time: f64,
    /// Seconds; NaN until it is known.
    pub duration: f64,
    pub playing: bool,
    /// A medium inside a HyperText, stretched over the series.
    pub embedded: bool,
}

/// What a series offers to the hub.
pub trait SeriesPort {
    /// The leading medium has moved, or its duration has become known.
    fn playhead(&self, playhead: Playhead);
}

struct Medium {
    id: u64,
    object: String,
    element: HtmlMediaElement,
    embedded: bool,
    listeners: Vec<(&'static str, Closure<dyn FnMut()>)>,
}

struct Series {
    id: u64,
    object: String,
    port: Rc<dyn SeriesPort>,
}

#[derive(Default)]
struct Inner {
    media: RefCell<Vec<Medium>>,
    series: RefCell<Vec<Series>>,
    tree: RefCell<Option<std::sync::Arc<Tree>>>,
    next: Cell<u64>,
    frame: NextFrame,
    running: Cell<bool>,
}

/// All media and series of one editor. Clones are the same hub.
#[derive(Clone, Default)]
pub struct OldHub(Rc<Inner>);

impl std::fmt::Debug for OldHub {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OldHub").field("media", &self.0.media.borrow().len()).finish_non_exhaustive()
    }
}

const EVENTS: [&str; 7] =
    ["play", "pause", "seeking", "seeked", "timeupdate", "loadedmetadata", "durationchange"];

impl OldHub {
    /// The tree that says which tags share a group; called when it changes.
    pub(crate) fn set_tree(&self, tree: std::sync::Arc<Tree>) {
        *self.0.tree.borrow_mut() = Some(tree);
    }

    fn fresh_id(&self) -> u64 {
        self.0.next.set(self.0.next.get() + 1);
        self.0.next.get()
    }

    /// Adds a media element for as long as the calling view is mounted. `object` is the tag's name; `embedded` says
    /// that the element was found inside a HyperText.
    pub fn register_media(&self, object: &str, element: HtmlMediaElement, embedded: bool) {
        let id = self.fresh_id();
        let mut listeners = Vec::new();
        for event in EVENTS {
            let hub = self.clone();
            let listener = Closure::<dyn FnMut()>::new(move || hub.media_event(id, event));
            // A listener that cannot be added only means that this medium does not lead.
            let _ = element.add_event_listener_with_callback(event, listener.as_ref().unchecked_ref());
            listeners.push((event, listener));
        }
        self.0.media.borrow_mut().push(Medium {
            id,
            object: object.to_owned(),
            element,
            embedded,
            listeners,
        });
        self.media_event(id, "durationchange");
        let hub = send_wrapper::SendWrapper::new(self.clone());
        on_cleanup(move || hub.remove_media(id));
    }

    /// Registers the media elements of a HyperText.
    pub fn register_embedded(&self, object: &str, element: HtmlMediaElement) {
        self.register_media(object, element, true);
    }

    fn remove_media(&self, id: u64) {
        let gone = {
            let mut media = self.0.media.borrow_mut();
            media.iter().position(|m| m.id == id).map(|at| media.remove(at))
        };
        if let Some(medium) = gone {
            for (event, listener) in &medium.listeners {
                let _ = medium
                    .element
                    .remove_event_listener_with_callback(event, listener.as_ref().unchecked_ref());
            }
            // Sound must not go on behind a screen that is gone.
            let _ = medium.element.pause();
        }
    }

    /// Adds a series for as long as the calling view is mounted.
    pub fn register_series(&self, object: &str, port: Rc<dyn SeriesPort>) {
        let id = self.fresh_id();
        self.0.series.borrow_mut().push(Series { id, object: object.to_owned(), port: port.clone() });
        if let Some(playhead) = self.playhead_of(object) {
            port.playhead(playhead);
        }
        let hub = send_wrapper::SendWrapper::new(self.clone());
        on_cleanup(move || hub.0.series.borrow_mut().retain(|s| s.id != id));
    }

    /// Whether a medium and a series share a timeline.
    fn together(&self, medium: &Medium, series: &str) -> bool {
        let tree = self.0.tree.borrow();
        let Some(tree) = tree.as_ref() else { return false };
        let tags: Vec<(&str, &str, &str)> = tree
            .objects()
            .filter(|n| n.kind != "hypertext")
            .map(|n| {
                (n.name.as_deref().unwrap_or_default(), n.raw("sync").unwrap_or_default(), n.kind.as_str())
            })
            .collect();
        let sync: Vec<SyncTag<'_>> = tags.iter().map(|(name, sync, _)| SyncTag { name, sync }).collect();
        let groups = resolve_groups(&sync);
        let in_group = |group: &str, name: &str| {
            groups.get(group).is_some_and(|members| members.iter().any(|i| sync[*i].name == name))
        };
        if !medium.embedded {
            return groups.keys().any(|g| in_group(g, series) && in_group(g, &medium.object));
        }
        let all_series: Vec<SyncTag<'_>> = tags
            .iter()
            .filter(|t| t.2 == "timeseries")
            .map(|(name, sync, _)| SyncTag { name, sync })
            .collect();
        let own = tree.by_name(&medium.object).and_then(|n| n.raw("sync")).unwrap_or_default();
        match resolve_embedded(own, &all_series) {
            Some(EmbeddedJoin::OnlySeries(at)) => all_series.get(at).is_some_and(|s| s.name == series),
            Some(EmbeddedJoin::Group(group)) => in_group(&group, series),
            None => false,
        }
    }

    /// The medium that leads a series: the first of its group.
    fn leader(&self, series: &str) -> Option<(HtmlMediaElement, bool)> {
        let media = self.0.media.borrow();
        media.iter().find(|m| self.together(m, series)).map(|m| (m.element.clone(), m.embedded))
    }

    /// Where the leading medium of a series stands; `None` where nothing leads it.
    pub fn playhead_of(&self, series: &str) -> Option<Playhead> {
        let (element, embedded) = self.leader(series)?;
        Some(playhead(&element, embedded))
    }

    /// Seeks the leading medium of a series. At most one seek is under way; the newest one wins.
    pub fn seek(&self, series: &str, time: f64) {
        let Some((element, _)) = self.leader(series) else { return };
        if !time.is_finite() {
            return;
        }
        let end = element.duration();
        let time = if end.is_finite() { time.clamp(0.0, end) } else { time.max(0.0) };
        if (element.current_time() - time).abs() > 1e-4 {
            element.set_current_time(time);
        }
    }

    /// Plays or pauses the leading medium of a series; says whether there is one.
    pub fn toggle_play(&self, series: &str) -> bool {
        let Some((element, _)) = self.leader(series) else { return false };
        if element.paused() {
            // The promise is refused where the browser wants a click first; the element's own controls still work.
            let _ = element.play();
        } else {
            let _ = element.pause();
        }
        true
    }

    fn media_event(&self, id: u64, event: &str) {
        let state = {
            let media = self.0.media.borrow();
            media.iter().find(|m| m.id == id).map(|m| (m.element.clone(), m.embedded))
        };
        let Some((element, embedded)) = state else { return };
        if event == "play" {
            self.run();
        }
        self.tell(id, playhead(&element, embedded));
    }

    /// Hands a playhead to every series that this medium leads.
    fn tell(&self, id: u64, playhead: Playhead) {
        let ports: Vec<Rc<dyn SeriesPort>> = {
            let media = self.0.media.borrow();
            let Some(medium) = media.iter().find(|m| m.id == id) else { return };
            let series = self.0.series.borrow();
            let led = series.iter().filter(|s| {
                self.together(medium, &s.object)
                    && media.iter().find(|m| self.together(m, &s.object)).is_some_and(|m| m.id == id)
            });
            led.map(|s| s.port.clone()).collect()
        };
        for port in ports {
            port.playhead(playhead);
        }
    }

    /// Runs until nothing plays any more.
    fn run(&self) {
        if self.0.running.replace(true) {
            return;
        }
        let hub = Rc::downgrade(&self.0);
        self.0.frame.set(move || {
            let Some(inner) = hub.upgrade() else { return };
            let hub = OldHub(inner);
            let playing: Vec<(u64, HtmlMediaElement, bool)> = {
                let media = hub.0.media.borrow();
                media
                    .iter()
                    .filter(|m| !m.element.paused())
                    .map(|m| (m.id, m.element.clone(), m.embedded))
                    .collect()
            };
            for (id, element, embedded) in &playing {
                hub.tell(*id, playhead(element, *embedded));
            }
            if playing.is_empty() {
                hub.0.running.set(false);
            } else {
                hub.0.frame.request();
            }
        });
        self.0.frame.request();
    }
}

fn playhead(element: &HtmlMediaElement, embedded: bool) -> Playhead {
    Playhead {
        time: element.current_time(),
        duration: element.duration(),
        playing: !element.paused() && !element.ended(),
        embedded,
    }
}
