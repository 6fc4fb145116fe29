//! Reading apt's source lists: one-line `.list` files and deb822 `.sources` files.
//!
//! Broken lines and stanzas are skipped, as are `deb-src` entries and disabled stanzas.

use crate::tools::files;
use std::path::Path;

/// One archive with its suites.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Source {
    pub(crate) uris: Vec<String>,
    pub(crate) suites: Vec<String>,
    pub(crate) components: Vec<String>,
    /// Further fields in deb822 spelling (`Signed-By`, `Trusted`…), values as written, continuation lines included.
    pub(crate) options: Vec<(String, String)>,
}

impl Source {
    /// The source as a deb822 stanza.
    pub(crate) fn to_deb822(&self) -> String {
        let mut text =
            format!("Types: deb\nURIs: {}\nSuites: {}\n", self.uris.join(" "), self.suites.join(" "));
        if !self.components.is_empty() {
            text.push_str(&format!("Components: {}\n", self.components.join(" ")));
        }
        for (key, value) in &self.options {
            text.push_str(&format!("{key}: {value}\n"));
        }
        text
    }
}

/// All enabled binary sources below apt's configuration folder (`/etc/apt`).
pub(crate) fn machine_sources(etc: &Path) -> Vec<Source> {
    let mut paths = vec![etc.join("sources.list")];
    paths.extend(files::list(&etc.join("sources.list.d")).unwrap_or_default());
    let mut sources = Vec::new();
    for path in paths {
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        match path.extension().and_then(|e| e.to_str()) {
            Some("list") => sources.extend(text.lines().filter_map(parse_line)),
            Some("sources") => sources.extend(parse_deb822(&text)),
            _ => {}
        }
    }
    sources
}

/// `deb [arch=amd64 signed-by=/k.gpg] http://mirror/debian bookworm main contrib`.
fn parse_line(line: &str) -> Option<Source> {
    let line = line.split('#').next()?.trim();
    let rest = line.strip_prefix("deb")?;
    let rest = rest.strip_prefix(char::is_whitespace)?.trim_start();
    let (options, rest) = match rest.strip_prefix('[') {
        Some(inner) => inner.split_once(']')?,
        None => ("", rest),
    };
    let mut words = rest.split_whitespace().map(str::to_owned);
    Some(Source {
        uris: vec![words.next()?],
        suites: vec![words.next()?],
        components: words.collect(),
        options: options
            .split_whitespace()
            .filter_map(|option| option.split_once('='))
            .filter_map(|(key, value)| Some((option_field(key)?.to_owned(), value.replace(',', " "))))
            .collect(),
    })
}

/// The deb822 name of a one-line option; what is not listed does not matter for a download.
fn option_field(key: &str) -> Option<&'static str> {
    Some(match key {
        "signed-by" => "Signed-By",
        "arch" => "Architectures",
        "trusted" => "Trusted",
        "check-valid-until" => "Check-Valid-Until",
        _ => return None,
    })
}

fn parse_deb822(text: &str) -> Vec<Source> {
    let mut sources = Vec::new();
    let mut fields: Vec<(String, String)> = Vec::new();
    for line in text.lines().chain([""]) {
        if line.starts_with('#') {
            continue;
        }
        if line.trim().is_empty() {
            sources.extend(stanza(std::mem::take(&mut fields)));
        } else if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = fields.last_mut() {
                value.push('\n');
                value.push_str(line);
            }
        } else if let Some((key, value)) = line.split_once(':') {
            fields.push((key.trim().to_owned(), value.trim().to_owned()));
        }
    }
    sources
}

fn stanza(fields: Vec<(String, String)>) -> Option<Source> {
    let mut source = Source { uris: vec![], suites: vec![], components: vec![], options: vec![] };
    let words = |value: &str| value.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let mut binary = false;
    for (key, value) in fields {
        match key.to_ascii_lowercase().as_str() {
            "types" => binary = words(&value).iter().any(|kind| kind == "deb"),
            "uris" => source.uris = words(&value),
            "suites" => source.suites = words(&value),
            "components" => source.components = words(&value),
            "enabled" if value.eq_ignore_ascii_case("no") => return None,
            "enabled" => {}
            _ => source.options.push((key, value)),
        }
    }
    (binary && !source.uris.is_empty() && !source.suites.is_empty()).then_some(source)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_entries_are_read_with_options() {
        let source =
            parse_line("deb [arch=amd64,arm64 signed-by=/k.gpg] http://m/debian sid main non-free # x");
        let source = source.expect("an entry");
        assert_eq!(source.uris, ["http://m/debian"]);
        assert_eq!(source.suites, ["sid"]);
        assert_eq!(source.components, ["main", "non-free"]);
        assert_eq!(source.options[0], ("Architectures".into(), "amd64 arm64".into()));
        assert_eq!(source.options[1], ("Signed-By".into(), "/k.gpg".into()));
    }

    #[test]
    fn other_lines_are_skipped() {
        for line in ["# deb http://m x main", "deb-src http://m x main", "", "deb", "debx http://m x"] {
            assert_eq!(parse_line(line), None, "{line}");
        }
    }

    #[test]
    fn stanzas_keep_inline_keys_and_skip_disabled_ones() {
        let text = "Types: deb deb-src\n# note\nURIs: http://m/debian\nSuites: a a-updates\nComponents: main\n\
                    Signed-By:\n -----BEGIN\n .\n END\n\nTypes: deb\nURIs: http://off\nSuites: b\nEnabled: no\n\n\
                    Types: deb-src\nURIs: http://src\nSuites: c\n";
        let sources = parse_deb822(text);
        assert_eq!(sources.len(), 1);
        assert_eq!(sources[0].suites, ["a", "a-updates"]);
        assert!(sources[0].to_deb822().contains("Signed-By: \n -----BEGIN\n .\n END\n"));
    }

    #[test]
    fn both_formats_are_found_in_a_folder() {
        let dir = tempfile::tempdir().expect("temporary folder");
        files::write(&dir.path().join("sources.list"), "deb http://one x main\n").expect("write");
        let parts = dir.path().join("sources.list.d");
        files::write(&parts.join("b.sources"), "Types: deb\nURIs: http://two\nSuites: y\n").expect("write");
        files::write(&parts.join("c.list.disabled"), "deb http://three z main\n").expect("write");
        let uris: Vec<String> = machine_sources(dir.path()).into_iter().map(|s| s.uris[0].clone()).collect();
        assert_eq!(uris, ["http://one", "http://two"]);
    }
}
