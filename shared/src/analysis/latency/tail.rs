//! How the times of answers are spread: measured on a log, or drawn through the percentiles that are known.

use crate::analysis::Request;
use crate::analysis::answer::Answer;
use crate::analysis::load::{curve, told};
use crate::analysis::math::lognormal::{PercentileCurve, Z};
use crate::analysis::math::percentiles::{Interval, P99_ROWS_MIN, bootstrap, quantile, share_within, wilson};
use crate::analysis::observed::Observed;
use crate::format::{count, ms, share};
use crate::workload::Source;

/// Resamples behind an interval: enough that its ends move by about a hundredth of its width.
const RESAMPLES: usize = 1_000;

/// The percentiles that are told, with the field that gives them.
pub(super) const PERCENTILES: [(&str, f64, f64); 3] =
    [("latency_p50_ms", 0.5, Z[0]), ("latency_p95_ms", 0.95, Z[1]), ("latency_p99_ms", 0.99, Z[2])];

/// How the times are spread.
pub(super) enum Tail<'a> {
    /// Rows of a log, rising.
    Log {
        /// Milliseconds.
        rising: &'a [f64],
        /// Where resampling begins.
        seed: u64,
    },
    /// A curve through percentiles.
    Curve(PercentileCurve),
}

/// A figure with its range and how it was found.
pub(super) struct Found {
    pub(super) value: f64,
    pub(super) range: Option<Interval>,
    pub(super) formula: String,
    pub(super) source: String,
}

impl<'a> Tail<'a> {
    /// Percentiles that the user gives win over a log.
    pub(super) fn read(request: &Request<'_>, observed: Option<&'a Observed>, answer: &mut Answer) -> Option<Self> {
        let given = |field: &str| {
            let logged = request.provenance.get(field).is_some_and(|p| p.source == Source::Log);
            request.workload.get(field).is_some() && !logged
        };
        let rising = observed.map(Observed::latencies_ms).filter(|rising| !rising.is_empty());
        if let (Some(rising), Some(log)) = (rising, observed)
            && !PERCENTILES.iter().any(|(field, ..)| given(field))
        {
            if rising.len() < P99_ROWS_MIN {
                answer.warn(
                    "few_rows",
                    format!(
                        "The log has {} rows: fewer than ten of them are beyond the 99th percentile, so it is an \
                         indication only. {} rows are needed.",
                        count(rising.len() as f64),
                        count(P99_ROWS_MIN as f64)
                    ),
                );
            }
            return Some(Self::Log { rising, seed: log.seed() });
        }
        curve(request.workload).map(Self::Curve)
    }

    /// A percentile: as given, measured, or read off the curve.
    pub(super) fn percentile(&self, request: &Request<'_>, at: (&str, f64, f64)) -> Option<Found> {
        let (field, part, z) = at;
        match self {
            Self::Log { rising, seed } => Some(Found {
                value: quantile(rising, part)?,
                range: bootstrap(rising, part, RESAMPLES, *seed),
                formula: format!("{} of {} rows; bootstrap interval at 95 %", words(part), count(rising.len() as f64)),
                source: "your log".into(),
            }),
            Self::Curve(curve) => given(request, field).or_else(|| {
                Some(Found {
                    value: curve.at_z(z)?,
                    range: None,
                    formula: format!("log-normal distribution through your percentiles, at z = {}", count(z)),
                    source: "estimate from your figures".into(),
                })
            }),
        }
    }

    /// The share of answers within `target` milliseconds.
    pub(super) fn share_within(&self, request: &Request<'_>, target: f64) -> Option<Found> {
        let target_words = ms(target);
        match self {
            Self::Log { rising, .. } => {
                let value = share_within(rising, target)?;
                Some(Found {
                    value,
                    range: wilson(value, rising.len()),
                    formula: format!(
                        "rows within {target_words} / {} rows; Wilson interval",
                        count(rising.len() as f64)
                    ),
                    source: "your log".into(),
                })
            }
            Self::Curve(curve) => Some(Found {
                value: curve.share_within(target),
                range: None,
                formula: format!(
                    "log-normal distribution through your percentiles: {} are within {target_words}",
                    share(curve.share_within(target))
                ),
                source: told(request, &["latency_p50_ms", "latency_p95_ms", "latency_p99_ms"]),
            }),
        }
    }

    /// What the slowest of `calls` independent ones takes in half of the cases.
    pub(super) fn slowest_of(&self, calls: f64) -> Option<f64> {
        match self {
            Self::Log { rising, .. } => quantile(rising, crate::real::powf(0.5, 1.0 / calls)),
            Self::Curve(curve) => curve.slowest_of(calls, 0.5),
        }
    }

    /// Points of the distribution function, milliseconds against share.
    pub(super) fn points(&self) -> Vec<[f64; 2]> {
        match self {
            Self::Log { rising, .. } => (0..=100)
                .filter_map(|i| Some([quantile(rising, f64::from(i) / 100.0)?, f64::from(i) / 100.0]))
                .collect(),
            Self::Curve(curve) => (-20..=26)
                .filter_map(|i| {
                    let z = f64::from(i) / 10.0;
                    Some([curve.at_z(z)?, crate::analysis::math::lognormal::normal_cdf(z)])
                })
                .collect(),
        }
    }
}

/// The percentile that the user gives.
pub(super) fn given(request: &Request<'_>, field: &str) -> Option<Found> {
    let value = request.workload.get(field)?.number()?;
    Some(Found { value, range: None, formula: "as given".into(), source: told(request, &[field]) })
}

fn words(part: f64) -> String {
    format!("{}th percentile", count(part * 100.0))
}
