//! The exact answer where only the mean quality couples the classes: a multiple-choice knapsack in fractions (Sinha and
//! Zoltners, *Operations Research* 27(3), 1979). Each class moves up the lower convex hull of its choices, the cheapest
//! step of all classes first; every plan of the front lies on that path. A least number of vendors makes one path for
//! each set of vendors. Where the load of a model is limited, the path still bounds what can be had.

use super::program::{Plan, Program};
use super::solve::Goal;

/// Sets of vendors that are tried one by one; for more, the integer program decides.
const SETS_MAX: usize = 256;
/// A quality or a budget that is missed by less than this share counts as kept: the rounding of sums.
const HAIR: f64 = 1e-9;

/// The paths of all sets of vendors.
pub(super) struct Sweep {
    paths: Vec<Path>,
}

/// The plans from the cheapest to the best, on the choices of some vendors.
struct Path {
    /// The choices of its vendors.
    choices: Vec<bool>,
    /// Where each class begins: the step that it is on, as far as its own floor asks.
    start: Vec<Step>,
    /// The steps of all classes, the cheapest quality first.
    steps: Vec<Step>,
    /// Dollars and mean quality before the first step and after each.
    sums: Vec<(f64, f64)>,
}

/// A class moves from one choice to a better one.
#[derive(Clone, Copy)]
struct Step {
    class: usize,
    from: usize,
    to: usize,
    /// The share of the class that is on `to` already.
    begin: f64,
    /// Dollars for each point of quality.
    slope: f64,
}

/// The best that a path has to offer within a quality and a budget.
pub(super) struct Bound {
    pub(super) path: usize,
    place: Place,
    /// Dollars and quality.
    pub(super) reached: (f64, f64),
}

/// A place on a path: so many whole steps, and a part of the next.
#[derive(Clone, Copy)]
struct Place {
    steps: usize,
    part: f64,
}

impl Sweep {
    /// The paths on at most `vendors` vendors; `None` if there are too many sets of them.
    pub(super) fn new(program: &Program<'_>, vendors: Option<f64>, class_floors: bool) -> Option<Self> {
        let all = program.vendors.len();
        let most = vendors.map_or(all, |most| (most.max(0.0) as usize).min(all));
        let mut paths = Vec::new();
        // More vendors are never worse, so only the largest sets are tried.
        for set in subsets(all, most)? {
            paths.extend(Path::new(program, &set, class_floors));
        }
        Some(Self { paths })
    }

    /// How many paths there are.
    pub(super) fn paths(&self) -> usize {
        self.paths.len()
    }

    /// The best place of each path within a quality and a budget, the best of all first.
    pub(super) fn bounds(&self, quality: Option<f64>, budget: Option<f64>, goal: Goal) -> Vec<Bound> {
        let (least, most) = (quality.unwrap_or(f64::NEG_INFINITY), budget.unwrap_or(f64::INFINITY));
        let enough = least - HAIR * least.abs();
        let place = |path: &Path| if goal == Goal::Quality { path.at_cost(most) } else { path.at_quality(least) };
        let bound = |(i, path): (usize, &Path)| {
            let place = place(path)?;
            let reached = path.at(place);
            (reached.0 <= most + HAIR * most.abs() && reached.1 >= enough).then_some(Bound { path: i, place, reached })
        };
        let mut bounds: Vec<Bound> = self.paths.iter().enumerate().filter_map(bound).collect();
        bounds.sort_by(|a, b| {
            let by_cost = a.reached.0.total_cmp(&b.reached.0);
            if goal == Goal::Quality { b.reached.1.total_cmp(&a.reached.1).then(by_cost) } else { by_cost }
        });
        bounds
    }

    /// The plan of a place.
    pub(super) fn plan(&self, program: &Program<'_>, bound: &Bound) -> Plan {
        self.paths[bound.path].plan(program, bound.place)
    }

    /// The choices of its path.
    pub(super) fn choices(&self, bound: &Bound) -> &[bool] {
        &self.paths[bound.path].choices
    }
}

impl Path {
    /// The path on the vendors of `set`; `None` if a class has no choice there, or none as good as its floor.
    fn new(program: &Program<'_>, set: &[bool], class_floors: bool) -> Option<Self> {
        let choices: Vec<bool> = program
            .choices
            .iter()
            .map(|choice| program.vendors.iter().zip(set).any(|(vendor, on)| *on && *vendor == choice.model.vendor))
            .collect();
        let mut start = Vec::with_capacity(program.classes.len());
        let mut steps = Vec::new();
        for (class, work) in program.classes.iter().enumerate() {
            let hull = hull(program, class, &choices);
            let (first, rest) = begin(&hull, program, class, work.floor.filter(|_| class_floors))?;
            start.push(first);
            steps.extend(rest);
        }
        // A stable order keeps the steps of a class in theirs: their slopes rise.
        steps.sort_by(|a, b| a.slope.total_cmp(&b.slope));
        let sums = sums(program, &start, &steps);
        Some(Self { choices, start, steps, sums })
    }

    /// The first place of this quality.
    fn at_quality(&self, quality: f64) -> Option<Place> {
        let after = self.sums.partition_point(|(_, reached)| *reached < quality);
        if after == 0 {
            return Some(Place { steps: 0, part: 0.0 });
        }
        let before = self.sums[after - 1];
        let Some(next) = self.sums.get(after) else {
            return (before.1 >= quality - HAIR * quality.abs()).then_some(Place { steps: after - 1, part: 0.0 });
        };
        Some(Place { steps: after - 1, part: (quality - before.1) / (next.1 - before.1) })
    }

