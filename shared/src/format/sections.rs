//! The sections of a document, each left out where there is nothing to tell.

use std::collections::BTreeSet;

use super::report::{Block, Subject, Table};
use super::{count, ms, points, ratio, share, signed, usd};
use crate::result::{AnalysisResult, Candidate};
use crate::workload::{Source, Value, field};

/// A figure in its unit.
pub fn value(value: f64, unit: &str) -> String {
    match unit {
        "share" => share(value),
        "share/month" => format!("{} a month", share(value)),
        "ratio" => format!("{}x", ratio(value)),
        "ms" => ms(value),
        "" => count(value),
        _ => match unit.strip_prefix("USD") {
            Some(rest) => format!("{}{rest}", usd(value)),
            None => format!("{} {unit}", count(value)),
        },
    }
}

fn heading(text: &str, blocks: &mut Vec<Block>) {
    blocks.push(Block::Heading(text.into()));
}

/// A table under its head, if it has rows.
fn section(name: &str, table: Table, blocks: &mut Vec<Block>) {
    if !table.rows.is_empty() {
        heading(name, blocks);
        blocks.push(Block::Table(table));
    }
}

pub(super) fn question(subject: &Subject<'_>, blocks: &mut Vec<Block>) {
    heading("The question", blocks);
    blocks.push(Block::Text(subject.question.into()));
}

pub(super) fn warnings(result: &AnalysisResult, blocks: &mut Vec<Block>) {
    if let Some(reason) = &result.degraded_reason {
        blocks.push(Block::Warning(format!("This is less than a full answer: {reason}")));
    }
    blocks.extend(result.warnings.iter().map(|warning| Block::Warning(warning.text.clone())));
}

/// The figures, without how they were computed.
pub(super) fn figures(result: &AnalysisResult, most: usize, blocks: &mut Vec<Block>) {
    let mut table = Table::with(&["Figure", "Value", "Range", "Compared with"]);
    for metric in result.metrics.iter().take(most) {
        let told = |number: Option<f64>| number.map(|n| value(n, &metric.unit)).unwrap_or_default();
        let range = match (metric.low, metric.high) {
            (Some(low), Some(high)) => format!("{} to {}", value(low, &metric.unit), value(high, &metric.unit)),
            _ => String::new(),
        };
        let figure = metric.value.map_or_else(|| "not known".into(), |n| value(n, &metric.unit));
        table.rows.push(vec![metric.label.clone(), figure, range, told(metric.baseline)]);
    }
    section("Figures", table, blocks);
}

/// The figures with their formulas and sources.
pub(super) fn formulas(result: &AnalysisResult, blocks: &mut Vec<Block>) {
    let mut table = Table::with(&["Figure", "Value", "Formula", "Source"]);
    for metric in &result.metrics {
        let figure = metric.value.map_or_else(|| "not known".into(), |n| value(n, &metric.unit));
        let name = format!("{} ({})", metric.label, metric.id);
        table.rows.push(vec![name, figure, metric.formula.clone(), metric.source.clone()]);
    }
    section("How the figures are computed", table, blocks);
}

pub(super) fn charts(result: &AnalysisResult, most: usize, blocks: &mut Vec<Block>) {
    let drawn: Vec<_> = result.charts.iter().filter(|c| c.series.iter().any(|s| !s.points.is_empty())).collect();
    if !drawn.is_empty() {
        heading("Charts", blocks);
    }
    blocks.extend(drawn.into_iter().take(most).map(|chart| Block::Chart(chart.clone())));
}

pub(super) fn recommendations(result: &AnalysisResult, most: usize, blocks: &mut Vec<Block>) {
    let points: Vec<String> =
        result.recommendations.iter().take(most).map(|r| format!("{}. {}", r.title, r.text)).collect();
    if !points.is_empty() {
        heading("What we would do", blocks);
        blocks.push(Block::List(points));
    }
}

pub(super) fn roadmap(result: &AnalysisResult, blocks: &mut Vec<Block>) {
    let mut table = Table::with(&["Weeks", "Step", "Done when"]);
    for step in &result.roadmap {
        let weeks = if step.week_from == step.week_to {
            step.week_from.to_string()
        } else {
            format!("{} to {}", step.week_from, step.week_to)
        };
        table.rows.push(vec![weeks, step.title.clone(), step.text.clone()]);
    }
    section("Roadmap", table, blocks);
}

pub(super) fn routing(result: &AnalysisResult, blocks: &mut Vec<Block>) {
    let mut table = Table::with(&["Work", "Model", "Vendor", "Share"]);
    for route in &result.routing {
        table.rows.push(vec![route.class.clone(), route.model.clone(), route.vendor.clone(), share(route.share)]);
    }
    section("Who answers what", table, blocks);
}

