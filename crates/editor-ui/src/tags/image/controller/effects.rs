//! What the tools ask for, carried out: actions to the editor, boxes shown elsewhere meanwhile, moves of the view.

use super::Controller;
use crate::tags::image::commit::{Live, frame_of, set, stored};
use leptos::prelude::*;
use tagloom_annotation_store::{Command, RegionId};
use tagloom_editor::{Action, SelectMode};
use tagloom_region_geometry::RectanglePx;
use tagloom_tags::image::tools::Effect;

impl Controller {
    pub(super) fn dispatch(&self, command: Command) {
        self.ctx.dispatch(Action::Apply(command));
    }

    pub(super) fn carry_out(&self, effect: Effect) {
        match effect {
            Effect::Create(rect) => {
                let view = self.stage.borrow().view;
                let several = self.options.urls.as_ref().is_ok_and(|urls| urls.len() > 1);
                self.ctx.dispatch(Action::CreateRegion {
                    object: self.options.name.clone(),
                    geometry: stored(rect, None, &view),
                    frame: frame_of(&view),
                    item_index: several.then(|| self.item.get()),
                });
                self.mark(|s| s.regions = true);
            }
            Effect::Begin => *self.live.borrow_mut() = Live::Begun,
            Effect::Set(list) => self.set_boxes(list),
            Effect::Commit => {
                let live = self.live.take();
                match live {
                    Live::Open => self.dispatch(Command::Commit),
                    Live::Held(list) => {
                        self.dispatch(Command::Begin);
                        self.send(&list);
                        self.dispatch(Command::Commit);
                        self.put_back(&list);
                    }
                    Live::None | Live::Begun => {}
                }
                self.mark(|s| s.regions = true);
            }
            Effect::Abort => {
                match self.live.take() {
                    Live::Open => self.dispatch(Command::Abort),
                    Live::Held(list) => self.put_back(&list),
                    Live::None | Live::Begun => {}
                }
                self.mark(|s| s.regions = true);
            }
            Effect::Select { ids, toggle } => {
                let mode = if toggle { SelectMode::Toggle } else { SelectMode::Replace };
                self.ctx.dispatch(Action::Select { ids, mode });
                // The rest of this gesture must already see the new selection.
                self.sync();
            }
            Effect::Hover(id) => {
                self.hover(id.clone());
                let _ = self.ctx.hovered.try_set(id);
            }
            Effect::Pan(by) => self.change_view(|view, _| view.pan(by)),
            Effect::Zoom { at, factor } => {
                self.change_view(|view, options| view.zoom_at(at, factor, options.negative_zoom));
            }
        }
    }

    pub(super) fn set_boxes(&self, list: Vec<(RegionId, RectanglePx)>) {
        if list.len() > 1 {
            {
                let mut stage = self.stage.borrow_mut();
                for (id, rect) in &list {
                    stage.scene.place_box(id, *rect);
                }
            }
            *self.live.borrow_mut() = Live::Held(list);
            self.mark(|s| s.upper = true);
            return;
        }
        if *self.live.borrow() == Live::Begun {
            self.dispatch(Command::Begin);
            *self.live.borrow_mut() = Live::Open;
        }
        self.send(&list);
        self.mark(|s| s.regions = true);
    }

    pub(super) fn send(&self, list: &[(RegionId, RectanglePx)]) {
        let view = self.stage.borrow().view;
        let actions = self.ctx.try_with(|editor| set(editor, list, &view)).unwrap_or_default();
        for action in actions {
            self.ctx.dispatch(action);
        }
    }

    pub(super) fn put_back(&self, list: &[(RegionId, RectanglePx)]) {
        let ids: Vec<RegionId> = list.iter().map(|(id, _)| id.clone()).collect();
        self.stage.borrow_mut().scene.put_back(&ids);
        self.mark(|s| s.upper = true);
    }
}
