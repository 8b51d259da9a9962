//! Workload to answer: pure arithmetic with sources. No clock, no I/O, no randomness: the same on the server and in
//! the page.
//!
//! [`analyze`] checks the workload, hands it to the file of its category, and shapes the answer for the format asked
//! for. A category reads the facts ([`traffic`]), computes, and writes what it finds into an [`answer::Answer`]:
//! figures with formula and source, options, assumptions for whatever it took for granted, questions for whatever is
//! missing and matters.

#[cfg(feature = "optimiser")]
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
#[cfg(not(feature = "optimiser"))]
use crate::problem::Code;
use crate::problem::Problem;
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

/// Whether this build can compute answers of `category`: the page leaves the optimiser out and asks the server.
pub const fn runs_here(category: Category) -> bool {
    cfg!(feature = "optimiser") || !matches!(category, Category::Advanced)
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

/// The same with the times of a request log, which are replayed where a formula would only be an approximation.
///
/// # Errors
/// Those of [`analyze`].
pub fn analyze_with(
    request: &Request<'_>,
    catalog: &Catalog,
    observed: Option<&Observed>,
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
        #[cfg(feature = "optimiser")]
        Category::Advanced => advanced::analyze(request, catalog),
        #[cfg(not(feature = "optimiser"))]
        Category::Advanced => {
            let text = "A plan over several models is computed on the server: send the message again.";
            Err(Problem::new(Code::UnknownCategory, text))
        }
    }?;
    tell::shape(&mut result);
    Ok(result)
}
