//! The document: state, steps, undo.

use crate::alignment;
use crate::changes::{Changes, Refusal};
use crate::command::Command;
use crate::geometry::Geometry;
use crate::id::RegionId;
use crate::load::Loaded;
use crate::region::{Item, Origin, Region};
use crate::relation::Relation;
use crate::save::{SaveOptions, save};
use indexmap::IndexMap;
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::sync::Arc;

/// Flags of a region that belong to the view: never recorded, never saved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ViewFlags {
    pub hidden: bool,
    pub locked: bool,
}

/// A recorded edit, replayable in both directions.
#[derive(Clone, Debug, PartialEq)]
enum Edit {
    Region { index: usize, id: RegionId, before: Option<Arc<Region>>, after: Option<Arc<Region>> },
    Relation { index: usize, before: Option<Arc<Relation>>, after: Option<Arc<Relation>> },
    Alignment { before: Arc<Map<String, Value>>, after: Arc<Map<String, Value>> },
    SetAside { before: Vec<Value>, after: Vec<Value> },
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Step {
    edits: Vec<Edit>,
    selection_before: Vec<RegionId>,
    selection_after: Vec<RegionId>,
}

/// One annotation in work. See the crate's documentation for the contract.
#[derive(Clone, Debug, Default)]
pub struct Document {
    regions: IndexMap<RegionId, Arc<Region>>,
    relations: Vec<Arc<Relation>>,
    set_aside: Vec<Value>,
    alignment: Arc<Map<String, Value>>,
    selection: Vec<RegionId>,
    flags: HashMap<RegionId, ViewFlags>,
    undo: Vec<Step>,
    redo: Vec<Step>,
    open: Option<Step>,
    initial: Arc<Initial>,
    read_only: bool,
    revision: u64,
}

#[derive(Debug, Default)]
struct Initial {
    regions: Vec<Arc<Region>>,
    relations: Vec<Arc<Relation>>,
    alignment: Arc<Map<String, Value>>,
}

impl Initial {
    fn of(loaded: Loaded) -> Self {
        let regions: Vec<_> = loaded.regions.into_iter().map(Arc::new).collect();
        let relations = loaded.relations.into_iter().map(Arc::new).collect();
        let alignment = Arc::new(alignment::of_regions(regions.iter().map(Arc::as_ref)));
        Self { regions, relations, alignment }
    }
}

impl Document {
    /// An empty document.
    pub fn new() -> Self {
        Self::default()
    }

    /// A document that starts from loaded results; loading is not recorded.
    pub fn from_loaded(loaded: Loaded) -> Self {
        let set_aside = loaded.set_aside.clone();
        let initial = Initial::of(loaded);
        Self {
            regions: initial.regions.iter().map(|r| (r.id.clone(), r.clone())).collect(),
            relations: initial.relations.clone(),
            set_aside,
            alignment: initial.alignment.clone(),
            initial: Arc::new(initial),
            ..Self::default()
        }
    }

    /// Every later command but selecting and hiding is refused.
    pub fn set_read_only(&mut self, read_only: bool) {
        self.read_only = read_only;
    }
    pub fn is_read_only(&self) -> bool {
        self.read_only
    }

    pub fn region(&self, id: &RegionId) -> Option<&Arc<Region>> {
        self.regions.get(id)
    }
    /// In creation order.
    pub fn regions(&self) -> impl DoubleEndedIterator<Item = &Arc<Region>> + ExactSizeIterator {
        self.regions.values()
    }
    /// Regions with a place, of one object, in creation order.
    pub fn regions_of<'a>(&'a self, object: &'a str) -> impl Iterator<Item = &'a Arc<Region>> {
        self.regions.values().filter(move |r| &*r.to_name == object && !r.is_classification())
    }
    pub fn relations(&self) -> &[Arc<Relation>] {
        &self.relations
    }
    /// How the clocks of objects were aligned by hand, by object; empty when they were not.
    pub fn alignment(&self) -> &Arc<Map<String, Value>> {
        &self.alignment
    }
    pub fn selection(&self) -> &[RegionId] {
        &self.selection
    }
    pub fn is_selected(&self, id: &RegionId) -> bool {
        self.selection.contains(id)
    }
    /// The only selected region.
    pub fn single_selection(&self) -> Option<&Arc<Region>> {
        match self.selection.as_slice() {
            [id] => self.regions.get(id),
            _ => None,
        }
    }
    pub fn flags(&self, id: &RegionId) -> ViewFlags {
        self.flags.get(id).copied().unwrap_or_default()
    }
    /// The global (not per-region) result of a control, for one item of a multi-item object.
    pub fn classification(&self, from_name: &str, item_index: Option<u64>) -> Option<(&Arc<Region>, &Item)> {
        self.regions
            .values()
            .filter(|r| r.is_classification() && r.item_index == item_index)
            .find_map(|r| Some((r, r.item(from_name)?)))
    }
    pub fn children_of<'a>(&'a self, id: &'a RegionId) -> impl Iterator<Item = &'a Arc<Region>> {
        self.regions.values().filter(move |r| r.parent_id.as_ref() == Some(id))
    }

