//! Regions of a series: what the brush proposes becomes changes of the document, each one step.

use super::model::{Draft, RegionLooks, policy};
use super::screen::Screen;
use serde_json::{Map, Value};
use std::rc::Rc;
use tagloom_annotation_store::{Command, Geometry, Item, Region, RegionId};
use tagloom_editor::{Action, Editor, Message, SelectMode, TreeNodes};
use tagloom_tags::{Node, Tree};
use tagloom_timeseries::{BrushEffect, Edge, Overlap, OverlapEdit, nudge_edge, place};
use tagloom_video_sync::Nanos;

const NO_ROOM: &str = "Locked regions leave no room here.";

/// The attribute `channels` of the first label that has one, else of the control.
fn channels_of(tree: &Tree, region: &Region) -> String {
    for item in &region.items {
        let Some(control) = tree.by_name(&item.from_name) else { continue };
        let labels: Vec<&str> = item.labels().collect();
        let own = tree.descendants(control.id).filter(|n| n.kind == "label").find_map(|label| {
            let is = |text: Option<&str>| text.is_some_and(|t| labels.contains(&t));
            let used = is(label.raw("alias")) || is(label.value.as_str());
            label.raw("channels").filter(|_| used)
        });
        if let Some(channels) = own.or_else(|| control.raw("channels")) {
            return channels.to_owned();
        }
    }
    String::new()
}

impl Screen {
    /// Reads the regions of this series, and whether one could be drawn, again.
    pub fn read_regions(self: &Rc<Self>) {
        if let Ok(mut model) = self.model.try_borrow_mut() {
            self.context.try_with(|e| {
                let tree = e.tree();
                let plan = e.can_draw(&self.name);
                model.can_create = plan.is_some();
                // The colour of what would be made.
                model.draft_color = plan
                    .and_then(|p| p.items.into_iter().next())
                    .map(|item| e.region_style(&Region::new(self.name.clone(), Geometry::None, item)).color);
                model.read_regions(e.document(), |region| {
                    let style = e.region_style(region);
                    RegionLooks {
                        color: style.color,
                        opacity: style.fill_opacity,
                        caption: style.labels.join(", "),
                        channels: channels_of(tree, region),
                    }
                });
            });
        }
        self.tell_spans();
    }

    fn region_id(&self, key: u64) -> Option<RegionId> {
        self.model.try_borrow().ok()?.regions.get(key as usize).map(|r| r.id.clone())
    }

    fn set_draft(&self, draft: Option<Draft>) {
        if let Ok(mut model) = self.model.try_borrow_mut() {
            model.draft = draft;
        }
    }

    /// Carries out what the brush proposes.
    pub fn effect(self: &Rc<Self>, effect: BrushEffect) {
        match effect {
            BrushEffect::Draft { start, end, moving } => {
                self.set_draft(Some(Draft { region: None, start, end }));
                self.preview(moving);
            }
            BrushEffect::Preview { key, start, end, moving } => {
                self.set_draft(Some(Draft { region: Some(key as usize), start, end }));
                self.preview(moving);
            }
            BrushEffect::Create { start, end, instant } => {
                self.set_draft(None);
                self.end_preview();
                self.create(start, end, instant);
            }
            BrushEffect::Update { key, start, end, instant } => {
                self.set_draft(None);
                self.end_preview();
                self.change(key as usize, start, end, instant);
            }
            BrushEffect::Select { key } => {
                if let Some(id) = self.region_id(key) {
                    // The click itself puts the cursor; selecting must not move it again.
                    *self.last_selected.borrow_mut() = Some(id.clone());
                    self.select(id);
                }
            }
            BrushEffect::Unselect => self.context.dispatch(Action::Unselect),
            BrushEffect::Cursor { at } => self.seek(at),
            BrushEffect::Cancel => {
                self.set_draft(None);
                self.end_preview();
            }
        }
    }

    fn select(&self, id: RegionId) {
        self.context.dispatch(Action::Select { ids: vec![id], mode: SelectMode::Replace });
    }

    fn apply(&self, command: Command) {
        self.context.dispatch(Action::Apply(command));
    }

    fn refuse(&self) {
        self.context.dispatch(Action::Show(Message::warning(NO_ROOM).at(self.name.clone())));
    }

