//! One picture with its view, its regions and what is selected: what the tools read and the painter draws.

use super::outline::Outline;
use super::scene::Scene;
use tagloom_annotation_store::RegionId;
use tagloom_region_geometry::{ImageSize, ScreenPoint, Viewport};
use tagloom_tags::image::tools::{Board, EditableBox, Hand};

/// See the module.
#[derive(Debug)]
pub struct Stage {
    pub view: Viewport,
    pub scene: Scene,
    pub hand: Hand,
    pub selection: Vec<RegionId>,
    /// Lit by the pointer, here or in a list.
    pub hovered: Option<RegionId>,
    pub read_only: bool,
}

impl Stage {
    pub fn new(image: ImageSize) -> Self {
        Self {
            view: Viewport::fitted(image, 1.0, 1.0),
            scene: Scene::default(),
            hand: Hand::Select,
            selection: Vec::new(),
            hovered: None,
            read_only: false,
        }
    }
}

impl Board for Stage {
    fn viewport(&self) -> Viewport {
        self.view
    }
    fn hand(&self) -> Hand {
        self.hand
    }
    fn selection(&self) -> &[RegionId] {
        &self.selection
    }
    fn hit(&self, at: ScreenPoint, slack: f64) -> Option<RegionId> {
        let scale = self.view.scale();
        let entry = self.scene.hit(self.view.pixels_from_screen(at), slack / scale, scale)?;
        Some(entry.id().clone())
    }
    fn covers(&self, id: &RegionId, at: ScreenPoint, slack: f64) -> bool {
        let scale = self.view.scale();
        self.scene.get(id).is_some_and(|entry| {
            let p = self.view.pixels_from_screen(at);
            !entry.flags.hidden && entry.outline.contains(p, slack / scale, scale)
        })
    }
    fn touching(&self, bounds: [f64; 4]) -> Vec<RegionId> {
        let entries = self.scene.entries();
        self.scene.visible(bounds).into_iter().filter_map(|at| Some(entries.get(at)?.id().clone())).collect()
    }
    fn editable(&self, id: &RegionId) -> Option<EditableBox> {
        let entry = self.scene.get(id)?;
        if self.read_only || entry.region.readonly || entry.flags.hidden || entry.flags.locked {
            return None;
        }
        match entry.outline {
            Outline::Box(rect) => Some(EditableBox { rect, can_rotate: entry.can_rotate, snap: entry.snap }),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
