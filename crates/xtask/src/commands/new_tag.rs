//! `new-tag`: a folder for the tag in `tags`, one in `editor-ui`, and an entry in each list.

mod scaffold;

use crate::context::Context;
use crate::tools::exec::Exec;
use crate::tools::files;
use anyhow::{Context as _, Result, bail};
use scaffold::{TagName, add_module, add_spec, add_view};

/// Flags of `new-tag`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// The tag as written in a config: `RectangleLabels`
    name: String,

    /// What the tag is
    #[arg(long, value_enum, default_value_t = Kind::Control)]
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Kind {
    /// Makes results (`Choices`, `RectangleLabels`)
    Control,
    /// Shows data (`Image`, `Text`)
    Object,
    /// Arranges or explains (`View`, `Header`)
    Visual,
}

pub(crate) fn run(context: &Context, options: &Options) -> Result<()> {
    let name = TagName::parse(&options.name)?;
    let tags = context.path("crates/tags/src");
    let views = context.path("crates/editor-ui/src/tags");
    let spec = tags.join(name.snake()).join("mod.rs");
    let view = views.join(name.snake()).join("mod.rs");
    for path in [&spec, &view] {
        if path.exists() {
            bail!("already there: {}", path.display());
        }
    }
    // Every edit is computed before the first file is written: a list that looks different stops all of it.
    let changes = [
        (tags.join("lib.rs"), add_module(&files::read(&tags.join("lib.rs"))?, "pub mod", name.snake())?),
        (
            tags.join("registry.rs"),
            add_spec(&files::read(&tags.join("registry.rs"))?, name.snake())
                .context("crates/tags/src/registry.rs")?,
        ),
        (
            views.join("mod.rs"),
            add_view(&files::read(&views.join("mod.rs"))?, name.lower(), name.snake())
                .context("crates/editor-ui/src/tags/mod.rs")?,
        ),
        (spec, scaffold::spec(&name, options.kind)),
        (view, scaffold::view(&name)),
    ];
    for (path, text) in &changes {
        files::write(path, text)?;
    }
    Exec::new("rustfmt")
        .args(["--edition", "2024"])
        .args(changes.iter().map(|(path, _)| path))
        .dir(&context.root)
        .run(context)?;
    for (path, _) in &changes {
        println!("{}", path.strip_prefix(&context.root).unwrap_or(path).display());
    }
    println!("next: attributes and result in the first new file, the view in the second, cases beside them");
    Ok(())
}
