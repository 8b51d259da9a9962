//! The pictures of a plan.

use super::Solved;
use super::robust::spread;
use crate::analysis::answer::{Answer, chart};
use crate::analysis::case::Case;
use crate::result::{Chart, ChartKind};

pub(super) fn write(case: &Case<'_>, solved: &Solved<'_>, answer: &mut Answer) {
    answer.charts.extend(front(case, solved));
    answer.charts.extend(shares(solved));
    answer.charts.extend(fan(case, solved));
}

/// The front, then the plan, its knee and today; the reference is that of the hypervolume.
fn front(case: &Case<'_>, solved: &Solved<'_>) -> Option<Chart> {
    let front = solved.front.as_ref()?;
    let unit = case.yard.as_ref().map_or("points", |yard| yard.benchmark.unit.as_str());
    let title = "The least cost for each mean quality";
    let mut chart = chart("front", title, ChartKind::Scatter, ("cost", "USD/month"), ("quality", unit));
    chart.add("frontier", front.plans.iter().map(|p| [p.usd, p.quality]).collect());
    for (name, plan) in [("plan", solved.plan.as_ref().ok()), ("today", solved.today.as_ref())] {
        if let Some(plan) = plan {
            chart.add(name, vec![[plan.usd, plan.quality]]);
        }
    }
    if let Some(knee) = front.knee.and_then(|i| front.plans.get(i)) {
        chart.add("knee", vec![[knee.usd, knee.quality]]);
    }
    chart.reference = Some([front.reference.0, front.reference.1]).filter(|p| p.iter().all(|v| v.is_finite()));
    Some(chart)
}

/// Which share of each class goes to which model: one series a model, points `[class, share]`.
fn shares(solved: &Solved<'_>) -> Option<Chart> {
    let plan = solved.plan.as_ref().ok()?;
    let names: Vec<String> =
        solved.program.classes.iter().enumerate().map(|(i, class)| format!("{i}: {}", class.name)).collect();
    let mut chart = chart(
        "routing",
        "Shares of each class by model",
        ChartKind::Heatmap,
        ("class", &names.join(", ")),
        ("share", "share"),
    );
    for (m, choice) in solved.program.choices.iter().enumerate() {
        if plan.shares.iter().any(|row| row[m] > 0.0) {
            let points = plan.shares.iter().enumerate().map(|(i, row)| [i as f64, row[m]]).collect();
            chart.add(choice.model.name.clone(), points);
        }
    }
    Some(chart)
}

/// The cost of the front's plans with the spread of volumes.
fn fan(case: &Case<'_>, solved: &Solved<'_>) -> Option<Chart> {
    let front = solved.front.as_ref()?;
    let unit = case.yard.as_ref().map_or("points", |yard| yard.benchmark.unit.as_str());
    // A few plans tell the shape; each costs a run of draws.
    let step = (front.plans.len() / 6).max(1);
    let rows: Vec<[f64; 4]> = front
        .plans
        .iter()
        .step_by(step)
        .filter_map(|plan| {
            let spread = spread(&solved.program, plan, None)?;
            Some([plan.quality, spread.usd.0, plan.usd, spread.usd.1])
        })
        .collect();
    let title = "Cost if the volume of each class is off by up to 20 % (5 to 95 % of draws)";
    let mut chart = chart("robustness", title, ChartKind::Band, ("quality", unit), ("cost", "USD/month"));
    for (column, name) in [(1, "low"), (2, "plan"), (3, "high")] {
        chart.add(name, rows.iter().map(|row| [row[0], row[column]]).collect());
    }
    (rows.len() > 1).then_some(chart)
}
