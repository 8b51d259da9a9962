//! Percentiles of a sample, and how sure they are.

use super::random::Random;
use crate::real;

/// Rows below which the 99th percentile rests on fewer than ten requests.
pub const P99_ROWS_MIN: usize = 1_000;

/// An interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The low end.
    pub low: f64,
    /// The high end.
    pub high: f64,
}

/// The finite numbers of `sample`, in rising order.
pub fn sorted(sample: &[f64]) -> Vec<f64> {
    let mut sorted: Vec<f64> = sample.iter().copied().filter(|x| x.is_finite()).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted
}

/// The value below which a `share` of a rising sample lies, interpolated between neighbours (Hyndman and Fan 1996,
/// type 7; what numpy calls `linear`). `None` for an empty sample or a share outside 0..1.
pub fn quantile(rising: &[f64], share: f64) -> Option<f64> {
    if !(0.0..=1.0).contains(&share) {
        return None;
    }
    let place = share * (rising.len().checked_sub(1)? as f64);
    let (low, part) = (place.floor() as usize, place.fract());
    let (a, b) = (rising[low], *rising.get(low + 1).unwrap_or(&rising[low]));
    Some(a + part * (b - a))
}

/// The share of a rising sample that is at most `limit`; `None` for an empty sample.
pub fn share_within(rising: &[f64], limit: f64) -> Option<f64> {
    (!rising.is_empty()).then(|| rising.partition_point(|x| *x <= limit) as f64 / rising.len() as f64)
}

/// The percentile bootstrap interval of a quantile at 95 % (Efron 1979), from `resamples` resamples drawn with `seed`.
///
/// The k-th smallest of n draws from the sample stands at a place that has the beta distribution (k, n + 1 - k), so a
/// resample's quantile is drawn from two such places instead of n rows: the same distribution, for any n.
pub fn bootstrap(rising: &[f64], share: f64, resamples: usize, seed: u64) -> Option<Interval> {
    let n = rising.len();
    if n < 2 || resamples == 0 || !(0.0..=1.0).contains(&share) {
        return None;
    }
    let drawn = resampled(rising, share, resamples, seed);
    Some(Interval { low: quantile(&drawn, 0.025)?, high: quantile(&drawn, 0.975)? })
}

/// The quantiles of `resamples` resamples of two rows or more, in rising order.
fn resampled(rising: &[f64], share: f64, resamples: usize, seed: u64) -> Vec<f64> {
    let n = rising.len();
    let mut random = Random::new(seed);
    let place = share * (n - 1) as f64;
    let (k, part) = (place.floor(), place.fract());
    let at = |u: f64| rising[((u * n as f64) as usize).min(n - 1)];
    let draw = |_| {
        let low = random.beta(k + 1.0, n as f64 - k);
        let above = n as f64 - k - 1.0;
        if part == 0.0 || above < 1.0 {
            return at(low);
        }
        // The next place is the smallest of the `above` draws that are left between this one and 1.
        let high = 1.0 - (1.0 - low) * real::powf(random.unit(), 1.0 / above);
        at(low) + part * (at(high) - at(low))
    };
    let mut drawn: Vec<f64> = (0..resamples).map(draw).collect();
    drawn.sort_unstable_by(f64::total_cmp);
    drawn
}

/// The 95 % interval of a share seen in `rows` rows (Wilson 1927); `None` without rows.
pub fn wilson(share: f64, rows: usize) -> Option<Interval> {
    const Z: f64 = 1.959_963_984_540_054;
    if rows == 0 || !(0.0..=1.0).contains(&share) {
        return None;
    }
    let n = rows as f64;
    let scale = 1.0 + Z * Z / n;
    let middle = (share + Z * Z / (2.0 * n)) / scale;
    let half = Z / scale * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
    // At the ends the formula gives 0 and 1 but for rounding.
    let low = if share > 0.0 { (middle - half).max(0.0) } else { 0.0 };
    let high = if share < 1.0 { (middle + half).min(1.0) } else { 1.0 };
    Some(Interval { low, high })
}

