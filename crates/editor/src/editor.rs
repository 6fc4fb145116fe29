//! The editor itself: its state, and dispatching actions.

use crate::action::{Action, AnnotationKey, SelectMode, Tool};
use crate::annotation::{Annotation, AnnotationKind};
use crate::armed::Armed;
use crate::journal::{Journal, JournalEntry, MemoryJournal};
use crate::key::{KeyPress, KeyTarget};
use crate::keymap::Keymap;
use crate::message::{Message, MessageKind};
use crate::nodes::TreeNodes;
use crate::options::{EditorOptions, Interfaces, User};
use crate::schema::TreeSchema;
use crate::settings::Settings;
use crate::task::{Reader, Task, read_task};
use crate::update::{EditorEvent, Stale, Update};
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;
use tagloom_annotation_store::{Command, Document, Origin, RegionId, Relation};
use tagloom_tags::{Config, NodeId, Tree};

/// Milliseconds since the epoch.
pub type Clock = Rc<dyn Fn() -> f64>;

/// See the crate's documentation for the contract.
pub struct Editor {
    config: Arc<Config>,
    tree: Arc<Tree>,
    task: Task,
    annotations: Vec<Annotation>,
    selected: usize,
    armed: Armed,
    tools: HashMap<String, Tool>,
    item_index: HashMap<String, u64>,
    hotkeys: Vec<(NodeId, String)>,
    keymap: Keymap,
    settings: Settings,
    interfaces: Interfaces,
    user: User,
    description: Option<String>,
    queue: (u64, u64),
    project: String,
    messages: Vec<Message>,
    next_message: u64,
    next_key: u32,
    relation_from: Option<RegionId>,
    /// The region that the open step is drawing.
    pub(crate) drawing: Option<RegionId>,
    journal: Rc<dyn Journal>,
    clock: Clock,
}

impl fmt::Debug for Editor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Editor")
            .field("task", &self.task.id)
            .field("annotations", &self.annotations.len())
            .field("selected", &self.selected)
            .finish_non_exhaustive()
    }
}

impl Editor {
    /// An editor that keeps its journal in memory and whose clock stands still; for tests and headless use.
    pub fn new(options: EditorOptions) -> Self {
        Self::with(options, Rc::new(MemoryJournal::default()), Rc::new(|| 0.0))
    }

    pub fn with(options: EditorOptions, journal: Rc<dyn Journal>, clock: Clock) -> Self {
        let config = Arc::new(Config::new(&options.config));
        let tree = Arc::new(config.instantiate(&Value::Null));
        let (keymap, problems) = Keymap::new(&options.keymap);
        let mut editor = Self {
            config,
            tree,
            task: Task::default(),
            annotations: Vec::new(),
            selected: 0,
            armed: Armed::default(),
            tools: HashMap::new(),
            item_index: HashMap::new(),
            hotkeys: Vec::new(),
            keymap,
            settings: options.settings,
            interfaces: options.interfaces,
            user: options.user,
            description: options.description,
            queue: (options.queue_position, options.queue_total),
            project: options.project,
            messages: Vec::new(),
            next_message: 0,
            next_key: 0,
            relation_from: None,
            drawing: None,
            journal,
            clock,
        };
        editor.assign_task(&options.task);
        for problem in problems {
            editor.show(Message::warning(problem));
        }
        editor
    }

