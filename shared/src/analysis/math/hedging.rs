//! Hedged requests: send a second copy if the first has not answered after a delay, and take whichever answers first
//! (Dean and Barroso, *The tail at scale*, CACM 56(2), 2013). And why tails matter: fan-out.

use super::percentiles::{quantile, share_within};
use crate::real;

/// The chance that at least one of `calls` calls is slower than what a share `slow` of them exceed: `1 - (1 - p)^N`.
pub fn any_slow(slow: f64, calls: f64) -> f64 {
    -real::exp_m1(real::ln_1p(-slow) * calls)
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
    use crate::analysis::math::llmperf::{GROQ_70B_TTFT_S, REPLICATE_70B_TTFT_S};
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
}
