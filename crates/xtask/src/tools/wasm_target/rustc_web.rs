//! Debian's second, newer compiler (`rustc-web`, kept for browsers in stable releases), unpacked below `target/` and
//! used for the wasm half only. It comes from the suites the machine already has.

use super::build_std::{self, Pair};
use super::{TRIPLE, WasmToolchain, has_core};
use crate::context::Context;
use crate::tools::apt::{self, PrivateApt};
use crate::tools::cargo;
use crate::tools::exec::{Exec, which};
use crate::tools::files;
use anyhow::{Context as _, Result, bail};
use std::path::{Path, PathBuf};

const PACKAGES: &[&str] = &["rustc-web", "cargo-web", "rust-web-src", "libstd-rust-web-dev"];

pub(super) fn get(context: &Context) -> Result<WasmToolchain> {
    let dir = context.private("wasm-target").join("rustc-web");
    let root = dir.join("root");
    let (cargo_path, rustc) = (root.join("usr/bin/cargo"), root.join("usr/bin/rustc"));
    if !(cargo_path.exists() && rustc.exists()) {
        unpack(context, &dir, &root)?;
    }
    let libraries = std::env::join_paths(library_dirs(&root)?)?;
    let sysroot: PathBuf = Exec::new(&rustc)
        .env("LD_LIBRARY_PATH", &libraries)
        .args(["--print", "sysroot"])
        .read()
        .context("the unpacked rustc does not run")?
        .into();
    let version = Exec::new(&rustc).env("LD_LIBRARY_PATH", &libraries).arg("-V").read()?;
    let library = sysroot.join("lib/rustlib").join(TRIPLE).join("lib");
    if !has_core(&library) {
        let sources = build_std::find_library(&root)?;
        let pair = Pair {
            cargo: &cargo_path,
            env: &[("RUSTC", rustc.as_os_str()), ("LD_LIBRARY_PATH", &libraries)],
        };
        build_std::build(context, &pair, &sources, &dir.join("build"), &library)?;
    }
    Ok(WasmToolchain {
        cargo: cargo_path,
        env: vec![
            ("RUSTC", rustc.into_os_string()),
            ("LD_LIBRARY_PATH", libraries),
            ("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker()?.into_os_string()),
        ],
        sysroot: None,
        target_dir: dir.join("target"),
        origin: version,
    })
}

fn unpack(context: &Context, dir: &Path, root: &Path) -> Result<()> {
    let sources = apt::machine_sources(Path::new("/etc/apt"));
    let apt = PrivateApt::open(context, &dir.join("apt"), &sources)?;
    for package in PACKAGES {
        if apt.versions(package)?.is_empty() {
            bail!("the suites of this machine have no package {package}");
        }
    }
    for deb in apt.download_with_libraries(context, PACKAGES)? {
        apt::unpack(context, &deb, root)?;
    }
    Ok(())
}

/// Every folder with shared libraries of the unpacked packages: the multiarch one and those of LLVM.
fn library_dirs(root: &Path) -> Result<Vec<PathBuf>> {
    let mut dirs: Vec<PathBuf> = files::walk(&root.join("usr/lib"))?
        .into_iter()
        .filter(|path| path.file_name().is_some_and(|n| n.to_string_lossy().contains(".so")))
        .filter(|path| !path.components().any(|part| part.as_os_str() == "rustlib"))
        .filter_map(|path| path.parent().map(Path::to_path_buf))
        .collect();
    dirs.sort();
    dirs.dedup();
    if dirs.is_empty() {
        bail!("the unpacked packages hold no shared library below {}", root.display());
    }
    Ok(dirs)
}

/// A linker for wasm: LLVM's, from this system or from the native toolchain.
fn linker() -> Result<PathBuf> {
    let (_, host) = cargo::rustc_version()?;
    let bundled = cargo::sysroot()?.join("lib/rustlib").join(host).join("bin/rust-lld");
    [Some(bundled).filter(|path| path.exists()), which("rust-lld"), which("wasm-ld")]
        .into_iter()
        .flatten()
        .next()
        .context("no linker for wasm; as root, run: apt-get install -y lld")
}