    /// Makes a region with the armed labels, as the overlap policy of their control has it. One step.
    pub fn create(self: &Rc<Self>, start: f64, end: f64, instant: bool) {
        let planned = self.context.try_with(|e| {
            let tree = e.tree();
            let plan = e.can_draw(&self.name)?;
            let control = tree.node(plan.control);
            let label = plan.labels.first().and_then(|l| tree.node(*l).raw("channels"));
            let channels = label.or_else(|| control.raw("channels")).unwrap_or_default().to_owned();
            let mirrors = control.raw("mirror").is_some_and(|m| m.eq_ignore_ascii_case("group"));
            Some((control.name.clone().unwrap_or_default(), policy(Some(control)), channels, mirrors))
        });
        let Some((control, policy, channels, mirrors)) = planned.flatten() else { return };
        let policy = if instant { Overlap::Allow } else { policy };
        let (placed, geometries) = {
            let Ok(model) = self.model.try_borrow() else { return };
            let on: Vec<usize> = channels.split(',').filter_map(|n| model.columns.find_index(n)).collect();
            let placed = place(policy, start, end, &model.held(&control, &on, None));
            let geometry = |(start, end): &(f64, f64)| (model.geometry(*start, *end, instant), *start, *end);
            let geometries: Vec<_> = placed.pieces.iter().map(geometry).collect();
            (placed, geometries)
        };
        if geometries.is_empty() {
            self.refuse();
            return;
        }
        self.apply(Command::Begin);
        self.carry_out(&placed.edits);
        let mut made = true;
        for (geometry, start, end) in geometries {
            let count = self.count();
            self.context.dispatch(Action::CreateRegion {
                object: self.name.clone(),
                geometry,
                frame: Map::new(),
                item_index: None,
            });
            made &= self.count() > count;
            if made && mirrors {
                self.mirror_newest(start, end, instant);
            }
        }
        // A label that may not be used again takes back what would have made room for it.
        self.apply(if made { Command::Commit } else { Command::Abort });
    }

    fn count(&self) -> usize {
        self.context.try_with(|e| e.document().regions_of(&self.name).count()).unwrap_or(0)
    }

    fn carry_out(&self, edits: &[OverlapEdit]) {
        for edit in edits {
            let commands = {
                let Ok(model) = self.model.try_borrow() else { return };
                let region = |key: u64| model.regions.get(key as usize).map(|r| r.id.clone());
                match *edit {
                    OverlapEdit::Trim { key, start, end } => region(key)
                        .map(|id| vec![Command::SetGeometry(id, model.geometry(start, end, false))]),
                    OverlapEdit::Remove { key } => region(key).map(|id| vec![Command::Remove(vec![id])]),
                    OverlapEdit::Cut { key, before, after } => region(key).map(|id| {
                        let rest = self.copy_of(&id, model.geometry(after.0, after.1, false));
                        let first = Command::SetGeometry(id, model.geometry(before.0, before.1, false));
                        std::iter::once(first).chain(rest.map(Command::Put)).collect()
                    }),
                }
            };
            for command in commands.into_iter().flatten() {
                self.apply(command);
            }
        }
    }

    /// The region once more, elsewhere, under an id of its own.
    fn copy_of(&self, id: &RegionId, geometry: Geometry) -> Option<Region> {
        let region = self.context.try_with(|e| e.document().region(id).cloned()).flatten()?;
        let mut copy = Region::new(region.to_name.clone(), geometry, region.items.first()?.clone());
        copy.items.clone_from(&region.items);
        copy.meta.clone_from(&region.meta);
        copy.frame.clone_from(&region.frame);
        copy.item_index = region.item_index;
        // Each half is linked no more: its twin on another series was not cut.
        copy.meta.remove("mirror");
        Some(copy)
    }

