//! The levers that keep today's model in place, one by one and together. Levers do not add up: each step of the
//! waterfall prices the whole plan anew.

use super::bill::Tokens;
use crate::analysis::case::{Case, Now, fits};
use crate::catalog::{CacheRule, Model};
use crate::format::{count, share, usd};

/// How long vendors keep a cached prefix at least, in seconds (Anthropic: 5 minutes; `OpenAI`: 5 to 10).
const CACHE_TTL_S: f64 = 300.0;
/// The share of conversation tokens found in the cache in a production trace: Mooncake, FAST 2025, table 2.
const HIT_RATE_MEASURED: f64 = 0.40;
/// What is left of compressible input at best: a quarter, `LongLLMLingua`, arXiv 2310.06839.
const TRIM_BEST: f64 = 0.25;
/// The share of strong calls of a perfect router on MMLU: `RouteLLM`'s outcomes, recomputed (n = 14,042).
const ROUTE_BEST_STRONG: f64 = 0.125;
/// What routing cost on `COQA` instead of saving: `FrugalGPT`'s data, recomputed.
const ROUTE_WORST: f64 = 1.007;

/// A way to run today's traffic. The default is today's.
#[derive(Clone, Copy, Default)]
pub(super) struct Plan<'a> {
    /// The share of requests that go to a smaller model.
    pub(super) route: Option<(f64, &'a Model)>,
    /// The share of the compressible input that is left out.
    pub(super) trim: f64,
    /// The fixed prefix and the share of requests that find it cached.
    pub(super) cache: Option<(f64, f64)>,
    /// The share of requests that go through the batch interface.
    pub(super) batch: f64,
}

/// One lever, pulled alone.
pub(super) struct Lever<'a> {
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    /// The plan with only this lever.
    pub(super) plan: Plan<'a>,
    /// Whether it rests on facts of the user, and not on "if all of it…".
    pub(super) known: bool,
    /// Dollars a request; `None`: cannot price.
    pub(super) usd: Option<f64>,
    pub(super) low: Option<f64>,
    pub(super) high: Option<f64>,
    pub(super) notes: Vec<String>,
}

/// Dollars a request under `plan`; `None` without a price of today's model.
pub(super) fn cost(case: &Case<'_>, plan: &Plan<'_>) -> Option<f64> {
    let model = case.now.as_ref()?.model;
    let strong = on(case, model, plan)?;
    match plan.route {
        Some((share, weak)) => Some(strong + share * (on(case, weak, plan)? - strong)),
        None => Some(strong),
    }
}

/// Dollars for a request that goes to `model` under `plan`.
fn on(case: &Case<'_>, model: &Model, plan: &Plan<'_>) -> Option<f64> {
    let mut tokens = case.tokens?;
    let fixed = case.traffic.prefix.unwrap_or(0.0);
    tokens.input -= plan.trim * (tokens.input - fixed).max(0.0);
    let price = model.price_at(case.traffic.day, tokens.input)?;
    if let Some((prefix, hits)) = plan.cache.filter(|_| price.rates.cache_read.is_some()) {
        let cacheable = model.cache.map_or(prefix, |rule| rule.cached(prefix)).min(tokens.input);
        tokens = Tokens { cached: cacheable * hits, written: cacheable * (1.0 - hits), ..tokens };
    } else {
        // Today's state: its surcharge for writes is in the range, not in the figure.
        tokens.written = 0.0;
    }
    let batch = price.batch.filter(|_| plan.batch > 0.0);
    let standard = tokens.cost_with_writes(&price.rates);
    let usd = batch.map_or(standard, |rates| standard + plan.batch * (tokens.cost_with_writes(&rates) - standard));
    Some(usd).filter(|usd| usd.is_finite())
}

/// The levers in the order in which they are pulled together: route, trim, cache, batch.
pub(super) fn all<'a>(case: &Case<'a>) -> Vec<Lever<'a>> {
    let (Some(now), Some(usd_now), Some(tokens)) = (case.now.as_ref(), case.usd_now(), case.tokens) else {
        return Vec::new();
    };
    vec![
        route(case, now, usd_now),
        trim(case, usd_now, &tokens),
        cache(case, now, usd_now, &tokens),
        batch(case, now, usd_now),
    ]
}

fn lever<'a>(id: &'static str, title: &'static str) -> Lever<'a> {
    Lever { id, title, plan: Plan::default(), known: false, usd: None, low: None, high: None, notes: Vec::new() }
}

