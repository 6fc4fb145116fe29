//! Draw lists and hits of whole pictures, without a browser.

use super::*;
use crate::canvas::draw::{Grid, Top, draw_regions, draw_top};
use crate::canvas::scene::{Appearance, Synced};
use crate::painter::Recording;
use std::sync::Arc;
use tagloom_annotation_store::{Geometry, Item, Region, ViewFlags};
use tagloom_region_geometry::{Ellipse, KeyPoint, Point, Polygon, Rectangle, Shape};
use tagloom_tags::image::tools::Overlay;
use tagloom_tags::rectangle::tool::Ghost;

const IMAGE: ImageSize = ImageSize { width: 400.0, height: 200.0 };

fn region(id: &str, shape: Shape) -> Arc<Region> {
    let mut region = Region::new("img", Geometry::Image(shape), Item::new("box", "rectangle", None));
    region.id = id.into();
    Arc::new(region)
}

fn boxed(x: f64, y: f64, width: f64, height: f64) -> Shape {
    Shape::Rectangle(Rectangle { x, y, width, height, rotation: 0.0 })
}

fn look(region: &Region) -> Appearance {
    Appearance {
        color: if region.id.as_str().starts_with("car") { "red" } else { "blue" }.into(),
        fill_opacity: 0.2,
        stroke_width: 1.0,
        dashed: false,
        caption: region.id.to_string(),
        can_rotate: true,
        snap: false,
    }
}

fn show(stage: &mut Stage, regions: &[Arc<Region>]) -> Synced {
    stage.scene.sync(IMAGE, regions.iter().map(|r| (r.clone(), ViewFlags::default())), look)
}

fn stage(regions: &[Arc<Region>]) -> Stage {
    let mut stage = Stage::new(IMAGE);
    stage.view = Viewport::fitted(IMAGE, 400.0, 200.0);
    show(&mut stage, regions);
    stage
}

fn drawn(stage: &Stage, captions: bool) -> Recording {
    let mut out = Recording::new();
    draw_regions(stage, None, captions, &mut out);
    out
}

fn drawn_top(stage: &Stage, top: &Top) -> String {
    let mut out = Recording::new();
    draw_top(stage, top, &mut out);
    out.text()
}

#[test]
fn regions_of_one_look_share_a_pen_and_all_shapes_are_drawn() {
    let shapes = [
        region("car1", boxed(0.0, 0.0, 10.0, 10.0)),
        region(
            "tree",
            Shape::Ellipse(Ellipse { x: 50.0, y: 50.0, radius_x: 5.0, radius_y: 5.0, rotation: 0.0 }),
        ),
        region("car2", boxed(20.0, 0.0, 10.0, 10.0)),
        region("dot", Shape::KeyPoint(KeyPoint { x: 75.0, y: 50.0, width: 0.1 })),
        region(
            "roof",
            Shape::Polygon(Polygon { points: vec![[80.0, 0.0], [90.0, 0.0], [90.0, 10.0]], closed: None }),
        ),
    ];
    insta::assert_snapshot!(drawn(&stage(&shapes), false).text());
}

#[test]
fn what_is_out_of_sight_hidden_or_selected_is_not_on_the_resting_layer() {
    let regions = [
        region("car1", boxed(0.0, 0.0, 10.0, 10.0)),
        region("car2", boxed(90.0, 90.0, 5.0, 5.0)),
        region("car3", boxed(5.0, 5.0, 5.0, 5.0)),
        region("car4", boxed(2.0, 2.0, 5.0, 5.0)),
    ];
    let mut stage = stage(&regions);
    assert_eq!(drawn(&stage, false).count("box"), 4);
    stage.view.zoom_at(Point::new(0.0, 0.0), 4.0, false);
    assert_eq!(drawn(&stage, false).count("box"), 3, "the far corner is out of sight");
    stage.selection = vec!["car3".into()];
    assert_eq!(drawn(&stage, false).count("box"), 2, "the selected one lies on the other layer");
    let flags = |r: &Arc<Region>| ViewFlags { hidden: r.id.as_str() == "car4", locked: false };
    let synced = stage.scene.sync(IMAGE, regions.iter().map(|r| (r.clone(), flags(r))), look);
    assert_eq!(synced, Synced::Some(vec!["car4".into()]));
    assert_eq!(drawn(&stage, false).count("box"), 1);
}

#[test]
fn the_selected_box_has_handles_and_a_caption() {
    let mut stage = stage(&[region("car", boxed(25.0, 25.0, 25.0, 50.0))]);
    stage.selection = vec!["car".into()];
    insta::assert_snapshot!(drawn_top(&stage, &Top::default()));
    stage.read_only = true;
    assert!(
        !drawn_top(&stage, &Top::default()).contains("square"),
        "no handles where nothing can be changed"
    );
}

