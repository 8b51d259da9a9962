//! A latency distribution where only percentiles are known: straight lines between them in normal probability, which
//! with two percentiles is the log-normal distribution through both.
//!
//! Response times of services are right-skewed and close to log-normal in their body; the far tail is often heavier,
//! so what lies beyond the highest known percentile is an estimate that its reader must be told of.

use crate::real;

/// The standard normal distribution function, by the complementary error function.
pub fn normal_cdf(z: f64) -> f64 {
    0.5 * libm::erfc(-z * std::f64::consts::FRAC_1_SQRT_2)
}

/// The `z` below which a standard normal variable falls with probability `share`; `None` outside 0..1.
pub fn normal_quantile(share: f64) -> Option<f64> {
    if share.is_nan() || share <= 0.0 || share >= 1.0 {
        return None;
    }
    let (mut low, mut high) = (-40.0, 40.0);
    for _ in 0..80 {
        let middle = f64::midpoint(low, high);
        // The smaller tail keeps its digits on either side.
        let below = if share < 0.5 { normal_cdf(middle) < share } else { normal_cdf(-middle) > 1.0 - share };
        if below { low = middle } else { high = middle }
    }
    Some(f64::midpoint(low, high))
}

/// The `z` of the 50th, 95th and 99th percentile.
pub const Z: [f64; 3] = [0.0, 1.644_853_626_951_472_2, 2.326_347_874_040_840_8];

/// A distribution through two or three known percentiles.
#[derive(Clone, Debug, PartialEq)]
pub struct PercentileCurve {
    /// `(z, ln x)`, both rising.
    points: Vec<(f64, f64)>,
}

impl PercentileCurve {
    /// The distribution with these 50th, 95th and 99th percentiles; `None` with fewer than two, or if one is not
    /// positive or smaller than a lower percentile.
    pub fn new(p50: Option<f64>, p95: Option<f64>, p99: Option<f64>) -> Option<Self> {
        let known = Z.iter().zip([p50, p95, p99]).filter_map(|(z, x)| Some((*z, x?)));
        let mut points = Vec::with_capacity(3);
        for (z, x) in known {
            if !x.is_finite() || x <= 0.0 {
                return None;
            }
            points.push((z, real::ln(x)));
        }
        let rising = points.windows(2).all(|pair| pair[0].1 <= pair[1].1);
        (points.len() >= 2 && rising).then_some(Self { points })
    }

    /// The share of values that are at most `x`.
    pub fn share_within(&self, x: f64) -> f64 {
        if x.is_nan() || x <= 0.0 {
            return 0.0;
        }
        let log = real::ln(x);
        // The highest segment that begins at or below `x`; below all of them the first one is continued.
        let last = self.points.len() - 2;
        let i = (0..=last).rev().find(|i| self.points[*i].1 <= log).unwrap_or(0);
        let ((z0, y0), (z1, y1)) = (self.points[i], self.points[i + 1]);
        if y1 > y0 {
            normal_cdf(z0 + (log - y0) / (y1 - y0) * (z1 - z0))
        } else if log >= y1 {
            // No spread between the two: everything up to here, and beyond the last point everything.
            if i == last { 1.0 } else { normal_cdf(z1) }
        } else {
            0.0
        }
    }

    /// The value below which `share` of the values fall; `None` outside 0..1 or if it is not a finite number.
    pub fn quantile(&self, share: f64) -> Option<f64> {
        self.at_z(normal_quantile(share)?)
    }

    /// The value at `z` standard deviations.
    pub fn at_z(&self, z: f64) -> Option<f64> {
        let last = self.points.len() - 2;
        let i = (0..=last).rev().find(|i| self.points[*i].0 <= z).unwrap_or(0);
        let ((z0, y0), (z1, y1)) = (self.points[i], self.points[i + 1]);
        Some(real::exp(y0 + (z - z0) / (z1 - z0) * (y1 - y0))).filter(|x| x.is_finite())
    }

    /// The mean of the log-normal distribution through the lowest and the highest known percentile,
    /// `exp(μ + σ²/2)`; `None` if it is not a finite number.
    pub fn mean(&self) -> Option<f64> {
        let ((z0, y0), (z1, y1)) = (self.points[0], self.points[self.points.len() - 1]);
        let sigma = (y1 - y0) / (z1 - z0);
        Some(real::exp(y0 - z0 * sigma + 0.5 * sigma * sigma)).filter(|mean| mean.is_finite())
    }