/// Sends the requests that a smaller model answers well enough to one: c = a·weak + (1 - a)·strong.
fn route<'a>(case: &Case<'a>, now: &Now<'a>, usd_now: f64) -> Lever<'a> {
    let mut lever = lever("route", "Route easy requests to a smaller model");
    let Some(weak) = smaller_model(case, now, usd_now) else {
        lever.usd = Some(usd_now);
        lever.notes.push("No saving found: no model of the catalog is cheaper for this request.".into());
        return lever;
    };
    let Some(usd_weak) = on(case, weak, &Plan::default()) else { return lever };
    let even = usd_weak / usd_now;
    lever.notes.push(format!(
        "The smaller model is {}, the cheapest of {} that is not known to think first: {} a \
         request.",
        weak.name,
        weak.vendor,
        usd(usd_weak)
    ));
    if let Some(accepted) = case.workload.weak_accept_share {
        lever.known = true;
        lever.plan.route = Some((accepted, weak));
        lever.usd = cost(case, &lever.plan);
        // A cascade asks the small model first and pays for both where its answer is refused (FrugalGPT).
        let cascade = usd_weak + (1.0 - accepted) * usd_now;
        lever.low = lever.usd;
        lever.high = Some(cascade);
        lever.notes.push(format!(
            "{} of the requests go there. The high end is a cascade, which asks the small model \
             first and pays twice for what it refuses; it pays off above {} accepted.",
            share(accepted),
            share(even)
        ));
    } else {
        lever.usd = Some(usd_now);
        lever.low = Some(ROUTE_BEST_STRONG * usd_now + (1.0 - ROUTE_BEST_STRONG) * usd_weak);
        lever.high = Some(ROUTE_WORST * usd_now);
        lever.notes.push(format!(
            "Counted as nothing until you know which share of answers of the smaller model is \
             good enough; it pays off above {}. The range is published: from a perfect router on \
             MMLU (RouteLLM) to 0.7 % dearer (FrugalGPT's data on COQA).",
            share(even)
        ));
    }
    lever
}

/// The cheapest model that could take easy requests: of today's vendor where there is one, and not one that is known
/// to think first, which would bring tokens nobody has counted.
fn smaller_model<'a>(case: &Case<'a>, now: &Now<'a>, usd_now: f64) -> Option<&'a Model> {
    let cheaper = |same_vendor: bool, thinks: bool| {
        case.catalog
            .models
            .iter()
            .filter(|m| (!same_vendor || m.vendor == now.model.vendor) && (thinks || !m.thinks) && fits(case, m))
            .filter_map(|m| Some((m, on(case, m, &Plan::default())?)))
            .filter(|(_, usd)| *usd < usd_now)
            .min_by(|a, b| a.1.total_cmp(&b.1))
            .map(|(m, _)| m)
    };
    cheaper(true, false)
        .or_else(|| cheaper(true, true))
        .or_else(|| cheaper(false, false))
        .or_else(|| cheaper(false, true))
}

/// Shorter prompts. How much can go is not known from outside, so the figure is today's and the range is published.
fn trim<'a>(case: &Case<'a>, usd_now: f64, tokens: &Tokens) -> Lever<'a> {
    let mut lever = lever("trim", "Shorten prompts and answers");
    let best = Plan { trim: 1.0 - TRIM_BEST, ..Plan::default() };
    lever.usd = Some(usd_now);
    lever.low = cost(case, &best);
    lever.high = Some(usd_now);
    let tenth = Tokens { input: tokens.input * 0.1, output: tokens.output * 0.1, cached: 0.0, written: 0.0 };
    let rates = case.now.as_ref().and_then(|now| now.quote).map(|quote| quote.price.rates);
    if let Some(rates) = rates {
        lever.notes.push(format!(
            "Every 10 % fewer tokens save {} a request (input {}, output {}).",
            usd(tenth.cost(&rates)),
            usd(tenth.input * rates.input / 1e6),
            usd(tenth.output * rates.output / 1e6)
        ));
    }
    lever.notes.push(
        "Counted as nothing until measured on your prompts. The low end is the published best case, a quarter of the \
         compressible input (LongLLMLingua, arXiv 2310.06839), without what the compressor costs."
            .into(),
    );
    lever
}

/// Reads the fixed prefix from the vendor's cache.
fn cache<'a>(case: &Case<'a>, now: &Now<'a>, usd_now: f64, tokens: &Tokens) -> Lever<'a> {
    let mut lever = lever("prompt-cache", "Cache the fixed part of the prompt");
    let rates = now.quote.map(|quote| quote.price.rates);
    if rates.and_then(|r| r.cache_read).is_none() {
        lever.notes.push(format!(
            "Cannot price: {} publishes no price for cached input of {}.",
            now.model.vendor, now.model.name
        ));
        return lever;
    }
    if let (Some(prefix), Some(hits)) = (case.traffic.prefix, case.traffic.hit_rate) {
        lever.usd = Some(usd_now);
        lever.known = true;
        let more = cost(case, &Plan { cache: Some((prefix, 1.0)), ..Plan::default() });
        lever.notes.push(format!("Already in today's figure, with {} hits.", share(hits)));
        if let Some(more) = more.filter(|more| *more < usd_now) {
            lever.notes.push(format!("If every request found its prefix, a request would cost {}.", usd(more)));
            lever.low = Some(more);
            lever.high = Some(usd_now);
        }
        return lever;
    }
    let prefix = case.traffic.prefix.unwrap_or(tokens.input);
    lever.known = case.traffic.prefix.is_some();
    let hits = expected_hits(case.traffic.requests_per_day);
    lever.plan.cache = Some((prefix, hits));
    lever.usd = cost(case, &lever.plan);
    let at = |hits: f64| cost(case, &Plan { cache: Some((prefix, hits)), ..Plan::default() });
    (lever.low, lever.high) = if lever.known { (at(1.0), at(HIT_RATE_MEASURED)) } else { (lever.usd, Some(usd_now)) };
    if !lever.known {
        lever.notes.push("At most: if the whole prompt is a fixed prefix. How long is yours?".into());
    }
    lever.notes.push(cacheable_note(now.model.cache, prefix));
    lever
}

