//! `Text` and `HyperText`: one rich-text view (spec/tags.md 4.4, 7.2).
//!
//! Offsets are code points of the decoded text. HyperText with `inline="false"` lives in a shadow root of its own, so
//! that its styles and the editor's leave each other alone, and selections and highlights still work.

mod content;
mod overlay;
mod paint;
mod value;

use crate::context::{EditorContext, use_editor};
use content::Content;
use leptos::html;
use leptos::prelude::*;
use overlay::{Layer, Overlay};
use paint::{Painter, Strength};
use serde_json::Map;
use std::cell::RefCell;
use std::rc::Rc;
use tagloom_annotation_store::{Geometry, HtmlSpan, Region, RegionId, TextSpan};
use tagloom_editor::{Action, SelectMode, TreeNodes};
use tagloom_tags::NodeId;
use tagloom_text_span::{CodePoint, PathRange, Span, StoredRange, snap, span_text};
use value::Spec;
use wasm_bindgen::prelude::*;
use web_sys::{Element, HtmlElement, Node, Range, ShadowRoot};

#[derive(Clone)]
enum State {
    Loading(crate::fetch::Progress),
    Failed(String),
    Ready(Rc<str>),
}

/// The view of a Text or a HyperText tag.
pub(super) fn view(node: NodeId) -> AnyView {
    view! { <RichText node/> }.into_any()
}

#[component]
fn RichText(node: NodeId) -> impl IntoView {
    let context = use_editor();
    let spec = context.with(|e| Spec::read(e.tree().node(node)));
    let state = RwSignal::new_local(State::Loading(crate::fetch::Progress::default()));
    let cancel = StoredValue::new_local(crate::fetch::Cancel::default());
    let start = {
        let spec = spec.clone();
        move || {
            let (spec, fresh) = (spec.clone(), crate::fetch::Cancel::default());
            cancel.set_value(fresh.clone());
            state.set(State::Loading(crate::fetch::Progress::default()));
            leptos::task::spawn_local(async move {
                let report = move |p| {
                    let _ = state.try_set(State::Loading(p));
                };
                let done = match spec.load(&fresh, report).await {
                    Ok(text) => State::Ready(text.into()),
                    Err(text) => State::Failed(text),
                };
                let _ = state.try_set(done);
            });
        }
    };
    let start = StoredValue::new_local(start);
    start.with_value(|s| s());
    on_cleanup(move || {
        if let Some(cancel) = cancel.try_get_value() {
            cancel.cancel();
        }
    });
    let label = format!("{} {}", if spec.is_html { "Hypertext" } else { "Text" }, spec.name);
    let spec = StoredValue::new(spec);
    // Numbered lines are other nodes: the text is mounted anew when the setting changes.
    let settings = context.settings();
    let numbered =
        Memo::new(move |_| settings.with(|s| s.show_line_numbers) && spec.with_value(|s| !s.is_html));
    let body = move || {
        match state.get() {
        State::Loading(p) => view! {
            <div class="tl-text-state" role="status">
                <p>"Loading the text… "<span class="tl-num">{format!("{} kB", p.loaded / 1024)}</span></p>
                <button type="button" class="tl-button" on:click=move |_| cancel.with_value(crate::fetch::Cancel::cancel)>"Cancel"</button>
            </div>
        }
        .into_any(),
        State::Failed(text) => view! {
            <div class="tl-text-state tl-text-error" role="alert">
                <p>{text}</p>
                <button type="button" class="tl-button" on:click=move |_| start.with_value(|s| s())>"Try again"</button>
            </div>
        }
        .into_any(),
        State::Ready(text) => view! { <Shown text=SharedText(send_wrapper::SendWrapper::new(text)) spec=spec.get_value() numbered=numbered.get()/> }.into_any(),
    }
    };
    view! { <section class="tl-text htx-richtext" aria-label=label>{body}</section> }
}

/// A text as a component property.
#[derive(Clone)]
struct SharedText(send_wrapper::SendWrapper<Rc<str>>);

/// The mounted text.
struct Mounted {
    context: EditorContext,
    spec: Spec,
    content: Content,
    painter: RefCell<Painter>,
    sheet: Element,
    /// Spans on the screen: id, place, in creation order.
    spans: RefCell<Vec<(RegionId, Span)>>,
    /// Where the last click was, for stepping through overlaps.
    last_click: RefCell<Option<usize>>,
}

