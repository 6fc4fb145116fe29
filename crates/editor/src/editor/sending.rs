//! Submitting: what is filled in and checked first, and what follows when it was saved.

use super::Editor;
use crate::action::AnnotationKey;
use crate::message::Message;
use crate::nodes::TreeNodes;
use crate::update::{EditorEvent, Stale, Update};
use serde_json::Value;
use tagloom_annotation_store::Command;

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
        self.annotation_mut().submitting = true;
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
        a.saved_revision = a.document.revision();
        a.draft_revision = a.saved_revision;
        a.draft_id = 0;
        Update { stale: Stale { tabs: true, ..Stale::default() }, ..Update::default() }
    }
}
