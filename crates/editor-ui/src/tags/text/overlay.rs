//! What lies over the text: names of labels above their spans, and the two ends of the selected span, to be dragged.
//!
//! The text itself is never touched, so these are measured from it and placed in a layer of their own.

use super::Mounted;
use leptos::html;
use leptos::prelude::*;
use std::rc::Rc;
use tagloom_annotation_store::{Command, Geometry, RegionId, TextSpan};
use tagloom_editor::Action;
use tagloom_text_span::{CodePoint, Span, snap, span_text};
use wasm_bindgen::JsCast;
use web_sys::{DomRect, Element, HtmlElement, PointerEvent, Range};

/// So many names are shown; more would hide the text, and measuring them takes time.
const MAX_BADGES: usize = 500;

/// A place in the layer, in CSS pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Place {
    left: f64,
    top: f64,
    height: f64,
}

/// The name of a label, above the start of its span.
#[derive(Clone, Debug, PartialEq)]
struct Badge {
    place: Place,
    text: String,
    color: String,
}

/// What the layer shows now.
#[derive(Clone, Copy)]
pub(super) struct Overlay {
    layer: NodeRef<html::Div>,
    badges: RwSignal<Vec<Badge>>,
    /// Start and end of the span whose ends can be dragged.
    ends: RwSignal<Option<[Place; 2]>>,
    dragged: RwSignal<Option<usize>>,
}

impl Overlay {
    pub(super) fn new() -> Self {
        Self {
            layer: NodeRef::new(),
            badges: RwSignal::new(Vec::new()),
            ends: RwSignal::new(None),
            dragged: RwSignal::new(None),
        }
    }

    /// Measures everything again. Cheap where there is nothing to show.
    pub(super) fn place(self, text: &Mounted) {
        let (Some(layer), Some(document)) = (self.layer.get_untracked(), text.sheet.owner_document()) else {
            return;
        };
        let origin = layer.get_bounding_client_rect();
        let at = |rect: &DomRect, end: bool| Place {
            left: if end { rect.right() } else { rect.left() } - origin.left(),
            top: rect.top() - origin.top(),
            height: rect.height(),
        };
        let measure = |span: Span, end: bool| {
            let rects = rects(&text.content.range(&document, span)?);
            let rect = if end { rects.last() } else { rects.first() }?;
            Some(at(rect, end))
        };
        let spans = text.spans.borrow();
        let badges = if text.shows_labels() {
            let named = text.context.try_with(|e| {
                let mut named = Vec::new();
                for (id, span) in spans.iter().take(MAX_BADGES) {
                    let Some(region) = e.document().region(id) else { continue };
                    let style = e.region_style(region);
                    if !style.labels.is_empty() && !e.document().flags(id).hidden {
                        named.push((*span, style.labels.join(", "), style.color));
                    }
                }
                named
            });
            let badge = |(span, text, color)| Some(Badge { place: measure(span, false)?, text, color });
            named.unwrap_or_default().into_iter().filter_map(badge).collect()
        } else {
            Vec::new()
        };
        let ends = text.movable().and_then(|(_, span)| Some([measure(span, false)?, measure(span, true)?]));
        if self.badges.with_untracked(|now| *now != badges) {
            self.badges.set(badges);
        }
        if self.ends.get_untracked() != ends {
            self.ends.set(ends);
        }
    }
}

fn rects(range: &Range) -> Vec<DomRect> {
    let Some(list) = range.get_client_rects() else { return Vec::new() };
    (0..list.length()).filter_map(|i| list.item(i)).filter(|r| r.width() > 0.0).collect()
}

impl Mounted {
    fn shows_labels(&self) -> bool {
        let setting = || self.context.try_with(|e| e.settings().show_labels).unwrap_or_default();
        self.spec.show_labels.unwrap_or_else(setting)
    }

    /// The only selected span, if its ends may be moved.
    fn movable(&self) -> Option<(RegionId, Span)> {
        if self.spec.is_html || !self.spec.selection_enabled {
            return None;
        }
        let spans = self.spans.borrow();
        self.context
            .try_with(|e| {
                let mut selected = spans.iter().filter(|(id, _)| e.document().is_selected(id));
                let (id, span) = selected.next().filter(|_| selected.next().is_none())?;
                let region = e.document().region(id)?;
                let flags = e.document().flags(id);
                let free = !e.is_read_only() && !region.readonly && !flags.locked && !flags.hidden;
                free.then(|| (id.clone(), *span))
            })
            .flatten()
    }

