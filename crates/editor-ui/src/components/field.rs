//! Inputs that hold what is being typed until it is entered.

use leptos::prelude::*;

/// Digits a coordinate is shown with; what is stored keeps its precision until somebody edits it.
const DECIMALS: usize = 3;

/// A number as people write it: at most three decimals, no trailing zeros.
pub fn short_number(value: f64) -> String {
    if !value.is_finite() {
        return String::new();
    }
    let text = format!("{value:.DECIMALS$}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// Reads what somebody typed; a decimal comma counts as a point.
pub fn read_number(text: &str) -> Option<f64> {
    text.trim().replace(',', ".").parse::<f64>().ok().filter(|v| v.is_finite())
}

/// A labelled number. Enter or leaving the field enters it; Escape and nonsense bring the old value back.
#[component]
pub fn NumberField(
    #[prop(into)] label: String,
    #[prop(into)] value: Signal<f64>,
    #[prop(optional, into)] disabled: Signal<bool>,
    on_enter: impl Fn(f64) + 'static,
) -> impl IntoView {
    let enter = move |event: web_sys::Event| {
        let before = value.get_untracked();
        let input = event_target::<web_sys::HtmlInputElement>(&event);
        match read_number(&input.value()) {
            // Unchanged as shown means unchanged: rounding for the screen must not reach the data.
            Some(_) if input.value() == short_number(before) => {}
            Some(number) => on_enter(number),
            None => input.set_value(&short_number(before)),
        }
    };
    let keys = move |event: web_sys::KeyboardEvent| {
        if event.key() == "Escape" {
            event.stop_propagation();
            let input = event_target::<web_sys::HtmlInputElement>(&event);
            input.set_value(&short_number(value.get_untracked()));
            let _ = input.blur();
        }
    };
    view! {
        <label class="tl-field">
            <span>{label}</span>
            <input class="tl-input tl-num" type="text" inputmode="decimal" autocomplete="off"
                prop:value=move || short_number(value.get()) disabled=move || disabled.get()
                on:change=enter on:keydown=keys/>
        </label>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_read_back() {
        assert_eq!(short_number(12.5), "12.5");
        assert_eq!(short_number(-0.00001), "0");
        assert_eq!(short_number(100.0), "100");
        assert_eq!(short_number(1.0 / 3.0), "0.333");
        assert_eq!(short_number(f64::NAN), "");
        assert_eq!(read_number(" 1,5 "), Some(1.5));
        assert_eq!(read_number("inf"), None);
        assert_eq!(read_number("a"), None);
    }
}
