//! Node: locked packages without a browser download, wasm-opt, minified modules, precompression.

use crate::context::Context;
use crate::tools::exec::{Exec, which};
use crate::tools::files;
use anyhow::{Result, bail};
use std::path::{Path, PathBuf};

/// The folder whose package is `binaryen`.
pub(crate) const TOOLS: &str = "crates/xtask/node";
/// The folder of the browser tests.
pub(crate) const E2E: &str = "tests/e2e";

/// The oldest Node that has everything the scripts use.
const OLDEST: u32 = 20;

/// Node and npm in a version that is new enough.
pub(crate) fn check() -> Result<String> {
    let hint = "install Node 20 or newer: https://nodejs.org, or from Debian 13 on, as root: apt-get install -y nodejs npm";
    if which("node").is_none() || which("npm").is_none() {
        bail!("node and npm are missing; {hint}");
    }
    let version = Exec::new("node").arg("--version").read()?;
    let major: Option<u32> = version.trim_start_matches('v').split('.').next().and_then(|n| n.parse().ok());
    match major {
        Some(major) if major >= OLDEST => Ok(version),
        _ => bail!("node {version} is too old; {hint}"),
    }
}

/// Installs the locked packages of one folder; does nothing when they match the lock file already.
pub(crate) fn install(context: &Context, folder: &str) -> Result<bool> {
    check()?;
    let dir = context.path(folder);
    let lock = files::read(&dir.join("package-lock.json"))?;
    check_lock(&lock, folder)?;
    let stamp = dir.join("node_modules/.tagloom-lock");
    if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(false);
    }
    Exec::new("npm")
        .args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"])
        .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")
        .dir(&dir)
        .run(context)?;
    files::write(&stamp, lock)?;
    Ok(true)
}

/// A lock file names versions and hashes, not the registry of the machine that wrote it.
fn check_lock(lock: &str, folder: &str) -> Result<()> {
    if lock.contains("\"resolved\"") {
        bail!(
            "{folder}/package-lock.json names a registry; write it again with \
             `npm install --omit-lockfile-registry-resolved`"
        );
    }
    Ok(())
}

/// Shrinks a wasm file, which still has the names of its functions, in place.
pub(crate) fn wasm_opt(context: &Context, file: &Path) -> Result<()> {
    let optimized = file.with_extension("opt.wasm");
    let run = |input: &Path, output: &Path, passes: &[&str]| {
        Exec::new("node")
            .arg(context.path(TOOLS).join("node_modules/binaryen/bin/wasm-opt"))
            .arg(input)
            .arg("-o")
            .arg(output)
            // What rustc turns on for this target; anything newer would shut out browsers we support.
            .args(["--enable-bulk-memory", "--enable-nontrapping-float-to-int", "--enable-sign-ext"])
            .args(["--enable-mutable-globals", "--enable-reference-types", "--enable-multivalue"])
            .args(passes)
            .run(context)
    };
    let shrink = [
        "--debuginfo",
        // The memory is the module's own: it starts as zeros, and its lowest kilobyte is the far end of the stack.
        "--zero-filled-memory",
        "--low-memory-unused",
        // The first round uncovers what the second removes; together about 1 % smaller.
        "-Oz",
        "--merge-similar-functions",
        "--dae-optimizing",
        "-Oz",
        // Copies of one generic function lie side by side, where gzip sees that they are alike: 3 % smaller.
        "--reorder-functions-by-name",
    ];
    run(file, &optimized, &shrink)?;
    run(&optimized, file, &["--strip-debug", "--strip-producers"])?;
    std::fs::remove_file(&optimized)?;
    Ok(())
}

/// Takes comments, spaces and long local names out of an ES module, in place.
pub(crate) fn minify(context: &Context, file: &Path) -> Result<()> {
    Exec::new("node")
        .arg(context.path(TOOLS).join("node_modules/terser/bin/terser"))
        .arg(file)
        .args(["--module", "--compress", "--mangle", "--output"])
        .arg(file)
        .run(context)
}

/// Writes `.gz` and `.br` next to every file that shrinks; returns one line per file: path, raw, gzip, brotli bytes.
pub(crate) fn compress(context: &Context, files: &[PathBuf], keep: bool) -> Result<String> {
    let mut exec = Exec::new("node").arg(context.path(TOOLS).join("compress.mjs"));
    if keep {
        exec = exec.arg("--write");
    }
    exec.args(files).read()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_file_with_a_registry_is_refused() {
        assert!(check_lock(r#"{"version": "1.0.0", "integrity": "sha512-x"}"#, "a").is_ok());
        assert!(check_lock(r#"{"resolved": "https://mirror/x.tgz"}"#, "a").is_err());
    }

    #[test]
    fn our_lock_files_name_no_registry() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        for folder in [TOOLS, E2E] {
            let lock = files::read(&root.join(folder).join("package-lock.json")).expect("lock file");
            check_lock(&lock, folder).expect("clean");
        }
    }
}
