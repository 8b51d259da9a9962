//! From a log to the facts of a workload. What a person gives wins; what the log tells is marked so.

use serde_json::Value as Json;

use super::summary::Usage;
use crate::analysis::Observed;
use crate::analysis::math::replay::Arrival;
use crate::catalog::Catalog;
use crate::format::{count, share, usd};
use crate::message::Category;
use crate::result::Warning;
use crate::workload::{Provenance, Provenances, Source, WorkClass, Workload};

/// Where resampling begins: the same log gives the same intervals.
const SEED: u64 = 7;
/// Models that become a kind of work of their own.
const CLASSES: usize = 8;

/// A workload with where its facts came from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// The facts.
    pub workload: Workload,
    /// Where they came from.
    pub provenance: Provenances,
}

impl Usage {
    /// The times, for replays and percentiles; `None` if the log has none.
    pub fn observed(&self) -> Option<Observed> {
        let latencies: Vec<f64> = self.latencies_us.iter().map(|us| *us as f64 / 1e3).collect();
        let arrival = |[at, service]: &[i64; 2]| Arrival {
            at_s: *at as f64 / 1e6,
            // Rows without a time are left out of the replay.
            service_s: if *service < 0 { f64::NAN } else { *service as f64 / 1e6 },
        };
        let arrivals: Vec<Arrival> = self.arrivals_us.iter().map(arrival).collect();
        (!latencies.is_empty() || !arrivals.is_empty()).then(|| Observed::new(&latencies, arrivals, SEED))
    }

    /// Fills in what `facts` do not have, and says what a reader must know about it.
    pub fn fill(&self, category: Category, catalog: &Catalog, facts: &mut Facts) -> Vec<Warning> {
        let mut warnings = self.summary.warnings.clone();
        self.fill_model(catalog, facts, &mut warnings);
        if category == Category::Advanced {
            self.fill_classes(facts);
        }
        for (field, value) in self.numbers() {
            let Some(value) = value else { continue };
            set(facts, field, &value.into(), &self.told());
        }
        // A prefix from the log beside a shorter input that was given.
        let w = &mut facts.workload;
        if let (Some(prefix), Some(input)) = (w.cached_prefix_tokens, w.input_tokens)
            && prefix > input
            && is_logged(&facts.provenance, "cached_prefix_tokens")
        {
            w.cached_prefix_tokens = Some(input);
        }
        warnings
    }

