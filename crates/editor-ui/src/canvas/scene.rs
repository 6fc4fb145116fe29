//! All regions of one picture: how they look, and which of them lie where.

use super::mask::Mask;
use super::outline::Outline;
use crate::painter::ShapeKey;
use rstar::primitives::{GeomWithData, Rectangle as Bounds};
use rstar::{AABB, RTree};
use serde_json::Value;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use tagloom_annotation_store::{Geometry, Region, RegionId, ViewFlags};
use tagloom_region_geometry::{ImageSize, PixelPoint, RectanglePx};

type Cell = GeomWithData<Bounds<[f64; 2]>, usize>;

/// How a region looks and what may be done with it, as the editor and its control say.
#[derive(Clone, Debug, PartialEq)]
pub struct Appearance {
    /// CSS.
    pub color: String,
    pub fill_opacity: f64,
    /// Screen pixels.
    pub stroke_width: f64,
    pub dashed: bool,
    /// Empty for no caption.
    pub caption: String,
    pub can_rotate: bool,
    /// `snap="pixel"`.
    pub snap: bool,
}

/// Looks that can be drawn without changing the pen.
#[derive(Clone, Debug, PartialEq)]
pub struct Look {
    pub color: String,
    pub fill_opacity: f64,
    pub stroke_width: f64,
    pub dashed: bool,
}

#[derive(Clone, Debug)]
pub struct Entry {
    pub region: Arc<Region>,
    pub outline: Outline,
    /// Changes whenever the outline does.
    pub key: ShapeKey,
    pub caption: Rc<str>,
    pub look: usize,
    pub area: f64,
    pub flags: ViewFlags,
    pub can_rotate: bool,
    pub snap: bool,
    cell: Option<Cell>,
}

impl Entry {
    pub fn id(&self) -> &RegionId {
        &self.region.id
    }
}

/// What [`Scene::sync`] found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Synced {
    Nothing,
    /// Only these changed.
    Some(Vec<RegionId>),
    All,
}

/// See the module.
#[derive(Debug, Default)]
pub struct Scene {
    image: Option<ImageSize>,
    entries: Vec<Entry>,
    places: HashMap<RegionId, usize>,
    looks: Vec<Look>,
    tree: RTree<Cell>,
    /// Decoded PNG masks by their data URL; kept while a region uses them.
    decoded: HashMap<Rc<str>, Option<Rc<Mask>>>,
    next_key: u64,
}

/// A change of more regions than this builds the index anew, which is faster than mending it.
const MEND_MOST: usize = 32;

