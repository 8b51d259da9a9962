//! The routing problem as a mixed-integer linear program.
//!
//! For class i of n requests and model m: share x, cost c, quality q.
//!
//! ```text
//! minimise   Σ n[i]·c[i,m]·x[i,m]              or maximise Σ n[i]·q[m]·x[i,m]
//! subject to Σ_m x[i,m] = 1                    all of a class is answered
//!            Σ n[i]·q[m]·x[i,m] ≥ Q·Σ n[i]     least mean quality, also by class
//!            Σ n[i]·c[i,m]·x[i,m] ≤ B          budget
//!            Σ_i peak[i]·tokens[i]·x[i,m] ≤ T  tokens (and requests) a minute of each model
//!            Σ_{m of v} x[i,m] ≤ z[v], Σ z ≤ K at most K vendors, with z[v] in {0, 1}
//! ```
//!
//! Costs and qualities are scaled to about 1, as solvers compare with fixed tolerances.

use good_lp::{Expression, ProblemVariables, Solution, SolverModel, Variable, constraint, microlp, variable};

use super::program::{Limits, Plan, Program};

/// A share below this is rounding of the solver.
const DUST: f64 = 1e-9;

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

/// The best plan within `limits`; `None` if there is none.
pub(super) fn solve(program: &Program<'_>, limits: &Limits, goal: Goal) -> Option<Plan> {
    if program.classes.is_empty() || program.requests() <= 0.0 {
        return None;
    }
    let mut vars = ProblemVariables::new();
    let allowed = candidates(program, limits, goal);
    let x: Vec<Vec<Option<Variable>>> = allowed
        .iter()
        .map(|row| row.iter().map(|ok| ok.then(|| vars.add(variable().min(0).max(1)))).collect())
        .collect();
    if x.iter().any(|row| row.iter().all(Option::is_none)) {
        return None;
    }
    let switches: Vec<Variable> = match limits.vendors {
        Some(_) => program.vendors.iter().map(|_| vars.add(variable().binary())).collect(),
        None => Vec::new(),
    };
    let busiest = vars.add(variable().min(0));
    let form = Form::new(program, &x);
    let objective = match goal {
        Goal::Cost => form.cost(),
        Goal::Quality => -form.quality(),
        Goal::PeakRequests | Goal::PeakTokens => Expression::from(busiest),
    };
    let mut model = vars.minimise(objective).using(microlp);
    for row in &x {
        let all: Expression = row.iter().flatten().sum();
        model = model.with(constraint!(all == 1));
    }
    if let Some(least) = limits.quality {
        model = model.with(constraint!(form.quality() >= form.scaled_quality(least)));
    }
    if let Some(most) = limits.budget {
        model = model.with(constraint!(form.cost() <= most / form.usd_scale));
    }
    for (i, class) in program.classes.iter().enumerate().filter(|_| limits.class_floors) {
        if let Some(least) = class.floor {
            model = model.with(constraint!(form.quality_of(i) >= form.scaled_quality(least)));
        }
    }
    for (most, by_tokens, aimed) in
        [(limits.rpm, false, goal == Goal::PeakRequests), (limits.tpm, true, goal == Goal::PeakTokens)]
    {
        for m in 0..program.choices.len() {
            let (load, scale) = form.peak(m, by_tokens);
            if aimed {
                model = model.with(constraint!(load <= busiest));
            } else if let Some(most) = most {
                model = model.with(constraint!(load <= most / scale));
            }
        }
    }
    if let Some(most) = limits.vendors {
        for row in &x {
            for (vendor, switch) in program.vendors.iter().zip(&switches) {
                let of_vendor = row.iter().zip(&program.choices).filter(|(_, c)| c.model.vendor == *vendor);
                let used: Expression = of_vendor.filter_map(|(x, _)| *x).sum();
                model = model.with(constraint!(used <= *switch));
            }
        }
        let on: Expression = switches.iter().sum();
        model = model.with(constraint!(on <= most.floor()));
    }
    let solution = model.solve().ok()?;
    let value = |x: &Option<Variable>| x.map_or(0.0, |x| solution.value(x));
    Some(program.plan(x.iter().map(|row| cleaned(row.iter().map(value).collect())).collect()))
}

/// Shares without the dust of the solver.
fn cleaned(mut shares: Vec<f64>) -> Vec<f64> {
    for share in &mut shares {
        *share = if *share < DUST { 0.0 } else { share.min(1.0) };
    }
    let sum: f64 = shares.iter().sum();
    if sum > 0.0 { shares.iter().map(|share| share / sum).collect() } else { shares }
}

