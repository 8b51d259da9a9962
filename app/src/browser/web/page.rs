//! Focus, theme, clipboard, printing, the draft, clock and randomness.

use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::store;
use crate::components::options::{DESCENDING, NONE, arranged, turned};
use crate::state::{Ui, Written};

const DRAFT: &str = "exemplar.draft";
const THEME: &str = "exemplar.theme";

/// Moves the focus to an element by its id, once the page has been drawn.
pub(crate) fn focus(id: &str) {
    let id = id.to_string();
    request_animation_frame(move || {
        let element = document().get_element_by_id(&id);
        if let Some(element) = element.and_then(|e| e.dyn_into::<web_sys::HtmlElement>().ok()) {
            let _ = element.focus();
        }
    });
}

/// Whether the fold whose summary has this id is open.
pub(crate) fn unfolded(summary: &str) -> bool {
    let element = document().get_element_by_id(summary);
    element.and_then(|e| e.closest("details[open]").ok().flatten()).is_some()
}

/// Lets the browser do what is due, such as hearing a touch, before going on.
pub(crate) async fn breathe() {
    gloo_timers::future::TimeoutFuture::new(0).await;
}

/// Waits.
pub(crate) async fn wait(ms: u32) {
    gloo_timers::future::TimeoutFuture::new(ms).await;
}

/// Opens another page.
pub(crate) fn go(path: &str) {
    let _ = window().location().assign(path);
}

/// What a form holds, in the order of its fields, instead of sending it.
pub(crate) fn sent(event: &web_sys::SubmitEvent) -> Vec<(String, String)> {
    event.prevent_default();
    let form = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlFormElement>().ok());
    let Some(data) = form.and_then(|form| web_sys::FormData::new_with_form(&form).ok()) else { return Vec::new() };
    let pairs = js_sys::try_iter(&data).ok().flatten().into_iter().flatten().flatten();
    pairs
        .filter_map(|pair| {
            let pair = js_sys::Array::from(&pair);
            Some((pair.get(0).as_string()?, pair.get(1).as_string()?))
        })
        .collect()
}

/// Whether the page is being brought to life from what the server drew.
pub(crate) fn hydrating() -> bool {
    Owner::current_shared_context().is_some_and(|context| context.during_hydration())
}

/// What is drawn inside an element.
pub(crate) fn markup(element: &web_sys::HtmlElement) -> String {
    element.inner_html()
}

/// Sorts the table of the column head that was clicked, by the keys of its cells; other clicks do nothing.
pub(crate) fn sort_table(event: &web_sys::MouseEvent) {
    let clicked = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    let Some(head) = clicked.and_then(|element| element.closest("th[aria-sort]").ok().flatten()) else { return };
    let Some(table) = head.closest("table").ok().flatten() else { return };
    let all = |within: &web_sys::Element, what: &str| -> Vec<web_sys::Element> {
        let found = within.query_selector_all(what).ok();
        found.iter().flat_map(|list| (0..list.length()).filter_map(|i| list.item(i)?.dyn_into().ok())).collect()
    };
    let attribute = |element: &web_sys::Element, name: &str| element.get_attribute(name).unwrap_or_default();
    let heads = all(&table, "thead th");
    let column = heads.iter().position(|other| *other == head).unwrap_or(0);
    let sort = turned(&attribute(&head, "aria-sort"), &attribute(&head, "data-first"));
    for other in &heads {
        let _ = other.set_attribute("aria-sort", if *other == head { sort } else { NONE });
    }
    let rows = all(&table, "tbody tr");
    let keyed = |row: &web_sys::Element| match sort {
        NONE => row.get_attribute("data-key"),
        _ => row.children().item(u32::try_from(column).unwrap_or(0))?.get_attribute("data-key"),
    };
    let keys: Vec<_> = rows.iter().map(keyed).collect();
    for i in arranged(&keys, sort == DESCENDING) {
        if let Some(body) = rows[i].parent_node() {
            let _ = body.append_child(&rows[i]);
        }
    }
}

/// Replaces the query of the address, without a step in the history.
pub(crate) fn set_query(query: &str) {
    let (Ok(path), Ok(history)) = (window().location().pathname(), window().history()) else { return };
    let state = history.state().unwrap_or_default();
    let _ = history.replace_state_with_url(&state, "", Some(&format!("{path}{query}")));
}

/// Puts the page's address on the clipboard.
pub(crate) fn copy_link() {
    if let Ok(href) = window().location().href() {
        let _ = window().navigator().clipboard().write_text(&href);
    }
}

/// Opens the browser's print dialog.
pub(crate) fn print() {
    let _ = window().print();
}

/// The theme that was chosen earlier. Stored as a bare word, because `theme.js` reads it too.
pub(crate) fn theme() -> Option<String> {
    store::local()?.get_item(THEME).ok().flatten()
}

/// Applies and stores a theme.
pub(crate) fn set_theme(theme: &str) {
    if let Some(root) = document().document_element() {
        let _ = if theme == "system" {
            root.remove_attribute("data-theme")
        } else {
            root.set_attribute("data-theme", theme)
        };
    }
    if let Some(storage) = store::local() {
        let _ = storage.set_item(THEME, theme);
    }
}

/// Brings back the message that was being written, and keeps it from now on.
pub(super) fn keep_draft(ui: Ui) {
    let nothing_typed = ui.written.with_untracked(|w| w.content.is_empty());
    if let Some(draft) = store::get::<Written>(store::local().as_ref(), DRAFT).filter(|_| nothing_typed) {
        ui.write(draft);
    }
    Effect::new(move |_| ui.written.with(|written| store::put(store::local().as_ref(), DRAFT, written)));
}

/// This computer's clock.
pub(super) fn now_ms() -> u64 {
    js_sys::Date::now() as u64
}

/// Uniform in 0..1; good enough to spread reconnects.
pub(super) fn random() -> f64 {
    js_sys::Math::random()
}

/// Randomness for ids.
pub(super) fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    if let Ok(crypto) = window().crypto() {
        let _ = crypto.get_random_values_with_u8_array(&mut bytes);
    }
    bytes
}
