//! What the moments of arrival in a log say about burstiness.

use super::percentiles::mean_and_scv;

/// The squared coefficient of variation of the times between arrivals: 1 for a Poisson stream, more for bursts. `None`
/// with fewer than three arrivals or all at one moment. The moments are in order.
pub fn arrival_scv(at_s: &[f64]) -> Option<f64> {
    let gaps: Vec<f64> = at_s.windows(2).map(|pair| pair[1] - pair[0]).collect();
    Some(mean_and_scv(&gaps)?.1)
}

/// The busiest window of `window_s` seconds over the mean one, with windows side by side from the first arrival. The
/// part of a window at the end does not count. `None` if the moments do not span one whole window.
pub fn peak_over_mean(at_s: &[f64], window_s: f64) -> Option<f64> {
    let (first, last) = (at_s.first()?, at_s.last()?);
    let whole = ((last - first) / window_s).floor();
    if !(1.0..=1e7).contains(&whole) {
        return None;
    }
    let mut counts = vec![0_u32; whole as usize];
    for at in at_s {
        if let Some(count) = counts.get_mut(((at - first) / window_s) as usize) {
            *count += 1;
        }
    }
    let total: u32 = counts.iter().sum();
    let peak = *counts.iter().max()?;
    (total > 0).then(|| f64::from(peak) * whole / f64::from(total))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::math::random::Random;

    #[test]
    fn a_poisson_stream_has_a_scv_of_one_and_a_clock_none() {
        let mut random = Random::new(3);
        let mut now = 0.0;
        let poisson: Vec<f64> = std::iter::repeat_with(|| {
            now -= random.unit().ln();
            now
        })
        .take(50_000)
        .collect();
        assert!((arrival_scv(&poisson).unwrap() - 1.0).abs() < 0.03);
        assert_eq!(arrival_scv(&[0.0, 1.0, 2.0, 3.0]), Some(0.0));
        assert_eq!(arrival_scv(&[0.0, 1.0]), None);
        assert_eq!(arrival_scv(&[5.0; 9]), None);
    }

    #[test]
    fn the_peak_is_counted_in_whole_windows() {
        // 2, 4 and 0 arrivals in three windows; the last arrival begins the fourth.
        assert_eq!(peak_over_mean(&[0.0, 1.0, 10.0, 11.0, 12.0, 13.0, 30.0], 10.0), Some(2.0));
        assert_eq!(peak_over_mean(&[0.0, 1.0], 10.0), None);
        assert_eq!(peak_over_mean(&[], 10.0), None);
        assert_eq!(peak_over_mean(&[0.0, 1.0], 0.0), None);
    }
}
