//! The pictures of a latency answer.

use super::Case;
use super::metrics::SLOW;
use super::options::{WhatIf, hedges};
use super::queue::Queue;
use super::tail::Tail;
use crate::analysis::answer::{Answer, chart};
use crate::analysis::math::hedging::any_slow;
use crate::analysis::math::percentiles::quantile;
use crate::result::{Chart, ChartKind};

/// Numbers of places in the chart of waits.
const PLACES_SHOWN: u64 = 24;

pub(super) fn write(case: &Case<'_>, what_ifs: &[WhatIf], answer: &mut Answer) {
    answer.charts.extend(breakdown(case));
    answer.charts.extend(distribution(case, what_ifs));
    answer.charts.extend(case.queue.as_ref().and_then(waits));
    answer.charts.extend(compared(case, what_ifs));
    answer.charts.extend(hedging(case));
    answer.charts.extend(fan_out(case));
}

/// The share of requests that meet a slow call against the number of calls.
fn fan_out(case: &Case<'_>) -> Option<Chart> {
    let calls = case.workload.parallel_calls?;
    let mut chart = chart(
        "fan-out",
        "Requests that wait for a slow call",
        ChartKind::Line,
        ("calls at a time", "calls"),
        ("share", "share"),
    );
    let last = (calls * 2.0).max(10.0);
    let points = (0..=40).map(|i| last * f64::from(i) / 40.0).map(|calls| [calls, any_slow(SLOW, calls)]).collect();
    chart.add("meets a call beyond the 99th percentile", points);
    chart.mark(Some([calls, any_slow(SLOW, calls)]));
    Some(chart)
}

/// Where the time of one answer goes.
fn breakdown(case: &Case<'_>) -> Option<Chart> {
    let now = case.time.as_ref()?.decoding?;
    let parts =
        [("wait for a place", case.wait_ms()?), ("first token", now.first()), ("further tokens", now.further())];
    let mut chart =
        chart("breakdown", "Where the time of an answer goes", ChartKind::Waterfall, ("step", ""), ("time", "ms"));
    let mut from = 0.0;
    for (name, part) in parts.into_iter().filter(|(_, part)| *part > 0.0) {
        let x = chart.series.len() as f64;
        chart.add(name, vec![[x, from], [x, from + part]]);
        from += part;
    }
    let x = chart.series.len() as f64;
    chart.add("whole answer", vec![[x, 0.0], [x, from]]);
    chart.mark(case.workload.latency_target_ms.map(|target| [x, target]));
    Some(chart)
}

/// The distribution of times today and after the best option, with the target.
fn distribution(case: &Case<'_>, what_ifs: &[WhatIf]) -> Option<Chart> {
    let tail = case.tail.as_ref()?;
    let points = tail.points();
    let mut chart = chart("distribution", "Answers within a time", ChartKind::Line, ("time", "ms"), ("share", "share"));
    // What shortens the mean is taken to shorten every answer in proportion.
    let best = what_ifs.iter().find(|w| w.gain_ms.is_some() && w.option.latency_ms.is_some());
    if let Some((best, before)) = best.zip(case.whole_ms()) {
        let scale = best.option.latency_ms? / before;
        let after = points.iter().map(|[x, y]| [x * scale, *y]).collect();
        chart.add("today", points);
        chart.add(best.option.title.clone(), after);
    } else {
        chart.add("today", points);
    }
    let target = case.workload.latency_target_ms;
    chart.mark(target.and_then(|target| Some([target, tail.share_within(case.request, target)?.value])));
    Some(chart)
}

/// The mean wait against the number of places.
fn waits(queue: &Queue) -> Option<Chart> {
    let mut chart =
        chart("wait", "Mean wait against places", ChartKind::Line, ("places", "requests"), ("mean wait", "ms"));
    chart.add("mean wait", queue.curve(PLACES_SHOWN)?);
    chart.mark(queue.wait_ms().map(|wait| [queue.places as f64, wait]));
    Some(chart)
}

/// Whole answers today and under each option.
fn compared(case: &Case<'_>, what_ifs: &[WhatIf]) -> Option<Chart> {
    let mut chart = chart("options", "Whole answer, with its wait", ChartKind::Bar, ("option", ""), ("time", "ms"));
    let timed = what_ifs.iter().filter(|w| w.gain_ms.is_some());
    let timed: Vec<_> = timed.filter_map(|w| Some((w.option.title.as_str(), w.option.latency_ms?))).collect();
    let today = case.whole_ms().map(|whole| ("today", whole));
    for (x, (name, time)) in today.into_iter().chain(timed).enumerate() {
        chart.add(name, vec![[x as f64, time]]);
    }
    chart.mark(case.workload.latency_target_ms.map(|target| [0.0, target]));
    (chart.series.len() > 1).then_some(chart)
}

/// The 99th percentile against the requests sent twice, one point a delay.
fn hedging(case: &Case<'_>) -> Option<Chart> {
    let Some(Tail::Log { rising, .. }) = case.tail else { return None };
    let mut chart = chart(
        "hedging",
        "Hedging after a delay: tail against extra requests",
        ChartKind::Line,
        ("requests sent twice", "share"),
        ("99th percentile", "ms"),
    );
    let mut points: Vec<[f64; 2]> = hedges(rising).iter().map(|hedge| [hedge.extra, hedge.p99]).collect();
    points.reverse();
    chart.add("99th percentile", points);
    chart.mark(quantile(rising, 0.99).map(|p99| [0.0, p99]));
    Some(chart)
}
