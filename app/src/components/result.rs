//! An answer.

use leptos::prelude::*;
use shared::result::AnalysisResult;

use crate::workbench::Edits;

/// The whole answer.
#[component]
pub(crate) fn ResultView(result: AnalysisResult, on_send: Callback<Edits>) -> impl IntoView {
    let _ = on_send;
    view! {
        <section class="result">
            <h1 class="result__headline">{result.headline}</h1>
        </section>
    }
    .into_any()
}