#[component]
fn Shown(text: SharedText, spec: Spec, numbered: bool) -> impl IntoView {
    let context = use_editor();
    let holder = NodeRef::<html::Div>::new();
    let mounted: StoredValue<Option<Rc<Mounted>>, LocalStorage> = StoredValue::new_local(None);
    let ready = RwSignal::new(0u32);
    let name = spec.name.clone();
    let supported = paint::is_supported();
    let over = Overlay::new();
    let settings = context.settings();
    let on_mount = spec.clone();
    holder.on_load(move |element| {
        let built = Mounted::build(context, &on_mount, &element, &text.0, numbered);
        if let Some(built) = built {
            mounted.set_value(Some(Rc::new(built)));
            ready.set(1);
        }
        overlay::on_resize(&element, move || {
            if let Some(Some(m)) = mounted.try_get_value() {
                over.place(&m);
            }
        });
    });
    let revision = context.object_revision(&name);
    let hovered = context.hovered;
    Effect::new(move |_| {
        revision.track();
        hovered.track();
        ready.track();
        if let Some(Some(m)) = mounted.try_get_value() {
            m.refresh();
            // Measured after the browser has laid out what this change brings.
            settings.track();
            over.place(&m);
        }
    });
    let released = move |e: web_sys::PointerEvent| {
        // The browser settles the selection after the event.
        let toggles = e.ctrl_key() || e.meta_key();
        leptos::task::spawn_local(async move {
            gloo_timers::future::TimeoutFuture::new(0).await;
            if let Some(Some(m)) = mounted.try_get_value() {
                m.released(toggles);
            }
        });
    };
    let keyed = move |e: web_sys::KeyboardEvent| {
        if e.key() == "Enter"
            && let Some(Some(m)) = mounted.try_get_value()
            && m.mark()
        {
            e.prevent_default();
            e.stop_propagation();
        }
    };
    let moved = move |e: web_sys::PointerEvent| {
        if let Some(Some(m)) = mounted.try_get_value() {
            m.hover(f64::from(e.client_x()), f64::from(e.client_y()));
        }
    };
    let left = move |_: web_sys::PointerEvent| {
        if hovered.get_untracked().is_some() {
            hovered.set(None);
        }
    };
    let clicked = move |e: web_sys::MouseEvent| {
        let link = e.composed_path().iter().find_map(|n| n.dyn_into::<web_sys::HtmlAnchorElement>().ok());
        let inert = mounted.with_value(|m| m.as_ref().is_some_and(|m| !m.spec.clickable_links));
        if link.is_some() && inert {
            e.prevent_default();
        }
    };
    let plain = !spec.is_html;
    let own_names = spec.show_labels;
    let named = move || own_names.unwrap_or_else(|| settings.with(|s| s.show_labels));
    view! {
        {(!supported).then(|| view! {
            <p class="tl-text-note">"This browser cannot show marked spans in the text (it has no CSS Custom Highlight API); they are in the region list."</p>
        })}
        <div class="tl-text-frame">
            <div node_ref=holder class="tl-text-content" class:tl-text-plain=plain class:tl-text-lines=numbered
                class:tl-text-named=named tabindex="0" on:pointerup=released on:keydown=keyed on:pointermove=moved
                on:pointerleave=left on:click=clicked></div>
            <Layer overlay=over text=mounted/>
        </div>
    }
}

impl Mounted {
    fn build(
        context: EditorContext,
        spec: &Spec,
        holder: &HtmlElement,
        text: &str,
        numbered: bool,
    ) -> Option<Self> {
        let document = holder.owner_document()?;
        // The element may have shown another text before.
        holder.replace_children_with_node_0();
        let sheet = document.create_element("style").ok()?;
        let content = if spec.is_html {
            let clean = crate::html::build(text)?;
            let body = document.create_element("div").ok()?;
            body.append_child(&clean).ok()?;
            if spec.inline {
                holder.append_child(&sheet).ok()?;
                holder.append_child(&body).ok()?;
            } else {
                let root = match holder.shadow_root() {
                    Some(root) => {
                        root.replace_children_with_node_0();
                        root
                    }
                    None => holder
                        .attach_shadow(&web_sys::ShadowRootInit::new(web_sys::ShadowRootMode::Open))
                        .ok()?,
                };
                root.append_child(&sheet).ok()?;
                root.append_child(&body).ok()?;
            }
            let media = body.query_selector_all("video, audio").ok();
            for i in 0..media.as_ref().map_or(0, web_sys::NodeList::length) {
                let element = media.as_ref().and_then(|m| m.item(i));
                if let Some(Ok(element)) = element.map(|n| n.dyn_into::<web_sys::HtmlMediaElement>()) {
                    context.hub().register_embedded(&spec.name, element);
                }
            }
            Content::of_markup(&body)
        } else {
            holder.append_child(&sheet).ok()?;
            Content::plain(&document, holder, text, numbered)
        };
        Some(Self {
            context,
            spec: spec.clone(),
            content,
            painter: RefCell::default(),
            sheet,
            spans: RefCell::default(),
            last_click: RefCell::default(),
        })
    }