/// Which choices each class may use. Where no load of a model is limited, one that is dearer and no better than another
/// of the same vendor can never help.
fn candidates(program: &Program<'_>, limits: &Limits, goal: Goal) -> Vec<Vec<bool>> {
    let loads = limits.rpm.is_some() || limits.tpm.is_some() || matches!(goal, Goal::PeakRequests | Goal::PeakTokens);
    let beaten = |row: &[Option<f64>], m: usize, cost: f64| {
        row.iter().zip(&program.choices).enumerate().any(|(other, (usd, choice))| {
            let mine = &program.choices[m];
            let same = limits.vendors.is_none() || choice.model.vendor == mine.model.vendor;
            let Some(usd) = usd.filter(|_| same && other != m) else { return false };
            let as_good = usd <= cost && choice.quality >= mine.quality;
            let better = usd < cost || choice.quality > mine.quality || other < m;
            as_good && better
        })
    };
    let keep = |row: &Vec<Option<f64>>| {
        let allowed = |m: usize| row[m].is_some_and(|cost| loads || !beaten(row, m, cost));
        (0..row.len()).map(allowed).collect()
    };
    program.usd.iter().map(keep).collect()
}

/// The linear forms of the problem, scaled.
struct Form<'a, 'p> {
    program: &'a Program<'p>,
    x: &'a [Vec<Option<Variable>>],
    usd_scale: f64,
    worst: f64,
    range: f64,
}

impl<'a, 'p> Form<'a, 'p> {
    fn new(program: &'a Program<'p>, x: &'a [Vec<Option<Variable>>]) -> Self {
        let dearest = |row: &Vec<Option<f64>>| row.iter().flatten().copied().fold(0.0, f64::max);
        let usd: f64 =
            program.classes.iter().zip(&program.usd).map(|(c, row)| c.requests_per_month * dearest(row)).sum();
        let qualities = || program.choices.iter().map(|c| c.quality);
        let (worst, best) = (qualities().fold(f64::INFINITY, f64::min), qualities().fold(f64::NEG_INFINITY, f64::max));
        let positive = |v: f64| if v > 0.0 && v.is_finite() { v } else { 1.0 };
        Self { program, x, usd_scale: positive(usd), worst, range: positive(best - worst) }
    }

    fn cost(&self) -> Expression {
        let rows = self.program.classes.iter().zip(self.x).zip(&self.program.usd);
        rows.flat_map(|((class, row), usd)| row.iter().zip(usd).map(move |cell| (class.requests_per_month, cell)))
            .filter_map(|(requests, (x, usd))| Some((*x)? * (requests * (*usd)? / self.usd_scale)))
            .sum()
    }

    fn scaled_quality(&self, quality: f64) -> f64 {
        (quality - self.worst) / self.range
    }

    /// The mean quality of class `i`.
    fn quality_of(&self, i: usize) -> Expression {
        let row = self.x[i].iter().zip(&self.program.choices);
        row.filter_map(|(x, choice)| Some((*x)? * self.scaled_quality(choice.quality))).sum()
    }

    /// The mean quality of all requests.
    fn quality(&self) -> Expression {
        let all = self.program.requests();
        let weights = self.program.classes.iter().map(|class| class.requests_per_month / all);
        weights.enumerate().map(|(i, weight)| self.quality_of(i) * weight).sum()
    }

    /// The peak load of choice `m` a minute, and the scale it is in.
    fn peak(&self, m: usize, by_tokens: bool) -> (Expression, f64) {
        let size = |i: usize| if by_tokens { self.program.tokens(i) } else { 1.0 };
        let per_minute = |i: usize| self.program.classes[i].requests_per_month * self.program.peak_per_minute * size(i);
        let scale: f64 = (0..self.x.len()).map(per_minute).sum();
        let scale = if scale > 0.0 && scale.is_finite() { scale } else { 1.0 };
        let load = (0..self.x.len()).filter_map(|i| Some(self.x[i][m]? * (per_minute(i) / scale))).sum();
        (load, scale)
    }
}

/// Requests or tokens a minute of the busiest model under `plan`.
pub(super) fn peak_of(program: &Program<'_>, plan: &Plan, by_tokens: bool) -> f64 {
    let load = |m: usize| -> f64 {
        let of_class = |(i, row): (usize, &Vec<f64>)| {
            let size = if by_tokens { program.tokens(i) } else { 1.0 };
            program.classes[i].requests_per_month * program.peak_per_minute * size * row[m]
        };
        plan.shares.iter().enumerate().map(of_class).sum()
    };
    (0..program.choices.len()).map(load).fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use good_lp::{Solution, SolverModel, constraint, microlp, variables};

    /// Hillier and Lieberman, *Introduction to Operations Research*, the Wyndor Glass example.
    #[test]
    fn wyndor_glass_makes_36_at_2_and_6() {
        variables! { vars: x >= 0; y >= 0; }
        let solved = vars
            .maximise(3 * x + 5 * y)
            .using(microlp)
            .with(constraint!(x <= 4))
            .with(constraint!(2 * y <= 12))
            .with(constraint!(3 * x + 2 * y <= 18))
            .solve()
            .unwrap();
        let (x, y) = (solved.value(x), solved.value(y));
        assert!((x - 2.0).abs() < 1e-9 && (y - 6.0).abs() < 1e-9);
        assert!((3.0 * x + 5.0 * y - 36.0).abs() < 1e-9);
    }
}
