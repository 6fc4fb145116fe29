//! Debian's package manager: installing when allowed, and fetching single packages without touching the system.
//!
//! The private half never writes below `/etc` or `/var`: lists, cache and sources live in one folder, the mirror is
//! whatever the machine's own sources name.

mod sources;

use crate::context::Context;
use crate::tools::exec::{Exec, is_root, which};
use crate::tools::files;
use anyhow::{Context as _, Result, bail};
pub(crate) use sources::{Source, machine_sources};
use std::path::{Path, PathBuf};

/// Debian's releases in order: the one after the machine's own has newer toolchains in its backports.
const RELEASES: &[&str] = &["buster", "bullseye", "bookworm", "trixie", "forky", "duke", "sid"];

/// Installs system packages, or says how to. Needs root and `apt-get`; lists are fetched only when they are missing
/// or too old to know the package.
pub(crate) fn install(context: &Context, packages: &[&str]) -> Result<()> {
    let command = format!("apt-get install -y --no-install-recommends {}", packages.join(" "));
    if which("apt-get").is_none() {
        bail!("{} must be installed with this system's package manager", packages.join(" "));
    }
    if !is_root() {
        bail!("as root, run: apt-get update && {command}");
    }
    let install = || {
        Exec::new("apt-get")
            .args(["install", "-y", "--no-install-recommends"])
            .args(packages)
            .env("DEBIAN_FRONTEND", "noninteractive")
            .run(context)
    };
    if install().is_err() {
        Exec::new("apt-get").arg("update").run(context)?;
        install().with_context(|| format!("could not install; try as root: {command}"))?;
    }
    Ok(())
}

/// A private package index: its own sources, lists and cache.
#[derive(Debug)]
pub(crate) struct PrivateApt {
    dir: PathBuf,
}

impl PrivateApt {
    /// Fetches the lists of the given sources. A suite that the mirror does not have is no error: the others count.
    pub(crate) fn open(context: &Context, dir: &Path, sources: &[Source]) -> Result<Self> {
        if which("apt-get").is_none() {
            bail!("apt-get is not here");
        }
        if sources.is_empty() {
            bail!("the apt sources of this machine name no package archive");
        }
        for sub in ["state/lists/partial", "cache/archives/partial", "parts"] {
            files::make_dir(&dir.join(sub))?;
        }
        let text: Vec<String> = sources.iter().map(Source::to_deb822).collect();
        files::write(&dir.join("parts/private.sources"), text.join("\n"))?;
        let apt = Self { dir: dir.to_path_buf() };
        // The result is judged by what the index knows afterwards, not by the exit code.
        let _ = apt.apt("apt-get").arg("update").transcript(context)?;
        Ok(apt)
    }

    fn apt(&self, program: &str) -> Exec {
        let option = |key: &str, value: &Path| format!("{key}={}", value.display());
        let nowhere = Path::new("/dev/null");
        Exec::new(program)
            .args(["-o", &option("Dir::Etc::sourcelist", nowhere)])
            .args(["-o", &option("Dir::Etc::sourceparts", &self.dir.join("parts"))])
            .args(["-o", &option("Dir::State::lists", &self.dir.join("state/lists"))])
            .args(["-o", &option("Dir::Cache", &self.dir.join("cache"))])
            // Downloads run as the caller: the sandbox user cannot write into the target folder.
            .args(["-o", "APT::Sandbox::User=", "-o", "Debug::NoLocking=1"])
    }

    /// All versions of a package that the index knows, best first.
    pub(crate) fn versions(&self, package: &str) -> Result<Vec<String>> {
        Ok(parse_madison(&self.apt("apt-cache").args(["madison", package]).read()?))
    }

    /// Downloads one package of an exact version; returns the file.
    pub(crate) fn download(&self, context: &Context, package: &str, version: &str) -> Result<PathBuf> {
        let dir = self.dir.join("download");
        files::fresh_dir(&dir)?;
        self.apt("apt-get").args(["download", &format!("{package}={version}")]).dir(&dir).run(context)?;
        files::list(&dir)?
            .into_iter()
            .find(|file| file.extension().is_some_and(|e| e == "deb"))
            .with_context(|| format!("apt-get download left no file for {package}"))
    }

