//! What was stated against what list prices give, when they do not agree.

use leptos::prelude::*;
use shared::format;
use shared::result::AnalysisResult;

use crate::text;

/// A gap smaller than this is no contradiction: bills round, and months differ.
const AGREES_WITHIN: f64 = 0.1;

/// The engine's warning that says the same in words.
pub(crate) const SPEND_MISMATCH: &str = "spend_mismatch";

/// Both figures as bars on one scale; nothing where they agree or one is missing.
pub(crate) fn reconcile(result: &AnalysisResult) -> Option<AnyView> {
    let stated = result.workload.monthly_spend_usd?;
    let computed = result.metric("monthly_cost_usd")?.value?;
    let ratio = result.metric("stated_spend_ratio")?.value?;
    if (ratio - 1.0).abs() <= AGREES_WITHIN || stated <= 0.0 {
        return None;
    }
    let words = result.warnings.iter().find(|w| w.code == SPEND_MISMATCH).map(|w| w.text.clone());
    let most = stated.max(computed);
    let row = |label: &'static str, value: f64, class: &'static str| {
        let width = format!("{:.2}", (value / most * 100.0).max(0.5));
        view! {
            <div class="reconcile__row">
                <dt>{label}</dt>
                <dd class="reconcile__value">{format::usd(value)}<span class="reconcile__unit">"/month"</span></dd>
                <dd class="reconcile__bar" aria-hidden="true">
                    <svg viewBox="0 0 100 4" preserveAspectRatio="none" focusable="false">
                        <rect class=class width=width height="4"></rect>
                    </svg>
                </dd>
            </div>
        }
        .into_any()
    };
    let picture = view! {
        <section class="reconcile" aria-labelledby="reconcile-heading">
            <h2 id="reconcile-heading">{text::result::RECONCILE}</h2>
            <dl class="reconcile__rows">
                {row(text::result::STATED, stated, "reconcile__stated")}
                {row(text::result::COMPUTED, computed, "reconcile__computed")}
            </dl>
            <p class="reconcile__words">{words}</p>
        </section>
    };
    Some(picture.into_any())
}
