//! What a waveform does: it draws when something changed, turns gestures into actions, and follows its sync group.

use super::draw::{self, Layout, OVERVIEW, Palette, Shown};
use super::model::{AudioModel, Outcome, Part, Segment, Target, tidy};
use super::settings::AudioSettings;
use super::spec::AudioSpec;
use super::worker::Decoding;
use crate::context::EditorContext;
use crate::media::{Cursor, Guide, MemberHandle, MemberPort};
use crate::next_frame::NextFrame;
use leptos::html::{Canvas, Div};
use leptos::prelude::*;
use serde_json::{Map, Value};
use std::cell::{Cell, RefCell};
use std::rc::Weak;
use tagloom_annotation_store::{Command, RegionId};
use tagloom_editor::{Action, SelectMode};
use tagloom_video_sync::Nanos;
use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, HtmlMediaElement};

/// More than this takes too long for a spectrogram, in seconds.
pub(super) const MOST_PICTURE: f64 = 120.0;

/// What the toolbar shows.
#[derive(Clone, Copy)]
pub(super) struct Signals {
    pub playing: RwSignal<bool>,
    pub readout: RwSignal<String>,
    pub looping: RwSignal<bool>,
    pub suspended: RwSignal<bool>,
    pub zoom: RwSignal<f64>,
    pub spectrogram: RwSignal<bool>,
    pub split: RwSignal<bool>,
    pub settings: RwSignal<AudioSettings>,
    pub channels: RwSignal<usize>,
    pub selected: RwSignal<bool>,
}

pub(super) struct Screen {
    pub me: Weak<Screen>,
    pub context: EditorContext,
    pub spec: AudioSpec,
    pub model: RefCell<AudioModel>,
    pub member: RefCell<Option<MemberHandle>>,
    pub element: RefCell<Option<HtmlMediaElement>>,
    pub decoding: RefCell<Option<Decoding>>,
    pub picture: RefCell<Option<Shown>>,
    /// The window and the width for which a picture was asked last.
    asked: Cell<(f64, f64, f64, bool)>,
    pub base: NodeRef<Canvas>,
    pub overlay: NodeRef<Canvas>,
    pub overview: NodeRef<Canvas>,
    pub frame_ref: NodeRef<Div>,
    pub width: Cell<f64>,
    base_dirty: Cell<bool>,
    frame: NextFrame,
    pub signals: Signals,
    pub last_selected: RefCell<Option<RegionId>>,
    /// The stretch that plays, to know when it is over.
    span: Cell<Option<(f64, f64)>>,
    pub overview_grab: Cell<Option<f64>>,
    pub last_press: Cell<Option<(f64, f64)>>,
}

/// Sizes a canvas for the device's pixels and gives a context in CSS pixels.
fn prepare(canvas: &HtmlCanvasElement, width: f64, height: f64) -> Option<CanvasRenderingContext2d> {
    let ratio = web_sys::window().map_or(1.0, |w| w.device_pixel_ratio()).clamp(1.0, 4.0);
    let (w, h) = ((width * ratio).round() as u32, (height * ratio).round() as u32);
    if canvas.width() != w || canvas.height() != h {
        canvas.set_width(w);
        canvas.set_height(h);
    }
    let context: CanvasRenderingContext2d = canvas.get_context("2d").ok().flatten()?.dyn_into().ok()?;
    context.set_transform(ratio, 0.0, 0.0, ratio, 0.0, 0.0).ok()?;
    Some(context)
}

impl Screen {
    pub fn new(
        me: Weak<Screen>,
        context: EditorContext,
        spec: AudioSpec,
        signals: Signals,
        refs: (NodeRef<Canvas>, NodeRef<Canvas>, NodeRef<Canvas>, NodeRef<Div>),
    ) -> Self {
        Self {
            me,
            context,
            model: RefCell::new(AudioModel::new(spec.scale)),
            spec,
            member: RefCell::default(),
            element: RefCell::default(),
            decoding: RefCell::default(),
            picture: RefCell::default(),
            asked: Cell::default(),
            base: refs.0,
            overlay: refs.1,
            overview: refs.2,
            frame_ref: refs.3,
            width: Cell::new(600.0),
            base_dirty: Cell::default(),
            frame: NextFrame::default(),
            signals,
            last_selected: RefCell::default(),
            span: Cell::default(),
            overview_grab: Cell::default(),
            last_press: Cell::default(),
        }
    }

