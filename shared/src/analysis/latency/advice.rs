//! What to make of the figures: headline, recommendations, roadmap, and what is missing.

use super::Case;
use super::metrics::SLOW;
use super::options::WhatIf;
use crate::analysis::answer::{Answer, question};
use crate::analysis::math::hedging::any_slow;
use crate::format::{count, ms, share};
use crate::result::{Recommendation, RoadmapItem};

/// Most recommendations of an answer.
const MOST: usize = 5;
/// What is worth doing though it does not make the mean answer shorter.
const ALWAYS: [&str; 5] = ["streaming", "hedging", "more-concurrency", "fewer-calls", "skip-slowest"];

pub(super) fn write(case: &Case<'_>, what_ifs: &[WhatIf], answer: &mut Answer) {
    answer.headline = headline(case, what_ifs);
    answer.recommendations = recommendations(case, what_ifs);
    answer.roadmap = roadmap(&answer.recommendations);
    questions(case, answer);
}

fn headline(case: &Case<'_>, what_ifs: &[WhatIf]) -> String {
    let fan_out = fan_out(case);
    let Some(time) = &case.time else {
        if let Some(fan_out) = fan_out {
            return fan_out;
        }
        return match case.tail.as_ref().zip(case.workload.latency_target_ms) {
            Some((tail, target)) => tail.share_within(case.request, target).map_or_else(String::new, |found| {
                format!("{} of the answers are within {}.", share(found.value), ms(target))
            }),
            None => "Not enough is known about the time of an answer: say when its first token comes, how long each \
                     further one takes, and how many there are."
                .into(),
        };
    };
    let mut sentences = vec![match time.decoding {
        Some(parts) => format!(
            "An answer takes {}: {} until {}, {} for writing.",
            ms(time.ms),
            ms(parts.first()),
            if parts.calls > 1.0 { "the first tokens of its calls" } else { "the first token" },
            ms(parts.further())
        ),
        None => format!("An answer takes {} on average.", ms(time.ms)),
    }];
    if let Some(queue) = &case.queue {
        sentences.push(match queue.wait_ms() {
            Some(wait) => format!("Before that it waits {} for a place on average.", ms(wait)),
            None => format!(
                "At the peak {} requests compete for {} places: that is more than they carry, and the line grows.",
                count(queue.load),
                count(queue.places as f64)
            ),
        });
    }
    if let Some(target) = case.workload.latency_target_ms {
        sentences.push(verdict(case, target));
    }
    sentences.extend(fan_out);
    if let Some(best) = best(case, what_ifs) {
        let after = best.option.latency_ms.map_or_else(String::new, |after| format!(": {}", ms(after)));
        sentences.push(format!("What helps most: {}{after}.", lower_first(&best.option.title)));
    }
    sentences.join(" ")
}

/// What many calls at a time do to the tail.
fn fan_out(case: &Case<'_>) -> Option<String> {
    let calls = case.workload.parallel_calls.filter(|calls| *calls >= 2.0)?;
    Some(format!(
        "A request that waits for {} calls is as slow as the slowest: {} of the requests meet one beyond the 99th \
         percentile.",
        count(calls),
        share(any_slow(SLOW, calls))
    ))
}

/// Whether the target is met, by share where that is known, else on average.
fn verdict(case: &Case<'_>, target: f64) -> String {
    let part = case.tail.as_ref().and_then(|tail| tail.share_within(case.request, target));
    match (part, case.whole_ms()) {
        (Some(part), _) => format!("{} of the answers are within the target of {}.", share(part.value), ms(target)),
        (None, Some(whole)) if whole <= target => format!("The target of {} is met on average.", ms(target)),
        (None, Some(whole)) => format!("The target of {} is missed by {}.", ms(target), ms(whole - target)),
        (None, None) => format!("The target of {} is missed in overload.", ms(target)),
    }
}

/// What the answer should name first: in overload what ends it, else the least that meets the target, else the most.
fn best<'w>(case: &Case<'_>, what_ifs: &'w [WhatIf]) -> Option<&'w WhatIf> {
    if case.queue.as_ref().is_some_and(|queue| queue.wait_ms().is_none()) {
        return what_ifs.iter().find(|w| w.option.id == "more-concurrency");
    }
    // A speed that no model is known to have is a yardstick, not an advice.
    what_ifs.iter().find(|w| w.gain_ms.is_some() && w.option.id != "faster-model")
}

