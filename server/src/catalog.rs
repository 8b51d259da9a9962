//! The catalog, made once at start: the prices of the `genai-prices` crate for a chosen list of models, and the
//! published scores of [`curated`].
//!
//! The crate answers "what does this call cost at this moment" and does not show its table, so the table is measured
//! with calls of known size: in steps of a week, halved to the day where a price changes, by the hour for prices that
//! change with the hour, and halved to the token where long input costs more.

mod curated;
pub mod litellm;
pub mod overrides;

use std::path::Path;
use std::time::{Duration, SystemTime};

use genai_prices::{Calculator, PriceRequest, Usage, UsageKey};
use shared::catalog::{Benchmark, CacheRule, Catalog, LongContext, Model, Peak, PriceRow, Rates, Score};
use shared::date::Date;

use curated::{BENCHMARKS, Entry, MODELS};

/// The day on which the list of models, the crate's version and the scores were last gone through.
const CHECKED: (i32, u8, u8) = (2026, 11, 22);
/// The first and the last day whose prices are kept: what is older is of no use to a bill of today.
const FIRST: (i32, u8, u8) = (2025, 1, 1);
const LAST: (i32, u8, u8) = (2028, 12, 31);
/// Days between two probes; a price that comes and goes within this time is not seen.
const STRIDE_DAYS: i64 = 7;
/// A request that no vendor counts as long, and one that all do.
const SHORT_TOKENS: f64 = 1_000.0;
const LONG_TOKENS: f64 = 10_000_000.0;
/// An hour of the day outside every known peak, and how often the day is probed.
const OFF_PEAK_HOUR: u64 = 12;
const SLOTS_PER_DAY: u64 = 48;

/// Days after which prices should be looked at again.
pub const AGE_MAX_DAYS: i64 = 60;

/// The catalog with the private prices and scores of the file `own`, if there is one.
///
/// # Errors
/// One line about what is wrong with the file.
pub fn load_with(own: Option<&Path>) -> Result<Catalog, String> {
    // The file first: a mistake in it should not wait for the decoding.
    let own = own.map(overrides::Overrides::read).transpose()?;
    let mut catalog = load();
    if let Some(own) = own {
        own.apply(&mut catalog)?;
    }
    Ok(catalog)
}

/// The catalog of all models. Decoding the price data takes about 0.3 s: call it once, at start.
pub fn load() -> Catalog {
    let day = |(y, m, d)| Date::new(y, m, d);
    let calculator = Calculator::bundled();
    let range = day(FIRST).zip(day(LAST));
    let models = MODELS.iter().filter_map(|entry| {
        let (first, last) = range?;
        model(&Probe { calculator, entry }, first, last)
    });
    Catalog {
        as_of: day(CHECKED).unwrap_or_else(|| Date::of_unix_ms(0)),
        source: "genai-prices 0.2.1 by Pydantic (MIT), list prices".into(),
        unit: "USD per 1,000,000 tokens".into(),
        benchmarks: BENCHMARKS
            .iter()
            .map(|b| Benchmark {
                id: b.id.into(),
                label: b.label.into(),
                unit: b.unit.into(),
                source: b.source.into(),
                as_of: day(b.as_of).unwrap_or_else(|| Date::of_unix_ms(0)),
            })
            .collect(),
        models: models.collect(),
    }
}

/// One model with all its price rows; `None` if the price data does not have it.
fn model(probe: &Probe<'_>, first: Date, last: Date) -> Option<Model> {
    let entry = probe.entry;
    probe.rates(first, OFF_PEAK_HOUR * 3600, false, SHORT_TOKENS)?;
    Some(Model {
        id: entry.id.into(),
        vendor: entry.vendor.into(),
        name: entry.name.into(),
        aliases: entry.aliases.iter().map(|&alias| alias.into()).collect(),
        context_tokens: probe.context_tokens(),
        thinks: entry.thinks,
        cache: entry.cache.map(|(min_tokens, step_tokens)| CacheRule { min_tokens, step_tokens }),
        prices: rows(probe, first, last),
        scores: entry
            .scores
            .iter()
            .map(|s| Score {
                benchmark: s.benchmark.into(),
                value: s.value,
                low: s.interval.map(|(low, _)| low),
                high: s.interval.map(|(_, high)| high),
                measured: (!s.measured.is_empty()).then(|| s.measured.into()),
            })
            .collect(),
        note: (!entry.note.is_empty()).then(|| entry.note.into()),
    })
}