    pub fn layout(&self) -> Layout {
        let channels =
            self.model.try_borrow().ok().and_then(|m| m.peaks.as_ref().map(|p| p.channels())).unwrap_or(1);
        let rows = if self.signals.split.get_untracked() { channels } else { 1 };
        Layout {
            width: self.width.get(),
            waves: if rows > 1 {
                self.spec.height.max(self.spec.wave_height * rows as f64)
            } else {
                self.spec.height
            },
            rows,
            spectrogram: self.signals.spectrogram.get_untracked(),
        }
    }

    fn palette(&self) -> Palette {
        let style = self
            .frame_ref
            .try_get_untracked()
            .flatten()
            .and_then(|e| web_sys::window()?.get_computed_style(&e).ok().flatten());
        let Some(style) = style else { return Palette::default() };
        let read = |name: &str| style.get_property_value(name).unwrap_or_default().trim().to_owned();
        Palette {
            text: read("--audio-text"),
            muted: read("--audio-muted"),
            grid: read("--audio-grid"),
            accent: read("--audio-accent"),
            surface: read("--audio-surface"),
            wave: read("--audio-wave"),
            unlabelled: read("--audio-unlabelled"),
        }
    }

    /// Draws in the next frame; with `base` the wave, too.
    pub fn mark(&self, base: bool) {
        self.base_dirty.set(self.base_dirty.get() || base);
        let screen = self.me.clone();
        self.frame.set(move || {
            if let Some(screen) = screen.upgrade() {
                screen.paint();
            }
        });
        self.frame.request();
    }

    fn paint(&self) {
        let base_dirty = self.base_dirty.take();
        let (Some(base), Some(overlay), Some(overview)) = (
            self.base.try_get_untracked().flatten(),
            self.overlay.try_get_untracked().flatten(),
            self.overview.try_get_untracked().flatten(),
        ) else {
            return;
        };
        let layout = self.layout();
        let palette = self.palette();
        let Ok(model) = self.model.try_borrow() else { return };
        if base_dirty && let Some(c) = prepare(&base, layout.width, layout.height()) {
            let fits = model.window.span() <= MOST_PICTURE;
            draw::base(&c, &model, &palette, &layout, self.picture.borrow().as_ref().filter(|_| fits));
        }
        if let Some(c) = prepare(&overlay, layout.width, layout.height()) {
            let hovered = self.context.hovered.try_get_untracked().flatten();
            let captions = self.context.try_with(|e| e.settings().show_labels).unwrap_or(false);
            draw::overlay(&c, &model, &palette, &layout, hovered.as_ref().map(RegionId::as_str), captions);
        }
        if let Some(c) = prepare(&overview, layout.width, OVERVIEW) {
            draw::overview(&c, &model, &palette, layout.width);
        }
        drop(model);
        if base_dirty {
            self.ask_picture();
        }
    }

    fn ask_picture(&self) {
        if !self.signals.spectrogram.get_untracked() {
            return;
        }
        let Ok(model) = self.model.try_borrow() else { return };
        let (start, end) = (model.window.start, model.window.end());
        let mel = self.signals.settings.get_untracked().mel;
        let wanted = (start, end, self.width.get(), mel);
        if end - start > MOST_PICTURE || self.asked.get() == wanted {
            return;
        }
        if let Some(decoding) = self.decoding.borrow().as_ref() {
            self.asked.set(wanted);
            decoding.picture(start, end, self.width.get() as usize, draw::SPECTROGRAM as usize, mel);
        }
    }

    /// The picture must be asked for anew.
    pub fn forget_picture(&self) {
        self.asked.set(Default::default());
    }

    /// The length according to the player, else to the decoder.
    pub fn set_duration(&self, seconds: f64) {
        if !(seconds.is_finite() && seconds > 0.0) {
            return;
        }
        if let Ok(mut model) = self.model.try_borrow_mut() {
            let first = model.window.duration() == 1.0 && model.window.zoom() == 1.0;
            model.window.set_duration(seconds);
            if first && self.spec.zoom > 1.0 {
                model.window.zoom_to(self.spec.zoom, 0.0);
            }
        }
        self.tell();
        self.mark(true);
    }

    pub fn duration(&self) -> f64 {
        self.model.try_borrow().map_or(0.0, |m| m.window.duration())
    }

