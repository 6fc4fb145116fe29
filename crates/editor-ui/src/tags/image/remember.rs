//! The tool of an image, remembered in the browser under `selected-tool:<name>` (setting `preserveSelectedTool`).

use super::options::ImageOptions;
use tagloom_editor::Tool;

const MOVE: &str = "MoveTool";
const PAN: &str = "ZoomPanTool";
const BOX: &str = "RectangleTool";

fn word(tool: Tool, options: &ImageOptions) -> Option<&'static str> {
    match tool {
        Tool::Select => Some(MOVE),
        Tool::Pan => Some(PAN),
        // A labels tool comes with its label, so only the bare one is a choice of its own.
        Tool::Draw(control) => options.boxes.iter().any(|b| b.id == control && b.bare).then_some(BOX),
    }
}

fn tool(word: &str, options: &ImageOptions) -> Option<Tool> {
    match word {
        MOVE => Some(Tool::Select),
        PAN => Some(Tool::Pan),
        BOX => options.boxes.iter().find(|b| b.bare).map(|b| Tool::Draw(b.id)),
        _ => None,
    }
}

fn storage() -> Option<web_sys::Storage> {
    web_sys::window()?.local_storage().ok().flatten()
}

fn key(options: &ImageOptions) -> String {
    format!("selected-tool:{}", options.name)
}

pub(super) fn recall(options: &ImageOptions) -> Option<Tool> {
    let stored = storage()?.get_item(&key(options)).ok()??;
    tool(&stored, options)
}

pub(super) fn remember(now: Tool, options: &ImageOptions) {
    if let (Some(storage), Some(word)) = (storage(), word(now, options)) {
        // A full or blocked storage only means that the tool is not remembered.
        let _ = storage.set_item(&key(options), word);
    }
}
