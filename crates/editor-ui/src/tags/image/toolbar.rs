//! The tools beside the picture: select, pan, boxes, zoom, turn.

use super::controller::Controller;
use crate::context::EditorContext;
use leptos::prelude::*;
use std::rc::Rc;
use tagloom_editor::{Action, Tool};

/// Shapes of the icons on a 24 px grid, drawn with a pen of 1.5.
mod icon {
    pub(super) const SELECT: &str = "M5 3l6 16 2.2-6.8L20 10z";
    pub(super) const PAN: &str =
        "M12 3v18M3 12h18M12 3l-3 3M12 3l3 3M12 21l-3-3M12 21l3-3M3 12l3-3M3 12l3 3M21 12l-3-3M21 12l-3 3";
    pub(super) const BOX: &str = "M4 5h16v14H4z";
    pub(super) const BOX_TURNED: &str = "M3 13L14 4l7 7-11 9z";
    pub(super) const ZOOM_IN: &str = "M11 4a7 7 0 1 0 0 14a7 7 0 1 0 0-14M21 21l-5-5M11 8v6M8 11h6";
    pub(super) const ZOOM_OUT: &str = "M11 4a7 7 0 1 0 0 14a7 7 0 1 0 0-14M21 21l-5-5M8 11h6";
    pub(super) const FIT: &str = "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5";
    pub(super) const ACTUAL: &str = "M5 8l2-2v12M12 10v.5M12 15v.5M16 8l2-2v12";
    pub(super) const TURN_LEFT: &str = "M4 4v6h6M4.5 10a8 8 0 1 1-.5 4";
    pub(super) const TURN_RIGHT: &str = "M20 4v6h-6M19.5 10a8 8 0 1 0 .5 4";
}

/// The key of a command as a tooltip shows it.
fn titled(ctx: EditorContext, text: &str, command: &str) -> String {
    let mac = web_sys::window()
        .and_then(|w| w.navigator().user_agent().ok())
        .is_some_and(|agent| agent.contains("Mac"));
    match ctx.with(|e| e.keymap().shown(command, mac).map(str::to_owned)) {
        Some(key) => format!("{text} ({key})"),
        None => text.to_owned(),
    }
}

#[component]
fn ToolButton(
    path: &'static str,
    text: &'static str,
    command: &'static str,
    #[prop(optional, into)] pressed: Option<Signal<bool>>,
    #[prop(optional, into)] disabled: Signal<bool>,
) -> impl IntoView {
    let ctx = crate::context::use_editor();
    let title = titled(ctx, text, command);
    view! {
        <button
            type="button"
            class="tl-image-tool"
            title=title
            aria-label=text
            aria-pressed=move || pressed.map(|p| p.get().to_string())
            disabled=move || disabled.get()
            on:click=move |_| {
                ctx.run_command(command);
            }
        >
            <svg viewBox="0 0 24 24" width="16" height="16" aria-hidden="true">
                <path d=path fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round"/>
            </svg>
        </button>
    }
}

/// The commands of an image, offered to keys, palette and buttons alike.
pub(super) fn offer_commands(ctx: EditorContext, controller: &Rc<Controller>) {
    let options = controller.options.clone();
    let set_tool = move |tool: Tool| {
        let object = options.name.clone();
        move || ctx.dispatch(Action::SetTool { object: object.clone(), tool })
    };
    let on = |name: &str, run: fn(&Controller)| {
        let weak = Rc::downgrade(controller);
        ctx.on_command(name, move || {
            if let Some(controller) = weak.upgrade() {
                run(&controller);
            }
        });
    };
    if controller.options.selection {
        ctx.on_command("tool:move", set_tool(Tool::Select));
    }
    ctx.on_command("tool:pan-image", set_tool(Tool::Pan));
    if let Some(control) = controller.options.box_control() {
        for (name, three) in [("tool:rect", false), ("tool:rect-3point", true)] {
            let (take, three_points) = (set_tool(Tool::Draw(control)), controller.three_points);
            let weak = Rc::downgrade(controller);
            let options = controller.options.clone();
            ctx.on_command(name, move || {
                let _ = three_points.try_set(three);
                // A label that is armed already has its own box tool in hand; that one stays.
                let in_hand = ctx.try_with(|e| e.tool(&options.name));
                if !matches!(in_hand, Some(Tool::Draw(now)) if options.draws_boxes(now)) {
                    take();
                }
                if let Some(controller) = weak.upgrade() {
                    controller.regions_stale();
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
    let draws = move |three: bool| {
        let boxes = boxes.clone();
        Signal::derive(move || {
            matches!(tool.get(), Tool::Draw(c) if boxes.contains(&c)) && three_points.get() == three
        })
    };
    let (plain, turned) = (draws(false), draws(true));
    let is = move |wanted: Tool| Signal::derive(move || tool.get() == wanted);
    let (can_draw, zoom, rotate) = (options.box_control().is_some(), options.zoom_control, options.rotate);
    view! {
        <div class="tl-image-tools" role="toolbar" aria-orientation="vertical" aria-label="Image tools">
            {options.selection.then(|| view! {
                <ToolButton path=icon::SELECT text="Select and move" command="tool:move" pressed=is(Tool::Select)/>
            })}
            <ToolButton path=icon::PAN text="Pan" command="tool:pan-image" pressed=is(Tool::Pan)/>
            {can_draw.then(|| view! {
                <ToolButton path=icon::BOX text="Draw a box" command="tool:rect" pressed=plain disabled=read_only/>
                <ToolButton
                    path=icon::BOX_TURNED text="Draw a turned box by three points" command="tool:rect-3point"
                    pressed=turned disabled=read_only
                />
            })}
            {zoom.then(|| view! {
                <hr/>
                <ToolButton path=icon::ZOOM_IN text="Zoom in" command="tool:zoom-in"/>
                <ToolButton path=icon::ZOOM_OUT text="Zoom out" command="tool:zoom-out"/>
                <ToolButton path=icon::FIT text="Zoom to fit" command="tool:zoom-to-fit"/>
                <ToolButton path=icon::ACTUAL text="Actual size" command="tool:zoom-to-actual"/>
            })}
            {rotate.then(|| view! {
                <hr/>
                <ToolButton path=icon::TURN_LEFT text="Turn the view left" command="tool:rotate-left"/>
                <ToolButton path=icon::TURN_RIGHT text="Turn the view right" command="tool:rotate-right"/>
            })}
        </div>
    }
}
