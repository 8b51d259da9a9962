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

use good_lp::{
    Constraint, Expression, ProblemVariables, Solution, SolverModel, Variable, constraint, microlp, variable,
};

use super::program::{Limits, Plan, Program};
use super::solve::Goal;

/// A share below this is rounding of the solver.
const DUST: f64 = 1e-9;

/// Limits of loads that a plan was found to break: by choice, of requests and of tokens.
pub(super) struct Full(Vec<[bool; 2]>);

impl Full {
    /// None yet.
    pub(super) fn new(program: &Program<'_>) -> Self {
        Self(vec![[false; 2]; program.choices.len()])
    }

    /// Adds the limits that `plan` breaks; `false` if it keeps them all.
    fn add(&mut self, program: &Program<'_>, limits: &Limits, plan: &Plan) -> bool {
        let mut added = false;
        for (m, full) in self.0.iter_mut().enumerate() {
            for (limit, by_tokens) in [(limits.rpm, false), (limits.tpm, true)] {
                let full = &mut full[usize::from(by_tokens)];
                if !*full && limit.is_some_and(|most| program.overloads(plan, m, by_tokens, most)) {
                    *full = true;
                    added = true;
                }
            }
        }
        added
    }
}

/// The best plan within `limits` on the choices that are `on`; `None` if there is none. Few models are ever full, so
/// only the loads of those in `full` are limited, and more are added until the plan keeps all limits.
pub(super) fn solve(program: &Program<'_>, limits: &Limits, goal: Goal, on: &[bool], full: &mut Full) -> Option<Plan> {
    loop {
        let plan = solve_within(program, limits, goal, on, full)?;
        if matches!(goal, Goal::PeakRequests | Goal::PeakTokens) || !full.add(program, limits, &plan) {
            return Some(plan);
        }
    }
}

fn solve_within(program: &Program<'_>, limits: &Limits, goal: Goal, on: &[bool], full: &Full) -> Option<Plan> {
    let mut vars = ProblemVariables::new();
    let allowed = candidates(program, limits, goal, on);
    let x: Vec<Vec<Option<Variable>>> =
        allowed.iter().map(|row| row.iter().map(|ok| ok.then(|| vars.add(variable().min(0)))).collect()).collect();
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
    let mut rows = form.mixes(limits);
    rows.extend(form.loads(limits, goal, busiest, full));
    if let Some(most) = limits.vendors {
        rows.extend(form.vendors(most, &switches));
    }
    let model = rows.into_iter().fold(vars.minimise(objective).using(microlp), SolverModel::with);
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

/// Which choices each class may use. A choice that is dearer and no better than others of the same vendor can only help
/// where all of those are full, and only so many models can be full at once.
fn candidates(program: &Program<'_>, limits: &Limits, goal: Goal, on: &[bool]) -> Vec<Vec<bool>> {
    let full = most_full(program, limits, goal);
    let beaten = |row: &[Option<f64>], m: usize, cost: f64| {
        let better = row.iter().zip(&program.choices).enumerate().filter(|(other, (usd, choice))| {
            let mine = &program.choices[m];
            let same = limits.vendors.is_none() || choice.model.vendor == mine.model.vendor;
            let Some(usd) = usd.filter(|_| same && on[*other] && *other != m) else { return false };
            let as_good = usd <= cost && choice.quality >= mine.quality;
            as_good && (usd < cost || choice.quality > mine.quality || *other < m)
        });
        better.count() > full
    };
    let kept = |row: &[Option<f64>], m: usize| on[m] && row[m].is_some_and(|cost| !beaten(row, m, cost));
    let keep = |row: &Vec<Option<f64>>| (0..row.len()).map(|m| kept(row, m)).collect();
    program.usd.iter().map(keep).collect()
}

/// How many models can be at their limit at once, at most.
fn most_full(program: &Program<'_>, limits: &Limits, goal: Goal) -> usize {
    if matches!(goal, Goal::PeakRequests | Goal::PeakTokens) {
        return program.choices.len();
    }
    let full = |limit: Option<f64>, by_tokens: bool| {
        limit.map_or(0.0, |limit| (program.peak(by_tokens) / limit * (1.0 + 1e-9)).floor())
    };
    (full(limits.rpm, false) + full(limits.tpm, true)).min(program.choices.len() as f64) as usize
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
        // In units of the cheapest plan: the solver's tolerance is then a small part of any plan's cost.
        let cheapest = |row: &Vec<Option<f64>>| row.iter().flatten().copied().fold(f64::INFINITY, f64::min);
        let usd: f64 =
            program.classes.iter().zip(&program.usd).map(|(c, row)| c.requests_per_month * cheapest(row)).sum();
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

    /// All of a class is answered, with the qualities and the budget that are asked for.
    fn mixes(&self, limits: &Limits) -> Vec<Constraint> {
        let whole = |row: &Vec<Option<Variable>>| constraint!(row.iter().flatten().sum::<Expression>() == 1);
        let mut rows: Vec<Constraint> = self.x.iter().map(whole).collect();
        if let Some(least) = limits.quality {
            rows.push(constraint!(self.quality() >= self.scaled_quality(least)));
        }
        if let Some(most) = limits.budget {
            rows.push(constraint!(self.cost() <= most / self.usd_scale));
        }
        for (i, class) in self.program.classes.iter().enumerate().filter(|_| limits.class_floors) {
            if let Some(least) = class.floor {
                rows.push(constraint!(self.quality_of(i) >= self.scaled_quality(least)));
            }
        }
        rows
    }

    /// The loads of the models that may be full; those of all models where they are what is made small.
    fn loads(&self, limits: &Limits, goal: Goal, busiest: Variable, full: &Full) -> Vec<Constraint> {
        let mut rows = Vec::new();
        for (most, by_tokens, aimed) in
            [(limits.rpm, false, goal == Goal::PeakRequests), (limits.tpm, true, goal == Goal::PeakTokens)]
        {
            let all = matches!(goal, Goal::PeakRequests | Goal::PeakTokens);
            for m in (0..self.program.choices.len()).filter(|m| all || full.0[*m][usize::from(by_tokens)]) {
                let (load, scale) = self.peak(m, by_tokens);
                if aimed {
                    rows.push(constraint!(load <= busiest));
                } else if let Some(most) = most {
                    rows.push(constraint!(load <= most / scale));
                }
            }
        }
        rows
    }

    /// A class uses a model only where its vendor is switched on, and only so many are.
    fn vendors(&self, most: f64, switches: &[Variable]) -> Vec<Constraint> {
        let mut rows = Vec::new();
        for row in self.x {
            for (vendor, switch) in self.program.vendors.iter().zip(switches) {
                let of_vendor = row.iter().zip(&self.program.choices).filter(|(_, c)| c.model.vendor == *vendor);
                let used: Expression = of_vendor.filter_map(|(x, _)| *x).sum();
                rows.push(constraint!(used <= *switch));
            }
        }
        rows.push(constraint!(switches.iter().sum::<Expression>() <= most.floor()));
        rows
    }

    /// The peak load of choice `m` a minute, and the scale it is in.
    fn peak(&self, m: usize, by_tokens: bool) -> (Expression, f64) {
        let scale = self.program.peak(by_tokens);
        let scale = if scale > 0.0 && scale.is_finite() { scale } else { 1.0 };
        let load = |i: usize| Some(self.x[i][m]? * (self.program.peak_of(i, by_tokens) / scale));
        let load = (0..self.x.len()).filter_map(load).sum();
        (load, scale)
    }
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
