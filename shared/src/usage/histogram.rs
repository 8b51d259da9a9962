//! Counts of whole numbers in bounded memory: exact below 65,536, above that within one part in two thousand.

/// Values below this have a counter of their own.
const EXACT: u64 = 1 << EXACT_BITS;
const EXACT_BITS: u32 = 16;
/// Counters for each doubling above: a value is told as the middle of its counter's range, so it is wrong by at most
/// 1/2048 of itself.
const PARTS: usize = 1 << PART_BITS;
const PART_BITS: u32 = 10;

/// The most by which a percentile told from a histogram may be wrong, as a share of itself.
pub(super) const ERROR: f64 = 0.5 / PARTS as f64;

/// A histogram with its sum.
#[derive(Clone, Debug)]
pub(super) struct Histogram {
    exact: Vec<u32>,
    above: Vec<u32>,
    count: u64,
    sum: u128,
}

impl Histogram {
    pub(super) fn new() -> Self {
        Self { exact: vec![0; EXACT as usize], above: Vec::new(), count: 0, sum: 0 }
    }

    /// Counts one value.
    pub(super) fn add(&mut self, value: u64) {
        self.count += 1;
        self.sum += u128::from(value);
        if let Some(counter) = usize::try_from(value).ok().and_then(|at| self.exact.get_mut(at)) {
            *counter += 1;
            return;
        }
        let doublings = value.ilog2() - EXACT_BITS;
        let part = (value >> (value.ilog2() - PART_BITS)) as usize & (PARTS - 1);
        let at = doublings as usize * PARTS + part;
        if at >= self.above.len() {
            self.above.resize((doublings as usize + 1) * PARTS, 0);
        }
        self.above[at] += 1;
    }

    /// How many values were counted.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// Their sum, exactly.
    pub(super) fn sum(&self) -> u128 {
        self.sum
    }

    /// Their mean; `None` without values.
    pub(super) fn mean(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum as f64 / self.count as f64)
    }

    /// The value below which a `share` lies, interpolated between neighbours like numpy's `linear`.
    pub(super) fn quantile(&self, share: f64) -> Option<f64> {
        let place = share * self.count.checked_sub(1)? as f64;
        let (low, part) = (self.at_rank(place.floor() as u64), place.fract());
        let high = if part > 0.0 { self.at_rank(place.floor() as u64 + 1) } else { low };
        Some(low + part * (high - low))
    }

    /// The value of this rank, from 0.
    fn at_rank(&self, rank: u64) -> f64 {
        let mut passed = 0;
        let counters = self.exact.iter().chain(&self.above);
        let found = counters.enumerate().find(|(_, counter)| {
            passed += u64::from(**counter);
            passed > rank
        });
        found.map_or(0.0, |(at, _)| middle(at))
    }
}

/// The value that counter `at` stands for.
fn middle(at: usize) -> f64 {
    let Some(above) = at.checked_sub(EXACT as usize) else { return at as f64 };
    let (doublings, part) = (above / PARTS, above % PARTS);
    let start = (doublings as f64).exp2() * EXACT as f64;
    start + (part as f64 + 0.5) * start / PARTS as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::math::percentiles::{quantile, sorted};
    use crate::analysis::math::random::Random;

    #[test]
    fn small_values_are_exact_and_large_ones_within_the_stated_error() {
        let mut random = Random::new(5);
        for (scale, within) in [(6.0, 0.0), (14.0, ERROR), (20.0, ERROR)] {
            let values: Vec<u64> = (0..5_000).map(|_| (random.normal() + scale).exp() as u64).collect();
            let mut histogram = Histogram::new();
            for value in &values {
                histogram.add(*value);
            }
            let rising = sorted(&values.iter().map(|v| *v as f64).collect::<Vec<_>>());
            for share in [0.0, 0.5, 0.9, 0.95, 0.99, 1.0] {
                let (found, exact) = (histogram.quantile(share).unwrap(), quantile(&rising, share).unwrap());
                assert!((found - exact).abs() <= exact * within * 1.000_001, "{scale} {share}: {found} {exact}");
            }
            assert_eq!(histogram.sum(), values.iter().map(|v| u128::from(*v)).sum());
        }
    }

    #[test]
    fn the_ends_of_the_range_are_survived() {
        let mut histogram = Histogram::new();
        assert_eq!((histogram.quantile(0.5), histogram.mean()), (None, None));
        for value in [0, 65_535, 65_536, u64::MAX] {
            histogram.add(value);
        }
        assert_eq!(histogram.quantile(0.0), Some(0.0));
        let most = histogram.quantile(1.0).unwrap();
        assert!((most / u64::MAX as f64 - 1.0).abs() < ERROR, "{most}");
    }
}
