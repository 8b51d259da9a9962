//! The times of the newest messages, for percentiles that are exact over them.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How many times are kept: enough for a 99th percentile, in 32 KB.
const KEPT: usize = 4_096;

/// The newest times.
#[derive(Default)]
pub(super) struct Recent(Mutex<VecDeque<Duration>>);

/// Percentiles by nearest rank; `None` where nothing was measured yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quantiles {
    /// Over how many.
    pub count: usize,
    /// Half took at most this.
    pub p50: Option<Duration>,
    /// 95 %.
    pub p95: Option<Duration>,
    /// 99 %.
    pub p99: Option<Duration>,
}

impl Recent {
    /// Adds a time and forgets the oldest beyond [`KEPT`].
    pub(super) fn add(&self, time: Duration) {
        let mut times = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if times.len() == KEPT {
            times.pop_front();
        }
        times.push_back(time);
    }

    /// The percentiles.
    pub(super) fn quantiles(&self) -> Quantiles {
        let mut times: Vec<_> = self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().copied().collect();
        times.sort_unstable();
        let at = |percent: usize| times.get((times.len() * percent).div_ceil(100).saturating_sub(1)).copied();
        Quantiles { count: times.len(), p50: at(50), p95: at(95), p99: at(99) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_those_of_the_newest() {
        let recent = Recent::default();
        assert_eq!(recent.quantiles(), Quantiles::default());
        for _ in 0..50 {
            recent.add(Duration::from_secs(1_000));
        }
        for n in 1..=KEPT as u64 {
            recent.add(Duration::from_millis(n));
        }
        let told = recent.quantiles();
        // Nearest rank: the smallest time that at least so many percent do not exceed.
        let ms = |ms| Some(Duration::from_millis(ms));
        assert_eq!(told, Quantiles { count: KEPT, p50: ms(2_048), p95: ms(3_892), p99: ms(4_056) });
    }
}
