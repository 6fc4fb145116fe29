//! Where things are, and what was asked for on the command line.

use crate::tools::wasm_target::Way;
use anyhow::{Context as _, Result};
use std::path::{Path, PathBuf};

/// Facts every command needs. All paths are absolute.
#[derive(Debug, Clone)]
pub(crate) struct Context {
    /// The repository.
    pub(crate) root: PathBuf,
    /// Cargo's target folder; everything generated goes below it, except `pkg/dist` and `node_modules`.
    pub(crate) target: PathBuf,
    /// Show the output of tools as it comes.
    pub(crate) verbose: bool,
    /// Forced way to get the wasm target.
    pub(crate) wasm_via: Option<Way>,
}

impl Context {
    /// Finds the repository from where xtask was built, and the target folder from the environment.
    pub(crate) fn discover(verbose: bool, wasm_via: Option<Way>) -> Result<Self> {
        let manifest = std::env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = manifest
            .ancestors()
            .nth(2)
            .context("xtask must live two folders below the repository")?
            .to_path_buf();
        let target = match std::env::var_os("CARGO_TARGET_DIR") {
            Some(dir) => root.join(dir),
            None => root.join("target"),
        };
        Ok(Self { root, target, verbose, wasm_via })
    }

    /// A path inside the repository.
    pub(crate) fn path(&self, relative: impl AsRef<Path>) -> PathBuf {
        self.root.join(relative)
    }

    /// The folder of finished web builds: `app`, `demo`.
    pub(crate) fn dist(&self, name: &str) -> PathBuf {
        self.target.join("dist").join(name)
    }

    /// The folder for log files and private tool state.
    pub(crate) fn private(&self, name: &str) -> PathBuf {
        self.target.join("xtask").join(name)
    }
}
