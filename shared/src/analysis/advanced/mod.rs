//! Advanced: which share of each class of work goes to which model, at the least cost that keeps every limit.
//!
//! The facts become a routing problem ([`program`]), which is solved ([`solve`]) exactly along its path ([`sweep`]), or as
//! a mixed-integer linear program ([`linear`]) where the load of a model is limited: for the plan that is wanted
//! ([`choice`]) and for the whole front of good plans ([`front`]). The plan is then shaken ([`robust`]): other volumes,
//! errors of the scores, announced prices. If no plan keeps all limits, the one to relax is named.

mod charts;
mod choice;
mod front;
mod linear;
mod metrics;
mod program;
mod robust;
mod solve;
mod sweep;
#[cfg(test)]
mod tests;
mod words;

use super::Request;
use super::answer::{Answer, question};
use super::case::Case;
use crate::catalog::Catalog;
use crate::problem::Problem;
use crate::result::{AnalysisResult, Infeasible, Route};
use crate::workload::Source;
use choice::{Wish, choose, shadow_price};
use front::Front;
use program::{Limits, Plan, Program};
use solve::Solver;

/// Everything that was found out.
struct Solved<'a> {
    program: Program<'a>,
    limits: Limits,
    wish: Wish,
    front: Option<Front>,
    plan: Result<Plan, Infeasible>,
    /// Dollars a month for one more point of quality.
    shadow: Option<f64>,
    /// All of it on today's model, where that has a score.
    today: Option<Plan>,
}

pub(super) fn analyze(request: &Request<'_>, catalog: &Catalog) -> Result<AnalysisResult, Problem> {
    let mut answer = Answer::default();
    let case = Case::read(request, catalog, &mut answer)?;
    let program = Program::read(&case, &mut answer).filter(|p| !p.choices.is_empty());
    match program {
        Some(program) => {
            let solved = solve_all(&case, program, &mut answer);
            metrics::write(&case, &solved, &mut answer);
            words::write(&case, &solved, &mut answer);
            charts::write(&case, &solved, &mut answer);
        }
        None => unknown(&case, &mut answer),
    }
    questions(&case, &mut answer);
    Ok(answer.finish(request))
}

fn solve_all<'a>(case: &Case<'_>, program: Program<'a>, answer: &mut Answer) -> Solved<'a> {
    let w = case.workload;
    let floor = case.yard.as_ref().and_then(|yard| yard.floor);
    let todays = case.yard.as_ref().and_then(|yard| yard.today).map(|score| score.value);
    let wish = match (floor, w.budget_usd_per_month, todays) {
        (Some(floor), _, _) => Wish::Floor(floor),
        (None, Some(_), _) => Wish::Budget,
        (None, None, Some(today)) => {
            let text = "No least quality is given: the plan is not below today's model, as a mean over all requests.";
            answer.assume("quality_floor", Some(today), Source::Default, text);
            Wish::Floor(today)
        }
        (None, None, None) => {
            let text = "Neither a least quality nor a budget is given: the plan is the knee of the front, after which \
                        quality gets dear.";
            answer.assume("quality_floor", None, Source::Default, text);
            Wish::Knee
        }
    };
    let limits = Limits {
        quality: if let Wish::Floor(floor) = wish { Some(floor) } else { None },
        budget: w.budget_usd_per_month,
        class_floors: program.classes.iter().any(|c| c.floor.is_some()),
        rpm: w.rpm_limit,
        tpm: w.tpm_limit,
        vendors: w.vendors_max,
    };
    let mut solver = Solver::new(&program, &limits);
    let front = Front::sweep(&mut solver);
    let knee = front.as_ref().and_then(|f| f.plans.get(f.knee.unwrap_or(f.plans.len().saturating_sub(1))));
    let plan = match (wish, knee) {
        (Wish::Knee, Some(plan)) => Ok(plan.clone()),
        _ => choose(&mut solver, &limits, wish),
    };
    let shadow = plan.as_ref().ok().and_then(|plan| {
        let at = if let Wish::Floor(floor) = wish { floor } else { plan.quality };
        shadow_price(&mut solver, at, metrics::point(case).0)
    });
    let now = case.now.as_ref().map(|now| now.model);
    let today = program.choices.iter().position(|c| now.is_some_and(|now| std::ptr::eq(now, c.model)));
    let today = today.and_then(|m| program.all_on(m));
    if let Ok(plan) = &plan {
        answer.routing = routes(&program, plan);
    }
    answer.infeasible = plan.as_ref().err().cloned();
    if w.latency_target_ms.is_some() || w.classes.iter().any(|c| c.latency_target_ms.is_some()) {
        let text = "Latency targets are not applied: no current open data of the speed of hosted models exists.";
        answer.warn("latency_unknown", text);
    }
    Solved { program, limits, wish, front, plan, shadow, today }
}

/// The shares of a plan that are not nothing.
fn routes(program: &Program<'_>, plan: &Plan) -> Vec<Route> {
    let mut routes = Vec::new();
    for (class, row) in program.classes.iter().zip(&plan.shares) {
        for (choice, share) in program.choices.iter().zip(row).filter(|(_, share)| **share > 0.0) {
            routes.push(Route {
                class: class.name.clone(),
                model: choice.model.id.clone(),
                vendor: choice.model.vendor.clone(),
                share: *share,
            });
        }
    }
    routes
}

/// The answer while the problem cannot be set up.
fn unknown(case: &Case<'_>, answer: &mut Answer) {
    answer.headline =
        "Not enough is known for a plan: say how often each kind of work comes, and how many tokens go in \
                       and out."
            .into();
    answer.warn("missing_input", "A plan needs requests a day, input and output tokens of each class of work.");
    for (id, label, unit) in metrics::FIGURES {
        answer.metrics.push(super::answer::metric(id, label, unit, None, metrics::formula_of(id).into(), &case.source));
    }
}

fn questions(case: &Case<'_>, answer: &mut Answer) {
    let w = case.workload;
    if w.classes.is_empty() {
        for (name, known, text) in [
            ("requests_per_day", case.traffic.requests_per_day, "How many requests do you make a day?"),
            ("input_tokens", case.traffic.input, "How many input tokens does a request have on average?"),
            ("output_tokens", case.traffic.output, "How many output tokens does an answer have on average?"),
        ] {
            if known.is_none() {
                answer.ask(question(name, text));
            }
        }
    }
    if w.quality_floor.is_none() {
        let unit = case.yard.as_ref().map_or("points", |yard| yard.benchmark.unit.as_str());
        answer.ask(question("quality_floor", format!("What is the least mean quality that will do, in {unit}?")));
    }
    if w.budget_usd_per_month.is_none() {
        answer.ask(question("budget_usd_per_month", "What is the most you want to spend a month?"));
    }
    if w.task.is_none() {
        let asked = question("task", "What kind of work is it? It decides which benchmark measures the quality.");
        let tasks = ["chat", "coding", "agents", "extraction"];
        answer.ask(tasks.iter().fold(asked, |asked, task| asked.choice(*task, &[("task", (*task).into())])));
    }
}