/// The rows of the price table from `first` to `last`, the first of them without a day.
fn rows(probe: &Probe<'_>, first: Date, last: Date) -> Vec<PriceRow> {
    let mut rows = vec![probe.row(first)];
    let (mut day, mut mark) = (first, probe.mark(first));
    while day < last {
        let next = day.plus_days(STRIDE_DAYS).min(last);
        let next_mark = probe.mark(next);
        // More than one change may lie in the stride: each is found from where the last one was.
        while mark != next_mark {
            day = first_different(probe, day, next);
            mark = probe.mark(day);
            rows.push(PriceRow { from: Some(day), ..probe.row(day) });
        }
        day = next;
    }
    rows
}

/// The first day after `same` whose prices differ, given that those of `different` do.
fn first_different(probe: &Probe<'_>, mut same: Date, mut different: Date) -> Date {
    let mark = probe.mark(same);
    while different.days_since(same) > 1 {
        let middle = same.plus_days(different.days_since(same) / 2);
        if probe.mark(middle) == mark { same = middle } else { different = middle }
    }
    different
}

/// Asks the price data about one model.
struct Probe<'a> {
    calculator: &'a Calculator,
    entry: &'a Entry,
}

impl Probe<'_> {
    fn context_tokens(&self) -> Option<f64> {
        let vendor = self.calculator.providers().find(|p| p.id() == self.entry.vendor)?;
        let model = vendor.models().find(|m| m.id() == self.entry.source_id)?;
        model.context_window().map(|tokens| tokens as f64)
    }

    /// What distinguishes the prices of one day from those of another: what a call with some of everything costs.
    fn mark(&self, day: Date) -> [Option<f64>; 4] {
        let at = |batch, tokens: f64| {
            let usage = [
                (UsageKey::INPUT_TOKENS, tokens),
                (UsageKey::CACHE_READ_TOKENS, tokens * 0.31),
                (UsageKey::CACHE_WRITE_TOKENS, tokens * 0.17),
                (UsageKey::CACHE_WRITE_1H_TOKENS, tokens * 0.05),
                (UsageKey::OUTPUT_TOKENS, tokens * 0.71),
            ];
            self.cost(day, OFF_PEAK_HOUR * 3600, batch, &usage)
        };
        [at(false, SHORT_TOKENS), at(false, LONG_TOKENS), at(true, SHORT_TOKENS), at(true, LONG_TOKENS)]
    }

    fn row(&self, day: Date) -> PriceRow {
        let noon = OFF_PEAK_HOUR * 3600;
        let rates = self.rates(day, noon, false, SHORT_TOKENS).unwrap_or_default();
        let batch = |tokens, standard| self.rates(day, noon, true, tokens).filter(|batch| *batch != standard);
        let long = self.long_from(day).and_then(|above_tokens| {
            let rates = self.rates(day, noon, false, LONG_TOKENS)?;
            Some(LongContext { above_tokens, rates, batch: batch(LONG_TOKENS, rates) })
        });
        PriceRow { from: None, rates, batch: batch(SHORT_TOKENS, rates), long, peak: self.peak(day, rates) }
    }

    /// The most input tokens that are still billed at the short rates.
    fn long_from(&self, day: Date) -> Option<f64> {
        let at = |tokens: u64| self.rates(day, OFF_PEAK_HOUR * 3600, false, tokens as f64);
        let (mut short, mut long) = (SHORT_TOKENS as u64, LONG_TOKENS as u64);
        let rates = at(short);
        if at(long) == rates {
            return None;
        }
        while long - short > 1 {
            let middle = u64::midpoint(short, long);
            if at(middle) == rates { short = middle } else { long = middle }
        }
        Some(short as f64)
    }

    /// The hours of `day` that are billed otherwise than `off_peak`.
    fn peak(&self, day: Date, off_peak: Rates) -> Option<Peak> {
        let slot_s = 86_400 / SLOTS_PER_DAY;
        let mut hours_utc: Vec<[f64; 2]> = Vec::new();
        let mut peak = None;
        for slot in 0..SLOTS_PER_DAY {
            let rates = self.rates(day, slot * slot_s, false, SHORT_TOKENS)?;
            if rates == off_peak {
                continue;
            }
            peak.get_or_insert(rates);
            let (from, to) = ((slot * slot_s) as f64 / 3600.0, ((slot + 1) * slot_s) as f64 / 3600.0);
            match hours_utc.last_mut() {
                Some(last) if last[1] >= from => last[1] = to,
                _ => hours_utc.push([from, to]),
            }
        }
        peak.map(|rates| Peak { hours_utc, rates })
    }

    /// The rates at an instant for input of `tokens`; `None` if the price data does not have the model.
    fn rates(&self, day: Date, second: u64, batch: bool, tokens: f64) -> Option<Rates> {
        let cost = |usage: &[(UsageKey, f64)]| self.cost(day, second, batch, usage);
        let per_million = |usd: f64, tokens: f64| round(usd / tokens * 1e6);
        let whole_input = |kind: Option<UsageKey>| {
            let mut usage = vec![(UsageKey::INPUT_TOKENS, tokens)];
            usage.extend(kind.map(|kind| (kind, tokens)));
            Some(per_million(cost(&usage)?, tokens))
        };
        let input = whole_input(None)?;
        // Tokens that have no price of their own are billed as input: then there is no such price.
        let own = |rate: Option<f64>| rate.filter(|rate| (rate - input).abs() > f64::EPSILON * input.abs());
        let with_output = cost(&[(UsageKey::INPUT_TOKENS, tokens), (UsageKey::OUTPUT_TOKENS, tokens)])?;
        let write = own(whole_input(Some(UsageKey::CACHE_WRITE_TOKENS)));
        let both = [UsageKey::INPUT_TOKENS, UsageKey::CACHE_WRITE_TOKENS, UsageKey::CACHE_WRITE_1H_TOKENS];
        let write_1h = cost(&both.map(|key| (key, tokens))).map(|usd| per_million(usd, tokens));
        Some(Rates {
            input,
            output: round(per_million(with_output, tokens) - input),
            cache_read: own(whole_input(Some(UsageKey::CACHE_READ_TOKENS))),
            cache_write: write,
            cache_write_1h: own(write_1h).filter(|rate| Some(*rate) != write),
        })
    }

    fn cost(&self, day: Date, second: u64, batch: bool, usage: &[(UsageKey, f64)]) -> Option<f64> {
        let usage: Usage = usage.iter().cloned().collect();
        let days = u64::try_from(day.days_since(Date::of_unix_ms(0))).ok()?;
        let mut request = PriceRequest::new(self.entry.source_id, &usage)
            .with_provider_id(self.entry.vendor)
            .with_timestamp(SystemTime::UNIX_EPOCH + Duration::from_secs(days * 86_400 + second));
        if batch {
            request = request.with_price_context("processing", "batch");
        }
        let answer = self.calculator.calculate(&request).ok()?;
        // A lookup that fell through to a model of a similar name would price the wrong thing.
        (answer.model_id == self.entry.source_id && answer.provider_id == self.entry.vendor)
            .then_some(answer.total_price)
    }
}

