//! `LiteLLM`'s `model_prices_and_context_window.json` as a second source: where it agrees with the catalog, where it
//! does not, and what only one of them has. Its prices are dollars per token.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use shared::catalog::{Catalog, Model, Rates};
use shared::date::Date;

/// Prices that differ by less than this share of themselves are the same, written in binary.
const SAME: f64 = 1e-6;
/// Input of a request that every vendor bills at its short rates.
const SHORT_TOKENS: f64 = 1_000.0;

/// How `LiteLLM` calls the vendors that the catalog has.
const VENDORS: [(&str, &str); 14] = [
    ("openai", "openai"),
    ("anthropic", "anthropic"),
    ("gemini", "google"),
    ("vertex_ai-language-models", "google"),
    ("mistral", "mistral"),
    ("groq", "groq"),
    ("deepseek", "deepseek"),
    ("cerebras", "cerebras"),
    ("xai", "x-ai"),
    ("zai", "zai"),
    ("zhipuai", "zai"),
    ("moonshot", "moonshotai"),
    ("moonshotai", "moonshotai"),
    ("text-completion-openai", "openai"),
];

/// What is read of an entry; numbers may also be missing or text.
#[derive(Deserialize)]
struct Entry {
    litellm_provider: Option<String>,
    mode: Option<String>,
    input_cost_per_token: Option<f64>,
    output_cost_per_token: Option<f64>,
    cache_read_input_token_cost: Option<f64>,
    cache_creation_input_token_cost: Option<f64>,
    input_cost_per_token_batches: Option<f64>,
    output_cost_per_token_batches: Option<f64>,
}

/// A price that the two do not share.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// `vendor/id` in the catalog.
    pub model: String,
    /// Which price.
    pub price: &'static str,
    /// The catalog's, in dollars per million tokens; `None`: it has none.
    pub ours: Option<f64>,
    /// The other's.
    pub theirs: Option<f64>,
}

impl Difference {
    /// By how much theirs is above ours, as a share of ours.
    pub fn relative(&self) -> Option<f64> {
        Some(self.theirs? / self.ours.filter(|usd| *usd > 0.0)? - 1.0)
    }
}

/// The prices of a model in the other source.
#[derive(Clone, Debug, PartialEq)]
pub struct Theirs {
    /// The model's vendor and id in the catalog.
    pub model: (String, String),
    /// Standard rates.
    pub rates: Rates,
    /// Batch rates.
    pub batch: Option<Rates>,
}

/// What a comparison found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Comparison {
    /// Models that both have.
    pub compared: usize,
    /// Prices that differ, by model.
    pub differences: Vec<Difference>,
    /// The models whose prices differ, as the other source has them.
    pub theirs: Vec<Theirs>,
    /// Models of the catalog that the other source lacks.
    pub only_ours: Vec<String>,
    /// Chat models of the catalog's vendors that the catalog lacks.
    pub only_theirs: Vec<String>,
    /// Entries that cannot be read.
    pub unreadable: usize,
}

/// Compares the text of the file with the prices of `day`.
///
/// # Errors
/// A line if it is not such a file.
pub fn compare(text: &str, catalog: &Catalog, day: Date) -> Result<Comparison, String> {
    let entries: BTreeMap<String, serde_json::Value> = serde_json::from_str(text)
        .map_err(|error| format!("is not LiteLLM's model_prices_and_context_window.json: {error}"))?;
    let mut found = Comparison::default();
    let mut matched: BTreeMap<String, (bool, &Model, Entry)> = BTreeMap::new();
    let mut theirs_only = BTreeSet::new();
    // The first entry only explains the fields.
    for (key, value) in entries.into_iter().filter(|(key, _)| key != "sample_spec") {
        let Ok(entry) = serde_json::from_value::<Entry>(value) else {
            found.unreadable += 1;
            continue;
        };
        let provider = entry.litellm_provider.as_deref().unwrap_or_default();
        let vendor = VENDORS.iter().find(|(theirs, _)| *theirs == provider).map(|(_, ours)| *ours);
        let chat = matches!(entry.mode.as_deref(), None | Some("chat" | "responses"));
        let (Some(vendor), true, Some(_)) = (vendor, chat, entry.input_cost_per_token) else { continue };
        let name = key.rsplit('/').next().unwrap_or(&key);
        let Some(model) = catalog.find(name, Some(vendor)).ok().and_then(|models| models.into_iter().next()) else {
            theirs_only.insert(format!("{vendor}/{name}"));
            continue;
        };
        // Of several entries the one with the model's own name counts, then the first.
        let own = name == model.id;
        let known = matched.get(&model.option_id());
        if known.is_none_or(|(known, ..)| own && !known) {
            matched.insert(model.option_id(), (own, model, entry));
        }
    }
    found.compared = matched.len();
    for (id, (_, model, entry)) in &matched {
        let before = found.differences.len();
        differences(id, model, entry, day, &mut found.differences);
        if found.differences.len() > before {
            found.theirs.extend(theirs(model, entry));
        }
    }
    let ours = catalog.models.iter().map(Model::option_id);
    found.only_ours = ours.filter(|id| !matched.contains_key(id)).collect();
    found.only_theirs = theirs_only.into_iter().collect();
    Ok(found)
}

/// Dollars per million tokens, without the dust of the conversion.
fn per_million(per_token: f64) -> f64 {
    (per_token * 1e12).round() / 1e6
}

