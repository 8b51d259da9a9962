//! The record of a call: what was asked of which model, what came of it, what it used and cost.

use serde::{Deserialize, Serialize};
use shared::catalog::Catalog;
use shared::date::Date;
use uuid::Uuid;

/// What a model was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verb {
    /// To find facts in a message.
    Read,
    /// To choose the next stage.
    Choose,
    /// To say an answer in words.
    Word,
}

impl Verb {
    /// What it is for, as stored calls say it.
    pub const fn purpose(self) -> &'static str {
        match self {
            Self::Read => "extraction",
            Self::Choose => "selection",
            Self::Word => "response",
        }
    }

    /// The word in metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Choose => "choose",
            Self::Word => "word",
        }
    }
}

/// Tokens that were used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Of the request, those from the cache included, as the interface counts them.
    pub input_tokens: u64,
    /// Of these, read from the provider's cache.
    pub cached_tokens: u64,
    /// Of the answer, thinking included.
    pub output_tokens: u64,
}

impl std::ops::AddAssign for Usage {
    fn add_assign(&mut self, other: Self) {
        self.input_tokens = self.input_tokens.saturating_add(other.input_tokens);
        self.cached_tokens = self.cached_tokens.saturating_add(other.cached_tokens);
        self.output_tokens = self.output_tokens.saturating_add(other.output_tokens);
    }
}

/// One call, all its tries included.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// Its id, which every log line about it carries.
    pub id: Uuid,
    /// What was asked for.
    pub verb: Verb,
    /// The model that was asked.
    pub model: String,
    /// Requests that were sent; 0 if the call was not made at all.
    pub tries: u32,
    /// `ok`, or why there was no usable answer.
    pub outcome: String,
    /// The tokens used, where the server told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
    /// Dollars at list price; `None` where the tokens or the price are not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_usd: Option<f64>,
    /// Milliseconds it took, pauses included.
    pub ms: f64,
    /// Sentences that were left out because of a figure that was not computed.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub dropped: u32,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// What `usage` of `model` costs at the list price of `day`, in dollars; `None` if the catalog has no price. A model of
/// several vendors has the price of the first, who is its maker.
pub(super) fn cost(catalog: &Catalog, model: &str, usage: Usage, day: Date) -> Option<f64> {
    let found = catalog.find(model, None).ok()?;
    let rates = found.first()?.price_at(day, usage.input_tokens as f64)?.rates;
    let cached = usage.cached_tokens.min(usage.input_tokens) as f64;
    let fresh = usage.input_tokens as f64 - cached;
    let input = fresh * rates.input + cached * rates.cache_read.unwrap_or(rates.input);
    Some((input + usage.output_tokens as f64 * rates.output) / 1e6)
}
