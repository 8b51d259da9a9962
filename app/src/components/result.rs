//! An answer: the headline, then what it rests on. Changing a fact or answering a question computes it again in the
//! browser, with the engine of the server.

use std::sync::Arc;
use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_query_map;
use serde_json::Value as Json;
use shared::catalog::Catalog;
use shared::problem::ProblemDetails;
use shared::result::{AnalysisResult, Assumption, Warning};
use shared::workload::Source;

use super::advice::advice;
use super::chart::charts;
use super::facts::{Facts, facts};
use super::icon::{Icon, icon};
use super::metric::metrics;
use super::options::options;
use super::problem::problem_view;
use super::questions::questions;
use super::reconcile::{SPEND_MISMATCH, reconcile};
use super::still::still;
use super::what_if::what_if;
use crate::workbench::{Edits, from_query, to_query};
use crate::{browser, engine, text};

/// How long a slider rests before charts and tables follow it.
const SETTLES_AFTER: Duration = Duration::from_millis(150);

/// The notice that the figures are not those that were saved.
const RECOMPUTED: &str = "recomputed";

/// The answer being shown, and the changes made to it here.
#[derive(Clone, Copy)]
struct Bench {
    saved: StoredValue<Arc<AnalysisResult>>,
    /// What the figures say; follows a slider at every step.
    shown: RwSignal<Arc<AnalysisResult>>,
    /// What charts and tables say; follows when the slider rests, because drawing them takes longer than a step.
    settled: RwSignal<Arc<AnalysisResult>>,
    edits: RwSignal<Edits>,
    trouble: RwSignal<Option<ProblemDetails>>,
    catalog: StoredValue<Option<Arc<Catalog>>>,
}

impl Bench {
    /// Puts edits in, computes, and lets `show` take the answer.
    fn change(self, edits: Edits, show: impl FnOnce(Arc<AnalysisResult>) + 'static) {
        self.edits.update(|all| all.extend(edits));
        browser::set_query(&to_query(&self.edits.get_untracked()));
        let bench = self;
        spawn_local(async move {
            let asked = bench.edits.get_untracked();
            let answer = bench.compute(asked.clone()).await;
            // An answer that further edits have overtaken is out of date.
            if bench.edits.try_get_untracked() != Some(asked) {
                return;
            }
            match answer {
                Ok(result) => {
                    bench.trouble.set(None);
                    show(Arc::new(result));
                }
                Err(problem) => bench.trouble.set(Some(problem)),
            }
        });
    }

    /// Shows an answer everywhere.
    fn show(self, result: Arc<AnalysisResult>) {
        self.shown.set(result.clone());
        self.settled.set(result);
    }

    /// The catalog is fetched once; everything after that needs no server.
    async fn compute(self, edits: Edits) -> Result<AnalysisResult, ProblemDetails> {
        let catalog = if let Some(catalog) = self.catalog.get_value() {
            catalog
        } else {
            let catalog = Arc::new(browser::catalog().await?);
            self.catalog.set_value(Some(catalog.clone()));
            catalog
        };
        let saved = self.saved.get_value();
        let today = browser::today().unwrap_or(saved.catalog_as_of);
        engine::recompute(saved, edits, catalog, today).await.map_err(|none| ProblemDetails::new(none.0, ""))
    }

    fn revert(self) {
        self.edits.set(Edits::new());
        browser::set_query("");
        self.trouble.set(None);
        self.show(self.saved.get_value());
        browser::focus("headline");
    }
}

