//! Model selection: which model fits this work, at what cost and quality, and how sure that is.
//!
//! Every model of the catalog is priced on this request and measured on the benchmark that fits the task. Hard needs
//! (context, least quality, budget) sort out; the rest is ranked ([`ranking`]) by cost and quality together, with the
//! share of all weightings in which each wins. A model that nobody has measured is listed, never ranked.

mod charts;
mod metrics;
mod ranking;
#[cfg(test)]
mod tests;
mod words;

use super::Request;
use super::answer::{Answer, question};
use super::case::Case;
use crate::catalog::Catalog;
use crate::format::count;
use crate::message::Task;
use crate::problem::Problem;
use crate::result::AnalysisResult;
use crate::workload::{Source, Workload};

/// Mean tokens of a request of conversations and of code completion in a production trace.
const SHAPE_CHAT: (f64, f64) = (1_155.0, 211.0);
const SHAPE_CODE: (f64, f64) = (2_048.0, 28.0);
const SHAPE_SOURCE: &str = "Azure LLM inference trace of November 2023 (Azure/AzurePublicDataset, CC-BY 4.0)";

pub(super) fn analyze(request: &Request<'_>, catalog: &Catalog) -> Result<AnalysisResult, Problem> {
    let mut answer = Answer::default();
    let shaped = with_shape(request.workload, &mut answer);
    let case = Case::read(&Request { workload: &shaped, ..request.clone() }, catalog, &mut answer)?;
    let ranking = ranking::rank(&case, &mut answer);
    metrics::write(&case, &ranking, &mut answer);
    words::write(&case, &ranking, &mut answer);
    charts::write(&case, &ranking, &mut answer);
    questions(&case, &mut answer);
    answer.options = ranking.offers.into_iter().map(|ranked| *ranked.option).collect();
    Ok(answer.finish(request))
}

/// The workload with the size of a usual request where none is given: models can be compared on it, and it is named.
fn with_shape(workload: &Workload, answer: &mut Answer) -> Workload {
    let mut shaped = workload.clone();
    if !workload.classes.is_empty() || (workload.input_tokens.is_some() && workload.output_tokens.is_some()) {
        return shaped;
    }
    let (input, output) = if workload.task == Some(Task::Coding) { SHAPE_CODE } else { SHAPE_CHAT };
    for (name, label, value, field) in [
        ("input_tokens", "input", input, &mut shaped.input_tokens),
        ("output_tokens", "output", output, &mut shaped.output_tokens),
    ] {
        if field.is_none() {
            *field = Some(value);
            let text = format!("{} {label} tokens a request, the mean of a production trace.", count(value));
            answer.assume(name, Some(value), Source::Default, text);
            answer.citing(SHAPE_SOURCE);
            answer.ask(question(name, format!("How many {label} tokens does a request have on average?")));
        }
    }
    shaped
}

fn questions(case: &Case<'_>, answer: &mut Answer) {
    let w = case.workload;
    if w.task.is_none() {
        let asked = question("task", "What kind of work is it? It decides which benchmark measures the quality.");
        let tasks = ["chat", "coding", "agents", "extraction"];
        answer.ask(tasks.iter().fold(asked, |asked, task| asked.choice(*task, &[("task", (*task).into())])));
    }
    if case.now.is_none() {
        answer.ask(question("model", "Which model do you use today, to compare with?"));
    }
    if w.quality_floor.is_none() && case.yard.is_some() {
        let unit = case.yard.as_ref().map_or("", |yard| yard.benchmark.unit.as_str());
        answer.ask(question("quality_floor", format!("What is the least quality that will do, in {unit}?")));
    }
    if case.requests_per_month.is_none() {
        answer.ask(question("requests_per_day", "How many requests do you make a day?"));
    }
}