    pub fn config(&self) -> &Arc<Config> {
        &self.config
    }
    pub fn tree(&self) -> &Arc<Tree> {
        &self.tree
    }
    pub fn task(&self) -> &Task {
        &self.task
    }
    /// Annotations first, then predictions, each newest first; never empty.
    pub fn annotations(&self) -> &[Annotation] {
        &self.annotations
    }
    /// The tab that is shown.
    pub fn annotation(&self) -> &Annotation {
        &self.annotations[self.selected.min(self.annotations.len() - 1)]
    }
    fn annotation_mut(&mut self) -> &mut Annotation {
        let at = self.selected.min(self.annotations.len() - 1);
        &mut self.annotations[at]
    }
    pub fn document(&self) -> &Document {
        &self.annotation().document
    }
    pub fn armed(&self) -> &Armed {
        &self.armed
    }
    pub(crate) fn armed_mut(&mut self) -> &mut Armed {
        &mut self.armed
    }
    pub fn settings(&self) -> &Settings {
        &self.settings
    }
    pub fn interfaces(&self) -> &Interfaces {
        &self.interfaces
    }
    pub fn user(&self) -> &User {
        &self.user
    }
    pub fn keymap(&self) -> &Keymap {
        &self.keymap
    }
    pub fn description(&self) -> Option<&str> {
        self.description.as_deref()
    }
    /// Position in the queue and its length; zeros where the host gave none.
    pub fn queue(&self) -> (u64, u64) {
        self.queue
    }
    pub fn messages(&self) -> &[Message] {
        &self.messages
    }
    pub fn now(&self) -> f64 {
        (self.clock)()
    }
    pub fn is_read_only(&self) -> bool {
        self.document().is_read_only()
    }
    /// The region a relation is being drawn from.
    pub fn relation_from(&self) -> Option<&RegionId> {
        self.relation_from.as_ref()
    }
    pub fn tool(&self, object: &str) -> Tool {
        self.tools.get(object).copied().unwrap_or_default()
    }
    pub fn item_index(&self, object: &str) -> u64 {
        self.item_index.get(object).copied().unwrap_or(0)
    }
    /// How many items a multi-item object has; 1 for all others.
    pub fn item_count(&self, object: &str) -> u64 {
        let Some(node) = self.tree.by_name(object) else { return 1 };
        let list = node.bound("valueList").as_array().or_else(|| node.value.as_array());
        list.map_or(1, |items| items.len().max(1) as u64)
    }
    /// The hotkey of a label, choice or other tag: its own, else the one it was given (spec/tags.md 3.4).
    pub fn hotkey(&self, node: NodeId) -> Option<&str> {
        self.hotkeys.iter().find(|(n, _)| *n == node).map(|(_, key)| key.as_str())
    }

    /// Everything a key press could mean, the config's own keys last; empty while typing.
    pub fn keys(&self, press: &KeyPress) -> Vec<KeyTarget> {
        let mut out: Vec<KeyTarget> = self.keymap.find(press).map(KeyTarget::Command).collect();
        if press.alt && press.shift && !press.ctrl && !press.meta {
            let digit = press.code.strip_prefix("Digit").or_else(|| press.code.strip_prefix("Numpad"));
            if let Some(n) = digit.and_then(|d| d.parse::<usize>().ok()).filter(|n| *n > 0) {
                out.push(KeyTarget::SelectNth(n));
            }
        }
        if self.settings.enable_hotkeys {
            let own = self.hotkeys.iter().filter(|(node, key)| press.matches(key) && self.visible(*node));
            out.extend(own.map(|(node, _)| KeyTarget::Tag(*node)));
        }
        out
    }

    /// The action of a named command, where it is the editor's own and not a view's.
    pub fn command_action(&self, name: &str) -> Option<Action> {
        let selection = || self.document().selection().to_vec();
        Some(match name {
            "annotation:submit" if self.interfaces.has("review") => Action::Accept,
            "annotation:submit" => Action::Submit,
            "annotation:skip" if self.interfaces.has("review") => Action::Reject { comment: None },
            "annotation:skip" => Action::Skip { comment: None },
            "annotation:undo" => Action::Apply(Command::Undo),
            "annotation:redo" => Action::Apply(Command::Redo),
            "region:delete" | "segment:delete" => Action::DeleteSelected,
            "region:delete-all" => Action::DeleteAll,
            "region:duplicate" => Action::DuplicateSelected,
            "region:relation" => Action::StartRelation,
            "region:lock" => Action::ToggleLocked(selection()),
            "region:visibility" => Action::ToggleHidden(selection()),
            "region:visibility-all" => Action::ToggleAllHidden,
            "region:unselect" => Action::Unselect,
            "region:exit" if self.document().step_is_open() => Action::Apply(Command::Abort),
            "region:exit" if self.relation_from.is_some() => Action::CancelRelation,
            "region:exit" if !self.document().selection().is_empty() => Action::Unselect,
            "region:exit" => Action::DisarmLabels,
            "region:cycle" => Action::SelectNext,
            _ => return None,
        })
    }

