//! Cost: what the traffic costs at list price, whether that agrees with the bill, and what would cost less without
//! being worse.
//!
//! Data passes through in this order: facts and today's model ([`Case::read`]), the bill against the price list
//! ([`reconcile`]), every model of the catalog ([`options`]), the levers one by one and together ([`levers`]), what to
//! make of it ([`advice`]), pictures ([`charts`]), what is missing ([`questions`]).

mod advice;
mod assumptions;
pub(super) mod bill;
mod charts;
mod levers;
mod metrics;
mod options;
mod questions;
mod reconcile;
mod roadmap;
#[cfg(test)]
#[expect(clippy::float_cmp, reason = "what must be the very same number")]
mod tests;

use super::Request;
use super::answer::Answer;
use super::case::Case;
use crate::catalog::Catalog;
use crate::problem::Problem;
use crate::result::AnalysisResult;

pub(super) fn analyze(request: &Request<'_>, catalog: &Catalog) -> Result<AnalysisResult, Problem> {
    let mut answer = Answer::default();
    let case = Case::read(request, catalog, &mut answer)?;
    let gap = reconcile::gap(&case, &mut answer);
    let options = options::all(&case);
    metrics::write(&case, &options, &mut answer);
    advice::write(&case, &options, gap.as_ref(), &mut answer);
    charts::write(&case, &options, &mut answer);
    assumptions::write(&case, &mut answer);
    questions::write(&case, &mut answer);
    answer.options = options.into_iter().map(|ranked| *ranked.option).collect();
    Ok(answer.finish(request))
}
