//! The one sanitiser of markup that comes from configs, tasks and hosts.
//!
//! The browser parses the markup into an inert document (nothing loads or runs there), and the parsed tree is **built
//! anew** from an allow-list of elements and attributes: what is not on the lists does not come along, and because no
//! text is parsed twice, no trick of serialization can bring it back. SVG, MathML, templates, frames, forms and styles
//! sheets are not on the list. The decisions are plain functions, tested natively against a corpus of payloads; the
//! walk itself is tested in a browser.

use crate::css::filter_style;
use crate::html_quiet::without_handlers;
use wasm_bindgen::JsCast;
use web_sys::{Document, DocumentFragment, Element, Node};

/// Elements that are kept with their attributes filtered. The rest is dropped; [`unwraps`] says when children stay.
const ELEMENTS: &[&str] = &[
    "a",
    "abbr",
    "address",
    "article",
    "aside",
    "audio",
    "b",
    "bdi",
    "bdo",
    "blockquote",
    "br",
    "caption",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "details",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "main",
    "mark",
    "nav",
    "ol",
    "p",
    "picture",
    "pre",
    "q",
    "rp",
    "rt",
    "ruby",
    "s",
    "samp",
    "section",
    "small",
    "source",
    "span",
    "strong",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "time",
    "tr",
    "track",
    "tt",
    "u",
    "ul",
    "var",
    "video",
    "wbr",
    "center",
    "font",
    "big",
    "strike",
];

/// Elements whose content is no text for people.
const SILENT: &[&str] = &[
    "script",
    "style",
    "template",
    "iframe",
    "object",
    "embed",
    "noscript",
    "noembed",
    "noframes",
    "svg",
    "math",
    "select",
    "textarea",
    "title",
    "head",
    "meta",
    "link",
    "base",
    "frameset",
    "frame",
    "applet",
    "xmp",
    "plaintext",
];

const ATTRIBUTES: &[&str] = &[
    "class",
    "id",
    "title",
    "lang",
    "dir",
    "alt",
    "width",
    "height",
    "colspan",
    "rowspan",
    "scope",
    "span",
    "start",
    "value",
    "type",
    "reversed",
    "datetime",
    "cite",
    "controls",
    "loop",
    "muted",
    "preload",
    "playsinline",
    "open",
    "align",
    "valign",
    "border",
    "cellpadding",
    "cellspacing",
    "bgcolor",
    "color",
    "face",
    "size",
    "kind",
    "srclang",
    "label",
    "aria-label",
    "aria-hidden",
    "role",
];

/// Attributes that name an address.
const ADDRESSES: &[&str] = &["href", "src", "poster"];

/// Whether an element is kept.
fn keeps_element(name: &str) -> bool {
    ELEMENTS.contains(&name)
}

/// Whether a dropped element leaves its children behind.
fn unwraps(name: &str) -> bool {
    !SILENT.contains(&name)
}

/// The value of an attribute as it is kept; `None` drops it.
fn kept_attribute(element: &str, name: &str, value: &str) -> Option<String> {
    if name.starts_with("on") || name.contains(':') {
        return None;
    }
    if name == "style" {
        return Some(filter_style(value)).filter(|s| !s.is_empty());
    }
    if ADDRESSES.contains(&name) {
        return safe_address(element, value).then(|| value.trim().to_owned());
    }
    (ATTRIBUTES.contains(&name) || name.starts_with("data-")).then(|| value.to_owned())
}

/// Whether an address may stand in this element: http, https, relative, `mailto:` in links, images and media as data.
fn safe_address(element: &str, address: &str) -> bool {
    // Browsers skip control characters and white space in schemes.
    let plain: String =
        address.chars().filter(|c| !c.is_control() && !c.is_whitespace()).collect::<String>().to_lowercase();
    let scheme_end = plain.find(':');
    let path_start = plain.find(['/', '?', '#']).unwrap_or(plain.len());
    let scheme = match scheme_end {
        Some(at) if at < path_start => &plain[..at],
        _ => return true,
    };
    match scheme {
        "http" | "https" => true,
        "mailto" | "tel" => element == "a",
        "blob" => matches!(element, "img" | "video" | "audio" | "source"),
        "data" => {
            let media = [
                "data:image/png",
                "data:image/jpeg",
                "data:image/gif",
                "data:image/webp",
                "data:audio/",
                "data:video/",
            ];
            matches!(element, "img" | "video" | "audio" | "source")
                && media.iter().any(|m| plain.starts_with(m))
        }
        _ => false,
    }
}

/// How much markup is walked, and how deep; beyond it nothing more is built.
const MAX_NODES: usize = 500_000;
const MAX_DEPTH: usize = 256;

/// Clean nodes of some markup, in the document that will show them. Links open outside; `None` without a browser.
pub fn build(html: &str) -> Option<DocumentFragment> {
    let document = web_sys::window()?.document()?;
    let parser = web_sys::DomParser::new().ok()?;
    let inert = parser.parse_from_string(&without_handlers(html), web_sys::SupportedType::TextHtml).ok()?;
    let fragment = document.create_document_fragment();
    let mut budget = MAX_NODES;
    if let Some(body) = inert.body() {
        copy_children(&document, &body, &fragment, &mut budget, 0);
    }
    Some(fragment)
}