    /// The action of a tag's hotkey.
    pub fn tag_action(&self, node: NodeId) -> Option<Action> {
        let tag = self.tree.node(node);
        let above = |want: fn(&str) -> bool| self.tree.ancestors(node).find(|n| want(&n.kind)).map(|n| n.id);
        match tag.kind.as_str() {
            "label" => Some(Action::ToggleLabel { control: above(|t| t.ends_with("labels"))?, label: node }),
            "choice" => Some(Action::ToggleChoice { control: above(|t| t == "choices")?, choice: node }),
            "rating" => {
                let max = tag.number("maxRating").unwrap_or(5.0);
                let now = self.value(node).and_then(|v| v.as_f64()).unwrap_or(0.0);
                let next = if now >= max { None } else { Some(Value::from(now as i64 + 1)) };
                Some(Action::SetValue { control: node, value: next })
            }
            "number" => {
                let step = tag.number("step").unwrap_or(1.0);
                let start = tag.number("defaultValue").or(tag.number("min")).unwrap_or(0.0);
                let now = self.value(node).and_then(|v| v.as_f64()).unwrap_or(start);
                let next = match tag.number("max") {
                    Some(max) if now + step > max => tag.number("min").unwrap_or(0.0),
                    _ => now + step,
                };
                Some(Action::SetValue { control: node, value: Some(tagloom_annotation_store::number(next)) })
            }
            _ => None,
        }
    }

    /// Carries out an action. See the crate's documentation for the contract.
    pub fn dispatch(&mut self, action: Action) -> Update {
        let revision = self.document().revision();
        let key = self.annotation().key;
        let was_open = self.document().step_is_open();
        let mut update = self.carry_out(action);
        // A drag changes things with every frame; what is kept is how it ends.
        let is_open = self.document().step_is_open();
        let changed = self.document().revision() != revision || was_open;
        if self.annotation().key == key && changed && !is_open {
            update.absorb(self.write_journal());
            update.events.push(EditorEvent::DraftChanged { key, revision: self.document().revision() });
            update.stale.tabs = true;
        }
        update
    }

