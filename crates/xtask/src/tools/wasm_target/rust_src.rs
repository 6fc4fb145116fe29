//! The target's library compiled from Debian's `rust-src` of exactly rustc's version.

use super::build_std::{self, Pair};
use super::{WasmToolchain, has_core, library_dir};
use crate::context::Context;
use crate::tools::apt::{self, PrivateApt};
use crate::tools::cargo;
use crate::tools::files;
use anyhow::{Context as _, Result, bail};
use std::path::Path;

pub(super) fn get(context: &Context, into_toolchain: bool) -> Result<WasmToolchain> {
    let (version, _) = cargo::rustc_version()?;
    let dir = context.private("wasm-target").join(format!("rust-src-{version}"));
    let sysroot = dir.join("sysroot");
    let library = library_dir(&sysroot);
    if !has_core(&library) {
        let sources = fetch(context, &version, &dir)?;
        let pair = Pair { cargo: &cargo::cargo_path(), env: &[] };
        build_std::build(context, &pair, &sources, &dir.join("build"), &library)?;
    }
    let origin = format!("compiled from rust-src {version}");
    if into_toolchain && install(&library).is_ok() {
        return Ok(WasmToolchain::native(context, &origin));
    }
    Ok(WasmToolchain::with_sysroot(context, &sysroot, &origin))
}

/// Copies the library into the toolchain's own folder; fails where that cannot be written.
fn install(library: &Path) -> Result<()> {
    let into = library_dir(&cargo::sysroot()?);
    let (core, rest): (Vec<_>, Vec<_>) = files::list(library)?
        .into_iter()
        .partition(|path| path.file_name().is_some_and(|n| n.to_string_lossy().starts_with("libcore-")));
    for path in rest.into_iter().chain(core) {
        if let Some(name) = path.file_name() {
            files::copy(&path, &into.join(name))?;
        }
    }
    Ok(())
}

/// Downloads and unpacks the sources; returns their `library` folder.
fn fetch(context: &Context, version: &str, dir: &Path) -> Result<std::path::PathBuf> {
    let unpacked = dir.join("unpacked");
    if let Ok(library) = build_std::find_library(&unpacked) {
        return Ok(library);
    }
    let machine = apt::machine_sources(Path::new("/etc/apt"));
    let sources = apt::newer_sources(&machine, &apt::codename()?);
    let apt = PrivateApt::open(context, &dir.join("apt"), &sources)?;
    let known = apt.versions("rust-src")?;
    let Some(exact) = known.iter().find(|known| is_version(known, version)) else {
        bail!("no suite has rust-src {version} (found: {})", known.join(", "));
    };
    let deb = apt.download(context, "rust-src", exact)?;
    apt::unpack(context, &deb, &unpacked)?;
    build_std::find_library(&unpacked).context("the package rust-src looks different than expected")
}

/// Debian's `1.95.0+dfsg1-2~bpo13+1` is version `1.95.0`; `1.95.01` or a beta would not be.
fn is_version(debian: &str, version: &str) -> bool {
    debian.strip_prefix(version).is_some_and(|rest| {
        rest.is_empty() || rest.starts_with(['+', '-', '~']) && !rest.starts_with("~beta")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_exact_version_is_taken() {
        assert!(is_version("1.95.0+dfsg1-2~bpo13+1", "1.95.0"));
        assert!(is_version("1.95.0-1", "1.95.0"));
        assert!(!is_version("1.95.1+dfsg1-2", "1.95.0"));
        assert!(!is_version("1.95.0~beta.4+dfsg1", "1.95.0"));
        assert!(!is_version("1.95.01", "1.95.0"));
    }
}
