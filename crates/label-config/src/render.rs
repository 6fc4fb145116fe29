//! Diagnostics as text, the way compilers print them.

use crate::diagnostic::Diagnostic;
use crate::span::{LineIndex, Span};
use std::fmt::Write as _;

/// Valid values that are listed; a longer list does not help on a terminal.
const MOST_VALID: usize = 8;

/// Print every diagnostic with its source line and a marker under the span; no colour. Empty for no diagnostics.
///
/// Tabs in the source line are printed as one space, so the marker stays under the text.
pub fn render(diagnostics: &[Diagnostic], source: &str, file_name: &str) -> String {
    let lines = LineIndex::new(source);
    let mut out = String::new();
    for diagnostic in diagnostics {
        if !out.is_empty() {
            out.push('\n');
        }
        one(diagnostic, source, &lines, file_name, &mut out);
    }
    out
}

fn one(diagnostic: &Diagnostic, source: &str, lines: &LineIndex, file_name: &str, out: &mut String) {
    let place = lines.line_column(source, diagnostic.span.start);
    let margin = " ".repeat(place.line.to_string().len());
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{}[{}]: {}", diagnostic.severity.as_str(), diagnostic.code, diagnostic.message);
    let _ = writeln!(out, "{margin}--> {file_name}:{}:{}", place.line, place.column);
    if let Some(line) = lines.line_span(source, place.line) {
        let text = line.text(source).replace('\t', " ");
        let marked = Span::new(diagnostic.span.start, diagnostic.span.end.min(line.end));
        let width = marked.text(source).chars().count().max(1);
        let _ = writeln!(out, "{margin} |");
        let _ = writeln!(out, "{} | {text}", place.line);
        let _ = writeln!(out, "{margin} | {}{}", " ".repeat(place.column - 1), "^".repeat(width));
    }
    if diagnostic.fix.is_none() && !diagnostic.valid.is_empty() {
        let shown =
            diagnostic.valid.iter().take(MOST_VALID).map(String::as_str).collect::<Vec<_>>().join(", ");
        let more = diagnostic.valid.len().saturating_sub(MOST_VALID);
        let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
        let _ = writeln!(out, "{margin} = valid: {shown}{rest}");
    }
    if let Some(fix) = &diagnostic.fix {
        let _ = writeln!(out, "{margin} = fix: {}", fix.title);
    }
}