impl Scene {
    /// Forgets everything; for another image, task or config.
    pub fn clear(&mut self) {
        let next_key = self.next_key;
        *self = Self { next_key, ..Self::default() };
    }

    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }
    pub fn get(&self, id: &RegionId) -> Option<&Entry> {
        self.places.get(id).and_then(|at| self.entries.get(*at))
    }
    pub fn index_of(&self, id: &RegionId) -> Option<usize> {
        self.places.get(id).copied()
    }
    pub fn look(&self, entry: &Entry) -> Option<&Look> {
        self.looks.get(entry.look)
    }

    /// Takes in the regions as they are now, in drawing order. What did not change (the same `Arc`, the same flags) is
    /// kept as it is, so that a drag costs one region.
    pub fn sync(
        &mut self,
        image: ImageSize,
        regions: impl Iterator<Item = (Arc<Region>, ViewFlags)>,
        appearance: impl Fn(&Region) -> Appearance,
    ) -> Synced {
        if self.image != Some(image) {
            self.clear();
            self.image = Some(image);
        }
        let mut regions = regions.peekable();
        let mut at = 0;
        let mut changed: Vec<usize> = Vec::new();
        while let (Some((region, flags)), Some(entry)) = (regions.peek(), self.entries.get(at)) {
            if region.id != entry.region.id {
                break;
            }
            if !Arc::ptr_eq(region, &entry.region) {
                let made = self.entry(region.clone(), *flags, image, &appearance, Some(at));
                self.entries[at] = made;
                changed.push(at);
            } else if *flags != entry.flags {
                self.entries[at].flags = *flags;
                changed.push(at);
            }
            regions.next();
            at += 1;
        }
        if regions.peek().is_some() || at < self.entries.len() {
            self.rebuild_from(at, image, regions, &appearance);
            return Synced::All;
        }
        if changed.is_empty() {
            return Synced::Nothing;
        }
        self.reindex(&changed);
        Synced::Some(changed.into_iter().filter_map(|i| Some(self.entries.get(i)?.id().clone())).collect())
    }

    /// The order changed from `at` on: known regions are moved, new ones made.
    fn rebuild_from(
        &mut self,
        at: usize,
        image: ImageSize,
        regions: impl Iterator<Item = (Arc<Region>, ViewFlags)>,
        appearance: &impl Fn(&Region) -> Appearance,
    ) {
        let mut known: HashMap<RegionId, Entry> =
            self.entries.drain(at..).map(|e| (e.region.id.clone(), e)).collect();
        for (region, flags) in regions {
            let entry = match known.remove(&region.id) {
                Some(entry) if Arc::ptr_eq(&entry.region, &region) => Entry { flags, ..entry },
                _ => self.entry(region, flags, image, appearance, None),
            };
            self.entries.push(entry);
        }
        self.places = self.entries.iter().enumerate().map(|(i, e)| (e.region.id.clone(), i)).collect();
        self.index();
    }

    fn entry(
        &mut self,
        region: Arc<Region>,
        flags: ViewFlags,
        image: ImageSize,
        appearance: &impl Fn(&Region) -> Appearance,
        before: Option<usize>,
    ) -> Entry {
        let appearance = appearance(&region);
        let before = before.and_then(|at| self.entries.get(at));
        // Masks are dear to decode: a new label must not decode them again.
        let same = before.filter(|b| b.region.geometry == region.geometry);
        let (outline, key, cell) = match same {
            Some(entry) => (entry.outline.clone(), entry.key, entry.cell),
            None => {
                self.next_key += 1;
                let cell = before.and_then(|b| b.cell);
                (self.outline_of(&region, image), ShapeKey(self.next_key), cell)
            }
        };
        let look = Look {
            color: appearance.color,
            fill_opacity: appearance.fill_opacity,
            stroke_width: appearance.stroke_width,
            dashed: appearance.dashed,
        };
        let look = match self.looks.iter().position(|l| *l == look) {
            Some(at) => at,
            None => {
                self.looks.push(look);
                self.looks.len() - 1
            }
        };
        Entry {
            area: outline.area(),
            outline,
            key,
            caption: appearance.caption.into(),
            look,
            flags,
            can_rotate: appearance.can_rotate,
            snap: appearance.snap,
            cell,
            region,
        }
    }

    fn outline_of(&self, region: &Region, image: ImageSize) -> Outline {
        let Geometry::Image(shape) = &region.geometry else { return Outline::Nothing };
        let side = |key: &str| region.frame.get(key).and_then(Value::as_f64).filter(|v| *v >= 1.0);
        let raster = match (side("original_width"), side("original_height")) {
            (Some(w), Some(h)) => ImageSize::new(w, h),
            _ => image,
        };
        match Outline::of(shape, image, raster) {
            Outline::Pending(url) => match self.decoded.get(&url) {
                Some(Some(mask)) => Outline::Mask(mask.clone()),
                Some(None) => Outline::Nothing,
                None => Outline::Pending(url),
            },
            outline => outline,
        }
    }

    /// PNG masks that wait for somebody to decode them, each once.
    pub fn pending(&self) -> Vec<Rc<str>> {
        let mut out: Vec<Rc<str>> = Vec::new();
        for entry in &self.entries {
            if let Outline::Pending(url) = &entry.outline
                && !out.contains(url)
            {
                out.push(url.clone());
            }
        }
        out
    }

    /// The pixels of a PNG mask; `None` where it cannot be decoded.
    pub fn decoded(&mut self, url: &Rc<str>, mask: Option<Mask>) {
        let mask = mask.map(Rc::new);
        self.decoded.insert(url.clone(), mask.clone());
        let mut changed = Vec::new();
        for (at, entry) in self.entries.iter_mut().enumerate() {
            if matches!(&entry.outline, Outline::Pending(u) if u == url) {
                entry.outline = mask.clone().map_or(Outline::Nothing, Outline::Mask);
                entry.area = entry.outline.area();
                changed.push(at);
            }
        }
        self.reindex(&changed);
    }

    /// Shows a box elsewhere than the document has it, while a group is dragged.
    pub fn place_box(&mut self, id: &RegionId, rect: RectanglePx) {
        let Some(at) = self.places.get(id).copied() else { return };
        let Some(entry) = self.entries.get_mut(at) else { return };
        if matches!(entry.outline, Outline::Box(_)) {
            self.next_key += 1;
            entry.outline = Outline::Box(rect);
            entry.key = ShapeKey(self.next_key);
        }
    }

    /// Takes back [`Self::place_box`], and makes the index right again.
    pub fn put_back(&mut self, ids: &[RegionId]) {
        let Some(image) = self.image else { return };
        let mut changed = Vec::new();
        for id in ids {
            let Some(at) = self.places.get(id).copied() else { continue };
            let Some(region) = self.entries.get(at).map(|e| e.region.clone()) else { continue };
            let outline = self.outline_of(&region, image);
            self.next_key += 1;
            if let Some(entry) = self.entries.get_mut(at) {
                entry.outline = outline;
                entry.key = ShapeKey(self.next_key);
            }
            changed.push(at);
        }
        self.reindex(&changed);
    }

    fn reindex(&mut self, changed: &[usize]) {
        if changed.len() > MEND_MOST {
            self.index();
            return;
        }
        for at in changed {
            let Some(entry) = self.entries.get_mut(*at) else { continue };
            if let Some(old) = entry.cell.take() {
                self.tree.remove(&old);
            }
            if let Some(cell) = cell(&entry.outline, *at) {
                self.tree.insert(cell);
                entry.cell = Some(cell);
            }
        }
    }

    fn index(&mut self) {
        let mut cells = Vec::with_capacity(self.entries.len());
        for (at, entry) in self.entries.iter_mut().enumerate() {
            entry.cell = cell(&entry.outline, at);
            cells.extend(entry.cell);
        }
        self.tree = RTree::bulk_load(cells);
    }

    /// Indices of regions that touch the bounds and are not hidden, in drawing order.
    pub fn visible(&self, [x0, y0, x1, y1]: [f64; 4]) -> Vec<usize> {
        let bounds = AABB::from_corners([x0, y0], [x1, y1]);
        let mut out: Vec<usize> = self
            .tree
            .locate_in_envelope_intersecting(bounds)
            .map(|cell| cell.data)
            .filter(|at| self.entries.get(*at).is_some_and(|e| !e.flags.hidden))
            .collect();
        out.sort_unstable();
        out
    }

    /// The smallest region at `p`, the topmost of equals. `slack` is image pixels.
    pub fn hit(&self, p: PixelPoint, slack: f64, scale: f64) -> Option<&Entry> {
        // Dots are drawn larger than they are, so the net is cast wider than they reach.
        let net = slack + super::outline::DOT_LEAST_SCREEN_PX / scale;
        let around = [p.x - net, p.y - net, p.x + net, p.y + net];
        let found = self.visible(around).into_iter().rev().filter_map(|at| self.entries.get(at));
        found.filter(|e| e.outline.contains(p, slack, scale)).min_by(|a, b| a.area.total_cmp(&b.area))
    }
}

fn cell(outline: &Outline, at: usize) -> Option<Cell> {
    let [x0, y0, x1, y1] = outline.bounds()?;
    Some(GeomWithData::new(Bounds::from_corners([x0, y0], [x1, y1]), at))
}
