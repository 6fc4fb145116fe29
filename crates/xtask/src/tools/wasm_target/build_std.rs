//! Compiling the standard library from an unpacked source package.

use super::TRIPLE;
use crate::context::Context;
use crate::tools::cargo;
use crate::tools::exec::Exec;
use crate::tools::files;
use anyhow::{Context as _, Result, bail};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// The pair that compiles, with what it needs in the environment.
pub(super) struct Pair<'a> {
    pub(super) cargo: &'a Path,
    pub(super) env: &'a [(&'static str, &'a OsStr)],
}

/// Compiles `library/` and copies the `.rlib` files into `into`, `core` last: a copy that is interrupted does not look
/// complete.
pub(super) fn build(
    context: &Context,
    pair: &Pair<'_>,
    library: &Path,
    work: &Path,
    into: &Path,
) -> Result<()> {
    let mut flags = String::from("-Cforce-unwind-tables=no -Zforce-unstable-if-unmarked -Cembed-bitcode=yes");
    for sources in cargo::registry_sources() {
        flags.push_str(&format!(" --remap-path-prefix={}=crates", sources.display()));
    }
    let mut build = cargo::clean(Exec::new(pair.cargo)).dir(library);
    for (key, value) in pair.env {
        build = build.env(key, value);
    }
    build
        .env("RUSTC_BOOTSTRAP", "1")
        .env("RUSTFLAGS", flags)
        .env_remove("CARGO_TARGET_DIR")
        .args(["build", "--release", "--manifest-path", "sysroot/Cargo.toml"])
        .args(["--target", TRIPLE, "--features", "compiler-builtins-mem", "--target-dir"])
        .arg(work)
        .run(context)
        .context("compiling the standard library")?;
    let mut libraries: Vec<PathBuf> = files::list(&work.join(TRIPLE).join("release/deps"))?;
    libraries.retain(|path| path.extension().is_some_and(|e| e == "rlib"));
    if libraries.is_empty() {
        bail!("the build left no library in {}", work.display());
    }
    libraries
        .sort_by_key(|path| path.file_name().is_some_and(|n| n.to_string_lossy().starts_with("libcore-")));
    for library in libraries {
        if let Some(name) = library.file_name() {
            files::copy(&library, &into.join(name))?;
        }
    }
    Ok(())
}

/// `library/` of an unpacked source package: `usr/src/rustc-1.95.0/library`, or what `usr/lib/rustlib` links to.
pub(super) fn find_library(root: &Path) -> Result<PathBuf> {
    let mut candidates = vec![root.join("usr/lib/rustlib/src/rust/library")];
    candidates.extend(
        files::list(&root.join("usr/src")).unwrap_or_default().into_iter().map(|d| d.join("library")),
    );
    candidates
        .into_iter()
        .find(|dir| dir.join("sysroot/Cargo.toml").is_file())
        .with_context(|| format!("no library sources below {}", root.display()))
}