fn copy_children(document: &Document, from: &Node, to: &Node, budget: &mut usize, depth: usize) {
    let mut child = from.first_child();
    while let Some(node) = child {
        if *budget == 0 || depth > MAX_DEPTH {
            return;
        }
        *budget -= 1;
        match node.node_type() {
            Node::TEXT_NODE => {
                let text = document.create_text_node(&node.node_value().unwrap_or_default());
                // Appending to a node we have just made cannot fail.
                let _ = to.append_child(&text);
            }
            Node::ELEMENT_NODE => {
                if let Some(element) = node.dyn_ref::<Element>() {
                    copy_element(document, element, to, budget, depth);
                }
            }
            _ => {}
        }
        child = node.next_sibling();
    }
}

fn copy_element(document: &Document, element: &Element, to: &Node, budget: &mut usize, depth: usize) {
    let name = element.local_name();
    if !keeps_element(&name) {
        if unwraps(&name) {
            copy_children(document, element, to, budget, depth + 1);
        }
        return;
    }
    let Ok(copy) = document.create_element(&name) else { return };
    let names = element.get_attribute_names();
    for attribute in names.iter().filter_map(|n| n.as_string()) {
        let attribute = attribute.to_lowercase();
        let value = element.get_attribute(&attribute).unwrap_or_default();
        if let Some(value) = kept_attribute(&name, &attribute, &value) {
            let _ = copy.set_attribute(&attribute, &value);
        }
    }
    if name == "a" {
        let _ = copy.set_attribute("rel", "noopener noreferrer nofollow");
        let _ = copy.set_attribute("target", "_blank");
    }
    let _ = to.append_child(&copy);
    copy_children(document, element, &copy, budget, depth + 1);
}

/// Markup for captions and instructions, cleaned. Where there is no browser the text alone is left.
pub fn sanitize(html: &str) -> String {
    if cfg!(not(target_arch = "wasm32")) {
        return escape(&plain_text(html));
    }
    let cleaned = build(html).and_then(|fragment| {
        let holder = web_sys::window()?.document()?.create_element("div").ok()?;
        holder.append_child(&fragment).ok()?;
        Some(holder.inner_html())
    });
    cleaned.unwrap_or_else(|| escape(&plain_text(html)))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The text of some markup, for tooltips.
pub fn plain_text(html: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for c in html.chars() {
        match c {
            '<' => inside = true,
            '>' if inside => inside = false,
            c if !inside => out.push(c),
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cve_2024_26152_elements_that_run_or_embed_are_not_on_the_list() {
        for name in [
            "script",
            "iframe",
            "object",
            "embed",
            "svg",
            "math",
            "style",
            "link",
            "meta",
            "base",
            "form",
            "input",
            "button",
            "textarea",
            "select",
            "template",
            "noscript",
            "frame",
            "frameset",
            "applet",
            "portal",
            "xss",
            "animate",
            "foreignobject",
            "marquee",
            "isindex",
            "dialog",
            "slot",
            "custom-element",
            "html",
            "body",
        ] {
            assert!(!keeps_element(name), "{name}");
        }
        for name in SILENT {
            assert!(!keeps_element(name) && !unwraps(name), "{name}");
        }
    }

    #[test]
    fn no_handler_gets_through() {
        for name in [
            "onclick",
            "onerror",
            "onload",
            "onloadeddata",
            "onfocus",
            "onpointerdown",
            "onanimationend",
            "on",
        ] {
            assert_eq!(kept_attribute("div", name, "alert(1)"), None, "{name}");
        }
        for name in [
            "xlink:href",
            "formaction",
            "srcdoc",
            "action",
            "background",
            "srcset",
            "ping",
            "autofocus",
            "is",
        ] {
            assert_eq!(kept_attribute("a", name, "javascript:alert(1)"), None, "{name}");
        }
    }

    #[test]
    fn addresses_that_run_or_read_are_refused() {
        let bad = [
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            " javascript:alert(1)",
            "java\tscript:alert(1)",
            "java\nscript:alert(1)",
            "\u{1}javascript:alert(1)",
            "vbscript:x",
            "data:text/html,<script>",
            "data:image/svg+xml,<svg onload=x>",
            "file:///etc/passwd",
            "view-source:x",
            "filesystem:x",
            "ftp://h/x",
            "javascript&colon;alert(1):x",
            "jar:x",
            "about:blank",
            "chrome://settings",
            "livescript:x",
            "mocha:x",
        ];
        for address in bad {
            for element in ["a", "img", "video", "audio", "source"] {
                if address.starts_with("data:image/svg") && element == "a" {
                    continue;
                }
                assert!(!safe_address(element, address), "{element} {address:?}");
            }
        }
        for good in ["https://h/x", "http://h/x", "/static/a.mp4", "a.png", "#note", "?q=1", "//h/x", "./a:b"]
        {
            assert!(safe_address("a", good), "{good}");
        }
        assert!(safe_address("img", "data:image/png;base64,AA"));
        assert!(!safe_address("a", "data:image/png;base64,AA"));
        assert!(safe_address("a", "mailto:a@b.c"));
        assert!(!safe_address("video", "mailto:a@b.c"));
    }

    #[test]
    fn the_seed_examples_video_keeps_its_source_and_loses_its_handler() {
        assert!(keeps_element("video"));
        let src = "/static/samples/opossum_snow.mp4";
        assert_eq!(kept_attribute("video", "src", src).as_deref(), Some(src));
        assert_eq!(kept_attribute("video", "width", "100%").as_deref(), Some("100%"));
        assert_eq!(kept_attribute("video", "controls", "").as_deref(), Some(""));
        assert_eq!(kept_attribute("video", "onloadeddata", "setTimeout()"), None);
    }

    #[test]
    fn text_of_markup() {
        assert_eq!(plain_text("<b>Hi</b> there"), "Hi there");
        assert_eq!(sanitize("<b>1 & 2</b>"), "1 &amp; 2", "without a browser only the text is left");
    }
}
