//! Two runs compared: what changed, and whether the change is more than chance.
//!
//! A run is cut into windows of time; the ratio of the means over windows gets an interval by a block bootstrap
//! (Künsch, "The jackknife and the bootstrap for general stationary observations", Ann. Statist. 17, 1989), because
//! neighbouring windows of one run are not independent.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::rng::Rng;

/// Windows that are drawn together.
const BLOCK: usize = 4;
/// Draws of the bootstrap.
const DRAWS: usize = 2_000;
/// Fewer windows than this say nothing about chance.
const WINDOWS_MIN: usize = 8;

/// What is read of an earlier report.
#[derive(Clone, Debug, Deserialize)]
pub struct Earlier {
    scenarios: Vec<EarlierEntry>,
}

#[derive(Clone, Debug, Deserialize)]
struct EarlierEntry {
    scenario: String,
    finding: Option<EarlierFinding>,
}

#[derive(Clone, Debug, Deserialize)]
struct EarlierFinding {
    windows: Vec<EarlierWindow>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
struct EarlierWindow {
    length_s: f64,
    ended: u64,
    p50_ms: f64,
    p99_ms: f64,
}

/// One measure of one scenario, before and now.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// The scenario.
    pub scenario: String,
    /// The measure.
    pub measure: String,
    /// Before.
    pub before: f64,
    /// Now.
    pub now: f64,
    /// Now over before.
    pub ratio: f64,
    /// The lower end of its 95 % interval.
    pub low: f64,
    /// The upper end.
    pub high: f64,
    /// Worse, beyond chance and beyond what is tolerated.
    pub regressed: bool,
    /// Better, beyond chance and beyond what is tolerated.
    pub improved: bool,
}

/// Two runs compared.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// The run that was before.
    pub baseline: String,
    /// What changed.
    pub changes: Vec<Change>,
}

impl Comparison {
    /// What became worse.
    pub fn regressions(&self) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(|change| change.regressed)
    }
}

/// A measure of a window: its name, its value, and whether more of it is better.
type Of = (&'static str, fn(&EarlierWindow) -> f64, bool);

/// Reads a `report.json`, or the one in a folder.
pub fn read(path: &Path) -> Result<Earlier, String> {
    let file = if path.is_dir() { path.join("report.json") } else { path.to_path_buf() };
    let text = std::fs::read_to_string(&file).map_err(|e| format!("{} cannot be read: {e}", file.display()))?;
    serde_json::from_str(&text).map_err(|error| format!("{} is not a report of rapid: {error}", file.display()))
}

/// Compares two runs; a change of less than `tolerance` (0.05 for 5 %) is none.
pub fn compare(baseline: &str, before: &Earlier, now: &Earlier, tolerance: f64) -> Comparison {
    let measures: [Of; 3] = [
        ("messages ended per second", |w| w.ended as f64 / w.length_s.max(1e-9), true),
        ("median latency in ms", |w| w.p50_ms, false),
        ("99th percentile of latency in ms", |w| w.p99_ms, false),
    ];
    let mut changes = Vec::new();
    for entry in &now.scenarios {
        let earlier = before.scenarios.iter().find(|e| e.scenario == entry.scenario).and_then(|e| e.finding.as_ref());
        let (Some(earlier), Some(later)) = (earlier, entry.finding.as_ref()) else { continue };
        for (measure, of, more_is_better) in measures {
            // A window in which nothing ended has no latency.
            let values = |windows: &[EarlierWindow]| {
                windows.iter().filter(|w| w.ended > 0 || more_is_better).map(of).collect::<Vec<_>>()
            };
            let (a, b) = (values(&earlier.windows), values(&later.windows));
            if a.len() < WINDOWS_MIN || b.len() < WINDOWS_MIN {
                continue;
            }
            changes.push(change(&entry.scenario, measure, &a, &b, more_is_better, tolerance));
        }
    }
    Comparison { baseline: baseline.into(), changes }
}

fn change(scenario: &str, measure: &str, a: &[f64], b: &[f64], more_is_better: bool, tolerance: f64) -> Change {
    let (before, now) = (mean(a), mean(b));
    let ratio = now / before.max(1e-12);
    // One seed for all: the same two reports give the same verdict.
    let mut rng = Rng::new(0xc0);
    let mut ratios: Vec<_> = (0..DRAWS).map(|_| draw(&mut rng, b) / draw(&mut rng, a).max(1e-12)).collect();
    ratios.sort_unstable_by(f64::total_cmp);
    let (low, high) = (ratios[DRAWS * 25 / 1_000], ratios[DRAWS * 975 / 1_000 - 1]);
    let (grew, fell) = (low > 1.0 && ratio > 1.0 + tolerance, high < 1.0 && ratio < 1.0 - tolerance);
    let (regressed, improved) = if more_is_better { (fell, grew) } else { (grew, fell) };
    Change { scenario: scenario.into(), measure: measure.into(), before, now, ratio, low, high, regressed, improved }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// The mean of a resample that is made of blocks.
fn draw(rng: &mut Rng, values: &[f64]) -> f64 {
    let mut drawn = Vec::with_capacity(values.len() + BLOCK);
    while drawn.len() < values.len() {
        let start = rng.below((values.len() - BLOCK + 1) as u64) as usize;
        drawn.extend_from_slice(&values[start..start + BLOCK]);
    }
    mean(&drawn[..values.len()])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(seed: u64, median: f64) -> Earlier {
        let mut rng = Rng::new(seed);
        let windows = (0..40).map(|_| {
            let p50_ms = median * (0.8 + 0.4 * rng.unit());
            EarlierWindow { length_s: 1.0, ended: 90 + rng.below(20), p50_ms, p99_ms: p50_ms * 3.0 }
        });
        let finding = Some(EarlierFinding { windows: windows.collect() });
        Earlier { scenarios: vec![EarlierEntry { scenario: "benchmark".into(), finding }] }
    }

    #[test]
    fn chance_is_not_a_regression() {
        let wrong = (0..40).filter(|seed| {
            let comparison = compare("a", &run(*seed, 10.0), &run(seed + 1_000, 10.0), 0.05);
            comparison.regressions().count() > 0
        });
        assert!(wrong.count() <= 2);
    }

    #[test]
    fn a_slower_server_is_one_and_a_faster_is_not() {
        for seed in 0..20 {
            let slower = compare("a", &run(seed, 10.0), &run(seed + 1_000, 12.5), 0.05);
            let told: Vec<_> = slower.regressions().map(|c| c.measure.as_str()).collect();
            assert_eq!(told, ["median latency in ms", "99th percentile of latency in ms"], "{seed}");
            assert!(slower.changes.iter().all(|c| c.low <= c.ratio && c.ratio <= c.high));
            let faster = compare("a", &run(seed, 12.5), &run(seed + 1_000, 10.0), 0.05);
            assert_eq!(faster.regressions().count(), 0);
            assert!(faster.changes.iter().any(|c| c.improved));
        }
    }
}