    /// The last place that costs no more than this.
    fn at_cost(&self, most: f64) -> Option<Place> {
        let after = self.sums.partition_point(|(usd, _)| *usd <= most + HAIR * most.abs());
        let before = self.sums.get(after.checked_sub(1)?)?;
        let part = self.sums.get(after).map_or(0.0, |next| ((most - before.0) / (next.0 - before.0)).max(0.0));
        Some(Place { steps: after - 1, part })
    }

    /// Dollars and quality at a place.
    fn at(&self, place: Place) -> (f64, f64) {
        let from = self.sums[place.steps];
        let to = self.sums.get(place.steps + 1).copied().unwrap_or(from);
        (from.0 + place.part * (to.0 - from.0), from.1 + place.part * (to.1 - from.1))
    }

    fn plan(&self, program: &Program<'_>, place: Place) -> Plan {
        let mut shares = vec![vec![0.0; program.choices.len()]; program.classes.len()];
        let mut put = |step: &Step, part: f64| {
            let row = &mut shares[step.class];
            row.fill(0.0);
            let moved = step.begin + part * (1.0 - step.begin);
            row[step.from] = 1.0 - moved;
            // A class without a better choice stays where it is.
            row[step.to] += moved;
        };
        self.start.iter().for_each(|step| put(step, 0.0));
        self.steps.iter().take(place.steps).for_each(|step| put(step, 1.0));
        if let Some(step) = self.steps.get(place.steps).filter(|_| place.part > 0.0) {
            put(step, place.part);
        }
        program.plan(shares)
    }
}

/// The choices of a class on its lower convex hull, from the cheapest to the best, as far as they are allowed.
fn hull(program: &Program<'_>, class: usize, allowed: &[bool]) -> Vec<(usize, f64, f64)> {
    let points = || {
        let row = program.usd[class].iter().zip(&program.choices).zip(allowed).enumerate();
        row.filter_map(|(m, ((usd, choice), allowed))| Some((m, (*usd).filter(|_| *allowed)?, choice.quality)))
    };
    let cheapest = points().min_by(|a, b| a.1.total_cmp(&b.1).then(b.2.total_cmp(&a.2)));
    let mut hull: Vec<(usize, f64, f64)> = cheapest.into_iter().collect();
    while let Some(&(_, usd, quality)) = hull.last() {
        let slope = |p: &(usize, f64, f64)| (p.1 - usd) / (p.2 - quality);
        let better = points().filter(|p| p.2 > quality);
        // Of those on one line, the farthest.
        match better.min_by(|a, b| slope(a).total_cmp(&slope(b)).then(b.2.total_cmp(&a.2))) {
            Some(next) => hull.push(next),
            None => break,
        }
    }
    hull
}

/// Where a class begins on its hull, and its steps from there; `None` if nothing on it reaches the floor.
fn begin(
    hull: &[(usize, f64, f64)],
    program: &Program<'_>,
    class: usize,
    floor: Option<f64>,
) -> Option<(Step, Vec<Step>)> {
    let floor = floor.unwrap_or(f64::NEG_INFINITY);
    let best = hull.last()?;
    if best.2 < floor - HAIR * floor.abs() {
        return None;
    }
    let requests = program.requests();
    let mut steps: Vec<Step> = Vec::with_capacity(hull.len());
    let mut steepest = f64::NEG_INFINITY;
    for pair in hull.windows(2) {
        let ((from, usd, quality), (to, more, better)) = (pair[0], pair[1]);
        steepest = f64::max(steepest, requests * (more - usd) / (better - quality));
        if better <= floor {
            continue;
        }
        let begin = ((floor - quality) / (better - quality)).max(0.0);
        steps.push(Step { class, from, to, begin, slope: steepest });
    }
    let start = steps.first().copied();
    // Nothing above: all of it on the best.
    Some((start.unwrap_or(Step { class, from: best.0, to: best.0, begin: 0.0, slope: 0.0 }), steps))
}

/// Dollars and mean quality before the first step and after each.
fn sums(program: &Program<'_>, start: &[Step], steps: &[Step]) -> Vec<(f64, f64)> {
    let requests = program.requests();
    let of = |step: &Step, part: f64| {
        let volume = program.classes[step.class].requests_per_month;
        let price = |m: usize| program.usd[step.class][m].unwrap_or(0.0);
        let quality = |m: usize| program.choices[m].quality;
        let mix = |of: &dyn Fn(usize) -> f64| of(step.from) + part * (of(step.to) - of(step.from));
        (volume * mix(&price), volume / requests * mix(&quality))
    };
    let add = |a: (f64, f64), b: (f64, f64)| (a.0 + b.0, a.1 + b.1);
    let mut at = start.iter().map(|step| of(step, step.begin)).fold((0.0, 0.0), add);
    let mut sums = vec![at];
    for step in steps {
        let (low, high) = (of(step, step.begin), of(step, 1.0));
        at = add(at, (high.0 - low.0, high.1 - low.1));
        sums.push(at);
    }
    sums
}

/// All sets of `chosen` out of `all` things; `None` if there are more than are tried.
fn subsets(all: usize, chosen: usize) -> Option<Vec<Vec<bool>>> {
    let mut sets: Vec<Vec<bool>> = vec![Vec::new()];
    for i in 0..all {
        let mut longer = Vec::new();
        for set in sets {
            let on = set.iter().filter(|on| **on).count();
            for next in [true, false] {
                let taken = on + usize::from(next);
                if taken <= chosen && taken + (all - i - 1) >= chosen {
                    longer.push([set.as_slice(), &[next]].concat());
                }
            }
        }
        sets = longer;
        if sets.len() > SETS_MAX {
            return None;
        }
    }
    Some(sets)
}
