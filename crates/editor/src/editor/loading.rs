//! Another task or config in the same editor.

use super::Editor;
use crate::annotation::Annotation;
use crate::message::Message;
use crate::schema::TreeSchema;
use crate::task::{Reader, read_task};
use crate::update::{EditorEvent, Stale, Update};
use serde_json::{Map, Value};
use std::sync::Arc;
use tagloom_annotation_store::Origin;

impl Editor {
    pub(super) fn task_json(&self) -> Value {
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

    pub(super) fn assign_task(&mut self, task: &Value) -> Update {
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
}