    fn carry_out(&mut self, action: Action) -> Update {
        match action {
            Action::Apply(command) => self.apply(command),
            Action::CreateRegion { object, geometry, frame, item_index } => {
                self.create_region(&object, geometry, frame, item_index).0
            }
            Action::ToggleLabel { control, label } => self.toggle_label(control, label),
            Action::DisarmLabels => self.disarm(),
            Action::SetValue { control, value } => self.set_value(control, value),
            Action::ToggleChoice { control, choice } => self.toggle_choice(control, choice),
            Action::Select { ids, mode } => self.select(ids, mode),
            Action::SelectNext => {
                let regions: Vec<_> = self.places();
                let at = self.document().selection().last().and_then(|s| regions.iter().position(|r| r == s));
                let next = regions.get(at.map_or(0, |at| (at + 1) % regions.len().max(1))).cloned();
                self.select(next.into_iter().collect(), SelectMode::Replace)
            }
            Action::SelectNth(n) => {
                let ids = self.places().into_iter().nth(n.saturating_sub(1)).into_iter().collect();
                self.select(ids, SelectMode::Replace)
            }
            Action::Unselect => self.select(Vec::new(), SelectMode::Replace),
            Action::DeleteSelected => {
                let ids = self.document().selection().to_vec();
                self.delete(ids)
            }
            Action::DeleteAll => {
                let ids = self.document().regions().map(|r| r.id.clone()).collect();
                self.delete(ids)
            }
            Action::DuplicateSelected => match self.copy() {
                Some(text) => self.paste(&text, true),
                None => Update::default(),
            },
            Action::Paste(text) => self.paste(&text, false),
            Action::ToggleHidden(ids) => {
                let hide = ids.iter().any(|id| !self.document().flags(id).hidden);
                self.command(Command::SetHidden(ids, hide))
            }
            Action::ToggleAllHidden => {
                let ids = self.places();
                let hide = ids.iter().any(|id| !self.document().flags(id).hidden);
                self.command(Command::SetHidden(ids, hide))
            }
            Action::ToggleLocked(ids) => {
                let lock = ids.iter().any(|id| !self.document().flags(id).locked);
                self.command(Command::SetLocked(ids, lock))
            }
            Action::SetNote { id, text } => {
                let Some(region) = self.document().region(&id) else { return Update::default() };
                let mut meta = region.meta.clone();
                if text.trim().is_empty() {
                    meta.shift_remove("text");
                } else {
                    meta.insert("text".into(), Value::from(vec![text]));
                }
                self.command(Command::SetMeta(id, meta))
            }
            Action::StartRelation => {
                let from = self.document().single_selection().map(|r| r.id.clone());
                let changed = self.relation_from != from;
                self.relation_from = from;
                Update { stale: Stale { relation_mode: changed, ..Stale::default() }, ..Update::default() }
            }
            Action::CancelRelation => {
                self.relation_from = None;
                Update { stale: Stale { relation_mode: true, ..Stale::default() }, ..Update::default() }
            }
            Action::FinishRelation(to) => self.finish_relation(to),
            Action::SetRelation { index, direction, labels } => {
                self.command(Command::SetRelation { index, direction, labels })
            }
            Action::SetTool { object, tool } => self.set_tool(&object, tool),
            Action::SetItemIndex { object, index } => {
                let index = index.min(self.item_count(&object).saturating_sub(1));
                self.item_index.insert(object, index);
                let mut update = self.select(Vec::new(), SelectMode::Replace);
                update.stale.items = true;
                update
            }
            Action::SelectAnnotation(key) => self.select_annotation(key),
            Action::NewAnnotation => self.add_annotation(&Value::Null, Origin::Manual, |_| {}),
            Action::CopyAnnotation(key) => self.copy_annotation(key),
            Action::DeleteAnnotation(key) => self.delete_annotation(key),
            Action::SetGroundTruth(key, value) => {
                let mut update = Update::default();
                for a in &mut self.annotations {
                    a.ground_truth = if a.key == key { value } else { a.ground_truth && !value };
                }
                let pk = self.find(key).and_then(|at| self.annotations[at].pk.clone());
                update.events.push(EditorEvent::GroundTruth { key, pk, value });
                update.stale.tabs = true;
                update
            }
            Action::Submit => self.submit(None),
            Action::Accept => self.submit(Some(true)),
            Action::Reject { comment } => {
                let dirty = self.annotation().is_dirty();
                let mut payload = self.payload(false);
                if let Some(comment) = comment {
                    payload.insert("comment".into(), comment.into());
                }
                let key = self.annotation().key;
                self.sending(EditorEvent::RejectAnnotation { key, payload: payload.into(), dirty })
            }
            Action::Skip { comment } => {
                let mut payload = self.payload(false);
                payload.insert("was_cancelled".into(), true.into());
                if let Some(comment) = comment {
                    payload.insert("comment".into(), comment.into());
                }
                let key = self.annotation().key;
                self.sending(EditorEvent::SkipTask { key, payload: payload.into() })
            }
            Action::Unskip => {
                let (key, pk) = (self.annotation().key, self.annotation().pk.clone());
                self.annotation_mut().skipped = false;
                let mut update = Update::default();
                update.stale.tabs = true;
                update.events.push(EditorEvent::UnskipTask { key, pk });
                update
            }
            Action::Saved { key, pk } => self.saved(key, pk),
            Action::SaveFailed { key, message } => {
                if let Some(at) = self.find(key) {
                    self.annotations[at].submitting = false;
                }
                let text =
                    format!("{message} Your work is kept on this machine; submit again when it works.");
                let mut update = self.show(Message::error(text));
                update.stale.tabs = true;
                update
            }
            Action::DraftSaved { key, revision, draft_id } => {
                if let Some(at) = self.find(key) {
                    self.annotations[at].draft_revision = revision;
                    if let Some(id) = draft_id {
                        self.annotations[at].draft_id = id;
                    }
                }
                Update { stale: Stale { tabs: true, ..Stale::default() }, ..Update::default() }
            }
            Action::SetSettings(settings) => {
                self.settings = *settings;
                Update { stale: Stale { settings: true, ..Stale::default() }, ..Update::default() }
            }
            Action::Show(message) => self.show(message),
            Action::DismissMessage(id) => {
                self.messages.retain(|m| m.id != id);
                Update { stale: Stale { messages: true, ..Stale::default() }, ..Update::default() }
            }
            Action::AssignTask(task) => self.assign_task(&task),
            Action::AssignConfig(xml) => {
                self.config = Arc::new(Config::new(&xml));
                let task = self.task_json();
                self.assign_task(&task)
            }
        }
    }

    /// A document command that came from outside, with what follows from it.
    fn apply(&mut self, command: Command) -> Update {
        let commits = command == Command::Commit;
        let aborts = command == Command::Abort;
        let mut update = self.command(command);
        if commits && let Some(id) = self.drawing.take() {
            update.absorb(self.finish_drawing(&id));
        }
        if aborts {
            self.drawing = None;
        }
        update
    }

