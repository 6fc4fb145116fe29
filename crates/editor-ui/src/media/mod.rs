//! Who plays with whom: the members of an editor's sync groups, and the element drivers that carry out what a group
//! decides (spec/sync.md CL, PB, SK, BR).
//!
//! - **Who belongs together** is read from the config: tags of one `sync` group; a medium inside a HyperText and the
//!   only TimeSeries; every other tag is a group of its own, so that playing, seeking and looping work the same way.
//! - **The rules** are those of [`SyncGroup`], which knows no browser. [`running`] feeds it and does what it says.
//! - **Frames**: a [`driver`] seeks to the middle of a frame and looks at what the browser shows (SK-1).
//! - **Odd cases**: a port may call back into the hub from inside its own call; an element that is not loaded takes a
//!   seek when it is; a play that the browser refuses is a pause.

mod alignment;
mod driver;
mod handle;
mod running;
mod video_frames;

pub(crate) use video_frames::VideoFrames;

pub use alignment::{Source, SourceGroup};
pub use handle::MemberHandle;

use leptos::prelude::{ArcRwSignal, on_cleanup};
use running::{Running, SelectSeeks, Wishes};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use tagloom_tags::{Node, Tree};
use tagloom_video_sync::{
    Alignment, ClockAttributes, EmbeddedJoin, Frame, MemberKind, Nanos, SyncTag, resolve_embedded,
    resolve_groups,
};
use web_sys::HtmlMediaElement;

/// Where a member stands.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Cursor {
    /// Its own time from its own start; `None` where it has no data.
    pub local: Option<Nanos>,
    pub playing: bool,
    /// Speed of the timeline.
    pub rate: f64,
    /// Of a video with a frame index: the frame really on screen.
    pub frame: Option<Frame>,
    /// The browser shows another frame than the one it was sent to.
    pub inexact: bool,
}

/// A region of another member of the group, in the own time of the one that is told (BR-5).
#[derive(Clone, Debug, PartialEq)]
pub struct Guide {
    pub start: Nanos,
    pub end: Nanos,
    pub color: String,
    pub text: String,
}

/// A region of a member, in its own time.
pub type Span = Guide;

/// What a member offers to the hub.
pub trait MemberPort {
    /// It stands elsewhere, or plays, or has stopped.
    fn cursor(&self, cursor: Cursor);
    /// The regions of the other members have changed.
    fn guides(&self, _guides: &[Guide]) {}
}

/// A tag that joins.
pub struct NewMember {
    /// The tag's name.
    pub object: String,
    pub kind: MemberKind,
    pub element: Option<HtmlMediaElement>,
    /// The element was found inside a HyperText.
    pub embedded: bool,
    pub port: Rc<dyn MemberPort>,
}

impl std::fmt::Debug for NewMember {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewMember")
            .field("object", &self.object)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

/// A member that only has an element: nobody looks at its cursor.
struct Silent;

impl MemberPort for Silent {
    fn cursor(&self, _: Cursor) {}
}

#[derive(Default)]
struct Inner {
    tree: RefCell<Option<Arc<Tree>>>,
    groups: RefCell<BTreeMap<String, Rc<Running>>>,
    /// Alignments made by hand, by object; the config's apply to the others.
    aligned: RefCell<BTreeMap<String, Alignment>>,
    /// Grows when a member comes, goes, moves or is aligned anew.
    changed: ArcRwSignal<u64>,
}

/// All media and series of one editor. Clones are the same hub.
#[derive(Clone, Default)]
pub struct MediaHub(Rc<Inner>);

impl std::fmt::Debug for MediaHub {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MediaHub").field("groups", &self.0.groups.borrow().len()).finish_non_exhaustive()
    }
}

impl MediaHub {
    /// The tree that says which tags share a group; called when it changes.
    pub(crate) fn set_tree(&self, tree: Arc<Tree>) {
        *self.0.tree.borrow_mut() = Some(tree);
    }

