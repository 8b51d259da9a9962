//! What would make an answer shorter, each computed anew from the whole: a shorter answer also frees its place sooner.

use super::Case;
use super::metrics::SLOW;
use super::queue::Queue;
use super::tail::Tail;
use crate::analysis::answer::Answer;
use crate::analysis::load::Decoding;
use crate::analysis::math::critical_path::{Call, critical_path};
use crate::analysis::math::decoding::{most_tokens, speculative_speedup};
use crate::analysis::math::hedging::{Hedge, any_slow, hedge_grid};
use crate::analysis::math::percentiles::quantile;
use crate::format::{count, ms, ratio, share, usd};
use crate::real;
use crate::result::Candidate;

/// What is left of the time to the first token at best when the whole prompt is cached: 20.37 s became 2.92 s on a
/// prompt of 187k tokens (Anthropic cookbook, `prompt_caching.ipynb`).
const CACHED_TTFT: f64 = 2.92 / 20.37;
/// Up to this share of requests may wait for a place before more places are worth it.
pub(super) const LATE: f64 = 0.05;
/// The delays of hedging that are tried, as shares of the log.
const HEDGE_AT: [f64; 8] = [0.5, 0.75, 0.9, 0.95, 0.97, 0.98, 0.99, 0.995];
/// Hedging more requests than this costs more than a tail is worth.
const HEDGE_MOST_EXTRA: f64 = 0.1;
/// A fan-out that meets a slow call this often is called wide.
const FAN_OUT_SLOW: f64 = 0.1;
/// A gain below this share is noise.
const GAIN_LEAST: f64 = 0.02;

/// Something that could be done, and what it brings.
pub(super) struct WhatIf {
    pub(super) option: Candidate,
    /// Milliseconds that a whole answer gets shorter, with its wait; `None` where it does not, or the wait is unknown.
    pub(super) gain_ms: Option<f64>,
}

/// All that applies, the shortest answer first.
pub(super) fn all(case: &Case<'_>, answer: &mut Answer) -> Vec<WhatIf> {
    let mut found = Vec::new();
    if let Some(decoding) = case.time.as_ref().and_then(|time| time.decoding) {
        found.extend(shorter(case, &decoding));
        found.extend(capped(case, &decoding));
        found.extend(faster_model(case, &decoding));
        found.extend(cached_prefix(case, &decoding));
        found.extend(speculative(case, &decoding));
        found.push(streaming(case, &decoding));
    }
    found.extend(parallel(case));
    found.extend(fan_out(case));
    found.extend(case.queue.as_ref().and_then(|queue| more_places(case, queue)));
    found.extend(hedging(case, answer));
    found.sort_by(|a, b| {
        let time = |what_if: &WhatIf| what_if.option.latency_ms.unwrap_or(f64::INFINITY);
        time(a).total_cmp(&time(b))
    });
    found
}

/// An option after which an answer takes `answer_ms`, and its place is free that much sooner.
fn what_if(case: &Case<'_>, id: &str, title: String, answer_ms: f64, notes: Vec<String>) -> WhatIf {
    with_wait(case, id, title, answer_ms, case.wait_if(answer_ms), notes)
}

/// An option after which a request waits `wait` and its answer takes `answer_ms`; no wait: overload.
fn with_wait(
    case: &Case<'_>,
    id: &str,
    title: String,
    answer_ms: f64,
    wait: Option<f64>,
    notes: Vec<String>,
) -> WhatIf {
    let whole = wait.map(|wait| answer_ms + wait);
    let mut option = Candidate {
        id: id.into(),
        title,
        model: case.spend.as_ref().map(|spend| spend.model.id.clone()),
        vendor: case.spend.as_ref().map(|spend| spend.model.vendor.clone()),
        latency_ms: whole,
        notes,
        ..Candidate::default()
    };
    if let Some(before) = case.queue.as_ref().map(Queue::wait_ms).filter(|before| *before != wait) {
        let word = |wait: Option<f64>| wait.map_or_else(|| "endless".into(), ms);
        option.notes.push(format!("Mean wait for a place: {} before, {} after.", word(before), word(wait)));
    }
    if let Some((target, whole)) = case.workload.latency_target_ms.zip(whole) {
        let verdict = if whole <= target { "meets" } else { "misses" };
        option.notes.push(format!("{} on average {verdict} the target of {}.", ms(whole), ms(target)));
    }
    let gain_ms = case.whole_ms().zip(whole).map(|(before, after)| before - after).filter(|gain| *gain > 0.0);
    WhatIf { option, gain_ms }
}