/// Price lists have at most seven decimals; the rest is rounding of the division.
fn round(usd_per_million: f64) -> f64 {
    (usd_per_million * 1e8).round() / 1e8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    /// The price of `vendor/id` on the day the catalog was checked.
    fn row(catalog: &Catalog, vendor: &str, id: &str) -> PriceRow {
        let model = catalog.find(id, Some(vendor)).unwrap()[0].clone();
        model.prices.into_iter().rfind(|row| row.from.is_none_or(|from| from <= catalog.as_of)).unwrap()
    }

    #[test]
    fn every_model_of_the_list_is_priced() {
        let catalog = load();
        let missing: Vec<_> =
            MODELS.iter().filter(|e| catalog.find(e.id, Some(e.vendor)).is_err()).map(|e| e.id).collect();
        assert!(missing.is_empty(), "not in the price data: {missing:?}");
        assert_eq!(catalog.models.len(), MODELS.len());
        for model in &catalog.models {
            for row in &model.prices {
                assert!(row.rates.input > 0.0 && row.rates.output > 0.0, "{}", model.id);
            }
        }
    }

    /// The figures that the vendors' price pages showed in November 2026, per million tokens.
    #[test]
    fn genai_prices_agrees_with_the_published_prices() {
        let catalog = load();
        let published = [
            ("openai", "gpt-4o", 2.5, 10.0, Some(1.25), Some((1.25, 5.0))),
            ("openai", "gpt-4.1-mini", 0.4, 1.6, Some(0.1), Some((0.2, 0.8))),
            ("openai", "gpt-5-mini", 0.25, 2.0, Some(0.025), Some((0.125, 1.0))),
            ("openai", "gpt-6.1-terra", 1.0, 5.0, Some(0.05), Some((0.5, 2.5))),
            ("openai", "o3", 2.0, 8.0, Some(0.5), Some((1.0, 4.0))),
            ("anthropic", "claude-haiku-4-5", 1.0, 5.0, Some(0.1), Some((0.5, 2.5))),
            ("anthropic", "claude-opus-5-5", 4.0, 20.0, Some(0.2), Some((2.0, 10.0))),
            ("google", "gemini-2.5-flash", 0.3, 2.5, Some(0.03), Some((0.15, 1.25))),
            ("google", "gemini-4-argon", 2.0, 10.0, Some(0.1), Some((1.0, 5.0))),
            ("mistral", "mistral-large-4", 1.36, 4.18, Some(0.14), Some((0.68, 2.09))),
            ("x-ai", "grok-4.3", 1.25, 2.5, Some(0.2), Some((1.0, 2.0))),
            ("deepseek", "deepseek-v4-flash", 0.15, 0.6, Some(0.003), None),
            ("groq", "llama-3.3-70b-versatile", 0.59, 0.79, None, None),
            ("cerebras", "gpt-oss-120b", 0.35, 0.75, None, None),
        ];
        for (vendor, id, input, output, read, batch) in published {
            let row = row(&catalog, vendor, id);
            assert_eq!((row.rates.input, row.rates.output), (input, output), "{id}");
            assert_eq!(row.rates.cache_read, read, "{id}");
            assert_eq!(row.batch.map(|b| (b.input, b.output)), batch, "{id}");
        }
    }

    #[test]
    fn a_known_suspect_says_so() {
        let catalog = load();
        let note = catalog.find("deepseek-v3.2", None).unwrap()[0].note.clone().unwrap();
        assert!(note.contains(".28"), "{note}");
    }

    #[test]
    fn dated_hourly_and_long_prices_are_found_to_the_day_hour_and_token() {
        let catalog = load();
        let froms = |id: &str| -> Vec<String> {
            let found = catalog.find(id, None).unwrap()[0];
            found.prices.iter().filter_map(|row| row.from).map(|day| day.to_string()).collect()
        };
        assert!(froms("gemini-3.8-flash").contains(&"2027-01-01".to_string()));
        assert!(froms("mistral-large-4").contains(&"2026-10-20".to_string()));
        assert!(froms("o3").contains(&"2025-06-10".to_string()));
        let hours = row(&catalog, "deepseek", "deepseek-v4-pro").peak.unwrap();
        assert_eq!((hours.hours_utc, hours.rates.output), (vec![[1.0, 4.0], [6.0, 10.0]], 3.96));
        let long = row(&catalog, "google", "gemini-2.5-pro").long.unwrap();
        assert_eq!((long.above_tokens, long.rates.input, long.batch.unwrap().input), (200_000.0, 2.5, 1.25));
        assert_eq!(row(&catalog, "anthropic", "claude-haiku-5-5").long.map(|l| l.above_tokens), Some(100_000.0));
        let before = catalog.find("gpt-4o", None).unwrap()[0].price_at(day("2026-10-13"), 1e3).unwrap();
        assert_eq!(before.batch, None, "batch prices before their verification are unknown, not guessed");
    }

    #[test]
    fn write_surcharges_are_found() {
        let catalog = load();
        let rates = row(&catalog, "anthropic", "claude-haiku-4-5").rates;
        assert_eq!((rates.cache_write, rates.cache_write_1h), (Some(1.25), Some(2.0)));
        assert_eq!(row(&catalog, "openai", "gpt-6-luna").rates.cache_write, Some(0.125));
        assert_eq!(row(&catalog, "openai", "gpt-4o").rates.cache_write, None);
    }

    /// The tests of `shared` and the benchmarks read this file. `UPDATE_CATALOG=1` writes it anew.
    #[test]
    fn the_file_for_tests_is_up_to_date() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/tests/catalog.json");
        let json = serde_json::to_string(&load()).unwrap() + "\n";
        assert!(json.len() < 60_000, "the browser loads it: {} bytes", json.len());
        if std::env::var_os("UPDATE_CATALOG").is_some() {
            std::fs::write(path, &json).unwrap();
        }
        let stored = std::fs::read_to_string(path).unwrap();
        assert!(stored == json, "shared/tests/catalog.json is stale: UPDATE_CATALOG=1 cargo test -p server catalog");
    }
}