    pub fn tell(&self) {
        let Ok(model) = self.model.try_borrow() else { return };
        let digits = 3;
        self.signals.readout.set(format!(
            "{} / {}",
            tagloom_audio::clock(model.cursor, digits),
            tagloom_audio::clock(model.window.duration(), digits)
        ));
        let zoom = model.window.zoom();
        if (self.signals.zoom.get_untracked() - zoom).abs() > 1e-9 {
            self.signals.zoom.set(zoom);
        }
    }

    pub fn read_regions(&self) {
        let context = self.context;
        {
            let Ok(mut model) = self.model.try_borrow_mut() else { return };
            context.try_with(|e| {
                model.read_regions(&self.spec.name, e.document(), |region| {
                    let style = e.region_style(region);
                    (style.color, style.labels.join(", "))
                });
                model.read_only = e.is_read_only();
            });
            self.signals.selected.set(model.selection().is_some());
        }
        let spans = match self.model.try_borrow() {
            Ok(m) => m
                .segments
                .iter()
                .filter(|s| !s.hidden)
                .map(|s| Guide {
                    start: Nanos::from_secs(s.start),
                    end: Nanos::from_secs(s.end),
                    color: s.color.clone(),
                    text: s.caption.clone(),
                })
                .collect(),
            Err(_) => return,
        };
        if let Some(member) = self.member() {
            member.set_spans(spans);
        }
        self.label_loose();
    }

    pub fn member(&self) -> Option<MemberHandle> {
        self.member.try_borrow().ok()?.clone()
    }

    /// A label was chosen while a segment without one is selected: it becomes a region.
    fn label_loose(&self) {
        let span = {
            let Ok(mut model) = self.model.try_borrow_mut() else { return };
            if model.loose_selected.is_none() || !self.can_draw() {
                return;
            }
            let Some(at) = model.loose_selected.take().filter(|at| *at < model.loose.len()) else { return };
            model.loose.remove(at)
        };
        self.create(span.0, span.1, false);
    }

    pub fn can_draw(&self) -> bool {
        self.context.try_with(|e| e.can_draw(&self.spec.name).is_some()).unwrap_or(false)
    }

    /// Makes a region with the armed labels; `fresh` ones play.
    fn create(&self, start: f64, end: f64, fresh: bool) {
        let mut frame = Map::new();
        frame.insert("original_length".into(), Value::from(tidy(self.duration())));
        let before: Vec<RegionId> = self
            .model
            .try_borrow()
            .map(|m| m.segments.iter().map(|s| s.id.clone()).collect())
            .unwrap_or_default();
        self.context.dispatch(Action::CreateRegion {
            object: self.spec.name.clone(),
            geometry: AudioModel::geometry(start, end, Some(0.0)),
            frame,
            item_index: None,
        });
        self.read_regions();
        let made = self
            .model
            .try_borrow()
            .ok()
            .and_then(|m| m.segments.iter().find(|s| !before.contains(&s.id)).map(|s| s.id.clone()));
        *self.last_selected.borrow_mut() = made;
        if fresh {
            self.play_new(start, end);
        }
    }

    fn play_new(&self, start: f64, end: f64) {
        if self.signals.settings.get_untracked().auto_play_new {
            self.play_span(start, end);
        }
    }

    /// A stretch was drawn, by pointer or by keys.
    pub fn drawn(&self, start: f64, end: f64) {
        if self.can_draw() {
            self.create(start, end, true);
        } else {
            self.keep_loose(start, end);
            self.play_new(start, end);
        }
        self.mark(false);
    }

    /// Like [`Self::drawn`], for what was marked while it played.
    pub fn drawn_quietly(&self, start: f64, end: f64) {
        if self.can_draw() {
            self.create(start, end, false);
        } else {
            self.keep_loose(start, end);
        }
        self.mark(false);
    }

    fn keep_loose(&self, start: f64, end: f64) {
        self.context.dispatch(Action::Unselect);
        if let Ok(mut model) = self.model.try_borrow_mut() {
            model.loose.push((tidy(start), tidy(end)));
            model.loose_selected = Some(model.loose.len() - 1);
        }
        self.signals.selected.set(true);
    }

    pub fn play_span(&self, start: f64, end: f64) {
        self.span.set(Some((start, end)));
        if let Some(member) = self.member() {
            let repeat = self.signals.settings.get_untracked().loop_region;
            member.play_span(Nanos::from_secs(start), Nanos::from_secs(end), repeat);
        }
    }

