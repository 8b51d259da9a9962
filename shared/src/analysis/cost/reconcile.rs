//! Does the bill agree with the traffic? If not, no saving is promised before it is known which of them is wrong.

use serde_json::Value as Json;

use crate::analysis::answer::{Answer, question};
use crate::analysis::case::Case;
use crate::analysis::traffic::DAYS;
use crate::format::{count, ratio, share, usd};
use crate::result::Question;

/// From which difference on the bill and the traffic are said to disagree.
const TOLERANCE: f64 = 0.10;

/// A bill that does not agree with the traffic.
pub(super) struct Gap {
    /// Dollars a month that the user states.
    pub(super) stated: f64,
    /// Dollars a month that the traffic costs at list price.
    pub(super) computed: f64,
}

impl Gap {
    /// Computed over stated.
    pub(super) fn ratio(&self) -> f64 {
        self.computed / self.stated
    }

    /// "3.0 times" or "a third of", in words that fit either way round.
    pub(super) fn words(&self) -> String {
        let ratio_words = |r: f64| format!("{} times", ratio(r));
        if self.ratio() >= 1.0 {
            format!("{} what you state", ratio_words(self.ratio()))
        } else {
            format!("what you state is {} that", ratio_words(1.0 / self.ratio()))
        }
    }
}

/// The gap between bill and traffic, if it is more than a tenth and no hour of the day explains it.
pub(super) fn gap(case: &Case<'_>, answer: &mut Answer) -> Option<Gap> {
    let stated = case.workload.monthly_spend_usd?;
    let given_volume = case.workload.requests_per_day.is_some() || !case.workload.classes.is_empty();
    if !given_volume {
        if case.requests_per_month.is_some() {
            answer.warn(
                "spend_not_checked",
                "The volume is derived from the bill, so the two cannot be checked against each other.",
            );
        }
        return None;
    }
    let computed = case.monthly_now()?;
    let quote = case.now.as_ref()?.quote?;
    let (low, high) = (case.monthly(quote.low)?, case.monthly(quote.high)?);
    if (computed / stated - 1.0).abs() <= TOLERANCE || (low..=high).contains(&stated) {
        return None;
    }
    let gap = Gap { stated, computed };
    answer.warn(
        "spend_mismatch",
        format!(
            "At list price this traffic costs {} a month, {} ({}). Dollars saved below are \
             against the list price, not against your bill.",
            usd(computed),
            gap.words(),
            usd(stated)
        ),
    );
    answer.ask(explain(case, &gap));
    Some(gap)
}

/// The question which of the figures is wrong, with every single change that would close the gap.
fn explain(case: &Case<'_>, gap: &Gap) -> Question {
    let factor = 1.0 / gap.ratio();
    let mut asked = question(
        "monthly_spend_usd",
        format!(
            "Your bill of {} and your traffic ({} at list price) do not agree. Which is right?",
            usd(gap.stated),
            usd(gap.computed)
        ),
    );
    let change = if factor < 1.0 { "lower" } else { "higher" };
    if let Some(requests) = case.traffic.requests_per_day {
        let implied = requests * factor;
        let text = format!("The bill is right; the volume is {change}: {} requests a day", count(implied));
        asked = asked.choice(text, &[("requests_per_day", rounded(implied))]);
    }
    if let (Some(input), Some(output)) = (case.traffic.input, case.traffic.output) {
        let text = format!(
            "The bill is right; requests are {}: {} tokens in, {} out",
            if factor < 1.0 { "shorter" } else { "longer" },
            count(input * factor),
            count(output * factor)
        );
        let mut sets = vec![("input_tokens", rounded(input * factor)), ("output_tokens", rounded(output * factor))];
        if let Some(prefix) = case.traffic.prefix {
            sets.push(("cached_prefix_tokens", rounded(prefix * factor)));
        }
        asked = asked.choice(text, &sets);
    }
    asked = with_reason(case, gap, asked);
    if factor < 1.0 {
        let text = format!(
            "The traffic is right; a negotiated discount of {} explains the bill: compare at \
             list prices",
            share(1.0 - factor)
        );
        asked = asked.choice(text, &[("monthly_spend_usd", Json::Null)]);
    }
    let text = format!("The traffic is right; the bill is {}", usd(gap.computed));
    asked.choice(text, &[("monthly_spend_usd", rounded(gap.computed))])
}

/// Adds what is often forgotten: caching that is already on, thinking that is billed.
fn with_reason(case: &Case<'_>, gap: &Gap, asked: Question) -> Question {
    let reason = || {
        let rates = case.now.as_ref()?.quote?.price.rates;
        let per_request = (gap.computed - gap.stated) / case.requests_per_month?;
        if per_request > 0.0 {
            let input = case.traffic.input.filter(|_| case.traffic.hit_rate.is_none())?;
            let cached = per_request * 1e6 / (rates.input - rates.cache_read?);
            return (cached > 0.0 && cached <= input).then(|| {
                let text = format!("Prompt caching is already on and finds {} tokens of each request", count(cached));
                (text, vec![("cached_prefix_tokens", cached.floor().into()), ("cache_hit_rate", 1.0.into())])
            });
        }
        let reasoning = case.traffic.reasoning - per_request * 1e6 / rates.output;
        reasoning.is_finite().then(|| {
            let text = format!("The model thinks before it answers: {} reasoning tokens a request", count(reasoning));
            (text, vec![("reasoning_tokens", rounded(reasoning))])
        })
    };
    match reason() {
        Some((text, sets)) => asked.choice(text, &sets),
        None => asked,
    }
}

/// Six significant digits: enough to close the gap, short enough to read.
fn rounded(number: f64) -> Json {
    if number == 0.0 || !number.is_finite() {
        return 0.0.into();
    }
    let scale = 10f64.powi(5 - crate::real::log10(number.abs()).floor() as i32);
    let short = (number * scale).round() / scale;
    if short.is_finite() { short.into() } else { number.into() }
}

/// Requests a day that a budget of `usd` a month carries at `per_request`.
pub(super) fn requests_within(usd: f64, per_request: f64) -> f64 {
    usd / (per_request * DAYS)
}