    pub fn can_undo(&self) -> bool {
        !self.undo.is_empty() || self.open.as_ref().is_some_and(|s| !s.edits.is_empty())
    }
    pub fn can_redo(&self) -> bool {
        !self.redo.is_empty()
    }
    pub fn step_is_open(&self) -> bool {
        self.open.is_some()
    }
    /// Grows with every change of content; equal revisions mean equal content.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// The result list as it is stored.
    pub fn serialize(&self, options: &SaveOptions<'_>) -> Vec<Value> {
        let mut out =
            save(self.regions.values().map(Arc::as_ref), self.relations.iter().map(Arc::as_ref), options);
        out.extend(self.set_aside.iter().cloned());
        out
    }

    /// Carries out a command. See [`Changes::refused`] for one that had no effect.
    pub fn apply(&mut self, command: Command) -> Changes {
        let mut changes = Changes::default();
        let undo_state = (self.can_undo(), self.can_redo());
        let result = self.carry_out(command, &mut changes);
        if let Err(refusal) = result {
            changes.refused = Some(refusal);
        }
        changes.history |= undo_state != (self.can_undo(), self.can_redo());
        if changes.content() {
            self.revision += 1;
        }
        changes
    }

    fn carry_out(&mut self, command: Command, out: &mut Changes) -> Result<(), Refusal> {
        match command {
            Command::Select(ids) => {
                self.select(ids, out);
                return Ok(());
            }
            Command::SetHidden(ids, hidden) => return self.set_flags(ids, out, |f| f.hidden = hidden),
            Command::SetLocked(ids, locked) => return self.set_flags(ids, out, |f| f.locked = locked),
            // There is no step to close or drop where none could be begun.
            Command::Commit | Command::Abort if self.read_only => return Ok(()),
            _ if self.read_only => return Err(Refusal::DocumentReadOnly),
            Command::Begin => {
                self.commit(out);
                self.open = Some(self.fresh_step());
                return Ok(());
            }
            Command::Commit => {
                self.commit(out);
                return Ok(());
            }
            Command::Abort => {
                if let Some(step) = self.open.take() {
                    self.replay_backwards(&step, out);
                }
                return Ok(());
            }
            Command::Undo => {
                self.commit(out);
                if let Some(step) = self.undo.pop() {
                    self.replay_backwards(&step, out);
                    self.redo.push(step);
                }
                return Ok(());
            }
            Command::Redo => {
                self.commit(out);
                if let Some(step) = self.redo.pop() {
                    for edit in &step.edits {
                        self.replay(edit, true, out);
                    }
                    self.select(step.selection_after.clone(), out);
                    self.undo.push(step);
                }
                return Ok(());
            }
            _ => {}
        }
        let alone = self.open.is_none();
        if alone {
            self.open = Some(self.fresh_step());
        }
        let result = self.edit(command, out);
        if alone {
            if result.is_err() {
                if let Some(step) = self.open.take() {
                    self.replay_backwards(&step, out);
                }
            } else {
                self.commit(out);
            }
        }
        result
    }

    fn fresh_step(&self) -> Step {
        Step { selection_before: self.selection.clone(), ..Step::default() }
    }

    fn commit(&mut self, out: &mut Changes) {
        if let Some(mut step) = self.open.take()
            && !step.edits.is_empty()
        {
            step.selection_after.clone_from(&self.selection);
            self.undo.push(step);
            self.redo.clear();
            out.history = true;
        }
    }