    /// A document command; a refusal becomes a message unless it is only that nothing can be edited at all.
    pub(crate) fn command(&mut self, command: Command) -> Update {
        let changes = self.annotation_mut().document.apply(command);
        let mut update = Update::default();
        for (id, delta) in &changes.regions {
            if delta.after.is_none() && delta.before.as_ref().is_some_and(|r| !r.is_classification()) {
                update.events.push(EditorEvent::EntityDelete { id: id.to_string() });
            }
        }
        if let Some(refused) = &changes.refused {
            let mut text = refused.to_string();
            if let Some(first) = text.get_mut(..1) {
                first.make_ascii_uppercase();
            }
            let shown = self.show(Message::warning(format!("{text}.")));
            update.absorb(shown);
        }
        // What is selected decides which controls are seen, and which chips are lit.
        update.stale.armed |= changes.selection;
        update.changes = changes;
        update
    }

    /// Shows a message; the same text is not shown twice at once.
    pub(crate) fn show(&mut self, mut message: Message) -> Update {
        let mut update = Update::default();
        update.stale.messages = true;
        if self.messages.iter().any(|m| m.text == message.text && m.kind == message.kind) {
            return update;
        }
        self.next_message += 1;
        message.id = self.next_message;
        self.messages.push(message);
        update
    }

    /// Regions with a place, in creation order.
    fn places(&self) -> Vec<RegionId> {
        self.document().regions().filter(|r| !r.is_classification()).map(|r| r.id.clone()).collect()
    }

    fn select(&mut self, ids: Vec<RegionId>, mode: SelectMode) -> Update {
        if self.relation_from.is_some()
            && let [to] = ids.as_slice()
            && mode == SelectMode::Replace
        {
            return self.finish_relation(to.clone());
        }
        let mut selection = self.document().selection().to_vec();
        match mode {
            SelectMode::Replace => selection = ids,
            SelectMode::Toggle => {
                for id in ids {
                    match selection.iter().position(|s| *s == id) {
                        Some(at) => {
                            selection.remove(at);
                        }
                        None => selection.push(id),
                    }
                }
            }
            SelectMode::Range => {
                let order = self.places();
                let at = |id: Option<&RegionId>| id.and_then(|id| order.iter().position(|o| o == id));
                match (at(selection.last()), at(ids.last())) {
                    (Some(a), Some(b)) => {
                        for id in &order[a.min(b)..=a.max(b)] {
                            if !selection.contains(id) {
                                selection.push(id.clone());
                            }
                        }
                    }
                    _ => selection = ids,
                }
            }
        }
        self.command(Command::Select(selection))
    }

    /// Removes what may be removed; locked and read-only regions stay, and a message says how many.
    fn delete(&mut self, ids: Vec<RegionId>) -> Update {
        if self.is_read_only() || ids.is_empty() {
            return Update::default();
        }
        let document = self.document();
        let (gone, kept): (Vec<_>, Vec<_>) = ids
            .into_iter()
            .partition(|id| document.region(id).is_some_and(|r| !r.readonly) && !document.flags(id).locked);
        let mut update = Update::default();
        if !kept.is_empty() {
            let text = format!("{} locked or read-only regions were kept.", kept.len());
            update.absorb(self.show(Message::new(MessageKind::Info, text)));
        }
        if !gone.is_empty() {
            update.absorb(self.command(Command::Remove(gone)));
        }
        update
    }

    fn finish_relation(&mut self, to: RegionId) -> Update {
        let mut update = Update::default();
        let Some(from) = self.relation_from.take() else { return update };
        update.stale.relation_mode = true;
        if from == to {
            return update;
        }
        let locked =
            self.document().flags(&to).locked || self.document().region(&to).is_some_and(|r| r.readonly);
        if locked {
            update.absorb(self.select(vec![to], SelectMode::Replace));
            return update;
        }
        update.absorb(self.command(Command::AddRelation(Relation::new(from, to))));
        update
    }