    /// Changes a region's ends, and those of its mirrors, as the overlap policy has it. One step.
    pub fn change(self: &Rc<Self>, at: usize, start: f64, end: f64, instant: bool) {
        let changed = {
            let Ok(model) = self.model.try_borrow() else { return };
            let Some(region) = model.regions.get(at) else { return };
            let policy = self.context.try_with(|e| policy(e.tree().by_name(&region.control)));
            let policy = if instant { Overlap::Allow } else { policy.unwrap_or_default() };
            let held = model.held(&region.control, &region.channels, Some(at));
            // A region stays one, whatever is in its way.
            let placed = place(policy, start, end, &held);
            let longest =
                placed.pieces.iter().copied().reduce(|a, b| if b.1 - b.0 > a.1 - a.0 { b } else { a });
            longest.map(|(start, end)| {
                let geometry = model.geometry(start, end, instant);
                (region.id.clone(), geometry, placed.edits, region.mirror.clone(), start, end)
            })
        };
        let Some((id, geometry, edits, mirror, start, end)) = changed else {
            self.refuse();
            return;
        };
        self.apply(Command::Begin);
        self.carry_out(&edits);
        self.apply(Command::SetGeometry(id, geometry));
        for twin in mirror.map(|m| self.twins(&m, start, end, instant)).into_iter().flatten() {
            self.apply(Command::SetGeometry(twin.0, twin.1));
        }
        self.apply(Command::Commit);
    }

    /// A range of this series on the group's timeline.
    fn master(&self, start: f64, end: f64) -> Option<(Nanos, Nanos)> {
        let clock = self.handle()?.clock();
        let model = self.model.try_borrow().ok()?;
        let at = |position: f64| clock.to_master(Nanos(model.columns.axis.local_ns(position)));
        Some((at(start), at(end)))
    }

    /// The same stretch of the timeline as a range of this series.
    fn geometry_at(&self, (start, end): (Nanos, Nanos), instant: bool) -> Option<Geometry> {
        let clock = self.handle()?.clock();
        let model = self.model.try_borrow().ok()?;
        let axis = &model.columns.axis;
        let at = |master: Nanos| axis.snap(axis.position_at_local(clock.to_local(master).0));
        Some(model.geometry(at(start), at(end), instant))
    }

    fn group(&self) -> String {
        self.model.try_borrow().map(|m| m.spec.group.clone()).unwrap_or_default()
    }

    /// Regions of the other series that are linked to this one, with the place that goes with a new one here.
    fn twins(&self, mirror: &str, start: f64, end: f64, instant: bool) -> Vec<(RegionId, Geometry)> {
        let Some(master) = self.master(start, end) else { return Vec::new() };
        self.siblings()
            .iter()
            .filter_map(|other| {
                let id = {
                    let model = other.model.try_borrow().ok()?;
                    let twin = model.regions.iter().find(|r| r.mirror.as_deref() == Some(mirror));
                    twin.filter(|r| !r.locked)?.id.clone()
                };
                Some((id, other.geometry_at(master, instant)?))
            })
            .collect()
    }

    /// Puts the region just made on every series of the group whose labels know its label (BR-6).
    fn mirror_newest(self: &Rc<Self>, start: f64, end: f64, instant: bool) {
        let newest = self.context.try_with(|e| e.document().regions_of(&self.name).last().cloned());
        let (Some(region), Some(master)) = (newest.flatten(), self.master(start, end)) else { return };
        let link = region.id.to_string();
        let linked = |meta: &Map<String, Value>| {
            let mut meta = meta.clone();
            meta.insert("mirror".into(), link.clone().into());
            meta
        };
        let group = self.group();
        let mut twins = Vec::new();
        for other in self.siblings().into_iter().filter(|o| o.group() == group) {
            let item = self.context.try_with(|e| twin_item(e, &other.name, &region)).flatten();
            let (Some(item), Some(geometry)) = (item, other.geometry_at(master, instant)) else { continue };
            let mut twin = Region::new(other.name.clone(), geometry, item);
            twin.meta = linked(&region.meta);
            twins.push(twin);
        }
        if twins.is_empty() {
            return;
        }
        self.apply(Command::SetMeta(region.id.clone(), linked(&region.meta)));
        for twin in twins {
            self.apply(Command::Put(twin));
        }
    }

