//! Two runs compared: what changed, and whether the change is more than chance.
//!
//! A run is cut into windows of time; the ratio of the means over windows gets an interval by a circular block bootstrap
//! (Politis and Romano, "A circular block-resampling procedure for stationary data", 1992), because neighbouring windows
//! of one run are not independent. All intervals of a comparison hold together with 95 % (Bonferroni). What they cannot
//! know is how much two runs on one machine differ from each other: that is what the tolerance is for.
//!
//! A scenario that passed before, and now fails or is missing, is worse whatever its figures are.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::rng::Rng;

/// Windows that are drawn together.
const BLOCK: usize = 4;
/// Draws of the bootstrap.
const DRAWS: usize = 10_000;
/// The chance that all intervals together may miss.
const MISSES: f64 = 0.05;
/// Fewer windows than this say nothing about chance.
const WINDOWS_MIN: usize = 8;

/// What is read of an earlier report.
#[derive(Clone, Debug, Deserialize)]
pub struct Earlier {
    #[serde(default)]
    form: String,
    scenarios: Vec<EarlierEntry>,
}

#[derive(Clone, Debug, Deserialize)]
struct EarlierEntry {
    scenario: String,
    finding: Option<EarlierFinding>,
    #[serde(default)]
    thresholds: Vec<EarlierThreshold>,
    #[serde(default)]
    error: Option<String>,
}

impl EarlierEntry {
    fn passed(&self) -> bool {
        let held = self.finding.as_ref().is_some_and(|f| f.verdict.rules.iter().all(|rule| rule.violations == 0));
        held && self.error.is_none() && self.thresholds.iter().all(|threshold| threshold.holds)
    }
}

#[derive(Clone, Debug, Deserialize)]
struct EarlierThreshold {
    holds: bool,
}

#[derive(Clone, Debug, Deserialize)]
struct EarlierFinding {
    #[serde(default)]
    verdict: EarlierVerdict,
    windows: Vec<EarlierWindow>,
}

#[derive(Clone, Debug, Default, Deserialize)]
struct EarlierVerdict {
    rules: Vec<EarlierRule>,
}

#[derive(Clone, Debug, Deserialize)]
struct EarlierRule {
    violations: u64,
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
    /// The lower end of its interval; all intervals hold together with 95 %.
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
    /// Scenarios that passed before, and now fail or are missing.
    pub broken: Vec<String>,
    /// What keeps the two from being compared fairly.
    pub notes: Vec<String>,
    /// What changed.
    pub changes: Vec<Change>,
}

impl Comparison {
    /// What became worse.
    pub fn regressions(&self) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(|change| change.regressed)
    }

    /// Whether nothing became worse.
    pub fn holds(&self) -> bool {
        self.broken.is_empty() && self.regressions().count() == 0
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
    let still_passes = |name: &str| now.scenarios.iter().any(|e| e.scenario == name && e.passed());
    let passed = before.scenarios.iter().filter(|entry| entry.passed()).map(|entry| &entry.scenario);
    let broken = passed.filter(|name| !still_passes(name)).cloned().collect();
    let mut notes = Vec::new();
    if before.form != now.form {
        notes.push(format!("One run is of the form \"{}\", the other of \"{}\".", before.form, now.form));
    }
    let misses = MISSES / (now.scenarios.len().max(1) * measures.len()) as f64;
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
            changes.push(change(&entry.scenario, measure, (&a, &b), more_is_better, (tolerance, misses)));
        }
    }
    Comparison { baseline: baseline.into(), broken, notes, changes }
}

fn change(
    scenario: &str,
    measure: &str,
    (a, b): (&[f64], &[f64]),
    more_is_better: bool,
    (tolerance, misses): (f64, f64),
) -> Change {
    let (before, now) = (mean(a), mean(b));
    let ratio = now / before.max(1e-12);
    // One seed for all: the same two reports give the same verdict.
    let mut rng = Rng::new(0xc0);
    let mut ratios: Vec<_> = (0..DRAWS).map(|_| draw(&mut rng, b) / draw(&mut rng, a).max(1e-12)).collect();
    ratios.sort_unstable_by(f64::total_cmp);
    let tail = (DRAWS as f64 * misses / 2.0) as usize;
    let (low, high) = (ratios[tail], ratios[DRAWS - 1 - tail]);
    let (grew, fell) = (low > 1.0 && ratio > 1.0 + tolerance, high < 1.0 && ratio < 1.0 - tolerance);
    let (regressed, improved) = if more_is_better { (fell, grew) } else { (grew, fell) };
    Change { scenario: scenario.into(), measure: measure.into(), before, now, ratio, low, high, regressed, improved }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// The mean of a resample that is made of blocks. The values lie in a circle, so that each is drawn as often.
fn draw(rng: &mut Rng, values: &[f64]) -> f64 {
    let mut drawn = Vec::with_capacity(values.len() + BLOCK);
    while drawn.len() < values.len() {
        let start = rng.below(values.len() as u64) as usize;
        drawn.extend((start..start + BLOCK).map(|place| values[place % values.len()]));
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
        let finding = Some(EarlierFinding { verdict: EarlierVerdict::default(), windows: windows.collect() });
        let entry = EarlierEntry { scenario: "benchmark".into(), finding, thresholds: Vec::new(), error: None };
        Earlier { form: "long".into(), scenarios: vec![entry] }
    }

    #[test]
    fn a_scenario_that_fails_now_or_is_missing_is_worse_at_any_speed() {
        let good = run(1, 10.0);
        let mut bad: Vec<_> = (0..4).map(|_| good.clone()).collect();
        bad[0].scenarios[0].thresholds.push(EarlierThreshold { holds: false });
        bad[1].scenarios[0].error = Some("the server was gone".into());
        bad[2].scenarios.clear();
        let rules = &mut bad[3].scenarios[0].finding.as_mut().unwrap().verdict.rules;
        rules.push(EarlierRule { violations: 1 });
        for bad in &bad {
            let worse = compare("a", &good, bad, 0.05);
            assert_eq!((worse.broken.as_slice(), worse.holds()), (&["benchmark".to_string()][..], false));
            assert!(compare("a", bad, &good, 0.05).holds(), "what is mended is not worse");
        }
        assert!(compare("a", &good, &good, 0.05).holds());
        let short = Earlier { form: "short".into(), ..good.clone() };
        assert!(compare("a", &short, &good, 0.05).notes[0].contains("short"));
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
