//! Workload to answer: pure arithmetic with sources.

pub mod math;

use crate::catalog::Catalog;
use crate::date::Date;
use crate::message::{Category, Format};
use crate::problem::{Code, Problem};
use crate::result::AnalysisResult;
use crate::workload::{Provenances, Workload};

/// What to analyse.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// The question.
    pub category: Category,
    /// The facts.
    pub workload: &'a Workload,
    /// Where they came from; a field without an entry counts as given.
    pub provenance: &'a Provenances,
    /// How to tell the answer.
    pub format: Format,
    /// The day for prices where the workload names none.
    pub today: Date,
}

/// Computes the answer.
///
/// # Errors
/// `invalid` with fields for impossible input, `unknown_model` for a model that the catalog lacks.
pub fn analyze(request: &Request<'_>, catalog: &Catalog) -> Result<AnalysisResult, Problem> {
    let _ = (request, catalog);
    Err(Problem::new(Code::Internal, "not built"))
}
