//! How the picture lies on the stage: its first place, zoom, pan, quarter turns.

use super::{Controller, Stale};
use crate::tags::image::options::ImageOptions;
use leptos::prelude::*;
use tagloom_region_geometry::{Point, ScreenPoint, Viewport};
use tagloom_tags::image::tools::Input;

impl Controller {
    pub(in crate::tags::image) fn resize(&self, width: f64, height: f64) {
        if width < 1.0 || height < 1.0 || self.size.get() == (width, height) {
            return;
        }
        self.size.set((width, height));
        if self.placed.get() {
            self.stage.borrow_mut().view.resize(width, height);
        } else {
            self.place();
        }
        self.all_stale();
    }

    /// The default zoom, as soon as both picture and room are known.
    pub(super) fn place(&self) {
        let (width, height) = self.size.get();
        if self.placed.get() || self.media.borrow().is_none() || width <= 1.0 {
            self.publish_aspect();
            return;
        }
        let mut stage = self.stage.borrow_mut();
        let [x, y] = self.options.align;
        let turn = stage.view.turn;
        stage.view = Viewport::fitted(stage.view.image, width, height).aligned(x, y);
        stage.view.turn = turn;
        stage.view.apply_default(self.options.default_zoom);
        drop(stage);
        self.placed.set(true);
        self.publish_aspect();
    }

    pub(super) fn publish_aspect(&self) {
        if self.media.borrow().is_none() {
            return;
        }
        let view = self.stage.borrow().view;
        let turned = view.turn.degrees() % 180 != 0;
        let (w, h) = (view.image.width, view.image.height);
        let now = Some(if turned { (h, w) } else { (w, h) });
        if self.aspect.try_get_untracked() != Some(now) {
            let _ = self.aspect.try_set(now);
        }
    }

    pub(super) fn change_view(&self, change: impl FnOnce(&mut Viewport, &ImageOptions)) {
        {
            let mut stage = self.stage.borrow_mut();
            let before = stage.view;
            change(&mut stage.view, &self.options);
            if stage.view == before {
                return;
            }
        }
        self.mark(|s| *s = Stale { lower: true, upper: true, media: true, ..*s });
    }

    /// Zooms about the middle, or about the pointer.
    pub(in crate::tags::image) fn zoom_by(&self, factor: f64, at: Option<ScreenPoint>) {
        self.change_view(|view, options| {
            let middle = Point::new(view.canvas_width / 2.0, view.canvas_height / 2.0);
            view.zoom_at(at.unwrap_or(middle), factor, options.negative_zoom);
        });
    }

    pub(in crate::tags::image) fn zoom(&self) -> f64 {
        self.stage.borrow().view.zoom
    }

    pub(in crate::tags::image) fn pan(&self, by: ScreenPoint) {
        self.change_view(|view, _| view.pan(by));
    }

    pub(in crate::tags::image) fn fit(&self) {
        self.change_view(|view, _| view.fit());
    }

    pub(in crate::tags::image) fn actual_size(&self) {
        self.change_view(|view, _| view.original());
    }

    pub(in crate::tags::image) fn rotate(&self, quarters: i8) {
        self.step(Input::Cancel);
        self.change_view(|view, _| view.rotate(quarters));
        self.publish_aspect();
    }
}
