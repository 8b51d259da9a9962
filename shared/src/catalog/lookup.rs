//! Finding a model by the names that people and programs give it.

use super::{Benchmark, Catalog, Model, Score};

/// Why a model was not found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// No vendor in the catalog sells a model of this name; the nearest names, best first.
    Model(Vec<String>),
    /// The model is there, but not from this vendor; the vendors that sell it.
    Vendor(Vec<String>),
}

impl Catalog {
    /// The models that `id` means, one for each vendor that sells it, or only that of `vendor`. Upper case, a prefix
    /// such as `openai/`, and `.`, `_` or a space instead of `-` make no difference.
    ///
    /// # Errors
    /// [`Unknown`] with what the catalog has instead.
    pub fn find(&self, id: &str, vendor: Option<&str>) -> Result<Vec<&Model>, Unknown> {
        let found: Vec<&Model> = self.models.iter().filter(|model| model.is_called(id)).collect();
        if found.is_empty() {
            return Err(Unknown::Model(self.nearest(id)));
        }
        let Some(vendor) = vendor else { return Ok(found) };
        let sold_by = |model: &Model| vendor_key(&model.vendor).eq(vendor_key(vendor));
        let of_vendor: Vec<&Model> = found.iter().copied().filter(|model| sold_by(model)).collect();
        if of_vendor.is_empty() {
            return Err(Unknown::Vendor(found.iter().map(|m| m.vendor.clone()).collect()));
        }
        Ok(of_vendor)
    }

    /// The benchmark named `id`.
    pub fn benchmark(&self, id: &str) -> Option<&Benchmark> {
        self.benchmarks.iter().find(|benchmark| benchmark.id == id)
    }

    /// Up to three ids that look like `wanted`.
    fn nearest(&self, wanted: &str) -> Vec<String> {
        let wanted: Vec<char> = key(wanted).collect();
        let mut near: Vec<(usize, &str)> =
            self.models.iter().map(|m| (distance(&wanted, key(&m.id)), m.id.as_str())).collect();
        near.sort_unstable();
        near.dedup_by(|a, b| a.1 == b.1);
        let worst = wanted.len() / 2;
        near.into_iter().take_while(|(d, _)| *d <= worst).take(3).map(|(_, id)| id.to_string()).collect()
    }
}

impl Model {
    /// The name of the option that uses this model: `vendor/model`.
    pub fn option_id(&self) -> String {
        [self.vendor.as_str(), "/", self.id.as_str()].concat()
    }

    /// The published score on the benchmark named `benchmark`.
    pub fn score(&self, benchmark: &str) -> Option<&Score> {
        self.scores.iter().find(|score| score.benchmark == benchmark)
    }

    fn is_called(&self, wanted: &str) -> bool {
        key(&self.id).eq(key(wanted)) || self.aliases.iter().any(|alias| key(alias).eq(key(wanted)))
    }
}

/// A name as it is compared: without a prefix, in lower case, with hyphens.
fn key(name: &str) -> impl Iterator<Item = char> + '_ {
    let name = name.trim();
    let name = name.rsplit_once('/').map_or(name, |(_, rest)| rest);
    name.chars().map(|c| if matches!(c, '.' | '_' | ' ') { '-' } else { c.to_ascii_lowercase() })
}

/// Vendors are written `x-ai`, `xAI`, `x.ai`.
fn vendor_key(name: &str) -> impl Iterator<Item = char> + '_ {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase())
}

/// The edits between two names (Levenshtein), for "did you mean".
fn distance(wanted: &[char], name: impl Iterator<Item = char>) -> usize {
    let mut row: Vec<usize> = (0..=wanted.len()).collect();
    for (i, x) in name.enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in wanted.iter().enumerate() {
            let replaced = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[wanted.len()]
}

#[cfg(test)]
mod tests {
    use super::super::testing;
    use super::*;

    fn ids(name: &str, vendor: Option<&str>) -> Result<Vec<String>, Unknown> {
        testing::catalog().find(name, vendor).map(|found| found.iter().map(|m| m.option_id()).collect())
    }

    #[test]
    fn names_are_found_as_people_write_them() {
        for name in ["gpt-4o", "GPT-4o", "openai/gpt-4o", "gpt 4o", "gpt-4o-2024-08-06"] {
            assert_eq!(ids(name, None).unwrap(), ["openai/gpt-4o"], "{name}");
        }
        assert_eq!(ids("claude-sonnet-4.5", None).unwrap(), ["anthropic/claude-sonnet-4-5"]);
        assert_eq!(ids("GLM-5.3", None).unwrap(), ["zai/glm-5.3"]);
    }

    #[test]
    fn a_model_of_several_vendors_is_found_at_each() {
        assert_eq!(ids("gpt-oss-120b", None).unwrap(), ["groq/gpt-oss-120b", "cerebras/gpt-oss-120b"]);
        assert_eq!(ids("openai/gpt-oss-120b", Some("Cerebras")).unwrap(), ["cerebras/gpt-oss-120b"]);
        assert_eq!(ids("grok-4.3", Some("xAI")).unwrap(), ["x-ai/grok-4.3"]);
    }

    #[test]
    fn what_is_unknown_says_what_there_is() {
        assert_eq!(ids("gpt-oss-120b", Some("openai")), Err(Unknown::Vendor(vec!["groq".into(), "cerebras".into()])));
        match ids("gpt-4.1-mimi", None) {
            Err(Unknown::Model(near)) => assert_eq!(near[0], "gpt-4.1-mini"),
            other => panic!("{other:?}"),
        }
        assert_eq!(ids("zzzzzzzzzzzz", None), Err(Unknown::Model(Vec::new())));
    }
}
