//! The JavaScript boundary of the editor
