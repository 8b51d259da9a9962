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

/// A problem that is solved again and again with other qualities and budgets.
pub(super) struct Solver<'p, 'a> {
    program: &'p Program<'a>,
    limits: Limits,
    sweep: Option<Sweep>,
    full: Full,
}

impl<'p, 'a> Solver<'p, 'a> {
    /// The problem within `limits`, whose quality and budget are set aside.
    pub(super) fn new(program: &'p Program<'a>, limits: &Limits) -> Self {
        let sweep = Sweep::new(program, limits.vendors, limits.class_floors);
        let limits = Limits { quality: None, budget: None, ..*limits };
        Self { program, limits, sweep, full: Full::new(program) }
    }

    /// The best plan of at least this mean quality within this budget; `None` if there is none.
    pub(super) fn solve(&mut self, quality: Option<f64>, budget: Option<f64>, goal: Goal) -> Option<Plan> {
        if self.program.classes.is_empty() || self.program.requests() <= 0.0 {
            return None;
        }
        let limits = Limits { quality, budget, ..self.limits };
        let Some(sweep) = self.sweep.as_ref().filter(|_| matches!(goal, Goal::Cost | Goal::Quality)) else {
            let all = vec![true; self.program.choices.len()];
            return linear::solve(self.program, &limits, goal, &all, &mut self.full);
        };
        // Without the limits of loads nothing is dearer or worse. So the sets of vendors are tried from the most
        // promising on, until no other can be better than the best plan that keeps the loads.
        let mut found: Option<Plan> = None;
        for bound in sweep.bounds(quality, budget, goal) {
            if found.as_ref().is_some_and(|plan| !better(goal, bound.reached, (plan.usd, plan.quality))) {
                break;
            }
            let plan = sweep.plan(self.program, &bound);
            let plan = if self.program.keeps_loads(&plan, &limits) {
                Some(plan)
            } else {
                let alone = Limits { vendors: None, ..limits };
                linear::solve(self.program, &alone, goal, sweep.choices(&bound), &mut self.full)
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
