//! Bringing the stage up to date with the editor, and the stage onto the screen.

use super::{Controller, Readout, Stale};
use crate::canvas::mask::Mask;
use crate::canvas::{Stage, Synced, Top, draw_regions, draw_top};
use crate::tags::image::load::alpha_of;
use crate::tags::image::read::{appearance, ghost_color, hand};
use leptos::prelude::*;
use std::rc::Rc;
use tagloom_annotation_store::RegionId;
use tagloom_region_geometry::ImageSize;
use tagloom_tags::image::tools::{Board, Hand, ImageTools, Input, Overlay};
use tagloom_tags::rectangle::tool::Ghost;
use web_sys::HtmlElement;

impl Controller {
    /// Brings the stage up to date with the editor.
    pub(super) fn sync(&self) {
        let Some(size) = self.media.borrow().as_ref().map(|_| self.stage.borrow().view.image) else { return };
        let several = self.options.urls.as_ref().is_ok_and(|urls| urls.len() > 1);
        let (item, three_points) = (self.item.get(), self.three_points.try_get_untracked().unwrap_or(false));
        let changed = self.ctx.try_with(|editor| {
            let mut stage = self.stage.borrow_mut();
            let document = editor.document();
            let regions = document
                .regions_of(&self.options.name)
                .filter(|r| !several || r.item_index.unwrap_or(0) == item)
                .map(|r| (r.clone(), document.flags(&r.id)));
            let synced = stage.scene.sync(size, regions, |region| appearance(editor, region));
            let selection: Vec<RegionId> =
                document.selection().iter().filter(|id| stage.scene.get(id).is_some()).cloned().collect();
            let selected = selection != stage.selection;
            let lower = match &synced {
                Synced::Nothing => false,
                Synced::All => true,
                Synced::Some(ids) => ids.iter().any(|id| !selection.contains(id)),
            };
            stage.selection = selection;
            stage.read_only = editor.is_read_only();
            stage.hand = hand(editor, &self.options, three_points);
            (lower || selected, stage.scene.pending())
        });
        let Some((lower, pending)) = changed else { return };
        self.mark(|s| {
            s.lower |= lower;
            s.upper = true;
        });
        for url in pending {
            self.decode(url, size);
        }
        // A half drawn box has no meaning for another tool.
        let draws = matches!(self.stage.borrow().hand, Hand::Draw { .. });
        let half_drawn = self.tools.borrow().is_drawing();
        if half_drawn && !draws {
            self.step(Input::Cancel);
        }
    }

    pub(super) fn decode(&self, url: Rc<str>, image: ImageSize) {
        if !self.decoding.borrow_mut().insert(url.clone()) {
            return;
        }
        let this = self.this.clone();
        wasm_bindgen_futures::spawn_local(async move {
            let alpha = alpha_of(&url).await;
            let Some(controller) = this.upgrade() else { return };
            let mask = alpha.and_then(|(width, height, alpha)| {
                Mask::from_alpha(width, height, image, |i| alpha.get(i).copied().unwrap_or(0))
            });
            controller.decoding.borrow_mut().remove(&url);
            controller.stage.borrow_mut().scene.decoded(&url, mask);
            controller.all_stale();
        });
    }

    pub(super) fn draw(&self, stale: Stale) {
        let stage = self.stage.borrow();
        let tools = self.tools.borrow();
        let showing = self.media.borrow().is_some();
        if stale.media {
            self.place_media(&stage);
        }
        let mut layers = self.layers.borrow_mut();
        if let Some((lower, upper)) = layers.as_mut() {
            if stale.lower {
                let captions = self.ctx.try_with(|e| e.settings().show_labels).unwrap_or(false);
                draw_regions(&stage, self.options.grid.as_ref().filter(|_| showing), captions, lower);
            }
            if stale.upper || stale.lower {
                let overlay = tools.overlay(&*stage);
                let ghost_color = match overlay {
                    Some(Overlay::Ghost(_)) => {
                        self.ctx.try_with(|e| ghost_color(e, &self.options.name)).unwrap_or_default()
                    }
                    _ => String::new(),
                };
                let crosshair = tools.pointer().filter(|_| self.options.crosshair && showing);
                draw_top(
                    &stage,
                    &Top { overlay, crosshair, ghost_color, editing: tools.is_editing() },
                    upper,
                );
            }
        }
        drop(layers);
        let cursor = if showing { tools.cursor(&*stage).css() } else { "default" };
        let readout = readout(&stage, &tools, showing);
        drop((stage, tools));
        if self.cursor.try_get_untracked().is_some_and(|now| now != cursor) {
            let _ = self.cursor.try_set(cursor);
        }
        if self.readout.try_get_untracked().is_some_and(|now| now != readout) {
            let _ = self.readout.try_set(readout);
        }
    }

    /// The picture itself is moved by the compositor, not drawn.
    pub(super) fn place_media(&self, stage: &Stage) {
        let media = self.media.borrow();
        let Some((_, image)) = media.as_ref() else { return };
        let [a, b, c, d, e, f] = stage.view.matrix();
        let style = HtmlElement::style(image);
        let smooth = self.options.smoothing.unwrap_or_else(|| {
            self.ctx.try_with(|editor| editor.settings().enable_smoothing).unwrap_or(true)
        });
        for (name, value) in [
            ("width", format!("{}px", stage.view.image.width)),
            ("height", format!("{}px", stage.view.image.height)),
            ("transform", format!("matrix({a},{b},{c},{d},{e},{f})")),
            ("image-rendering", if smooth { "auto".to_owned() } else { "pixelated".to_owned() }),
        ] {
            // Only a detached style declaration refuses this, and that one is not seen either.
            let _ = style.set_property(name, &value);
        }
    }
}

fn readout(stage: &Stage, tools: &ImageTools, showing: bool) -> Readout {
    if !showing {
        return Readout::default();
    }
    let view = &stage.view;
    let at = tools
        .pointer()
        .map(|p| view.pixels_from_screen(p))
        .filter(|p| p.x >= 0.0 && p.y >= 0.0 && p.x < view.image.width && p.y < view.image.height);
    let drawn = match tools.overlay(stage) {
        Some(Overlay::Ghost(Ghost::Box(rect))) => Some(rect),
        _ => match stage.selection.as_slice() {
            [id] => stage.editable(id).map(|e| e.rect),
            _ => None,
        },
    };
    Readout {
        zoom: view.scale() * 100.0,
        at: at.map(|p| (p.x as i64, p.y as i64)),
        size: drawn.map(|r| (r.width, r.height)),
    }
}