fn recommendations(case: &Case<'_>, what_ifs: &[WhatIf]) -> Vec<Recommendation> {
    let first = best(case, what_ifs).map(|w| w.option.id.as_str());
    let mut advice: Vec<&WhatIf> =
        what_ifs.iter().filter(|w| w.gain_ms.is_some() || ALWAYS.contains(&w.option.id.as_str())).collect();
    advice.sort_by_key(|w| Some(w.option.id.as_str()) != first);
    advice.truncate(MOST);
    advice
        .into_iter()
        .map(|what_if| {
            let gain = what_if.gain_ms.map(|gain| format!("An answer is there {} sooner.", ms(gain)));
            Recommendation {
                id: what_if.option.id.clone(),
                title: what_if.option.title.clone(),
                text: gain.into_iter().chain(what_if.option.notes.iter().cloned()).collect::<Vec<_>>().join(" "),
                saving_usd: what_if.option.saving_usd,
            }
        })
        .collect()
}

/// Measuring first, then what needs no code, then what does.
fn roadmap(advice: &[Recommendation]) -> Vec<RoadmapItem> {
    if advice.is_empty() {
        return Vec::new();
    }
    let has = |ids: &[&str]| advice.iter().any(|a| ids.contains(&a.id.as_str()));
    let steps: [(bool, u32, &str, &str); 5] = [
        (
            true,
            1,
            "Measure",
            "Log for each request when it was sent, its first and its last token, and the tokens in and out. Done when \
             1,000 rows give the 99th percentile.",
        ),
        (
            has(&["more-concurrency"]),
            1,
            "Raise the concurrency",
            "Raise your own limit or ask the vendor. Done when at most 5 % of the requests wait at the peak.",
        ),
        (
            has(&["streaming", "shorter-output", "output-cap", "prompt-cache"]),
            1,
            "Ask for less and show it sooner",
            "Limit the output, put the fixed part of the prompt first, stream. Done when the median is where the \
             computation puts it.",
        ),
        (
            has(&["parallel-calls", "fewer-calls", "skip-slowest", "hedging", "speculative-decoding"]),
            2,
            "Change the flow of calls",
            "Run independent calls beside each other, hedge the slow ones. Done when the 95th percentile has moved, \
             not only the median.",
        ),
        (
            true,
            1,
            "Look again",
            "Run this analysis on a new log. Done when the share within the target is where you want it.",
        ),
    ];
    let mut items: Vec<RoadmapItem> = Vec::new();
    for (_, weeks, title, text) in steps.into_iter().filter(|step| step.0) {
        let week_from = items.last().map_or(1, |last| last.week_to + 1);
        items.push(RoadmapItem { week_from, week_to: week_from + weeks - 1, title: title.into(), text: text.into() });
    }
    items
}

fn questions(case: &Case<'_>, answer: &mut Answer) {
    let w = case.workload;
    if case.time.as_ref().is_none_or(|time| time.decoding.is_none()) {
        if w.ttft_ms.is_none() {
            answer.ask(question("ttft_ms", "How many milliseconds pass until the first token?"));
        }
        if w.tpot_ms.is_none() {
            answer.ask(question("tpot_ms", "How many milliseconds does each further token take?"));
        }
        if case.traffic.output.is_none() {
            answer.ask(question("output_tokens", "How many output tokens does an answer have on average?"));
        }
    }
    if w.latency_target_ms.is_none() {
        let asked = question("latency_target_ms", "Within how many milliseconds should an answer be there?");
        answer.ask(
            [("2 s", 2_000.0), ("5 s", 5_000.0), ("10 s", 10_000.0)]
                .iter()
                .fold(asked, |asked, (words, ms)| asked.choice(*words, &[("latency_target_ms", (*ms).into())])),
        );
    }
    if case.tail.is_none() {
        let missing = if w.latency_p95_ms.is_none() { "latency_p95_ms" } else { "latency_p50_ms" };
        let which = if missing == "latency_p95_ms" { "95th percentile" } else { "median" };
        answer.ask(question(
            missing,
            format!("What is the {which} of your whole answers? Two percentiles, or a log, tell how many are in time."),
        ));
    }
    if w.concurrency_limit.is_none() {
        answer.ask(question("concurrency_limit", "How many requests may run at the same time, if that is limited?"));
    } else if case.traffic.requests_per_day.is_none() {
        answer.ask(question("requests_per_day", "How many requests do you make a day?"));
    }
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}
