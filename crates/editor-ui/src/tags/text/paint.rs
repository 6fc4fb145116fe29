//! Spans on the screen with the CSS Custom Highlight API: the user's DOM is never wrapped.

use std::cell::Cell;
use std::collections::BTreeMap;
use wasm_bindgen::prelude::*;
use web_sys::{Element, Range};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = Highlight)]
    type Highlight;
    #[wasm_bindgen(constructor, js_class = "Highlight", catch)]
    fn new() -> Result<Highlight, JsValue>;
    #[wasm_bindgen(method)]
    fn add(this: &Highlight, range: &Range);
    #[wasm_bindgen(method, setter)]
    fn set_priority(this: &Highlight, priority: i32);

    type HighlightRegistry;
    #[wasm_bindgen(method)]
    fn set(this: &HighlightRegistry, name: &str, highlight: &Highlight);
    #[wasm_bindgen(method)]
    fn delete(this: &HighlightRegistry, name: &str) -> bool;
}

fn registry() -> Option<HighlightRegistry> {
    let css = js_sys::Reflect::get(&js_sys::global(), &"CSS".into()).ok()?;
    let registry = js_sys::Reflect::get(&css, &"highlights".into()).ok()?;
    (!registry.is_undefined()).then(|| registry.unchecked_into())
}

/// Whether this browser can paint spans at all.
pub(super) fn is_supported() -> bool {
    registry().is_some()
}

thread_local! {
    static NEXT: Cell<u32> = const { Cell::new(0) };
}

/// How strongly a span is painted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Strength {
    Plain,
    Hovered,
    Selected,
}

/// The highlights of one text. Names are its own, because the registry belongs to the whole page.
pub(super) struct Painter {
    prefix: String,
    names: Vec<String>,
}

impl Default for Painter {
    fn default() -> Self {
        let n = NEXT.with(|n| {
            n.set(n.get() + 1);
            n.get()
        });
        Self { prefix: format!("tl-text-{n}"), names: Vec::new() }
    }
}

impl Painter {
    /// Paints these spans and forgets the ones before. `sheet` takes the rules; it must lie in the root of the text.
    pub fn paint(&mut self, sheet: &Element, spans: &[(Range, String, Strength)]) {
        let Some(registry) = registry() else { return };
        for name in self.names.drain(..) {
            registry.delete(&name);
        }
        let mut groups: BTreeMap<(Strength, &str), Vec<&Range>> = BTreeMap::new();
        for (range, color, strength) in spans {
            groups.entry((*strength, color)).or_default().push(range);
        }
        let mut rules = String::new();
        for (i, ((strength, color), ranges)) in groups.into_iter().enumerate() {
            let Ok(highlight) = Highlight::new() else { continue };
            highlight.set_priority(strength as i32);
            for range in ranges {
                highlight.add(range);
            }
            let name = format!("{}-{i}", self.prefix);
            registry.set(&name, &highlight);
            rules.push_str(&rule(&name, color, strength));
            self.names.push(name);
        }
        sheet.set_text_content(Some(&rules));
    }
}

impl Drop for Painter {
    fn drop(&mut self) {
        if let Some(registry) = registry() {
            for name in &self.names {
                registry.delete(name);
            }
        }
    }
}

/// A label is told by an underline beside its colour. The colour comes from a config, so it is held to the characters a
/// colour can have.
fn rule(name: &str, color: &str, strength: Strength) -> String {
    let safe = color.chars().all(|c| {
        c.is_ascii_alphanumeric() || matches!(c, '#' | '(' | ')' | ',' | '.' | '%' | ' ' | '/' | '-')
    });
    let color = if safe { color } else { "#666666" };
    let (share, line) = match strength {
        Strength::Plain => (28, 1),
        Strength::Hovered => (42, 2),
        Strength::Selected => (55, 3),
    };
    format!(
        "::highlight({name}){{background-color:color-mix(in srgb, {color} {share}%, transparent);\
         text-decoration:underline {line}px {color}}}\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_cannot_close_its_rule() {
        let text = rule("n", "red} body{display:none", Strength::Plain);
        assert!(text.contains("#666666") && !text.contains("body"));
        assert!(rule("n", "oklch(0.7 0.1 20)", Strength::Selected).contains("oklch(0.7 0.1 20) 55%"));
    }
}
