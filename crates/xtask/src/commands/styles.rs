//! `styles`: the concatenated sheets for Trunk's hot-reload loop.

use crate::context::Context;
use crate::tools::{files, styles};
use anyhow::Result;

/// Writes `target/styles/editor.css` and `app.css`; files that would not change are left alone, so that a watcher does
/// not see a change of its own making.
pub(crate) fn run(context: &Context) -> Result<()> {
    // Always below the repository: `www/index.html` links there, wherever cargo's own folder may be.
    let dir = context.path("target/styles");
    for (name, sheet) in [("editor.css", styles::editor(context)?), ("app.css", styles::app(context)?)] {
        let path = dir.join(name);
        if std::fs::read_to_string(&path).is_ok_and(|old| old == sheet) {
            continue;
        }
        files::write(&path, sheet)?;
    }
    Ok(())
}