    /// The value that the slowest of `calls` independent ones stays below with probability `share`: the quantile at
    /// `share^(1/calls)`.
    pub fn slowest_of(&self, calls: f64, share: f64) -> Option<f64> {
        if calls.is_nan() || calls <= 0.0 {
            return None;
        }
        self.quantile(real::powf(share, 1.0 / calls))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn near(value: f64, expected: f64, within: f64) {
        assert!((value - expected).abs() <= within, "{value} is not {expected}");
    }

    #[test]
    fn abramowitz_stegun_table_26_1_of_the_normal_distribution() {
        for (z, share) in
            [(0.0, 0.5), (1.0, 0.841_344_746_068_543), (2.0, 0.977_249_868_051_821), (-3.0, 0.001_349_898_031_630)]
        {
            near(normal_cdf(z), share, 1e-15);
            near(normal_quantile(share).unwrap(), z, 1e-12);
        }
        for (z, share) in Z.iter().zip([0.5, 0.95, 0.99]) {
            near(normal_quantile(share).unwrap(), *z, 1e-13);
        }
        assert_eq!(normal_quantile(1.0), None);
        assert_eq!(normal_quantile(f64::NAN), None);
    }

    #[test]
    fn two_percentiles_give_the_log_normal_through_both() {
        let curve = PercentileCurve::new(Some(1000.0), Some(3000.0), None).unwrap();
        near(curve.share_within(1000.0), 0.5, 1e-15);
        near(curve.share_within(3000.0), 0.95, 1e-14);
        let sigma = 3.0_f64.ln() / Z[1];
        near(curve.share_within(2000.0), normal_cdf(2.0_f64.ln() / sigma), 1e-15);
        near(curve.quantile(0.99).unwrap(), 1000.0 * (Z[2] * sigma).exp(), 1e-8);
        near(curve.mean().unwrap(), 1000.0 * (0.5 * sigma * sigma).exp(), 1e-9);
    }

    #[test]
    fn three_percentiles_are_all_met() {
        let curve = PercentileCurve::new(Some(100.0), Some(100.0), Some(5000.0)).unwrap();
        near(curve.share_within(99.0), 0.0, 0.0);
        near(curve.share_within(100.0), 0.95, 1e-14);
        near(curve.share_within(5000.0), 0.99, 1e-14);
        let flat = PercentileCurve::new(Some(100.0), None, Some(100.0)).unwrap();
        assert_eq!((flat.share_within(99.9), flat.share_within(100.0)), (0.0, 1.0));
    }

    #[test]
    fn one_percentile_or_an_impossible_pair_is_no_distribution() {
        assert_eq!(PercentileCurve::new(Some(100.0), None, None), None);
        assert_eq!(PercentileCurve::new(Some(100.0), Some(90.0), None), None);
        assert_eq!(PercentileCurve::new(Some(0.0), Some(90.0), None), None);
    }

    #[test]
    fn the_slowest_of_many_is_far_in_the_tail() {
        let curve = PercentileCurve::new(Some(1000.0), Some(3000.0), None).unwrap();
        near(curve.slowest_of(1.0, 0.95).unwrap(), 3000.0, 1e-8);
        assert!(curve.slowest_of(100.0, 0.5).unwrap() > curve.quantile(0.99).unwrap());
    }

    proptest! {
        #[test]
        fn shares_rise_with_the_limit_and_stay_shares(
            p50 in 0.1..1e6_f64, a in 1.0..10.0_f64, b in 1.0..10.0_f64, x in 0.0..1e8_f64, more in 1.0..10.0_f64,
        ) {
            let curve = PercentileCurve::new(Some(p50), Some(p50 * a), Some(p50 * a * b)).unwrap();
            let (low, high) = (curve.share_within(x), curve.share_within(x * more));
            prop_assert!((0.0..=1.0).contains(&low) && low <= high + 1e-15 && high <= 1.0);
        }

        #[test]
        fn quantile_and_share_are_inverse(p50 in 0.1..1e6_f64, a in 1.01..10.0_f64, share in 0.001..0.999_f64) {
            let curve = PercentileCurve::new(Some(p50), None, Some(p50 * a)).unwrap();
            let back = curve.share_within(curve.quantile(share).unwrap());
            prop_assert!((back - share).abs() < 1e-12, "{back} {share}");
        }
    }
}
