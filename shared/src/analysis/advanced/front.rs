//! All good plans: the least cost for each quality, from the cheapest plan to the best.

use super::program::Plan;
use super::solve::{Goal, Solver};
use crate::analysis::math::hypervolume::{hypervolume, knee};

/// How many qualities between the ends are solved for (epsilon-constraint method, Haimes 1971).
const STEPS: u32 = 28;
/// How far the reference point lies beyond the ends of the front, as a share of its range.
const MARGIN: f64 = 0.1;

/// The front, in rising cost and quality.
pub(super) struct Front {
    /// The plans.
    pub(super) plans: Vec<Plan>,
    /// The point of high cost and low quality that the hypervolume is measured from.
    pub(super) reference: (f64, f64),
    /// The area between front and reference, in dollars a month times points.
    pub(super) hypervolume: f64,
    /// The place of the plan after which quality gets dear.
    pub(super) knee: Option<usize>,
}

impl Front {
    /// The front within the limits of the solver; `None` if no plan keeps them.
    pub(super) fn sweep(solver: &mut Solver<'_, '_>) -> Option<Self> {
        let cheapest = solver.solve(None, None, Goal::Cost)?;
        let best = solver.solve(None, None, Goal::Quality)?;
        let mut plans = vec![cheapest];
        let (low, high) = (plans[0].quality, best.quality);
        for step in 1..=STEPS {
            let quality = low + (high - low) * f64::from(step) / f64::from(STEPS);
            plans.extend(solver.solve(Some(quality), None, Goal::Cost));
        }
        plans.push(best);
        plans.sort_by(|a, b| a.usd.total_cmp(&b.usd).then(b.quality.total_cmp(&a.quality)));
        let plans = undominated(plans, high - low);
        let points: Vec<(f64, f64)> = plans.iter().map(|p| (p.usd, p.quality)).collect();
        let (first, last) = (points.first()?, points.last()?);
        let beyond = |range: f64, size: f64| MARGIN * if range > 0.0 { range } else { size.abs().max(1.0) };
        let reference = (last.0 + beyond(last.0 - first.0, last.0), first.1 - beyond(last.1 - first.1, first.1));
        let hypervolume = hypervolume(&points, reference);
        let knee = knee(&points);
        Some(Self { plans, reference, hypervolume, knee })
    }
}

/// The plans of a list in rising cost that are better than all cheaper ones, beyond the rounding of the solver.
fn undominated(plans: Vec<Plan>, range: f64) -> Vec<Plan> {
    let step = 1e-7 * range.max(1e-9);
    let mut kept: Vec<Plan> = Vec::with_capacity(plans.len());
    for plan in plans {
        if kept.last().is_none_or(|last| plan.quality > last.quality + step) {
            kept.push(plan);
        }
    }
    kept
}