fn price_output(case: &Case<'_>, what_if: &mut WhatIf, generated: f64) {
    let Some(spend) = &case.spend else { return };
    let Some(per_request) = spend.with_output(generated) else { return };
    spend.price(&mut what_if.option, per_request);
    let saved = what_if.option.saving_usd.filter(|saved| *saved > 0.0);
    if let Some((saved, gain)) = saved.zip(what_if.gain_ms) {
        what_if.option.notes.push(format!("Saves {} a month and {} a request.", usd(saved), ms(gain)));
    }
}

fn shorter(case: &Case<'_>, now: &Decoding) -> Option<WhatIf> {
    let output = case.traffic.output.filter(|output| *output >= 2.0)?;
    let tokens = output / 2.0 + case.traffic.reasoning;
    let then = Decoding { tokens, ..*now };
    let notes = vec![
        "Ask for less: a limit in words, fewer fields, no repeated question. Output sets the time: OpenAI's latency \
         guide puts half the output at about half the time, half the input at 1 to 5 %."
            .into(),
    ];
    let mut found = what_if(case, "shorter-output", "Answers half as long".into(), then.total(), notes);
    price_output(case, &mut found, tokens);
    Some(found)
}

/// The time that an answer may take to meet the target after today's wait, where it takes longer.
fn missed_target(case: &Case<'_>, now: &Decoding) -> Option<f64> {
    let spare = case.workload.latency_target_ms? - case.wait_ms().unwrap_or(0.0);
    (spare < now.total()).then_some(spare)
}

/// The longest answer that meets the target, where today's does not.
fn capped(case: &Case<'_>, now: &Decoding) -> Option<WhatIf> {
    let target = missed_target(case, now)?;
    let tokens = most_tokens(now.ttft, now.tpot, target / now.calls)?;
    let answer_tokens = tokens - case.traffic.reasoning;
    if answer_tokens < 1.0 {
        return None;
    }
    let then = Decoding { tokens, ..*now };
    let title = format!("At most {} output tokens", count(answer_tokens));
    let notes = vec![format!(
        "The longest answer that ends within {} of its start; {} today.",
        ms(target),
        count(case.traffic.output.unwrap_or(0.0))
    )];
    let mut found = what_if(case, "output-cap", title, then.total(), notes);
    price_output(case, &mut found, tokens);
    Some(found)
}

/// The speed that would meet the target. No model is named: no open list of today's speeds exists.
fn faster_model(case: &Case<'_>, now: &Decoding) -> Option<WhatIf> {
    let target = missed_target(case, now)?;
    let tpot = (target / now.calls - now.ttft) / (now.tokens - 1.0);
    if !tpot.is_finite() || tpot <= 0.0 {
        return None;
    }
    let title = format!("A model with at most {} a token", ms(tpot));
    let notes = vec![
        format!(
            "That is {} tokens a second, {} times today's, at the same time to the first token.",
            count(1000.0 / tpot),
            ratio(now.tpot / tpot)
        ),
        "No open and current list of hosted models' speeds exists: measure candidates with your own prompts.".into(),
    ];
    Some(what_if(case, "faster-model", title, now.calls * (now.ttft + (now.tokens - 1.0).max(0.0) * tpot), notes))
}

