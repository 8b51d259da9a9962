//! Hedged requests: send a second copy if the first has not answered after a delay, and take whichever answers first
//! (Dean and Barroso, *The tail at scale*, CACM 56(2), 2013). And why tails matter: fan-out.

use super::percentiles::{quantile, share_within};

/// The chance that at least one of `calls` calls is slower than what a share `slow` of them exceed: `1 - (1 - p)^N`.
pub fn any_slow(slow: f64, calls: f64) -> f64 {
    -((-slow).ln_1p() * calls).exp_m1()
}

/// What hedging after a delay would have done to a sample of latencies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hedge {
    /// The delay in the sample's unit.
    pub delay: f64,
    /// The 99th percentile with hedging.
    pub p99: f64,
    /// The share of requests that were sent twice.
    pub extra: f64,
}

/// Replays hedging after `delay` on a rising sample, with the second answer drawn from the same sample, independently
/// of the first. Every pair of rows counts once, so there is no sampling error; rows that were slow together, because
/// the service was, gain less than this says. `None` for an empty sample.
pub fn hedge(rising: &[f64], delay: f64) -> Option<Hedge> {
    let kept = share_within(rising, delay)?;
    Some(Hedge { delay, p99: Pairs::new(rising, delay).quantile(0.99), extra: 1.0 - kept })
}

/// Replays a grid of delays, at these shares of the sample.
pub fn hedge_grid(rising: &[f64], shares: &[f64]) -> Vec<Hedge> {
    shares.iter().filter_map(|share| hedge(rising, quantile(rising, *share)?)).collect()
}

/// The responses of all pairs of rows: `X1` where it came before the delay, else `min(X1, d + X2)`.
struct Pairs<'a> {
    rising: &'a [f64],
    delay: f64,
    /// The rows that answer before the delay; each stands for n pairs.
    kept: usize,
}

impl<'a> Pairs<'a> {
    fn new(rising: &'a [f64], delay: f64) -> Self {
        Self { rising, delay, kept: rising.partition_point(|x| *x <= delay) }
    }

    /// Pairs whose response is at most `t`.
    fn at_most(&self, t: f64) -> u128 {
        let n = self.rising.len() as u128;
        let first = self.rising.partition_point(|x| *x <= t) as u128;
        if t < self.delay {
            return first * n;
        }
        let second = self.rising.partition_point(|x| self.delay + *x <= t) as u128;
        n * n - (n - first) * (n - second).min(n)
    }

    /// The response at `place` of all n² responses in rising order, from 0.
    fn nth(&self, place: u128) -> f64 {
        // It is a row or a row after the delay: the least of either that enough pairs do not exceed.
        let least = |shift: f64| {
            let i = self.rising.partition_point(|x| self.at_most(shift + *x) <= place);
            self.rising.get(i).map_or(f64::INFINITY, |x| shift + *x)
        };
        let hedged = if self.kept < self.rising.len() { least(self.delay) } else { f64::INFINITY };
        least(0.0).min(hedged)
    }

