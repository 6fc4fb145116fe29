//! `new-tag`: a folder for the tag in `tags`, one in `editor-ui`, and an entry in each list.

use crate::context::Context;
use anyhow::Result;

/// Flags of `new-tag`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// The tag as written in a config: `RectangleLabels`
    name: String,
}

pub(crate) fn run(_context: &Context, options: &Options) -> Result<()> {
    anyhow::bail!("cannot scaffold {} yet", options.name)
}
