//! The reading of text and the engine, in files of their own that the browser loads when they are first used, so that
//! the page itself stays light.

use std::sync::Arc;

use leptos::prelude::*;
use shared::catalog::Catalog;
use shared::date::Date;
use shared::extract::{Extraction, extract};
use shared::problem::Problem;
use shared::result::AnalysisResult;

use crate::workbench::{self, Edits};

/// The facts in a text.
#[lazy]
pub(crate) fn read(content: String) -> Extraction {
    extract(&content)
}

/// The answer with the edits put in.
#[lazy]
pub(crate) fn recompute(
    base: Arc<AnalysisResult>,
    edits: Edits,
    catalog: Arc<Catalog>,
    today: Date,
) -> Result<AnalysisResult, Problem> {
    workbench::recompute(&base, &edits, &catalog, today)
}