    /// The numbers that the log tells.
    fn numbers(&self) -> [(&'static str, Option<f64>); 9] {
        let s = &self.summary;
        let span = s.span_s.filter(|span| *span > 0.0 && s.requests > 1);
        let hit_rate = s.cache_hit_rate;
        // Blocks that come again are a chance; cached tokens are the state.
        let prefix = match (s.cached_tokens, s.prefix_reuse_share, s.input_tokens) {
            (Some(cached), ..) => Some(cached.mean),
            (None, Some(reuse), Some(input)) if hit_rate.is_none() => Some(reuse * input.mean),
            _ => None,
        };
        [
            ("requests_per_day", span.map(|span| s.requests as f64 / span * 86_400.0)),
            ("input_tokens", s.input_tokens.map(|t| t.mean)),
            ("output_tokens", s.output_tokens.map(|t| t.mean)),
            ("cached_prefix_tokens", prefix.filter(|p| *p > 0.0)),
            ("cache_hit_rate", hit_rate.filter(|rate| *rate > 0.0)),
            ("duplicate_share", s.duplicate_share.filter(|share| *share > 0.0)),
            ("arrival_scv", s.arrival_scv),
            ("service_scv", s.latency_ms.and_then(|l| l.scv)),
            ("peak_factor", s.peak_factor),
        ]
    }

    fn fill_model(&self, catalog: &Catalog, facts: &mut Facts, warnings: &mut Vec<Warning>) {
        let Some(most) = self.summary.models.first() else { return };
        if facts.workload.model.is_some() {
            return;
        }
        let mut warn = |code: &str, text: String| warnings.push(Warning { code: code.into(), text });
        let part = most.requests as f64 / self.summary.requests as f64;
        match catalog.find(&most.model, None) {
            Ok(_) => {
                if self.summary.models.len() > 1 || part < 0.995 {
                    let own = self.list_price(catalog).map(|usd_| {
                        format!(" As it is, at list price, the log's own mix costs {} in 30 days.", usd(usd_))
                    });
                    let text = format!(
                        "The log has several models; {} of the requests go to {}. Everything is priced as if it went \
                         there.{}",
                        share(part),
                        most.model,
                        own.unwrap_or_default()
                    );
                    warn("several_models", text);
                }
                set(facts, "model", &most.model.clone().into(), &self.told());
            }
            Err(_) => warn(
                "log_model_unknown",
                format!(
                    "The log's model {} is not in the catalog, so it cannot be priced: name the one to compare with.",
                    most.model
                ),
            ),
        }
    }

    /// What 30 days of the log cost at the list prices of the catalog's day, each model at its own; `None` if a model
    /// that is not listed, not in the catalog or sold at several prices has part in it, or the log has no length.
    fn list_price(&self, catalog: &Catalog) -> Option<f64> {
        let s = &self.summary;
        let span = s.span_s.filter(|span| *span > 0.0)?;
        let listed: u64 = s.models.iter().map(|m| m.requests).sum();
        if listed != s.requests {
            return None;
        }
        let mut total = 0.0;
        for used in &s.models {
            let found = catalog.find(&used.model, None).ok()?;
            let [model] = found.as_slice() else { return None };
            let requests = used.requests as f64;
            let rates = model.price_at(catalog.as_of, used.input_tokens as f64 / requests)?.rates;
            let fresh = used.input_tokens.saturating_sub(used.cached_tokens) as f64;
            let read = rates.cache_read.unwrap_or(rates.input);
            let output = used.output_tokens as f64 * rates.output;
            total += (fresh * rates.input + used.cached_tokens as f64 * read + output) / 1e6;
        }
        Some(total / span * 86_400.0 * 30.0)
    }

    /// Each model of the log is a kind of work.
    fn fill_classes(&self, facts: &mut Facts) {
        let (w, s) = (&mut facts.workload, &self.summary);
        let span = s.span_s.filter(|span| *span > 0.0);
        let given = w.requests_per_day.is_some() || w.input_tokens.is_some() || w.output_tokens.is_some();
        let (Some(span), true) = (span, w.classes.is_empty() && !given && s.models.len() > 1) else { return };
        let class = |name: &str, requests: u64, input: u64, output: u64| WorkClass {
            name: name.into(),
            requests_per_day: requests as f64 / span * 86_400.0,
            input_tokens: input as f64 / requests as f64,
            output_tokens: output as f64 / requests as f64,
            quality_floor: None,
            latency_target_ms: None,
        };
        let shown = s.models.iter().take(CLASSES);
        w.classes = shown
            .map(|m| class(&m.model, m.requests, m.input_tokens, m.output_tokens))
            .filter(|c| c.input_tokens + c.output_tokens > 0.0)
            .collect();
        if w.classes.len() < 2 {
            w.classes.clear();
        } else {
            facts.provenance.insert("classes".into(), self.told());
        }
    }

    /// The provenance of what the log tells.
    fn told(&self) -> Provenance {
        let s = &self.summary;
        let when = s.from.as_ref().zip(s.to.as_ref()).map(|(from, to)| format!(", {from} to {to}")).unwrap_or_default();
        let reference = format!("your usage log: {} requests{when}", count(s.requests as f64));
        Provenance { source: Source::Log, text: None, span: None, reference: Some(reference), as_of: None }
    }
}

fn is_logged(provenance: &Provenances, field: &str) -> bool {
    provenance.get(field).is_some_and(|p| p.source == Source::Log)
}

/// Sets a field that is not there yet; a value out of its bounds is left out.
fn set(facts: &mut Facts, field: &str, value: &Json, told: &Provenance) {
    if facts.workload.get(field).is_none() && facts.workload.set(field, value).is_ok() {
        facts.provenance.insert(field.into(), told.clone());
    }
}
