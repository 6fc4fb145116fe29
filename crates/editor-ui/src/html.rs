//! The one sanitiser of markup that comes from configs, tasks and hosts.

use std::sync::LazyLock;

static CLEANER: LazyLock<ammonia::Builder<'static>> = LazyLock::new(|| {
    let mut builder = ammonia::Builder::default();
    builder.link_rel(Some("noopener noreferrer nofollow"));
    builder
});

/// Markup for captions and instructions: no scripts, handlers, styles, frames or foreign schemes.
pub fn sanitize(html: &str) -> String {
    CLEANER.clean(html).to_string()
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
    fn nothing_that_runs_gets_through() {
        let out = sanitize(
            "<b onclick='x()'>a</b><script>alert(1)</script><img src=x onerror=y><a href='javascript:z'>l</a>",
        );
        for bad in ["onclick", "script", "onerror", "javascript", "alert"] {
            assert!(!out.contains(bad), "{out}");
        }
        assert!(out.contains("<b>a</b>"));
    }

    #[test]
    fn text_of_markup() {
        assert_eq!(plain_text("<b>Hi</b> there"), "Hi there");
    }
}
