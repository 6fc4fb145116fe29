//! The bridge between the headless editor and the reactive views.
//!
//! Signals are written in one place only, [`EditorContext::dispatch`], after the editor has returned; host callbacks
//! run when no borrow is open, so that a host may call back in.

use crate::journal::BrowserJournal;
use crate::media::MediaHub;
use leptos::prelude::*;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use tagloom_annotation_store::{Region, RegionId};
use tagloom_editor::{Action, Editor, EditorEvent, EditorOptions, KeyPress, KeyTarget, Settings, Tool};
use tagloom_tags::{NodeId, Tree};

/// Called with every event, outside of any borrow.
pub type EventHandler = Rc<dyn Fn(&EditorContext, &EditorEvent)>;
type Handler = Rc<dyn Fn()>;

struct Inner {
    editor: RefCell<Editor>,
    /// Actions that came while the editor was being read.
    waiting: RefCell<Vec<Action>>,
    rows: RefCell<HashMap<RegionId, ArcRwSignal<Option<Arc<Region>>>>>,
    objects: RefCell<HashMap<String, ArcRwSignal<u64>>>,
    handlers: RefCell<Vec<(u64, String, Handler)>>,
    /// Those that may decline; asked first.
    deciding: RefCell<Vec<(u64, String, Rc<dyn Fn() -> bool>)>>,
    before_submit: RefCell<Vec<(u64, Handler)>>,
    next_handler: Cell<u64>,
    on_event: RefCell<Option<EventHandler>>,
    hub: MediaHub,
}

/// Handle to one editor; copy it freely. Lives as long as the owner it was made in.
#[derive(Clone, Copy)]
pub struct EditorContext {
    inner: StoredValue<Rc<Inner>, LocalStorage>,
    tree: RwSignal<Arc<Tree>>,
    order: RwSignal<Arc<[RegionId]>>,
    selection: RwSignal<Arc<[RegionId]>>,
    /// The region under the pointer, on the canvas or in the list.
    pub hovered: RwSignal<Option<RegionId>>,
    content: RwSignal<u64>,
    armed: RwSignal<u64>,
    tools: RwSignal<u64>,
    tabs: RwSignal<u64>,
    messages: RwSignal<u64>,
    items: RwSignal<u64>,
    flags: RwSignal<u64>,
    relations: RwSignal<u64>,
    settings: RwSignal<Arc<Settings>>,
    history: RwSignal<(bool, bool)>,
    read_only: RwSignal<bool>,
    relation_from: RwSignal<Option<RegionId>>,
}

impl std::fmt::Debug for EditorContext {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EditorContext").finish_non_exhaustive()
    }
}

/// The editor of this part of the component tree.
///
/// # Panics
/// Outside of an editor; views are only ever made inside one.
pub fn use_editor() -> EditorContext {
    expect_context::<EditorContext>()
}

impl EditorContext {
    /// A new editor with the browser's journal and clock.
    pub fn new(options: EditorOptions) -> Self {
        let editor = Editor::with(options, Rc::new(BrowserJournal::new()), Rc::new(crate::journal::now_ms));
        Self::from_editor(editor)
    }

    pub fn from_editor(editor: Editor) -> Self {
        let order = order_of(&editor);
        let document = editor.document();
        let hub = MediaHub::default();
        hub.set_tree(editor.tree().clone());
        hub.set_alignment(document.alignment());
        let context = Self {
            tree: RwSignal::new(editor.tree().clone()),
            order: RwSignal::new(order),
            selection: RwSignal::new(document.selection().into()),
            hovered: RwSignal::new(None),
            content: RwSignal::new(0),
            armed: RwSignal::new(0),
            tools: RwSignal::new(0),
            tabs: RwSignal::new(0),
            messages: RwSignal::new(0),
            items: RwSignal::new(0),
            flags: RwSignal::new(0),
            relations: RwSignal::new(0),
            settings: RwSignal::new(Arc::new(editor.settings().clone())),
            history: RwSignal::new((document.can_undo(), document.can_redo())),
            read_only: RwSignal::new(editor.is_read_only()),
            relation_from: RwSignal::new(None),
            inner: StoredValue::new_local(Rc::new(Inner {
                editor: RefCell::new(editor),
                waiting: RefCell::default(),
                rows: RefCell::default(),
                objects: RefCell::default(),
                handlers: RefCell::default(),
                deciding: RefCell::default(),
                before_submit: RefCell::default(),
                next_handler: Cell::new(0),
                on_event: RefCell::default(),
                hub: hub.clone(),
            })),
        };
        let settings = context.settings;
        Effect::new(move |before: Option<()>| {
            let settings = settings.get();
            if before.is_some() {
                crate::journal::store_settings(&settings);
            }
        });
        context
    }