/// A cached prefix shortens the time to the first token; only a chance where no hit rate is stated.
fn cached_prefix(case: &Case<'_>, now: &Decoding) -> Option<WhatIf> {
    if case.traffic.hit_rate.is_some() {
        return None;
    }
    let (prefix, input) = (case.traffic.prefix?, case.traffic.input.filter(|input| *input > 0.0)?);
    let rule = case.spend.as_ref().and_then(|spend| spend.model.cache);
    let cached = rule.map_or(prefix, |rule| rule.cached(prefix));
    if cached <= 0.0 {
        return None;
    }
    let part = cached / input;
    let then = Decoding { ttft: now.ttft * (1.0 - part * (1.0 - CACHED_TTFT)), ..*now };
    let notes = vec![
        format!(
            "At best, when every request finds its {} tokens cached: {} until the first token instead of {}. Measured \
             on a prompt of 187,000 tokens (Anthropic cookbook); short prompts gain little.",
            count(cached),
            ms(then.ttft),
            ms(now.ttft)
        ),
        "Input read from the cache is cheaper too: see the category Cost.".into(),
    ];
    Some(what_if(case, "prompt-cache", "Cached prefix of the prompt".into(), then.total(), notes))
}

/// Only where the user runs the model: hosted interfaces do not offer it.
fn speculative(case: &Case<'_>, now: &Decoding) -> Option<WhatIf> {
    let w = case.workload;
    let own = w.gpu.is_some() || w.gpu_usd_per_hour.is_some() || w.tokens_per_second_per_gpu.is_some();
    let (accepted, theory) = speculative_speedup(0.8, 5, 0.05)?;
    // Third party, one request at a time: plain speculative sampling to EAGLE-3.
    let (least, most) = (1.52, 3.02);
    let then = Decoding { tpot: now.tpot / least, ..*now };
    let best = Decoding { tpot: now.tpot / most, ..*now };
    let notes = vec![
        format!(
            "{} to {} times faster tokens measured by a third party with one request at a time (Spec-Bench; EAGLE-3's \
             authors claim 5.6): {} to {}.",
            count(least),
            count(most),
            ms(best.total()),
            ms(then.total())
        ),
        format!(
            "Theory: {} tokens a step at an acceptance of 0.8 with 5 drafted give {} times (arXiv 2211.17192). Under \
             high load it slowed vLLM down by 1.4 to 1.8 times: measure at your load.",
            count(accepted),
            count(theory)
        ),
    ];
    own.then(|| what_if(case, "speculative-decoding", "Speculative decoding".into(), then.total(), notes))
}

fn streaming(case: &Case<'_>, now: &Decoding) -> WhatIf {
    // Only the last of several calls can be shown while it is written.
    let before = now.total() - (now.total() / now.calls - now.ttft);
    let wait = case.wait_ms().unwrap_or(0.0);
    let notes = vec![format!(
        "The whole takes as long as before, but reading begins after {} instead of {}.",
        ms(before + wait),
        ms(now.total() + wait)
    )];
    let option = Candidate {
        id: "streaming".into(),
        title: "Show the answer while it is written".into(),
        latency_ms: case.whole_ms(),
        notes,
        ..Candidate::default()
    };
    WhatIf { option, gain_ms: None }
}

/// Calls beside each other instead of one after another.
fn parallel(case: &Case<'_>) -> Option<WhatIf> {
    let time = case.time.as_ref()?;
    let calls = case.workload.sequential_calls.filter(|calls| *calls >= 2.0)?;
    let one = time.ms / calls;
    // More than a few calls change nothing in either shape.
    let shape = |after: &[usize]| Call { ms: one, after: after.to_vec() };
    let branches = vec![shape(&[]); (calls as usize).min(4) - 1];
    let before: Vec<usize> = (0..branches.len()).collect();
    let together = critical_path(&branches)?;
    let joined = critical_path(&[branches, vec![shape(&before)]].concat())?;
    let mut notes = vec![format!(
        "If no call needs another's answer: {}. If the last one puts the others together: {}.",
        ms(together),
        ms(joined)
    )];
    notes.push(format!(
        "All are as slow as the slowest: with {} calls, {} of the requests meet one beyond the 99th percentile.",
        count(calls),
        share(any_slow(SLOW, calls))
    ));
    // Calls beside each other hold as many places for as long as before, so the wait stays.
    Some(with_wait(case, "parallel-calls", "Calls beside each other".into(), together, case.wait_ms(), notes))
}