    /// Moves one end of the selected span to a point of the screen. The ends cannot pass each other.
    fn move_end(&self, end: usize, x: f64, y: f64) {
        let Some((id, span)) = self.movable() else { return };
        let at = super::caret_at(&self.root(), x, y)
            .and_then(|(node, offset)| self.content.code_point(&node, offset));
        let Some(at) = at else { return };
        let index = self.content.index();
        let wanted = if end == 0 {
            Span::new(CodePoint(at.min(span.end.0.saturating_sub(1))), span.end)
        } else {
            Span::new(span.start, CodePoint(at.max(span.start.0 + 1)))
        };
        let snapped = snap(index, wanted, self.spec.granularity);
        // The end that is not dragged stays where it is.
        let moved =
            if end == 0 { Span::new(snapped.start, span.end) } else { Span::new(span.start, snapped.end) };
        if moved == span || moved.start >= moved.end {
            return;
        }
        let text = self.spec.save_text.then(|| span_text(index, moved));
        let geometry = Geometry::Text(TextSpan { start: moved.start.0, end: moved.end.0, text });
        self.context.dispatch(Action::Apply(Command::SetGeometry(id, geometry)));
    }
}

/// The layer. `text` answers the mounted text.
#[component]
pub(super) fn Layer(overlay: Overlay, text: StoredValue<Option<Rc<Mounted>>, LocalStorage>) -> impl IntoView {
    let with = move |f: &dyn Fn(&Mounted)| {
        if let Some(Some(text)) = text.try_get_value() {
            f(&text);
        }
    };
    let apply = move |command: Command| with(&|t| t.context.dispatch(Action::Apply(command.clone())));
    let handle = move |end: usize| {
        let place = move || overlay.ends.get().map_or_else(Place::default, |ends| ends[end]);
        let down = move |e: PointerEvent| {
            if e.button() != 0 {
                return;
            }
            e.prevent_default();
            e.stop_propagation();
            // Events are delegated: the current target is not this element.
            let target = e.target().and_then(|t| t.dyn_into::<Element>().ok());
            if target.is_some_and(|t| t.set_pointer_capture(e.pointer_id()).is_ok()) {
                overlay.dragged.set(Some(end));
                apply(Command::Begin);
            }
        };
        let moved = move |e: PointerEvent| {
            if overlay.dragged.get_untracked() == Some(end) {
                let (x, y) = (f64::from(e.client_x()), f64::from(e.client_y()));
                with(&|t| t.move_end(end, x, y));
            }
        };
        let finish = move |command: Command| {
            if overlay.dragged.get_untracked() == Some(end) {
                overlay.dragged.set(None);
                apply(command);
            }
        };
        view! {
            <div class="tl-text-end" class:tl-on=move || overlay.dragged.get() == Some(end)
                title=if end == 0 { "Drag to move the start" } else { "Drag to move the end" }
                style:left=move || format!("{}px", place().left)
                style:top=move || format!("{}px", place().top)
                style:height=move || format!("{}px", place().height)
                on:pointerdown=down on:pointermove=moved on:pointerup=move |_| finish(Command::Commit)
                on:pointercancel=move |_| finish(Command::Abort)></div>
        }
    };
    let badges = move || {
        overlay
            .badges
            .get()
            .into_iter()
            .map(|badge| {
                let place = badge.place;
                view! {
                    <span class="tl-text-badge" style:left=format!("{}px", place.left) style:top=format!("{}px", place.top)
                        style=("--tl-region-color", badge.color)>{badge.text}</span>
                }
            })
            .collect_view()
    };
    view! {
        <div class="tl-text-layer" node_ref=overlay.layer aria-hidden="true">
            {badges}
            <Show when=move || overlay.ends.with(Option::is_some)>{handle(0)}{handle(1)}</Show>
        </div>
    }
}

/// Calls back when the text takes another width, until the caller's owner is gone.
pub(super) fn on_resize(element: &HtmlElement, work: impl FnMut() + 'static) {
    let closure = wasm_bindgen::prelude::Closure::<dyn FnMut()>::new(work);
    if let Ok(observer) = web_sys::ResizeObserver::new(closure.as_ref().unchecked_ref()) {
        observer.observe(element);
        let kept = send_wrapper::SendWrapper::new((observer, closure));
        on_cleanup(move || kept.0.disconnect());
    }
}