    /// Commands that change content, inside an open step.
    fn edit(&mut self, command: Command, out: &mut Changes) -> Result<(), Refusal> {
        match command {
            Command::Put(mut region) => {
                if region.items.is_empty() {
                    return Err(Refusal::Empty);
                }
                match self.regions.get_index_of(&region.id) {
                    Some(index) => {
                        self.editable(&region.id)?;
                        self.replace(index, region, out);
                    }
                    None => {
                        alignment::stamp(&mut region, &self.alignment);
                        let index = self.regions.len();
                        let id = region.id.clone();
                        self.record(
                            Edit::Region { index, id, before: None, after: Some(Arc::new(region)) },
                            out,
                        );
                    }
                }
                Ok(())
            }
            Command::Remove(ids) => {
                for id in &ids {
                    self.editable(id)?;
                }
                for id in ids {
                    self.remove(&id, out);
                }
                Ok(())
            }
            Command::SetGeometry(id, geometry) => self.modify(&id, out, |region| {
                region.geometry = geometry;
                Ok(())
            }),
            Command::SetItem(id, item) => self.modify(&id, out, |region| {
                match region.items.iter_mut().find(|i| i.from_name == item.from_name) {
                    Some(old) => {
                        let kept = std::mem::take(&mut old.extra);
                        *old = Item { extra: kept.into_iter().chain(item.extra).collect(), ..item };
                    }
                    None => region.items.push(item),
                }
                Ok(())
            }),
            Command::RemoveItem(id, from_name) => {
                let region = self.editable(&id)?;
                if region.items.iter().all(|i| *i.from_name == *from_name) {
                    self.remove(&id, out);
                    return Ok(());
                }
                self.modify(&id, out, |region| {
                    region.items.retain(|i| *i.from_name != *from_name);
                    Ok(())
                })
            }
            Command::SetMeta(id, meta) => self.modify(&id, out, |region| {
                region.meta = meta;
                Ok(())
            }),
            Command::SetAlignment(after) => {
                self.align(Arc::new(after), out);
                Ok(())
            }
            Command::SetParent(id, parent) => {
                let mut above = parent.clone();
                while let Some(ancestor) = above {
                    if ancestor == id {
                        return Err(Refusal::Circle);
                    }
                    let region = self.regions.get(&ancestor).ok_or(Refusal::UnknownRegion(ancestor))?;
                    above = region.parent_id.clone();
                }
                self.modify(&id, out, |region| {
                    region.parent_id = parent;
                    Ok(())
                })
            }
            Command::AddRelation(relation) => {
                for end in [&relation.from, &relation.to] {
                    if !self.regions.contains_key(end) {
                        return Err(Refusal::UnknownRegion(end.clone()));
                    }
                }
                if self.relations.iter().any(|r| r.from == relation.from && r.to == relation.to) {
                    return Err(Refusal::DuplicateRelation);
                }
                let index = self.relations.len();
                self.record(Edit::Relation { index, before: None, after: Some(Arc::new(relation)) }, out);
                Ok(())
            }
            Command::RemoveRelation(index) => {
                let before = self.relations.get(index).ok_or(Refusal::UnknownRelation)?.clone();
                self.record(Edit::Relation { index, before: Some(before), after: None }, out);
                Ok(())
            }
            Command::SetRelation { index, direction, labels } => {
                let before = self.relations.get(index).ok_or(Refusal::UnknownRelation)?.clone();
                let after = Arc::new(Relation { direction, labels, ..(*before).clone() });
                if after != before {
                    self.record(Edit::Relation { index, before: Some(before), after: Some(after) }, out);
                }
                Ok(())
            }
            Command::Reset => {
                self.take_content(&self.initial.clone(), out);
                Ok(())
            }
            Command::Replace(loaded) => {
                let after = loaded.set_aside.clone();
                if self.set_aside != after {
                    self.record(Edit::SetAside { before: self.set_aside.clone(), after }, out);
                }
                self.take_content(&Initial::of(*loaded), out);
                Ok(())
            }
            // Handled by the caller.
            Command::Begin
            | Command::Commit
            | Command::Abort
            | Command::Undo
            | Command::Redo
            | Command::Select(_)
            | Command::SetHidden(..)
            | Command::SetLocked(..) => Ok(()),
        }
    }

