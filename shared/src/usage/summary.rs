//! What remains of a log: figures for a person, and a sample for replays. This is all that is stored of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::arrivals::Found;
use super::columns::Column;
use super::fold::{Cells, Fold};
use super::histogram::{ERROR, Histogram};
use super::reader::Rejection;
use super::time::{Origin, SECOND};
use crate::analysis::math::percentiles::{mean_and_scv, quantile, sorted};
use crate::date::Date;
use crate::format::{count, plural, share};
use crate::limits::USAGE_SAMPLE_ROWS;
use crate::result::Warning;

/// Models that a summary lists.
const MODELS_SHOWN: usize = 50;
/// A whole answer in less than this many ticks at the median cannot have been counted in milliseconds.
const SECONDS_BELOW: f64 = 50.0;
/// Seconds of a day: below it the mean of a day is a guess.
const DAY_S: f64 = 86_400.0;

/// A log that was read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Usage {
    /// The rows that were taken.
    pub rows: u64,
    /// The rows that were left out.
    pub rejected: u64,
    /// The first of them.
    pub first_rejections: Vec<Rejection>,
    /// The figures.
    pub summary: Summary,
    /// Microseconds of whole answers, drawn at random.
    pub(super) latencies_us: Vec<u64>,
    /// The busiest stretch: microseconds since its first arrival, and of service (-1: not known).
    pub(super) arrivals_us: Vec<[i64; 2]>,
}

/// The figures of a log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Requests, failed ones included.
    pub requests: u64,
    /// Requests that failed.
    pub failed: u64,
    /// Seconds from the first arrival to the last; `null` without times.
    pub span_s: Option<f64>,
    /// The first arrival, RFC 3339; absent where times count from the beginning of the log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The last arrival.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// What times count from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    /// The models, the most requests first.
    pub models: Vec<ModelUse>,
    /// The sum of the models that are not listed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_models: Option<Other>,
    /// Input tokens of a request, those from the cache included.
    pub input_tokens: Option<Tokens>,
    /// Output tokens of a request.
    pub output_tokens: Option<Tokens>,
    /// Cached input tokens of the requests that had any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cached_tokens: Option<Tokens>,
    /// The share of requests that had cached tokens, where the log tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_hit_rate: Option<f64>,
    /// The share of input tokens that were cached, where the log tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cached_share: Option<f64>,
    /// Milliseconds of whole answers of requests that did not fail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency_ms: Option<Latency>,
    /// The squared coefficient of variation of the times between arrivals; `null` where not known.
    pub arrival_scv: Option<f64>,
    /// The busiest window over the mean one; `null` where not known.
    pub peak_factor: Option<f64>,
    /// Seconds of such a window.
    pub peak_window_s: u64,
    /// The share of the prompts' blocks that had come before: what an endless prefix cache would save.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix_reuse_share: Option<f64>,
    /// The share of requests whose whole prompt had come before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duplicate_share: Option<f64>,
    /// The most by which a percentile may be wrong, as a share of itself; those below 65,536 tokens are exact.
    pub percentile_error: f64,
    /// What each column that is used is called in the log.
    pub columns: BTreeMap<String, String>,
    /// What a reader must know before trusting the figures.
    pub warnings: Vec<Warning>,
}

/// How many tokens.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tokens {
    /// Of all requests together.
    pub total: u64,
    /// Of a request.
    pub mean: f64,
    /// The median.
    pub p50: f64,
    /// The 90th percentile.
    pub p90: f64,
    /// The 99th percentile.
    pub p99: f64,
}

/// How long answers take, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Latency {
    /// The answers that were timed.
    pub rows: u64,
    /// The mean.
    pub mean: f64,
    /// The median.
    pub p50: f64,
    /// The 95th percentile.
    pub p95: f64,
    /// The 99th percentile.
    pub p99: f64,
    /// The squared coefficient of variation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scv: Option<f64>,
}

/// What one model did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelUse {
    /// Its name in the log.
    pub model: String,
    /// Requests.
    pub requests: u64,
    /// Input tokens of all of them.
    pub input_tokens: u64,
    /// Output tokens of all of them.
    pub output_tokens: u64,
    /// Cached input tokens of all of them.
    pub cached_tokens: u64,
}

/// What models did that are not listed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Other {
    /// About how many models.
    pub models: u64,
    /// Requests.
    pub requests: u64,
    /// Input tokens of all of them.
    pub input_tokens: u64,
    /// Output tokens of all of them.
    pub output_tokens: u64,
    /// Cached input tokens of all of them.
    pub cached_tokens: u64,
}

