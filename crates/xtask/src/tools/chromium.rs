//! A Chromium for the browser tests: the system's own, never a downloaded one.

use crate::context::Context;
use crate::tools::apt;
use crate::tools::exec::which;
use anyhow::{Context as _, Result};
use std::path::PathBuf;

const NAMES: &[&str] = &["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// The browser named by `TAGLOOM_CHROMIUM`, else one on `PATH`.
pub(crate) fn find() -> Option<PathBuf> {
    std::env::var_os("TAGLOOM_CHROMIUM")
        .map(PathBuf::from)
        .filter(|path| path.exists())
        .or_else(|| NAMES.iter().find_map(|name| which(name)))
}

/// Finds the browser or installs it.
pub(crate) fn ensure(context: &Context) -> Result<PathBuf> {
    if let Some(path) = find() {
        return Ok(path);
    }
    apt::install(context, &["chromium"]).context("Chromium is missing")?;
    find().context("chromium was installed but is not on PATH")
}