    fn editable(&self, id: &RegionId) -> Result<&Arc<Region>, Refusal> {
        let region = self.regions.get(id).ok_or_else(|| Refusal::UnknownRegion(id.clone()))?;
        if region.readonly {
            return Err(Refusal::RegionReadOnly(id.clone()));
        }
        if self.flags(id).locked {
            return Err(Refusal::Locked(id.clone()));
        }
        Ok(region)
    }

    fn modify(
        &mut self,
        id: &RegionId,
        out: &mut Changes,
        change: impl FnOnce(&mut Region) -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        let mut region = (**self.editable(id)?).clone();
        change(&mut region)?;
        let index = self.regions.get_index_of(id).unwrap_or(0);
        self.replace(index, region, out);
        Ok(())
    }

    /// Writes a region over the one at `index`; a prediction that is touched becomes a changed prediction.
    fn replace(&mut self, index: usize, mut region: Region, out: &mut Changes) {
        let Some((_, before)) = self.regions.get_index(index) else { return };
        let before = before.clone();
        if *before == region {
            return;
        }
        if before.origin == Origin::Prediction {
            region.origin = Origin::PredictionChanged;
        }
        let id = region.id.clone();
        self.record(Edit::Region { index, id, before: Some(before), after: Some(Arc::new(region)) }, out);
    }

    fn remove(&mut self, id: &RegionId, out: &mut Changes) {
        let Some((index, _, region)) = self.regions.get_full(id) else { return };
        let region = region.clone();
        for at in (0..self.relations.len()).rev() {
            let relation = self.relations[at].clone();
            if relation.from == *id || relation.to == *id {
                self.record(Edit::Relation { index: at, before: Some(relation), after: None }, out);
            }
        }
        let children: Vec<usize> = (0..self.regions.len())
            .filter(|i| self.regions.get_index(*i).is_some_and(|(_, r)| r.parent_id.as_ref() == Some(id)))
            .collect();
        for child in children {
            if let Some((_, before)) = self.regions.get_index(child) {
                let before = before.clone();
                let after = Region { parent_id: region.parent_id.clone(), ..(*before).clone() };
                let edit = Edit::Region {
                    index: child,
                    id: before.id.clone(),
                    before: Some(before),
                    after: Some(Arc::new(after)),
                };
                self.record(edit, out);
            }
        }
        self.record(Edit::Region { index, id: id.clone(), before: Some(region), after: None }, out);
        if self.selection.contains(id) {
            self.selection.retain(|s| s != id);
            out.selection = true;
        }
    }

    fn align(&mut self, after: Arc<Map<String, Value>>, out: &mut Changes) {
        let before = self.alignment.clone();
        if *before == *after {
            return;
        }
        for index in 0..self.regions.len() {
            let Some((id, region)) = self.regions.get_index(index) else { continue };
            // Neither a lock nor a prediction is touched by this: the region says what it said.
            if let Some(stamped) = alignment::restamped(region, &before, &after) {
                let (id, before) = (id.clone(), Some(region.clone()));
                self.record(Edit::Region { index, id, before, after: Some(Arc::new(stamped)) }, out);
            }
        }
        self.record(Edit::Alignment { before, after }, out);
    }

    /// Takes all content away and puts that of `initial` in its place.
    fn take_content(&mut self, initial: &Initial, out: &mut Changes) {
        if self.alignment != initial.alignment {
            let (before, after) = (self.alignment.clone(), initial.alignment.clone());
            self.record(Edit::Alignment { before, after }, out);
        }
        for index in (0..self.relations.len()).rev() {
            let before = Some(self.relations[index].clone());
            self.record(Edit::Relation { index, before, after: None }, out);
        }
        for index in (0..self.regions.len()).rev() {
            let Some((id, region)) = self.regions.get_index(index) else { continue };
            let edit = Edit::Region { index, id: id.clone(), before: Some(region.clone()), after: None };
            self.record(edit, out);
        }
        for (index, region) in initial.regions.iter().enumerate() {
            let id = region.id.clone();
            self.record(Edit::Region { index, id, before: None, after: Some(region.clone()) }, out);
        }
        for (index, relation) in initial.relations.iter().enumerate() {
            self.record(Edit::Relation { index, before: None, after: Some(relation.clone()) }, out);
        }
        self.select(Vec::new(), out);
    }