    fn inner(&self) -> Option<Rc<Inner>> {
        self.inner.try_get_value()
    }

    /// The media and series of this editor.
    pub fn hub(&self) -> MediaHub {
        self.inner().map(|inner| inner.hub.clone()).unwrap_or_default()
    }

    /// Where events go; replaces the handler before.
    pub fn set_event_handler(&self, handler: EventHandler) {
        if let Some(inner) = self.inner() {
            *inner.on_event.borrow_mut() = Some(handler);
        }
    }

    /// Reads the editor, untracked. Do not keep anything borrowed; actions dispatched inside wait until it returns.
    ///
    /// # Panics
    /// After the editor was destroyed, which views do not outlive.
    pub fn with<R>(&self, read: impl FnOnce(&Editor) -> R) -> R {
        let inner = self.inner.get_value();
        let out = {
            let editor = inner.editor.borrow();
            read(&editor)
        };
        self.run_waiting(&inner);
        out
    }

    /// Like [`Self::with`], but `None` once the editor is gone; for timers and promises.
    pub fn try_with<R>(&self, read: impl FnOnce(&Editor) -> R) -> Option<R> {
        let inner = self.inner()?;
        let editor = inner.editor.try_borrow().ok()?;
        Some(read(&editor))
    }

    fn run_waiting(&self, inner: &Rc<Inner>) {
        loop {
            let next = {
                let mut waiting = inner.waiting.borrow_mut();
                if waiting.is_empty() || inner.editor.try_borrow_mut().is_err() {
                    return;
                }
                waiting.remove(0)
            };
            self.dispatch(next);
        }
    }

    /// Carries out an action, then brings the signals up to date, then tells the host. Does nothing after the editor
    /// was destroyed.
    pub fn dispatch(&self, action: Action) {
        let Some(inner) = self.inner() else { return };
        if matches!(action, Action::Submit | Action::Accept) {
            // Text typed but not yet entered belongs to the annotation that is sent.
            let flush: Vec<Handler> = inner.before_submit.borrow().iter().map(|(_, h)| h.clone()).collect();
            for handler in flush {
                handler();
            }
        }
        let update = match inner.editor.try_borrow_mut() {
            Ok(mut editor) => editor.dispatch(action),
            Err(_) => {
                inner.waiting.borrow_mut().push(action);
                return;
            }
        };
        self.publish(&inner, &update);
        let handler = inner.on_event.borrow().clone();
        if let Some(handler) = handler {
            for event in &update.events {
                handler(self, event);
            }
        }
    }

    fn publish(&self, inner: &Rc<Inner>, update: &tagloom_editor::Update) {
        let bump = |signal: RwSignal<u64>| signal.update(|n| *n += 1);
        let (changes, stale) = (&update.changes, &update.stale);
        let Ok(editor) = inner.editor.try_borrow() else { return };
        let document = editor.document();
        let order = (stale.document || changes.order()).then(|| order_of(&editor));
        let selection: Option<Arc<[RegionId]>> =
            (stale.document || changes.selection).then(|| document.selection().into());
        let mut touched: Vec<String> = Vec::new();
        let mut rows: Vec<(ArcRwSignal<Option<Arc<Region>>>, Option<Arc<Region>>)> = Vec::new();
        {
            let mut map = inner.rows.borrow_mut();
            if stale.document {
                for (id, row) in map.iter() {
                    rows.push((row.clone(), document.region(id).cloned()));
                }
                map.retain(|id, _| document.region(id).is_some());
            } else {
                for (id, delta) in &changes.regions {
                    if let Some(row) = map.get(id) {
                        rows.push((row.clone(), delta.after.clone()));
                    }
                    if delta.after.is_none() {
                        map.remove(id);
                    }
                    for region in [&delta.before, &delta.after].into_iter().flatten() {
                        if !touched.iter().any(|t| **t == *region.to_name) {
                            touched.push(region.to_name.to_string());
                        }
                    }
                }
            }
        }
        let all = stale.document || changes.selection || changes.view || stale.settings || stale.items;
        let objects: Vec<ArcRwSignal<u64>> = inner
            .objects
            .borrow()
            .iter()
            .filter(|(name, _)| all || touched.contains(name))
            .map(|(_, signal)| signal.clone())
            .collect();
        let history = (document.can_undo(), document.can_redo());
        let read_only = editor.is_read_only();
        let relation_from = editor.relation_from().cloned();
        let settings = stale.settings.then(|| Arc::new(editor.settings().clone()));
        let tree = stale.tree.then(|| editor.tree().clone());
        let alignment = (changes.alignment || stale.document).then(|| document.alignment().clone());
        drop(editor);

        if let Some(alignment) = alignment {
            inner.hub.set_alignment(&alignment);
        }
        if let Some(tree) = tree {
            self.hovered.set(None);
            inner.hub.set_tree(tree.clone());
            self.tree.set(tree);
        }
        for (row, region) in rows {
            row.set(region);
        }
        if let Some(order) = order {
            self.order.set(order);
        }
        if let Some(selection) = selection {
            self.selection.set(selection);
        }
        if changes.content() || changes.selection || stale.document || stale.items {
            bump(self.content);
        }
        if changes.relations || stale.document {
            bump(self.relations);
        }
        if changes.view || stale.document {
            bump(self.flags);
        }
        if stale.armed || changes.selection || changes.content() || stale.document {
            bump(self.armed);
        }
        for (on, signal) in [
            (stale.tools, self.tools),
            (stale.tabs, self.tabs),
            (stale.messages, self.messages),
            (stale.items, self.items),
        ] {
            if on {
                bump(signal);
            }
        }
        if let Some(settings) = settings {
            self.settings.set(settings);
        }
        if self.history.get_untracked() != history {
            self.history.set(history);
        }
        if self.read_only.get_untracked() != read_only {
            self.read_only.set(read_only);
        }
        if self.relation_from.get_untracked() != relation_from {
            self.relation_from.set(relation_from);
        }
        for object in objects {
            object.update(|n| *n += 1);
        }
    }