/// The whole answer. `on_send` gets the changed facts, to be sent as a new message.
#[component]
pub(crate) fn ResultView(result: AnalysisResult, on_send: Callback<Edits>) -> impl IntoView {
    let saved = Arc::new(result);
    let bench = Bench {
        saved: StoredValue::new(saved.clone()),
        shown: RwSignal::new(saved.clone()),
        settled: RwSignal::new(saved),
        edits: RwSignal::new(Edits::new()),
        trouble: RwSignal::new(None),
        catalog: StoredValue::new(None),
    };
    let (shown, settled) = (bench.shown, bench.settled);
    let answer = Callback::new(move |edits: Edits| {
        bench.change(edits, move |result| {
            bench.show(result);
            browser::focus(RECOMPUTED);
        });
    });
    let on_edit = Callback::new(move |(name, value): (&'static str, Json)| {
        answer.run(Edits::from_iter([(name.to_string(), value)]));
    });
    let settle = StoredValue::new_local(debounce(SETTLES_AFTER, move |()| settled.set(shown.get_untracked())));
    let on_slide = Callback::new(move |(name, value): (&'static str, f64)| {
        bench.change(Edits::from_iter([(name.to_string(), value.into())]), move |result| {
            shown.set(result);
            settle.update_value(|settle| settle(()));
        });
    });
    // A link may carry edits.
    let linked = use_query_map().with_untracked(from_query);
    Effect::new(move |_| {
        if !linked.is_empty() {
            bench.change(linked.clone(), move |result| bench.show(result));
        }
    });
    let base = bench.saved.get_value();
    let known = Signal::derive(move || {
        let edits = bench.edits.get();
        settled.with(|r| facts(&r.workload, &r.provenance, &edits))
    });
    view! {
        <div class="result">
            <header class="result__head">
                <h1 class="result__headline" id="headline" tabindex="-1">
                    {move || shown.with(|r| first_sentence(&r.headline).0.to_string())}
                </h1>
                <p class="result__lead">{move || shown.with(|r| first_sentence(&r.headline).1.to_string())}</p>
                // Words of a model or a template belong to the figures they were said of; figures moved here have none.
                <p class="result__words">{move || shown.with(|r| r.wording.as_ref().map(|w| w.text.clone()))}</p>
                <p class="result__basis">
                    {move || shown.with(|r| text::result::prices_of(&r.catalog_as_of.to_string(), &r.engine_version))}
                </p>
            </header>
            {move || recomputed(bench, on_send)}
            {move || bench.trouble.get().map(|p| problem_view(&p, None))}
            {still(shown, first_part)}
            {move || settled.with(|r| questions(&r.questions, answer))}
            {what_if(&base, bench.edits, on_slide)}
            <div class="still" on:click=move |event| browser::sort_table(&event)>{still(settled, second_part)}</div>
            <section class="section" aria-labelledby="facts-heading">
                <h2 id="facts-heading">{text::result::FACTS}</h2>
                <p class="section__note needs-js">{text::result::FACTS_HINT}</p>
                <Facts scope="known" facts=known on_edit/>
            </section>
            {still(settled, assumptions)}
            <p class="result__actions needs-js">
                <button r#type="button" class="button" on:click=move |_| browser::copy_link()>{text::result::COPY_LINK}</button>
                <button r#type="button" class="button" on:click=move |_| browser::print()>{text::result::PRINT}</button>
            </p>
        </div>
    }
    .into_any()
}

/// The first sentence, and what follows it.
pub(crate) fn first_sentence(text: &str) -> (&str, &str) {
    let end = text.match_indices(['.', '?', '!']).map(|(at, _)| at + 1).find(|at| {
        let mut rest = text[*at..].chars();
        rest.next() == Some(' ') && rest.next().is_some_and(|c| !c.is_lowercase())
    });
    end.map_or((text, ""), |at| (&text[..at], text[at..].trim_start()))
}

/// What was changed here is not what was saved, and must not be taken for it.
fn recomputed(bench: Bench, on_send: Callback<Edits>) -> AnyView {
    if bench.edits.with(Edits::is_empty) {
        return ().into_any();
    }
    view! {
        <div class="notice notice--info" role="status" id=RECOMPUTED tabindex="-1">
            {icon(Icon::Info)}
            <p>{text::result::RECOMPUTED}</p>
            <p class="notice__actions">
                <button r#type="button" class="button button--primary button--small"
                    on:click=move |_| on_send.run(bench.edits.get_untracked())>{text::result::SEND}</button>
                <button r#type="button" class="button button--small" on:click=move |_| bench.revert()>
                    {text::result::REVERT}
                </button>
            </p>
        </div>
    }
    .into_any()
}

