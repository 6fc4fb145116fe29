//! A list of any length of which only the rows in sight exist.

use leptos::html;
use leptos::prelude::*;
use std::hash::Hash;
use std::sync::Arc;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

/// Rows made beyond the edges, so that scrolling by a notch shows no gaps.
const OVERSCAN: usize = 8;

/// First row and end of the rows to make. Zero rows for a list without height.
pub fn window(scroll_px: f64, height_px: f64, row_px: f64, count: usize) -> (usize, usize) {
    if row_px <= 0.0 || !scroll_px.is_finite() || !height_px.is_finite() {
        return (0, 0);
    }
    let first = (scroll_px.max(0.0) / row_px).floor() as usize;
    let shown = (height_px.max(0.0) / row_px).ceil() as usize + 1;
    let start = first.saturating_sub(OVERSCAN).min(count);
    (start, first.saturating_add(shown + OVERSCAN).min(count))
}

/// `rows` in order, each `row_px` high. A row keeps its elements while it stays in sight under the same key; setting
/// `reveal` to an index scrolls that row into sight.
#[component]
pub fn VirtualList<T, K>(
    #[prop(into)] rows: Signal<Arc<[T]>>,
    key: fn(&T) -> K,
    row_px: f64,
    #[prop(into)] label: String,
    #[prop(optional, into)] reveal: Signal<Option<usize>>,
    row: impl Fn(T) -> AnyView + Clone + Send + 'static,
) -> impl IntoView
where
    T: Clone + Send + Sync + 'static,
    K: Eq + Hash + Send + 'static,
{
    let node = NodeRef::<html::Div>::new();
    let scroll = RwSignal::new((0.0f64, 600.0f64));
    let measure = move || {
        if let Some(div) = node.get_untracked() {
            let now = (f64::from(div.scroll_top()), f64::from(div.client_height()));
            if scroll.get_untracked() != now {
                scroll.set(now);
            }
        }
    };
    node.on_load(move |div| {
        measure();
        let seen = Closure::<dyn FnMut()>::new(measure);
        if let Ok(observer) = web_sys::ResizeObserver::new(seen.as_ref().unchecked_ref()) {
            observer.observe(&div);
            let keep = send_wrapper::SendWrapper::new((observer, seen));
            on_cleanup(move || keep.0.disconnect());
        }
    });
    Effect::new(move |_| {
        let Some(at) = reveal.get() else { return };
        let Some(div) = node.get() else { return };
        let (top, height) = (at as f64 * row_px, f64::from(div.client_height()));
        let now = f64::from(div.scroll_top());
        if top < now {
            div.set_scroll_top(top as i32);
        } else if top + row_px > now + height {
            div.set_scroll_top((top + row_px - height) as i32);
        }
    });
    let shown = Memo::new(move |_| {
        let (top, height) = scroll.get();
        window(top, height, row_px, rows.with(|r| r.len()))
    });
    let visible = move || {
        let (start, end) = shown.get();
        rows.with(|rows| {
            rows.iter().enumerate().take(end).skip(start).map(|(i, row)| (i, row.clone())).collect::<Vec<_>>()
        })
    };
    let height = move || format!("{}px", rows.with(|r| r.len()) as f64 * row_px);
    view! {
        <div node_ref=node class="tl-panel-scroll" role="listbox" aria-multiselectable="true" aria-label=label on:scroll=move |_| measure()>
            <div class="tl-virtual" style:height=height style=("--tl-row-now", format!("{row_px}px"))>
                <For each=visible key=move |(i, r)| (*i, key(r)) children=move |(i, r)| {
                    let top = format!("{}px", i as f64 * row_px);
                    view! { <div class="tl-virtual-row" style:top=top>{row(r)}</div> }
                }/>
            </div>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::window;

    #[test]
    fn only_rows_in_sight_and_a_few_more_are_made() {
        assert_eq!(window(0.0, 280.0, 28.0, 10_000), (0, 19));
        assert_eq!(window(28_000.0, 280.0, 28.0, 10_000), (992, 1019));
        assert_eq!(window(1e9, 280.0, 28.0, 50), (50, 50));
        assert_eq!(window(0.0, 280.0, 28.0, 3), (0, 3));
        assert_eq!(window(-50.0, 0.0, 28.0, 3), (0, 3));
        assert_eq!(window(0.0, 280.0, 0.0, 3), (0, 0));
        assert_eq!(window(f64::NAN, 280.0, 28.0, 3), (0, 0));
    }
}
