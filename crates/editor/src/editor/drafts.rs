//! What is kept on this machine until it was sent, and how it comes back.

use super::Editor;
use crate::annotation::Annotation;
use crate::journal::JournalEntry;
use crate::message::{Message, MessageKind};
use crate::schema::TreeSchema;
use crate::update::Update;
use serde_json::Value;
use tagloom_annotation_store::Document;

impl Editor {
    pub(super) fn journal_key(&self, annotation: &Annotation) -> String {
        let which = annotation.pk.as_deref().unwrap_or("new");
        format!("{}/{}/{}", self.project, self.task.id, which)
    }

    /// Keeps the shown annotation on this machine. A task without an id cannot be found again, so it is not kept.
    pub(super) fn write_journal(&mut self) -> Update {
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
    pub(super) fn recover(&mut self) -> Update {
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
}
