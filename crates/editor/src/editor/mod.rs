//! The editor itself: its state, and dispatching actions.

mod annotations;
mod drafts;
mod keys;
mod loading;
mod selection;
mod sending;

use crate::action::{Action, SelectMode, Tool};
use crate::annotation::Annotation;
use crate::armed::Armed;
use crate::journal::{Journal, MemoryJournal};
use crate::keymap::Keymap;
use crate::message::Message;
use crate::options::{EditorOptions, Interfaces, User};
use crate::settings::Settings;
use crate::task::Task;
use crate::update::{EditorEvent, Stale, Update};
use serde_json::Value;
use std::collections::HashMap;
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;
use tagloom_annotation_store::{Command, Document, Origin, RegionId};
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

    /// Carries out an action. See the crate's documentation for the contract.
    pub fn dispatch(&mut self, action: Action) -> Update {
        let revision = self.document().revision();
        let key = self.annotation().key;
        let was_open = self.document().step_is_open();
        let mut update = self.carry_out(action);
        // A drag changes things with every frame; what is kept is how it ends.
        let is_open = self.document().step_is_open();
        // What the server has needs neither journal nor draft.
        let changed = (self.document().revision() != revision || was_open) && self.annotation().is_dirty();
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
            Action::TakeStored { key, stored } => self.take_stored(key, &stored),
            Action::SendStopped { key } => {
                if let Some(at) = self.find(key) {
                    self.annotations[at].submitting = false;
                }
                Update { stale: Stale { tabs: true, ..Stale::default() }, ..Update::default() }
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
}

/// UTC in ISO 8601 with milliseconds, from milliseconds since the epoch.
pub(crate) fn iso8601(ms: f64) -> String {
    let ms = if ms.is_finite() { ms as i64 } else { 0 };
    let timestamp = jiff::Timestamp::from_millisecond(ms).unwrap_or_default();
    format!("{timestamp:.3}")
}
