//! The native half: cargo with the toolchain that runs xtask.

use crate::context::Context;
use crate::tools::exec::Exec;
use crate::tools::files;
use anyhow::{Context as _, Result};
use std::path::PathBuf;

/// Cargo in the repository, free of what the running xtask build has put into the environment.
pub(crate) fn cargo(context: &Context) -> Exec {
    clean(Exec::new(cargo_path())).dir(&context.root).env("CARGO_TARGET_DIR", &context.target)
}

/// Folders with the unpacked sources of dependencies, one per registry.
pub(crate) fn registry_sources() -> Vec<PathBuf> {
    let home = std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(std::env::home_dir()?.join(".cargo")));
    home.and_then(|home| files::list(&home.join("registry/src")).ok()).unwrap_or_default()
}

/// The cargo that started xtask, else the one on `PATH`.
pub(crate) fn cargo_path() -> PathBuf {
    std::env::var_os("CARGO").map_or_else(|| "cargo".into(), PathBuf::from)
}

/// Takes away variables that `cargo run` sets for its child and that would leak into the builds of others.
pub(crate) fn clean(mut exec: Exec) -> Exec {
    for (key, _) in std::env::vars_os() {
        let name = key.to_string_lossy();
        if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
            exec = exec.env_remove(&key);
        }
    }
    exec
}

/// Builds the server and returns the path of its binary.
pub(crate) fn build_server(context: &Context, release: bool) -> Result<PathBuf> {
    let mut build = cargo(context).args(["build", "--package", "tagloom-server", "--bin", "tagloom"]);
    if release {
        build = build.arg("--release");
    }
    build.run(context)?;
    Ok(server_path(context, release))
}

/// Where the S3 server for tests is. The tests of all crates leave it; built alone it would have other features.
pub(crate) fn build_s3(context: &Context) -> Result<PathBuf> {
    let path = context.target.join("debug/s3-for-tests");
    if !path.exists() {
        let args =
            ["build", "--package", "tagloom-storages", "--features", "testing", "--bin", "s3-for-tests"];
        cargo(context).args(args).run(context)?;
    }
    Ok(path)
}

/// Where the server binary is after a build.
pub(crate) fn server_path(context: &Context, release: bool) -> PathBuf {
    context.target.join(if release { "release" } else { "debug" }).join("tagloom")
}

/// `1.95.0`, and the host triple, of the rustc in use.
pub(crate) fn rustc_version() -> Result<(String, String)> {
    let text = Exec::new(rustc_path()).arg("-vV").read()?;
    let field = |name: &str| {
        text.lines()
            .find_map(|line| line.strip_prefix(name))
            .map(|value| value.trim().to_owned())
            .with_context(|| format!("`rustc -vV` has no line {name}"))
    };
    Ok((field("release:")?, field("host:")?))
}

pub(crate) fn rustc_path() -> PathBuf {
    std::env::var_os("RUSTC").map_or_else(|| "rustc".into(), PathBuf::from)
}

/// The folder that holds `lib/rustlib`.
pub(crate) fn sysroot() -> Result<PathBuf> {
    Ok(Exec::new(rustc_path()).args(["--print", "sysroot"]).read()?.into())
}
