//! What a request log says about time, for the figures that closed forms only approximate.

use super::math::arrivals;
use super::math::percentiles::sorted;
use super::math::replay::Arrival;

/// The times in a log, or in a sample of its rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Observed {
    /// Milliseconds of whole answers, in rising order: rows drawn at random, or all.
    latencies_ms: Vec<f64>,
    /// A stretch of the log without holes, in the order of arrival.
    arrivals: Vec<Arrival>,
    /// Where the resampling for intervals begins; the same seed gives the same interval.
    seed: u64,
}

impl Observed {
    /// The times of a log: milliseconds of whole answers, and a stretch of arrivals with their service times. Rows
    /// that are not finite or negative are left out.
    pub fn new(latencies_ms: &[f64], arrivals: Vec<Arrival>, seed: u64) -> Self {
        let mut latencies_ms = sorted(latencies_ms);
        latencies_ms.retain(|ms| *ms >= 0.0);
        let mut arrivals = arrivals;
        arrivals.retain(|a| a.at_s.is_finite() && a.service_s.is_finite() && a.service_s >= 0.0);
        arrivals.sort_by(|a, b| a.at_s.total_cmp(&b.at_s));
        Self { latencies_ms, arrivals, seed }
    }

    /// Milliseconds of whole answers, in rising order.
    pub fn latencies_ms(&self) -> &[f64] {
        &self.latencies_ms
    }

    /// Arrivals in order.
    pub fn arrivals(&self) -> &[Arrival] {
        &self.arrivals
    }

    /// The seed of the intervals.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// How bursty the arrivals are; `None` for too few.
    pub(super) fn arrival_scv(&self) -> Option<f64> {
        let moments: Vec<f64> = self.arrivals.iter().map(|arrival| arrival.at_s).collect();
        arrivals::arrival_scv(&moments)
    }
}
