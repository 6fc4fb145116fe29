//! The tabs: annotations and predictions, new ones, copies.

use super::Editor;
use super::iso8601;
use crate::action::AnnotationKey;
use crate::annotation::{Annotation, AnnotationKind};
use crate::options::User;
use crate::schema::TreeSchema;
use crate::task::Reader;
use crate::update::{EditorEvent, Update};
use serde_json::Value;
use std::sync::Arc;
use tagloom_annotation_store::{Command, Document, Origin};
use tagloom_tags::Tree;

impl Editor {
    pub(super) fn find(&self, key: AnnotationKey) -> Option<usize> {
        self.annotations.iter().position(|a| a.key == key)
    }

    pub(super) fn select_annotation(&mut self, key: AnnotationKey) -> Update {
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

    pub(super) fn reader_parts(&self) -> (Arc<Tree>, User, f64) {
        (self.tree.clone(), self.user.clone(), self.now())
    }

    pub(super) fn add_annotation(
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
    pub(super) fn fill_defaults(&mut self) {
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

    pub(super) fn copy_annotation(&mut self, key: AnnotationKey) -> Update {
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

    pub(super) fn delete_annotation(&mut self, key: AnnotationKey) -> Update {
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
}