    /// The place of a region in this text.
    fn span_of(&self, region: &Region) -> Option<Span> {
        match &region.geometry {
            Geometry::Text(s) => {
                Some(self.content.index().clamp(Span::new(CodePoint(s.start), CodePoint(s.end))))
            }
            Geometry::Html(s) => {
                let path = PathRange {
                    start: s.start.clone(),
                    end: s.end.clone(),
                    start_offset: s.start_offset,
                    end_offset: s.end_offset,
                };
                let global = s.global.map(|(a, b)| Span::new(CodePoint(a), CodePoint(b)));
                self.content.tree.resolve(&StoredRange { path: Some(path), global }).map(|(span, _)| span)
            }
            _ => None,
        }
    }

    /// Reads the regions again and paints them.
    fn refresh(&self) {
        let Some(document) = self.sheet.owner_document() else { return };
        let hovered = self.context.hovered.get_untracked();
        let mut spans = Vec::new();
        let mut painted: Vec<(Range, String, Strength)> = Vec::new();
        self.context.try_with(|e| {
            for region in e.document().regions_of(&self.spec.name) {
                let Some(span) = self.span_of(region) else { continue };
                spans.push((region.id.clone(), span));
                if e.document().flags(&region.id).hidden {
                    continue;
                }
                let strength = if e.document().is_selected(&region.id) {
                    Strength::Selected
                } else if hovered.as_ref() == Some(&region.id) {
                    Strength::Hovered
                } else {
                    Strength::Plain
                };
                let color = self.spec.highlight_color.clone().unwrap_or_else(|| e.region_style(region).color);
                if let Some(range) = self.content.range(&document, span) {
                    painted.push((range, color, strength));
                }
            }
        });
        self.painter.borrow_mut().paint(&self.sheet, &painted);
        *self.spans.borrow_mut() = spans;
    }

    /// The root that the text lives in: the document, the editor's shadow root, or the text's own.
    fn root(&self) -> Node {
        self.sheet.get_root_node()
    }

    /// The user's selection inside this text, as a span.
    fn selection(&self) -> Option<Span> {
        let (start_node, start, end_node, end) = selection_in(&self.root())?;
        let a = self.content.code_point(&start_node, start)?;
        let b = self.content.code_point(&end_node, end)?;
        Some(Span::new(CodePoint(a.min(b)), CodePoint(a.max(b))))
    }

    fn released(&self, toggles: bool) {
        let Some(span) = self.selection() else { return };
        if span.start == span.end {
            self.click(span.start.0, toggles);
        } else {
            self.mark();
        }
    }

    /// A click selects the smallest span under it; clicking again steps through those that overlap.
    fn click(&self, at: usize, toggles: bool) {
        let mut under: Vec<(RegionId, Span)> =
            self.spans.borrow().iter().filter(|(_, s)| s.start.0 <= at && at < s.end.0).cloned().collect();
        under.sort_by_key(|(_, s)| s.end.0 - s.start.0);
        let repeated = self.last_click.borrow_mut().replace(at) == Some(at);
        let selected = self.context.selection().get_untracked();
        let now = under.iter().position(|(id, _)| selected.contains(id));
        let next = match now {
            Some(i) if repeated => under.get((i + 1) % under.len()),
            _ => under.first(),
        };
        let mode = if toggles { SelectMode::Toggle } else { SelectMode::Replace };
        match next {
            Some((id, _)) => self.context.dispatch(Action::Select { ids: vec![id.clone()], mode }),
            None if !selected.is_empty() => self.context.dispatch(Action::Unselect),
            None => {}
        }
    }

    /// Makes a region of the selection with the armed labels; says whether there was something to make. After a double
    /// click the browser has selected a word.
    fn mark(&self) -> bool {
        if !self.spec.selection_enabled {
            return false;
        }
        let Some(span) = self.selection().filter(|s| s.start != s.end) else { return false };
        let Some(Some(plan)) = self.context.try_with(|e| e.can_draw(&self.spec.name)) else { return false };
        let own = self.context.try_with(|e| {
            let granularity = plan.labels.first().and_then(|l| e.tree().node(*l).raw("granularity"));
            granularity.and_then(value::granularity)
        });
        let granularity = own.flatten().unwrap_or(self.spec.granularity);
        let span = trimmed(self.content.index(), snap(self.content.index(), span, granularity));
        if span.start == span.end {
            return false;
        }
        let text = self.spec.save_text.then(|| span_text(self.content.index(), span));
        let geometry = if self.spec.is_html {
            let path = self.content.tree.path_range(span);
            Geometry::Html(HtmlSpan {
                start: path.start,
                end: path.end,
                start_offset: path.start_offset,
                end_offset: path.end_offset,
                global: Some((span.start.0, span.end.0)),
                text,
            })
        } else {
            Geometry::Text(TextSpan { start: span.start.0, end: span.end.0, text })
        };
        clear_selection(&self.root());
        self.context.dispatch(Action::CreateRegion {
            object: self.spec.name.clone(),
            geometry,
            frame: Map::new(),
            item_index: None,
        });
        true
    }