    /// Adds a member for as long as the calling view is mounted.
    pub fn join(&self, member: NewMember) -> MemberHandle {
        let (key, clock, wishes) = {
            let tree = self.0.tree.borrow();
            let tree = tree.as_deref();
            let node = tree.and_then(|t| t.by_name(&member.object));
            let key =
                tree.map_or_else(|| alone(&member.object), |t| key_of(t, &member.object, member.embedded));
            let flag = |name: &str| node.and_then(|n| n.opt_bool(name));
            let wishes = Wishes {
                pan_seeks: flag("panSeeks"),
                waits: flag("waitAll").unwrap_or(false),
                has_unit: node.is_some_and(has_time_unit),
                select_seeks: SelectSeeks::read(node.and_then(|n| n.raw("selectSeeks")).unwrap_or_default()),
                clock: node.map(clock_attributes).unwrap_or_default(),
                epoch: node.and_then(start_time),
            };
            (key, self.0.aligned.borrow().get(&member.object).map(|a| a.clock().clone()), wishes)
        };
        let group = self
            .0
            .groups
            .borrow_mut()
            .entry(key.clone())
            .or_insert_with(|| Running::new(self.0.changed.clone()))
            .clone();
        let joined = group.join(member, clock, wishes);
        let handle = MemberHandle::new(group.clone(), joined);
        let (hub, leaving) =
            (send_wrapper::SendWrapper::new(self.clone()), send_wrapper::SendWrapper::new(handle.clone()));
        on_cleanup(move || {
            if leaving.leave() {
                hub.0.groups.borrow_mut().retain(|_, g| !Rc::ptr_eq(g, &group_of(&leaving)));
            }
        });
        handle
    }

    /// Registers a media element of a HyperText.
    pub fn register_embedded(&self, object: &str, element: HtmlMediaElement) {
        self.join(NewMember {
            object: object.to_owned(),
            kind: MemberKind::EmbeddedVideo,
            element: Some(element),
            embedded: true,
            port: Rc::new(Silent),
        });
    }
}

fn group_of(handle: &MemberHandle) -> Rc<Running> {
    handle.group()
}

fn alone(object: &str) -> String {
    format!("alone:{object}")
}

/// The name of the group that a tag belongs to.
fn key_of(tree: &Tree, object: &str, embedded: bool) -> String {
    let tags: Vec<(&str, &str, &str)> = tree
        .objects()
        .filter(|n| n.kind != "hypertext")
        .map(|n| (n.name.as_deref().unwrap_or_default(), n.raw("sync").unwrap_or_default(), n.kind.as_str()))
        .collect();
    let sync: Vec<SyncTag<'_>> = tags.iter().map(|(name, sync, _)| SyncTag { name, sync }).collect();
    let groups = resolve_groups(&sync);
    let named = |group: &str| format!("sync:{group}");
    if embedded {
        let series: Vec<SyncTag<'_>> = tags
            .iter()
            .filter(|t| t.2 == "timeseries")
            .map(|(name, sync, _)| SyncTag { name, sync })
            .collect();
        let own = tree.by_name(object).and_then(|n| n.raw("sync")).unwrap_or_default();
        return match resolve_embedded(own, &series) {
            Some(EmbeddedJoin::OnlySeries(at)) => alone(series[at].name),
            Some(EmbeddedJoin::Group(group)) => named(&group),
            None => alone(object),
        };
    }
    groups
        .iter()
        .find(|(_, members)| members.iter().any(|i| sync[*i].name == object))
        .map_or_else(|| alone(object), |(group, _)| named(group))
}

fn attribute(node: &Node, name: &str) -> String {
    match node.bound(name) {
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Number(number) => number.to_string(),
        _ => node.raw(name).unwrap_or_default().to_owned(),
    }
}

/// What a tag's attributes ask of its clock (CL-2). What cannot be read is the default; the config check says so.
fn clock_attributes(node: &Node) -> ClockAttributes {
    let text = |name: &str| attribute(node, name);
    ClockAttributes::parse(&text("syncOffset"), &text("syncRate"), &text("syncOrigin")).0
}

