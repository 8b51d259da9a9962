//! The theme switch: as the system, light or dark. `theme.js` applies the choice before the first paint.

use leptos::prelude::*;

use super::icon::{Icon, icon};
use crate::{browser, text};

/// Three radio buttons in a row.
#[component]
pub(crate) fn ThemeSwitch() -> impl IntoView {
    let chosen = RwSignal::new(String::from("system"));
    Effect::new(move |_| {
        if let Some(theme) = browser::theme() {
            chosen.set(theme);
        }
    });
    let button = move |(value, label): (&'static str, &'static str), drawing: Icon| {
        view! {
            <label class="theme__choice" title=label>
                <input
                    class="visually-hidden"
                    r#type="radio"
                    name="theme"
                    value=value
                    prop:checked=move || chosen.get() == value
                    on:change=move |_| {
                        chosen.set(value.into());
                        browser::set_theme(value);
                    }
                />
                {icon(drawing)}
                <span class="visually-hidden">{label}</span>
            </label>
        }
        .into_any()
    };
    let [system, light, dark] = text::THEMES;
    view! {
        <fieldset class="theme needs-js">
            <legend class="visually-hidden">{text::THEME}</legend>
            {button(system, Icon::System)}
            {button(light, Icon::Sun)}
            {button(dark, Icon::Moon)}
        </fieldset>
    }
    .into_any()
}