    /// Downloads packages with the libraries they need and this system lacks; installs nothing.
    pub(crate) fn download_with_libraries(
        &self,
        context: &Context,
        packages: &[&str],
    ) -> Result<Vec<PathBuf>> {
        self.apt("apt-get")
            .args(["install", "--download-only", "--reinstall", "-y", "--no-install-recommends"])
            .args(packages)
            .run(context)?;
        let archives = self.dir.join("cache/archives");
        let debs: Vec<PathBuf> = files::list(&archives)?
            .into_iter()
            .filter(|file| file.extension().is_some_and(|e| e == "deb"))
            .collect();
        if debs.is_empty() {
            bail!("apt-get downloaded nothing into {}", archives.display());
        }
        Ok(debs)
    }
}

/// Unpacks a package without installing it.
pub(crate) fn unpack(context: &Context, deb: &Path, into: &Path) -> Result<()> {
    files::make_dir(into)?;
    Exec::new("dpkg-deb").arg("-x").arg(deb).arg(into).run(context)
}

/// Sources for newer packages than the machine's own: its main archive with the suites own, own backports, next
/// release, next release's backports.
pub(crate) fn newer_sources(machine: &[Source], codename: &str) -> Vec<Source> {
    let mut suites = vec![codename.to_owned(), format!("{codename}-backports")];
    let next = RELEASES.iter().position(|name| *name == codename).and_then(|n| RELEASES.get(n + 1));
    if let Some(next) = next {
        suites.push((*next).to_owned());
        suites.push(format!("{next}-backports"));
    }
    let mut found: Vec<Source> = Vec::new();
    for source in machine.iter().filter(|s| s.suites.iter().any(|suite| suite == codename)) {
        for suite in &suites {
            let one = Source { suites: vec![suite.clone()], ..source.clone() };
            if !found.contains(&one) {
                found.push(one);
            }
        }
    }
    found
}

/// `VERSION_CODENAME` of this system.
pub(crate) fn codename() -> Result<String> {
    let text = files::read(Path::new("/etc/os-release"))?;
    text.lines()
        .find_map(|line| line.strip_prefix("VERSION_CODENAME="))
        .map(|name| name.trim_matches('"').to_owned())
        .context("/etc/os-release has no VERSION_CODENAME")
}

/// Lines of `apt-cache madison`: ` name | version | where`.
fn parse_madison(text: &str) -> Vec<String> {
    text.lines()
        .filter(|line| !line.trim_end().ends_with("Sources"))
        .filter_map(|line| line.split('|').nth(1))
        .map(|version| version.trim().to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(suites: &[&str]) -> Source {
        Source {
            uris: vec!["http://mirror.test/debian".into()],
            suites: suites.iter().map(|s| (*s).to_owned()).collect(),
            components: vec!["main".into()],
            options: vec![("Signed-By".into(), "/keys/a.gpg".into())],
        }
    }

    #[test]
    fn newer_suites_come_from_the_main_archive_only() {
        let machine = [source(&["bookworm", "bookworm-updates"]), source(&["bookworm-security"])];
        let newer = newer_sources(&machine, "bookworm");
        let suites: Vec<&str> = newer.iter().map(|s| s.suites[0].as_str()).collect();
        assert_eq!(suites, ["bookworm", "bookworm-backports", "trixie", "trixie-backports"]);
        assert!(newer.iter().all(|s| s.uris == ["http://mirror.test/debian"]));
    }

    #[test]
    fn an_unknown_release_asks_for_itself_only() {
        let newer = newer_sources(&[source(&["noble"])], "noble");
        assert_eq!(newer.len(), 2);
    }

    #[test]
    fn madison_lines_give_versions_in_order() {
        let text = "  rust-src | 1.96.1+dfsg1-2 | http://m x/main amd64 Packages\n\
                      rust-src | 1.95.0+dfsg1-2 | http://m x/main amd64 Packages\n\
                      rust-src | 1.94.0 | http://m x/main Sources\n";
        assert_eq!(parse_madison(text), ["1.96.1+dfsg1-2", "1.95.0+dfsg1-2"]);
    }
}
