//! The figures of a plan, each with its formula.

use super::Solved;
use super::choice::Wish;
use super::robust::spread;
use crate::analysis::answer::{Answer, metric};
use crate::analysis::case::Case;
use crate::format::{count, points, share, usd};
use crate::result::Metric;

/// The figures of every answer: id, label, unit.
pub(super) const FIGURES: [(&str, &str, &str); 5] = [
    ("plan_cost_usd", "Cost of the plan in 30 days", "USD/month"),
    ("plan_quality", "Mean quality of the plan", "points"),
    ("front_size", "Plans on the front", "plans"),
    ("hypervolume", "Hypervolume of the front", "USD × points"),
    ("shadow_price_usd_per_point", "Price of one more point of quality", "USD/month"),
];

/// What a figure is, while it has no numbers.
pub(super) fn formula_of(id: &str) -> &'static str {
    match id {
        "plan_cost_usd" => "sum over classes and models of requests × share × cost of a request",
        "plan_quality" => "sum over classes and models of share of requests × share × score",
        "front_size" => "plans that no other plan beats in cost and quality",
        "hypervolume" => "area between the front and its reference point",
        _ => "cost at one more point of least quality - cost of the plan",
    }
}

/// One point of the benchmark: 1 on Arena, 1 per cent on a share.
pub(super) fn point(case: &Case<'_>) -> (f64, &'static str) {
    let shares = case.yard.as_ref().is_some_and(|yard| yard.benchmark.unit.starts_with("share"));
    if shares { (0.01, "percentage point") } else { (1.0, "point") }
}

pub(super) fn write(case: &Case<'_>, solved: &Solved<'_>, answer: &mut Answer) {
    if solved.plan.is_err() {
        answer.warn("infeasible", "No plan keeps all limits, so the figures of the plan do not exist.");
    }
    let spread = solved.plan.as_ref().ok().and_then(|plan| spread(&solved.program, plan, solved.limits.quality));
    let shadow = shadow(case, solved, answer);
    let yard = case.yard.as_ref().map_or("", |yard| yard.benchmark.label.as_str());
    for (id, label, unit) in FIGURES {
        let made = match id {
            "plan_cost_usd" => {
                let value = solved.plan.as_ref().ok().map(|plan| plan.usd);
                metric(id, label, unit, value, cost_formula(solved), &case.source)
                    .within(spread.as_ref().map(|s| s.usd))
                    .against(solved.today.as_ref().map(|t| t.usd).or_else(|| case.monthly_now()))
            }
            "plan_quality" => {
                let value = solved.plan.as_ref().ok().map(|plan| plan.quality);
                metric(id, label, unit, value, quality_formula(solved), yard)
                    .within(spread.as_ref().map(|s| s.quality))
                    .against(solved.today.as_ref().map(|t| t.quality))
            }
            "front_size" => front_size(solved, id, label, unit),
            "hypervolume" => hypervolume(solved, id, label, unit, yard),
            _ => metric(id, label, unit, shadow.0, shadow.1.clone(), &case.source),
        };
        answer.metrics.push(made);
    }
    if let Some(spread) = spread.filter(|_| matches!(solved.wish, Wish::Floor(_))) {
        let formula = "share of 400 draws (seed 20261122): volumes within ±20 %, scores within their error";
        let value = Some(spread.reached);
        let label = "Chance that the plan reaches the quality asked for";
        answer.metrics.push(metric("plan_reaches_floor", label, "share", value, formula.into(), yard));
    }
}

/// The terms of the plan's cost, the largest first, as far as they fit.
fn cost_formula(solved: &Solved<'_>) -> String {
    let Ok(plan) = &solved.plan else { return formula_of("plan_cost_usd").into() };
    let mut terms: Vec<(f64, String)> = Vec::new();
    for ((class, row), prices) in solved.program.classes.iter().zip(&plan.shares).zip(&solved.program.usd) {
        for ((choice, part), price) in solved.program.choices.iter().zip(row).zip(prices) {
            let Some(price) = price.filter(|_| *part > 0.0) else { continue };
            let requests = count(class.requests_per_month);
            let term = format!("{requests} × {} × {} ({})", share(*part), usd(price), choice.model.id);
            terms.push((class.requests_per_month * part * price, term));
        }
    }
    terms.sort_by(|a, b| b.0.total_cmp(&a.0));
    let shown: Vec<&str> = terms.iter().take(6).map(|(_, term)| term.as_str()).collect();
    let rest = if terms.len() > shown.len() { " + …" } else { "" };
    format!("{}{rest} = {}", shown.join(" + "), usd(plan.usd))
}

fn quality_formula(solved: &Solved<'_>) -> String {
    let Ok(plan) = &solved.plan else { return formula_of("plan_quality").into() };
    let (program, requests) = (&solved.program, solved.program.requests());
    let of_model = |m: usize| {
        let used = program.classes.iter().zip(&plan.shares);
        let part: f64 = used.map(|(class, row)| class.requests_per_month / requests * row[m]).sum();
        let choice = &program.choices[m];
        (part > 0.0).then(|| format!("{} × {} ({})", share(part), points(choice.quality), choice.model.id))
    };
    let terms: Vec<String> = (0..program.choices.len()).filter_map(of_model).collect();
    format!("{} = {}", terms.join(" + "), points(plan.quality))
}

fn front_size(solved: &Solved<'_>, id: &str, label: &str, unit: &str) -> Metric {
    let size = solved.front.as_ref().map(|front| front.plans.len() as f64);
    metric(id, label, unit, size, formula_of(id).into(), "epsilon-constraint sweep over the least quality")
}

fn hypervolume(solved: &Solved<'_>, id: &str, label: &str, unit: &str, source: &str) -> Metric {
    let Some(front) = &solved.front else { return metric(id, label, unit, None, formula_of(id).into(), source) };
    let (cost, quality) = front.reference;
    let formula = format!("{} at {} a month and {} points", formula_of(id), usd(cost), count(quality));
    metric(id, label, unit, Some(front.hypervolume), formula, source)
}

/// The price of one more point, with its formula.
fn shadow(case: &Case<'_>, solved: &Solved<'_>, answer: &mut Answer) -> (Option<f64>, String) {
    let (_, name) = point(case);
    let words = formula_of("shadow_price_usd_per_point").to_string();
    let Ok(plan) = &solved.plan else { return (None, words) };
    let at = if let Wish::Floor(floor) = solved.wish { floor } else { plan.quality };
    let price = solved.shadow;
    if price.is_none() {
        answer.warn("no_shadow_price", format!("One more {name} of quality cannot be reached with these models."));
    }
    let formula = match price {
        Some(price) => {
            format!("least cost at {} + one {name} - least cost at {} = {}", points(at), points(at), usd(price))
        }
        None => words,
    };
    (price, formula)
}