    /// The tag tree; changes only with the task or the config.
    pub fn tree(&self) -> Signal<Arc<Tree>> {
        self.tree.into()
    }
    /// Regions with a place, in creation order.
    pub fn order(&self) -> Signal<Arc<[RegionId]>> {
        self.order.into()
    }
    pub fn selection(&self) -> Signal<Arc<[RegionId]>> {
        self.selection.into()
    }
    /// One region; `None` once it is gone. One signal per row, written only when that region changes.
    pub fn region(&self, id: &RegionId) -> Signal<Option<Arc<Region>>> {
        let Some(inner) = self.inner() else { return Signal::stored(None) };
        let now = inner.editor.try_borrow().ok().and_then(|e| e.document().region(id).cloned());
        let row = inner.rows.borrow_mut().entry(id.clone()).or_insert_with(|| ArcRwSignal::new(now)).clone();
        row.into()
    }
    /// Grows when anything a canvas shows of an object may be stale: regions, flags, selection, settings.
    pub fn object_revision(&self, object: &str) -> Signal<u64> {
        let Some(inner) = self.inner() else { return Signal::stored(0) };
        let signal = inner
            .objects
            .borrow_mut()
            .entry(object.to_owned())
            .or_insert_with(|| ArcRwSignal::new(0))
            .clone();
        signal.into()
    }
    /// Grows with every change of content or selection: what values and visibility depend on.
    pub fn content(&self) -> Signal<u64> {
        self.content.into()
    }
    /// Grows when armed labels, or the labels of selected regions, may have changed.
    pub fn armed(&self) -> Signal<u64> {
        self.armed.into()
    }
    pub fn tabs(&self) -> Signal<u64> {
        self.tabs.into()
    }
    pub fn messages(&self) -> Signal<u64> {
        self.messages.into()
    }
    /// Grows when another item of a multi-item object is shown.
    pub fn items(&self) -> Signal<u64> {
        self.items.into()
    }
    /// Grows when regions are hidden, shown, locked or unlocked.
    pub fn flags(&self) -> Signal<u64> {
        self.flags.into()
    }
    pub fn relations(&self) -> Signal<u64> {
        self.relations.into()
    }
    pub fn settings(&self) -> Signal<Arc<Settings>> {
        self.settings.into()
    }
    /// Whether undo and redo are possible.
    pub fn history(&self) -> Signal<(bool, bool)> {
        self.history.into()
    }
    pub fn read_only(&self) -> Signal<bool> {
        self.read_only.into()
    }
    /// The region a relation is being drawn from.
    pub fn relation_from(&self) -> Signal<Option<RegionId>> {
        self.relation_from.into()
    }
    pub fn tool(&self, object: &str) -> Signal<Tool> {
        let (context, object) = (*self, object.to_owned());
        Memo::new(move |_| {
            context.tools.track();
            context.tree.track();
            context.with(|e| e.tool(&object))
        })
        .into()
    }
    pub fn visible(&self, node: NodeId) -> Signal<bool> {
        let context = *self;
        Memo::new(move |_| {
            context.content.track();
            context.with(|e| e.visible(node))
        })
        .into()
    }
    /// What a classification control says where it stands now (object, selected region, shown item).
    pub fn value(&self, control: NodeId) -> Signal<Option<serde_json::Value>> {
        let context = *self;
        Memo::new(move |_| {
            context.content.track();
            context.with(|e| e.value(control))
        })
        .into()
    }

