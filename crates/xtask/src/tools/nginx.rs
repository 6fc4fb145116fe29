//! nginx, for the test of the balancer's configuration: the system's own.

use crate::context::Context;
use crate::tools::apt;
use crate::tools::exec::which;
use anyhow::{Context as _, Result};
use std::path::PathBuf;

/// On `PATH`, or where only root's has it.
fn find() -> Option<PathBuf> {
    which("nginx").or_else(|| Some(PathBuf::from("/usr/sbin/nginx")).filter(|path| path.exists()))
}

/// Finds it or installs it.
pub(crate) fn ensure(context: &Context) -> Result<PathBuf> {
    if let Some(path) = find() {
        return Ok(path);
    }
    apt::install(context, &["nginx"]).context("nginx is missing")?;
    find().context("nginx was installed but is not found")
}