fn first_part(result: &AnalysisResult) -> AnyView {
    let degraded = result.degraded.then(|| {
        let reason = result.degraded_reason.clone();
        view! {
            <div class="notice notice--warn">
                {icon(Icon::Warning)}
                <p>{text::result::DEGRADED}" "{reason}</p>
            </div>
        }
        .into_any()
    });
    // The contradiction is told with its picture; once is enough.
    let picture = reconcile(result);
    let others: Vec<&Warning> =
        result.warnings.iter().filter(|w| picture.is_none() || w.code != SPEND_MISMATCH).collect();
    view! {
        {degraded}
        {picture}
        <section class="section" aria-labelledby="figures-heading">
            <h2 id="figures-heading">{text::result::METRICS}</h2>
            {metrics(&result.metrics)}
        </section>
        {warnings(&others)}
    }
    .into_any()
}

fn second_part(result: &AnalysisResult) -> AnyView {
    let today = (result.workload.model.clone(), result.workload.vendor.clone());
    view! {
        {advice(&result.recommendations, &result.roadmap)}
        {charts(&result.charts)}
        {options(&result.options, &today)}
    }
    .into_any()
}

fn warnings(warnings: &[&Warning]) -> AnyView {
    if warnings.is_empty() {
        return ().into_any();
    }
    let items: Vec<_> =
        warnings.iter().map(|w| view! { <li data-code=w.code.clone()>{w.text.clone()}</li> }.into_any()).collect();
    view! {
        <section class="section notice notice--warn" aria-labelledby="warnings-heading">
            {icon(Icon::Warning)}
            <div>
                <h2 class="notice__heading" id="warnings-heading">{text::result::WARNINGS}</h2>
                <ul class="notice__list">{items}</ul>
            </div>
        </section>
    }
    .into_any()
}

fn assumptions(result: &AnalysisResult) -> AnyView {
    if result.assumptions.is_empty() {
        return ().into_any();
    }
    let items: Vec<_> = result.assumptions.iter().map(assumption).collect();
    view! {
        <section class="section" aria-labelledby="assumptions-heading">
            <h2 id="assumptions-heading">{text::result::ASSUMPTIONS}</h2>
            <ul class="assumptions" role="list">{items}</ul>
        </section>
    }
    .into_any()
}

fn assumption(assumption: &Assumption) -> AnyView {
    let origin = match assumption.source {
        Source::Given => text::origin::GIVEN,
        Source::Log => text::origin::LOG,
        Source::Default => text::origin::DEFAULT,
        Source::Computed => text::origin::COMPUTED,
    };
    let day = assumption.as_of.map(|day| day.to_string());
    let basis: Vec<String> =
        [Some(origin.to_string()), assumption.reference.clone(), day].into_iter().flatten().collect();
    view! {
        <li class="assumption">
            <p>{assumption.text.clone()}</p>
            <p class="assumption__basis">{basis.join(", ")}</p>
        </li>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::first_sentence;

    #[test]
    fn a_headline_splits_after_its_first_sentence() {
        let text = "It costs $36,000 a month, 3.0 times what you state. GPT-5 nano is cheaper. Ask e.g. us.";
        let (first, rest) = first_sentence(text);
        assert_eq!(first, "It costs $36,000 a month, 3.0 times what you state.");
        assert_eq!(rest, "GPT-5 nano is cheaper. Ask e.g. us.");
        assert_eq!(first_sentence("No end"), ("No end", ""));
        assert_eq!(first_sentence("Ends here."), ("Ends here.", ""));
    }
}
