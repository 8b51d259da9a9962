//! The best plan within limits: by the exact path where that is known to hold, else by the linear program.

use super::linear::{self, Full};
use super::program::{Limits, Plan, Program};
use super::sweep::Sweep;

/// What is made as small, or as large, as can be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Goal {
    /// Least dollars.
    Cost,
    /// Most quality.
    Quality,
    /// Least peak requests a minute of the busiest model.
    PeakRequests,
    /// Least peak tokens a minute of the busiest model.
    PeakTokens,
}

/// The rounding of the solver, by which a bound may be off.
const HAIR: f64 = 1e-7;

/// A problem that is solved again and again with other qualities and budgets.
pub(super) struct Solver<'p, 'a> {
    pub(super) program: &'p Program<'a>,
    limits: Limits,
    sweep: Option<Sweep>,
    full: Full,
    /// What linear programs have found for each path of the sweep.
    known: Vec<Known>,
}

/// What is known of the least cost on one set of vendors, which is convex in the quality.
#[derive(Clone, Default)]
struct Known {
    /// Quality and dollars of the plans that were found, in rising quality.
    plans: Vec<(f64, f64)>,
    /// A quality that cannot be had.
    never: Option<f64>,
}

impl Known {
    fn learn(&mut self, quality: f64, plan: Option<&Plan>) {
        let Some(plan) = plan else {
            self.never = Some(self.never.map_or(quality, |never| never.min(quality)));
            return;
        };
        let place = self.plans.partition_point(|(known, _)| *known < plan.quality);
        if self.plans.get(place).is_none_or(|(known, _)| *known > plan.quality) {
            self.plans.insert(place, (plan.quality, plan.usd));
        }
    }

    /// A cost that a plan of this quality has at least; infinite where there is none.
    fn least(&self, quality: f64) -> f64 {
        if self.never.is_some_and(|never| quality >= never) {
            return f64::INFINITY;
        }
        let (below, above) = self.plans.split_at(self.plans.partition_point(|(known, _)| *known <= quality));
        // A convex function lies above the line through two of its points, outside of them.
        // The closer they are, the more the solver's rounding tilts the line.
        let line = |a: (f64, f64), b: (f64, f64)| {
            let reach = (quality - a.0) / (b.0 - a.0);
            a.1 + (b.1 - a.1) * reach - HAIR * (1.0 + reach.abs()) * (a.1 + b.1)
        };
        let from_below = match below {
            [.., a, b] => line(*a, *b),
            [b] => b.1,
            [] => 0.0,
        };
        if let [a, b, ..] = above { from_below.max(line(*a, *b)) } else { from_below }
    }
}

impl<'p, 'a> Solver<'p, 'a> {
    /// The problem within `limits`, whose quality and budget are set aside.
    pub(super) fn new(program: &'p Program<'a>, limits: &Limits) -> Self {
        let sweep = Sweep::new(program, limits.vendors, limits.class_floors);
        let limits = Limits { quality: None, budget: None, ..*limits };
        let known = vec![Known::default(); sweep.as_ref().map_or(0, Sweep::paths)];
        Self { program, limits, sweep, full: Full::new(program), known }
    }

    /// The best plan of at least this mean quality within this budget; `None` if there is none.
    pub(super) fn solve(&mut self, quality: Option<f64>, budget: Option<f64>, goal: Goal) -> Option<Plan> {
        if self.program.classes.is_empty() || self.program.requests() <= 0.0 {
            return None;
        }
        if goal == Goal::Cost && budget.is_some() {
            return self.solve(quality, None, goal).filter(|plan| budget.is_none_or(|budget| plan.usd <= budget));
        }
        let limits = Limits { quality, budget, ..self.limits };
        let Some(sweep) = self.sweep.as_ref().filter(|_| matches!(goal, Goal::Cost | Goal::Quality)) else {
            let all = vec![true; self.program.choices.len()];
            return linear::solve(self.program, &limits, goal, &all, &mut self.full);
        };
        // Without the limits of loads nothing is dearer or worse. So the sets of vendors are tried from the most
        // promising on, until no other can be better than the best plan that keeps the loads.
        let mut bounds = sweep.bounds(quality, budget, goal);
        let asked = quality.unwrap_or(f64::NEG_INFINITY);
        if goal == Goal::Cost {
            for bound in &mut bounds {
                let least = self.known[bound.path].least(asked);
                bound.reached.0 = bound.reached.0.max(least * (1.0 - HAIR));
            }
            bounds.sort_by(|a, b| a.reached.0.total_cmp(&b.reached.0));
        }
        let mut found: Option<Plan> = None;
        for bound in bounds.into_iter().take_while(|bound| bound.reached.0 < f64::INFINITY) {
            if found.as_ref().is_some_and(|plan| !better(goal, bound.reached, (plan.usd, plan.quality))) {
                break;
            }
            let plan = sweep.plan(self.program, &bound);
            let plan = if self.program.keeps_loads(&plan, &limits) {
                Some(plan)
            } else {
                let alone = Limits { vendors: None, ..limits };
                let plan = linear::solve(self.program, &alone, goal, sweep.choices(&bound), &mut self.full);
                if goal == Goal::Cost {
                    self.known[bound.path].learn(asked, plan.as_ref());
                }
                plan
            };
            if let Some(plan) = plan
                && found.as_ref().is_none_or(|f| better(goal, (plan.usd, plan.quality), (f.usd, f.quality)))
            {
                found = Some(plan);
            }
        }
        found
    }
}

/// Whether a plan of these dollars and quality is better than another.
pub(super) fn better(goal: Goal, a: (f64, f64), b: (f64, f64)) -> bool {
    match goal {
        Goal::Quality => a.1 > b.1 || a.1 >= b.1 && a.0 < b.0,
        _ => a.0 < b.0,
    }
}

/// The best plan within `limits`; `None` if there is none.
pub(super) fn solve(program: &Program<'_>, limits: &Limits, goal: Goal) -> Option<Plan> {
    Solver::new(program, limits).solve(limits.quality, limits.budget, goal)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(plans: &[(f64, f64)]) -> Known {
        let mut known = Known::default();
        for (quality, usd) in plans {
            known.learn(*quality, Some(&Plan { shares: Vec::new(), usd: *usd, quality: *quality }));
        }
        known
    }

    #[test]
    fn a_convex_cost_is_bounded_from_both_sides() {
        // usd = quality²
        let known = known(&[(1.0, 1.0), (2.0, 4.0), (5.0, 25.0), (6.0, 36.0)]);
        for (quality, bound) in [(0.5, 0.0), (3.0, 7.0), (4.0, 14.0), (7.0, 47.0)] {
            assert!((known.least(quality) - bound).abs() < 1e-4, "{quality}: {}", known.least(quality));
            assert!(known.least(quality) <= quality * quality);
        }
    }

    #[test]
    fn two_plans_apart_by_rounding_bound_nothing() {
        let known = known(&[(1_400.0, 1e5), (1_400.0 + 1e-9, 1e5 + 1e-3)]);
        assert!(known.least(1_450.0) <= 1e5);
    }

    #[test]
    fn what_cannot_be_had_is_remembered() {
        let mut known = known(&[(1.0, 1.0)]);
        known.learn(3.0, None);
        assert_eq!((known.least(2.0).is_finite(), known.least(3.0)), (true, f64::INFINITY));
    }
}
