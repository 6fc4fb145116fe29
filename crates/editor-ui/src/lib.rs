//! Leptos views of the editor