    pub(crate) fn set_tool(&mut self, object: &str, tool: Tool) -> Update {
        let mut update = Update::default();
        if self.tool(object) == tool {
            return update;
        }
        self.tools.insert(object.to_owned(), tool);
        update.stale.tools = true;
        // Taking another tool puts labels of the old one away.
        let tree = self.tree.clone();
        if let Tool::Draw(control) = tool {
            let before = self.armed.clone();
            self.armed.retain(|armed| {
                let node = tree.node(armed);
                armed == control || node.kind == "labels" || !node.to_names.iter().any(|n| n == object)
            });
            update.stale.armed |= before != self.armed;
        }
        update
    }

    fn find(&self, key: AnnotationKey) -> Option<usize> {
        self.annotations.iter().position(|a| a.key == key)
    }

    fn select_annotation(&mut self, key: AnnotationKey) -> Update {
        let Some(at) = self.find(key) else { return Update::default() };
        let previous = self.annotation().key;
        if previous == key {
            return Update::default();
        }
        let mut update = self.command(Command::Commit);
        self.selected = at;
        self.relation_from = None;
        self.drawing = None;
        update.absorb(self.disarm());
        update.stale.document = true;
        update.stale.tabs = true;
        update.events.push(EditorEvent::SelectAnnotation { key, previous: Some(previous) });
        update
    }

    fn reader_parts(&self) -> (Arc<Tree>, User, f64) {
        (self.tree.clone(), self.user.clone(), self.now())
    }

    fn add_annotation(
        &mut self,
        results: &Value,
        origin: Origin,
        fill: impl FnOnce(&mut Annotation),
    ) -> Update {
        let (tree, user, now) = self.reader_parts();
        let mut next_key = self.next_key;
        let schema = TreeSchema(&tree);
        let mut reader = Reader { schema: &schema, user: &user, now, next_key: &mut next_key };
        let mut annotation = reader.blank(AnnotationKind::Annotation, results, origin);
        self.next_key = next_key;
        annotation.created_at = Some(iso8601(now));
        fill(&mut annotation);
        let key = annotation.key;
        let blank = results.is_null();
        self.annotations.insert(0, annotation);
        self.selected = if self.annotations.len() > 1 { self.selected + 1 } else { 0 };
        let mut update =
            if self.annotations.len() > 1 { self.select_annotation(key) } else { Update::default() };
        if blank {
            self.fill_defaults();
        }
        update.stale.document = true;
        update.stale.tabs = true;
        update
    }

    /// Preselected choices belong to the loaded state, so that a new annotation is not dirty and undo stops there.
    fn fill_defaults(&mut self) {
        let defaults = self.preselected();
        if defaults.is_empty() {
            return;
        }
        for (control, value) in defaults {
            self.set_value(control, Some(value));
        }
        let results = Value::Array(self.serialize());
        let tree = self.tree.clone();
        let loaded = tagloom_annotation_store::load(
            &results,
            &TreeSchema(&tree),
            tagloom_annotation_store::LoadOptions::default(),
        );
        self.annotation_mut().document = Document::from_loaded(loaded);
    }

    fn copy_annotation(&mut self, key: AnnotationKey) -> Update {
        let Some(at) = self.find(key) else { return Update::default() };
        let source = &self.annotations[at];
        let (results, pk, prediction) = (source.loaded.clone(), source.pk.clone(), source.is_prediction());
        let results = if results.is_null() { Value::Array(Vec::new()) } else { results };
        let parent = pk.map(|pk| pk.parse::<i64>().map_or_else(|_| Value::from(pk), Value::from));
        let origin = if prediction { Origin::Prediction } else { Origin::Manual };
        self.add_annotation(&results, origin, |a| {
            if prediction {
                a.parent_prediction = parent;
            } else {
                a.parent_annotation = parent;
            }
        })
    }

    fn delete_annotation(&mut self, key: AnnotationKey) -> Update {
        let Some(at) = self.find(key) else { return Update::default() };
        if self.annotations[at].is_prediction() {
            return Update::default();
        }
        let shown = self.annotation().key;
        self.journal.remove(&self.journal_key(&self.annotations[at]));
        let gone = self.annotations.remove(at);
        let mut update = Update::default();
        update.events.push(EditorEvent::DeleteAnnotation { key, pk: gone.pk });
        if !self.annotations.iter().any(|a| !a.is_prediction()) {
            self.selected = 0;
            update.absorb(self.add_annotation(&Value::Null, Origin::Manual, |_| {}));
        } else {
            self.selected = if shown == key { 0 } else { self.find(shown).unwrap_or(0) };
        }
        update.stale.document = true;
        update.stale.tabs = true;
        update
    }

