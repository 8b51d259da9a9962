//! The pictures of a cost answer.

use super::bill::{Tokens, quote};
use super::levers;
use super::options::by_cost;
use crate::analysis::answer::{Answer, chart};
use crate::analysis::case::Case;
use crate::analysis::offers::{Ranked, Standing};
use crate::result::{Chart, ChartKind};

/// By how much each input is moved in the tornado.
const SWING: f64 = 0.2;

pub(super) fn write(case: &Case<'_>, options: &[Ranked<'_>], answer: &mut Answer) {
    answer.charts.extend(waterfall(case));
    answer.charts.extend(scatter(case, options));
    answer.charts.extend(tornado(case));
}

/// What a number of dollars a request is in the charts: a month where the volume is known, else a thousand requests.
fn scale(case: &Case<'_>) -> (f64, &'static str) {
    case.requests_per_month.map_or((1000.0, "USD/1,000 requests"), |per_month| (per_month, "USD/month"))
}

fn waterfall(case: &Case<'_>) -> Option<Chart> {
    let now = case.usd_now()?;
    let (steps, facts) = levers::together(case, &levers::all(case))?;
    let (scale, unit) = scale(case);
    let title = if facts {
        "Today's model with your levers, one on top of the other"
    } else {
        "What the levers could do together, if every condition holds"
    };
    let mut chart = chart("waterfall", title, ChartKind::Waterfall, ("step", ""), ("cost", unit));
    chart.add("today", vec![[0.0, 0.0], [0.0, now * scale]]);
    for (i, step) in steps.iter().enumerate() {
        let x = (i + 1) as f64;
        chart.add(step.name.clone(), vec![[x, step.from * scale], [x, step.to * scale]]);
    }
    let (end, last) = ((steps.len() + 1) as f64, steps.last()?.to);
    chart.add("together", vec![[end, 0.0], [end, last * scale]]);
    Some(chart)
}

/// Cost against quality: one series a model, then the frontier, then today.
fn scatter(case: &Case<'_>, options: &[Ranked<'_>]) -> Option<Chart> {
    let yard = case.yard.as_ref()?;
    let (scale, unit) = scale(case);
    let mut shown: Vec<&Ranked<'_>> = options
        .iter()
        .filter(|r| r.option.id.contains('/') && r.standing < Standing::TooSmall && r.option.quality.is_some())
        .collect();
    shown.sort_by(|a, b| by_cost(a, b));
    let point = |r: &Ranked<'_>| Some([r.usd? * scale, r.option.quality?]);
    let title = format!("Cost and quality ({})", yard.benchmark.label);
    let quality_unit = yard.benchmark.unit.as_str();
    let mut chart = chart("cost-quality", title, ChartKind::Scatter, ("cost", unit), ("quality", quality_unit));
    for r in &shown {
        chart.add(r.option.title.clone(), point(r).into_iter().collect());
    }
    let front: Vec<[f64; 2]> =
        shown.iter().filter(|r| r.option.dominated_by.is_none()).filter_map(|r| point(r)).collect();
    chart.add("frontier", front);
    chart.reference = options.iter().find(|r| r.is_now).and_then(point).filter(|p| p.iter().all(|v| v.is_finite()));
    (!shown.is_empty()).then_some(chart)
}

/// Each input a fifth lower and a fifth higher, the widest swing first: points `[-20, cost]` and `[20, cost]`.
fn tornado(case: &Case<'_>) -> Option<Chart> {
    let (now, tokens) = (case.now.as_ref()?, case.tokens?);
    let usd_now = case.usd_now()?;
    let (scale, unit) = scale(case);
    let at = |tokens: Tokens| Some(quote(now.model, case.traffic.day, &tokens)?.usd * scale);
    let tokens_with = |input: f64, output: f64, cached: f64| {
        let input = tokens.input * input;
        at(Tokens { input, output: tokens.output * output, cached: (tokens.cached * cached).min(input), written: 0.0 })
    };
    let (less, more) = (1.0 - SWING, 1.0 + SWING);
    let mut rows: Vec<(&str, f64, f64)> = Vec::new();
    let mut row =
        |name, low: Option<f64>, high: Option<f64>| rows.extend(low.zip(high).map(|(low, high)| (name, low, high)));
    if case.requests_per_month.is_some() {
        row("requests per day", Some(usd_now * scale * less), Some(usd_now * scale * more));
    }
    row("input tokens", tokens_with(less, 1.0, 1.0), tokens_with(more, 1.0, 1.0));
    row("output tokens", tokens_with(1.0, less, 1.0), tokens_with(1.0, more, 1.0));
    if tokens.cached > 0.0 {
        row("cached tokens", tokens_with(1.0, 1.0, less), tokens_with(1.0, 1.0, more));
    }
    rows.sort_by(|a, b| (b.2 - b.1).abs().total_cmp(&(a.2 - a.1).abs()));
    let mut chart = chart(
        "tornado",
        "What moves today's cost most (each input 20 % lower and higher)",
        ChartKind::Bar,
        ("change", "%"),
        ("cost", unit),
    );
    for (name, low, high) in rows {
        chart.add(name, vec![[-100.0 * SWING, low], [100.0 * SWING, high]]);
    }
    chart.reference = Some([0.0, usd_now * scale]).filter(|p| p[1].is_finite());
    Some(chart)
}