    fn quantile(&self, share: f64) -> f64 {
        let pairs = self.rising.len() as u128 * self.rising.len() as u128;
        let place = share * (pairs - 1) as f64;
        let (low, part) = (place.floor() as u128, place.fract());
        let (a, b) = (self.nth(low), self.nth((low + 1).min(pairs - 1)));
        a + part * (b - a)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::math::percentiles::sorted;
    use proptest::prelude::*;

    #[test]
    fn dean_barroso_2013_one_slow_in_a_hundred_of_100_calls() {
        assert!((any_slow(0.01, 100.0) - 0.634).abs() < 5e-4);
        assert!((any_slow(0.01, 1.0) - 0.01).abs() < 1e-15);
        assert_eq!(any_slow(0.01, 1e300), 1.0);
    }

    #[test]
    fn llmperf_2023_replicate_70b_first_token_p99_63_6_to_25_9_s() {
        let rising = sorted(&REPLICATE_70B_TTFT_S);
        assert!((quantile(&rising, 0.99).unwrap() - 63.6).abs() < 0.05);
        let hedged = hedge(&rising, quantile(&rising, 0.95).unwrap()).unwrap();
        assert!((hedged.p99 - 25.9).abs() < 0.05, "{hedged:?}");
        assert!((hedged.extra - 0.055).abs() < 5e-4, "{hedged:?}");
    }

    #[test]
    fn llmperf_2023_groq_70b_has_no_gain() {
        let rising = sorted(&GROQ_70B_TTFT_S);
        let before = quantile(&rising, 0.99).unwrap();
        let hedged = hedge(&rising, quantile(&rising, 0.95).unwrap()).unwrap();
        assert!(hedged.p99 >= before, "{hedged:?} {before}");
    }

    /// All pairs, one by one.
    fn all_pairs(sample: &[f64], delay: f64) -> Vec<f64> {
        let response = |a: &f64, b: &f64| if *a <= delay { *a } else { a.min(delay + b) };
        sorted(&sample.iter().flat_map(|a| sample.iter().map(move |b| response(a, b))).collect::<Vec<_>>())
    }

    #[test]
    fn nothing_to_hedge() {
        assert_eq!(hedge(&[], 1.0), None);
        let one = hedge(&[5.0], 9.0).unwrap();
        assert_eq!((one.p99, one.extra), (5.0, 0.0));
        assert_eq!(hedge_grid(&[5.0, 6.0], &[0.5]).len(), 1);
    }

    proptest! {
        #[test]
        fn agrees_with_all_pairs(sample in prop::collection::vec(0.01..100.0_f64, 1..40), share in 0.0..=1.0_f64) {
            let rising = sorted(&sample);
            let delay = quantile(&rising, share).unwrap();
            let expected = quantile(&all_pairs(&rising, delay), 0.99).unwrap();
            let hedged = hedge(&rising, delay).unwrap();
            prop_assert!((hedged.p99 - expected).abs() <= 1e-9 * expected, "{hedged:?} {expected}");
        }
    }

    /// Seconds to the first token, ray-project/llmperf-leaderboard 27aa9b6 (Apache-2.0), run of 2023-12-19, replicate 70b.
    #[rustfmt::skip]
    const REPLICATE_70B_TTFT_S: [f64; 145] = [
        1.2584, 12.6586, 23.8049, 35.1298, 47.0972, 43.7938, 55.3693, 60.2254, 66.2987, 71.565, 1.107, 10.3349,
        12.9542, 21.048, 24.3339, 1.0076, 1.6918, 1.0108, 1.6797, 10.9019, 1.6749, 1.0111, 1.0249, 7.1396, 12.3121,
        1.0368, 1.0607, 1.6805, 1.0652, 1.7375, 1.0333, 1.0247, 1.0643, 1.063, 0.9877, 1.724, 1.6531, 1.699, 1.6745,
        1.0017, 1.057, 1.0435, 1.6947, 1.6858, 11.6332, 1.0475, 0.9956, 1.1201, 1.6717, 1.0032, 1.0438, 1.0394,
        1.1168, 1.6994, 1.671, 1.0207, 1.0949, 1.7009, 1.7, 1.6534, 1.0667, 1.0175, 1.6658, 1.6725, 1.6692, 1.0286,
        1.0333, 1.7186, 1.6889, 1.6618, 1.2911, 1.0295, 1.0172, 1.0206, 0.9843, 0.9959, 1.7271, 1.0277, 1.0408,
        1.0077, 1.0176, 1.7567, 1.0693, 1.0231, 1.699, 1.0228, 1.0165, 1.0082, 1.6536, 12.3942, 1.6725, 1.0414,
        1.0267, 1.0171, 10.9912, 1.0512, 1.0616, 1.0303, 1.0274, 0.9704, 1.0537, 1.7302, 1.0198, 1.0171, 1.0047,
        1.0198, 1.7074, 1.6851, 1.692, 1.6578, 0.9831, 1.7659, 1.0302, 0.9825, 1.6742, 1.0228, 1.671, 1.0483, 1.0194,
        12.3309, 1.0263, 1.0702, 1.6976, 1.0512, 3.7295, 1.0046, 1.9481, 1.0326, 1.2399, 12.4383, 1.0149, 1.0035,
        1.702, 1.6547, 1.6399, 1.3132, 1.1229, 1.0255, 1.6727, 1.6438, 1.7418, 1.188, 1.0803, 1.693, 1.6727,
    ];
    /// Seconds to the first token, ray-project/llmperf-leaderboard 27aa9b6 (Apache-2.0), run of 2023-12-19, groq 70b.
    #[rustfmt::skip]
    const GROQ_70B_TTFT_S: [f64; 150] = [
        0.298, 0.3297, 0.2118, 0.2441, 0.1877, 0.3078, 0.216, 0.221, 0.1783, 0.2292, 0.2096, 0.2929, 0.182, 0.2312,
        0.2191, 0.303, 0.2082, 0.2264, 0.188, 0.2223, 0.2161, 0.2966, 0.1816, 0.2265, 0.1787, 0.2991, 0.2116, 0.2339,
        0.1783, 0.2258, 0.2429, 0.2998, 0.1811, 0.228, 0.178, 0.2976, 0.2071, 0.2273, 0.1765, 0.2244, 0.2121, 0.3036,
        0.1749, 0.2228, 0.1798, 0.211, 0.3631, 0.2242, 0.1826, 0.2297, 0.2178, 0.2988, 0.1781, 0.2266, 0.1854, 0.3039,
        0.2158, 0.2334, 0.1776, 0.2317, 0.2601, 0.307, 0.1897, 0.2274, 0.1786, 0.2977, 0.2157, 0.221, 0.1778, 0.2339,
        0.2618, 0.2946, 0.1814, 0.2215, 0.1802, 0.2981, 0.2228, 0.2212, 0.1743, 0.2223, 0.2495, 0.2992, 0.1784,
        0.2229, 0.1795, 0.2972, 0.2141, 0.2242, 0.1783, 0.2229, 0.2146, 0.2919, 0.1964, 0.221, 0.1823, 0.2057, 0.3398,
        0.2298, 0.1744, 0.2322, 0.2023, 0.303, 0.1824, 0.221, 0.1776, 0.2973, 0.2036, 0.2211, 0.1728, 0.2261, 0.2453,
        0.2991, 0.1753, 0.223, 0.181, 0.2939, 0.2014, 0.224, 0.1749, 0.2297, 0.2042, 0.2949, 0.1756, 0.2237, 0.1757,
        0.2024, 0.3598, 0.2229, 0.1741, 0.2239, 0.2102, 0.3095, 0.2029, 0.2275, 0.183, 0.2967, 0.2188, 0.2207, 0.1789,
        0.2232, 0.2537, 0.2949, 0.172, 0.2313, 0.1767, 0.2946, 0.2043, 0.2295, 0.1817, 0.2257,
    ];
}
