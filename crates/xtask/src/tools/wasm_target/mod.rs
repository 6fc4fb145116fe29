//! The standard library for `wasm32-unknown-unknown`, from wherever this machine can get it.
//!
//! In this order: already there; `rustup target add`; Debian's `rust-src` of exactly rustc's version, compiled here
//! (for machines that reach a package mirror only); Debian's `rustc-web` pair, unpacked below `target/` and used for the
//! wasm half alone. `--wasm-via` (or `TAGLOOM_WASM_VIA`) picks one and hides the others; the compiled library then stays
//! below `target/` and the installed toolchain is not touched.

mod build_std;
mod rust_src;
mod rustc_web;

use crate::context::Context;
use crate::tools::cargo;
use crate::tools::exec::{Exec, which};
use crate::tools::files;
use anyhow::{Result, bail};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

pub(crate) const TRIPLE: &str = "wasm32-unknown-unknown";

/// A way to get the wasm target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Way {
    /// `rustup target add`
    Rustup,
    /// Debian's `rust-src` of exactly rustc's version, compiled here
    RustSrc,
    /// Debian's `rustc-web` and `cargo-web`, unpacked below target/
    RustcWeb,
}

impl Way {
    fn name(self) -> &'static str {
        match self {
            Self::Rustup => "rustup",
            Self::RustSrc => "rust-src",
            Self::RustcWeb => "rustc-web",
        }
    }
}

/// A cargo that can build for the browser.
#[derive(Debug, Clone)]
pub(crate) struct WasmToolchain {
    cargo: PathBuf,
    env: Vec<(&'static str, OsString)>,
    /// The folder with the target's library, where it is not the compiler's own.
    sysroot: Option<PathBuf>,
    /// Its own folder where the compiler differs from the native one, so that neither throws away the other's work.
    target_dir: PathBuf,
    /// How it was got, for the step's line.
    pub(crate) origin: String,
}

impl WasmToolchain {
    /// The toolchain in use, whose target is in its own sysroot.
    fn native(context: &Context, origin: &str) -> Self {
        Self {
            cargo: cargo::cargo_path(),
            env: Vec::new(),
            sysroot: None,
            target_dir: context.target.clone(),
            origin: origin.to_owned(),
        }
    }

    /// The toolchain in use with the target's library in a private sysroot.
    fn with_sysroot(context: &Context, sysroot: &Path, origin: &str) -> Self {
        Self { sysroot: Some(sysroot.to_owned()), ..Self::native(context, origin) }
    }

    /// The variable takes the place of the flags in .cargo/config.toml, so those are said again.
    fn rustflags(&self) -> OsString {
        let mut flags: Vec<OsString> = ["--cfg", "erase_components"].map(OsString::from).into();
        // What is shipped tells nothing of the machine that built it.
        for sources in cargo::registry_sources() {
            let mut flag = OsString::from("--remap-path-prefix=");
            flag.push(&sources);
            flag.push("=crates");
            flags.push(flag);
        }
        if let Some(sysroot) = &self.sysroot {
            let mut flag = OsString::from("--sysroot=");
            flag.push(sysroot);
            flags.push(flag);
        }
        flags.join(OsStr::new("\u{1f}"))
    }

    /// Builds one package for the browser and returns the `.wasm` file.
    pub(crate) fn build(&self, context: &Context, package: &str, profile: &str) -> Result<PathBuf> {
        let mut build = cargo::clean(Exec::new(&self.cargo)).dir(&context.root);
        for (key, value) in &self.env {
            build = build.env(key, value);
        }
        build
            .env("CARGO_TARGET_DIR", &self.target_dir)
            .env("CARGO_ENCODED_RUSTFLAGS", self.rustflags())
            .args(["build", "--package", package, "--target", TRIPLE, "--profile", profile])
            .run(context)?;
        let folder = if profile == "dev" { "debug" } else { profile };
        let dir = self.target_dir.join(TRIPLE).join(folder);
        // A binary keeps its dashes, a library does not.
        let names = [format!("{package}.wasm"), format!("{}.wasm", package.replace('-', "_"))];
        match names.iter().map(|name| dir.join(name)).find(|path| path.exists()) {
            Some(path) => Ok(path),
            None => bail!("cargo built no {} in {}", names[0], dir.display()),
        }
    }
}

/// Finds or gets the wasm target.
pub(crate) fn ensure(context: &Context) -> Result<WasmToolchain> {
    match context.wasm_via {
        Some(way) => via(context, way, false),
        None if installed()? => Ok(WasmToolchain::native(context, "already there")),
        None => {
            let mut failures = Vec::new();
            for way in [Way::Rustup, Way::RustSrc, Way::RustcWeb] {
                match via(context, way, true) {
                    Ok(toolchain) => return Ok(toolchain),
                    Err(error) => failures.push(format!("- {}: {error:#}", way.name())),
                }
            }
            bail!(
                "no way to get the wasm target worked:\n{}\n\
                 by hand: rustup target add {TRIPLE}",
                failures.join("\n")
            )
        }
    }
}

/// Gets the target one way. With `into_toolchain` a compiled library is put into the toolchain when that can be written.
fn via(context: &Context, way: Way, into_toolchain: bool) -> Result<WasmToolchain> {
    match way {
        Way::Rustup => {
            if which("rustup").is_none() {
                bail!("rustup is not here");
            }
            Exec::new("rustup").args(["target", "add", TRIPLE]).run(context)?;
            if !installed()? {
                bail!("rustup added the target, but not to the rustc in use");
            }
            Ok(WasmToolchain::native(context, "from rustup"))
        }
        Way::RustSrc => rust_src::get(context, into_toolchain),
        Way::RustcWeb => rustc_web::get(context),
    }
}

/// True when the rustc in use has a core library for the browser.
fn installed() -> Result<bool> {
    Ok(has_core(&library_dir(&cargo::sysroot()?)))
}

fn library_dir(sysroot: &Path) -> PathBuf {
    sysroot.join("lib/rustlib").join(TRIPLE).join("lib")
}

/// A folder with a compiled `core` counts as a library; an empty one, left by an interrupted copy, does not.
fn has_core(dir: &Path) -> bool {
    files::list(dir).unwrap_or_default().iter().any(|path| {
        path.file_name().is_some_and(|n| n.to_string_lossy().starts_with("libcore-"))
            && path.extension().is_some_and(|e| e == "rlib")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_library_folder_counts_only_with_core_in_it() {
        let dir = tempfile::tempdir().expect("temporary folder");
        assert!(!has_core(dir.path()));
        assert!(!has_core(&dir.path().join("missing")));
        files::write(&dir.path().join("libcore-1234.rlib"), "x").expect("write");
        assert!(has_core(dir.path()));
    }
}