/// The options, in their order, with the columns that any of them fills.
pub(super) fn options(result: &AnalysisResult, most: usize, blocks: &mut Vec<Block>) {
    type Cell = fn(&Candidate) -> Option<String>;
    let columns: [(&str, Cell); 8] = [
        ("A month", |o| Some(usd(o.monthly_cost_usd?))),
        ("Saves a month", |o| Some(usd(o.saving_usd?))),
        ("Saves", |o| Some(share(o.saving_share?))),
        ("A request", |o| Some(usd(o.cost_per_request_usd?))),
        ("Quality", |o| Some(points(o.quality?))),
        ("Change", |o| Some(signed(points(o.quality_delta?)))),
        ("Latency", |o| Some(ms(o.latency_ms?))),
        ("Dominated by", |o| o.dominated_by.clone()),
    ];
    let shown: Vec<_> = result.options.iter().take(most).collect();
    let used: Vec<_> = columns.iter().filter(|(_, cell)| shown.iter().any(|o| cell(o).is_some())).collect();
    let mut table = Table::with(&["Option"]);
    table.head.extend(used.iter().map(|(name, _)| (*name).to_string()));
    for option in &shown {
        let cells = used.iter().map(|(_, cell)| cell(option).unwrap_or_default());
        table.rows.push(std::iter::once(option.title.clone()).chain(cells).collect());
    }
    section("Options", table, blocks);
    let benchmarks: BTreeSet<_> = shown.iter().filter_map(|o| o.quality_benchmark.as_deref()).collect();
    if !benchmarks.is_empty() {
        blocks.push(Block::Text(format!("Quality: {}.", benchmarks.into_iter().collect::<Vec<_>>().join(", "))));
    }
    if shown.len() < result.options.len() && !shown.is_empty() {
        let text = format!(
            "{} of {} options; the CSV and JSON exports of the mode detailed have all.",
            shown.len(),
            result.options.len()
        );
        blocks.push(Block::Text(text));
    }
}

/// What it means in money, for who pays.
pub(super) fn money(result: &AnalysisResult, blocks: &mut Vec<Block>) {
    let metric = |id: &str| result.metric(id)?.value;
    let today = metric("monthly_cost_usd");
    let by_advice = result.recommendations.iter().filter_map(|r| r.saving_usd).reduce(f64::max);
    let saving = match (today, metric("best_monthly_cost_usd")) {
        (Some(today), Some(best)) => Some(today - best),
        _ => by_advice,
    };
    let mut table = Table::with(&["Savings and return", "Dollars"]);
    let mut row = |name: &str, usd_: Option<f64>| table.rows.extend(usd_.map(|n| vec![name.to_string(), usd(n)]));
    row("Today, a month of 30 days", today);
    let saving = saving.filter(|usd| *usd > 0.0);
    if let Some(saving) = saving {
        row("With the best option that keeps today's quality, a month", today.map(|today| today - saving));
        row("Saving a month", Some(saving));
        row("Saving a year of twelve such months", Some(saving * 12.0));
        row("Cost of each week of delay", Some(saving / 30.0 * 7.0));
        row("Effort that is paid back within three months", Some(saving * 3.0));
    }
    section("Savings and return", table, blocks);
    if saving.is_none() {
        blocks.push(Block::Text("No saving in dollars was found.".into()));
    }
}

pub(super) fn assumptions(result: &AnalysisResult, blocks: &mut Vec<Block>) {
    let point = |a: &crate::result::Assumption| match &a.reference {
        Some(reference) => format!("{} ({reference})", a.text),
        None => a.text.clone(),
    };
    let points: Vec<String> = result.assumptions.iter().map(point).collect();
    if !points.is_empty() {
        heading("Taken for granted", blocks);
        blocks.push(Block::List(points));
    }
}

pub(super) fn questions(result: &AnalysisResult, blocks: &mut Vec<Block>) {
    let points: Vec<String> = result.questions.iter().map(|q| q.text.clone()).collect();
    if !points.is_empty() {
        heading("What only you know", blocks);
        blocks.push(Block::List(points));
    }
}

/// The facts with where they came from.
pub(super) fn inputs(result: &AnalysisResult, blocks: &mut Vec<Block>) {
    let from = |name: &str| {
        let Some(told) = result.provenance.get(name) else { return "given".to_string() };
        let source = match told.source {
            Source::Given => "given",
            Source::Log => "your log",
            Source::Default => "default",
            Source::Computed => "computed",
        };
        let detail = told.text.as_ref().map(|text| format!("\"{text}\"")).or_else(|| told.reference.clone());
        detail.map_or_else(|| source.into(), |detail| format!("{source}: {detail}"))
    };
    let mut table = Table::with(&["Input", "Value", "From"]);
    for (spec, known) in result.workload.known() {
        let told = match known {
            Value::Number(number) => value(number, spec.unit),
            Value::Text(text) => text,
        };
        table.rows.push(vec![spec.label.to_string(), told, from(spec.name)]);
    }
    for class in &result.workload.classes {
        let told = format!(
            "{} requests a day, {} input and {} output tokens",
            count(class.requests_per_day),
            count(class.input_tokens),
            count(class.output_tokens)
        );
        table.rows.push(vec![format!("work: {}", class.name), told, from("classes")]);
    }
    section("Inputs", table, blocks);
}

/// Everything that the figures rest on.
pub(super) fn sources(result: &AnalysisResult, blocks: &mut Vec<Block>) {
    let metrics = result.metrics.iter().map(|m| m.source.as_str());
    let cited = result.assumptions.iter().filter_map(|a| a.reference.as_deref());
    let all: BTreeSet<&str> = metrics.chain(cited).filter(|text| !text.is_empty()).collect();
    if !all.is_empty() {
        heading("Sources", blocks);
        blocks.push(Block::List(all.into_iter().map(str::to_string).collect()));
    }
}

/// The label of a field, or its name where it is none of the table.
pub(super) fn label(name: &str) -> String {
    field(name).map_or_else(|| name.to_string(), |spec| spec.label.to_string())
}