    fn submit(&mut self, accept: Option<bool>) -> Update {
        let mut update = self.command(Command::Commit);
        let state = self.submit_state();
        if let Some(reason) = state.disabled {
            update.absorb(self.show(Message::warning(format!("{reason}."))));
            return update;
        }
        self.fill_number_defaults();
        if let Some(problem) = self.first_problem() {
            let place = self.tree.node(problem.control).name.clone().unwrap_or_default();
            if let Some(region) = problem.region {
                update.absorb(self.command(Command::Select(vec![region])));
            }
            if let Some(index) = problem.item_index
                && let Some(object) = self.tree.node(problem.control).to_names.first().cloned()
            {
                self.item_index.insert(object, index);
                update.stale.items = true;
            }
            update.absorb(self.show(Message::error(problem.text).at(place)));
            return update;
        }
        self.messages.clear();
        update.stale.messages = true;
        let dirty = self.annotation().is_dirty();
        let (key, pk) = (self.annotation().key, self.annotation().pk.clone());
        let mut payload = self.payload(false);
        let event = match (accept, pk) {
            (Some(true), _) => EditorEvent::AcceptAnnotation { key, payload: payload.into(), dirty },
            (_, Some(pk)) if self.annotation().sent => {
                payload
                    .insert("id".into(), pk.parse::<i64>().map_or_else(|_| pk.clone().into(), Value::from));
                EditorEvent::UpdateAnnotation { key, pk, payload: payload.into() }
            }
            _ => EditorEvent::SubmitAnnotation { key, payload: payload.into() },
        };
        update.absorb(self.sending(event));
        update
    }

    /// Number controls without a value take their default on submit (spec/tags.md 5.11).
    fn fill_number_defaults(&mut self) {
        let tree = self.tree.clone();
        for node in tree.nodes.iter().filter(|n| n.kind == "number" && !n.bool("perRegion")) {
            if let Some(default) = node.number("defaultValue")
                && self.value(node.id).is_none()
            {
                self.set_value(node.id, Some(tagloom_annotation_store::number(default)));
            }
        }
    }

    fn sending(&mut self, event: EditorEvent) -> Update {
        let mut update = Update::default();
        if self.annotation().submitting {
            return update;
        }
        update.absorb(self.write_journal());
        self.annotation_mut().submitting = true;
        update.stale.tabs = true;
        update.events.push(event);
        update
    }

    fn saved(&mut self, key: AnnotationKey, pk: Option<String>) -> Update {
        let Some(at) = self.find(key) else { return Update::default() };
        self.journal.remove(&self.journal_key(&self.annotations[at]));
        let a = &mut self.annotations[at];
        a.submitting = false;
        a.sent = true;
        a.from_draft = false;
        a.pk = pk.or_else(|| a.pk.take());
        a.saved_revision = a.document.revision();
        a.draft_revision = a.saved_revision;
        a.draft_id = 0;
        Update { stale: Stale { tabs: true, ..Stale::default() }, ..Update::default() }
    }

    fn journal_key(&self, annotation: &Annotation) -> String {
        let which = annotation.pk.as_deref().unwrap_or("new");
        format!("{}/{}/{}", self.project, self.task.id, which)
    }

    /// Keeps the shown annotation on this machine. A task without an id cannot be found again, so it is not kept.
    fn write_journal(&mut self) -> Update {
        let annotation = self.annotation();
        if annotation.is_prediction() || self.task.id.is_empty() {
            return Update::default();
        }
        let entry = JournalEntry {
            result: Value::Array(self.serialize()),
            pk: annotation.pk.clone(),
            changed_at: self.now(),
            lead_time: ((self.now() - annotation.started_at) / 1000.0).max(0.0) + annotation.draft_lead_time,
        };
        match self.journal.put(&self.journal_key(annotation), &entry) {
            Ok(()) => Update::default(),
            Err(e) => self.show(Message::warning(format!(
                "This machine cannot keep a copy of your work: {e} Submit often until this is mended."
            ))),
        }
    }

