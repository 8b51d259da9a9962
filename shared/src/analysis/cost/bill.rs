//! What a request costs: tokens times rates, as the vendors bill them.

use crate::catalog::{Model, Price, Rates};
use crate::date::Date;
use crate::format::{count, usd};

/// The tokens of one request, by how they are billed. Reasoning is output.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::analysis) struct Tokens {
    /// All input, cached or not.
    pub(in crate::analysis) input: f64,
    /// All output.
    pub(in crate::analysis) output: f64,
    /// The part of the input that is read from the cache.
    pub(in crate::analysis) cached: f64,
    /// The part of the input that belongs to a cached prefix but was not found, and is written to the cache anew.
    pub(in crate::analysis) written: f64,
}

impl Tokens {
    /// Dollars for one request. Cached tokens leave the plain input, so nothing is billed twice; a model without a
    /// price for cached input bills it as input.
    pub(in crate::analysis) fn cost(&self, rates: &Rates) -> f64 {
        let cached = self.cached.min(self.input);
        let read = rates.cache_read.unwrap_or(rates.input);
        ((self.input - cached) * rates.input + cached * read + self.output * rates.output) / 1e6
    }

    /// The same with the vendor's surcharge for writing the cache.
    pub(in crate::analysis) fn cost_with_writes(&self, rates: &Rates) -> f64 {
        let surcharge = rates.cache_write.map_or(0.0, |write| (write - rates.input).max(0.0));
        self.cost(rates) + self.written * surcharge / 1e6
    }

    /// The computation of [`Self::cost`] with the numbers put in.
    pub(in crate::analysis) fn formula(&self, rates: &Rates) -> String {
        let cached = self.cached.min(self.input);
        let mut text = format!("({} × {}", count(self.input - cached), usd(rates.input));
        if cached > 0.0 {
            let read = rates.cache_read.unwrap_or(rates.input);
            text = format!("{text} + {} cached × {}", count(cached), usd(read));
        }
        format!("{text} + {} × {}) / 1,000,000 = {}", count(self.output), usd(rates.output), usd(self.cost(rates)))
    }
}

/// What a request costs on one model.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::analysis) struct Quote {
    /// Dollars a request.
    pub(in crate::analysis) usd: f64,
    /// If all of it ran in the cheapest hours.
    pub(in crate::analysis) low: f64,
    /// If all of it ran in the dearest hours, and every miss were written to the cache.
    pub(in crate::analysis) high: f64,
    /// The price it rests on.
    pub(in crate::analysis) price: Price,
}

/// Prices `tokens` on `model`; `None` if no price is known for that day.
pub(in crate::analysis) fn quote(model: &Model, day: Date, tokens: &Tokens) -> Option<Quote> {
    let price = model.price_at(day, tokens.input)?;
    let usd = tokens.cost(&price.rates);
    let mut ends = [usd, tokens.cost_with_writes(&price.rates), usd, usd];
    if let Some([cheap, dear]) = price.hours {
        ends[2] = tokens.cost(&cheap);
        ends[3] = tokens.cost_with_writes(&dear);
    }
    let low = ends.iter().copied().fold(usd, f64::min);
    let high = ends.iter().copied().fold(usd, f64::max);
    (usd.is_finite() && high.is_finite()).then_some(Quote { usd, low, high, price })
}
