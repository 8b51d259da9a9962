//! Models with dated prices and quality, as plain data: the server makes it, the page receives it, the engine reads it.
//!
//! What is not known is `None`: never 0, never half price. Prices are US dollars per million tokens.

mod lookup;
mod price;
#[cfg(test)]
pub(crate) mod testing;

pub use lookup::Unknown;
pub use price::{Price, Step};

use serde::{Deserialize, Serialize};

use crate::date::Date;

/// The models that can be priced.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Catalog {
    /// The day the prices were last checked.
    pub as_of: Date,
    /// Where the prices come from.
    pub source: String,
    /// What every price is in, for readers of the JSON.
    pub unit: String,
    /// The benchmarks that the scores are in.
    pub benchmarks: Vec<Benchmark>,
    /// The models, by vendor.
    pub models: Vec<Model>,
}

/// A published set of quality scores. Scores of two benchmarks are never put into one number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Benchmark {
    /// Its fixed name: `arena`, `aider-polyglot`, …
    pub id: String,
    /// The words a person reads.
    pub label: String,
    /// What a score is in: `Arena points` or `share solved`.
    pub unit: String,
    /// Who published it.
    pub source: String,
    /// The day of the publication.
    pub as_of: Date,
}

/// A model as one vendor sells it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Model {
    /// The vendor's own id, lower case with hyphens, without a prefix such as `openai/`.
    pub id: String,
    /// Who sells it.
    pub vendor: String,
    /// The words a person reads.
    pub name: String,
    /// Other ids that mean this model at this price.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// Tokens of input and output together that it can hold; `None` where the source does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context_tokens: Option<f64>,
    /// Whether it is known to think before it answers, which is billed as output.
    #[serde(default, skip_serializing_if = "is_false")]
    pub thinks: bool,
    /// How long a prefix must be to be cached; `None` where that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache: Option<CacheRule>,
    /// Its prices, the oldest first.
    pub prices: Vec<PriceRow>,
    /// Its published scores; empty: no published open score.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scores: Vec<Score>,
    /// What a reader must know about these figures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// How long a prefix must be to be cached.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CacheRule {
    /// Below this many tokens nothing is cached.
    pub min_tokens: f64,
    /// Above it, only whole steps of this many tokens are; 1 for every token.
    pub step_tokens: f64,
}

impl CacheRule {
    /// The part of a prefix of `tokens` that is cached.
    pub fn cached(self, tokens: f64) -> f64 {
        if tokens < self.min_tokens {
            return 0.0;
        }
        let step = self.step_tokens.max(1.0);
        self.min_tokens + ((tokens - self.min_tokens) / step).floor() * step
    }
}

/// Dollars per million tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rates {
    /// Input that is not cached.
    pub input: f64,
    /// Output, reasoning included.
    pub output: f64,
    /// Input read from the cache.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_read: Option<f64>,
    /// Input written to the cache, where that costs more than plain input.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_write: Option<f64>,
    /// Input written to a cache that keeps it for an hour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_write_1h: Option<f64>,
}

/// The prices of a model from a day on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PriceRow {
    /// The first day; `None` for the oldest row, which has always been.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Date>,
    /// The standard rates, outside the hours of `peak`.
    pub rates: Rates,
    /// The rates of the batch interface.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<Rates>,
    /// The rates of requests with long input.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub long: Option<LongContext>,
    /// The rates of some hours of the day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peak: Option<Peak>,
}

/// The rates of a whole request whose input is longer than a limit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LongContext {
    /// Input tokens above which these rates hold.
    pub above_tokens: f64,
    /// The rates.
    pub rates: Rates,
    /// The rates of the batch interface.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<Rates>,
}

/// The rates of some hours of a weekday.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Peak {
    /// The hours, as first and one past the last in UTC: `[[1, 4], [6, 10]]`.
    pub hours_utc: Vec<[f64; 2]>,
    /// The rates in these hours.
    pub rates: Rates,
}

/// A published score of a model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// The benchmark's id.
    pub benchmark: String,
    /// The score in the benchmark's unit.
    pub value: f64,
    /// The low end of its 95 % interval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub low: Option<f64>,
    /// The high end of its 95 % interval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub high: Option<f64>,
    /// What exactly was measured, where it differs from the model's id: a dated version, an effort.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measured: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_false(flag: &bool) -> bool {
    !*flag
}
