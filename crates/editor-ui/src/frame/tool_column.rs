//! The tools of images: select, pan, and every control that draws.

use crate::components::{IconButton, with_key};
use crate::context::{EditorContext, use_editor};
use crate::icons;
use leptos::prelude::*;
use tagloom_editor::{Action, Tool, is_shape_control};
use tagloom_tags::{NodeId, Tree};

/// One button: what it draws with, and the objects it draws on.
#[derive(Clone, Debug, PartialEq)]
struct DrawTool {
    control: NodeId,
    kind: String,
    name: String,
    objects: Vec<String>,
}

fn images(tree: &Tree) -> Vec<String> {
    tree.objects().filter(|n| n.kind == "image").filter_map(|n| n.name.clone()).collect()
}

/// Every control that draws on an image, in tree order, each once.
fn draw_tools(tree: &Tree) -> Vec<DrawTool> {
    let images = images(tree);
    tree.controls()
        .filter(|n| is_shape_control(&n.kind))
        .filter_map(|n| {
            let objects: Vec<_> = n.to_names.iter().filter(|t| images.contains(t)).cloned().collect();
            (!objects.is_empty()).then(|| DrawTool {
                control: n.id,
                kind: n.kind.clone(),
                name: n.name.clone().unwrap_or_default(),
                objects,
            })
        })
        .collect()
}

/// The name of a shape and the command that takes its tool.
fn shape(kind: &str) -> (&'static str, &'static str) {
    match kind.trim_end_matches("labels") {
        "rectangle" => ("Box", "tool:rect"),
        "ellipse" => ("Ellipse", "tool:ellipse"),
        "polygon" => ("Polygon", "tool:polygon"),
        "vector" => ("Vector", "tool:polygon"),
        "keypoint" => ("Key point", "tool:key-point"),
        "brush" | "bitmask" => ("Brush", "tool:brush"),
        "magicwand" => ("Magic wand", "tool:magic-wand"),
        _ => ("Shape", ""),
    }
}

fn take(context: &EditorContext, tool: &DrawTool) {
    // A labels tool draws nothing without a label; its first one is armed, for all to see, instead of doing nothing.
    let first = context.with(|e| {
        let labels = tool.kind.ends_with("labels") && e.armed().labels(tool.control).is_empty();
        let free = e.document().selection().is_empty() && !e.is_read_only();
        (labels && free).then(|| e.tree().labels_of(tool.control).first().map(|l| l.node)).flatten()
    });
    if let Some(label) = first {
        context.dispatch(Action::ToggleLabel { control: tool.control, label });
    }
    for object in &tool.objects {
        context.dispatch(Action::SetTool { object: object.clone(), tool: Tool::Draw(tool.control) });
    }
}

#[component]
pub(super) fn ToolColumn() -> impl IntoView {
    let context = use_editor();
    move || {
        let tree = context.tree().get();
        let images = images(&tree);
        (!images.is_empty()).then(|| column(context, images, draw_tools(&tree)))
    }
}

fn column(context: EditorContext, images: Vec<String>, tools: Vec<DrawTool>) -> impl IntoView {
    let current = images.first().map(|i| context.tool(i)).unwrap_or_else(|| Signal::stored(Tool::Select));
    let plain = move |tool: Tool| {
        let images = images.clone();
        move || {
            for object in &images {
                context.dispatch(Action::SetTool { object: object.clone(), tool });
            }
        }
    };
    let (select, pan) = (plain(Tool::Select), plain(Tool::Pan));
    context.on_command("tool:move", select.clone());
    context.on_command("tool:pan-image", pan.clone());
    // The first control of a shape has its key.
    let mut taken: Vec<&'static str> = Vec::new();
    for tool in &tools {
        let (_, command) = shape(&tool.kind);
        if !command.is_empty() && !taken.contains(&command) {
            taken.push(command);
            let tool = tool.clone();
            context.on_command(command, move || take(&context, &tool));
        }
    }
    let read_only = context.read_only();
    let buttons = tools
        .into_iter()
        .map(|tool| {
            let (name, command) = shape(&tool.kind);
            let text = format!("{name}: {}", tool.name);
            let title = if command.is_empty() { text.clone() } else { with_key(&context, &text, command) };
            let objects = tool.objects.clone();
            let states: Vec<_> = objects.iter().map(|o| context.tool(o)).collect();
            let control = tool.control;
            view! {
                <IconButton glyph=icons::of_kind(&tool.kind) label=text title=Signal::stored(title) disabled=read_only
                    pressed=Signal::derive(move || states.iter().any(|s| s.get() == Tool::Draw(control)))
                    on_click=move || take(&context, &tool)/>
            }
        })
        .collect_view();
    let tip = |text: &str, command: &str| Signal::stored(with_key(&context, text, command));
    view! {
        <div class="tl-tools" role="toolbar" aria-label="Tools" aria-orientation="vertical">
            <IconButton glyph=icons::SELECT label="Select and move" title=tip("Select and move", "tool:move")
                pressed=Signal::derive(move || current.get() == Tool::Select) on_click=select/>
            <IconButton glyph=icons::PAN label="Pan" title=tip("Pan", "tool:pan-image")
                pressed=Signal::derive(move || current.get() == Tool::Pan) on_click=pan/>
            <hr/>
            {buttons}
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tagloom_editor::TreeNodes;
    use tagloom_tags::Config;

    #[test]
    fn tools_are_those_that_draw_on_images() {
        let xml = r#"<View><Image name="i" value="$i"/><Rectangle name="r" toName="i"/><Labels name="l" toName="i"><Label value="a"/></Labels>
            <PolygonLabels name="p" toName="i"><Label value="b"/></PolygonLabels><Choices name="c" toName="i"><Choice value="x"/></Choices></View>"#;
        let tree = Config::new(xml).instantiate(&serde_json::Value::Null);
        let kinds: Vec<_> = draw_tools(&tree).into_iter().map(|t| t.kind).collect();
        assert_eq!(kinds, ["rectangle", "polygonlabels"]);
        assert_eq!(tree.node(draw_tools(&tree)[0].control).name.as_deref(), Some("r"));
    }
}
