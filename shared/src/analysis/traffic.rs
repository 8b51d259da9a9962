//! The facts of a workload that every category needs, with what had to be derived or left out said aloud.

use super::Request;
use super::answer::{Answer, question};
use crate::catalog::{Catalog, Model, Unknown};
use crate::date::Date;
use crate::format::count;
use crate::problem::{Code, FieldError, Problem};
use crate::workload::Source;

/// Days of a month.
pub(super) const DAYS: f64 = 30.0;

/// What is sent, how often, and on which day's prices.
#[derive(Clone, Copy, Debug)]
pub(super) struct Traffic {
    /// The day of the prices.
    pub(super) day: Date,
    /// Requests a day.
    pub(super) requests_per_day: Option<f64>,
    /// Input tokens of a request.
    pub(super) input: Option<f64>,
    /// Output tokens of a request, without reasoning.
    pub(super) output: Option<f64>,
    /// Reasoning tokens of a request; they are billed and generated like output.
    pub(super) reasoning: f64,
    /// Tokens of the input that are the same in every request.
    pub(super) prefix: Option<f64>,
    /// The share of requests that find their prefix cached today.
    pub(super) hit_rate: Option<f64>,
}

impl Traffic {
    /// Reads the facts; several classes of work become their sum and their weighted means.
    pub(super) fn read(request: &Request<'_>, answer: &mut Answer) -> Self {
        let w = request.workload;
        let mut traffic = Self {
            day: w.as_of.unwrap_or(request.today),
            requests_per_day: w.requests_per_day,
            input: w.input_tokens,
            output: w.output_tokens,
            reasoning: w.reasoning_tokens.unwrap_or(0.0),
            prefix: w.cached_prefix_tokens,
            hit_rate: w.cache_hit_rate,
        };
        if !w.classes.is_empty() {
            let total: f64 = w.classes.iter().map(|c| c.requests_per_day).sum();
            let mean = |of: fn(&crate::workload::WorkClass) -> f64| {
                w.classes.iter().map(|c| of(c) * (c.requests_per_day / total)).sum::<f64>()
            };
            traffic.requests_per_day.get_or_insert(total);
            traffic.input.get_or_insert(mean(|c| c.input_tokens));
            traffic.output.get_or_insert(mean(|c| c.output_tokens));
            let text = format!(
                "{} of work are added up: {} requests a day with their weighted mean of tokens.",
                crate::format::plural(w.classes.len(), "kind"),
                count(total)
            );
            answer.assume("requests_per_day", Some(total), Source::Computed, text);
        }
        if traffic.hit_rate.is_some() && traffic.prefix.is_none() {
            answer.warn(
                "hit_rate_without_prefix",
                "A cache hit rate alone does not say how many tokens are cached: it is left out until the \
                 length of the fixed prefix is known.",
            );
            answer.ask(prefix_question(traffic.input));
            traffic.hit_rate = None;
        }
        if let (Some(prefix), Some(input)) = (traffic.prefix, traffic.input) {
            traffic.prefix = Some(prefix.min(input));
        }
        traffic
    }

    /// Output that is billed: the answer and the thinking before it.
    pub(super) fn generated(&self) -> Option<f64> {
        Some(self.output? + self.reasoning)
    }
}

/// Asks how much of the prompt never changes.
pub(super) fn prefix_question(input: Option<f64>) -> crate::result::Question {
    let text =
        "How many tokens at the start of the prompt are the same in every request (system prompt, tools, examples)?";
    let mut asked = question("cached_prefix_tokens", text);
    if let Some(input) = input.filter(|i| *i > 0.0) {
        for (words, share) in [("None", 0.0), ("Half of the prompt", 0.5), ("About 80 % of the prompt", 0.8)] {
            asked = asked.choice(words, &[("cached_prefix_tokens", (input * share).round().min(input).into())]);
        }
    }
    asked
}

/// Today's model, as each vendor that may be meant sells it; empty if none is given.
///
/// # Errors
/// `unknown_model` with the nearest names.
pub(super) fn current<'a>(
    request: &Request<'_>,
    catalog: &'a Catalog,
    answer: &mut Answer,
) -> Result<Vec<&'a Model>, Problem> {
    let w = request.workload;
    let Some(id) = w.model.as_deref() else { return Ok(Vec::new()) };
    match catalog.find(id, w.vendor.as_deref()) {
        Ok(found) => Ok(found),
        Err(Unknown::Vendor(sellers)) => {
            let asked = w.vendor.as_deref().unwrap_or_default();
            answer.warn(
                "vendor_not_listed",
                format!(
                    "The catalog has no price of {id} at {asked}; the figures are the list price of {}. \
                     Regional and reseller prices differ.",
                    sellers.join(" or ")
                ),
            );
            Ok(catalog.find(id, None).unwrap_or_default())
        }
        Err(Unknown::Model(near)) => {
            let hint = if near.is_empty() { String::new() } else { format!(" Did you mean {}?", near.join(" or ")) };
            let shown: String = id.chars().take(60).collect();
            let detail = format!("\"{shown}\" is not in the catalog, so it cannot be priced.{hint}");
            let field = FieldError { name: "model".into(), message: format!("is not in the catalog.{hint}") };
            Err(Problem { fields: vec![field], ..Problem::new(Code::UnknownModel, detail) })
        }
    }
}
