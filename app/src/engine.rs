//! The reading of text and the engine, in files of their own that the browser loads when they are first used, so that
//! the page itself stays light.

use std::sync::Arc;

use leptos::wasm_split::{SplitLoaderError, wasm_split};
use shared::analysis::{analyze, analyze_formulas};
use shared::catalog::Catalog;
use shared::date::Date;
use shared::extract::{Extraction, extract};
use shared::message::Category;
use shared::problem::{Code, Problem};
use shared::result::AnalysisResult;

use crate::text;
use crate::workbench::{self, Edits};

/// Why there is no answer.
pub(crate) struct NoAnswer(pub(crate) Problem);

impl From<SplitLoaderError> for NoAnswer {
    fn from(_: SplitLoaderError) -> Self {
        Self(Problem::new(Code::Busy, text::problem::NOT_LOADED))
    }
}

/// The facts in a text.
///
/// # Errors
/// The file could not be loaded; the next call tries again.
#[wasm_split(read, wasm_split_path = ::leptos::wasm_split, fallible)]
#[allow(clippy::unnecessary_wraps, reason = "the file may not be there, which only the browser sees")]
pub(crate) fn read(content: String) -> Result<Extraction, NoAnswer> {
    Ok(extract(&content))
}

/// The answer with the edits put in. The optimiser is in a file of its own, which only a plan loads.
///
/// # Errors
/// The files could not be loaded, or what the engine says about the changed facts.
pub(crate) async fn recompute(
    base: Arc<AnalysisResult>,
    edits: Edits,
    catalog: Arc<Catalog>,
    today: Date,
) -> Result<AnalysisResult, NoAnswer> {
    if workbench::category_of(&base, &edits) == Category::Advanced {
        plan(base, edits, catalog, today).await
    } else {
        formulas(base, edits, catalog, today).await
    }
}

#[wasm_split(formulas, wasm_split_path = ::leptos::wasm_split, fallible)]
fn formulas(
    base: Arc<AnalysisResult>,
    edits: Edits,
    catalog: Arc<Catalog>,
    today: Date,
) -> Result<AnalysisResult, NoAnswer> {
    workbench::recompute(&base, &edits, &catalog, today, analyze_formulas).map_err(NoAnswer)
}

#[wasm_split(plan, wasm_split_path = ::leptos::wasm_split, fallible)]
fn plan(
    base: Arc<AnalysisResult>,
    edits: Edits,
    catalog: Arc<Catalog>,
    today: Date,
) -> Result<AnalysisResult, NoAnswer> {
    workbench::recompute(&base, &edits, &catalog, today, analyze).map_err(NoAnswer)
}
