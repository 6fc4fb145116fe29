//! Copying regions as Label Studio result JSON.

use crate::editor::Editor;
use crate::message::Message;
use crate::schema::TreeSchema;
use crate::update::Update;
use serde_json::Value;
use tagloom_annotation_store::{
    Command, Geometry, LoadOptions, Origin, RegionId, SaveOptions, load, new_id, save_region,
};
use tagloom_region_geometry::Shape;

impl Editor {
    /// The selected regions as a JSON result list; empty selection gives nothing.
    pub fn copy(&self) -> Option<String> {
        let document = self.document();
        let results: Vec<Value> = document
            .selection()
            .iter()
            .filter_map(|id| document.region(id))
            .flat_map(|r| save_region(r, &SaveOptions::default()))
            .collect();
        (!results.is_empty()).then(|| Value::Array(results).to_string())
    }

    /// Adds regions from the clipboard under new ids, as one step, and selects them.
    pub(crate) fn paste(&mut self, text: &str, shift: bool) -> Update {
        let mut update = Update::default();
        let results = match serde_json::from_str::<Value>(text) {
            Ok(v @ Value::Array(_)) => v,
            _ => {
                update.absorb(self.show(Message::warning("The clipboard holds no regions to paste.")));
                return update;
            }
        };
        let loaded = load(&results, &TreeSchema(self.tree()), LoadOptions { origin: Origin::Manual });
        let regions: Vec<_> = loaded
            .regions
            .into_iter()
            .filter(|r| !r.is_classification() && self.tree().by_name(&r.to_name).is_some())
            .collect();
        if regions.is_empty() {
            update
                .absorb(self.show(Message::warning("None of these regions fits an object of this config.")));
            return update;
        }
        update.absorb(self.command(Command::Begin));
        let mut ids: Vec<RegionId> = Vec::new();
        for mut region in regions {
            region.id = new_id();
            region.origin = Origin::Manual;
            region.parent_id = None;
            region.readonly = false;
            // A duplicate lies a little aside, or nobody sees that there are two.
            if shift && let Geometry::Image(Shape::Rectangle(r)) = &mut region.geometry {
                r.x = (r.x + 1.0).min((100.0 - r.width).max(r.x));
                r.y = (r.y + 1.0).min((100.0 - r.height).max(r.y));
            }
            ids.push(region.id.clone());
            update.absorb(self.command(Command::Put(region)));
        }
        update.absorb(self.command(Command::Select(ids)));
        update.absorb(self.command(Command::Commit));
        update
    }
}
