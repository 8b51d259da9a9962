//! Private prices and scores, from a file of the operator's: they win over the list. The file is TOML:
//!
//! ```toml
//! source = "our contract of March"   # who says so
//! as_of = "2026-03-01"               # the day it was checked
//!
//! [[models]]
//! vendor = "openai"
//! id = "gpt-4o"
//! input = 2.0                        # dollars per million tokens
//! output = 8.0
//! cache_read = 1.0                   # and cache_write, cache_write_1h
//! batch = { input = 1.0, output = 4.0 }
//! from = "2026-03-01"                # without it: always
//! scores = [{ benchmark = "arena", value = 1335.8 }]
//! ```
//!
//! A price replaces all later ones of the list; what is left out (here no batch price) is not known, never the list's.
//! A model that the list lacks is added; it needs `input` and `output`.

use std::path::Path;

use figment::Figment;
use figment::providers::{Format, Toml};
use serde::Deserialize;
use shared::catalog::{Catalog, Model, PriceRow, Rates, Score};
use shared::date::Date;
use shared::limits::TEXT_FIELD_MAX_CHARS;

/// Dollars per million tokens above which a price is a slip of the keyboard.
const PRICE_MAX: f64 = 100_000.0;

/// The file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Overrides {
    /// Who says so.
    pub source: String,
    /// The day it was checked.
    pub as_of: Date,
    /// The models.
    #[serde(default)]
    models: Vec<Own>,
}