    fn select(&mut self, ids: Vec<RegionId>, out: &mut Changes) {
        let mut kept: Vec<RegionId> = Vec::with_capacity(ids.len());
        for id in ids {
            if self.regions.contains_key(&id) && !kept.contains(&id) {
                kept.push(id);
            }
        }
        if kept != self.selection {
            self.selection = kept;
            out.selection = true;
        }
    }

    fn set_flags(
        &mut self,
        ids: Vec<RegionId>,
        out: &mut Changes,
        set: impl Fn(&mut ViewFlags),
    ) -> Result<(), Refusal> {
        for id in ids {
            if self.regions.contains_key(&id) {
                let flags = self.flags.entry(id).or_default();
                let before = *flags;
                set(flags);
                out.view |= *flags != before;
            }
        }
        Ok(())
    }

    fn record(&mut self, edit: Edit, out: &mut Changes) {
        self.replay(&edit, true, out);
        let Some(step) = &mut self.open else { return };
        // A drag changes one region a hundred times; only its first and last state matter.
        if let (
            Some(Edit::Region { id, after, before: Some(_), .. }),
            Edit::Region { id: new_id, before: Some(_), after: new_after @ Some(_), .. },
        ) = (step.edits.last_mut(), &edit)
            && id == new_id
            && after.is_some()
        {
            after.clone_from(new_after);
            return;
        }
        step.edits.push(edit);
    }

    fn replay_backwards(&mut self, step: &Step, out: &mut Changes) {
        for edit in step.edits.iter().rev() {
            self.replay(edit, false, out);
        }
        self.select(step.selection_before.clone(), out);
    }

    fn replay(&mut self, edit: &Edit, forwards: bool, out: &mut Changes) {
        match edit {
            Edit::Region { index, id, before, after } => {
                let (from, to) = if forwards { (before, after) } else { (after, before) };
                match to {
                    Some(region) if from.is_some() => {
                        self.regions.insert(id.clone(), region.clone());
                    }
                    Some(region) => {
                        let index = (*index).min(self.regions.len());
                        self.regions.shift_insert(index, id.clone(), region.clone());
                    }
                    None => {
                        self.regions.shift_remove(id);
                    }
                }
                out.region(id.clone(), from.clone(), to.clone());
            }
            Edit::Relation { index, before, after } => {
                let (from, to) = if forwards { (before, after) } else { (after, before) };
                match (from, to) {
                    (None, Some(relation)) => {
                        self.relations.insert((*index).min(self.relations.len()), relation.clone());
                    }
                    (Some(_), Some(relation)) => {
                        if let Some(slot) = self.relations.get_mut(*index) {
                            *slot = relation.clone();
                        }
                    }
                    (Some(_), None) => {
                        if *index < self.relations.len() {
                            self.relations.remove(*index);
                        }
                    }
                    (None, None) => {}
                }
                out.relations = true;
            }
            Edit::Alignment { before, after } => {
                self.alignment = if forwards { after.clone() } else { before.clone() };
                out.alignment = true;
            }
            Edit::SetAside { before, after } => {
                self.set_aside.clone_from(if forwards { after } else { before });
                out.set_aside = true;
            }
        }
    }

    /// Checks the structural invariants; tests call it after every command.
    pub fn check(&self) -> Result<(), String> {
        for (id, region) in &self.regions {
            if *id != region.id {
                return Err(format!("region {id} is filed under another id"));
            }
            if region.items.is_empty() {
                return Err(format!("region {id} carries no result"));
            }
            let mut above = region.parent_id.as_ref();
            let mut steps = 0;
            while let Some(parent) = above {
                let Some(found) = self.regions.get(parent) else {
                    return Err(format!("region {id} has a parent that does not exist: {parent}"));
                };
                steps += 1;
                if steps > self.regions.len() {
                    return Err(format!("region {id} is nested in itself"));
                }
                above = found.parent_id.as_ref();
            }
            if matches!(&region.geometry, Geometry::Unknown(keys) if keys.is_empty()) {
                return Err(format!("region {id} has an unknown place without any key"));
            }
        }
        for relation in &self.relations {
            for end in [&relation.from, &relation.to] {
                if !self.regions.contains_key(end) {
                    return Err(format!("a relation points at {end}, which does not exist"));
                }
            }
        }
        for id in &self.selection {
            if !self.regions.contains_key(id) {
                return Err(format!("{id} is selected but does not exist"));
            }
        }
        Ok(())
    }
}
