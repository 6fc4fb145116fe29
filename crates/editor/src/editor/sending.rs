//! Submitting: what is filled in and checked first, and what follows when it was saved.

use super::Editor;
use crate::action::AnnotationKey;
use crate::message::Message;
use crate::nodes::TreeNodes;
use crate::schema::TreeSchema;
use crate::update::{EditorEvent, Stale, Update};
use serde_json::Value;
use tagloom_annotation_store::{Command, LoadOptions, load};

impl Editor {
    pub(super) fn submit(&mut self, accept: Option<bool>) -> Update {
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
    pub(super) fn fill_number_defaults(&mut self) {
        let tree = self.tree.clone();
        for node in tree.nodes.iter().filter(|n| n.kind == "number" && !n.bool("perRegion")) {
            if let Some(default) = node.number("defaultValue")
                && self.value(node.id).is_none()
            {
                self.set_value(node.id, Some(tagloom_annotation_store::number(default)));
            }
        }
    }

    pub(super) fn sending(&mut self, event: EditorEvent) -> Update {
        let mut update = Update::default();
        if self.annotation().submitting {
            return update;
        }
        update.absorb(self.write_journal());
        let a = self.annotation_mut();
        a.submitting = true;
        a.sending_revision = Some(a.document.revision());
        update.stale.tabs = true;
        update.events.push(event);
        update
    }

    pub(super) fn saved(&mut self, key: AnnotationKey, pk: Option<String>) -> Update {
        let Some(at) = self.find(key) else { return Update::default() };
        self.journal.remove(&self.journal_key(&self.annotations[at]));
        let a = &mut self.annotations[at];
        a.submitting = false;
        a.sent = true;
        a.from_draft = false;
        a.pk = pk.or_else(|| a.pk.take());
        let revision = a.document.revision();
        a.saved_revision = a.sending_revision.take().unwrap_or(revision);
        a.draft_revision = a.saved_revision;
        a.draft_id = 0;
        let mut update = Update { stale: Stale { tabs: true, ..Stale::default() }, ..Update::default() };
        // What was changed while the answer was under way is unsent work.
        if revision != self.annotations[at].saved_revision && at == self.selected {
            update.absorb(self.write_journal());
            update.events.push(EditorEvent::DraftChanged { key, revision });
        }
        update
    }

    /// Shows what the server has. The step can be undone, which makes the annotation unsent work again.
    pub(super) fn take_stored(&mut self, key: AnnotationKey, stored: &Value) -> Update {
        if self.find(key).is_none() {
            return Update::default();
        }
        let mut update = self.select_annotation(key);
        let tree = self.tree.clone();
        let result = stored.get("result").cloned().unwrap_or_default();
        let loaded = load(&result, &TreeSchema(&tree), LoadOptions::default());
        let notices = loaded.notices.clone();
        update.absorb(self.command(Command::Replace(Box::new(loaded))));
        self.journal.remove(&self.journal_key(self.annotation()));
        let flag = |name: &str| stored.get(name).and_then(Value::as_bool);
        let a = self.annotation_mut();
        a.loaded = result;
        a.notices = notices;
        a.ground_truth = flag("ground_truth").unwrap_or(a.ground_truth);
        a.skipped = flag("was_cancelled").unwrap_or(a.skipped);
        a.submitting = false;
        a.sent = true;
        a.from_draft = false;
        // Drafts of an annotation go when it is saved, whoever saves it.
        a.draft_id = 0;
        a.saved_revision = a.document.revision();
        a.draft_revision = a.saved_revision;
        update.stale.tabs = true;
        update.stale.armed = true;
        update
    }
}
