//! The figures of a cost answer, each with its formula.

use super::levers;
use super::options::best;
use crate::analysis::answer::{Answer, label, metric};
use crate::analysis::case::Case;
use crate::analysis::offers::{Ranked, Standing};
use crate::format::{count, ratio, share, usd};
use crate::result::Metric;

pub(super) fn write(case: &Case<'_>, options: &[Ranked<'_>], answer: &mut Answer) {
    let per_request = cost_per_request(case, answer);
    let monthly = monthly_cost(case, answer);
    answer.metrics.extend([per_request, monthly]);
    answer.metrics.extend(stated_ratio(case));
    let best = best(options);
    if best.is_none() && case.tokens.is_some() && case.now.is_some() {
        answer.warn("none_good_enough", "No option of the catalog is known to reach the quality that is asked for.");
    }
    answer.metrics.push(best_cost(case, best));
    let saving = saving(case, best, answer);
    answer.metrics.push(saving);
    answer.metrics.extend(combined(case));
    answer.metrics.extend(cache_break_even(case));
}

/// What is missing to price today's use, in words.
fn missing(case: &Case<'_>) -> Vec<&'static str> {
    let mut missing = Vec::new();
    if case.now.is_none() {
        missing.push(label("model"));
    }
    if case.traffic.input.is_none() {
        missing.push(label("input_tokens"));
    }
    if case.traffic.output.is_none() {
        missing.push(label("output_tokens"));
    }
    missing
}

fn cost_per_request(case: &Case<'_>, answer: &mut Answer) -> Metric {
    let quote = case.now.as_ref().and_then(|now| now.quote);
    let formula = match (quote, &case.tokens) {
        (Some(quote), Some(tokens)) => tokens.formula(&quote.price.rates),
        _ => "(input × price in + output × price out) / 1,000,000".into(),
    };
    if quote.is_none() {
        let missing = missing(case);
        if missing.is_empty() {
            answer.warn("cannot_price", "Cannot price: the catalog has no price of this model for this day.");
        } else {
            answer.warn("missing_input", format!("Today's cost cannot be computed without: {}.", missing.join(", ")));
        }
    }
    let range = case.now.as_ref().and_then(|now| now.range);
    metric("cost_per_request_usd", "Cost of a request", "USD", quote.map(|q| q.usd), formula, &case.source)
        .within(range)
}

fn monthly_cost(case: &Case<'_>, answer: &mut Answer) -> Metric {
    let value = case.monthly_now();
    let formula = match (case.traffic.requests_per_day, case.usd_now(), value) {
        (Some(requests), Some(per_request), Some(monthly)) => {
            format!("{} requests a day × 30 days × {} = {}", count(requests), usd(per_request), usd(monthly))
        }
        _ => "requests a day × 30 days × cost of a request".into(),
    };
    if value.is_none() && case.usd_now().is_some() {
        answer.warn("missing_volume", "The cost of a month cannot be computed without the number of requests.");
    }
    let range = case
        .now
        .as_ref()
        .and_then(|now| now.range)
        .and_then(|(low, high)| Some((case.monthly(low)?, case.monthly(high)?)));
    metric("monthly_cost_usd", "Cost of 30 days at list price", "USD/month", value, formula, &case.source)
        .within(range)
        .against(case.workload.monthly_spend_usd)
}

/// Computed over stated; only where a bill is stated.
fn stated_ratio(case: &Case<'_>) -> Option<Metric> {
    let stated = case.workload.monthly_spend_usd?;
    let derived = case.workload.requests_per_day.is_none() && case.workload.classes.is_empty();
    let computed = case.monthly_now().filter(|_| !derived);
    let formula = computed.map_or_else(
        || "computed / stated".into(),
        |computed| format!("{} computed / {} stated = {}", usd(computed), usd(stated), ratio(computed / stated)),
    );
    let value = computed.map(|computed| computed / stated);
    Some(
        metric(
            "stated_spend_ratio",
            "Computed over stated spend",
            "ratio",
            value,
            formula,
            "your bill and the price list",
        )
        .against(Some(1.0)),
    )
}

fn best_cost(case: &Case<'_>, best: Option<&Ranked<'_>>) -> Metric {
    let value = best.and_then(|best| case.monthly(best.usd?));
    let formula = match best {
        Some(best) => format!(
            "the cheapest option at {}: {}{}",
            asked(case),
            best.option.title,
            value.map_or_else(String::new, |v| format!(" at {}", usd(v)))
        ),
        None => "the cheapest option at the quality asked for".into(),
    };
    let range = best.and_then(|best| best.option.monthly_cost_low_usd.zip(best.option.monthly_cost_high_usd));
    let source = case
        .yard
        .as_ref()
        .map_or_else(|| case.source.clone(), |yard| format!("{}; {}", case.source, yard.benchmark.label));
    metric(
        "best_monthly_cost_usd",
        "Best cost of 30 days at the quality asked for",
        "USD/month",
        value,
        formula,
        &source,
    )
    .within(range)
    .against(case.monthly_now())
}

/// What quality is asked for, in words.
pub(super) fn asked(case: &Case<'_>) -> String {
    match case.yard.as_ref().and_then(|yard| Some((yard.floor?, yard))) {
        Some((floor, yard)) => {
            format!("a quality of at least {} on {}", crate::format::points(floor), yard.benchmark.label)
        }
        None => "a quality not below today's".into(),
    }
}

fn saving(case: &Case<'_>, best: Option<&Ranked<'_>>, answer: &mut Answer) -> Metric {
    let saved = best.and_then(|best| best.option.saving_share);
    if saved.is_some_and(|s| s <= 0.0) {
        answer.warn("no_saving_found", format!("No saving found: no option is cheaper at {}.", asked(case)));
    }
    let formula = match (best.and_then(|b| b.usd), case.usd_now(), saved) {
        (Some(then), Some(now), Some(saved)) => {
            format!("1 - {} / {} a request = {}", usd(then), usd(now), share(saved))
        }
        _ => "1 - best / today".into(),
    };
    // A saving of the best option that its own range may eat up.
    let range = best.and_then(|best| {
        let now = case.monthly_now().filter(|now| *now > 0.0)?;
        Some((1.0 - best.option.monthly_cost_high_usd? / now, 1.0 - best.option.monthly_cost_low_usd? / now))
    });
    metric("saving_share", "Saving", "share", saved, formula, &case.source).within(range)
}

/// What all levers cost together, where the user's facts price at least one.
fn combined(case: &Case<'_>) -> Option<Metric> {
    let levers = levers::all(case);
    let (steps, facts) = levers::together(case, &levers)?;
    let last = steps.last().filter(|_| facts)?.to;
    let terms: Vec<String> = steps.iter().map(|step| format!("{} {}", step.name, usd(step.to))).collect();
    let formula = format!("{} a request, then {}; × requests of 30 days", usd(case.usd_now()?), terms.join(", "));
    Some(
        metric(
            "combined_monthly_cost_usd",
            "Today's model with all levers together",
            "USD/month",
            case.monthly(last),
            formula,
            &case.source,
        )
        .against(case.monthly_now()),
    )
}

/// How often a prefix must be used until caching it has paid off.
fn cache_break_even(case: &Case<'_>) -> Option<Metric> {
    let rates = case.now.as_ref()?.quote?.price.rates;
    let read = rates.cache_read?;
    let write = rates.cache_write.unwrap_or(rates.input);
    let uses = levers::uses_to_break_even(rates.input, read, write)?;
    let (w, r) = (write / rates.input, read / rates.input);
    let formula = format!(
        "fewest uses n > (w - r) / (1 - r) with write {} and read {} of the input price: {}",
        count(w),
        count(r),
        count(uses)
    );
    Some(metric(
        "cache_break_even_uses",
        "Uses of a cached prefix to break even",
        "uses",
        Some(uses),
        formula,
        &case.source,
    ))
}

/// Whether anything cheaper was found that is as good as asked.
pub(super) fn has_saving(best: Option<&Ranked<'_>>) -> bool {
    best.is_some_and(|best| best.standing == Standing::Proven && best.option.saving_share.is_some_and(|s| s > 0.0))
}
