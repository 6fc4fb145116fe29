//! The Python environment of the SDK tests, in `tests/.venv`.

use crate::context::Context;
use crate::tools::apt;
use crate::tools::exec::Exec;
use crate::tools::files;
use anyhow::{Context as _, Result};
use std::path::PathBuf;

const REQUIREMENTS: &str = "tests/sdk/requirements.txt";

/// The interpreter of the environment; made and filled when needed.
pub(crate) fn ensure(context: &Context) -> Result<(PathBuf, bool)> {
    let venv = context.path("tests/.venv");
    let python = venv.join("bin/python");
    let wanted = files::read(&context.path(REQUIREMENTS))?;
    let stamp = venv.join(".tagloom-requirements");
    if python.exists() && std::fs::read_to_string(&stamp).is_ok_and(|has| has == wanted) {
        return Ok((python, false));
    }
    if create(context, &venv).is_err() {
        // Debian splits venv off; a half-made folder must not be taken for an environment.
        apt::install(context, &["python3", "python3-venv"]).context("Python 3 is missing")?;
        create(context, &venv)?;
    }
    Exec::new(&python)
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"])
        .arg(context.path(REQUIREMENTS))
        .run(context)?;
    files::write(&stamp, wanted)?;
    Ok((python, true))
}

fn create(context: &Context, venv: &std::path::Path) -> Result<()> {
    Exec::new("python3").args(["-m", "venv", "--clear"]).arg(venv).run(context)
}
