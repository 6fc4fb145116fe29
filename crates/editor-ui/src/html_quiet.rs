//! Markup without the inline handlers that browsers complain about.
//!
//! Chromium reports a violation of the page's content security policy for every `on…` attribute it parses, even into an
//! inert document where nothing can run. Taking them out before parsing keeps the console and the policy's report
//! address of the host quiet. This is no safety measure: the allow-list of [`crate::html`] drops them anyway.

use std::borrow::Cow;

/// Elements whose content the parser reads as text: a `<` in there opens nothing.
const RAW: &[&str] =
    &["script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes", "plaintext"];

/// `html` with the attributes of start tags whose names begin with `on` left out. Text and comments stay as they are;
/// where the tokens are in doubt, so does the rest.
pub(crate) fn without_handlers(html: &str) -> Cow<'_, str> {
    let bytes = html.as_bytes();
    let (mut out, mut kept, mut at) = (String::new(), 0, 0);
    while let Some(open) = find(bytes, at, b'<') {
        at = open + 1;
        match bytes.get(at) {
            Some(b'!') if bytes[at..].starts_with(b"!--") => {
                let Some(end) = html[at + 3..].find("-->") else { break };
                at += 3 + end + 3;
            }
            Some(b'!' | b'?' | b'/') => {
                let Some(end) = find(bytes, at, b'>') else { break };
                at = end + 1;
            }
            Some(c) if c.is_ascii_alphabetic() => {
                let name_end = run(bytes, at, |c| !is_space(c) && c != b'/' && c != b'>');
                let name = html[at..name_end].to_ascii_lowercase();
                let Some(tag) = StartTag::read(bytes, name_end) else { break };
                for (from, to) in tag.handlers {
                    out.push_str(&html[kept..from]);
                    kept = to;
                }
                at = tag.end;
                if RAW.contains(&name.as_str()) {
                    let close = format!("</{name}");
                    let mut rest = bytes[at..].windows(close.len());
                    let Some(end) = rest.position(|w| w.eq_ignore_ascii_case(close.as_bytes())) else {
                        break;
                    };
                    at += end;
                }
            }
            _ => {}
        }
    }
    if kept == 0 {
        return Cow::Borrowed(html);
    }
    out.push_str(&html[kept..]);
    Cow::Owned(out)
}

/// A start tag from behind its name: where it ends, and the bytes of its handlers.
struct StartTag {
    end: usize,
    handlers: Vec<(usize, usize)>,
}

impl StartTag {
    /// The states of the HTML tokenizer between a tag's name and its `>`; `None` when the tag is never closed.
    fn read(bytes: &[u8], mut at: usize) -> Option<Self> {
        let mut handlers = Vec::new();
        loop {
            let before = at;
            at = run(bytes, at, |c| is_space(c) || c == b'/');
            match bytes.get(at)? {
                b'>' => return Some(Self { end: at + 1, handlers }),
                _ => {
                    let name = at;
                    // A leading `=` belongs to the name.
                    at = run(bytes, at + 1, |c| !is_space(c) && !matches!(c, b'/' | b'>' | b'='));
                    let is_handler = bytes[name..at].get(..2).is_some_and(|n| n.eq_ignore_ascii_case(b"on"));
                    let after = run(bytes, at, is_space);
                    if bytes.get(after) == Some(&b'=') {
                        at = run(bytes, after + 1, is_space);
                        at = match bytes.get(at)? {
                            quote @ (b'"' | b'\'') => find(bytes, at + 1, *quote)? + 1,
                            _ => run(bytes, at, |c| !is_space(c) && c != b'>'),
                        };
                    }
                    if is_handler {
                        handlers.push((before, at));
                    }
                }
            }
        }
    }
}

fn find(bytes: &[u8], from: usize, wanted: u8) -> Option<usize> {
    bytes.get(from..)?.iter().position(|c| *c == wanted).map(|found| from + found)
}

/// Where a run of bytes that pass ends.
fn run(bytes: &[u8], from: usize, pass: impl Fn(u8) -> bool) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    from + rest.iter().position(|c| !pass(*c)).unwrap_or(rest.len())
}

fn is_space(c: u8) -> bool {
    matches!(c, b' ' | b'\t' | b'\n' | b'\r' | 0x0c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handlers_go_and_all_else_stays() {
        for (html, wanted) in [
            ("<video src='a' onloadeddata=\"f('<b>')\" controls/>", "<video src='a' controls/>"),
            ("<a ONCLICK=x href=y>on=1</a>", "<a href=y>on=1</a>"),
            ("<a onclick>t</a>", "<a>t</a>"),
            ("<a onclick = 'x'\n title=\"on a=b\">", "<a\n title=\"on a=b\">"),
            ("<svg/onload=x>", "<svg>"),
            ("1 <2 on=3 > 4", "1 <2 on=3 > 4"),
            ("<!-- <b onx=\"--> seen \"", "<!-- <b onx=\"--> seen \""),
            ("<title><b onx=1></title><b onx=1>", "<title><b onx=1></title><b>"),
            ("<b onx=\"never closed", "<b onx=\"never closed"),
            ("</b onx=1>", "</b onx=1>"),
            ("<b =onx=1>", "<b =onx=1>"),
        ] {
            assert_eq!(without_handlers(html), wanted, "{html}");
        }
    }

    #[test]
    fn plain_text_is_not_copied() {
        assert!(matches!(without_handlers("<p title=x>no handlers on=here</p>"), Cow::Borrowed(_)));
    }
}