fn cacheable_note(rule: Option<CacheRule>, prefix: f64) -> String {
    match rule {
        Some(rule) if prefix < rule.min_tokens => format!(
            "No saving found: nothing is cached below {} tokens, and the prefix has {}.",
            count(rule.min_tokens),
            count(prefix)
        ),
        Some(rule) => format!(
            "{} of {} tokens are cached (from {} on, in steps of {}).",
            count(rule.cached(prefix)),
            count(prefix),
            count(rule.min_tokens),
            count(rule.step_tokens)
        ),
        None => {
            format!(
                "All {} tokens are taken as cached; the shortest prefix of this model is not \
                 published.",
                count(prefix)
            )
        }
    }
}

/// The share of requests that come within the cache's life of the one before, if they come at random (Poisson).
pub(super) fn expected_hits(requests_per_day: Option<f64>) -> f64 {
    requests_per_day.map_or(1.0, |per_day| -crate::real::exp_m1(-per_day / 86_400.0 * CACHE_TTL_S))
}

/// Sends what can wait through the batch interface.
fn batch<'a>(case: &Case<'a>, now: &Now<'a>, usd_now: f64) -> Lever<'a> {
    let mut lever = lever("batch", "Send what can wait as a batch");
    if now.quote.and_then(|quote| quote.price.batch).is_none() {
        lever
            .notes
            .push(format!("Cannot price: no batch price of {} at {} is published.", now.model.name, now.model.vendor));
        return lever;
    }
    let deferrable = case.workload.deferrable_share;
    lever.known = deferrable.is_some();
    lever.plan.batch = deferrable.unwrap_or(1.0);
    lever.usd = cost(case, &lever.plan);
    (lever.low, lever.high) = (lever.usd, lever.usd);
    if let Some(part) = deferrable {
        lever.notes.push(format!("{} of the requests wait up to 24 hours for their answer.", share(part)));
    } else {
        lever.high = Some(usd_now);
        lever.notes.push("If all of it may wait up to 24 hours. Which share can?".into());
    }
    lever
}

/// One step of the waterfall.
pub(super) struct Step {
    pub(super) name: String,
    /// Dollars a request before and after.
    pub(super) from: f64,
    pub(super) to: f64,
}

/// The levers together, in their order, each priced on top of those before it. Where the user's facts price at least
/// one lever, only such levers count (`true`); else each counts as its option does, under its condition (`false`).
pub(super) fn together(case: &Case<'_>, levers: &[Lever<'_>]) -> Option<(Vec<Step>, bool)> {
    let facts = levers.iter().any(|lever| lever.known);
    let mut plan = Plan::default();
    let mut from = case.usd_now()?;
    let mut steps = Vec::with_capacity(levers.len());
    for lever in levers {
        let counts = lever.usd.is_some() && (lever.known || !facts);
        if counts {
            plan.route = plan.route.or(lever.plan.route);
            plan.cache = plan.cache.or(lever.plan.cache);
            plan.batch = plan.batch.max(lever.plan.batch);
        }
        let to = if counts { cost(case, &plan)? } else { from };
        let condition = match (lever.id, lever.known) {
            _ if lever.usd.is_none() => " (cannot price)",
            (_, true) | ("trim", _) => "",
            ("batch", false) if counts => " (if all of it may wait)",
            ("prompt-cache", false) if counts => " (if all of the prompt is fixed)",
            _ => " (not known)",
        };
        steps.push(Step { name: [lever.id, condition].concat(), from, to });
        from = to;
    }
    Some((steps, facts))
}

/// Uses of a prefix after which caching it has paid off: n > (w - r) / (1 - r), with write and read prices relative to
/// plain input.
pub(super) fn uses_to_break_even(input: f64, read: f64, write: f64) -> Option<f64> {
    let (read, write) = (read / input, write / input);
    let bound = (write - read) / (1.0 - read);
    (read < 1.0 && bound.is_finite()).then(|| bound.floor() + 1.0)
}
