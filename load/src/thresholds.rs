//! Which measures must lie where, from a TOML file or built in.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::scenario::{Finding, Form, Scenario};

/// The measures that scenarios take. A threshold on anything else is a typing error.
pub const MEASURES: &[&str] = &[
    "accept_p50_ms",
    "accept_p99_ms",
    "accepted_per_s",
    "accepted_share",
    "answered_share",
    "answers_compared",
    "answers_differing",
    "burst_p99_ms",
    "connections",
    "context_used_share",
    "copies",
    "deaths",
    "descriptor_growth",
    "failed_share",
    "faults",
    "kills",
    "median_drift",
    "memory_growth_bytes",
    "memory_peak_bytes",
    "memory_slope_bytes_per_s",
    "memory_slope_low_bytes_per_s",
    "messages",
    "messages_per_s",
    "offered_per_s",
    "progress_p99_bytes",
    "recognised_share",
    "refusals",
    "server_cpu",
    "thread_growth",
    "whole_p50_ms",
    "whole_p99_ms",
];

/// Where a measure must lie.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bound {
    /// At least this.
    pub min: Option<f64>,
    /// At most this.
    pub max: Option<f64>,
}

/// The bounds of every scenario's measures.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Thresholds {
    #[serde(flatten)]
    bounds: BTreeMap<String, BTreeMap<String, Bound>>,
    /// They are somebody's own, who wants an answer to each; of the built-in ones some need a look into the server.
    #[serde(skip)]
    strict: bool,
}

/// One threshold, judged.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Judged {
    /// The measure.
    pub measure: String,
    /// What was measured; `None` if it could not be.
    pub value: Option<f64>,
    /// Where it must lie.
    pub bound: Bound,
    /// Whether it does. What was not measured holds only where nobody asked for it.
    pub holds: bool,
}

impl Thresholds {
    /// The built-in thresholds for a form.
    pub fn built_in(form: Form) -> Self {
        let text = match form {
            Form::Tiny | Form::Short => include_str!("../thresholds/short.toml"),
            Form::Long => include_str!("../thresholds/long.toml"),
        };
        // A test reads both files.
        Self { strict: false, ..Self::parse(text).unwrap_or_default() }
    }

    /// Reads a file's text; a name that nobody knows is an error that says which names there are.
    pub fn parse(text: &str) -> Result<Self, String> {
        let read: Self = toml::from_str(text).map_err(|error| error.to_string())?;
        for (scenario, bounds) in &read.bounds {
            if !Scenario::ALL.iter().any(|known| known.name() == scenario) {
                let names: Vec<_> = Scenario::ALL.iter().map(|s| s.name()).collect();
                return Err(format!("there is no scenario \"{scenario}\"; there are: {}", names.join(", ")));
            }
            for (measure, bound) in bounds {
                if !MEASURES.contains(&measure.as_str()) {
                    return Err(format!(
                        "[{scenario}] there is no measure \"{measure}\"; there are: {}",
                        MEASURES.join(", ")
                    ));
                }
                if bound.min.is_none() && bound.max.is_none() {
                    return Err(format!("[{scenario}] {measure} has neither min nor max"));
                }
            }
        }
        Ok(Self { strict: true, ..read })
    }

    /// Judges what a scenario measured.
    pub fn judge(&self, finding: &Finding) -> Vec<Judged> {
        let bounds = self.bounds.get(finding.name).into_iter().flatten();
        let judged = bounds.map(|(measure, bound)| {
            let value = finding.measures.iter().find(|m| m.name == measure).map(|m| m.value);
            // A figure that is not a number is in no bound.
            let holds = value.map_or(!self.strict, |value| {
                bound.min.is_none_or(|min| value >= min) && bound.max.is_none_or(|max| value <= max)
            });
            Judged { measure: measure.clone(), value, bound: *bound, holds }
        });
        judged.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_files_are_read() {
        for text in [include_str!("../thresholds/short.toml"), include_str!("../thresholds/long.toml")] {
            let thresholds = Thresholds::parse(text).unwrap();
            assert_eq!(thresholds.bounds.len(), Scenario::ALL.len());
        }
    }

    #[test]
    fn typing_errors_are_named() {
        for (text, told) in [
            ("[sequental]\nwhole_p99_ms = { max = 1 }", "sequential"),
            ("[sequential]\nwhole_p98_ms = { max = 1 }", "whole_p99_ms"),
            ("[sequential]\nwhole_p99_ms = { maximum = 1 }", "maximum"),
            ("[sequential]\nwhole_p99_ms = {}", "neither"),
            ("[sequential", "expected"),
        ] {
            let error = Thresholds::parse(text).unwrap_err();
            assert!(error.contains(told), "{text}: {error}");
        }
    }
}
