//! Selecting, deleting, relations, tools and the labels that are armed from the start.

use super::Editor;
use crate::action::{Action, SelectMode, Tool};
use crate::message::{Message, MessageKind};
use crate::nodes::TreeNodes;
use crate::update::Update;
use tagloom_annotation_store::{Command, RegionId, Relation};

impl Editor {
    /// Regions with a place, in creation order.
    pub(super) fn places(&self) -> Vec<RegionId> {
        self.document().regions().filter(|r| !r.is_classification()).map(|r| r.id.clone()).collect()
    }

    pub(super) fn select(&mut self, ids: Vec<RegionId>, mode: SelectMode) -> Update {
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
    pub(super) fn delete(&mut self, ids: Vec<RegionId>) -> Update {
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

    pub(super) fn finish_relation(&mut self, to: RegionId) -> Update {
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

    /// Labels with `selected="true"` are armed at the start.
    pub(super) fn arm_selected(&mut self) -> Update {
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
