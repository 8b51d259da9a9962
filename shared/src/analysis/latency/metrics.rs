//! The figures of a latency answer, each with its formula.

use super::Case;
use super::tail::{Found, PERCENTILES, Tail, given};
use crate::analysis::answer::{Answer, label, metric};
use crate::analysis::load::{queueing_source, told};
use crate::analysis::math::hedging::any_slow;
use crate::format::{count, ms, share};
use crate::result::Metric;
use crate::workload::Source;

/// The share of calls that count as slow in a fan-out: beyond the 99th percentile.
pub(super) const SLOW: f64 = 0.01;

pub(super) fn write(case: &Case<'_>, answer: &mut Answer) {
    answer.metrics.extend(whole_answer(case));
    answer.metrics.extend(speed(case));
    percentiles(case, answer);
    let in_time = target_share(case, answer);
    answer.metrics.extend(in_time);
    answer.metrics.extend(waiting(case));
    answer.metrics.extend(fan_out(case));
}

fn whole_answer(case: &Case<'_>) -> Option<Metric> {
    let time = case.time.as_ref()?;
    let formula = match &time.decoding {
        Some(_) => format!("first token + (tokens - 1) × further token: {}", time.formula),
        None => time.formula.clone(),
    };
    Some(
        metric("e2e_ms", "Whole answer", "ms", Some(time.ms), formula, &time.source)
            .against(case.workload.latency_target_ms),
    )
}

fn speed(case: &Case<'_>) -> Vec<Metric> {
    let w = case.workload;
    let one = |id: &str, words: &str, value: Option<f64>| {
        Some(metric(id, words, "ms", Some(value?), "as given".into(), &told(case.request, &[id])))
    };
    [one("ttft_ms", "Time to first token", w.ttft_ms), one("tpot_ms", "Time per further token", w.tpot_ms)]
        .into_iter()
        .flatten()
        .collect()
}

fn percentiles(case: &Case<'_>, answer: &mut Answer) {
    let ids = [("p50_ms", "Median"), ("p95_ms", "95th percentile"), ("p99_ms", "99th percentile")];
    let mut estimated = Vec::new();
    for ((id, words), at) in ids.into_iter().zip(PERCENTILES) {
        let found = match &case.tail {
            Some(tail) => tail.percentile(case.request, at),
            None => given(case.request, at.0),
        };
        let Some(Found { value, range, formula, source }) = found else { continue };
        if matches!(case.tail, Some(Tail::Curve(_))) && case.workload.get(at.0).is_none() {
            estimated.push((label(at.0), value));
        }
        answer.metrics.push(
            metric(id, words, "ms", Some(value), formula, &source)
                .within(range.map(|r| (r.low, r.high)))
                .against(case.workload.latency_target_ms),
        );
    }
    for (what, value) in estimated {
        let text = format!(
            "The {what} is not given: {} follows from the others if times are log-normal. Far tails are often heavier.",
            ms(value)
        );
        answer.assume("", Some(value), Source::Computed, text);
    }
}

fn target_share(case: &Case<'_>, answer: &mut Answer) -> Option<Metric> {
    let target = case.workload.latency_target_ms?;
    let tail = case.tail.as_ref()?;
    if matches!(tail, Tail::Curve(_)) {
        let text = "Between your percentiles the times are taken to be log-normal, which fits the body of most \
                    services' response times.";
        answer.assume("", None, Source::Default, text);
    }
    let Found { value, range, formula, source } = tail.share_within(case.request, target)?;
    Some(
        metric("target_share", "Answers within the target", "share", Some(value), formula, &source)
            .within(range.map(|r| (r.low, r.high))),
    )
}

fn waiting(case: &Case<'_>) -> Vec<Metric> {
    let Some(queue) = &case.queue else { return Vec::new() };
    let formula = queue.formula();
    let source = queueing_source(queue.replayed.is_some(), queue.correction.is_some());
    vec![
        metric("queue_wait_ms", "Mean wait for a place", "ms", queue.wait_ms(), formula.clone(), source),
        metric("wait_probability", "Requests that wait", "share", queue.wait_probability(), formula, source),
    ]
}

fn fan_out(case: &Case<'_>) -> Option<Metric> {
    let calls = case.workload.parallel_calls?;
    let slow = any_slow(SLOW, calls);
    let mut formula = format!("1 - 0.99^{} = {}", count(calls), share(slow));
    if let Some(slowest) = case.tail.as_ref().and_then(|tail| tail.slowest_of(calls)) {
        let (calls, slowest) = (count(calls), ms(slowest));
        formula = format!("{formula}; the slowest of {calls} takes {slowest} or more in half of the cases");
    }
    Some(metric(
        "fanout_slow_share",
        "Requests that wait for a slow call",
        "share",
        Some(slow),
        formula,
        "Dean and Barroso, The tail at scale, CACM 2013; calls that are slow independently of each other",
    ))
}
