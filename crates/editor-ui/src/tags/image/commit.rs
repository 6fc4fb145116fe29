//! From what the tools ask for to what the editor is told.

use serde_json::{Map, Value, json};
use tagloom_annotation_store::{Command, Geometry, Region, RegionId};
use tagloom_editor::{Action, Editor};
use tagloom_region_geometry::{Rectangle, RectanglePx, Shape, Viewport};

/// How far a gesture has come. One box is changed in the document while it is dragged, so that lists and read-outs
/// follow; a group is only shown elsewhere until the gesture ends, so that a thousand boxes stay fluid.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Live {
    #[default]
    None,
    /// Begun, nothing changed yet.
    Begun,
    /// The document's step is open.
    Open,
    Held(Vec<(RegionId, RectanglePx)>),
}

/// The stored box for a box in pixels. Numbers that did not change stay exactly as they were stored.
pub(super) fn stored(rect: RectanglePx, before: Option<&Region>, view: &Viewport) -> Geometry {
    let mut out = rect.to_percent(view.image);
    if let Some(Geometry::Image(Shape::Rectangle(old))) = before.map(|r| &r.geometry) {
        let keep = |new: &mut f64, old: f64| {
            if (*new - old).abs() < 1e-9 {
                *new = old;
            }
        };
        let Rectangle { x, y, width, height, rotation } = *old;
        keep(&mut out.x, x);
        keep(&mut out.y, y);
        keep(&mut out.width, width);
        keep(&mut out.height, height);
        keep(&mut out.rotation, rotation);
    }
    Geometry::Image(Shape::Rectangle(out))
}

/// The keys that every region of an image carries beside its value (spec/results.md 1.1).
pub(super) fn frame_of(view: &Viewport) -> Map<String, Value> {
    let mut frame = Map::new();
    frame.insert("original_width".into(), json!(view.image.width.round() as i64));
    frame.insert("original_height".into(), json!(view.image.height.round() as i64));
    frame.insert("image_rotation".into(), json!(view.turn.degrees()));
    frame
}

/// Sets boxes in the open step.
pub(super) fn set(editor: &Editor, list: &[(RegionId, RectanglePx)], view: &Viewport) -> Vec<Action> {
    let document = editor.document();
    list.iter()
        .map(|(id, rect)| {
            let before = document.region(id).map(|r| &**r);
            Action::Apply(Command::SetGeometry(id.clone(), stored(*rect, before, view)))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tagloom_annotation_store::Item;
    use tagloom_region_geometry::{ImageSize, Point};

    fn view() -> Viewport {
        Viewport::fitted(ImageSize::new(801.0, 333.0), 400.0, 300.0)
    }

    #[test]
    fn moving_a_box_leaves_its_stored_size_alone() {
        let old = Rectangle { x: 10.1, y: 20.3, width: 33.3, height: 7.77, rotation: 12.0 };
        let region =
            Region::new("img", Geometry::Image(Shape::Rectangle(old)), Item::new("r", "rectangle", None));
        let moved = RectanglePx::from_percent(old, view().image).moved(Point::new(5.0, 0.0));
        let Geometry::Image(Shape::Rectangle(new)) = stored(moved, Some(&region), &view()) else { panic!() };
        assert_eq!(
            (new.y, new.width, new.height, new.rotation),
            (old.y, old.width, old.height, old.rotation)
        );
        assert!((new.x - 10.1 - 500.0 / 801.0).abs() < 1e-9);
    }

    #[test]
    fn a_region_remembers_size_and_rotation_of_its_picture() {
        let mut v = view();
        v.rotate(1);
        let frame = Value::Object(frame_of(&v));
        assert_eq!(frame, json!({"original_width": 801, "original_height": 333, "image_rotation": 90}));
    }
}
