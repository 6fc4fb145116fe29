//! The first objects that a sync would see.

use super::place::size;
use crate::when;
use leptos::prelude::*;
use tagloom_api::StorageFile;

/// As many as are asked for.
pub const MOST: u64 = 20;

#[component]
pub fn Files(files: Vec<StorageFile>) -> impl IntoView {
    let more = files.iter().any(|file| file.key.is_none());
    let rows: Vec<_> = files.into_iter().filter_map(|file| Some((file.key.clone()?, file))).collect();
    if rows.is_empty() {
        return view! {
            <p class="ta-note" role="status">
                "No object matches. Check prefix and file filter, and whether subfolders are to be looked into."
            </p>
        }
        .into_any();
    }
    let count = rows.len();
    let said = match (more, count) {
        (true, n) => format!("The first {n} objects; there are more."),
        (false, 1) => "One object.".to_owned(),
        (false, n) => format!("{n} objects, and no more."),
    };
    let rows = rows
        .into_iter()
        .map(|(key, file)| {
            let changed = file.last_modified.unwrap_or_default();
            view! {
                <tr>
                    <td class="ta-key"><code>{key}</code></td>
                    <td class="ta-num">{file.size.map(size)}</td>
                    <td class="ta-num ta-muted" title=when::full(&changed)>{when::date(&changed)}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <section aria-label="First objects">
            <p class="ta-muted" role="status">{said}</p>
            <div class="ta-scrolled">
                <table class="ta-table">
                    <thead><tr><th>"Key"</th><th class="ta-num">"Size"</th><th class="ta-num">"Changed"</th></tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </section>
    }
    .into_any()
}