    fn hover(&self, x: f64, y: f64) {
        let at =
            caret_at(&self.root(), x, y).and_then(|(node, offset)| self.content.code_point(&node, offset));
        let over = at.and_then(|at| {
            let spans = self.spans.borrow();
            let under = spans.iter().filter(|(_, s)| s.start.0 <= at && at < s.end.0);
            under.min_by_key(|(_, s)| s.end.0 - s.start.0).map(|(id, _)| id.clone())
        });
        if self.context.hovered.get_untracked() != over {
            self.context.hovered.set(over);
        }
    }
}

/// Without white space at its ends, which a double click takes along.
fn trimmed(index: &tagloom_text_span::TextIndex, span: Span) -> Span {
    let text = index.slice(span);
    let front = text.chars().take_while(|c| c.is_whitespace()).count();
    let back = text.chars().rev().take_while(|c| c.is_whitespace()).count();
    if front + back >= span.end.0 - span.start.0 {
        return Span::new(span.start, span.start);
    }
    Span::new(CodePoint(span.start.0 + front), CodePoint(span.end.0 - back))
}

fn call(object: &JsValue, method: &str, arguments: &[JsValue]) -> Option<JsValue> {
    let function = js_sys::Reflect::get(object, &method.into()).ok()?.dyn_into::<js_sys::Function>().ok()?;
    function.apply(object, &arguments.iter().collect()).ok().filter(|v| !v.is_null() && !v.is_undefined())
}

/// The selection of a root: shadow roots have their own in some browsers, composed ranges in the others.
fn selection_in(root: &Node) -> Option<(Node, u32, Node, u32)> {
    let of_document = || web_sys::window()?.get_selection().ok().flatten();
    if root.dyn_ref::<ShadowRoot>().is_some() {
        if let Some(own) =
            call(root, "getSelection", &[]).and_then(|s| s.dyn_into::<web_sys::Selection>().ok())
        {
            return range_of(&own);
        }
        let selection = of_document()?;
        let options = js_sys::Object::new();
        js_sys::Reflect::set(&options, &"shadowRoots".into(), &js_sys::Array::of1(root)).ok()?;
        let ranges = call(&selection, "getComposedRanges", &[options.into()])?;
        let range = js_sys::Array::from(&ranges).get(0);
        let node = |name: &str| js_sys::Reflect::get(&range, &name.into()).ok()?.dyn_into::<Node>().ok();
        let offset = |name: &str| js_sys::Reflect::get(&range, &name.into()).ok()?.as_f64().map(|v| v as u32);
        return Some((
            node("startContainer")?,
            offset("startOffset")?,
            node("endContainer")?,
            offset("endOffset")?,
        ));
    }
    range_of(&of_document()?)
}

fn range_of(selection: &web_sys::Selection) -> Option<(Node, u32, Node, u32)> {
    if selection.range_count() == 0 {
        return None;
    }
    let range = selection.get_range_at(0).ok()?;
    Some((
        range.start_container().ok()?,
        range.start_offset().ok()?,
        range.end_container().ok()?,
        range.end_offset().ok()?,
    ))
}

fn clear_selection(root: &Node) {
    let own = call(root, "getSelection", &[]).and_then(|s| s.dyn_into::<web_sys::Selection>().ok());
    let selection = own.or_else(|| web_sys::window()?.get_selection().ok().flatten());
    if let Some(selection) = selection {
        // A selection that stays is only a cosmetic flaw.
        let _ = selection.remove_all_ranges();
    }
}

/// The text position under a point, also inside shadow roots.
fn caret_at(root: &Node, x: f64, y: f64) -> Option<(Node, u32)> {
    let document = web_sys::window()?.document()?;
    let options = js_sys::Object::new();
    if root.dyn_ref::<ShadowRoot>().is_some() {
        js_sys::Reflect::set(&options, &"shadowRoots".into(), &js_sys::Array::of1(root)).ok()?;
    }
    let position = call(&document, "caretPositionFromPoint", &[x.into(), y.into(), options.into()])?;
    let node = js_sys::Reflect::get(&position, &"offsetNode".into()).ok()?.dyn_into::<Node>().ok()?;
    let offset = js_sys::Reflect::get(&position, &"offset".into()).ok()?.as_f64()?;
    Some((node, offset as u32))
}
