//! Styles that come from a config: filtered, and kept inside the data area.
//!
//! Nothing may load from elsewhere (`url()` only of images in `data:` or of the own host), nothing may leave its place
//! (`position: fixed` or `sticky`), and a sheet's selectors match only inside the scope. What is refused is left out; the rest
//! works on. Escapes (`\`) in values and selectors are refused, because they hide names from a filter.

/// A `style` attribute without what is refused.
pub fn filter_style(style: &str) -> String {
    let mut out = String::new();
    for declaration in split_top(style, ';') {
        if let Some(kept) = declaration_ok(declaration) {
            if !out.is_empty() {
                out.push_str("; ");
            }
            out.push_str(&kept);
        }
    }
    out
}

/// A style sheet whose every selector is below `scope`. `html`, `body` and `:root` mean the scope itself.
pub fn scope_sheet(sheet: &str, scope: &str) -> String {
    let mut out = String::new();
    rules(&without_comments(sheet), scope, &mut out, 0);
    out
}

fn without_comments(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("/*") {
        out.push_str(&rest[..start]);
        out.push(' ');
        match rest[start + 2..].find("*/") {
            Some(end) => rest = &rest[start + 2 + end + 2..],
            None => return out,
        }
    }
    out.push_str(rest);
    out
}

/// Splits outside of quotes, brackets and braces.
fn split_top(text: &str, at: char) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut depth, mut quote, mut start) = (0i32, None, 0);
    for (i, c) in text.char_indices() {
        match (quote, c) {
            (Some(q), c) if c == q => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') => depth -= 1,
            (None, c) if c == at && depth <= 0 => {
                parts.push(&text[start..i]);
                start = i + c.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

fn declaration_ok(declaration: &str) -> Option<String> {
    let (property, value) = declaration.split_once(':')?;
    let (property, value) = (property.trim(), value.trim());
    let name_ok =
        !property.is_empty() && property.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    if !name_ok || value.is_empty() || value.contains(['\\', '{', '}', '<', '@']) || value.contains("/*") {
        return None;
    }
    let lower = value.to_ascii_lowercase();
    let lower_name = property.to_ascii_lowercase();
    if lower_name == "position" && (lower.contains("fixed") || lower.contains("sticky")) {
        return None;
    }
    if matches!(lower_name.as_str(), "behavior" | "-moz-binding")
        || lower.contains("expression(")
        || lower.contains("javascript:")
    {
        return None;
    }
    // image-set() and src() may name a URL in a plain string.
    if lower.contains("image-set(") || lower.contains("src(") || !urls_ok(&lower) {
        return None;
    }
    Some(format!("{property}: {value}"))
}

fn urls_ok(value: &str) -> bool {
    let mut rest = value;
    while let Some(at) = rest.find("url(") {
        rest = &rest[at + 4..];
        let target = rest.trim_start().trim_start_matches(['"', '\'']).trim_start();
        let own = target.starts_with("data:image/")
            || target.starts_with('#')
            || target.starts_with('/') && !target.starts_with("//");
        if !own {
            return false;
        }
    }
    true
}

/// Nesting of at-rules beyond this is not a style sheet anybody wrote.
const MAX_DEPTH: usize = 8;

fn rules(text: &str, scope: &str, out: &mut String, depth: usize) {
    if depth > MAX_DEPTH {
        return;
    }
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches([' ', '\t', '\n', '\r', ';', '}']);
        if rest.is_empty() {
            return;
        }
        let open = find_top(rest, '{');
        let semicolon = find_top(rest, ';');
        // A statement without a block (`@import …;`) is never kept.
        if let Some(end) = semicolon.filter(|s| open.is_none_or(|o| *s < o)) {
            rest = &rest[end + 1..];
            continue;
        }
        let Some(open) = open else { return };
        let prelude = rest[..open].trim();
        let body_and_rest = &rest[open + 1..];
        let end = block_end(body_and_rest);
        let body = &body_and_rest[..end];
        rest = body_and_rest.get(end + 1..).unwrap_or("");
        rule(prelude, body, scope, out, depth);
    }
}

fn rule(prelude: &str, body: &str, scope: &str, out: &mut String, depth: usize) {
    if prelude.contains(['\\', '<']) {
        return;
    }
    if let Some(at) = prelude.strip_prefix('@') {
        let name = at
            .split(|c: char| !c.is_ascii_alphanumeric() && c != '-')
            .next()
            .unwrap_or("")
            .to_ascii_lowercase();
        match name.as_str() {
            "media" | "supports" | "container" => {
                let mut inner = String::new();
                rules(body, scope, &mut inner, depth + 1);
                out.push_str(&format!("{prelude} {{\n{inner}}}\n"));
            }
            "keyframes" => {
                let mut inner = String::new();
                for frame in body.split('}') {
                    if let Some((stop, declarations)) = frame.split_once('{') {
                        inner.push_str(&format!("{} {{ {} }}\n", stop.trim(), filter_style(declarations)));
                    }
                }
                out.push_str(&format!("{prelude} {{\n{inner}}}\n"));
            }
            _ => {}
        }
        return;
    }
    let selectors: Vec<String> = split_top(prelude, ',')
        .into_iter()
        .map(str::trim)
        .filter(|s| !s.is_empty())
        .map(|s| scoped(s, scope))
        .collect();
    // A block inside a block is left out; the filter drops declarations with braces.
    let declarations = filter_style(body);
    if !selectors.is_empty() && !declarations.is_empty() {
        out.push_str(&format!("{} {{ {declarations} }}\n", selectors.join(", ")));
    }
}

fn scoped(selector: &str, scope: &str) -> String {
    for whole in ["html body", "html", "body", ":root", ":host"] {
        if let Some(rest) = selector.strip_prefix(whole) {
            let ends = rest.chars().next().is_none_or(|c| !c.is_ascii_alphanumeric() && c != '-' && c != '_');
            if ends {
                return format!("{scope}{rest}");
            }
        }
    }
    format!("{scope} {selector}")
}

fn find_top(text: &str, wanted: char) -> Option<usize> {
    let mut quote = None;
    for (i, c) in text.char_indices() {
        match (quote, c) {
            (Some(q), c) if c == q => quote = None,
            (Some(_), _) => {}
            (None, c) if c == wanted => return Some(i),
            (None, '"' | '\'') => quote = Some(c),
            _ => {}
        }
    }
    None
}

/// The end of a block whose opening brace was read; the end of the text where it is never closed.
fn block_end(text: &str) -> usize {
    let (mut depth, mut quote) = (1i32, None);
    for (i, c) in text.char_indices() {
        match (quote, c) {
            (Some(q), c) if c == q => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '{') => depth += 1,
            (None, '}') => {
                depth -= 1;
                if depth == 0 {
                    return i;
                }
            }
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn styles_keep_what_is_harmless() {
        assert_eq!(filter_style("color: red; margin:0 4px"), "color: red; margin: 0 4px");
        assert_eq!(filter_style("position: fixed; top: 0"), "top: 0");
        assert_eq!(filter_style("background: url(https://evil.example/x); color: red"), "color: red");
        assert_eq!(filter_style("background: URL( '//evil.example/x' )"), "");
        assert_eq!(filter_style(r"background: u\72l(https://evil.example)"), "");
        assert_eq!(
            filter_style("background: url(data:image/png;base64,AA==); color: blue"),
            "background: url(data:image/png;base64,AA==); color: blue"
        );
        assert_eq!(filter_style("background: url(/own.png)"), "background: url(/own.png)");
        assert_eq!(filter_style("no colon here"), "");
        assert_eq!(filter_style("color: red} body { color: blue"), "");
    }

    #[test]
    fn sheets_stay_in_their_scope() {
        let out = scope_sheet(
            "@import url(https://evil.example); /* { */ .a, .b > c { color: red; position: fixed } body { margin: 0 }
             @media (min-width: 10px) { p { color: blue } } @font-face { src: url(x) } .body-x { top: 1px }",
            ".s",
        );
        assert_eq!(
            out,
            ".s .a, .s .b > c { color: red }\n.s { margin: 0 }\n@media (min-width: 10px) {\n.s p { color: blue }\n}\n.s .body-x { top: 1px }\n"
        );
    }

    #[test]
    fn broken_sheets_end_quietly() {
        for text in
            ["{", "}", ".a {", ".a { color: red", "@media {", "/*", "\"", ".é{color:red}", "a{b:c}}}d{e:f}"]
        {
            let _ = scope_sheet(text, ".s");
        }
        assert_eq!(scope_sheet("a{b:c}}}d{e:f}", ".s"), ".s a { b: c }\n.s d { e: f }\n");
    }
}