    /// `L`: plays the selection; again: repeats it; again: not.
    pub fn play_selection(&self) {
        let Some((start, end)) = self.model.try_borrow().ok().and_then(|m| m.selection()) else { return };
        if let Some(member) = self.member()
            && let Some((.., repeat)) = member.span()
        {
            member.play_span(Nanos::from_secs(start), Nanos::from_secs(end), !repeat);
            self.signals.looping.set(!repeat);
            return;
        }
        self.play_span(start, end);
    }

    pub fn seek(&self, at: f64) {
        let at = at.clamp(0.0, self.duration());
        if let Ok(mut model) = self.model.try_borrow_mut() {
            model.cursor = at;
        }
        self.span.set(None);
        self.signals.suspended.set(false);
        if let Some(member) = self.member() {
            member.seek(Nanos::from_secs(at));
        }
        self.tell();
        self.mark(false);
    }

    pub fn seek_by(&self, by: f64) {
        let at = self.model.try_borrow().map_or(0.0, |m| m.cursor);
        self.seek(at + by);
        self.show_cursor();
    }

    pub fn show_cursor(&self) {
        let moved = self.model.try_borrow_mut().is_ok_and(|mut m| {
            let at = m.cursor;
            m.window.page_to(at)
        });
        self.mark(moved);
    }

    /// The window changes by hand; while playing it stops following (PB-4).
    pub fn window_changed(&self, pans: bool, change: impl FnOnce(&mut tagloom_audio::Window)) {
        {
            let Ok(mut model) = self.model.try_borrow_mut() else { return };
            let before = model.window;
            change(&mut model.window);
            if model.window == before {
                return;
            }
        }
        if pans && self.signals.playing.get_untracked() {
            self.signals.suspended.set(true);
        }
        self.tell();
        self.mark(true);
    }

    pub fn outcome(&self, outcome: Outcome) {
        match outcome {
            Outcome::Nothing => {}
            Outcome::Preview(at) => {
                if let Some(member) = self.member() {
                    member.preview(Nanos::from_secs(at));
                }
            }
            Outcome::Pan(px) => {
                let width = self.width.get();
                self.window_changed(true, |w| w.set_start(w.start + px / width * w.span()));
            }
            Outcome::Drawn { start, end } => self.drawn(start, end),
            Outcome::Changed { target: Target::Segment(at, _), start, end } => {
                let found = self.model.try_borrow().ok().and_then(|m| m.segments.get(at).map(key_of));
                if let Some((id, channel)) = found {
                    // LS#6485: the playhead stays where it is.
                    let geometry = AudioModel::geometry(start, end, channel);
                    self.context.dispatch(Action::Apply(Command::SetGeometry(id, geometry)));
                }
            }
            Outcome::Changed { target: Target::Loose(at, _), start, end } => {
                if let Ok(mut model) = self.model.try_borrow_mut()
                    && let Some(span) = model.loose.get_mut(at)
                {
                    *span = (tidy(start), tidy(end));
                }
            }
            Outcome::Changed { target: Target::Plot, .. } => {}
            Outcome::Click { at, target } => self.clicked(at, target),
        }
        self.mark(false);
    }

    fn clicked(&self, at: f64, target: Target) {
        match target {
            Target::Segment(i, _) => {
                let found = self.model.try_borrow().ok().and_then(|m| m.segments.get(i).map(key_of));
                if let Some((id, _)) = found {
                    self.context.dispatch(Action::Select { ids: vec![id], mode: SelectMode::Replace });
                }
            }
            Target::Loose(i, _) => {
                self.context.dispatch(Action::Unselect);
                if let Ok(mut model) = self.model.try_borrow_mut() {
                    model.loose_selected = Some(i);
                }
                self.signals.selected.set(true);
            }
            Target::Plot => {
                if let Ok(mut model) = self.model.try_borrow_mut() {
                    model.loose_selected = None;
                }
                self.context.dispatch(Action::Unselect);
                self.signals.selected.set(false);
                self.seek(at);
            }
        }
    }

    /// Takes the selected segment without a label away; says whether there was one.
    pub fn delete_loose(&self) -> bool {
        let gone = self.model.try_borrow_mut().is_ok_and(|mut m| match m.loose_selected.take() {
            Some(at) if at < m.loose.len() => {
                m.loose.remove(at);
                true
            }
            _ => false,
        });
        if gone {
            self.signals.selected.set(false);
            self.mark(false);
        }
        gone
    }