#[test]
fn guides_and_ghosts_lie_on_top() {
    let stage = stage(&[]);
    let ghost = Ghost::Box(tagloom_region_geometry::RectanglePx::spanned(
        Point::new(10.0, 10.0),
        Point::new(60.0, 40.0),
    ));
    let top = Top {
        overlay: Some(Overlay::Ghost(ghost)),
        crosshair: Some(Point::new(60.0, 40.0)),
        ghost_color: "green".into(),
        editing: false,
    };
    insta::assert_snapshot!(drawn_top(&stage, &top));
}

#[test]
fn a_grid_follows_the_picture_and_disappears_when_too_fine() {
    let mut stage = stage(&[]);
    let grid = Grid { step: 100.0, color: "gray".into() };
    let mut out = Recording::new();
    draw_regions(&stage, Some(&grid), false, &mut out);
    assert_eq!(
        out.lines.last().map(String::as_str),
        Some(
            "lines 0,0..0,200 100,0..100,200 200,0..200,200 300,0..300,200 400,0..400,200 \
             0,0..400,0 0,100..400,100 0,200..400,200"
        )
    );
    stage.view = Viewport::fitted(IMAGE, 10.0, 5.0);
    let mut out = Recording::new();
    draw_regions(&stage, Some(&grid), false, &mut out);
    assert_eq!(out.count("lines"), 0);
}

#[test]
fn the_smallest_region_is_hit_and_moving_one_mends_the_index() {
    let big = region("big", boxed(0.0, 0.0, 100.0, 100.0));
    let small = region("small", boxed(10.0, 10.0, 10.0, 10.0));
    let mut stage = stage(&[small.clone(), big.clone()]);
    assert_eq!(stage.hit(Point::new(50.0, 30.0), 0.0), Some("small".into()));
    let moved = region("small", boxed(60.0, 10.0, 10.0, 10.0));
    assert_eq!(show(&mut stage, &[moved.clone(), big.clone()]), Synced::Some(vec!["small".into()]));
    assert_eq!(stage.hit(Point::new(50.0, 30.0), 0.0), Some("big".into()));
    assert_eq!(stage.hit(Point::new(250.0, 30.0), 0.0), Some("small".into()));
    assert_eq!(show(&mut stage, &[moved.clone(), big.clone()]), Synced::Nothing);
    assert_eq!(show(&mut stage, &[moved]), Synced::All);
    assert_eq!(stage.hit(Point::new(50.0, 30.0), 0.0), None);
}

#[test]
fn a_dragged_group_is_shown_elsewhere_and_put_back() {
    let regions: Vec<_> =
        (0..40).map(|i| region(&format!("car{i}"), boxed(f64::from(i), 0.0, 1.0, 1.0))).collect();
    let mut stage = stage(&regions);
    let ids: Vec<_> = regions.iter().map(|r| r.id.clone()).collect();
    for id in &ids {
        let Some(editable) = stage.editable(id) else { panic!() };
        stage.scene.place_box(id, editable.rect.moved(Point::new(0.0, 100.0)));
    }
    assert_eq!(stage.editable(&ids[0]).map(|e| e.rect.corner.y), Some(100.0));
    stage.scene.put_back(&ids);
    assert_eq!(stage.editable(&ids[0]).map(|e| e.rect.corner.y), Some(0.0));
    assert_eq!(stage.hit(Point::new(2.0, 1.0), 0.0), Some("car0".into()));
}

#[test]
fn captions_stay_inside_and_only_where_asked_for() {
    let regions =
        [region("car1", boxed(0.0, 0.0, 10.0, 10.0)), region("car2", boxed(50.0, 50.0, 10.0, 10.0))];
    let mut stage = stage(&regions);
    assert_eq!(drawn(&stage, false).count("tag"), 0);
    assert_eq!(drawn(&stage, true).count("tag"), 2);
    stage.hovered = Some("car2".into());
    assert!(drawn_top(&stage, &Top::default()).contains("tag 199.5,99.5 \"car2\" red"));
}

#[test]
fn broken_shapes_are_neither_drawn_nor_hit() {
    let regions = [
        region("a", boxed(f64::INFINITY, 0.0, 1.0, 1.0)),
        region("b", Shape::Polygon(Polygon { points: vec![], closed: None })),
        region("c", boxed(10.0, 10.0, 0.0, 0.0)),
    ];
    let stage = stage(&regions);
    assert_eq!(drawn(&stage, true).count("tag"), 1);
    assert_eq!(stage.hit(Point::new(40.0, 20.0), 0.0), None);
}
