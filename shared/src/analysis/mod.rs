//! Workload to answer: pure arithmetic with sources. No clock, no I/O, no randomness: the same on the server and in
//! the page.
//!
//! [`analyze`] checks the workload, hands it to the file of its category, and shapes the answer for the format asked
//! for. A category reads the facts ([`traffic`]), computes, and writes what it finds into an [`answer::Answer`]:
//! figures with formula and source, options, assumptions for whatever it took for granted, questions for whatever is
//! missing and matters.

mod advanced;
mod answer;
mod case;
mod cost;
mod latency;
mod load;
mod observed;
mod offers;
mod pareto;
#[cfg(test)]
mod properties;
mod quality;
mod scaling;
mod selection;
mod spend;
mod tell;
mod traffic;

pub mod math;

pub use observed::Observed;

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

/// Computes the answer. It is total: whatever the facts, it ends with an answer or a problem, and every number in an
/// answer is finite.
///
/// # Errors
/// `invalid` with fields for impossible input, `unknown_model` for a model that the catalog lacks, `unknown_category`
/// for a category that is not built.
pub fn analyze(request: &Request<'_>, catalog: &Catalog) -> Result<AnalysisResult, Problem> {
    analyze_with(request, catalog, None)
}

/// The same for every category but [`Category::Advanced`], so that a program that does not need the optimiser does not
/// contain it: it weighs as much as everything else here, and the page loads it only when it is used.
///
/// # Errors
/// Those of [`analyze`]; `unknown_category` for a plan.
pub fn analyze_formulas(request: &Request<'_>, catalog: &Catalog) -> Result<AnalysisResult, Problem> {
    let no_optimiser: Plan = |_, _| Err(Problem::new(Code::UnknownCategory, "There is no optimiser here."));
    run(request, catalog, None, no_optimiser)
}

/// The same with the times of a request log, which are replayed where a formula would only be an approximation.
///
/// # Errors
/// Those of [`analyze`].
pub fn analyze_with(
    request: &Request<'_>,
    catalog: &Catalog,
    observed: Option<&Observed>,
) -> Result<AnalysisResult, Problem> {
    run(request, catalog, observed, advanced::analyze)
}

/// How a plan is made.
type Plan = fn(&Request<'_>, &Catalog) -> Result<AnalysisResult, Problem>;

fn run(
    request: &Request<'_>,
    catalog: &Catalog,
    observed: Option<&Observed>,
    plan: Plan,
) -> Result<AnalysisResult, Problem> {
    let errors = request.workload.errors();
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    let mut result = match request.category {
        Category::Cost => cost::analyze(request, catalog),
        Category::Selection => selection::analyze(request, catalog),
        Category::Latency => Ok(latency::analyze(request, catalog, observed)),
        Category::Scaling => Ok(scaling::analyze(request, catalog, observed)),
        Category::Advanced => plan(request, catalog),
    }?;
    tell::shape(&mut result);
    Ok(result)
}