/// When a recording began by the wall clock: `startTime` as ISO 8601, or as seconds since 1970.
fn start_time(node: &Node) -> Option<Nanos> {
    let text = attribute(node, "startTime");
    let text = text.trim();
    match text.parse::<f64>() {
        Ok(secs) => secs.is_finite().then(|| Nanos::from_secs(secs)),
        Err(_) => tagloom_timeseries::parse_iso8601(text).map(Nanos),
    }
}

/// Whether positions of a series are real time, so that a second of it is a second of a video.
fn has_time_unit(node: &Node) -> bool {
    let given = |name: &str| node.raw(name).is_some_and(|text| !text.trim().is_empty());
    let date =
        node.raw("timeDisplayFormat").is_some_and(|f| f.starts_with(|c: char| c.is_ascii_alphabetic()));
    given("timeFormat") || given("timeUnit") || given("sampleRate") || date
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use tagloom_tags::Config;

    fn tree(xml: &str) -> Tree {
        Config::new(xml).instantiate(&json!({"v": "v.mp4", "s": "s.csv", "h": "<p>", "late": 1.5}))
    }

    #[test]
    fn groups_follow_the_config() {
        let t = tree(
            r#"<View><Video name="v" value="$v" sync="g"/><TimeSeries name="s" value="$s" sync="g"/><Audio name="a" value="$v"/></View>"#,
        );
        assert_eq!(key_of(&t, "v", false), "sync:g");
        assert_eq!(key_of(&t, "s", false), "sync:g");
        assert_eq!(key_of(&t, "a", false), "alone:a");
    }

    #[test]
    fn a_medium_in_markup_joins_the_only_series() {
        let t = tree(r#"<View><HyperText name="h" value="$h"/><TimeSeries name="s" value="$s"/></View>"#);
        assert_eq!(key_of(&t, "h", true), key_of(&t, "s", false));
        let two = tree(
            r#"<View><HyperText name="h" value="$h"/><TimeSeries name="s" value="$s"/><TimeSeries name="t" value="$s"/></View>"#,
        );
        assert_eq!(key_of(&two, "h", true), "alone:h");
    }

    #[test]
    fn offsets_may_come_from_the_task() {
        let t = tree(r#"<View><Video name="v" value="$v" syncOffset="$late" syncRate="2"/></View>"#);
        let clock = clock_attributes(t.by_name("v").unwrap()).clock(None, None).0;
        assert_eq!(clock.to_master(Nanos::from_secs(1.0)), Nanos::from_secs(3.5));
        let wrong = tree(r#"<View><Video name="v" value="$v" syncOffset="soon"/></View>"#);
        assert!(clock_attributes(wrong.by_name("v").unwrap()).clock(None, None).0.is_identity());
    }

    #[test]
    fn wall_clock_starts_are_dates_or_seconds() {
        for (text, secs) in [("2020-01-01T00:00:10Z", 1_577_836_810.0), ("1577836810", 1_577_836_810.0)] {
            let t = tree(&format!(r#"<View><Video name="v" value="$v" startTime="{text}"/></View>"#));
            assert_eq!(start_time(t.by_name("v").unwrap()), Some(Nanos::from_secs(secs)), "{text}");
        }
        let t = tree(r#"<View><Video name="v" value="$v" startTime="noon"/></View>"#);
        assert_eq!(start_time(t.by_name("v").unwrap()), None);
    }

    #[test]
    fn only_real_time_has_a_unit() {
        for (attributes, unit) in [
            ("", false),
            (r#"timeColumn="t""#, false),
            (r#"timeFormat="%Y""#, true),
            (r#"timeDisplayFormat="date""#, true),
            (r#"timeDisplayFormat=".2f""#, false),
            (r#"sampleRate="100""#, true),
        ] {
            let t = tree(&format!(r#"<View><TimeSeries name="s" value="$s" {attributes}/></View>"#));
            assert_eq!(has_time_unit(t.by_name("s").unwrap()), unit, "{attributes}");
        }
    }
}