/// The mean and the squared coefficient of variation, variance over squared mean, of a sample; `None` if it has fewer
/// than two values or a mean that is not positive.
pub fn mean_and_scv(sample: &[f64]) -> Option<(f64, f64)> {
    let n = sample.len() as f64;
    let mean = sample.iter().sum::<f64>() / n;
    let variance = sample.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n;
    let scv = variance / (mean * mean);
    (sample.len() >= 2 && mean > 0.0 && scv.is_finite()).then_some((mean, scv))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numpy_percentile_linear() {
        // numpy.percentile([15, 20, 35, 40, 50], [5, 30, 40, 50, 100])
        let rising = [15.0, 20.0, 35.0, 40.0, 50.0];
        for (share, value) in [(0.05, 16.0), (0.3, 23.0), (0.4, 29.0), (0.5, 35.0), (1.0, 50.0)] {
            assert!((quantile(&rising, share).unwrap() - value).abs() < 1e-12, "{share}");
        }
        assert_eq!(quantile(&[7.0], 0.99), Some(7.0));
        assert_eq!(quantile(&[], 0.5), None);
        assert_eq!(quantile(&rising, f64::NAN), None);
    }

    #[test]
    fn a_sample_is_cleaned_and_sorted() {
        assert_eq!(sorted(&[3.0, f64::NAN, 1.0, f64::INFINITY, 2.0]), [1.0, 2.0, 3.0]);
        assert_eq!(share_within(&[1.0, 2.0, 2.0, 4.0], 2.0), Some(0.75));
        assert_eq!(share_within(&[], 2.0), None);
    }

    #[test]
    fn wilson_1927_newcombe_1998_table_1() {
        // 81 of 263 and 0 of 20, method 3.
        let interval = wilson(81.0 / 263.0, 263).unwrap();
        assert!((interval.low - 0.2553).abs() < 5e-5 && (interval.high - 0.3662).abs() < 5e-5, "{interval:?}");
        let none = wilson(0.0, 20).unwrap();
        assert!(none.low == 0.0 && (none.high - 0.1611).abs() < 5e-5, "{none:?}");
    }

    /// The bootstrap as it is usually written: draw n rows, sort, take the quantile.
    fn plainly_resampled(rising: &[f64], share: f64, resamples: usize, seed: u64) -> Vec<f64> {
        let mut random = Random::new(seed);
        let mut row = || rising[(random.unit() * rising.len() as f64) as usize];
        let mut resample = || quantile(&sorted(&rising.iter().map(|_| row()).collect::<Vec<_>>()), share).unwrap();
        sorted(&(0..resamples).map(|_| resample()).collect::<Vec<_>>())
    }

    #[test]
    fn the_fast_bootstrap_has_the_distribution_of_the_plain_one() {
        let mut random = Random::new(11);
        let rising = sorted(&(0..200).map(|_| random.normal().exp()).collect::<Vec<_>>());
        for share in [0.5, 0.95, 0.99] {
            let fast = resampled(&rising, share, 4_000, 1);
            let plain = plainly_resampled(&rising, share, 4_000, 2);
            let apart = |x: &f64| (share_within(&fast, *x).unwrap() - share_within(&plain, *x).unwrap()).abs();
            let distance = fast.iter().map(apart).fold(0.0, f64::max);
            // Kolmogorov and Smirnov: two samples of 4,000 of one distribution are further apart once in 1,000.
            assert!(distance < 1.95 * (2.0_f64 / 4_000.0).sqrt(), "{share}: {distance}");
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_interval() {
        let rising: Vec<f64> = (1..=100).map(f64::from).collect();
        assert_eq!(bootstrap(&rising, 0.95, 1_000, 3), bootstrap(&rising, 0.95, 1_000, 3));
        assert_ne!(bootstrap(&rising, 0.95, 1_000, 3), bootstrap(&rising, 0.95, 1_000, 4));
        assert_eq!(bootstrap(&[1.0], 0.5, 1_000, 3), None);
    }

    proptest! {
        #[test]
        fn intervals_hold_their_quantile_within_the_sample(
            sample in prop::collection::vec(0.0..1e9_f64, 2..200), share in 0.0..=1.0_f64, seed in any::<u64>(),
        ) {
            let rising = sorted(&sample);
            let interval = bootstrap(&rising, share, 200, seed).unwrap();
            prop_assert!(rising[0] <= interval.low && interval.low <= interval.high);
            prop_assert!(interval.high <= rising[rising.len() - 1]);
        }
    }
}