    /// Offers a named command of the keymap to keys and palette while the calling view is mounted. The view mounted
    /// last comes first.
    pub fn on_command(&self, name: &str, run: impl Fn() + 'static) {
        let Some(inner) = self.inner() else { return };
        let id = inner.next_handler.get() + 1;
        inner.next_handler.set(id);
        inner.handlers.borrow_mut().push((id, name.to_owned(), Rc::new(run)));
        let context = *self;
        on_cleanup(move || {
            if let Some(inner) = context.inner() {
                inner.handlers.borrow_mut().retain(|(other, ..)| *other != id);
            }
        });
    }

    /// As [`Self::on_command`], for a view that shares the command's key with others: `run` says whether it was meant.
    /// Views that decide come before those that do not.
    pub fn on_command_if(&self, name: &str, run: impl Fn() -> bool + 'static) {
        let Some(inner) = self.inner() else { return };
        let id = inner.next_handler.get() + 1;
        inner.next_handler.set(id);
        inner.deciding.borrow_mut().push((id, name.to_owned(), Rc::new(run)));
        let context = *self;
        on_cleanup(move || {
            if let Some(inner) = context.inner() {
                inner.deciding.borrow_mut().retain(|(other, ..)| *other != id);
            }
        });
    }

    /// Runs before an annotation is sent, while the calling view is mounted: inputs enter what was typed.
    pub fn before_submit(&self, run: impl Fn() + 'static) {
        let Some(inner) = self.inner() else { return };
        let id = inner.next_handler.get() + 1;
        inner.next_handler.set(id);
        inner.before_submit.borrow_mut().push((id, Rc::new(run)));
        let context = *self;
        on_cleanup(move || {
            if let Some(inner) = context.inner() {
                inner.before_submit.borrow_mut().retain(|(other, _)| *other != id);
            }
        });
    }

    /// Whether somebody would carry out this command now.
    pub fn can_run(&self, name: &str) -> bool {
        let Some(inner) = self.inner() else { return false };
        inner.handlers.borrow().iter().any(|(_, n, _)| n == name)
            || inner.deciding.borrow().iter().any(|(_, n, _)| n == name)
            || self.try_with(|e| e.command_action(name).is_some()).unwrap_or(false)
    }

    /// Runs a named command: a view's, else the editor's own. Says whether there was one.
    pub fn run_command(&self, name: &str) -> bool {
        let Some(inner) = self.inner() else { return false };
        let deciding: Vec<Rc<dyn Fn() -> bool>> = {
            let all = inner.deciding.borrow();
            all.iter().rev().filter(|(_, n, _)| n == name).map(|(.., d)| d.clone()).collect()
        };
        if deciding.iter().any(|decide| decide()) {
            return true;
        }
        let handler =
            inner.handlers.borrow().iter().rev().find(|(_, n, _)| n == name).map(|(.., h)| h.clone());
        if let Some(handler) = handler {
            handler();
            return true;
        }
        let action = self.try_with(|e| e.command_action(name)).flatten();
        match action {
            Some(action) => {
                self.dispatch(action);
                true
            }
            None => false,
        }
    }

    /// Carries out what a key press means; says whether it meant anything. Keys of the config come before commands,
    /// so that a label's letter never loses to a tool that happens to share it.
    pub fn press(&self, press: &KeyPress) -> bool {
        let targets = self.try_with(|e| e.keys(press)).unwrap_or_default();
        let (of_config, commands): (Vec<_>, Vec<_>) =
            targets.into_iter().partition(|t| !matches!(t, KeyTarget::Command(_)));
        let (tags, places): (Vec<_>, Vec<_>) =
            of_config.into_iter().partition(|t| matches!(t, KeyTarget::Tag(_)));
        for target in tags.into_iter().chain(places).chain(commands) {
            let done = match target {
                KeyTarget::Tag(node) => match self.try_with(|e| e.tag_action(node)).flatten() {
                    Some(action) => {
                        self.dispatch(action);
                        true
                    }
                    None => self.run_command(&format!("tag:{}", node.0)),
                },
                KeyTarget::SelectNth(n) => {
                    self.dispatch(Action::SelectNth(n));
                    true
                }
                KeyTarget::Command(name) => self.run_command(name),
            };
            if done {
                return true;
            }
        }
        false
    }
}

fn order_of(editor: &Editor) -> Arc<[RegionId]> {
    editor.document().regions().filter(|r| !r.is_classification()).map(|r| r.id.clone()).collect()
}
