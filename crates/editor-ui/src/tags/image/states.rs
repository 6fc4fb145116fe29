//! The picture while it is not there: loading, and what went wrong.

use super::load::{Failure, copy};
use crate::fetch::Progress;
use leptos::prelude::*;

/// Where the picture stands.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum State {
    /// Not in sight yet.
    Waiting,
    Loading(Progress),
    Ready {
        unreadable: bool,
    },
    Failed(Failure),
}

/// Bytes as people say them: `740 kB`, `2.3 MB`.
pub(super) fn bytes(n: u64) -> String {
    match n {
        0..=999 => format!("{n} B"),
        1_000..=999_999 => format!("{} kB", n / 1000),
        _ => format!("{:.1} MB", n as f64 / 1e6),
    }
}

#[component]
pub(super) fn Loading(progress: Progress, cancel: Callback<()>) -> impl IntoView {
    let text = match (progress.loaded, progress.total) {
        (0, _) => "Loading the image …".to_owned(),
        (n, Some(total)) => format!("{} of {}", bytes(n), bytes(total)),
        (n, None) => bytes(n),
    };
    let value = progress.total.filter(|t| *t > 0).map(|t| (progress.loaded as f64 / t as f64).to_string());
    view! {
        <div class="tl-image-state" role="status">
            <progress max="1" value=value aria-label="Loading the image"></progress>
            <span>{text}</span>
            <button type="button" class="tl-button tl-image-late" on:click=move |_| cancel.run(())>"Cancel"</button>
        </div>
    }
}

#[component]
pub(super) fn Failed(failure: Failure, retry: Callback<()>) -> impl IntoView {
    let details = format!("{}\n{}\n{}", failure.title, failure.cause, failure.url);
    let can_retry = failure.retry;
    view! {
        <div class="tl-image-state tl-image-failed" role="alert">
            <strong>{failure.title}</strong>
            <span>{failure.cause}</span>
            <code>{failure.url}</code>
            <div class="tl-image-actions">
                {can_retry.then(|| view! {
                    <button type="button" class="tl-button" on:click=move |_| retry.run(())>"Try again"</button>
                })}
                <button type="button" class="tl-button" on:click=move |_| copy(&details)>"Copy details"</button>
            </div>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::bytes;

    #[test]
    fn bytes_are_short() {
        assert_eq!([bytes(12), bytes(74_000), bytes(2_340_000)], ["12 B", "74 kB", "2.3 MB"]);
    }
}