/// A model as the operator knows it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Own {
    vendor: String,
    id: String,
    name: Option<String>,
    from: Option<Date>,
    input: Option<f64>,
    output: Option<f64>,
    cache_read: Option<f64>,
    cache_write: Option<f64>,
    cache_write_1h: Option<f64>,
    batch: Option<OwnBatch>,
    context_tokens: Option<f64>,
    #[serde(default)]
    scores: Vec<OwnScore>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OwnBatch {
    input: f64,
    output: f64,
    cache_read: Option<f64>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OwnScore {
    benchmark: String,
    value: f64,
    low: Option<f64>,
    high: Option<f64>,
}

impl Overrides {
    /// Reads a file; the error is one line that names what is wrong.
    pub fn read(path: &Path) -> Result<Self, String> {
        if !path.is_file() {
            return Err(format!("{} is not a file", path.display()));
        }
        let read: Result<Self, _> = Figment::from(Toml::file_exact(path)).extract();
        read.map_err(|error| format!("{}: {error}", path.display()).replace('\n', " "))
    }

    /// How many models it has.
    pub fn len(&self) -> usize {
        self.models.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.models.is_empty()
    }

    /// Puts the prices and scores into `catalog`.
    ///
    /// # Errors
    /// One line for the first model that cannot be right; the catalog is then of no use.
    pub fn apply(&self, catalog: &mut Catalog) -> Result<(), String> {
        for own in &self.models {
            own.apply(self, catalog).map_err(|why| format!("{}/{}: {why}", own.vendor, own.id))?;
        }
        if !self.models.is_empty() {
            let models = shared::format::plural(self.models.len(), "model");
            catalog.source = format!("{}; {models} from {} of {}", catalog.source, self.source, self.as_of);
        }
        Ok(())
    }
}

impl Own {
    fn apply(&self, file: &Overrides, catalog: &mut Catalog) -> Result<(), String> {
        let texts = [Some(&self.vendor), Some(&self.id), self.name.as_ref(), Some(&file.source)];
        if texts.into_iter().flatten().any(|t| t.trim().is_empty() || t.chars().count() > TEXT_FIELD_MAX_CHARS) {
            return Err(format!("vendor, id, name and source have 1 to {TEXT_FIELD_MAX_CHARS} characters"));
        }
        let row = self.row()?;
        let scores = self.scores(catalog)?;
        let found = catalog.models.iter_mut().find(|m| m.vendor == self.vendor && m.id == self.id);
        let model = match (found, &row) {
            (Some(model), _) => model,
            (None, Some(_)) => {
                catalog.models.push(self.blank());
                catalog.models.last_mut().ok_or("cannot be added")?
            }
            (None, None) => return Err("is not in the list, so it needs input and output".into()),
        };
        if let Some(row) = row {
            model.prices.retain(|old| self.from.is_some_and(|from| old.from.is_none_or(|start| start < from)));
            model.prices.push(row);
            let day = self.from.map(|from| format!(" from {from} on")).unwrap_or_default();
            model.note = Some(format!("Private price{day}: {} of {}.", file.source, file.as_of));
        }
        for score in scores {
            model.scores.retain(|old| old.benchmark != score.benchmark);
            model.scores.push(Score { measured: Some(file.source.clone()), ..score });
        }
        model.context_tokens = self.context_tokens.or(model.context_tokens);
        Ok(())
    }

    fn blank(&self) -> Model {
        Model {
            id: self.id.clone(),
            vendor: self.vendor.clone(),
            name: self.name.clone().unwrap_or_else(|| self.id.clone()),
            aliases: Vec::new(),
            context_tokens: None,
            thinks: false,
            cache: None,
            prices: Vec::new(),
            scores: Vec::new(),
            note: None,
        }
    }

    fn row(&self) -> Result<Option<PriceRow>, String> {
        let (input, output) = match (self.input, self.output) {
            (Some(input), Some(output)) => (input, output),
            (None, None) if self.batch.is_none() && self.cache_read.is_none() => return Ok(None),
            _ => return Err("a price needs input and output".into()),
        };
        let rates = Rates {
            input,
            output,
            cache_read: self.cache_read,
            cache_write: self.cache_write,
            cache_write_1h: self.cache_write_1h,
        };
        let batch = self.batch.map(|b| Rates {
            input: b.input,
            output: b.output,
            cache_read: b.cache_read,
            ..Rates::default()
        });
        for rates in std::iter::once(rates).chain(batch) {
            let all =
                [Some(rates.input), Some(rates.output), rates.cache_read, rates.cache_write, rates.cache_write_1h];
            if all.into_iter().flatten().any(|usd| !(0.0..=PRICE_MAX).contains(&usd)) {
                return Err(format!("prices are dollars per million tokens, from 0 to {PRICE_MAX}"));
            }
        }
        Ok(Some(PriceRow { from: self.from, rates, batch, long: None, peak: None }))
    }

    fn scores(&self, catalog: &Catalog) -> Result<Vec<Score>, String> {
        self.scores
            .iter()
            .map(|own| {
                if catalog.benchmark(&own.benchmark).is_none() {
                    let known: Vec<_> = catalog.benchmarks.iter().map(|b| b.id.as_str()).collect();
                    return Err(format!("the benchmark {} is not one of {}", own.benchmark, known.join(", ")));
                }
                let ordered =
                    own.low.is_none_or(|low| low <= own.value) && own.high.is_none_or(|high| own.value <= high);
                if !own.value.is_finite() || !ordered {
                    return Err(format!("the score on {} is not a number within its interval", own.benchmark));
                }
                let OwnScore { benchmark, value, low, high } = own.clone();
                Ok(Score { benchmark, value, low, high, measured: None })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn catalog() -> Catalog {
        serde_json::from_str(include_str!("../../../shared/tests/catalog.json")).unwrap()
    }

    fn applied(text: &str) -> Result<Catalog, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("own.toml");
        std::fs::write(&path, format!("source = \"our contract\"\nas_of = \"2026-11-01\"\n{text}")).unwrap();
        let mut catalog = catalog();
        Overrides::read(&path)?.apply(&mut catalog)?;
        Ok(catalog)
    }

    #[test]
    fn a_private_price_wins_from_its_day_on_and_says_so() {
        let own = "[[models]]\nvendor = \"google\"\nid = \"gemini-3.8-flash\"\ninput = 0.5\noutput = 2.5\nfrom = \"2026-12-01\"\n";
        let catalog = applied(own).unwrap();
        let model = catalog.find("gemini-3.8-flash", None).unwrap()[0];
        let input = |day: &str| model.price_at(day.parse().unwrap(), 1e3).unwrap().rates.input;
        assert_eq!((input("2026-11-30"), input("2026-12-01"), input("2027-06-01")), (0.75, 0.5, 0.5));
        assert!(model.note.as_ref().unwrap().contains("our contract"));
        assert!(catalog.source.contains("1 model from our contract of 2026-11-01"), "{}", catalog.source);
        let always = applied(&own.replace("from = \"2026-12-01\"\n", "")).unwrap();
        assert_eq!(always.find("gemini-3.8-flash", None).unwrap()[0].prices.len(), 1);
    }

    #[test]
    fn scores_are_replaced_and_models_added() {
        let catalog = applied(
            "[[models]]\nvendor = \"openai\"\nid = \"gpt-4o\"\nscores = [{ benchmark = \"arena\", value = 1340.0 }]\n\
             [[models]]\nvendor = \"own\"\nid = \"llama-at-home\"\ninput = 0.1\noutput = 0.2\n",
        )
        .unwrap();
        let model = catalog.find("gpt-4o", None).unwrap()[0];
        assert_eq!((model.score("arena").unwrap().value, model.note.as_ref()), (1_340.0, None));
        assert_eq!(catalog.find("llama-at-home", Some("own")).unwrap()[0].name, "llama-at-home");
    }

    #[test]
    fn what_cannot_be_right_is_one_line() {
        for (text, says) in [
            ("[[models]]\nvendor = \"openai\"\nid = \"gpt-4o\"\ninput = 2.0\n", "needs input and output"),
            ("[[models]]\nvendor = \"x\"\nid = \"y\"\n", "not in the list"),
            ("[[models]]\nvendor = \"x\"\nid = \"y\"\ninput = -1.0\noutput = 1.0\n", "from 0"),
            ("[[models]]\nvendor = \"x\"\nid = \"y\"\ninput = inf\noutput = 1.0\n", "from 0"),
            ("[[models]]\nvendor = \"x\"\nid = \"y\"\nprice = 1.0\n", "price"),
            (
                "[[models]]\nvendor = \"openai\"\nid = \"gpt-4o\"\nscores = [{ benchmark = \"mine\", value = 1.0 }]\n",
                "arena",
            ),
            (
                "[[models]]\nvendor = \"openai\"\nid = \"gpt-4o\"\nscores = [{ benchmark = \"arena\", value = 1.0, low = 2.0 }]\n",
                "interval",
            ),
            ("nonsense", "own.toml"),
        ] {
            let error = applied(text).unwrap_err();
            assert!(error.contains(says) && !error.contains('\n'), "{text}: {error}");
        }
        assert!(Overrides::read(Path::new("/nowhere/own.toml")).is_err());
    }
}
