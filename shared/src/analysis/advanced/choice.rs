//! Which plan of the front is wanted, and which limit is in the way if there is none.

use super::program::{Limits, Plan, Program};
use super::solve::{Goal, Solver, solve};
use crate::result::Infeasible;

/// What the plan is for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Wish {
    /// The least cost at this mean quality.
    Floor(f64),
    /// The most quality that the budget pays for.
    Budget,
    /// Neither is given: the knee of the front.
    Knee,
}

/// The plan, or the limit to relax.
pub(super) fn choose(solver: &mut Solver<'_, '_>, limits: &Limits, wish: Wish) -> Result<Plan, Infeasible> {
    let found = match wish {
        Wish::Floor(_) => solver.solve(limits.quality, limits.budget, Goal::Cost),
        Wish::Budget | Wish::Knee => solver.solve(limits.quality, limits.budget, Goal::Quality).and_then(|best| {
            // Of all plans of that quality, the cheapest; a hair less quality keeps the solver from ruling all out.
            let quality = best.quality - 1e-9 * best.quality.abs();
            solver.solve(Some(quality), limits.budget, Goal::Cost).or(Some(best))
        }),
    };
    found.ok_or_else(|| explain(solver.program, limits))
}

/// The first single limit, easiest to move first, without which there is a plan, and how far it must be moved.
fn explain(program: &Program<'_>, limits: &Limits) -> Infeasible {
    let named = |constraint: &str, needed: Option<f64>| Infeasible { constraint: constraint.into(), needed };
    let without = |limits: Limits, goal| solve(program, &limits, goal);
    if limits.budget.is_some()
        && let Some(plan) = without(Limits { budget: None, ..*limits }, Goal::Cost)
    {
        return named("budget_usd_per_month", Some(plan.usd));
    }
    for (name, by_tokens, goal, limit, open) in [
        ("tpm_limit", true, Goal::PeakTokens, limits.tpm, Limits { tpm: None, ..*limits }),
        ("rpm_limit", false, Goal::PeakRequests, limits.rpm, Limits { rpm: None, ..*limits }),
    ] {
        if limit.is_some()
            && let Some(plan) = without(open, goal)
        {
            return named(name, Some(program.busiest(&plan, by_tokens)));
        }
    }
    if let Some(most) = limits.vendors {
        let more = (most as usize + 1)..=program.vendors.len();
        let enough =
            more.map(|k| k as f64).find(|k| without(Limits { vendors: Some(*k), ..*limits }, Goal::Cost).is_some());
        if let Some(needed) = enough {
            return named("vendors_max", Some(needed));
        }
    }
    if limits.quality.is_some()
        && let Some(plan) = without(Limits { quality: None, ..*limits }, Goal::Quality)
    {
        return named("quality_floor", Some(plan.quality));
    }
    if limits.class_floors && without(Limits { class_floors: false, ..*limits }, Goal::Cost).is_some() {
        let best = |i: usize| {
            let possible = program.usd[i].iter().zip(&program.choices).filter(|(usd, _)| usd.is_some());
            possible.map(|(_, choice)| choice.quality).fold(f64::NEG_INFINITY, f64::max)
        };
        let lacking =
            (0..program.classes.len()).find(|&i| program.classes[i].floor.is_some_and(|floor| floor > best(i)));
        let i = lacking.unwrap_or(0);
        return named(&format!("classes[{i}].quality_floor"), lacking.map(best).filter(|q| q.is_finite()));
    }
    if program.usd.iter().any(|row| row.iter().all(Option::is_none)) {
        return named("context_tokens", None);
    }
    named("quality_floor", None)
}

/// The extra dollars a month for `point` more quality than `at`; `None` if that much cannot be reached.
pub(super) fn shadow_price(solver: &mut Solver<'_, '_>, at: f64, point: f64) -> Option<f64> {
    let mut cost = |quality: f64| solver.solve(Some(quality), None, Goal::Cost);
    let (now, more) = (cost(at)?, cost(at + point)?);
    Some((more.usd - now.usd).max(0.0))
}