impl Tokens {
    fn of(histogram: &Histogram) -> Option<Self> {
        let at = |share| histogram.quantile(share);
        let total = u64::try_from(histogram.sum()).unwrap_or(u64::MAX);
        Some(Self { total, mean: histogram.mean()?, p50: at(0.5)?, p90: at(0.9)?, p99: at(0.99)? })
    }
}

impl Usage {
    /// What remains of the rows in `fold`.
    pub(super) fn of(
        fold: &Fold,
        cells: &Cells,
        used: &[(Column, String)],
        latency_is_unsaid: bool,
        (rejected, first_rejections): (u64, Vec<Rejection>),
    ) -> Self {
        let mut warnings = Vec::new();
        let unit = latency_unit(fold, cells, latency_is_unsaid, &mut warnings);
        let found = fold.arrivals.clone().finish();
        let latencies_us = fold.sample.rows.iter().map(|ticks| (ticks * unit * 1e3).round() as u64).collect();
        let arrivals_us = found.as_ref().map(|found| stretch(found, unit)).unwrap_or_default();
        let mut summary = Summary::of(fold, found.as_ref(), cells, unit);
        summary.columns = used.iter().map(|(column, name)| (column.label().into(), name.clone())).collect();
        summary.warn(fold, found.as_ref(), rejected, &mut warnings);
        summary.warnings = warnings;
        Self { rows: fold.rows, rejected, first_rejections, summary, latencies_us, arrivals_us }
    }
}

/// Milliseconds of a tick of the latency column.
fn latency_unit(fold: &Fold, cells: &Cells, is_unsaid: bool, warnings: &mut Vec<Warning>) -> f64 {
    if let (false, Some(unit)) = (is_unsaid, cells.latency_unit) {
        return unit;
    }
    let median = fold.latency.quantile(0.5).map(|thousandths| thousandths / 1e3);
    let (unit, word) =
        if median.is_some_and(|ticks| ticks < SECONDS_BELOW) { (1e3, "seconds") } else { (1.0, "milliseconds") };
    if let Some(median) = median {
        let text = format!(
            "The column of latencies does not name its unit; with a median of {} they are read as {word}. Call it \
             latency_ms or latency_s to be sure.",
            count(median)
        );
        warnings.push(Warning { code: "latency_unit".into(), text });
    }
    unit
}

fn stretch(found: &Found, unit: f64) -> Vec<[i64; 2]> {
    // Without service times there is nothing to replay.
    if found.stretch.iter().all(|(_, service)| service.is_none()) {
        return Vec::new();
    }
    let first = found.stretch.first().map_or(0, |(at, _)| *at);
    let service = |thousandths: u64| (thousandths as f64 * unit).round() as i64;
    found.stretch.iter().map(|(at, s)| [at.saturating_sub(first) / 1_000, s.map_or(-1, service)]).collect()
}

impl Summary {
    fn of(fold: &Fold, found: Option<&Found>, cells: &Cells, unit: f64) -> Self {
        let (models, other_models) = models(fold);
        let calendar = found.filter(|_| cells.clock.origin() == Some(Origin::Calendar));
        let cached_total = fold.cached.sum() as f64;
        let told = fold.cache_told > 0;
        Self {
            requests: fold.rows,
            failed: fold.failed,
            span_s: found.map(|f| (i128::from(f.ends.1) - i128::from(f.ends.0)) as f64 / SECOND as f64),
            from: calendar.map(|f| rfc3339(f.ends.0)),
            to: calendar.map(|f| rfc3339(f.ends.1)),
            origin: cells.clock.origin().filter(|_| found.is_some()),
            models,
            other_models,
            input_tokens: Tokens::of(&fold.input),
            output_tokens: Tokens::of(&fold.output),
            cached_tokens: Tokens::of(&fold.cached),
            cache_hit_rate: told.then(|| fold.cached.count() as f64 / fold.cache_told as f64),
            cached_share: told.then(|| cached_total / fold.input.sum() as f64).filter(|share| share.is_finite()),
            latency_ms: latency(fold, unit),
            arrival_scv: found.and_then(|f| f.scv),
            peak_factor: found.and_then(|f| f.peak_factor),
            peak_window_s: found.map_or(60, |f| f.window_s.unsigned_abs()),
            prefix_reuse_share: fold.blocks.repeated_share(),
            duplicate_share: fold.prompts.repeated_share(),
            percentile_error: ERROR,
            columns: BTreeMap::new(),
            warnings: Vec::new(),
        }
    }