fn theirs(model: &Model, entry: &Entry) -> Option<Theirs> {
    let rates = Rates {
        input: per_million(entry.input_cost_per_token?),
        output: per_million(entry.output_cost_per_token?),
        cache_read: entry.cache_read_input_token_cost.map(per_million),
        cache_write: entry.cache_creation_input_token_cost.map(per_million),
        cache_write_1h: None,
    };
    let batch = entry.input_cost_per_token_batches.zip(entry.output_cost_per_token_batches);
    let batch = batch.map(|(input, output)| Rates {
        input: per_million(input),
        output: per_million(output),
        ..Rates::default()
    });
    Some(Theirs { model: (model.vendor.clone(), model.id.clone()), rates, batch })
}

fn differences(id: &str, model: &Model, entry: &Entry, day: Date, found: &mut Vec<Difference>) {
    let price = model.price_at(day, SHORT_TOKENS);
    // A flat list has the hours that most of the day has.
    let ours = price.map(|price| price.hours.map_or(price.rates, |[cheap, _]| cheap));
    let batch = price.and_then(|price| price.batch);
    let lines = [
        ("input", ours.map(|r| r.input), entry.input_cost_per_token),
        ("output", ours.map(|r| r.output), entry.output_cost_per_token),
        ("cache read", ours.and_then(|r| r.cache_read), entry.cache_read_input_token_cost),
        ("cache write", ours.and_then(|r| r.cache_write), entry.cache_creation_input_token_cost),
        ("batch input", batch.map(|r| r.input), entry.input_cost_per_token_batches),
        ("batch output", batch.map(|r| r.output), entry.output_cost_per_token_batches),
    ];
    for (price, ours, theirs) in lines {
        let theirs = theirs.map(per_million);
        let same = match (ours, theirs) {
            (Some(ours), Some(theirs)) => (ours - theirs).abs() <= SAME * ours.abs().max(theirs.abs()),
            // Many lists leave out cache and batch prices: that is a gap, not a contradiction.
            _ => true,
        };
        if !same {
            found.push(Difference { model: id.into(), price, ours, theirs });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn catalog() -> Catalog {
        serde_json::from_str(include_str!("../../../shared/tests/catalog.json")).unwrap()
    }

    fn day() -> Date {
        "2026-11-22".parse().unwrap()
    }

    /// Entries of `LiteLLM` of 1 August 2026.
    const LITELLM: &str = r#"{
        "sample_spec": {"input_cost_per_token": 0.0, "litellm_provider": "one of https://docs.litellm.ai/docs/providers", "max_tokens": "LEGACY"},
        "gpt-4o": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 2.5e-06, "output_cost_per_token": 1e-05,
            "cache_read_input_token_cost": 1.25e-06, "input_cost_per_token_batches": 1.25e-06, "output_cost_per_token_batches": 5e-06},
        "gpt-4o-2024-08-06": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 9e-06, "output_cost_per_token": 9e-06},
        "gemini/gemini-2.5-flash": {"litellm_provider": "gemini", "mode": "chat", "input_cost_per_token": 3e-07, "output_cost_per_token": 2.5e-06},
        "deepseek/deepseek-v3.2": {"litellm_provider": "deepseek", "mode": "chat", "input_cost_per_token": 2.8e-07, "output_cost_per_token": 4e-07},
        "groq/openai/gpt-oss-120b": {"litellm_provider": "groq", "mode": "chat", "input_cost_per_token": 1.5e-07, "output_cost_per_token": 6e-07},
        "azure/gpt-4o": {"litellm_provider": "azure", "mode": "chat", "input_cost_per_token": 1.0, "output_cost_per_token": 1.0},
        "gpt-2-unknown": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 1e-06, "output_cost_per_token": 1e-06},
        "whisper-1": {"litellm_provider": "openai", "mode": "audio_transcription", "input_cost_per_second": 0.0001},
        "broken": {"litellm_provider": 5}
    }"#;

    #[test]
    fn litellm_2026_08_01_agrees_but_for_the_known_suspect() {
        let found = compare(LITELLM, &catalog(), day()).unwrap();
        assert_eq!((found.compared, found.unreadable), (4, 1));
        let told: Vec<_> = found.differences.iter().map(|d| (d.model.as_str(), d.price, d.ours, d.theirs)).collect();
        assert_eq!(
            told,
            [
                ("deepseek/deepseek-v3.2", "input", Some(0.2288), Some(0.28)),
                ("deepseek/deepseek-v3.2", "output", Some(0.3432), Some(0.4)),
            ]
        );
        assert!((found.differences[0].relative().unwrap() - 0.2238).abs() < 1e-4);
        assert_eq!(found.only_theirs, ["openai/gpt-2-unknown"]);
        assert!(
            found.only_ours.contains(&"openai/gpt-6-sol".to_string())
                && found.only_ours.len() == catalog().models.len() - 4
        );
        assert_eq!(found.theirs.len(), 1);
    }

    #[test]
    fn the_day_decides_which_of_our_prices_counts() {
        let text = r#"{"gemini-3.8-flash": {"litellm_provider": "gemini", "mode": "chat", "input_cost_per_token": 1.5e-06, "output_cost_per_token": 7.5e-06}}"#;
        assert_eq!(compare(text, &catalog(), day()).unwrap().differences.len(), 2);
        assert!(compare(text, &catalog(), "2027-01-01".parse().unwrap()).unwrap().differences.is_empty());
    }

    #[test]
    fn another_file_is_told() {
        for text in ["", "[]", "<html>", "{\"a\": "] {
            assert!(compare(text, &catalog(), day()).unwrap_err().contains("LiteLLM"), "{text}");
        }
        assert_eq!(compare("{\"a\": 5}", &catalog(), day()).unwrap().unreadable, 1);
    }
}
