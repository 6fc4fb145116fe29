//! Names, text edits and templates of a new tag. Plain text in, plain text out.

use super::Kind;
use anyhow::{Context as _, Result, bail};

/// A tag name in the three spellings the tree uses.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TagName {
    tag: String,
    snake: String,
    lower: String,
}

impl TagName {
    /// Reads `RectangleLabels`; anything but ASCII letters and digits after a capital is refused.
    pub(super) fn parse(tag: &str) -> Result<Self> {
        let capital = tag.starts_with(|c: char| c.is_ascii_uppercase());
        if !capital || !tag.chars().all(|c| c.is_ascii_alphanumeric()) {
            bail!("a tag is named like `RectangleLabels`, not `{tag}`");
        }
        Ok(Self { tag: tag.to_owned(), snake: snake_case(tag), lower: tag.to_ascii_lowercase() })
    }

    /// Module of the core and of the view: `rectangle_labels`.
    pub(super) fn snake(&self) -> &str {
        &self.snake
    }

    /// The name in the list of views: `rectanglelabels`.
    pub(super) fn lower(&self) -> &str {
        &self.lower
    }
}

fn snake_case(tag: &str) -> String {
    let mut snake = String::new();
    let mut after_small = false;
    for c in tag.chars() {
        if c.is_ascii_uppercase() && after_small {
            snake.push('_');
        }
        after_small = !c.is_ascii_uppercase();
        snake.push(c.to_ascii_lowercase());
    }
    snake
}

/// Adds a module line to the last block of such lines, in the order of names.
pub(super) fn add_module(text: &str, keyword: &str, module: &str) -> Result<String> {
    let line = format!("{keyword} {module};");
    let is_module = |l: &str| l.starts_with(&format!("{keyword} ")) && l.ends_with(';');
    let lines: Vec<&str> = text.lines().collect();
    let Some(last) = lines.iter().rposition(|l| is_module(l)) else {
        // No module yet: before the first `use`, after the documentation.
        let at = lines.iter().position(|l| l.starts_with("use ")).context("no place for a module")?;
        return Ok(insert(&lines, at, &format!("{line}\n")));
    };
    let start = lines[..last].iter().rposition(|l| !is_module(l)).map_or(0, |n| n + 1);
    let at = (start..=last).find(|n| lines[*n] > line.as_str()).unwrap_or(last + 1);
    Ok(insert(&lines, at, &line))
}

/// Adds `&crate::name::SPEC,` to `TAGS`, in the order of names.
pub(super) fn add_spec(text: &str, module: &str) -> Result<String> {
    let line = format!("    &crate::{module}::SPEC,");
    let lines: Vec<&str> = text.lines().collect();
    let is_spec = |l: &str| l.starts_with("    &crate::") && l.ends_with("::SPEC,");
    let first = lines.iter().position(|l| is_spec(l)).context("the list TAGS looks different")?;
    let after = lines[first..].iter().position(|l| !is_spec(l)).map_or(lines.len(), |n| first + n);
    let name = |l: &str| l.trim().trim_start_matches("&crate::").trim_end_matches("::SPEC,").to_owned();
    let at = (first..after).find(|n| name(lines[*n]).as_str() > module).unwrap_or(after);
    Ok(insert(&lines, at, &line))
}

/// Adds `("name", module::view)` to `VIEWS`, in the order of names, and its module.
pub(super) fn add_view(text: &str, name: &str, module: &str) -> Result<String> {
    let start = text.find("VIEWS: &[").context("there is no list VIEWS")?;
    let open = text[start..].find("= &[").map(|n| start + n + 4).context("the list VIEWS has no start")?;
    let end = text[open..].find("];").map(|n| open + n).context("the list VIEWS has no end")?;
    let mut entries: Vec<String> =
        text[open..end].split_inclusive("),").map(|e| e.trim().trim_end_matches(',').to_owned()).collect();
    entries.retain(|entry| !entry.is_empty());
    let entry = format!("(\"{name}\", {module}::view)");
    let at = entries.iter().position(|known| *known > entry).unwrap_or(entries.len());
    entries.insert(at, entry);
    let listed = format!("{}\n    {},\n{}", &text[..open], entries.join(",\n    "), &text[end..]);
    add_module(&listed, "mod", module)
}

fn insert(lines: &[&str], at: usize, line: &str) -> String {
    let mut all = lines.to_vec();
    all.insert(at, line);
    all.join("\n") + "\n"
}