    /// Says what is missing or odd.
    fn warn(&self, fold: &Fold, found: Option<&Found>, rejected: u64, warnings: &mut Vec<Warning>) {
        let mut warn = |code: &str, text: String| warnings.push(Warning { code: code.into(), text });
        if fold.synthetic {
            warn("synthetic", "The log says that it is synthetic: its figures describe nobody's traffic.".into());
        }
        if rejected > 0 {
            let part = rejected as f64 / (rejected + fold.rows) as f64;
            warn(
                "rejected_rows",
                format!("{} ({}) could not be read and are left out.", plural(rejected as usize, "row"), share(part)),
            );
        }
        match (found, self.span_s) {
            (None, _) => warn("no_time", "The log has no times: how often requests come must be told.".into()),
            (_, Some(span)) if fold.rows < 2 || span <= 0.0 => {
                warn("one_moment", "All rows are of one moment: how often requests come must be told.".into());
            }
            (_, Some(span)) if span < DAY_S => {
                let text = format!(
                    "The log covers {} h: what comes in a day is extrapolated, and nights are not in it.",
                    count(span / 3600.0)
                );
                warn("short_log", text);
            }
            _ => {}
        }
        if found.is_some_and(|f| !f.ordered) {
            warn("unordered", "The rows are not in the order of time, so burstiness and replay are left out. Sort the log by its timestamp.".into());
        }
        if fold.rows > USAGE_SAMPLE_ROWS as u64 && fold.latency.count() > 0 {
            let text = format!(
                "Waits are replayed on the busiest {0} requests in a row; the spread of latencies is that of {0} requests \
                 drawn at random.",
                count(USAGE_SAMPLE_ROWS as f64)
            );
            warn("sampled", text);
        }
        if self.input_tokens.is_none() || self.output_tokens.is_none() {
            warn("no_tokens", "The log lacks input or output tokens: costs need both.".into());
        }
        if fold.beside {
            warn(
                "cache_beside_input",
                "Cache reads and writes were added to the input tokens, which leave them out in this log.".into(),
            );
        }
        if let Some(other) = &self.other_models {
            warn(
                "many_models",
                format!(
                    "{} more models with {} requests are one sum.",
                    count(other.models as f64),
                    count(other.requests as f64)
                ),
            );
        }
    }
}

fn latency(fold: &Fold, unit: f64) -> Option<Latency> {
    let histogram = &fold.latency;
    let rising = sorted(&fold.sample.rows);
    // A log that is its own sample has exact percentiles.
    let whole = histogram.count() <= USAGE_SAMPLE_ROWS as u64;
    let at = |part: f64| {
        let ticks = if whole { quantile(&rising, part) } else { histogram.quantile(part).map(|t| t / 1e3) };
        ticks.map(|ticks| ticks * unit)
    };
    Some(Latency {
        rows: histogram.count(),
        mean: histogram.mean()? / 1e3 * unit,
        p50: at(0.5)?,
        p95: at(0.95)?,
        p99: at(0.99)?,
        scv: mean_and_scv(&rising).map(|(_, scv)| scv),
    })
}

fn models(fold: &Fold) -> (Vec<ModelUse>, Option<Other>) {
    let mut ranked = fold.models.ranked();
    let rest = ranked.split_off(ranked.len().min(MODELS_SHOWN));
    let shown = ranked.into_iter().map(|(model, sums)| ModelUse {
        model,
        requests: sums.requests,
        input_tokens: sums.input,
        output_tokens: sums.output,
        cached_tokens: sums.cached,
    });
    let folded = &fold.models.other;
    let sum = |of: fn(&super::fold::Sums) -> u64| rest.iter().map(|(_, sums)| of(sums)).sum::<u64>() + of(folded);
    let other = Other {
        models: rest.len() as u64 + fold.models.other_names.distinct(),
        requests: sum(|s| s.requests),
        input_tokens: sum(|s| s.input),
        output_tokens: sum(|s| s.output),
        cached_tokens: sum(|s| s.cached),
    };
    (shown.collect(), (other.models > 0).then_some(other))
}

/// A moment to the second, RFC 3339 in UTC.
pub(super) fn rfc3339(at: i64) -> String {
    let seconds = at.div_euclid(SECOND);
    let (day, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let date = Date::of_unix_ms(0).plus_days(day);
    format!("{date}T{:02}:{:02}:{:02}Z", second / 3600, second / 60 % 60, second % 60)
}