    /// A selection that was made elsewhere brings the region into view and everybody to its start (BR-2). Mirrored
    /// regions are selected together, so that deleting one deletes all.
    pub fn selection_changed(self: &Rc<Self>) {
        let selected = {
            let Ok(model) = self.model.try_borrow() else { return };
            let mut selected = model.regions.iter().filter(|r| r.selected);
            match (selected.next(), selected.next()) {
                (Some(r), None) => Some((r.id.clone(), r.start, r.end, r.mirror.clone())),
                _ => None,
            }
        };
        let id = selected.as_ref().map(|s| s.0.clone());
        if *self.last_selected.borrow() == id && id.is_none() {
            return;
        }
        if let Some((id, .., Some(mirror))) = &selected {
            self.select_twins(id, mirror);
        }
        if self.last_selected.replace(id.clone()) == id {
            return;
        }
        let Some((_, start, end, _)) = selected else { return };
        let (from, to) = {
            let Ok(mut model) = self.model.try_borrow_mut() else { return };
            if !model.window.contains(start) || !model.window.contains(end) {
                model.window.center_on((start + end) / 2.0);
            }
            let axis = &model.columns.axis;
            (Nanos(axis.local_ns(start)), Nanos(axis.local_ns(end)))
        };
        self.back_to_playhead();
        if let Some(member) = self.handle() {
            member.show_region(from, to);
        }
        self.tell();
        self.mark(true);
    }

    fn select_twins(&self, id: &RegionId, mirror: &str) {
        let ids = self.context.try_with(|e| {
            let document = e.document();
            if document.selection() != std::slice::from_ref(id) {
                return None;
            }
            let linked =
                document.regions().filter(|r| r.meta.get("mirror").and_then(Value::as_str) == Some(mirror));
            let ids: Vec<RegionId> = linked.map(|r| r.id.clone()).collect();
            (ids.len() > 1).then_some(ids)
        });
        if let Some(ids) = ids.flatten() {
            self.context.dispatch(Action::Select { ids, mode: SelectMode::Replace });
        }
    }

    /// Moves an edge of the selected region, or pans when none is selected.
    pub fn nudge_or_pan(self: &Rc<Self>, edge: Edge, native: f64, pan: f64) {
        let nudged = {
            let Ok(model) = self.model.try_borrow() else { return };
            let mut regions = model.regions.iter().enumerate();
            let region = regions.find(|(_, r)| r.selected && !r.locked && !r.instant);
            region.map(|(at, r)| (at, nudge_edge(&model.columns.axis, r.start, r.end, edge, native)))
        };
        match nudged {
            Some((at, (start, end))) => self.change(at, start, end, false),
            None => self.window_changed(|w| w.pan(pan), false),
        }
    }

    /// Selects the region that begins next after (or before) the selected one, else after the cursor or the window's start.
    pub fn step_region(self: &Rc<Self>, forwards: bool) {
        let id = {
            let Ok(model) = self.model.try_borrow() else { return };
            let selected = model.regions.iter().find(|r| r.selected);
            let from = selected.map(|r| r.start).or(model.cursor).unwrap_or(model.window.start);
            let mut order: Vec<_> = model.regions.iter().enumerate().filter(|(_, r)| !r.hidden).collect();
            order.sort_by(|a, b| a.1.start.total_cmp(&b.1.start).then(a.0.cmp(&b.0)));
            let at = order.iter().position(|(_, r)| r.selected);
            let next = match (at, forwards) {
                (Some(at), true) => order.get(at + 1),
                (Some(at), false) => at.checked_sub(1).and_then(|at| order.get(at)),
                (None, true) => order.iter().find(|(_, r)| r.start >= from),
                (None, false) => order.iter().rev().find(|(_, r)| r.start <= from),
            };
            next.map(|(_, r)| r.id.clone())
        };
        if let Some(id) = id {
            self.select(id);
        }
    }
}

/// What the labels of another series say that the labels of a region say here; `None` where they do not know one of them,
/// or where that series does not mirror.
fn twin_item(editor: &Editor, object: &str, region: &Region) -> Option<Item> {
    let tree = editor.tree();
    let labels = region.labels();
    let known = |control: &Node, value: &str| {
        let is = |label: &Node| label.raw("alias").or(label.value.as_str()) == Some(value);
        tree.descendants(control.id).any(|n| n.kind == "label" && is(n))
    };
    let control = tree.controls_of(object).find(|c| {
        c.kind == "timeserieslabels"
            && c.raw("mirror").is_some_and(|m| m.eq_ignore_ascii_case("group"))
            && labels.iter().all(|l| known(c, l))
    })?;
    let values: Vec<Value> = labels.iter().map(|l| Value::from(*l)).collect();
    Some(Item::new(control.name.clone().unwrap_or_default(), control.kind.as_str(), Some(values.into())))
}