    /// A selection made here or elsewhere comes into view, and everybody goes to its start (BR-2).
    pub fn selection_changed(&self) {
        let selected = {
            let Ok(model) = self.model.try_borrow() else { return };
            let mut selected = model.segments.iter().filter(|s| s.selected);
            match (selected.next(), selected.next()) {
                (Some(s), None) => Some((s.id.clone(), s.start, s.end)),
                _ => None,
            }
        };
        let id = selected.as_ref().map(|s| s.0.clone());
        if *self.last_selected.borrow() == id {
            return;
        }
        *self.last_selected.borrow_mut() = id;
        let Some((_, start, end)) = selected else { return };
        let moved = self.model.try_borrow_mut().is_ok_and(|mut m| m.window.show(start, end));
        self.mark(moved);
        if let Some(member) = self.member() {
            member.show_region(Nanos::from_secs(start), Nanos::from_secs(end));
        }
    }

    /// The stretch that played is over: the next one may play (LS#1680).
    fn span_ended(&self) {
        let Some((start, _)) = self.span.take() else { return };
        if !self.signals.settings.get_untracked().auto_play_next {
            return;
        }
        let next = self.model.try_borrow().ok().and_then(|m| {
            let now = m.segments.iter().find(|s| s.selected || s.start == start)?;
            m.next_after(now.start, &now.id).map(|s| (s.id.clone(), s.start, s.end))
        });
        if let Some((id, start, end)) = next {
            *self.last_selected.borrow_mut() = Some(id.clone());
            self.context.dispatch(Action::Select { ids: vec![id], mode: SelectMode::Replace });
            self.play_span(start, end);
        }
    }

    /// The pointer's shape says what a press would do.
    pub fn hover(&self, x: f64) {
        let Ok(model) = self.model.try_borrow() else { return };
        let target = model.target(x, self.width.get());
        let id = match target {
            Target::Segment(i, _) => model.segments.get(i).map(|s| s.id.clone()),
            _ => None,
        };
        let shape = match target {
            Target::Segment(_, Part::Start | Part::End) | Target::Loose(_, Part::Start | Part::End) => {
                "ew-resize"
            }
            Target::Segment(..) | Target::Loose(..) => "pointer",
            Target::Plot if model.read_only => "default",
            Target::Plot => "text",
        };
        drop(model);
        if self.context.hovered.get_untracked() != id {
            self.context.hovered.set(id);
        }
        if let Some(canvas) = self.overlay.get_untracked() {
            // An unknown cursor name would only leave the old one.
            let _ = web_sys::HtmlElement::style(&canvas).set_property("cursor", shape);
        }
    }
}

fn key_of(s: &Segment) -> (RegionId, Option<f64>) {
    (s.id.clone(), s.channel)
}

impl MemberPort for Screen {
    fn cursor(&self, cursor: Cursor) {
        let mut moved = false;
        {
            let Ok(mut model) = self.model.try_borrow_mut() else { return };
            if let Some(at) = cursor.local {
                model.cursor = at.secs();
                if cursor.playing && !self.signals.suspended.try_get_untracked().unwrap_or(true) {
                    let at = model.cursor;
                    moved = model.window.page_to(at);
                }
            }
        }
        let was = self.signals.playing.try_get_untracked().unwrap_or(false);
        if was != cursor.playing {
            let _ = self.signals.playing.try_set(cursor.playing);
            if !cursor.playing {
                let _ = self.signals.suspended.try_set(false);
                if let Some((_, end)) = self.span.get() {
                    let at = self.model.try_borrow().map_or(0.0, |m| m.cursor);
                    if at >= end - 0.08 {
                        // Later: the hub is in the middle of telling everybody.
                        let me = self.me.clone();
                        leptos::task::spawn_local(async move {
                            if let Some(screen) = me.upgrade() {
                                screen.span_ended();
                            }
                        });
                    } else {
                        self.span.set(None);
                    }
                }
            }
        }
        self.tell();
        self.mark(moved);
    }

    fn guides(&self, guides: &[Guide]) {
        if let Ok(mut model) = self.model.try_borrow_mut() {
            model.guides = guides.iter().map(|g| (g.start.secs(), g.end.secs(), g.color.clone())).collect();
        }
        self.mark(false);
    }
}
