//! The labeling screen: bars and panels around the data.

mod bottom_bar;
mod diagnostics;
mod help;
mod keys;
mod label_bar;
mod palette;
mod settings;
mod tabs;
mod tool_column;
mod top_bar;

use crate::components::storage;
use crate::context::use_editor;
use crate::panels::SidePanel;
use crate::tags::render_node;
use leptos::html;
use leptos::prelude::*;

/// What is open over the screen, and its look; in context for every part of the frame.
#[derive(Clone, Copy, Debug)]
pub struct Screen {
    pub settings: RwSignal<bool>,
    pub help: RwSignal<bool>,
    pub palette: RwSignal<bool>,
    pub instructions: RwSignal<bool>,
    /// `light`, `dark`, or empty for what the browser prefers.
    pub theme: RwSignal<String>,
    /// Somebody asked for the note of the selected region; the note takes the focus and takes this back.
    pub edit_note: RwSignal<bool>,
}

/// The screen that the calling view belongs to.
///
/// # Panics
/// Outside of a labeling screen.
pub fn use_screen() -> Screen {
    expect_context::<Screen>()
}

/// The whole editor; needs an [`crate::EditorContext`] in context.
#[component]
pub fn LabelingScreen() -> impl IntoView {
    let context = use_editor();
    let screen = Screen {
        settings: RwSignal::new(false),
        help: RwSignal::new(false),
        palette: RwSignal::new(false),
        instructions: RwSignal::new(false),
        theme: storage::remembered("tagloom:theme", ""),
        edit_note: RwSignal::new(false),
    };
    provide_context(screen);
    let root = NodeRef::<html::Div>::new();
    keys::listen(root);
    context.on_command("help:keys", move || screen.help.set(true));
    context.on_command("palette:open", move || screen.palette.set(true));
    context.on_command("region:meta", move || {
        screen.edit_note.set(context.with(|e| e.document().single_selection().is_some()));
    });
    context.on_command("region:focus", move || keys::focus_answer(root));

    let has = move |name: &'static str| context.with(|e| e.interfaces().has(name));
    // The tag tree is made anew with every task and config, and with nothing else.
    let data = move || {
        let tree = context.tree().get();
        tree.root().map(|root| render_node(root.id))
    };
    let theme = move || Some(screen.theme.get()).filter(|t| !t.is_empty());
    view! {
        <div node_ref=root class="tl-screen" tabindex="-1" data-theme=theme
            class:tl-panel-below=move || context.settings().get().bottom_side_panel
            class:tl-is-fullscreen=move || context.settings().get().fullscreen>
            <top_bar::TopBar/>
            <div class="tl-notice">
                <diagnostics::Notices/>
            </div>
            <label_bar::LabelBar/>
            <tool_column::ToolColumn/>
            <main class="tl-data" aria-label="Data">{data}</main>
            {move || has("side-column").then(|| view! { <SidePanel/> })}
            <bottom_bar::BottomBar/>
            <settings::SettingsDialog/>
            <help::HelpDialog/>
            <palette::Palette/>
            <bottom_bar::InstructionsDialog/>
        </div>
    }
}