/// The first version of the tag's core.
pub(super) fn spec(name: &TagName, kind: Kind) -> String {
    let base = match kind {
        Kind::Control => "CONTROL",
        Kind::Object => "OBJECT",
        Kind::Visual => "VISUAL",
    };
    format!(
        "//! `{tag}`: one sentence that says what it is for.\n\n\
         use crate::spec::attr::about;\nuse crate::spec::{{AttributeSpec, TagSpec}};\n\n\
         /// Attributes of the tag itself.\n\
         const ATTRIBUTES: &[AttributeSpec] = &[];\n\n\
         /// The description of `{tag}`.\n\
         pub static SPEC: TagSpec = TagSpec {{\n    name: \"{tag}\",\n    \
         doc: about(\"One sentence that the tag reference shows.\"),\n    \
         attributes: ATTRIBUTES,\n    ..TagSpec::{base}\n}};\n",
        tag = name.tag,
    )
}

/// The first version of the tag's view.
pub(super) fn view(name: &TagName) -> String {
    format!(
        "//! The view of `{tag}`.\n\n\
         use crate::context::use_editor;\nuse leptos::prelude::*;\nuse tagloom_editor::TreeNodes;\n\
         use tagloom_tags::NodeId;\n\n\
         /// Draws the tag.\n\
         pub fn view(node: NodeId) -> AnyView {{\n    let context = use_editor();\n    \
         let kind = context.with(|e| e.tree().node(node).kind.clone());\n    \
         view! {{ <div class=\"tl-{lower}\">{{kind}}</div> }}.into_any()\n}}\n",
        tag = name.tag,
        lower = name.lower,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_spelled_three_ways() {
        let name = TagName::parse("RectangleLabels").expect("a name");
        assert_eq!((name.snake(), name.lower()), ("rectangle_labels", "rectanglelabels"));
        assert_eq!(TagName::parse("PDF").expect("a name").snake(), "pdf");
        for bad in ["", "rectangle", "A-B", "Ä", "A b", "../A"] {
            assert!(TagName::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn modules_and_specs_keep_their_order() {
        let lib = "mod z;\n\npub mod audio;\npub mod image;\npub mod video;\n\nuse x;\n";
        let added = add_module(lib, "pub mod", "ruler").expect("added");
        assert!(added.contains("pub mod image;\npub mod ruler;\npub mod video;\n"), "{added}");
        let last = add_module(lib, "pub mod", "zoom").expect("added");
        assert!(last.contains("pub mod video;\npub mod zoom;\n\nuse x;"), "{last}");
        let list = "TAGS = &[\n    &crate::a::SPEC,\n    &crate::a_b::SPEC,\n    &crate::c::SPEC,\n];\n";
        let added = add_spec(list, "b").expect("added");
        assert!(added.contains("&crate::a_b::SPEC,\n    &crate::b::SPEC,\n    &crate::c"), "{added}");
        assert!(add_spec("nothing", "b").is_err());
    }

    #[test]
    fn views_are_added_in_order_to_any_list() {
        let empty = "//! doc\n\nuse l;\n\npub const VIEWS: &[(&str, View)] = &[];\n";
        let one = add_view(empty, "ruler", "ruler").expect("added");
        assert!(
            one.contains("&[\n    (\"ruler\", ruler::view),\n];") && one.contains("mod ruler;\n"),
            "{one}"
        );
        let two = add_view(&one, "bigzoom", "big_zoom").expect("added");
        assert!(
            two.contains("    (\"bigzoom\", big_zoom::view),\n    (\"ruler\", ruler::view),\n];"),
            "{two}"
        );
        assert!(two.contains("mod big_zoom;\nmod ruler;\n"), "{two}");
    }

    #[test]
    fn a_new_tag_names_what_it_uses() {
        let text = spec(&TagName::parse("Ruler").expect("a name"), Kind::Object);
        assert!(text.contains("use crate::spec::attr::about;") && text.contains("doc: about("), "{text}");
    }

    #[test]
    fn the_real_lists_can_be_edited() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let read = |path: &str| std::fs::read_to_string(root.join(path)).expect("source file");
        assert!(add_module(&read("tags/src/lib.rs"), "pub mod", "zz_new").is_ok());
        assert!(add_spec(&read("tags/src/registry.rs"), "zz_new").is_ok());
        assert!(add_view(&read("editor-ui/src/tags/mod.rs"), "zznew", "zz_new").is_ok());
    }
}
