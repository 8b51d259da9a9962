//! A part of an answer in which nothing reacts. What the server drew of it is left as it stands while the page comes to
//! life, which costs a phone several times less than walking through it; a changed answer is drawn anew.

use std::sync::Arc;

use leptos::html::Div;
use leptos::prelude::*;
use shared::result::AnalysisResult;

use crate::browser;

/// The part that `draw` draws of the answer. What came from the server with the page need not hold what this part shows
/// (see `api::Opened`), because its drawing is kept and comes back with it.
pub(crate) fn still(shown: RwSignal<Arc<AnalysisResult>>, draw: fn(&AnalysisResult) -> AnyView) -> AnyView {
    let drawn_by_server = browser::hydrating().then(|| shown.get_untracked());
    let kept = StoredValue::new(String::new());
    let place = NodeRef::<Div>::new();
    (move || {
        let now = shown.get();
        let Some(first) = &drawn_by_server else {
            return view! { <div class="still">{draw(&now)}</div> }.into_any();
        };
        if Arc::ptr_eq(first, &now) {
            return view! { <div class="still" node_ref=place inner_html=kept.get_value()></div> }.into_any();
        }
        if let Some(element) = place.get_untracked() {
            kept.set_value(browser::markup(&element));
        }
        view! { <div class="still">{draw(&now)}</div> }.into_any()
    })
    .into_any()
}
