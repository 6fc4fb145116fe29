//! What the view of a picture offers beside it: three-point boxes, zoom, quarter turns. Select, pan and the drawing
//! tools stand in the screen's own column.

use super::controller::Controller;
use crate::components::with_key;
use crate::context::EditorContext;
use leptos::prelude::*;
use std::rc::Rc;
use tagloom_editor::{Action, Tool, TreeNodes};
use tagloom_tags::NodeId;

/// Shapes of the icons on a 24 px grid, drawn with a pen of 1.5.
mod icon {
    pub(super) const BOX_TURNED: &str = "M3 13L14 4l7 7-11 9z";
    pub(super) const ZOOM_IN: &str = "M11 4a7 7 0 1 0 0 14a7 7 0 1 0 0-14M21 21l-5-5M11 8v6M8 11h6";
    pub(super) const ZOOM_OUT: &str = "M11 4a7 7 0 1 0 0 14a7 7 0 1 0 0-14M21 21l-5-5M8 11h6";
    pub(super) const FIT: &str = "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5";
    pub(super) const ACTUAL: &str = "M5 8l2-2v12M12 10v.5M12 15v.5M16 8l2-2v12";
    pub(super) const TURN_LEFT: &str = "M4 4v6h6M4.5 10a8 8 0 1 1-.5 4";
    pub(super) const TURN_RIGHT: &str = "M20 4v6h-6M19.5 10a8 8 0 1 0 .5 4";
}

#[component]
fn ToolButton(
    path: &'static str,
    text: &'static str,
    command: &'static str,
    /// What a press does while it is pressed already.
    #[prop(optional)]
    back: Option<&'static str>,
    #[prop(optional, into)] pressed: Option<Signal<bool>>,
    #[prop(optional, into)] disabled: Signal<bool>,
) -> impl IntoView {
    let ctx = crate::context::use_editor();
    let title = with_key(&ctx, text, command);
    view! {
        <button
            type="button"
            class="tl-image-tool"
            title=title
            aria-label=text
            aria-pressed=move || pressed.map(|p| p.get().to_string())
            disabled=move || disabled.get()
            on:click=move |_| {
                let on = pressed.is_some_and(|p| p.get_untracked());
                ctx.run_command(back.filter(|_| on).unwrap_or(command));
            }
        >
            <svg viewBox="0 0 24 24" width="16" height="16" aria-hidden="true">
                <path d=path fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round"/>
            </svg>
        </button>
    }
}

/// Takes the box tool in hand; a labels tool gets its first label armed, for all to see, as it draws nothing without.
fn take_boxes(ctx: EditorContext, controller: &Controller, control: NodeId, three_points: bool) {
    let _ = controller.three_points.try_set(three_points);
    let options = &controller.options;
    // A label that is armed already has its own box tool in hand; that one stays.
    let in_hand = ctx.try_with(|e| e.tool(&options.name));
    if !matches!(in_hand, Some(Tool::Draw(now)) if options.draws_boxes(now)) {
        let label = ctx.with(|e| {
            let tree = e.tree();
            let wants = tree.node(control).is("RectangleLabels") && e.armed().labels(control).is_empty();
            let free = e.document().selection().is_empty() && !e.is_read_only();
            (wants && free).then(|| tree.labels_of(control).first().map(|l| l.node)).flatten()
        });
        if let Some(label) = label {
            ctx.dispatch(Action::ToggleLabel { control, label });
        }
        ctx.dispatch(Action::SetTool { object: options.name.clone(), tool: Tool::Draw(control) });
    }
    controller.regions_stale();
}

/// The commands of an image, offered to keys, palette and buttons alike.
pub(super) fn offer_commands(ctx: EditorContext, controller: &Rc<Controller>) {
    let on = |name: &str, run: fn(&Controller)| {
        let weak = Rc::downgrade(controller);
        ctx.on_command(name, move || {
            if let Some(controller) = weak.upgrade() {
                run(&controller);
            }
        });
    };
    if let Some(control) = controller.options.box_control() {
        for (name, three) in [("tool:rect", false), ("tool:rect-3point", true)] {
            let weak = Rc::downgrade(controller);
            ctx.on_command(name, move || {
                if let Some(controller) = weak.upgrade() {
                    take_boxes(ctx, &controller, control, three);
                }
            });
        }
    }
    on("tool:zoom-in", |c| c.zoom_by(c.options.zoom_by, None));
    on("tool:zoom-out", |c| c.zoom_by(1.0 / c.options.zoom_by, None));
    on("tool:zoom-to-fit", Controller::fit);
    on("tool:zoom-to-actual", Controller::actual_size);
    if controller.options.rotate {
        on("tool:rotate-left", |c| c.rotate(-1));
        on("tool:rotate-right", |c| c.rotate(1));
    }
}

/// The column of tools.
#[component]
pub(super) fn Toolbar(controller: StoredValue<Rc<Controller>, LocalStorage>) -> impl IntoView {
    let (ctx, options, three_points) = controller.with_value(|c| (c.ctx, c.options.clone(), c.three_points));
    let tool = ctx.tool(&options.name);
    let read_only = ctx.read_only();
    let boxes: Vec<_> = options.boxes.iter().map(|b| b.id).collect();
    let turned = Signal::derive(move || {
        matches!(tool.get(), Tool::Draw(c) if boxes.contains(&c)) && three_points.get()
    });
    let (can_draw, zoom, rotate) = (options.box_control().is_some(), options.zoom_control, options.rotate);
    if !(can_draw || zoom || rotate) {
        return ().into_any();
    }
    view! {
        <div class="tl-image-tools" role="toolbar" aria-orientation="vertical" aria-label="Image tools">
            {can_draw.then(|| view! {
                <ToolButton
                    path=icon::BOX_TURNED text="Draw a turned box by three points" command="tool:rect-3point"
                    back="tool:rect" pressed=turned disabled=read_only
                />
            })}
            {zoom.then(|| view! {
                <ToolButton path=icon::ZOOM_IN text="Zoom in" command="tool:zoom-in"/>
                <ToolButton path=icon::ZOOM_OUT text="Zoom out" command="tool:zoom-out"/>
                <ToolButton path=icon::FIT text="Zoom to fit" command="tool:zoom-to-fit"/>
                <ToolButton path=icon::ACTUAL text="Actual size" command="tool:zoom-to-actual"/>
            })}
            {rotate.then(|| view! {
                <ToolButton path=icon::TURN_LEFT text="Turn the view left" command="tool:rotate-left"/>
                <ToolButton path=icon::TURN_RIGHT text="Turn the view right" command="tool:rotate-right"/>
            })}
        </div>
    }
    .into_any()
}
