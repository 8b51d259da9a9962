//! How fast something grows, with an interval that says how sure that is.

use serde::Serialize;

/// A slope with its 95 % interval, per second.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Slope {
    /// The median of the slopes between all pairs of samples.
    pub per_s: f64,
    /// The lower end of the interval.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// The most samples whose pairs are compared; more are thinned out evenly.
const SAMPLES_MAX: usize = 400;
/// The 97.5th percentile of the normal distribution.
const Z: f64 = 1.959_963_984_540_054;

/// The Theil-Sen slope of `(seconds, value)` points with the interval of Sen (1968, J. Am. Stat. Assoc. 63, p. 1379),
/// as in Gilbert, "Statistical Methods for Environmental Pollution Monitoring" (1987), section 16.5. It does not mind
/// outliers, such as a collection of garbage. `None` for fewer than 10 points.
pub fn theil_sen(points: &[(f64, f64)]) -> Option<Slope> {
    let step = points.len().div_ceil(SAMPLES_MAX).max(1);
    let points: Vec<_> = points.iter().step_by(step).copied().collect();
    if points.len() < 10 {
        return None;
    }
    let pairs = points.iter().enumerate().flat_map(|(i, a)| points[i + 1..].iter().map(move |b| (a, b)));
    let mut slopes: Vec<f64> = pairs.filter(|(a, b)| b.0 > a.0).map(|(a, b)| (b.1 - a.1) / (b.0 - a.0)).collect();
    slopes.sort_unstable_by(f64::total_cmp);
    let n = points.len() as f64;
    let spread = Z * (n * (n - 1.0) * (2.0 * n + 5.0) / 18.0).sqrt();
    let count = slopes.len() as f64;
    let at = |place: f64| slopes[(place.max(0.0) as usize).min(slopes.len() - 1)];
    let middle = slopes.len() / 2;
    let per_s =
        if slopes.len().is_multiple_of(2) { f64::midpoint(slopes[middle - 1], slopes[middle]) } else { slopes[middle] };
    Some(Slope { per_s, low: at((count - spread) / 2.0 - 1.0), high: at(f64::midpoint(count, spread)) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;

    #[test]
    fn a_line_has_its_slope() {
        let line: Vec<_> = (0..50).map(|t| (f64::from(t), 3.0 * f64::from(t) + 7.0)).collect();
        assert_eq!(theil_sen(&line), Some(Slope { per_s: 3.0, low: 3.0, high: 3.0 }));
        assert_eq!(theil_sen(&line[..9]), None);
    }

    #[test]
    fn an_outlier_does_not_matter() {
        let mut line: Vec<_> = (0..50).map(|t| (f64::from(t), 3.0 * f64::from(t))).collect();
        line[20].1 = 1e9;
        assert!((theil_sen(&line).unwrap().per_s - 3.0).abs() < 1e-9);
    }

    /// In 95 of 100 series of pure noise the interval holds 0; the bound here is loose enough for 400 series.
    #[test]
    fn noise_has_no_slope() {
        let mut wrong = 0;
        for seed in 0..400 {
            let mut rng = Rng::new(seed);
            let noise: Vec<_> = (0..40).map(|t| (f64::from(t), rng.unit())).collect();
            let slope = theil_sen(&noise).unwrap();
            wrong += u32::from(slope.low > 0.0 || slope.high < 0.0);
        }
        assert!((8..=34).contains(&wrong), "{wrong} of 400");
    }
}