    /// Puts work from the journal over what the server sent, where there is any.
    fn recover(&mut self) -> Update {
        let mut update = Update::default();
        if self.task.id.is_empty() {
            return update;
        }
        let tree = self.tree.clone();
        let keys: Vec<_> = self.annotations.iter().map(|a| self.journal_key(a)).collect();
        let mut recovered = 0;
        for (at, key) in keys.iter().enumerate() {
            if self.annotations[at].is_prediction() {
                continue;
            }
            let Some(entry) = self.journal.get(key) else { continue };
            let now = Value::Array(self.serialize_annotation(&self.annotations[at]));
            if now == entry.result {
                continue;
            }
            let loaded = tagloom_annotation_store::load(
                &entry.result,
                &TreeSchema(&tree),
                tagloom_annotation_store::LoadOptions::default(),
            );
            let a = &mut self.annotations[at];
            a.document = Document::from_loaded(loaded);
            a.document.set_read_only(!a.editable);
            a.from_draft = true;
            a.draft_lead_time = entry.lead_time;
            recovered += 1;
        }
        if recovered > 0 {
            let text = "Unsent work on this task was found on this machine and is shown.";
            update.absorb(self.show(Message::new(MessageKind::Info, text)));
        }
        update
    }

    fn task_json(&self) -> Value {
        let mut o = Map::new();
        if !self.task.id.is_empty() {
            o.insert("id".into(), self.task.id.clone().into());
        }
        o.insert("data".into(), self.task.data.clone());
        let (predictions, annotations): (Vec<_>, Vec<_>) =
            self.annotations.iter().partition(|a| a.is_prediction());
        let list = |tabs: Vec<&Annotation>| -> Value {
            tabs.into_iter()
                .map(|a| {
                    serde_json::json!({
                        "id": a.pk, "result": self.serialize_annotation(a), "created_at": a.created_at,
                        "model_version": a.model_version, "score": a.score,
                    })
                })
                .collect()
        };
        o.insert("annotations".into(), list(annotations));
        o.insert("predictions".into(), list(predictions));
        Value::Object(o)
    }

    fn assign_task(&mut self, task: &Value) -> Update {
        self.task = read_task(task);
        self.tree = Arc::new(self.config.instantiate(&self.task.data));
        self.hotkeys = tagloom_tags::assign_hotkeys(&self.tree).into_iter().collect();
        self.armed.clear();
        self.item_index.clear();
        self.relation_from = None;
        self.drawing = None;
        self.messages.clear();
        // Tools name nodes of the old tree.
        self.tools.clear();
        let (tree, user, now) = self.reader_parts();
        let schema = TreeSchema(&tree);
        let mut next_key = self.next_key;
        let mut reader = Reader { schema: &schema, user: &user, now, next_key: &mut next_key };
        self.annotations = reader.tabs(task);
        self.next_key = next_key;
        self.selected = 0;
        let mut update = Update::default();
        if !self.annotations.iter().any(|a| !a.is_prediction()) {
            // The newest prediction is a starting point; without one the page is empty.
            match self.annotations.first().map(|a| a.key).filter(|_| self.interfaces.has("predictions:copy"))
            {
                Some(prediction) => update.absorb(self.copy_annotation(prediction)),
                None => update.absorb(self.add_annotation(&Value::Null, Origin::Manual, |_| {})),
            }
        }
        self.selected = 0;
        for problem in self.task.problems.clone() {
            update.absorb(self.show(Message::error(problem)));
        }
        update.absorb(self.recover());
        update.absorb(self.arm_selected());
        update.stale = Stale {
            tree: true,
            document: true,
            tabs: true,
            armed: true,
            tools: true,
            messages: true,
            relation_mode: true,
            items: true,
            settings: update.stale.settings,
        };
        update.events.push(EditorEvent::TaskLoaded);
        update
    }

    /// Labels with `selected="true"` are armed at the start.
    fn arm_selected(&mut self) -> Update {
        let tree = self.tree.clone();
        let mut update = Update::default();
        for label in tree.nodes.iter().filter(|n| n.kind == "label" && n.bool("selected")) {
            if let Some(Action::ToggleLabel { control, label }) = self.tag_action(label.id)
                && !self.armed.has(control, label)
            {
                update.absorb(self.toggle_label(control, label));
            }
        }
        update
    }
}

/// UTC in ISO 8601 with milliseconds, from milliseconds since the epoch.
pub(crate) fn iso8601(ms: f64) -> String {
    let ms = if ms.is_finite() { ms as i64 } else { 0 };
    let timestamp = jiff::Timestamp::from_millisecond(ms).unwrap_or_default();
    format!("{timestamp:.3}")
}