/// How a fan-out escapes its slowest call.
fn fan_out(case: &Case<'_>) -> Vec<WhatIf> {
    let Some(calls) = case.workload.parallel_calls.filter(|calls| *calls >= 2.0) else { return Vec::new() };
    let today = any_slow(SLOW, calls);
    let few = (real::ln(1.0 - FAN_OUT_SLOW) / real::ln(1.0 - SLOW)).floor();
    let plain = |id: &str, title: String, note: String| {
        let option = Candidate { id: id.into(), title, notes: vec![note], ..Candidate::default() };
        WhatIf { option, gain_ms: None }
    };
    let mut found = Vec::new();
    if calls > few {
        let note = format!(
            "Then {} of the requests meet a call beyond the 99th percentile, instead of {}. Ask several things in one \
             call, or leave out what is rarely needed.",
            share(any_slow(SLOW, few)),
            share(today)
        );
        found.push(plain("fewer-calls", format!("At most {} calls at a time", count(few)), note));
    }
    // At most one slow call among them: binomial.
    let two_slow = today - calls * SLOW * real::powf(1.0 - SLOW, calls - 1.0);
    let note = format!(
        "If an answer can do without one of its {} calls, {} of the requests wait for a slow one instead of {}; Dean \
         and Barroso call that good enough.",
        count(calls),
        share(two_slow.clamp(0.0, 1.0)),
        share(today)
    );
    found.push(plain("skip-slowest", "Answer without the slowest call".into(), note));
    found
}

fn more_places(case: &Case<'_>, queue: &Queue) -> Option<WhatIf> {
    if queue.replayed.is_some() || queue.wait_probability().is_some_and(|waiting| waiting <= LATE) {
        return None;
    }
    let places = queue.enough(LATE)?;
    let wait = queue.wait_with(places as u64)?;
    let answer_ms = case.time.as_ref()?.ms;
    let mut option = Candidate {
        id: "more-concurrency".into(),
        title: format!("{} places instead of {}", count(places), count(queue.places as f64)),
        latency_ms: Some(answer_ms + wait),
        ..Candidate::default()
    };
    let before = queue.wait_ms();
    option.notes.push(format!(
        "With {} places at most {} of the requests wait: {} on average instead of {}.",
        count(places),
        share(LATE),
        ms(wait),
        before.map_or_else(|| "endlessly".into(), ms)
    ));
    let gain_ms = before.map(|before| before - wait).filter(|gain| *gain > 0.0);
    Some(WhatIf { option, gain_ms })
}

/// The best delay on the log, or that there is none.
fn hedging(case: &Case<'_>, answer: &mut Answer) -> Option<WhatIf> {
    let Some(Tail::Log { rising, .. }) = case.tail else { return None };
    let before = quantile(rising, 0.99)?;
    let best = best_hedge(rising)?;
    if best.p99 > before * (1.0 - GAIN_LEAST) {
        answer.assume(
            "",
            None,
            crate::workload::Source::Log,
            "Hedged requests (a second copy after a delay) were replayed on your log: no gain found.",
        );
        return None;
    }
    let mut option = Candidate {
        id: "hedging".into(),
        title: format!("A second copy after {}", ms(best.delay)),
        notes: vec![format!(
            "99th percentile {} instead of {}, for {} more requests: every pair of rows of your log replayed, the \
             second copy independent of the first. If slow rows were slow together, the gain is less.",
            ms(best.p99),
            ms(before),
            share(best.extra)
        )],
        ..Candidate::default()
    };
    if let Some(spend) = &case.spend {
        spend.price(&mut option, spend.quote.usd * (1.0 + best.extra));
        option.notes.extend(spend.monthly(spend.quote.usd * best.extra).map(|extra| {
            format!("Costs {} a month more: {} for each second off the 99th percentile.", usd(extra), {
                usd(extra / ((before - best.p99) / 1000.0))
            })
        }));
    }
    Some(WhatIf { option, gain_ms: None })
}

/// Points of delay, for the best one and for the chart.
pub(super) fn hedges(rising: &[f64]) -> Vec<Hedge> {
    hedge_grid(rising, &HEDGE_AT)
}

fn best_hedge(rising: &[f64]) -> Option<Hedge> {
    let affordable = hedges(rising).into_iter().filter(|hedge| hedge.extra <= HEDGE_MOST_EXTRA);
    affordable.min_by(|a, b| a.p99.total_cmp(&b.p99))
}
