//! The price of a model on a day, for a request of a size.

use super::{Catalog, Model, Peak, Rates};
use crate::date::Date;

/// What a model costs on a day: rates per million tokens.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Price {
    /// The rates of an even load over a weekday.
    pub rates: Rates,
    /// The cheapest and the dearest hours, where the price changes with the hour.
    pub hours: Option<[Rates; 2]>,
    /// The rates of the batch interface; `None`: none is published.
    pub batch: Option<Rates>,
    /// The limit that the input exceeds, where the rates are those of long input.
    pub above_tokens: Option<f64>,
}

/// A price that is announced for a later day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// The first day.
    pub from: Date,
    /// The price.
    pub price: Price,
}

impl Model {
    /// The price on `day` of requests with `input_tokens`; `None` if none is known for that day.
    pub fn price_at(&self, day: Date, input_tokens: f64) -> Option<Price> {
        let row = self.prices.iter().rev().find(|row| row.from.is_none_or(|from| from <= day))?;
        if let Some(long) = row.long.as_ref().filter(|long| input_tokens > long.above_tokens) {
            let (rates, batch) = (long.rates, long.batch);
            return Some(Price { rates, hours: None, batch, above_tokens: Some(long.above_tokens) });
        }
        let hours = row.peak.as_ref().map(|peak| [row.rates, peak.rates]);
        let rates = row.peak.as_ref().map_or(row.rates, |peak| peak.average(row.rates));
        Some(Price { rates, hours, batch: row.batch, above_tokens: None })
    }

    /// The announced prices after `day` up to `until` that differ from the one before.
    pub fn steps_after(&self, day: Date, until: Date, input_tokens: f64) -> Vec<Step> {
        let mut before = self.price_at(day, input_tokens);
        let mut steps = Vec::new();
        for from in self.prices.iter().filter_map(|row| row.from).filter(|from| *from > day && *from <= until) {
            let price = self.price_at(from, input_tokens);
            if price.map(|p| p.rates) != before.map(|p| p.rates) {
                steps.extend(price.map(|price| Step { from, price }));
            }
            before = price;
        }
        steps
    }
}

impl Peak {
    /// The share of the day in these hours.
    pub fn share(&self) -> f64 {
        let hours: f64 = self.hours_utc.iter().map(|[from, to]| (to - from).rem_euclid(24.0)).sum();
        (hours / 24.0).clamp(0.0, 1.0)
    }

    /// The mean rates of an even load over the day, with `off_peak` outside these hours.
    fn average(&self, off_peak: Rates) -> Rates {
        let share = self.share();
        let mean = |off: f64, peak: f64| off + share * (peak - off);
        let both = |off: Option<f64>, peak: Option<f64>| Some(mean(off?, peak?));
        Rates {
            input: mean(off_peak.input, self.rates.input),
            output: mean(off_peak.output, self.rates.output),
            cache_read: both(off_peak.cache_read, self.rates.cache_read),
            cache_write: both(off_peak.cache_write, self.rates.cache_write),
            cache_write_1h: both(off_peak.cache_write_1h, self.rates.cache_write_1h),
        }
    }
}

impl Catalog {
    /// The same catalog with the prices of `day` and those announced for later: rows that have ended are left out.
    #[must_use]
    pub fn at(&self, day: Date) -> Self {
        let mut catalog = self.clone();
        for model in &mut catalog.models {
            let current = model.prices.iter().rposition(|row| row.from.is_none_or(|from| from <= day));
            model.prices.drain(..current.unwrap_or(0));
        }
        catalog
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "prices are read, not computed")]
mod tests {
    use super::super::testing;
    use super::*;

    fn price(id: &str, day: &str, input_tokens: f64) -> Price {
        let catalog = testing::catalog();
        let found = catalog.find(id, None).unwrap();
        found[0].price_at(day.parse().unwrap(), input_tokens).unwrap()
    }

    #[test]
    fn genai_prices_gemini_3_8_flash_doubles_in_2027() {
        assert_eq!(price("gemini-3.8-flash", "2026-12-31", 1e3).rates.input, 0.75);
        let later = price("gemini-3.8-flash", "2027-01-01", 1e3);
        assert_eq!((later.rates.input, later.rates.output), (1.5, 7.5));
        assert_eq!(later.batch.unwrap().input, 0.75);
    }

    #[test]
    fn genai_prices_sonnet_4_5_costs_more_above_200k_tokens() {
        assert_eq!(price("claude-sonnet-4-5", "2026-11-22", 200_000.0).rates.input, 3.0);
        let long = price("claude-sonnet-4-5", "2026-11-22", 200_001.0);
        assert_eq!((long.rates.input, long.rates.output), (6.0, 22.5));
    }

    #[test]
    fn genai_prices_deepseek_v4_flash_is_averaged_over_a_weekday() {
        let price = price("deepseek-v4-flash", "2026-11-22", 1e3);
        assert!((price.rates.input - 0.15 * (1.0 + 7.0 / 24.0)).abs() < 1e-12);
        assert!((price.rates.output - 0.6 * (1.0 + 7.0 / 24.0)).abs() < 1e-12);
        assert_eq!(price.hours.unwrap().map(|rates| rates.input), [0.15, 0.3]);
        assert_eq!(price.batch, None, "no batch price is published, which is not half price");
    }

    #[test]
    fn steps_tell_what_is_announced() {
        let catalog = testing::catalog();
        let model = catalog.find("gemini-4-argon", None).unwrap()[0];
        let (today, later) = ("2026-11-22".parse().unwrap(), "2027-11-22".parse().unwrap());
        let steps = model.steps_after(today, later, 1e3);
        assert_eq!(steps.len(), 1);
        assert_eq!((steps[0].from.to_string().as_str(), steps[0].price.rates.output), ("2026-12-01", 20.0));
        assert!(catalog.find("gpt-4o", None).unwrap()[0].steps_after(today, later, 1e3).is_empty());
    }

    #[test]
    fn the_catalog_of_a_day_prices_that_day_and_later_alike() {
        let (all, day) = (testing::catalog(), "2027-01-01".parse().unwrap());
        let cut = all.at(day);
        for (a, b) in all.models.iter().zip(&cut.models) {
            assert_eq!(a.price_at(day, 5e5), b.price_at(day, 5e5), "{}", a.id);
            assert!(b.prices.len() <= a.prices.len());
        }
    }
}
